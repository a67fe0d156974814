"""The numbers that must be nought, as homes show them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from lifecycle import watching
from lifecycle.watching import Counted
from people.models import User
from web.console import words


@dataclass(frozen=True, slots=True)
class Counter:
    """One number; its target is nought."""

    count: int
    label: str
    meaning: str
    when: str
    url: str


@dataclass(frozen=True, slots=True)
class Offender:
    """One row that is counted: what it is, what is wrong, where it is; empty without a page."""

    name: str
    what: str
    url: str


@dataclass(frozen=True, slots=True)
class Watched:
    """One number with the rows behind it."""

    counter: Counter
    rows: tuple[Offender, ...]


def of(reader: User, *, now: datetime) -> tuple[Counter, ...]:
    """The reader's numbers; none for who has none. Two queries of the cache at most."""
    mine = watching.of(reader)
    return tuple(_counter(one, now) for one in watching.lately(mine, now=now)) if mine else ()


def page(reader: User, key: str, *, now: datetime) -> Watched:
    """One number, counted now, with what it counts. Raises NotFound."""
    counted = watching.look(watching.named(key, reader), now=now)
    subject = counted.watched.subject
    return Watched(
        _counter(counted, now),
        tuple(
            Offender(
                f"{subject} {one.id}" if subject else one.id,
                one.what,
                reverse("console:lead", args=[one.id]) if subject == "Lead" else "",
            )
            for one in counted.first
        ),
    )


def _counter(counted: Counted, now: datetime) -> Counter:
    return Counter(
        counted.count,
        counted.watched.label,
        counted.watched.meaning,
        words.ago(counted.at, now=now),
        reverse("console:watched", args=[counted.watched.key]),
    )
