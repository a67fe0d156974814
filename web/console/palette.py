"""The palette: whatever one may go to, as one types. What the page itself offers it adds there."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.urls import reverse

from core.texts import _
from governance import selectors as kits
from leads import selectors
from leads.models import Lead
from lifecycle import deal_rights
from people import holders
from people.models import User
from reports import registry
from web.console import books, saved_views, search_page

MOST = 6
MOST_RECENT = 8
_VISITED = re.compile(r"/(leads|accounts|opportunities|reports)/([a-z0-9_-]{1,60})/")


@dataclass(frozen=True, slots=True)
class Option:
    """One line to choose."""

    name: str
    line: str
    url: str


@dataclass(frozen=True, slots=True)
class Group:
    """Lines of one kind."""

    key: str
    label: str
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class Palette:
    """What is offered, for what was typed."""

    q: str
    groups: tuple[Group, ...]

    @property
    def count(self) -> int:
        """Of all options."""
        return sum(len(group.options) for group in self.groups)


def build(reader: User, q: str, *, recent: str = "") -> Palette:
    """What fits `q`; where nothing is typed, what was visited: `recent` are paths, newest first."""
    if not q:
        groups = [Group("recent", _("Visited last"), _visited(reader, recent)),
                  Group("acts", _("Do"), _acts(reader, ()))]  # fmt: skip
    else:
        words = tuple(q.casefold().split())
        groups = [
            Group("acts", _("Do"), _acts(reader, words)),
            Group("saved", _("Saved"), _saved(reader, words)),
            Group("reports", _("Reports"), (*_books(reader, words), *_reports(words))[:MOST]),
            *_found(reader, q),
        ]
    return Palette(q, tuple(group for group in groups if group.options))


def _acts(reader: User, words: tuple[str, ...]) -> tuple[Option, ...]:
    """What can be begun from anywhere, if the reader may."""
    acts = (
        (_may_add(reader), _("Add lead"), "console:lead-add"),
        (True, _("Change what you are mailed"), "console:notice-choices"),
        (True, _("Plan time off"), "console:time"),
    )
    return tuple(
        Option(name, "", reverse(view)) for may, name, view in acts if may and _fits(name, words)
    )


def _may_add(reader: User) -> bool:
    return holders.works_leads(reader) and kits.active_or_none() is not None


def _reports(words: tuple[str, ...]) -> tuple[Option, ...]:
    return tuple(
        Option(report.name, _("Report"), reverse("console:report", args=[report.key]))
        for report in registry.all()
        if _fits(_("{name} report").format(name=report.name), words)
    )[:MOST]


def _saved(reader: User, words: tuple[str, ...]) -> tuple[Option, ...]:
    """Filters and views that are kept under such a name."""
    return tuple(
        Option(one.name, one.of or _("Leads"), one.url)
        for one in saved_views.called(reader, words, most=MOST)
    )


def _books(reader: User, words: tuple[str, ...]) -> tuple[Option, ...]:
    return tuple(
        Option(str(book.title), _("Report"), reverse(f"console:{book.key}"))
        for book in books.read_by(reader)
        if _fits(str(book.title), words)
    )


def _fits(name: str, words: tuple[str, ...]) -> bool:
    return all(word in name.casefold() for word in words)


def _found(reader: User, q: str) -> list[Group]:
    return [
        Group(group.key, group.label, tuple(_option(row) for row in group.rows))
        for group in search_page.build(reader, q, most=MOST).groups
    ]


def _option(row: search_page.Row) -> Option:
    return Option(row.name, " · ".join(part for part in (row.company, row.why) if part), row.url)


def _visited(reader: User, recent: str) -> tuple[Option, ...]:
    """The places that were visited, if they are there and the reader may see them still."""
    places = [found.groups() for path in recent.split(" ")[:MOST_RECENT]
              if (found := _VISITED.fullmatch(path))]  # fmt: skip
    ids = {kind: [int(key) for one, key in places if one == kind and _is_id(key)]
           for kind in ("leads", "accounts", "opportunities")}  # fmt: skip
    named: dict[tuple[str, str], Option] = {}
    leads: list[Lead] = []
    if ids["leads"]:
        seen = selectors.visible_to(reader).filter(pk__in=ids["leads"])
        leads = list(seen.select_related("person", "account"))
    for lead in leads:
        company = lead.account.called if lead.account else ""
        _add(named, "leads", lead.pk, lead.person.name, company)
    if ids["accounts"]:
        for account in selectors.accounts_visible_to(reader).filter(pk__in=ids["accounts"]):
            _add(named, "accounts", account.pk, account.called, _("Company"))
    if ids["opportunities"]:
        for deal in deal_rights.visible_to(reader).filter(pk__in=ids["opportunities"]):
            _add(named, "opportunities", deal.pk, deal.name, _("Opportunity"))
    for report in registry.all():
        url = reverse("console:report", args=[report.key])
        named["reports", report.key] = Option(report.name, _("Report"), url)
    return tuple(named[place] for place in dict.fromkeys(places) if place in named)


def _is_id(key: str) -> bool:
    return key.isdigit() and len(key) < 19


def _add(named: dict[tuple[str, str], Option], kind: str, pk: int, name: str, line: str) -> None:
    named[kind, str(pk)] = Option(name, line, f"/{kind}/{pk}/")
