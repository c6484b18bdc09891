"""What a prompt brings: the memory it is about, by other words too, and nothing where it is about something else."""

from __future__ import annotations

import pytest
from fixtures.homes import Home

from codememory import records
from codememory.retrieve import plan as planning
from codememory.retrieve import search
from codememory.store import memories, projects

MEMORIES = {
    "locks": "Use Postgres advisory locks so that two workers never invoice one account",
    "zone": "All timestamps are UTC in the database and converted at the edge",
    "paging": "Pagination is by cursor, not by offset",
    "sparse": "restore should preserve sparse files one day",
    "pdf": "PDF rendering uses WeasyPrint in a separate worker",
    "quota": "Rate limiting is a token bucket per API key at 100 requests per minute",
    "中文": "删除快照之前必须二次确认",
    "trial": "Trial accounts get no invoice at all",
    "flags": "Feature flags are read from Unleash, never from environment variables",
}


@pytest.fixture
def shop(home: Home) -> Home:
    """Return a home with these memories."""
    for text in MEMORIES.values():
        home.mark("decision", text)
    return home


def first(home: Home, prompt: str) -> str:
    """Return the first thing that a prompt brings, '' for nothing."""
    lines = home.told("UserPromptSubmit", home.names.uuid(), prompt=prompt).splitlines()
    return next((line for line in lines if line.startswith("- ")), "")


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        pytest.param("how do we keep workers from invoicing an account twice?", "locks", id="other endings"),
        pytest.param("which timezone are our timestamps saved in?", "zone", id="another word for it"),
        pytest.param("add limit and offset params for paging", "paging", id="what was rejected"),
        pytest.param("sparse disk images grow after a restore", "sparse", id="an open task"),
        pytest.param("can I use WeasyPrint here?", "pdf", id="one rare word"),
        pytest.param("how many requests per minute may an api key make?", "quota", id="many common words"),
        pytest.param("删除快照需要确认吗", "中文", id="Chinese"),
        pytest.param("do we ask before a snapshot is deleted? 快照", "中文", id="Chinese and English"),
        pytest.param("I'll put the new feature flag into an env var", "flags", id="an abbreviation"),
    ],
)
def test_a_prompt_brings_the_memory_that_answers_it(shop: Home, prompt: str, expected: str) -> None:
    assert MEMORIES[expected] in first(shop, prompt)


@pytest.mark.parametrize(
    "prompt",
    [
        "fix the tests", "continue", "commit this", "why is it slow", "add a button", "deploy it",
        "looks good, ship it",
        "update the readme", "show me the database schema", "add logging", "run the build again", "修复测试", "继续",
        "Write a chess engine in Rust with alpha-beta search and a transposition table",
        'Traceback (most recent call last):\n  File "train.py", line 3, in main\nRuntimeError: CUDA out of memory',
    ],
)  # fmt: skip
def test_a_prompt_about_something_else_brings_nothing(shop: Home, prompt: str) -> None:
    assert first(shop, prompt) == ""


def test_a_common_word_is_common_in_a_small_store_too(home: Home) -> None:
    """Rarity in a store of one says nothing: the word is common anywhere."""
    home.mark("decision", "The build runs in a container")
    assert first(home, "the build is broken") == ""


def test_the_more_a_store_holds_the_more_it_takes(home: Home) -> None:
    """One word in common is no chance among a few memories, and is one among thousands."""
    home.mark("decision", "Marmalade is served with breakfast")
    prompt = "paint the kitchen cupboards of the dollhouse, then varnish the marmalade shelf with lacquer"
    assert "Marmalade" in first(home, "is there marmalade?")
    connection = home.connect()
    project_id = projects.place_of(connection, str(home.project), 1).project_id
    connection.execute("BEGIN")
    for number in range(3_000):
        draft = memories.Draft(
            records.key_of("filler", str(number)), "decision", f"word{number} other{number % 7}", project_id, None,
            origin="user", trust=memories.STATED, confidence=1.0,
        )  # fmt: skip
        memories.add(connection, draft, 1)
    connection.execute("COMMIT")
    assert first(home, prompt) == ""


def test_a_file_brings_what_is_bound_to_it_or_to_its_glob(home: Home) -> None:
    home.mark("constraint", "Every step must be reversible", "--glob", "migrations/**")
    home.mark("constraint", "Only the ledger writes here", "--file", "app/ledger.py")
    assert "reversible" in first(home, "write migrations/0150_tax.py")
    assert "Only the ledger" in first(home, "look at app/ledger.py please")
    assert first(home, "look at main.py and README.md") == ""


def test_a_failure_takes_a_word_of_failing(home: Home) -> None:
    error = 'Exit code 1\napp/vat.py:8: error: Incompatible return value type (got "float", expected "Cents")'
    given = {"tool_name": "Bash", "tool_use_id": "t1", "tool_input": {"command": "mypy app"}}
    home.told("PostToolUseFailure", "old", error=error, **given)
    assert "Cents" in first(home, "mypy complains about Cents in vat.py, an error")
    assert first(home, "set up pre-commit with ruff and mypy") == ""


def test_the_kind_that_is_asked_for_comes_first(home: Home) -> None:
    home.mark("constraint", "Snapshots with prune locks must stay")
    home.mark("decision", "Snapshots use prune locks", "--why", "history was lost")
    assert "history was lost" in first(home, "why do snapshots use prune locks?")
    assert "must stay" in first(home, "may I remove snapshots with prune locks?")


def test_another_branch_comes_later_but_comes(home: Home) -> None:
    home.mark("decision", "Invoices are rounded half even by banker rules")
    connection = home.connect()
    connection.execute("UPDATE node SET branch = 'feature'")
    project_id = projects.place_of(connection, str(home.project), 1).project_id
    home.mark("decision", "Invoices are rounded half even by tax rules")
    connection.execute("UPDATE node SET branch = 'main' WHERE branch = ''")
    plan = planning.planned("how are invoices rounded, half even?")
    for branch, expected in (("main", "tax"), ("feature", "banker")):
        found = search.for_prompt(connection, project_id, plan, branch=branch)
        assert len(found) == 2
        assert expected in found[0].content


def test_age_never_silences(home: Home) -> None:
    home.mark("decision", "Pagination is by cursor, not by offset")
    connection = home.connect()
    project_id = projects.place_of(connection, str(home.project), 1).project_id
    century = 100 * 365 * 86_400_000
    now = connection.execute("SELECT max(updated_at) FROM node").get + century
    assert search.for_prompt(connection, project_id, planning.planned("offset or cursor for paging?"), now=now)


def test_what_a_subagent_said_is_searched_but_not_brought(home: Home) -> None:
    words = "the zebra crossing detector misses ponchos at twilight"
    main = home.conversation(turns=1)
    agent = home.transcript(main.session, agent="a1")
    agent.say("assistant", [{"type": "text", "text": words}])
    agent.write()
    home.told("Stop", main.session)
    home.run("backfill", str(home.folder))
    prompt = "does the zebra detector still miss ponchos at twilight?"
    assert home.told("UserPromptSubmit", "s1", prompt=prompt) == ""
    assert home.json("grep", "ponchos at twilight")["hits"]
