"""Ask git, as a program: never on the path of a prompt or a tool call, and safe from what a repository configures."""

from __future__ import annotations

import os

from codememory import repository

TYPE_CHECKING = False
if TYPE_CHECKING:
    from codememory.repository import Repository

OUTPUT_BYTES_MAX = 4_000_000
RENAMES_COMPARED_MAX = 1_000
"""Files removed times files added in one commit; git compares no more than the square of this."""

SAFE = (
    "--no-pager", "-c", "core.fsmonitor=false", "-c", "log.showSignature=false", "-c", "diff.external=",
    "-c", f"diff.renameLimit={RENAMES_COMPARED_MAX}",
)  # fmt: skip
"""A repository's settings may name programs to run; none of them is."""

NAMED = "R"


def renames(
    found: Repository, since_commit: str, since_at: int, limit_ms: float, commits_max: int
) -> list[tuple[int, str, str, str]] | None:
    """Return (time, commit, old path, new path) of each rename, in order; those staged last, with neither.

    Commits since `since_commit`, or, where that is '' or gone, since a time. None if git is missing, fails or is slow.
    """
    # Without the blobs of a partial clone only whole-file moves are seen: comparing would fetch them.
    similarity = "-M100%" if _is_partial(found) else "-M"
    shown = (similarity, f"--diff-filter={NAMED}", "--name-status", "-z")
    span = [f"{since_commit}..HEAD"] if since_commit else [f"--since=@{max(since_at // 1000 - 1, 10**9)}", "HEAD"]
    log = ("log", *shown, "--no-merges", "--no-ext-diff", "--no-textconv", "--no-color", "--format=%x01%ct %H",
           f"--max-count={commits_max}", "--reverse")  # fmt: skip
    told = _told(found, [*log, *span, "--"], limit_ms)
    if told is None and since_commit:
        return renames(found, "", since_at, limit_ms, commits_max)
    staged = _told(found, ["diff-index", "--cached", *shown, "HEAD", "--"], limit_ms) if told is not None else None
    if told is None or staged is None:
        return None
    return [*_read(told), *_read(staged)]


def _told(found: Repository, words: list[str], limit_ms: float) -> str | None:
    from codememory import child

    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environment |= {"GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "GIT_NO_LAZY_FETCH": "1", "LC_ALL": "C"}
    try:
        ended = child.run(["git", *SAFE, *words], b"", environment, found.root, limit_ms, OUTPUT_BYTES_MAX)
    except OSError:
        return None
    return None if ended.stopped or ended.exit_code else ended.output.decode("utf-8", "replace")


def _read(output: str) -> list[tuple[int, str, str, str]]:
    """Read `--name-status -z`: a commit's head in a field of its own, then status, old and new path."""
    found = []
    at, commit = 0, ""
    fields = iter(output.split("\0"))
    for field in fields:
        field = field.strip("\n")
        if field.startswith("\x01"):
            seconds, _, commit = field[1:].partition(" ")
            at = int(seconds) * 1000 + 999 if seconds.isdigit() else 0  # not before what was said in that second
        elif field.startswith(NAMED):
            old, new = next(fields, ""), next(fields, "")
            if old and new:
                found.append((at, commit, old, new))
    return found


def _is_partial(found: Repository) -> bool:
    return "promisor" in repository.text_of(os.path.join(found.common, "config"), 100_000)
