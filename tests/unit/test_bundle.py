"""The bundle: modules run from one file as they would from their sources, and rarely called functions come later."""

from __future__ import annotations

import json
import marshal
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from fixtures.homes import SOURCE

from codememory import bundling, slimming

PACKAGE = {
    "__init__.py": "",
    "first.py": (
        "from package import second, third\nfrom package.second import rare\nVALUE = second.hot(2)\n"
        "NAMED = rare, second.TABLE, second.Kept\n"
        "if NAMED and VALUE:\n    print('first', end=' ')\n\n"
        "def seldom():\n    return third.Left, third.both()\n"
    ),
    "second.py": (
        "STEP = 3\n\ndef hot(number):\n    return number + STEP\n\n"
        "def rare(number, step=STEP, *, more=1):\n    return hot(number) * step * more * ONE\n\n"
        "def never():\n    raise ValueError('as it is')\n\nTABLE = {'rare': rare}\nONE, LATER = 1, [0]\n"
        "class Kept:\n    pass\n\nclass Left(Kept):\n    pass\n\n"
        "def warm():\n    return Warm(), rare(2)\n\nclass Warm:\n    def __repr__(self):\n        return 'W'\n\n"
        "def unnamed():\n    LATER[0] += 1\n    return LATER[0], also()\n\ndef also():\n    return Left.__name__\n"
    ),
    "third.py": (
        "from package.second import Left\n\ndef both():\n    return Left.__name__\n\ndef plain():\n    return 1\n"
        "print('third', end=' ')\n"
    ),
    "whole.py": "MADE = 1\n\ndef _make():\n    return 5\n\ndef __getattr__(name):\n    return _make(), name, MADE\n",
    "alone.py": "from package import second\n\ndef only():\n    return second.rare(1)\n",
}
START = """
import marshal, os, sys
site = sys.argv[1]
sys.path.insert(0, site)
from codememory import bundle
file = os.open(site + "/bundle", os.O_RDONLY)
index = marshal.loads(os.pread(file, 10_000, 0))
sys.meta_path.insert(0, bundle.Bundle(site, file, (0, *index)))
"""


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with a small package in a bundle; its sources are gone."""
    folder = tmp_path / "package"
    folder.mkdir()
    for name, text in PACKAGE.items():
        (folder / name).write_text(text)
    for module in (bundling, slimming):
        monkeypatch.setattr(module, "PACKAGE", "package")
    known: dict[str, slimming.Compiled] = {}
    for name in ("package.first", "package.alone", "package.whole"):
        bundling._collect(str(tmp_path), name, known, {})
    warm = {"package.second": frozenset({"warm"}), "package.third": frozenset({"plain"})}
    slimming.leave_for_later(known, {"package.second": frozenset({"hot"})}, warm.items())
    found: dict[str, slimming.Compiled] = {}
    bundling._collect(str(tmp_path), "package.first", found, known)
    assert list(found) == ["package", "package.second", "package.first"]  # each after what it imports
    for name in ("package.third", "package.alone", "package.whole"):
        bundling._collect(str(tmp_path), name, found, known)
    codes = bytearray(b"\0" * 10_000)

    def put(value: Any) -> tuple[int, int]:
        data = marshal.dumps(value)
        codes.extend(data)
        return len(codes) - len(data), len(data)

    names = list(found)
    packs = [names[:3], *([name] for name in names[3:])]
    parts: list[list[Any]] = [[(one, found[one].is_package, *found[one].split(put)) for one in pack] for pack in packs]
    parts[-1] += [(name, None, {}, found[name].functions(more), (), None) for name, more in warm.items()]
    places = [put(one) for one in parts]
    index = marshal.dumps(({name: at for at, pack in enumerate(packs) for name in pack}, places, {}))
    codes[: len(index)] = index
    (tmp_path / "bundle").write_bytes(codes)
    for name in PACKAGE:
        (folder / name).unlink()
    return tmp_path


def outcome(site: Path, code: str) -> str:
    """Run a piece of code that imports from the bundle and return what it prints."""
    program = START.replace("sys.path.insert(0, site)", f"sys.path.insert(0, {str(SOURCE)!r})") + code
    done = subprocess.run([sys.executable, "-I", "-c", program, str(site)], capture_output=True, text=True, check=False)
    assert done.stderr == ""
    return done.stdout.strip()


CASES = {
    "hot": ("from package import second; print(second.hot(1))", "4"),
    "rare, by its module": ("from package import second; print(second.rare(1), second.rare(1))", "12 12"),
    "rare, imported by name": ("from package.first import rare; print(rare(1), rare(1, 2, more=5))", "12 40"),
    "rare, from a table": ("from package import second; print(second.TABLE['rare'](1))", "12"),
    "rare, after a first call": (
        "from package import second; from package.first import rare; rare(1); print(type(second.rare).__name__)",
        "function",
    ),
    "rare, replaced": ("from package import second as s; r = s.rare; s.rare = lambda: 'mine'; print(r())", "mine"),
    "run once": ("import package.first; from package import first; print(first.VALUE)", "5"),
    "a submodule is an attribute": ("import package.alone; print(package.alone.only())", "12"),
    "nobody names it": (
        "from package import second as s; print(s.LATER, s.unnamed(), s.unnamed())", "[2] (1, 'Left') (2, 'Left')"
    ),
    "nobody names it, imported by name": (
        "from package.second import Left, unnamed; print(Left().__class__, unnamed())",
        "<class 'package.second.Left'> (1, 'Left')",
    ),
    "a class is one, wherever it is looked up": (
        "from package import second as s; kept = s.Kept; print(issubclass(s.Left, kept), s.Left is s.Left)", "True True"
    ),
    "by way of an import that was left": (
        "from package import first, second; left, both = first.seldom(); print(left is second.Left, both)", "True Left"
    ),
    "a module that looks up by itself": (
        "from package import whole; print(whole.MADE, whole.other)", "1 (5, 'other', 1)"
    ),
    "called before the pack that it comes with": ("from package import second; print(second.warm())", "(W, 15)"),
    "called after the pack that it comes with": (
        "from package import second, whole; print(type(second.warm).__name__, second.warm())", "function (W, 15)"
    ),
    "more of a module that did not run": (
        "import sys; from package import whole; left = 'package.third' in sys.modules\n"
        "from package import third; print(left, third.both())", "False Left"
    ),
    "an error": (
        "from package import second\ntry: second.never()\nexcept ValueError as error: print(error)",
        "as it is",
    ),
    "no such name": (
        "from package import second\ntry: second.none\nexcept AttributeError as error: print(error)",
        "module 'package.second' has no attribute 'none'",
    ),
    "no name of the import system": ("from package import second; print(hasattr(second, '__path__'))", "False"),
    "no module of the bundle": (
        "try: import package.none\nexcept ImportError as error: print(error)",
        "No module named 'package.none'",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("code", "wanted"), CASES.values(), ids=CASES)
def test_a_module_of_the_bundle_is_as_from_its_source(site: Path, code: str, wanted: str) -> None:
    assert outcome(site, code).removeprefix("first ").removeprefix("third ") == wanted


def test_functions_left_for_later_are_not_in_the_code_of_their_module(site: Path) -> None:
    assert outcome(site, "from package import second; print(type(second.rare).__name__)") == "first Later"


def test_what_nobody_names_is_left_and_so_is_what_only_that_imports(site: Path) -> None:
    code = "from package import second; print(sorted(set(vars(second)) & {'LATER', 'Left', 'unnamed', 'Kept', 'ONE'}))"
    assert outcome(site, code) == "first ['Kept']"
    assert outcome(site, "import sys, package.first; print('package.third' in sys.modules)") == "first False"
    assert outcome(site, "from package import first; first.seldom()") == "first third"


def test_the_list_of_hot_functions_names_functions_that_exist() -> None:
    """A name that is gone costs nothing, but shows that the list was not written anew."""
    hot, warm = bundling.hot_functions(str(SOURCE / "codememory" / bundling.HOT))
    for module, names in [*hot.items(), *(one for more in warm.values() for one in more.items())]:
        path = SOURCE / f"{module.replace('.', '/')}.py"
        path = path if path.exists() else path.with_suffix("") / "__init__.py"
        text = path.read_text()
        assert [name for name in names if f"def {name}(" not in text] == [], module


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an environment as the plugin builds it, with the program's bundle."""
    from benchmarks import store

    return store.environment(tmp_path_factory.mktemp("bundle") / "env")


NAMES = """
import importlib, json, sys
names = {}
for module in json.loads(sys.argv[1]) if len(sys.argv) > 1 else sys.meta_path[0].pack_of:
    found = importlib.import_module(module)
    rest = vars(found).get("__getattr__")
    if type(rest).__name__ == "Rest":
        rest.read()
    own = {name for name in vars(found) if not name.startswith("__")}
    names[module] = sorted(own - {"annotations", "TYPE_CHECKING"})
print(json.dumps(names))
"""


def test_every_module_of_the_programs_bundle_has_all_its_names(environment: Path) -> None:
    (package,) = (environment / "lib").glob("python3*/site-packages/codememory")
    start = f"import sys; sys.path.insert(0, {str(package.parent)!r})\nfrom codememory.__main__ import use_bundle\n"

    def names(code: str, *words: str) -> dict[str, list[str]]:
        done = subprocess.run(
            [str(environment / "bin" / "python"), "-I", "-c", code, *words], capture_output=True, text=True, check=False
        )
        assert done.stderr == ""
        found: dict[str, list[str]] = json.loads(done.stdout)
        return found

    bundled = names(f"{start}use_bundle({str(package.parent)!r})\nfor one in list(sys.modules):\n"
                    f"    if one.startswith('codememory'): del sys.modules[one]\n{NAMES}")  # fmt: skip
    plain = names(start + NAMES, json.dumps(list(bundled)))
    lacking = {module: sorted(set(plain[module]) - set(bundled[module])) for module in plain}
    submodules = {module.rpartition(".")[2] for module in plain}
    assert {module: one for module, one in lacking.items() if not submodules.issuperset(one)} == {}
    assert len(plain) > 100


def test_the_whole_bundle_of_the_program_answers_a_hook_and_loads_sqlite_only_when_it_must(
    environment: Path, tmp_path: Path
) -> None:
    python = environment / "bin" / "python"
    (main,) = (environment / "lib").glob("python3*/site-packages/codememory/__main__.py")
    shown = (
        "import os, sys; leave = os._exit\ndef tell(code):\n    print('apsw' in sys.modules)\n    sys.stdout.flush()\n"
    )
    program = f"{shown}    leave(code)\nos._exit = tell\nimport runpy; sys.argv[0] = {str(main)!r}\n"
    program += f"runpy.run_path({str(main)!r}, run_name='__main__')"
    payload = json.dumps({"session_id": "s", "cwd": str(tmp_path), "prompt": "hello"})
    for enabled, wanted in (("true", "True"), ("false", "False")):
        variables = {"HOME": str(tmp_path), "PATH": os.environ["PATH"], "CODEMEMORY_ENABLED": enabled}
        done = subprocess.run(
            [python, "-I", "-c", program, "hook", "UserPromptSubmit"], input=payload, env=variables,
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert (done.stdout.strip(), done.stderr) == (wanted, "")
    assert not (tmp_path / ".claude" / "codememory" / "codememory.log").exists()


@pytest.mark.parametrize(
    "event", ["SessionStart", "UserPromptSubmit", "PreToolUse", "PostToolUse", "PostToolUseFailure"]
)
def test_no_ordinary_hook_needs_the_real_os(environment: Path, tmp_path: Path, event: str) -> None:
    (main,) = (environment / "lib").glob("python3*/site-packages/codememory/__main__.py")
    program = (
        f"import posix, sys\nsys.argv[0] = __file__ = {str(main)!r}\n__name__, __package__ = '__main__', ''\n"
        "def tell(code):\n    print(sys.modules['os'].__spec__ is None, flush=True)\n    posix.leave(code)\n"
        "posix.leave, posix._exit = posix._exit, tell\n"
        "exec(compile(open(__file__).read(), __file__, 'exec'))\n"
    )
    payload = {
        "session_id": "s", "cwd": str(tmp_path), "prompt": "hello", "tool_name": "Bash", "tool_use_id": "toolu_1",
        "tool_input": {"command": "git status"}, "tool_response": {"stdout": "clean"}, "error": "Exit code 1\nfatal",
    }  # fmt: skip
    for _ in range(2):  # the first makes the database
        done = subprocess.run(
            [environment / "bin" / "python", "-I", "-S", "-c", program, "hook", event], input=json.dumps(payload),
            text=True, env={"HOME": str(tmp_path), "PATH": os.environ["PATH"]}, capture_output=True, check=False,
        )  # fmt: skip
    assert (done.stdout.splitlines()[-1:], done.stderr) == (["True"], "")


LENT_OS = {
    "what hooks use is there, and no more is loaded": (
        "print(os.name, os.path.join('a', 'b'), os.environ['HOME'], os.path.expanduser('~/x'), os.path.isdir('/'),"
        " os.path.abspath('/a/../b'), '_collections_abc' in sys.modules)",
        "posix a/b /home/me /home/me/x True /b False",
    ),
    "a flag of other systems is none here": (
        "print(getattr(os, 'O_BINARY', 0), '_collections_abc' in sys.modules)", "0 False"
    ),
    "it is no package": ("print(hasattr(os, '__path__'), '_collections_abc' in sys.modules)", "False False"),
    "at the first look for more it becomes the real one": (
        "kept, joined = os, os.path.join; print(os.sep, kept.fsencode('x'), type(kept.environ).__name__,"
        " os is kept is sys.modules['os'], joined is os.path.join)",
        "/ b'x' _Environ True True",
    ),
    "variables are only read": (
        "try: os.environ['HOME'] = '/else'\nexcept TypeError: print({**os.environ}['HOME'], 'HOME' in os.environ)",
        "/home/me True",
    ),
    "the standard library does with it": (
        "import subprocess, tempfile, shutil, pathlib; from os import PathLike;"
        " print(issubclass(pathlib.Path, PathLike), subprocess.run(['echo', 'hi'], capture_output=True).stdout)",
        "True b'hi\\n'",
    ),
    "no such name": (
        "try: os.none\nexcept AttributeError as error: print(error)", "module 'os' has no attribute 'none'"
    ),
}  # fmt: skip


@pytest.mark.skipif(os.name != "posix", reason="there is a bundle on POSIX systems only")
@pytest.mark.parametrize(("code", "wanted"), LENT_OS.values(), ids=LENT_OS)
def test_hooks_do_without_the_real_os_until_something_needs_it(code: str, wanted: str) -> None:
    start = f"import sys; sys.path.insert(0, {str(SOURCE)!r})\nfrom codememory import bundle\nbundle.lend_os()\n"
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", f"{start}import os\n{code}"], capture_output=True, text=True, check=False,
        env={"HOME": "/home/me", "PATH": os.environ["PATH"]},
    )  # fmt: skip
    assert (done.stdout.strip(), done.stderr) == (wanted, "")
