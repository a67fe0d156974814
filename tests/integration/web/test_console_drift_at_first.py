"""The drift monitor before anything can have drifted."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from tests import factories
from tests.factories import DAY

pytestmark = pytest.mark.django_db


def test_with_the_first_version_there_is_nothing_to_compare() -> None:
    company = factories.company(now=timezone.now() - 9 * DAY)
    client = Client()
    client.force_login(company.revops)
    text = client.get("/kit/drift/").content.decode()
    assert "No version has replaced another yet" in text
    assert "Nothing to compare yet" in text


def test_a_version_of_today_says_from_when_on_it_can_be_judged() -> None:
    now = timezone.now()
    company = factories.company(now=now - 9 * DAY)
    factories.next_kit(
        lambda parts: parts["criterion"][0].update(prose="Other."), by=company.revops, now=now
    )
    client = Client()
    client.force_login(company.revops)
    assert "v2 is too young: nothing can be said before" in (
        client.get("/kit/drift/").content.decode()
    )
