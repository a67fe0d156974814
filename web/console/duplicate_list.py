"""The queue of people who may be one: filters read strictly, pages by key, a fixed number of
queries.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.urls import reverse

from core.texts import _, lazy
from leads.models import DuplicateSuggestion, Lead, Person
from leads.stages import Stage
from lifecycle import merge_rights
from people.models import User
from web.console import likeness_words, words
from web.console.lead_list import Filter, Option

PAGE = 50
COUNTED = 1_000
CURSOR = re.compile(r"(\d{1,3})\.(\d{1,18})")
SURE = (("90", lazy("90 and more")), ("75", lazy("75 and more")), ("0", lazy("Any score")))
Status = DuplicateSuggestion.Status


@dataclass(frozen=True, slots=True)
class Who:
    """One of the two: name, address, company, and who holds their lead."""

    name: str
    reached_at: str
    company: str
    stage: str
    owner: str
    lead: int | None


@dataclass(frozen=True, slots=True)
class Row:
    """One pair."""

    id: int
    url: str
    score: int
    reasons: str
    source: str
    since: str
    decided: str
    people: tuple[Who, Who]


@dataclass(frozen=True, slots=True)
class DuplicateList:
    """One page of the queue."""

    rows: tuple[Row, ...]
    filters: tuple[Filter, ...]
    count_words: str
    is_open: bool
    is_dismissed: bool
    is_filtered: bool
    problems: tuple[str, ...]
    first_url: str
    next_url: str


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for; `problems` name what could not be read."""

    given: Mapping[str, str]
    after: tuple[int, int] | None
    problems: tuple[str, ...]


def read(query: Mapping[str, str]) -> Asked:
    """Read the address. Values that mean nothing are told, never passed over."""
    known = {
        "status": Status.values,
        "source": DuplicateSuggestion.Source.values,
        "score": [key for key, _rest in SURE],
    }
    given = {name: query.get(name, "").strip() for name in known}
    problems = [
        _("{title}: there is no “{given}”; pick one from the list.").format(
            title=name.title(), given=given[name]
        )
        for name, values in known.items()
        if given[name] and given[name] not in values
    ]
    cursor = CURSOR.fullmatch(query.get("after", ""))
    if query.get("after") and not cursor:
        problems.append(_("Page: use the links below the list; this address is not one of them."))
    after = (int(cursor[1]), int(cursor[2])) if cursor else None
    return Asked({key: value for key, value in given.items() if value}, after, tuple(problems))


def build(reader: User, asked: Asked, *, now: datetime) -> DuplicateList:
    """One page in four queries. Raises NotAllowed for those who do not decide."""
    if not merge_rights.may_look(reader):
        merge_rights.require_reviewer(reader)
    found = _chosen(asked)
    rows = list(_after(found, asked.after)[: PAGE + 1])
    people = _people(rows[:PAGE])
    last = rows[PAGE - 1] if len(rows) > PAGE else None
    address, query = reverse("console:duplicates"), urlencode(asked.given)
    status = asked.given.get("status", Status.OPEN)
    following = urlencode({**asked.given, "after": f"{last.score}.{last.pk}"}) if last else ""
    return DuplicateList(
        rows=tuple(_row(one, people, now) for one in rows[:PAGE]),
        filters=_filters(asked.given),
        count_words=_count(found),
        is_open=status == Status.OPEN,
        is_dismissed=status == Status.DISMISSED,
        is_filtered=bool(asked.given),
        problems=asked.problems,
        first_url=f"{address}?{query}" if asked.after else "",
        next_url=f"{address}?{following}" if following else "",
    )


def _chosen(asked: Asked) -> QuerySet[DuplicateSuggestion]:
    rows = DuplicateSuggestion.objects.order_by("-score", "pk")
    if asked.problems:
        return rows.none()
    rows = rows.filter(status=asked.given.get("status", Status.OPEN))
    if "source" in asked.given:
        rows = rows.filter(source=asked.given["source"])
    return rows.filter(score__gte=int(asked.given.get("score", 0)))


def _after(
    rows: QuerySet[DuplicateSuggestion], after: tuple[int, int] | None
) -> QuerySet[DuplicateSuggestion]:
    beside = ("first__merged_into", "second__merged_into", "decided_by")
    rows = rows.select_related(*beside)
    if after is None:
        return rows
    score, pk = after
    return rows.filter(score__lte=score).filter(Q(score__lt=score) | Q(pk__gt=pk))


def _people(rows: Sequence[DuplicateSuggestion]) -> dict[int, Who]:
    """By the id of the row that was suggested: who that is found to be."""
    pairs = [(one, one.merged_into or one) for row in rows for one in (row.first, row.second)]
    leads = leads_of({root.pk for _rest, root in pairs})
    return {one.pk: who(root, leads.get(root.pk)) for one, root in pairs}


def leads_of(person_ids: Iterable[int]) -> dict[int, Lead]:
    """The lead by which each person is known best: an open one, else the latest. One query."""
    rows = Lead.objects.filter(person__in=list(person_ids)).exclude(stage=Stage.MERGED.value)
    found: dict[int, Lead] = {}
    for lead in rows.select_related("account", "owner").order_by("pk"):
        known = found.get(lead.person_id)
        if known is None or (lead.is_open, lead.pk) > (known.is_open, known.pk):
            found[lead.person_id] = lead
    return found


def who(person: Person, lead: Lead | None) -> Who:
    """One of the two as a row shows them."""
    account = lead.account if lead else None
    return Who(
        name=person.name,
        reached_at=person.email or person.phone,
        company=(account.name or account.domain or "") if account else "",
        stage=lead.stage if lead else "",
        owner=str(lead.owner) if lead and lead.owner else "",
        lead=lead.pk if lead else None,
    )


def _row(one: DuplicateSuggestion, people: Mapping[int, Who], now: datetime) -> Row:
    decided = ""
    if one.decided_at is not None:
        by = _(" by {decided_by}").format(decided_by=one.decided_by) if one.decided_by else ""
        decided = f"{one.get_status_display()}, {words.ago(one.decided_at, now=now)}{by}"
    return Row(
        id=one.pk,
        url=reverse("console:duplicate", args=[one.pk]),
        score=one.score,
        reasons=likeness_words.speak(one.reasons),
        source=_("By a {get_source_display}").format(get_source_display=one.get_source_display())
        if one.source == "TOUCH"
        else _("By {get_source_display}").format(get_source_display=one.get_source_display()),
        since=words.ago(one.suggested_at, now=now),
        decided=decided,
        people=(people[one.first_id], people[one.second_id]),
    )


def _filters(given: Mapping[str, str]) -> tuple[Filter, ...]:
    return (
        _filter("status", _("Status"), _("To review"), Status.choices[1:], given),
        _filter("source", _("Found by"), _("Anything"), DuplicateSuggestion.Source.choices, given),
        _filter("score", _("Alike"), _("Any score"), SURE[:2], given),
    )


def _filter(
    name: str,
    label: str,
    any_word: str,
    choices: Iterable[tuple[str, str]],
    given: Mapping[str, str],
) -> Filter:
    options = tuple(
        Option(key, word[:1].upper() + word[1:], key == given.get(name)) for key, word in choices
    )
    return Filter(name, label, any_word, options)


def _count(rows: QuerySet[DuplicateSuggestion]) -> str:
    count = rows.order_by()[: COUNTED + 1].count()
    shown = f"{COUNTED:,}+" if count > COUNTED else f"{count:,}"
    return _("{shown} {words}, the likeliest first").format(
        shown=shown, words=_("pair") if count == 1 else _("pairs")
    )
