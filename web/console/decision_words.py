"""The decision record of a routing in plain words: rules tried, candidates, the pick."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core import steps
from core.texts import _
from governance import selectors as kits
from governance.facts import Registry
from routing import (
    asked_pool,
    decision_seen,
    decision_sentence,
    discretion,
    escalation,
    matching,
)
from routing.discretion import Sight
from routing.models import Decision
from web.console import proof, target_words, words

when = target_words.when
SHOWN = 50
"""Candidates that a record shows in passing; its own page shows more."""


@dataclass(frozen=True, slots=True)
class Step:
    """One rule that was tried."""

    tone: str
    text: str
    line: str


@dataclass(frozen=True, slots=True)
class Fared:
    """One candidate: the name and what spoke for or against."""

    name: str
    text: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Record:
    """A decision ready to be read; `id` leads to all of it, None where it was never stored."""

    id: int | None
    kit: int
    at: datetime
    steps: tuple[Step, ...]
    candidates: tuple[Fared, ...]
    unseen: int
    candidates_line: str
    sentence: str
    pool_key: str
    """Of the pool that was asked; empty where none was."""
    users: frozenset[int]
    """Who was a candidate."""
    of_reader: str
    """Why a candidate who reads it did not get it; empty for others and for who got it."""


@steps.in_steps
def last_of(lead_id: int, sight: Sight) -> steps.Story[Decision | None]:
    """The last routing decision of a lead, with all candidates, as a reader of this sight may see
    it; never to be saved. One query, of a large pool two.
    """
    decisions = Decision.objects.filter(lead_id=lead_id).select_related("snapshot")
    last = decisions.order_by("-at", "-id")[:1]
    yield [last]
    return decision_seen.in_full(last[0], sight) if last else None


def people_in(row: Decision) -> list[int | None]:
    """Everybody whom the words of a decision name."""
    users = [entry["user"] for entry in everybody(row)]
    return [*users, *target_words.users(row.tried), row.picked_id]


def of_record(
    row: Decision, *, kit: int, pool: str, names: Mapping[int, str], reader_id: int
) -> Record:
    """A decision in words, as `decision_seen` lets the reader see it; the row may be one that was
    never stored, such as a replayed one.
    """
    named = {name for one in row.tried for name in one.get("facts", {})}
    registry = kits.registry_for(named, row.kit_id)
    return Record(
        id=row.pk,
        kit=kit,
        at=row.at,
        steps=(*(_step(one, names, registry) for one in row.tried), *_pool_step(row, pool)),
        candidates=tuple(_fared(entry, row, names) for entry in ranked(everybody(row))[:SHOWN]),
        unseen=max(0, len(everybody(row)) - SHOWN),
        candidates_line=_candidates_line(row, names),
        sentence=_sentence(row, pool, names, reader_id),
        pool_key="" if decision_sentence.is_for_person(row.tried) else row.pool,
        users=frozenset(entry["user"] for entry in everybody(row)),
        of_reader=_of_reader(row, reader_id),
    )


def _step(tried: Mapping[str, Any], names: Mapping[int, str], registry: Registry) -> Step:
    seen = proof.facts_in_words(tried.get("facts", {}), registry, missing=True)
    name = str(tried.get("label") or tried.get("rule", ""))
    if wanted := target_words.wanted(tried, names):
        took = not tried.get("refused")
        tone = "ok" if took else "warn"
        line = (target_words.load(tried["meant"]) if took else "") or seen
        return Step(
            tone, _("“{name}” fitted, and wanted {wanted}").format(name=name, wanted=wanted), line
        )
    if tried.get("matched"):
        return Step(
            "ok",
            _("“{name}” matched").format(name=name),
            seen or _("It takes every lead no rule before it took"),
        )
    return Step("none", _("“{name}” did not match").format(name=name), seen)


def _pool_step(row: Decision, pool: str) -> tuple[Step, ...]:
    if decision_sentence.is_for_person(row.tried):
        return ()
    tone = "ok" if row.picked_id else "late"
    because = row.because[:1].upper() + row.because[1:]
    return (Step(tone, _("Pool {pool}").format(pool=pool), because),)


def everybody(row: Decision) -> list[dict[str, Any]]:
    """The candidates, those of pools that were asked in vain among them."""
    return asked_pool.everybody(row.candidates, row.tried)


def ranked(candidates: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those who could take it in order, then the others."""
    return sorted(candidates, key=lambda entry: (entry.get("rank") is None, entry.get("rank") or 0))


def _fared(entry: Mapping[str, Any], row: Decision, names: Mapping[int, str]) -> Fared:
    name = names.get(entry["user"], _("User {entry}").format(entry=entry["user"]))
    chosen = entry["user"] == row.picked_id
    if entry.get("excluded") or entry.get(discretion.WITHHELD):
        return Fared(name, fared(entry), chosen)
    credit = entry.get("credit_before", 0) + entry.get("weight", 0)
    return Fared(
        name,
        _("{fared}, credit {credit}, {load} open leads").format(
            fared=fared(entry), credit=f"{credit:+d}", load=load(entry)
        ),
        chosen,
    )


def fared(entry: Mapping[str, Any]) -> str:
    """Their place, or why they were out of the question."""
    if entry.get("excluded"):
        return _("Excluded: {entry}{until}").format(entry=entry["excluded"], until=_until(entry))
    return _place(entry.get("rank"))


def load(entry: Mapping[str, Any]) -> str:
    """“3 of 30”, or “3” without a cap."""
    cap = entry.get("open_cap")
    return "{entry}{words}".format(
        entry=entry.get("open_leads", 0),
        words=_(" of {cap}").format(cap=cap) if cap is not None else "",
    )


def _until(entry: Mapping[str, Any]) -> str:
    """When the reason would end, in the reader's zone."""
    if not entry.get("until"):
        return ""
    return _(" until {when}").format(when=when(datetime.fromisoformat(entry["until"])))


def _place(rank: int | None) -> str:
    return {1: _("First in turn"), 2: _("Second"), 3: _("Third")}.get(
        rank or 0, _("Place {rank}").format(rank=rank)
    )


def _candidates_line(row: Decision, names: Mapping[int, str]) -> str:
    picked = names.get(row.picked_id or 0)
    vain = in_vain(row)
    if picked and decision_sentence.is_for_person(row.tried):
        return "{picked} {because}; {vain}".format(
            picked=picked, because=row.because, vain=vain or _("no pool was asked")
        )
    if vain:
        then = _("{picked} picked").format(picked=picked) if picked else _("nobody could take it")
        return f"{words.plural(len(everybody(row)), 'candidate')}, {then}; {vain}"
    count = words.plural(len(row.candidates), "candidate")
    return (
        _("{count}, {picked} picked").format(count=count, picked=picked)
        if picked
        else _("{count}, nobody could take it").format(count=count)
    )


def in_vain(row: Decision) -> str:
    """“pool DACH was asked before: none of its 3 could take it”; empty where none was."""
    told = [
        _("pool {one} was asked before: none of its {one2} could take it").format(
            one=one["label"], one2=len(one["candidates"])
        )
        for one in asked_pool.in_record(row.tried)
    ]
    return "; ".join(told)


def _of_reader(row: Decision, reader_id: int) -> str:
    if row.picked_id == reader_id:
        return ""
    mine = next((one for one in everybody(row) if one["user"] == reader_id), None)
    return (
        ""
        if mine is None
        else _("Why not you: {fared}.").format(fared=words.in_a_sentence(fared(mine)))
    )


def _sentence(row: Decision, pool: str, names: Mapping[int, str], reader_id: int) -> str:
    return decision_sentence.sentence(
        decision_sentence.Told(
            tried=row.tried,
            target=row.target,
            pool=pool,
            picked=row.picked_id,
            because=row.because,
            candidates=row.candidates,
            names=names,
            reader=reader_id,
            say=when,
            by_level=row.moment == escalation.MOMENT,
            by_hand=row.moment == matching.BY_HAND,
        )
    )
