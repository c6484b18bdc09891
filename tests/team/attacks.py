"""What a role tries in order to see or change what is not its own: one script each, going on after every refusal."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import psycopg

from .machines import Machine
from .server import Server

TABLES = ("version", "team", "project", "project_alias", "machine", "event")
VERBS = {
    "select": "SELECT t.*, t::text FROM codememory.{table} t",
    "count": "SELECT count(*) FROM codememory.{table} HAVING count(*) > 0",
    "insert": "INSERT INTO codememory.{table} DEFAULT VALUES",
    "update": "UPDATE codememory.{table} SET {column} = {column} RETURNING *",
    "delete": "DELETE FROM codememory.{table} RETURNING *",
    "truncate": "TRUNCATE codememory.{table} CASCADE",
    "lock": "BEGIN; LOCK TABLE codememory.{table} IN ACCESS EXCLUSIVE MODE; COMMIT",
    "lock rows": "SELECT * FROM codememory.{table} FOR UPDATE",
    "copy out": "COPY codememory.{table} TO STDOUT",
    "copy in": "COPY codememory.{table} FROM '/etc/hostname'",
    "alter": "ALTER TABLE codememory.{table} DISABLE ROW LEVEL SECURITY",
    "own": "ALTER TABLE codememory.{table} OWNER TO CURRENT_USER",
    "policy": "CREATE POLICY mine ON codememory.{table} USING (true)",
    "trigger": "CREATE TRIGGER mine BEFORE UPDATE ON codememory.{table}"
    " EXECUTE FUNCTION suppress_redundant_updates_trigger()",
    "rule": "CREATE RULE mine AS ON INSERT TO codememory.{table} DO ALSO NOTHING",
    "index": "CREATE INDEX ON codememory.{table} ({column})",
    "reference": "CREATE TEMP TABLE probe (a {type} REFERENCES codememory.{table})",
    "inherit": "CREATE TEMP TABLE child () INHERITS (codememory.{table})",
    "statistics": "CREATE STATISTICS mine ON {column}, {column} FROM codememory.{table}",
    "grant": "GRANT ALL ON codememory.{table} TO PUBLIC",
    "drop": "DROP TABLE codememory.{table} CASCADE",
    "sample": "SELECT * FROM codememory.{table} TABLESAMPLE SYSTEM (100)",
    "hidden columns": "SELECT ctid, xmin, tableoid, * FROM ONLY codememory.{table}",
}  # fmt: skip
COLUMNS = {
    "version": ("version", "integer"), "team": ("team_id", "integer"), "project": ("project", "uuid"),
    "project_alias": ("team_id", "integer"), "machine": ("machine", "uuid"), "event": ("machine", "uuid"),
}  # fmt: skip

LEAK = (
    "CREATE FUNCTION pg_temp.leak(text) RETURNS boolean LANGUAGE plpgsql COST 0.0000000000000000000001"
    " AS $$ BEGIN RAISE NOTICE 'seen %', $1; RETURN true; END $$"
)
TRICKS: dict[str, tuple[str, ...]] = {
    "a cheap function as a filter": (LEAK, "SELECT 1 FROM codememory.event WHERE pg_temp.leak(payload || author)"),
    "a cheap operator as a filter": (
        "CREATE FUNCTION pg_temp.leaks(text, text) RETURNS boolean LANGUAGE plpgsql COST 0.0000000000000000000001"
        " AS $$ BEGIN RAISE NOTICE 'seen %', $1; RETURN true; END $$",
        "CREATE OPERATOR pg_temp.<<< (LEFTARG = text, RIGHTARG = text, FUNCTION = pg_temp.leaks)",
        "SELECT 1 FROM codememory.event WHERE payload OPERATOR(pg_temp.<<<) ''",
    ),
    "a function said to be leakproof": (
        "CREATE FUNCTION pg_temp.leak(text) RETURNS boolean LANGUAGE plpgsql LEAKPROOF"
        " AS $$ BEGIN RAISE NOTICE '%', $1; RETURN true; END $$",
        "SELECT 1 FROM codememory.event WHERE pg_temp.leak(payload)",
    ),
    "an error that tells the value": (
        "SELECT count(*) FROM codememory.event WHERE payload::int = 1",
        "SELECT count(*) FROM codememory.event WHERE author::date > now()",
        "SELECT count(*) FROM codememory.project WHERE 1 / (length(name) - length(name)) = 1",
        "SELECT name::int FROM codememory.project",
    ),
    "a view of one's own": (
        "CREATE TEMP VIEW mine AS SELECT * FROM codememory.event", "SELECT * FROM mine",
        "CREATE TEMP TABLE copied AS TABLE codememory.event", "SELECT * FROM copied",
    ),
    "a function of one's own, with its owner's rights": (
        "CREATE FUNCTION pg_temp.all_of() RETURNS SETOF codememory.event LANGUAGE sql SECURITY DEFINER"
        " AS 'TABLE codememory.event'",
        "SELECT * FROM pg_temp.all_of()",
        "ALTER FUNCTION pg_temp.all_of() OWNER TO admin",
    ),
    "names before the functions' own": (
        "CREATE TEMP TABLE team (team_id integer, role text, name text)",
        "INSERT INTO team SELECT n, session_user, 'x' FROM generate_series(1, 9) n",
        "CREATE TEMP TABLE machine (project uuid, machine uuid, team_id integer, author text)",
        "CREATE FUNCTION pg_temp.pg_has_role(name, text, text) RETURNS boolean LANGUAGE sql AS 'SELECT true'",
        "CREATE FUNCTION pg_temp.my_teams() RETURNS integer[] LANGUAGE sql AS 'SELECT ARRAY[1, 2, 3]'",
        "CREATE FUNCTION pg_temp.array_agg(integer) RETURNS integer[] LANGUAGE sql AS 'SELECT ARRAY[1, 2, 3]'",
        "SET search_path = pg_temp, pg_catalog, codememory",
        "TABLE codememory.event", "TABLE codememory.project", "SELECT codememory.my_teams() @> ARRAY[{team}] AS zebra"
        " WHERE codememory.my_teams() @> ARRAY[{team}]",
    ),
    "another function's place": (
        "CREATE OR REPLACE FUNCTION codememory.my_teams() RETURNS integer[] LANGUAGE sql AS 'SELECT ARRAY[{team}]'",
        "ALTER FUNCTION codememory.my_teams() SET search_path = pg_temp", "DROP FUNCTION codememory.my_teams() CASCADE",
        "CREATE FUNCTION codememory.mine() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
        "CREATE TABLE codememory.mine (a integer)", "CREATE VIEW codememory.mine AS SELECT 1",
        "DROP SCHEMA codememory CASCADE", "ALTER SCHEMA codememory OWNER TO CURRENT_USER",
    ),
    "the functions asked about others": (
        "SELECT 'zebra' WHERE codememory.count_projects({team}) > 0",
        "SELECT 'zebra' WHERE codememory.count_machines('{project}') > 0",
        "SELECT 'zebra' WHERE codememory.writes_as('{project}', '{machine}') IS NOT NULL",
    ),
    "somebody else's role": (
        "SET ROLE ann", "SET ROLE codememory_shop", "SET SESSION AUTHORIZATION ann", "SELECT set_config('role', 'ann',"
        " false)", "SELECT set_config('session_authorization', 'ann', false)", "SET ROLE admin",
        "GRANT codememory_shop TO CURRENT_USER", "GRANT ann TO CURRENT_USER", "ALTER ROLE CURRENT_USER BYPASSRLS",
        "ALTER ROLE CURRENT_USER SUPERUSER", "CREATE ROLE codememory_mine IN ROLE codememory_shop",
        "SET row_security = off", "TABLE codememory.event", "SET row_security = on", "TABLE codememory.event",
        "SET is_superuser = on", "ALTER DEFAULT PRIVILEGES FOR ROLE admin GRANT SELECT ON TABLES TO PUBLIC",
    ),
    "what a plan tells": (
        "EXPLAIN (VERBOSE) SELECT * FROM codememory.event WHERE payload LIKE '%a%'",
        "EXPLAIN (ANALYZE, VERBOSE, BUFFERS) SELECT * FROM codememory.event JOIN codememory.project USING (project)",
        "SELECT most_common_vals::text, histogram_bounds::text FROM pg_stats WHERE schemaname = 'codememory'",
        "TABLE pg_statistic", "TABLE pg_stats_ext", "SELECT stxname FROM pg_statistic_ext",
    ),
    "what the catalogue tells": (
        "SELECT c.relname, a.attname, c.relacl::text FROM pg_class c JOIN pg_attribute a ON attrelid = c.oid"
        " WHERE relnamespace = 'codememory'::regnamespace",
        "SELECT query, application_name FROM pg_stat_activity", "TABLE pg_locks", "TABLE pg_prepared_statements",
        "TABLE pg_cursors", "SELECT prosrc FROM pg_proc WHERE pronamespace = 'codememory'::regnamespace",
        "SELECT description FROM pg_description WHERE objoid > 16384", "TABLE pg_stat_user_tables", "TABLE pg_seclabel",
        "TABLE pg_stat_replication", "TABLE pg_extension",
    ),
    "the sequence": (
        "SELECT * FROM codememory.team_team_id_seq", "SELECT nextval('codememory.team_team_id_seq')",
        "SELECT setval('codememory.team_team_id_seq', 1)",
        "SELECT 'zebra' FROM pg_sequences WHERE schemaname = 'codememory' AND last_value IS NOT NULL",
    ),
    "files and programs of the server": (
        "COPY (SELECT 1) TO PROGRAM 'id'", "COPY (SELECT 1) TO '/tmp/codememory-was-here'",
        "CREATE TEMP TABLE read (a text)", "COPY read FROM PROGRAM 'echo zebra'", "COPY read FROM '/etc/hostname'",
        "SELECT pg_read_file('PG_VERSION')", "SELECT pg_ls_dir('.')", "SELECT lo_import('/etc/hostname')",
        "SELECT * FROM read", "CREATE EXTENSION dblink", "CREATE EXTENSION file_fdw", "LOAD 'auto_explain'",
        "SELECT pg_reload_conf()", "SELECT pg_create_physical_replication_slot('mine')",
        "SELECT pg_create_logical_replication_slot('mine', 'test_decoding')", "CREATE LANGUAGE plpython3u",
        "CREATE FUNCTION pg_temp.system(cstring) RETURNS int LANGUAGE c AS 'libc', 'system'",
        "CREATE PUBLICATION mine FOR ALL TABLES",
    ),
    "large objects": (
        "SELECT lo_get(oid) FROM pg_largeobject_metadata", "TABLE pg_largeobject",
        "SELECT lo_export(oid, '/tmp/codememory-was-here') FROM pg_largeobject_metadata",
    ),
    "a cursor, a prepared statement, a block": (
        "BEGIN", "DECLARE mine CURSOR WITH HOLD FOR TABLE codememory.event", "FETCH ALL FROM mine", "COMMIT",
        "PREPARE mine AS TABLE codememory.event", "EXECUTE mine",
        "DO $$ DECLARE one record; BEGIN FOR one IN TABLE codememory.event LOOP RAISE NOTICE '%', one; END LOOP;"
        " END $$",
        "SELECT query_to_xml('TABLE codememory.event', true, true, '')",
        "SELECT table_to_xml('codememory.event', true, true, '')", "SELECT schema_to_xml('codememory', true, true, '')",
    ),
    "under names that others have": (
        "INSERT INTO codememory.project (project, team_id, name) VALUES (gen_random_uuid(), {team}, 'mine')",
        "INSERT INTO codememory.project (project, team_id, name) SELECT gen_random_uuid(), team_id, 'zebra project'"
        " FROM codememory.team WHERE false",
        "INSERT INTO codememory.machine (project, machine, team_id) VALUES ('{project}', gen_random_uuid(), {team})",
        "INSERT INTO codememory.machine (project, machine, team_id) SELECT '{project}', gen_random_uuid(), team_id"
        " FROM codememory.team WHERE name = 'other'",
        "INSERT INTO codememory.machine (project, machine, team_id) VALUES ('{project}', '{machine}', {team})"
        " ON CONFLICT (project, machine) DO UPDATE SET last = 0 RETURNING *",
        "INSERT INTO codememory.project_alias VALUES ({team}, 'remote', 'host/x', '{project}')",
        "INSERT INTO codememory.event (project, machine, number, team_id, stamp, kind, node, other, payload)"
        " VALUES ('{project}', '{machine}', 1, {team}, 1, 'step', decode(repeat('00', 16), 'hex'), '', '')"
        " ON CONFLICT (project, machine, number) DO UPDATE SET payload = '' RETURNING payload",
        "UPDATE codememory.project SET token = gen_random_uuid() WHERE project = '{project}' RETURNING *",
        "INSERT INTO codememory.team (name, role) VALUES ('mine', 'eve')",
    ),
    "as somebody else": (
        "INSERT INTO codememory.machine (project, machine, team_id, author)"
        " VALUES ('{project}', gen_random_uuid(), {team}, 'ann')",
        "INSERT INTO codememory.event (project, machine, number, team_id, stamp, kind, node, other, payload)"
        " VALUES ('{project}', '{machine}', 900, {team}, 1, 'step', decode(repeat('00', 16), 'hex'), '', '')",
        "INSERT INTO codememory.event (project, machine, number, team_id, author, stamp, kind, node, other, payload)"
        " VALUES ('{project}', '{machine}', 900, {team}, 'ann', 1, 'step', decode(repeat('00', 16), 'hex'), '', '')",
    ),
    "another's own, by a member of the team": (
        "UPDATE codememory.event SET payload = ''", "UPDATE codememory.event SET payload = 'x'",
        "UPDATE codememory.event SET author = 'bob'", "UPDATE codememory.machine SET last = 0 WHERE author = 'ann'",
        "UPDATE codememory.machine SET author = 'bob'", "DELETE FROM codememory.event", "TRUNCATE codememory.event",
        "UPDATE codememory.project SET name = 'mine'", "UPDATE codememory.project SET team_id = 2",
        "DELETE FROM codememory.project_alias", "UPDATE codememory.project_alias SET value = 'x'",
    ),
}  # fmt: skip
OWN_TEAM = (
    "somebody else's role", "as somebody else", "another's own, by a member of the team", "another function's place",
    "files and programs of the server", "the sequence",
)  # fmt: skip
"""What is tried by a member of the same team too: reading the team's own is no attack."""


def each() -> dict[str, tuple[str, ...]]:
    """Return every attack: name → its statements."""
    found = dict(TRICKS)
    for table in TABLES:
        column, type_ = COLUMNS[table]
        found[f"every verb on {table}"] = tuple(
            statement.format(table=table, column=column, type=type_) for statement in VERBS.values()
        )
    return found


def attempted(dsn: str, statements: tuple[str, ...], **names: Any) -> str:
    """Run statements one after the other and return everything that came back: rows, notices, errors."""
    said: list[str] = []
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.add_notice_handler(lambda notice: said.append(str(notice.message_primary)))
        connection.execute("SET statement_timeout = 5000")
        for statement in statements:
            filled = statement
            for name, value in names.items():
                filled = filled.replace(f"{{{name}}}", str(value))
            try:
                said += _rows(connection, filled)
            except psycopg.Error as error:
                diagnosed = error.diag
                said += map(str, (error, diagnosed.message_detail, diagnosed.message_hint, diagnosed.context))
                with contextlib.suppress(psycopg.Error):
                    connection.execute("ROLLBACK")
    return "\n".join(said)


def _rows(connection: psycopg.Connection[tuple[Any, ...]], statement: str) -> list[str]:
    if statement.startswith("COPY") and "STDOUT" in statement:
        with connection.cursor().copy(statement.encode()) as copy:
            return [bytes(part).decode() for part in copy]
    cursor = connection.execute(statement.encode())
    found: list[str] = []
    while True:
        if cursor.description:
            found += map(str, cursor.fetchall())
        if not cursor.nextset():
            return found


def planted(server: Server, folder: Path) -> Machine:
    """Return a machine of ann that has told her team of what nobody else may see: everything that says zebra."""
    ann = Machine(folder, "ann", server.dsn("ann", "team"), "zebra project").join(new=True)
    ann.state("decision", "We buy the zebra company")
    ann.sync()
    server.execute(
        "team",
        "INSERT INTO codememory.project_alias SELECT team_id, 'remote', 'host/zebra', project FROM codememory.project"
        " WHERE name = 'zebra project'",
    )
    server.execute("team", "VACUUM ANALYZE")
    return ann


def assert_in_vain(server: Server, ann: Machine, role: str, statements: tuple[str, ...]) -> None:
    """Assert that statements of a role change nothing, and tell it nothing if it is of another team."""
    before = _everything(server)
    (team,) = server.execute("team", "SELECT team_id FROM codememory.team WHERE name = 'shop'")[0]
    said = attempted(
        server.dsn(role, "team"),
        statements,
        project=ann.shared.shared.hex(),
        machine=ann.shared.machine.hex(),
        team=team,
    )
    assert role != "eve" or "zebra" not in said, said
    assert _everything(server) == before


def _everything(server: Server) -> list[list[tuple[Any, ...]]]:
    rows = [server.execute("team", f"SELECT t::text FROM codememory.{table} t ORDER BY 1") for table in TABLES]
    return [*rows, server.execute("team", "SELECT rolname, rolsuper, rolbypassrls FROM pg_roles ORDER BY 1")]
