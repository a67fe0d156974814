"""How the machinery is, for whoever runs the product: figures, and what waits for people."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.urls import reverse

from core import errors
from core.texts import _, lazy
from lifecycle import heartbeats, operations
from lifecycle.operations import Operations
from lifecycle.signalling.standing import COUNTED, DROPPED_DAYS, Standing
from people.models import User
from web.console import words

LATE = timedelta(seconds=60)
LONGEST = 300


@dataclass(frozen=True, slots=True)
class Figure:
    """One number with its name; `tone` is ok, warn or late."""

    name: str
    value: str
    line: str
    tone: str


@dataclass(frozen=True, slots=True)
class Stuck:
    """One thing that waits for people: what, how often, why, and what may be done."""

    id: str
    what: str
    count: str
    at: datetime
    why: str
    url: str
    verbs: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class OperationsPage:
    """The page."""

    figures: tuple[Figure, ...]
    workers: Sequence[operations.Worker]
    stuck: tuple[Stuck, ...]
    schedules: Sequence[operations.Timed]


def build(now: datetime) -> OperationsPage:
    """The present state in words."""
    found = operations.look(now=now)
    return OperationsPage(
        figures=_figures(found, now),
        workers=found.workers,
        stuck=(*_clocks(found), *_parked_signals(found, now), *_tasks(found), *_failures(found)),
        schedules=found.schedules,
    )


def _figures(found: Operations, now: datetime) -> tuple[Figure, ...]:
    depth = found.depth
    waits = (
        _("the oldest for {now}").format(now=words.span(now - depth.oldest))
        if depth.oldest
        else _("none waits")
    )
    late = found.touches + found.mails
    return (
        _in_time(found),
        Figure(
            _("Worker"),
            _("Up") if found.status.worker_ok else _("Away"),
            _alive(found.workers, now),
            "ok" if found.status.worker_ok else "late",
        ),
        Figure(
            _("Queue"),
            _("{waiting} waiting").format(waiting=f"{depth.waiting:,}"),
            _("{waits}; {in_work} in work").format(waits=waits, in_work=f"{depth.in_work:,}"),
            "ok" if found.status.queue_ok else "warn",
        ),
        Figure(
            _("Given up"),
            f"{late:,}",
            _("{plural} parked, {plural2} not sent").format(
                plural=words.plural(found.touches, "touchpoint"),
                plural2=words.plural(found.mails, "mail"),
            ),
            "warn" if late else "ok",
        ),
        _signals(found.signals),
    )


def _signals(found: Standing) -> Figure:
    """Signals that came by themselves: waiting is usual, parked ones are not."""
    line = _("{parked} parked, {dropped} dropped in {DROPPED_DAYS} days").format(
        parked=f"{found.parked:,}", dropped=f"{found.dropped:,}", DROPPED_DAYS=DROPPED_DAYS
    )
    more = "+" if found.waiting == COUNTED else ""
    value = _("{waiting}{more} waiting").format(waiting=f"{found.waiting:,}", more=more)
    return Figure(_("Signals"), value, line, "warn" if found.parked else "ok")


def _in_time(found: Operations) -> Figure:
    """How far clocks are behind; those that a sweep failed on are not in time either."""
    behind, left = found.clocks.behind, found.left_alone
    parked = _("{plural} parked").format(plural=words.plural(left.clocks, "clock"))
    line = _("what is due first and not done yet")
    if left.clocks:
        line = _("{parked}; {overdue} past the deadline without a breach").format(
            parked=parked if behind else line, overdue=f"{left.overdue:,}"
        )
    value = (
        _("{behind} behind").format(behind=words.span(behind))
        if behind
        else parked
        if left.clocks
        else _("In time")
    )
    return Figure(_("Clocks"), value, line, "late" if behind > LATE or left.clocks else "ok")


def _alive(workers: Sequence[operations.Worker], now: datetime) -> str:
    """How many give signs of life; those gone are forgotten only after a while."""
    beats = [one.beat_at for one in workers if one.beat_at is not None]
    alive = sum(heartbeats.age(one, now) <= heartbeats.WORKER_STALE_AFTER for one in beats)
    told = (
        words.plural(alive, "worker") + (" gives" if alive == 1 else " give") + _(" signs of life")
    )
    gone = len(workers) - alive
    return _("{told}, {gone} not any more").format(told=told, gone=gone) if gone else told


def _clocks(found: Operations) -> Sequence[Stuck]:
    return [
        Stuck(
            one.error,
            _("Clock {clock} of lead {lead}").format(clock=one.clock, lead=one.lead),
            words.plural(one.count, "clock"),
            one.again_at,
            one.error[:LONGEST],
            reverse("console:lead", args=[one.lead]),
            (("clocks", _("Try again")),),
        )
        for one in found.parked
    ]


def _parked_signals(found: Operations, now: datetime) -> Sequence[Stuck]:
    if not found.signals.parked:
        return ()
    count = words.plural(found.signals.parked, "signal")
    why = _("They could not be brought to their lead; each says why in the administration.")
    address = reverse("admin:leads_sentsignal_changelist") + "?status__exact=PARKED"
    return [Stuck("parked", _("Signals"), count, now, why, address, (("signals", _("Try again")),))]


def _tasks(found: Operations) -> Sequence[Stuck]:
    both = (("task", _("Try again")), ("discard-task", _("Discard")))
    return [
        Stuck(
            str(one.pk), _call(one.function, one.arguments), words.plural(one.starts, "start"),
            one.set_aside_at or one.last_at, one.why[:LONGEST] or _("Begun, not over yet."), "",
            both if one.set_aside_at else (),
        )
        for one in found.tasks
        if one.set_aside_at or one.starts > 1
    ]  # fmt: skip


def _failures(found: Operations) -> Sequence[Stuck]:
    both = (("failure", _("Try again")), ("discard-failure", _("Discard")))
    return [
        Stuck(
            one.id, _call(one.function, one.arguments), _("1 start"), one.stopped,
            one.error.partition(" : ")[0][:LONGEST], "", both,
        )
        for one in found.failures
    ]  # fmt: skip


def _call(function: str, arguments: Sequence[object]) -> str:
    given = ", ".join(str(one) for one in arguments)
    return "{function}({given})".format(function=function or _("A task"), given=given)[:120]


def run(verb: str, what: str, *, by: User) -> str:
    """Do it; returns what was done. Raises DomainError."""
    act = _ACTS.get(verb)
    if act is None:
        raise errors.NotFound(_("There is no such act."))
    return act(what, by)


def _retry_clocks(error: str, by: User) -> str:
    count = operations.unpark(error, by=by)
    return _("{plural} will be tried within seconds.").format(plural=words.plural(count, "clock"))


def _retry_signals(_rest: str, by: User) -> str:
    count = operations.try_signals(by=by)
    return _("{plural} will be tried within seconds.").format(plural=words.plural(count, "signal"))


def _of_task(act: Callable[..., None], done: str) -> Callable[[str, User], str]:
    def do(what: str, by: User) -> str:
        if not what.isdecimal():
            raise errors.NotFound(_("There is no such task."))
        act(min(int(what), 2**63 - 1), by=by)
        return done

    return do


def _of_failure(act: Callable[..., None], done: str) -> Callable[[str, User], str]:
    def do(what: str, by: User) -> str:
        act(what, by=by)
        return done

    return do


QUEUED, DISCARDED = lazy("It is in the queue again."), lazy("It is discarded.")
_ACTS: dict[str, Callable[[str, User], str]] = {
    "clocks": _retry_clocks,
    "signals": _retry_signals,
    "task": _of_task(operations.try_task, QUEUED),
    "discard-task": _of_task(operations.discard_task, DISCARDED),
    "failure": _of_failure(operations.try_failure, QUEUED),
    "discard-failure": _of_failure(operations.discard_failure, DISCARDED),
}
