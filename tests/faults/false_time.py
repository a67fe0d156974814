"""Wall clocks that tell another time, for one process: by libfaketime, where it is installed.

Only the wall clock is moved. The monotonic clock, which measures how long something takes, goes on
as before: that is so on a real host as well when somebody sets its time.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from devtools import cluster as clusters
from devtools.cluster import Cluster

_LIBRARIES = (
    *Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"),
    *Path("/usr/lib64/faketime").glob("libfaketimeMT.so.1"),
)
LIBRARY = str(_LIBRARIES[0]) if _LIBRARIES else ""
needed = pytest.mark.skipif(not LIBRARY, reason="needs libfaketime: install the package faketime")


def off_by(seconds: int) -> dict[str, str]:
    """The environment of a process whose wall clock is wrong by so much, and all below it."""
    return {
        "LD_PRELOAD": LIBRARY,
        "FAKETIME": f"{seconds:+d}",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "PYTHONPATH": str(Path(__file__).parent / "under_false_time"),
    }


@dataclass(frozen=True, slots=True)
class HostClock:
    """The clock of a database's host, which can be set while the server runs."""

    cluster: Cluster

    @property
    def file(self) -> Path:
        """Where the server's processes look how wrong they are, at each look at the time."""
        return self.cluster.folder / "clock"

    def set(self, seconds: int) -> None:
        """From now on it is wrong by so much; all processes see it at once."""
        fresh = self.file.with_suffix(".new")
        fresh.write_text(f"{seconds:+d}")
        fresh.replace(self.file)


@contextlib.contextmanager
def hosted(cluster: Cluster) -> Iterator[HostClock]:
    """The cluster on a host whose clock can be set; right at first, and again afterwards."""
    clock = HostClock(cluster)
    clusters.stop(cluster)
    clock.set(0)
    before = dict(os.environ)
    os.environ |= off_by(0) | {
        "FAKETIME_TIMESTAMP_FILE": str(clock.file),
        "FAKETIME_NO_CACHE": "1",
    }
    del os.environ["FAKETIME"]
    try:
        clusters.start(cluster)
    finally:
        os.environ.clear()
        os.environ.update(before)
    try:
        yield clock
    finally:
        clusters.stop(cluster)
        clock.file.unlink()
        clusters.start(cluster)
