"""A company on which time can be seen at work."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction

from governance.kit import Kit
from tests import factories, small_company
from tests.factories import Company

NOW = dt.datetime(2026, 3, 3, 10, 0, tzinfo=dt.UTC)


@pytest.fixture
def now() -> dt.datetime:
    return NOW


@pytest.fixture
def kit(db: None, now: dt.datetime) -> Kit:
    return small_company.publish_kit(now=now)


@pytest.fixture(scope="module")
def company_of_module(django_db_setup: None, django_db_blocker: Any) -> Iterator[Company]:
    """The playbook's company, made once for all tests of a module."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield factories.company()
        transaction.set_rollback(True)


@pytest.fixture
def shared_company(company_of_module: Company, db: None) -> Company:
    """That company; what a test does to it is taken back afterwards."""
    return company_of_module
