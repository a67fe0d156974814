"""Who of a list must not be called: told as of each one alone, in a fixed number of queries."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from leads.contact import Purpose, Way
from leads.models import Account, AccountStatus, Lead
from lifecycle import closed_lines, contacting
from lifecycle.contacting import Entry
from people.models import Role, User
from tests import factories

pytestmark = pytest.mark.django_db


def test_a_list_says_what_each_lead_says(django_assert_num_queries: Any) -> None:
    company = factories.company(now=timezone.now() - dt.timedelta(days=1), reps=("anna",))
    names = ("free", "refused", "granted", "listed", "domain", "unwanted", "asked")
    made = factories.captures(
        [
            factories.touch(
                person={"first_name": name, "email": f"{name}@{name}-werke.de",
                        "phone": f"+49 30 12345{place:02}"},
                company={"name": f"{name} Werke", "domain": f"{name}-werke.de"},
            )
            for place, name in enumerate(names)
        ],
        now=timezone.now(),
    )  # fmt: skip
    of = {one.person.first_name.casefold(): one for one in Lead.objects.select_related("person")}
    Lead.objects.exclude(pk=of["asked"].pk).update(hand_raised_at=None)
    for name, state in (("refused", "REFUSED"), ("granted", "GRANTED"), ("asked", "REFUSED")):
        contacting.say(
            lead_id=of[name].pk, by=company.reps[0], way="PHONE", state=state, source="Call"
        )
    rita = User.objects.create_user("keeper", role=Role.REVOPS)
    entries = [Entry("PHONE", of["listed"].person.phone), Entry("DOMAIN", "domain-werke.de")]
    contacting.suppress(entries, reach="ALL", source="Robinson", by=rita)
    Account.objects.filter(domain="unwanted-werke.de").update(status=AccountStatus.DO_NOT_CONTACT)
    leads = list(Lead.objects.select_related("person", "account").exclude(pk=of["asked"].pk))
    with django_assert_num_queries(2):
        closed = closed_lines.of(leads).read()
    named = {one.person.first_name.casefold() for one in leads if one.pk in closed}
    assert named == {"refused", "listed", "domain", "unwanted"}
    everybody = list(Lead.objects.select_related("person", "account"))
    assert len(everybody) == len(made)
    assert closed_lines.of(everybody).read() == {
        one.pk for one in everybody if not contacting.may(one, Way.PHONE, Purpose.ANSWER).allowed
    }
