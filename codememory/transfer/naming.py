"""Name projects by what other machines know them by too: the remote that their repository was cloned from."""

from __future__ import annotations

import os

import apsw

from codememory import db, repository
from codememory.store import projects

REMOTE = "remote"
CONFIG_BYTES_MAX = 262_144
LOCAL_STARTS = ("/", ".", "~", "file:")


def name_by_remotes(connection: apsw.Connection) -> None:
    """Give each project whose repository is here its remote's name. Of two clones of one remote the first has it."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        for one in projects.listed(connection):
            folders = [value for kind, value in one.aliases if kind == projects.REPOSITORY]
            if any(kind == REMOTE for kind, _ in one.aliases):
                continue
            for name in filter(None, map(remote_of, folders)):
                projects.add_alias(connection, one.project_id, REMOTE, name)
        connection.execute("COMMIT")
    except BaseException:
        db.roll_back(connection)
        raise


def remote_of(common: str) -> str:
    """Return the name of the remote `origin` that a git common directory's settings hold, '' for none."""
    lines = repository.text_of(os.path.join(common, "config"), CONFIG_BYTES_MAX).splitlines()
    inside = False
    for line in map(str.strip, lines):
        if line.startswith("["):
            inside = line.replace(" ", "").lower() == '[remote"origin"]'
        elif inside and line.partition("=")[0].strip().lower() == "url":
            return name_of(line.partition("=")[2].strip())
    return ""


def name_of(url: str) -> str:
    """Return what a remote is called whichever way it is reached: host and path; '' for one on this machine."""
    if not url or url.startswith(LOCAL_STARTS) or "\\" in url or url[1:2] == ":":
        return ""
    scheme, separator, rest = url.partition("://")
    if not separator:
        host, colon, path = scheme.partition(":")
        if not colon or "/" in host:
            return ""
        rest = f"{host}/{path}"
    host, _, path = rest.partition("/")
    host = host.rpartition("@")[2].partition(":")[0].lower()
    path = path.strip("/").removesuffix(".git").strip("/")
    return f"{host}/{path}" if host and path else ""
