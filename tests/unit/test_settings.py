"""Each variable of the described product has its default here, and does what its name says."""

from __future__ import annotations

import pytest
from fixtures.claude import FakeClaude
from fixtures.homes import Home

from codememory import config, judge
from codememory.retrieve import plan as planning

HAIKU = "claude-haiku-4-5-20251001"
DEFAULTS = {
    "ENABLED": True,
    "DATABASE_PATH": "",
    "WORKSPACE_ROOT": "",
    "DEBUG_TOOLS_ENABLED": False,
    "COMPACTION_ENABLED": True,
    "COMPACTION_TOKEN_THRESHOLD": 30_000,
    "COMPACTION_FRESH_TAIL_COUNT": 20,
    "COMPACTION_DISABLE_LLM": False,
    "EXPANSION_MODEL": HAIKU,
    "QUERY_PLANNER_MODEL": HAIKU,
    "COMPACTION_MODEL": HAIKU,
    "AUTO_SUPERSEDE_MODEL": HAIKU,
    "QUERY_PLANNER_ENABLED": False,
    "AUTO_SUPERSEDE_VIA_LLM": False,
    "EXPLORED_TARGET_WINDOW_MS": 1_800_000,
}


@pytest.fixture
def claude(home: Home) -> FakeClaude:
    """Return the stand-in for the client, every use of a model allowed."""
    home.set(
        CODEMEMORY_AUTO_SUPERSEDE_VIA_LLM="true", CODEMEMORY_QUERY_PLANNER_ENABLED="true",
        CODEMEMORY_LLM_CALLS_PER_HOUR="50", CODEMEMORY_QUERY_PLANNER_TIMEOUT_MS="5000",
        CODEMEMORY_COMPACTION_FRESH_TAIL_COUNT="0",
    )  # fmt: skip
    return FakeClaude(home)


@pytest.mark.parametrize("name", DEFAULTS, ids=str)
def test_the_default_is_the_described_one(home: Home, name: str) -> None:
    assert config.setting(name) == DEFAULTS[name]


def test_the_database_is_where_it_was_described(home: Home) -> None:
    assert config.database_path() == str(home.root / ".claude" / "codememory.db")


def test_the_workspace_root_is_what_file_paths_are_relative_to(home: Home) -> None:
    below = home.project / "packages" / "shop"
    below.mkdir(parents=True)
    home.set(CODEMEMORY_WORKSPACE_ROOT=str(below))
    made = home.transcript()
    made.failing("python -m pytest", "FAILED test_a.py::test_a - KeyError: 'a'")
    change = {"file_path": str(below / "cart.py"), "old_string": "a", "new_string": "b"}
    made.tool("Edit", change, "Updated.")
    made.write()
    home.told("Stop", made.session)
    files = home.connect().execute("SELECT DISTINCT file FROM tool_call WHERE file IS NOT NULL").fetchall()
    assert files == [("cart.py",)]


@pytest.mark.parametrize(("window_ms", "tiers"), [("1800000", ["L", "N"]), ("0", ["L", "L"])])
def test_exploring_a_target_again_within_the_window_is_repetition(home: Home, window_ms: str, tiers: list[str]) -> None:
    home.set(CODEMEMORY_EXPLORED_TARGET_WINDOW_MS=window_ms)
    made = home.transcript()
    for _ in range(2):
        made.tool("Read", {"file_path": str(home.project / "a.py")}, "     1\tdef a():\n" * 40)
    made.write()
    home.told("Stop", made.session)
    found = home.connect().execute("SELECT tier FROM message WHERE kind = 'result' ORDER BY message_id").fetchall()
    assert [tier for (tier,) in found] == tiers


def model_of(claude: FakeClaude) -> str:
    """Return the one model that calls asked for."""
    (found,) = {call["words"][call["words"].index("--model") + 1] for call in claude.calls}
    return str(found)


def test_each_use_of_a_model_has_its_own(home: Home, claude: FakeClaude) -> None:
    home.set(
        CODEMEMORY_EXPANSION_MODEL="expands", CODEMEMORY_QUERY_PLANNER_MODEL="plans",
        CODEMEMORY_COMPACTION_MODEL="compacts", CODEMEMORY_AUTO_SUPERSEDE_MODEL="judges",
    )  # fmt: skip
    made = home.conversation(turns=6)
    home.told("Stop", made.session)

    home.json("compact", "--session", made.session)
    used = {"compacts": model_of(claude)}

    home.mark("decision", "Totals are rounded after every row", "--session", "before")
    home.mark("decision", "Totals are rounded once, after summing all rows", "--session", made.session)
    claude.play(("answer", "{}"))
    home.hook("Stop", home.payload("Stop", made.session), "--background", CODEMEMORY_COMPACTION_ENABLED="false")
    used["judges"] = model_of(claude)

    claude.play(("answer", "{}"))
    judge.planned(home.connect(), "why is it off by a cent?", planning.planned("why is it off by a cent?"))
    used["plans"] = model_of(claude)

    claude.play(("answer", "Summed first [mem_1]."))
    home.set(CODEMEMORY_QUERY_PLANNER_ENABLED="false")
    home.json("ask", "how are invoice totals rounded?", "--delegate")
    used["expands"] = model_of(claude)
    assert used == {name: name for name in used}
    assert len(used) == 4


def test_nothing_starts_a_model_where_models_are_forbidden(home: Home, claude: FakeClaude) -> None:
    home.set(CODEMEMORY_COMPACTION_DISABLE_LLM="true")
    made = home.conversation(turns=6)
    home.told("Stop", made.session)
    home.json("compact", "--session", made.session)
    home.json("ask", "how are invoice totals rounded?", "--delegate")
    home.hook("Stop", home.payload("Stop", made.session), "--background")
    assert claude.calls == []


def test_compaction_can_be_switched_off(home: Home) -> None:
    home.set(
        CODEMEMORY_COMPACTION_TOKEN_THRESHOLD="1", CODEMEMORY_COMPACTION_FRESH_TAIL_COUNT="0",
        CODEMEMORY_LEAF_CHUNK_TOKENS="400", CODEMEMORY_LEAF_TARGET_TOKENS="100", CODEMEMORY_HOOK_BUDGET_MS="10000",
    )  # fmt: skip
    counts = {}
    for enabled in ("false", "true"):
        home.set(CODEMEMORY_COMPACTION_ENABLED=enabled)
        home.told("Stop", home.conversation(turns=20).session)
        counts[enabled] = home.json("status")["counts"]["summaries"]
    assert counts["false"] == 0
    assert counts["true"] > 0
