"""Some weeks of work in which nearly everything happens once, through the product's own doors."""

from __future__ import annotations

import datetime as dt
from typing import Any

from leads.models import (
    Customer,
    DuplicateSuggestion,
    Lead,
    Opportunity,
    PersonMerge,
    Touch,
)
from lifecycle import actions, decay, intake, kit_notices, merging, notices, waiting
from lifecycle.proofs import Reported
from lifecycle.signalling import sweeping
from reports.models import Review
from reports.reviews import opening
from routing.models import Decision
from sla import sweeps
from sla.models import Clock
from tests import factories, remembered, sent_signals
from tests.factories import BANT, DAY, HOUR, MINUTE, NOW, Company, capture, touch, work


def busy() -> tuple[Company, dt.datetime]:
    """The company and the instant at which they end."""
    end = remembered.once("busy", _told, now=NOW)
    return factories.standing(), end


def _told() -> dt.datetime:
    company = factories.company()
    worked_through(company)
    sent_back(company)
    waiting_in_queues(company)
    outside_the_profile(company)
    in_quarantine(company)
    one_switchboard()
    by_themselves()
    found_to_be_one(company)
    end = faded(company)
    notices.drain(now=end, limit=1_000)
    kit_notices.drain(now=end)
    opening.open_due(end + 31 * DAY)
    return end


def worked_through(company: Company) -> None:
    """One lead to every stage, some in time, some late, two on one opportunity, one undone."""
    shared = {"domain": "konzern.de", "name": "Konzern AG"}
    leads = factories.captures([touch() for _ in range(4)] + [touch(company=shared) for _ in "ab"])
    sweep(NOW + 30 * MINUTE)
    for lead, stage in zip(leads, ["MQL", "SAL", "SQL", "OPPORTUNITY", "WON", "LOST"], strict=True):
        if stage not in ("WON", "LOST"):
            work(lead, to=stage, now=NOW + HOUR)
    for lead in leads[4:]:
        work(lead, to="OPPORTUNITY", now=NOW + DAY)
    work(fresh(leads[4]), to="WON", now=NOW + 2 * DAY)
    lost = work(fresh(leads[3]), to="LOST", now=NOW + 2 * DAY)
    actions.undo(lead_id=lost.pk, by=company.reps[1], now=NOW + 2 * DAY + 5 * MINUTE)
    work(fresh(lost), to="LOST", now=NOW + 3 * DAY)
    again = touch(person={"email": fresh(lost).person.email}, channel="PHONE")
    again_lead = capture(again, now=NOW + 4 * DAY)
    assert (again_lead.pk, again_lead.cycle) == (lost.pk, 2)
    same = [touch(person={"email": "twice@konzern.de"}) for _ in range(3)]
    assert len({lead.pk for lead in factories.captures(same, now=NOW + DAY)}) == 1


def sent_back(company: Company) -> None:
    """Rejected, undone, returned, recycled, disqualified, reopened, handed on."""
    later = NOW + HOUR
    a, b, c, d, e, f = factories.captures([touch() for _ in range(6)], now=NOW + MINUTE)
    actions.reject(lead_id=a.pk, by=a.owner, reason="no_interest", now=later)
    actions.reject(lead_id=b.pk, by=b.owner, reason="spam", now=later)
    actions.undo(lead_id=b.pk, by=b.owner, now=later + MINUTE)
    actions.accept(lead_id=b.pk, by=b.owner, icp_confirmed=True, reachable=True, now=later + HOUR)
    actions.undo(lead_id=b.pk, by=b.owner, now=later + HOUR + MINUTE)
    work(c, to="SAL", now=later)
    actions.return_to_nurture(lead_id=c.pk, by=c.owner, reason="timing", now=later + HOUR)
    actions.recycle(lead_id=d.pk, by=company.manager, reason="interest_faded", now=later)
    actions.reassign(
        lead_id=e.pk, by=company.manager, to=company.manager.pk, reason="mine", now=later
    )
    actions.reassign(lead_id=e.pk, by=company.manager, to=None, reason="rules", now=later + MINUTE)
    actions.disqualify(lead_id=f.pk, by=f.owner, reason="competitor", now=later)
    actions.reopen(lead_id=f.pk, by=company.revops, now=later + DAY)
    actions.self_source(lead_id=f.pk, by=company.reps[0], now=later + DAY + HOUR)
    capture(
        touch(person={"email": a.person.email}, signals=[{"kind": "demo_request"}]), now=later + DAY
    )


def by_themselves() -> None:
    """Signals outside touchpoints: of a known buyer, of one known later, of nobody yet."""
    sent_signals.send("page_view", "page_view", person={"email": "spaet@firma-spaet.de"})
    spaet = {"email": "spaet@firma-spaet.de"}
    known = sent_signals.inquiry(person=spaet, now=NOW + HOUR)
    sent_signals.send("email_click", person=spaet, now=NOW + 2 * HOUR)
    sent_signals.send(*["pricing_page_view"] * 3, person=spaet, now=NOW + 3 * HOUR)
    assert fresh(known).stage == "MQL"
    sent_signals.send("page_view", person={"email": "nie@nirgends.de"}, now=NOW + 20 * DAY)


def one_switchboard() -> None:
    """Three colleagues by one number, one of them by its desk's mailbox, too."""
    number, firm = "+49 30 901820", {"domain": "zentrale.de", "name": "Zentrale AG"}
    names = [("Anna", "Schmidt"), ("Peter", "Meier"), ("Olga", "Winter")]
    factories.captures(
        [
            touch(person={"first_name": first, "last_name": last, "phone": number, "email": None},
                  company=firm)
            for first, last in names
        ]
    )  # fmt: skip
    desk = {"first_name": "Anna", "last_name": "Schmidt", "email": "info@zentrale.de"}
    factories.captures([touch(person=desk | {"phone": number}, company=firm)] * 2, now=NOW + MINUTE)


def waiting_in_queues(company: Company) -> None:
    """A pool without anybody, then with somebody; a claim; a lead at everybody's cap."""
    nordics = {"country": "SE"}
    first, second = factories.captures(
        [touch(company=nordics, lead={"potential_value": 1200}), touch(company=nordics)],
        now=NOW + MINUTE,
    )
    assert first.queue == second.queue == "uk-nordics"
    sweep(NOW + 6 * HOUR)
    factories.rep("nils", pools=["uk-nordics"], team=company.team, cap=1)
    actions.claim(lead_id=first.pk, by=company.manager, now=NOW + 6 * HOUR)
    assert waiting.route(now=NOW + 7 * HOUR) == 1
    third = capture(touch(company=nordics), now=NOW + 8 * HOUR)
    assert (third.queue, third.owner) == ("uk-nordics", None)


def outside_the_profile(company: Company) -> None:
    """Hand-raisers outside the ICP: one contacted, one taken on, one declined, one left alone."""
    tiny = {"employees": "3"}
    worth = {"potential_value": "€ 50,000.10"}
    bodies = [touch(company=tiny, lead=worth) for _ in range(4)]
    a, b, c, _ = factories.captures(bodies, now=NOW + MINUTE)
    actions.log_activity(lead_id=a.pk, by=a.owner, kind="CALL", now=NOW + 10 * MINUTE)
    sweep(NOW + 30 * MINUTE)
    actions.log_activity(
        lead_id=b.pk, by=b.owner, kind="EMAIL", at=NOW + 5 * MINUTE, now=NOW + 40 * MINUTE
    )
    synced = Reported("phone", "c-1", verified=True)
    actions.log_activity(
        lead_id=a.pk, by=a.owner, kind="CALL", at=NOW + 6 * MINUTE, reported=synced,
        now=NOW + 50 * MINUTE,
    )  # fmt: skip
    actions.self_source(lead_id=b.pk, by=b.owner, now=NOW + HOUR)
    actions.log_activity(lead_id=b.pk, by=b.owner, kind="DISCOVERY_CALL", now=NOW + HOUR)
    actions.sales_qualify(lead_id=b.pk, by=b.owner, checklist=BANT, now=NOW + 2 * HOUR)
    actions.disqualify(lead_id=c.pk, by=c.owner, reason="spam", now=NOW + HOUR)
    capture(touch(company=tiny, signals=[{"kind": "page_view"}]), now=NOW + MINUTE)
    spam = touch(person={"email": "bot@spam.example"})
    intake.capture([spam], scope="form", now=NOW, quarantine=True)


def in_quarantine(company: Company) -> None:
    """Three of a bought list: one waits still, one was let pass, one was completed."""
    row = {"channel": "IMPORT", "company": {"industry": None, "employees": None, "country": None}}
    stays, passes, completed = factories.captures(
        [touch(**row, signals=[]) for _ in range(3)], now=NOW + MINUTE
    )
    assert stays.quarantined_at is not None
    actions.release(lead_id=passes.pk, by=company.marketing, reason="Known", now=NOW + HOUR)
    whole = touch(channel="IMPORT", person={"email": completed.person.email}, signals=[])
    intake.capture([whole], scope="tests", keys=["completed"], now=NOW + 2 * HOUR)


def found_to_be_one(company: Company) -> None:
    """A merge that stands, with a later touch; one on top of it; one that was taken back."""
    a, b, c = factories.captures([touch(), touch(), touch(signals=[])], now=NOW + MINUTE)
    soon = NOW + 3 * MINUTE
    d, e = factories.captures([touch(), touch(company={"employees": "3"})], now=NOW + MINUTE)
    merging.merge(winner_id=a.person_id, loser_id=b.person_id, by=company.revops, now=soon)
    merging.merge(winner_id=a.person_id, loser_id=c.person_id, by=company.marketing, now=soon)
    one = merging.merge(winner_id=d.person_id, loser_id=e.person_id, by=company.manager, now=soon)
    for lead in (b, e):
        again = touch(person={"email": lead.person.email})
        factories.capture(again, now=soon + MINUTE)
    merging.unmerge(merge_id=one.pk, by=company.manager, now=soon + 2 * MINUTE)
    sweep(NOW + 3 * HOUR)


def faded(company: Company) -> dt.datetime:
    """An MQL that nobody owns until its score has faded; days pass, with sweeps."""
    views = [{"kind": "pricing_page_view"}] * 3
    weak = capture(
        touch(
            company={"country": "FR", "employees": "60"},
            person={"title": "Buyer"},
            signals=views,
        ),
        now=NOW + 2 * HOUR,
    )
    assert (weak.stage, weak.queue) == ("MQL", "inbound")
    end = NOW
    for day in (1, 2, 5, 10, 25):
        end = NOW + day * DAY + 12 * HOUR
        sweep(end)
    assert fresh(weak).stage == "NURTURE"
    capture(now=end)
    return end


def sweep(now: dt.datetime) -> None:
    """What the worker does with what is due."""
    while sweeps.warn_and_breach(now=now).total:
        pass
    while decay.run(now=now):
        pass
    waiting.route(now=now)
    sweeping.sweep(now, until=float("inf"))
    factories.check_rules()


def fresh(lead: Lead) -> Lead:
    """The lead as it stands now."""
    return Lead.objects.get(pk=lead.pk)


def things(company: Company) -> dict[str, Any]:
    """What addresses of the console may name, by the word in them; 0 where there is none."""
    clock, customer = Clock.objects.filter(lead__stage="SAL").latest("pk"), Customer.objects.first()
    lead = clock.lead
    latest = {
        "deal_id": Opportunity, "decision_id": Decision, "merge_id": PersonMerge,
        "suggestion_id": DuplicateSuggestion, "touch_id": Touch,
    }  # fmt: skip
    found = {name: model._default_manager.order_by("pk").last() for name, model in latest.items()}
    return {
        "lead_id": lead.pk,
        "clock_id": clock.pk,
        "person_id": lead.person_id,
        "account_id": lead.account_id,
        "customer_id": customer.pk if customer else 0,
        "user_id": company.reps[0].pk,
        "number": company.kit.number,
        "month": Review.objects.latest("month").number,
        **{name: row.pk if row else 0 for name, row in found.items()},
    }
