"""Own fields along the path of a lead: points, routes, edits, merges, withdrawals, erasure."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from core.errors import InvalidInput
from governance import selectors as kits
from leads import own_fields, score_bulk
from leads.models import Lead, LeadEvent, ScorePart, Touch
from lifecycle import editing, edits_undone, gathering, intake, sayings
from lifecycle.privacy import erasing, exporting
from lifecycle.simulation import history
from routing import replay
from routing.models import Decision
from tests import factories, kit_edits, own_kit
from tests.factories import DAY, MINUTE, NOW, Company
from tests.merging_two import assert_clean, merge, quiet, unmerge, world

pytestmark = pytest.mark.django_db

WORK = "What is your current occupation"
WORKS = {WORK: "working professional", "TotalVisits": "5"}


@pytest.fixture
def company(shared_company: Company) -> Company:
    """Whoever lives in Bonn goes to karl."""
    factories.pool("bonn", manager=shared_company.manager)
    factories.rep("karl", pools=["bonn"])
    in_bonn = {"fact": "field.city", "op": "eq", "value": "Bonn"}
    own_kit.publish(shared_company.revops, kit_edits.rule("bonn", in_bonn, "bonn"))
    return shared_company


def points(lead: Lead) -> dict[str, float]:
    rows = ScorePart.objects.filter(lead=lead).exclude(value=0)
    return dict(rows.values_list("rule", "value"))


def own(lead: Lead) -> dict[str, object]:
    found = sayings.answers(own_fields.of_kit(kits.active_kit()), Lead.objects.get(pk=lead.pk))
    return {key: one.value for key, one in found.items()}


def edit(lead: Lead, by: Any, **values: str) -> None:
    named = {f"field.{key}": value for key, value in values.items()}
    editing.edit(lead_id=lead.pk, by=by, values=named, now=NOW + MINUTE)


def test_points_follow_what_touchpoints_say_last(company: Company) -> None:
    body = factories.touch(fields=WORKS)
    lead = factories.capture(body)
    assert points(lead) == {"works": 30, "looks": 20}
    factories.captures_attached(
        now=NOW + MINUTE, **{**body, "fields": {WORK: "Student", "opted out": "yes"}}
    )
    assert points(lead) == {"looks": 20, "opted_out": -15}
    before = {**body, "fields": {"TotalVisits": "1"}, "occurred_at": NOW - DAY}
    factories.captures_attached(now=NOW + 2 * MINUTE, **before)
    assert points(lead) == {"looks": 20, "opted_out": -15}
    assert_clean(NOW + 2 * MINUTE)


def test_an_answer_that_cannot_be_read_is_missing(company: Company) -> None:
    assert points(factories.capture(fields={"TotalVisits": "many", WORK: "Select"})) == {}


def test_touchpoints_of_one_batch_count_in_their_order(company: Company) -> None:
    body = factories.touch(fields={"TotalVisits": "9"})
    later = {**body, "fields": {"TotalVisits": "1"}, "occurred_at": NOW.isoformat()}
    first = {**body, "occurred_at": (NOW - DAY).isoformat()}
    intake.capture([later, first], scope="tests", keys=["a", "b"], now=NOW + MINUTE)
    assert points(Lead.objects.get()) == {}


def test_a_lead_goes_where_its_field_sends_it_and_again_from_the_record(company: Company) -> None:
    lead = factories.capture(fields={"city": "Bonn"}, now=NOW + MINUTE)
    decision = Decision.objects.get(lead=lead)
    assert (decision.pool, decision.facts["field.city"]) == ("bonn", "Bonn")
    Touch.objects.filter(lead=lead).update(payload={})
    assert replay.of(decision).is_same
    assert_clean(NOW + MINUTE)


def test_a_batch_asks_once_for_all_that_was_said(company: Company) -> None:
    bodies = [factories.touch(fields=WORKS) for _ in range(6)]
    intake.capture(bodies, scope="tests", keys=[f"n{one}" for one in range(6)], now=NOW)
    counts = []
    for taken, keys in ((bodies[:1], "a"), (bodies, "bcdefg")):
        with CaptureQueriesContext(
            connection,
        ) as asked:
            intake.capture(taken, scope="tests", keys=list(keys), now=NOW + MINUTE)
        counts.append(sum("payload -> 'fields'" in one["sql"] for one in asked))
    assert counts == [1, 1]


def test_a_kit_without_own_fields_asks_for_none_of_it(shared_company: Company) -> None:
    body = factories.touch(fields=WORKS)
    factories.capture(body)
    with CaptureQueriesContext(connection) as asked:
        factories.captures_attached(now=NOW + MINUTE, **body)
    assert not any("payload -> 'fields'" in one["sql"] for one in asked)


class TestEditing:
    def test_what_a_person_types_goes_before_touchpoints_and_is_undone(
        self, company: Company
    ) -> None:
        body = factories.touch(fields=WORKS)
        lead = factories.capture(body)
        edit(lead, company.revops, visits="1", city="Ulm")
        assert points(lead) == {"works": 30}
        event = LeadEvent.objects.filter(lead=lead, kind="EDITED").get()
        assert sorted(event.because["fields"]) == ["field.city", "field.visits"]
        assert "Ulm" not in json.dumps(event.because)
        done = edits_undone.undo(lead_id=lead.pk, by=company.revops, now=NOW + 2 * MINUTE)
        assert sorted(done.fields) == ["field.city", "field.visits"]
        assert Lead.objects.get(pk=lead.pk).own_fields == {}
        assert points(lead) == {"works": 30, "looks": 20}
        assert_clean(NOW + 2 * MINUTE)

    def test_a_field_that_is_emptied_waits_for_the_next_answer(self, company: Company) -> None:
        body = factories.touch(fields=WORKS)
        lead = factories.capture(body)
        edit(lead, company.revops, visits="")
        assert points(lead) == {"works": 30}
        factories.captures_attached(now=NOW + 2 * MINUTE, **body)
        assert points(lead) == {"works": 30, "looks": 20}

    @pytest.mark.parametrize(
        ("key", "text", "why"),
        [
            ("visits", "many", "Write a number"),
            ("work", "Gardener", "Working Professional; Student"),
            ("opted_out", "perhaps", "yes or no"),
            ("hobby", "Chess", "declares no such field"),
        ],
    )
    def test_what_a_field_does_not_take_is_refused(
        self, company: Company, key: str, text: str, why: str
    ) -> None:
        lead = factories.capture()
        with pytest.raises(InvalidInput) as refusal:
            edit(lead, company.revops, **{key: text})
        (fault,) = refusal.value.errors
        assert fault.field == f"field.{key}"
        assert why in fault.message


class TestMerging:
    def test_a_merge_joins_what_was_said_and_an_unmerge_parts_it(self, company: Company) -> None:
        at_one = {"company": {"name": "Acme", "domain": "acme.example"}}
        one, other = quiet(**at_one), quiet(fields=WORKS, **at_one)
        edit(other, company.revops, city="Ulm")
        before, was = world(), (own(one), own(other))
        made = merge(one, other, company, now=NOW + 2 * MINUTE)
        (left,) = Lead.objects.exclude(stage="MERGED").filter(pk__in=[one.pk, other.pk])
        assert own(left) == {"visits": 5, "work": "Working Professional", "city": "Ulm"}
        assert points(left) == {"works": 30, "looks": 20}
        unmerge(made, company, now=NOW + 3 * MINUTE)
        assert world() == before
        assert (own(one), own(other)) == was

    def test_what_was_typed_meanwhile_stays(self, company: Company) -> None:
        at_one = {"company": {"name": "Acme", "domain": "acme.example"}}
        one, other = quiet(**at_one), quiet(**at_one)
        edit(other, company.revops, city="Ulm")
        made = merge(one, other, company, now=NOW + 2 * MINUTE)
        (left,) = Lead.objects.exclude(stage="MERGED").filter(pk__in=[one.pk, other.pk])
        editing.edit(lead_id=left.pk, by=company.revops, values={"field.city": "Bonn"},
                     now=NOW + 3 * MINUTE)  # fmt: skip
        assert unmerge(made, company, now=NOW + 4 * MINUTE).edited == ("field.city",)
        assert (own(left)["city"], own(other).get("city")) == ("Bonn", "Ulm")


def test_a_touchpoint_that_was_taken_back_says_nothing(company: Company) -> None:
    body = factories.touch(fields=WORKS)
    lead = factories.capture(body)
    factories.captures_attached(now=NOW + MINUTE, **{**body, "fields": {"visits": "1"}})
    assert own(lead)["visits"] == 1
    last = Touch.objects.filter(lead=lead).latest("pk")
    Touch.objects.filter(pk=last.pk).update(status="WITHDRAWN")
    assert own(lead)["visits"] == 5


def test_erasing_leaves_nothing_of_them_and_a_copy_has_all(company: Company) -> None:
    lead = factories.capture(fields={"city": "Bonn", WORK: "Student"})
    edit(lead, company.revops, city="Canarytown")
    edit(lead, company.revops, city="Canaryville")
    exported = exporting.export(person_id=lead.person_id, by=company.revops, now=NOW + MINUTE)
    assert "Canarytown" in json.dumps(exported, cls=exporting.Encoder)
    erasing.erase(person_id=lead.person_id, by=company.revops, reason="asked", now=NOW + 2 * MINUTE)
    assert own(lead) == {}
    assert Lead.objects.get(pk=lead.pk).own_fields == {}
    assert not Lead.history.exclude(own_fields={}).exists()
    kept = [*Decision.objects.values_list("facts", "tried"), *LeadEvent.objects.values("because")]
    assert not re.search(r'Canary|"field\.[^"]+":', json.dumps(kept))
    assert_clean(NOW + 2 * MINUTE)


def test_a_draft_that_declares_a_field_is_simulated_on_what_leads_said_before(
    shared_company: Company,
) -> None:
    lead = factories.capture(fields=WORKS, now=NOW)
    draft = own_kit.publish(shared_company.revops)
    (course,) = history.courses([lead.pk], since=NOW - DAY, until=NOW + DAY, judged_by=(draft,))
    known = draft.registry.read_all(course.steps[0].known, ["field.visits", "field.work"])
    assert known == {"field.visits": 5, "field.work": "Working Professional"}


def test_leads_of_before_get_their_points_all_at_once(shared_company: Company) -> None:
    lead, other = factories.capture(fields=WORKS), factories.capture()
    kit = own_kit.publish(shared_company.revops)
    with transaction.atomic():
        score_bulk.rescore([lead.pk, other.pk], kit, now=NOW + MINUTE)
    assert (points(lead), points(other)) == ({"works": 30, "looks": 20}, {})


def test_an_example_of_the_kit_may_state_one(company: Company) -> None:
    good = {"key": "works", "label": "Works", "given": {"field.visits": 3, "field.work": None},
            "expect": {"score": {"at_least": 20, "at_most": 20}}}  # fmt: skip
    bad = {"key": "odd", "label": "Odd", "given": {"field.visits": "three", "field.hobby": 1},
           "expect": {"stage": "INQUIRY"}}  # fmt: skip
    factories.next_kit(lambda parts: parts.update(fixture=[good]), by=company.revops)
    with pytest.raises(InvalidInput) as refusal:
        factories.next_kit(lambda parts: parts.update(fixture=[bad]), by=company.revops)
    told = " ".join(fault.message for fault in refusal.value.errors)
    assert "Visits" in told
    assert "field.hobby" in told


def test_a_case_opened_later_reads_them_of_all_leads_at_once(company: Company) -> None:
    leads = [factories.capture(fields=WORKS) for _ in range(3)]
    cases = gathering.open_cases(leads)
    kit = kits.active_kit()
    with CaptureQueriesContext(connection) as asked:
        found = [case.facts(kit, NOW, names=["field.visits"]) for case in cases.values()]
    assert found == [{"field.visits": 5}] * 3
    assert sum("payload -> 'fields'" in one["sql"] for one in asked) == 1


def test_the_kit_as_text_has_them(company: Company, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("kit", "show")
    told = capsys.readouterr().out
    assert "City is “Bonn”" in told
