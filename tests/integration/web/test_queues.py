"""The queues at intake as pages: who sees them, what they show, what they do, what they cost."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from leads.models import Lead, Touch
from lifecycle import intake
from lifecycle.models import ImportRun
from routing.models import Pool
from tests import factories
from tests.callers import Caller, Company
from web.console import queue_page

pytestmark = pytest.mark.django_db
QUEUES = ("exceptions", "quarantine", "spam")
THIN: dict[str, Any] = {
    "channel": "IMPORT",
    "company": {"industry": None, "employees": None, "country": None},
    "signals": [],
}


def client(company: Company, who: str) -> Client:
    made = Client()
    made.force_login(company.people[who])
    return made


@pytest.fixture
def marketing(company: Company) -> Client:
    return client(company, "marketing")


def fill(number: int) -> None:
    """So many in every queue."""
    bodies = [factories.touch(**THIN) for _ in range(number)]
    intake.capture(bodies, scope="list", keys=[str(i) for i in range(number)])
    bots = [factories.touch(note="Buy my =cmd|' /C calc'!A0") for _ in range(number)]
    intake.capture(bots, scope="form:demo", keys=[str(i) for i in range(number)], quarantine=True)
    Pool.objects.filter(key="inbound").update(key="elsewhere")
    lost = [factories.touch(company={"country": "FR"}) for _ in range(number)]
    intake.capture(lost, scope="lost", keys=[str(i) for i in range(number)])
    assert Touch.objects.filter(status="PARKED").count() == number


def told(client: Client, address: str, given: dict[str, Any]) -> str:
    """The page one comes to after sending a form."""
    answer = client.post(address, given)
    assert answer.status_code == 303, answer.content.decode()[:500]
    return client.get(answer["Location"]).content.decode()


@pytest.mark.parametrize("address", ["/queues/", *(f"/queues/{name}/" for name in QUEUES)])
@pytest.mark.parametrize(
    ("who", "status"),
    [("sdr", 403), ("ae", 403), ("manager", 200), ("marketing", 200), ("revops", 200)],
)
def test_they_are_for_those_who_keep_them(
    company: Company, address: str, who: str, status: int
) -> None:
    answer = client(company, who).get(address)
    assert answer.status_code == status
    assert ("/queues/" in answer.content.decode()) == (status == 200)


@pytest.mark.parametrize("name", QUEUES)
def test_a_longer_queue_costs_no_more_queries(marketing: Client, name: str) -> None:
    fill(2)
    with CaptureQueriesContext(connection) as few:
        marketing.get(f"/queues/{name}/")
    fill_more = [factories.touch(**THIN) for _ in range(8)]
    intake.capture(fill_more, scope="more")
    intake.capture([factories.touch() for _ in range(8)], scope="form:demo", quarantine=True)
    intake.capture([factories.touch(company={"country": "FR"}) for _ in range(8)], scope="x")
    with CaptureQueriesContext(connection) as many:
        marketing.get(f"/queues/{name}/")
    assert len(many) == len(few) <= 16


def test_what_waits_is_counted_in_the_menu_and_on_the_home_page(marketing: Client) -> None:
    fill(2)
    home = marketing.get("/home/").content.decode()
    for name in ("Exceptions", "In quarantine", "Held as spam"):
        assert f'<span class="list__main">{name}</span><b>2</b>' in home
    shown = marketing.get("/queues/").content.decode()
    assert 'class="side__count">6<' in shown


def test_an_import_that_failed_for_good_is_told_beside_the_queues(marketing: Client) -> None:
    run: dict[str, Any] = {
        "door": "COMMAND",
        "name": "fair.csv",
        "size": 1,
        "digest": "0",
        "kind": "TEXT",
        "state": "FAILED",
        "uploaded_at": factories.NOW,
        "asked_at": factories.NOW,
    }
    ImportRun.objects.create(**run)
    assert "Gave up" not in marketing.get("/queues/").content.decode()
    ImportRun.objects.create(**run, dry_run=False)
    assert "Imports that failed" in marketing.get("/queues/").content.decode()
    failed = '<span class="list__main">Failed imports</span><b>1</b>'
    assert failed in marketing.get("/home/").content.decode()


def test_empty_queues_say_so(marketing: Client) -> None:
    for name in QUEUES:
        assert "Nothing waits here" in marketing.get(f"/queues/{name}/").content.decode()


def test_quarantine_tells_what_is_missing_and_who_completes_it(marketing: Client) -> None:
    fill(1)
    page = marketing.get("/queues/quarantine/").content.decode()
    assert "Country of the company, Company size, Industry" in page
    assert "Data desk" in page


def test_pages_go_on_where_the_last_one_ended(
    marketing: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("web.console.queue_page.PAGE", 2)
    fill(5)
    for name in QUEUES:
        seen: list[str] = []
        url = f"/queues/{name}/"
        while url:
            page = marketing.get(url).context["queue"]
            seen += [row.id for row in page.rows]
            url = page.next_url
        assert len(seen) == len(set(seen)) == 5


@pytest.mark.parametrize("after", ["x", "1", "-1.1", "999999999999999999.1", "1.1.1"])
def test_an_address_that_is_none_of_ours_is_refused(marketing: Client, after: str) -> None:
    assert marketing.get("/queues/spam/", {"after": after}).status_code == 422


@pytest.mark.parametrize("name", QUEUES)
def test_each_can_be_taken_as_csv_that_runs_nothing(marketing: Client, name: str) -> None:
    fill(2)
    text = b"".join(marketing.get(f"/queues/{name}.csv").streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    rows = list(csv.reader(io.StringIO(text)))
    assert len(rows) == 3
    assert not any(cell.startswith(("=", "+", "@")) for row in rows for cell in row)


def test_ticked_rows_are_acted_on_together(marketing: Client) -> None:
    fill(3)
    Pool.objects.filter(key="elsewhere").update(key="inbound")
    for name, status, verb in (
        ("exceptions", "PARKED", "retry"),
        ("spam", "QUARANTINED", "release"),
    ):
        ids = list(Touch.objects.filter(status=status).values_list("pk", flat=True))
        given = {"id": ids, "verb": verb, "next": f"/queues/{name}/"}
        assert "Went through: 3 touchpoints." in told(marketing, f"/queues/{name}/act/", given)
    leads = list(Lead.objects.exclude(quarantined_at=None).values_list("pk", flat=True))
    marketing.post(
        "/queues/quarantine/act/", {"id": leads[:2], "verb": "release", "words": "Known to us"}
    )
    marketing.post(
        "/queues/quarantine/act/", {"id": leads[2:], "verb": "disqualify", "reason": "spam"}
    )
    assert not Lead.objects.exclude(quarantined_at=None).exists()
    assert Lead.objects.filter(stage="DISQUALIFIED").count() == 1


def test_one_row_is_acted_on_by_its_own_button(marketing: Client) -> None:
    fill(2)
    first, second = Touch.objects.filter(status="QUARANTINED").order_by("pk")
    marketing.post(f"/queues/spam/act/?verb=release&only={first.pk}", {"id": [second.pk]})
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.status, second.status) == ("ADVANCED", "QUARANTINED")


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("exceptions", {"verb": "retry"}),
        ("exceptions", {"verb": "set-aside", "id": ["1"]}),
        ("exceptions", {"verb": "release", "id": ["1"]}),
        ("nowhere", {"verb": "retry", "id": ["1"]}),
        ("spam", {"verb": "discard", "id": ["x", "99999999999999999999"]}),
        ("quarantine", {"verb": "release", "id": ["1"], "words": " "}),
    ],
)
def test_what_cannot_be_done_is_told_on_the_next_page(
    marketing: Client, name: str, given: dict[str, Any]
) -> None:
    assert 'data-tone="error"' in told(marketing, f"/queues/{name}/act/", given)


def test_reps_can_act_on_none(company: Company) -> None:
    fill(1)
    parked = Touch.objects.get(status="PARKED")
    sdr = client(company, "sdr")
    sdr.post("/queues/exceptions/act/", {"id": [parked.pk], "verb": "set-aside", "words": "x"})
    assert Touch.objects.get(pk=parked.pk).outcome == ""
    assert sdr.get(f"/queues/touchpoints/{parked.pk}/").status_code == 403


class TestMending:
    @pytest.fixture
    def parked(self, marketing: Client) -> Touch:
        fill(1)
        return Touch.objects.get(status="PARKED")

    def form(self, marketing: Client, touch: Touch) -> dict[str, Any]:
        form = marketing.get(f"/queues/touchpoints/{touch.pk}/").context["form"]
        return {name: form[name].value() or "" for name in form.fields}

    def test_a_changed_field_goes_through_and_the_rest_stays(
        self, marketing: Client, parked: Touch
    ) -> None:
        given = {**self.form(marketing, parked), "company-country": "DE"}
        answer = marketing.post(f"/queues/touchpoints/{parked.pk}/", given)
        assert answer.status_code == 303
        after = Touch.objects.get(pk=parked.pk)
        assert after.status == "ADVANCED"
        changed = {**parked.payload, "company": {**parked.payload["company"], "country": "DE"}}
        assert after.payload == changed
        shown = marketing.get(f"/queues/touchpoints/{parked.pk}/").content.decode()
        assert "As it came in" in shown
        assert "Mended" in shown

    def test_faults_stand_beside_their_fields(self, marketing: Client, parked: Touch) -> None:
        given = {**self.form(marketing, parked), "person-email": "no address"}
        answer = marketing.post(f"/queues/touchpoints/{parked.pk}/", given)
        assert answer.status_code == 422
        assert "person-email" in answer.context["form"].errors

    def test_what_is_wrong_is_marked_as_the_form_is_opened(self, marketing: Client) -> None:
        body = {"channel": "CHAT", "person": {"first_name": "Ada", "email": "kaputt@"}}
        why = "person.email: This is no e-mail address."
        touch = intake.set_aside(body, scope="hook:x", key="1", why=why)
        page = marketing.get(f"/queues/touchpoints/{touch}/")
        form = page.context["form"]
        assert (page.status_code, [*form.errors]) == (200, ["person-email"])
        assert form["person-first_name"].value() == "Ada"
        assert "E-mail: This is no e-mail address." in page.content.decode()
        given = {name: form[name].value() or "" for name in form.fields}
        given |= {"person-email": "ada@acme.test"}
        assert marketing.post(f"/queues/touchpoints/{touch}/", given).status_code == 303
        assert Touch.objects.get(pk=touch).payload["person"]["email"] == "ada@acme.test"

    def test_an_advanced_touch_of_another_way_is_not_shown(self, marketing: Client) -> None:
        factories.capture(now=(Touch.objects.first() and None) or factories.NOW)
        touch = Touch.objects.get(status="ADVANCED")
        assert marketing.get(f"/queues/touchpoints/{touch.pk}/").status_code == 404


class TestCompleting:
    def lead(self) -> Lead:
        fill(1)
        return Lead.objects.get(quarantined_at__isnull=False)

    def test_a_record_that_is_completed_leaves_quarantine(self, marketing: Client) -> None:
        lead = self.lead()
        page = told(
            marketing,
            f"/leads/{lead.pk}/edit/",
            {
                "person.title": "CFO", "company.employees": "80", "company.country": "Germany",
                "company.industry": "Software",
            },
        )  # fmt: skip
        assert "Out of quarantine" in page
        lead = Lead.objects.select_related("account", "person").get(pk=lead.pk)
        assert lead.account is not None
        assert (lead.quarantined_at, lead.person.title) == (None, "CFO")
        assert (lead.account.country, lead.account.industry) == ("DE", "Software")
        assert lead.account.provenance["country"][0] == "user"

    def test_letting_pass_takes_a_reason(self, marketing: Client) -> None:
        lead = self.lead()
        assert marketing.post(f"/leads/{lead.pk}/release/", {"reason": ""}).status_code == 422
        assert marketing.post(f"/leads/{lead.pk}/release/", {"reason": "Known"}).status_code == 303
        assert Lead.objects.get(pk=lead.pk).passed_at is not None


class TestApi:
    @pytest.fixture
    def caller(self, company: Company) -> Caller:
        return Caller(user=company.people["marketing"])

    def test_every_queue_and_what_waits_in_it(self, caller: Caller) -> None:
        fill(2)
        counted = {one["name"]: one["waiting"] for one in caller.get("/api/v1/queues/").json()}
        assert counted == {"exceptions": 2, "quarantine": 2, "spam": 2, "duplicates": 0}
        page = caller.get("/api/v1/queues/exceptions/", limit="1").json()
        (row,) = page["results"]
        assert "inbound" in row["why"]
        assert row["payload"]["company"]["country"] == "FR"
        assert page["next"]
        (lead, _) = caller.get("/api/v1/queues/quarantine/").json()["results"]
        assert lead["due_at"]
        full = caller.get(f"/api/v1/leads/{lead['lead']}/").json()
        assert full["quality"]["percent"] == 25
        assert [one["key"] for one in full["quality"]["met"]] == ["reachable"]

    def test_trying_again_and_letting_through(self, caller: Caller) -> None:
        fill(2)
        Pool.objects.filter(key="elsewhere").update(key="inbound")
        for name, status, verb in (
            ("exceptions", "PARKED", "retry"),
            ("spam", "QUARANTINED", "release"),
        ):
            found = Touch.objects.filter(status=status).values_list("pk", flat=True)
            ids = [str(pk) for pk in found]
            answer = caller.post(f"/api/v1/queues/{name}/{verb}/", {"ids": ids})
            assert answer.json() == {"advanced": 2, "failed": 0, "passed_over": 0}
            again = caller.post(f"/api/v1/queues/{name}/{verb}/", {"ids": ids[:1]})
            assert again.status_code == 409
        lead = Lead.objects.exclude(quarantined_at=None).latest("pk")
        body = {"ids": [str(lead.pk)], "reason": "Known to us"}
        assert caller.post("/api/v1/queues/quarantine/release/", body).status_code == 200

    @pytest.mark.parametrize(
        ("address", "body", "status"),
        [
            ("exceptions/retry/", {"ids": []}, 422),
            ("exceptions/retry/", {"ids": ["x"]}, 422),
            ("exceptions/retry/", {"ids": ["9"]}, 404),
            ("exceptions/release/", {"ids": ["9"]}, 404),
            ("duplicates/retry/", {"ids": ["9"]}, 404),
            ("quarantine/release/", {"ids": ["1", "2"]}, 422),
            ("quarantine/release/", {"ids": ["1"], "reason": ""}, 422),
        ],
    )
    def test_what_cannot_be_done_is_a_problem(
        self, caller: Caller, address: str, body: dict[str, Any], status: int
    ) -> None:
        assert caller.post(f"/api/v1/queues/{address}", body).status_code == status


def test_a_touch_in_no_queue_for_longer_than_a_minute_is_told_at_the_door(
    marketing: Client,
) -> None:
    fill(1)
    assert marketing.get("/worker/").content.decode().count("Everything that came in") == 1
    Touch.objects.filter(status="PARKED").update(
        status="RECEIVED", received_at="2026-01-01T00:00Z", next_attempt_at=None
    )
    assert "1 touchpoint</b> came in" in marketing.get("/worker/").content.decode()


def test_a_refusal_leaves_the_ticks_where_they_were(marketing: Client) -> None:
    fill(2)
    ids = list(Touch.objects.filter(status="PARKED").values_list("pk", flat=True))[:1]
    given = {"id": ids, "verb": "set-aside", "words": "", "next": "/queues/exceptions/"}
    answer = marketing.post("/queues/exceptions/act/", given)
    page = marketing.get(answer["Location"]).content.decode()
    assert f'value="{ids[0]}" checked' in page
    assert page.count(" checked") == 1


@pytest.mark.parametrize(
    ("fields", "who"),
    [
        ({"contact.email": "kaputt@", "contact.name": "Kaputt Zwei"}, "kaputt@"),
        ({"body": [{"lead": {"Phone": "oo49"}}]}, "oo49"),
        ({"amount": 3, "colour": "blue"}, "Nobody named"),
    ],
)
def test_who_is_meant_is_read_from_what_nobody_could_read(fields: dict[str, Any], who: str) -> None:
    payload = {"channel": "FORM", "fields": fields}
    row = queue_page.touch_row(Touch(pk=1, channel="FORM", payload=payload, last_error="No"))
    assert row.who == who
