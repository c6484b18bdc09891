"""Imports point one way: the table of DESIGN section 2, with the modules there are."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import codememory

ROOT = Path(codememory.__file__).parent

GROUPS = ("foundation", "pure", "database", "store", "stage", "face", "entry")
"""A module may import those of its own group and of the groups its group may see."""

SEES = {
    "foundation": ("foundation",),
    "pure": ("foundation", "pure"),
    "database": ("foundation", "database"),
    "store": ("foundation", "database", "pure", "store"),
    "stage": ("foundation", "pure", "database", "store", "stage"),
    "face": ("foundation", "pure", "database", "store", "stage", "face"),
    "entry": ("face", "foundation", "entry"),
}

MEMBERS: dict[str, str] = {
    "foundation": "__init__ errors faults records config budget wire codec repository",
    "pure": "transcript redact redact.* fence score score_rules extract.*"
    " retrieve.plan retrieve.render retrieve.globs retrieve.__init__ transfer.merge",
    "database": "db turn disk schema migrations",
    "store": "store.* team.server.*",
    "face": "hook cli.* mcp.* report.*",
    "entry": "__main__ faces bootstrap bundle bundling slimming tabling",
}
"""Whatever is in none of these is a stage."""

EXCEPTIONS: dict[tuple[str, str], str] = {
    ("retrieve.plan", "store.words"): "the index and the question cut a text into the same words; words is itself pure",
    ("retrieve.render", "retrieve.plan"): "both pure",
    ("score", "store.words"): "words is itself pure",
}

THIRD_PARTY = {
    "apsw": ("database", "store", "stage", "face"),
    "msgspec": ("face", "stage"),
    "isal": ("stage",),
    "typer": ("face",),
    "rich": ("face",),
    "mcp": ("face",),
    "anyio": ("face",),
    "jinja2": ("face",),
    "psycopg": ("store",),
}
"""Who may import what is not of the standard library; a face means the command line, never the hook."""


def modules() -> list[str]:
    """Return the names of all modules, below the package."""
    return sorted(".".join(path.relative_to(ROOT).with_suffix("").parts) for path in ROOT.rglob("*.py"))


def group_of(module: str) -> str:
    """Return a module's group."""
    for group, members in MEMBERS.items():
        for member in members.split():
            if module == member or (member.endswith("*") and module.startswith(member[:-1])):
                return group
    return "stage"


def tree_of(module: str) -> ast.Module:
    """Parse a module."""
    return ast.parse(ROOT.joinpath(*module.split(".")).with_suffix(".py").read_text())


def imported(module: str) -> Iterator[tuple[str, int]]:
    """Yield (name, line) of what a module imports when it runs: at its top or inside its functions, not for types."""
    tree = tree_of(module)
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            node.body = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            if node.module.partition(".")[0] != "codememory":
                yield node.module, node.lineno
                continue
            for alias in node.names:
                below = f"{node.module}.{alias.name}"
                path = ROOT.parent.joinpath(*below.split("."))
                yield (below if path.with_suffix(".py").exists() or path.is_dir() else node.module), node.lineno


def own(name: str) -> str:
    """Return a module's name below the package, a package's as its `__init__`."""
    below = name.partition(".")[2]
    return f"{below}.__init__".lstrip(".") if (ROOT / below.replace(".", "/")).is_dir() else below


@pytest.mark.parametrize("module", modules())
def test_imports_point_one_way(module: str) -> None:
    allowed = SEES[group_of(module)]
    for name, line in imported(module):
        if name.partition(".")[0] == "codememory":
            target = own(name)
            if target.endswith("__init__") or (module, target) in EXCEPTIONS:
                continue
            assert group_of(target) in allowed, (
                f"{module}:{line} ({group_of(module)}) imports {target} ({group_of(target)})"
            )


@pytest.mark.parametrize("module", modules())
def test_third_party_packages_stay_where_they_earn_their_price(module: str) -> None:
    for name, line in imported(module):
        package = name.partition(".")[0]
        if package == "codememory" or package in sys.stdlib_module_names:
            continue
        assert package in THIRD_PARTY, f"{module}:{line} imports {name}"
        if package != "apsw":
            server = module == "mcp.server" and package in ("mcp", "anyio")
            page = module == "report.page" and package == "jinja2"
            team = module.startswith("team.server.") and package == "psycopg"
            assert (
                server
                or page
                or team
                or module.startswith("cli.")
                or (group_of(module) == "stage" and package in ("msgspec", "isal"))
            ), f"{module}:{line} imports {name}"
        else:
            assert group_of(module) in THIRD_PARTY["apsw"], f"{module}:{line} imports apsw"


STATEMENTS = ("SELECT ", "INSERT INTO ", "UPDATE ", "DELETE FROM ", "CREATE TABLE ", "PRAGMA ")
TRANSACTIONS = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE")


@pytest.mark.parametrize(
    "module", [one for one in modules() if group_of(one) in ("face", "pure", "foundation", "stage")]
)
def test_statements_stand_in_the_store(module: str) -> None:
    """SQL is in `store` and the database's own modules; a stage and the hook only open and close transactions."""
    for node in ast.walk(tree_of(module)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = node.value.lstrip()
            assert not text.startswith(STATEMENTS), f"{module}:{node.lineno} holds a statement: {text[:60]}"
            if group_of(module) in ("pure", "foundation"):
                assert not text.startswith(tuple(f"{word} " for word in TRANSACTIONS)) or "\n" in text


@pytest.mark.parametrize("module", [one for one in modules() if not one.startswith(("cli.", "bootstrap"))])
def test_modules_a_hook_may_load_import_nothing_dear_at_their_top(module: str) -> None:
    dear = {
        "re",
        "typing",
        "dataclasses",
        "enum",
        "collections",
        "pathlib",
        "json",
        "logging",
        "datetime",
        "functools",
        "contextlib",
        "subprocess",
        "msgspec",
        "tempfile",
        "shutil",
    }
    if module in FOR_PEOPLE:
        pytest.skip("only people load it")
    for node in tree_of(module).body:
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module] if isinstance(node, ast.ImportFrom) and node.module else []
        assert dear.isdisjoint(name.partition(".")[0] for name in names), f"{module}:{node.lineno} imports {names}"


FOR_PEOPLE = frozenset(
    """ahead backfill backup bundling slimming tabling doctor explore.check explore.describe explore.expand
    explore.expressions explore.grep explore.hits explore.literal explore.shapes explore.snippet explore.verdict
    health.capture health.file health.finding health.index health.lines install.changes
    install.document install.entries install.purge linking mcp.answers
    mcp.server mcp.tools mcp.upkeep overview packing picture.calls picture.cut picture.gather picture.memories
    picture.messages picture.sessions reader recovery report.charts report.figures report.page secrets_scan serving
    stretch transfer.export transfer.history transfer.importing transfer.lines transfer.lives transfer.merge
    transfer.naming transfer.summaries transfer.taking team.clock team.events team.joining team.keeping team.repairing
    team.server.connecting team.server.giving_back team.server.log team.server.schema team.sharing team.sync
    team.taking team.watching team.wording watch""".split()
)


def test_every_module_that_people_load_exists() -> None:
    assert {"backfill", "doctor", "overview"} <= set(modules())


def test_no_cycle_at_import_time() -> None:
    """What stands at the top of modules can be imported in some order."""
    edges = {}
    for module in modules():
        tree = tree_of(module)
        found = set()
        for node in tree.body:
            if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("codememory"):
                for alias in node.names:
                    below = own(f"{node.module}.{alias.name}")
                    target = below if below in modules() else own(node.module)
                    if target in modules() and not target.endswith("__init__") and target != module:
                        found.add(target)
        edges[module] = found
    done: set[str] = set()
    while len(done) < len(edges):
        ready = {module for module, found in edges.items() if module not in done and found <= done}
        assert ready, f"a cycle among {sorted(set(edges) - done)}"
        done |= ready
