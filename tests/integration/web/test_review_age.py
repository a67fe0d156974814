"""The age of the last governance review stands on everybody's first page."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from people.models import Role
from reports.reviews.age import Age
from tests import factories
from web.console import review_age

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
OCTOBER = dt.date(2026, 10, 1)


def age(**known: Any) -> Age:
    nothing = dict.fromkeys(("closed", "closed_at", "open", "opened_at"))
    return Age(**{**nothing, "signers": (), **known})


@pytest.mark.parametrize(
    ("known", "sentence", "tone"),
    [
        ({}, "No governance review has been opened yet.", "none"),
        (
            {"closed": OCTOBER, "closed_at": NOW - 12 * DAY, "signers": ("Mia", "Mark")},
            "Last governance review: October 2026, closed 12 days ago by Mia and Mark.",
            "none",
        ),
        (
            {"closed": OCTOBER, "closed_at": NOW - 36 * DAY, "signers": ("Mia", "Mark")},
            "Last governance review: October 2026, closed 36 days ago by Mia and Mark. It is "
            "overdue: one is due each month.",
            "late",
        ),
        (
            {"open": OCTOBER, "opened_at": NOW - DAY},
            "No governance review is closed yet: October 2026 was opened 1 day ago.",
            "none",
        ),
        (
            {"open": OCTOBER, "opened_at": NOW - 40 * DAY},
            "No governance review is closed yet: October 2026 was opened 40 days ago. It is "
            "overdue: one is due each month.",
            "late",
        ),
    ],
)
def test_it_says_how_old_the_last_one_is(known: dict[str, Any], sentence: str, tone: str) -> None:
    line = review_age.line(age(**known), now=NOW)
    assert (line.sentence, line.tone) == (sentence, tone)


@pytest.mark.parametrize("role", [one for one in Role if one != Role.SERVICE])
def test_everybody_sees_it_where_their_day_begins(role: Role) -> None:
    factories.company(now=timezone.now() - DAY)
    client = Client()
    client.force_login(factories.user("begins", role=role))
    text = client.get("/", follow=True).content.decode()
    assert "No governance review has been opened yet." in text
    assert "review-age" not in client.get("/notices/").content.decode()
