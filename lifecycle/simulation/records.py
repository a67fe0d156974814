"""Rows of the past, a chunk of leads at a time, in a fixed number of queries. Reads only."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models import BooleanField, Count, ExpressionWrapper, Q

from core import reading
from leads import own_fields, validity
from leads.models import (
    Account,
    Activity,
    EventKind,
    Lead,
    LeadEvent,
    PartnerRegistration,
    Person,
    Signal,
    Touch,
)
from leads.models.touch import TouchStatus
from leads.partner_naming import Keys
from leads.registration import Registration
from lifecycle.namings import Namings
from lifecycle.simulation import charted
from lifecycle.simulation.charted import Charted
from lifecycle.simulation.course import Signals
from routing import territory_fact
from sla.models import Clock

TOLD = (
    EventKind.TOUCHED, EventKind.SIGNALLED, EventKind.STAGE,
    EventKind.ASSIGNED, EventKind.QUEUED, EventKind.RELEASED,
    EventKind.ACTIVITY, EventKind.QUARANTINED, EventKind.CLEANSED,
    EventKind.WAKE_UP, EventKind.JOINED, EventKind.PARTED,
)  # fmt: skip
"""Events that say what was done; the others follow from clocks."""


class Event(NamedTuple):
    """One line of a lead's log."""

    id: int
    lead: int
    kind: str
    transition: str
    to_stage: str
    cycle: int
    owner: int | None
    queue: str
    actor: str
    because: dict[str, Any]
    cause: int | None
    kit: int | None
    at: dt.datetime
    recorded_at: dt.datetime


class TouchRow(NamedTuple):
    """One touch; `legible` is false once its payload was erased."""

    channel: str
    historical: bool
    legible: bool
    occurred_at: dt.datetime
    partner: Keys
    said: Mapping[str, tuple[str, ...]] = {}
    """What it said in own fields; left out where no kit speaks of them."""


@dataclass(frozen=True, slots=True)
class Window:
    """The leads touched in a span of time, and the touches that belong to none yet."""

    leads: tuple[int, ...]
    imported: tuple[int, ...]
    parked: int
    quarantined: int


class Past:
    """Versions of rows by id: what stood in a row at an instant."""

    def __init__(self) -> None:
        self._at: dict[int, list[dt.datetime]] = defaultdict(list)
        self._rows: dict[int, list[dict[str, Any]]] = defaultdict(list)

    def add(self, pk: int, at: dt.datetime, row: dict[str, Any]) -> None:
        """One version; versions of a row come in the order of time."""
        self._at[pk].append(at)
        self._rows[pk].append(row)

    def of(self, pk: int | None, at: dt.datetime) -> dict[str, Any] | None:
        """The row as it was at that instant; None when there is no record of it."""
        if pk is None or pk not in self._at:
            return None
        place = bisect_right(self._at[pk], at)
        return self._rows[pk][place - 1] if place else None

    def values(self, column: str) -> set[Any]:
        """Everything that ever stood in a column."""
        return {row[column] for rows in self._rows.values() for row in rows}


class Behaviour(NamedTuple):
    """One signal: the touch that carried it, or the number it came by itself under."""

    touch: int | None
    sent: int | None
    kind: str
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class Records:
    """All rows of a chunk."""

    events: dict[int, list[Event]]
    touches: dict[int, TouchRow]
    signals: dict[int, list[Behaviour]]
    contacts: frozenset[int]
    """Activities that reached out to the buyer."""
    retracted: frozenset[int]
    """Those that whoever logged them took back: nothing was done."""
    leads: Past
    people: Past
    accounts: Past
    registered: dict[int, list[Registration]]
    namings: Namings
    clocks: dict[int, list[Clock]]
    areas: Charted = ()
    """Those of territories; none where nothing speaks of them."""


def window(*, since: dt.datetime, until: dt.datetime) -> Window:
    """Which leads were touched after `since`, up to `until`: judged ones and mere history."""
    decided = Touch.objects.filter(
        status=TouchStatus.ADVANCED, advanced_at__gt=since, advanced_at__lte=until
    )
    live = Count("id", filter=Q(historical=False))
    touched = decided.order_by().values_list("lead_id").annotate(live=live)
    counted = sorted((pk, count) for pk, count in touched if pk is not None)
    came = Touch.objects.filter(received_at__gt=since, received_at__lte=until)
    waiting = Q(status__in=[TouchStatus.PARKED, TouchStatus.RECEIVED])
    aside = came.aggregate(
        parked=Count("id", filter=waiting),
        quarantined=Count("id", filter=Q(status=TouchStatus.QUARANTINED)),
    )
    return Window(
        leads=tuple(pk for pk, count in counted if count),
        imported=tuple(pk for pk, count in counted if not count),
        **aside,
    )


COURSES = {EventKind.PAUSED: "waits", EventKind.NEXT_STEP: "next_steps"}
"""What moved or started clocks by people's acts, and what a report calls it."""


def unplayed_courses(*, since: dt.datetime, until: dt.datetime) -> list[str]:
    """What of these there was after `since`, up to `until`: no replay knows what it would do."""
    told = LeadEvent.objects.filter(recorded_at__gt=since, recorded_at__lte=until)
    kinds = told.filter(kind__in=list(COURSES)).order_by().values_list("kind", flat=True)
    return sorted(COURSES[EventKind(kind)] for kind in kinds.distinct())


def read(
    ids: Sequence[int], *, since: dt.datetime, until: dt.datetime, spoken: Collection[str] = ()
) -> Records:
    """Everything about these leads that was written down by `until`: ten queries.

    Two more where territories are among the facts that kits speak of (`spoken`).
    """
    events = _events(ids, until)
    told_of = [
        event.because["touch"]
        for told in events.values()
        for event in told
        if event.kind == EventKind.TOUCHED
    ]
    leads = _versions(
        Lead, ids, until,
        ("channel", "category", "campaign", "person_id", "account_id", "hand_raised_at",
         "unheard_at", "potential_value", "own_fields"),
    )  # fmt: skip
    touches = _touches(told_of, with_fields=any(map(own_fields.is_one, spoken)))
    people = _people(leads.values("person_id"), until)
    accounts = _accounts(leads.values("account_id") - {None}, until)
    lands = people.values("person_country") | accounts.values("company_country")
    return Records(
        events=events,
        touches=touches,
        signals=_signals(ids),
        **_activities(ids),
        leads=leads,
        people=people,
        accounts=accounts,
        registered=_registered(leads.values("account_id") - {None}),
        namings=_namings(touches.values()),
        clocks=_clocks(ids, since),
        areas=charted.read(lands, since=since, until=until)
        if territory_fact.NAME in spoken
        else (),
    )


def _events(ids: Sequence[int], until: dt.datetime) -> dict[int, list[Event]]:
    rows = LeadEvent.objects.filter(lead_id__in=ids, kind__in=TOLD, recorded_at__lte=until)
    found: dict[int, list[Event]] = defaultdict(list)
    for row in rows.order_by("lead_id", "sequence").values_list(
        "id", "lead_id", "kind", "transition", "to_stage", "cycle", "owner_id", "queue", "actor",
        "because", "cause_id", "kit_id", "at", "recorded_at",
    ):  # fmt: skip
        found[row[1]].append(Event(*row))
    return found


def _touches(ids: Iterable[int], *, with_fields: bool) -> dict[int, TouchRow]:
    # Every payload read at a door names its channel; one that does not was blanked.
    legible = ExpressionWrapper(Q(payload__has_key="channel"), output_field=BooleanField())
    columns = ("pk", "channel", "historical", "legible", "occurred_at", "partner_key",
               "partner_domain", *(["payload__fields"] if with_fields else []))  # fmt: skip
    told = Touch.objects.filter(pk__in=list(ids)).annotate(legible=legible).values_list(*columns)
    return {
        pk: TouchRow(
            channel, historical, legible, at, Keys(name, domain), own_fields.said_by(*fields)
        )
        for pk, channel, historical, legible, at, name, domain, *fields in told
    }


def _signals(ids: Sequence[int]) -> dict[int, list[Behaviour]]:
    found: dict[int, list[Behaviour]] = defaultdict(list)
    rows = Signal.objects.filter(lead_id__in=ids).order_by("id")
    columns = ("touch_id", "sent_as_id", "kind", "occurred_at")
    for lead, *told in rows.values_list("lead_id", *columns):
        found[lead].append(Behaviour(*told))
    return found


def _activities(ids: Sequence[int]) -> dict[str, frozenset[int]]:
    rows = Activity.objects.filter(lead_id__in=ids).only(
        "kind", "direction", "outcome", "automatic", "withdrawn_at"
    )
    back = frozenset(row.pk for row in rows if row.withdrawn_at is not None)
    return {
        "contacts": frozenset(row.pk for row in rows if row.is_contact) - back,
        "retracted": back,
    }


def _people(ids: Iterable[int], until: dt.datetime) -> Past:
    past = Past()
    columns = (
        "country", "language", "title", "seniority", "function", "email", "phone", "first_name",
        "last_name",
    )  # fmt: skip
    for pk, at, country, language, title, seniority, function, email, phone, first, last in _told(
        Person, ids, until, columns
    ):
        row = {
            "person_country": country,
            "person_language": language,
            "person_title": title,
            "person_seniority": seniority,
            "person_function": function,
            "has_email": bool(email),
            "has_phone": bool(phone),
            "has_name": bool(first and last),
            "email_host": validity.email_host(email),
            "phone_valid": validity.can_be_called(phone),
        }
        past.add(pk, at, row)
    return past


def _accounts(ids: Iterable[int], until: dt.datetime) -> Past:
    past = Past()
    columns = (
        "name", "domain", "industry", "employees", "annual_revenue", "country", "region",
        "postal_code", "status", "owner_id",
    )  # fmt: skip
    for pk, at, name, domain, industry, employees, revenue, *rest in _told(
        Account, ids, until, columns
    ):
        country, region, postal_code, status, owner = rest
        row = {
            "company_name": name,
            "company_domain": domain or "",
            "company_industry": industry,
            "company_employees": employees,
            "company_annual_revenue": None if revenue is None else float(revenue),
            "company_country": country,
            "company_region": region,
            "company_postal_code": postal_code,
            "account_status": status,
            "account_has_owner": owner is not None,
            "account_owner": owner,
        }
        past.add(pk, at, row)
    return past


def _registered(accounts: Iterable[int]) -> dict[int, list[Registration]]:
    """What partners had registered, by company; who looks after them is as of today."""
    rows = PartnerRegistration.objects.filter(account__in=accounts)
    rows = rows.exclude(state__in=PartnerRegistration.NEVER_HELD).select_related("partner")
    found: dict[int, list[Registration]] = defaultdict(list)
    for row in rows.order_by("account", "from_at"):
        found[row.account_id].append(
            Registration(
                id=row.pk,
                account=row.account_id,
                partner=row.partner_id,
                name=row.partner.called,
                manager=row.partner.owner_id,
                since=row.from_at,
                until=row.over_at,
            )
        )
    return found


def _namings(touches: Iterable[TouchRow]) -> Namings:
    """Whom the names fit that touchpoints gave: partners as they are today."""
    namings = Namings()
    asked = namings.ask(one.partner for one in touches)
    reading.ask(*asked)
    namings.learn(asked)
    return namings


def _versions(model: Any, ids: Iterable[int], until: dt.datetime, columns: Sequence[str]) -> Past:
    past = Past()
    for pk, at, *values in _told(model, ids, until, columns):
        past.add(pk, at, dict(zip(columns, values, strict=True)))
    return past


def _told(
    model: Any, ids: Iterable[int], until: dt.datetime, columns: Sequence[str]
) -> Iterable[tuple[Any, ...]]:
    """The versions of these rows, oldest first, as (id, instant, values …)."""
    rows = model.history.filter(id__in=list(ids), history_date__lte=until)
    ordered = rows.order_by("id", "history_date", "history_id")
    told: Iterable[tuple[Any, ...]] = ordered.values_list("id", "history_date", *columns)
    return told


def _clocks(ids: Sequence[int], since: dt.datetime) -> dict[int, list[Clock]]:
    """Clocks that ran at that instant."""
    found: dict[int, list[Clock]] = defaultdict(list)
    ran = Clock.objects.filter(lead_id__in=ids, started_at__lte=since).filter(
        Q(stopped_at__isnull=True) | Q(stopped_at__gt=since)
    )
    for clock in ran.order_by("lead_id", "due_at", "id"):
        found[clock.lead_id].append(clock)
    return found


@dataclass(frozen=True, slots=True)
class Behaviours:
    """What a buyer did: by the touch that carried it, by the number it came by itself under.

    `alone` is what came in no way that the log tells of.
    """

    by_touch: Mapping[int, Signals]
    by_sent: Mapping[int, Signals]
    alone: Signals


def signals_of(told: Iterable[Behaviour]) -> Behaviours:
    """Behaviours by how they came."""
    by_touch: dict[int, list[tuple[str, dt.datetime]]] = defaultdict(list)
    by_sent: dict[int, Signals] = {}
    alone = []
    for one in told:
        did = (one.kind, one.at)
        if one.touch is not None:
            by_touch[one.touch].append(did)
        elif one.sent is not None:
            by_sent[one.sent] = (did,)
        else:
            alone.append(did)
    carried = {touch: tuple(found) for touch, found in by_touch.items()}
    return Behaviours(carried, by_sent, tuple(alone))
