"""`make run` from the outside: the real launcher, server and database around a stand-in product.

They start and end whole servers; `make faults` runs these.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from devtools import database, process, run_state
from tests.integration.devtools import standin

PATIENCE_SECONDS = 120.0

pytestmark = [pytest.mark.timeout(600), pytest.mark.faults]


class Run:
    """One launcher, started in a session of its own as a terminal would."""

    def __init__(self, project: Path, **variables: str) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.said = project / f"said-{self.port}.txt"
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("LEADGOV", "DATABASE"))}
        environment = kept | {"PORT": str(self.port)} | variables
        with self.said.open("wb") as said:
            self.launcher = subprocess.Popen(
                [sys.executable, "-m", "devtools.launch"],
                cwd=project, env=environment, stdout=said, stderr=said, start_new_session=True,
            )  # fmt: skip

    def text(self) -> str:
        return self.said.read_text()

    def wait_for(self, words: str) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while words not in self.text():
            assert self.launcher.poll() is None, self.text()
            assert time.monotonic() < deadline, self.text()
            time.sleep(0.05)

    def running(self) -> Run:
        self.wait_for("runs at")
        self.wait_for("sam@example.com")
        return self

    def stop(self, by: signal.Signals = signal.SIGTERM) -> int:
        self.launcher.send_signal(by)
        return self.end()

    def end(self) -> int:
        return self.launcher.wait(timeout=PATIENCE_SECONDS)


@pytest.fixture
def product(project: Path) -> Iterator[Path]:
    standin.build(project)
    yield project
    with contextlib.suppress(Exception):
        run_state.stop_launcher(project / ".leadgov", seconds=30)
    run_state.end_left_overs(project)
    database.stop(project=project)


def _processes(product: Path) -> list[int]:
    return process.carrying(run_state.MARK, run_state.mark(product))


def _child(run: Run, words: str, *, other_than: int = 0) -> int:
    """The launcher's own child whose command line has these words, as soon as there is one."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        for pid in process.children(run.launcher.pid):
            if pid != other_than and words in _line(pid):
                return pid
        time.sleep(0.05)
    raise AssertionError(run.text())


def _line(pid: int) -> str:
    try:
        return (process.PROC / str(pid) / "cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""  # it is gone by now


def _users(product: Path) -> list[str]:
    with psycopg.connect(database.start(project=product)) as connection:
        return [name for (name,) in connection.execute("SELECT name FROM people_user ORDER BY 1")]


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGHUP])
def test_it_runs_and_one_signal_stops_all_of_it(product: Path, by: signal.Signals) -> None:
    run = Run(product).running()
    with urllib.request.urlopen(f"http://127.0.0.1:{run.port}/") as answer:
        assert answer.read() == b"fine"
    run.wait_for("worker | ERROR the worker has something to say")
    assert run.stop(by) == 0
    assert _processes(product) == []
    assert not database.stop(project=product), "the database was still running"
    assert "Traceback" not in run.text()


def test_the_second_run_keeps_the_data_and_loads_nothing(product: Path) -> None:
    Run(product).running().stop()
    second = Run(product).running()
    second.stop()
    assert "made-up company" not in second.text()
    assert _users(product) == ["demo begun", "demo done"]


def test_a_second_launcher_is_refused_with_the_address_of_the_first(product: Path) -> None:
    first = Run(product).running()
    second = Run(product)
    assert second.end() == 1
    assert f"Already running here, at http://localhost:{first.port}/" in second.text()
    assert len(second.text().splitlines()) == 1
    assert first.stop() == 0


@pytest.mark.parametrize("what", ["gunicorn", "manage.py worker"])
@pytest.mark.faults
def test_what_is_killed_comes_back_and_leaves_nothing_behind(product: Path, what: str) -> None:
    run = Run(product).running()
    killed = _child(run, what)
    before, below = process.children(run.launcher.pid), process.children(killed)
    os.kill(killed, signal.SIGKILL)
    run.wait_for("was killed by signal 9; starting it again")
    _child(run, what, other_than=killed)
    assert len(process.children(run.launcher.pid)) == len(before)
    assert process.wait_gone(below, seconds=PATIENCE_SECONDS) == []
    assert run.stop() == 0
    assert _processes(product) == []


@pytest.mark.faults
def test_a_killed_launcher_takes_its_children_along_and_the_next_one_starts(product: Path) -> None:
    first = Run(product).running()
    first.launcher.kill()
    first.end()
    second = Run(product, PORT=str(first.port)).running()
    assert second.stop() == 0
    assert _processes(product) == []


@pytest.mark.faults
def test_after_everything_was_killed_at_once_the_next_start_cleans_up(product: Path) -> None:
    first = Run(product).running()
    for child in process.children(first.launcher.pid):
        os.kill(child, signal.SIGKILL)
    first.launcher.kill()
    first.end()
    second = Run(product, PORT=str(first.port)).running()
    assert second.stop() == 0
    assert _processes(product) == []
    assert _users(product) == ["demo begun", "demo done"]


@pytest.mark.faults
def test_a_demo_cut_off_half_way_is_loaded_anew_once_and_never_again(product: Path) -> None:
    (product / "slow").touch()
    cut = Run(product)
    cut.wait_for("making up ninety days of a company")
    deadline = time.monotonic() + PATIENCE_SECONDS
    while _users(product) != ["demo begun"] and time.monotonic() < deadline:
        time.sleep(0.05)
    assert cut.stop() == 0
    (product / "slow").unlink()
    Run(product).running().stop()
    assert _users(product) == ["demo begun", "demo done"]
    with psycopg.connect(database.start(project=product), autocommit=True) as connection:
        connection.execute("INSERT INTO people_user VALUES ('somebody real')")
    Run(product).running().stop()
    assert "somebody real" in _users(product)


@pytest.mark.faults
def test_without_a_demo_nobody_is_made_up(product: Path) -> None:
    Run(product, LEADGOV_DEMO="0").running().stop()
    assert _users(product) == []


@pytest.mark.parametrize(
    ("variables", "told"),
    [
        ({"PORT": "eighty"}, "PORT must be a number"),
        ({"DATABASE_URL": "postgres://ann:s3cr3t@127.0.0.1:1/leads"}, "'leads' on 127.0.0.1:1"),
        ({"DATABASE_URL": "mysql://ann:s3cr3t@db/leads"}, "must be of the form postgres://"),
    ],
)
def test_what_is_in_the_way_is_told_in_one_line(
    product: Path, variables: dict[str, str], told: str
) -> None:
    run = Run(product, **variables)
    assert run.end() == 1
    last = run.text().splitlines()[-1]
    assert last.startswith("LeadGov: ")
    assert told in last
    assert "Traceback" not in run.text()
    assert "s3cr3t" not in run.text()


def test_a_taken_port_is_told_before_anything_is_started(product: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        run = Run(product, PORT=str(other.getsockname()[1]))
        assert run.end() == 1
    assert run.text().startswith("LeadGov: Port ")
    assert not (product / ".leadgov" / "postgres").exists()


def test_a_failing_step_is_told_with_its_last_words_and_its_log(product: Path) -> None:
    (product / "broken").touch()
    run = Run(product)
    assert run.end() == 1
    assert "`manage.py migrate --noinput` failed: the migration is broken" in run.text()
    assert "schema.log" in run.text()
    assert not database.stop(project=product), "the database was still running"


def test_another_database_is_used_and_left_alone(product: Path) -> None:
    url = database.start(project=product)
    run = Run(product, DATABASE_URL=url).running()
    assert "database 'leadgov' on " in run.text()
    assert run.stop() == 0
    assert database.stop(project=product), "a database that is not ours was stopped"
