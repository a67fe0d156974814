"""A release of the time zones moves an offset to come: running clocks stay until they are asked."""

from __future__ import annotations

import json
import zoneinfo
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from tests.faults.house import SHORT, House

pytestmark = [pytest.mark.faults, pytest.mark.timeout(300)]

BEFORE, AFTER = "2026-03-04T08:15:00+00:00", "2026-03-04T06:15:00+00:00"
"""A quarter past nine in Berlin: by the zones we know, and as if it kept Istanbul's time."""


def zones(folder: Path, release: str, berlin: str) -> dict[str, str]:
    """The environment of a process that finds these zones first."""
    europe = folder / "Europe"
    europe.mkdir(parents=True)
    (folder / "tzdata.zi").write_text(f"# version {release}\n")
    (europe / "Berlin").write_bytes(_zone(berlin))
    return {"PYTHONTZPATH": str(folder)}


def _zone(name: str) -> bytes:
    for folder in zoneinfo.TZPATH:
        if (file := Path(folder, "Europe", name)).exists():
            return file.read_bytes()
    return (resources.files("tzdata.zoneinfo.Europe") / name).read_bytes()


def told(house: House, what: str, surroundings: dict[str, str]) -> list[Any]:
    said = house.run("-m", "tests.faults.zone_story", what, **surroundings)
    return [json.loads(line) for line in said.splitlines() if line.startswith("[")]


@pytest.mark.parametrize(
    ("berlin", "due_at"),
    [
        ("Istanbul", AFTER),
        pytest.param("Berlin", BEFORE, marks=pytest.mark.skipif(SHORT, reason="a control")),
    ],
)
def test_clocks_keep_their_deadline_under_new_zones_until_they_are_recalculated(
    house: House, tmp_path: Path, berlin: str, due_at: str
) -> None:
    """The second of them is the control: a release that changes nothing moves nothing."""
    (begun,) = told(house, "begin", zones(tmp_path / "old", "2098a", "Berlin"))
    ((was, release, kit),) = begun
    assert (was, release) == (BEFORE, "2098a")
    new = zones(tmp_path / "new", "2099a", berlin)
    kept, sound, moved, still_sound = told(house, "go_on", new)
    assert kept == begun
    assert sound == still_sound == []
    ((is_due, by, under),) = moved
    assert is_due == due_at
    assert (by != release, under != kit) == (due_at != BEFORE,) * 2
    recorded = "SELECT count(*) FROM leads_leadevent WHERE kind = 'RECALCULATED'"
    assert house.one(recorded) == (due_at != BEFORE)
