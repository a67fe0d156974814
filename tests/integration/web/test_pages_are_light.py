"""Every page of the console with real rows on it: few queries, and few bytes on the way.

A page that asks once for each of its rows is over the limit here, since every list has a dozen.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoDbBlocker

from tests import busy_company, factories
from tests.integration.web.test_permission_matrix import ADDRESSES, filled

pytestmark = pytest.mark.django_db

QUERIES, BYTES = 15, 60_000
"""A page has fewer than these; the bytes are those of its text, compressed."""
MORE: dict[str, str] = {
    "kit-rescore": "The preview scores leads in the tables of the score, one statement a rule.",
    "metric-restated": "Facts as of two moments are made in the tables of facts, and taken back.",
}
"""Pages that ask more, and why that is sensible."""


@pytest.fixture(scope="module")
def objects(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[dict[str, Any]]:
    with django_db_blocker.unblock(), transaction.atomic():
        company, now = busy_company.busy()
        factories.captures([factories.touch() for _ in range(24)], now=now)
        yield busy_company.things(company)
        transaction.set_rollback(True)


def weight(client: Client, address: str) -> tuple[int, int] | None:
    """Queries and compressed bytes of a page, None where there is none; nothing of it stays.

    One over the limit is looked at again: what is kept for half a minute is there by then.
    """
    with transaction.atomic():
        told, answer = _seen(client, address)
        if told >= QUERIES:
            told, answer = _seen(client, address)
        transaction.set_rollback(True)
    if answer.status_code != 200 or "html" not in answer.headers.get("Content-Type", ""):
        return None
    return told, len(gzip.compress(answer.content))


def _seen(client: Client, address: str) -> tuple[int, HttpResponse]:
    with CaptureQueriesContext(connection) as told:
        answer: HttpResponse = client.get(address)
    return len(told), answer


@pytest.mark.parametrize(("who", "least"), [("revops", 75), ("manager", 65), ("rep", 45)])
def test_every_page_is_light(objects: dict[str, Any], who: str, least: int) -> None:
    company, client = factories.standing(), Client()
    client.force_login(company.reps[0] if who == "rep" else getattr(company, who))
    found = {name: weight(client, filled(name, objects)) for name in ADDRESSES}
    pages = {name: one for name, one in found.items() if one is not None}
    assert len(pages) >= least  # so many addresses are pages to them; others lack what they show
    assert {
        name: (queries, size)
        for name, (queries, size) in pages.items()
        if size >= BYTES or (queries >= QUERIES and name not in MORE)
    } == {}
