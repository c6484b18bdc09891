"""Reach the server: never in clear over a network, and never for longer than agreed."""

from __future__ import annotations

import configparser
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from codememory import config
from codememory.errors import TeamError

if TYPE_CHECKING:
    import psycopg

    Connection = psycopg.Connection[tuple[Any, ...]]

CONNECT_SECONDS = 5
STATEMENT_MS = 20_000
SECURE = ("require", "verify-ca", "verify-full")
LOOPBACK = ("", "localhost", "::1", "ip6-localhost")


@contextmanager
def connected(statement_ms: int = STATEMENT_MS) -> Iterator[Connection]:
    """Yield a connection outside of a transaction; whatever the server does ends as one sentence.

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
        options = f"{given.get('options', '')} -c statement_timeout={statement_ms} -c lock_timeout={statement_ms}"
        given |= {
            "connect_timeout": str(CONNECT_SECONDS),
            "tcp_user_timeout": str(statement_ms),
            "keepalives_idle": "5",
        }
        given |= {"application_name": "codememory", "options": options.strip()}
        with psycopg.connect(**given, autocommit=True) as connection:
            if not _is_local(connection.info.host) and not connection.pgconn.ssl_in_use:
                raise TeamError("The team's server is reached without TLS: set sslmode=verify-full in the connection.")
            yield connection
    except psycopg.Error as error:
        raise TeamError(f"The team's server: {sentence_of(error)}") from error
    except (UnicodeDecodeError, ValueError, LookupError) as error:  # a server that is none
        raise TeamError(f"The team's server answers what PostgreSQL never would: {type(error).__name__}.") from error


def sentence_of(error: Exception) -> str:
    """Return an error of the driver in one line, without what a connection string could hold."""
    first = str(error).strip().partition("\n")[0] or type(error).__name__
    from codememory import redact

    return redact.redacted(first)[:300]


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
    return host in LOOPBACK or host.startswith(("/", "@", "127."))


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
