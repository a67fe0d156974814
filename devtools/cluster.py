"""One private PostgreSQL: made, started, mended after a crash, stopped.

Where it lives and with which settings is `housing`.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
from psycopg import sql

from devtools import places, process
from devtools.problem import Problem

ROLE = "postgres"
DATABASE = "leadgov"
START_SECONDS = 60.0
STOP_SECONDS = 30.0
LOG_LIMIT_BYTES = 10_000_000


@dataclass(frozen=True, slots=True)
class Cluster:
    """One data folder with what is needed to run a server on it.

    `account` is the user the server runs as when that is not the caller (who is root then).
    """

    folder: Path
    sockets: Path
    programs: Path
    log: Path
    lock: Path
    account: places.Account | None = None
    settings: Mapping[str, str] = field(default_factory=dict)
    note: str = ""  # what the reader should know about its place

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def pid_file(self) -> Path:
        return self.data / "postmaster.pid"


def url(cluster: Cluster, database: str = DATABASE) -> str:
    """The address for DATABASE_URL; the same before and after the start."""
    return f"postgres://{ROLE}@/{database}?host={quote(str(cluster.sockets))}"


def start(cluster: Cluster) -> bool:
    """Make sure the server answers and its database exists; True when it had to be started.

    Safe to call at the same time from several processes: one starts, the others wait for it.
    Raises Problem when it cannot start.
    """
    with _locked(cluster):
        launched = running_pid(cluster) is None
        if launched:
            _clear_left_overs(cluster)
            _make_folders(cluster)
            _initialise(cluster)
            _launch(cluster)
        elif not ready(cluster):
            # Another start was broken off; its server may be replaying its log, so let it.
            _await_ready(cluster)
        _make_database(cluster)
        return launched


def stop(cluster: Cluster) -> bool:
    """Stop the server (open connections are cut, nothing committed is lost); True when one ran."""
    with _locked(cluster):
        pid = running_pid(cluster)
        if pid is None:
            return False
        process.send([pid], signal.SIGINT)
        if process.wait_gone([pid], seconds=STOP_SECONDS):
            # Immediate shutdown: the next start replays the log, as after a power cut.
            process.send([pid], signal.SIGQUIT)
            process.wait_gone([pid], seconds=10)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)
        return True


def running_pid(cluster: Cluster) -> int | None:
    """The server's process; None when none runs, also where a crash left its file behind."""
    try:
        pid = int(cluster.pid_file.read_text().split("\n", 1)[0])
    except (OSError, ValueError):
        return None
    if not process.alive(pid):
        return None
    # After a crash and a restart of the machine the number may belong to something else.
    where = process.folder(pid)
    return pid if where is None or where == cluster.data.resolve() else None


def ready(cluster: Cluster) -> bool:
    """True when the server runs and takes connections."""
    if running_pid(cluster) is None:
        return False
    try:
        lines = cluster.pid_file.read_text().splitlines()
    except OSError:
        return False
    return len(lines) >= 8 and lines[7].strip() == "ready"


@contextlib.contextmanager
def _locked(cluster: Cluster) -> Iterator[None]:
    try:
        cluster.lock.parent.mkdir(parents=True, exist_ok=True)
        handle = cluster.lock.open("a")
    except OSError as error:
        raise Problem(f"No permission to write {cluster.lock}: {error.strerror}.") from error
    with handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _clear_left_overs(cluster: Cluster) -> None:
    """After a killed server: end its orphaned helpers and take its files away."""
    data = cluster.data.resolve()
    orphans = [
        pid
        for pid in process.everyone()
        if process.program(pid) == "postgres" and process.folder(pid) == data
    ]
    process.end(orphans, grace=5)
    # The server itself would stop at a file whose number has gone to another process meanwhile.
    socket = cluster.sockets / places.SOCKET_NAME
    for file in (cluster.pid_file, socket, socket.with_name(socket.name + ".lock")):
        file.unlink(missing_ok=True)


def _make_folders(cluster: Cluster) -> None:
    for folder in (cluster.folder, cluster.sockets):
        _make_private(folder, cluster.account)
    cluster.log.parent.mkdir(parents=True, exist_ok=True)


def _make_private(folder: Path, account: places.Account | None) -> None:
    """Make a folder that only its owner may enter; refuse one that belongs to somebody else."""
    owner = os.geteuid() if account is None else account.uid
    try:
        folder.mkdir(mode=0o700)
        if account is not None:
            os.chown(folder, account.uid, account.gid)
    except FileExistsError:
        found = folder.lstat()
        if folder.is_symlink() or not folder.is_dir() or found.st_uid != owner:
            raise Problem(
                f"{folder} belongs to another user; move it away or run as its owner."
            ) from None
    except OSError as error:
        raise Problem(f"No permission to make {folder}: {error.strerror}.") from error


def _initialise(cluster: Cluster) -> None:
    """Make the data folder; a half-made one (the machine stopped meanwhile) is made anew."""
    wanted = _program_version(cluster)
    try:
        found = (cluster.data / "PG_VERSION").read_text().strip()
    except FileNotFoundError:
        found = None
    if found == wanted:
        return
    if found is not None:
        raise Problem(
            f"The data in {cluster.data} is of PostgreSQL {found}, the program is {wanted}: "
            "move it over with pg_dump, or `make clean` to start afresh."
        )
    half_made = cluster.folder / "data.new"
    for folder in (half_made, cluster.data):
        shutil.rmtree(folder, ignore_errors=True)
    command = [
        str(cluster.programs / "initdb"), "-D", str(half_made), "-U", ROLE, "--auth=trust",
        "--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8",
    ]  # fmt: skip
    if cluster.settings.get("fsync") == "off":
        command.append("--no-sync")
    made = subprocess.run(
        command,
        capture_output=True,
        text=True,
        cwd=cluster.folder,
        check=False,
        **_as_user(cluster),
    )
    if made.returncode:
        raise Problem(f"The database could not be made: {_last_line(made.stderr)}")
    half_made.rename(cluster.data)


def _program_version(cluster: Cluster) -> str:
    command = [str(cluster.programs / "postgres"), "--version"]
    said = subprocess.run(command, capture_output=True, text=True, check=False)
    if said.returncode:
        raise Problem(f"PostgreSQL does not run here: {_last_line(said.stderr)}")
    return said.stdout.split()[-1].split(".")[0]


def _launch(cluster: Cluster) -> None:
    """Start the server in a session of its own: Ctrl-C in the terminal does not reach it."""
    settings = {
        "listen_addresses": "",
        "unix_socket_directories": '"{}"'.format(str(cluster.sockets).replace('"', '""')),
        "unix_socket_permissions": "0700",
        "port": "5432",
        "timezone": "UTC",
        "log_timezone": "UTC",
        **cluster.settings,
    }
    command = [str(cluster.programs / "postgres"), "-D", str(cluster.data)]
    for name, value in settings.items():
        command += ["-c", f"{name}={value}"]
    before = _rotated_size(cluster.log)
    try:
        log = cluster.log.open("ab")
    except OSError as error:
        raise Problem(f"No permission to write {cluster.log}: {error.strerror}.") from error
    with log:
        server = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=cluster.data,
            start_new_session=True, **_as_user(cluster),
        )  # fmt: skip
    try:
        _await_ready(cluster, server)
    except Problem:
        if server.poll() is None:
            raise
        with cluster.log.open(errors="replace") as written:
            written.seek(before)
            why = _fatal(written.read())
        raise Problem(f"The database stopped at its start: {why} (see {cluster.log})") from None
    # Its end is watched through its file, by whoever stops it: no handle to collect here.
    server.returncode = 0


def _await_ready(cluster: Cluster, server: subprocess.Popen[bytes] | None = None) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not ready(cluster):
        gone = running_pid(cluster) is None if server is None else server.poll() is not None
        if gone or time.monotonic() > deadline:
            raise Problem(
                f"The database is not ready in {START_SECONDS:.0f} s: see {cluster.log}; after a "
                "crash it may need longer, then try again."
            )
        time.sleep(0.03)


def _rotated_size(log: Path) -> int:
    if log.exists() and log.stat().st_size > LOG_LIMIT_BYTES:
        log.replace(log.with_suffix(".old.log"))
    return log.stat().st_size if log.exists() else 0


def _make_database(cluster: Cluster) -> None:
    with psycopg.connect(url(cluster, "postgres"), autocommit=True) as connection:
        exists = connection.execute(
            "SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]
        ).fetchone()
        if not exists:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))


def _as_user(cluster: Cluster) -> dict[str, Any]:
    if cluster.account is None:
        return {}
    account = cluster.account
    return {"user": account.uid, "group": account.gid, "extra_groups": []}


def _fatal(log: str) -> str:
    told = [line for line in log.splitlines() if "FATAL" in line or "PANIC" in line]
    return told[-1].partition("[")[2].partition("] ")[2] if told else _last_line(log)


def _last_line(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1].strip() if lines else "it gave no reason"
