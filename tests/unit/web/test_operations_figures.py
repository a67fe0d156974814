"""What *Operations* says of its workers."""

from __future__ import annotations

import datetime as dt

import pytest

from lifecycle.operations import Worker
from web.console import operations_page

NOW = dt.datetime(2026, 7, 1, 12, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("seconds_ago", "line"),
    [
        ([1, 2], "2 workers give signs of life"),
        ([1], "1 worker gives signs of life"),
        ([1, 31], "1 worker gives signs of life, 1 not any more"),
        ([60, 500], "0 workers give signs of life, 2 not any more"),
        ([None], "0 workers give signs of life, 1 not any more"),
        ([], "0 workers give signs of life"),
    ],
)
def test_only_workers_that_are_there_count_as_alive(
    seconds_ago: list[int | None], line: str
) -> None:
    workers = [
        Worker("w", None if ago is None else NOW - dt.timedelta(seconds=ago), None, ())
        for ago in seconds_ago
    ]
    assert operations_page._alive(workers, NOW) == line
