"""Where things are put and who may look at them: modes, links, odd paths, shared disks, and no network at all."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import apsw
import pytest
from fixtures.homes import SOURCE, START, Home, assert_harmless, stored
from fixtures.transcripts import read_again

from codememory import disk
from codememory.hook import EVENTS

HOOK = [sys.executable, "-I", "-c", START, "hook"]


def everything(home: Home) -> str:
    """Run every hook and the commands that write, and return the session."""
    home.set(CODEMEMORY_COMPACTION_FRESH_TAIL_COUNT="0")
    made = home.conversation(turns=4)
    for event in sorted(EVENTS):
        data = home.payload(
            event, made.session, source="startup", prompt="what of total()", tool_name="Bash", tool_use_id="toolu_1",
            tool_input={"command": "ls"}, tool_response={"stdout": "x"}, error="Exit code 1\nKeyError: 'x'",
            compact_summary="so far", agent_id="a", agent_type="Explore",
        )  # fmt: skip
        assert_harmless(home.hook(event, data))
    return made.session


def modes(folder: Path) -> dict[str, int]:
    """Return path → mode of all that is ours below a folder."""
    found = {}
    for path in folder.rglob("*"):
        name = str(path.relative_to(folder))
        if not name.startswith("projects") and not path.is_symlink():
            found[name] = stat.S_IMODE(path.stat().st_mode)
    return found


@pytest.mark.parametrize("umask", [0o022, 0o000])
def test_only_the_owner_can_read_anything(home: Home, umask: int) -> None:
    previous = os.umask(umask)
    try:
        everything(home)
        home.database.write_bytes(b"garbage " * 1000)
        everything(home)
        environment = {**home.environment, "CODEMEMORY_COMPACTION_DISABLE_LLM": "true"}
        for words in (["compact", "--all", "--no-llm"], ["doctor", "--repair"], ["backfill", "--quiet"]):
            subprocess.run(
                [sys.executable, "-I", "-c", START, *words], env=environment, cwd=home.project, capture_output=True,
                check=False,
            )  # fmt: skip
    finally:
        os.umask(previous)
    found = modes(home.root / ".claude")
    assert "codememory.db-wal" in found
    assert any("not-a-database" in name for name in found)
    assert {name: oct(mode) for name, mode in found.items() if mode & 0o077} == {}


def test_doctor_takes_rights_from_others(home: Home) -> None:
    everything(home)
    home.database.chmod(0o644)
    checks = {one["name"]: one for one in home.run("doctor", "--json").json["checks"]}
    assert checks["permissions"]["ok"] is False
    assert str(home.database) in checks["permissions"]["detail"]
    assert "permissions" in home.run("doctor", "--repair", "--json").json["repaired"]
    assert stat.S_IMODE(home.database.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "name", ["codememory.db", "codememory.db-wal", "codememory.db-shm", "codememory.db-queue", "codememory.db.lock"]
)
@pytest.mark.parametrize("dangling", [False, True], ids=["to a file", "to nothing"])
def test_no_link_is_followed_for_writing(home: Home, name: str, dangling: bool) -> None:
    target = home.root / "precious"
    if not dangling:
        target.write_bytes(b"precious")
    (home.root / ".claude" / name).symlink_to(target)
    if name.endswith("lock"):
        home.database.write_bytes(b"garbage " * 1000)
    everything(home)
    assert (target.read_bytes() == b"precious") if not dangling else not target.exists()


@pytest.mark.parametrize("name", ["codememory.log", "failing", "said", "word"])
def test_no_link_is_followed_for_a_note(home: Home, name: str) -> None:
    folder = home.root / ".claude" / "codememory"
    folder.mkdir(mode=0o700)
    target = home.root / "precious"
    target.write_bytes(b"precious")
    (folder / name).symlink_to(target)
    home.database.mkdir()
    everything(home)
    assert target.read_bytes() == b"precious"


@pytest.mark.parametrize("name", ["build.log", "build.lock", "build.state.lock", "env", "build.json"])
@pytest.mark.parametrize("dangling", [False, True], ids=["to a file", "to nothing"])
def test_no_link_is_followed_by_a_build(home: Home, name: str, dangling: bool) -> None:
    plugin = home.root / "plugin"
    (plugin / "codememory").mkdir(parents=True)
    for part in ("__init__.py", "bootstrap.py"):
        shutil.copy(SOURCE / "codememory" / part, plugin / "codememory" / part)
    folder = home.root / ".claude" / "codememory"
    folder.mkdir(mode=0o700)
    target = home.root / "precious"
    if not dangling:
        target.write_bytes(b"precious")
    (folder / name).symlink_to(target)
    prelude = (
        f"import sys; sys.path[:0] = [{str(plugin / 'codememory')!r}]; import os, bootstrap\n"
        "bootstrap.subprocess.Popen = lambda *_, **__: None\n"
        "bootstrap.main(['launch', 'hook', 'SessionStart'])"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", prelude], input=b"{}", capture_output=True, env=home.environment, check=False
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert (target.read_bytes() == b"precious") if not dangling else not target.exists()


def test_a_link_in_the_databases_place_is_told(home: Home) -> None:
    (home.root / "elsewhere.db").touch()
    home.database.symlink_to(home.root / "elsewhere.db")
    done = home.run("status")
    assert done.code == 1
    assert "symbolic link" in done.err
    assert "CODEMEMORY_DATABASE_PATH" in done.err


@pytest.mark.parametrize(
    "part",
    [
        pytest.param("with spaces and 'quotes'", id="spaces"),
        pytest.param("日本語 — ünï", id="not ASCII"),
        pytest.param("-starts-with-a-dash", id="dash"),
        pytest.param("per%20cent?x=1#y", id="as in an address"),
        pytest.param("new\nline", id="newline"),
        pytest.param("\\back*[slash]", id="pattern"),
    ],
)
def test_a_home_with_an_odd_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, part: str) -> None:
    home = Home(tmp_path / part, monkeypatch)
    session = everything(home)
    assert stored(home.connect()) == read_again(home.folder / f"{session}.jsonl")
    assert home.json("status")["counts"]["messages"] > 0
    assert home.problems() == []


def test_a_home_too_deep_for_the_system(home: Home) -> None:
    """SQLite takes paths of about 4,000 bytes; no folder is made half way, and hooks are harmless."""
    long = str(home.root / "/".join(["deep" * 50] * 30))
    made = home.conversation()
    for event in ("SessionStart", "Stop"):
        assert_harmless(home.hook(event, home.payload(event, made.session, source="startup"), HOME=long))
        assert_harmless(home.hook(event, home.payload(event, made.session), CLAUDE_CONFIG_DIR=long))


def test_the_clients_own_folder_is_respected(home: Home) -> None:
    chosen = home.root / "chosen config"
    shutil.copytree(home.root / ".claude", chosen)
    home.set(CLAUDE_CONFIG_DIR=str(chosen))
    everything(home)
    assert (chosen / "codememory.db").exists()
    assert not home.database.exists()
    assert not (home.root / ".claude" / "codememory").exists()


@pytest.mark.parametrize("home_value", ["/", "/dev/null", "relative", "~nobody-at-all"])
def test_an_odd_home(home: Home, home_value: str) -> None:
    made = home.conversation()
    before = sorted(home.project.rglob("*"))
    prelude = "import os; os.makedirs = lambda *_, **__: (_ for _ in ()).throw(PermissionError())\n"
    for event in ("SessionStart", "Stop"):
        done = home.hook(event, home.payload(event, made.session), HOME=home_value, prelude=prelude)
        assert_harmless(done)
    assert sorted(home.project.rglob("*")) == before


@pytest.mark.parametrize("variable", ["HOME", "CLAUDE_CONFIG_DIR"])
def test_a_relative_place_is_refused(home: Home, variable: str) -> None:
    """It would be another folder in each working directory, and put a memory into every project."""
    made = home.conversation()
    before = sorted(home.root.rglob("*"))
    for event in ("SessionStart", "Stop"):
        done = home.hook(event, home.payload(event, made.session), **{variable: "some/where"})
        assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    home.set(**{variable: "some/where"})
    for words in (["status"], ["doctor"], ["backfill"]):
        said = home.run(*words)
        assert (said.code, said.out) == (1, b"")
        assert f"{variable} must be an absolute path" in said.err
    assert sorted(home.root.rglob("*")) == before


@pytest.mark.skipif(sys.platform == "darwin", reason="its file systems hold UTF-8 alone")
@pytest.mark.parametrize("chosen", [False, True], ids=["its own database", "a database elsewhere"])
def test_a_home_whose_name_is_no_text(home: Home, chosen: bool) -> None:
    odd = os.fsdecode(os.fsencode(home.root) + b"/\xff\xfe")
    os.makedirs(odd)
    made = home.conversation()
    home.set(HOME=odd)
    if chosen:
        home.set(CODEMEMORY_DATABASE_PATH=str(home.root / "chosen.db"))
    assert_harmless(home.hook("Stop", home.payload("Stop", made.session)))
    for words in (["status"], ["status", "--json"], ["doctor"], ["doctor", "--repair"], ["backfill"]):
        done = home.run(*words)
        assert done.code == (0 if chosen else 1), (words, done.out, done.err)
        assert "Traceback" not in done.err and "internal error" not in done.err
        assert chosen or "CODEMEMORY_DATABASE_PATH" in done.err


def shared(kind: str, host: str) -> str:
    """Return lines that make a hook believe that its database lies on a disk of some kind."""
    return (
        f"import sys; sys.path[:0] = [{str(SOURCE)!r}]\n"
        f"import codememory.disk as disk, codememory.db as db\n"
        f"disk.kind_of = lambda folder: {kind!r}\n"
        f"disk.host = lambda: {host!r}\n"
        "place = db._place\n"
        "def through_disk(path):\n"
        "    path = disk.place_of(path)\n"
        "    import os; found = os.stat(path)\n"
        "    return path, found.st_ino, found.st_size\n"
        "db._place = through_disk\n"
    )


@pytest.mark.parametrize("kind", ["nfs4", "9p", "virtiofs", "cifs", "fuse.sshfs"])
def test_each_host_has_its_own_file_on_a_shared_disk(home: Home, kind: str) -> None:
    """One home mounted by two machines: each its own log, and both read the same transcripts."""
    made = home.conversation()
    for host in ("one", "two"):
        data = home.payload("Stop", made.session)
        assert_harmless(home.hook("Stop", data, prelude=shared(kind, host), CODEMEMORY_REDACT="false"))
    folder = home.database.parent
    assert sorted(path.name for path in folder.glob("*.db")) == ["codememory-one.db", "codememory-two.db"]
    for path in folder.glob("*.db"):
        assert stored(apsw.Connection(str(path))) == read_again(made.path)


@pytest.mark.parametrize("kind", ["ext4", "tmpfs", "overlay", "btrfs", "zfs", "apfs", ""])
def test_an_ordinary_disk_is_not_shared(home: Home, kind: str) -> None:
    made = home.conversation()
    assert_harmless(home.hook("Stop", home.payload("Stop", made.session), prelude=shared(kind, "one")))
    assert home.database.exists()


def test_the_kind_of_a_disk_is_read_from_the_system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    device = os.stat(tmp_path).st_dev
    mounts = tmp_path / "mounts"
    number = f"{os.major(device)}:{os.minor(device)}"
    mounts.write_text(f"1 0 0:1 / /proc rw - proc proc rw\n36 35 {number} /a /b\\040c rw shared:7 - nfs4 host:/x rw\n")
    monkeypatch.setattr(disk, "MOUNTS", str(mounts))
    assert disk.kind_of(str(tmp_path)) == "nfs4"
    assert disk.kind_of(str(tmp_path / "not" / "there" / "yet")) == "nfs4"
    assert disk.is_shared(str(tmp_path))
    monkeypatch.setattr(disk, "MOUNTS", str(tmp_path / "none"))
    assert disk.kind_of(str(tmp_path)) == ""
    assert not disk.is_shared(str(tmp_path))


def test_containers_of_one_machine_are_one_host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mark = tmp_path / "mark"
    monkeypatch.setattr(disk, "CONTAINER_MARKS", (str(mark),))
    assert disk.host() != "container"
    mark.touch()
    assert disk.host() == "container"
    assert disk.own_path("/a/codememory.db") == "/a/codememory-container.db"


@pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("setpriv"), reason="only root can become somebody else")
def test_another_users_store_is_not_touched(home: Home) -> None:
    """A hook of one user with a path into another's home: harmless, and nothing is read or written."""
    session = everything(home)
    before = {path.name: path.read_bytes() for path in home.database.parent.glob("codememory.db*")}
    for path in (home.root, *home.root.parents):
        if path != Path("/") and str(path).startswith("/tmp"):
            path.chmod(path.stat().st_mode | 0o055)
    (home.root / ".claude").chmod(0o755)
    data = home.payload("Stop", session)
    done = subprocess.run(
        ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", *HOOK, "Stop"],
        input=data, capture_output=True, env=home.environment, cwd="/", check=False,
    )  # fmt: skip
    if b"Permission denied" in done.stderr and b"codememory" not in done.stderr:
        pytest.skip("the interpreter itself is closed to others here")
    assert done.returncode in (0, 1)
    assert {path.name: path.read_bytes() for path in home.database.parent.glob("codememory.db*")} == before


NO_NETWORK = """
import sys, os
def watch(name, arguments):
    if name in ("socket.__new__", "socket.connect", "socket.bind", "socket.getaddrinfo", "socket.gethostbyname"):
        family = arguments[1] if name == "socket.__new__" else 0
        if name == "socket.__new__" and int(family) == 1:
            return
        with open(os.environ["SEEN"], "a") as file: file.write(f"{name} {arguments!r}\\n")
    elif name in ("subprocess.Popen", "os.exec", "os.posix_spawn", "os.system"):
        with open(os.environ["SEEN"], "a") as file: file.write(f"{name} {arguments[0]!r} {arguments[1]!r}\\n")
sys.addaudithook(watch)
"""

COMMANDS = (
    ["status"], ["grep", "total"], ["check", "--file", "invoice_1.py"], ["ask", "why does total() fail"],
    ["memory", "list"], ["memory", "maintain"], ["doctor"], ["compact", "--all", "--no-llm"], ["backfill", "--quiet"],
    ["mark", "decision", "Sum the rows once"], ["signature"], ["describe", "nothing"], ["--help"], ["doctor", "--scan"],
    ["export", "--output", "e.jsonl"], ["import", "e.jsonl"], ["backup", "--output", "b.db"], ["view", "--output", "v"],
    ["prune", "--older-than", "1"], ["project", "list"], ["watch", "--once"], ["team", "status"], ["mcp"],
)  # fmt: skip


def test_no_process_of_ours_reaches_for_a_network(home: Home, tmp_path: Path) -> None:
    """Every hook and command under an audit hook: no socket of the internet, no name looked up, no program started."""
    seen = tmp_path / "seen"
    seen.touch()
    home.environment["SEEN"] = str(seen)
    made = home.conversation(turns=4)
    for event in sorted(EVENTS):
        for words in ([], ["--background"]):
            data = home.payload(
                event, made.session, source="startup", prompt="what of http://example.com/total()", tool_name="Bash",
                tool_use_id="toolu_1", tool_input={"command": "curl http://example.com"}, tool_response={"stdout": "x"},
                error="Exit code 1\nKeyError: 'x'", compact_summary="so far", agent_id="a", agent_type="Explore",
            )  # fmt: skip
            assert_harmless(home.hook(event, data, *words, prelude=NO_NETWORK))
    for command in COMMANDS:
        subprocess.run(
            [sys.executable, "-I", "-c", NO_NETWORK + START, *command], env=home.environment, cwd=home.project,
            capture_output=True, input=b"", check=False,
        )  # fmt: skip
    found = [line for line in seen.read_text().splitlines() if "no-client" not in line and "git" not in line]
    assert found == []
    prelude = NO_NETWORK + "import socket; socket.socket(socket.AF_INET).close()\n"
    home.hook("Stop", home.payload("Stop", made.session), prelude=prelude)
    assert "socket.__new__" in seen.read_text(), "the audit sees what it looks for"


@pytest.mark.skipif(not shutil.which("strace"), reason="needs strace")
def test_the_system_sees_no_network_either(home: Home, tmp_path: Path) -> None:
    """What an extension module does passes by Python's audit: ask the kernel."""
    trace = tmp_path / "trace"
    made = home.conversation()
    for words in (["hook", "SessionStart"], ["hook", "Stop"], ["status", "--json"], ["backfill", "--quiet"]):
        subprocess.run(
            ["strace", "-f", "-qq", "-e", "trace=socket,connect", "-o", trace, *HOOK[:-1], *words],
            input=home.payload("SessionStart", made.session, source="startup"), env=home.environment, cwd=home.project,
            capture_output=True, check=False,
        )  # fmt: skip
        if not trace.exists():
            pytest.skip("this machine lets nobody trace")
        assert [line for line in trace.read_text().splitlines() if "AF_INET" in line] == []


def test_nothing_is_executed_from_the_store(home: Home) -> None:
    """A store full of things that look like programs: none is run, whoever reads them."""
    flag = home.root / "ran"
    evil = f"__import__('os').system('touch {flag}')"
    made = home.transcript()
    made.say("user", f"$(touch {flag}) `touch {flag}` {evil} ${{{evil}}} {{{{ {evil} }}}}")
    made.failing(f"touch {flag}; false", f"KeyError: $(touch {flag})")
    made.write()
    (home.root / ".claude" / "codememory").mkdir(mode=0o700)
    for name in ("sitecustomize.py", "usercustomize.py", "apsw.py", "json.py"):
        (home.root / ".claude" / "codememory" / name).write_text(evil)
        (home.project / name).write_text(evil)
    home.mark("constraint", f"Never run $(touch {flag}) or {evil}")
    for event in ("SessionStart", "UserPromptSubmit", "Stop"):
        home.hook(event, home.payload(event, made.session, source="startup", prompt=f"never run {flag}"))
    for command in (
        ["grep", "touch"],
        ["ask", f"never run {evil}"],
        ["memory", "list"],
        ["compact", "--all", "--no-llm"],
    ):
        home.run(*command)
    assert not flag.exists()
