"""Every address of the product, by walking the resolver: headers, methods, and what strangers hear.

Who passes which door is declared in `web/permission_matrix/`, and walked by its own tests.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from tests.callers import Caller, Company, make_key
from tests.permission_matrix import matrix, said

STRICT = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}
CSP = {
    "default-src 'none'", "script-src 'self'", "connect-src 'self'", "form-action 'self'",
    "base-uri 'none'", "object-src 'none'", "frame-ancestors 'none'",
}  # fmt: skip
VALUES = {
    "lead_id": "1",
    "act_id": "1",
    "account_id": "1",
    "pair_id": "1",
    "import_id": "1",
    "decision_id": "1",
    "opportunity_id": "1",
    "customer_id": "1",
    "registration_id": "1",
    "conflict_id": "1",
    "extension_id": "1",
    "key": "demo",
    "slug": "demo",
    "name": "sla_attainment",
    "pk": "1",
    "queue": "exceptions",
}


def addresses(patterns: list[Any] | None = None, before: str = "") -> Iterator[tuple[str, str]]:
    """Every address with example values in it, and the name of its pattern."""
    for pattern in patterns if patterns is not None else get_resolver().url_patterns:
        here = before + _example(pattern)
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern.url_patterns, here)
        elif isinstance(pattern, URLPattern):
            yield "/" + here, pattern.name or ""


def _example(pattern: Any) -> str:
    route = str(pattern.pattern).lstrip("^").rstrip("$").removesuffix(r"\Z")
    route = re.sub(
        r"<(?:(\w+):)?(\w+)>",
        lambda found: VALUES.get(found[2], "1" if found[1] in {None, "int"} else "one"),
        route,
    )
    return re.sub(r"\(\?P.*?\)[+*]?(?=/|$)|\(.*?\)", "one", route).replace("\\", "")


EVERY = sorted({address for address, _ in addresses()})
DECLARED = matrix("api")
API = [(one, name) for one, name in sorted(set(addresses())) if one.startswith("/api/v1/")]
DOORS = [(address, method) for address, name in API for method in DECLARED[name]]
"""Each address of the API, with each method that it has."""
READ_BY_KEYS = [
    address
    for address, name in API
    if "GET" in DECLARED[name] and said(DECLARED, name, "GET", "key_read") == "yes"
]


@pytest.fixture
def caller(company: Company) -> Any:
    def made(who: str) -> Caller:
        if who == "sdr":
            return Caller(user=company.people[who])
        return Caller(key=make_key(f"key-{who}", who))

    return made


def _passes(caller: Caller, method: str, address: str) -> bool:
    answer = getattr(caller, method.lower())(address)
    assert answer.status_code < 500, (address, answer.content)
    return answer.status_code not in {401, 403}


def test_strangers_are_401_at_every_door(company: Company) -> None:
    for address, method in DOORS:
        answer = getattr(Caller(), method.lower())(address)
        assert answer.status_code == 401, address
        assert answer["WWW-Authenticate"] == "Api-Key", address
        assert answer.json()["code"] == "not_authenticated", address


@pytest.mark.parametrize("method", ["get", "post", "put", "patch", "delete", "trace"])
def test_methods_an_address_does_not_have_are_405(
    company: Company, caller: Any, method: str
) -> None:
    client = caller("WRITE").client
    for address in sorted({address for address, _ in DOORS}):
        if (address, method.upper()) in DOORS:
            continue
        answer = getattr(client, method)(address)
        assert answer.status_code == 405, address
        assert answer["Content-Type"].startswith("application/problem+json"), address


def test_a_session_must_bring_its_csrf_token(company: Company) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(company.sdr)
    answer = client.post("/api/v1/leads/1/accept/", "{}", content_type="application/json")
    assert answer.status_code == 403
    assert "CSRF" in answer.json()["detail"]


def test_a_role_taken_away_counts_on_the_next_request(company: Company, caller: Any) -> None:
    asking = caller("sdr")
    assert _passes(asking, "POST", "/api/v1/leads/1/accept/")
    company.sdr.role = "MARKETING"
    company.sdr.save(update_fields=["role"])
    assert not _passes(asking, "POST", "/api/v1/leads/1/accept/")


@pytest.mark.parametrize("who", ["stranger", "revops"])
def test_every_answer_bears_the_headers(company: Company, who: str) -> None:
    """And nothing inline is allowed but by the docs; and what has data is nobody's to keep."""
    client = Client(raise_request_exception=True)
    if who != "stranger":
        client.force_login(company.people[who])
    loose = set()
    for address in [*EVERY, "/nothing/here/", "/api/nothing/"]:
        answer = client.get(address)
        assert answer.status_code < 500 or address == "/readyz", address
        for name, value in STRICT.items():
            assert answer.get(name) == value, (address, name)
        assert "camera=()" in answer["Permissions-Policy"], address
        policy = {part.strip() for part in answer["Content-Security-Policy"].split(";")}
        assert policy >= CSP, address
        loose |= {address for part in policy if "unsafe" in part}
        kind = answer.get("Content-Type", "charset")
        assert any(word in kind for word in ("charset", "json", "spreadsheetml")), address
        kept = answer["Cache-Control"] if who == "revops" else "no-store"
        may_be_kept = address.startswith(("/admin/jsi18n", "/f/demo.js", "/s.js"))
        assert "no-store" in kept or "no-cache" in kept or may_be_kept, address
    assert loose == {"/api/docs/"}
