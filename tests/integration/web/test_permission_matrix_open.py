"""Every address outside console, API and administration: log-in, capture, signs of life.

`web/permission_matrix/open.toml` says what a stranger and somebody of the house hear there.
"""

from __future__ import annotations

from typing import Any

import pytest

from people.models import Role
from tests import factories, hosted_forms
from tests import permission_matrix as declared

pytestmark = pytest.mark.django_db

METHODS = ("GET", "POST")
ADDRESSES = declared.addresses("open")
MATRIX = declared.matrix("open")


@pytest.fixture
def objects() -> dict[str, Any]:
    """A company with a form on its site."""
    factories.company()
    factories.user("the-sdr", role=Role.SDR)
    hosted_forms.first()
    return {"key": "demo", "uidb36": "1", "provider_id": "x"}


def test_every_address_is_declared_and_no_other() -> None:
    assert sorted(MATRIX) == sorted(ADDRESSES)


@pytest.mark.parametrize("who", ["anonymous", "sdr"])
def test_everybody_hears_what_is_declared(objects: dict[str, Any], who: str) -> None:
    heard = {
        (name, method): declared.ask(
            declared.client_of(who), method, declared.filled(name, route, objects)
        )
        for name, route in ADDRESSES.items()
        for method in METHODS
    }
    assert declared.differing(MATRIX, heard, who) == {}
