"""Before there is a second version nothing can drift."""

from __future__ import annotations

import pytest

from reports.drift import alarms, publications
from tests import factories
from tests.factories import DAY, NOW

pytestmark = pytest.mark.django_db


def test_the_first_kit_has_nothing_to_be_compared_with() -> None:
    factories.company()
    factories.capture()
    assert publications.recent(now=NOW + 9 * DAY, most=3) == ()
    assert publications.one(1, now=NOW + 9 * DAY) is None
    assert alarms.watch(NOW + 9 * DAY)["opened"] == 0


def test_without_a_kit_nothing_is_watched() -> None:
    assert alarms.watch(NOW) == {"opened": 0, "seen_again": 0, "closed": 0}
