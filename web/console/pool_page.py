"""The ledger of one pool: what each was entitled to and got, why turns went by, who is next."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from urllib.parse import urlencode

from django.urls import reverse

from core.texts import _, lazy
from people.models import User
from reports.declaration import Value
from routing import entitlement, fairness
from routing.fairness import Line, PoolLedger
from routing.models import CreditEntry, Pool
from web.console import fairness_words, keyset, words
from web.console.lead_list import Filter, Option

PAGE = 50
HEADINGS = (
    lazy("Member"),
    lazy("Weight"),
    lazy("Entitled"),
    lazy("Got"),
    lazy("Difference"),
    lazy("Owed now (leads)"),
    lazy("Credit"),
    lazy("Given back"),
    lazy("Could have taken"),
    *(fairness_words.WHY[why] for why in entitlement.COULD_NOT),
    lazy("Credit at the start"),
    lazy("Earned"),
    lazy("Paid"),
    lazy("Returned"),
    lazy("Counted again"),
    lazy("Joined"),
    lazy("Corrected"),
    lazy("Since (UTC)"),
    lazy("Until (UTC)"),
)


@dataclass(frozen=True, slots=True)
class Row:
    """One member in words."""

    name: str
    url: str
    weight: int
    active: bool
    is_own: bool
    entitled: str
    received: str
    difference: str
    owed: str
    load: str
    place: str
    is_next: bool
    could_not: str
    could: str
    lines: tuple[str, ...]
    adds_up: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """One change of the ledger that no pick made."""

    turn: int
    who: str
    change: str
    credit: str
    why: str
    by: str
    lead: int | None
    at: datetime


@dataclass(frozen=True, slots=True)
class PoolPage:
    """The page."""

    pool: Pool
    lead_sentence: str
    own: str
    coming: str
    filters: tuple[Filter, ...]
    rows: tuple[Row, ...]
    sees_team: bool
    adds_up: bool
    entries: tuple[Entry, ...]
    first_url: str
    next_url: str
    csv_url: str
    edit_url: str


def build(
    reader: User, key: str, query: Mapping[str, str], *, now: datetime, zone: tzinfo
) -> PoolPage:
    """The page. Raises NotFound for a pool that is not the reader's to see, or InvalidInput."""
    after = keyset.read(query.get("after", ""))
    found = _ledger(reader, key, query, now=now, zone=zone)
    asked = {"period": found.period.key}
    changes = fairness.entries(
        found.pool, reader, since=found.period.since, sees_team=found.sees_team
    )
    if after:
        changes = changes.filter(pk__lt=after[1])
    some = list(changes[: PAGE + 1])
    here = reverse("console:pool", args=[key])
    last = some[PAGE - 1] if len(some) > PAGE else None
    following = urlencode({**asked, "after": keyset.write(last.at, last.pk)}) if last else ""
    rows = tuple(_row(one, reader, found) for one in found.lines)
    return PoolPage(
        pool=found.pool,
        lead_sentence=_sentence(found),
        own=fairness_words.own(found.own) if found.own else "",
        coming=_coming(found, reader),
        filters=_filters(found.period.key),
        rows=rows,
        sees_team=found.sees_team,
        adds_up=all(row.adds_up for row in rows),
        entries=tuple(_entry(one) for one in some[:PAGE]),
        first_url=f"{here}?{urlencode(asked)}" if after else "",
        next_url=f"{here}?{following}" if following else "",
        csv_url=f"{reverse('console:pool-csv', args=[key])}?{urlencode(asked)}",
        edit_url=_edit_url(found.pool, reader),
    )


def export(
    reader: User, key: str, query: Mapping[str, str], *, now: datetime, zone: tzinfo
) -> tuple[str, Iterator[list[Value]]]:
    """The same as a file: its name and lines, a heading and one for each member."""
    found = _ledger(reader, key, query, now=now, zone=zone)
    return f"pool-{key}-{found.period.key}-{now:%Y-%m-%d}.csv", _lines(found, now)


def _ledger(
    reader: User, key: str, query: Mapping[str, str], *, now: datetime, zone: tzinfo
) -> PoolLedger:
    period = fairness.period(query.get("period", ""), now=now, zone=zone)
    return fairness.ledger(fairness.pool_of(key, reader), reader, period=period, now=now)


def _lines(found: PoolLedger, now: datetime) -> Iterator[list[Value]]:
    yield list(HEADINGS)
    since = "" if found.period.is_all else f"{found.period.since:%Y-%m-%d %H:%M}"
    for one in found.lines:
        share, account = one.share, one.account
        passed = [share.passed[why] for why in entitlement.COULD_NOT]
        yield [
            one.name, one.weight, float(share.entitled), share.received,
            float(share.difference), float(one.owed), account.credit,
            share.given_back, share.could, *passed, account.opening,
            account.earned, account.paid, account.given_back, account.counted_again,
            account.began, account.corrected,
            since, f"{now:%Y-%m-%d %H:%M}",
        ]  # fmt: skip


def _sentence(found: PoolLedger) -> str:
    pool, turns = found.pool, words.plural(found.turns, "turn")
    back = (
        _(" {plural} given back beside.").format(plural=words.plural(found.given_back, "turn"))
        if found.given_back
        else ""
    )
    active = sum(one.active for one in found.lines)
    shared = (
        _(" shared by {plural}").format(plural=words.plural(active, "member"))
        if found.sees_team
        else ""
    )
    return f"{pool.get_strategy_display()}: {turns}{shared}.{back}"


def _coming(found: PoolLedger, reader: User) -> str:
    if found.next is None:
        return ""
    pick, percent = found.next.pick, found.next.random_percent
    if not found.sees_team:
        return fairness_words.own_turn(pick, reader.pk, random_percent=percent)
    names = {one.user: one.name for one in found.lines}
    return fairness_words.coming(pick, names, random_percent=percent)


def _row(one: Line, reader: User, found: PoolLedger) -> Row:
    share, account = one.share, one.account
    mine = (account.opening, account.earned, -account.paid, account.given_back,
            account.counted_again, account.began, account.corrected, account.credit)  # fmt: skip
    return Row(
        name=one.name,
        url=f"{reverse('console:leads')}?{urlencode({'owner': one.user})}",
        weight=one.weight,
        active=one.active,
        is_own=one.user == reader.pk,
        entitled=fairness_words.leads(share.entitled),
        received=words.number(share.received),
        difference=fairness_words.signed(share.difference),
        owed=fairness_words.signed(one.owed),
        load=fairness_words.load(one.standing),
        place=fairness_words.place(one.standing) if one.active else _("Left the pool"),
        is_next=one.standing is not None and one.standing.rank == 1,
        could_not=fairness_words.reasons(share.passed, entitlement.COULD_NOT),
        could=fairness_words.reasons(share.passed, entitlement.COULD),
        lines=tuple(fairness_words.credit(units) for units in mine),
        adds_up=account.adds_up,
    )


def _entry(one: CreditEntry) -> Entry:
    turn = _("Turn {turn}").format(turn=one.decision.turn) if one.decision else _("Turn")
    why = {
        "RETURNED": _("{turn} given back").format(turn=turn),
        "BEGAN": _("Joined, or came back"),
        "CORRECTED": _("{turn} counts again").format(turn=turn) if one.decision else _("Corrected"),
    }[one.why]
    note = f": {one.note.replace('_', ' ')}" if one.note else ""
    return Entry(
        turn=one.turn,
        who=str(one.user),
        change=fairness_words.credit(one.change),
        credit=fairness_words.credit(one.credit),
        why=f"{why}{note}",
        by=str(one.by) if one.by else _("By the rules"),
        lead=one.decision.lead_id if one.decision else None,
        at=one.at,
    )


def _filters(chosen: str) -> tuple[Filter, ...]:
    options = tuple(Option(key, label, key == chosen) for key, label in fairness.PERIODS)
    return (Filter("period", _("Period"), "", options),)


def _edit_url(pool: Pool, reader: User) -> str:
    """The pool's settings in the administration, for who may change them."""
    leads_it = pool.manager_id == reader.pk and reader.plays("MANAGER")
    may = reader.is_staff and (reader.is_superuser or reader.plays("REVOPS") or leads_it)
    return reverse("admin:routing_pool_change", args=[pool.pk]) if may else ""
