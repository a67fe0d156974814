"""The queue's processes, as one thing to start, watch and end.

A killed member can leave the others waiting for ever on a lock it held, so members are never
ended one by one: the master is asked to stop, or the whole group is killed. No member outlives
its parent, so whatever is killed, nothing of the group stays behind (Linux; elsewhere a killed
master leaves its children to be ended by hand).
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
from typing import Any

from django.conf import settings
from django.core.management import call_command

from core import queue
from lifecycle import heartbeats

PR_SET_PDEATHSIG = 1


class Cluster:
    """One cluster under one worker; started and ended any number of times."""

    def __init__(self, *, worker: str) -> None:
        self.worker = worker
        self._master: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """The master's process, which leads a process group of its own."""
        return self._master.pid if self._master is not None else None

    def start(self) -> None:
        """Start it. Call from the main thread: its end would be taken for the worker's."""
        self._master = subprocess.Popen(  # noqa: S603 (our own interpreter and script)
            [sys.executable, str(settings.BASE_DIR / "manage.py"), "queue", str(os.getpid())],
            stdin=subprocess.DEVNULL,
            cwd=settings.BASE_DIR,
            env={**os.environ, heartbeats.WORKER_VARIABLE: self.worker},
            start_new_session=True,
        )

    def ended(self) -> str | None:
        """How it ended, in words, once it has; what is left of the group is killed then."""
        if self._master is None or self._master.poll() is None:
            return None
        code = self._master.returncode
        self.kill()
        return f"was killed by signal {-code}" if code < 0 else f"ended with code {code}"

    def ask_to_stop(self) -> None:
        """Have it finish what it is at. Only the master is told: told all at once, it hangs."""
        if self._master is not None:
            self._master.send_signal(signal.SIGTERM)

    def wait(self, seconds: float) -> bool:
        """Wait so long for its end; True when it has ended."""
        if self._master is None:
            return True
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._master.wait(seconds)
            return True
        return False

    def kill(self) -> None:
        """End every member at once. What they were at is done again by whoever takes it next."""
        if self._master is None:
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._master.pid, signal.SIGKILL)
        self._master.wait()
        self._master = None


def serve(parent: int) -> None:
    """Be the cluster's master, until told to stop or until `parent` is gone."""
    _die_with(parent)
    lineage: dict[str, Any] = {}
    os.register_at_fork(
        before=lambda: lineage.update(parent=os.getpid()),
        after_in_child=lambda: _die_with(lineage["parent"]),
    )
    call_command(queue.CLUSTER_COMMAND)


def _die_with(parent: int) -> None:
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)
