"""What the frame of every page says of the worker, by its last signs of life."""

from __future__ import annotations

import datetime as dt

import pytest

from lifecycle.heartbeats import Status
from web.console import frame

SECOND = dt.timedelta(seconds=1)


@pytest.mark.parametrize(
    ("worker", "queue", "state", "word"),
    [
        (None, None, "never", "Worker not started"),
        (5, 5, "ok", "Worker up"),
        (5, None, "ok", "Worker up"),  # it has just been started
        (5, 99, "ok", "Worker up"),  # by then one that hangs is replaced
        (5, 115, "queue", "Queue is away"),
        (31, 5, "stale", "Worker is away"),
        (600, 600, "stale", "Worker is away"),
    ],
)
def test_who_is_away_is_told_within_two_minutes(
    worker: int | None, queue: int | None, state: str, word: str
) -> None:
    told = frame.worker(
        Status(
            worker_ok=worker is not None and worker <= 30,
            queue_ok=queue is not None and queue <= 60,
            worker_age=None if worker is None else worker * SECOND,
            queue_age=None if queue is None else queue * SECOND,
            failing=(),
        )
    )
    assert (told.state, told.word) == (state, word)
