"""The product as it runs, to be hurt: a private PostgreSQL, real workers, killed by their number.

Nothing here reaches the tests' own database, and only processes started here are ended.
"""

from __future__ import annotations

import contextlib
import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from devtools import cluster as clusters
from devtools import launch, port, process
from devtools.cluster import Cluster

PROJECT = Path(__file__).resolve().parent.parent.parent
SHORT = os.environ.get("LEADGOV_FAULTS_SHARE") == "short"
BEAT = "SELECT beat_at FROM lifecycle_heartbeat WHERE part = %s"


def until(condition: Callable[[], object], *, seconds: float, what: str) -> float:
    """Wait for it; returns after how many seconds it came. Fails when it does not come."""
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        if condition():
            return time.monotonic() - began
        time.sleep(0.2)
    raise AssertionError(f"Not within {seconds:.0f} s: {what}.")


def report(line: str) -> None:
    """Tell a measured figure; shown by `pytest -s`, and by the campaign's log in any case."""
    sys.stderr.write(f"\n{line}\n")


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as trial:
        trial.bind((port.HOST, 0))
        return int(trial.getsockname()[1])


def status(number: int, path: str) -> int:
    """What the web server on this port answers to a plain question."""
    connection = http.client.HTTPConnection(port.HOST, number, timeout=20)
    with contextlib.closing(connection):
        connection.request("GET", path)
        return connection.getresponse().status


def descendants(pid: int) -> list[int]:
    """All living processes below this one."""
    below = process.children(pid)
    return below + [one for child in below for one in descendants(child)]


@dataclass
class Worker:
    """One `manage.py worker`."""

    running: subprocess.Popen[bytes]
    log: Path

    @property
    def queue(self) -> int | None:
        """The master of its queue's cluster."""
        return next(iter(process.children(self.running.pid)), None)

    @property
    def idle_workers(self) -> list[int]:
        """The processes of the present cluster that wait for tasks."""
        told = {int(pid) for pid in re.findall(r"ready for work at (\d+)", self.words())}
        return [pid for pid in descendants(self.running.pid) if pid in told]

    def words(self) -> str:
        """What it has written so far."""
        return self.log.read_text(errors="replace")

    def stop(self, *, seconds: float = 40) -> int:
        """Ask it to stop; returns its exit code."""
        self.running.terminate()
        return self.running.wait(seconds)

    def kill(self) -> None:
        """End it at once, and nothing else."""
        self.running.kill()
        self.running.wait()


@dataclass
class Web:
    """One web server and its processes."""

    running: subprocess.Popen[bytes]
    log: Path
    number: int

    @property
    def processes(self) -> list[int]:
        """Those that answer."""
        return process.children(self.running.pid)

    def up(self, *, seconds: float = 90) -> float:
        """Wait until it answers."""
        return until(lambda: port.serves(self.number), seconds=seconds, what="the web answers")

    def kill(self) -> None:
        """End it at once, with all that answer for it."""
        below = self.processes
        self.running.kill()
        self.running.wait()
        process.send(below, signal.SIGKILL)
        process.wait_gone(below, seconds=20)


@dataclass
class House:
    """One database and the processes that work on it."""

    cluster: Cluster
    database: str
    folder: Path
    mail_port: int
    workers: list[Worker] = field(default_factory=list)
    webs: list[Web] = field(default_factory=list)
    settings: str = "leadgov.settings"
    without: str = ""
    """Locks to leave out, for controls."""
    keys: tuple[str, ...] = ("of-the-fault-tests-" + "x" * 50,)
    """The secret key, and older ones."""

    @property
    def environment(self) -> dict[str, str]:
        return {
            **{key: value for key, value in os.environ.items() if not key.startswith("LEADGOV_")},
            "DATABASE_URL": clusters.url(self.cluster, self.database),
            "DJANGO_SETTINGS_MODULE": self.settings,
            "LEADGOV_SECRET_KEY": self.keys[0],
            "LEADGOV_SECRET_KEY_FALLBACKS": ",".join(self.keys[1:]),
            "LEADGOV_EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "LEADGOV_SMTP_PORT": str(self.mail_port),
            **({"LEADGOV_TESTING": "1", "LEADGOV_WITHOUT_LOCK": self.without}
               if self.without else {}),
        }  # fmt: skip

    def run(self, *arguments: str, **surroundings: str) -> str:
        """Run Python with these arguments on this database; returns what it printed."""
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=PROJECT,
            env=self.environment | surroundings,
            capture_output=True,
            text=True,
            check=False,
        )
        told = [line for line in done.stdout.splitlines() if not line.startswith("ok ")]
        assert done.returncode == 0, "\n".join(told)[-3000:] + done.stderr[-3000:]
        return done.stdout

    def stage(self, *arguments: object) -> str:
        """Have `staging` prepare something."""
        return self.run("-m", "tests.faults.staging", *map(str, arguments))

    def worker(self, **surroundings: str) -> Worker:
        """Start a worker, with these variables of the environment besides."""
        log = self.folder / f"{self.database}-worker-{len(self.workers)}.log"
        with log.open("wb") as written:
            running = subprocess.Popen(
                [sys.executable, "manage.py", "worker"],
                cwd=PROJECT,
                env=self.environment | surroundings,
                stdin=subprocess.DEVNULL,
                stdout=written,
                stderr=written,
                start_new_session=True,
            )
        worker = Worker(running, log)
        self.workers.append(worker)
        return worker

    def web(self, number: int = 0) -> Web:
        """Start a web server as `make run` does, on a port of its own, or on this one."""
        number = number or free_port()
        log = self.folder / f"{self.database}-web-{len(self.webs)}.log"
        with log.open("wb") as written:
            running = subprocess.Popen(
                launch.web_command(number),
                cwd=PROJECT,
                env=launch.web_environment(self.environment),
                stdin=subprocess.DEVNULL,
                stdout=written,
                stderr=written,
                start_new_session=True,
            )
        web = Web(running, log, number)
        self.webs.append(web)
        return web

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Ask the database."""
        with psycopg.connect(clusters.url(self.cluster, self.database)) as connection:
            return connection.execute(query, values).fetchall()

    def one(self, query: str, *values: object) -> Any:
        """The first column of the first row; None without rows."""
        found = self.rows(query, *values)
        return found[0][0] if found else None

    def up(self, *, seconds: float = 90) -> float:
        """Wait for the first signs of life of worker and queue."""
        return until(
            lambda: len(self.rows("SELECT 1 FROM lifecycle_heartbeat")) == 2,
            seconds=seconds,
            what="worker and queue give signs of life",
        )

    def beats_again(self, part: str, *, seconds: float) -> float:
        """Wait for a sign of life later than now; returns how long it took."""
        since = self.one("SELECT clock_timestamp()")

        def beaten() -> bool:
            at = self.one(BEAT, part)
            return at is not None and at > since

        return until(beaten, seconds=seconds, what=f"{part} gives a sign of life again")

    def beats_since_now(self, part: str, *, seconds: float) -> float:
        """The same where the database's clock may have been set back: any other sign will do."""
        seen = self.one(BEAT, part)
        return until(
            lambda: self.one(BEAT, part) != seen, seconds=seconds, what=f"{part} gives another sign"
        )

    def crash(self) -> None:
        """Stop the database as a power cut would."""
        pid = clusters.running_pid(self.cluster)
        assert pid is not None
        process.send([pid], signal.SIGQUIT)
        assert not process.wait_gone([pid], seconds=20)

    def end(self) -> None:
        """End what still runs."""
        for web in self.webs:
            if web.running.poll() is None:
                web.kill()
        for worker in self.workers:
            # Shown by pytest when the test fails.
            sys.stdout.write(f"--- {worker.log.name}\n{worker.words()[-6000:]}\n")
            below = descendants(worker.running.pid)
            if worker.running.poll() is None:
                worker.kill()
            assert not process.wait_gone(below, seconds=20), "something outlived its worker"


@contextlib.contextmanager
def opened(cluster: Cluster, database: str, folder: Path, *, mail_port: int) -> Iterator[House]:
    """A house on a fresh copy of the migrated database."""
    clusters.start(cluster)
    with psycopg.connect(clusters.url(cluster, "postgres"), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {database} TEMPLATE {clusters.DATABASE}")
    house = House(cluster, database, folder, mail_port)
    try:
        yield house
    finally:
        house.end()
        clusters.start(cluster)
        with psycopg.connect(clusters.url(cluster, "postgres"), autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")
