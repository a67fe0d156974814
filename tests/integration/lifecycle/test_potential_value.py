"""What a lead may be worth: it comes in by every way, rules go by it, merges give it back."""

from __future__ import annotations

import io
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction

from core.errors import InvalidInput
from leads.models import EventKind, Lead, Touch
from lifecycle import editing, edits_undone
from lifecycle.importing import runs, undoing, working
from lifecycle.models import ImportRow
from routing import replay
from routing.models import Decision
from tests import factories, kit_edits
from tests.factories import HOUR, MINUTE, NOW, Company
from tests.kit_edits import Parts
from tests.merging_two import assert_clean, merge, quiet, unmerge, world

pytestmark = pytest.mark.django_db

LARGE = {"fact": "lead.potential_value", "op": "gte", "value": 50_000}


@pytest.fixture
def company(shared_company: Company) -> Company:
    return shared_company


def worth(lead: Lead) -> tuple[str, str]:
    """The value it has, and who told it."""
    row = Lead.objects.get(pk=lead.pk)
    told = row.provenance.get("potential_value", [""])[0]
    return ("" if row.potential_value is None else str(row.potential_value), told)


def of(value: object, **more: Any) -> Lead:
    return factories.capture(lead={"potential_value": value}, **more)


def remarks(lead: Lead) -> list[str]:
    receipt = Touch.objects.filter(lead=lead).latest("pk").receipt or {}
    return [one["field"] for one in receipt["remarks"]]


class TestRules:
    @pytest.fixture
    def company(self, company: Company) -> Company:
        """Whoever may be worth 50,000 or more goes to karl, everybody else to the others."""
        factories.pool("large", manager=company.manager)
        factories.rep("karl", pools=["large"])

        def by_worth(parts: Parts) -> None:
            parts["routing_rule"] = [
                {"key": "large", "label": "Large", "position": 10, "condition": LARGE,
                 "pool": "large"},
                {"key": "rest", "label": "The rest", "position": 20, "condition": None,
                 "pool": "dach"},
            ]  # fmt: skip

        kit_edits.publish(by_worth, by=company.revops, now=NOW)
        return company

    @pytest.mark.parametrize(
        ("value", "pool", "fact"),
        [
            ("50k", "large", 50_000),
            (50_000, "large", 50_000),
            ("€ 49.999,99", "dach", "49999.99"),
            (None, "dach", None),
            ("$ 80k", "dach", None),
        ],
    )
    def test_a_lead_goes_where_its_value_sends_it_and_again_from_the_record(
        self, company: Company, value: object, pool: str, fact: object
    ) -> None:
        lead = of(value, now=NOW + MINUTE)
        decision = Decision.objects.get(lead=lead)
        assert decision.pool == pool
        kept = decision.facts.get("lead.potential_value")
        assert (None if kept is None else str(kept)) == (None if fact is None else str(fact))
        Lead.objects.filter(pk=lead.pk).update(potential_value=1)
        assert replay.of(decision).is_same
        assert_clean()


class TestTouches:
    @pytest.mark.parametrize(
        ("said", "field"),
        [
            ({"potential_value": "plenty"}, "lead.potential_value"),
            ({"potential_value": -5}, "lead.potential_value"),
            ({"potential_value": 1e30}, "lead.potential_value"),
            ({"potential_value": "NaN"}, "lead.potential_value"),
            ({"potential_value": "£ 50k"}, "lead.potential_value"),
            ({"potential_value": 50_000, "currency": "USD"}, "lead.currency"),
        ],
    )
    def test_what_cannot_be_used_is_kept_and_told(
        self, company: Company, said: dict[str, Any], field: str
    ) -> None:
        lead = factories.capture(lead=said)
        assert worth(lead) == ("", "")
        assert remarks(lead) == [field]
        kept = Touch.objects.get(lead=lead).payload["lead"]
        assert kept == {name: str(value) for name, value in said.items()}

    def test_a_later_touch_fills_what_is_missing_and_overwrites_nothing(
        self, company: Company
    ) -> None:
        body = factories.touch()
        lead = factories.capture(body)
        said = ({}, {"potential_value": "50k"}, {}, {"potential_value": "70k"})
        found = []
        for hour, value in enumerate(said, 1):
            factories.captures_attached(now=NOW + hour * HOUR, **{**body, "lead": value})
            found.append(worth(lead)[0])
        assert found == ["", "50000.00", "50000.00", "50000.00"]
        assert worth(lead)[1] == "touch:FORM"

    def test_a_field_rule_lets_a_later_touch_overwrite_it(self, company: Company) -> None:
        rule = {"key": "worth", "position": 1, "field": "lead.potential_value",
                "overwrite": "ALWAYS", "prose": ""}  # fmt: skip
        factories.next_kit(lambda parts: parts.update(field_rule=[rule]), by=company.revops)
        body = factories.touch(lead={"potential_value": 1000})
        lead = factories.capture(body)
        body["lead"] = {"potential_value": 2000}
        factories.captures_attached(now=NOW + HOUR, **body)
        assert worth(lead) == ("2000.00", "touch:FORM")

    @pytest.mark.parametrize("value", [Decimal(-1), Decimal(10) ** 12])
    def test_the_database_refuses_what_no_door_lets_in(
        self, company: Company, value: Decimal
    ) -> None:
        lead = factories.capture()
        with pytest.raises(IntegrityError), transaction.atomic():
            Lead.objects.filter(pk=lead.pk).update(potential_value=value)


class TestEditing:
    def test_what_a_person_types_stays_is_on_record_and_is_taken_back(
        self, company: Company
    ) -> None:
        body = factories.touch(lead={"potential_value": "10k"})
        lead = factories.capture(body)
        values = {"lead.potential_value": "75.000,50 €"}
        editing.edit(lead_id=lead.pk, by=company.revops, values=values, now=NOW + MINUTE)
        assert worth(lead) == ("75000.50", "user")
        event = lead.events.get(kind=EventKind.EDITED)
        assert event.because["fields"] == ["lead.potential_value"]
        assert "75" not in str(event.because["before"])
        past = Lead.history.filter(id=lead.pk).latest("history_date", "history_id")
        assert (past.potential_value, past.history_user_id) == (
            Decimal("75000.50"), company.revops.pk
        )  # fmt: skip
        edits_undone.undo(lead_id=lead.pk, by=company.revops, now=NOW + 2 * MINUTE)
        assert worth(lead) == ("10000.00", "touch:FORM")
        assert_clean()

    def test_one_that_a_person_emptied_is_empty_until_the_buyer_says_it(
        self, company: Company
    ) -> None:
        body = factories.touch(lead={"potential_value": "10k"})
        lead = factories.capture(body)
        values = {"lead.potential_value": ""}
        editing.edit(lead_id=lead.pk, by=company.revops, values=values, now=NOW + MINUTE)
        assert worth(lead) == ("", "user")
        factories.captures_attached(now=NOW + HOUR, **body)
        assert worth(lead) == ("10000.00", "touch:FORM")

    @pytest.mark.parametrize("value", ["many", "-1", "1e30", "NaN", "$5", "1000000000000"])
    def test_what_cannot_be_is_refused_by_its_name(self, company: Company, value: str) -> None:
        lead = of("10k")
        with pytest.raises(InvalidInput) as refused:
            editing.edit(lead_id=lead.pk, by=company.revops, values={"lead.potential_value": value})
        (fault,) = refused.value.errors
        assert fault.field == "lead.potential_value"
        assert "EUR" in fault.message
        assert worth(lead)[0] == "10000.00"

    def test_an_edit_concerns_this_lead_alone(self, company: Company) -> None:
        lead, beside = factories.capture(), factories.touch()
        beside["company"] = factories.touch()["company"] | {"name": "Firma"}
        other = factories.capture(beside)
        Lead.objects.filter(pk=other.pk).update(account=lead.account)
        values = {"lead.potential_value": "5000"}
        editing.edit(lead_id=lead.pk, by=company.revops, values=values, now=NOW + MINUTE)
        assert not other.events.filter(kind=EventKind.EDITED).exists()


SAYS = {"potential_value": "50k"}
TELLS = {"potential_value": "20k"}


class TestMerging:
    @pytest.mark.parametrize(
        ("winner", "loser", "after"),
        [({}, SAYS, "50000.00"), (SAYS, {}, "50000.00"), (SAYS, TELLS, "50000.00"), ({}, {}, "")],
    )
    def test_a_merge_keeps_it_and_an_unmerge_gives_it_back(
        self, company: Company, winner: Any, loser: Any, after: str
    ) -> None:
        at_one = {"company": {"name": "Acme", "domain": "acme.example"}}
        one, other = quiet(lead=winner, **at_one), quiet(lead=loser, **at_one)
        assert one.account_id == other.account_id
        before = world()
        made = merge(one, other, company)
        (carries_on,) = Lead.objects.exclude(stage="MERGED").filter(pk__in=[one.pk, other.pk])
        assert worth(carries_on)[0] == after
        unmerge(made, company)
        assert world() == before

    def test_what_was_edited_meanwhile_stays(self, company: Company) -> None:
        at_one = {"company": {"name": "Acme", "domain": "acme.example"}}
        one, other = quiet(**at_one), quiet(lead=SAYS, **at_one)
        made = merge(one, other, company)
        (carries_on,) = Lead.objects.exclude(stage="MERGED").filter(pk__in=[one.pk, other.pk])
        values = {"lead.potential_value": "60k"}
        editing.edit(lead_id=carries_on.pk, by=company.revops, values=values, now=NOW + 3 * MINUTE)
        assert unmerge(made, company).edited == ("potential_value",)
        assert worth(carries_on) == ("60000.00", "user")
        assert worth(other)[0] == "50000.00"


HEADINGS = "Id,E-Mail,Auftragspotenzial,Budget currency"


class TestImport:
    @pytest.fixture(autouse=True)
    def jobs(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(runs.queue, "enqueue", lambda *_, **__: None)

    def imported(self, company: Company, *rows: str) -> Any:
        document = {
            "system": "fair", "exact": True,
            "columns": {"external_id": ["Id"], "person.email": ["E-Mail"],
                        "lead.potential_value": ["Auftragspotenzial"],
                        "lead.currency": ["Budget currency"]},
        }  # fmt: skip
        text = "\n".join([HEADINGS, *rows, ""]).encode()
        run = runs.upload([text], name="fair.csv", by=company.marketing)
        runs.check(run.pk, document=document, by=company.marketing, live=True)
        working.work(run.pk)
        runs.start(run.pk, by=company.marketing)
        working.work(run.pk)
        factories.check_rules()
        return run

    def test_each_row_has_its_value_or_a_remark_that_names_it(self, company: Company) -> None:
        rows = [
            "1,a@a-co.test,50k,", '2,b@b-co.test,"€ 3.400,50",EUR', "3,c@c-co.test,plenty,",
            "4,d@d-co.test,-5,", "5,e@e-co.test,5000,US Dollar", "6,f@f-co.test,,",
        ]  # fmt: skip
        run = self.imported(company, *rows)
        found = ImportRow.objects.filter(run=run).order_by("number").select_related("lead")
        values = [row.lead and row.lead.potential_value for row in found]
        assert values == [50_000, Decimal("3400.50"), None, None, None, None]
        named = [[one.split(" “")[0] for one in row.remarks] for row in found]
        worth, code = HEADINGS.split(",")[2:]
        assert named == [[], [], [worth], [worth], [code], []], [row.remarks for row in found]

    def test_undone_it_is_gone_where_nobody_else_said_it(self, company: Company) -> None:
        lead = factories.capture(person={"email": "kim@alt-co.test"})
        run = self.imported(company, "1,kim@alt-co.test,50k,")
        assert worth(lead) == ("50000.00", "touch:IMPORT")
        undoing.undo(run_id=run.pk, by=company.revops)
        assert worth(lead) == ("", "")

    def test_undone_what_another_touchpoint_says_too_is_kept(self, company: Company) -> None:
        lead = factories.capture(person={"email": "kim@alt-co.test"})
        run = self.imported(company, "1,kim@alt-co.test,50k,")
        body = {"person": {"email": "kim@alt-co.test"}, "lead": {"potential_value": "60k"}}
        factories.captures_attached(**body)
        undoing.undo(run_id=run.pk, by=company.revops)
        assert worth(lead) == ("60000.00", "touch:FORM")

    def test_a_heading_says_it_without_a_mapping(self, company: Company, tmp_path: Path) -> None:
        path = tmp_path / "list.csv"
        path.write_text("E-Mail,Estimated value\nk@k-co.test,12.5k\n", encoding="utf-8")
        call_command(
            "import_leads", str(path), "--mapping", "guess", "--live", stdout=io.StringIO()
        )
        assert Lead.objects.get(person__email="k@k-co.test").potential_value == 12_500
