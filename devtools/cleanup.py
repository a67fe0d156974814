"""Stopping and throwing away: `python -m devtools.cleanup stop|clean|reset`."""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Sequence

from devtools import cluster, database, housing, run_state
from devtools.database import PROJECT
from devtools.problem import Problem

STOP_SECONDS = 90.0
CACHES = (
    ".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis", ".import_linter_cache",
)  # fmt: skip


def stop() -> None:
    """Stop the launcher with all it runs, then both database clusters."""
    told = []
    if run_state.stop_launcher(housing.own_folder(PROJECT), seconds=STOP_SECONDS):
        told.append("LeadGov")
    run_state.end_left_overs(PROJECT)
    if database.stop():
        told.append("its database")
    if database.stop(test=True):
        told.append("the tests' database")
    print(f"Stopped {', '.join(told)}." if told else "Nothing was running.")


def clean() -> None:
    """Stop all and remove what is made anew by itself; the product's data is kept."""
    stop()
    for name in CACHES:
        shutil.rmtree(PROJECT / name, ignore_errors=True)
    kept = housing.own_folder(PROJECT)
    for name in ("static", "log"):
        shutil.rmtree(kept / name, ignore_errors=True)
    (kept / "static.stamp").unlink(missing_ok=True)
    _erase(database.the_cluster(test=True))


def reset() -> None:
    """Stop all and erase the product's own database."""
    stop()
    _erase(database.the_cluster())
    print("The database is erased; `make run` begins anew.")


def _erase(which: cluster.Cluster) -> None:
    for folder in (which.folder, which.sockets):
        shutil.rmtree(folder, ignore_errors=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0 when it is done."""
    actions = {"stop": stop, "clean": clean, "reset": reset}
    parser = argparse.ArgumentParser(prog="python -m devtools.cleanup", description=__doc__)
    parser.add_argument("action", choices=list(actions))
    given = parser.parse_args(arguments)
    try:
        actions[given.action]()
    except Problem as problem:
        print(f"LeadGov: {problem}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
