"""A summary with a lasting signal becomes a memory: something was decided in its span, or repaired for good."""

from __future__ import annotations

from codememory import records
from codememory.store import ledger, memories, sessions

TYPE_CHECKING = False
if TYPE_CHECKING:
    import apsw

    from codememory.store.memories import Node
    from codememory.summarize import Facts

CONFIDENCE = 0.5
CONTENT_CHARS_MAX = 480
PART_CHARS_MAX = 160
FILES_MAX = 8
UNUSED_MS = 60 * 86_400_000
"""A summary nobody was told of for this long goes stale."""


def remember(connection: apsw.Connection, uid: bytes, session_id: int, facts: Facts, now: int) -> None:
    """Write the node of a summary whose facts hold a decision, a rule or a repair; of any other none."""
    repaired = [content for content, became, _ in facts.failures if became.startswith("fixed")]
    if not facts.marks and not repaired:
        return
    client_id = sessions.client_id_of(connection, session_id)
    session = sessions.find(connection, client_id)
    if session is None:
        return
    parts = [text[:PART_CHARS_MAX] for text, *_ in (*facts.marks[:2], *facts.requests[:2])]
    parts += [f"repaired: {content[:PART_CHARS_MAX]}" for content in repaired[:2]]
    files = list(facts.edits)[:FILES_MAX]
    draft = memories.Draft(
        records.key_of("summary node", uid.hex()), "summary", "; ".join(parts)[:CONTENT_CHARS_MAX], session.project_id,
        session_id, origin="extracted", trust=memories.OBSERVED, confidence=CONFIDENCE,
        details={"summary": records.id_of(records.SUMMARY, uid)}, tags=[("file", file, 0.5) for file in files],
        evidence=[records.id_of(records.SUMMARY, uid)],
    )  # fmt: skip
    memories.add(connection, draft, now)


def go_stale(connection: apsw.Connection, nodes: list[Node], now: int) -> list[Node]:
    """Take those of the summaries out of use that nobody was told of for long, and return them."""
    found = []
    for node in nodes:
        said = ledger.said_of(connection, node.node_id)
        if now - max([node.updated_at, *(one.at for one in said)]) >= UNUSED_MS:
            detail = {"reason": f"not told for {UNUSED_MS // 86_400_000} days"}
            memories.set_status(connection, node, memories.STALE, "staled", now, "extracted", detail)
            found.append(node)
    return found
