"""All that is known of one lead while something is decided about it. In memory only."""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from core import made
from governance import conditions, facts
from governance.kit import Kit
from governance.moments import Moment
from leads import (
    own_fields,
    partner_lookup,
    partner_naming,
    score_rows,
    score_turns,
    scoring,
    validity,
)
from leads.evidence import Seen
from leads.ledger import Ledger
from leads.models import Account, Lead, LeadEvent, Person, ScorePart, ScoreRecord
from leads.partner_naming import Mention, Naming
from leads.registration import Registration
from leads.scoring import Part, Points, Score
from leads.snapshot import Snapshot
from leads.stages import Stage
from lifecycle import crossings
from lifecycle.lands import Lands
from lifecycle.namings import Namings
from lifecycle.registrations import Register
from lifecycle.sayings import Sayings
from routing import rules, territories, territory_fact
from routing.models import Assignment
from routing.territories import Place
from sla import services as sla
from sla.models import Clock


@dataclass(slots=True, eq=False)
class Buyer:
    """Who stands behind a lead, what they did, and what that was worth."""

    person: Person
    account: Account | None
    signals: list[tuple[str, dt.datetime]] = field(default_factory=list)
    parts: dict[str, Part] = field(default_factory=dict)
    part_rows: dict[str, ScorePart] = field(default_factory=dict)
    touches: int = 0
    register: Register = field(default_factory=Register)
    """What partners have registered, of all companies read together."""
    mentions: dict[int, Mention] = field(default_factory=dict)
    """The touchpoints that name a partner, by number."""
    namings: Namings = field(default_factory=Namings)
    """Whom those names fit, of all leads read together."""
    lands: Lands = field(default_factory=Lands)
    """The areas of territories, for all leads read together."""
    sayings: Sayings = field(default_factory=Sayings)
    """What touchpoints said in the kit's own fields, of all leads read together."""
    seen: list[Seen] = field(default_factory=list)
    """The same behaviours as `signals`, with their ids."""

    def did(self, seen: Sequence[Seen]) -> None:
        """They did this, too."""
        self.seen += seen
        self.signals += [(one.kind, one.at) for one in seen]

    @property
    def place(self) -> Place:
        """Where the company is; of who has none, the country of the person."""
        account = self.account
        company = (
            Place()
            if account is None
            else Place(account.country, account.region, account.postal_code)
        )
        return territories.where(company, self.person.country)


@dataclass(slots=True, eq=False)
class Case:
    """A locked lead with its clocks and assignment; its buyer is read when first asked for.

    Most acts of people never ask. `read` reads the buyers of all cases opened together.
    """

    lead: Lead
    read: Callable[[], Mapping[int, Buyer]]
    clocks: list[Clock] = field(default_factory=list)
    held: Assignment | None = None
    score: Score | None = None
    known: Buyer | None = None
    declined: frozenset[int] = frozenset()
    """Who said in this pass that it was not theirs: rules give it to none of them again."""
    owner_name: str = ""
    """Who was picked just now; empty when nobody was."""
    keeper: int | None = None
    """Who answers for its account, where the account is a known one."""
    returned: bool = False
    """Whether it came back out of nurture just now."""
    woken: str = ""
    """What it waited for while it rested, and which has come now: all behaviour counts again."""
    called: bool = False
    """Whether a touch of this batch is for the keeper of a known account."""
    let_in: LeadEvent | None = None
    """How it came back just now, after an exclusion had taken it out."""
    contacted_at: dt.datetime | None = None
    """When somebody last reached out to the buyer; known while touches are taken up."""
    came: sla.Came | None = None
    """When the touch came that is looked at, the first of its batch if several."""
    _scored: ScoreRecord | None = None

    @property
    def is_held(self) -> bool:
        """Whether somebody owns the lead or it waits in a queue."""
        return self.lead.owner_id is not None or bool(self.lead.queue)

    @property
    def account_status(self) -> str:
        """How its company stands to us; empty without one."""
        return self.buyer.account.status if self.buyer.account is not None else ""

    def registration(self, now: dt.datetime) -> Registration | None:
        """The registration of its company that is in force; None where no partner has one."""
        account = self.buyer.account
        return self.buyer.register.of(account.pk if account is not None else None, now)

    def named_partner(self, now: dt.datetime) -> Naming | None:
        """What is made of the partner whom a touchpoint named last; None where none did."""
        mentions = self.buyer.mentions.values()
        last = partner_naming.latest(mentions, now=now, memory=partner_lookup.memory())
        return partner_naming.decide(self.buyer.namings.of(last.keys)) if last else None

    @property
    def buyer(self) -> Buyer:
        """The person, account, behaviour and score parts."""
        if self.known is None:
            self.known = self.read()[self.lead.pk]
        return self.known

    def facts(
        self,
        kit: Kit,
        now: dt.datetime,
        *,
        since: dt.datetime | None = None,
        names: Iterable[str] | None = None,
    ) -> dict[str, Any]:
        """Every fact rules may speak of, or those of these `names`; `since` leaves older
        behaviour out.
        """
        wanted = fact_names(kit) if names is None else tuple(names)
        score: Points | None = self.score
        if score is None and any(name.startswith("score.") for name in wanted):
            # Nothing has judged it in this act: as it was judged before, faded until now.
            score = scoring.points(self.buyer.parts.values(), now)
        territory = ""
        if territory_fact.NAME in wanted:
            territory = self.buyer.lands.territory(self.buyer.place, now)
        snapshot = self._snapshot(now, since, score, territory)
        if any(map(own_fields.is_one, wanted)):
            said = self.buyer.sayings.of(self.lead.pk)
            snapshot = dataclasses.replace(snapshot, sayings=said, typed=self.lead.own_fields)
        return kit.registry.read_all(snapshot, wanted)

    def add_signals(self, signals: Sequence[Seen]) -> None:
        """New behaviour of the buyer; it counts when the lead is scored next."""
        self.buyer.did(signals)

    def happen(
        self,
        moment: Moment,
        event: LeadEvent,
        *,
        ledger: Ledger,
        evidence: sla.Evidence | None = None,
        known: Mapping[str, object] | None = None,
    ) -> None:
        """Let a moment stop, cancel and start this lead's clocks; its facts, if `known` already."""
        kit = ledger.kit
        sla.happen(
            self.lead,
            moment,
            running=self.clocks,
            facts=lambda: known or self.facts(kit, ledger.now, names=policy_facts(kit)),
            ledger=ledger,
            event=event,
            evidence=evidence,
            came=self.came,
        )

    def rescore(
        self,
        kit: Kit,
        now: dt.datetime,
        *,
        ledger: Ledger,
        quiet: bool = False,
        from_band: str | None = None,
    ) -> Score:
        """Appraise, and note what has changed; `quiet` tells nobody of thresholds crossed.

        `from_band` is the band it is judged from, where that is not the one it is in.
        """
        score = self.appraise(kit, now, from_band=from_band)
        self._note_parts(ledger)
        self._note_band(score, ledger, quiet=quiet)
        return score

    def return_to(self, band: str, decays_at: dt.datetime | None, *, ledger: Ledger) -> None:
        """Be in a band it was in before, now that its parts are again what they were."""
        parts = self.buyer.parts.values()
        score = scoring.decide(parts, ledger.kit, ledger.now, band=band)
        self._note_band(dataclasses.replace(score, band=band, decays_at=decays_at), ledger)
        self.record_score(ledger)

    def _note_band(self, score: Score, ledger: Ledger, *, quiet: bool = False) -> None:
        """The only place where a band changes: whoever changes it tells of the crossing."""
        before = self.lead.band
        if (before, self.lead.decays_at) != (score.band, score.decays_at):
            self.lead.band = score.band
            self.lead.decays_at = score.decays_at
            ledger.change(self.lead, "band", "decays_at")
            crossings.tell(self.lead, before, score, ledger=ledger, quiet=quiet)

    def appraise(self, kit: Kit, now: dt.datetime, *, from_band: str | None = None) -> Score:
        """Judge facts and behaviour anew and add everything up, in memory only."""
        buyer, lead = self.buyer, self.lead
        known = self.facts(kit, now, names=score_facts(kit))
        buyer.parts = scoring.appraise(buyer.parts, buyer.signals, known, kit, now)
        self.score = scoring.decide(
            buyer.parts.values(),
            kit,
            now,
            band=lead.band if from_band is None else from_band,
            floors=self._floors(kit),
            turns_at=score_turns.next_turn(kit, buyer.signals, lead.last_touch_at, now),
        )
        return self.score

    def rescore_if_moved(self, kit: Kit, now: dt.datetime, *, ledger: Ledger) -> None:
        """After an act without new behaviour: only what hangs on where lead and account stand."""
        spoken = standing_facts(kit)
        account = self.known.account if self.known is not None else None
        account_moved = account is not None and ledger.has_changed(account)
        if self._floors(kit) or spoken & OF_LEAD or (account_moved and spoken & OF_ACCOUNT):
            self.rescore(kit, now, ledger=ledger)

    def _floors(self, kit: Kit) -> tuple[float, ...]:
        unowned_mql = self.lead.stage == Stage.MQL and self.lead.owner_id is None
        return (kit.general.recycle_below,) if unowned_mql else ()

    def _note_parts(self, ledger: Ledger) -> None:
        buyer, changed = self.buyer, []
        for key, part in buyer.parts.items():
            row = buyer.part_rows.get(key)
            if row is None:
                row = buyer.part_rows[key] = score_rows.new(self.lead, key)
                ledger.add(row)
            if score_rows.write(row, part, kit=ledger.kit.id):
                changed.append(row)
        for key in buyer.part_rows.keys() - buyer.parts.keys():
            row = buyer.part_rows[key]
            if score_rows.empty(row, kit=ledger.kit.id, now=ledger.now):
                changed.append(row)
        for row in changed:
            ledger.change(row, *score_rows.COLUMNS)
        if changed:
            self.record_score(ledger)

    def record_score(self, ledger: Ledger) -> None:
        """Keep what the score is made of from now on: one record for each act."""
        if self._scored is None or not ledger.is_new(self._scored):
            self._scored = made.row(ScoreRecord, lead=self.lead, at=ledger.now)
            ledger.add(self._scored)
        self._scored.kit_id = ledger.kit.id
        self._scored.parts = score_rows.document(self.buyer.parts.values())

    def _snapshot(
        self, now: dt.datetime, since: dt.datetime | None, score: Points | None, territory: str
    ) -> Snapshot:
        lead, person, account = self.lead, self.buyer.person, self.buyer.account
        revenue = account.annual_revenue if account else None
        partner, naming = self.registration(now), self.named_partner(now)
        return Snapshot(
            stage=lead.stage,
            channel=lead.channel,
            category=lead.category,
            campaign=lead.campaign,
            cycle=lead.cycle,
            hand_raiser=lead.hand_raised_at is not None,
            potential_value=lead.potential_value,
            person_country=person.country,
            person_language=person.language,
            person_title=person.title,
            person_seniority=person.seniority,
            person_function=person.function,
            has_email=bool(person.email),
            has_phone=bool(person.phone),
            has_name=bool(person.first_name and person.last_name),
            email_host=validity.email_host(person.email),
            phone_valid=validity.can_be_called(person.phone),
            company_name=account.name if account else "",
            company_domain=(account.domain or "") if account else "",
            company_industry=account.industry if account else "",
            company_employees=account.employees if account else None,
            company_annual_revenue=None if revenue is None else float(revenue),
            company_country=account.country if account else "",
            company_region=account.region if account else "",
            company_postal_code=account.postal_code if account else "",
            territory=territory,
            account_status=account.status if account else "",
            account_has_owner=bool(account and account.owner_id),
            account_owner=account.owner_id if account else None,
            partner_registered=partner is not None,
            partner_name=partner.name if partner else "",
            partner_manager=partner.manager if partner else None,
            **partner_naming.as_known(naming),
            signals=tuple(
                sorted(
                    (one for one in self.buyer.signals if since is None or one[1] > since),
                    key=lambda one: one[1],
                    reverse=True,
                )
            ),
            score_fit=score.fit if score else None,
            score_engagement=score.engagement if score else None,
            score_intent=score.intent if score else None,
            touches=self.buyer.touches,
            last_touch_at=lead.last_touch_at,
            now=now,
        )


@functools.lru_cache(maxsize=64)
def fact_names(kit: Kit) -> tuple[str, ...]:
    """Every plain fact, and of families and facts on demand those that this kit speaks of."""
    nodes: list[conditions.Node | None] = [one.condition for one in kit.all_criteria]
    nodes += [one.condition for one in kit.policies]
    nodes += [one.condition for one in kit.score_rules]
    nodes += [rule.condition for rule in rules.of_kit(kit)]
    return _spoken_of(nodes, *facts.registry.names())


@functools.lru_cache(maxsize=64)
def score_facts(kit: Kit) -> tuple[str, ...]:
    """What the score rules of the kit speak of."""
    return _spoken_of(rule.condition for rule in kit.score_rules)


@functools.lru_cache(maxsize=64)
def policy_facts(kit: Kit) -> tuple[str, ...]:
    """What the clock policies of the kit speak of, and the channel its exemptions go by."""
    return _spoken_of((policy.condition for policy in kit.policies), "lead.channel")


@functools.lru_cache(maxsize=64)
def criterion_facts(kit: Kit) -> tuple[str, ...]:
    """What the criteria of the kit speak of."""
    return _spoken_of(criterion.condition for criterion in kit.all_criteria)


def _spoken_of(nodes: Iterable[conditions.Node | None], *more: str) -> tuple[str, ...]:
    spoken = {name for node in nodes if node is not None for name in conditions.facts_of(node)}
    return tuple(sorted(spoken | set(more)))


OF_LEAD = frozenset({"lead.stage", "lead.cycle", "lead.hand_raiser", "lead.touches"})
OF_ACCOUNT = frozenset({"account.status", "account.has_owner"})
"""Facts that people's acts change; all others change with touches only."""


@functools.lru_cache(maxsize=64)
def standing_facts(kit: Kit) -> frozenset[str]:
    """What the score rules of the kit say about where lead and account stand."""
    nodes = [rule.condition for rule in kit.score_rules if rule.condition is not None]
    spoken = {name for node in nodes for name in conditions.facts_of(node)}
    return (OF_LEAD | OF_ACCOUNT) & spoken
