"""One decision record in full: the rules, every candidate with their numbers, what came of it."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.urls import reverse

from core import phrases
from core.errors import InvalidInput, NotFound
from core.texts import _
from people.models import User
from routing import (
    caps,
    decision_search,
    decision_seen,
    discretion,
    pool_rights,
    records,
    rule_words,
    strategies,
)
from routing.discretion import Sight
from routing.models import Assignment, CreditEntry, Decision, Pool
from web.console import (
    decision_words,
    kit_links,
    people_names,
    queues,
    target_words,
    what_if,
    words,
)
from web.console.decision_words import Record
from web.console.what_if import Answer, WhatIf

SHOWN = 200
"""Candidates on the page; the whole record of a larger pool is in its JSON."""


@dataclass(frozen=True, slots=True)
class Line:
    """One fact about the decision."""

    label: str
    text: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Fared:
    """One candidate with the numbers the decision saw; empty where the reader may not see them."""

    name: str
    chosen: bool
    tone: str
    fared: str
    credit: str
    weight: str
    load: str
    more: str
    ask_url: str


@dataclass(frozen=True, slots=True)
class Leg:
    """Who held the lead by this decision, and how it ended."""

    name: str
    since: dt.datetime
    until: dt.datetime | None
    ended: str


@dataclass(frozen=True, slots=True)
class Replay:
    """What making it again came to."""

    tone: str
    text: str


@dataclass(frozen=True, slots=True)
class DecisionPage:
    """Everything the page says."""

    id: int
    at: dt.datetime
    moment: str
    lead: int
    name: str
    company: str
    record: Record
    candidates: tuple[Fared, ...]
    unseen: int
    has_figures: bool
    """Whether the reader sees the numbers of any candidate."""
    withheld: str
    """Whose numbers they do not see, in words."""
    lines: tuple[Line, ...]
    legs: tuple[Leg, ...]
    afterwards: tuple[Line, ...]
    replay: Replay | None
    what_if: WhatIf


def seen(decision_id: int, reader: User) -> Decision:
    """The record with all it needs beside it. Raises NotFound also where they may not see it."""
    rows = decision_search.in_full(decision_search.visible_to(reader))
    row = rows.filter(pk=decision_id).first()
    if row is None:
        raise NotFound(_("There is no such decision, or none you may see."))
    return row


def build(decision: Decision, query: QueryDict, *, reader: User) -> DecisionPage:
    """The page, in twelve queries at most, however many candidates there are.

    `query` asks for the replay, or supposes something of candidates.
    """
    sight = pool_rights.sight_of(reader)
    row = decision_seen.in_full(decision, sight)
    pools = queues.labels()
    booked = _booked(row)
    legs = list(Assignment.objects.filter(decision=decision.pk).order_by("started_at", "pk"))
    overrides: list[Any] = list(decision.overrides.all())
    names = people_names.of(
        [
            *decision_words.people_in(row),
            *(one.user_id for one in legs),
            *(pk for one in overrides
              for pk in (one.by_id, one.from_user_id, one.to_user_id, one.taken_back_by)),
            *(one.by_id for one in booked),
        ]
    )  # fmt: skip
    told = decision_words.of_record(
        row, kit=row.kit.number, pool=pools.get(row.pool, row.pool), names=names,
        reader_id=reader.pk,
    )  # fmt: skip
    account = row.lead.account
    fared = tuple(
        _fared(one, row, names) for one in decision_words.ranked(decision_words.everybody(row))
    )
    return DecisionPage(
        id=row.pk,
        at=row.at,
        moment=rule_words.DECIDED_AT.get(row.moment, row.moment),
        lead=row.lead_id,
        name=row.lead.person.name,
        company=(account.name or account.domain or "") if account else "",
        record=told,
        candidates=fared[:SHOWN],
        unseen=max(0, len(fared) - SHOWN),
        has_figures=any(one.load for one in fared),
        withheld=_withheld(row),
        lines=tuple(_lines(row, pools, reader)),
        legs=tuple(_leg(one, names) for one in legs),
        afterwards=(
            *_overridden(overrides, names),
            *(_rebooked(one, names) for one in booked),
        ),
        replay=_replayed(decision, names, sight) if "again" in query else None,
        what_if=_what_if(decision, row, query, names, pools, sight),
    )


def _withheld(row: Decision) -> str:
    """That numbers are missing, and who sees them."""
    held_back = [bool(one.get(discretion.WITHHELD)) for one in decision_words.everybody(row)]
    if not any(held_back):
        return ""
    own = "" if all(held_back) else _("You see your own numbers. ")
    return _(
        "{own}Those of colleagues are for the pool's manager and RevOps, unless it shares them."
    ).format(own=own)


def _fared(entry: Mapping[str, Any], row: Decision, names: Mapping[int, str]) -> Fared:
    chosen = entry["user"] == row.picked_id
    excluded = entry.get("excluded")
    ask = f"{reverse('console:decision', args=[row.pk])}?who={entry['user']}&had="
    return Fared(
        name=names.get(entry["user"], _("User {entry}").format(entry=entry["user"])),
        chosen=chosen,
        tone="ok" if chosen else "late" if excluded else "none",
        fared=decision_words.fared(entry),
        **_figures(entry),
        more="; ".join(_more(entry)),
        ask_url=f"{ask}{what_if.GONE if chosen else what_if.FREE}#what-if"
        if chosen or excluded
        else "",
    )


def _figures(entry: Mapping[str, Any]) -> dict[str, str]:
    if entry.get(discretion.WITHHELD):
        return {"credit": "", "weight": "", "load": ""}
    before, after = entry.get("credit_before", 0), entry.get("credit_after", 0)
    return {
        "credit": f"{before:+d} → {after:+d}",
        "weight": f"×{entry.get('weight', 1)}",
        "load": _("{load} open").format(load=decision_words.load(entry)),
    }


def _more(entry: Mapping[str, Any]) -> Iterator[str]:
    """Caps of a period, outcomes, languages: whatever the pool looked at."""
    for limit in entry.get("limits", ()):
        period = caps.WORDS.get(limit["period"], limit["period"].lower())
        yield _("{limit} of {limit2} {period}").format(
            limit=limit["received"], limit2=limit["allowed"], period=period
        )
    if "rate" in entry:
        yield (
            _("wins {entry} ({entry2} of {entry3}), {entry4} of the last {WINDOW} turns").format(
                entry=f"{entry['rate']:.1%}",
                entry2=entry["won"],
                entry3=entry["decided"],
                entry4=entry["lately"],
                WINDOW=strategies.WINDOW,
            )
        )
    if entry.get("languages"):
        yield _("speaks {entry}").format(entry=", ".join(entry["languages"]))
    if entry.get("absent"):
        yield "absent"
    if "lent_after" in entry:
        before, after = entry["lent_before"] / 2, entry["lent_after"] / 2
        yield _("of the credit {before} → {after} for absences").format(
            before=f"{before:+g}", after=f"{after:+g}"
        )


def _lines(row: Decision, pools: Mapping[str, str], reader: User) -> Iterator[Line]:
    yield Line(
        _("Kit"),
        _("Version {number}").format(number=row.kit.number),
        kit_links.url("kit-version", row.kit.number),
    )
    may_open = pool_rights.visible_to(reader).filter(key=row.pool).exists()
    pool_url = reverse("console:pool", args=[row.pool]) if may_open else ""
    yield Line(_("Pool"), pools.get(row.pool, row.pool), pool_url)
    if row.snapshot is None:
        vain = phrases.capital(decision_words.in_vain(row))
        yield Line(_("Shared by"), vain or _("No pool was asked"))
        return
    yield from _terms(row)
    if row.turn is not None:
        yield Line(_("Turn"), _("{turn} of the pool").format(turn=f"{row.turn:,}"))
    yield Line(_("Snapshot"), ", ".join(filter(None, (f"#{row.snapshot.pk}",
                                                   row.snapshot.checksum[:12]))))  # fmt: skip
    if row.place is not None:
        yield Line(
            _("Place"),
            _("After {plural} of its batch").format(
                plural=words.plural(row.place["after"], "pick")
            ),
        )


def _terms(row: Decision) -> Iterator[Line]:
    if row.snapshot is None:
        return
    terms = strategies.terms_of(row.snapshot.content)
    yield Line(_("Shared by"), str(dict(Pool.Strategy.choices).get(terms.strategy, terms.strategy)))
    if terms.matches_language:
        spoken = records.wanted(row).language
        yield Line(
            _("Language"),
            _("Buyer's: {spoken}; who speaks it comes first").format(
                spoken=spoken or _("not known")
            ),
        )
    if terms.catches_up:
        yield Line(
            _("Absence"),
            _("Who is away catches up later")
            + (_(", by and by") if terms.paced else _(", at once")),
        )
    if terms.random_percent and row.seed:
        drawn = strategies.is_drawn(row.seed, terms.random_percent)
        yield Line(
            _("Chance"),
            _("Drew {lot}; below {random_percent} it decides, so it {words}").format(
                lot=strategies.lot(row.seed),
                random_percent=terms.random_percent,
                words=_("did") if drawn else _("did not"),
            ),
        )
    if row.seed:
        yield Line(_("Seed"), row.seed)


def _booked(row: Decision) -> list[CreditEntry]:
    """An entry of each time that its turn was given back, or counted again."""
    if row.turn is None:
        return []
    # Each time there is one for everybody whose credit changed, all of one turn.
    found = CreditEntry.objects.filter(decision=row.pk).order_by("turn", "pk")
    return list(found.distinct("turn"))


def _rebooked(one: CreditEntry, names: Mapping[int, str]) -> Line:
    by = _(" by {names}").format(names=names.get(one.by_id, "somebody")) if one.by_id else ""
    why = f": {one.note.replace('_', ' ')}" if one.note else ""
    is_back = one.why == CreditEntry.Why.RETURNED
    label = _("Turn given back") if is_back else _("Turn counts again")
    return Line(label, f"{decision_words.when(one.at)}{by}{why}")


def _overridden(overrides: Sequence[Any], names: Mapping[int, str]) -> Iterator[Line]:
    for one in overrides:
        whom = names.get(one.to_user_id) if one.to_user_id else _("the rules chose anew")
        taken = (
            _(", from {names}").format(names=names.get(one.from_user_id, "somebody"))
            if one.from_user_id
            else ""
        )
        text = (
            _("{get_why_display}{taken} to {whom}").format(
                get_why_display=one.get_why_display(), taken=taken, whom=whom
            )
            if one.to_user_id
            else f"{one.get_why_display()}{taken}; {whom}"
        )
        by = f"{names.get(one.by_id, 'somebody')}, {decision_words.when(one.at)}"
        undone = ""
        if one.taken_back_at is not None:
            when = decision_words.when(one.taken_back_at)
            undone = _("; taken back at {when} by {names}").format(
                when=when, names=names.get(one.taken_back_by, "somebody")
            )
        yield Line(one.get_kind_display(), f"{text} ({by}){undone}")


def _leg(one: Assignment, names: Mapping[int, str]) -> Leg:
    ended = one.end_reason.replace("_", " ") if one.ended_at else ""
    name = names.get(one.user_id, _("User {user_id}").format(user_id=one.user_id))
    return Leg(name, one.started_at, one.ended_at, ended)


def _replayed(decision: Decision, names: Mapping[int, str], sight: Sight) -> Replay:
    again = decision_seen.replayed(decision, sight)
    if again.fault:
        return Replay("warn", again.fault[:1].upper() + again.fault[1:])
    if again.is_same:
        text = _("nobody can take it, as recorded.")
        if again.user is not None:
            who = names.get(again.user, "somebody")
            text = _("it goes to the same owner: {who}.").format(who=who)
        told = _("Every rule, rank and number is as recorded.")
        return Replay(
            "ok", _("Made again from the record alone, {text} {told}").format(text=text, told=told)
        )
    return Replay("late", _("Made again it differs: {differs}.").format(differs=again.differs))


def _what_if(
    decision: Decision,
    row: Decision,
    query: QueryDict,
    names: Mapping[int, str],
    pools: Mapping[str, str],
    sight: Sight,
) -> WhatIf:
    ids = dict.fromkeys(
        [*(one["user"] for one in decision_words.everybody(row)), *target_words.users(row.tried)]
    )
    people = {pk: names.get(pk, _("User {pk}").format(pk=pk)) for pk in ids}
    people = dict(sorted(people.items(), key=lambda one: one[1].casefold()))
    asked = [query.getlist(name) for name in ("who", "had", "weight")]
    form = functools.partial(what_if.form, people, weighs=decision_seen.may_weigh(decision, sight))
    if not any(text.strip() for text in asked[0]):
        return form()
    try:
        lines, supposed = what_if.read(asked[0], asked[1], asked[2])
    except InvalidInput as refusal:
        return form((), Answer(problem=refusal.message))
    found = what_if.answer(decision, supposed, pools=pools, names=names, sight=sight)
    return form(lines, found)
