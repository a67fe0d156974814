"""The condition builder's address: acts, the sentence, the count, and who may ask."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from core import database
from governance import (
    condition_editor,
    condition_field,
    condition_tree,
    conditions,
    services,
)
from governance.models import KitVersion
from leads import condition_count
from leads.models import Lead
from people.models import User
from routing.models import Territory
from tests import factories

ADDRESS = "/kit/condition/?field=condition"
LARGE = {"fact": "company.employees", "op": "gte", "value": 1000}


@pytest.fixture
def company(db: None) -> factories.Company:
    now = database.now()
    made = factories.company(now=now - 40 * factories.DAY)
    sizes = [30, 300, 3000, 30_000]
    factories.captures(
        [factories.touch(company={"employees": str(size)}) for size in sizes],
        now=now - 2 * factories.DAY,
    )
    old = factories.touch(company={"employees": "3000"})
    factories.capture(old, now=now - 35 * factories.DAY)
    return made


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def fields(document: Any, act: str = "", **changes: str) -> dict[str, Any]:
    """What the builder sends of a condition."""
    editor = condition_editor.opened(document, condition_field.catalogue_of(("demo_request",)))
    return {
        **condition_tree.fields(editor.tree, "condition"),
        "condition": editor.text,
        "condition-shown": editor.shown,
        "condition-act": act,
        "condition-kit": "1",
        **changes,
    }


def asked(user: User, sent: dict[str, Any], *, live: bool = False) -> str:
    answer = browser(user).post(ADDRESS + ("&live=1" if live else ""), sent)
    assert answer.status_code == 200, answer.content
    return answer.content.decode()


def test_the_sentence_and_the_count_of_the_last_thirty_days_come_back(
    company: factories.Company,
) -> None:
    text = asked(company.revops, fields(LARGE), live=True)
    assert "Company size is at least 1,000 employees." in text
    assert "Matches 2 of the 4 leads of the last 30 days (50 %)." in text
    assert 'id="condition-tree"' not in text


def test_nothing_asked_fits_every_lead(company: factories.Company) -> None:
    assert "Matches 4 of the 4 leads" in asked(company.revops, fields(None), live=True)


def test_an_unfinished_condition_says_what_is_missing_and_counts_nothing(
    company: factories.Company,
) -> None:
    text = asked(company.revops, fields(LARGE, "add-test:0"))
    assert "Test 2: Choose a field." in text
    assert "Matches" not in text
    assert "condition-0.1-fact" in text
    assert text.count("autofocus") == 1


def test_what_was_typed_stays_and_its_fault_stands_at_its_node(company: factories.Company) -> None:
    sent = fields({"all": [LARGE, LARGE]}, "refresh:0", **{"condition-0.1-value": "a lot"})
    text = asked(company.revops, sent)
    assert 'value="a lot"' in text
    place = text.index('id="condition-0.1-faults"')
    assert "“a lot” is no whole number" in text[place : place + 300]


def test_a_family_is_offered_for_the_signals_of_the_kit_being_edited(
    company: factories.Company,
) -> None:
    sent = fields(None, "add-test:0")
    chosen = {**sent, "condition-act": "choose:0", "condition-0-op": "", "condition-0-was": "",
              "condition-0-fact": "signal.demo_request.count_45d"}  # fmt: skip
    text = asked(company.revops, chosen)
    assert 'name="condition-0-n-days"' in text
    assert 'value="45"' in text
    assert "Number of “demo request” in … days" in text


def test_territories_are_offered_as_they_are_now(company: factories.Company) -> None:
    wanted = {"fact": "lead.territory", "op": "eq", "value": "south"}
    Territory.objects.create(key="south", label="The south")
    text = asked(company.revops, fields(wanted, "refresh:0"))
    assert '<option value="south" selected>The south (south)</option>' in text
    Territory.objects.create(key="north", label="The north")
    text = asked(company.revops, fields({**wanted, "value": "gone"}, "refresh:0"))
    assert [f'<option value="{key}"' in text for key in ("north", "south", "gone")] == [True] * 3
    assert "gone (not offered)" in text
    live = asked(company.revops, fields({**wanted, "op": "in", "value": ["south"]}), live=True)
    assert "Territory is one of “south”." in live
    assert "Matches 0 of the 4 leads" in live


def test_a_field_without_sql_says_why_it_cannot_be_counted(
    company: factories.Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: Any, **options: Any) -> Any:
        raise condition_count.TooSlowToCount("Counting the leads took too long and was stopped.")

    monkeypatch.setattr(condition_count, "latest", refuse)
    text = asked(company.revops, fields(LARGE), live=True)
    assert "took too long" in text


def test_the_count_stops_at_the_newest_leads(
    company: factories.Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(condition_count, "MOST", 2)
    text = asked(company.revops, fields(None), live=True)
    assert "Matches 2 of the newest 2 leads" in text


def test_merged_leads_are_not_counted_twice(company: factories.Company) -> None:
    # Past the state machine, whose triggers speak at the end of the transaction only.
    newest = Lead.objects.filter(pk=Lead.objects.latest("created_at").pk)
    stage = newest.get().stage
    newest.update(stage="MERGED", merged_into=Lead.objects.earliest("created_at"))
    text = asked(company.revops, fields(None), live=True)
    newest.update(stage=stage, merged_into=None)
    assert "of the 3 leads" in text


def test_the_price_does_not_grow_with_the_tree(company: factories.Company) -> None:
    client = browser(company.revops)

    def queries(document: Any) -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            client.post(ADDRESS, fields(document))
        return len(captured)

    queries(LARGE)
    assert queries({"all": [LARGE] * 30}) == queries(LARGE) <= 12


@pytest.mark.parametrize(
    ("who", "status"),
    [("revops", 200), ("manager", 200), ("marketing", 200), ("anna", 403)],
)
def test_who_works_on_kits_may_ask(company: factories.Company, who: str, status: int) -> None:
    user = User.objects.get(username={"revops": "rita", "manager": "mia", "marketing": "mark"}.get(
        who, who))  # fmt: skip
    assert browser(user).post(ADDRESS, fields(LARGE)).status_code == status


def test_strangers_are_sent_to_the_log_in_and_forgeries_refused(company: factories.Company) -> None:
    assert Client().post(ADDRESS, fields(LARGE)).status_code == 302
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(company.revops)
    assert strict.post(ADDRESS, fields(LARGE)).status_code == 403
    assert browser(company.revops).get(ADDRESS).status_code == 405


@pytest.mark.parametrize("field", ["", "a b", "<x>", "x" * 80, "1"])
def test_a_form_that_names_no_field_is_refused(company: factories.Company, field: str) -> None:
    answer = browser(company.revops).post("/kit/condition/", {}, query_params={"field": field})
    assert answer.status_code == 422


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"condition-shown": "x"},
        {"condition-shown": "x", "condition-kit": "99999999999999999999"},
        {"condition-shown": "x", "condition-kit": "²"},
        {"condition-shown": "x", "condition-999.999-fact": "x"},
        {"condition-shown": "x", "condition-0-kind": "every", "condition-0.5-op": "like"},
        {"condition-shown": "x", "condition-0-fact": "<script>", "condition-act": "remove:9.9"},
        {"condition-shown": "x", "condition-0" + ".0" * 40 + "-fact": "deep"},
        {"condition-shown": "x", "condition-act": "🦆"},
        {"condition": "[" * 5000},
    ],
)
def test_odd_input_gets_a_calm_answer(company: factories.Company, sent: dict[str, str]) -> None:
    text = asked(company.revops, sent)
    assert "<script>" not in text


def test_the_largest_condition_there_may_be_can_be_sent(company: factories.Company) -> None:
    family = {"fact": "signal.demo_request.count_30d", "op": "gte", "value": 1}
    many = {"all": [family] * (conditions.NODES - 1)}
    assert "Matches" in asked(company.revops, fields(many))


def test_the_draft_of_a_version_offers_its_own_signals(company: factories.Company) -> None:
    draft = services.draft(base=KitVersion.objects.get(), title="", by=company.revops,
                           now=database.now())  # fmt: skip
    draft.governance_signaldefinition_parts.create(key="roi_calculator", label="ROI calculator")
    page = browser(company.revops).get(f"/kit/versions/{draft.number}/parts/criterion/icp/")
    assert "roi calculator" in page.content.decode()
