"""What time brings: everything that is due, done in bounded passes.

The worker's supervisor runs a pass every second, the queue's schedule every minute, `manage.py
sweep` by hand; they may overlap. Each step takes its own due rows and stands on its own: one that
fails stops no other.
"""

from __future__ import annotations

import datetime as dt
import logging
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from django.contrib.sessions.models import Session
from django.db import connection

from core import database, queue
from governance import emergencies, services
from governance.selectors import NoActiveKit
from leads.models import Touch, TouchStatus
from lifecycle import (
    applying,
    bulk_handing,
    calendars,
    decay,
    duplicates,
    kit_notices,
    leavers,
    mails,
    notices,
    parking,
    pipeline,
    shadow,
    waiting,
)
from lifecycle.enriching import asking
from lifecycle.importing import files, releasing, working
from lifecycle.realigning import working as working_realignments
from lifecycle.simulation import runs
from sla import sweeps

STEP_SECONDS = 1.0
"""How long one step goes on taking further batches; together they keep the worker's pace."""
MOST_ATTEMPTS = 5
FAILURES_KEPT = dt.timedelta(days=30)

log = logging.getLogger(__name__)
SAME_FAILURE_EVERY = 60.0
_told: dict[str, tuple[str, float]] = {}
"""What was last logged of each failing step, and when: the same failure does not fill the log."""

Counts = Mapping[str, int]
Step = Callable[[dt.datetime | None, float], Counts]


@dataclass(frozen=True, slots=True)
class Pass:
    """What one pass did, by kind, and which steps failed."""

    counts: Counter[str] = field(default_factory=Counter)
    failing: tuple[str, ...] = ()


def sweep(now: dt.datetime | None = None) -> dict[str, int]:
    """One pass over all that is due at `now` (the database's clock unless given), mails included.

    Returns what was done, by kind, and under `errors` how many steps failed; those are logged.
    """
    swept = run({**DECIDING, **BESIDE}, now=now)
    return {**swept.counts, "errors": len(swept.failing)}


def tidy() -> None:
    """Delete expired sessions, imported files past their time, old records of failed tasks."""
    now = database.now()
    files.forget(now=now)
    Session.objects.filter(expire_date__lt=now).delete()
    queue.forget_failures(before=now - FAILURES_KEPT)


def run(
    steps: Mapping[str, Step],
    *,
    now: dt.datetime | None = None,
    alive: Callable[[], None] | None = None,
) -> Pass:
    """Run the steps one after the other, each on its own; `alive` is called after each."""
    counts: Counter[str] = Counter()
    failing = []
    for name, step in steps.items():
        try:
            counts.update(step(now, time.monotonic() + STEP_SECONDS))
            _told.pop(name, None)
        except NoActiveKit:
            continue  # nothing can be due before the first kit
        except Exception as error:
            failing.append(name)
            _tell(name, error)
            if not connection.in_atomic_block:
                connection.close_if_unusable_or_obsolete()
        finally:
            if alive is not None:
                alive()
    return Pass(counts, tuple(failing))


def _tell(name: str, error: Exception) -> None:
    told, at = _told.get(name, ("", 0.0))
    if told != repr(error):
        log.error("The step “%s” of the sweep failed.", name, exc_info=error)
    elif time.monotonic() - at > SAME_FAILURE_EVERY:
        log.error("The step “%s” of the sweep goes on failing: %r", name, error)
    else:
        return
    _told[name] = (repr(error), time.monotonic())


def _touches(now: dt.datetime | None, until: float) -> Counts:
    """Advance touches that their door left behind, and parked ones whose next try is due."""
    at = now or database.now()
    done = Counter(touches=0, touches_set_aside=_set_aside(at))
    # One at a time: what failed with others is tried alone, and none is leased without being tried.
    while time.monotonic() < until:
        ids = parking.take_left_behind(now=at, limit=1)
        if not ids:
            break
        done["touches"] += len(pipeline.advance(ids, now=now))
    return done


def _set_aside(at: dt.datetime) -> int:
    """Leave touches whose process never came back to people, after so many attempts.

    A touch that fails is parked and loses its lease; one that still has it ended its process.
    """
    count = Touch.objects.filter(
        status__in=[TouchStatus.RECEIVED, TouchStatus.PARKED],
        next_attempt_at__lte=at,
        lease_until__lte=at,
        attempts__gte=MOST_ATTEMPTS,
    ).update(
        status=TouchStatus.PARKED,
        next_attempt_at=None,
        lease_until=None,
        last_error="Every attempt ended its process; see the worker's log of that time.",
    )
    if count:
        log.error("%s touches ended their process at every attempt and are set aside.", count)
    return count


def _clocks(now: dt.datetime | None, until: float) -> Counts:
    done: Counter[str] = Counter()
    while True:
        swept = sweeps.warn_and_breach(now=now)
        done.update(warned=swept.warned, breached=swept.breached)
        if not swept.total or time.monotonic() > until:
            return done


def _kit(now: dt.datetime | None, _until: float) -> Counts:
    """Scheduled versions come into force; emergencies nobody countersigns are told of, revert."""
    at = now or database.now()
    reverted = emergencies.revert_expired(now=at)
    return {
        "published": services.publish_due(now=at),
        "reverted": int(reverted is not None),
        "reminded": int(emergencies.remind_at_half_time(now=at)),
    }


def _simulations(now: dt.datetime | None, _until: float) -> Counts:
    """Runs that lost their worker are queued again, or fail with a word."""
    return {"simulations": runs.take_up_left_behind(now=now or database.now())}


def _applications(now: dt.datetime | None, _until: float) -> Counts:
    """Runs that bring the kit to older leads and lost their worker are queued again."""
    return {"applications": applying.take_up_stalled(now=now)}


def _reassignments(now: dt.datetime | None, _until: float) -> Counts:
    """Acts that hand on many leads and lost their worker are queued again."""
    return {"reassignments": bulk_handing.take_up_stalled(now=now)}


def _imports(now: dt.datetime | None, _until: float) -> Counts:
    """Imports that lost their worker are queued again, or fail with a word."""
    return {"imports": working.take_up_left_behind(now=now)}


def _releases(now: dt.datetime | None, until: float) -> Counts:
    """Held lists: what reps can take by now."""
    return {"released": releasing.release_due(now=now, until=until)}


def _routing(now: dt.datetime | None, _until: float) -> Counts:
    return {"routed": waiting.route(now=now)}


def _leavers(now: dt.datetime | None, until: float) -> Counts:
    """What people who have left still hold."""
    done: Counter[str] = Counter()
    while True:
        count = leavers.hand_on(now=now)
        done["handed_on"] += count
        if not count or time.monotonic() > until:
            return done


def _realignments(now: dt.datetime | None, until: float) -> Counts:
    """Territories that change hands: what of their holders' work goes along, or comes back."""
    return {"realigned": working_realignments.run_due(now=now, until=until)}


def _decay(now: dt.datetime | None, until: float) -> Counts:
    done: Counter[str] = Counter()
    while True:
        count = decay.run(now=now)
        done["decayed"] += count
        if not count or time.monotonic() > until:
            return done


def _notices(now: dt.datetime | None, until: float) -> Counts:
    done: Counter[str] = Counter()
    while True:
        drained = notices.drain(now=now)
        done.update(notices=drained.done, notices_failed=drained.failed)
        if not drained.done or time.monotonic() > until:
            return done


def _kit_notices(now: dt.datetime | None, until: float) -> Counts:
    done: Counter[str] = Counter()
    while True:
        drained = kit_notices.drain(now=now)
        done.update(kit_notices=drained.done, kit_notices_failed=drained.failed)
        if not drained.done or time.monotonic() > until:
            return done


def _shadow(now: dt.datetime | None, until: float) -> Counts:
    """What versions in shadow would have decided on touches decided since."""
    done: Counter[str] = Counter()
    while True:
        count = shadow.run(now=now)
        done["shadowed"] += count
        if not count or time.monotonic() > until:
            return done


def _duplicates(now: dt.datetime | None, until: float) -> Counts:
    """Pairs of people who look alike, among those whose data changed."""
    done: Counter[str] = Counter()
    while True:
        searched = duplicates.search(now=now)
        done["suggested"] += searched.suggested
        if not searched.people or time.monotonic() > until:
            return done


def _mails(now: dt.datetime | None, _until: float) -> Counts:
    mailed = mails.send_due(now=now)
    return {
        "mails": mailed.sent,
        "mails_failed": mailed.failed,
        "mail_server_down": int(mailed.server_down),
    }


def _enriching(now: dt.datetime | None, _until: float) -> Counts:
    """Questions about buyers that wait for others' servers."""
    asked = asking.run(now=now)
    return {"asked": asked.answered, "enriched": asked.filled, "asked_in_vain": asked.failed}


def _calendars(now: dt.datetime | None, _until: float) -> Counts:
    """People's calendars, for their leave."""
    passed = calendars.run(now=now)
    return {"calendars": passed.read, "calendars_failed": passed.failed}


DECIDING: Mapping[str, Step] = {
    "kit": _kit,
    "touches": _touches,
    "clocks": _clocks,
    "routing": _routing,
    "leavers": _leavers,
    "realignments": _realignments,
    "decay": _decay,
    "notices": _notices,
    "kit_notices": _kit_notices,
    "simulations": _simulations,
    "applications": _applications,
    "reassignments": _reassignments,
    "imports": _imports,
    "releases": _releases,
}
"""Steps that only need the database."""
BESIDE: Mapping[str, Step] = {
    "mails": _mails,
    "shadow": _shadow,
    "duplicates": _duplicates,
    "enriching": _enriching,
    "calendars": _calendars,
}
"""Steps nobody's deadline hangs on, or that wait for others' servers; the worker runs them beside
the deciding ones, so that they delay no clock."""
