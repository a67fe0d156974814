"""What a preview tells is what happens: the same rule, pool and owner; and it writes nothing."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.apps import apps
from django.db import connection

from core.errors import InvalidInput
from governance import selectors as kits
from governance import services, texts
from governance.models import KitVersion
from leads.models import Account, Lead
from lifecycle import intake, previewing, waiting
from lifecycle.previewing import Preview, Wanted
from people.models import Leave
from routing.models import (
    Decision,
    Pool,
    RoutingRule,
    Territory,
    TerritoryArea,
    TerritoryHolder,
)
from routing.services import UnknownPool
from tests import factories, kit_edits
from tests.factories import DAY, HOUR, MINUTE, NOW, Company

pytestmark = pytest.mark.django_db

PASSING = {"otherwise": "NEXT_RULE"}


def is_(fact: str, value: Any) -> dict[str, Any]:
    return {"fact": fact, "op": "eq", "value": value}


EVERY_TARGET: tuple[dict[str, Any], ...] = (
    {"key": "by_partner", "target": "PARTNER_MANAGER",
     "condition": is_("account.status", "PARTNER")},
    {"key": "by_again", "moment": "REENTRY", "target": "CURRENT_OWNER", "otherwise": "POOL"},
    {"key": "by_holder", "target": "CURRENT_OWNER"},
    {"key": "by_account", "target": "ACCOUNT_OWNER"},
    {"key": "by_area", "target": "TERRITORY"},
    {"key": "by_events", "target": "QUEUE", "condition": is_("lead.channel", "EVENT"),
     "otherwise": "POOL"},
)  # fmt: skip


def rules(parts: kit_edits.Parts) -> None:
    """One rule for each target before those of the playbook."""
    own = [
        {"label": one["key"].title(), "moment": "INBOUND", "condition": None, "pool": "dach",
         "otherwise": "NEXT_RULE", **one}
        for one in EVERY_TARGET
    ]  # fmt: skip
    parts["routing_rule"][:0] = own
    for place, one in enumerate(parts["routing_rule"]):
        one["position"] = place


@pytest.fixture
def company(db: None) -> Company:
    """Two reps in one pool, an owner, a partner's manager and the holder of a territory."""
    found = factories.company()
    kit_edits.publish(rules, by=found.revops, now=NOW)
    karl, paula = factories.rep("karl", role="AE"), factories.rep("paula", role="AE")
    tina = factories.rep("tina")
    account("owned", owner=karl)
    account("partner", owner=paula, status="PARTNER")
    account("customer", owner=karl, status="CUSTOMER")
    account("rival", status="COMPETITOR")
    area = Territory.objects.create(key="north", label="North")
    TerritoryArea.objects.create(territory=area, country="SE")
    TerritoryHolder.objects.create(territory=area, user=tina, starts_on=NOW.date() - DAY)
    return found


def account(name: str, **columns: Any) -> Account:
    return Account.objects.create(
        domain=f"{name}.example", name=name.title(), name_key=name, created_at=NOW, **columns
    )


def of(name: str, person: int = 0, **more: Any) -> dict[str, Any]:
    """A touch of somebody at one of those companies."""
    said = {"email": f"p{person}@{name}.example", "last_name": f"Berg{person}"}
    there = {"domain": f"{name}.example", "name": name.title()}
    return {"person": said, "company": there, **more}


TOUCHES: tuple[dict[str, Any], ...] = (
    {}, {}, {}, of("owned"), of("owned", 1), of("partner"), of("partner", 1), of("customer"),
    of("customer", signals=[]), of("rival"), of("sticky"), of("sticky", 1), of("sticky"),
    {"company": {"country": "SE"}}, {"company": {"country": "SE", "region": "Skåne"}},
    {"company": {"country": "JP"}}, {"company": {"country": ""}}, {"company": {"country": "US"}},
    {"company": {"country": None, "name": None}, "person": {"email": "a@gmail.com"}},
    {"company": {"employees": "3"}, "signals": []}, {"company": {"employees": "30000"}},
    {"company": {"industry": "Retail"}}, {"channel": "EVENT"}, {"channel": "EVENT", "signals": []},
    {"channel": "PARTNER", "source": {"category": "PARTNER"}}, {"channel": "CHAT"},
    {"source": {"category": "ORGANIC"}, "signals": [{"kind": "pricing_page_view"}] * 3},
    {"channel": "INBOUND_EMAIL", "signals": []}, of("fresh"), of("fresh", 1),
    of("fresh", 1, signals=[]),
    {"person": {"country": "SE"}, "company": {"country": ""}},
    {"company": {"postal_code": "10115", "region": "Berlin"}},
    {"person": {"language": "de"}}, {"company": {"domain": "owned.example", "name": "Other"}},
    {"company": {"name": "Owned"}},
)  # fmt: skip


def wanted(at: dt.datetime = NOW + HOUR, **more: Any) -> Wanted:
    return Wanted(more.pop("kit", None) or kits.active_kit(), at, **more)


def told(preview: Preview) -> tuple[Any, ...]:
    made = preview.decision
    record = record_of(made) if preview.is_routed and made is not None else ()
    return (preview.owner_id, preview.waits_in, *record)


def record_of(made: Decision) -> tuple[Any, ...]:
    rule = next(one["rule"] for one in made.tried if one["matched"])
    return (rule, made.pool, made.target, made.because, made.tried, made.candidates, made.facts)


def happened(lead: Lead, before: int) -> tuple[Any, ...]:
    made = Decision.objects.filter(lead=lead, pk__gt=before).first()
    return (lead.owner_id, lead.queue, *(record_of(made) if made is not None else ()))


def test_what_is_captured_goes_where_the_preview_said(company: Company) -> None:
    factories.capture(**of("sticky"), now=NOW)
    seen = set()
    for place, parts in enumerate(TOUCHES):
        at = NOW + HOUR + place * 7 * HOUR
        body = factories.touch(**parts)
        before = Decision.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        preview = previewing.of_touch(body, scope="tests", wanted=wanted(at))
        (answer,) = intake.capture([body], scope="tests", keys=[f"k{place}"], now=at)
        assert answer.receipt is not None
        lead = Lead.objects.get(pk=answer.receipt["lead"])
        assert told(preview) == happened(lead, before), (place, parts)
        assert preview.lead.stage == lead.stage, (place, parts)
        due = [(one["policy"], one["due_at"]) for one in answer.receipt["clocks"]]
        assert [(name, at.isoformat()) for name, at in preview.clocks] == due or not preview.asked
        seen.add(preview.decision.target if preview.asked and preview.decision else "")
    assert seen == {"POOL", "ACCOUNT_OWNER", "CURRENT_OWNER", "PARTNER_MANAGER", "TERRITORY",
                    "QUEUE", ""}  # fmt: skip


def fingerprint() -> dict[str, Any]:
    """Of every table, and where every sequence stands."""
    found: dict[str, Any] = {}
    with connection.cursor() as cursor:
        for table in sorted({model._meta.db_table for model in apps.get_models()}):
            cursor.execute(
                "SELECT md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), ''))"
                f" FROM {table} t"
            )
            found[table] = cursor.fetchone()[0]
        cursor.execute("SELECT sequencename, last_value FROM pg_sequences")
        found["sequences"] = sorted(cursor.fetchall())
    return found


def test_nothing_is_written_and_no_number_is_taken(company: Company) -> None:
    lead = factories.capture(**of("owned"), now=NOW)
    before = fingerprint()
    for parts in TOUCHES:
        body = factories.touch(**parts)
        for moment in ("", *previewing.MOMENTS):
            previewing.of_touch(body, scope="tests", wanted=wanted(moment=moment))
    for moment in ("", *previewing.MOMENTS):
        previewing.of_lead(lead, wanted=wanted(moment=moment))
    assert fingerprint() == before


def test_looking_twice_tells_the_same_and_takes_nobodys_turn(company: Company) -> None:
    body = factories.touch()
    first, second = (
        told(previewing.of_touch(body, scope="tests", wanted=wanted())) for _ in range(2)
    )
    assert first == second


def test_a_lead_that_waits_goes_where_it_goes_when_its_queue_is_drained(company: Company) -> None:
    away = [Leave.objects.create(user=one, starts_at=NOW, ends_at=NOW + 5 * HOUR)
            for one in company.reps]  # fmt: skip
    lead = factories.capture(now=NOW + MINUTE)
    assert lead.queue == "dach"
    early = previewing.of_lead(lead, wanted=wanted(NOW + 2 * MINUTE))
    assert (early.owner_id, early.waits_in, early.asked) == (None, "dach", True)
    assert early.route_at == lead.route_at
    late = previewing.of_lead(lead, wanted=wanted(NOW + 6 * HOUR))
    assert [one.ends_at for one in away] == [NOW + 5 * HOUR] * 2
    waiting.route(now=NOW + 6 * HOUR)
    lead.refresh_from_db()
    assert late.owner_id == lead.owner_id is not None


def test_whoever_is_off_then_does_not_get_it_then(company: Company) -> None:
    anna, ben = company.reps
    Leave.objects.create(user=anna, starts_at=NOW + DAY, ends_at=NOW + 3 * DAY)
    body = factories.touch()
    now = previewing.of_touch(body, scope="tests", wanted=wanted())
    later = previewing.of_touch(body, scope="tests", wanted=wanted(NOW + 2 * DAY))
    assert (now.owner_id, later.owner_id) == (anna.pk, ben.pk)


def test_a_draft_is_asked_as_if_it_were_in_force(company: Company) -> None:
    active = KitVersion.objects.get(status="ACTIVE")
    draft = services.draft(base=active, title="Other", by=company.revops, now=NOW)
    RoutingRule.objects.filter(kit=draft, key="dach").update(pool="inbound")
    body = factories.touch()
    seen = [
        previewing.of_touch(body, scope="tests", wanted=wanted(kit=kit))
        for kit in (kits.active_kit(), texts.compiled(draft))
    ]
    assert [one.decision.pool for one in seen if one.decision] == ["dach", "inbound"]
    lead = factories.capture(now=NOW + MINUTE)
    later = [previewing.of_lead(lead, wanted=wanted(kit=kit))
             for kit in (kits.active_kit(), texts.compiled(draft))]  # fmt: skip
    assert [one.decision.target for one in later if one.decision] == ["CURRENT_OWNER"] * 2


def test_a_score_that_is_supposed_counts_for_the_rules(company: Company) -> None:
    def edit(parts: kit_edits.Parts) -> None:
        high = {"fact": "score.total", "op": "gte", "value": 95}
        parts["routing_rule"].insert(0, {**parts["routing_rule"][0], "key": "high", "label": "High",
            "target": "POOL", "pool": "inbound", "otherwise": "POOL",
            "condition": high})  # fmt: skip
        for place, one in enumerate(parts["routing_rule"]):
            one["position"] = place

    kit_edits.publish(edit, by=company.revops, now=NOW)
    body = factories.touch()
    plain, high = (
        previewing.of_touch(body, scope="tests", wanted=wanted(score=score))
        for score in (None, 99.0)
    )
    assert [one.decision.pool for one in (plain, high) if one.decision] == ["dach", "inbound"]
    assert high.score == 99.0


def test_what_cannot_be_read_is_named_field_by_field(company: Company) -> None:
    with pytest.raises(InvalidInput) as refused:
        previewing.of_touch({"channel": "PIGEON", "shoe": 1}, scope="tests", wanted=wanted())
    assert [one.field for one in refused.value.errors] == ["shoe", "channel"]


def test_without_rules_for_hand_offs_whoever_has_it_keeps_it(company: Company) -> None:
    lead = factories.capture(now=NOW)
    preview = previewing.of_lead(lead, wanted=wanted(moment="HANDOFF"))
    assert (preview.decision, preview.owner_id) == (None, lead.owner_id)
    assert "no rules for hand-offs" in preview.why_not


def test_a_hand_off_passes_over_who_has_it_as_the_real_one_does(company: Company) -> None:
    def edit(parts: kit_edits.Parts) -> None:
        parts["routing_rule"].append({**parts["routing_rule"][-1], "key": "on", "label": "On",
            "moment": "HANDOFF", "target": "POOL", "pool": "dach", "condition": None,
            "otherwise": "POOL", "position": 99})  # fmt: skip

    kit_edits.publish(edit, by=company.revops, now=NOW)
    lead = factories.work(factories.capture(now=NOW), to="SAL", now=NOW + MINUTE)
    preview = previewing.of_lead(lead, wanted=wanted(NOW + HOUR, moment="HANDOFF"))
    after = factories.work(lead, to="SQL", now=NOW + HOUR)
    assert preview.owner_id == after.owner_id != lead.owner_id


def test_who_is_drawn_at_random_is_not_foretold(company: Company) -> None:
    Pool.objects.filter(key="dach").update(random_percent=50)
    preview = previewing.of_touch(factories.touch(), scope="tests", wanted=wanted())
    assert preview.chance == 50
    assert preview.decision is not None
    assert preview.decision.because == "next in the weighted rotation"


def test_a_large_pool_is_told_with_all_its_members(company: Company) -> None:
    for number in range(60):
        factories.rep(f"rep{number}", pools=["dach"])
    preview = previewing.of_touch(factories.touch(), scope="tests", wanted=wanted())
    assert preview.decision is not None
    assert len(preview.decision.candidates) == 62
    lead = factories.capture(now=NOW + HOUR)
    assert lead.owner_id == preview.owner_id


def test_a_kit_whose_rules_name_no_pool_that_is_there_says_so(company: Company) -> None:
    active = KitVersion.objects.get(status="ACTIVE")
    draft = services.draft(base=active, title="Other", by=company.revops, now=NOW)
    RoutingRule.objects.filter(kit=draft, key="dach").update(pool="nowhere")
    with pytest.raises(UnknownPool, match="nowhere"):
        previewing.of_touch(
            factories.touch(), scope="tests", wanted=wanted(kit=texts.compiled(draft))
        )
