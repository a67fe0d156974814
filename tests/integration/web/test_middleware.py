"""What holds for every request, before any view: clean text, calm words on outages."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import InterfaceError, OperationalError
from django.http import HttpResponse
from django.test import Client, RequestFactory

from tests.callers import Caller, Company, make_key
from web import middleware

pytestmark = pytest.mark.django_db
BAD_BYTES = [b"%00", b"%ff", b"%c3%28", b"%ed%a0%bd", b"%f8%88%80%80%80", b"%c0%af"]
GOOD = ["%20", "+", "%C3%A9", "%F0%9F%92%A9", "%E2%80%AE", "%25", "%ZZ", "100%"]


@pytest.mark.parametrize("raw", BAD_BYTES)
@pytest.mark.parametrize("place", ["query", "name", "form"])
def test_text_that_cannot_be_stored_is_400_naming_the_place(raw: bytes, place: str) -> None:
    hurt = raw.decode()
    client = Client(raise_request_exception=True)
    if place == "query":
        answer = client.get(f"/search/?q=a{hurt}b")
    elif place == "name":
        answer = client.get(f"/search/?a{hurt}b=1")
    else:
        kind = "application/x-www-form-urlencoded"
        answer = client.post("/f/demo/", f"first_name=a{hurt}b", content_type=kind)
    assert answer.status_code == 400
    assert {"query": "query", "name": "query", "form": "form"}[place] in (answer.content.decode())


@pytest.mark.parametrize("text", GOOD)
def test_odd_but_storable_text_passes(company: Company, text: str) -> None:
    assert Client().get(f"/f/demo/?utm_campaign={text}").status_code == 200


def test_a_nul_in_a_multipart_form_is_named() -> None:
    answer = Client().post("/f/demo/", {"first_name": "a\x00b"})
    assert answer.status_code == 400
    assert "first_name" in answer.content.decode()


def test_a_nul_smuggled_in_a_cookie_is_400_not_500() -> None:
    client = Client()
    client.cookies["sessionid"] = "a"
    client.cookies["sessionid"].set("sessionid", "a\x00b", '"a\\000b"')
    assert client.get("/f/demo/").status_code == 400


def test_the_api_answers_with_a_problem_and_pages_with_a_page() -> None:
    problem = Client().get("/api/v1/leads/?q=%00")
    page = Client().get("/search/?q=%00")
    assert problem["Content-Type"].startswith("application/problem+json")
    assert problem.json()["errors"][0]["field"] == "query"
    assert page["Content-Type"].startswith("text/html")


def test_a_form_larger_than_the_limit_is_413(settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    kind = "application/x-www-form-urlencoded"
    answer = Client().post("/f/demo/", "note=" + "x" * 2000, content_type=kind)
    assert answer.status_code == 413


@pytest.mark.parametrize("address", ["/f/demo/", "/api/v1/capture/"])
def test_a_body_in_parts_without_length_is_411_not_taken_for_empty(address: str) -> None:
    client = Client(headers={"Transfer-Encoding": "chunked"})
    answer = client.generic("POST", address, b"", content_type="application/json")
    assert answer.status_code == 411


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("multipart/form-data", b"abc"),
        ("multipart/form-data; boundary=" + "x" * 500, b"abc"),
        ("application/x-www-form-urlencoded; charset=utf-16", b"a=b"),
        ("application/x-www-form-urlencoded", "&".join(f"f{n}=1" for n in range(2000)).encode()),
    ],
    ids=["no boundary", "long boundary", "charset", "too many fields"],
)
def test_a_form_that_cannot_be_read_is_400_in_words(kind: str, body: bytes) -> None:
    answer = Client(raise_request_exception=True).post("/f/demo/", body, content_type=kind)
    assert answer.status_code == 400
    assert "cannot be read" in answer.content.decode()


OUTAGES = [
    OperationalError("could not connect to server"),
    OperationalError("canceling statement due to lock timeout"),
    InterfaceError("the connection is closed"),
]


@pytest.mark.parametrize("outage", OUTAGES, ids=str)
def test_an_outage_in_a_page_is_503_with_retry_after(
    monkeypatch: pytest.MonkeyPatch, outage: Exception
) -> None:
    def away(*args: Any) -> Any:
        raise outage

    monkeypatch.setattr("web.capture.views.hosted.find", away)
    answer = Client(raise_request_exception=True).post("/f/demo/", {})
    assert answer.status_code == 503
    assert int(answer["Retry-After"]) > 0


@pytest.mark.parametrize("outage", OUTAGES, ids=str)
def test_an_outage_in_the_api_is_503_with_retry_after(
    monkeypatch: pytest.MonkeyPatch, company: Company, outage: Exception
) -> None:
    def away(*args: Any, **options: Any) -> Any:
        raise outage

    monkeypatch.setattr("lifecycle.intake.receive", away)
    answer = Caller(key=make_key("site", "CAPTURE")).post("/api/v1/capture/", {"channel": "FORM"})
    assert answer.status_code == 503
    assert answer["Content-Type"].startswith("application/problem+json")
    assert int(answer["Retry-After"]) > 0


def test_an_outage_before_any_view_is_503_too(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*args: Any) -> Any:
        raise OperationalError("gone")

    monkeypatch.setattr("django.contrib.sessions.backends.db.SessionStore.load", away)
    client = Client(raise_request_exception=False)
    client.cookies["sessionid"] = "some-session"
    assert client.get("/f/demo/").status_code == 503


def test_our_own_fault_is_500_in_the_callers_language(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: Any, **options: Any) -> Any:
        raise RuntimeError("a secret detail")

    monkeypatch.setattr("governance.selectors.active_version", broken)
    caller = Caller(key=make_key("reader", "READ"))
    caller.client.raise_request_exception = False
    answer = caller.get("/api/v1/kit/")
    assert answer.status_code == 500
    assert answer["Content-Type"].startswith("application/problem+json")
    assert b"secret" not in answer.content


@pytest.mark.parametrize("raw", BAD_BYTES)
@pytest.mark.parametrize("before", ["/f/", "/api/v1/leads/", "/admin/", "/"])
def test_a_path_that_cannot_be_read_leads_nowhere(raw: bytes, before: str) -> None:
    answer = Client(raise_request_exception=True).get(f"{before}{raw.decode()}/")
    assert answer.status_code in ({400} if raw == b"%00" else {302, 401, 404})


def test_a_path_in_any_script_is_no_fault() -> None:
    assert Client().get("/f/caf\u00e9/").status_code == 404
    assert Client().get("/f/\u9673/").status_code == 404


def test_times_are_shown_in_the_readers_zone_and_only_for_them(company: Company) -> None:
    company.sdr.time_zone = "Asia/Kathmandu"
    company.sdr.save(update_fields=["time_zone"])
    seen: list[str] = []

    def view(request: Any) -> HttpResponse:
        seen.append(middleware.timezone.get_current_timezone_name())
        return HttpResponse()

    request = RequestFactory().get("/")
    request.user = company.sdr
    middleware.ReaderTimeZone(view)(request)
    request.COOKIES["sessionid"] = "here"
    middleware.ReaderTimeZone(view)(request)
    middleware.ReaderTimeZone(view)(RequestFactory().get("/"))
    assert seen == ["UTC", "Asia/Kathmandu", "UTC"]
