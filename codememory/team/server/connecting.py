"""Reach the server: never in clear over a network, and never for longer than agreed."""

from __future__ import annotations

import configparser
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from threading import Timer
from typing import TYPE_CHECKING, Any

from codememory import config
from codememory.errors import TeamError

if TYPE_CHECKING:
    import psycopg

    Connection = psycopg.Connection[tuple[Any, ...]]

CONNECT_SECONDS = 5
STATEMENT_MS = 20_000
LIMIT_SECONDS = 360.0
"""Of a connection: a server that ends no statement does not hold anybody for longer."""

SECURE = ("require", "verify-ca", "verify-full")
NOT_POSTGRESQL = (ValueError, LookupError, TypeError, AttributeError, OverflowError, MemoryError)
"""What answers lead to that no PostgreSQL gives: other columns, other types, no end."""

LOOPBACK = ("", "localhost", "::1", "ip6-localhost")
SEARCH_PATH = "pg_catalog, pg_temp"
"""Where names without a schema are looked for: nobody's functions in `public` are called with a member's rights."""

HINTS = {
    "certificate verify failed": "sslrootcert names the authority that signed its certificate",
    "root certificate file": "sslrootcert names the authority that signed its certificate",
    "does not match host name": "name the host as its certificate does",
    "does not support SSL": "TLS is to be switched on there",
    "No space left": "its administrator has to make room",
    "read-only transaction": "only its primary takes something in",
    "permission denied": "is the role still in the team?",
}
"""What to do about what a server says."""


@contextmanager
def connected(*, limited: bool = True) -> Iterator[Connection]:
    """Yield a connection outside of a transaction; whatever the server does ends as one sentence.

    A connection that is not limited stays for as long as somebody waits on it.

    Raises:
        TeamError: There is no driver, no server, no encryption, no right, or no answer in time.

    """
    try:
        import psycopg
    except ImportError as error:
        raise TeamError(
            "The PostgreSQL driver is missing: install codememory[team], or `pip install 'psycopg[binary]'`"
            " into CodeMemory's environment."
        ) from error
    try:
        given = _given(config.setting("TEAM_DSN"))
        given |= {
            "connect_timeout": str(CONNECT_SECONDS), "tcp_user_timeout": str(STATEMENT_MS), "keepalives_idle": "5",
            "application_name": "codememory",
        }  # fmt: skip
        with psycopg.connect(**given, autocommit=True) as connection:
            if not _is_local(connection.info.host) and not connection.pgconn.ssl_in_use:
                raise TeamError("The team's server is reached without TLS: set sslmode=verify-full in the connection.")
            with _limit(connection) if limited else nullcontext():
                # not as an option of the connection, which poolers refuse or drop
                connection.execute(
                    f"SET statement_timeout = {STATEMENT_MS:d}; SET lock_timeout = {STATEMENT_MS:d};"
                    f" SET search_path = {SEARCH_PATH}".encode()
                )
                yield connection
    except psycopg.Error as error:
        raise TeamError(f"The team's server: {sentence_of(error)}") from error
    except NOT_POSTGRESQL as error:
        raise TeamError(f"The team's server answers what PostgreSQL never would: {type(error).__name__}.") from error


@contextmanager
def _limit(connection: Connection) -> Iterator[None]:
    """Hang up when the time is over, whatever is waited for then."""
    late: list[bool] = []

    def hang_up() -> None:
        late.append(True)
        with suppress(OSError), socket.socket(fileno=os.dup(connection.fileno())) as line:
            line.shutdown(socket.SHUT_RDWR)

    timer = Timer(LIMIT_SECONDS, hang_up)
    timer.daemon = True
    timer.start()
    try:
        yield
    except Exception as error:
        if late:
            raise TeamError("The team's server does not come to an end: the connection was given up.") from error
        raise
    finally:
        timer.cancel()


def sentence_of(error: Exception) -> str:
    """Return an error of the driver in one line, without what a connection string could hold."""
    from codememory import redact

    first = str(error).strip().partition("\n")[0].removeprefix("connection failed: ") or type(error).__name__
    hint = next((f"; {told}" for part, told in HINTS.items() if part in first), "")
    return redact.redacted(first)[:300] + hint


def _given(dsn: str) -> dict[str, Any]:
    """Return the parameters of a connection, encrypted wherever it leaves this machine.

    Raises:
        TeamError: It is to leave it in clear.

    """
    from psycopg import conninfo

    found: dict[str, Any] = dict(conninfo.conninfo_to_dict(dsn))
    service = _service(str(found.get("service") or os.environ.get("PGSERVICE", "")))

    def parameter(name: str) -> str:
        return str(found.get(name) or service.get(name) or os.environ.get(f"PG{name.upper()}", ""))

    hosts = [*parameter("host").split(","), *parameter("hostaddr").split(",")]
    if all(map(_is_local, hosts)):
        return found
    mode = parameter("sslmode")
    if mode and mode not in SECURE:
        raise TeamError(
            f"sslmode={mode} would send what the team shares in clear: use sslmode=verify-full (or at least require)."
        )
    return found | {"sslmode": mode or "require"}


def _is_local(host: str | None) -> bool:
    """Tell whether a host is this machine: a socket's folder, or a loopback address."""
    host = host or ""
    return (
        host in LOOPBACK or host.startswith(("/", "@")) or (host.startswith("127.") and not host.strip("0123456789."))
    )


def _service(name: str) -> dict[str, str]:
    """Return what libpq's service file says of a service."""
    if not name:
        return {}
    paths = [os.environ.get("PGSERVICEFILE") or os.path.expanduser("~/.pg_service.conf")]
    paths.append(os.path.join(os.environ.get("PGSYSCONFDIR", "/etc/postgresql-common"), "pg_service.conf"))
    for path in paths:
        reader = configparser.ConfigParser(interpolation=None, strict=False)
        try:
            reader.read(path, "utf-8")
        except (configparser.Error, UnicodeDecodeError):
            continue
        if reader.has_section(name):
            return dict(reader.items(name))
    return {}
