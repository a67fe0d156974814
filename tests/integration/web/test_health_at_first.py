"""A system that was just set up: nothing published, nobody working. No company in this file."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.callers import Caller, make_key


@pytest.mark.django_db
def test_an_empty_system_lacks_kit_and_worker(client: Client) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert {fault["field"] for fault in answer.json()["errors"]} == {"kit", "worker"}


@pytest.mark.django_db
def test_without_a_kit_the_api_says_what_to_do() -> None:
    answer = Caller(key=make_key("reader", "READ")).get("/api/v1/kit/")
    assert answer.status_code == 503
    assert answer["Retry-After"]
    assert "kit init" in answer.json()["detail"]
