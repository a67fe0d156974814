"""The parts of a draft on the kit's pages: saved, added, moved, removed, and refused in words."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from governance import editing, facts, findings, kit, services
from governance.models import (
    Calendar,
    Checklist,
    ClockPolicy,
    Criterion,
    KitPart,
    KitStatus,
    KitVersion,
    Reason,
    SignalDefinition,
)
from governance.models.part import part_models
from people.models import User
from routing import rules
from routing.models import RoutingRule
from tests import every_kind, factories, pages


@pytest.fixture
def company(db: None) -> factories.Company:
    return factories.company()


@pytest.fixture
def draft(company: factories.Company) -> KitVersion:
    active = KitVersion.objects.get()
    return services.draft(base=active, title="Next", by=company.revops, now=factories.NOW)


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def address(kind: str, key: str = "", *, number: int = 2, end: str = "") -> str:
    return f"/kit/versions/{number}/parts/{kind}/{key or 'new'}/{end}"


def sent(client: Client, at: str, **changes: Any) -> Any:
    """What a browser sends of the form at this address, with some fields changed."""
    return client.post(at, pages.form(client.get(at), at, **changes))


@pytest.mark.parametrize("model", part_models(), ids=lambda model: model.kind)
def test_a_part_saved_as_it_stands_stays_as_it_is(
    company: factories.Company, draft: KitVersion, model: type[KitPart]
) -> None:
    part = every_kind.part_of(draft, model)
    before, records = services.document_of(draft), model.history.filter(id=part.pk).count()
    answer = sent(browser(company.revops), address(model.kind, part.key))
    assert answer.status_code == 303, answer.context["part"].form.errors
    assert answer["Location"] == "/kit/versions/2/"
    assert services.document_of(draft) == before
    assert model.history.filter(id=part.pk).count() == records


def test_a_changed_test_is_saved_with_who_did_it(
    company: factories.Company, draft: KitVersion
) -> None:
    client, at = browser(company.revops), address("criterion", "icp")
    answer = sent(client, at, **{"condition-0.0-value": "100", "condition-0.0-value2": "2,000"})
    assert answer.status_code == 303
    icp = Criterion.objects.get(kit=draft, key="icp")
    assert icp.condition["all"][0]["value"] == [100, 2000]
    record = Criterion.history.filter(id=icp.pk).latest("history_id")
    assert (record.history_user, record.history_type) == (company.revops, "~")
    assert "saved" in client.get("/kit/").content.decode()


def test_a_faulty_test_is_refused_at_its_place_and_nothing_is_saved(
    company: factories.Company, draft: KitVersion
) -> None:
    client, at = browser(company.revops), address("criterion", "icp")
    answer = sent(client, at, label="Another", **{"condition-0.0-value": "x"})
    assert answer.status_code == 422
    text = answer.content.decode()
    assert "Test 1: “x” is no whole number" in text
    assert 'value="x"' in text
    assert Criterion.objects.get(kit=draft, key="icp").label == "Ideal customer profile"


def test_without_script_a_button_of_the_builder_changes_the_form_and_saves_nothing(
    company: factories.Company, draft: KitVersion
) -> None:
    client, at = browser(company.revops), address("criterion", "icp")
    before = services.document_of(draft)
    answer = sent(client, at, label="Half done", **{"condition-act": ["", "add-test:0"]})
    text = answer.content.decode()
    assert answer.status_code == 200
    assert 'name="condition-0.3-fact"' in text
    assert 'value="Half done"' in text
    assert "nothing was saved yet" in text
    assert "Test 4: Choose a field." in text
    assert services.document_of(draft) == before


def test_the_count_stands_on_the_page_without_script(
    company: factories.Company, draft: KitVersion
) -> None:
    page = browser(company.revops).get(address("criterion", "icp")).content.decode()
    assert "No lead came in during the last 30 days" in page
    assert "Company size is between 50 and 5,000 employees" in page


def test_a_part_is_added_behind_the_others(company: factories.Company, draft: KitVersion) -> None:
    client, at = browser(company.revops), address("signal")
    answer = sent(client, at, key="roi_calculator", label="ROI calculator", hand_raise="on")
    assert answer.status_code == 303
    parts = list(SignalDefinition.objects.filter(kit=draft).order_by("position"))
    assert parts[-1].key == "roi_calculator"
    assert parts[-1].hand_raise
    assert SignalDefinition.history.get(id=parts[-1].pk).history_user == company.revops


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"key": "demo_request", "label": "x"}, "key", "is taken"),
        ({"key": "Not a key", "label": "x"}, "key", "lower-case"),
        ({"key": "new", "label": "x"}, "key", "another key"),
        ({"key": "", "label": "x"}, "key", "required"),
        ({"key": "x", "label": ""}, "label", "required"),
    ],
)
def test_a_part_that_cannot_be_is_refused_at_its_field(
    company: factories.Company, draft: KitVersion, changes: dict[str, str], field: str, words: str
) -> None:
    answer = sent(browser(company.revops), address("signal"), **changes)
    assert answer.status_code == 422
    assert words in str(answer.context["part"].form.errors[field])


def test_a_part_is_removed_and_its_history_stays(
    company: factories.Company, draft: KitVersion
) -> None:
    part = Reason.objects.filter(kit=draft).earliest("position")
    answer = browser(company.revops).post(address("reason", part.key, end="remove/"))
    assert answer["Location"] == "/kit/versions/2/parts/"
    assert not Reason.objects.filter(pk=part.pk).exists()
    last = Reason.history.filter(id=part.pk).latest("history_id")
    assert (last.history_type, last.history_user) == ("-", company.revops)


def order(model: type[KitPart], version: KitVersion) -> list[str]:
    rows = model._default_manager.filter(kit=version).order_by("position", "key")
    return list(rows.values_list("key", flat=True))


def test_parts_change_places_one_step_at_a_time(
    company: factories.Company, draft: KitVersion
) -> None:
    client = browser(company.revops)
    keys = order(ClockPolicy, draft)
    answer = client.post("/kit/versions/2/parts/", {"down": f"clock_policy/{keys[0]}"})
    assert answer.status_code == 303
    assert order(ClockPolicy, draft) == [keys[1], keys[0], *keys[2:]]
    page = client.get(answer["Location"]).content.decode()
    assert page.count("autofocus") == 1
    client.post("/kit/versions/2/parts/", {"up": f"clock_policy/{keys[0]}"})
    assert order(ClockPolicy, draft) == keys
    client.post("/kit/versions/2/parts/", {"up": f"clock_policy/{keys[0]}"})
    assert order(ClockPolicy, draft) == keys
    assert services.document_of(draft) == KitVersion.objects.get(number=1).document


def test_parts_that_share_a_position_can_be_told_apart_by_moving(
    company: factories.Company, draft: KitVersion
) -> None:
    Reason.objects.filter(kit=draft).update(position=0)
    keys = order(Reason, draft)
    part = Reason.objects.get(kit=draft, key=keys[2])
    assert editing.move_part(part, up=True, by=company.revops, now=factories.NOW)
    assert order(Reason, draft) == [keys[0], keys[2], keys[1], *keys[3:]]


@pytest.mark.parametrize("status", [s for s in KitStatus.values if s != "DRAFT"])
def test_what_is_no_draft_is_not_edited(company: factories.Company, status: str) -> None:
    version = KitVersion.objects.get()
    if status not in ("ACTIVE", "RETIRED"):
        version = services.draft(base=version, title="", by=company.revops, now=factories.NOW)
        KitVersion.objects.filter(pk=version.pk).update(status=status)
    elif status == "RETIRED":
        KitVersion.objects.filter(pk=version.pk).update(status=status)
    client, number = browser(company.revops), version.number
    tries = [
        client.get(address("reason", "price", number=number)),
        client.post(address("reason", "price", number=number), {"label": "Typed at length"}),
        client.get(address("reason", number=number)),
        client.post(address("reason", number=number), {"key": "x"}),
        client.post(address("reason", "price", number=number, end="remove/")),
        client.post(f"/kit/versions/{number}/parts/", {"down": "reason/price"}),
    ]
    assert [answer.status_code for answer in tries] == [409] * len(tries)
    words = "clone it" if status in ("ACTIVE", "RETIRED", "WITHDRAWN") else "back to draft"
    assert all(words in answer.content.decode() for answer in tries)
    assert "Typed at length" in tries[1].content.decode()
    assert client.get(f"/kit/versions/{number}/parts/").status_code == 200


@pytest.mark.parametrize(("who", "reads"), [("mia", True), ("mark", True), ("anna", False)])
def test_only_revops_edits_and_signers_read(
    company: factories.Company, draft: KitVersion, who: str, reads: bool
) -> None:
    client = browser(User.objects.get(username=who))
    listed = client.get("/kit/versions/2/parts/")
    assert listed.status_code == (200 if reads else 403)
    assert b"Move" not in listed.content
    before = services.document_of(draft)
    assert client.get(address("reason", "price")).status_code == 403
    assert client.post(address("reason", "price"), {"label": "x"}).status_code == 403
    assert client.post(address("reason", "price", end="remove/")).status_code == 403
    assert client.post("/kit/versions/2/parts/", {"down": "reason/price"}).status_code == 403
    assert services.document_of(draft) == before


@pytest.mark.parametrize(
    "at",
    ["/kit/versions/9/parts/", address("reason", "nobody"), address("nonsense", "x"),
     address("nonsense"), address("reason", "price", number=99)],
)  # fmt: skip
def test_what_is_not_there_is_404(company: factories.Company, draft: KitVersion, at: str) -> None:
    client = browser(company.revops)
    assert client.get(at).status_code == 404
    assert client.post("/kit/versions/2/parts/", {"up": "nonsense"}).status_code == 404


def test_a_checklist_is_edited_in_rows(company: factories.Company, draft: KitVersion) -> None:
    client, at = browser(company.revops), address("checklist", "bant")
    answer = sent(client, at, **{"items-0-label": "Money", "items-1-key": "", "items-1-label": "",
                                 "items-1-help": "", "items-4-key": "rival",
                                 "items-4-label": "Rival"})  # fmt: skip
    assert answer.status_code == 303
    items = Checklist.objects.get(kit=draft, key="bant").items
    assert [(one["key"], one["label"]) for one in items] == [
        ("budget", "Money"), ("need", "Need"), ("timeline", "Timeline"), ("rival", "Rival"),
    ]  # fmt: skip
    refused = sent(client, at, **{"items-4-key": "need", "items-5-label": "No key"})
    text = str(refused.context["part"].form.errors["items"])
    assert "Two rows have the key “need”" in text
    assert "give it a key" in text


def test_a_calendar_is_edited_as_hours_and_dates(
    company: factories.Company, draft: KitVersion
) -> None:
    client, at = browser(company.revops), address("calendar", "office_hours")
    answer = sent(client, at, **{"week-mon": "8:00-12:00, 13:00–17:00", "week-fri": "",
                                 "closed": "2026-12-25 Christmas Day\r\n\r\n2027-01-01 New Year",
                                 "opened": "2026-12-24 09:00-12:00"})  # fmt: skip
    assert answer.status_code == 303, answer.context["part"].form.errors
    made = Calendar.objects.get(kit=draft, key="office_hours")
    assert made.week["mon"] == [["08:00", "12:00"], ["13:00", "17:00"]]
    assert "fri" not in made.week
    assert made.closed == {"2026-12-25": "Christmas Day", "2027-01-01": "New Year"}
    assert made.opened == {"2026-12-24": [["09:00", "12:00"]]}
    assert services.compiled(draft).calendars["office_hours"].zone == "Europe/Berlin"


@pytest.mark.parametrize(
    ("field", "text", "words"),
    [
        ("week-tue", "nine to five", "Tuesday: “nine to five” is no span"),
        ("closed", "25.12.2026 Christmas", "Line 1: write it like 2026-12-25"),
        ("closed", "2026-12-25 a\n2026-12-25 b", "Line 2: 2026-12-25 stands"),
        ("opened", "2026-12-24 noon", "Line 1: “noon” is no span"),
    ],
)
def test_hours_and_dates_that_cannot_be_read_stay_and_say_where(
    company: factories.Company, draft: KitVersion, field: str, text: str, words: str
) -> None:
    at = address("calendar", "office_hours")
    answer = sent(browser(company.revops), at, **{field: text})
    assert answer.status_code == 422
    assert words in str(answer.context["part"].form.errors[field.partition("-")[0]])
    assert text.split("\n", maxsplit=1)[0] in answer.content.decode()


def test_known_words_are_ticked_and_unknown_ones_stay(
    company: factories.Company, draft: KitVersion
) -> None:
    ClockPolicy.objects.filter(kit=draft, key="route").update(
        stages=["MQL", "ODD"], calendar="gone"
    )
    client, at = browser(company.revops), address("clock_policy", "route")
    page = client.get(at).content.decode()
    assert "ODD (unknown)" in page
    assert "gone (unknown)" in page
    assert sent(client, at, minutes="120").status_code == 303
    route = ClockPolicy.objects.get(kit=draft, key="route")
    assert (route.stages, route.calendar, route.minutes) == (["MQL", "ODD"], "gone", 120)
    assert sent(client, at, stages=["SAL", "MQL"], calendar="weekdays").status_code == 303
    route.refresh_from_db()
    assert (set(route.stages), route.calendar) == ({"MQL", "SAL"}, "weekdays")


def test_an_example_is_json_and_its_faults_are_told(
    company: factories.Company, draft: KitVersion
) -> None:
    client = browser(company.revops)
    given = {"facts": {"company.employees": 5}}
    new = {"key": "small", "label": "A small one", "given": json.dumps(given), "expect": "{"}
    answer = sent(client, address("fixture"), **new)
    assert answer.status_code == 422
    assert "expect" in answer.context["part"].form.errors
    assert (
        sent(client, address("fixture"), **{**new, "expect": '{"stage": "INQUIRY"}'}).status_code
        == 303
    )


def test_the_way_back_stays_inside_the_console(
    company: factories.Company, draft: KitVersion
) -> None:
    client, at = browser(company.revops), address("reason", "price")
    inside = pages.form(client.get(at), at, next="/kit/versions/2/parts/#reason")
    assert client.post(at, inside)["Location"] == "/kit/versions/2/parts/#reason"
    outside = {**inside, "next": "https://example.com/"}
    assert client.post(at, outside)["Location"] == "/kit/versions/2/"


def test_the_list_costs_the_same_however_many_parts_there_are(
    company: factories.Company, draft: KitVersion
) -> None:
    client = browser(company.revops)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get("/kit/versions/2/parts/").status_code == 200
        return len(captured)

    before = queries()
    for number in range(10):
        SignalDefinition.objects.create(kit=draft, key=f"more_{number}", label="More")
    assert queries() == before <= len(part_models()) + 12


class TestNewRoutingRules:
    def test_one_is_tried_before_the_rule_that_takes_everybody(
        self, company: factories.Company, draft: KitVersion
    ) -> None:
        keys = RoutingRule.objects.filter(kit=draft).order_by("position", "key")
        before = list(keys.values_list("key", flat=True))
        last = keys.filter(moment="INBOUND", condition__isnull=True)[0].key
        client, at = browser(company.revops), address("routing_rule")
        told = {"key": "key_account", "label": "Key accounts", "target": "REP", "rep": "anna",
                "otherwise": "NEXT_RULE", "pool": ""}  # fmt: skip
        answer = sent(client, at, **told)
        assert answer.status_code == 303, answer.context["part"].form.errors
        after = list(keys.values_list("key", flat=True))
        place = before.index(last)
        assert after == [*before[:place], "key_account", *before[place:]]
        document = services.document_of(draft)
        assert findings.errors_of(services.check(draft, document)) == []
        compiled = kit.compile(document, id=0, number=2, checksum="", registry=facts.registry)
        found = {one.key: one for one in rules.of_kit(compiled)}
        assert found["key_account"].pool == found[last].pool

    @pytest.mark.parametrize(
        ("told", "field"),
        [
            ({"target": "POOL"}, "pool"),
            ({"target": "QUEUE", "otherwise": "NEXT_RULE"}, "pool"),
            ({"target": "ACCOUNT_OWNER", "otherwise": "POOL"}, "pool"),
            ({"target": "REP", "otherwise": "NEXT_RULE"}, "rep"),
        ],
    )
    def test_what_it_needs_is_said_beside_its_field(
        self, company: factories.Company, draft: KitVersion, told: dict[str, str], field: str
    ) -> None:
        client, at = browser(company.revops), address("routing_rule")
        answer = sent(client, at, key="new_one", label="New", pool="", **told)
        assert list(answer.context["part"].form.errors) == [field]
