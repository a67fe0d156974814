"""Undoing an import leaves the books as if it had never come, but for what others built on it."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client

from core import database, errors
from leads.models import (
    Account,
    EventKind,
    IdentityKey,
    Lead,
    LeadEvent,
    Person,
    ScorePart,
    Signal,
    Touch,
    TouchStatus,
)
from lifecycle import contacting, merging
from lifecycle.importing import runs, staying, undoing, working
from lifecycle.invariants import run as invariants
from lifecycle.models import ImportRow, ImportRun
from tests import factories
from tests.factories import Company

pytestmark = pytest.mark.django_db

State = ImportRun.State
HEADINGS = "Id,Vorname,Nachname,E-Mail,Telefon,Titel,Firma,Web,Branche,Kanal"
DOCUMENT = {
    "system": "fair",
    "exact": True,
    "columns": {
        "external_id": ["Id"],
        "person.first_name": ["Vorname"],
        "person.last_name": ["Nachname"],
        "person.email": ["E-Mail"],
        "person.phone": ["Telefon"],
        "person.title": ["Titel"],
        "company.name": ["Firma"],
        "company.domain": ["Web"],
        "company.industry": ["Branche"],
        "channel": ["Kanal"],
    },
}
OWN = (
    "lifecycle_import",
    "django_",
    "procrastinate",
    "routing_poolsnapshot",
    "lifecycle_heartbeat",
)
LATE = {"clock.breached_in_time", "outbox.delivered", "kit_outbox.delivered", "lead.decay_behind"}
"""What a worker would have done between the day of the factories and today."""
FEW = [
    "1,Kim,Alt,kim@alt-co.com,+49 30 901820,VP Sales,Alt Co,alt-co.com,Software,FORM",
    "2,Ana,Bel,ana@alt-co.com,+49 30 901820,,Alt Co,alt-co.com,,FORM",
    "3,Leo,Cee,leo@cee-co.com,+49 30 901820,CEO,Cee Co,cee-co.com,Retail,FORM",
    "3,Leo,Cee,leo@cee-co.com,+49 30 901820,CEO,Cee Co,cee-co.com,Retail,FORM",
    "4,Kim,Alt,kim.alt@alt-co.com,,,Alt Co,alt-co.com,,FORM",
    "5,No,Key,not an address,,,Co,,,FORM",
]


@pytest.fixture
def company(db: None) -> Company:
    return factories.company()


@pytest.fixture(autouse=True)
def jobs(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    asked: list[tuple[str, int]] = []
    monkeypatch.setattr(runs.queue, "enqueue", lambda job, pk, **__: asked.append((job, pk)))
    return asked


def imported(company: Company, *rows: str, live: bool = False) -> ImportRun:
    text = "\n".join([HEADINGS, *rows, ""]).encode()
    run = runs.upload([text], name="fair.csv", by=company.marketing)
    runs.check(run.pk, document=DOCUMENT, by=company.marketing, live=live)
    working.work(run.pk)
    runs.start(run.pk, by=company.marketing)
    working.work(run.pk)
    run.refresh_from_db()
    assert run.state == State.DONE, run.error
    factories.check_rules()
    return run


def dump() -> dict[str, list[str]]:
    """Every row of every table, as text."""
    with connection.cursor() as cursor:
        tables = [one for one in connection.introspection.table_names() if not one.startswith(OWN)]
        found = {}
        for table in tables:
            cursor.execute(f"SELECT to_jsonb(t)::text FROM {table} t ORDER BY 1")
            found[table] = [row for (row,) in cursor.fetchall()]
    return found


def sound() -> bool:
    results = invariants.check(now=database.now())
    broken = {one.invariant.key: one.found.offences for one in results if one.found.count}
    assert not broken.keys() - LATE, broken
    return True


def touch(email: str, **more: Any) -> dict[str, Any]:
    return factories.touch(
        person={"email": email, "first_name": "Kim", "last_name": "Alt", "title": "", "phone": ""},
        company={"name": "Alt Co", "domain": "alt-co.com", "industry": ""}, **more,
    )  # fmt: skip


@pytest.mark.parametrize("live", [False, True])
def test_what_came_by_an_import_alone_leaves_no_trace_and_can_come_again(
    company: Company, live: bool
) -> None:
    factories.capture(company={"name": "Alt Co", "domain": "alt-co.com"})
    before = dump()
    run = imported(company, *FEW, live=live)
    tallies = run.tallies
    assert Lead.objects.count() == 6
    done = undoing.undo(run_id=run.pk, by=company.marketing, reason="the wrong file")
    assert dump() == before
    assert (done.is_done, done.removed.leads, done.stays) == (True, 5, {})
    assert set(run.rows.values_list("undone", flat=True)) == {"REMOVED"}
    assert sound()
    again = imported(company, *FEW, live=live)
    assert again.tallies == tallies
    assert sound()


def test_leads_that_somebody_or_something_else_holds_on_to_stay_and_say_why(
    company: Company,
) -> None:
    before = factories.capture(touch("kim@alt-co.com"))
    run = imported(company, *FEW, live=True)
    worked = Lead.objects.get(person__email="leo@cee-co.com")
    contacting.say(
        lead_id=worked.pk, by=company.revops, way="EMAIL", state="REFUSED", source="a call"
    )
    seen = undoing.preview(run_id=run.pk, by=company.revops)
    assert (seen.goes, seen.stays) == (3, {"TOUCHED": 1, "WORKED": 1})
    done = undoing.undo(run_id=run.pk, by=company.revops)
    assert (done.removed.leads, done.stays) == (seen.goes, seen.stays)
    assert set(Lead.objects.values_list("pk", flat=True)) == {before.pk, worked.pk}
    events = LeadEvent.objects.filter(kind=EventKind.WITHDRAWN)
    assert {one.lead_id for one in events} == {before.pk, worked.pk}
    assert {one.because["import"] for one in events} == {run.pk}
    assert set(
        ImportRow.objects.filter(run=run, undone="STAYS").values_list("touch__status", flat=True)
    ) == {TouchStatus.WITHDRAWN}
    worked.person.refresh_from_db()
    assert worked.person.email == "leo@cee-co.com"
    assert sound()
    assert imported(company, *FEW).tallies["ATTACHED"] == 2


def test_a_merge_that_was_parted_is_no_reason_where_another_is_truer(company: Company) -> None:
    before = factories.capture(touch("kim@alt-co.com"))
    other = factories.capture(touch("kimmy@alt-co.com"))
    pair = {"winner_id": before.person_id, "loser_id": other.person_id}
    merge = merging.merge(**pair, by=company.revops, keep={})
    merging.unmerge(merge_id=merge.pk, by=company.revops)
    run = imported(company, *FEW, live=True)
    assert undoing.preview(run_id=run.pk, by=company.revops).stays == {"TOUCHED": 1}


@pytest.mark.parametrize("why", ImportRow.Stays)
def test_why_leads_stay_is_said_of_one_and_of_several(why: ImportRow.Stays) -> None:
    assert staying.sentence(why.value, 1) == f"1 lead stays: {why.label}."
    assert staying.sentence(why.value, 2) == f"2 leads stay: {staying.OF_SEVERAL[why]}."
    assert ": it " not in staying.sentence(why.value, 2)


def test_fields_and_keys_that_only_the_import_told_are_given_back(company: Company) -> None:
    lead = factories.capture(touch("kim@alt-co.com"))
    row = "1,Kim,Alt,kim@alt-co.com,+49 30 901820,VP Sales,Alt Co,alt-co.com,Software,FORM"
    person, account = lead.person, lead.account
    assert account is not None
    old = (person.title, person.seniority, person.phone, account.industry)
    run = imported(company, row)
    person.refresh_from_db()
    account.refresh_from_db()
    assert "" not in (person.title, person.phone, account.industry)
    assert IdentityKey.objects.filter(person=person, kind="EXTERNAL").exists()
    undoing.undo(run_id=run.pk, by=company.revops)
    person.refresh_from_db()
    account.refresh_from_db()
    assert (person.title, person.seniority, person.phone, account.industry) == old
    assert "title" not in person.provenance
    assert not IdentityKey.objects.filter(person=person, kind="EXTERNAL").exists()
    assert sound()


def test_what_another_touchpoint_says_too_is_kept(company: Company) -> None:
    row = "1,Kim,Alt,kim@alt-co.com,+49 30 901820,VP Sales,Alt Co,alt-co.com,Software,FORM"
    run = imported(company, row)
    lead = factories.capture(
        person={"email": "kim@alt-co.com", "title": "VP Sales", "first_name": ""},
        now=database.now(),
    )
    undoing.undo(run_id=run.pk, by=company.revops)
    person = Person.objects.get(pk=lead.person_id)
    assert (person.title, person.first_name) == ("VP Sales", "")
    assert person.provenance["title"][0] == "touch:FORM"
    assert sound()


def test_behaviour_that_was_imported_counts_no_more(company: Company) -> None:
    lead = factories.capture(touch("kim@alt-co.com"))
    parts = set(ScorePart.objects.filter(lead=lead, value__gt=0).values_list("rule", "value"))
    run = imported(company, FEW[0])
    brought = Touch.objects.get(import_rows__run=run)
    (rule,) = [one for one in company.kit.score_rules if one.signal][:1]
    Signal.objects.create(
        lead=lead, touch=brought, kind=rule.signal, occurred_at=brought.occurred_at
    )
    ScorePart.objects.update_or_create(
        lead=lead, rule=rule.key,
        defaults={"category": rule.category, "value": 90.0, "at": brought.occurred_at,
                  "half_life_days": rule.half_life_days, "cap": rule.cap, "kit_id": company.kit.id},
    )  # fmt: skip
    undoing.undo(run_id=run.pk, by=company.revops)
    left = set(ScorePart.objects.filter(lead=lead, value__gt=0).values_list("rule", "value"))
    assert {key for key, _ in left if key == rule.key} == {
        key for key, _ in parts if key == rule.key
    }
    assert not Signal.objects.filter(touch=brought).exists()
    assert sound()


@pytest.mark.parametrize("who", ["manager", "rep"])
def test_only_revops_and_who_started_it_undo_an_import(company: Company, who: str) -> None:
    run = imported(company, FEW[0])
    by = company.manager if who == "manager" else company.reps[0]
    with pytest.raises(errors.NotAllowed):
        undoing.undo(run_id=run.pk, by=by)
    assert Lead.objects.count() == 1


def test_an_import_is_undone_once(company: Company) -> None:
    run = imported(company, FEW[0])
    undoing.undo(run_id=run.pk, by=company.revops)
    with pytest.raises(errors.TooLate, match="undone"):
        undoing.undo(run_id=run.pk, by=company.revops)
    with pytest.raises(errors.TooLate):
        runs.go_on(run.pk, by=company.revops)


def test_a_big_import_is_undone_by_the_worker_in_steps(
    company: Company, jobs: list[tuple[str, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(undoing, "TOGETHER", 2)
    run = imported(company, *FEW)
    jobs.clear()
    done = undoing.undo(run_id=run.pk, by=company.revops)
    assert (done.is_done, jobs, Lead.objects.count()) == (False, [(runs.UNDO, run.pk)], 5)
    undoing.work(run.pk)
    run.refresh_from_db()
    assert (run.state, run.undo_tallies["removed"]["leads"]) == (State.UNDONE, 5)
    assert not Account.objects.exists()
    assert sound()


def test_the_number_of_queries_does_not_grow_with_the_rows(
    company: Company, django_assert_max_num_queries: Any
) -> None:
    rows = [
        f"{n},Kim,N{n},n{n}@c{n}-co.com,,VP,Co {n},c{n}-co.com,Software,FORM" for n in range(40)
    ]
    run = imported(company, *rows)
    with django_assert_max_num_queries(100):
        undoing.undo(run_id=run.pk, by=company.revops)
    assert not Lead.objects.exists()


def test_the_command_tells_first_and_then_does_it(company: Company) -> None:
    run = imported(company, *FEW)
    told = io.StringIO()
    call_command("undo_import", str(run.pk), by="mark", dry_run=True, stdout=told)
    assert "5 leads would be removed" in told.getvalue()
    assert Lead.objects.count() == 5
    call_command("undo_import", str(run.pk), by="mark", reason="wrong file", stdout=told)
    assert not Lead.objects.exists()
    with pytest.raises(CommandError, match="There is no user"):
        call_command("undo_import", str(run.pk), by="nobody")


def test_the_page_previews_confirms_and_tells(company: Company, client: Client) -> None:
    run = imported(company, *FEW)
    kept = Lead.objects.get(person__email="leo@cee-co.com")
    contacting.say(
        lead_id=kept.pk, by=company.revops, way="EMAIL", state="REFUSED", source="a call"
    )
    client.force_login(company.revops)
    page = f"/import/{run.pk}/"
    assert f"{page}undo/" in client.get(page).content.decode()
    preview = client.get(f"{page}undo/").content.decode()
    assert "1 lead stays: somebody worked on it." in preview
    client.post(f"{page}undo/", {"reason": "wrong <list>"})
    told = client.get(page).content.decode()
    assert "4 leads, 4 people and" in told
    assert "Withdrawn; its lead stays: somebody worked on it." in told
    assert "wrong &lt;list&gt;" in told
    assert f"{page}undo/" not in told
    rows = b"".join(client.get(f"{page}rows.csv").streaming_content).decode()  # type: ignore[attr-defined]
    assert (rows.count("Removed."), rows.count("Withdrawn; its lead stays")) == (4, 2)
    client.force_login(company.manager)
    assert client.get(f"{page}undo/").status_code == 403
