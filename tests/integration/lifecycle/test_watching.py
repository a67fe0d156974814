"""Numbers that must be nought: counted by the page that shows them, or by the worker if slow."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.cache import cache

from lifecycle import watching
from tests import factories

pytestmark = pytest.mark.django_db
NOW = factories.NOW


@pytest.fixture(autouse=True)
def counted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was counted, in order."""
    cache.clear()
    found: list[str] = []
    unaccounted = watching._unaccounted

    def told(now: dt.datetime) -> watching.Counted:
        found.append(f"{now:%H:%M:%S}")
        return unaccounted(now)

    monkeypatch.setattr(watching, "_unaccounted", told)
    monkeypatch.setattr(watching.database, "now", lambda: NOW + dt.timedelta(seconds=100))
    return found


def show(seconds: int) -> dt.datetime:
    now = NOW + dt.timedelta(seconds=seconds)
    (one,) = watching.lately([watching.UNACCOUNTED], now=now)
    return one.at


@pytest.mark.parametrize(("slow", "times"), [(1e9, 3), (-1.0, 2)])
def test_what_is_slow_to_count_is_shown_longer(
    company: factories.Company, monkeypatch: pytest.MonkeyPatch, counted: list[str], slow: float,
    times: int,
) -> None:  # fmt: skip
    monkeypatch.setattr(watching, "SLOW", slow)
    ages = [show(seconds) for seconds in (0, 29, 31, 170, 181)]
    assert len(counted) == times
    assert ages[0] == ages[1] == NOW
    assert (ages[2] == NOW) is (slow < 0)


def test_the_worker_counts_what_is_slow_while_it_is_shown(
    company: factories.Company, monkeypatch: pytest.MonkeyPatch, counted: list[str]
) -> None:
    watching.refresh()
    assert counted == []
    show(0)
    watching.refresh()
    assert len(counted) == 1
    monkeypatch.setattr(watching, "SLOW", -1.0)
    show(1)
    watching.refresh()
    assert len(counted) == 2
    assert show(200) == NOW + dt.timedelta(seconds=100)
    cache.delete(watching.ASKED)
    watching.refresh()
    assert len(counted) == 2


@pytest.fixture
def company(db: None) -> factories.Company:
    return factories.company()
