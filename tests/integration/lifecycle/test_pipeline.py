"""The path of a touch: whose it is, what it makes of the lead, who gets it, by when."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from leads import outbox
from leads.models import Account, IdentityKey, Lead, LeadEvent, Person, Touch, TouchStatus
from leads.stages import Stage
from lifecycle import gathering, intake, parking, pipeline, waiting
from routing.models import Assignment, Decision
from sla.models import Clock, ClockState
from tests import factories
from tests.factories import DAY, HOUR, MINUTE, NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def company() -> factories.Company:
    return factories.company()


def clocks(lead: Lead) -> dict[str, str]:
    """Obligation to state, void ones left out."""
    return dict(lead.clocks.filter(void=False).values_list("obligation", "state"))


@pytest.mark.usefixtures("company")
class TestQualifying:
    def test_fit_and_a_demo_request_make_an_mql_with_an_owner_and_its_clocks(self) -> None:
        lead = factories.capture()
        assert lead.stage == Stage.MQL
        assert lead.owner is not None
        assert clocks(lead) == {
            "route": ClockState.STOPPED,
            "first_contact": ClockState.RUNNING,
            "accept": ClockState.RUNNING,
        }

    def test_fit_alone_stays_an_inquiry_nobody_has_to_answer(self) -> None:
        lead = factories.capture(signals=[{"kind": "page_view"}])
        assert (lead.stage, lead.owner_id, lead.queue) == (Stage.INQUIRY, None, "")
        assert clocks(lead) == {}

    def test_two_pricing_views_do_not_qualify_and_the_third_within_the_window_does(self) -> None:
        views = [{"kind": "pricing_page_view", "occurred_at": (NOW - 5 * DAY).isoformat()}]
        lead = factories.capture(body := factories.touch(signals=views * 2))
        assert lead.stage == Stage.INQUIRY
        again = {**body, "signals": [{"kind": "pricing_page_view"}]}
        (answer,) = intake.capture([again], scope="tests", now=NOW + HOUR)
        assert answer.receipt is not None
        assert (answer.receipt["lead"], answer.receipt["stage"]) == (str(lead.pk), "MQL")
        step = LeadEvent.objects.get(lead=lead, transition="qualify")
        behaviour = next(c for c in step.because["criteria"] if c["criterion"] == "behaviour")
        assert behaviour["facts"]["signal.pricing_page_view.count_30d"] == 3

    def test_a_third_view_after_the_window_does_not_qualify(self) -> None:
        old = [{"kind": "pricing_page_view", "occurred_at": (NOW - 31 * DAY).isoformat()}]
        lead = factories.capture(signals=[*old, *[{"kind": "pricing_page_view"}] * 2])
        assert lead.stage == Stage.INQUIRY

    def test_a_hand_raiser_outside_the_icp_is_no_mql_but_gets_an_owner_and_an_answer(self) -> None:
        lead = factories.capture(company={"employees": "3"})
        assert lead.stage == Stage.INQUIRY
        assert lead.hand_raised_at == NOW
        assert bool(lead.owner_id) != bool(lead.queue)
        assert clocks(lead) == {"first_contact": "RUNNING", "resolve": "RUNNING"}

    def test_history_starts_no_clock_finds_no_owner_and_tells_nobody(self) -> None:
        body = factories.touch() | {"occurred_at": "2024-05-06T07:08:00+00:00"}
        (received,) = intake.receive(
            [body], scope="import", keys=["row 1"], now=NOW, historical=True
        )
        assert received.touch_id is not None
        receipt = pipeline.advance([received.touch_id], now=NOW)[received.touch_id]
        lead = Lead.objects.get(pk=receipt["lead"])
        assert (lead.stage, lead.owner_id, clocks(lead)) == (Stage.INQUIRY, None, {})
        assert lead.created_at.isoformat() == "2024-05-06T07:08:00+00:00"
        assert not outbox.news().filter(event__lead=lead).exists()


@pytest.mark.usefixtures("company")
class TestSameBuyer:
    @pytest.mark.parametrize(
        "spelling", ["PETRA@Acme.de", " petra@acme.de ", "petra+news@acme.de", "petra@ACME.DE"]
    )
    def test_spellings_of_one_address_are_one_person_with_one_lead(self, spelling: str) -> None:
        factories.capture(person={"email": "petra@acme.de"})
        factories.captures_attached(person={"email": spelling})
        assert (Person.objects.count(), Lead.objects.count()) == (1, 1)

    def test_many_touches_of_one_buyer_in_one_batch_are_one_lead(self) -> None:
        bodies = [factories.touch(person={"email": "petra@acme.de"}) for _ in range(20)]
        answers = intake.capture(bodies, scope="tests", now=NOW)
        assert {answer.receipt["lead"] for answer in answers if answer.receipt} == {
            str(Lead.objects.get().pk)
        }
        outcomes = [answer.receipt["outcome"] for answer in answers if answer.receipt]
        assert outcomes == ["created"] + ["attached"] * 19
        assert Touch.objects.filter(lead=Lead.objects.get()).count() == 20

    def test_a_phone_brings_a_touch_to_its_person_when_no_address_disagrees(self) -> None:
        lead = factories.capture(person={"email": "petra@acme.de", "phone": "+49 30 901820"})
        said = {"email": None, "phone": "030 901820", "country": "DE"}
        body = factories.touch(person={**said, "last_name": lead.person.last_name})
        (answer,) = intake.capture([body], scope="tests", now=NOW)
        assert answer.receipt is not None
        assert answer.receipt["lead"] == str(lead.pk)

    def test_one_phone_with_another_address_is_a_new_person_and_a_suggestion(self) -> None:
        factories.capture(person={"email": "petra@acme.de", "phone": "+49 30 901820"})
        body = factories.touch(person={"email": "paul@acme.de", "phone": "+49 30 901820"})
        (answer,) = intake.capture([body], scope="tests", now=NOW)
        assert answer.receipt is not None
        assert answer.receipt["outcome"] == "review"
        assert Person.objects.count() == 2
        assert IdentityKey.objects.filter(kind="PHONE").count() == 1

    def test_free_mail_never_names_a_company_and_a_company_domain_does(self) -> None:
        private = factories.touch(person={"email": "petra@gmail.com"}, company=None)
        factories.capture(private)
        assert Account.objects.count() == 0
        factories.capture(person={"email": "petra@mail.acme.co.uk"}, company={"domain": None})
        assert Account.objects.get().domain == "acme.co.uk"

    def test_two_buyers_of_one_company_share_the_account(self) -> None:
        one = factories.capture(person={"email": "petra@acme.de"})
        two = factories.capture(person={"email": "paul@acme.de"})
        assert one.account_id == two.account_id != None  # noqa: E711 - one id, and there is one

    def test_a_touch_that_names_another_company_fills_that_one(self) -> None:
        lead = factories.capture(person={"email": "petra@acme.de"}, company={"employees": None})
        factories.captures_attached(
            person={"email": "petra@acme.de"}, company={"domain": "other.de", "employees": "900"}
        )
        known = dict(Account.objects.values_list("domain", "employees"))
        assert known == {"acme.de": None, "other.de": 900}
        assert Lead.objects.get(pk=lead.pk).account_id == lead.account_id

    def test_what_is_known_is_not_overwritten_and_what_is_missing_is_filled_in(self) -> None:
        factories.capture(person={"email": "petra@acme.de", "title": "CEO", "phone": None})
        factories.captures_attached(
            person={"email": "petra@acme.de", "title": "Intern", "phone": "+49 30 901820"}
        )
        petra = Person.objects.get()
        assert (petra.title, petra.phone) == ("CEO", "+49 30 901820")


class TestRouting:
    def test_reps_take_turns_and_their_shares_differ_by_one_at_most(
        self, company: factories.Company
    ) -> None:
        factories.captures([factories.touch() for _ in range(7)])
        counts = [Assignment.objects.filter(user=rep).count() for rep in company.reps]
        assert sorted(counts) == [3, 4]

    def test_weights_hold_over_many_leads_in_batches_of_any_size(self) -> None:
        company = factories.company(reps=())
        heavy = factories.rep("heavy", pools=["dach"], weight=2)
        light = factories.rep("light", pools=["dach"], weight=1)
        for size in (1, 2, 10, 17):
            factories.captures([factories.touch() for _ in range(size)])
        counts = [Assignment.objects.filter(user=rep).count() for rep in (heavy, light)]
        assert counts == [20, 10]
        assert company.pools["dach"].members.count() == 2

    def test_nobody_goes_over_the_cap_even_within_one_batch(self) -> None:
        factories.company(reps=())
        rep = factories.rep("anna", pools=["dach"], cap=3)
        leads = factories.captures([factories.touch() for _ in range(5)])
        assert Assignment.objects.filter(user=rep).count() == 3
        assert [lead.queue for lead in leads if not lead.owner_id] == ["dach", "dach"]

    def test_who_is_off_shift_on_leave_or_inactive_is_never_picked_and_the_record_says_why(
        self,
    ) -> None:
        factories.company(reps=())
        factories.rep("night", pools=["dach"], shifts=[(1, "22:00", "23:00")])
        factories.rep("gone", pools=["dach"], is_active=False)
        away = factories.rep("away", pools=["dach"], away_until=NOW + HOUR)
        lead = factories.capture()
        assert (lead.owner_id, lead.queue) == (None, "dach")
        record = Decision.objects.get(lead=lead)
        assert record.picked_id is None
        reasons = {one["user"]: one["excluded"] for one in record.candidates}
        assert all(reasons.values())
        assert "away" in reasons[away.pk].lower()

    def test_a_waiting_lead_is_given_out_when_the_shift_begins(self) -> None:
        factories.company(reps=())
        late = factories.rep("late", pools=["dach"], shifts=[(1, "12:00", "18:00")])
        lead = factories.capture()
        assert lead.queue == "dach"
        assert lead.route_at == NOW.replace(hour=12)
        assert waiting.route(now=NOW + HOUR) == 0
        assert waiting.route(now=lead.route_at) == 1
        lead = Lead.objects.get(pk=lead.pk)
        assert (lead.owner, lead.queue, lead.route_at) == (late, "", None)
        assert clocks(lead)["accept"] == ClockState.RUNNING

    def test_a_returning_buyer_keeps_the_owner(self) -> None:
        factories.company()
        lead = factories.capture(person={"email": "petra@acme.de"})
        factories.captures_attached(person={"email": "petra@acme.de"}, channel="CHAT")
        assert Lead.objects.get(pk=lead.pk).owner_id == lead.owner_id
        assert Assignment.objects.filter(lead=lead).count() == 1


class TestNothingIsLost:
    def test_a_touch_nobody_can_decide_is_parked_alone_and_the_others_go_on(
        self, company: factories.Company, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        received = intake.receive(
            [factories.touch() for _ in range(8)], scope="t", keys=list("abcdefgh"), now=NOW
        )
        ids = [one.touch_id for one in received if one.touch_id is not None]
        poison = ids[3]
        real = gathering.gather

        def fails(touch_ids: Any, **more: Any) -> Any:
            if poison in touch_ids:
                raise ValueError("this one breaks")
            return real(touch_ids, **more)

        monkeypatch.setattr(gathering, "gather", fails)
        receipts = pipeline.advance(ids, now=NOW)
        assert sorted(receipts) == [pk for pk in ids if pk != poison]
        parked = Touch.objects.get(pk=poison)
        assert parked.status == TouchStatus.PARKED
        assert "this one breaks" in parked.last_error
        monkeypatch.setattr(gathering, "gather", real)
        assert parking.take_left_behind(now=NOW + 2 * MINUTE) == [poison]
        assert pipeline.advance([poison], now=NOW + 2 * MINUTE)[poison]["outcome"] == "created"
        assert company.kit.number == 1

    def test_a_touch_whose_door_died_is_taken_up_after_its_lease_and_not_before(
        self, company: factories.Company
    ) -> None:
        (received,) = intake.receive([factories.touch()], scope="t", keys=["k"], now=NOW)
        assert parking.take_left_behind(now=NOW + 30 * dt.timedelta(seconds=1)) == []
        assert parking.take_left_behind(now=NOW + 2 * MINUTE) == [received.touch_id]
        assert Touch.objects.get().attempts == 2
        assert parking.take_left_behind(now=NOW + 2 * MINUTE) == []

    def test_the_same_key_gives_the_same_receipt_and_another_body_is_refused(
        self, company: factories.Company
    ) -> None:
        body = factories.touch()
        (first,) = intake.capture([body], scope="t", keys=["k"], now=NOW)
        (again,) = intake.capture([body], scope="t", keys=["k"], now=NOW + HOUR)
        assert (first.status, again.status) == (201, 200)
        assert first.receipt == again.receipt
        (other,) = intake.capture([factories.touch()], scope="t", keys=["k"], now=NOW)
        assert (other.status, other.errors[0].code) == (422, "key_reused")
        (mine,) = intake.capture([factories.touch()], scope="somebody else", keys=["k"], now=NOW)
        assert mine.status == 201
        assert Touch.objects.count() == 2

    def test_a_bad_touch_is_refused_alone_with_its_field_named(
        self, company: factories.Company
    ) -> None:
        bad = factories.touch(person={"email": "not an address"})
        answers = intake.capture([factories.touch(), bad, factories.touch()], scope="t", now=NOW)
        assert [answer.status for answer in answers] == [201, 422, 201]
        assert [fault.field for fault in answers[1].errors] == ["person.email"]


class TestBatches:
    def test_the_number_of_queries_does_not_depend_on_the_batch(
        self, company: factories.Company
    ) -> None:
        factories.captures([factories.touch() for _ in range(3)])

        def queries(size: int) -> int:
            bodies = [factories.touch() for _ in range(size)]
            with CaptureQueriesContext(connection) as seen:
                intake.capture(
                    bodies, scope="t", keys=[f"{size}-{i}" for i in range(size)], now=NOW
                )
            return len(seen)

        one, fifty, many = queries(1), queries(50), queries(250)
        assert fifty == many <= 55
        assert one <= 40, "a single touch writes all it changes in one message"

    def test_a_batch_decides_as_the_same_touches_one_by_one(self) -> None:
        bodies = [factories.touch(person={"email": f"p{i % 4}@acme{i % 3}.de"}) for i in range(12)]

        def outcome() -> tuple[Any, ...]:
            leads = Lead.objects.order_by("person__email", "account__domain")
            steps = LeadEvent.objects.exclude(kind="TOUCHED").order_by("pk")
            return (
                list(leads.values_list("person__email", "account__domain", "stage", "band")),
                sorted(steps.values_list("lead__person__email", "kind", "transition")),
                sorted(Assignment.objects.values_list("user__username", flat=True)),
            )

        factories.company()
        keys = [str(index) for index in range(len(bodies))]
        with transaction.atomic():
            intake.capture(bodies, scope="t", keys=keys, now=NOW)
            together = outcome()
            transaction.set_rollback(True)
        for key, body in zip(keys, bodies, strict=True):
            intake.capture([body], scope="t", keys=[key], now=NOW)
        assert outcome() == together
        assert together[0]


class TestComingBack:
    def test_a_lost_buyer_who_asks_again_starts_the_next_cycle(
        self, company: factories.Company
    ) -> None:
        lead = factories.capture(person={"email": "petra@acme.de"})
        factories.work(lead, to="LOST", now=NOW + HOUR)
        factories.captures_attached(person={"email": "petra@acme.de"}, now=NOW + 40 * DAY)
        lead = Lead.objects.get(pk=lead.pk)
        assert (lead.stage, lead.cycle) == (Stage.MQL, 2)
        assert (lead.opportunity, lead.reason) == (None, "")
        assert lead.owner_id is not None
        assert Clock.objects.filter(lead=lead, cycle=2, obligation="accept").count() == 1

    def test_a_lost_buyer_who_only_reads_stays_lost(self, company: factories.Company) -> None:
        lead = factories.capture(person={"email": "petra@acme.de"})
        factories.work(lead, to="LOST", now=NOW + HOUR)
        factories.captures_attached(
            person={"email": "petra@acme.de"}, signals=[{"kind": "page_view"}], now=NOW + DAY
        )
        assert Lead.objects.get(pk=lead.pk).stage == Stage.LOST
