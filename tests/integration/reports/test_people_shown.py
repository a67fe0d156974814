"""Figures of single people: to themselves and who leads, or to their team, as the company chose."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from people.models import AccessSettings, Role, User
from people.told import PeopleFigures
from reports import registry, sla, steps
from reports.periods import Period
from tests import factories
from tests.factories import Company

pytestmark = pytest.mark.django_db
BY_REP = ("mql_to_sal", "acceptance", "sla_attainment", "time_in_stage", "rejections", "sla")


@pytest.fixture
def company() -> Company:
    """Anna and Ben in one team, both with accepted leads, and Cara in another."""
    now = timezone.now()
    made = factories.company(now=now - dt.timedelta(days=3), reps=("anna", "ben"))
    since = now - dt.timedelta(hours=5)
    for lead in factories.captures([factories.touch() for _ in range(6)], now=since):
        factories.work(lead, to="SAL", now=since)
    steps.facts(now, float("inf"))
    return made


def chosen(figures: PeopleFigures) -> None:
    AccessSettings.objects.update_or_create(pk=1, defaults={"people_figures": figures})


def named(key: str, reader: User) -> set[str]:
    now = timezone.now()
    period = Period(now - dt.timedelta(days=2), now)
    return {row.label for row in registry.build(key, reader, period=period, by="rep").rows}


@pytest.mark.parametrize("key", BY_REP)
def test_reps_are_told_of_their_team_only_where_the_company_chose_so(
    company: Company, key: str
) -> None:
    anna, ben = company.reps
    assert named(key, company.manager) >= {str(anna), str(ben)}
    assert str(ben) not in named(key, anna)
    assert str(anna) in named(key, anna)
    chosen(PeopleFigures.TEAM)
    assert named(key, anna) >= {str(anna), str(ben)}
    User.objects.filter(pk=ben.pk).update(team=None)
    assert str(ben) not in named(key, User.objects.get(pk=anna.pk))


@pytest.mark.parametrize("figures", PeopleFigures)
@pytest.mark.parametrize("key", BY_REP)
def test_who_counts_all_and_leads_nobody_is_told_of_colleagues_together(
    company: Company, key: str, figures: PeopleFigures
) -> None:
    chosen(figures)
    for role in (Role.MARKETING, Role.FINANCE):
        reader = factories.user(f"reader-{role}", role=role)
        assert named(key, reader) - {"Nobody"} == {"Colleagues"}, role


def counted(row: sla.Row) -> float:
    figures = row.figures()
    return sum(float(figures[one] or 0) for one in ("met", "late", "breached", "running"))


def test_colleagues_can_be_kept_to_and_add_up(company: Company) -> None:
    now = timezone.now()
    period = Period(now - dt.timedelta(days=2), now)
    reader = factories.user("milo", role=Role.MARKETING)
    made = registry.build("sla", reader, period=period, by="rep")
    [together] = [row for row in made.rows if row.label == "Colleagues"]
    kept = sla.build(reader, period=period, by="policy", only={"rep": together.key})
    assert counted(kept.totals) == counted(together) > 0
    nobody = sla.build(reader, period=period, by="policy", only={"rep": str(company.reps[0].pk)})
    assert counted(nobody.totals) == 0, "nor by their number"
