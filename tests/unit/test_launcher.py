"""The launcher and the bootstrap, run as the client runs them, on hand-made environments in a scratch home."""

from __future__ import annotations

import ast
import json
import os
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

import codememory

REPOSITORY = Path(__file__).resolve().parents[2]
VERSION = codememory.__version__
PYTHON = "cp{}{}".format(*sys.version_info[:2])
LIBRARY = "python{}.{}".format(*sys.version_info[:2])
REPORT = (
    "import sys, os; print(os.environ.get('NAME', {name!r}), sys.flags.isolated, sys.flags.no_site, sys.argv[1:])\n"
)
TOOLS = ("sh", "mkdir", "readlink", "cat")
SHELL = shutil.which("sh")


class Home:
    """A scratch home, a plugin root that holds a copy of the launcher, and the environment to start it in."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.config = root / ".claude"
        self.data = root / "plugin data"
        self.plugin = root / "plugin rööt"
        (self.plugin / "bin").mkdir(parents=True)
        (self.plugin / "codememory").mkdir()
        self.launcher = Path(shutil.copy(REPOSITORY / "bin" / "codememory", self.plugin / "bin" / "codememory"))
        for name in ("__init__.py", "bootstrap.py"):
            shutil.copy(REPOSITORY / "codememory" / name, self.plugin / "codememory" / name)
        self.tools = root / "tools"
        self.tools.mkdir()
        for name in TOOLS:
            (self.tools / name).symlink_to(str(shutil.which(name)))
        # Without CI a launcher that finds nothing would start a build.
        self.environment = {"HOME": str(root), "PATH": str(self.tools), "CI": "true"}

    def make(self, folder: Path, name: str, *, ready: bool = True, packages: bool = True) -> Path:
        """Make an environment whose program reports how it was started."""
        (folder / "bin").mkdir(parents=True)
        (folder / "bin" / "python").symlink_to(sys.executable)
        (folder / "pyvenv.cfg").write_text(f"home = {Path(sys.executable).resolve().parent}\n")
        program = folder / "bin" / "codememory"
        write_program(program, f'#!{SHELL}\necho console {name} "$@"\n')
        if packages:
            package = folder / "lib" / LIBRARY / "site-packages" / "codememory"
            package.mkdir(parents=True)
            (package / "__main__.py").write_text(REPORT.format(name=name))
        if ready:
            (folder / "ready").touch()
        return folder

    def point(self, text: str) -> None:
        """Write the pointer file."""
        (self.config / "codememory").mkdir(parents=True, exist_ok=True)
        (self.config / "codememory" / "env").write_text(text)

    def run(self, *words: str, **environment: str | None) -> subprocess.CompletedProcess[str]:
        """Start the launcher; a None removes a variable."""
        merged = {**self.environment, **environment}
        return subprocess.run(
            [self.launcher, *words],
            env={name: value for name, value in merged.items() if value is not None},
            input='{"hook_event_name": "PreToolUse"}',
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )


def write_program(path: Path, text: str) -> Path:
    """Write an executable file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """Return a fresh home whose path holds a space and a letter beyond ASCII."""
    root = tmp_path / "hö me"
    root.mkdir()
    return Home(root)


FAST = "{} 1 1 ['hook', 'PreToolUse']\n"


def test_hook_runs_isolated_and_without_site_through_the_pointer(home: Home) -> None:
    home.point(f"{home.make(home.root / 'own env', 'pointed')}\nsecond line\n")
    done = home.run("hook", "PreToolUse")
    assert (done.returncode, done.stdout, done.stderr) == (0, FAST.format("pointed"), "")
    assert home.run("status", "--json").stdout == "console pointed status --json\n"


def test_pointer_without_a_last_newline_and_another_config_folder(home: Home) -> None:
    home.config = home.root / "cönfig dir"
    home.point(str(home.make(home.root / "own", "pointed")))
    assert home.run("hook", "PreToolUse", CLAUDE_CONFIG_DIR=str(home.config)).stdout == FAST.format("pointed")
    assert home.run("hook", "PreToolUse", CLAUDE_CONFIG_DIR=str(home.config), HOME=None).stdout == FAST.format(
        "pointed"
    )


def test_nothing_is_run_that_a_relative_folder_names(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """It would be looked for in the project, which can come from anybody."""
    home.point(str(home.make(home.root / "own", "planted")))
    monkeypatch.chdir(home.root)
    for variables in ({"CLAUDE_CONFIG_DIR": home.config.name}, {"HOME": "."}):
        done = home.run("hook", "PreToolUse", **variables)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_order_is_variable_pointer_path(home: Home) -> None:
    named = home.make(home.root / "named", "named")
    found = home.make(home.root / "found", "found")
    path = f"{home.plugin / 'bin'}:{found / 'bin'}:{home.tools}"
    home.point(f"{home.make(home.root / 'pointed', 'pointed')}\n")
    program = str(named / "bin" / "codememory")
    assert home.run("hook", "PreToolUse", CODEMEMORY_BIN=program, PATH=path).stdout == FAST.format("named")
    assert home.run("hook", "PreToolUse", PATH=path).stdout == FAST.format("pointed")
    home.point("/nowhere\n")
    assert home.run("hook", "PreToolUse", PATH=path).stdout == FAST.format("found")
    assert home.run("grep", "a b", PATH=path).stdout == "console found grep a b\n"


def test_an_environment_without_its_python_is_passed_over(home: Home) -> None:
    gone = home.make(home.root / "gone", "gone")
    (gone / "bin" / "python").unlink()
    (gone / "bin" / "python").symlink_to("/nowhere/python3.11")
    home.point(f"{gone}\n")
    found = home.make(home.root / "found", "found")
    path = f"{found / 'bin'}:{home.tools}"
    assert home.run("hook", "PreToolUse", PATH=path).stdout == FAST.format("found")


def test_a_program_outside_an_environment_is_run_as_it_is(home: Home) -> None:
    program = write_program(home.root / "lone" / "codememory", f'#!{SHELL}\necho lone "$@"\n')
    assert home.run("hook", "Stop", CODEMEMORY_BIN=str(program)).stdout == "lone hook Stop\n"


def test_an_editable_install_skips_the_console_script(home: Home) -> None:
    environment = home.make(home.root / "editable", "editable", packages=False)
    packages = environment / "lib" / LIBRARY / "site-packages"
    source = home.root / "source" / "codememory"
    packages.mkdir(parents=True)
    source.mkdir(parents=True)
    (packages / "codememory.pth").write_text(f"{source.parent}\n")
    (source / "__init__.py").touch()
    (source / "__main__.py").write_text("import sys\ndef main(): print('editable', sys.argv[1:])\n")
    program = str(environment / "bin" / "codememory")
    assert home.run("hook", "Stop", CODEMEMORY_BIN=program).stdout == "editable ['hook', 'Stop']\n"
    (source / "__main__.py").write_text("import no_such_module\n")
    done = home.run("hook", "Stop", CODEMEMORY_BIN=program)
    assert (done.returncode, done.stdout) == (0, "")


def test_a_plugin_runs_only_the_environment_of_its_own_version(home: Home) -> None:
    folder = home.data / "env"
    old = home.make(folder / f"0.0.9-{PYTHON}", "old")
    home.point(f"{old}\n")
    data = {"CLAUDE_PLUGIN_DATA": str(home.data)}
    assert home.run("hook", "PreToolUse", **data).stdout == ""
    own = home.make(folder / f"{VERSION}-{PYTHON}", "own", ready=False)
    assert home.run("hook", "PreToolUse", **data).stdout == "", "an unfinished environment is not entered"
    (own / "ready").touch()
    assert home.run("hook", "PreToolUse", **data).stdout == FAST.format("own")
    assert home.run("hook", "PreToolUse").stdout == FAST.format("own"), "the model's shell knows no data folder"
    (home.config / "codememory" / "env").unlink()
    assert home.run("hook", "PreToolUse", **data).stdout == FAST.format("own"), "the data folder alone is enough"
    home.point(f"{own}\n")
    assert home.run("hook", "PreToolUse", **data).stdout == FAST.format("own")


def test_a_running_session_of_the_old_version_keeps_its_own(home: Home) -> None:
    folder = home.data / "env"
    home.make(folder / f"{VERSION}-{PYTHON}", "own")
    home.point(f"{home.make(folder / f'99.0.0-{PYTHON}', 'newer')}\n")
    assert home.run("hook", "PreToolUse", CLAUDE_PLUGIN_DATA=str(home.data)).stdout == FAST.format("own")


@pytest.mark.parametrize("link", [False, True], ids=["same file", "symbolic link"])
def test_the_launcher_never_runs_itself(home: Home, link: bool) -> None:
    program = home.launcher
    if link:
        (home.root / "links").mkdir()
        program = home.root / "links" / "codememory"
        program.symlink_to(home.launcher)
    done = home.run("hook", "PreToolUse", CODEMEMORY_BIN=str(program), PATH=f"{program.parent}:{home.tools}")
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize("wrapper", ["launcher", "exec", "fork"])
def test_two_launchers_do_not_send_a_call_back_and_forth(home: Home, wrapper: str) -> None:
    other = home.root / "other" / "bin" / "codememory"
    other.parent.mkdir(parents=True)
    if wrapper == "launcher":
        shutil.copy(home.launcher, other)
    else:
        call = "exec " if wrapper == "exec" else ""
        write_program(other, f"#!{SHELL}\n{call}'{home.launcher}' \"$@\"\n")
    path = f"{other.parent}:{home.plugin / 'bin'}:{home.tools}"
    done = home.run("hook", "PreToolUse", PATH=path)
    assert (done.returncode, done.stdout) == (0, "")
    done = home.run("hook", "PreToolUse", PATH=path, CODEMEMORY_BIN=str(other))
    assert (done.returncode, done.stdout) == (0, "")


def broken_pointer_folder(home: Home) -> None:
    (home.config / "codememory" / "env").mkdir(parents=True)


def broken_pointer_bytes(home: Home) -> None:
    home.point("")
    (home.config / "codememory" / "env").write_bytes(b"\xff\x00\xfe" * 100)


def broken_python(home: Home) -> None:
    environment = home.make(home.root / "env", "broken")
    (environment / "bin" / "python").unlink()
    (environment / "bin" / "python").symlink_to("/nowhere/python")
    home.point(f"{environment}\n")


def broken_interpreter(home: Home) -> None:
    environment = home.make(home.root / "env", "broken")
    (environment / "bin" / "python").unlink()
    write_program(environment / "bin" / "python", "#!/nowhere/interpreter\n")
    home.point(f"{environment}\n")


def missing_bootstrap(home: Home) -> None:
    (home.plugin / "codememory" / "bootstrap.py").unlink()
    del home.environment["CI"]


def missing_home(home: Home) -> None:
    del home.environment["HOME"], home.environment["CI"]


def missing_path(home: Home) -> None:
    home.environment["PATH"] = ""


BREAKAGES = [
    broken_pointer_folder,
    broken_pointer_bytes,
    broken_python,
    broken_interpreter,
    missing_bootstrap,
    missing_home,
    missing_path,
]


@pytest.mark.parametrize("shell", ["sh", "bash"])
@pytest.mark.parametrize("breakage", BREAKAGES, ids=lambda breakage: breakage.__name__)
def test_a_hook_exits_0_and_stays_silent(home: Home, breakage: Callable[[Home], None], shell: str) -> None:
    breakage(home)
    # The first line names /bin/sh, which differs between systems: both kinds are started by name.
    found = shutil.which(shell)
    if not found:
        pytest.skip(f"no {shell} here")
    for words in (("hook", "SessionStart"), ("hook", "PreToolUse"), ("hook",)):
        done = subprocess.run(
            [found, home.launcher, *words],
            env=home.environment,
            input="{}",
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert (done.returncode, done.stdout) == (0, ""), done.stderr


def test_a_command_without_a_program_says_why_and_exits_1(home: Home) -> None:
    done = home.run("status")
    assert done.returncode == 1
    assert "CODEMEMORY_BIN" in done.stderr
    assert done.stdout == ""


def test_no_environment_is_built_while_ci_is_set(home: Home) -> None:
    home.run("hook", "SessionStart", CLAUDE_PLUGIN_DATA=str(home.data), PATH=os.environ["PATH"])
    assert not home.data.exists()
    assert not home.config.exists()


def test_without_any_python_one_sentence_is_said_once(home: Home) -> None:
    # The launcher also looks in the usual folders, so a Python in one of them has to be hidden by an older one.
    for name in ("python3.14", "python3.13", "python3.12", "python3.11", "python3", "python"):
        write_program(home.tools / name, f"#!{SHELL}\nexit 1\n")
    said = [home.run("hook", event, CI=None) for event in ("PreToolUse", "SessionStart", "SessionStart")]
    assert [done.returncode for done in said] == [0, 0, 0]
    assert [bool(done.stdout) for done in said] == [False, True, False]
    assert "Python 3.11" in json.loads(said[1].stdout)["systemMessage"]
    assert home.run("status", CI=None).returncode == 1


def test_the_background_entry_of_stop_is_gone_at_once_in_print_mode(home: Home) -> None:
    home.point(f"{home.make(home.root / 'env', 'pointed')}\n")
    assert home.run("hook", "Stop", "--background", CLAUDE_CODE_ENTRYPOINT="sdk-cli").stdout == ""
    assert "pointed" in home.run("hook", "Stop", "--background", CLAUDE_CODE_ENTRYPOINT="cli").stdout


@pytest.mark.parametrize("word", ["false", "0", "no", "off"])
def test_nothing_starts_or_is_built_when_switched_off(home: Home, word: str) -> None:
    off = {"CODEMEMORY_ENABLED": word, "CI": None, "PATH": os.environ["PATH"]}
    done = home.run("hook", "SessionStart", **off)
    assert (done.returncode, done.stdout) == (0, "")
    assert not home.config.exists()
    home.point(f"{home.make(home.root / 'env', 'pointed')}\n")
    assert home.run("hook", "SessionStart", **off).stdout == ""
    assert home.run("status", **off).stdout == "console pointed status\n"


# The bootstrap: a fake uv stands for the package tools, so that no network is needed.

FAKE_UV = """#!{sh}
echo "$@" >>"{log}"
case "$1 $2" in
    "venv "*) {cp} -R "{template}" "$4" ;;
    "pip install") {install} ;;
esac
"""
ANSWER = "#!{python}\nprint('codememory {version}')\n"


class Builder:
    """A home whose launcher may build, with a fake uv in front."""

    def __init__(self, home: Home, install: str = "{sleep} 1") -> None:
        self.home = home
        self.log = home.root / "uv.log"
        template = home.make(home.root / "template", "built", ready=False)
        write_program(template / "bin" / "codememory", ANSWER.format(python=sys.executable, version=VERSION))
        main = template / "lib" / LIBRARY / "site-packages" / "codememory" / "__main__.py"
        head = (REPOSITORY / "codememory" / "__main__.py").read_text().partition("if __name__")[0]
        main.write_text(f"{head}\nif __name__ == '__main__':\n    print('codememory {VERSION}')\n")
        for name in ("bundle.py", "bundling.py", "slimming.py", "tabling.py"):
            shutil.copy(REPOSITORY / "codememory" / name, main.parent)
        (main.parent / "__init__.py").touch()
        where = {name: str(shutil.which(name)) for name in ("sh", "cp", "sleep")}
        text = FAKE_UV.format(log=self.log, template=template, install=install.format(**where), **where)
        write_program(home.tools / "uv", text)
        for name in ("python3.14", "python3.13", "python3.12", "python3.11"):
            write_program(home.tools / name, f'#!{SHELL}\nexec {sys.executable} "$@"\n')
        (home.plugin / "requirements.lock").touch()
        home.environment["CLAUDE_PLUGIN_DATA"] = str(home.data)
        del home.environment["CI"]
        self.environment = home.data / "env" / f"{VERSION}-{PYTHON}"
        self.state = home.config / "codememory" / "build.json"

    def wait(self, key: str) -> dict[str, object]:
        """Wait until the state of the build names this end."""
        deadline = time.monotonic() + 30
        while True:
            found: dict[str, object] = json.loads(self.state.read_text()) if self.state.exists() else {}
            if key in found:
                return found
            assert time.monotonic() < deadline, (self.home.config / "codememory" / "build.log").read_text()
            time.sleep(0.05)


def test_many_hooks_start_one_build_and_it_is_said_once(home: Home) -> None:
    builder = Builder(home)
    first = home.run("hook", "PreToolUse")
    assert (first.returncode, first.stdout) == (0, "")
    starts = [
        subprocess.Popen(
            [home.launcher, "hook", "SessionStart"],
            env=home.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(6)
    ]
    said = [start.communicate(timeout=60)[0] for start in starts]
    assert [start.returncode for start in starts] == [0] * 6
    assert sorted(map(bool, said)) == [False] * 5 + [True]
    assert "building" in json.loads("".join(said))["systemMessage"]
    builder.wait("built_at")
    assert builder.log.read_text().count("venv ") == 1
    assert (home.config / "codememory" / "env").read_text() == f"{builder.environment}\n"
    assert home.run("hook", "PreToolUse").stdout == f"codememory {VERSION}\n"


def test_a_command_waits_for_the_build_and_becomes_the_program(home: Home) -> None:
    Builder(home)
    done = home.run("mcp")
    assert (done.returncode, done.stdout) == (0, f"codememory {VERSION}\n"), done.stderr
    assert "building" in done.stderr


def test_a_failed_build_is_said_once_and_not_retried_at_once(home: Home) -> None:
    builder = Builder(home, install="echo 'error: Temporary failure in name resolution'; exit 1")
    # The second tool, venv and pip, must fail without a network too.
    home.environment["PIP_NO_INDEX"] = "1"
    (home.plugin / "requirements.lock").write_text("no-such-package==1 --hash=sha256:" + "0" * 64 + "\n")
    home.run("hook", "PreToolUse")
    builder.wait("failed_at")
    tries = builder.log.read_text().count("venv ")
    said = [home.run("hook", event) for event in ("PreToolUse", "SessionStart", "SessionStart")]
    assert [bool(done.stdout) for done in said] == [False, True, False]
    assert "could not build" in json.loads(said[1].stdout)["systemMessage"]
    assert builder.log.read_text().count("venv ") == tries
    assert not (home.config / "codememory" / "env").exists()
    done = home.run("mcp")
    assert done.returncode == 1
    assert "could not build" in done.stderr
    state = json.loads(builder.state.read_text())
    builder.state.write_text(json.dumps({**state, "failed_at": time.time() - 601}))
    home.run("hook", "PreToolUse")
    builder.wait("failed_at")
    assert builder.log.read_text().count("venv ") > tries


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="finds the builder through /proc")
def test_a_dead_builders_lock_is_taken_over(home: Home) -> None:
    builder = Builder(home, install="exec {sleep} 30")
    home.run("hook", "PreToolUse")
    deadline = time.monotonic() + 20
    while not (builder.log.exists() and "pip install" in builder.log.read_text()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    # The builder leads a process group of its own; its package tool holds the lock too.
    (group,) = {os.getpgid(process) for process in processes_with(str(home.root))}
    os.killpg(group, signal.SIGKILL)
    write_program(home.tools / "uv", (home.tools / "uv").read_text().replace("sleep 30", "sleep 0"))
    home.run("hook", "PreToolUse")
    builder.wait("built_at")


def processes_with(word: str) -> list[int]:
    """Return the ids of this user's processes whose command line names the scratch folder of this test."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            line = (folder / "cmdline").read_bytes().decode("utf-8", "replace")
        except OSError:
            continue
        if word in line:
            found.append(int(folder.name))
    return found


def test_an_old_python_reads_the_bootstrap_and_says_one_sentence() -> None:
    source = (REPOSITORY / "codememory" / "bootstrap.py").read_text("utf-8")
    ast.parse(source, feature_version=(3, 6))
