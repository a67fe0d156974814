"""Every address of the product, by walking the resolver: headers, and who may go where.

An address of the API that is not in the table below fails the build.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from tests.callers import Caller, Company, make_key

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
    "name": "sla",
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
API = sorted({address for address in EVERY if address.startswith("/api/v1/")})

# ─ who may use which address of the API: method, then who passes the door ─
ALL_PEOPLE = {"sdr", "ae", "manager", "marketing", "revops"}
REPS = {"sdr", "ae", "manager", "revops"}
READ = ("GET", ALL_PEOPLE | {"READ", "WRITE"})
TAKE_IN = ("POST", {"revops", "CAPTURE", "WRITE"})
ACT = ("POST", REPS | {"WRITE"})
KEEPERS = {"manager", "marketing", "revops", "WRITE"}
DECIDE = ("POST", REPS | {"marketing", "WRITE"})
TABLE = {
    "/api/v1/leads/1/wake_up/": ("POST", KEEPERS),
    "/api/v1/leads/1/dispute/": ("POST", {"marketing", "revops", "WRITE"}),
    "/api/v1/leads/1/decide_dispute/": ("POST", {"marketing", "revops", "WRITE"}),
    "/api/v1/capture/": TAKE_IN,
    "/api/v1/capture/batch/": TAKE_IN,
    "/api/v1/signals/": TAKE_IN,
    "/api/v1/signals/batch/": TAKE_IN,
    "/api/v1/kit/": READ,
    "/api/v1/routes/preview/": ("POST", ALL_PEOPLE | {"READ", "WRITE"}),
    "/api/v1/reports/": READ,
    "/api/v1/reports/sla/": READ,
    "/api/v1/leads/": READ,
    "/api/v1/leads/1/": READ,
    "/api/v1/escalations/": READ,
    "/api/v1/leads/bulk_act/": ACT,
    "/api/v1/leads/bulk_act/1/": READ,
    "/api/v1/leads/bulk_act/1/cancel/": ACT,
    "/api/v1/leads/bulk_act/1/undo/": ACT,
    "/api/v1/leads/bulk_reassign/": ("POST", {"manager", "revops", "WRITE"}),
    "/api/v1/leads/bulk_reassign/1/": ("GET", {"manager", "revops"}),
    "/api/v1/leads/bulk_reassign/1/cancel/": ("POST", {"manager", "revops"}),
    "/api/v1/leads/bulk_reassign/1/undo/": ("POST", {"manager", "revops"}),
    "/api/v1/territories/": READ,
    "/api/v1/territories/holder/": READ,
    "/api/v1/territories/realignments/": ("GET", {"manager", "revops"}),
    "/api/v1/territories/realignments/1/": ("GET", {"manager", "revops"}),
    "/api/v1/territories/realignments/1/cancel/": ("POST", {"manager", "revops"}),
    "/api/v1/territories/realignments/1/undo/": ("POST", {"manager", "revops"}),
    "/api/v1/leads/1/timeline/": READ,
    "/api/v1/leads/1/decisions/": READ,
    "/api/v1/leads/1/clocks/": READ,
    "/api/v1/leads/1/score/": READ,
    "/api/v1/decisions/": READ,
    "/api/v1/decisions/1/": READ,
    "/api/v1/decisions/1/replay/": READ,
    "/api/v1/decisions/1/what_if/": ("POST", ALL_PEOPLE | {"READ", "WRITE"}),
    "/api/v1/pools/": READ,
    "/api/v1/pools/demo/ledger/": READ,
    "/api/v1/pools/demo/ledger/entries/": READ,
    "/api/v1/queues/": ("GET", KEEPERS | {"READ"}),
    "/api/v1/queues/exceptions/": ("GET", KEEPERS | {"READ"}),
    "/api/v1/queues/exceptions/retry/": ("POST", KEEPERS),
    "/api/v1/queues/exceptions/release/": ("POST", KEEPERS),
    "/api/v1/accounts/": READ,
    "/api/v1/accounts/1/": READ,
    "/api/v1/opportunities/": READ,
    "/api/v1/opportunities/batch/": ("POST", {"revops", "WRITE"}),
    "/api/v1/partner_registrations/": READ,
    "/api/v1/partner_registrations/1/withdraw/": ACT,
    "/api/v1/partner_registrations/1/extend/": ACT,
    "/api/v1/partner_extensions/1/undo/": ACT,
    "/api/v1/partner_conflicts/": READ,
    "/api/v1/partner_conflicts/1/decide/": ACT,
    "/api/v1/partner_conflicts/1/undo/": ACT,
    "/api/v1/opportunities/1/": READ,
} | {
    f"/api/v1/leads/1/{name}/": ACT
    for name in (
        "accept", "reject", "self_source", "sales_qualify", "convert", "win", "lose",
        "return_to_nurture", "recycle", "disqualify", "reopen", "undo", "reassign", "claim",
        "misroute", "return_handoff", "await_buyer", "go_on", "set_next_step",
        "activities", "references", "checklist",
    )
} | {
    "/api/v1/leads/1/merge/": DECIDE,
    "/api/v1/leads/1/unmerge/": DECIDE,
    "/api/v1/duplicates/": ("GET", {"manager", "marketing", "revops", "READ", "WRITE"}),
    "/api/v1/duplicates/1/merge/": DECIDE,
    "/api/v1/duplicates/1/dismiss/": DECIDE,
}  # fmt: skip
TABLE |= {"/api/v1/customers/": READ, "/api/v1/customers/1/": READ} | {
    f"/api/v1/customers/1/{name}/": ACT for name in ("renew", "churn", "undo")
}
TABLE |= {f"/api/v1/opportunities/1/{name}/": ACT for name in ("stage", "win", "lose", "undo")}
TABLE |= {"/api/v1/products/": READ, "/api/v1/opportunities/1/products/": ACT}
TABLE |= {
    f"/api/v1/imports/{name}": ("GET", {"revops"}) for name in ("", "1/", "1/rows/", "1/result/")
}
TABLE |= {
    f"/api/v1/imports/1/{name}/": ("POST", {"revops"})
    for name in ("check", "start", "cancel", "go_on", "undo")
}
KEEP = {"manager", "revops", "WRITE"}
TABLE |= {f"/api/v1/accounts/1/{name}/": ("POST", KEEP) for name in ("absorb", "part")}
SECOND = {
    "/api/v1/territories/realignments/": ("POST", {"manager", "revops", "WRITE"}),
    "/api/v1/leads/": ("POST", {"sdr", "ae", "manager"}),
    "/api/v1/leads/1/": ("PATCH", REPS | {"WRITE"}),
    "/api/v1/accounts/": ("POST", KEEP),
    "/api/v1/accounts/1/": ("PATCH", KEEP),
    "/api/v1/opportunities/": ("POST", REPS | {"WRITE"}),
    "/api/v1/opportunities/1/": ("PATCH", REPS | {"WRITE"}),
    "/api/v1/customers/1/": ("PATCH", REPS | {"WRITE"}),
    "/api/v1/imports/": ("POST", {"revops"}),
    "/api/v1/partner_registrations/": ACT,
}
"""Addresses with a second method, and who passes with that."""

CALLERS = [*sorted(ALL_PEOPLE), "CAPTURE", "READ", "WRITE"]


def test_every_address_of_the_api_is_declared() -> None:
    assert set(API) == set(TABLE)


@pytest.fixture
def caller(company: Company) -> Any:
    def made(who: str) -> Caller:
        if who in ALL_PEOPLE:
            return Caller(user=company.people[who])
        return Caller(key=make_key(f"key-{who}", who))

    return made


def _passes(caller: Caller, method: str, address: str) -> bool:
    answer = getattr(caller, method.lower())(address)
    assert answer.status_code < 500, (address, answer.content)
    return answer.status_code not in {401, 403}


@pytest.mark.parametrize("who", CALLERS)
def test_each_caller_passes_exactly_the_doors_of_the_table(caller: Any, who: str) -> None:
    asking = caller(who)
    for table in (TABLE, SECOND):
        passed = {one for one, (method, _) in table.items() if _passes(asking, method, one)}
        assert passed == {address for address, (_, allowed) in table.items() if who in allowed}


def test_strangers_are_401_at_every_door(company: Company) -> None:
    for address, (method, _) in TABLE.items():
        answer = getattr(Caller(), method.lower())(address)
        assert answer.status_code == 401, address
        assert answer["WWW-Authenticate"] == "Api-Key", address
        assert answer.json()["code"] == "not_authenticated", address


@pytest.mark.parametrize("method", ["get", "post", "put", "patch", "delete", "trace"])
def test_methods_an_address_does_not_have_are_405(
    company: Company, caller: Any, method: str
) -> None:
    client = caller("WRITE").client
    for address in TABLE:
        if method.upper() in {table[address][0] for table in (TABLE, SECOND) if address in table}:
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
