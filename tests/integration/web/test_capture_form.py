"""The public form: one page, one sending, one touch, whatever the visitor or their machine does."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client

from leads.models import Lead, Touch, TouchStatus
from tests import hosted_forms
from tests.callers import Company
from web.capture import limits

START = dt.datetime(2026, 11, 23, 10, 0, tzinfo=dt.UTC)
ANSWERS = {
    "first_name": "Mara",
    "last_name": "Lindqvist",
    "email": "mara@nordwind-logistik.de",
    "company": "Nordwind Logistik GmbH",
    "title": "VP Operations",
    "employees": "420",
    "industry": "Logistics",
    "country": "DE",
    "phone": "+49 40 1234567",
    "note": "Routing by territory, please.",
}
PAGE = "/f/demo/"


@pytest.fixture
def clock(company: Company) -> Iterator[Any]:
    """The web server's clock, standing still until moved."""
    cache.clear()
    with time_machine.travel(START, tick=False) as moved:
        yield moved


def ticket_of(page: HttpResponse) -> str:
    found = re.search(r'name="ticket" value="([^"]+)"', page.content.decode())
    assert found
    return found.group(1)


def opened(clock: Any, *, path: str = PAGE, seconds: float = 20, **headers: str) -> str:
    ticket = ticket_of(Client(headers=headers).get(path))
    clock.shift(seconds)
    return ticket


def send(ticket: str, path: str = PAGE, **answers: str) -> HttpResponse:
    return Client().post(path, {**ANSWERS, "ticket": ticket, **answers})


def test_a_visitor_becomes_a_lead_and_is_thanked(clock: Any, company: Company) -> None:
    answer = send(opened(clock))
    assert answer.status_code == 303
    assert Client().get(answer["Location"]).status_code == 200
    lead = Lead.objects.get()
    assert (lead.stage, lead.owner, lead.channel) == ("MQL", company.sdr, "FORM")
    touch = Touch.objects.get()
    assert touch.payload["company"]["employees"] == "420"
    assert [signal["kind"] for signal in touch.payload["signals"]] == ["demo_request"]
    assert touch.payload["note"] == ANSWERS["note"]
    assert touch.payload["consent"] is False


def test_a_double_click_is_one_touch(clock: Any) -> None:
    ticket = opened(clock)
    assert [send(ticket).status_code, send(ticket).status_code] == [303, 303]
    assert Touch.objects.count() == 1


def test_changed_answers_from_the_same_page_are_a_new_touch_of_the_same_lead(clock: Any) -> None:
    ticket = opened(clock)
    send(ticket)
    assert send(ticket, note="And by account, too.").status_code == 303
    assert (Touch.objects.count(), Lead.objects.count()) == (2, 1)


@pytest.mark.parametrize("path", [f"/f/{key}/" for key in hosted_forms.FIRST])
def test_every_form_can_be_sent(clock: Any, path: str) -> None:
    assert send(opened(clock, path=path), path).status_code == 303
    assert Touch.objects.get().status == TouchStatus.ADVANCED


def test_no_cookie_is_set_and_none_is_needed(clock: Any) -> None:
    client = Client(enforce_csrf_checks=True)
    page = client.get(PAGE)
    clock.shift(20)
    answer = client.post(PAGE, {**ANSWERS, "ticket": ticket_of(page)})
    assert answer.status_code == 303
    assert not client.cookies


def test_a_filled_trap_is_kept_aside_with_the_same_answer(clock: Any) -> None:
    answer = send(opened(clock), website="https://buy.example")
    assert (answer.status_code, answer["Location"]) == (303, "/f/demo/thanks/")
    touch = Touch.objects.get()
    assert touch.status == TouchStatus.QUARANTINED
    assert touch.last_error == "Form “demo”: A field that people do not see was filled in."
    assert not Lead.objects.exists()


@pytest.mark.parametrize(
    ("seconds", "status"), [(0, "QUARANTINED"), (1, "QUARANTINED"), (5, "ADVANCED")]
)
def test_nobody_fills_in_a_form_in_a_second(clock: Any, seconds: int, status: str) -> None:
    assert send(opened(clock, seconds=seconds)).status_code == 303
    touch = Touch.objects.get()
    assert (touch.status, "back within" in touch.last_error) == (status, status == "QUARANTINED")


@pytest.mark.parametrize(
    ("answers", "named"),
    [
        ({"email": ""}, "email"),
        ({"email": "nobody"}, "email"),
        ({"email": "a@b"}, "email"),
        ({"first_name": "x" * 121}, "first_name"),
        ({"employees": "many"}, "employees"),
        ({"employees": "0"}, "employees"),
        ({"employees": "9" * 30}, "employees"),
        ({"country": ""}, "country"),
        ({"country": "ZZ"}, "country"),
        ({"industry": "Alchemy"}, "industry"),
        ({"note": "x" * 5001}, "note"),
    ],
    ids=str,
)
def test_faults_stand_beside_their_question_and_answers_are_kept(
    clock: Any, answers: dict[str, str], named: str
) -> None:
    page = send(opened(clock), **answers)
    text = page.content.decode()
    assert page.status_code == 422
    assert f'id="{named}-error"' in text
    assert re.search(
        rf'id="id_{named}"[^>]*aria-invalid="true"|aria-invalid="true"[^>]*id="id_{named}"', text
    )
    assert 'value="Lindqvist"' in text
    assert not Touch.objects.exists()


@pytest.mark.parametrize("name", [("Björk", ""), ("", "李"), ("  ", " Prince ")])
def test_one_name_is_a_name(clock: Any, name: tuple[str, str]) -> None:
    first, last = name
    assert send(opened(clock), first_name=first, last_name=last).status_code == 303
    person = Lead.objects.get().person
    assert (person.first_name, person.last_name) == (first.strip(), last.strip())


def test_no_name_is_asked_for_again(clock: Any) -> None:
    page = send(opened(clock), first_name="  ", last_name="")
    assert page.status_code == 422
    assert {'id="first_name-error"', 'id="last_name-error"'} <= set(
        re.findall(r'id="\w+-error"', page.content.decode())
    )


def test_after_a_fault_the_same_page_can_be_sent_again(clock: Any) -> None:
    page = send(opened(clock), email="nobody")
    assert send(ticket_of(page)).status_code == 303
    assert Touch.objects.get().status == TouchStatus.ADVANCED


@pytest.mark.parametrize("ticket", ["", "made-up", "a.b.c", "\u202e", "x" * 20_000])
def test_a_made_up_ticket_is_asked_to_send_again(clock: Any, ticket: str) -> None:
    page = send(ticket)
    assert page.status_code == 400
    assert "once more" in page.content.decode()
    assert not Touch.objects.exists()
    clock.shift(20)
    assert send(ticket_of(page)).status_code == 303


def test_a_page_older_than_a_day_is_asked_to_send_again(clock: Any) -> None:
    assert send(opened(clock, seconds=25 * 3600)).status_code == 400


def test_a_ticket_of_another_form_does_not_fit(clock: Any) -> None:
    assert send(opened(clock, path="/f/contact/")).status_code == 400


def test_too_many_sendings_from_one_network_are_429(clock: Any) -> None:
    ticket = opened(clock)
    hosted_forms.changed(network_limit=4)
    for _ in range(4):
        assert send(ticket).status_code == 303
    answer = send(ticket)
    assert answer.status_code == 429
    assert 0 < int(answer["Retry-After"]) <= limits.WINDOW_SECONDS
    other = Client(REMOTE_ADDR="198.51.100.7").post(PAGE, {**ANSWERS, "ticket": ticket})
    assert other.status_code == 303
    clock.shift(limits.WINDOW_SECONDS)
    assert send(ticket).status_code == 303


@pytest.mark.parametrize(
    ("trusted", "forwarded", "remote", "client"),
    [
        (0, "203.0.113.9", "198.51.100.1", "198.51.100.1"),
        (1, "203.0.113.9", "10.0.0.1", "203.0.113.9"),
        (1, "6.6.6.6, 203.0.113.9", "10.0.0.1", "203.0.113.9"),
        (2, "6.6.6.6, 203.0.113.9, 10.0.0.2", "10.0.0.1", "203.0.113.9"),
        (1, "", "10.0.0.1", "unknown"),
        (3, "203.0.113.9", "10.0.0.1", "10.0.0.1"),
        (1, "<script>", "10.0.0.1", "unknown"),
        (0, "", "2001:db8:1:2:aaaa::1", "2001:db8:1:2::"),
        (0, "", "", "unknown"),
    ],
)
def test_only_our_own_proxies_are_believed(
    rf: Any, settings: Any, trusted: int, forwarded: str, remote: str, client: str
) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = trusted
    request = rf.get("/", REMOTE_ADDR=remote, headers={"X-Forwarded-For": forwarded})
    assert limits.client(request) == client


def test_the_source_of_the_visit_is_carried_along(clock: Any) -> None:
    ticket = opened(
        clock,
        path=f"{PAGE}?utm_source=google&utm_medium=cpc&utm_campaign=dach-q4&utm_term=lead+routing",
        referer="https://www.google.com/search?q=secret",
    )
    send(ticket)
    touch = Touch.objects.get()
    assert (touch.category, touch.medium, touch.campaign) == ("PAID", "cpc", "dach-q4")
    assert touch.payload["source"]["term"] == "lead routing"
    assert touch.payload["source"]["referrer"] == "https://www.google.com/search"
    assert (touch.attribution, touch.utm_source) == ("paid", "google")
    assert touch.referrer_host == "www.google.com"


def test_what_a_visitor_wrote_is_shown_back_as_text(clock: Any) -> None:
    hurt = '"><script>alert(1)</script>'
    page = send(opened(clock), first_name=hurt, email="nobody")
    assert hurt not in page.content.decode()
    assert "&lt;script&gt;" in page.content.decode()


@pytest.mark.parametrize("path", ["/f/nothing/", "/f/nothing/thanks/", "/f/demo/else/"])
def test_an_unknown_form_is_a_page_not_found(clock: Any, path: str) -> None:
    assert Client().get(path).status_code == 404


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_a_form_is_read_or_sent_and_nothing_else(clock: Any, method: str) -> None:
    assert getattr(Client(), method)(PAGE).status_code == 405
