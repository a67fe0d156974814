"""Which part of the pipeline takes the time: its functions watched from outside, by their names."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest import mock

from django.db import connection

from core import bulk
from leads import intake as reading
from leads.ledger import Ledger
from lifecycle import (
    companies,
    gathering,
    identities,
    intake,
    namesakes,
    ownership,
    pipeline,
    receipts,
)
from lifecycle.case import Case

WATCHED: tuple[tuple[Any, str, str], ...] = (
    (intake, "receive", "receive: store the touches"),
    (reading, "read", "receive: read the bodies"),
    (gathering, "gather", "gather: touches under lock, keys"),
    (identities, "settle", "gather: people by their keys"),
    (companies, "settle", "gather: accounts"),
    (namesakes, "settle", "gather: accounts"),
    (gathering, "_attach", "gather: leads and what is known"),
    (pipeline, "_begin", "decide: new rows"),
    (pipeline, "_receive", "decide: enrich and score"),
    (pipeline, "_judge", "decide: qualify, clocks"),
    (ownership, "route", "decide: route"),
    (Case, "rescore_if_moved", "decide: enrich and score"),
    (receipts, "write", "record: receipts"),
    (Ledger, "flush", "record: prepare"),
    (bulk, "update", "record: UPDATE"),
    (bulk, "_stream", "record: COPY"),
    (connection, "_commit", "commit: deferred triggers and keys"),
    (pipeline, "_advance_together", "the rest"),
)


class Phases:
    """Seconds by phase, each without the phases inside it."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {name: 0.0 for *_, name in WATCHED}
        self._inside: list[float] = []

    @contextmanager
    def watched(self) -> Iterator[None]:
        """While this is open, time is told apart."""
        with ExitStack() as stack:
            for owner, name, phase in WATCHED:
                found = getattr(owner, name)
                stack.enter_context(mock.patch.object(owner, name, self._timed(found, phase)))
            yield

    def _timed(self, found: Callable[..., Any], phase: str) -> Callable[..., Any]:
        def timed(*args: Any, **kwargs: Any) -> Any:
            began = time.perf_counter()
            self._inside.append(0.0)
            try:
                return found(*args, **kwargs)
            finally:
                took = time.perf_counter() - began
                self.seconds[phase] = self.seconds.get(phase, 0.0) + took - self._inside.pop()
                if self._inside:
                    self._inside[-1] += took

        return timed
