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
    """Run `work` on all ids; if that fails, on each alone, parking those that fail again.

    `work` is one transaction and leaves nothing behind when it raises. A database that is away or
    busy is raised at once: trying each would not help.
    """
    if not ids:
        return []
    try:
        return [work(ids)]
    except OperationalError:
        raise
    except Exception:
        log.exception("Work on %s rows failed; taking them one by one.", len(ids))
    done = []
    for one in ids:
        try:
            done.append(work([one]))
        except OperationalError:
            raise
        except Exception as error:
            log.exception("Row %s is parked.", one)
            park(one, error)
    return done
