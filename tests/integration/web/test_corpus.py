"""The corpus of bad and odd inputs at both doors: never an error of ours, nothing right refused."""

from __future__ import annotations

import json
import re
import unicodedata
from typing import Any

import pytest
from django.test import Client

from leads.models import Lead, Touch, TouchStatus
from tests import hosted_forms
from tests.callers import Caller, Company, make_key, touch
from tests.corpus import documents, people, texts
from web.capture import tickets

CAPTURE = "/api/v1/capture/"
BATCH = "/api/v1/capture/batch/"
TEXT_PLACES = [
    "person.first_name", "person.last_name", "person.phone", "person.title", "person.country",
    "company.name", "company.domain", "company.industry", "company.employees", "company.country",
    "company.annual_revenue", "source.medium", "source.campaign", "source.content", "source.term",
    "source.referrer", "source.partner", "fields.question", "external_id", "note", "consent",
]  # fmt: skip
EXACT = ["person.title", "company.industry", "source.campaign", "fields.question", "note"]
FORM_PLACES = ["first_name", "last_name", "company", "title", "note"]
FORM_ANSWERS = {
    "first_name": "Mara", "last_name": "Lindqvist", "email": "mara@nordwind-logistik.de",
    "company": "Nordwind", "country": "DE",
}  # fmt: skip


@pytest.fixture
def website(company: Company) -> Caller:
    return Caller(key=make_key("website", "CAPTURE"))


@pytest.fixture
def unlimited(company: Company, settings: Any) -> None:
    settings.FORM_BRAKE = 10**6
    most = dict.fromkeys(("network_limit", "form_limit", "daily_limit"), 10**6)
    for key in hosted_forms.FIRST:
        hosted_forms.changed(key, min_seconds=0, **most)


def placed(path: str, value: Any, number: int = 0) -> dict[str, Any]:
    """A sound touch with this value at that place."""
    body: dict[str, Any] = touch(f"buyer{number}@firm{number}.de")
    section, _, name = path.partition(".")
    if name:
        body.setdefault(section, {})[name] = value
    else:
        body[section] = value
    return body


def at(payload: dict[str, Any], path: str) -> Any:
    section, _, name = path.partition(".")
    return payload[section][name] if name else payload[section]


@pytest.mark.parametrize("place", TEXT_PLACES)
def test_no_text_breaks_the_api(website: Caller, place: str) -> None:
    bodies = [placed(place, text, number) for number, text in enumerate(texts.KEPT)]
    answer = website.post(BATCH, {"touches": bodies})
    assert answer.status_code == 200
    statuses = {receipt["status"] for receipt in answer.json()["receipts"]}
    assert statuses <= {201, 422}, place
    assert not Touch.objects.exclude(status=TouchStatus.ADVANCED).exists()


@pytest.mark.parametrize("place", EXACT)
def test_text_is_kept_as_it_came(website: Caller, place: str) -> None:
    kept = [
        text
        for text in texts.KEPT
        if text == text.strip() and not re.search("[\x00-\x1f]", text) and len(text) <= 80
    ]
    bodies = [placed(place, text, number) for number, text in enumerate(kept)]
    receipts = website.post(BATCH, {"touches": bodies}).json()["receipts"]
    stored = dict(Touch.objects.values_list("pk", "payload"))
    for text, receipt in zip(kept, receipts, strict=True):
        assert receipt["status"] == 201, (text, receipt)
        assert at(stored[int(receipt["touch"])], place) == unicodedata.normalize("NFC", text)


@pytest.mark.parametrize("name", texts.UNSTORABLE)
@pytest.mark.parametrize("place", [*TEXT_PLACES, "channel", "occurred_at", "person.email"])
def test_what_cannot_be_stored_is_refused_by_name(website: Caller, place: str, name: str) -> None:
    answer = website.post(CAPTURE, placed(place, texts.UNSTORABLE[name]))
    assert answer.status_code == 400
    assert place in {fault["field"] for fault in answer.json()["errors"]}
    assert not Touch.objects.exists()


@pytest.mark.parametrize("name", documents.NOT_JSON)
def test_what_is_no_json_is_400(website: Caller, name: str) -> None:
    answer = website.post(CAPTURE, documents.NOT_JSON[name])
    assert answer.status_code == (422 if name == "empty" else 400), answer.content
    assert answer["Content-Type"].startswith("application/problem+json")
    assert not Touch.objects.exists()


def test_what_is_no_touch_is_422_alone_and_in_a_batch(website: Caller) -> None:
    for name, body in documents.NOT_A_TOUCH.items():
        answer = website.post(CAPTURE, json.dumps(body).encode())
        assert answer.status_code == 422, (name, answer.content)
        assert answer.json()["errors"], name
    answer = website.post(BATCH, {"touches": list(documents.NOT_A_TOUCH.values())})
    assert {receipt["status"] for receipt in answer.json()["receipts"]} == {422}
    assert not Touch.objects.exists()


@pytest.mark.parametrize(
    "kind",
    ["", "text/plain", "application/xml", "multipart/form-data", "json", "*/*", "application/jsonp",
     "application/x-www-form-urlencoded", "application/json; charset=utf-16", "application/json;;"],
)  # fmt: skip
def test_other_content_types_are_never_an_error_of_ours(website: Caller, kind: str) -> None:
    answer = website.client.generic("POST", CAPTURE, json.dumps(touch()), content_type=kind)
    assert answer.status_code in {201, 400, 415, 422}, answer.content
    assert (answer.status_code == 201) == Touch.objects.exists()


@pytest.mark.parametrize("place", ["occurred_at", "signals.0.occurred_at"])
def test_instants_are_exact_or_refused(website: Caller, place: str) -> None:
    for number, (told, sound) in enumerate(documents.DATES.items()):
        body = touch(f"b{number}@firm{number}.de")
        if place == "occurred_at":
            body["occurred_at"] = told
        else:
            body["signals"] = [{"kind": "page_view", "occurred_at": told}]
        answer = website.post(CAPTURE, body)
        assert answer.status_code == (201 if sound else 422), (told, answer.content)
        if not sound:
            assert answer.json()["errors"][0]["field"] == place


def test_odd_but_right_people_are_taken_by_the_api(website: Caller) -> None:
    bodies = [
        {"channel": "FORM", "person": {name: value for name, value in one.items() if value}}
        for one in people.odd_but_right()
    ]
    receipts = website.post(BATCH, {"touches": bodies}).json()["receipts"]
    refused = [
        (body["person"], receipt.get("errors"))
        for body, receipt in zip(bodies, receipts, strict=True)
        if receipt["status"] not in {200, 201}
    ]
    assert refused == []


def sent(answers: dict[str, str], **headers: str) -> Any:
    ticket = tickets.issue("demo", {})
    return Client(headers=headers).post("/f/demo/", {**FORM_ANSWERS, **answers, "ticket": ticket})


def test_odd_but_right_people_are_taken_by_the_form(company: Company, unlimited: None) -> None:
    for one in people.odd_but_right()[::5]:
        named = {name: value or "-" for name, value in one.items()}
        answer = sent(named)
        assert answer.status_code == 303, (
            one,
            re.findall(r"field__error[^<]*", answer.content.decode()),
        )


@pytest.mark.parametrize(("places", "step"), [(FORM_PLACES, 1), (["phone"], 4)], ids=str)
def test_no_text_breaks_the_form(
    company: Company, unlimited: None, places: list[str], step: int
) -> None:
    for text in texts.KEPT[::step]:
        assert sent(dict.fromkeys(places, text)).status_code in {303, 422}, text


def test_what_was_answered_is_never_shown_back_as_markup(company: Company) -> None:
    for text in texts.MARKUP:
        answers = {**FORM_ANSWERS, **dict.fromkeys(FORM_PLACES, text), "email": text}
        page = Client().post("/f/contact/", {**answers, "ticket": tickets.issue("contact", {})})
        assert page.status_code == 422
        assert not re.search("[<>\"']", text) or text not in page.content.decode(), text


def test_no_header_breaks_the_form(company: Company) -> None:
    names = ["referer", "user-agent", "accept-language", "x-forwarded-for", "accept"]
    for text in texts.KEPT:
        one_line = re.sub(r"[\x00-\x1f]", " ", text).encode("utf-8").decode("latin-1")
        headers = dict.fromkeys(names, one_line)
        assert Client(headers=headers).get("/f/contact/").status_code == 200, text


def test_no_parameter_breaks_the_form_or_runs_in_it(company: Company) -> None:
    names = ["utm_campaign", "utm_medium", "utm_source", "utm_term", "utm_content", "anything"]
    for text in texts.KEPT:
        page = Client().get("/f/contact/", dict.fromkeys(names, text))
        assert page.status_code == 200, text
        assert "alert(1)" not in page.content.decode()


def test_markup_in_every_field_is_text_on_every_page(website: Caller, company: Company) -> None:
    for number, text in enumerate(texts.MARKUP):
        body = touch(f"buyer{number}@firm{number}.de", note=text)
        for path in TEXT_PLACES[:10]:
            section, _, name = path.partition(".")
            body[section][name] = text[: 60 if name in {"country", "phone"} else 120]
        body["company"].pop("domain")
        answer = website.post(CAPTURE, body)
        assert answer.status_code in {201, 422}, answer.content
    reader = Client()
    reader.force_login(company.revops)
    pages = ["/", "/leads/", *(f"/leads/{pk}/" for pk in Lead.objects.values_list("pk", flat=True))]
    hurting = [text for text in texts.MARKUP if "<" in text]
    for page in pages:
        shown = reader.get(page).content.decode()
        assert not [text for text in hurting if text in shown], page


@pytest.mark.parametrize("form", hosted_forms.FIRST)
def test_parameters_said_twice_or_in_thousands_are_no_fault_of_ours(
    company: Company, unlimited: None, form: str
) -> None:
    ticket = tickets.issue(form, {})
    kind = "application/x-www-form-urlencoded"
    body = "&".join([f"ticket={ticket}", *("first_name=a",) * 900])
    assert Client().post(f"/f/{form}/", body, content_type=kind).status_code == 422
    flood = "&".join(f"f{n}=1" for n in range(5000))
    assert Client().post(f"/f/{form}/", flood, content_type=kind).status_code == 400
