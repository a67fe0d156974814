"""Who calls at the doors: machines with keys, people with sessions, and what they bring."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.test import Client

from people.models import ApiKey, Role, User


@dataclass(frozen=True, slots=True)
class Company:
    """Who works here, by first name."""

    people: dict[str, User]

    def __getattr__(self, name: str) -> User:
        return self.people[name]


class Caller:
    """A client that speaks JSON with one key, or with somebody's session."""

    def __init__(self, *, key: str = "", user: User | None = None) -> None:
        self.client = Client(headers={"Authorization": f"Api-Key {key}"} if key else {})
        if user is not None:
            self.client.force_login(user)

    def get(self, path: str, **query: Any) -> HttpResponse:
        return self.client.get(path, query)

    def post(self, path: str, body: Any = None, **headers: str) -> HttpResponse:
        raw = body if isinstance(body, bytes) else json.dumps(body if body is not None else {})
        return self.client.post(
            path,
            raw,
            content_type="application/json",
            headers={name.replace("_", "-"): value for name, value in headers.items()},
        )

    def patch(self, path: str, body: Any = None) -> HttpResponse:
        return self.client.patch(path, json.dumps(body or {}), content_type="application/json")


def make_key(name: str, scope: str, user: User | None = None) -> str:
    owner = user or User.objects.create(
        username=f"service-{name}", email=f"{name}@service.invalid", role=Role.SERVICE
    )
    _, key = ApiKey.objects.create(user=owner, name=name, scope=scope, expiry=None)
    return key


def touch(email: str = "mara@nordwind-logistik.de", **more: Any) -> dict[str, Any]:
    """A demo request of somebody inside the ICP."""
    return {
        "channel": "FORM",
        "person": {"first_name": "Mara", "last_name": "Lindqvist", "email": email, "country": "DE"},
        "company": {
            "name": "Nordwind Logistik GmbH",
            "domain": "nordwind-logistik.de",
            "industry": "Logistics",
            "employees": 420,
            "country": "DE",
        },
        "signals": [{"kind": "demo_request"}],
        **more,
    }
