"""The team board: who is on shift, what they hold, what is late; queues and escalations on top."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo
from typing import Any

from django.db.models import Count, F, Q, QuerySet
from django.db.models.lookups import GreaterThan, LessThanOrEqual
from django.urls import reverse

from core import reading, worktime
from core.texts import _
from leads import selectors, stages
from leads.models import Lead
from lifecycle import escalations, handing_rights, hours_foreseen
from people import availability, day_hours, holders, roles, teams, working_time
from people import selectors as people
from people.availability import Availability
from people.models import Role, Shift, User
from routing import pool_rights
from routing.discretion import Sight
from routing.models import PoolMember
from sla.models import ENDED_AT, OPEN, Clock, ClockState
from web.console import queues, team_disputes, todo, watch_words, words
from web.console.shares import Share
from web.console.team_disputes import Disputes
from web.console.watch_words import Counter

DAYS = 30
LATELY = 7
"""Days in which a manager reads what people did to their own hours."""
SHOWN = 8
TOLD = 5
COUNTED = 1_000


@dataclass(frozen=True, slots=True)
class Rep:
    """One rep's row."""

    id: int
    name: str
    team: str
    shift: str
    shift_tone: str
    time_url: str
    own_hours: str
    """What follows from hours that they changed lately themselves, for who keeps them, too."""
    load: int | None
    """Open leads; None, as cap and SLA attainment, where the reader may not see their figures."""
    cap: int | None
    load_tone: str
    due: int
    overdue: int
    met: int
    decided: int
    attainment: str
    interval: str


@dataclass(frozen=True, slots=True)
class Held:
    """One lead of the two lists on top."""

    id: int
    name: str
    company: str
    line: str
    due_at: datetime | None
    warn_at: datetime | None
    assign_url: str


@dataclass(frozen=True, slots=True)
class Team:
    """The page."""

    sentence: str
    queued: int
    unassigned: tuple[Held, ...]
    none_waits: str
    """What is said where no lead waits: who does not see all can speak of no more."""
    overdue: int
    escalations: tuple[Held, ...]
    reps: tuple[Rep, ...]
    days: int
    counters: tuple[Counter, ...]
    told: tuple[Held, ...]
    """What escalated to the reader."""
    escalated: int
    """How much of it there is."""
    manages: bool
    disputes: Disputes | None
    """Of their teams; None for who leads none."""


@dataclass(frozen=True, slots=True)
class _Numbers:
    """Counts per rep, read for all of them at once."""

    load: Mapping[int, int]
    caps: Mapping[int, int | None]
    clocks: Mapping[int, Mapping[str, int]]
    hours: Mapping[int, Availability]
    own_hours: Mapping[int, str]


def build(reader: User, *, now: datetime, zone: tzinfo) -> Team:
    """The whole board; the number of queries does not depend on how many reps or leads."""
    reps = reps_of(reader, now=now, zone=zone)
    waiting, breached, told = _waiting(reader), _breached(reader), escalations.open_of(reader)
    queued, overdue, escalated = _counts(waiting, breached, told)
    working = sum(rep.shift_tone == "ok" for rep in reps)
    sentence = _(
        "{plural}, {working} on shift now. {plural2} without an owner, {plural3} breached and open."
    ).format(
        plural=words.plural(len(reps), "rep"),
        working=working,
        plural2=words.plural(queued, "lead"),
        plural3=words.plural(overdue, "clock"),
    )
    return Team(
        sentence,
        queued,
        _unassigned(waiting) if queued else (),
        none_waits(reader),
        overdue,
        _clocks(breached, reader) if overdue else (),
        reps,
        DAYS,
        watch_words.of(reader, now=now),
        _clocks(told, reader, most=TOLD) if escalated else (),
        escalated,
        manages=reader.plays(Role.MANAGER),
        disputes=team_disputes.build(reader, now=now) if reader.plays(Role.MANAGER) else None,
    )


def sees_what_waits(reader: User) -> bool:
    """Whether the reader sees every lead that nobody holds, not only those they may claim."""
    return selectors.sees_all(reader) or reader.plays(Role.MANAGER)


def none_waits(reader: User) -> str:
    """What is said where the reader sees no lead without an owner."""
    if sees_what_waits(reader):
        return _("Every lead has an owner.")
    return _("Nothing waits in the queues you may claim from.")


def reps_of(reader: User, *, now: datetime, zone: tzinfo, counted: bool = True) -> tuple[Rep, ...]:
    """The reps on the reader's board, by team; with their numbers unless these are not asked for.

    A fixed number of queries.
    """
    users = list(members(reader).select_related("team").order_by("team__name", "first_name", "pk"))
    numbers = _numbers(users, now=now, zone=zone, counted=counted)
    sight = pool_rights.sight_of(reader)
    kept = working_time.kept_by(reader, users)
    return tuple(
        _rep(user, reader, numbers, sight, may_keep=user.pk in kept, now=now, zone=zone)
        for user in users
    )


def members(reader: User) -> QuerySet[User]:
    """The reps on the reader's board: a manager's teams and pools, one's own team, else all."""
    reps = User.objects.filter(roles.playing(*holders.REPS), is_active=True)
    if selectors.sees_all(reader):
        return reps
    if reader.plays(Role.MANAGER):
        pooled = PoolMember.objects.filter(pool__manager=reader, active=True).values("user")
        return reps.filter(Q(team__in=teams.led_by(reader)) | Q(pk__in=pooled))
    return reps.filter(Q(team=reader.team_id, team__isnull=False) | Q(pk=reader.pk))


def _numbers(users: Sequence[User], *, now: datetime, zone: tzinfo, counted: bool) -> _Numbers:
    ids = [user.pk for user in users]
    tonight = datetime.combine(now.astimezone(zone).date() + timedelta(days=1), time(), zone)
    running, ended = Q(state__in=OPEN), Q(state=ClockState.STOPPED)
    clocks = (
        Clock.objects.filter(holder__in=ids, void=False)
        .filter(
            running & Q(due_at__lt=tonight) | ended & Q(stopped_at__gte=now - timedelta(days=DAYS))
        )
        .values("holder")
        .annotate(
            due=Count("pk", filter=running & Q(due_at__gt=now, due_at__lt=tonight)),
            overdue=Count("pk", filter=running & Q(due_at__lte=now)),
            met=Count("pk", filter=ended & Q(LessThanOrEqual(ENDED_AT, F("due_at")))),
            late=Count("pk", filter=ended & Q(GreaterThan(ENDED_AT, F("due_at")))),
        )
    )
    load, caps = reading.plain(_LOAD, ids), reading.plain(_CAPS, ids)
    shifts, leaves = people.shifts_of(ids), people.leaves_of(ids, at=now)
    own = _own_hours(ids, now=now)
    of_clocks = [clocks] if counted else []
    reading.ask(load, caps, shifts, leaves, own, *of_clocks)
    return _Numbers(
        load=_pairs(load.found),
        caps=_pairs(caps.found),
        clocks={
            row["holder"]: {name: row[name] for name in ("due", "overdue", "met", "late")}
            for rows in of_clocks
            for row in rows
        },
        hours=people.hours_of(users, shifts.found, leaves.found, at=now),
        own_hours=_told_hours(own, now=now),
    )


_LOAD = """SELECT user_id, count(*) FROM routing_assignment
            WHERE user_id = ANY(%s) AND ended_at IS NULL GROUP BY 1"""
_CAPS = """SELECT user_id, min(open_cap) FROM routing_poolmember
            WHERE user_id = ANY(%s) AND active GROUP BY 1"""


def _own_hours(ids: list[int], *, now: datetime) -> QuerySet[Any]:
    """The hours that people last gave themselves, where what followed was to be confirmed.

    Only then does a change of one's own hours have a reason in the history.
    """
    rows = Shift.history.filter(
        user__in=ids,
        history_user=F("user"),
        history_date__gte=now - timedelta(days=LATELY),
        history_change_reason__gt="",
    )
    last: QuerySet[Any] = rows.order_by("user", "-history_date", "-history_id").distinct("user")
    return last


def _told_hours(last: Iterable[Any], *, now: datetime) -> dict[int, str]:
    """What followed from them, by person."""
    return {
        row.user_id: _("Own hours, {ago}. {history_change_reason}").format(
            ago=words.ago(row.history_date, now=now),
            history_change_reason=row.history_change_reason,
        )
        for row in last
    }


def _pairs(rows: Iterable[tuple[object, ...]]) -> dict[int, int]:
    return {row[0]: row[1] for row in rows}  # type: ignore[misc]


def _rep(
    user: User, reader: User, numbers: _Numbers, sight: Sight, *, may_keep: bool, now: datetime,
    zone: tzinfo,
) -> Rep:  # fmt: skip
    clocks = numbers.clocks.get(user.pk, {})
    overdue = clocks.get("overdue", 0)
    share = Share(clocks.get("met", 0), clocks.get("met", 0) + clocks.get("late", 0) + overdue)
    load: int | None = None
    cap: int | None = None
    if sight.sees_person(user.pk):
        load, cap = numbers.load.get(user.pk, 0), numbers.caps.get(user.pk)
    tone, shift = _shift(numbers.hours.get(user.pk), now=now, zone=zone)
    few = _few_hours(numbers.hours.get(user.pk))
    return Rep(
        id=user.pk,
        name=str(user),
        team=str(user.team) if user.team else "",
        shift=f"{shift}, {few}" if few else shift,
        shift_tone=tone,
        time_url=reverse("console:time-of", args=[user.pk]) if may_keep else "",
        own_hours=numbers.own_hours.get(user.pk, "") if user.pk != reader.pk and may_keep else "",
        load=load,
        cap=cap,
        load_tone=_load_tone(load, cap),
        due=clocks.get("due", 0),
        overdue=overdue,
        met=share.part,
        decided=share.whole if load is not None else 0,
        attainment=share.percent,
        interval=share.range,
    )


def _load_tone(load: int | None, cap: int | None) -> str:
    if load is None or cap is None or load < 0.8 * cap:
        return ""
    return "late" if load >= cap else "warn"


def _shift(hours: Availability | None, *, now: datetime, zone: tzinfo) -> tuple[str, str]:
    """Tone and words: until when on shift, or since when and how long not."""
    if hours is None:
        return "none", "unknown"
    held = availability.absence(hours, now)
    if held is None:
        ends = worktime.closes_at(hours.hours, now)
        return "ok", _("until {ends}").format(
            ends=words.moment(ends, now=now, zone=zone)
        ) if ends else _("on shift")
    said = {
        availability.Kind.INACTIVE: "inactive",
        availability.Kind.NO_LEADS: _("works no leads"),
        availability.Kind.ON_LEAVE: _("on leave"),
        availability.Kind.AWAY: "away",
        availability.Kind.OFF_SHIFT: _("off shift"),
    }[held.kind]
    tone = "none" if held.kind == availability.Kind.OFF_SHIFT else "warn"
    until = (
        _(" until {until}").format(until=words.moment(held.until, now=now, zone=zone))
        if held.until
        else ""
    )
    return tone, f"{said}{until}"


def _few_hours(hours: Availability | None) -> str:
    """How long their week is, where it is so short that they can keep no deadline in it."""
    minutes = day_hours.total(hours.hours.week) if hours is not None else 0
    is_few = 0 < minutes < hours_foreseen.FEW_MINUTES
    return _("only {a_week}").format(a_week=hours_foreseen.a_week(minutes)) if is_few else ""


def _waiting(reader: User) -> QuerySet[Lead]:
    """Leads in queues that nobody has."""
    closed = [stage.value for stage in stages.CLOSED]
    unowned = selectors.visible_to(reader).filter(owner__isnull=True).exclude(queue="")
    return unowned.exclude(stage__in=closed)


def _breached(reader: User) -> QuerySet[Clock]:
    """Clocks that ran out and run on."""
    seen = selectors.visible_to(reader).values("pk")
    return Clock.objects.filter(state=ClockState.RUNNING, breached_at__isnull=False, lead__in=seen)


def _counts(*found: QuerySet[Any]) -> tuple[int, ...]:
    """How many there are of each, counted no further than `COUNTED`; one message."""
    asked = []
    for rows in found:
        sql, values = rows.order_by().values("pk")[:COUNTED].query.sql_with_params()
        asked.append(reading.plain(f"SELECT count(*) FROM ({sql}) q", *values))  # noqa: S608 - Django's own text
    reading.ask(*asked)
    return tuple(one.found[0][0] for one in asked)


def _unassigned(waiting: QuerySet[Lead]) -> tuple[Held, ...]:
    first = waiting.select_related("person", "account").order_by(
        F("next_due_at").asc(nulls_last=True), "entered_stage_at"
    )
    names = queues.labels()
    return tuple(
        _held(
            lead,
            lead.next_due_at,
            None,
            _("{get_stage_display} · queue {name}").format(
                get_stage_display=lead.get_stage_display(), name=name
            ),
        )
        for lead in first[:SHOWN]
        for name in (names.get(lead.queue, lead.queue),)
    )


def _clocks(found: QuerySet[Clock], reader: User, *, most: int = SHOWN) -> tuple[Held, ...]:
    """The longest overdue of them; reps hand on their own alone."""
    moves = handing_rights.may(reader)
    first = found.select_related("lead__person", "lead__account", "holder").order_by("due_at", "pk")
    return tuple(
        _held(
            clock.lead,
            clock.due_at,
            clock.warn_at,
            "{label} · {holder}".format(
                label=todo.label(clock), holder=clock.holder or _("nobody holds it")
            ),
            moves=moves or clock.lead.owner_id == reader.pk,
        )
        for clock in first[:most]
    )


def _held(
    lead: Lead, due_at: datetime | None, warn_at: datetime | None, line: str, *, moves: bool = True
) -> Held:
    account = lead.account
    assign = reverse("console:lead-action", args=[lead.pk, "reassign"])
    return Held(
        id=lead.pk,
        name=lead.person.name,
        company=(account.name or account.domain or "") if account else "",
        line=line,
        due_at=due_at,
        warn_at=warn_at,
        assign_url=f"{assign}?next={reverse('console:team')}" if moves else "",
    )
