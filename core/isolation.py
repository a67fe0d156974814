"""Work on many rows together, and on each alone when one of them is at fault."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import TypeVar

from django.db import OperationalError

log = logging.getLogger(__name__)

T = TypeVar("T")


def together_or_alone(
    ids: Sequence[int],
    work: Callable[[Sequence[int]], T],
    *,
    park: Callable[[int, Exception], None],
) -> list[T]:
    """Run `work` on all ids; where that fails, on ever smaller parts, parking what fails alone.

    `work` is one transaction and leaves nothing behind when it raises. Parts come in the order of
    the ids. A database that is away or busy is raised at once: trying each would not help.
    """
    if not ids:
        return []
    try:
        return [work(ids)]
    except OperationalError:
        raise
    except Exception as error:
        return apart(ids, work, error, park=park)


def apart(
    ids: Sequence[int],
    work: Callable[[Sequence[int]], T],
    error: Exception,
    *,
    park: Callable[[int, Exception], None],
) -> list[T]:
    """The rest of it, once `work` on all ids has failed with that error.

    Halves of halves: one row at fault among a thousand costs some twenty tries, not a thousand.
    """
    if len(ids) == 1:
        log.error("Row %s is parked.", ids[0], exc_info=error)
        park(ids[0], error)
        return []
    log.warning("Work on %s rows failed, trying halves: %r", len(ids), error)
    middle = len(ids) // 2
    halves = (ids[:middle], ids[middle:])
    return [one for half in halves for one in together_or_alone(half, work, park=park)]
