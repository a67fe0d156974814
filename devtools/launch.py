"""`make run`: the whole product on this machine, in one terminal.

Database, schema, demo company (the first time), web server and worker; one Ctrl-C stops it all.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from collections.abc import Mapping
from types import FrameType
from typing import NoReturn

from devtools import children, cluster, database, housing, port, prepare, run_state
from devtools.children import Child
from devtools.database import PROJECT
from devtools.problem import Problem

READY_SECONDS = 60.0
WEB_PROCESSES = "2"
WEB_THREADS = "4"
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(BaseException):
    """Somebody asked the launcher to stop. Not an error, so no `except Exception` may eat it."""


def main() -> int:
    """Run until stopped; 0 after a stop, 1 when something is in the way."""
    try:
        number = port.parse(os.environ.get("PORT"))
        with run_state.held(housing.own_folder(PROJECT), port=number):
            return _run(number)
    except Problem as problem:
        print(f"LeadGov: {problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 0


def _run(number: int) -> int:
    family: list[Child] = []
    embedded = False
    _on_signals(_raise_stopped)
    try:
        run_state.end_left_overs(PROJECT)
        port.require_free(number)
        say("LeadGov starts; Ctrl-C stops it.")
        children.adopt_orphans()
        embedded = not os.environ.get("DATABASE_URL")
        environment = prepare.environment(PROJECT, number)
        family += _family(number, environment)
        prepare.everything(PROJECT, environment, say=say)
        log_ins = prepare.ask_log_ins(PROJECT, environment)
        _begin(family, number)
        say(f"\nLeadGov runs at http://localhost:{number}/\n")
        prepare.show_log_ins(log_ins, say=say)
        _watch(family)
    except Stopped:
        say("\nStopping…")
    finally:
        _on_signals(signal.SIG_IGN)
        _stop(family, embedded=embedded)
    say("LeadGov is stopped; the data is kept.")
    return 0


def _family(number: int, environment: Mapping[str, str]) -> list[Child]:
    """The web server and the worker, not started yet."""
    logs = PROJECT / ".leadgov" / "log"
    worker = [sys.executable, "manage.py", "worker"]
    return [
        Child("web", web_command(number), web_environment(environment), logs / "web.log", PROJECT),
        Child("worker", worker, environment, logs / "worker.log", PROJECT),
    ]


def web_command(number: int) -> list[str]:
    """What starts the web server on a port."""
    return [
        sys.executable, "-m", "gunicorn", "leadgov.wsgi:application",
        "--bind", f"{port.HOST}:{number}",
        "--worker-class", "gthread", "--workers", WEB_PROCESSES, "--threads", WEB_THREADS,
        "--graceful-timeout", "10", "--timeout", "60", "--no-control-socket",
    ]  # fmt: skip


def web_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """The web server's own settings beside those of all processes.

    The pool is for web processes only: the worker forks, and forks must not share connections.
    """
    return {**environment, "LEADGOV_DB_POOL": "1", "LEADGOV_WEB_THREADS": WEB_THREADS}


def _begin(family: list[Child], number: int) -> None:
    """Start all and wait until the web server answers."""
    for child in family:
        child.start()
    web = family[0]
    deadline = time.monotonic() + READY_SECONDS
    while not port.serves(number):
        how = web.fallen()
        if how is not None:
            last = (web.news() or ["it said nothing"])[-1].strip()
            raise Problem(f"The web server {how}: {last} (see {web.log})")
        if time.monotonic() > deadline:
            raise Problem(f"The web server does not answer in {READY_SECONDS:.0f} s: see {web.log}")
        time.sleep(0.1)


def _watch(family: list[Child]) -> NoReturn:
    """Start again what falls, and tell errors from the logs, until somebody stops us."""
    while True:
        for child in family:
            for line in child.news():
                if tells_error(line):
                    say(f"{child.name:6} | {line}")
            how = child.fallen()
            if how is not None:
                wait = child.again_at - time.monotonic()
                say(f"{child.name:6} | {how}; starting it again in {max(wait, 0):.0f} s")
                children.end_orphans(but=_known(family))
            if child.running is None and time.monotonic() >= child.again_at:
                child.start()
        time.sleep(0.25)


def tells_error(line: str) -> bool:
    """True for a log line that the person at the terminal should see."""
    return any(word in line for word in ("ERROR", "CRITICAL", "FATAL"))


def _known(family: list[Child]) -> list[int]:
    pids = [child.running.pid for child in family if child.running is not None]
    return pids + _postmaster()


def _postmaster() -> list[int]:
    if os.environ.get("DATABASE_URL"):
        return []
    pid = cluster.running_pid(database.the_cluster())
    return [pid] if pid else []


def _stop(family: list[Child], *, embedded: bool) -> None:
    for name in children.stop(family):
        say(f"{name} did not stop in time and was ended by force.")
    children.end_orphans(but=_postmaster())
    if embedded:
        # A start that was interrupted half-way may have left a server without its file.
        with contextlib.suppress(Problem):
            database.stop()
    children.end_orphans()


def _raise_stopped(number: int, frame: FrameType | None) -> NoReturn:
    _on_signals(signal.SIG_IGN)
    raise Stopped


def _on_signals(action: object) -> None:
    for number in STOP_SIGNALS:
        signal.signal(number, action)  # type: ignore[arg-type]


def say(text: str) -> None:
    """Tell the person at the terminal, if there still is one."""
    with contextlib.suppress(OSError):
        print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
