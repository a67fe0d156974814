"""Leads that come to somebody in one act are told of once, with a link to exactly these."""

from __future__ import annotations

import pytest
from django.test import Client

from leads.models import Lead
from lifecycle import actions, bulk_handing, letters, mails, notices, telling
from lifecycle.handing_rows import Want
from lifecycle.models import Mail, Notice, Reassignment
from people.models import User
from tests import factories
from tests.factories import MINUTE, NOW, Company

pytestmark = pytest.mark.django_db
LATER = NOW + MINUTE


@pytest.fixture
def company() -> Company:
    return factories.company(reps=("anna", "ben"))


@pytest.fixture
def mine(company: Company) -> list[Lead]:
    """Leads of Anna, told of already."""
    found = factories.captures([factories.touch() for _ in range(8)], now=NOW)
    notices.drain(now=NOW)
    Notice.objects.update(read_at=NOW, mail_due_at=None)
    return [lead for lead in found if lead.owner == company.reps[0]]


def hand(some: list[Lead], company: Company, to: User | None = None) -> Reassignment:
    want = Want("PERSON", (to or company.reps[1]).pk)
    ids = [one.pk for one in some]
    return bulk_handing.submit(ids, want, by=company.manager, reason="Anna is ill.", now=LATER)


def told(company: Company) -> list[Notice]:
    return list(telling.readable(Notice.objects.filter(to=company.reps[1], read_at=None)))


def opened(reader: User, path: str) -> str:
    client = Client()
    client.force_login(reader)
    return client.get(path).content.decode()


@pytest.mark.parametrize("batch", [200, 1], ids=["at once", "one by one"])
def test_many_are_one_notice_however_it_is_drained(
    company: Company, mine: list[Lead], batch: int
) -> None:
    ben, act = company.reps[1], hand(mine, company)
    while notices.drain(now=LATER, limit=batch).done:
        pass
    [one] = told(company)
    said = telling.of([one], reader=ben)[one.pk]
    assert said.headline == f"{len(mine)} leads were handed to you"
    assert str(company.manager) in said.sentence
    assert "“Anna is ill.”" in said.sentence
    assert said.page == f"/leads/?handed={act.pk}"
    page = opened(ben, said.page)
    own = set(Lead.objects.filter(owner=ben).values_list("pk", flat=True))
    shown = {pk for pk in own if f"/leads/{pk}/" in page}
    assert shown == {lead.pk for lead in mine}
    assert shown < own
    assert said.headline in opened(ben, "/notices/")


def test_one_alone_is_told_as_ever(company: Company, mine: list[Lead]) -> None:
    hand(mine[:1], company)
    notices.drain(now=LATER)
    [one] = told(company)
    said = telling.of([one], reader=company.reps[1])[one.pk]
    assert said.headline.startswith("New lead: ")
    assert said.page == f"/leads/{mine[0].pk}/"


def test_a_mail_tells_of_them_once_and_of_what_is_left(company: Company, mine: list[Lead]) -> None:
    ben = company.reps[1]
    hand(mine, company)
    notices.drain(now=LATER)
    actions.reassign(
        lead_id=mine[0].pk, by=company.manager, to=company.reps[0].pk, reason="-", now=LATER
    )
    notices.drain(now=LATER)
    mails.send_due(now=LATER + MINUTE)
    mail = Mail.objects.filter(to=ben).latest("pk")
    letter = letters.of(mail)
    assert letter is not None
    assert letter.subject == f"{len(mine)} leads were handed to you"
    assert f"{len(mine) - 1} of them" in letter.text


def test_nothing_is_mailed_once_all_of_them_are_gone(company: Company, mine: list[Lead]) -> None:
    hand(mine, company)
    notices.drain(now=LATER)
    for lead in mine:
        actions.reassign(
            lead_id=lead.pk, by=company.manager, to=company.reps[0].pk, reason="-", now=LATER
        )
    notices.drain(now=LATER)
    mails.send_due(now=LATER + MINUTE)
    assert not Mail.objects.filter(to=company.reps[1], state="SENT").exists()


def test_an_act_shows_nobody_else_its_leads(company: Company, mine: list[Lead]) -> None:
    act = hand(mine, company)
    page = opened(company.reps[0], f"/leads/?handed={act.pk}")
    assert not any(f"/leads/{lead.pk}/" in page for lead in mine)
    assert "not one of them" in opened(company.reps[0], "/leads/?handed=x")
