"""Make two projects one: a folder that moved, a clone made anew, a container's view of the same tree."""

from __future__ import annotations

import os
from time import time

import apsw

from codememory import db, lifecycle, records
from codememory.errors import AmbiguousIdError, PayloadError, UnknownIdError
from codememory.store import failures, incoming, linking, memories, projects
from codememory.store.identity import key_range
from codememory.store.projects import Known

MERGED = "merged"
"""The step in a failure's life at which what another project knew of it came in."""


class Linked:
    """What a link moves, puts together, or would."""

    __slots__ = ("failures_merged", "kept", "moved", "statements_superseded")

    def __init__(self, moved: Known, kept: Known) -> None:
        self.moved, self.kept = moved, kept
        self.failures_merged = self.statements_superseded = 0


def find(connection: apsw.Connection, wanted: str) -> Known:
    """Return the project with this folder, one of its names, or the beginning of its id.

    A folder may be gone: it is found by the name it had.

    Raises:
        UnknownIdError: There is none.
        AmbiguousIdError: Several projects are called so.

    """
    listed = projects.listed(connection)
    folder = os.path.abspath(os.path.expanduser(wanted))
    place = projects.find_place(connection, folder)
    if place:
        return next(one for one in listed if one.project_id == place.project_id)
    paths = {wanted, folder, os.path.join(folder, ".git")}
    bounds = key_range(wanted.removeprefix("prj_")) if wanted.startswith("prj_") else None
    for fits in (
        lambda one: one.root in paths or any(value in paths for _, value in one.aliases),
        lambda one: bounds is not None and bounds[0] <= one.uid <= bounds[1],
        lambda one: one.name == wanted,
    ):
        found = [one for one in listed if fits(one)]
        if len(found) == 1:
            return found[0]
        if found:
            raise AmbiguousIdError(
                f"{wanted!r} fits {len(found)} projects: give the id of one, as `codememory project list` shows it."
            )
    raise UnknownIdError(f"No project is known as {wanted!r}: see `codememory project list`.")


def link(connection: apsw.Connection, moved: str, kept: str, *, dry_run: bool) -> Linked:
    """Make the first project a part of the second, whole or not at all; a dry run is rolled back.

    The second may be a folder that nothing is remembered of yet.

    Raises:
        UnknownIdError: A project is not known.
        AmbiguousIdError: Several are called so.
        PayloadError: Both are the same.

    """
    now = int(time() * 1000)
    connection.execute("BEGIN IMMEDIATE")
    try:
        old = find(connection, moved)
        if os.path.isdir(os.path.expanduser(kept)):
            projects.place_of(connection, os.path.abspath(os.path.expanduser(kept)), now)
        done = Linked(old, find(connection, kept))
        if old.project_id == done.kept.project_id:
            raise PayloadError(f"{moved} and {kept} are one project already: {old.root}.")
        _merge(connection, done, now)
    except BaseException:
        db.roll_back(connection)
        raise
    connection.execute("ROLLBACK" if dry_run else "COMMIT")
    return done


def _merge(connection: apsw.Connection, done: Linked, now: int) -> None:
    old_id, kept_id = done.moved.project_id, done.kept.project_id
    for failure_id, same_id in linking.same_failures(connection, old_id, kept_id):
        _merge_failure(connection, failure_id, same_id, done.moved.root, now)
        done.failures_merged += 1
    linking.merge_project(connection, old_id, kept_id)
    projects.add_alias(connection, kept_id, projects.UID, done.moved.uid.hex())
    for older_id, newer_id in linking.same_statements(connection, kept_id):
        lifecycle.supersede(connection, memories.load(connection, older_id), memories.load(connection, newer_id), now)
        done.statements_superseded += 1


def _merge_failure(connection: apsw.Connection, old_id: int, kept_id: int, root: str, now: int) -> None:
    """Put two failure nodes together; the one that happened last tells where it stands."""
    old, kept = memories.load(connection, old_id), memories.load(connection, kept_id)
    later = failures.seen(connection, old_id).last_at > failures.seen(connection, kept_id).last_at
    linking.merge_failure(connection, old_id, kept_id)
    incoming.name_also(connection, kept_id, old.uid)
    detail = {"id": records.id_of(records.NODE, old.uid), "project": root}
    memories.set_status(connection, kept, old.status if later else kept.status, MERGED, now, "user", detail)
    memories.index_again(connection, kept)
