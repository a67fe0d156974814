"""Hosted forms as rows: changed while filled in, embedded in other sites, braked, sent on."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.http import HttpResponse
from django.test import Client

from leads.models import Touch
from tests import hosted_forms
from tests.callers import Company
from web.models import FormQuestion, FormSendings

START = dt.datetime(2026, 11, 23, 10, 0, tzinfo=dt.UTC)
PAGE = "/f/contact/"
ANSWERS = {
    "first_name": "Mara", "last_name": "Lindqvist", "email": "mara@nordwind-logistik.de",
    "company": "Nordwind", "note": "Hello.",
}  # fmt: skip
SITE = "https://www.ours.example"


@pytest.fixture(autouse=True)
def clock(company: Company) -> Iterator[Any]:
    with time_machine.travel(START, tick=False) as moved:
        yield moved


def opened(clock: Any, path: str = PAGE, **headers: str) -> str:
    page = Client(headers=headers).get(path).content.decode()
    clock.shift(20)
    found = re.search(r'name="ticket" value="([^"]+)"', page)
    assert found
    return found.group(1)


def send(ticket: str, path: str = PAGE, **answers: str) -> HttpResponse:
    return Client().post(path, {**ANSWERS, "ticket": ticket, **answers})


def policy(answer: HttpResponse, name: str) -> str:
    parts = (part.strip() for part in answer["Content-Security-Policy"].split(";"))
    return next(part for part in parts if part.startswith(name))


# ─ changed, off, unknown ─


def test_a_question_added_meanwhile_is_not_asked_of_who_has_not_seen_it(clock: Any) -> None:
    ticket = opened(clock)
    hosted_forms.ask("contact", name="country", label="Country", required=True)
    hosted_forms.ask("contact", label="Team size", required=True)
    assert send(ticket).status_code == 303
    assert "Team size" not in Touch.objects.get().payload["fields"]
    assert send(opened(clock), note="Again.").status_code == 422


def test_an_answer_to_a_question_removed_meanwhile_is_kept(clock: Any) -> None:
    own = hosted_forms.ask("contact", label="Team size", required=True)
    ticket = opened(clock)
    FormQuestion.objects.filter(form__key="contact", name="phone").delete()
    name = f"q{own.pk}"
    own.delete()
    assert send(ticket, phone="+49 40 123456", **{name: "12"}).status_code == 303
    payload = Touch.objects.get().payload
    assert payload["person"]["phone"] == "+49 40 123456"
    assert payload["fields"] == {"Team size": "12", "form": "contact"}


@pytest.mark.parametrize("path", ["/f/contact/", "/f/contact/thanks/", "/f/contact.js"])
def test_a_form_that_is_off_is_not_found(clock: Any, path: str) -> None:
    assert Client().get(path).status_code == 200
    hosted_forms.changed("contact", active=False)
    off, unknown = Client().get(path), Client().get(path.replace("contact", "nothing"))
    assert (off.status_code, unknown.status_code) == (404, 404)
    assert off.content == unknown.content


def test_a_form_switched_off_while_filled_in_is_not_found(clock: Any) -> None:
    ticket = opened(clock)
    hosted_forms.changed("contact", active=False)
    assert send(ticket).status_code == 404


# ─ questions of its own, consent ─


def test_questions_of_its_own_are_kept_under_their_labels(clock: Any) -> None:
    sizes = hosted_forms.ask(
        "contact", label="Team size", kind="CHOICE", options="1-10\n11-50", required=True
    )
    tick = hosted_forms.ask("contact", label="Existing customer", kind="TICK")
    ticket = opened(clock)
    refused = send(ticket, **{f"q{sizes.pk}": "many"})
    assert refused.status_code == 422
    assert f'id="q{sizes.pk}-error"' in refused.content.decode()
    assert send(ticket, **{f"q{sizes.pk}": "11-50", f"q{tick.pk}": "on"}).status_code == 303
    fields = Touch.objects.get().payload["fields"]
    assert fields == {"Team size": "11-50", "Existing customer": True, "form": "contact"}


@pytest.mark.parametrize("way", ["EMAIL", "PHONE"])
def test_what_was_agreed_to_is_told_in_its_words(clock: Any, way: str) -> None:
    hosted_forms.changed("contact", consent_way=way, consent_words="You may reach me.")
    assert send(opened(clock), consent="on").status_code == 303
    told = Touch.objects.get().payload["consent"]
    assert told == {way.lower(): True, "words": "You may reach me."}


def test_without_words_to_agree_to_nothing_is_asked(clock: Any) -> None:
    assert 'name="consent"' in Client().get(PAGE).content.decode()
    hosted_forms.changed("contact", consent_words="")
    assert 'name="consent"' not in Client().get(PAGE).content.decode()
    assert send(opened(clock), consent="on").status_code == 303
    assert not Touch.objects.get().payload["consent"]


# ─ embedded ─


def test_exactly_the_sites_of_a_form_may_frame_it(clock: Any) -> None:
    hosted_forms.changed("contact", allowed_origins=f"{SITE}\nhttps://shop.example:8443")
    for path in (PAGE, f"{PAGE}?embed=1", "/f/contact/thanks/"):
        answer = Client().get(path)
        assert policy(answer, "frame-ancestors") == (
            f"frame-ancestors {SITE} https://shop.example:8443"
        )
        assert "X-Frame-Options" not in answer
        assert not answer.cookies
    refused = send("made-up")
    assert policy(refused, "frame-ancestors").startswith(f"frame-ancestors {SITE}")
    assert policy(Client().get("/f/demo/"), "frame-ancestors") == "frame-ancestors 'none'"
    assert policy(Client().get("/f/nothing/"), "frame-ancestors") == "frame-ancestors 'none'"


@pytest.mark.parametrize(
    ("query", "referer", "parent"),
    [
        (f"?embed=1&landing={SITE}/pricing", "", SITE),
        ("?embed=1", f"{SITE}/", SITE),
        ("?embed=1&landing=https://evil.example/", "", ""),
        ("?embed=1&landing=javascript:alert(1)", "", ""),
        (f"?landing={SITE}/pricing", "", ""),
    ],
)
def test_the_frame_speaks_to_the_sites_of_the_form_only(
    clock: Any, query: str, referer: str, parent: str
) -> None:
    hosted_forms.changed("contact", allowed_origins=SITE)
    page = Client(headers={"Referer": referer}).get(PAGE + query).content.decode()
    found = re.search(r'data-parent="([^"]*)"', page)
    assert (found.group(1) if found else "") == parent
    assert ("js/frame" in page) == ("embed=1" in query)


def test_the_visit_around_the_frame_is_what_is_told(clock: Any) -> None:
    hosted_forms.changed("contact", allowed_origins=SITE)
    query = (
        f"?embed=1&landing={SITE}/pricing&referrer=https://www.google.com/&gclid=EAIa"
        "&utm_medium=cpc&utm_source=google"
    )
    answer = send(opened(clock, PAGE + query, referer=f"{SITE}/"), PAGE + query)
    assert answer["Location"].startswith("/f/contact/thanks/?embed=1&landing=")
    touch = Touch.objects.get()
    assert touch.payload["source"] == {
        "source": "google", "medium": "cpc", "click_id": "gclid=EAIa", "landing": f"{SITE}/pricing",
        "referrer": "https://www.google.com/",
    }  # fmt: skip
    assert (touch.category, touch.attribution) == ("PAID", "paid")


def test_the_script_is_the_same_for_everybody_and_may_be_kept(clock: Any) -> None:
    answer = Client().get("/f/contact.js")
    assert answer["Content-Type"] == "text/javascript; charset=utf-8"
    assert "max-age" in answer["Cache-Control"]
    assert not answer.cookies
    assert Client().post("/f/contact.js").status_code == 405


# ─ sent on ─


@pytest.mark.parametrize(
    ("url", "location"),
    [
        (f"{SITE}/thanks", f"{SITE}/thanks"),
        ("https://evil.example/", "/f/contact/thanks/"),
        ("javascript:alert(1)", "/f/contact/thanks/"),
        ("", "/f/contact/thanks/"),
    ],
)
@pytest.mark.parametrize("trap", ["", "filled"])
def test_people_are_sent_on_to_sites_of_the_form_and_spam_likewise(
    clock: Any, url: str, location: str, trap: str
) -> None:
    hosted_forms.changed("contact", allowed_origins=SITE, redirect_url=url)
    assert send(opened(clock), website=trap)["Location"] == location
    thanks = Client().get("/f/contact/thanks/").content.decode()
    assert ("data-onward" in thanks) == location.startswith("https")


def test_within_a_frame_our_own_thanks_come_first(clock: Any) -> None:
    hosted_forms.changed("contact", allowed_origins=SITE, redirect_url=f"{SITE}/thanks")
    path = f"{PAGE}?embed=1&landing={SITE}/a"
    assert send(opened(clock, path), path)["Location"].startswith("/f/contact/thanks/?embed=1")


# ─ limits ─


@pytest.mark.parametrize("limit", ["network_limit", "form_limit", "daily_limit", "all"])
def test_every_limit_brakes_and_lets_go(clock: Any, settings: Any, limit: str) -> None:
    ticket = opened(clock)
    if limit == "all":
        settings.FORM_BRAKE = 2
    else:
        hosted_forms.changed("contact", **{limit: 2})
    answers = [send(ticket, note=f"Message {n}.") for n in range(3)]
    assert [one.status_code for one in answers] == [303, 303, 429]
    wait = int(answers[2]["Retry-After"])
    assert 0 < wait <= (86_400 if limit == "daily_limit" else 600)
    assert Touch.objects.count() == 2
    other = Client(REMOTE_ADDR="198.51.100.7").post(PAGE, {**ANSWERS, "ticket": ticket})
    assert other.status_code == (303 if limit == "network_limit" else 429)
    clock.shift(wait)
    assert send(opened(clock)).status_code == 303


def test_counting_costs_one_statement_and_old_counts_go(
    clock: Any, django_assert_num_queries: Any
) -> None:
    send("made-up")
    rows = FormSendings.objects.count()
    with django_assert_num_queries(3):  # form, questions, count
        assert send("made-up").status_code == 400
    assert FormSendings.objects.count() == rows
    clock.shift(3 * 86_400)
    send("made-up")
    assert FormSendings.objects.count() == rows


@pytest.mark.parametrize(("seconds", "status"), [(0, "ADVANCED"), (30, "QUARANTINED")])
def test_how_soon_is_too_soon_is_the_forms_to_say(clock: Any, seconds: int, status: str) -> None:
    hosted_forms.changed("contact", min_seconds=seconds)
    assert send(opened(clock)).status_code == 303
    assert Touch.objects.get().status == status
