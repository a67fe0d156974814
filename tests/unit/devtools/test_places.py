from __future__ import annotations

import socket
import tempfile
from pathlib import Path

import pytest

from devtools import places
from devtools.places import Account, Entry

ROOT, ANN = 0, 1000
DATABASE = Account("leadgov-db", 990, 991)
OUTSIDE = Path("/var/lib/leadgov-1/postgres")


def table(rows: dict[str, tuple[int, int, int]]) -> places.Probe:
    """A permission table: path -> (mode, owner, group); what is not named does not exist."""
    entries = {Path(path): Entry(mode, uid, gid) for path, (mode, uid, gid) in rows.items()}
    return entries.get


OPEN = {
    "/": (0o755, ROOT, ROOT),
    "/var": (0o755, ROOT, ROOT),
    "/var/lib": (0o755, ROOT, ROOT),
    "/srv": (0o755, ROOT, ROOT),
    "/srv/leadgov": (0o755, ROOT, ROOT),
    "/srv/leadgov/.leadgov": (0o711, ROOT, ROOT),
}
INSIDE = Path("/srv/leadgov/.leadgov/postgres")


@pytest.mark.parametrize(
    ("closed", "chosen"),
    [
        ({}, INSIDE),
        ({"/srv/leadgov/.leadgov/postgres": (0o700, DATABASE.uid, DATABASE.gid)}, INSIDE),
        ({"/srv": (0o700, ROOT, ROOT)}, OUTSIDE),
        ({"/srv": (0o750, ROOT, ROOT)}, OUTSIDE),
        ({"/srv": (0o750, ROOT, DATABASE.gid)}, INSIDE),
        ({"/srv": (0o710, ROOT, DATABASE.gid)}, INSIDE),
        ({"/srv": (0o701, ROOT, ROOT)}, INSIDE),
        ({"/srv/leadgov": (0o700, ANN, ANN)}, OUTSIDE),
        ({"/srv/leadgov/.leadgov": (0o700, ROOT, ROOT)}, OUTSIDE),
        ({"/srv/leadgov": (0o700, DATABASE.uid, ROOT)}, INSIDE),
        # The owner's bits count for the owner, even where others would have more.
        ({"/srv/leadgov": (0o077, DATABASE.uid, ROOT)}, OUTSIDE),
        ({"/srv": (0o700, ROOT, ROOT), "/var/lib": (0o700, ROOT, ROOT)}, None),
    ],
)
def test_data_lie_in_the_project_unless_a_door_on_the_way_is_closed(
    closed: dict[str, tuple[int, int, int]], chosen: Path | None
) -> None:
    probe = table(OPEN | closed)
    assert places.reachable([INSIDE, OUTSIDE], DATABASE, probe=probe) == chosen


def test_the_outermost_closed_door_is_the_one_named() -> None:
    probe = table(OPEN | {"/srv": (0o700, ROOT, ROOT), "/srv/leadgov": (0o700, ROOT, ROOT)})
    assert places.closed_door(INSIDE, DATABASE, probe=probe) == Path("/srv")


@pytest.mark.parametrize(
    ("mode", "owner", "runs"),
    [
        (0o755, ROOT, True),
        (0o711, ROOT, False),
        (0o700, ROOT, False),
        (0o500, DATABASE.uid, True),
        (0o644, ROOT, False),
    ],
)
def test_a_program_runs_where_it_may_be_read_and_executed(
    mode: int, owner: int, runs: bool
) -> None:
    probe = table(OPEN | {"/srv/postgres": (mode, owner, ROOT)})
    assert places.runnable(Path("/srv/postgres"), DATABASE, probe=probe) is runs


def test_a_missing_program_does_not_run() -> None:
    assert not places.runnable(Path("/srv/postgres"), DATABASE, probe=table(OPEN))


def test_a_socket_fits_exactly_where_the_system_takes_it() -> None:
    with tempfile.TemporaryDirectory(prefix="é") as base:
        for length in range(1, 110 - len(base.encode())):
            folder = Path(base) / ("a" * length)
            folder.mkdir()
            assert places.socket_fits(folder) is _binds(folder / places.SOCKET_NAME)


def _binds(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as trial:
        try:
            trial.bind(str(path))
        except OSError:
            return False
        return True


def test_a_socket_goes_to_the_first_folder_whose_path_is_short_enough() -> None:
    long, short = Path("/" + "a" * 100), Path("/tmp/s")
    assert places.socket_folder([long, short]) == short
    assert places.socket_folder([short, long]) == short
    assert places.socket_folder([Path("/tmp/a,b"), short]) == short
    assert places.socket_folder([long]) is None


def test_two_projects_have_two_names_and_one_project_always_the_same() -> None:
    here, there = Path("/srv/a"), Path("/srv/b")
    assert places.short_name(here) == places.short_name(Path("/srv/a"))
    assert places.short_name(here) != places.short_name(there)
