"""Follow transcripts in the foreground."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic, sleep, strftime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from codememory.cli import context, show
from codememory.errors import PayloadError

if TYPE_CHECKING:
    from codememory.ingest import Progress as Taken
    from codememory.watch import Followed

SHOWN_MAX = 20
NEWS_CHARS_MAX = 200

START = (
    "Nothing has to be kept running: the hooks of each session take in what it writes. `codememory watch` in a terminal"
    " follows sessions that have no hooks."
)
STOP = (
    "Nothing runs that could be stopped: a hook is gone when its work is done. `codememory watch` in a terminal ends"
    " with Ctrl-C. CODEMEMORY_ENABLED=false switches memory off, a file .codememory-ignore in a project's root switches"
    " it off there."
)


def watch(
    paths: Annotated[
        list[str] | None, typer.Argument(metavar="PATH", help="Transcripts or folders of them.", show_default="all")
    ] = None,
    once: Annotated[bool, typer.Option("--once", help="Catch up and end.")] = False,
    status: Annotated[bool, typer.Option("--status", help="Only say what is not taken in yet.")] = False,
    request: Annotated[
        str | None, typer.Option(metavar="WORD", help="What /codememory-watch was asked for: start, stop or status.")
    ] = None,
    quiet: context.Quiet = False,
    as_json: context.Json = False,
) -> None:
    """Import what is there, then follow transcripts as they grow.

    Ctrl-C ends it. The same as `backfill --follow`. Hooks take in their own sessions; this needs none. What a
    colleague shares with a team is shown as it comes. With --json the document comes at the end.

    Examples:
      codememory watch
      codememory watch --status --json
      codememory watch ~/.claude/projects/-home-me-shop --once

    """
    word = None if request is None else request.strip().lstrip("-") or "status"
    if word not in (None, "start", "stop", "status"):
        raise PayloadError(f"{request!r} is no request: say --start, --stop or --status.")
    if word == "stop":
        show.lines(STOP)
        return
    once, status = once or word == "start", status or word == "status"
    from codememory import watch as following

    connection = context.opened()
    given = paths or []
    if status:
        _tell_status(*following.behind(connection, given), as_json)
        return
    started, followed, caught_up = monotonic(), following.Followed(), False
    try:
        _catch_up(connection, given, followed, quiet)
        caught_up = True
        if not once:
            if not quiet:
                files = show.counted(followed.files, "transcript")
                context.talk(f"{_sentence(followed.total)} Following {files}; Ctrl-C ends it.")
            tell = _ignore if quiet else _tell
            following.follow(connection, given, followed, tell, _waiting(connection, quiet))
    except KeyboardInterrupt:
        left = len(following.behind(connection, given)[1])
        to_go = f", {show.counted(left, 'transcript')} to go" if left else ""
        context.talk(f"\nStopped{to_go}. What was taken in is kept.")
    for problem in followed.problems:
        context.talk(problem)
    if as_json:
        context.print_json(_document(followed, monotonic() - started))
    else:
        show.lines(_sentence(followed.total) + (f" {START}" if word else ""))
    if not caught_up:
        raise typer.Exit(130)


def _waiting(connection: Any, quiet: bool) -> Callable[[float], None]:
    """Return how time passes between two looks: with an ear for the team, where there is one."""
    from codememory.store import team

    if not team.joined(connection):
        return sleep
    from codememory.team import watching

    return watching.Colleagues(connection, _ignore if quiet else _tell_news, context.talk).wait


def _tell_news(told: list[tuple[str, str, str, str, bytes]], more: bool) -> None:
    """Say what others of a team did, a line each."""
    from codememory import fence, records

    for verb, author, kind, content, uid in told:
        what = kind if verb == "created" else f"{kind} {verb}"
        said, whose = fence.quoted(content, NEWS_CHARS_MAX), " ".join(author.split())
        line = f"{strftime('%H:%M:%S')}  {whose}: {what} {said} [{records.short_id(records.NODE, uid)}]"
        context.talk(show.printable(line))
    if more:
        context.talk("          and more: `codememory memory list` shows all.")


def _ignore(*_: Any) -> None:
    """Say nothing."""


def _catch_up(connection: Any, paths: list[str], followed: Followed, quiet: bool) -> None:
    from codememory import watch as following
    from codememory.cli.progress import bar

    size = sum(size for _, size in following.behind(connection, paths)[1])
    with bar(quiet or not size, in_bytes=True) as shown:
        task = shown.add_task("catching up", total=size)
        following.look(connection, paths, followed, lambda _path, taken: shown.advance(task, taken))


def _document(followed: Followed, seconds: float) -> dict[str, Any]:
    total = followed.total
    return {
        "files": followed.files,
        "lines": total.lines,
        "messages_added": total.messages_added,
        "failures_added": total.failures_added,
        "bytes": total.bytes,
        "seconds": round(seconds, 3),
        "problems": list(followed.problems),
    }


def _tell_status(files: int, pending: list[tuple[str, int]], as_json: bool) -> None:
    size = sum(size for _, size in pending)
    if as_json:
        listed = [{"path": path, "bytes": left} for path, left in pending]
        context.print_json({"files": files, "behind": listed, "behind_bytes": size})
        return
    if not pending:
        show.lines(f"Nothing is behind: {show.counted(files, 'transcript')} taken in whole.")
        return
    largest = sorted(pending, key=lambda one: -one[1])
    show.table("", ["behind", "transcript"], [[show.size(left), path] for path, left in largest[:SHOWN_MAX]])
    show.lines(f"{len(pending)} of {show.counted(files, 'transcript')} behind, by {show.size(size)} together.")


def _tell(added: Taken) -> None:
    context.talk(f"{strftime('%H:%M:%S')}  {_sentence(added)}")


def _sentence(done: Taken) -> str:
    return (
        f"{show.counted(done.messages_added, 'message')} and {show.counted(done.failures_added, 'failure')} added"
        f" ({show.counted(done.lines, 'line')})."
    )
