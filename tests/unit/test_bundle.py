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

from codememory import bundling

PACKAGE = {
    "__init__.py": "",
    "first.py": "from package import second\nfrom package.second import rare\nVALUE = second.hot(2)\n",
    "second.py": (
        "STEP = 3\n\ndef hot(number):\n    return number + STEP\n\n"
        "def rare(number, step=STEP, *, more=1):\n    return hot(number) * step * more\n\n"
        "def never():\n    raise ValueError('as it is')\n\nTABLE = {'rare': rare}\n"
    ),
    "alone.py": "from package import second\n\ndef only():\n    return second.rare(1)\n",
}
HOT = "first:\nsecond: hot\n"

START = """
import marshal, os, sys
site = sys.argv[1]
sys.path.insert(0, site)
from codememory import bundle
file = os.open(site + "/bundle", os.O_RDONLY)
index = marshal.loads(os.pread(file, 10_000, 0))
bundle.install(site, file, index)
"""


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with a small package in a bundle; its sources are gone."""
    folder = tmp_path / "package"
    folder.mkdir()
    for name, text in PACKAGE.items():
        (folder / name).write_text(text)
    monkeypatch.setattr(bundling, "PACKAGE", "package")
    found: dict[str, bundling.Compiled] = {}
    bundling._collect(str(tmp_path), "package.first", found)
    assert list(found) == ["package", "package.second", "package.first"]  # each after what it imports
    bundling._collect(str(tmp_path), "package.alone", found)
    hot = {"package.second": frozenset({"hot"})}
    codes = bytearray(b"\0" * 10_000)

    def put(value: Any) -> tuple[int, int]:
        data = marshal.dumps(value)
        codes.extend(data)
        return len(codes) - len(data), len(data)

    parts = [(name, one.is_package, *one.split(hot.get(name), put)) for name, one in found.items()]
    place = put(parts)
    index = marshal.dumps((dict.fromkeys(found, 0), [place], {}))
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
    "an error": (
        "from package import second\ntry: second.never()\nexcept ValueError as error: print(error)",
        "as it is",
    ),
    "no module of the bundle": (
        "try: import package.none\nexcept ImportError as error: print(error)",
        "No module named 'package.none'",
    ),
}


@pytest.mark.parametrize(("code", "wanted"), CASES.values(), ids=CASES)
def test_a_module_of_the_bundle_is_as_from_its_source(site: Path, code: str, wanted: str) -> None:
    assert outcome(site, code) == wanted


def test_functions_left_for_later_are_not_in_the_code_of_their_module(site: Path) -> None:
    assert outcome(site, "from package import second; print(type(second.rare).__name__)") == "Later"


def test_the_list_of_hot_functions_names_functions_that_exist() -> None:
    """A name that is gone costs nothing, but shows that the list was not written anew."""
    for module, names in bundling.hot_functions(str(SOURCE / "codememory" / bundling.HOT)).items():
        path = SOURCE / f"{module.replace('.', '/')}.py"
        path = path if path.exists() else path.with_suffix("") / "__init__.py"
        text = path.read_text()
        assert [name for name in names if f"def {name}(" not in text] == [], module


def test_the_whole_bundle_of_the_program_answers_a_hook_and_loads_sqlite_only_when_it_must(tmp_path: Path) -> None:
    from benchmarks import store

    python = store.environment(tmp_path / "env") / "bin" / "python"
    (main,) = (tmp_path / "env" / "lib").glob("python3*/site-packages/codememory/__main__.py")
    shown = (
        "import os, sys; leave = os._exit\ndef tell(code):\n    print('apsw' in sys.modules)\n    sys.stdout.flush()\n"
    )
    program = f"{shown}    leave(code)\nos._exit = tell\nimport runpy; sys.argv[0] = {str(main)!r}\n"
    program += f"runpy.run_path({str(main)!r}, run_name='__main__')"
    payload = json.dumps({"session_id": "s", "cwd": str(tmp_path), "prompt": "hello"})
    for enabled, wanted in (("true", "True"), ("false", "False")):
        environment = {"HOME": str(tmp_path), "PATH": os.environ["PATH"], "CODEMEMORY_ENABLED": enabled}
        done = subprocess.run(
            [python, "-I", "-c", program, "hook", "UserPromptSubmit"], input=payload, env=environment,
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert (done.stdout.strip(), done.stderr) == (wanted, "")
    assert not (tmp_path / ".claude" / "codememory" / "codememory.log").exists()
