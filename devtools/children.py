"""The long-running children of the launcher: started, watched, started again, stopped.

Each child leads a session of its own, so Ctrl-C in the terminal reaches the launcher only, which
then stops them in order. Should the launcher itself be killed, the kernel tells them to stop.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from devtools import process
from devtools.problem import Problem

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
GRACE_SECONDS = 30.0
LONGEST_PAUSE_SECONDS = 30.0
STEADY_SECONDS = 60.0
LOG_LIMIT_BYTES = 20_000_000


def pause(falls: int) -> float:
    """Seconds to wait before starting again a child that has fallen `falls` times in a row."""
    return min(LONGEST_PAUSE_SECONDS, float(2 ** min(falls - 1, 10)))


def adopt_orphans() -> None:
    """Become the parent of what our children leave behind, so that it can be ended (Linux)."""
    _prctl(PR_SET_CHILD_SUBREAPER, 1)


def _prctl(option: int, value: int) -> None:
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


@dataclass(slots=True)
class Child:
    """One child: its name for people, what it runs, where its words go."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    log: Path
    cwd: Path
    falls: int = 0
    again_at: float = 0.0
    started_at: float = 0.0
    read_to: int = 0
    running: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def start(self) -> None:
        """Start it; its output is appended to its log."""
        rotate(self.log)
        parent = os.getpid()

        def stop_with_us() -> None:
            _prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
            if os.getppid() != parent:
                os._exit(1)

        try:
            log = self.log.open("ab")
        except OSError as error:
            raise Problem(f"No permission to write {self.log}: {error.strerror}.") from error
        with log:
            self.read_to = log.tell()
            self.running = subprocess.Popen(
                self.command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.cwd,
                env=dict(self.environment), start_new_session=True, preexec_fn=stop_with_us,  # noqa: PLW1509 - we have one thread only
            )  # fmt: skip
        self.started_at = time.monotonic()

    def fallen(self) -> str | None:
        """How it ended, in words, when it has ended; None while it runs or is already down."""
        if self.running is None:
            return None
        code = self.running.poll()
        if code is None:
            return None
        end_group(self.running.pid)
        self.running = None
        steady = time.monotonic() - self.started_at > STEADY_SECONDS
        self.falls = 1 if steady else self.falls + 1
        self.again_at = time.monotonic() + pause(self.falls)
        return f"was killed by signal {-code}" if code < 0 else f"ended with code {code}"

    def news(self) -> list[str]:
        """The new lines of its log."""
        try:
            with self.log.open("rb") as written:
                written.seek(self.read_to)
                text = written.read(200_000)
        except OSError:
            return []
        whole = text[: text.rfind(b"\n") + 1]
        self.read_to += len(whole)
        if self.read_to > LOG_LIMIT_BYTES:
            # It is written in append mode, so it can be emptied while in use.
            shutil.copyfile(self.log, self.log.with_suffix(".old.log"))
            os.truncate(self.log, 0)
            self.read_to = 0
        return whole.decode(errors="replace").splitlines()


def rotate(log: Path) -> None:
    """Keep a log that has grown too long as one older file."""
    with contextlib.suppress(OSError):
        if log.stat().st_size > LOG_LIMIT_BYTES:
            log.replace(log.with_suffix(".old.log"))


def end_group(pid: int) -> None:
    """Kill what is left of a child's process group."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def stop(children: Iterable[Child]) -> list[str]:
    """Stop all at the same time, gracefully, then by force; names those that needed force."""
    running = {child.name: child.running for child in children if child.running is not None}
    process.send([handle.pid for handle in running.values()], signal.SIGTERM)
    deadline = time.monotonic() + GRACE_SECONDS
    forced = []
    for name, handle in running.items():
        try:
            handle.wait(timeout=max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            forced.append(name)
        end_group(handle.pid)
        handle.wait()
    return forced


def end_orphans(*, but: Iterable[int] = ()) -> None:
    """End every process that has become our child through another's end; spare those named."""
    spared = set(but)
    for _ in range(3):
        left = [pid for pid in process.children(os.getpid()) if pid not in spared]
        process.end([pid for pid in left if process.alive(pid)], grace=3)
        for pid in left:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)
        if not left:
            return
