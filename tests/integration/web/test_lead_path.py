"""The path of a lead: the first touchpoint is kept, later ones append, each with its source."""

from __future__ import annotations

from typing import Any

from django.test import Client

from leads import path
from leads.models import Lead
from tests import factories
from tests.factories import MINUTE, NOW

GOOGLE = {"category": "", "source": "google", "medium": "cpc", "campaign": "dach-q4"}
FAIR = {"category": "", "medium": "trade-fair"}
WHOM = {"first_name": "Mara", "last_name": "Lindqvist", "email": "mara@nordwind-logistik.de"}


def come(minutes: int, *, channel: str = "FORM", source: dict[str, str]) -> Lead:
    found: list[Lead] = factories.captures(
        [factories.touch(channel=channel, source=source, person=WHOM,
                         company={"name": "Nordwind", "domain": "nordwind-logistik.de"})],
        now=NOW + minutes * MINUTE,
    )  # fmt: skip
    return found[0]


def test_the_first_source_is_kept_and_later_touchpoints_append(db: None) -> None:
    made = factories.company()
    lead = come(0, source=GOOGLE)
    come(5, channel="EVENT", source=FAIR)
    come(9, source={"category": "referral"})
    lead.refresh_from_db()
    assert (lead.category, lead.campaign, lead.channel) == ("PAID", "dach-q4", "FORM")
    steps = path.of_lead(lead.pk).steps
    assert [(one.category, one.rule, one.stated) for one in steps] == [
        ("PAID", "paid", False), ("EVENT", "event", False), ("REFERRAL", "", True),
    ]  # fmt: skip
    client = Client()
    client.force_login(made.revops)
    page = client.get(f"/leads/{lead.pk}/").content.decode()
    assert "google / cpc · dach-q4" in page
    assert "“Paid media” of kit v1: Medium is one of" in page
    assert "Stated by who sent it." in page
    told = client.get(f"/api/v1/leads/{lead.pk}/").json()["path"]
    assert [one["category"] for one in told] == ["PAID", "EVENT", "REFERRAL"]
    assert told[0]["source"] == "google"


def test_every_touch_of_a_batch_gets_its_own_source(db: None) -> None:
    factories.company()
    sources = [GOOGLE, FAIR, {"category": ""}, {"category": "partner"}]
    leads = factories.captures([factories.touch(source=one) for one in sources])
    assert [one.category for one in leads] == ["PAID", "EVENT", "UNKNOWN", "PARTNER"]


def test_of_very_many_touchpoints_the_first_and_the_latest_are_shown(
    db: None, django_assert_num_queries: Any
) -> None:
    factories.company()
    lead = come(0, source=GOOGLE)
    for minute in range(1, path.LATEST + 4):
        come(minute * 11, source=FAIR)
    with django_assert_num_queries(3):
        found = path.of_lead(lead.pk)
    assert found.steps[0].category == "PAID"
    assert len(found.steps) == path.LATEST + 1
    assert found.left_out == 3
