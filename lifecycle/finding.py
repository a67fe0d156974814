"""The one search over everything: people, companies and opportunities, ranked, with the reason.

What fits exactly comes first, then one's own, then the newest. Where next to nothing fits, names
that look alike are looked for, as long as that takes less than `PATIENCE`. Nobody finds what
`visible_to` does not show them; an erased person is found by nothing.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

from django.db import OperationalError, connection, transaction
from django.db.models import QuerySet, Value

from core import reading, steps
from leads import search, search_ranks, search_words, selectors
from leads.identity import KeyKind
from leads.models import Lead, Opportunity
from leads.search_words import Asked
from leads.stages import Stage
from lifecycle import deal_rights
from people.models import User

LOOKED_AT = 200
"""So many of each way are ranked; a name that more bear needs another word."""
LETTERS = 2
"""For so many letters as much again is asked for: an index is the dearer the longer the text, and
a database that by mistake expects many would rather read the table until it has met enough.
"""
ENOUGH = 10
"""With so many at hand, weaker ways are not tried."""
OWN = 30
"""So many of one's own, and of what one may see, are looked for where more fit."""
PATIENCE_MS = 50.0
"""For all names that look alike, in one search."""
ALIKE, ALIKE_SHORT, SHORT = 0.45, 0.33, 6
"""Shares of letter triples in common; a slip in a word of up to six letters changes more of it."""

ALIKE_HOW = "alike"
ORDER = ("number", "key", "id", "external", "name", "both", "company", "alias", "email", "phone",
         ALIKE_HOW)  # fmt: skip
SURE = frozenset({"number", "key", "id", "external"})
"""What is found so needs nothing that is found otherwise."""
WEAK = frozenset({"both", "email", "alias"})
"""Tried where the others do not find enough."""

_SETTINGS = """
    SELECT set_config('leadgov.timeout_before', current_setting('statement_timeout'), true),
           set_config('statement_timeout', %s, true),
           set_config('pg_trgm.word_similarity_threshold', %s, true)
"""
_AS_BEFORE = """
    SELECT set_config('statement_timeout', current_setting('leadgov.timeout_before'), true)
"""


@dataclass(frozen=True, slots=True)
class Hit:
    """Something found, and by which of `ORDER`."""

    row: Any
    how: str
    """`key` says its kind as well: key:EMAIL, key:PHONE."""


@dataclass(frozen=True, slots=True)
class Found:
    """What was found, each group the best first; `more` when there may be more than that."""

    people: tuple[Hit, ...] = ()
    companies: tuple[Hit, ...] = ()
    deals: tuple[Hit, ...] = ()
    more: bool = False


def find(reader: User, text: str, *, most: int = 30) -> Found:
    """Up to `most` of each group; nothing for an empty text. Some ten messages at most."""
    asked = search_words.read(text, country=reader.holiday_country)
    if asked.is_empty and asked.number is None:
        return Found()
    patience = _Patience()
    of_people = _people(reader, asked, most, patience)
    of_companies = _companies(reader, asked)
    of_deals = _deals(reader, asked, most)
    steps.ask(of_people, of_companies, of_deals)
    (people, full), (companies, further, fits) = of_people.found, of_companies.found
    if not fits and not any(hit.how != ALIKE_HOW for hit in people):
        companies = _companies_alike(reader, asked, patience)
    deals = of_deals.found
    more = full or further or len(companies) > most or len(deals) == most
    return Found(people, companies[:most], deals, more)


@steps.in_steps
def _people(
    reader: User, asked: Asked, most: int, patience: _Patience
) -> steps.Story[tuple[tuple[Hit, ...], bool]]:
    visible = selectors.visible_to(reader)
    ways = search.fitting(asked, most=LOOKED_AT)
    weak = {way: rows for way, rows in ways.items() if _how(way) in WEAK}
    strong = {way: rows for way, rows in ways.items() if way not in weak}
    found = {asked.number: "number"} if asked.number is not None else {}
    full, ranked = False, list[tuple[int, str]]()
    for some in (strong, weak):
        both = _both(asked, reader) if some is weak and asked.words else None
        yield [both] if both else []
        more_ways, cut = both.found if both else ({}, False)
        full |= cut
        fits = _ids({**some, **more_ways}, reader, visible, len(asked.text))
        yield [fits]
        ids, filled = fits.found
        found = ids | found
        full |= filled
        ranking = _ranked(asked, visible, found, reader)
        yield [ranking]
        ranked = ranking.found
        if len(ranked) >= ENOUGH or (ranked and ranked[0][1] in SURE):
            break
    words = asked.words or search_words.of_an_address(asked.address)
    if not ranked and words:
        mixed = "both" not in found.values()
        ranked = _alike(words, visible, reader, patience, mixed=mixed)
    best = ranked[:most]
    beside = Lead.objects.select_related("person", "account", "owner__team")
    shown = beside.filter(pk__in=[pk for pk, _ in best])
    yield [shown]
    leads = {lead.pk: lead for lead in shown}
    # A lead that was there a moment ago may be gone; it is passed over.
    hits = tuple(Hit(leads[pk], _kind(asked, how)) for pk, how in best if pk in leads)
    return hits, full or len(ranked) > most


@steps.in_steps
def _both(asked: Asked, reader: User) -> steps.Story[tuple[dict[str, QuerySet[Any]], bool]]:
    """A person's name with their company's, from the side that fewer bear.

    Where many bear either, one's own are all looked at, of the others some.
    """
    sides = search.sides(asked)
    yield [people for people, _ in sides.values()]
    sides = {way: pair for way, pair in sides.items() if pair[0]}
    yield [companies for _, companies in sides.values()]
    ways, is_cut = dict[str, QuerySet[Any]](), False
    for place, (way, (people, companies)) in enumerate(sides.items(), start=100):
        if not companies:
            continue
        ways[way], cut = search.of_sides(asked, way, list(people), list(companies))
        if cut:
            ways[f"both{place}"] = search.own_of_sides(asked, way, reader)
        is_cut |= cut
    return ways, is_cut


@steps.in_steps
def _ids(
    ways: Mapping[str, QuerySet[Any]], reader: User, visible: QuerySet[Any], letters: int
) -> steps.Story[tuple[dict[int, str], bool]]:
    """What fits, by the best way, and whether that may not be all. One query, or four.

    Of a way that more fit than are looked at, one's own and those that one may see are added.
    """
    most = LOOKED_AT * max(1, letters // LETTERS)
    fits = _of_ways(ways, most)
    yield [fits]
    by_way: dict[str, list[int]] = {way: [] for way in ways}
    for pk, way in fits:
        by_way[way].append(pk)
    found = [(pk, way) for way, pks in by_way.items() for pk in pks[:LOOKED_AT]]
    full = sorted((way for way in ways if len(by_way[way]) >= LOOKED_AT), key=_rank)
    if full:  # of the surest, those that matter are among them
        way, pks = full[0], by_way[full[0]]
        every, known = ways[way], visible.model._default_manager.filter(pk__in=pks)
        is_whole = len(pks) < most
        own = _of_ways({way: (known if is_whole else every).filter(owner=reader)}, OWN)
        yield [own]
        found += own
        if len(own) < ENOUGH and not selectors.sees_all(reader):
            seen = _of_ways({way: visible.filter(pk__in=pks)}, OWN)
            yield [seen]
            found += seen
            if len(seen) < ENOUGH and not is_whole:
                rest = _of_ways({way: every.filter(pk__in=visible.values("pk"))}, OWN)
                yield [rest]
                found += rest
    return {pk: _how(way) for pk, way in sorted(found, key=lambda one: -_rank(one[1]))}, bool(full)


def _of_ways(ways: Mapping[str, QuerySet[Any]], most: int) -> QuerySet[Any, Any]:
    some: list[QuerySet[Any, Any]] = [
        rows.annotate(way=Value(way)).values_list("pk", "way")[:most] for way, rows in ways.items()
    ]
    if not some:
        return Lead.objects.none().values_list("pk", "stage")
    return some[0].union(*some[1:], all=True) if len(some) > 1 else some[0]


def _how(way: str) -> str:
    return way.rstrip("0123456789")


def _rank(way: str) -> int:
    return ORDER.index(_how(way))


@steps.in_steps
def _ranked(
    asked: Asked, visible: QuerySet[Lead], found: Mapping[int, str], reader: User
) -> steps.Story[list[tuple[int, str]]]:
    """What of it the reader may see, the best first."""
    rows = visible.filter(pk__in=list(found)).values_list(
        "pk", "owner_id", "person__name_key", "account__name_key", "created_at"
    )
    yield [rows]
    told = []
    for pk, owner, name, company, created in rows:
        how = found[pk]
        near = search_ranks.closeness(asked.words, name) if how == "name" else 0
        if how == "company":
            near = search_ranks.closeness_of_key(asked.words, company or "")
        told.append(((ORDER.index(how), near, owner != reader.pk, -created.timestamp()), pk, how))
    return [(pk, how) for _, pk, how in sorted(told)]


def _alike(
    words: tuple[str, ...], visible: QuerySet[Lead], reader: User, patience: _Patience, *,
    mixed: bool,
) -> list[tuple[int, str]]:  # fmt: skip
    """People whose names look like the words, one's own first; else, where they may be `mixed`,
    people whose names and companies do.
    """
    people = patience.read(words, search.people_alike(words).values_list("pk", "name_key"))
    alike = [pk for pk, name in people if search_ranks.is_alike(words, name)]
    rows = visible.filter(person__in=alike) if alike else visible.none()
    if mixed and not alike:
        rows = _mixed(words, visible, patience)
    near = rows.exclude(stage=Stage.MERGED.value).values_list("owner_id", "created_at", "pk")
    return [
        (pk, ALIKE_HOW)
        for owner, _, pk in sorted(
            near[:LOOKED_AT], key=lambda one: (one[0] != reader.pk, -one[1].timestamp())
        )
    ]


def _mixed(words: tuple[str, ...], visible: QuerySet[Lead], patience: _Patience) -> QuerySet[Lead]:
    """A name and a company, of which one is misspelt."""
    if len(words) < 2:
        return visible.none()
    rows = search.alike_at_companies(words)
    read = patience.read(words, rows.values_list("pk", "person__name_key", "account__name_key"))
    alike = [
        pk for pk, name, company in read if search_ranks.is_alike_at(words, name, company or "")
    ]
    return visible.filter(pk__in=alike) if alike else visible.none()


class _Patience:
    """What a search may yet spend on names that look alike, in milliseconds."""

    def __init__(self) -> None:
        self._left = PATIENCE_MS

    def read(self, words: Iterable[str], rows: QuerySet[Any]) -> list[Any]:
        """The rows, under a likeness that suits the words; nothing when it takes too long."""
        share = ALIKE_SHORT if min(map(len, words)) <= SHORT else ALIKE
        began = time.monotonic()
        if self._left < 1:
            return []
        settings, looked = (
            reading.plain(_SETTINGS, f"{self._left:.0f}", str(share)),
            rows[:LOOKED_AT],
        )
        # One message is a transaction of its own; within another one it must fail by itself.
        alone = nullcontext() if not connection.in_atomic_block else transaction.atomic()
        try:
            with alone:
                reading.ask(settings, looked, reading.plain(_AS_BEFORE))
            found = list(looked)
        except OperationalError:
            found = []
        self._left -= (time.monotonic() - began) * 1_000
        return found


@steps.in_steps
def _companies(reader: User, asked: Asked) -> steps.Story[tuple[tuple[Hit, ...], bool, bool]]:
    """Those that fit, whether there may be more, and whether any fits, seen or not."""
    fits = _ids(
        search.companies(asked), reader, selectors.accounts_visible_to(reader), len(asked.text)
    )
    yield [fits]
    found, full = fits.found
    hits = _seen_companies(reader, asked, found)
    yield [hits]
    return hits.found, full, bool(found)


def _companies_alike(reader: User, asked: Asked, patience: _Patience) -> tuple[Hit, ...]:
    """Where nothing fits as typed: those whose names look like the words."""
    words = search_words.of_a_company(asked.words) if asked.words else ()
    near = patience.read(["".join(words)], search.companies_alike(words)) if words else []
    found = {one.pk: ALIKE_HOW for one in near if search_ranks.is_alike_key(words, one.name_key)}
    return _seen_companies(reader, asked, found).read()


@steps.in_steps
def _seen_companies(
    reader: User, asked: Asked, found: Mapping[int, str]
) -> steps.Story[tuple[Hit, ...]]:
    """What of it the reader may see, the best first."""
    words = search_words.of_a_company(asked.words) if asked.words else ()
    shown = selectors.accounts_visible_to(reader).filter(pk__in=list(found))
    yield [shown] if found else []
    rows = sorted(
        shown if found else [],
        key=lambda one: (
            ORDER.index(found[one.pk]),
            search_ranks.closeness_of_key(words, one.name_key),
            one.owner_id != reader.pk,
            -one.pk,
        ),
    )
    return tuple(Hit(one, found[one.pk]) for one in rows)


@steps.in_steps
def _deals(reader: User, asked: Asked, most: int) -> steps.Story[tuple[Hit, ...]]:
    """Opportunities by their name or id."""
    fits = search.of_deals(asked)
    if fits is None:
        return ()
    rows = deal_rights.visible_to(reader).filter(fits).select_related("account", "owner")
    newest = rows.order_by("-created_at", "-pk")[:most]
    yield [newest]
    found = sorted(newest, key=lambda deal: deal.owner_id != reader.pk)
    return tuple(Hit(deal, "id" if asked.id and _is_called(deal, asked) else "name")
                 for deal in found)  # fmt: skip


def _is_called(deal: Opportunity, asked: Asked) -> bool:
    return asked.id in {deal.external_id, f"#{deal.pk}"}


def _kind(asked: Asked, how: str) -> str:
    if how != "key":
        return how
    kind = KeyKind.EMAIL if asked.address else KeyKind.PHONE
    return f"key:{kind.value}"
