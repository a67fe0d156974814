"""A lead as it stood: stage, owner, clocks, fields and timeline by what was written down then."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from core import database
from leads.models import Lead, LeadEvent
from lifecycle import actions, editing
from people.models import User
from tests import factories

pytestmark = pytest.mark.django_db


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def shown(user: User, lead: Lead, **asked: Any) -> Any:
    """The page's own data, and its text."""
    url = reverse("console:lead-as-of", args=[lead.pk])
    answer = client_of(user).get(url, asked)
    return answer, (answer.context or {}).get("lead")


def test_the_lead_is_shown_as_it_stood(django_assert_max_num_queries: Any) -> None:
    begin = database.now() - dt.timedelta(hours=8)
    company = factories.company(now=begin - dt.timedelta(days=1), reps=("anna",))
    [anna] = company.reps
    lead = factories.capture(now=begin, person={"title": "COO"})
    actions.accept(
        lead_id=lead.pk, by=anna, icp_confirmed=True, reachable=True,
        now=begin + dt.timedelta(hours=1),
    )  # fmt: skip
    bert = factories.rep("bert", pools=["dach"], team=company.team)
    actions.reassign(
        lead_id=lead.pk, by=company.manager, to=bert.pk, reason="Knows them",
        now=begin + dt.timedelta(hours=2),
    )  # fmt: skip
    accepted = LeadEvent.objects.get(lead=lead, transition="accept")
    client, url = client_of(anna), reverse("console:lead-as-of", args=[lead.pk])
    with django_assert_max_num_queries(14):
        answer = client.get(url, {"step": accepted.sequence})
    page = answer.context["lead"]
    text = answer.content.decode()
    assert (page.stage, page.owner, page.at) == ("SAL", str(anna), accepted.recorded_at)
    assert "To read only" in text
    assert "Knows them" not in text
    assert 'data-key="a"' not in text

    _, page = shown(anna, lead, at=(begin + dt.timedelta(minutes=30)).isoformat())
    assert (page.stage, page.owner) == ("MQL", str(anna))
    [running] = [one for one in page.clocks if one.label.startswith("Accept")]
    assert running.state in ("Running", "Breached, open")
    _, page = shown(anna, lead, step=lead.version + 99)
    assert page.owner == str(bert)
    [done] = [one for one in page.clocks if one.label.startswith("Accept")]
    assert done.state in ("Met", "Late")

    _, page = shown(anna, lead, at=(begin - dt.timedelta(hours=1)).isoformat())
    assert (page.stage, page.owner, page.clocks, page.story.days) == ("", "", (), ())


def test_fields_are_told_as_they_were_and_as_they_are() -> None:
    now = database.now()
    company = factories.company(now=now - dt.timedelta(days=1), reps=("anna",))
    [anna] = company.reps
    lead = factories.capture(now=now, person={"title": "COO"})
    before = database.now()
    editing.edit(lead_id=lead.pk, by=anna, values={"person.title": "CEO"})
    _, page = shown(anna, lead, at=before.isoformat())
    [title] = [one for one in page.fields if one.label == "Job title"]
    assert (title.then, title.now) == ("COO", "CEO")
    lead.refresh_from_db()
    answer = client_of(anna).get(reverse("console:lead", args=[lead.pk]), {"kind": "fields"})
    assert "COO" in answer.content.decode()
    _, page = shown(anna, lead, step=lead.version)
    assert next(one.now for one in page.fields if one.label == "Job title") == ""


@pytest.mark.parametrize("asked", [{"at": "yesterday"}, {"at": "2999-01-01T10:00"}])
def test_an_instant_that_is_none_is_told(asked: dict[str, str]) -> None:
    company = factories.company(now=database.now() - dt.timedelta(days=1), reps=("anna",))
    lead = factories.capture(now=database.now())
    answer, page = shown(company.reps[0], lead, **asked)
    assert (answer.status_code, bool(page.problem)) == (400, True)
    assert page.stage == "MQL"


def test_the_others_of_the_company_are_named_as_far_as_one_may_see_them() -> None:
    now = database.now()
    company = factories.company(now=now - dt.timedelta(days=1), reps=("anna",))
    [anna] = company.reps
    same = {"name": "Weiss Werke", "domain": "weiss-werke.de"}
    lead, seen, unseen = factories.captures(
        [
            factories.touch(company=same, person={"first_name": one, "email": f"{one}@ww.de"})
            for one in ("ada", "bea", "cleo")
        ],
        now=now,
    )
    stranger = factories.rep("stranger", pools=[])
    actions.reassign(lead_id=unseen.pk, by=company.manager, to=stranger.pk, reason="Theirs")
    page = client_of(stranger).get(reverse("console:lead", args=[unseen.pk])).content.decode()
    assert "Others at" in page
    assert "And 2 leads more." in page
    page = client_of(anna).get(reverse("console:lead", args=[lead.pk])).content.decode()
    assert seen.person.name in page
