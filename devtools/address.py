"""Which database DATABASE_URL names, told without its password; and whether it answers."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

import psycopg
from psycopg import conninfo

from devtools.problem import Problem

OLDEST_SERVER = 15
SCHEMES = ("postgres", "postgresql", "psql", "pgsql")
# What of a URL's query concerns the connection itself; the rest is the settings' matter.
CONNECTION_KEYS = ("host", "sslmode", "sslrootcert", "sslcert", "sslkey", "target_session_attrs")
SECRET_KEYS = ("password", "sslpassword", "passfile")


def masked(url: str) -> str:
    """The URL as it may be printed: every password is replaced by ***."""
    try:
        parts = urlsplit(url)
        query = parse_qsl(parts.query, keep_blank_values=True)
    except ValueError:
        return "***"
    # An @ further on: an unescaped / or ? in the password has cut the URL in the wrong place.
    if not parts.scheme or not (parts.netloc or parts.path) or "@" in parts.path + parts.query:
        return "***"
    login, at, place = parts.netloc.rpartition("@")
    user, colon, _ = login.partition(":")
    shown = [(key, "***" if key in SECRET_KEYS else value) for key, value in query]
    netloc = f"{user}{':***' if colon else ''}{at}{place}"
    return f"{parts.scheme}://{netloc}{parts.path}" + (
        f"?{urlencode(shown, safe='*/')}" if shown else ""
    )


@dataclass(frozen=True, slots=True)
class Server:
    """What a DATABASE_URL names."""

    host: str
    port: int
    name: str
    parameters: dict[str, str]

    def __str__(self) -> str:
        return f"database {self.name!r} on {self.host}:{self.port}"


def server(url: str) -> Server:
    """Read a DATABASE_URL. Raises Problem when it does not name a PostgreSQL database."""
    form = "postgres://user:password@host:5432/name"
    try:
        parts = urlsplit(url.strip())
        number = parts.port or 5432
        if "@" in parts.path:
            raise ValueError(parts.path)
    except ValueError:
        raise Problem(
            f"DATABASE_URL cannot be read: write {form}, special characters of the password as %XX."
        ) from None
    if parts.scheme not in SCHEMES:
        raise Problem(f"DATABASE_URL must be of the form {form}; it is {masked(url)}.")
    name = unquote(parts.path.lstrip("/"))
    if not name:
        raise Problem(f"DATABASE_URL names no database: write {form}; it is {masked(url)}.")
    query = dict(parse_qsl(parts.query))
    parameters = {key: query[key] for key in CONNECTION_KEYS if key in query}
    parameters.setdefault("host", unquote(parts.hostname or ""))
    if parts.username:
        parameters["user"] = unquote(parts.username)
    if parts.password:
        parameters["password"] = unquote(parts.password)
    return Server(parameters["host"] or "this machine", number, name, parameters)


def connect(url: str) -> psycopg.Connection[tuple[object, ...]]:
    """Open the database a DATABASE_URL names. Raises Problem, free of the password."""
    named = server(url)
    parameters = {key: value for key, value in named.parameters.items() if value}
    try:
        connection = psycopg.connect(
            conninfo.make_conninfo(
                dbname=named.name, port=named.port, connect_timeout=5, **parameters
            )
        )
    except psycopg.Error as error:
        why = (str(error).strip().splitlines() or ["no reason given"])[0].rpartition("failed: ")[2]
        raise Problem(f"No connection to {named} ({masked(url)}): {why}") from None
    if connection.info.server_version // 10000 < OLDEST_SERVER:
        found = connection.info.server_version // 10000
        connection.close()
        raise Problem(f"PostgreSQL {OLDEST_SERVER} or later is needed; {named} is {found}.")
    return connection
