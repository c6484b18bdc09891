"""SubagentStart and SubagentStop: a short brief for the task, then what the subagent did."""

from __future__ import annotations

import os

from codememory import ingest
from codememory.budget import Deadline
from codememory.moments.prompt import entry_of
from codememory.retrieve import plan as planning
from codememory.retrieve import search
from codememory.store import calls, memories

TYPE_CHECKING = False
if TYPE_CHECKING:
    from codememory.moment import Moment

BRIEF_CHARS_MAX = 500
KINDS = ("constraint", "failure")
GENERAL_MAX = 2


def told_at_start(moment: Moment) -> str:
    """Return the constraints and failures that touch the subagent's task, then constraints bound to nothing."""
    task = calls.claim(moment.connection, moment.session.session_id, moment.text("agent_type"), moment.text("agent_id"))
    found = []
    if task:
        nodes = search.for_prompt(moment.connection, moment.project_id, planning.planned(task))
        found = [node for node in nodes if node.kind in KINDS]
        found.sort(key=lambda node: KINDS.index(node.kind))
    known = {node.node_id for node in found}
    newest = memories.newest_own_first(
        moment.connection, moment.project_id, "constraint", memories.ACTIVE, GENERAL_MAX * 4
    )
    general = [
        node
        for node in newest
        if node.node_id not in known
        and not any(kind in ("file", "glob") for kind, _, _ in memories.tags_of(moment.connection, node.node_id))
    ]
    return moment.say([entry_of(moment, node) for node in found + general[:GENERAL_MAX]], BRIEF_CHARS_MAX)


def ingest_own_transcript(moment: Moment, deadline: Deadline) -> None:
    """Ingest the subagent's own transcript; a missing one is normal."""
    path = moment.text("agent_transcript_path")
    if os.path.isfile(path):
        total, (bytes_max, line_bytes_max) = ingest.Progress(), ingest.pace()
        while moment.has_time(deadline) and not ingest.step(
            moment.connection, path, moment.now, total, folder=moment.cwd, bytes_max=bytes_max,
            line_bytes_max=line_bytes_max,
        ):  # fmt: skip
            pass
