"""A model's judgement: taken only where it names what it was shown, after a turn, once for each decision."""

from __future__ import annotations

import json

import apsw
import pytest
from fixtures.claude import FakeClaude
from fixtures.homes import Home

from codememory import judge, llm, records
from codememory.budget import Deadline
from codememory.retrieve import plan as planning
from codememory.store import memories, sessions

OLD, NEW = "Totals are rounded after every row", "Totals are rounded once, after summing all rows"


@pytest.fixture
def claude(home: Home) -> FakeClaude:
    """Return the stand-in for the client, the judge and the planner allowed."""
    home.set(
        CODEMEMORY_AUTO_SUPERSEDE_VIA_LLM="true", CODEMEMORY_QUERY_PLANNER_ENABLED="true",
        CODEMEMORY_LLM_CALLS_PER_HOUR="50", CODEMEMORY_QUERY_PLANNER_TIMEOUT_MS="5000",
    )  # fmt: skip
    return FakeClaude(home)


class Decisions:
    """An earlier decision of one session, a newer one of another, and one on something else."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self.other = home.mark("decision", "Rows of the ledger are sorted by date")
        self.old = home.mark("decision", OLD, "--session", "before")
        self.new = home.mark("decision", NEW, "--session", "now")

    def status(self, whole_id: str) -> str:
        return str(self.home.json("describe", whole_id)["status"])

    def judged(self, connection: apsw.Connection) -> list[str]:
        session = sessions.find(connection, "now")
        assert session is not None
        return judge.supersede(connection, session.session_id, session.project_id, Deadline(10_000))


@pytest.fixture
def made(home: Home) -> Decisions:
    """Return the three decisions."""
    return Decisions(home)


def short(whole_id: str) -> str:
    """Return an id as it is shown."""
    return whole_id[: len("mem_") + records.SHORT_HEX]


def test_a_replaced_decision_is_superseded(connection: apsw.Connection, made: Decisions, claude: FakeClaude) -> None:
    claude.play(("answer", "Here it is: " + json.dumps({short(made.new): [short(made.old)]})))
    assert made.judged(connection) == [made.old]
    assert (made.status(made.old), made.status(made.new), made.status(made.other)) == ("superseded", "active", "active")
    relations = made.home.json("memory", "relations", made.new)
    assert made.old in json.dumps(relations)
    prompt = claude.calls[0]["given"]
    assert OLD in prompt
    assert NEW in prompt
    claude.play("garbage")
    assert made.judged(connection) == []
    assert claude.calls == [], "it is judged once"


ANSWERS = {
    "nothing": ("answer", "{}"),
    "no JSON": ("answer", "I would keep both."),
    "an id it was not shown": ("answer", '{"mem_ffffffffffff": ["mem_eeeeeeeeeeee"]}'),
    "no list": ("answer", '{"NEW": "OLD"}'),
    "itself": ("answer", '{"NEW": ["NEW"]}'),
    "numbers": ("answer", '{"NEW": [1, null, {}]}'),
    "garbage": "garbage",
    "its input back": "echo",
    "fails": "fail",
}


@pytest.mark.parametrize("case", ANSWERS, ids=str)
def test_no_judgement_changes_nothing(
    connection: apsw.Connection, made: Decisions, claude: FakeClaude, case: str
) -> None:
    step = ANSWERS[case]
    if isinstance(step, tuple):
        step = (step[0], step[1].replace("NEW", short(made.new)).replace("OLD", short(made.old)))
    claude.play(step)
    assert made.judged(connection) == []
    assert len(claude.calls) == 1
    assert {made.status(one) for one in (made.old, made.new, made.other)} == {"active"}


def test_what_a_user_stated_is_only_proposed(connection: apsw.Connection, made: Decisions, claude: FakeClaude) -> None:
    connection.execute("UPDATE node SET origin = 'extracted' WHERE content = ?", (NEW,))
    claude.play(("answer", json.dumps({short(made.new): [short(made.old)]})))
    assert made.judged(connection) == []
    assert made.status(made.old) == "active"
    (pending,) = made.home.json("memory", "pending", "list")["pending"]
    assert (pending["node"], pending["status"]) == (made.old, "superseded")


def test_off_by_default_and_without_candidates_no_process_is_started(
    home: Home, connection: apsw.Connection, claude: FakeClaude
) -> None:
    home.mark("decision", NEW, "--session", "now")
    alone = Decisions.judged
    assert alone(Decisions.__new__(Decisions), connection) == []
    home.mark("decision", "Totals are rounded again after summing all rows", "--session", "now")
    home.set(CODEMEMORY_AUTO_SUPERSEDE_VIA_LLM="false")
    assert alone(Decisions.__new__(Decisions), connection) == []
    assert claude.calls == []


def test_the_number_of_candidates_is_limited(home: Home, connection: apsw.Connection, claude: FakeClaude) -> None:
    home.set(CODEMEMORY_AUTO_SUPERSEDE_MAX_CANDIDATES="3")
    for number in range(8):
        home.mark("decision", f"Totals of sheet {number} are rounded after every row")
    made = Decisions(home)
    claude.play(("answer", "{}"))
    made.judged(connection)
    assert claude.calls[0]["given"].partition("Earlier:")[2].count("mem_") == 3


def test_the_background_entry_judges_and_a_hook_does_not(home: Home, made: Decisions, claude: FakeClaude) -> None:
    home.conversation(turns=1, session="now")
    claude.play(("answer", json.dumps({short(made.new): [short(made.old)]})))
    home.hook("Stop", home.payload("Stop", "now"))
    assert claude.calls == []
    home.hook("Stop", home.payload("Stop", "now"), "--background")
    assert made.status(made.old) == "superseded"


def test_a_plan_learns_words(connection: apsw.Connection, claude: FakeClaude) -> None:
    claude.play(("answer", '```json\n{"terms": ["Rounding drift", "the"], "files": ["total.py"], "symbols": [3]}\n```'))
    fast = planning.planned("why is the sum off by a cent?")
    found, reason = judge.planned(connection, "why is the sum off by a cent?", fast)
    assert reason == ""
    assert found.terms == [*fast.terms, "rounding", "drift"]
    assert (found.files, found.symbols) == (["total.py"], [])


@pytest.mark.parametrize("how", ["hang", "garbage", "fail", ("answer", "total.py, I think")], ids=str)
def test_without_a_plan_the_fast_one_stays(
    home: Home, connection: apsw.Connection, claude: FakeClaude, how: str | tuple[str, str]
) -> None:
    home.set(CODEMEMORY_QUERY_PLANNER_TIMEOUT_MS="1200")
    claude.play(how)
    fast = planning.planned("why is the sum off by a cent?")
    found, reason = judge.planned(connection, "why is the sum off by a cent?", fast)
    assert found is fast
    assert reason


def test_the_limit_reaches_the_judge(
    home: Home, connection: apsw.Connection, made: Decisions, claude: FakeClaude
) -> None:
    home.set(CODEMEMORY_LLM_CALLS_PER_HOUR="0")
    with pytest.raises(llm.NoModelError):
        made.judged(connection)
    assert memories.unjudged(connection, 2, 10), "it can be judged later"


@pytest.mark.parametrize(
    ("text", "expected"),
    [("{}", {}), ('x {"a": [1]} y', {"a": [1]}), ("[1]", None), ("{", None), ("} {", None), ('{"a": }', None)],
)
def test_object_in(text: str, expected: object) -> None:
    assert judge.object_in(text) == expected
