"""Remember what is meant to last without being asked: the user's rules, the assistant's conclusions with their reasons.

Recognised memories are less sure than marked ones. A later one on the same subject takes the place of an earlier
recognised one; against a marked one it is only proposed, as a pending update.
"""

from __future__ import annotations

from codememory import records
from codememory.extract import statements
from codememory.store import memories, messages, pending, projects, search

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    import apsw

    from codememory.extract.statements import Statement

KINDS = {
    "constraint": "constraint",
    "preference": "constraint",
    "decision": "decision",
    "rejection": "decision",
    "task": "task",
}
TOPIC = "topic"
CANDIDATES_MAX = 8
SUBJECT_WORDS_MAX = 16
RESULTS_WITHIN = 60
"""Places of a session before a reply in which is looked for what it repeats."""
RESULT_CHARS_MAX = 1_000_000
"""What tools returned longer ago than so much text is not looked through."""
PASSAGE_ENDS = ("。", "：", ":", "→")
REPEATED_BLANKS_MIN = 4
"""What has fewer may be alike by chance."""


def remember(
    connection: apsw.Connection, stated: list[Statement], role: str, *, project_id: int, session_id: int,
    client_id: str, evidence: str, at: int,
) -> int:  # fmt: skip
    """Write the lasting statements of a prompt or reply as nodes and return how many are new."""
    new = 0
    if stated and role == "assistant":
        stated = _own(connection, stated, session_id)
    for statement in stated:
        node_id, created = _write(connection, statement, role, project_id, session_id, client_id, evidence, at)
        if created:
            new += 1
            _replace(connection, statement, node_id, project_id, evidence, at)
    return new


def _own(connection: apsw.Connection, stated: list[Statement], session_id: int) -> list[Statement]:
    """Leave out of a reply what it repeats word for word from what tools returned a little before."""
    from codememory.transcript import result_text

    kept = {one: _passages(one.text) for one in stated}
    left = RESULT_CHARS_MAX
    for blocks in messages.newest_results(connection, session_id, RESULTS_WITHIN):
        returned = "\n".join([result_text(block) for block in blocks if isinstance(block, dict)])[:left]
        left -= len(returned)
        plain = _plain(returned)
        kept = {one: said for one, said in kept.items() if not any(map(plain.__contains__, said))}
        if not kept or left <= 0:
            break
    return list(kept)


def _passages(text: str) -> list[str]:
    """Give the sentences of a statement, and what follows a label in them, that are too long to be alike by chance."""
    for mark in PASSAGE_ENDS:
        text = text.replace(mark, ". ")
    found = map(_plain, text.split(". "))
    return [one for one in found if one.count(" ") >= REPEATED_BLANKS_MIN or not (one.isascii() or len(one) < 12)]


def _plain(text: str) -> str:
    for mark in "`*_>#\"'":
        text = text.replace(mark, " ")
    return " ".join(text.split()).casefold().rstrip(" .。")


def _write(
    connection: apsw.Connection, statement: Statement, role: str, project_id: int, session_id: int, client_id: str,
    evidence: str, at: int,
) -> tuple[int, bool]:  # fmt: skip
    kind = KINDS[statement.kind]
    words = " ".join(statement.text.split())
    project_uid = projects.uid_of(connection, project_id).hex()
    details: dict[str, Any] = {"said_as": statement.kind, "said_by": role}
    if statement.reason:
        details["rationale"] = statement.reason
    if kind == "decision":
        from codememory.extract.alternatives import alternatives_in

        turned_down = alternatives_in(words)
        details |= {"alternatives_rejected": turned_down} if turned_down else {}
    tags = [*_bindings(statement), *(("symbol", symbol, 0.5) for symbol in statement.symbols)]
    if statement.subject:
        tags.append((TOPIC, statement.subject, 1.0))
    draft = memories.Draft(
        records.key_of("recognised", project_uid, client_id, kind, words.casefold()), kind, words, project_id,
        session_id, origin="extracted", trust=memories.STATED, confidence=statement.confidence, details=details,
        tags=tags, evidence=[evidence],
    )  # fmt: skip
    node_id, created = memories.add(connection, draft, at)
    if created and statement.files:
        from codememory import renames

        renames.catch_up(connection, project_id, node_id, at)
    return node_id, created


def _bindings(statement: Statement) -> list[tuple[str, str, float]]:
    """Return the tags of the paths that a statement names: a folder means all below it, a bare name any such file."""
    found = [("glob", glob, 1.0) for glob in statement.globs]
    for said in statement.files:
        file = said.removeprefix("./")
        if file.endswith("/"):
            found.append(("glob", f"{file}**", 1.0))
            continue
        found.append(("file", file, 1.0))
        if "/" not in file:
            found.append(("glob", f"**/{file}", 1.0))
    return found


def _replace(
    connection: apsw.Connection, statement: Statement, node_id: int, project_id: int, evidence: str, at: int
) -> None:
    """Supersede an earlier recognised statement on the same subject; propose it where it was marked or is unclear."""
    from codememory.extract import subjects

    words = subjects.words_of(statement.subject)[:SUBJECT_WORDS_MAX]
    if not words:
        return
    expression = " OR ".join(f'"{word}"' for word in words)
    found = [one for one, _ in search.match_nodes(connection, expression, project_id=project_id, limit=CANDIDATES_MAX)]
    for older in memories.load_all(connection, [one for one in found if one != node_id]).values():
        if older.kind != KINDS[statement.kind] or older.status != memories.ACTIVE or older.created_at > at:
            continue
        relation = statements.supersedes(statement, _statement_of(connection, older))
        newer = memories.load(connection, node_id)
        if relation == "supersedes" and older.origin == "extracted":
            by = {"by": records.id_of(records.NODE, newer.uid)}
            memories.set_status(connection, older, memories.SUPERSEDED, "superseded", at, "extracted", by)
            memories.relate(connection, node_id, "supersedes", older.node_id, at)
        elif relation:
            memories.relate(connection, node_id, "conflictsWith", older.node_id, at)
            reason = f"a later statement on the same subject: {newer.content[:200]}"
            pending.propose(connection, older.node_id, older.uid, memories.SUPERSEDED, reason, evidence, at)


def _statement_of(connection: apsw.Connection, node: memories.Node) -> Statement:
    """Return a stored statement in the form that statements are compared in."""
    subjects = [value for kind, value, _ in memories.tags_of(connection, node.node_id) if kind == TOPIC]
    kind: Any = node.details.get("said_as") or ("constraint" if node.kind == "constraint" else "decision")
    return statements.Statement(
        kind, node.content, reason=str(node.details.get("rationale") or ""), subject=subjects[0] if subjects else None
    )
