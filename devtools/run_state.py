"""Who runs LeadGov in this folder: one launcher at a time, and what a killed one left behind."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import signal
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

from devtools import children, process
from devtools.children import Child
from devtools.problem import Problem

FILE = "run.json"
LEFT_OVER_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class State:
    """The launcher's own note of itself and its children; `before` is the previous launcher's."""

    file: TextIO
    port: int
    before: dict[str, Any] = field(default_factory=dict)

    def note(self, family: Iterable[Child]) -> None:
        """Write down which processes are ours, for a launcher after us."""
        pids = {child.name: child.running.pid for child in family if child.running is not None}
        marks = {name: [pid, process.started(pid)] for name, pid in pids.items()}
        write(self.file, {"pid": os.getpid(), "port": self.port, "children": marks})

    def end_left_overs(self) -> None:
        """End what a killed launcher left behind; the kernel has told them to stop already."""
        marks = self.before.get("children", {}).values()
        left = [pid for pid, mark in marks if mark is not None and process.started(pid) == mark]
        for pid in process.wait_gone(left, seconds=LEFT_OVER_SECONDS):
            children.end_group(pid)
            process.wait_gone([pid], seconds=5)


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
def held(folder: Path, *, port: int) -> Iterator[State]:
    """Be the only launcher of this folder. Raises Problem when another one is at work."""
    path = folder / FILE
    try:
        file = path.open("a+")
    except OSError as error:
        raise Problem(f"No permission to write {path}: {error.strerror}.") from error
    with file:
        before = read(path)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Problem(
                f"Already running here, at http://localhost:{before.get('port')}/ (process "
                f"{before.get('pid')}); Ctrl-C there or `make stop` ends it."
            ) from None
        write(file, {**before, "pid": os.getpid(), "port": port})
        yield State(file=file, port=port, before=before)
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
