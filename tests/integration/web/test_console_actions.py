"""What people do in the console: each action by plain form and by htmx, each refusal told."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from leads.models import Activity, Lead
from people.models import User
from routing.models import Assignment, PoolMember
from tests import factories, pages

pytestmark = pytest.mark.django_db

NOW = timezone.now
BANT = {f"bant.{key}": "as told" for key in factories.BANT}
CONFIRMED = {"icp_confirmed": "on", "reachable": "on", "evidence": ""}


@pytest.fixture
def company() -> factories.Company:
    return factories.company(now=NOW() - dt.timedelta(days=1))


@pytest.fixture
def lead(company: factories.Company) -> Lead:
    return factories.capture(now=NOW())


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def act(
    user: User, lead: Lead, action: str, data: dict[str, Any] | None = None, **more: Any
) -> Any:
    url = reverse("console:lead-action", args=[lead.pk, action])
    return client_of(user).post(url, data or {}, **more)


def stage(lead: Lead) -> str:
    return Lead.objects.values_list("stage", flat=True).get(pk=lead.pk)


def test_accepting_by_plain_form_leads_back_and_offers_undo(lead: Lead) -> None:
    answer = act(lead.owner, lead, "accept", {**CONFIRMED, "next": "/"})
    assert answer.status_code == 303
    assert answer["Location"] == "/"
    assert stage(lead) == "SAL"
    [told] = get_messages(answer.wsgi_request)
    assert "Accepted" in told.message
    assert told.extra_tags == str(lead.pk)


def test_accepting_by_htmx_moves_the_whole_page(lead: Lead) -> None:
    answer = act(
        lead.owner, lead, "accept", {**CONFIRMED, "next": "/"}, headers={"HX-Request": "true"}
    )
    assert answer.status_code == 204
    assert answer["HX-Redirect"] == "/"
    assert stage(lead) == "SAL"


def test_accepting_takes_both_confirmations(lead: Lead) -> None:
    answer = act(lead.owner, lead, "accept", {"icp_confirmed": "on"})
    assert answer.status_code == 422
    assert "Confirm that" in answer.content.decode()
    assert stage(lead) == "MQL"


def test_undo_takes_it_back(lead: Lead) -> None:
    act(lead.owner, lead, "accept", CONFIRMED)
    assert act(lead.owner, lead, "undo").status_code == 303
    assert stage(lead) == "MQL"


def test_nobody_is_sent_elsewhere_by_a_forged_way_back(lead: Lead) -> None:
    for forged in ("https://evil.example/", "//evil.example/", "javascript:alert(1)"):
        answer = act(lead.owner, lead, "undo" if stage(lead) == "SAL" else "accept",
                     {**CONFIRMED, "next": forged})  # fmt: skip
        assert answer["Location"] == reverse("console:lead", args=[lead.pk])


def test_rejecting_needs_a_reason_of_the_kit(lead: Lead, company: factories.Company) -> None:
    assert act(lead.owner, lead, "reject", {"note": "no"}).status_code == 422
    assert act(lead.owner, lead, "reject", {"reason": "because"}).status_code == 422
    reason = next(
        one for one in company.kit.reasons.values() if "reject" in one.used_for and one.criterion
    )
    answer = act(lead.owner, lead, "reject", {"reason": reason.key, "note": "No budget line"})
    assert answer.status_code == 303, answer.content.decode()
    assert stage(lead) == reason.outcome
    page = client_of(company.revops).get(reverse("console:lead", args=[lead.pk])).content.decode()
    assert reason.label in page
    assert "No budget line" in page


def test_the_form_warns_where_the_facts_disagree(lead: Lead) -> None:
    url = reverse("console:lead-action", args=[lead.pk, "reject"])
    assert "may dispute" in client_of(lead.owner).get(url).content.decode()


def test_the_second_of_two_is_told_who_was_first(lead: Lead, company: factories.Company) -> None:
    other = next(rep for rep in company.reps if rep.pk != lead.owner_id)
    handed = {"to": str(other.pk), "reason": "Speaks Dutch"}
    assert act(company.manager, lead, "reassign", handed).status_code == 303
    answer = act(lead.owner, lead, "accept", CONFIRMED)
    assert answer.status_code == 409
    assert str(other) in answer.content.decode()


def test_who_reassigns_what_has_moved_meanwhile_is_told_and_may_send_it_again(
    company: factories.Company, lead: Lead
) -> None:
    others = [*(one for one in company.reps if one.pk != lead.owner_id), company.manager]
    url = reverse("console:lead-action", args=[lead.pk, "reassign"])
    first, second = client_of(company.manager), client_of(company.manager)
    seen = first.get(url).context["form"]["seen"].value()
    given = {"reason": "Knows them.", "seen": seen}
    assert first.post(url, {**given, "to": others[0].pk}).status_code == 303
    told = second.post(url, {**given, "to": others[1].pk})
    assert told.status_code == 409
    assert f"has been with {others[0]} since " in told.text
    assert f"given by {company.manager}." in told.text
    assert "Knows them." in told.text
    assert Lead.objects.get(pk=lead.pk).owner == others[0]
    again = {field.name: field.value() or "" for field in told.context["form"]}
    assert second.post(url, again).status_code == 303
    assert Lead.objects.get(pk=lead.pk).owner == others[1]


def test_the_whole_way_to_won_by_forms(lead: Lead) -> None:
    owner = lead.owner
    act(owner, lead, "accept", CONFIRMED)
    early = act(owner, lead, "sales-qualify", BANT)
    assert early.status_code == 422
    assert "log it first" in early.content.decode()
    called = {"kind": "DISCOVERY_CALL", "outcome": "COMPLETED", "direction": "OUTBOUND"}
    assert act(owner, lead, "activity", called).status_code == 303
    assert act(owner, lead, "sales-qualify", BANT).status_code == 303
    deal = {"name": "Big one", "amount": "1200.50", "currency": "EUR"}
    assert act(owner, lead, "convert", deal).status_code == 303
    assert act(owner, lead, "win", {"amount": "1000"}).status_code == 303
    assert stage(lead) == "WON"


def test_a_checklist_that_is_short_says_what_lacks(lead: Lead) -> None:
    act(lead.owner, lead, "accept", CONFIRMED)
    act(lead.owner, lead, "activity",
        {"kind": "DISCOVERY_CALL", "outcome": "COMPLETED", "direction": "OUTBOUND"})  # fmt: skip
    answer = act(lead.owner, lead, "sales-qualify", {"bant.budget": "50k"})
    assert answer.status_code == 422
    assert "lacks" in answer.content.decode()
    assert "50k" in answer.content.decode()


def test_claiming_takes_the_longest_waiting_one(company: factories.Company) -> None:
    User.objects.filter(pk__in=[rep.pk for rep in company.reps]).update(
        away_until=NOW() + dt.timedelta(days=2)
    )
    first, second = (factories.capture(now=NOW() - dt.timedelta(minutes=ago)) for ago in (20, 10))
    assert first.queue
    rep = company.reps[0]
    answer = client_of(rep).post(reverse("console:claim", args=[first.queue]))
    assert answer.status_code == 303
    assert Assignment.objects.get(ended_at=None).lead_id == first.pk
    assert Lead.objects.get(pk=second.pk).owner_id is None


def test_who_claims_beyond_their_cap_is_told(company: factories.Company) -> None:
    first, second = company.reps
    User.objects.filter(pk=second.pk).update(away_until=NOW() + dt.timedelta(days=2))
    PoolMember.objects.filter(user=first).update(open_cap=1)
    for ago in (30, 20):
        factories.capture(now=NOW() - dt.timedelta(minutes=ago))
    answer = client_of(first).post(reverse("console:claim", args=["dach"]))
    [told] = get_messages(answer.wsgi_request)
    assert str(told).endswith("is yours now. You hold 2 of 1 leads.")


def test_claiming_from_an_empty_queue_is_told_kindly(company: factories.Company) -> None:
    answer = client_of(company.reps[0]).post(reverse("console:claim", args=["dach"]))
    assert answer.status_code == 303
    [told] = get_messages(answer.wsgi_request)
    assert "Nothing waits" in told.message


def test_a_note_is_logged_in_the_readers_time(lead: Lead) -> None:
    User.objects.filter(pk=lead.owner_id).update(time_zone="America/New_York")
    owner = User.objects.get(pk=lead.owner_id)
    at = (NOW() - dt.timedelta(hours=1)).astimezone(owner.zone)
    logged = {"kind": "CALL", "outcome": "NO_ANSWER", "direction": "OUTBOUND",
              "at": f"{at:%Y-%m-%dT%H:%M}", "note": "Voice mail"}  # fmt: skip
    assert act(owner, lead, "activity", logged).status_code == 303
    kept = Activity.objects.get(kind="CALL")
    assert kept.at == at.replace(second=0, microsecond=0)


def test_who_gave_it_back_is_offered_to_undo_it(lead: Lead) -> None:
    owner = lead.owner
    answer = act(owner, lead, "misroute", {"why": "LANGUAGE"})
    [told] = get_messages(answer.wsgi_request)
    assert told.extra_tags == str(lead.pk)
    lead.refresh_from_db()
    assert lead.owner != owner
    assert act(owner, lead, "undo").status_code == 303
    lead.refresh_from_db()
    assert lead.owner == owner


def test_an_unknown_action_is_not_there(lead: Lead) -> None:
    assert act(lead.owner, lead, "explode").status_code == 404


def test_a_contact_logged_by_mistake_is_taken_back_from_the_message_of_it(lead: Lead) -> None:
    call = {"kind": "CALL", "outcome": "COMPLETED", "direction": "OUTBOUND"}
    [told] = get_messages(act(lead.owner, lead, "activity", call).wsgi_request)
    [again] = get_messages(act(lead.owner, lead, "activity", call).wsgi_request)
    assert (told.message, Activity.objects.count()) == (again.message, 1)
    assert told.extra_tags == str(lead.pk)
    [told] = get_messages(act(lead.owner, lead, "undo").wsgi_request)
    assert "counts no more" in told.message
    page = client_of(lead.owner).get(f"/leads/{lead.pk}/").content.decode()
    assert "took back the call they had logged" in page
    assert "Taken back since" in page
    act(lead.owner, lead, "activity", call)
    act(lead.owner, lead, "activity", {**call, "note": "Another one"})
    assert Activity.objects.count() == 3


@pytest.mark.parametrize(
    "action", ["accept", "reject", "activity", "reassign", "disqualify", "undo"]
)
def test_every_form_is_a_page_of_its_own_and_a_piece_for_htmx(lead: Lead, action: str) -> None:
    url = reverse("console:lead-action", args=[lead.pk, action])
    client = client_of(lead.owner)
    whole = client.get(url).content.decode()
    piece = client.get(url, headers={"HX-Request": "true"}).content.decode()
    assert "<html" in whole
    assert "<html" not in piece
    for text in (whole, piece):
        assert 'method="post"' in text
        assert "csrfmiddlewaretoken" in text


def test_forms_without_their_token_are_refused(lead: Lead) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(lead.owner)
    url = reverse("console:lead-action", args=[lead.pk, "accept"])
    assert client.post(url, CONFIRMED).status_code == 403
    assert stage(lead) == "MQL"


def test_a_lead_is_accepted_without_script_by_the_form_on_the_page(lead: Lead) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(lead.owner)
    url = reverse("console:lead-action", args=[lead.pk, "accept"])
    given = pages.form(client.get(f"/leads/{lead.pk}/"), url)
    assert client.post(url, given).status_code == 303
    assert stage(lead) == "SAL"


def test_an_ended_session_leaves_the_page_and_what_was_typed_on_it(lead: Lead) -> None:
    answer = Client().get(reverse("console:inbox"), headers={"HX-Request": "true"})
    assert answer.status_code == 401
    assert "HX-Redirect" not in answer
    assert "Log in, then try again" in answer.content.decode()


def test_notices_are_read_all_at_once(company: factories.Company) -> None:
    answer = client_of(company.reps[0]).post(reverse("console:notices-read"))
    assert answer.status_code == 303


def test_a_piece_that_cannot_be_shown_says_so_in_its_place(lead: Lead) -> None:
    for path in ("/?lead=999999", "/leads/999999/", "/leads/999999/accept/"):
        answer = client_of(lead.owner).get(
            path, headers={"HX-Request": "true", "HX-Target": "section#pane"}
        )
        assert answer.status_code == 404
        assert "<html" not in answer.content.decode()


def sal(company: factories.Company) -> Lead:
    """An SAL whose buyer was written to; its clock may wait for them."""
    found = factories.work(factories.capture(now=NOW() - HOUR), to="SAL", now=NOW() - HOUR / 2)
    assert act(found.owner, found, "activity", CALL).status_code == 303
    return found


HOUR = dt.timedelta(hours=1)
CALL = {"kind": "CALL", "outcome": "COMPLETED", "direction": "OUTBOUND", "at": "", "note": ""}


def local(ahead: dt.timedelta) -> str:
    return timezone.localtime(NOW() + ahead).strftime("%Y-%m-%dT%H:%M")


def shown(user: User | None, path: str) -> str:
    assert user is not None
    return client_of(user).get(path).content.decode()


def test_a_lead_waits_for_its_buyer_and_no_longer(company: factories.Company) -> None:
    lead = sal(company)
    page = reverse("console:lead", args=[lead.pk])
    assert "Waiting for the customer…" in shown(lead.owner, page)
    given = {"until": local(3 * 24 * HOUR), "note": "They ask their board"}
    assert act(lead.owner, lead, "wait", given).status_code == 303
    for path in (page, reverse("console:inbox")):
        assert "Waiting for the customer until" in shown(lead.owner, path)
    told = shown(lead.owner, page)
    assert "They ask their board" in told
    assert "Wait no longer" in told
    assert act(lead.owner, lead, "go-on").status_code == 303
    assert "Waiting for the customer until" not in shown(lead.owner, page)


@pytest.mark.parametrize(
    ("until", "status", "said"),
    [
        (-HOUR, 422, "lies ahead"),
        (60 * 24 * HOUR, 422, "14 days at most"),
        (None, 422, "This field is required"),
    ],
)
def test_a_wait_that_cannot_be_says_why(
    company: factories.Company, until: dt.timedelta | None, status: int, said: str
) -> None:
    lead = sal(company)
    answer = act(lead.owner, lead, "wait", {"until": local(until) if until else "", "note": ""})
    assert answer.status_code == status
    assert said in answer.content.decode()


def test_nothing_to_wait_with_is_said_on_the_form_and_to_who_sends_it(lead: Lead) -> None:
    url = reverse("console:lead-action", args=[lead.pk, "wait"])
    assert "the kit lets none of them" in shown(lead.owner, url)
    answer = act(lead.owner, lead, "wait", {"until": local(HOUR), "note": ""})
    assert answer.status_code == 409
    assert "the kit lets none of them" in answer.content.decode()


def test_a_next_step_is_promised_changed_and_done(lead: Lead) -> None:
    page = reverse("console:lead", args=[lead.pk])
    step = {"kind": "MEETING", "at": local(26 * HOUR)}
    assert act(lead.owner, lead, "next-step", step).status_code == 303
    for path in (page, reverse("console:inbox")):
        assert "Next step: meeting, " in shown(lead.owner, path)
    assert "lead__why--plan" in shown(lead.owner, reverse("console:inbox")), "it is not cut"
    form = reverse("console:lead-action", args=[lead.pk, "next-step"])
    assert step["at"] in shown(lead.owner, form)
    assert act(lead.owner, lead, "next-step", {**step, "kind": "CALL"}).status_code == 303
    assert "Next step done…" in shown(lead.owner, page)
    assert act(lead.owner, lead, "next-step", {**step, "at": local(-HOUR)}).status_code == 422
    assert act(lead.owner, lead, "step-done", CALL).status_code == 303
    assert "Next step: " not in shown(lead.owner, page)
