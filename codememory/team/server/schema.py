"""The team's tables in PostgreSQL, as numbered steps: a released one is never edited.

Only what engines of the family share is relied on; docs/TEAM lists it. A member may read and append, and empty what
the same member said; whose a row is the server decides, by `session_user`.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    import psycopg

PAYLOAD_BYTES_MAX = 16_384
NUMBER_MAX = 1_000_000
MACHINES_MAX = 2_000
"""Machines of one project."""

PROJECTS_MAX = 10_000
"""Projects of one team."""

ALIASES_MAX = 1_000
"""Names of one project."""

DRIFT_MS_MAX = 86_400_000

FIRST = f"""
-- one row: the last step that was taken
CREATE TABLE codememory.version (version integer NOT NULL);
INSERT INTO codememory.version VALUES (0);

-- one row per team; whoever has its role is a member
CREATE TABLE codememory.team (
    team_id integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    name    text NOT NULL UNIQUE CHECK (name ~ '^[a-z][a-z0-9_]{{0,39}}$'),
    role    text NOT NULL UNIQUE
);

-- one row per project that somebody shares
CREATE TABLE codememory.project (
    project uuid PRIMARY KEY,
    team_id integer NOT NULL REFERENCES codememory.team,
    name    text NOT NULL CHECK (octet_length(name) BETWEEN 1 AND 200),
    token   uuid NOT NULL DEFAULT gen_random_uuid(),    -- another one after every push
    UNIQUE (project, team_id),
    UNIQUE (team_id, name)
);

-- one row per name that a project is known by on every machine; kind is remote or commit
CREATE TABLE codememory.project_alias (
    team_id integer NOT NULL,
    kind    text NOT NULL CHECK (kind IN ('remote', 'commit')),
    value   text NOT NULL CHECK (octet_length(value) BETWEEN 1 AND 500),
    project uuid NOT NULL,
    PRIMARY KEY (team_id, kind, value),
    FOREIGN KEY (project, team_id) REFERENCES codememory.project (project, team_id)
);

-- one row per machine of a project, which writes as one role; last is the number of its last event
CREATE TABLE codememory.machine (
    project   uuid NOT NULL,
    machine   uuid NOT NULL,
    team_id   integer NOT NULL,
    author    text NOT NULL DEFAULT session_user,
    last      bigint NOT NULL DEFAULT 0,
    pushed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (project, machine),
    FOREIGN KEY (project, team_id) REFERENCES codememory.project (project, team_id)
);

-- one row per event; appended to, only what its author withdrew is emptied
CREATE TABLE codememory.event (
    project uuid NOT NULL,
    machine uuid NOT NULL,
    number  bigint NOT NULL CHECK (number BETWEEN 1 AND {NUMBER_MAX}),
    team_id integer NOT NULL,
    author  text NOT NULL DEFAULT session_user,
    stamp   bigint NOT NULL CHECK (stamp > 0),
    kind    text NOT NULL CHECK (kind IN ('statement', 'step', 'relation', 'gone')),
    node    bytea NOT NULL CHECK (octet_length(node) = 16),
    other   bytea NOT NULL CHECK (octet_length(other) IN (0, 16)),
    payload text NOT NULL CHECK (octet_length(payload) <= {PAYLOAD_BYTES_MAX}),
    PRIMARY KEY (project, machine, number),
    FOREIGN KEY (project, machine) REFERENCES codememory.machine (project, machine)
);

-- serves: what an author withdraws
CREATE INDEX event_by_node ON codememory.event (project, node);

CREATE FUNCTION codememory.my_teams() RETURNS integer[] LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = pg_catalog AS $$ SELECT coalesce(array_agg(team_id), ARRAY[]::integer[]) FROM codememory.team
          WHERE pg_has_role(session_user, role, 'MEMBER') $$;
CREATE FUNCTION codememory.count_machines(wanted uuid) RETURNS bigint LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = pg_catalog AS $$ SELECT count(*) FROM codememory.machine WHERE project = wanted $$;
CREATE FUNCTION codememory.count_projects(wanted integer) RETURNS bigint LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = pg_catalog AS $$ SELECT count(*) FROM codememory.project WHERE team_id = wanted $$;
CREATE FUNCTION codememory.writes_as(wanted uuid, named uuid) RETURNS integer LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = pg_catalog AS $$ SELECT team_id FROM codememory.machine
                                       WHERE project = wanted AND machine = named AND author = session_user $$;

ALTER TABLE codememory.team ENABLE ROW LEVEL SECURITY;
ALTER TABLE codememory.project ENABLE ROW LEVEL SECURITY;
ALTER TABLE codememory.project_alias ENABLE ROW LEVEL SECURITY;
ALTER TABLE codememory.machine ENABLE ROW LEVEL SECURITY;
ALTER TABLE codememory.event ENABLE ROW LEVEL SECURITY;

CREATE POLICY team_read ON codememory.team FOR SELECT USING (team_id = ANY ((SELECT codememory.my_teams())::integer[]));
CREATE POLICY project_read ON codememory.project FOR SELECT
    USING (team_id = ANY ((SELECT codememory.my_teams())::integer[]));
CREATE POLICY project_add ON codememory.project FOR INSERT
    WITH CHECK (team_id = ANY ((SELECT codememory.my_teams())::integer[])
                AND codememory.count_projects(team_id) < {PROJECTS_MAX});
CREATE POLICY project_turn ON codememory.project FOR UPDATE
    USING (team_id = ANY ((SELECT codememory.my_teams())::integer[]))
    WITH CHECK (team_id = ANY ((SELECT codememory.my_teams())::integer[]));
CREATE POLICY alias_read ON codememory.project_alias FOR SELECT
    USING (team_id = ANY ((SELECT codememory.my_teams())::integer[]));
CREATE POLICY alias_add ON codememory.project_alias FOR INSERT
    WITH CHECK (team_id = ANY ((SELECT codememory.my_teams())::integer[]));
CREATE POLICY machine_read ON codememory.machine FOR SELECT
    USING (team_id = ANY ((SELECT codememory.my_teams())::integer[]));
CREATE POLICY machine_add ON codememory.machine FOR INSERT
    WITH CHECK (team_id = ANY ((SELECT codememory.my_teams())::integer[]) AND author = session_user
                AND codememory.count_machines(project) < {MACHINES_MAX});
CREATE POLICY machine_turn ON codememory.machine FOR UPDATE
    USING (team_id = ANY ((SELECT codememory.my_teams())::integer[]) AND author = session_user)
    WITH CHECK (team_id = ANY ((SELECT codememory.my_teams())::integer[]) AND author = session_user
                AND last <= {NUMBER_MAX});
CREATE POLICY event_read ON codememory.event FOR SELECT
    USING (team_id = ANY ((SELECT codememory.my_teams())::integer[]));
CREATE POLICY event_add ON codememory.event FOR INSERT
    WITH CHECK (team_id = ANY ((SELECT codememory.my_teams())::integer[]) AND author = session_user
                AND team_id = codememory.writes_as(project, machine)
                AND (stamp >> 16) <= extract(epoch FROM now()) * 1000 + {DRIFT_MS_MAX});
CREATE POLICY event_empty ON codememory.event FOR UPDATE
    USING (team_id = ANY ((SELECT codememory.my_teams())::integer[]) AND author = session_user)
    WITH CHECK (team_id = ANY ((SELECT codememory.my_teams())::integer[]) AND author = session_user AND payload = '');
"""

SECOND = f"""
-- what the policies count is told of one's own teams only; VOLATILE, so that it sees the rows of its own statement
CREATE OR REPLACE FUNCTION codememory.count_machines(wanted uuid) RETURNS bigint LANGUAGE sql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp AS $$ SELECT count(*) FROM codememory.machine
          WHERE project = wanted AND team_id = ANY ((SELECT codememory.my_teams())::integer[]) $$;
CREATE OR REPLACE FUNCTION codememory.count_projects(wanted integer) RETURNS bigint LANGUAGE sql VOLATILE
    SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$ SELECT count(*) FROM codememory.project
          WHERE team_id = wanted AND team_id = ANY ((SELECT codememory.my_teams())::integer[]) $$;
CREATE FUNCTION codememory.count_aliases(team integer, wanted uuid) RETURNS bigint LANGUAGE sql VOLATILE
    SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$ SELECT count(*) FROM codememory.project_alias
          WHERE team_id = team AND project = wanted AND team_id = ANY ((SELECT codememory.my_teams())::integer[]) $$;
ALTER POLICY alias_add ON codememory.project_alias
    WITH CHECK (team_id = ANY ((SELECT codememory.my_teams())::integer[])
                AND codememory.count_aliases(team_id, project) < {ALIASES_MAX});
ALTER FUNCTION codememory.my_teams() SET search_path = pg_catalog, pg_temp;
ALTER FUNCTION codememory.writes_as(uuid, uuid) SET search_path = pg_catalog, pg_temp;
"""

STEPS: tuple[str, ...] = (FIRST, SECOND)

GRANTS = """
GRANT USAGE ON SCHEMA codememory TO {role};
GRANT SELECT ON codememory.version, codememory.team, codememory.project, codememory.project_alias, codememory.machine,
    codememory.event TO {role};
GRANT INSERT (project, team_id, name), UPDATE (token) ON codememory.project TO {role};
GRANT INSERT ON codememory.project_alias TO {role};
GRANT INSERT (project, machine, team_id), UPDATE (last, pushed_at) ON codememory.machine TO {role};
GRANT INSERT (project, machine, number, team_id, stamp, kind, node, other, payload), UPDATE (payload)
    ON codememory.event TO {role};
"""


def bring_up_to_date(connection: psycopg.Connection[tuple[object, ...]]) -> int:
    """Create the tables, or take the missing steps, in the caller's transaction; return the version they have then."""
    connection.execute("SELECT pg_advisory_xact_lock(1129137485)")
    connection.execute("CREATE SCHEMA IF NOT EXISTS codememory")
    connection.execute("REVOKE ALL ON SCHEMA codememory FROM PUBLIC")
    known = connection.execute("SELECT to_regclass('codememory.version') IS NOT NULL").fetchone()
    version = 0
    if known and known[0]:
        row = connection.execute("SELECT version FROM codememory.version").fetchone()
        version = int(str(row[0])) if row else 0
    for step in STEPS[version:]:
        connection.execute(step.encode())
        version += 1
    connection.execute("UPDATE codememory.version SET version = %s", (version,))
    return version


def add_team(connection: psycopg.Connection[tuple[object, ...]], name: str, members: list[str]) -> str:
    """Make a team and its role known, with these roles as members; return the role."""
    from psycopg import sql

    role = f"codememory_{name}"
    known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (role,)).fetchone()
    if known is None:
        connection.execute(sql.SQL("CREATE ROLE {} NOLOGIN").format(sql.Identifier(role)))
    for statement in GRANTS.split(";")[:-1]:
        connection.execute(sql.SQL(statement).format(role=sql.Identifier(role)))
    connection.execute(
        "INSERT INTO codememory.team (name, role) VALUES (%s, %s) ON CONFLICT (name) DO NOTHING", (name, role)
    )
    for member in members:
        connection.execute(sql.SQL("GRANT {} TO {}").format(sql.Identifier(role), sql.Identifier(member)))
    return role
