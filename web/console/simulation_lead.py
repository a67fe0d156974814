"""One lead under both versions, explained side by side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from core import errors
from core.texts import _
from governance.models import Simulation
from leads import selectors
from lifecycle.models import SimulatedLead
from lifecycle.simulation import wording
from people.models import User
from routing import decision_seen, pool_rights
from routing.discretion import Sight
from routing.models import Decision
from web.console import decision_words, kit_links, people_names, proof, queues, words
from web.console.decision_words import Record
from web.console.proof import Check

TONES = {
    "MET": "ok",
    "LATE": "late",
    "OVERDUE": "late",
    "CANCELLED_LATE": "late",
    "NOT_KNOWN": "info",
    "NEVER_DUE": "warn",
}
ASPECTS = {
    "mql": ("stage", "qualified_at", "criteria"),
    "score": ("score", "parts", "band"),
    "routing": ("pools", "owners", "moves"),
    "clocks": ("clocks",),
}
"""The parts of a stored explanation that each panel shows."""


@dataclass(frozen=True, slots=True)
class Clock:
    """One clock in words."""

    tone: str
    label: str
    line: str
    how: str


@dataclass(frozen=True, slots=True)
class Score:
    """The score after the last touch, and what it is made of."""

    total: str
    band: str
    parts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Side:
    """What one version makes of the lead, and why."""

    name: str
    stage: str
    mql: str
    judged: str
    checks: tuple[Check, ...]
    score: Score | None
    routing: str
    decision: Record | None
    levels: tuple[str, ...]
    clocks: tuple[Clock, ...]
    skipped: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LeadPage:
    """The page."""

    number: int
    lead_id: int
    name: str
    company: str
    differs: tuple[str, ...]
    unknown: str
    sides: tuple[Side, ...]
    changed: frozenset[str]
    back: str


def build(
    run: Simulation, number: int, lead_id: int, *, reader: User, now: datetime, zone: tzinfo
) -> LeadPage:
    """Both explanations. Raises `NotFound` when the report does not tell of it, or not to them."""
    rows = SimulatedLead.objects.select_related("lead__person", "lead__account")
    visible = selectors.visible_to(reader)
    row = rows.filter(simulation=run, lead_id=lead_id, lead__in=visible).first()
    if row is None:
        raise errors.NotFound(_("This report tells of no such lead, or of none you may see."))
    account = row.lead.account
    both = (row.before, row.after)
    names = people_names.of(_users(both))
    told = _Told(names, queues.labels(), pool_rights.sight_of(reader), now, zone)
    versions = wording.versions(run.summary)
    return LeadPage(
        number=number,
        lead_id=lead_id,
        name=row.lead.person.name,
        company=(account.name or account.domain or "") if account else "",
        differs=tuple(wording.KINDS.get(kind, kind) for kind in row.differs),
        unknown=wording.unknown(row.unknown) if row.unknown else "",
        sides=tuple(
            told.side(name, side) for name, side in zip(versions, both, strict=True) if side
        ),
        changed=frozenset(
            aspect
            for aspect, parts in ASPECTS.items()
            if any(row.before.get(part) != row.after.get(part) for part in parts)
        ),
        back=kit_links.url("kit-simulation", number),
    )


def _users(both: tuple[Mapping[str, Any], ...]) -> set[int]:
    found: set[int] = set()
    for side in both:
        found |= {owner for owner in side.get("owners", ()) if owner}
        found |= {one["user"] for one in side.get("moves", ()) if one["user"]}
        for pick in side.get("picks", ()):
            found |= {one["user"] for one in pick["candidates"]}
    return found


@dataclass(frozen=True, slots=True)
class _Told:
    """What the words need beside the stored explanation."""

    names: Mapping[int, str]
    pools: Mapping[str, str]
    sight: Sight
    now: datetime
    zone: tzinfo

    def side(self, name: str, told: Mapping[str, Any]) -> Side:
        """One column of the page."""
        score = told["score"]
        return Side(
            name=name,
            stage=told["stage"],
            mql=_("MQL since {at}").format(at=self._at(told["qualified_at"]))
            if told["qualified_at"]
            else _("No MQL"),
            judged=_("Judged {at}").format(at=self._at(told["judged_at"]))
            if told["judged_at"]
            else "",
            checks=tuple(map(_check, told["criteria"])),
            score=_score(score, told) if score else None,
            routing=self._routing(told),
            decision=self._decision(told),
            levels=tuple(map(self._level, told.get("moves", ()))),
            clocks=tuple(map(self._clock, told["clocks"])),
            skipped=tuple(
                _("{capitalize} of {at}").format(
                    capitalize=one["what"].replace("_", " ").capitalize(), at=self._at(one["at"])
                )
                for one in told["skipped"]
            ),
        )

    def _at(self, text: str) -> str:
        return words.moment(datetime.fromisoformat(text), now=self.now, zone=self.zone)

    def _routing(self, told: Mapping[str, Any]) -> str:
        if not told["pools"]:
            return _("Nobody was looked for.")
        pool, owner = told["pools"][0], told["owners"][0]
        if not pool:
            return _("No rule fits, or the rule names a pool that is not there.")
        label = self.pools.get(pool, pool)
        if owner is None:
            return _("Waits in {label}: nobody there could take it.").format(label=label)
        again = len(told["pools"]) - 1
        more = (
            _(" Routed {plural}.").format(plural=words.plural(again, "more time")) if again else ""
        )
        return _("{names}, from pool {label}.{more}").format(
            names=self.names.get(owner, _("User {owner}").format(owner=owner)),
            label=label,
            more=more,
        )

    def _decision(self, told: Mapping[str, Any]) -> Record | None:
        """The first routing as the decision record of a live lead reads."""
        routes, picks = told["routes"], told["picks"]
        if not routes:
            return None
        pick: Mapping[str, Any] = picks[0] if picks else {}
        pool = routes[0]["pool"] or pick.get("pool", "")
        row = Decision(
            pool=pool,
            tried=routes[0]["tried"],
            candidates=pick.get("candidates", []),
            picked_id=pick.get("user"),
            because=pick.get("because", _("nobody in the pool could take it")),
            at=datetime.fromisoformat(pick["at"]) if pick else self.now,
        )
        return decision_words.of_record(
            decision_seen.of(row, self.sight),
            kit=told["kit"],
            pool=self.pools.get(pool, pool or "none"),
            names=self.names,
            reader_id=self.sight.reader,
        )

    def _level(self, told: Mapping[str, Any]) -> str:
        user, pool = told["user"], self.pools.get(told["queue"], told["queue"])
        where = (
            _("to {names}").format(names=self.names.get(user, _("User {user}").format(user=user)))
            if user
            else _("to the queue of {pool}").format(pool=pool)
        )
        what = _("not given on: {told}").format(told=told["why"]) if told["why"] else where
        return f"{told['level']}, {self._at(told['at'])}: {what}."

    def _clock(self, told: Mapping[str, Any]) -> Clock:
        due = (
            _("due {at}").format(at=self._at(told["due_at"])) if told["due_at"] else _("never due")
        )
        ended = _(", ended {at}").format(at=self._at(told["ended_at"])) if told["ended_at"] else ""
        why = wording.WHY.get(told["how"], "")
        return Clock(
            tone=TONES.get(told["how"], "none"),
            label=told["label"],
            line=_("From {at}, {due}{ended}{words}").format(
                at=self._at(told["started_at"]),
                due=due,
                ended=ended,
                words=f"; {why}" if why else "",
            ),
            how=wording.HOW.get(told["how"], told["how"]).capitalize(),
        )


def _check(told: Mapping[str, Any]) -> Check:
    seen = proof.facts_in_words(told["facts"], missing=True)
    tone = "ok" if told["met"] else "late"
    return Check(tone, f"{told['label']}: {seen}" if seen else told["label"])


def _score(score: Mapping[str, float], told: Mapping[str, Any]) -> Score:
    return Score(
        total=words.number(score["total"]),
        band=told["band_label"],
        parts=tuple(
            (part["label"], f"{part['points']:+g}".replace("-", words.MINUS))
            for part in told["parts"]
        ),
    )
