"""Who runs LeadGov in this folder: one launcher at a time, and what a killed one left behind."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

from devtools import places, process
from devtools.problem import Problem

FILE = "run.json"
MARK = "LEADGOV_RUN"
LEFT_OVER_SECONDS = 10.0


def mark(project: Path) -> str:
    """The value every process of this folder's LeadGov carries in its environment as MARK."""
    return places.short_name(project)


def end_left_overs(project: Path) -> None:
    """End what a killed launcher, or a killed worker, of this folder left behind."""
    process.end(process.carrying(MARK, mark(project)), grace=LEFT_OVER_SECONDS)


def write(file: TextIO, content: dict[str, Any]) -> None:
    """Replace the content in place: the lock is on this very file."""
    file.seek(0)
    file.truncate()
    json.dump(content, file)
    file.flush()


def read(path: Path) -> dict[str, Any]:
    """The note of the present or last launcher; empty when there is none."""
    try:
        content = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


@contextlib.contextmanager
def held(folder: Path, *, port: int) -> Iterator[None]:
    """Be the only launcher of this folder. Raises Problem when another one is at work."""
    path = folder / FILE
    try:
        file = path.open("a+")
    except OSError as error:
        raise Problem(f"No permission to write {path}: {error.strerror}.") from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            other = read(path)
            raise Problem(
                f"Already running here, at http://localhost:{other.get('port')}/ (process "
                f"{other.get('pid')}); Ctrl-C there or `make stop` ends it."
            ) from None
        write(file, {"pid": os.getpid(), "port": port})
        yield
        write(file, {})


def stop_launcher(folder: Path, *, seconds: float) -> bool:
    """Stop the launcher at work in this folder and wait for it; True when there was one."""
    path = folder / FILE
    try:
        file = path.open("r+")
    except OSError:
        return False
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return False
        except OSError:
            pid = read(path).get("pid")
    if not isinstance(pid, int):
        return False
    process.send([pid], signal.SIGTERM)
    if process.wait_gone([pid], seconds=seconds):
        raise Problem(f"Process {pid} does not stop; look at it with `ps {pid}`.")
    return True
