"""A lead that somebody else holds in the database: a calm 503 in time, and nothing half done."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from django.db import connection

from core import database
from leads.models import Lead
from people.models import User
from tests import small_company
from tests.callers import Caller

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def sdr() -> User:
    return small_company.person("Sara")


@pytest.fixture
def held(sdr: User) -> Iterator[Lead]:
    """A lead whose row another session has locked."""
    small_company.publish_kit(now=database.now())
    lead = small_company.lead(now=database.now(), owner=sdr)
    parameters = connection.get_connection_params()
    known = {name: parameters[name] for name in ("host", "port", "user", "password", "dbname")
             if name in parameters}  # fmt: skip
    with psycopg.connect(**known) as other:
        other.execute("SELECT 1 FROM leads_lead WHERE id = %s FOR UPDATE", [lead.pk])
        yield lead
        other.rollback()


def test_a_lock_held_too_long_is_503_and_leaves_no_trace(held: Lead, sdr: User) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '200ms'")
    try:
        caller = Caller(user=sdr)
        body = {"kind": "CALL", "direction": "OUTBOUND", "outcome": "COMPLETED"}
        answer = caller.post(f"/api/v1/leads/{held.pk}/activities/", body)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("RESET lock_timeout")
    assert answer.status_code == 503
    assert answer.json()["code"] == "database_unavailable"
    assert int(answer["Retry-After"]) > 0
    assert held.activities.count() == 0
