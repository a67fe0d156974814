"""Every address of the console, by every method and role, against the declared matrix.

`web/permission_matrix/console.toml` says who passes; here it is walked with real requests to a
company in which the lead, its account, opportunity, customer and decision are another team's. An
address or method that is not declared fails.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from django.http import HttpResponse
from pytest_django import DjangoDbBlocker

from core import errors
from tests import permission_matrix as declared
from tests.permission_matrix import CALLERS, MISSING
from web.console import pages

pytestmark = pytest.mark.django_db

METHODS = ("GET", "POST")
HIDDEN = {"lead_id", "account_id", "deal_id", "customer_id", "decision_id"}
ADDRESSES = declared.addresses("console")
MATRIX = declared.matrix("console")


@pytest.fixture(scope="module")
def objects(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[dict[str, Any]]:
    """The company, once; each request's own changes are rolled back."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield declared.found()
        transaction.set_rollback(True)


def filled(name: str, objects: dict[str, Any]) -> str:
    return declared.filled(name, ADDRESSES[name], objects)


@pytest.fixture
def refused(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was refused for who asked, also where a page tells it and goes on."""
    told: list[str] = []
    begin = errors.NotAllowed.__init__

    def noted(self: Any, message: str, *more: Any, **others: Any) -> None:
        told.append(message)
        begin(self, message, *more, **others)

    monkeypatch.setattr(errors.NotAllowed, "__init__", noted)
    # Who passes is told before anything is drawn, and drawing takes most of the time.
    monkeypatch.setattr(
        pages, "render", lambda *_, status=200, **__: HttpResponse("A page.", status=status)
    )
    return told


def ask(client: Any, method: str, address: str, refused: list[str]) -> str:
    refused.clear()
    return declared.ask(client, method, address, refused)


def test_every_address_is_declared_and_no_other() -> None:
    assert sorted(MATRIX) == sorted(ADDRESSES)


@pytest.mark.parametrize("who", CALLERS)
def test_everybody_hears_what_is_declared(
    objects: dict[str, Any], refused: list[str], who: str
) -> None:
    client = declared.client_of(who)
    heard = {
        (name, method): ask(client, method, filled(name, objects), refused)
        for name in ADDRESSES
        for method in METHODS
    }
    assert declared.differing(MATRIX, heard, who) == {}


@pytest.mark.parametrize("who", ["sdr", "ae", "manager", "customer_success"])
def test_what_one_may_not_see_answers_as_what_is_not_there(
    objects: dict[str, Any], refused: list[str], who: str
) -> None:
    """Whatever the address and method: the status and the words are those of a missing one."""
    client, other = declared.client_of(who), dict.fromkeys(objects, MISSING)
    told = {}
    for name, route in ADDRESSES.items():
        if not set(re.findall(r":(\w+)>", route)) & HIDDEN:
            continue
        for method in METHODS:
            one, none = (
                ask(client, method, filled(name, some), refused) for some in (objects, other)
            )
            if one != none and declared.said(MATRIX, name, method, who) != "yes":
                told[name, method] = (one, none)
    assert told == {}
