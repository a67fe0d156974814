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
from leads.models import Seal
from lifecycle import (
    access_mails,
    applying,
    bulk_acting,
    calendars,
    corresponding,
    decay,
    dispute_ends,
    duplicates,
    kit_notices,
    leavers,
    mails,
    notices,
    own_hours,
    parking,
    partner_expiry,
    pausing,
    pipeline,
    shadow,
    waiting,
    waking,
)
from lifecycle.deliveries import Drained
from lifecycle.enriching import asking
from lifecycle.importing import files, releasing, working
from lifecycle.models import QueuedTask
from lifecycle.realigning import working as working_realignments
from lifecycle.sealing import days
from lifecycle.signalling import sweeping
from lifecycle.simulation import runs
from routing import turn_sums
from sla import sweeps

STEP_SECONDS = 1.0
"""How long one step goes on taking further batches; together they keep the worker's pace."""
IDLE_PASSES = 3
MOST_ATTEMPTS = 5
FAILURES_KEPT = dt.timedelta(days=30)
STARTS_KEPT = dt.timedelta(days=2)
"""So long a task that was begun and never ended is remembered, unless it was set aside."""

log = logging.getLogger(__name__)
SAME_FAILURE_EVERY = 60.0
_told: dict[str, tuple[str, float]] = {}
"""What was last logged of each failing step, and when: the same failure does not fill the log."""

Counts = Mapping[str, int]
Step = Callable[[dt.datetime | None, float], Counts]
Drain = Callable[..., Drained]


@dataclass(frozen=True, slots=True)
class Pass:
    """What one pass did, by kind, and which steps failed."""

    counts: Counter[str] = field(default_factory=Counter)
    failing: tuple[str, ...] = ()


def sweep(now: dt.datetime | None = None) -> dict[str, int]:
    """One pass over all that is due at `now` (the database's clock unless given), mails included.

    Returns what was done, by kind, and under `errors` how many steps failed; those are logged.
    """
    swept = run(all_steps(), now=now)
    return {**swept.counts, "errors": len(swept.failing)}


def tidy() -> None:
    """Delete expired sessions, imported files past their time, old records of tasks."""
    now = database.now()
    lost = QueuedTask.objects.filter(set_aside_at=None, last_at__lt=now - STARTS_KEPT)
    lost.delete()
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
    done = Counter(touches=0, touches_set_aside=parking.give_up(at, after=MOST_ATTEMPTS))
    # One at a time: what failed with others is tried alone, and none is leased without being tried.
    while time.monotonic() < until:
        ids = parking.take_left_behind(now=at, limit=1)
        if not ids:
            break
        done["touches"] += len(pipeline.advance(ids, now=now))
    return done


def _clocks(now: dt.datetime | None, until: float) -> Counts:
    """Warnings, breaches, levels and ends of pauses, until none is due that others do not hold.

    Leads that were taken up for nothing (whoever acted was quicker) do not end it; three times in
    a row do.
    """
    done: Counter[str] = Counter()
    idle = 0
    while idle < IDLE_PASSES and time.monotonic() < until:
        swept = sweeps.warn_and_breach(now=now)
        done.update(
            warned=swept.warned,
            breached=swept.breached,
            escalated=swept.escalated,
            resumed=swept.resumed,
        )
        if not swept.leads:
            break
        idle = 0 if swept.total else idle + 1
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
    """Acts on many leads that lost their worker are queued again."""
    return {"reassignments": bulk_acting.take_up_stalled(now=now)}


def _imports(now: dt.datetime | None, _until: float) -> Counts:
    """Imports that lost their worker are queued again, or fail with a word."""
    return {"imports": working.take_up_left_behind(now=now)}


def _releases(now: dt.datetime | None, until: float) -> Counts:
    """Held lists: what reps can take by now."""
    return {"released": releasing.release_due(now=now, until=until)}


def _routing(now: dt.datetime | None, _until: float) -> Counts:
    return {"routed": waiting.route(now=now)}


def _again_and_again(
    name: str, act: Callable[..., int], now: dt.datetime | None, until: float
) -> Counts:
    """One batch after the other, as long as there is something to do and time."""
    done: Counter[str] = Counter()
    while True:
        count = act(now=now)
        done[name] += count
        if not count or time.monotonic() > until:
            return done


def _leavers(now: dt.datetime | None, until: float) -> Counts:
    """What people who have left still hold."""
    return _again_and_again("handed_on", leavers.hand_on, now, until)


def _realignments(now: dt.datetime | None, until: float) -> Counts:
    """Territories that change hands: what of their holders' work goes along, or comes back."""
    return {"realigned": working_realignments.run_due(now=now, until=until)}


def _partners(now: dt.datetime | None, _until: float) -> Counts:
    """Registrations that run out soon."""
    return {"registrations_warned": partner_expiry.warn(now=now)}


def _leave(now: dt.datetime | None, until: float) -> Counts:
    """Clocks of people on leave stand still where their policy says so."""
    return _again_and_again("clocks_of_leave", pausing.follow_leave, now, until)


def _own_hours(now: dt.datetime | None, until: float) -> Counts:
    """Clocks that count in their holder's hours follow them."""
    return _again_and_again("clocks_of_hours", own_hours.follow, now, until)


def _decay(now: dt.datetime | None, until: float) -> Counts:
    return _again_and_again("decayed", decay.run, now, until)


def _wake_ups(now: dt.datetime | None, until: float) -> Counts:
    """Nurtured leads whose day has come."""
    return _again_and_again("woken", waking.run, now, until)


def _disputes(now: dt.datetime | None, until: float) -> Counts:
    """Disputes whose lead went on by itself."""
    return _again_and_again("disputes_overtaken", dispute_ends.run, now, until)


def _drained(name: str, drain: Drain, now: dt.datetime | None, until: float) -> Counts:
    done: Counter[str] = Counter()
    while True:
        drained = drain(now=now)
        done.update({name: drained.done, f"{name}_failed": drained.failed})
        if not drained.done or time.monotonic() > until:
            return done


def _notices(now: dt.datetime | None, until: float) -> Counts:
    return _drained("notices", notices.drain, now, until)


def _kit_notices(now: dt.datetime | None, until: float) -> Counts:
    return _drained("kit_notices", kit_notices.drain, now, until)


def _shadow(now: dt.datetime | None, until: float) -> Counts:
    """What versions in shadow would have decided on touches decided since."""
    return _again_and_again("shadowed", shadow.run, now, until)


def _duplicates(now: dt.datetime | None, until: float) -> Counts:
    """Pairs of people who look alike, among those whose data changed."""
    done: Counter[str] = Counter()
    while True:
        searched = duplicates.search(now=now)
        done["suggested"] += searched.suggested
        if not searched.people or time.monotonic() > until:
            return done


def _mails(now: dt.datetime | None, _until: float) -> Counts:
    at_the_door, mailed = access_mails.send_due(now=now), mails.send_due(now=now)
    return {"access_mails": at_the_door.sent, "mails": mailed.sent, "mails_failed": mailed.failed,
            "mail_server_down": int(mailed.server_down)}  # fmt: skip


def _letters(now: dt.datetime | None, until: float) -> Counts:
    """What people here wrote to buyers."""
    sent, failed = corresponding.send_due(now=now, until=until)
    return {"written": sent, "written_failed": failed}


def _enriching(now: dt.datetime | None, _until: float) -> Counts:
    """Questions about buyers that wait for others' servers."""
    asked = asking.run(now=now)
    return {"asked": asked.answered, "enriched": asked.filled, "asked_in_vain": asked.failed}


def _calendars(now: dt.datetime | None, _until: float) -> Counts:
    """People's calendars, for their leave."""
    passed = calendars.run(now=now)
    return {"calendars": passed.read, "calendars_failed": passed.failed}


def _turn_sums(_now: dt.datetime | None, until: float) -> Counts:
    """Turns of the past are counted, so that ledgers of pools open at once."""
    return {"turns_summed": turn_sums.store_next(until=until)}


def _seals(now: dt.datetime | None, until: float) -> Counts:
    """Days of the logs that are over. They are over by the database's clock, by no other."""
    if now is not None or not days.is_due(database.now()):
        return {}
    made = days.make_due(until=until)
    return {"sealed": sum(isinstance(one, Seal) for one in made)}


CLOCKS: dict[str, Step] = {"clocks": _clocks}
"""What somebody's deadline hangs on. In a thread of its own, so that nothing else delays it."""
DECIDING: dict[str, Step] = {
    "kit": _kit,
    "touches": _touches,
    "signals": sweeping.sweep,
    "routing": _routing,
    "leavers": _leavers,
    "realignments": _realignments,
    "partners": _partners,
    "decay": _decay,
    "leave": _leave,
    "own_hours": _own_hours,
    "wake_ups": _wake_ups,
    "disputes": _disputes,
    "notices": _notices,
    "kit_notices": _kit_notices,
    "simulations": _simulations,
    "applications": _applications,
    "reassignments": _reassignments,
    "imports": _imports,
    "releases": _releases,
}
"""Steps that only need the database."""
TELLING: dict[str, Step] = {"mails": _mails, "letters": _letters}
"""What people are told by, where others' servers may let one wait."""
OUTWARD: dict[str, Step] = {}
"""What other systems and team chats are told, by steps of upper apps: apart from mails, too, so
that a mail server that is down keeps no message waiting."""
BESIDE: dict[str, Step] = {
    "shadow": _shadow,
    "duplicates": _duplicates,
    "enriching": _enriching,
    "calendars": _calendars,
    "turn_sums": _turn_sums,
    "seals": _seals,
}
"""Steps nobody waits for, or that wait for others' servers."""
THREADS: Mapping[str, dict[str, Step]] = {
    "clocks": CLOCKS,
    "deciding": DECIDING,
    "telling": TELLING,
    "outward": OUTWARD,
    "beside": BESIDE,
}
"""Every step, by the thread of the worker that takes it; those of one thread one by one."""


def register(name: str, step: Step, *, thread: str) -> None:
    """Have a worker take a further step in one of THREADS, behind those it has.

    For apps that stand above this one; called from their `ready()`. Registering the same again
    changes nothing. Raises ValueError for a name that another step has, or an unknown thread.
    """
    if thread not in THREADS:
        raise ValueError(f"There is no thread “{thread}”, only {', '.join(THREADS)}.")
    for other, steps in THREADS.items():
        if name in steps and (other, steps[name]) != (thread, step):
            raise ValueError(f"Another step is called “{name}” already.")
    THREADS[thread][name] = step


def all_steps() -> dict[str, Step]:
    """The steps of all threads, in the order in which one pass takes them."""
    return {name: step for steps in THREADS.values() for name, step in steps.items()}
