"""Attempts to see or change what is not one's own: by another team's member, and by a member of the same team."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from codememory.team.server import connecting, log

from . import attacks
from .conftest import make_teams
from .machines import Machine
from .server import Server

READS = (
    "a cheap function as a filter", "a cheap operator as a filter", "a view of one's own", "somebody else's role",
    "a function of one's own, with its owner's rights", "the functions asked about others",
    "an error that tells the value", "a cursor, a prepared statement, a block", "names before the functions' own",
    *(f"every verb on {table}" for table in ("event", "project", "project_alias")),
)  # fmt: skip
"""What tells those who may read something."""

IN_PUBLIC = (
    "CREATE TABLE public.stolen (a text)",
    "GRANT INSERT ON public.stolen TO PUBLIC",
    "CREATE FUNCTION public.steal() RETURNS void LANGUAGE plpgsql AS $$ BEGIN"
    " INSERT INTO public.stolen SELECT session_user || payload FROM codememory.event;"
    " EXCEPTION WHEN read_only_sql_transaction THEN NULL; END $$",
    "CREATE FUNCTION public.times(numeric, integer) RETURNS numeric LANGUAGE plpgsql"
    " AS $$ BEGIN PERFORM public.steal(); RETURN numeric_mul($1, $2); END $$",
    "CREATE OPERATOR public.* (LEFTARG = numeric, RIGHTARG = integer, FUNCTION = public.times)",
    "CREATE FUNCTION public.gathered(text[], text) RETURNS text[] LANGUAGE plpgsql AS $$ BEGIN PERFORM public.steal();"
    " RETURN array_append($1, $2); END $$",
    "CREATE AGGREGATE public.array_agg(text) (SFUNC = public.gathered, STYPE = text[])",
)


@pytest.fixture(scope="module")
def attacked(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Machine]]:
    """Return a server, and the machine of ann that has told her team what nobody else may see."""
    server.execute("postgres", "CREATE DATABASE team")
    make_teams(server, "team")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CODEMEMORY_TEAM_DSN", "")
        yield server, attacks.planted(server, tmp_path_factory.mktemp("attacked"))
    server.execute("postgres", "DROP DATABASE team WITH (FORCE)")


@pytest.mark.parametrize("attack", attacks.each())
def test_another_team_learns_and_changes_nothing(attacked: tuple[Server, Machine], attack: str) -> None:
    attacks.assert_in_vain(*attacked, "eve", attacks.each()[attack])


@pytest.mark.parametrize("attack", attacks.OWN_TEAM)
def test_a_member_changes_nothing_of_another(attacked: tuple[Server, Machine], attack: str) -> None:
    attacks.assert_in_vain(*attacked, "bob", attacks.each()[attack])


@pytest.mark.parametrize("attack", READS)
def test_an_attack_would_be_noticed(attacked: tuple[Server, Machine], attack: str) -> None:
    """Whoever may read is told by the same statements, so that silence to others means something."""
    server, ann = attacked
    names = {"project": ann.shared.shared.hex(), "machine": ann.shared.machine.hex(), "team": 1}
    reads = [
        one for one in attacks.each()[attack] if not one.startswith(("UPDATE", "DELETE", "INSERT INTO codememory"))
    ]
    assert "zebra" in attacks.attempted(server.dsn("ann", "team"), tuple(reads), **names)


@pytest.mark.parametrize("safe", [True, False], ids=["as it is", "control"])
def test_functions_in_public_are_not_called_with_a_members_rights(
    attacked: tuple[Server, Machine], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, safe: bool
) -> None:
    """Where anybody may create in `public`, as before PostgreSQL 15, an operator that fits better lies in wait."""
    server, _ = attacked
    server.execute("team", "GRANT ALL ON SCHEMA public TO PUBLIC")
    try:
        assert attacks.attempted(server.dsn("eve", "team"), IN_PUBLIC) == ""
        if not safe:
            monkeypatch.setattr(connecting, "SEARCH_PATH", "public")
        bob = Machine(tmp_path, f"bob {safe}", server.dsn("bob", "team"), "second").join(new=True)
        bob.state("decision", "We sell the zebra company")
        bob.sync()
        with connecting.connected() as connection:
            assert log.machines(connection, bob.shared.shared)
        stolen = attacks.attempted(server.dsn("eve", "team"), ("TABLE public.stolen",))
        assert ("zebra" in stolen) is not safe
    finally:
        for drop in ("DROP SCHEMA public CASCADE", "CREATE SCHEMA public"):
            server.execute("team", drop)


def test_nobody_else_hears_that_something_was_pushed(
    attacked: tuple[Server, Machine], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A channel is named by what only members are shown, and what it carries is empty."""
    server, ann = attacked
    guessed = ["codememory", "codememory_shop", "codememory_zebra project", "shop", "zebra project", "codememory_1"]
    bob = Machine(tmp_path, "bob", server.dsn("bob", "team"), "zebra project").join(project="zebra project")
    with (
        psycopg.connect(server.dsn("eve", "team"), autocommit=True) as outside,
        psycopg.connect(server.dsn("ann", "team"), autocommit=True) as inside,
    ):
        for name in guessed:
            log.listen(outside, name)
        log.listen(inside, log.channel(ann.shared.shared))
        bob.state("decision", "We feed the zebra company")
        bob.sync()
        assert [one.payload for one in inside.notifies(timeout=5, stop_after=1)] == [""]
        assert list(outside.notifies(timeout=0.2)) == []


def test_what_anybody_can_see_is_as_documented(attacked: tuple[Server, Machine]) -> None:
    """The names of roles are the whole server's; docs/TEAM says so."""
    server, _ = attacked
    seen = attacks.attempted(server.dsn("eve", "team"), ("SELECT rolname FROM pg_roles", "TABLE pg_auth_members"))
    assert "codememory_shop" in seen
    assert "zebra" not in seen
