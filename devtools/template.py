"""A migrated, empty database that test databases are copied from: seconds instead of half a minute.

It is made once for a state of the migrations. A copy is still migrated, so a stale template costs
time and never a wrong test.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import subprocess
import sys
from pathlib import Path

import psycopg
from psycopg import sql

from devtools import cluster as clusters
from devtools.cluster import Cluster

PREFIX = "template_leadgov_"
KEPT = 2


def fingerprint(project: Path) -> str:
    """What a migrated database depends on: the migrations and the installed packages."""
    digest = hashlib.sha256((project / "requirements.lock").read_bytes())
    for path in sorted(project.glob("*/migrations/**/*.py")):
        digest.update(str(path.relative_to(project)).encode() + path.read_bytes())
    return digest.hexdigest()[:12]


def provide(cluster: Cluster, project: Path) -> str | None:
    """The name of the template on the running cluster, made when missing; None when it fails."""
    name = PREFIX + fingerprint(project)
    with cluster.lock.with_name("template.lock").open("a") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        with psycopg.connect(clusters.url(cluster, "postgres"), autocommit=True) as connection:
            if _exists(connection, name):
                return name
            fresh = f"{name}_new"
            _drop(connection, fresh)
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(fresh)))
            if not _migrate(clusters.url(cluster, fresh), project):
                return None
            connection.execute(
                sql.SQL("ALTER DATABASE {} RENAME TO {}").format(
                    sql.Identifier(fresh), sql.Identifier(name)
                )
            )
            _drop_older(connection)
    return name


def _migrate(url: str, project: Path) -> bool:
    environment = {
        **os.environ,
        "DATABASE_URL": url,
        "DJANGO_SETTINGS_MODULE": "leadgov.settings",
        "LEADGOV_TESTING": "1",
    }
    done = subprocess.run(
        [sys.executable, "manage.py", "migrate", "--noinput", "--skip-checks"],
        cwd=project, env=environment, capture_output=True, check=False,
    )  # fmt: skip
    return done.returncode == 0


def _exists(connection: psycopg.Connection[tuple[object, ...]], name: str) -> bool:
    query = "SELECT 1 FROM pg_database WHERE datname = %s"
    return connection.execute(query, [name]).fetchone() is not None


def _drop(connection: psycopg.Connection[tuple[object, ...]], name: str) -> None:
    connection.execute(
        sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
    )


def _drop_older(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    found = connection.execute(
        "SELECT datname FROM pg_database WHERE starts_with(datname, %s) "
        "ORDER BY oid DESC OFFSET %s",
        [PREFIX, KEPT],
    ).fetchall()
    for (name,) in found:
        _drop(connection, str(name))
