"""What an import, its undoing, edits and providers said of somebody goes when they are erased."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

from core import database, sealing
from leads.models import EnrichmentProvider, Lead, Person
from lifecycle import editing, edits_undone, jobs
from lifecycle.importing import runs, undoing, working
from lifecycle.privacy import erasing
from tests import factories, provider_server
from tests.provider_server import Server, says

pytestmark = pytest.mark.django_db
NEEDLES = ("zanariella", "quokkabeck", "kanarien", "9017724")
NAMED = {
    "first_name": "Zanariella",
    "last_name": "Quokkabeck",
    "email": "zanariella.quokkabeck@vogel-gmbh.test",
    "phone": "+49 30 9017724",
    "title": "Kanarienwart",
}
DOCUMENT = {
    "system": "fair",
    "exact": True,
    "columns": {
        **{f"person.{name}": [name] for name in NAMED},
        "company.name": ["company"],
        "note": ["note"],
        "channel": ["channel"],
    },
}


@pytest.fixture
def company() -> factories.Company:
    return factories.company()


@pytest.fixture
def server(settings: Any) -> Iterator[Server]:
    settings.ALLOW_PRIVATE_PROVIDERS = True
    with provider_server.running() as running:
        yield running


def left() -> dict[str, list[str]]:
    """Where in the database one of the values still stands, as text or within a file."""
    found = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT coalesce(string_agg(t::text, E'\\n'), '') FROM \"{table}\" t")
            text = str(cursor.fetchone()[0]).casefold()
            spelt = [(one, one.encode().hex()) for one in (*NEEDLES, "Zanariella", "Quokkabeck")]
            if hits := [one for one, code in spelt if one in text or code in text]:
                found[table] = hits
    return found


def brought_in(company: factories.Company, monkeypatch: pytest.MonkeyPatch, note: str) -> int:
    """The person by a file, for good; returns the run."""
    monkeypatch.setattr(runs.queue, "enqueue", lambda *_, **__: None)
    lines = [
        ",".join([*NAMED, "company", "note", "channel"]),
        ",".join([*NAMED.values(), "Vogel GmbH", note, "FORM"]),
        "No,Body,not an address,,Kanarienrat,Vogel GmbH,rejected for Zanariella,FORM",
        "",
    ]
    run = runs.upload(["\n".join(lines).encode()], name="fair.csv", by=company.marketing)
    runs.check(run.pk, document=DOCUMENT, by=company.marketing, live=True)
    working.work(run.pk)
    runs.start(run.pk, by=company.marketing)
    working.work(run.pk)
    return int(run.pk)


@pytest.mark.parametrize("undone", [False, True])
def test_nothing_is_left_of_who_came_by_a_file_and_was_edited_and_asked_about(
    company: factories.Company, server: Server, monkeypatch: pytest.MonkeyPatch, undone: bool
) -> None:  # fmt: skip
    server.behaviour = says({"title": "Oberkanarienwart", "more": "Zanariella Quokkabeck"})
    EnrichmentProvider.objects.create(
        key="acme", label="Acme data", url=server.url + "/?d={domain}", secret=sealing.seal("k3y"),
        mapping={"person.title": "title"}, timeout_seconds=1,
    )  # fmt: skip
    known = factories.capture(person=NAMED | {"title": ""}, now=database.now())
    run = brought_in(company, monkeypatch, note="Zanariella asked at the fair")
    jobs.sweep(now=database.now() + factories.HOUR)
    lead = Lead.objects.get(person=known.person_id)
    by = company.revops
    editing.edit(lead_id=lead.pk, by=by, values={"person.last_name": "Kanarienvogel"})
    edits_undone.undo(lead_id=lead.pk, by=by)
    editing.edit(lead_id=lead.pk, by=by, values={"person.email": "q.kanarien@vogel-gmbh.test"})
    if undone:
        undoing.undo(run_id=run, by=company.marketing, reason="the wrong file")
    assert {"leads_person", "leads_touch"} <= set(left())
    erasing.erase(person_id=Person.objects.get(pk=known.person_id).pk, by=by, reason="Asked.")
    assert left() == {}
