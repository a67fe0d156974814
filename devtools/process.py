"""Questions about running processes, answered from /proc; a poorer answer where it is missing."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterable
from pathlib import Path

PROC = Path("/proc")


def alive(pid: int) -> bool:
    """True while the process runs; a zombie (ended, not yet collected) counts as gone."""
    try:
        stat = (PROC / str(pid) / "stat").read_text()
    except OSError:
        return not PROC.is_dir() and _answers(pid)
    return stat.rpartition(")")[2].split()[0] not in {"Z", "X"}


def _answers(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def program(pid: int) -> str:
    """The short name of what the process runs, or an empty text."""
    try:
        return (PROC / str(pid) / "comm").read_text().strip()
    except OSError:
        return ""


def folder(pid: int) -> Path | None:
    """The folder a process works in, where we may know it."""
    try:
        return Path(os.readlink(PROC / str(pid) / "cwd").removesuffix(" (deleted)"))
    except OSError:
        return None


def everyone() -> list[int]:
    """The numbers of all processes seen from here."""
    if not PROC.is_dir():
        return []
    return [int(entry.name) for entry in PROC.iterdir() if entry.name.isdecimal()]


def carrying(name: str, value: str) -> list[int]:
    """The living processes, of those we may look at, whose environment has `name` at `value`."""
    wanted = f"{name}={value}".encode()
    found = []
    for pid in everyone():
        try:
            variables = (PROC / str(pid) / "environ").read_bytes().split(b"\0")
        except OSError:
            continue
        if wanted in variables and pid != os.getpid() and alive(pid):
            found.append(pid)
    return found


def parent(pid: int) -> int | None:
    """The number of the process's parent; None when it is gone."""
    try:
        return int((PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()[1])
    except (OSError, IndexError):
        return None


def children(pid: int) -> list[int]:
    """The direct children of a process, also those that have ended and wait to be collected."""
    return [other for other in everyone() if parent(other) == pid]


def wait_gone(pids: Iterable[int], *, seconds: float) -> list[int]:
    """Wait until the processes are gone, at most so long; returns those still there."""
    deadline = time.monotonic() + seconds
    left = [pid for pid in pids if alive(pid)]
    while left and time.monotonic() < deadline:
        time.sleep(0.05)
        left = [pid for pid in left if alive(pid)]
    return left


def end(pids: Iterable[int], *, grace: float) -> None:
    """Ask the processes to stop, wait `grace` seconds, then kill what is left."""
    pids = list(pids)
    send(pids, signal.SIGTERM)
    left = wait_gone(pids, seconds=grace)
    send(left, signal.SIGKILL)
    wait_gone(left, seconds=5)


def send(pids: Iterable[int], number: signal.Signals) -> None:
    """Send a signal to each process that is still there."""
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            continue
