"""A replay asks the people whom rules mean, as the desk does, and comes to who really got it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from leads.models import Account, Lead
from lifecycle import actions, waiting
from lifecycle.simulation import rota
from people.models import Leave, User
from routing.models import Decision, Pool, PoolMember, Territory, TerritoryArea, TerritoryHolder
from tests import factories, kit_edits
from tests.factories import DAY, HOUR, NOW, Company
from tests.kit_edits import Parts
from tests.simulating import kit_with, replayed

pytestmark = pytest.mark.django_db

RULES: tuple[dict[str, Any], ...] = (
    {"key": "by_partner", "target": "PARTNER_MANAGER"},
    {"key": "by_again", "moment": "REENTRY", "target": "CURRENT_OWNER", "otherwise": "POOL"},
    {"key": "by_holder", "target": "CURRENT_OWNER"},
    {"key": "by_account", "target": "ACCOUNT_OWNER"},
    {"key": "by_area", "target": "TERRITORY"},
    {"key": "by_rep", "target": "REP", "rep": "rosa",
     "condition": {"fact": "lead.channel", "op": "eq", "value": "CHAT"}},
    {"key": "by_events", "target": "QUEUE", "otherwise": "POOL",
     "condition": {"fact": "lead.channel", "op": "eq", "value": "EVENT"}},
)  # fmt: skip


def with_people(parts: Parts) -> None:
    parts["routing_rule"][:0] = [
        {"label": one["key"], "moment": "INBOUND", "condition": None, "pool": "dach",
         "otherwise": "NEXT_RULE", **one}
        for one in RULES
    ]  # fmt: skip
    for place, one in enumerate(parts["routing_rule"]):
        one["position"] = place


@pytest.fixture
def company(db: None) -> Company:
    found = factories.company(reps=("anna", "ben", "cleo"))
    karl, paula = factories.rep("karl", role="AE"), factories.rep("paula", role="AE")
    tina, rosa = factories.rep("tina"), factories.rep("rosa")
    kit_edits.publish(with_people, by=found.revops, now=NOW)
    for name, owner, status in (("owned", karl, "PROSPECT"), ("partner", paula, "PARTNER")):
        row = Account(domain=f"{name}.example", name=name.title(), name_key=name, owner=owner,
                      status=status, created_at=NOW)  # fmt: skip
        row._history_date = NOW  # type: ignore[attr-defined]
        row.save()
    area = Territory.objects.create(key="north", label="North")
    TerritoryArea.objects.create(territory=area, country="SE")
    TerritoryHolder.objects.create(territory=area, user=tina, starts_on=NOW.date() - DAY)
    PoolMember.objects.create(pool=Pool.objects.get(key="inbound"), user=karl, open_cap=2)
    Leave.objects.create(user=rosa, starts_at=NOW + 20 * HOUR, ends_at=NOW + 30 * HOUR)
    return found


def at(name: str, person: int, **more: Any) -> dict[str, Any]:
    return {"person": {"email": f"p{person}@{name}.example", "last_name": f"Berg{person}"},
            "company": {"domain": f"{name}.example", "name": name.title()}, **more}  # fmt: skip


TOUCHES = (
    {}, at("owned", 1), at("owned", 2), at("partner", 1), {"company": {"country": "SE"}}, {},
    at("sticky", 1), {"channel": "CHAT"}, {"channel": "EVENT"}, at("sticky", 2), at("owned", 3),
    at("partner", 2), {"company": {"country": "JP"}}, {}, {"channel": "CHAT"}, at("sticky", 3),
    {"source": {"partner": "Partner Ltd"}}, {"source": {"partner": "Nobody"}},
)  # fmt: skip


def live(company: Company) -> list[Lead]:
    made = []
    for place, parts in enumerate(TOUCHES):
        made.append(factories.capture(now=NOW + HOUR + place * 2 * HOUR, **parts))
        if place == 9:
            gone = made[6]
            actions.reject(lead_id=gone.pk, by=gone.owner, reason="timing", now=NOW + 20 * HOUR)
    return made


def test_it_comes_to_who_really_got_each_lead(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = live(company)
    really = {
        one.lead_id: (one.picked_id, one.pool, one.target)
        for one in Decision.objects.order_by("-at", "-pk")
    }
    assert {target for _, _, target in really.values()} == {
        "POOL", "CURRENT_OWNER", "ACCOUNT_OWNER", "PARTNER_MANAGER", "TERRITORY", "REP", "QUEUE",
    }  # fmt: skip
    seen: dict[int, tuple[int | None, str]] = {}
    play = rota.play

    def played(*given: Any, **more: Any) -> rota.Played:
        found = play(*given, **more)
        for lead in made:
            first = found.of(lead.pk)[0][1]
            seen[lead.pk] = (first.user, first.pool)
        return found

    monkeypatch.setattr(rota, "play", played)
    told, rows = replayed(kit_with(lambda parts: None))
    assert seen == {lead: (user, pool) for lead, (user, pool, _) in really.items()}
    assert rows == {}
    assert told["leads"] == len(made)


def test_a_draft_that_asks_nobody_any_more_differs_and_says_whom_the_other_asked(
    company: Company,
) -> None:
    made = live(company)

    def without(document: dict[str, Any]) -> None:
        keys, parts = {one["key"] for one in RULES}, document["parts"]
        parts["routing_rule"] = [one for one in parts["routing_rule"] if one["key"] not in keys]

    _, rows = replayed(kit_with(without))
    row = rows[made[1].pk]
    karl = User.objects.get(username="karl")
    assert row.before["owners"] == [karl.pk]
    assert row.after["owners"] != [karl.pk]
    (route,) = row.before["routes"]
    assert (route["rule"], route["tried"][-1]["meant"]["user"]) == ("by_account", karl.pk)


WEEKDAYS = range(5)
SATURDAY = dt.datetime(2026, 3, 7, 9, tzinfo=dt.UTC)


def test_idle_hours_are_spread_as_they_really_were(monkeypatch: pytest.MonkeyPatch) -> None:
    factories.company(reps=())
    Pool.objects.filter(key="dach").update(off_shift="SPREAD")
    for name, weight, begins in (("anna", 2, "08:00"), ("ben", 1, "09:00"), ("cleo", 1, "10:00")):
        factories.rep(name, pools=["dach"], weight=weight,
                      shifts=[(day, begins, "18:00") for day in WEEKDAYS])  # fmt: skip
    made = factories.captures([factories.touch() for _ in range(12)], now=SATURDAY)
    for hour in (47, 48, 49):
        waiting.route(now=SATURDAY + hour * HOUR)
    really = dict(Lead.objects.values_list("pk", "owner"))
    assert len(set(really.values())) == 3
    seen: dict[int, int | None] = {}
    play = rota.play

    def played(*given: Any, **more: Any) -> rota.Played:
        found = play(*given, **more)
        seen.update({lead.pk: found.of(lead.pk)[0][1].user for lead in made})
        return found

    monkeypatch.setattr(rota, "play", played)
    _, rows = replayed(kit_with(lambda parts: None))
    assert seen == really
    assert rows == {}
