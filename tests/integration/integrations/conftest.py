"""A small company, and servers that are told what happens there."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Iterator
from typing import Any

import pytest

from core import sealing
from governance.kit import Kit
from integrations import listening, requests, signing
from integrations.models import Endpoint
from tests import provider_server, small_company
from tests.provider_server import Server

NOW = dt.datetime(2026, 3, 3, 10, 0, tzinfo=dt.UTC)


@pytest.fixture
def now() -> dt.datetime:
    return NOW


@pytest.fixture
def kit(db: None, now: dt.datetime) -> Kit:
    return small_company.publish_kit(now=now)


@pytest.fixture
def server(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A server on loopback, which is allowed here; it gets 0.4 seconds to answer."""
    settings.ALLOW_PRIVATE_PROVIDERS = True
    monkeypatch.setattr(requests.post, "__kwdefaults__", {"seconds": 0.4})
    with provider_server.running() as running:
        yield running


def endpoint(url: str, *, label: str = "Warehouse", **columns: Any) -> Endpoint:
    """An endpoint for everything, and somebody who listens from now on."""
    secret = signing.new_secret(secrets.token_bytes(32))
    given = {
        "kinds": sorted(listening.KINDS),
        "secret": sealing.seal(secret),
        "host": "127.0.0.1",
        **columns,
    }
    row = Endpoint.objects.create(label=label, url=sealing.seal(url), **given)
    listening.forget()
    return row
