"""The documents say what the code does: generated parts are fresh, links lead somewhere, commands and fields exist."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from docs import generate

ROOT = generate.REPOSITORY
DOCUMENTS = sorted([*ROOT.glob("README*.md"), *ROOT.glob("docs/*.md")])
READMES = [path for path in DOCUMENTS if path.name.startswith("README")]
PROGRAM = Path(sys.executable).with_name("codememory")
README_LINES_MAX = 150
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
CODE = re.compile(r"^```sh\n(.*?)^```|`([^`\n]+)`", re.DOTALL | re.MULTILINE)
NAMED_TEST = re.compile(r"`(tests/[a-z0-9_/]+\.py(?:::test_[a-z0-9_]+)?)`")
DOCUMENTED = {"CONFIGURATION.md": "settings", "SCHEMA.md": "tables", "CLI.md": "help"}


@pytest.mark.parametrize("path", list(generate.documents()), ids=lambda path: path.name)
def test_generated_parts_are_fresh(path: Path) -> None:
    assert generate.renewed(path) == path.read_text("utf-8"), "run `make docs`"


@pytest.mark.parametrize("name", DOCUMENTED, ids=str)
def test_each_reference_is_generated(name: str) -> None:
    assert f"<!-- generated: {DOCUMENTED[name]} -->" in (ROOT / "docs" / name).read_text("utf-8")


@pytest.mark.parametrize("name", sorted(set(NAMED_TEST.findall((ROOT / "docs" / "PARITY.md").read_text("utf-8")))))
def test_each_test_that_is_named_exists(name: str) -> None:
    path, _, function = name.partition("::")
    assert (ROOT / path).is_file(), path
    assert not function or f"def {function}(" in (ROOT / path).read_text("utf-8"), function


def test_no_table_or_index_of_the_schema_is_left_out() -> None:
    from codememory.schema import ADDED_1_1, SCHEMA

    assert generate.tables().count("CREATE ") == (SCHEMA + ADDED_1_1).count("CREATE ")


def test_check_names_the_stale_document(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    (tmp_path / "docs").mkdir()
    stale = tmp_path / "docs" / "OLD.md"
    stale.write_text("<!-- generated: version -->\nlong ago\n<!-- /generated -->\n")
    monkeypatch.setattr(generate, "REPOSITORY", tmp_path)
    monkeypatch.setattr(sys, "argv", ["generate", "--check"])
    with pytest.raises(SystemExit) as left:
        generate.main()
    assert left.value.code == 1
    assert "OLD.md is stale" in capsys.readouterr().err
    monkeypatch.setattr(sys, "argv", ["generate"])
    with pytest.raises(SystemExit) as left:
        generate.main()
    assert left.value.code == 0
    assert generate.version() in stale.read_text()


EXCERPTS = {
    "the same": ("- a [mem_12ab, 3s ago]", "- a [mem_12ab, 3s ago]", True),
    "other ids and ages": ("- a [mem_12ab, 3s ago]", "- a [mem_ff00, 12d ago]", True),
    "wrapped elsewhere": ("- a\n  [mem_12ab, 3s ago]", "- a [mem_12ab,\n  3s ago]", True),
    "broken inside an age": ("- a [mem_12ab, 3s\n  ago]", "- a [mem_12ab, 4s ago]", True),
    "another word": ("- a [mem_12ab, 3s ago]", "- b [mem_12ab, 3s ago]", False),
    "a memory for a message": ("- a [mem_12ab]", "- a [msg_12ab]", False),
}


@pytest.mark.parametrize("case", EXCERPTS, ids=str)
def test_an_excerpt_is_kept_only_if_it_says_the_same(case: str) -> None:
    old, new, same = EXCERPTS[case]
    assert generate.same(old, new) is same


def headings(path: Path) -> set[str]:
    """Return the anchors of a document as they are made from its headings."""
    found = re.findall(r"^#+ (.+)$", path.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in found}


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(path: Path) -> None:
    for target in LINK.findall(path.read_text("utf-8")):
        if "://" in target:
            continue
        name, _, anchor = target.partition("#")
        linked = (path.parent / name).resolve() if name else path
        assert linked.exists(), target
        assert not anchor or anchor in headings(linked), target


@pytest.mark.parametrize("path", READMES, ids=lambda path: path.name)
def test_the_readme_is_short(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= README_LINES_MAX


def test_the_readmes_have_the_same_parts() -> None:
    shapes = [
        re.findall(r"^(#+ |```\w+|\|---|<!-- generated.*)", path.read_text("utf-8"), re.MULTILINE) for path in READMES
    ]
    assert shapes[0] == shapes[1]


def commands_in(path: Path) -> Iterator[list[str]]:
    """Yield the words of every command that a document shows."""
    for block, inline in CODE.findall(path.read_text("utf-8")):
        for line in (block or inline).splitlines():
            if line.startswith(("codememory ", "make ", ".venv/bin/python ")):
                yield shlex.split(line, comments=True)


@pytest.mark.parametrize("path", READMES, ids=lambda path: path.name)
def test_commands_shown_exist(path: Path) -> None:
    known = generate.commands()
    targets = re.findall(r"^([a-z0-9-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    shown = list(commands_in(path))
    assert shown
    for words in shown:
        if words[0] == "make":
            assert words[1] in targets, words
        elif words[0] == ".venv/bin/python":
            assert words[1] == "-m", words
            assert (ROOT / words[2].replace(".", "/")).with_suffix(".py").exists(), words
        elif words[1] != "hook":
            name = " ".join(words[:3]) if " ".join(words[:3]) in known else " ".join(words[:2])
            assert name in known, words
            options = {option for parameter in known[name].params for option in parameter.opts}
            assert options.issuperset(word for word in words if word.startswith("--")), words


def documented(section: str) -> dict[str, str]:
    """Return field → type of the tables under a heading of docs/JSON.md."""
    text = (ROOT / "docs" / "JSON.md").read_text("utf-8")
    body = re.search(rf"^#+ {re.escape(section)}\n(.*?)(?=^#|\Z)", text, re.DOTALL | re.MULTILINE)
    assert body, f"docs/JSON.md has no heading {section!r}"
    return dict(re.findall(r"^\| `([^`]+)` \| ([^|]+?) \|", body[1], re.MULTILINE))


def fields_of(value: Any, fields: dict[str, str], name: str = "") -> Iterator[str]:
    """Yield the documented names of a document's fields; an undocumented one goes by its own name."""
    if name in fields:
        yield name
    elif isinstance(value, dict):
        for key, inner in value.items():
            under = f"{name}." if name else ""
            starred = any(known == f"{under}*" or known.startswith(f"{under}*.") for known in fields)
            yield from fields_of(inner, fields, f"{under}{'*' if starred else key}")
    elif isinstance(value, list):
        for inner in value:
            yield from fields_of(inner, fields, f"{name}[]")
    else:
        yield name


SESSION = "d3300000-0000-4000-8000-000000000001"
SUMMARY = "They fixed the rounding and loaded no rates."


class Store:
    """A store with the demonstration's first session, a compaction and marks, read through the command line."""

    def __init__(self, home: Path) -> None:
        self.home, self.project = home, home / "shop"
        self.project.mkdir()
        self.variables = {"HOME": str(home), "PATH": os.environ["PATH"], "CLAUDE_CODE_SESSION_ID": SESSION}
        self.variables["CODEMEMORY_COMPACTION_DISABLE_LLM"] = "true"
        transcript = home / ".claude" / "projects" / "-shop" / f"{SESSION}.jsonl"
        transcript.parent.mkdir(parents=True)
        records = map(json.loads, (ROOT / "tests" / "demo" / "first.jsonl").read_text("utf-8").splitlines())
        lines = [json.dumps(record["line"]) for record in records if "line" in record]
        text = (
            "\n".join(lines).replace("@HOME@/code/shop", str(self.project)).replace("@NOW@", "2026-03-01T10:00:00.000Z")
        )
        transcript.write_text(text + "\n", "utf-8")
        self.backfill = self.json("backfill")
        told = {"session_id": SESSION, "cwd": str(self.project), "compact_summary": SUMMARY}
        self.run("hook", "PostCompact", stdin=json.dumps(told))
        self.marked = self.json("mark", "decision", "Totals are rounded once", "--file", "invoice.py")
        self.newer = self.json("mark", "decision", "Totals are rounded at the end", "--supersedes", self.marked["id"])
        self._let_the_user_say_that_it_works(transcript)
        asked = {"session_id": SESSION, "cwd": str(self.project), "prompt": "When are totals rounded in invoice.py?"}
        self.run("hook", "UserPromptSubmit", stdin=json.dumps(asked))

    def _let_the_user_say_that_it_works(self, transcript: Path) -> None:
        """Say so where several failures could be meant, which waits for a decision."""
        edit = {"file_path": str(self.project / "rates.csv"), "old_string": "2026", "new_string": "2027"}
        call = {"tool_name": "Edit", "tool_use_id": "toolu_edit", "tool_input": edit, "tool_response": {}}
        self.run("hook", "PostToolUse", stdin=json.dumps({"session_id": SESSION, "cwd": str(self.project), **call}))
        line = json.loads(transcript.read_text("utf-8").splitlines()[-1])
        said = {
            "type": "user", "message": {"role": "user", "content": "It works now."}, "cwd": str(self.project),
            "uuid": "0a6b2d1c-0000-4000-8000-000000000001", "timestamp": "2126-01-01T00:00:00.000Z",
            "sessionId": line["sessionId"],
        }  # fmt: skip
        with transcript.open("a", encoding="utf-8") as file:
            file.write(json.dumps(said) + "\n")
        self.json("backfill")

    def run(self, *words: str, stdin: str = "") -> str:
        """Run a command and return its standard output."""
        done = subprocess.run(
            [PROGRAM, *words], input=stdin, env=self.variables, cwd=self.project, capture_output=True, text=True,
            timeout=60, check=False,
        )  # fmt: skip
        assert done.returncode in (0, 1), done.stderr
        return done.stdout

    def json(self, *words: str, stdin: str = "") -> Any:
        """Return a command's document."""
        return json.loads(self.run(*words, "--json", stdin=stdin))


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Return the store that the documents describe."""
    return Store(tmp_path_factory.mktemp("home"))


def documents_of(store: Store, section: str) -> list[Any]:
    """Return what the commands of a section of docs/JSON.md print."""
    if section == "grep":
        return [store.json("grep", words, "--scope", "all") for words in ("invoice rounded totals", "zyzzyva")]
    if section.startswith("describe: a "):
        wanted = {"message": store.json("grep", "label printer")["hits"][0]["id"], "session": SESSION}
        summary = store.json("describe", SESSION)["summaries"][0]
        return [store.json("describe", {**wanted, "summary": summary}[section.rpartition(" ")[2]])]
    if section == "expand":
        summary = store.json("describe", SESSION)["summaries"][0]
        return [store.json("expand", one, "--token-budget", "100") for one in (SESSION, summary, store.newer["id"])]
    if section == "memory list":
        return [store.json("memory", "list")]
    if section == "memory show":
        failures = store.json("memory", "list", "--kind", "failure")["nodes"]
        return [store.json("memory", "show", one) for one in (failures[0]["id"], store.newer["id"])]
    if section == "memory pending list":
        return [store.json("memory", "pending", "list")]
    if section == "memory pending apply, dismiss":
        pending = store.json("memory", "pending", "list")["pending"]
        return [store.json("memory", "pending", "dismiss", one["id"]) for one in pending]
    if section == "memory resolve, reopen, stale":
        return [store.json("memory", verb, store.newer["id"]) for verb in ("resolve", "reopen", "stale")]
    if section == "export":
        return [store.json("export", "--output", str(store.home / "export.jsonl"), "--force")]
    if section == "import":
        store.json("export", "--output", str(store.home / "export.jsonl"), "--force")
        return [store.json("import", str(store.home / "export.jsonl"))]
    if section == "memory quarantine, release":
        return [store.json("memory", verb, store.newer["id"]) for verb in ("quarantine", "release")]
    if section == "memory forget":
        failure = store.json("memory", "list", "--kind", "failure")["nodes"][0]
        wanted = [failure["id"], failure["evidence"][0], SESSION]
        return [store.json("memory", "forget", *wanted, "--dry-run"), store.json("memory", "forget", failure["id"])]
    if section == "prune":
        shown = store.json("prune", "--older-than", "1d")
        copy = store.json("backup", "--output", str(store.home / "pruned.db"), "--force")["path"]
        store.variables["CODEMEMORY_DATABASE_PATH"] = copy
        done = store.json("prune", "--older-than", "0d", "--yes")
        del store.variables["CODEMEMORY_DATABASE_PATH"]
        return [shown, done]
    simple = {
        "memory supersede": ["memory", "supersede", store.marked["id"], "--by", store.newer["id"]],
        "memory events": ["memory", "events", store.newer["id"]],
        "memory relations": ["memory", "relations", store.newer["id"]],
        "memory maintain": ["memory", "maintain"],
        "why": ["why", store.json("memory", "list", "--kind", "failure")["nodes"][0]["id"]],
        "status": ["status"],
        "check": ["check", "--file", "load_rates.py"],
        "view": ["view"],
        "doctor": ["doctor"],
        "backup": ["backup", "--output", str(store.home / "copy.db"), "--force"],
        "ask": ["ask", "how are invoice totals rounded?"],
        "watch": ["watch", "--once"],
        "project list": ["project", "list"],
        "project link": ["project", "link", str(store.project), str(store.home), "--dry-run"],
    }
    if section in simple:
        return [store.json(*simple[section])]
    if section == "watch --status":
        copy = store.home / ".claude" / "projects" / "-other" / "behind.jsonl"
        copy.parent.mkdir()
        copy.write_text("{}\n")
        return [store.json("watch", "--status")]
    if section == "install, uninstall":
        return [store.json(*words) for words in (["install", "--yes"], ["uninstall", "--purge", "--dry-run"])]
    if section == "signature":
        error = "make: *** No rule to make target 'check'.  Stop.\n"
        return [store.json("signature", "--command", "make check", "--exit-code", "2", stdin=error)]
    if section == "backfill":
        return [store.backfill, store.json("backfill", "--dry-run")]
    if section == "compact":
        return [store.json("compact", "--no-llm"), store.json("compact")]
    assert section == "mark"
    return [store.marked, store.newer]


SECTIONS = [
    "status", "grep", "describe: a message", "describe: a session", "describe: a summary", "expand", "check",
    "signature", "mark", "memory list", "memory show", "memory supersede", "memory events", "memory relations",
    "memory maintain", "memory pending list", "memory pending apply, dismiss", "memory resolve, reopen, stale", "why",
    "view",
    "backfill", "doctor", "ask", "compact", "watch", "watch --status", "project list", "project link",
    "install, uninstall", "export", "import", "backup", "prune", "memory forget", "memory quarantine, release",
]  # fmt: skip


@pytest.mark.parametrize("section", SECTIONS, ids=str)
def test_documents_hold_the_documented_fields(store: Store, section: str) -> None:
    fields = documented(section)
    if section == "memory show":
        fields |= {name.removeprefix("nodes[]."): kind for name, kind in documented("memory list").items()}
    seen = [set(fields_of(found, fields)) for found in documents_of(store, section)]
    assert not set.union(*seen) - set(fields), "not in docs/JSON.md"
    needed = {name for name, kind in fields.items() if not kind.endswith("?")}
    assert not needed - set.union(*seen), "in docs/JSON.md, but not there"


def test_expanded_messages_are_described_ones(store: Store) -> None:
    fields = documented("describe: a message")
    found = store.json("expand", SESSION, "--token-budget", "0")["messages"]
    assert {name for one in found for name in fields_of(one, fields)} <= set(fields)
