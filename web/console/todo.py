"""What a clock asks of its holder, in words, and how an ended clock ended. Pure but for the kit."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from core.texts import _, lazy
from governance import selectors as kits
from governance.terms import Policy
from sla.models import Clock, ClockState
from sla.services import RECALCULATED
from web.console import course_words, words

TODO = {
    "route": lazy("Give it an owner"),
    "accept": lazy("Accept or reject"),
    "first_contact": lazy("First contact"),
    "respond": lazy("Respond"),
    "sales_qualify": lazy("Mark as SQL"),
    "convert": lazy("Create opportunity"),
    "cleanse": lazy("Complete the record"),
}
BY_CONTACT = frozenset({"first_contact", "respond"})
"""What only reaching the buyer fulfils."""

NOTHING = lazy("Nothing due")
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Obligation:
    """One clock as the lead page draws it; `tone`, `icon` and `state` say the same thing thrice."""

    id: int
    label: str
    started_at: datetime
    due_at: datetime
    warn_at: datetime | None
    stopped_at: datetime | None
    tone: str
    icon: str
    state: str
    line: str


def policy_of(clock: Clock) -> Policy | None:
    """The policy under the kit that started the clock; None when that kit no longer reads."""
    kit = kits.kit_of(clock.kit_id)
    return next((policy for policy in kit.policies if policy.key == clock.policy), None)


def label(clock: Clock) -> str:
    """The obligation's name in its kit."""
    policy = policy_of(clock)
    return policy.label if policy else clock.obligation.replace("_", " ").capitalize()


def words_for(clock: Clock | None, *, reachable: bool = True) -> str:
    """What is to be done: `Accept or reject`."""
    if clock is not None and clock.obligation in BY_CONTACT and not reachable:
        return _("No contact is allowed: decide")
    return TODO.get(clock.obligation, label(clock)) if clock else NOTHING


def promise(clock: Clock) -> str:
    """What its kit says of the clock, in its own words; what it allows where it says nothing."""
    policy = policy_of(clock)
    if policy is not None and policy.prose.strip():
        return " ".join(policy.prose.split())
    return _("Allowed: {allowed}.").format(allowed=allowed) if (allowed := allowance(clock)) else ""


def allowance(clock: Clock) -> str:
    """`24 h (Weekdays)`, `24 h (day and night)`; empty where the kit does not say."""
    policy = policy_of(clock)
    if policy is None:
        return ""
    if policy.elapsed:
        return _("{promise} (day and night)").format(promise=words.promise(policy.allowance))
    calendar = kits.kit_of(clock.kit_id).calendar_labels.get(clock.calendar, clock.calendar)
    if clock.pin_id is not None:
        calendar = _("working hours of whoever holds it")
    return f"{words.promise(policy.allowance)} ({calendar})"


def describe(clock: Clock, *, now: datetime, zone: tzinfo) -> Obligation:
    """A clock with its outcome in words."""
    tone, icon, state = _standing(clock, now)
    return Obligation(
        clock.pk,
        label(clock),
        clock.started_at,
        clock.due_at,
        clock.warn_at,
        clock.ended_at,
        tone,
        icon,
        state,
        _line(clock, now=now, zone=zone),
    )


def _standing(clock: Clock, now: datetime) -> tuple[str, str, str]:
    if clock.void:
        return "none", "undo", _("Recalculated") if clock.evidence == RECALCULATED else _("Undone")
    if clock.state == ClockState.CANCELLED:
        missed = ("late", "alert", _("Breached, no longer owed"))
        return ("none", "x", _("No longer owed")) if clock.breached_at is None else missed
    if clock.state == ClockState.STOPPED:
        return ("ok", "check", _("Met")) if clock.is_met else ("late", "alert", _("Late"))
    if clock.state == ClockState.PAUSED:
        return "info", "clock", _("Waiting") if clock.paused_for == "CUSTOMER" else _("On leave")
    if now > clock.due_at:
        return "late", "alarm", _("Breached, open")
    return (
        ("warn", "clock", _("Due soon"))
        if now >= clock.warn_at
        else ("info", "clock", _("Running"))
    )


def _line(clock: Clock, *, now: datetime, zone: tzinfo) -> str:
    asked = allowance(clock)
    if clock.state == ClockState.STOPPED:
        taken = timedelta(seconds=clock.working_seconds or 0)
        ended = words.moment(clock.ended_at or now, now=now, zone=zone)
        of = _(" of {asked}").format(asked=asked) if asked else ""
        none = taken < SECOND and (clock.ended_at or now) - clock.started_at >= MINUTE
        if none and asked:
            return _("Took none{of}: nothing that counts had passed by {ended}.").format(
                of=of, ended=ended
            )
        return _("Took {taken}{of}, until {ended}.").format(
            taken=_taken(clock, taken), of=of, ended=ended
        )
    moment = functools.partial(words.moment, now=now, zone=zone)
    if clock.state == ClockState.CANCELLED:
        ended = moment(clock.stopped_at or now)
        if clock.breached_at is not None:
            return _("Breached at {breached_at}, then no longer owed from {ended}.").format(
                breached_at=moment(clock.breached_at), ended=ended
            )
        return _("Ended {ended} without being due.").format(ended=ended)
    if clock.state == ClockState.PAUSED:
        return course_words.still(clock, moment)
    due = moment(clock.due_at)
    left = words.left(clock.due_at, now=now)
    return _("Due {due}, {left}{words}.").format(
        due=due, left=left, words=f"; {asked}" if asked else ""
    )


def _taken(clock: Clock, taken: timedelta) -> str:
    """How long it took; to the second where it would read as just what was allowed, and is not."""
    policy = policy_of(clock)
    short = words.span(taken)
    if policy is None or taken == policy.allowance or short != words.span(policy.allowance):
        return short
    return words.to_the_second(math.ceil(taken / SECOND))
