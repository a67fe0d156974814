"""A company on which time can be seen at work."""

from __future__ import annotations

import datetime as dt

import pytest

from governance.kit import Kit
from tests import small_company

NOW = dt.datetime(2026, 3, 3, 10, 0, tzinfo=dt.UTC)


@pytest.fixture
def now() -> dt.datetime:
    return NOW


@pytest.fixture
def kit(db: None, now: dt.datetime) -> Kit:
    return small_company.publish_kit(now=now)
