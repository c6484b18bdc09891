"""Install and uninstall: exactly what is ours goes in and comes out, whatever the settings looked like before."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from fixtures.homes import Home
from hypothesis import given
from hypothesis import strategies as st

from codememory import bundle
from codememory.install import changes, document, entries
from codememory.install.document import Document, InstallError

REPOSITORY = Path(__file__).resolve().parents[2]
EVENTS = json.loads((REPOSITORY / "hooks" / "hooks.json").read_text("utf-8"))["hooks"]
PACKED = REPOSITORY / "codememory" / "client_files.json"
FOREIGN = {"type": "command", "command": "other-tool", "args": ["hook", "Stop"]}

FORMS: dict[str, bytes | None] = {
    "no file": None,
    "an empty file": b"",
    "an empty object": b"{}",
    "four spaces": b'{\n    "model": "opus",\n    "env": {"A": "1"}\n}\n',
    "a tab and no last newline": b'{\n\t"model": "opus"\n}',
    "one line": b'{"model": "opus", "permissions": {"allow": ["Bash(ls:*)"]}}',
    "windows line ends": b'{\r\n  "model": "opus"\r\n}\r\n',
    "a byte order mark": b'\xef\xbb\xbf{\n  "model": "opus"\n}\n',
    "beyond ascii": '{\n  "language": "中文", "x": "\\ud800"\n}\n'.encode(),
    "an odd form": b'{ "b":1 ,\n\n "a" : [ 1,2 ],"hooks":{} }\n',
    "foreign hooks": json.dumps({"hooks": {"Stop": [{"hooks": [FOREIGN]}], "Notification": []}}, indent=2).encode(),
}


@pytest.fixture
def config(home: Home) -> Path:
    """Return the client's config folder."""
    return home.root / ".claude"


def snapshot(root: Path) -> dict[str, bytes]:
    """Return path → content of everything below a folder but what is remembered and our own folder."""
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file()
        and "codememory" not in path.relative_to(root).parts
        and not path.name.startswith("codememory.db")
    }


def settings_of(config: Path) -> Any:
    """Return the settings."""
    return json.loads((config / "settings.json").read_text("utf-8-sig"))


def ours(settings: Any) -> list[tuple[str, list[str]]]:
    """Return event and arguments of our hooks, among entries of any form, in the order of the plugin's events."""
    return [
        (event, one["args"][one["args"].index("hook") :])
        for event in EVENTS
        for group in settings.get("hooks", {}).get(event, [])
        if isinstance(group, dict) and isinstance(group.get("hooks"), list)
        for one in group["hooks"]
        if entries.is_own_hook(one)
    ]


EXPECTED = [(event, one["args"]) for event, groups in EVENTS.items() for group in groups for one in group["hooks"]]


def test_the_packed_files_are_the_plugins() -> None:
    """`CODEMEMORY_PACK_FILES=1` packs them anew after a change of the plugin."""
    folder = REPOSITORY / "plugin"
    files = {path.relative_to(folder).as_posix(): path.read_text("utf-8") for path in sorted(folder.rglob("*.md"))}
    text = json.dumps({"hooks": EVENTS, "files": files}, indent=1, ensure_ascii=False) + "\n"
    if os.environ.get("CODEMEMORY_PACK_FILES"):
        PACKED.write_text(text, "utf-8")
    assert PACKED.read_text("utf-8") == text


@pytest.mark.parametrize("form", FORMS, ids=str)
def test_uninstalling_leaves_every_byte_as_it_was(home: Home, config: Path, form: str) -> None:
    if FORMS[form] is not None:
        (config / "settings.json").write_bytes(FORMS[form] or b"")
    before, folders = snapshot(home.root), {path for path in config.iterdir() if path.is_dir()}
    assert home.run("install", "--yes").code == 0
    assert ours(settings_of(config)) == EXPECTED
    home.json("uninstall", "--yes")
    assert snapshot(home.root) == before
    assert {path for path in config.iterdir() if path.is_dir()} - {config / "codememory"} == folders


@pytest.mark.parametrize("form", FORMS, ids=str)
def test_installing_twice_is_installing_once(home: Home, config: Path, form: str) -> None:
    if FORMS[form] is not None:
        (config / "settings.json").write_bytes(FORMS[form] or b"")
    first = home.json("install", "--yes")
    before = snapshot(home.root)
    record = (config / "codememory" / "installed.json").read_bytes()
    assert first["changes"]
    assert home.json("install", "--yes")["changes"] == []
    assert (snapshot(home.root), (config / "codememory" / "installed.json").read_bytes()) == (before, record)
    assert b"nothing is to be changed" in home.run("install").out


@pytest.mark.parametrize("form", [name for name in FORMS if name not in ("no file", "an empty file")], ids=str)
def test_the_form_of_the_settings_is_kept(home: Home, config: Path, form: str) -> None:
    raw = FORMS[form] or b""
    (config / "settings.json").write_bytes(raw)
    home.json("install", "--yes")
    made = (config / "settings.json").read_bytes()
    assert made.startswith(b"\xef\xbb\xbf") == raw.startswith(b"\xef\xbb\xbf")
    assert (b"\r\n" in made) == (b"\r\n" in raw)
    if form != "an empty object":
        assert made.endswith(b"\n") == raw.endswith(b"\n")
    assert (b"\n\t" in made) == (b"\n\t" in raw)
    assert [name for name in settings_of(config) if name != "hooks"] == [
        name for name in json.loads(raw.decode("utf-8-sig")) if name != "hooks"
    ]


def test_what_changed_since_stays(home: Home, config: Path) -> None:
    """The user adds a setting, and a hook of another tool among ours, and changes a command of ours."""
    path = config / "settings.json"
    path.write_bytes(FORMS["foreign hooks"] or b"")
    home.json("install", "--yes")
    changed = settings_of(config)
    changed["model"] = "opus"
    changed["hooks"]["PreToolUse"][0]["hooks"].append(FOREIGN)
    path.write_text(json.dumps(changed, indent=2))
    (config / "commands" / "codememory-grep.md").write_text("mine now")
    done = home.json("uninstall", "--yes")
    left = settings_of(config)
    assert ours(left) == []
    assert left["model"] == "opus"
    assert left["hooks"] == {
        "Stop": [{"hooks": [FOREIGN]}],
        "Notification": [],
        "PreToolUse": [{"matcher": EVENTS["PreToolUse"][0]["matcher"], "hooks": [FOREIGN]}],
    }
    assert (config / "commands" / "codememory-grep.md").read_text() == "mine now"
    assert any("codememory-grep.md" in note for note in done["notes"])
    assert not (config / "skills").exists()


def test_entries_of_an_older_program_are_brought_up_to_date(home: Home, config: Path, monkeypatch: Any) -> None:
    (config / "settings.json").write_bytes(FORMS["four spaces"] or b"")
    before = snapshot(home.root)
    with monkeypatch.context() as patch:
        patch.setattr(sys, "executable", "/old/python")
        patch.setattr(entries, "packed", lambda: {"hooks": EVENTS, "files": {"commands/codememory-old.md": "old"}})
        home.json("install", "--yes")
    assert (config / "commands" / "codememory-old.md").exists()
    found = home.json("install", "--yes")
    assert {one["action"] for one in found["changes"]} == {"create", "change", "remove"}
    assert "/old/python" not in (config / "settings.json").read_text()
    assert ours(settings_of(config)) == EXPECTED
    assert not (config / "commands" / "codememory-old.md").exists()
    home.json("uninstall", "--yes")
    assert snapshot(home.root) == before


def test_settings_without_a_record_lose_only_what_is_ours(home: Home, config: Path) -> None:
    (config / "settings.json").write_bytes(FORMS["foreign hooks"] or b"")
    home.json("install", "--yes")
    (config / "codememory" / "installed.json").unlink()
    home.json("uninstall", "--yes")
    assert settings_of(config) == json.loads(FORMS["foreign hooks"] or b"")


def test_a_dry_run_shows_the_lines_and_writes_nothing(home: Home, config: Path) -> None:
    (config / "settings.json").write_bytes(FORMS["four spaces"] or b"")
    before = snapshot(home.root)
    said = home.run("install", "--dry-run").out.decode()
    assert f"--- {config}/settings.json" in said
    assert '+    "hooks": {' in said
    assert f"create  {config}/skills/codememory-mark-decision/SKILL.md" in said
    planned = home.json("install", "--dry-run")
    assert snapshot(home.root) == before
    assert not (config / "codememory" / "installed.json").exists()
    done = home.json("install", "--yes")
    assert [one["path"] for one in done["changes"] if "backups" not in one["path"]] == [
        one["path"] for one in planned["changes"] if "backups" not in one["path"]
    ]
    before = snapshot(home.root)
    assert b"remove" in home.run("uninstall", "--dry-run").out
    assert snapshot(home.root) == before


def test_the_settings_are_backed_up(home: Home, config: Path) -> None:
    (config / "settings.json").write_bytes(FORMS["one line"] or b"")
    (backup,) = home.json("install", "--yes")["backups"]
    assert Path(backup).read_bytes() == FORMS["one line"]


def test_nobody_to_ask_changes_nothing(home: Home, config: Path) -> None:
    before = snapshot(home.root)
    for words in (["install"], ["install", "--json"]):
        done = home.run(*words)
        assert done.code == 1
        assert "--yes" in done.err
    assert snapshot(home.root) == before


BROKEN: dict[str, tuple[bytes, str]] = {
    "cut off": (b'{"model": ', "not valid JSON"),
    "with comments": (b'{\n  // mine\n  "model": "opus"\n}', "not valid JSON"),
    "a list": (b"[]", "no JSON object"),
    "not UTF-8": (b'{"a": "\xff"}', "UTF-8"),
    "a name twice": (b'{"a": 1, "a": 2}', "'a' stands in it twice"),
    "hooks of another form": (b'{"hooks": []}', "form the client reads"),
    "groups of another form": (b'{"hooks": {"Stop": {}}}', "form the client reads"),
    "nested too deep": (b'{"a":' + b"[" * 100_000, "not valid JSON"),
}


@pytest.mark.parametrize("case", BROKEN, ids=str)
@pytest.mark.parametrize("command", ["install", "uninstall"])
def test_broken_settings_are_named_and_left_alone(home: Home, config: Path, case: str, command: str) -> None:
    raw, named = BROKEN[case]
    (config / "settings.json").write_bytes(raw)
    before = snapshot(home.root)
    done = home.run(command, "--yes")
    assert done.code == 1
    assert named in done.err
    assert "settings.json" in done.err
    assert len(done.err.strip().splitlines()) == 1
    assert snapshot(home.root) == before


PLUGIN: dict[str, tuple[dict[str, Any], dict[str, Any], bool]] = {
    "enabled": ({"codememory@codememory": True}, {}, True),
    "of another marketplace": ({"codememory@mine": True}, {}, True),
    "disabled": ({"codememory@codememory": False}, {"codememory@codememory": [{}]}, False),
    "only in the registry": ({}, {"codememory@codememory": [{"scope": "user"}]}, True),
    "another plugin": ({"codememory-like@x": True}, {"other@x": [{}]}, False),
}


@pytest.mark.parametrize("case", PLUGIN, ids=str)
@pytest.mark.parametrize("place", ["user", "project", "local"])
def test_it_refuses_beside_an_active_plugin(home: Home, config: Path, case: str, place: str) -> None:
    enabled, registry, refuses = PLUGIN[case]
    (home.project / ".claude").mkdir()
    path = {
        "user": config / "settings.json",
        "project": home.project / ".claude" / "settings.json",
        "local": home.project / ".claude" / "settings.local.json",
    }[place]
    path.write_text(json.dumps({"enabledPlugins": enabled}))
    (config / "plugins").mkdir()
    (config / "plugins" / "installed_plugins.json").write_text(json.dumps({"version": 2, "plugins": registry}))
    before = snapshot(home.root)
    done = home.run("install", "--yes")
    assert done.code == int(refuses)
    if refuses:
        assert "claude plugin disable codememory@" in done.err
        assert snapshot(home.root) == before


def test_foreign_files_and_servers_of_our_names_stay(home: Home, config: Path) -> None:
    (config / "commands").mkdir()
    (config / "commands" / "codememory-status.md").write_text("mine")
    (home.root / ".claude.json").write_text('{"mcpServers": {"codememory": {"command": "other"}}}')
    before = snapshot(home.root)
    notes = home.json("install", "--yes")["notes"]
    assert sum("stays" in note for note in notes) == 2
    assert (config / "commands" / "codememory-status.md").read_text() == "mine"
    home.json("uninstall", "--yes")
    assert snapshot(home.root) == before


def test_the_server_is_registered_where_the_client_looks(home: Home, config: Path) -> None:
    (home.root / ".claude.json").write_text('{"userID": "x", "mcpServers": {"b": {"command": "c"}}}')
    home.json("install", "--yes")
    found = json.loads((home.root / ".claude.json").read_text())
    assert list(found["mcpServers"]) == ["b", "codememory"]
    found["startups"] = 2  # the client writes into this file all the time
    (home.root / ".claude.json").write_text(json.dumps(found))
    home.json("uninstall", "--yes")
    assert json.loads((home.root / ".claude.json").read_text()) == {
        "userID": "x",
        "mcpServers": {"b": {"command": "c"}},
        "startups": 2,
    }


def test_another_config_folder_holds_everything(home: Home) -> None:
    chosen = home.root / "cönfig dir"
    home.set(CLAUDE_CONFIG_DIR=str(chosen))
    home.json("install", "--yes")
    assert ours(settings_of(chosen)) == EXPECTED
    assert "codememory" in json.loads((chosen / ".claude.json").read_text())["mcpServers"]
    assert not (home.root / ".claude.json").exists()
    home.json("uninstall", "--yes")
    assert snapshot(chosen) == {}


def test_a_symbolic_link_is_written_through(home: Home, config: Path) -> None:
    target = home.root / "dotfiles" / "claude.json"
    target.parent.mkdir()
    target.write_bytes(FORMS["four spaces"] or b"")
    target.chmod(0o640)
    (config / "settings.json").symlink_to(target)
    home.json("install", "--yes")
    assert (config / "settings.json").is_symlink()
    assert ours(json.loads(target.read_text())) == EXPECTED
    assert target.stat().st_mode & 0o777 == 0o640
    home.json("uninstall", "--yes")
    assert (config / "settings.json").is_symlink()
    assert target.read_bytes() == FORMS["four spaces"]


def test_a_file_that_changes_meanwhile_is_not_overwritten(home: Home, config: Path) -> None:
    path = config / "settings.json"
    path.write_bytes(FORMS["four spaces"] or b"")
    plan = changes.planned_install()
    path.write_text('{"model": "other"}')
    with pytest.raises(InstallError, match="changed meanwhile"):
        changes.apply(plan)
    assert path.read_text() == '{"model": "other"}'
    home.json("uninstall", "--yes")
    assert path.read_text() == '{"model": "other"}'
    assert not (config / "commands").exists()


def test_a_folder_that_cannot_be_written_is_one_sentence(home: Home, config: Path, monkeypatch: Any) -> None:
    def refuse(*_words: Any, **_named: Any) -> Any:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(document.tempfile, "mkstemp", refuse)
    done = home.run("install", "--yes")
    assert done.code == 1
    assert "cannot be written: Permission denied" in done.err


def test_purge_names_the_files_and_removes_them(home: Home, config: Path) -> None:
    home.json("install", "--yes")
    home.mark("decision", "x")
    (config / "codememory" / "codememory.log").write_text("line")
    planned = home.json("uninstall", "--purge", "--dry-run")["purged"]
    assert str(home.database) in planned
    assert home.database.exists()
    done = home.run("uninstall", "--purge")
    assert done.code == 1, "nobody can be asked"
    assert home.database.exists()
    gone = home.json("uninstall", "--purge", "--yes")["purged"]
    assert str(config / "codememory") in gone
    assert not home.database.exists()
    assert not (config / "codememory").exists()
    assert snapshot(home.root) == {}


def test_purge_keeps_a_database_of_another_program(home: Home) -> None:
    import sqlite3

    with sqlite3.connect(home.database) as other:
        other.execute("CREATE TABLE theirs (x)")
    home.mark("decision", "x")
    held = hashlib.sha256(home.database.read_bytes()).digest()
    gone = home.json("uninstall", "--purge", "--yes")["purged"]
    assert next(Path(one).name for one in gone if ".db" in one) == "codememory-memory.db"
    assert hashlib.sha256(home.database.read_bytes()).digest() == held
    assert not home.database.with_name("codememory-memory.db").exists()


def run_hook(home: Home, event: str, **replaced: str) -> subprocess.CompletedProcess[bytes]:
    """Run a hook as the settings have it, with words replaced in it."""
    entry = settings_of(home.root / ".claude")["hooks"][event][0]["hooks"][0]
    words = [entry["command"], *entry["args"]]
    for old, new in replaced.items():
        words = [word.replace(old, new) for word in words]
    return subprocess.run(
        words, input=home.payload(event, "s1", prompt="why round once?"), capture_output=True, cwd=home.project,
        env=home.environment, timeout=60, check=False,
    )  # fmt: skip


def test_a_hook_of_the_settings_answers(home: Home) -> None:
    home.mark("decision", "Round once, after summing")
    home.json("install", "--yes")
    done = run_hook(home, "SessionStart")
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"Round once" in done.stdout


def test_a_hook_of_a_folder_of_packages_is_as_fast_as_the_launchers(home: Home, monkeypatch: Any) -> None:
    """Isolated, without `site`, from the bundle: with the modules' sources gone it still answers."""
    import apsw

    home.mark("decision", "Round once, after summing")
    site = home.root / "site o'packages"
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(REPOSITORY / "codememory", site / "codememory", ignore=ignored)
    shutil.copytree(Path(apsw.__file__).parent, site / "apsw", ignore=ignored)
    monkeypatch.setattr(entries, "site", lambda: str(site))
    home.json("install", "--yes")
    (site / "codememory" / "hook.py").unlink()
    done = run_hook(home, "SessionStart")
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"Round once" in done.stdout
    home.json("uninstall", "--yes")
    assert not (site / "codememory.bundle").exists()


def test_a_hook_whose_package_is_gone_is_silent(home: Home) -> None:
    """Exit code 2, with which python says that it cannot read a file, would block every prompt."""
    home.json("install", "--yes")
    done = run_hook(home, "SessionStart", **{"codememory.__main__": "codememory_gone.__main__"})
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


@pytest.mark.parametrize(
    "folder",
    [
        "/usr/lib/python3/site-packages",
        "/home/o'brien/env",
        '/odd "quoted"/env',
        "/with space/中文",
        "C:\\Users\\x y\\env",
    ],
)
def test_a_hook_fits_any_folder(folder: str, tmp_path: Path, monkeypatch: Any) -> None:
    """One argument, pure ASCII, no line break: it survives Windows' command lines; the folder comes out whole."""
    monkeypatch.setattr(entries, "site", lambda: folder)
    _, words = entries.hook_command()
    code = words[-1]
    assert words[:-1] == ["-I", "-c"]
    assert code.isascii()
    assert "\n" not in code
    inner = eval(code.removeprefix("exec(").removesuffix(")"))
    (shown,) = re.findall(r"sys\.path\[:0\] = \[(.*)\]\n", inner)
    assert eval(shown) == folder.replace("\\", "/")
    assert entries.is_own_hook({"command": "x", "args": [*words, "hook", "Stop"]})


def test_site_is_left_out_where_the_packages_stand_together(tmp_path: Path, monkeypatch: Any) -> None:
    (tmp_path / "apsw").mkdir()
    monkeypatch.setattr(entries, "site", lambda: str(tmp_path))
    assert entries.hook_command()[1][:2] == ["-I", "-S"]
    assert entries.bundle_path() == str(tmp_path / bundle.NAME)


NOT_OURS: list[Any] = [
    {}, None, 3, {"command": "codememory hook Stop"}, {"args": ["hook"]}, {"args": f"hook {entries.MARK}"},
    {"command": "x", "args": ["-c", entries.MARK]}, {"command": "claude-mem", "args": ["hook", "Stop"]},
    {"args": [1, None, "hook"]},
]  # fmt: skip


@pytest.mark.parametrize("entry", NOT_OURS, ids=str)
def test_foreign_hooks_are_not_taken_for_ours(entry: Any) -> None:
    assert not entries.is_own_hook(entry)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
foreign_groups = st.lists(
    json_values.filter(lambda one: not isinstance(one, dict))
    | st.fixed_dictionaries({"hooks": st.lists(json_values, max_size=3)}),
    max_size=3,
)


@given(
    st.dictionaries(st.text().filter(lambda name: name != "hooks"), json_values, max_size=4),
    st.none() | st.dictionaries(st.sampled_from([*EVENTS, "Notification", "x"]), foreign_groups, max_size=4),
)
def test_what_goes_in_comes_out(settings: dict[str, Any], events: dict[str, Any] | None) -> None:
    """Whatever the settings hold: ours in and out again is nothing, in twice is in once, and order is kept.

    Only that an event of ours was there without any hook is forgotten where the file's own bytes are not put back.
    """
    before = settings if events is None else {**settings, "hooks": events}
    wired = entries.with_hooks(before, "x")
    assert entries.with_hooks(wired, "x") == wired
    assert ours(wired) == EXPECTED
    bare = entries.without_hooks(wired, "x")
    kept = {event: groups for event, groups in (events or {}).items() if groups or event not in EVENTS}
    assert {**bare, "hooks": bare.get("hooks", {})} == {**settings, "hooks": kept}
    assert [name for name in bare if name != "hooks"] == [name for name in before if name != "hooks"]


@given(st.dictionaries(st.text(), json_values, max_size=4), st.sampled_from([None, 2, 4, "\t"]), st.booleans())
def test_a_document_is_read_as_it_was_written(tmp_path_factory: Any, value: Any, indent: Any, ends: bool) -> None:
    path = tmp_path_factory.mktemp("document") / "settings.json"
    path.write_text(json.dumps(value, indent=indent, ensure_ascii=False) + "\n" * ends, "utf-8", errors="surrogatepass")
    if indent is not None or ends:
        found = Document(str(path))
        assert found.value == value
        assert json.loads(found.written(value).decode("utf-8")) == value
