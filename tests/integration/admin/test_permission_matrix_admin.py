"""Every address of the administration, by role, against the declared matrix.

`web/permission_matrix/admin.toml` says who may view, add, change and delete rows of which model. An
address that is neither a model's usual one nor declared by its name fails, and so does a model.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib import admin
from django.db import transaction
from django.template.response import SimpleTemplateResponse
from django.test import Client
from pytest_django import DjangoDbBlocker

from people.models import User
from tests import factories
from tests import permission_matrix as declared
from tests.permission_matrix import MISSING, WHO

pytestmark = pytest.mark.django_db

PAGES = ("simple_history", "changelist", "history", "add", "change", "delete")
"""What stands at the end of the name of a model's address."""
MODELS = {
    f"{model._meta.app_label}_{model._meta.model_name}": model for model in admin.site._registry
}
ADDRESSES = declared.addresses("admin")
MATRIX = declared.matrix("admin")
OF_ITSELF = MATRIX.pop("addresses")


def of_model(name: str) -> tuple[str, str] | None:
    """The model of an address, and what its page is; the old form of `change` leads to that."""
    if old := re.fullmatch(r"admin/(\w+)/(\w+)/<path:object_id>/", name):
        return f"{old[1]}_{old[2]}", "old"
    for page in PAGES:
        model = name.removesuffix(f"_{page}")
        if name.endswith(f"_{page}") and model in MODELS:
            return model, page
    return None


@pytest.fixture(scope="module")
def objects(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[dict[str, Any]]:
    """The company, once: everybody in it may log in to the administration but one."""
    with django_db_blocker.unblock(), transaction.atomic():
        declared.found()
        User.objects.exclude(username="the-owner").update(is_staff=True)
        factories.user("the-superuser", is_staff=True, is_superuser=True)
        yield {
            name: model._default_manager.order_by("-pk").first() for name, model in MODELS.items()
        }
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def nothing_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who passes is told before a page is drawn, and drawing takes most of the time."""
    monkeypatch.setattr(SimpleTemplateResponse, "rendered_content", "A page.")


def address(name: str, row: Any = None) -> str:
    """The address with the number of this row in it, and of its first version."""
    number = str(row.pk if row else MISSING)
    version = row.history.last() if hasattr(row, "history") else None
    asked = ADDRESSES[name].replace("^([^/]+)", number, 1)
    asked = asked.replace("([^/]+)", str(version.pk if version else MISSING))
    return declared.filled(name, asked.replace("<path:object_id>", number), {})


def rights(client: Client, model: str, row: Any) -> dict[str, bool]:
    """What this caller may do to rows of a model. A row may be hidden from who sees others."""

    def passes(page: str, method: str = "GET") -> bool:
        return declared.ask(client, method, address(f"{model}_{page}", row)) == "yes"

    views = passes("changelist")
    for page in ("history", "simple_history"):
        if not views and row and f"{model}_{page}" in ADDRESSES:
            assert not passes(page), (model, page)
    return {
        "view": views,
        "add": passes("add", "POST"),
        "change": passes("change", "POST"),
        "delete": passes("delete"),
    }


def test_every_address_is_declared_and_no_other() -> None:
    assert sorted(MATRIX) == sorted(MODELS)
    rest = {name for name in ADDRESSES if of_model(name) is None}
    assert sorted(rest) == sorted(OF_ITSELF)


@pytest.mark.parametrize("who", [*WHO, "superuser"])
def test_everybody_may_do_what_is_declared(objects: dict[str, Any], who: str) -> None:
    client = declared.client_of(who)
    may = {
        (model, right): yes
        for model in MODELS
        for right, yes in rights(client, model, objects[model]).items()
    }
    if where := os.environ.get("WRITE_MATRIX"):
        Path(where, f"{who}.txt").write_text(repr(may))
        return
    assert {
        one: yes for one, yes in may.items() if yes != (who in MATRIX[one[0]][one[1]].split())
    } == {}


@pytest.mark.parametrize("who", ["owner", "anonymous"])
def test_who_does_not_administer_hears_of_no_page(objects: dict[str, Any], who: str) -> None:
    client = declared.client_of(who)
    opened = {
        name: heard
        for name in ADDRESSES
        if OF_ITSELF.get(name) != "open"
        for method in ("GET", "POST")
        if (heard := declared.ask(client, method, address(name))) != "login"
    }
    assert opened == {}
