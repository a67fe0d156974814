"""A private PostgreSQL, really started, killed and started again; `make faults` runs these."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from devtools import cluster as clusters
from devtools import housing, process
from devtools.cluster import Cluster
from devtools.problem import Problem

pytestmark = pytest.mark.faults


def _pid(cluster: Cluster) -> int:
    pid = clusters.running_pid(cluster)
    assert pid is not None
    return pid


def _insert(cluster: Cluster, number: int) -> None:
    with psycopg.connect(clusters.url(cluster), autocommit=True) as connection:
        connection.execute("SET synchronous_commit = on")
        connection.execute("CREATE TABLE IF NOT EXISTS kept (number int)")
        connection.execute("INSERT INTO kept VALUES (%s)", [number])


def _numbers(cluster: Cluster) -> list[int]:
    with psycopg.connect(clusters.url(cluster)) as connection:
        return [number for (number,) in connection.execute("SELECT number FROM kept ORDER BY 1")]


def test_a_second_start_finds_the_first_one_and_a_stop_keeps_the_data(cluster: Cluster) -> None:
    assert clusters.start(cluster)
    first = _pid(cluster)
    assert not clusters.start(cluster)
    assert _pid(cluster) == first
    _insert(cluster, 1)
    assert clusters.stop(cluster)
    assert clusters.running_pid(cluster) is None
    assert not clusters.stop(cluster)
    assert clusters.start(cluster)
    assert _numbers(cluster) == [1]


def test_nobody_else_may_look_into_the_data_or_reach_the_server(cluster: Cluster) -> None:
    clusters.start(cluster)
    for folder in (cluster.data, cluster.sockets):
        assert stat.S_IMODE(folder.stat().st_mode) & 0o077 == 0
    with psycopg.connect(clusters.url(cluster)) as connection:
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)


def test_a_killed_server_is_started_again_with_what_was_committed(cluster: Cluster) -> None:
    clusters.start(cluster)
    _insert(cluster, 1)
    killed = _pid(cluster)
    os.kill(killed, signal.SIGKILL)
    process.wait_gone([killed], seconds=10)
    assert cluster.pid_file.exists()
    assert clusters.running_pid(cluster) is None
    assert clusters.start(cluster)
    assert _numbers(cluster) == [1]


def test_orphans_of_a_killed_server_do_not_hinder_the_next_one(cluster: Cluster) -> None:
    clusters.start(cluster)
    busy = psycopg.connect(clusters.url(cluster), autocommit=True)
    with ThreadPoolExecutor(1) as pool:
        sleeping = pool.submit(busy.execute, "SELECT pg_sleep(60)")
        killed = _pid(cluster)
        os.kill(killed, signal.SIGKILL)
        process.wait_gone([killed], seconds=10)
        assert clusters.start(cluster)
        with pytest.raises(psycopg.OperationalError):
            sleeping.result(timeout=30)
    busy.close()


def test_a_process_that_got_the_old_number_is_left_alone(cluster: Cluster) -> None:
    clusters.start(cluster)
    clusters.stop(cluster)
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as stranger:
        number = f"{stranger.pid}\n"
        cluster.pid_file.write_text(
            f"{number}{cluster.data}\n0\n5432\n{cluster.sockets}\n\n\nready\n"
        )
        (cluster.sockets / ".s.PGSQL.5432.lock").write_text(number)
        assert clusters.running_pid(cluster) is None
        assert clusters.start(cluster)
        assert stranger.poll() is None
        stranger.communicate(b"\n")


def test_starts_at_the_same_time_make_one_server(cluster: Cluster) -> None:
    with ThreadPoolExecutor(4) as pool:
        started = list(pool.map(lambda _: clusters.start(cluster), range(4)))
    assert sorted(started) == [False, False, False, True]
    with psycopg.connect(clusters.url(cluster)) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_data_folder_that_was_left_half_made_is_made_anew(cluster: Cluster) -> None:
    clusters.start(cluster)
    clusters.stop(cluster)
    (cluster.data / "PG_VERSION").unlink()
    assert clusters.start(cluster)


def test_data_of_another_version_are_refused_and_untouched(cluster: Cluster) -> None:
    clusters.start(cluster)
    clusters.stop(cluster)
    version = cluster.data / "PG_VERSION"
    version.write_text("9\n")
    with pytest.raises(Problem, match="of PostgreSQL 9, the program is"):
        clusters.start(cluster)
    assert (cluster.data / "base").is_dir()


def test_a_project_with_a_long_or_odd_path_gets_its_server_too(project: Path) -> None:
    for name in ("with space, comma \"quote\" 'and' $HOME", "long" * 30):
        odd = project / name
        odd.mkdir(mode=0o755)
        made = housing.cluster(odd, name="postgres", fast=True)
        try:
            clusters.start(made)
            with psycopg.connect(clusters.url(made)) as connection:
                assert connection.execute("SELECT 1").fetchone() == (1,)
        finally:
            clusters.stop(made)
            made.sockets.rmdir()


def test_a_folder_prepared_by_somebody_else_is_refused(cluster: Cluster, project: Path) -> None:
    elsewhere = project / "elsewhere"
    elsewhere.mkdir()
    cluster.folder.symlink_to(elsewhere)
    with pytest.raises(Problem, match="belongs to another user"):
        clusters.start(cluster)
    assert not any(elsewhere.iterdir())
