"""See the memory: one page that a browser opens."""

from __future__ import annotations

import os
from time import time
from typing import TYPE_CHECKING, Annotated, Any

import apsw
import typer

from codememory import config
from codememory.cli import context, show

if TYPE_CHECKING:
    from codememory.picture.gather import Picture, Wanted

MEGABYTE = 1_000_000


def view(
    session: Annotated[str | None, typer.Option(metavar="ID", help="Only this session and its memories.")] = None,
    project: Annotated[str | None, typer.Option(metavar="PATH", help="Only the project of this folder.")] = None,
    since: Annotated[
        str | None, typer.Option(metavar="TIME", help="Only what went on later: 2026-03-01T10:00Z, 2026-03-01, 12h.")
    ] = None,
    output: Annotated[
        str | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="The page.",
            show_default="codememory/view.html beside the client's settings, where no repository takes it in",
        ),
    ] = None,
    open_: Annotated[bool, typer.Option("--open", help="Open it in the browser.")] = False,
    size_limit: Annotated[
        int, typer.Option("--size-limit", min=1, max=500, metavar="MB", help="How large it may be.")
    ] = 20,
    quiet: context.Quiet = False,
    as_json: context.Json = False,
) -> None:
    """Write one page to look at: what is remembered, and why.

    The page asks for nothing from the network. It holds what your sessions hold: keep it to yourself.

    Examples:
      codememory view --open
      codememory view --project . --since 30d --output ~/shop.html
      codememory view --session 7c9e6679 --size-limit 100

    """  # fmt: skip
    from codememory.cli.progress import busy
    from codememory.report import page

    connection = context.opened()
    connection.execute("BEGIN")  # one state of the store, whatever hooks write meanwhile
    wanted, scope = _wanted(connection, size_limit * MEGABYTE - page.SHELL_BYTES, session, project, since)
    with busy(quiet, "drawing"):
        picture, text = _drawn(connection, wanted, scope)
    connection.execute("ROLLBACK")
    path = os.path.abspath(os.path.expanduser(output)) if output else _default_path()
    page.write(path, text)
    made = {
        "path": path,
        "bytes": len(text),
        "sessions": sum(one["kept"] > 0 for one in picture.index["sessions"]),
        "messages": sum(one["kept"] for one in picture.index["sessions"]),
        "memories": len(picture.index["nodes"]),
        "left_out": picture.left_out,
    }
    if as_json:
        context.print_json(made)
    else:
        show.lines(path)
        context.talk(_sentence(made))
    if open_:
        _open(path)


def _drawn(connection: apsw.Connection, wanted: Wanted, scope: str) -> tuple[Picture, bytes]:
    """Return what is shown, and the page that shows it."""
    from codememory.overview import overview
    from codememory.picture.gather import gather, stored_bytes
    from codememory.report import page
    from codememory.report.figures import Facts
    from codememory.store import whole

    packer = page.Packer(plain=stored_bytes(connection, wanted) <= page.PLAIN_STORED_BYTES_MAX)
    picture = gather(connection, wanted, packer)
    facts = Facts(scope, wanted.everything, int(time() * 1000), whole.hook_durations(connection))
    health = overview(connection, config.checked(), wanted.project_id)
    return picture, page.render(picture, packer, health, facts)


def _wanted(
    connection: apsw.Connection, bytes_max: int, session: str | None, project: str | None, since: str | None
) -> tuple[Wanted, str]:
    """Return what is to be shown, and that in words, '' for everything."""
    from codememory.explore.grep import since_of
    from codememory.picture.gather import Wanted

    words = []
    session_id = context.session_of(connection, session) if session else None
    if session:
        words.append(f"the session {session}")
    project_id = context.project_scope(connection, project is None, project)
    if project:
        words.append(f"the project {os.path.basename(os.path.abspath(os.path.expanduser(project)))}")
    after = since_of(since, int(time() * 1000))
    if since:
        words.append(f"since {since}")
    return Wanted(bytes_max, project_id=project_id, session_id=session_id, since=after), ", ".join(words)


def _default_path() -> str:
    folder = os.path.join(config.config_folder(), "codememory")
    os.makedirs(folder, mode=0o700, exist_ok=True)
    return os.path.join(folder, "view.html")


def _sentence(made: dict[str, Any]) -> str:
    left = made["left_out"]
    sentence = (
        f"{show.size(made['bytes'])}: {show.counted(made['memories'], 'memory')} and"
        f" {show.counted(made['messages'], 'message')} of {show.counted(made['sessions'], 'session')}."
    )
    if left["sessions"]:
        sentence += (
            f" Left out, for its size: {left['messages']} messages of {left['sessions']} sessions; a larger"
            " --size-limit, or --project, --session, --since, shows them."
        )
    if left["memories"]:
        sentence += f" Left out: {left['memories']} memories."
    if left["characters"]:
        sentence += f" Long outputs are cut by {left['characters']} characters in all."
    return sentence


def _open(path: str) -> None:
    import webbrowser
    from pathlib import Path

    if not webbrowser.open(Path(path).as_uri()):
        context.talk("No browser was found: open the file yourself.")
