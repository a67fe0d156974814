"""The list of leads: filters read strictly, pages by key, a capped count, rows for the CSV."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from django.conf import settings
from django.db.models import Q, QuerySet
from django.urls import reverse

from core.texts import _, lazy
from governance import selectors as kits
from governance.kit import Kit
from leads import bands, score_sql, search, search_pages, selectors, stages
from leads.models import Channel, Lead
from leads.search_pages import Wanted
from lifecycle import handed_together, handing_rights
from people import holders
from people.models import User
from reports.declaration import Value
from web.console import export_log, lead_columns, places, queues, search_words
from web.console.lead_columns import Choice, Column

PAGE = 50
COUNTED = 1_000
CURSOR = re.compile(r"(\d{1,18})\.(\d{1,18})")
DUE = (("overdue", lazy("Overdue")), ("open", lazy("Any due time")), ("none", lazy("Nothing due")),
       ("waking", lazy("Waking up within 14 days")))  # fmt: skip
FILTERS = ("q", "stage", "band", "owner", "channel", "reason", "due", "handed")
SORTS = (
    ("", lazy("Newest first")),
    ("oldest", lazy("Oldest first")),
    ("due", lazy("Next due first")),
)
"""By what an index gives; what is due next first only of somebody's own leads."""


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
    cells: tuple[tuple[str, Value], ...]
    """The columns that are shown, each with its cell as text."""


@dataclass(frozen=True, slots=True)
class LeadList:
    """One page of the list."""

    rows: tuple[Row, ...]
    filters: tuple[Filter, ...]
    q: str
    count_words: str
    is_filtered: bool
    sees_any: bool
    """Whether the reader's roles show them leads at all."""
    problems: tuple[str, ...]
    columns: tuple[Column, ...]
    choices: tuple[Choice, ...]
    sorts: Filter
    query: str
    """The address's own part that can be kept: filters, columns and order, no search."""
    linked: str
    """The columns that the address names, for the next one."""
    reads_log: bool
    csv_url: str
    xlsx_url: str
    first_url: str
    next_url: str
    acts_on: bool
    """Whether the reader may take a step on many leads at once."""
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
    columns: tuple[str, ...] = ()
    sort: str = ""

    @property
    def query(self) -> dict[str, str]:
        """All of it but the page, as an address has it."""
        further = {"columns": ",".join(self.columns), "sort": self.sort}
        return {**self.given, **{name: value for name, value in further.items() if value}}


def read(query: Mapping[str, str]) -> Asked:
    """Read the address. Values that mean nothing are told, never passed over."""
    given = {name: query.get(name, "").strip() for name in FILTERS}
    kit = kits.active_or_none() if given["band"] or given["reason"] else None
    problems = [
        _("{label}: there is no “{given}”; pick one from the list.").format(
            label=label, given=given[name]
        )
        for name, label, known in (
            ("stage", _("Stage"), [key for key, _rest in stages.CHOICES]),
            ("band", _("Score"), [key for key, _rest in _bands(kit)]),
            ("channel", _("Channel"), Channel.values),
            ("reason", _("Reason"), [key for key, _rest in _reasons(kit)]),
            ("due", _("Due"), [key for key, _rest in DUE]),
        )
        if given[name] and given[name] not in known
    ]
    if given["owner"] and not re.fullmatch(r"me|none|\d{1,18}", given["owner"]):
        problems.append(_("Owner: pick one from the list."))
    if not re.fullmatch(r"\d{0,18}", given["handed"]):
        problems.append(
            _("Handed over: use the link of the notice; this address is not one of them.")
        )
    if len(given["q"]) > 200:
        problems.append(_("Search: use at most 200 characters."))
    cursor = CURSOR.fullmatch(query.get("after", ""))
    if query.get("after") and not cursor:
        problems.append(_("Page: use the links below the list; this address is not one of them."))
    after = (int(cursor[1]), int(cursor[2])) if cursor else None
    sort = query.get("sort", "")
    if sort not in dict(SORTS):
        problems.append(
            _("Order: there is no “{sort}”; pick one from the list.").format(sort=sort[:20])
        )
    if sort == "due" and given["owner"] in ("", "none"):
        problems.append(_("Order: choose an owner to see what is due next first."))
    told = {key: value for key, value in given.items() if value}
    columns = lead_columns.read(query.get("columns", ""))
    return Asked(told, after, tuple(problems), columns, sort)


def build(reader: User, asked: Asked, *, now: datetime) -> LeadList:
    """One page. Nothing is shown for an address that could not be read."""
    rows, count_words = (_searched if _is_searched(asked) else _listed)(reader, asked, now)
    names, address, query = queues.labels(), reverse("console:leads"), urlencode(asked.query)
    last = rows[PAGE - 1] if len(rows) > PAGE else None
    following = urlencode({**asked.query, "after": _cursor(last, asked.sort)}) if last else ""
    mine = asked.columns or lead_columns.of(reader)
    keys = mine or lead_columns.SHOWN
    export = may_export(reader)
    told = urlencode({**asked.query, "columns": ",".join(mine)})
    return LeadList(
        rows=tuple(_row(lead, names, keys) for lead in rows[:PAGE]),
        filters=_filters(reader, asked.given),
        q=asked.given.get("q", ""),
        count_words=count_words,
        is_filtered=bool(asked.given),
        sees_any=selectors.sees_leads(reader),
        problems=asked.problems,
        columns=tuple(lead_columns.BY_KEY[key] for key in keys),
        choices=lead_columns.choices(keys),
        sorts=_filter("sort", _("Order"), _("Newest first"), SORTS[1:], {"sort": asked.sort}),
        query=urlencode({name: value for name, value in asked.query.items() if name != "q"}),
        linked=",".join(asked.columns),
        reads_log=export_log.may_read(reader),
        csv_url=f"{reverse('console:leads-csv')}?{told}" if export else "",
        xlsx_url=f"{reverse('console:leads-xlsx')}?{told}" if export else "",
        first_url=f"{address}?{query}" if asked.after else "",
        next_url=f"{address}?{following}" if following else "",
        acts_on=bool(rows) and (holders.works_leads(reader) or handing_rights.may(reader)),
        hands_on=bool(rows) and handing_rights.may(reader),
        may_add=holders.works_leads(reader) and (bool(rows) or kits.active_or_none() is not None),
        hidden=tuple(asked.given.items()),
    )


def may_export(reader: User) -> bool:
    """Whether this person may take the list away as a file."""
    return reader.is_superuser or reader.plays(*settings.EXPORT_ROLES)


def chosen(reader: User, asked: Asked, *, now: datetime) -> QuerySet[Lead]:
    """The leads the reader may see and asked for."""
    found = _filtered(selectors.listed_to(reader), reader, asked, now=now)
    return search.narrow(found, asked.given.get("q", ""))


def _filtered(
    leads: QuerySet[Lead], reader: User, asked: Asked, *, now: datetime
) -> QuerySet[Lead]:
    if asked.problems:
        return leads.none()
    given = asked.given
    as_said = {name: given[name] for name in ("stage", "band", "channel", "reason")
               if name in given}  # fmt: skip
    leads = leads.filter(**as_said)
    if "owner" in given:
        leads = leads.filter(_owned(given["owner"], reader))
    if "due" in given:
        leads = leads.filter(_due(given["due"], now))
    if "handed" in given:
        mine = handed_together.leads_of(int(given["handed"]), reader)
        leads = leads.filter(pk__in=mine.values("lead"))
    return leads


def beside(leads: QuerySet[Lead], now: datetime) -> QuerySet[Lead]:
    """The leads with what their columns need."""
    return leads.select_related("person", "account", "owner").annotate(score=score_sql.score(now))


def ordered(leads: QuerySet[Lead], sort: str) -> QuerySet[Lead]:
    """In an order by which pages can go on."""
    if sort == "due":
        return leads.filter(next_due_at__isnull=False).order_by("next_due_at", "pk")
    if sort == "oldest":
        return leads.order_by("created_at", "pk")
    return leads.order_by("-created_at", "-pk")


def following(leads: QuerySet[Lead], at: datetime, pk: int, sort: str) -> QuerySet[Lead]:
    """Those after this one in that order."""
    if sort:
        field = "next_due_at" if sort == "due" else "created_at"
        later = Q(**{f"{field}__gt": at}) | Q(pk__gt=pk)
        return leads.filter(**{f"{field}__gte": at}).filter(later)
    return leads.filter(created_at__lte=at).filter(Q(created_at__lt=at) | Q(pk__lt=pk))


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


def _is_searched(asked: Asked) -> bool:
    """By words over all; what is due next is looked for among one owner's."""
    return "q" in asked.given and asked.sort != "due" and not asked.problems


def _listed(reader: User, asked: Asked, now: datetime) -> tuple[list[Lead], str]:
    """The leads of the page and one more, and how many there are."""
    found = leads = chosen(reader, asked, now=now)
    if asked.after is not None:
        leads = following(leads, _instant(asked.after[0]), asked.after[1], asked.sort)
    rows = list(ordered(beside(leads, now), asked.sort)[: PAGE + 1])
    return rows, _count_words(found.order_by()[: COUNTED + 1].count(), asked)


def _searched(reader: User, asked: Asked, now: datetime) -> tuple[list[Lead], str]:
    """The same of those that a search fits, and what was not looked at."""
    leads, among = selectors.held_against(reader)
    after = (_instant(asked.after[0]), asked.after[1]) if asked.after is not None else None
    wanted = Wanted(PAGE + 1, COUNTED + 1, oldest_first=asked.sort == "oldest", after=after)
    mine = _filtered(leads, reader, asked, now=now)
    page = search_pages.find(mine, asked.given["q"], wanted, among=among)
    rows = beside(Lead.objects.filter(pk__in=page.ids), now)
    return list(ordered(rows, asked.sort)), _count_words(
        page.count, asked
    ) + search_words.not_searched(page)


def _instant(microseconds: int) -> datetime:
    from_epoch = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
    try:
        return from_epoch + (datetime.resolution * microseconds)
    except OverflowError:
        return datetime.fromisoformat("9999-12-31T00:00:00+00:00")


def _cursor(lead: Lead, sort: str) -> str:
    from_epoch = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
    at = lead.next_due_at if sort == "due" and lead.next_due_at else lead.created_at
    return f"{(at - from_epoch) // datetime.resolution}.{lead.pk}"


def _count_words(count: int, asked: Asked) -> str:
    shown = f"{COUNTED:,}+" if count > COUNTED else f"{count:,}"
    noun = "lead" if count == 1 else "leads"
    order = dict(SORTS).get(asked.sort, SORTS[0][1])
    return "{shown} {noun}{words}, {order}{order2}".format(
        shown=shown,
        noun=noun,
        words=_(" match") if asked.given else "",
        order=order[0].lower(),
        order2=order[1:],
    )


def _row(lead: Lead, queue_names: Mapping[str, str], keys: Sequence[str]) -> Row:
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
        queue=_("Queue {queue_names}").format(queue_names=queue_names.get(lead.queue, lead.queue))
        if lead.queue
        else "",
        due_at=lead.next_due_at,
        warn_at=None,
        score=lead.score,  # type: ignore[attr-defined]
        channel=lead.get_channel_display(),
        created_at=lead.created_at,
        cells=tuple((key, lead_columns.BY_KEY[key].value(lead)) for key in keys),
    )


def _filters(reader: User, given: Mapping[str, str]) -> tuple[Filter, ...]:
    held = User.objects.filter(is_active=True).exclude(role="SERVICE").order_by(
        "first_name", "last_name"
    )  # fmt: skip
    owners = [("me", _("Me")), ("none", _("Nobody")), *((str(user.pk), str(user)) for user in held)]
    kit = kits.active_or_none()
    return (
        _filter("stage", _("Stage"), _("Any stage"), stages.CHOICES, given),
        _filter("band", _("Score"), _("Any score"), _bands(kit), given),
        _filter("owner", _("Owner"), _("Anybody"), owners, given),
        _filter("channel", _("Channel"), _("Any channel"), Channel.choices, given),
        _filter("reason", _("Reason"), _("Any reason"), _reasons(kit), given),
        _filter("due", _("Due"), _("Whenever"), DUE, given),
        *_handed(given),
    )


def _handed(given: Mapping[str, str]) -> tuple[Filter, ...]:
    """Shown where a notice leads to the leads of one act."""
    if "handed" not in given:
        return ()
    one = [(given["handed"], _("In one act"))]
    return (_filter("handed", _("Handed to you"), _("Anyhow"), one, given),)


def _bands(kit: Kit | None) -> list[tuple[str, str]]:
    """The bands of the kit in force, the highest first."""
    return [(band.key, band.label) for band in kit.bands] if kit else []


def _reasons(kit: Kit | None) -> list[tuple[str, str]]:
    """Why leads left the path, by the kit in force; none before there is one."""
    return [(one.key, one.label) for one in kit.reasons.values()] if kit else []


def _filter(
    name: str, label: str, any_word: str, choices: Iterable[tuple[object, object]],
    given: Mapping[str, str],
) -> Filter:  # fmt: skip
    options = tuple(
        Option(str(key), str(word), str(key) == given.get(name)) for key, word in choices
    )
    return Filter(name, label, any_word, options)
