"""The story of a drift, told once a module."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.db import transaction
from pytest_django import DjangoDbBlocker

from governance.models import KitVersion
from tests import drift_story
from tests.drift_story import FORTNIGHT
from tests.factories import NOW, Company

PUBLISHED = NOW + FORTNIGHT
"""Tuesday, 17 March: nine working days lie before that day and since the first kit."""
LATER = PUBLISHED + FORTNIGHT
"""Nine working days after."""


@dataclass(frozen=True, slots=True)
class Drifted:
    """The company, its second version, and the last instant of the story."""

    company: Company
    version: KitVersion
    now: dt.datetime


@pytest.fixture(scope="module")
def _story(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Company]:
    with django_db_blocker.unblock(), transaction.atomic():
        yield drift_story.told(NOW)
        transaction.set_rollback(True)


@pytest.fixture
def drifted(_story: Company, db: None) -> Drifted:
    """Acceptance fell from 80 % to 20 %, and three times as many leads became MQLs."""
    return Drifted(_story, KitVersion.objects.get(number=2), LATER)
