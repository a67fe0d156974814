"""The API's description: valid, complete, and true of what is answered."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema

from leads.models import Lead
from routing.models import Decision
from tests.callers import Caller, Company, touch
from tests.integration.web.test_every_address import DOORS, READ_BY_KEYS

Key = Callable[[str], Caller]


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    return dict(SchemaGenerator().get_schema(request=None, public=True))


def test_the_description_is_valid(schema: dict[str, Any]) -> None:
    validate_schema(schema)


def _example(path: str) -> str:
    named = path.replace("{name}", "sla_attainment").replace("{queue}", "exceptions")
    named = named.replace("{key}", "demo").replace("{number}", "one")
    ids = (
        "lead|account|pair|import|opportunity|customer|decision|act|registration|conflict|extension"
    )
    return re.sub(rf"\{{({ids})_id\}}", "1", named)


def test_every_address_and_method_is_described(schema: dict[str, Any]) -> None:
    described = {
        (_example(path), method.upper())
        for path, methods in schema["paths"].items()
        for method in methods
    }
    assert described == set(DOORS)


def test_every_operation_says_what_it_does_and_how_to_log_in(schema: dict[str, Any]) -> None:
    for path, methods in schema["paths"].items():
        for operation in methods.values():
            assert operation.get("description") or operation.get("summary"), path
            assert {"ApiKey": []} in operation["security"], path


def test_bodies_that_are_read_strictly_name_each_field(schema: dict[str, Any]) -> None:
    parts = schema["components"]["schemas"]
    assert set(parts["Accept"]["properties"]) == {"icp_confirmed", "reachable", "evidence"}
    assert set(parts["Convert"]["properties"]) == {
        "name", "amount", "currency", "expected_close", "opportunity", "stage", "system",
            "external_id", "url",
    }  # fmt: skip


def fits(value: Any, shape: dict[str, Any], parts: dict[str, Any], where: str) -> None:
    """A deliberately small reader of schemas: names, required ones, types."""
    if value is None and shape.get("nullable"):
        return None
    if "$ref" in shape:
        shape = parts[shape["$ref"].rsplit("/", 1)[1]]
    for inner in shape.get("allOf", []):
        return fits(value, inner, parts, where)
    if value is None:
        assert "oneOf" in shape, f"{where} may not be null"
    elif shape.get("type") == "object" and "properties" in shape:
        assert set(value) <= set(shape["properties"]), where
        assert set(shape.get("required", [])) <= set(value), where
        for name, inner in value.items():
            fits(inner, shape["properties"][name], parts, f"{where}.{name}")
    elif shape.get("type") == "array":
        for item in value:
            fits(item, shape["items"], parts, where)
    elif shape.get("type") == "string":
        assert isinstance(value, str), where
    elif shape.get("type") == "integer":
        assert isinstance(value, int), where
    return None


MADE_ELSEWHERE = {"/api/v1/opportunities/1/", "/api/v1/customers/1/"}
"""What is not there yet; tests of its own hold it against its shape."""


ASKED = {"/api/v1/territories/holder/": {"country": "DE"}}
"""What an address cannot be asked without."""


@pytest.mark.parametrize("path", [one for one in READ_BY_KEYS if one not in MADE_ELSEWHERE])
def test_what_is_read_has_the_described_shape(
    mql: str, key_of: Key, schema: dict[str, Any], path: str
) -> None:
    account = Lead.objects.get(pk=mql).account_id
    decision = Decision.objects.get(lead=mql).pk
    here = path.replace("accounts/1/", f"accounts/{account}/")
    here = here.replace("decisions/1/", f"decisions/{decision}/").replace("/1/", f"/{mql}/")
    # Clocks are not told as of a day.
    here = here.replace("/sla_attainment/as_told/", "/mql_to_sal/as_told/")
    answer = key_of("READ").get(here.replace("/demo/", "/dach/"), **ASKED.get(path, {}))
    template = path.replace("/demo/", "/{key}/")
    template = template.replace("accounts/1/", "accounts/{account_id}/")
    template = template.replace("decisions/1/", "decisions/{decision_id}/")
    template = template.replace("opportunities/1/", "opportunities/{opportunity_id}/")
    template = template.replace("/1/", "/{lead_id}/").replace("/sla_attainment/", "/{name}/")
    template = template.replace("/exceptions/", "/{queue}/")
    described = schema["paths"][template]["get"]["responses"]["200"]["content"]["application/json"]
    fits(answer.json(), described["schema"], schema["components"]["schemas"], path)


def test_receipts_have_the_described_shape(
    company: Company, key_of: Key, schema: dict[str, Any]
) -> None:
    parts = schema["components"]["schemas"]
    single = key_of("WRITE").post("/api/v1/capture/", touch())
    fits(single.json(), parts["Receipt"], parts, "receipt")
    many = key_of("WRITE").post("/api/v1/capture/batch/", {"touches": [touch("b@b.de"), {}]})
    fits(many.json(), parts["BatchReceipts"], parts, "batch")
    signal = {"kind": "page_view", "person": {"email": "b@b.de"}}
    sent = key_of("WRITE").post("/api/v1/signals/", signal)
    fits(sent.json(), parts["SignalReceipt"], parts, "signal")
    several = key_of("WRITE").post("/api/v1/signals/batch/", {"signals": [signal, {}]})
    fits(several.json(), parts["SignalReceipts"], parts, "signals")
    refused = key_of("WRITE").post("/api/v1/capture/", {})
    fits(refused.json(), parts["Problem"], parts, "problem")


@pytest.mark.django_db
def test_schema_and_docs_are_open_to_read() -> None:
    assert Client().get("/api/schema/").status_code == 200
    page = Client().get("/api/docs/").content.decode()
    assert "swagger-ui-bundle" in page
    assert "<script>" not in page
