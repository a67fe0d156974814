"""A company that works by the book keeps every invariant."""

from __future__ import annotations

import pytest

from lifecycle.invariants import run
from tests import busy_company, factories

pytestmark = pytest.mark.django_db


def broken(results: list[run.Result]) -> dict[str, tuple[str, ...]]:
    return {
        one.invariant.key: tuple(f"{o.id} {o.what}" for o in one.found.offences)
        for one in results
        if one.found.count
    }


def test_an_empty_database_keeps_all() -> None:
    assert broken(run.check(now=factories.NOW)) == {}


def test_a_company_at_work_keeps_all() -> None:
    _, now = busy_company.busy()
    assert broken(run.check(now=now)) == {}
