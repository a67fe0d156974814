"""The list of decision records: filters read strictly, pages by key, a fixed number of queries."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.urls import reverse

from core.errors import InvalidInput
from core.texts import _, lazy
from governance.models import KitVersion
from people import holders
from people.models import User
from reports.declaration import Value
from routing import decision_search as search
from routing import decision_seen, pool_rights, rule_words
from routing.models import Decision, Override
from web.console import keyset, queues
from web.console.lead_list import Filter, Option

PAGE = 50
EXPORTED = 10_000
HEADINGS = (
    lazy("Decision"),
    lazy("At (UTC)"),
    lazy("Lead"),
    lazy("Company"),
    lazy("Moment"),
    lazy("Rule"),
    lazy("Pool"),
    lazy("Went to"),
    lazy("Because"),
    lazy("Turn"),
    lazy("Overridden"),
    lazy("Taken back"),
    lazy("Kit version"),
)
MOMENTS = tuple(rule_words.DECIDED_AT.items())
OVERRIDDEN = (("yes", lazy("Overridden")), ("no", lazy("Stood")))
NAMES = (
    "picked",
    "pool",
    "rule",
    "moment",
    "outcome",
    "overridden",
    "since",
    "until",
    "kit",
    "lead",
)
MOST = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Row:
    """One decision of the list."""

    id: int
    at: dt.datetime
    lead: int
    name: str
    company: str
    moment: str
    rule: str
    pool: str
    picked: str
    because: str
    overridden: str
    """The kinds of the overrides that stand."""
    taken_back: str
    """Those that were undone."""
    kit: int


@dataclass(frozen=True, slots=True)
class DecisionList:
    """One page of the list; `others` are filters of the address that have no field."""

    rows: tuple[Row, ...]
    filters: tuple[Filter, ...]
    given: Mapping[str, str]
    is_filtered: bool
    problems: tuple[str, ...]
    csv_url: str
    first_url: str
    next_url: str


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for; `problems` name what could not be read."""

    given: dict[str, str]
    wanted: search.Wanted
    after: tuple[dt.datetime, int] | None
    problems: tuple[str, ...]


def read(query: Mapping[str, str], reader: User) -> Asked:
    """Read the address. Values that mean nothing are told, never passed over."""
    given = {name: text for name in NAMES if (text := query.get(name, "").strip())}
    problems: list[str] = []
    zone = reader.zone
    until = _day(given, "until", _("To"), problems)
    wanted = search.Wanted(
        picked=reader.pk if given.get("picked") == "me" else _id(given, "picked", _("Who got it"),
                                                                 problems),
        pool=_key(given, "pool", _("Pool"), problems),
        rule=_key(given, "rule", _("Rule"), problems),
        moment=_one_of(given, "moment", _("Moment"), MOMENTS, problems),
        outcome=_one_of(given, "outcome", _("Outcome"), search.OUTCOMES, problems),
        overridden={"yes": True, "no": False}.get(
            _one_of(given, "overridden", "Overridden", OVERRIDDEN, problems)
        ),
        since=_midnight(_day(given, "since", _("From"), problems), zone),
        until=_midnight(until + dt.timedelta(days=1), zone) if until else None,
        kit=_id(given, "kit", _("Kit version"), problems),
        lead=_id(given, "lead", _("Lead"), problems),
    )  # fmt: skip
    if wanted.since and wanted.until and wanted.since >= wanted.until:
        problems.append(_("From, To: the first day lies after the last."))
    try:
        after = keyset.read(query.get("after", ""))
    except (InvalidInput, OverflowError):
        after = None
        problems.append(
            _("Page: {OTHER}{OTHER2}").format(
                OTHER=keyset.OTHER[0].lower(), OTHER2=keyset.OTHER[1:]
            )
        )
    return Asked(given, wanted, after, tuple(problems))


def build(reader: User, asked: Asked) -> DecisionList:
    """One page, in eight queries at most; nothing for an address that could not be read."""
    rows = list(_page(chosen(reader, asked), asked.after))
    pools, sight = queues.labels(), pool_rights.sight_of(reader)
    address, query = reverse("console:decisions"), urlencode(asked.given)
    last = rows[PAGE - 1] if len(rows) > PAGE else None
    following = urlencode({**asked.given, "after": keyset.write(last.at, last.pk)}) if last else ""
    return DecisionList(
        rows=tuple(_row(decision_seen.in_list(one, sight), pools) for one in rows[:PAGE]),
        filters=_filters(asked.given, pools),
        given=asked.given,
        is_filtered=bool(asked.given),
        problems=asked.problems,
        csv_url=f"{reverse('console:decisions-csv')}?{query}",
        first_url=f"{address}?{query}" if asked.after else "",
        next_url=f"{address}?{following}" if following else "",
    )


def chosen(reader: User, asked: Asked) -> QuerySet[Decision]:
    """The decisions the reader may see and asked for."""
    rows = search.listed_to(reader)
    return rows.none() if asked.problems else search.narrow(rows, asked.wanted)


def export(reader: User, asked: Asked) -> Iterator[Sequence[Value]]:
    """Headings, then one row per decision, newest first, up to `EXPORTED`."""
    yield HEADINGS
    pools, sight = queues.labels(), pool_rights.sight_of(reader)
    rows = search.for_lists(chosen(reader, asked)).order_by("-at", "-pk")[:EXPORTED]
    for one in rows.iterator(chunk_size=1_000):
        row = _row(decision_seen.in_list(one, sight), pools)
        yield (row.id, f"{row.at:%Y-%m-%d %H:%M:%S}", row.lead, row.company, row.moment, row.rule,
               row.pool, row.picked, row.because, one.turn or "", row.overridden,
               row.taken_back, row.kit)  # fmt: skip


def _page(rows: QuerySet[Decision], after: tuple[dt.datetime, int] | None) -> QuerySet[Decision]:
    if after is not None:
        at, pk = after
        rows = rows.filter(at__lte=at).filter(Q(at__lt=at) | Q(pk__lt=pk))
    return search.for_lists(rows).order_by("-at", "-pk")[: PAGE + 1]


def _row(one: Decision, pools: Mapping[str, str]) -> Row:
    account = one.lead.account
    last = one.tried[-1] if one.tried else {}
    overrides: list[Any] = list(one.overrides.all())
    return Row(
        id=one.pk,
        at=one.at,
        lead=one.lead_id,
        name=one.lead.person.name,
        company=(account.name or account.domain or "") if account else "",
        moment=rule_words.DECIDED_AT.get(one.moment, one.moment),
        rule=str(last.get("label") or last.get("rule", "")),
        pool=pools.get(one.pool, one.pool),
        picked=str(one.picked) if one.picked else "",
        because=one.because,
        overridden=_kinds(over for over in overrides if over.taken_back_at is None),
        taken_back=_kinds(over for over in overrides if over.taken_back_at is not None),
        kit=one.kit.number,
    )


def _kinds(overrides: Iterable[Override]) -> str:
    """Each kind once: two hand-offs may have been returned by one decision."""
    return ", ".join(dict.fromkeys(one.get_kind_display() for one in overrides))


def _filters(given: Mapping[str, str], pools: Mapping[str, str]) -> tuple[Filter, ...]:
    reps = User.objects.filter(is_active=True).exclude(role="SERVICE")
    people = [("me", _("Me")), *((str(one.pk), str(one)) for one in holders.by_name(reps))]
    kits = KitVersion.objects.filter(published_at__isnull=False).order_by("-number")
    numbers = [(str(one), f"v{one}") for one in kits.values_list("number", flat=True)[:20]]
    return (
        _filter("picked", _("Who got it"), _("Anybody"), people, given),
        _filter("outcome", _("Outcome"), _("Any"), search.OUTCOMES, given),
        _filter(
            "pool", _("Pool"), _("Any pool"), sorted(pools.items(), key=lambda one: one[1]), given
        ),
        _filter("moment", _("Moment"), _("Any"), MOMENTS, given),
        _filter("overridden", _("By people"), _("Any"), OVERRIDDEN, given),
        _filter("kit", _("Kit"), _("Any"), numbers, given),
    )


def _filter(
    name: str, label: str, any_word: str, choices: Iterable[tuple[str, str]],
    given: Mapping[str, str],
) -> Filter:  # fmt: skip
    """What the address names and the list does not offer is offered, too."""
    asked, offered = given.get(name, ""), list(choices)
    if asked and asked not in {key for key, _rest in offered}:
        offered.append((asked, asked))
    return Filter(
        name, label, any_word, tuple(Option(key, word, key == asked) for key, word in offered)
    )


def _one_of(
    given: Mapping[str, str],
    name: str,
    label: str,
    known: Iterable[tuple[str, str]],
    problems: list[str],
) -> str:
    text = given.get(name, "")
    if text and text not in {key for key, _rest in known}:
        problems.append(
            _("{label}: there is no “{text}”; pick one from the list.").format(
                label=label, text=text
            )
        )
        return ""
    return text


def _id(given: Mapping[str, str], name: str, label: str, problems: list[str]) -> int | None:
    text = given.get(name, "")
    if not text:
        return None
    if not re.fullmatch(r"[0-9]{1,18}", text) or (name == "kit" and int(text) > MOST):
        problems.append(_("{label}: pick one from the list.").format(label=label))
        return None
    return int(text)


def _key(given: Mapping[str, str], name: str, label: str, problems: list[str]) -> str:
    text = given.get(name, "")
    if text and not re.fullmatch(r"[\w.-]{1,60}", text, re.ASCII):
        problems.append(_("{label}: “{text}” is no key.").format(label=label, text=text[:60]))
        return ""
    return text


def _day(given: Mapping[str, str], name: str, label: str, problems: list[str]) -> dt.date | None:
    text = given.get(name, "")
    try:
        day = dt.date.fromisoformat(text) if text else None
        if day is not None and not 2000 <= day.year <= 2200:
            raise ValueError
    except ValueError:
        problems.append(_("{label}: give a day such as 2026-03-31.").format(label=label))
        return None
    return day


def _midnight(day: dt.date | None, zone: dt.tzinfo) -> dt.datetime | None:
    return dt.datetime.combine(day, dt.time(), zone) if day else None
