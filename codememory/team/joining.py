"""Join a team with a project, and leave it: which project of the team it is, is found by names every machine has."""

from __future__ import annotations

import os

import apsw

from codememory import child, git
from codememory.errors import TeamError
from codememory.store import projects
from codememory.store import team as store
from codememory.store.projects import Place
from codememory.team.server import connecting, log
from codememory.transfer.naming import REMOTE, remote_of

COMMIT = "commit"
GIT_MS, GIT_BYTES_MAX = 5_000, 4_000
ROOTS_MAX = 8


def join(connection: apsw.Connection, place: Place, team: str, wanted: str, new: bool) -> store.Shared:
    """Share a project with a team from now on.

    Raises:
        TeamError: The role is in no such team, or it is not clear which of its projects this is.

    """
    name, _ = projects.name_and_root(connection, place.project_id)
    aliases = aliases_of(place)
    with connecting.connected() as server:
        team = _team(log.teams(server), team)
        listed = log.projects(server, team)
        found = None if new else _chosen(listed, wanted) if wanted else match(listed, aliases, name)
        if found is None:
            taken = {one.name for one in listed}
            free = next(one for one in (name, *(f"{name}-{n}" for n in range(2, len(taken) + 3))) if one not in taken)
            found = log.Project(os.urandom(16), free, team, [])
        with server.transaction():
            log.add_project(server, team, found._replace(aliases=aliases))
        author, _ = log.who_and_when(server)
    known = store.find(connection, place.project_id)
    if known is not None and (known.shared, known.author) == (found.shared, author):
        return known
    if known is not None:
        raise TeamError(f"{name} is shared as {known.name} already: `codememory team leave` first.")
    row = place.project_id, found.shared, found.name, team, author, os.urandom(16), 0, 0, ""
    shared = store.Shared(row)
    store.join(connection, shared)
    return shared


def aliases_of(place: Place) -> list[tuple[str, str]]:
    """Return the names that other machines know a project by too: its remote, and its first commits."""
    if place.repository is None:
        return []
    remote = remote_of(place.repository.common)
    found = [(REMOTE, remote)] if remote else []
    if not os.path.exists(os.path.join(place.repository.common, "shallow")):
        words = ["git", *git.SAFE, "rev-list", "--max-parents=0", "HEAD", "--"]
        environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        try:
            ended = child.run(words, b"", environment, place.root, GIT_MS, GIT_BYTES_MAX)
        except OSError:
            return found
        if not ended.stopped and not ended.exit_code:
            found += [(COMMIT, one) for one in sorted(ended.output.decode().split())[:ROOTS_MAX]]
    return found


def match(listed: list[log.Project], aliases: list[tuple[str, str]], name: str) -> log.Project | None:
    """Return the project that has the same names, None for a new one.

    The remote decides. A first commit is shared by forks too, so that it counts only where no remotes contradict.

    Raises:
        TeamError: It is not clear.

    """
    remotes = {value for kind, value in aliases if kind == REMOTE}
    by_remote = [one for one in listed if remotes & {value for kind, value in one.aliases if kind == REMOTE}]
    if by_remote:
        return by_remote[0]
    commits = {value for kind, value in aliases if kind == COMMIT}
    fit = [one for one in listed if commits & {value for kind, value in one.aliases if kind == COMMIT}]
    sure = [one for one in fit if not remotes or not any(kind == REMOTE for kind, _ in one.aliases)]
    if len(sure) == 1 and len(fit) == 1:
        return sure[0]
    maybe = fit or [one for one in listed if one.name == name]
    if maybe:
        shown = ", ".join(f"{one.name} ({one.shared.hex()[:8]})" for one in maybe[:5])
        raise TeamError(
            f"It is not clear whether this is a project of the team: {shown}. Say --project NAME if it is, else --new."
        )
    return None


def _chosen(listed: list[log.Project], wanted: str) -> log.Project:
    found = [one for one in listed if one.name == wanted] or [
        one for one in listed if one.shared.hex().startswith(wanted)
    ]
    if len(found) != 1:
        names = ", ".join(one.name for one in listed[:20]) or "none"
        raise TeamError(f"The team has {'several projects' if found else 'no project'} {wanted!r}. It has: {names}.")
    return found[0]


def _team(known: dict[str, int], wanted: str) -> str:
    if wanted in known:
        return wanted
    if not wanted and len(known) == 1:
        return next(iter(known))
    names = ", ".join(sorted(known)) or "none"
    if wanted:
        raise TeamError(f"This role is no member of a team {wanted!r}. Its teams: {names}.")
    raise TeamError(f"Say which team with --team NAME. This role's teams: {names}.")
