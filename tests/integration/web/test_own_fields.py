"""Own fields at the doors: declared on the kit's pages, imported, asked for, shown, changed."""

from __future__ import annotations

import re
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from core import database
from governance import services
from governance.models import KitVersion, OwnField, ScoreRule
from leads import score_rows, scoring
from leads.models import Lead, Touch
from lifecycle.importing import runs, working
from lifecycle.models import ImportRun
from people.models import User
from tests import hosted_forms, own_kit, pages
from tests.callers import Caller, Company, make_key, touch

pytestmark = pytest.mark.django_db

WORK = "What is your current occupation"
SAYS = {"TotalVisits": "5", WORK: "student", "City": "Bonn"}


def browser(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def declared(company: Company) -> Company:
    own_kit.publish(company.revops)
    return company


def captured(**fields: Any) -> Any:
    answer = Caller(key=make_key("form", "CAPTURE")).post("/api/v1/capture/", touch(fields=fields))
    assert answer.status_code == 201, answer.content
    return answer.json()


class TestDeclaring:
    @pytest.fixture
    def draft(self, company: Company) -> KitVersion:
        base = KitVersion.objects.get(status="ACTIVE")
        return services.draft(base=base, title="Ours", by=company.revops, now=database.now())

    def add(self, client: Client, draft: KitVersion, kind: str, **given: Any) -> Any:
        at = f"/kit/versions/{draft.number}/parts/{kind}/new/"
        return client.post(at, pages.form(client.get(at), at, **given))

    @pytest.fixture
    def work(self, company: Company, draft: KitVersion) -> OwnField:
        answer = self.add(
            browser(company.revops), draft, "own_field", key="work", label="What they do",
            type="CHOICE", choices="Banking, Investment\nOther\n", reads=f"{WORK}\nJob",
            not_answered="Select\n",
        )  # fmt: skip
        assert answer.status_code == 303, answer.context["part"].form.errors
        return OwnField.objects.get(kit=draft)

    def test_a_page_declares_one_with_lists_whose_lines_hold_commas(self, work: OwnField) -> None:
        assert work.choices == ["Banking, Investment", "Other"]
        assert (work.reads, work.not_answered) == ([WORK, "Job"], ["Select"])

    def test_rules_of_the_draft_pick_it_by_its_label_and_say_so(
        self, company: Company, draft: KitVersion, work: OwnField
    ) -> None:
        client = browser(company.revops)
        at = f"/kit/versions/{draft.number}/parts/score_rule/new/"
        page = client.get(at).content.decode()
        assert "What they do" in page
        condition = '{"fact": "field.work", "op": "eq", "value": "Other"}'
        added = {"key": "other", "label": "Other", "category": "FIT", "points": "5"}
        answer = self.add(client, draft, "score_rule", **added, condition=condition)
        assert answer.status_code == 303, answer.context["part"].form.errors
        index = client.get(f"/kit/versions/{draft.number}/parts/").content.decode()
        assert "What they do is Other" in index
        User.objects.filter(pk=company.revops.pk).update(is_staff=True)
        rule = ScoreRule.objects.get(kit=draft, key="other")
        changed = client.get(f"/admin/governance/scorerule/{rule.pk}/change/").content.decode()
        assert "What they do is Other" in changed
        opened = client.get(at.replace("new", "other")).content.decode()
        assert "What they do is Other" in opened
        wrong = condition.replace("Other", "Gardening")
        refused = self.add(client, draft, "score_rule", **added | {"key": "x"}, condition=wrong)
        assert refused.status_code == 422

    def test_changes_are_told_and_the_count_knows_what_leads_said(
        self, company: Company, draft: KitVersion, work: OwnField
    ) -> None:
        captured(**{WORK: "OTHER"})
        client = browser(company.revops)
        url = "/kit/condition/?field=condition&live=1"
        sent = {"condition": '{"fact": "field.work", "op": "eq", "value": "Other"}',
                "condition-kit": str(draft.number)}  # fmt: skip
        assert "Matches 1 of the 1 lead" in client.post(url, sent).content.decode()
        page = client.get(f"/kit/versions/{draft.number}/").content.decode()
        assert "What they do" in page

    def test_the_admin_lists_them_and_opens_one(self, company: Company, work: OwnField) -> None:
        User.objects.filter(pk=company.revops.pk).update(is_staff=True)
        client, at = browser(company.revops), "/admin/governance/ownfield/"
        assert "What they do" in client.get(at).content.decode()
        page = client.get(f"{at}{work.pk}/change/").content.decode()
        assert "Banking, Investment\nOther" in page


class TestShown:
    def test_the_api_takes_them_shows_them_and_changes_them(self, declared: Company) -> None:
        receipt = captured(**SAYS)
        assert receipt["remarks"] == []
        caller, url = Caller(user=declared.revops), f"/api/v1/leads/{receipt['lead']}/"
        assert caller.get(url).json()["fields"] == {
            "visits": 5, "work": "Student", "opted_out": None, "city": "Bonn",
        }  # fmt: skip
        changed = caller.patch(url, {"fields": {"visits": 2.5, "opted_out": True, "city": None}})
        assert changed.status_code == 200, changed.content
        assert changed.json()["fields"] == {
            "visits": 2.5, "work": "Student", "opted_out": True, "city": None,
        }  # fmt: skip
        refused = caller.patch(url, {"fields": {"visits": "many", "hobby": "Chess"}})
        assert refused.status_code == 422
        assert {one["field"] for one in refused.json()["errors"]} == {
            "field.visits", "field.hobby",
        }  # fmt: skip
        (long,) = caller.patch(url, {"fields": {"city": "x" * 5_000}}).json()["errors"]
        assert "has 5000 characters; at most 200" in long["message"]

    def test_the_receipt_and_the_page_name_what_cannot_be_read(self, declared: Company) -> None:
        receipt = captured(TotalVisits="many", City="Bonn")
        (remark,) = receipt["remarks"]
        assert (remark["field"], remark["code"]) == ("fields.TotalVisits", "unreadable")
        page = browser(declared.revops).get(f"/leads/{receipt['lead']}/").content.decode()
        assert "“many” (not a number, so it counts as missing)" in page
        assert "Bonn" in page

    def test_the_edit_page_changes_them_and_undoes(self, declared: Company) -> None:
        lead = captured(**SAYS)["lead"]
        client, url = browser(declared.revops), f"/leads/{lead}/edit/"
        page = client.get(url).content.decode()
        assert re.search(r'name="field.visits"[^>]*value="5"', page)
        assert re.search(r'value="Student" selected', page)
        refused = client.post(url, {"field.visits": "lots"})
        assert refused.status_code == 422
        assert "Write a number" in refused.content.decode()
        given = pages.form(client.get(url), url, **{"field.visits": "7", "next": "/"})
        assert client.post(url, given).status_code == 303
        assert Lead.objects.get().own_fields.keys() == {"visits"}
        shown = client.get(f"/leads/{lead}/").content.decode()
        assert "7 visits" in shown
        assert "From somebody here" in shown
        undone = client.post(f"/leads/{lead}/undo/")
        assert "visits as touchpoints say" in client.get(undone["Location"]).content.decode()
        assert Lead.objects.get().own_fields == {}


def test_a_hosted_form_may_ask_for_one(declared: Company) -> None:
    own = hosted_forms.ask("contact", label="Visits:")
    answers = {"first_name": "Mara", "last_name": "L", "email": "mara@nordwind-logistik.de",
               "company": "Nordwind", "note": "Hello.", f"q{own.pk}": "12"}  # fmt: skip
    with time_machine.travel(database.now(), tick=False) as clock:
        page = Client().get("/f/contact/").content.decode()
        clock.shift(20)
        ticket = re.search(r'name="ticket" value="([^"]+)"', page)
        assert ticket
        assert Client().post("/f/contact/", {**answers, "ticket": ticket[1]}).status_code == 303
    lead = Lead.objects.get()
    caller = Caller(user=declared.revops)
    assert caller.get(f"/api/v1/leads/{lead.pk}/").json()["fields"]["visits"] == 12


ROWS = [  # e-mail, visits, what they do, opted out, whether they bought
    ("a@a-co.test", "9", "Working Professional", "No", True),
    ("b@b-co.test", "1", "Working Professional", "No", True),
    ("c@c-co.test", "4", "Unemployed", "No", True),
    ("d@d-co.test", "5", "Select", "Yes", False),
    ("e@e-co.test", "0", "Student", "No", False),
    ("f@f-co.test", "", "Select", "Yes", False),
]


class TestImporting:
    @pytest.fixture(autouse=True)
    def at_once(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(runs.queue, "enqueue", lambda *_, **__: None)

    def test_a_table_is_mapped_imported_and_ranked_by_what_its_columns_say(
        self, declared: Company
    ) -> None:
        client = browser(declared.people["marketing"])
        heads = f"E-mail,Seen how often,{WORK},Do not e-mail?,Kept"
        lines = "\n".join(",".join((*row[:4], "x")) for row in ROWS)
        sent = {"file": SimpleUploadedFile("fair.csv", f"{heads}\n{lines}\n".encode())}
        assert client.post("/import/", sent).status_code == 303
        run = ImportRun.objects.get()
        page = client.get(f"/import/{run.pk}/")
        assert "Own field: Visits" in page.content.decode()
        given = pages.form(page, "mapping")
        chosen = [given[f"c{place}"] for place in range(5)]
        assert chosen == [["person.email"], [""], ["field.work"], ["field.opted_out"], [""]]
        given |= {"c1": "field.visits", "c3": "", "as_what": "live"}
        assert client.post(f"/import/{run.pk}/check/", given).status_code == 303
        working.work(run.pk)
        assert client.post(f"/import/{run.pk}/start/").status_code == 303
        working.work(run.pk)
        kept = Touch.objects.get(lead__person__email="a@a-co.test").payload["fields"]
        assert kept == {"field.visits": "9", "field.work": "Working Professional",
                        "Do not e-mail?": "No", "Kept": "x"}  # fmt: skip
        bought = {row[0]: row[4] for row in ROWS}
        ranked = sorted(Lead.objects.all(), key=lambda lead: -score(lead))
        assert [bought[lead.person.email] for lead in ranked] == [True] * 3 + [False] * 3


def score(lead: Lead) -> float:
    return scoring.points(score_rows.of_lead(lead.pk), database.now()).total


def test_what_came_before_a_field_was_declared_has_its_value_at_once(company: Company) -> None:
    lead = captured(**SAYS)["lead"]
    caller, url = Caller(user=company.revops), f"/api/v1/leads/{lead}/"
    assert caller.get(url).json()["fields"] == {}
    own_kit.publish(company.revops)
    assert caller.get(url).json()["fields"]["city"] == "Bonn"
