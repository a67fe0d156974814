"""Signals nobody is known by yet: they wait, are attached by the touch that makes their buyer
known, and go with whoever they are of.
"""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from leads.models import (
    DroppedSignals,
    EventKind,
    IdentityKey,
    Lead,
    LeadEvent,
    SentSignal,
    SentStatus,
    Signal,
    Touch,
    Visitor,
)
from lifecycle import editing, intake, jobs
from lifecycle.invariants import run
from lifecycle.privacy import erasing, exporting
from tests import factories, merging_two
from tests.factories import DAY, HOUR, MINUTE, NOW, Company, capture
from tests.sent_signals import VISITOR, inquiry, send

pytestmark = pytest.mark.django_db

PETRA = {"email": "petra@acme.de"}


@pytest.fixture
def company(shared_company: Company) -> Company:
    return shared_company


def fresh(lead: Lead) -> Lead:
    return Lead.objects.get(pk=lead.pk)


def waiting() -> int:
    return SentSignal.objects.filter(status=SentStatus.WAITING).count()


def kinds(lead: Lead) -> list[str]:
    return list(Signal.objects.filter(lead=lead).order_by("pk").values_list("kind", flat=True))


def assert_sound() -> None:
    """By an hour later, when whatever was to be looked at soon was looked at."""
    jobs.sweep(NOW + HOUR)
    merging_two.assert_clean(NOW + HOUR)


def test_a_touch_that_makes_the_buyer_known_is_judged_with_what_waited(company: Company) -> None:
    answers = send(*["pricing_page_view"] * 3, person=PETRA)
    assert [one.receipt["outcome"] for one in answers if one.receipt] == ["waiting"] * 3
    assert not Lead.objects.exists()

    lead = inquiry(now=NOW + MINUTE)

    assert (lead.stage, waiting()) == ("MQL", 0)
    assert kinds(lead) == ["pricing_page_view"] * 3
    touched = LeadEvent.objects.get(lead=lead, kind=EventKind.TOUCHED)
    assert touched.because["sent"] == sorted(SentSignal.objects.values_list("pk", flat=True))
    assert_sound()


def test_a_request_that_waited_raises_the_hand(company: Company) -> None:
    send("demo_request", person=PETRA)
    assert inquiry(now=NOW + MINUTE).hand_raised_at == NOW + MINUTE


def test_a_replay_tells_that_it_counts_by_now(company: Company) -> None:
    (first,) = send("page_view", person=PETRA, source_id="1")
    lead = inquiry(now=NOW + MINUTE)
    (again,) = send("page_view", person=PETRA, source_id="1", now=NOW + HOUR)
    assert first.receipt is not None
    assert again.receipt is not None
    assert (first.receipt["outcome"], again.receipt["outcome"]) == ("waiting", "counted")
    assert (again.status, again.receipt["lead"]) == (200, str(lead.pk))


@pytest.mark.parametrize(
    "whose",
    [
        {"person": {"email": "Petra+news@ACME.de"}},
        {"person": {"phone": "+49 30 9018 2055"}},
        {"external_id": "crm-1"},
        {"visitor": VISITOR},
    ],
)
def test_it_is_found_by_every_key_a_touch_is_found_by(company: Company, whose: Any) -> None:
    send("page_view", scope="tests", **whose)
    lead = inquiry(
        now=NOW + MINUTE,
        person={**PETRA, "phone": "+49 30 90182055"},
        external_id="crm-1",
        visitor=VISITOR,
    )
    send("page_view", scope="tests", **whose, now=NOW + HOUR)
    assert kinds(lead) == ["page_view"] * 2


def test_a_desk_and_a_shared_number_name_nobody(company: Company) -> None:
    number = "+49 30 90182055"
    for name in ("anna", "berta", "carla", "dora", "emma", "frida"):
        capture(person={"email": f"{name}@acme.de", "first_name": name, "phone": number})
    capture(person={"email": "info@acme.de"})
    assert IdentityKey.objects.filter(kind="PHONE", shared_at__isnull=False).exists()
    (by_desk,) = send("page_view", person={"email": "info@acme.de"})
    (by_number,) = send("page_view", person={"phone": number})
    assert waiting() == 2
    assert by_desk.receipt is not None
    assert by_number.receipt is not None
    assert [one["code"] for one in by_desk.receipt["remarks"]] == ["contact"]


def test_a_known_address_outweighs_the_browser_it_came_from(company: Company) -> None:
    petra = inquiry(visitor=VISITOR)
    otto = inquiry(person={"email": "otto@berta.de"})
    send("page_view", person={"email": "otto@berta.de"}, visitor=VISITOR)
    assert (kinds(petra), kinds(otto)) == ([], ["page_view"])


def test_a_browser_is_that_of_the_last_who_told_us(company: Company) -> None:
    send("page_view", visitor=VISITOR)
    petra = inquiry(visitor=VISITOR, now=NOW + MINUTE)
    send("pricing_page_view", visitor=VISITOR, now=NOW + 2 * MINUTE)
    otto = inquiry(person={"email": "otto@berta.de"}, visitor=VISITOR, now=NOW + 3 * MINUTE)
    send("content_download", visitor=VISITOR, now=NOW + 4 * MINUTE)
    assert kinds(petra) == ["page_view", "pricing_page_view"]
    assert kinds(otto) == ["content_download"]
    assert Visitor.objects.get().person == otto.person


def test_what_is_no_visitor_id_is_merely_kept_with_a_touch(company: Company) -> None:
    lead = inquiry(visitor="x y")
    assert Touch.objects.get(lead=lead).payload["visitor"] == "x y"
    assert not Visitor.objects.exists()


def test_suspected_spam_does_not_take_over_a_browser(company: Company) -> None:
    send("page_view", visitor=VISITOR)
    body = factories.touch(visitor=VISITOR)
    intake.capture([body], scope="form", now=NOW, quarantine=True, why="A machine.")
    assert (waiting(), Visitor.objects.count()) == (1, 0)


def test_an_address_that_somebody_types_finds_what_waits_for_it(company: Company) -> None:
    send("page_view", person={"email": "petra.neu@acme.de"})
    jobs.sweep(NOW + 2 * MINUTE)  # looked at; the next look would be tomorrow's
    lead = inquiry()
    editing.edit(
        lead_id=lead.pk,
        by=company.revops,
        values={"person.email": "petra.neu@acme.de"},
        now=NOW + HOUR,
    )
    jobs.sweep(NOW + HOUR + MINUTE)
    assert kinds(lead) == ["page_view"]


def test_who_waits_in_vain_is_dropped_and_counted(company: Company, settings: Any) -> None:
    settings.SIGNALS_WAIT_DAYS = 3
    send("page_view", "page_view", "demo_request", person=PETRA)
    for day in range(3):
        jobs.sweep(NOW + day * DAY)
    assert waiting() == 3
    jobs.sweep(NOW + 3 * DAY)
    assert not SentSignal.objects.exists()
    told = DroppedSignals.objects.order_by("kind").values_list("kind", "source", "count")
    assert list(told) == [("demo_request", "user:1", 1), ("page_view", "user:1", 2)]


def test_looking_again_costs_less_and_less(company: Company) -> None:
    send("page_view", person=PETRA)
    looked = []
    for hours in (0.1, 1, 5, 12, 24, 24.5, 48, 49):
        before = SentSignal.objects.get().next_attempt_at
        jobs.sweep(NOW + hours * HOUR)
        looked.append(SentSignal.objects.get().next_attempt_at != before)
    assert sum(looked) == 3


def test_touches_cost_one_query_more_however_many_signals_wait(company: Company) -> None:
    def cost(name: str) -> int:
        with CaptureQueriesContext(connection) as asked:
            inquiry(person={"email": f"petra@{name}.de", "last_name": name.title()})
        return len(asked)

    cost("anders")
    none = cost("lindqvist")
    send(*["page_view"] * 2, person={"email": "petra@zweig.de"})
    send(*["page_view"] * 9, person={"email": "petra@neuner.de"})
    assert cost("zweig") == cost("neuner") == none + 1
    assert waiting() == 0


def test_a_merge_and_its_undoing_bring_signals_to_whom_they_named(company: Company) -> None:
    petra = inquiry()
    peter = inquiry(person={"email": "peter@acme.de", "first_name": "Peter"})
    made = merging_two.merge(petra, peter, company)
    for name in ("petra", "peter"):
        send("webinar_attended", person={"email": f"{name}@acme.de"}, now=NOW + 3 * MINUTE)
    both = Lead.objects.exclude(stage="MERGED").get(pk__in=[petra.pk, peter.pk])
    assert len(kinds(both)) == 2
    merging_two.unmerge(made, company)
    assert (kinds(petra), kinds(peter)) == (["webinar_attended"], ["webinar_attended"])


def test_who_is_erased_takes_along_what_waits_and_what_counts(company: Company) -> None:
    lead = inquiry(person={**PETRA, "phone": "+49 30 90182055"}, visitor=VISITOR)
    send("page_view", person=PETRA, url="https://acme.example/petra?x=1", source_id="petra-1")
    # By number and by an address that is no key yet, it waits.
    SentSignal.objects.create(
        kind="page_view", occurred_at=NOW, received_at=NOW, waits_until=NOW + 90 * DAY,
        payload={"person": PETRA}, keys=["EMAIL:petra@acme.de"], status=SentStatus.WAITING,
        idempotency_scope="user:1", idempotency_key="petra-2", next_attempt_at=NOW + DAY,
    )  # fmt: skip
    given = exporting.export(person_id=lead.person_id, by=company.revops)
    assert len(given["sent_signals"]) == 2
    assert len(given["visitors"]) == 1
    erasing.erase(person_id=lead.person_id, by=company.revops, reason="asked", now=NOW + HOUR)
    left = SentSignal.objects.get()
    assert (left.payload, left.keys, left.status) == ({"erased": True}, [], "ADVANCED")
    assert "petra" not in left.idempotency_key
    assert not Visitor.objects.exists()
    send("page_view", person=PETRA, visitor=VISITOR, now=NOW + 2 * HOUR)
    assert (waiting(), kinds(fresh(lead))) == (1, ["page_view"])


def test_verify_finds_nothing_wrong_with_what_waits_and_what_counts(company: Company) -> None:
    inquiry(visitor=VISITOR)
    send("page_view", "demo_request", person=PETRA)
    send("page_view", visitor=VISITOR)
    send("page_view", person={"email": "nobody@acme.de"})
    assert waiting() == 1
    assert_sound()
    assert {one.invariant.key for one in run.check(now=NOW)} >= {"signal.settled"}
