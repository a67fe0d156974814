"""Facts read from a snapshot and selected by SQL are the same, on real leads with gaps."""

from __future__ import annotations

import random
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.db.models import Q
from hypothesis import HealthCheck, given, settings

from governance import condition_sql, conditions
from governance.conditions import Not
from governance.facts import Fact, Subject, registry
from governance.models import KitVersion
from leads import score_rows, validity
from leads.models import (
    Account,
    AccountAlias,
    AccountStatus,
    Channel,
    Lead,
    PartnerRegistration,
    Person,
    ScorePart,
    Signal,
    SourceCategory,
    Touch,
)
from leads.snapshot import Snapshot
from leads.stages import Stage
from people.models import User
from routing import selectors
from routing.territories import Atlas
from tests import condition_trees, standing_leads

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
LEADS = 300
KINDS = ["pricing_page_view", "demo_request"]
FACTS = [
    *(fact for fact in registry if fact.subject is Subject.LEAD),
    *map(
        registry.get,
        ["signal.pricing_page_view.count_30d", "signal.demo_request.count_7d",
         "signal.pricing_page_view.last_days", "signal.never_seen.last_days",
         "signal.never_seen.count_1d"],
    ),
]  # fmt: skip
WORTH_MOST = Decimal("999999999999.99")
ADDRESSES = ["", "ada@example.com", "ADA@Firm1.Example", "ada@mail.firm2.example", "@",
             "no address", "a@b@firm3.example", "ada@notfirm4.example",
             "ada@firm5.example.com"]  # fmt: skip
AGES = [0, 1, 7, 29.999, 30, 30.001, 365, 4000]


def chosen(chance: random.Random, *values: Any) -> Any:
    return chance.choice(values)


def people(chance: random.Random) -> list[Person]:
    return Person.objects.bulk_create(
        Person(
            first_name=chosen(chance, "", "Ada"),
            title=chance.choice(["", *condition_trees.TEXTS]),
            seniority=chosen(chance, "", "C_LEVEL", "VP", "STAFF"),
            function=chosen(chance, "", "SALES", "IT"),
            last_name=chosen(chance, "", "Byron"),
            email=chance.choice(ADDRESSES),
            phone=chosen(chance, "", "+49301234", "12", "call me", "٠١٢٣٤٥٦٧٨", "0" * 16),
            country=chosen(chance, "", "DE", "US"),
            language=chosen(chance, "", "de", "en"),
            created_at=NOW,
        )
        for _ in range(LEADS)
    )


def accounts(chance: random.Random) -> list[Account]:
    owner = User.objects.create(username="olivia", email="olivia@example.com")
    return Account.objects.bulk_create(
        Account(
            domain=chosen(chance, None, f"firm{number}.example"),
            name=chance.choice(["", *condition_trees.TEXTS]),
            name_key=f"firm {number}",
            industry=chosen(chance, "", "Software", "software", "VP"),
            employees=chosen(chance, None, 0, 1, 10, 49, 50, 51, 5000, 10_001, 2**31 - 1),
            annual_revenue=chosen(chance, None, 0, Decimal("0.10"), 100, Decimal("9" * 16 + ".99")),
            country=chosen(chance, "", "DE", "GB"),
            region=chosen(chance, "", "Bayern", "BÄYERN–", "software"),
            postal_code=chosen(chance, "", "80331", "EC1A 1BB", "70 173"),
            status=chance.choice(AccountStatus.values),
            owner=chosen(chance, None, owner),
            created_at=NOW,
        )
        for number in range(120)
    )


def registered(chance: random.Random, firms: list[Account]) -> None:
    """Registrations of every kind: in force, run out, begun just now, ended."""
    by = User.objects.get(username="olivia")
    partners = firms[:3]
    rows = [
        PartnerRegistration(
            account=firm,
            partner=chance.choice(partners),
            from_at=NOW + timedelta(days=began),
            until_at=NOW + timedelta(days=began + 10),
            state="ACTIVE" if ended is None else "WITHDRAWN",
            ended_at=None if ended is None else NOW + timedelta(days=ended),
            registered_by=by,
            registered_at=NOW,
        )
        for firm in firms[3:]
        for began, ended in chance.sample(
            [(-5, None), (-10, None), (0, None), (1, None), (-8, -2), (-9, 1)],
            chance.choice([0, 1]),
        )
    ]
    PartnerRegistration.objects.bulk_create(rows)


def partner_of(lead: Lead) -> Account | None:
    rows = PartnerRegistration.objects.filter(account=lead.account_id, state="ACTIVE")
    found = [row.partner for row in rows if row.from_at <= NOW < row.until_at]
    return found[0] if found else None


@pytest.fixture
def leads(db: None) -> list[Lead]:
    chance = random.Random(20260302)
    firms = accounts(chance)
    partners(firms)
    registered(chance, firms)
    standing_leads.areas(NOW.date())
    made = standing_leads.standing_anywhere(
        Lead(
            person=person,
            account=chance.choice([None, *firms]) if chance.random() > 0.1 else None,
            stage=chance.choice([one for one in Stage if one != Stage.MERGED]).value,
            cycle=chosen(chance, 1, 2, 3),
            hand_raised_at=chosen(chance, None, NOW),
            channel=chance.choice(Channel.values),
            category=chance.choice(SourceCategory.values),
            campaign=chance.choice(["", *condition_trees.TEXTS]),
            potential_value=chosen(chance, None, 0, Decimal("0.10"), 50_000, WORTH_MOST),
            entered_stage_at=NOW,
            last_touch_at=NOW + timedelta(hours=chance.choice([-900, -49, -24, -23, 0, 5])),
            created_at=NOW,
        )
        for person in people(chance)
    )
    at_their_company(made)
    behaviours(chance, made)
    scores(chance, made)
    touches(chance, made)
    return list(
        Lead.objects.select_related("person", "account")
        .prefetch_related("signals", "score_parts", "touches")
        .order_by("pk")
    )


def at_their_company(made: list[Lead]) -> None:
    """Some write from the domain of their company, or nearly so."""
    known = [lead for lead in made if lead.account is not None and lead.account.domain][:40]
    for number, lead in enumerate(known):
        before = ("Ada@", "a@b@Mail.", "ada@not", "ada@")[number % 4]
        after = ("", "", "", ".com")[number % 4]
        assert lead.account is not None
        lead.person.email = f"{before}{lead.account.domain}{after}"
    Person.objects.bulk_update([lead.person for lead in known], ["email"])


def behaviours(chance: random.Random, made: list[Lead]) -> None:
    Signal.objects.bulk_create(
        Signal(
            lead=chance.choice(made),
            kind=chance.choice(KINDS),
            occurred_at=NOW - timedelta(days=chance.choice([-1, *AGES])),
        )
        for _ in range(3 * LEADS)
    )


def scores(chance: random.Random, made: list[Lead]) -> None:
    kit = KitVersion.objects.create(number=1, created_at=NOW)
    ScorePart.objects.bulk_create(
        ScorePart(
            lead=lead,
            rule=f"rule_{number}",
            category=chosen(chance, "FIT", "ENGAGEMENT", "INTENT"),
            value=chosen(chance, 0.0, 20.0, 0.1 + 0.2, -15.0, 1e-200, 99.5),
            at=NOW - timedelta(days=chance.choice([-2, *AGES])),
            half_life_days=chosen(chance, None, 0.5, 7.0, 30.0),
            cap=chosen(chance, None, 5.0, 30.0, -1.0),
            within_days=chosen(chance, None, 1, 30, 90),
            signal=chosen(chance, "", *KINDS),
            kit=kit,
        )
        for lead in made
        for number in range(chance.randrange(4))
    )


CALLED = ["", "", "firm 0", "firm 1", "firm 2", "nobody", "another firm"]


def partners(firms: list[Account]) -> None:
    """Three partners, of whom two share another name's key; one of them has aliases."""
    for firm in firms[:3]:
        firm.status = AccountStatus.PARTNER
    firms[2].name_key = firms[1].name_key
    Account.objects.bulk_update(firms[:3], ["status", "name_key"])
    rows = [("NAME", "another firm"), ("DOMAIN", "other.example")]
    AccountAlias.objects.bulk_create(
        AccountAlias(account=firms[0], kind=kind, value=value, shown=value, created_at=NOW)
        for kind, value in rows
    )


def touches(chance: random.Random, made: list[Lead]) -> None:
    Touch.objects.bulk_create(
        Touch(
            channel="FORM",
            partner_key=chance.choice(CALLED),
            partner_domain=chance.choice(["", "", "other.example", "firm1.example"]),
            status=chance.choice(["ADVANCED", "RECEIVED", "WITHDRAWN"]),
            receipt={},
            occurred_at=NOW - timedelta(days=chance.choice([0, 1, 89.999, 90, 90.001])),
            received_at=NOW,
            payload={},
            idempotency_scope="test",
            idempotency_key=str(number),
            body_hash="",
            lead=chance.choice(made),
        )
        for number in range(LEADS)
    )


def naming_of(lead: Lead) -> dict[str, str]:
    """What is made of the last touch within 90 days that names a partner."""
    told = [
        (touch.occurred_at, touch.pk, touch.partner_key, touch.partner_domain)
        for touch in lead.touches.all()
        if touch.partner_key and touch.status != "WITHDRAWN"
    ]
    last = max(told, default=None)
    if last is None or last[0] <= NOW - timedelta(days=90):
        return {}
    *_, name, domain = last
    fitting = Account.objects.filter(
        Q(name_key=name) | Q(domain=domain) | Q(aliases__value__in=[name, domain]),
        status=AccountStatus.PARTNER,
    ).distinct()
    if len(fitting) != 1:
        return {"named_status": "SEVERAL" if fitting else "UNKNOWN"}
    return {"named_status": "KNOWN", "named_partner": fitting[0].called}


def snapshot_of(lead: Lead, atlas: Atlas) -> Snapshot:
    """Told from the rows in the plainest way, apart from how the product gathers them."""
    account = lead.account or Account(name="", employees=None, status="")
    partner = partner_of(lead)
    shown = [(signal.kind, signal.occurred_at) for signal in lead.signals.all()]
    worth = [
        (part.category, score_rows.part(part, shown).present(NOW))
        for part in lead.score_parts.all()
    ]  # fmt: skip
    signals = sorted(
        ((signal.kind, signal.occurred_at) for signal in lead.signals.all()),
        key=lambda signal: signal[1],
        reverse=True,
    )
    return Snapshot(
        now=NOW,
        stage=lead.stage,
        channel=lead.channel,
        category=lead.category,
        campaign=lead.campaign,
        cycle=lead.cycle,
        hand_raiser=lead.hand_raised_at is not None,
        potential_value=lead.potential_value,
        person_country=lead.person.country,
        person_language=lead.person.language,
        person_title=lead.person.title,
        person_seniority=lead.person.seniority,
        person_function=lead.person.function,
        has_email=bool(lead.person.email),
        has_phone=bool(lead.person.phone),
        has_name=bool(lead.person.first_name and lead.person.last_name),
        email_host=validity.email_host(lead.person.email),
        phone_valid=validity.can_be_called(lead.person.phone),
        company_name=account.name,
        company_domain=account.domain,
        company_industry=account.industry,
        company_employees=account.employees,
        company_annual_revenue=account.annual_revenue,
        company_country=account.country,
        company_region=account.region,
        company_postal_code=account.postal_code,
        territory=standing_leads.territory_of(lead, atlas),
        account_status=account.status,
        account_has_owner=account.owner_id is not None,
        partner_registered=partner is not None,
        partner_name=(partner.name or partner.domain or f"account {partner.pk}") if partner else "",
        signals=tuple(signals),
        score_fit=sum(value for category, value in worth if category == "FIT"),
        score_engagement=sum(value for category, value in worth if category == "ENGAGEMENT"),
        score_intent=sum(value for category, value in worth if category == "INTENT"),
        touches=sum(touch.status != "WITHDRAWN" for touch in lead.touches.all()),
        **naming_of(lead),
        last_touch_at=lead.last_touch_at,
    )


def agree(leads: list[Lead], known: list[dict[str, object]], node: conditions.Node) -> None:
    predicate = conditions.compile(node)
    expected = [lead.pk for lead, facts in zip(leads, known, strict=True) if predicate(facts)]
    found = condition_sql.select(Lead.objects.order_by("pk"), node, registry=registry, now=NOW)
    assert list(found.values_list("pk", flat=True)) == expected


@pytest.fixture
def known(leads: list[Lead]) -> list[dict[str, object]]:
    names = [fact.name for fact in FACTS]
    atlas = Atlas(selectors.areas(NOW.date()))
    return [registry.read_all(snapshot_of(lead, atlas), names) for lead in leads]


def test_any_condition_over_leads_selects_the_leads_it_holds_for(
    leads: list[Lead], known: list[dict[str, object]]
) -> None:
    @given(node=condition_trees.trees(FACTS))
    @settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
    def check(node: conditions.Node) -> None:
        agree(leads, known, node)

    check()


def test_every_operator_of_every_fact_agrees_on_values_that_leads_have(
    leads: list[Lead], known: list[dict[str, object]]
) -> None:
    for fact in FACTS:
        values = sorted({facts[fact.name] for facts in known} - {None}, key=str)
        for leaf in leaves(fact, values[:: max(1, len(values) // 6)]):
            agree(leads, known, leaf)
            agree(leads, known, Not(leaf))


def test_whom_a_lead_names_is_asked_of_its_own_touches_alone(db: None) -> None:
    """Not of all that name a partner, once for each lead."""
    leaf = conditions.Test("lead.partner", "is_set")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    plan = condition_sql.select(Lead.objects.all(), leaf, registry=registry, now=NOW).explain()
    assert not re.search(r"Seq Scan on leads_(touch|account)", plan), plan
    assert re.search(r"Index Cond: \(+lead_id = ", plan), plan


def leaves(fact: Fact, values: list[Any]) -> list[conditions.Test]:
    ops = ["lt", "gte", "eq", "ne"] if fact.type in ("INTEGER", "NUMBER") else ["eq", "ne"]
    tests = [conditions.Test(fact.name, op, value) for op in ops for value in values]
    return [*tests, conditions.Test(fact.name, "is_set"), conditions.Test(fact.name, "is_missing")]


def test_the_leads_of_this_test_have_and_lack_every_fact(
    leads: list[Lead], known: list[dict[str, object]]
) -> None:
    for fact in FACTS:
        values = {facts[fact.name] for facts in known}
        assert len(values) > 1 or "never_seen" in fact.name, fact.name
        if fact.name.split(".")[0] in ("company", "account") and fact.type != "BOOLEAN":
            assert None in values, fact.name


def test_facts_need_one_query_for_any_number_of_leads(
    leads: list[Lead], django_assert_num_queries: Any
) -> None:
    node = conditions.All(tuple(conditions.Test(fact.name, "is_set") for fact in FACTS))
    with django_assert_num_queries(1):
        list(condition_sql.select(Lead.objects.all(), node, registry=registry, now=NOW))
