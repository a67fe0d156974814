"""Every address of the API, by every method, role and kind of key, against the declared matrix.

`web/permission_matrix/api.toml` says who passes; an address or method that is not declared fails.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from pytest_django import DjangoDbBlocker

from people.models import ApiKey
from tests import permission_matrix as declared
from tests.callers import make_key
from tests.permission_matrix import CALLERS, client_of

pytestmark = pytest.mark.django_db

KEYS = {f"key_{scope.lower()}": scope for scope in ApiKey.Scope.values}
ADDRESSES = declared.addresses("api")
MATRIX = declared.matrix("api")


@pytest.fixture(scope="module")
def objects(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[dict[str, Any]]:
    """The company and its keys, once; each request's own changes are rolled back."""
    with django_db_blocker.unblock(), transaction.atomic():
        secrets = {who: make_key(who, scope) for who, scope in KEYS.items()}
        yield declared.found() | secrets
        transaction.set_rollback(True)


def caller(who: str, objects: dict[str, Any]) -> Client:
    if who in KEYS:
        return Client(headers={"Authorization": f"Api-Key {objects[who]}"})
    return client_of(who)


def test_every_address_is_declared_and_no_other() -> None:
    assert sorted(MATRIX) == sorted(ADDRESSES)


@pytest.mark.parametrize("who", [*CALLERS, *KEYS])
def test_everybody_hears_what_is_declared(objects: dict[str, Any], who: str) -> None:
    client = caller(who, objects)
    heard = {
        (name, method): declared.ask(client, method, declared.filled(name, route, objects))
        for name, route in ADDRESSES.items()
        for method in MATRIX[name]
    }
    assert declared.differing(MATRIX, heard, who) == {}


@pytest.mark.parametrize("who", ["sdr", "ae", "manager", "customer_success"])
def test_what_one_may_not_see_answers_as_what_is_not_there(
    objects: dict[str, Any], who: str
) -> None:
    """Whatever the address and method, the answer is that of a missing one, word by word."""
    client, told = client_of(who), {}
    for name, route in ADDRESSES.items():
        for hidden in ("lead_id", "account_id", "opportunity_id", "customer_id", "decision_id"):
            if f":{hidden}>" not in route:
                continue
            address = declared.filled(name, route, objects)
            other = declared.filled(name, route, objects | {hidden: declared.MISSING})
            for method in MATRIX[name]:
                if declared.said(MATRIX, name, method, who) != "404":
                    continue
                one, none = (
                    getattr(client, method.lower())(where).json() for where in (address, other)
                )
                if without(one, objects[hidden]) != without(none, declared.MISSING):
                    told[name, method] = (one, none)
    assert told == {}


def without(answer: Any, number: int) -> Any:
    """The answer with the number that was asked for taken out, and the request's own."""
    answer.pop("request_id", None)
    return json.loads(json.dumps(answer).replace(str(number), "…"))
