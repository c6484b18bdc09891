"""Build the program's own Python environment for a plugin that has none yet.

A system Python runs this from the plugin root before any dependency exists: standard library only. The syntax is what
Python 3.6 reads, so that an old interpreter says one clear sentence instead of a syntax error.

    bootstrap.py launch hook EVENT           start a build if one is due; SessionStart says so once, all else is silent
    bootstrap.py launch mcp | COMMAND ...    the same, then wait for the environment and become its program
    bootstrap.py build LOCK_DESCRIPTOR       the detached builder
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036
    SENTENCE = "CodeMemory needs Python 3.11 or newer; this one is %d.%d." % sys.version_info[:2]  # noqa: UP031
    if sys.argv[2:4] == ["hook", "SessionStart"]:
        sys.stdout.write('{"systemMessage": "' + SENTENCE + '"}\n')
    elif sys.argv[2:3] != ["hook"]:
        sys.exit(SENTENCE)
    sys.exit(0)

import contextlib
import fcntl
import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

RETRY_SECONDS = 600  # after a failed build
STEP_SECONDS = 900  # one step of a build
WAIT_SECONDS = 600  # `codememory mcp`, whose client gives up earlier by itself
COMMAND_WAIT_SECONDS = 100  # any other command: the model's shell allows 120 s
STATE_WAIT_SECONDS = 1.0  # for another hook that is just deciding the same
NICENESS = 10  # of the builder: the session it starts in comes first
KEPT_ENVIRONMENTS = 3
KEPT_SECONDS = 14 * 24 * 3600  # the newest environments stay, and every other as long as this
LOG_BYTES_MAX = 256 * 1024
OWN_FILE = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW  # a link in its place is not followed

ROOT = Path(__file__).resolve().parent.parent
CONFIG = Path(os.environ.get("CLAUDE_CONFIG_DIR") or Path("~/.claude").expanduser())
FOLDER = CONFIG / "codememory"
POINTER = FOLDER / "env"
STATE = FOLDER / "build.json"
LOG = FOLDER / "build.log"

BUILDING = "CodeMemory is building its Python environment (once, about a minute); memory starts when that is done."
UNREACHABLE = ("NewConnectionError", "Max retries", "name resolution", "error sending request", "No route to host")


class BuildError(Exception):
    """A step of the build failed; the text says what the user can do about it."""


def program_version() -> str:
    """Read the version of the source in the plugin root."""
    for line in (ROOT / "codememory" / "__init__.py").read_text("utf-8").splitlines():
        if line.startswith("__version__"):
            return line.split("=", 1)[1].strip().strip("\"'")
    raise BuildError("the plugin's source names no version")


def target_environment() -> Path:
    """Return the environment that this interpreter and this source make."""
    data = os.environ.get("CLAUDE_PLUGIN_DATA")
    folder = Path(data) / "env" if data else FOLDER / "env.d"
    return folder / "{}-cp{}{}".format(program_version(), *sys.version_info[:2])


def is_ready(environment: Path) -> bool:
    """Tell whether an environment was finished and the launcher would enter it."""
    files = [environment / "ready", environment / "pyvenv.cfg"]
    programs = [environment / "bin" / "python", environment / "bin" / "codememory"]
    return all(map(os.path.isfile, files)) and all(os.access(program, os.X_OK) for program in programs)


def own_environment() -> Path | None:
    """Return the finished environment of this version: the target, or the one that the pointer names."""
    found = [target_environment()]
    with contextlib.suppress(OSError, ValueError):
        found.extend(map(Path, POINTER.read_text("utf-8").splitlines()[:1]))
    prefix = program_version() + "-cp"
    return next((path for path in found if path.name.startswith(prefix) and is_ready(path)), None)


def read_state() -> dict[str, object]:
    """Return what is known of the last build; {} when nothing is."""
    try:
        found = json.loads(STATE.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def replace_file(path: Path, text: str) -> None:
    """Write a small file so that a reader sees the old or the new one, never half of it."""
    temporary = path.with_name(f"{path.name}.{os.getpid()}")
    temporary.write_text(text, "utf-8")
    temporary.replace(path)


@contextlib.contextmanager
def state_lock() -> Iterator[None]:
    """Let one process at a time decide about builds; raise OSError after a second of waiting."""
    descriptor = os.open(FOLDER / "build.state.lock", OWN_FILE, 0o600)
    try:
        deadline = time.monotonic() + STATE_WAIT_SECONDS
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.02)
        yield
    finally:
        os.close(descriptor)


def take_build_lock() -> int | None:
    """Return the descriptor of the build lock, or None while a builder or its pip lives.

    The kernel frees it when the last holder ends, however it ends, so a dead builder's lock is never stale.
    """
    descriptor = os.open(FOLDER / "build.lock", OWN_FILE, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


def start_build_if_due(speak: bool) -> str:
    """Start the builder unless one runs, is done or failed just now; return what to tell the user, once, if `speak`."""
    version = program_version()
    with state_lock():
        state = read_state()
        lock = take_build_lock()
        if lock is not None:
            try:
                if own_environment():
                    return ""
                failed_at = state.get("failed_at")
                recent = isinstance(failed_at, float) and 0 <= time.time() - failed_at < RETRY_SECONDS
                if not (recent and state.get("version") == version):
                    start_builder(lock)
                    state = {"version": version, "started_at": time.time()}
                    replace_file(STATE, json.dumps(state))
            finally:
                os.close(lock)
        sentence = str(state["sentence"]) if "sentence" in state else BUILDING
        if not speak or state.get("said") == sentence:
            return ""
        replace_file(STATE, json.dumps({**state, "said": sentence}))
        return sentence


def start_builder(lock: int) -> None:
    """Start the detached builder; it inherits the build lock."""
    if LOG.exists() and LOG.stat().st_size > LOG_BYTES_MAX:
        LOG.unlink()
    with os.fdopen(os.open(LOG, OWN_FILE | os.O_APPEND, 0o600), "ab") as log:
        subprocess.Popen(
            [sys.executable, "-I", "-S", str(Path(__file__).resolve()), "build", str(lock)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            pass_fds=(lock,),
            start_new_session=True,
            cwd=ROOT,
        )


def tool_environment() -> dict[str, str]:
    """Return the environment for pip and uv, without what would send the packages elsewhere."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in ("PYTHONPATH", "PYTHONHOME", "PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "VIRTUAL_ENV", "UV_TARGET")
    }
    return {**kept, "PIP_USER": "0", "PIP_REQUIRE_VIRTUALENV": "0", "PIP_NO_INPUT": "1"}


def run_step(words: list[str], lock: int) -> str:
    """Run one step of the build, log it, and return its output; raise BuildError with the advice for its failure."""
    print(time.strftime("%Y-%m-%d %H:%M:%S"), " ".join(words), flush=True)
    try:
        done = subprocess.run(
            words,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=STEP_SECONDS,
            pass_fds=(lock,),
            env=tool_environment(),
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        print(error, flush=True)
        raise BuildError(f"{words[0]} could not be run") from error
    output = done.stdout.decode("utf-8", "replace")
    print(output, flush=True)
    if done.returncode == 0:
        return output
    if words[1:3] == ["-m", "venv"]:
        raise BuildError("this Python has no working venv module (on Debian: apt install python3-venv)")
    if any(word in output for word in UNREACHABLE):
        raise BuildError("the package index cannot be reached")
    raise BuildError("a step of the build failed")


def make_environment(environment: Path, lock: int, uv: str | None) -> None:
    """Make an environment with the locked packages and the plugin's own source, with uv or else with venv and pip."""
    shutil.rmtree(environment, ignore_errors=True)
    environment.parent.mkdir(parents=True, exist_ok=True)
    python = str(environment / "bin" / "python")
    if uv:
        run_step([uv, "venv", "--python", sys.executable, str(environment)], lock)
        install = [uv, "pip", "install", "--python", python, "--compile-bytecode"]
    else:
        run_step([sys.executable, "-m", "venv", str(environment)], lock)
        install = [python, "-I", "-m", "pip", "install", "--disable-pip-version-check", "--no-warn-script-location"]
    run_step([*install, "--require-hashes", "-r", str(ROOT / "requirements.lock")], lock)
    # The build backend is one of the locked packages: nothing unpinned is fetched to build our own source.
    run_step([*install, "--no-deps", "--no-build-isolation", str(ROOT)], lock)
    packages = str(packages_of(environment))
    run_step([python, "-I", "-X", "no_debug_ranges", packages + "/codememory/bundle.py", packages], lock)


def packages_of(environment: Path) -> Path:
    """Return where an environment keeps its packages."""
    return environment / "lib" / "python{}.{}".format(*sys.version_info[:2]) / "site-packages"


def check_environment(environment: Path, lock: int) -> None:
    """Run the new program once, as a command and as the launcher starts a hook."""
    version = program_version()
    entry = packages_of(environment) / "codememory" / "__main__.py"
    for start in ([environment / "bin" / "codememory"], [environment / "bin" / "python", "-I", "-S", entry]):
        if version not in run_step([*map(str, start), "--version"], lock):
            raise BuildError("the new environment does not answer with its version")


def build(lock: int) -> None:
    """Build, check and point to the environment; record a failure with the sentence for the user."""
    state: dict[str, object] = {"version": program_version(), "started_at": time.time()}
    os.nice(NICENESS)
    try:
        environment = target_environment()
        (environment / "ready").unlink(missing_ok=True)
        try:
            make_environment(environment, lock, shutil.which("uv"))
        except BuildError:
            if not shutil.which("uv"):
                raise
            make_environment(environment, lock, None)
        check_environment(environment, lock)
        replace_file(environment / "ready", f"{ROOT}\n")
        replace_file(POINTER, f"{environment}\n")
        state["built_at"] = time.time()
        remove_old_environments(environment)
    except Exception as error:
        state["failed_at"] = time.time()
        state["sentence"] = (
            f"CodeMemory could not build its Python environment: {error}. It tries again in "
            f"{RETRY_SECONDS // 60} minutes; the log is {LOG}."
        )
        print(state["sentence"], flush=True)
    with state_lock():
        replace_file(STATE, json.dumps(state))


def remove_old_environments(current: Path) -> None:
    """Remove finished environments that are neither among the newest nor younger than two weeks."""
    finished = sorted(((ready.stat().st_mtime, ready.parent) for ready in current.parent.glob("*/ready")), reverse=True)
    for made_at, environment in finished[KEPT_ENVIRONMENTS:]:
        if environment != current and time.time() - made_at > KEPT_SECONDS:
            shutil.rmtree(environment, ignore_errors=True)


def wait_and_become(words: list[str]) -> None:
    """Wait for the environment, then become its program; end with one sentence when it does not come."""
    deadline = time.monotonic() + (WAIT_SECONDS if words[:1] == ["mcp"] else COMMAND_WAIT_SECONDS)
    environment = own_environment()
    if not environment:
        print(BUILDING, file=sys.stderr, flush=True)
    while not environment:
        sentence = read_state().get("sentence")
        if sentence:
            sys.exit(str(sentence))
        if time.monotonic() > deadline:
            sys.exit(f"codememory: its environment is still being built; the log is {LOG}.")
        time.sleep(0.3)
        environment = own_environment()
    program = environment / "bin" / "codememory"
    os.execv(program, [str(program), *words])


def answer_hook(event: str) -> None:
    """Start a build if one is due and say so at a session's start; a hook never fails."""
    try:
        sys.stdin.buffer.read()  # a client that writes to a closed pipe would log an error
        FOLDER.mkdir(mode=0o700, parents=True, exist_ok=True)
        sentence = start_build_if_due(speak=event == "SessionStart")
        if sentence:
            print(json.dumps({"systemMessage": sentence}), flush=True)
    except Exception:
        # Nowhere to write to: the next event tries again.
        return


def run_command(words: list[str]) -> None:
    """Build if need be, then become the program that the user asked for."""
    try:
        FOLDER.mkdir(mode=0o700, parents=True, exist_ok=True)
        start_build_if_due(speak=False)
    except (BuildError, OSError) as error:
        sys.exit(f"codememory: its environment cannot be built: {error}")
    wait_and_become(words)


def main(words: list[str]) -> None:
    """Do what the launcher or a starting build asks for."""
    os.umask(0o077)
    if words[:1] == ["build"]:
        build(int(words[1]))
    elif words[1:2] == ["hook"]:
        answer_hook((words[2:3] or [""])[0])
    else:
        run_command(words[1:])


if __name__ == "__main__":
    main(sys.argv[1:])
