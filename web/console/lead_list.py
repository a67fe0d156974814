"""The list of leads: filters read strictly, pages by key, a capped count, rows for the CSV."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from django.conf import settings
from django.db.models import Q, QuerySet
from django.urls import reverse

from governance import selectors as kits
from leads import bands, score_sql, search, selectors, stages
from leads.models import Channel, Lead
from lifecycle import handing_rights
from people import holders
from people.models import User
from reports.declaration import Value
from web.console import places, queues

PAGE = 50
COUNTED = 1_000
EXPORTED = 10_000
CURSOR = re.compile(r"(\d{1,18})\.(\d{1,18})")
DUE = (("overdue", "Overdue"), ("open", "Any due time"), ("none", "Nothing due"),
       ("waking", "Waking up within 14 days"))  # fmt: skip
FILTERS = ("q", "stage", "band", "owner", "channel", "reason", "due")
HEADINGS = ("Lead", "Name", "Job title", "E-mail", "Phone", "Company", "Domain", "Country", "Stage",
            "Owner", "Queue", "Score", "Channel", "Source", "Campaign", "Next due (UTC)",
            "Came in (UTC)", f"Potential value ({settings.BASE_CURRENCY})")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Option:
    """One entry of a filter."""

    value: str
    label: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Filter:
    """One filter with its entries."""

    name: str
    label: str
    any: str
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One lead of the list."""

    id: int
    name: str
    title: str
    company: str
    company_line: str
    stage: str
    owner: str
    queue: str
    due_at: datetime | None
    warn_at: datetime | None
    score: float
    channel: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class LeadList:
    """One page of the list."""

    rows: tuple[Row, ...]
    filters: tuple[Filter, ...]
    q: str
    count_words: str
    is_filtered: bool
    problems: tuple[str, ...]
    csv_url: str
    first_url: str
    next_url: str
    hands_on: bool
    may_add: bool
    """Whether the reader may hand on many leads at once."""
    hidden: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for; `problems` name what could not be read."""

    given: dict[str, str]
    after: tuple[int, int] | None
    problems: tuple[str, ...]


def read(query: Mapping[str, str]) -> Asked:
    """Read the address. Values that mean nothing are told, never passed over."""
    given = {name: query.get(name, "").strip() for name in FILTERS}
    problems = [
        f"{label}: there is no “{given[name]}”; pick one from the list."
        for name, label, known in (
            ("stage", "Stage", [key for key, _ in stages.CHOICES]),
            ("band", "Score", [key for key, _ in _bands()] if given["band"] else []),
            ("channel", "Channel", Channel.values),
            ("reason", "Reason", [key for key, _ in _reasons()] if given["reason"] else []),
            ("due", "Due", [key for key, _ in DUE]),
        )
        if given[name] and given[name] not in known
    ]
    if given["owner"] and not re.fullmatch(r"me|none|\d{1,18}", given["owner"]):
        problems.append("Owner: pick one from the list.")
    if len(given["q"]) > 200:
        problems.append("Search: use at most 200 characters.")
    cursor = CURSOR.fullmatch(query.get("after", ""))
    if query.get("after") and not cursor:
        problems.append("Page: use the links below the list; this address is not one of them.")
    after = (int(cursor[1]), int(cursor[2])) if cursor else None
    return Asked({key: value for key, value in given.items() if value}, after, tuple(problems))


def build(reader: User, asked: Asked, *, now: datetime) -> LeadList:
    """One page. Nothing is shown for an address that could not be read."""
    found = chosen(reader, asked, now=now)
    rows = _page(found, asked.after, now=now)
    names = queues.labels()
    address = reverse("console:leads")
    query = urlencode(asked.given)
    last = rows[PAGE - 1] if len(rows) > PAGE else None
    following = urlencode({**asked.given, "after": _cursor(last)}) if last else ""
    return LeadList(
        rows=tuple(_row(lead, names) for lead in rows[:PAGE]),
        filters=_filters(reader, asked.given),
        q=asked.given.get("q", ""),
        count_words=_count(found, filtered=bool(asked.given)),
        is_filtered=bool(asked.given),
        problems=asked.problems,
        csv_url=f"{reverse('console:leads-csv')}?{query}",
        first_url=f"{address}?{query}" if asked.after else "",
        next_url=f"{address}?{following}" if following else "",
        hands_on=bool(rows) and handing_rights.may(reader),
        may_add=holders.works_leads(reader),
        hidden=tuple(asked.given.items()),
    )


def chosen(reader: User, asked: Asked, *, now: datetime) -> QuerySet[Lead]:
    """The leads the reader may see and asked for."""
    leads = selectors.visible_to(reader)
    if asked.problems:
        return leads.none()
    given = asked.given
    if "stage" in given:
        leads = leads.filter(stage=given["stage"])
    if "band" in given:
        leads = leads.filter(band=given["band"])
    if "channel" in given:
        leads = leads.filter(channel=given["channel"])
    if "reason" in given:
        leads = leads.filter(reason=given["reason"])
    if "owner" in given:
        leads = leads.filter(_owned(given["owner"], reader))
    if "due" in given:
        leads = leads.filter(_due(given["due"], now))
    return search.narrow(leads, given.get("q", ""))


def export(reader: User, asked: Asked, *, now: datetime) -> Iterator[Sequence[Value]]:
    """Headings, then one row per lead, newest first, up to `EXPORTED`."""
    yield HEADINGS
    leads = _beside(chosen(reader, asked, now=now), now).order_by("-created_at", "-pk")
    for lead in leads[:EXPORTED].iterator(chunk_size=1_000):
        person, account = lead.person, lead.account
        yield (
            lead.pk, person.name, person.title, person.email, person.phone,
            account.name if account else "", (account.domain or "") if account else "",
            (account.country if account else "") or person.country, lead.stage,
            str(lead.owner) if lead.owner else "", lead.queue,
            round(lead.score, 1),  # type: ignore[attr-defined]
            lead.get_channel_display(), lead.get_category_display(), lead.campaign,
            f"{lead.next_due_at:%Y-%m-%d %H:%M}" if lead.next_due_at else "",
            f"{lead.created_at:%Y-%m-%d %H:%M}",
            "" if lead.potential_value is None else str(lead.potential_value),
        )  # fmt: skip


def _owned(owner: str, reader: User) -> Q:
    if owner == "none":
        return Q(owner__isnull=True)
    return Q(owner_id=reader.pk if owner == "me" else int(owner))


def _due(due: str, now: datetime) -> Q:
    if due == "waking":
        return Q(wake_at__lt=now + timedelta(days=14), stage=stages.Stage.NURTURE)
    if due == "none":
        return Q(next_due_at__isnull=True)
    return Q(next_due_at__lt=now) if due == "overdue" else Q(next_due_at__isnull=False)


def _beside(leads: QuerySet[Lead], now: datetime) -> QuerySet[Lead]:
    return leads.select_related("person", "account", "owner").annotate(score=score_sql.score(now))


def _page(leads: QuerySet[Lead], after: tuple[int, int] | None, *, now: datetime) -> list[Lead]:
    if after is not None:
        created = _instant(after[0])
        leads = leads.filter(created_at__lte=created).filter(
            Q(created_at__lt=created) | Q(pk__lt=after[1])
        )
    return list(_beside(leads, now).order_by("-created_at", "-pk")[: PAGE + 1])


def _instant(microseconds: int) -> datetime:
    from_epoch = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
    try:
        return from_epoch + (datetime.resolution * microseconds)
    except OverflowError:
        return datetime.fromisoformat("9999-12-31T00:00:00+00:00")


def _cursor(lead: Lead) -> str:
    from_epoch = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
    return f"{(lead.created_at - from_epoch) // datetime.resolution}.{lead.pk}"


def _count(leads: QuerySet[Lead], *, filtered: bool) -> str:
    count = leads.order_by()[: COUNTED + 1].count()
    shown = f"{COUNTED:,}+" if count > COUNTED else f"{count:,}"
    noun = "lead" if count == 1 else "leads"
    return f"{shown} {noun}{' match' if filtered else ''}, newest first"


def _row(lead: Lead, queue_names: Mapping[str, str]) -> Row:
    account = lead.account
    size = bands.shown(account.employees) if account else ""
    place = (account.country if account else "") or lead.person.country
    return Row(
        id=lead.pk,
        name=lead.person.name,
        title=lead.person.title,
        company=(account.name or account.domain or "") if account else "",
        company_line=" · ".join(part for part in (size, places.country(place)) if part),
        stage=lead.stage,
        owner=str(lead.owner) if lead.owner else "",
        queue=f"Queue {queue_names.get(lead.queue, lead.queue)}" if lead.queue else "",
        due_at=lead.next_due_at,
        warn_at=None,
        score=lead.score,  # type: ignore[attr-defined]
        channel=lead.get_channel_display(),
        created_at=lead.created_at,
    )


def _filters(reader: User, given: Mapping[str, str]) -> tuple[Filter, ...]:
    held = User.objects.filter(is_active=True).exclude(role="SERVICE").order_by(
        "first_name", "last_name"
    )  # fmt: skip
    owners = [("me", "Me"), ("none", "Nobody"), *((str(user.pk), str(user)) for user in held)]
    return (
        _filter("stage", "Stage", "Any stage", stages.CHOICES, given),
        _filter("band", "Score", "Any score", _bands(), given),
        _filter("owner", "Owner", "Anybody", owners, given),
        _filter("channel", "Channel", "Any channel", Channel.choices, given),
        _filter("reason", "Reason", "Any reason", _reasons(), given),
        _filter("due", "Due", "Whenever", DUE, given),
    )


def _bands() -> list[tuple[str, str]]:
    """The bands of the kit in force, the highest first."""
    try:
        return [(band.key, band.label) for band in kits.active_kit().bands]
    except kits.NoActiveKit:
        return []


def _reasons() -> list[tuple[str, str]]:
    """Why leads left the path, by the kit in force; none before there is one."""
    try:
        return [(one.key, one.label) for one in kits.active_kit().reasons.values()]
    except kits.NoActiveKit:
        return []


def _filter(
    name: str, label: str, any_word: str, choices: Iterable[tuple[object, object]],
    given: Mapping[str, str],
) -> Filter:  # fmt: skip
    options = tuple(
        Option(str(key), str(word), str(key) == given.get(name)) for key, word in choices
    )
    return Filter(name, label, any_word, options)
