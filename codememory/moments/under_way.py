"""A prompt in the middle of a task is about what was done last: the files edited, the command that failed."""

from __future__ import annotations

from codememory.store import calls, failures, memories

TYPE_CHECKING = False
if TYPE_CHECKING:
    from codememory.moment import Moment
    from codememory.retrieve.plan import Plan

TERMS_MAX = 4
CALLS_MAX = 12
FILES_MAX = 2
FAILED_MAX = 2
STATEMENTS_MAX = 2

STILL_FAILING = (
    "still fail", "still broken", "still not", "still the same", "still get", "still doesn", "still won", "still err",
    "same error", "same failure", "same problem", "not fixed", "didn't help", "did not help", "fails again",
    "failing again", "doesn't work", "does not work", "not working", "try again", "again please", "now it fails",
    "还是不行", "还是失败", "还是报错", "仍然", "再试",
)  # fmt: skip
GOING_ON = (
    "continue", "go on", "keep going", "carry on", "go ahead", "resume", "that file", "this file", "same file",
    "the other one", "the rest", "next one", "finish it", "do the same", "继续", "接着", "这个文件", "那个文件",
)  # fmt: skip


def about(moment: Moment, prompt: str, plan: Plan) -> list[int]:
    """Return what is remembered of the last calls of this session, if the prompt points back at them.

    After a failure that goes on: other failures known of that command's output. When the work goes on: what is bound
    to the files edited last.
    """
    said = prompt.lower()
    if len(plan.terms) > TERMS_MAX:
        return []
    if _holds(said, STILL_FAILING):
        return _failed_last(moment)
    return _bound_to_last_files(moment) if _holds(said, GOING_ON) else []


def _failed_last(moment: Moment) -> list[int]:
    """Return the failures of the commands that failed last which have something known against them."""
    from codememory import remedy

    found: dict[int, None] = {}
    for call in reversed(_latest(moment)):
        if call.outcome == "failed":
            found.update(
                dict.fromkeys(failures.of_call(moment.connection, moment.session.session_id, call.tool_use_id))
            )
            if len(found) >= FAILED_MAX:
                break
    nodes = memories.load_all(moment.connection, list(found)[:FAILED_MAX])
    return [
        node_id for node_id, node in nodes.items() if remedy.of_failure(moment.connection, node).state != remedy.NONE
    ]


def _bound_to_last_files(moment: Moment) -> list[int]:
    """Return the constraints and decisions bound to the files edited last."""
    from codememory.retrieve.search import bound_to

    files = list(dict.fromkeys(call.file for call in reversed(_latest(moment)) if call.file))[:FILES_MAX]
    bound = [node_id for file in files for node_id in bound_to(moment.connection, moment.project_id, file)]
    nodes = memories.load_all(moment.connection, bound)
    found = [
        node_id
        for node_id in dict.fromkeys(bound)
        if nodes[node_id].kind in ("constraint", "decision") and nodes[node_id].status == memories.ACTIVE
    ]
    return found[:STATEMENTS_MAX]


def _latest(moment: Moment) -> list[calls.Ended]:
    return calls.changes_between(moment.connection, moment.session.session_id, 0, moment.now, CALLS_MAX)


def _holds(said: str, marks: tuple[str, ...]) -> bool:
    return any(mark in said for mark in marks)
