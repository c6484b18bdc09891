"""Does what the client wrote reach the store, and do the hooks fire: compared with the client's own files."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from tempfile import TemporaryFile
from time import time
from typing import Any

import apsw

from codememory import backfill, config, records, trouble
from codememory.explore import shapes
from codememory.health.finding import Finding, number
from codememory.install import entries
from codememory.store import counters, health, scope, transcripts

CLEANUP_DAYS = 30
"""After how many days the client deletes a transcript, unless its settings say otherwise."""

WARN_DAYS = 7
DAY_MS = 86_400_000

EXPECTED_EVENTS = ("SessionStart", "UserPromptSubmit", "PreToolUse", "PostToolUse", "Stop")
RUNS_MIN = 20
"""Hook runs after which an event that never fired is no accident."""

PROMPTS_MIN, FAILED_MIN = 5, 3
"""So many prompts, or failing commands, that the transcripts hold and no hook told of are no accident either."""

PROBE_BYTES = 65_536

SILENCE_MS = 3_600_000
FILES_MAX, TAIL_BYTES = 20, 400_000
"""How many of the newest transcripts are searched for the client's records of hooks, and how much of each."""

OURS = "codememory"
ERRORS_MAX = 3
"""So many errors of one event within a day are no chance, even if it has run in between."""

SLACK_MS = 60_000
WORD_ALONE = '{"systemMessage"'
"""What the launcher prints while the program is still being built: of that run nobody could keep count."""


def ingest(connection: apsw.Connection) -> Finding:
    """Compare the transcripts on disk with what is taken in, and warn of those that the client will delete first."""
    found = _behind(connection)
    files, lines, broken, _ = scope.line_counts(connection)
    left = sum(size for _, size, _ in found)
    detail = f"{lines} lines of {files} transcripts, {broken} of them broken, {left} bytes not yet taken in"
    days = cleanup_days()
    doomed = [path for path, _, at in found if days and at < time() * 1000 - (days - WARN_DAYS) * DAY_MS]
    if doomed:
        return Finding(
            False,
            f"the client deletes {number(len(doomed), 'transcript')} within {WARN_DAYS} days that are not taken in:"
            f" run `codememory backfill`; {detail}",
        )
    return Finding(True, f"{detail}, in {number(len(found), 'file')}" if found else detail)


def backfill_all(connection: apsw.Connection) -> None:
    """Take in what is on disk."""
    backfill.backfill(connection, backfill.behind(connection, backfill.files_of([])))


def _behind(connection: apsw.Connection) -> list[tuple[str, int, int]]:
    """Return (path, bytes not taken in, time last written) of the transcripts that are ahead of the store."""
    found = []
    for path in backfill.behind(connection, backfill.files_of([])):
        position = transcripts.position_of(connection, path)
        with suppress(OSError):
            seen = os.stat(path)
            taken = position[0] if position and position[0] <= seen.st_size else 0
            found.append((path, seen.st_size - taken, seen.st_mtime_ns // 1_000_000))
    return found


def cleanup_days() -> int:
    """Return after how many days the client deletes transcripts, as its settings say; 0 for never."""
    found = settings().get("cleanupPeriodDays")
    return found if isinstance(found, int) and not isinstance(found, bool) and found >= 0 else CLEANUP_DAYS


def settings() -> dict[str, Any]:
    """Return the user's settings of the client, nothing if they cannot be read."""
    return _document("settings.json")


def _document(name: str) -> dict[str, Any]:
    try:
        with open(os.path.join(config.config_folder(), name), "rb") as file:
            found = json.load(file)
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def storing(connection: apsw.Connection) -> Finding:
    """Tell when nothing can be stored, or hooks ran lately and nothing was."""
    failed = trouble.failing()
    lately = f"the last {len(failed)} hooks stored nothing: {failed[-1]}" if len(failed) >= trouble.FAILURES_MAX else ""
    barred = _barred(os.path.dirname(connection.filename))
    if barred or lately:
        return Finding(False, "; ".join(one for one in (barred, lately) if one))
    ran_at = max((int(one["last_at"]) for one in counters.hooks(connection).values()), default=0)
    stored_at = health.newest_read(connection)
    waiting = max((at for _, _, at in _behind(connection)), default=0)
    if min(ran_at, waiting) - stored_at > SILENCE_MS:
        since = shapes.moment(stored_at) if stored_at else "ever"
        return Finding(
            False,
            f"hooks ran until {shapes.moment(ran_at)}, but nothing was stored since {since}, though there is something",
        )
    return Finding(True, f"last stored from a transcript of {shapes.moment(stored_at)}" if stored_at else "nothing yet")


def _barred(folder: str) -> str:
    """Tell why nothing can be written to a folder, '' if it can be: tried, as no quota or right is foretold."""
    try:
        with TemporaryFile(dir=folder) as file:
            file.write(bytes(PROBE_BYTES))
            file.flush()
    except OSError as error:
        return f"cannot write in {folder}: {error.strerror}"
    return ""


def hooks(connection: apsw.Connection) -> Finding:
    """Compare the client's records of hooks with our counters, and name events that never fire."""
    known = counters.hooks(connection)
    recorded, failed = _records(health.began_at(connection))
    runs = sum(int(one["count"]) for one in known.values())
    if not known and not recorded and not failed:
        return Finding(True, "no hook has run yet: start a session of the client with the plugin installed")
    lost = [event for event, count in recorded.items() if count > int(known.get(event, {}).get("count", 0))]
    proven = _missed(connection, known)
    silent = [event for event in dict.fromkeys((*EXPECTED_EVENTS, *proven)) if event not in known]
    failing = [event for event, times in failed.items() if _goes_on(times, known.get(event, {}).get("last_at", 0))]
    wrong = []
    if failed:
        wrong.append(
            f"the client recorded errors of our hooks at {', '.join(sorted(failed))}, the latest at"
            f" {shapes.moment(max(map(max, failed.values())))}"
        )
    if lost:
        wrong.append(f"the client recorded more runs than were counted at {', '.join(sorted(lost))}")
    if silent:
        wrong.append(f"never fired: {', '.join(silent)}")
    is_ok = not failing and not lost and not proven and (not silent or runs < RUNS_MIN)
    return Finding(is_ok, "; ".join(wrong) or "every expected event has fired, as the client's records say")


def _missed(connection: apsw.Connection, known: dict[str, dict[str, float | int]]) -> list[str]:
    """Return the events that never fired though the transcripts of sessions with hooks hold what they tell of."""
    since = health.began_at(connection) - SLACK_MS
    missed = []
    if "UserPromptSubmit" not in known and int(known.get("Stop", {}).get("count", 0)) >= PROMPTS_MIN:
        missed += ["UserPromptSubmit"] * (health.count_prompts(connection, since, PROMPTS_MIN) == PROMPTS_MIN)
    if "PostToolUseFailure" not in known and int(known.get("PostToolUse", {}).get("count", 0)) >= FAILED_MIN:
        missed += ["PostToolUseFailure"] * (health.count_failed(connection, since, FAILED_MIN) == FAILED_MIN)
    return missed


def _goes_on(failed_at: list[int], ran_at: float) -> bool:
    """Tell whether errors of an event are not over: it has not run since them, or they come again and again."""
    lately = time() * 1000 - DAY_MS
    return max(failed_at) >= ran_at or sum(at > lately for at in failed_at) >= ERRORS_MAX


def _records(began_at: int) -> tuple[Counter[str], dict[str, list[int]]]:
    """Return (event → runs of our hooks that the client wrote down, event → times at which it wrote down an error).

    What is older than the database is of another one's time; a line that several transcripts hold counts once.
    """
    recorded: Counter[str] = Counter()
    failed: dict[str, list[int]] = {}
    seen: set[str] = set()
    for path in backfill.files_of([])[-FILES_MAX:]:
        for line in _attachments(path):
            found, at, uuid = line["attachment"], records.milliseconds(line.get("timestamp")) or 0, line.get("uuid")
            event, kind = found.get("hookEvent"), found.get("type")
            if not isinstance(event, str) or not isinstance(kind, str) or at + SLACK_MS < began_at or uuid in seen:
                continue
            if isinstance(uuid, str):
                seen.add(uuid)
            if kind == "hook_success":
                recorded[event] += not str(found.get("stdout", "")).startswith(WORD_ALONE)
            elif "error" in kind or "cancelled" in kind:
                failed.setdefault(event, []).append(at)
    return recorded, failed


def _attachments(path: str) -> Iterator[dict[str, Any]]:
    """Yield the lines in the end of a transcript whose `attachment` is a record of our hooks."""
    try:
        with open(path, "rb") as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - TAIL_BYTES))
            data = file.read(TAIL_BYTES)
    except OSError:
        return
    for line in data.splitlines():
        if b'"hook_' not in line or OURS.encode() not in line:
            continue
        try:
            value = json.loads(line)
        except ValueError:
            continue
        found = value.get("attachment") if isinstance(value, dict) else None
        said = ("command", "stdout", "stderr", "content", "blockingError")
        if isinstance(found, dict) and any(OURS in str(found.get(name, "")) for name in said):
            yield value


def wiring(connection: apsw.Connection) -> Finding:
    """Look whether hooks are wired twice: by the plugin and in the settings."""
    found = settings()
    by_plugin = bool(entries.active_plugin([found], _document(os.path.join("plugins", "installed_plugins.json"))))
    given = found.get("hooks")
    events = [event for event, groups in given.items() if _runs_ours(groups)] if isinstance(given, dict) else []
    if by_plugin and events:
        return Finding(
            False,
            "the plugin is active and the settings wire the hooks too, so each runs twice: `codememory uninstall`"
            " takes them out of the settings",
        )
    if by_plugin or events:
        return Finding(True, "by the plugin" if by_plugin else "by the settings")
    return Finding(True, "the user's settings name neither the plugin nor the hooks")


def _runs_ours(groups: Any) -> bool:
    """Tell whether hook entries run us: as `install` writes them, or by our command, with arguments or in one line."""
    listed = [group.get("hooks") for group in groups if isinstance(group, dict)] if isinstance(groups, list) else []
    for one in [one for hooks_given in listed if isinstance(hooks_given, list) for one in hooks_given]:
        if not isinstance(one, dict):
            continue
        words = one.get("args")
        said = [one.get("command"), *(words if isinstance(words, list) else ())]
        if entries.is_own_hook(one) or f"{OURS} hook" in " ".join(map(str, said)).replace('"', ""):
            return True
    return False
