"""The embedded PostgreSQL: `python -m devtools.database start|stop|url|status [--test]`.

There are two clusters. The one of `make run` keeps its data safely; the one of the tests is fast
and forgets on a power cut. Both listen on a socket in a private folder, never on the network.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import psycopg
from psycopg import sql

from devtools import cluster as clusters
from devtools import housing, process
from devtools.cluster import Cluster
from devtools.problem import Problem

PROJECT = Path(__file__).resolve().parent.parent
TEST_PREFIX = "test_leadgov_"


def the_cluster(*, test: bool = False, project: Path = PROJECT) -> Cluster:
    """The project's cluster for running, or the one for its tests; nothing is started."""
    return housing.cluster(project, name="postgres-test" if test else "postgres", fast=test)


def url(*, test: bool = False, project: Path = PROJECT) -> str:
    """The DATABASE_URL the cluster has, or will have once it is started."""
    return clusters.url(the_cluster(test=test, project=project))


def start(*, test: bool = False, project: Path = PROJECT) -> str:
    """Start the cluster where it does not run yet; returns its DATABASE_URL.

    Raises Problem when it cannot be started.
    """
    cluster = the_cluster(test=test, project=project)
    if cluster.note and not cluster.data.exists():
        print(cluster.note, file=sys.stderr)
    clusters.start(cluster)
    return clusters.url(cluster)


def stop(*, test: bool = False, project: Path = PROJECT) -> bool:
    """Stop the cluster; True when it ran."""
    return clusters.stop(the_cluster(test=test, project=project))


def drop_left_over_tests(*, project: Path = PROJECT) -> list[str]:
    """Drop the databases of test runs that were killed; a database's name tells its process."""
    cluster = the_cluster(test=True, project=project)
    with psycopg.connect(clusters.url(cluster, "postgres"), autocommit=True) as connection:
        found = connection.execute(
            "SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [TEST_PREFIX]
        ).fetchall()
        dead = [name for (name,) in found if not process.alive(_process_of(name))]
        for name in dead:
            connection.execute(
                sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
            )
    return dead


def _process_of(name: str) -> int:
    number = name.removeprefix(TEST_PREFIX).partition("_")[0]
    return int(number) if number.isdecimal() else 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code is 0, 1 for a problem, 3 for `status` of a stopped one."""
    parser = argparse.ArgumentParser(prog="python -m devtools.database", description=__doc__)
    parser.add_argument("command", choices=["start", "stop", "url", "status"])
    parser.add_argument("--test", action="store_true", help="the cluster of the tests")
    given = parser.parse_args(arguments)
    try:
        return _run(given.command, test=given.test)
    except Problem as problem:
        print(problem, file=sys.stderr)
        return 1


def _run(command: str, *, test: bool) -> int:
    if command in {"start", "url"}:
        print(start(test=test))
        return 0
    if command == "stop":
        print("stopped" if stop(test=test) else "was not running")
        return 0
    cluster = the_cluster(test=test)
    pid = clusters.running_pid(cluster)
    print(f"running, process {pid}" if pid else "stopped")
    print(f"data     {cluster.data}")
    print(f"log      {cluster.log}")
    print(f"address  {clusters.url(cluster)}")
    return 0 if pid else 3


if __name__ == "__main__":
    sys.exit(main())
