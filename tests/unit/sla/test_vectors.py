"""What a file of vectors says, held against the arithmetic."""

from __future__ import annotations

from typing import Any

import pytest

from core import worktime
from core.errors import InvalidInput
from sla import vectors

OFFICE = worktime.from_document(
    {
        "zone": "America/New_York",
        "week": {day: [["09:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")},
        "opened": {"2026-11-01": [["00:00", "08:00"]]},
    }
)


@pytest.mark.parametrize(
    "vector",
    [
        {"start": "2026-11-02T09:00-05:00", "minutes": 60, "due": "2026-11-02T15:00Z"},
        {"Start": "2026-11-02 16:00", "Working Minutes": "120", "Expected Due": "2026-11-03 10:00"},
        {"from": "2026-11-02T16:00", "work": "2h", "deadline": "2026-11-03T10:00"},
        {"start": "2026-11-01T00:30", "hours": 2, "due": "2026-11-01T01:30"},
        {
            "start": "2026-11-02T16:00",
            "minutes": 240,
            "warn_percent": 75,
            "warn": "2026-11-03T11:00",
            "due": "2026-11-03T12:00",
        },
        {"start": "2026-11-01T01:30", "fold": 1, "hours": 1, "due": "2026-11-01T02:30"},
        {"a": "2026-11-02T09:00", "b": "2026-11-02T17:00", "seconds": 28800},
        {"a": "2026-11-02T17:00", "b": "2026-11-02T09:00", "minutes": -480},
        {"started_at": "2026-11-01T00:00", "end": "2026-11-01T08:00", "open_hours": "9"},
        {"at": "2026-11-02T17:00", "open": False, "opens": "2026-11-03T09:00", "closes": None},
    ],
)
def test_a_vector_that_holds_has_no_difference(vector: dict[str, Any]) -> None:
    assert list(vectors.judge(vector, OFFICE)) == []


@pytest.mark.parametrize(
    ("vector", "found"),
    [
        (
            {"start": "2026-11-02T16:00", "minutes": 60, "due": "2026-11-03T09:00"},
            ["2026-11-02T17:00:00-05:00"],
        ),
        (
            {"start": "2026-11-02T16:00", "minutes": 60, "due": "2026-11-02T17:00:00.000001"},
            ["2026-11-02T17:00:00-05:00"],
        ),
        (
            {"start": "2026-11-02T16:00", "minutes": 1, "due": "never"},
            ["2026-11-02T16:01:00-05:00"],
        ),
        (
            {
                "start": "2026-11-02T16:00",
                "minutes": 240,
                "warn_percent": "50",
                "warn": "2026-11-03T11:00",
                "due": "2026-11-03T12:00",
            },
            ["2026-11-03T10:00:00-05:00"],
        ),
        ({"a": "2026-11-02T09:00", "b": "2026-11-02T17:00", "minutes": 481}, ["28800 s"]),
        ({"a": "2026-11-02T09:00", "b": "2026-11-02T17:00", "minutes": -480}, ["28800 s"]),
        (
            {"at": "2026-11-02T17:00", "open": True, "opens": None, "closes": "2026-11-02T18:00"},
            ["false", "2026-11-03T09:00:00-05:00", "never"],
        ),
    ],
)
def test_a_vector_that_does_not_hold_says_what_comes_out(
    vector: dict[str, Any], found: list[str]
) -> None:
    assert [one.found for one in vectors.judge(vector, OFFICE)] == found


@pytest.mark.parametrize(
    ("vector", "told"),
    [
        ({"start": "2026-11-02T16:00", "minutes": 60}, "asks for nothing"),
        ({"start": "soon", "minutes": 60, "due": "2026-11-02T17:00"}, "start: “soon”"),
        ({"start": "2026-11-02T16:00", "due": "2026-11-02T17:00"}, "span of work once"),
        (
            {"start": "2026-11-02T16:00", "minutes": 5, "hours": 1, "due": "2026-11-02T17:00"},
            "span of work once",
        ),
        ({"at": "2026-11-02T16:00", "open": "perhaps"}, "neither true nor false"),
        ({"start": "2026-11-02T16:00", "minutes": 1, "due": "2026-13-01"}, "due: “2026-13-01”"),
        ({"start": "9999-11-02T16:00", "minutes": 1, "due": "2026-11-01"}, "1900 to 2199"),
    ],
)
def test_a_vector_that_cannot_be_read_says_why(vector: dict[str, Any], told: str) -> None:
    with pytest.raises(InvalidInput, match=told):
        list(vectors.judge(vector, OFFICE))
