"""Numbers that must be nought, asked of the database while people work: each role's own.

The questions are those of `manage.py verify`; here are the ones that answer in milliseconds at a
million leads, so that a page can ask them. A page shows what was counted within half a minute.
Where all leads have to be looked at, as for those nobody answers for, many leads make that slow:
then the worker counts each minute, while somebody looks, and pages wait for nothing.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.cache import cache

from core import database, errors
from lifecycle import leaks
from lifecycle.invariants import run
from lifecycle.invariants.invariant import Context, Found, Invariant, Offence, Query, ask_together
from people.models import Role, User

FRESH = 30
"""Seconds for which a page shows what another page has counted."""
FRESH_IF_SLOW = 180
"""The same of what takes longer to count than `SLOW`; the worker counts it more often than that."""
SLOW = 0.1
LOOKED_FOR = 600
"""Seconds for which the worker counts on after a page has shown a number that is slow to count."""
SHOWN = 100

COUNTED, ASKED = "watched.counted", "watched.asked"

_WORK = frozenset({Role.MANAGER, Role.REVOPS})
_INTAKE = frozenset({Role.MARKETING, Role.REVOPS})
_RULES = frozenset({Role.MANAGER, Role.MARKETING, Role.REVOPS})


@dataclass(frozen=True, slots=True)
class Watched:
    """One number: what it counts, for whom it is, which invariants it asks.

    `subject` is what the ids of its offences are: a lead, or something without a page.
    """

    key: str
    label: str
    meaning: str
    roles: frozenset[str]
    invariants: tuple[str, ...]
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Counted:
    """A number as it stood at an instant, and the first of what it counts."""

    watched: Watched
    count: int
    at: dt.datetime
    first: tuple[Offence, ...] = field(default=())
    seconds: float = 0.0
    """How long it took to count."""

    def is_fresh(self, now: dt.datetime) -> bool:
        """Whether a page may show it."""
        limit = FRESH_IF_SLOW if self.seconds > SLOW else FRESH
        return now - self.at < dt.timedelta(seconds=limit)


UNACCOUNTED = Watched(
    "unaccounted",
    "leads without an accountable party",
    "Every lead from MQL on that is not closed, and every open hand-raiser, has an owner who is "
    "there or a known queue, and a clock that runs.",
    _WORK,
    leaks.KEYS,
    "Lead",
)
WATCHED = (
    UNACCOUNTED,
    Watched(
        "undecided",
        "touchpoints that nobody has decided",
        "Whatever came in is with a lead, or in a queue that people see, within a minute.",
        _INTAKE,
        ("touch.left_behind", "touch.parked_with_reason", "signal.left_behind"),
    ),
    Watched(
        "unwanted",
        "MQLs of customers or competitors",
        "No lead of a customer, of an open opportunity, of a competitor or of an account that must "
        "not be contacted became an MQL by itself, or waits in a queue.",
        _INTAKE,
        ("account.makes_no_mql", "account.unwanted_waits_not"),
        "Lead",
    ),
    Watched(
        "unnoticed",
        "breaches noticed late",
        "A clock that runs out is breached, and escalates, within a minute of its time.",
        _WORK,
        ("clock.breached_in_time", "clock.escalated_in_time"),
        "Clock",
    ),
    Watched(
        "unrouted",
        "waiting leads that routing has passed over",
        "Routing looks at waiting leads within ten minutes of the time it set itself; nurtured "
        "leads whose day has come, and scores that fade, are looked at in time, too.",
        frozenset({Role.REVOPS}),
        ("lead.routed_in_time", "lead.wake_up_behind", "lead.decay_behind"),
        "Lead",
    ),
    Watched(
        "untold",
        "people told too late",
        "Nobody waits more than ten minutes to be told of what concerns them.",
        frozenset({Role.REVOPS}),
        ("outbox.delivered", "kit_outbox.delivered", "notice.on_its_way"),
    ),
    Watched(
        "disputes",
        "disputes that nobody can decide any more",
        "No dispute is open whose lead has gone on for a while, and what was overturned is an MQL.",
        _INTAKE,
        ("dispute.not_overtaken", "dispute.overturned_is_an_mql"),
    ),
    Watched(
        "unsigned",
        "rules in force that lack a signature",
        "Exactly one version of the kit is active, and it bears every signature its changes need.",
        _RULES,
        ("kit.one_active", "kit.signed"),
    ),
)


def of(reader: User) -> tuple[Watched, ...]:
    """The numbers that are for this reader, in the order pages show them."""
    if not reader.is_active:
        return ()
    if reader.is_superuser or reader.plays(Role.AUDITOR):
        return WATCHED
    return tuple(one for one in WATCHED if reader.plays(*one.roles))


def named(key: str, reader: User) -> Watched:
    """The number of this key, if it is for this reader. Raises NotFound."""
    for one in of(reader):
        if one.key == key:
            return one
    raise errors.NotFound("There is no such number, or it is not yours to see.")


def lately(watched: Sequence[Watched], *, now: dt.datetime) -> tuple[Counted, ...]:
    """How each stands, counted lately; asked of the cache once."""
    kept = cache.get_many([COUNTED, ASKED])
    every: dict[str, Counted] = kept.get(COUNTED, {})
    known = {key: one for key, one in every.items() if one.is_fresh(now)}
    missing = [one for one in watched if one.key not in known]
    if missing:
        known |= {one.watched.key: one for one in _ask(missing, now)}
        # All under one key: what somebody else counted meanwhile is counted again.
        cache.set(COUNTED, known, FRESH_IF_SLOW)
    found = tuple(known[one.key] for one in watched)
    if any(one.seconds > SLOW for one in found) and not _is_asked(kept, now):
        cache.set(ASKED, now, LOOKED_FOR)
    return found


def _is_asked(kept: Mapping[str, Any], now: dt.datetime) -> bool:
    asked_at = kept.get(ASKED)
    return asked_at is not None and now - asked_at < dt.timedelta(seconds=LOOKED_FOR / 2)


def refresh() -> None:
    """Count again what is slow to count, while pages show it. Called by the queue each minute."""
    kept = cache.get_many([COUNTED, ASKED])
    every: dict[str, Counted] = kept.get(COUNTED, {})
    slow = [one for one in WATCHED if one.key in every and every[one.key].seconds > SLOW]
    if ASKED in kept and slow:
        every |= {one.watched.key: one for one in _ask(slow, database.now())}
        cache.set(COUNTED, every, FRESH_IF_SLOW)


def look(watched: Watched, *, now: dt.datetime) -> Counted:
    """Count it now, and name the first of what it counts."""
    (found,) = _ask([watched], now)
    return found


def _ask(watched: Sequence[Watched], now: dt.datetime) -> list[Counted]:
    """One message for all that are queries; those of UNACCOUNTED are one query of their own."""
    by_key = {one.key: one for one in run.QUERIES}
    rest = [by_key[key] for one in watched if one is not UNACCOUNTED for key in one.invariants]
    found = dict(_found(rest, Context(now=now, first=SHOWN)))
    return [
        _unaccounted(now) if one is UNACCOUNTED else _counted(one, found, now) for one in watched
    ]


def _found(invariants: Sequence[Invariant], context: Context) -> list[tuple[str, Found]]:
    queries = [(one.key, one.look) for one in invariants if isinstance(one.look, Query)]
    others = [(one.key, one.look(context)) for one in invariants if not isinstance(one.look, Query)]
    answers = ask_together([look for _, look in queries], context) if queries else ()
    told = zip(queries, answers, strict=True)
    return others + [(key, found) for (key, _), (found, _seconds) in told]


def _counted(watched: Watched, found: dict[str, Found], now: dt.datetime) -> Counted:
    each = [found[key] for key in watched.invariants]
    first = [offence for one in each for offence in one.offences]
    return Counted(watched, sum(one.count for one in each), now, tuple(first[:SHOWN]))


def _unaccounted(now: dt.datetime) -> Counted:
    """Each lead once, however much is wrong with it."""
    began = time.monotonic()
    found = leaks.look(now=now)
    seconds = time.monotonic() - began
    first = tuple(Offence(str(pk), what) for pk, what in found.first)
    return Counted(UNACCOUNTED, found.count, now, first, seconds)
