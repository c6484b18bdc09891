"""How much of a session its summaries keep: files edited, commands that failed, marked decisions; and what they cost.

usage: python -m benchmarks.retention FOLDER

Every transcript is ingested and compacted as far as it goes (no fresh tail). A file is kept if its path stands in the
text of a leaf, a failed command if it stands there as typed, a marked or recognised decision or constraint if its
words do, white space apart. Beside it the same share for the client's own summaries in those transcripts, over exactly
what each covers.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

import apsw

from codememory import compact, db, ingest
from codememory.score import text_tokens
from codememory.store import summaries


def wanted_of(
    connection: apsw.Connection, session_id: int, first: int, last: int
) -> tuple[set[str], set[str], set[str]]:
    """Return the files edited, the commands that failed, and what was decided or required between two places."""
    rows = connection.execute(
        "SELECT c.file, c.command, c.edit IS NOT NULL, c.outcome FROM membership b"
        " JOIN tool_call c ON c.session_id = b.session_id AND c.message_id = b.message_id"
        " WHERE b.session_id = ? AND b.place BETWEEN ? AND ?",
        (session_id, first, last),
    ).fetchall()
    files = {str(file) for file, _, edited, outcome in rows if edited and file and outcome != "failed"}
    failed = {str(command) for _, command, _, outcome in rows if command and outcome == "failed"}
    stated = connection.execute(
        "SELECT DISTINCT n.content FROM node n JOIN evidence e ON e.node_id = n.node_id JOIN message m"
        " ON e.source = 'msg_' || lower(hex(m.key)) JOIN membership b ON b.message_id = m.message_id"
        " WHERE b.session_id = ? AND b.thread = '' AND b.place BETWEEN ? AND ? AND n.session_id = b.session_id"
        " AND n.kind IN ('decision', 'constraint')",
        (session_id, first, last),
    ).fetchall()
    return files, failed, {str(content) for (content,) in stated}


def kept(wanted: set[str], text: str) -> int:
    """Count the wanted strings that stand in a text, white space apart."""
    flat = " ".join(text.split())
    return sum(1 for one in wanted if " ".join(one.split()) in flat)


class Tally:
    """Shares kept, added up over sessions."""

    def __init__(self) -> None:
        self.sessions = self.files = self.files_kept = self.failed = self.failed_kept = 0
        self.stated = self.stated_kept = 0
        self.tokens = self.source_tokens = 0

    def add(self, wanted: tuple[set[str], set[str], set[str]], text: str, source_tokens: int) -> None:
        """Count one span and its summary."""
        files, failed, stated = wanted
        self.sessions += 1
        self.stated += len(stated)
        self.stated_kept += kept(stated, text)
        self.files += len(files)
        self.files_kept += kept(files, text)
        self.failed += len(failed)
        self.failed_kept += kept(failed, text)
        self.tokens += text_tokens(text)
        self.source_tokens += source_tokens

    def shares(self) -> dict[str, Any]:
        """Return the shares kept."""
        return {
            "spans": self.sessions,
            "files": self.files,
            "files_kept": round(self.files_kept / max(1, self.files), 4),
            "failed_commands": self.failed,
            "failed_commands_kept": round(self.failed_kept / max(1, self.failed), 4),
            "stated": self.stated,
            "stated_kept": round(self.stated_kept / max(1, self.stated), 4),
            "share_of_source_tokens": round(self.tokens / self.source_tokens, 4) if self.source_tokens else None,
        }


def measure(connection: apsw.Connection) -> dict[str, Any]:
    """Compact every session and compare its leaves, and the client's summaries, with what happened."""
    ours, condensed, theirs = Tally(), Tally(), Tally()
    everything = compact.Plan(everything=True, tail=0)
    session_ids = [session_id for (session_id,) in db.rows(connection, "SELECT session_id FROM session")]
    for session_id in session_ids:
        compact.compact(connection, session_id, everything, 1)
        made = summaries.of_session(connection, session_id)
        leaves = [one for one in made if one.kind == summaries.LEAF and one.method != summaries.CLIENT]
        if not leaves:
            continue
        last = max(one.last_place for one in leaves)
        text = "\n".join(one.text for one in leaves)
        ours.add(wanted_of(connection, session_id, 0, last), text, sum(one.source_tokens for one in leaves))
        for one in made:
            tally = condensed if one.kind == summaries.CONDENSED else theirs if one.method == summaries.CLIENT else None
            if tally is not None:
                wanted = wanted_of(connection, session_id, one.first_place, one.last_place)
                tally.add(wanted, one.text, one.source_tokens)
    return {"leaves": ours.shares(), "condensed": condensed.shares(), "the_clients_own": theirs.shares()}


def main() -> None:
    """Print the shares as JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="codememory-retention-") as scratch:
        connection = db.connect(f"{scratch}/memory.db")
        for path in sorted(given.folder.rglob("*.jsonl")):
            ingest.ingest(connection, str(path), 1)
        print(json.dumps(measure(connection), indent=1))


if __name__ == "__main__":
    main()
