"""Two projects become one: everything of the one moves to the other, and what both hold is put together."""

from __future__ import annotations

from codememory import db

TYPE_CHECKING = False
if TYPE_CHECKING:
    import apsw


def same_failures(connection: apsw.Connection, old_id: int, kept_id: int) -> list[tuple[int, int]]:
    """Return (node of the one project, node of the other) of every failure that both know."""
    return db.rows(
        connection,
        "SELECT o.node_id, k.node_id FROM failure o JOIN failure k ON k.project_id = ? AND k.signature = o.signature"
        " WHERE o.project_id = ? ORDER BY o.node_id",
        (kept_id, old_id),
    )


def same_statements(connection: apsw.Connection, project_id: int) -> list[tuple[int, int]]:
    """Return (node, the newer one that says the same) of a project's active decisions, constraints and tasks."""
    return db.rows(
        connection,
        "SELECT o.node_id, (SELECT n.node_id FROM node n WHERE n.project_id = o.project_id AND n.kind = o.kind"
        " AND n.status = 'active' AND lower(n.content) = lower(o.content) AND (n.updated_at, n.node_id)"
        " > (o.updated_at, o.node_id) ORDER BY n.updated_at DESC, n.node_id DESC LIMIT 1) AS newer FROM node o"
        " WHERE o.project_id = ? AND o.status = 'active' AND o.kind IN ('decision', 'constraint', 'task')"
        " AND newer IS NOT NULL",
        (project_id,),
    )


def merge_failure(connection: apsw.Connection, old_id: int, kept_id: int) -> None:
    """Put what is known of one failure node to another's, and drop the first; the latest content is the one kept."""
    connection.execute(
        "UPDATE failure AS k SET occurrences = k.occurrences + o.occurrences, first_at = min(k.first_at, o.first_at),"
        " last_at = max(k.last_at, o.last_at), passed_at = max(k.passed_at, o.passed_at),"
        " contents = CASE WHEN o.last_at > k.last_at THEN o.contents ELSE k.contents END,"
        " symbol = coalesce(k.symbol, o.symbol) FROM failure o WHERE o.node_id = :old AND k.node_id = :kept",
        {"old": old_id, "kept": kept_id},
    )
    connection.execute("DELETE FROM failure WHERE node_id = ?", (old_id,))
    for table, column in _columns_naming(connection, "node"):
        _move(connection, table, column, old_id, kept_id)
    connection.execute("DELETE FROM node_index WHERE rowid = ?", (old_id,))
    connection.execute("DELETE FROM node WHERE node_id = ?", (old_id,))


def merge_project(connection: apsw.Connection, old_id: int, kept_id: int) -> None:
    """Give all rows of one project to another, its names included, and drop the first."""
    for table, column in _columns_naming(connection, "project"):
        _move(connection, table, column, old_id, kept_id)
    connection.execute("DELETE FROM project WHERE project_id = ?", (old_id,))


def _move(connection: apsw.Connection, table: str, column: str, old_id: int, kept_id: int) -> None:
    """Let rows name another; one that the other has already is not kept twice."""
    connection.execute(f"UPDATE OR IGNORE {table} SET {column} = ? WHERE {column} = ?", (kept_id, old_id))
    connection.execute(f"DELETE FROM {table} WHERE {column} = ?", (old_id,))


def _columns_naming(connection: apsw.Connection, owner: str) -> list[tuple[str, str]]:
    """Return (table, column) of everything that names a row of a table, so that no later table is forgotten.

    Records of what was said name nodes without a foreign key, because they may name messages instead.
    """
    return db.rows(
        connection,
        "SELECT m.name, c.name FROM sqlite_schema m JOIN pragma_table_info(m.name) c WHERE m.type = 'table'"
        " AND m.name <> :owner AND (c.name = :owner || '_id' OR EXISTS (SELECT 1 FROM pragma_foreign_key_list(m.name) f"
        ' WHERE f."table" = :owner AND f."from" = c.name)) ORDER BY 1, 2',
        {"owner": owner},
    )
