"""What a draft would move is seen before it is published, and is what recalculating then moves."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext

from core import errors
from governance import services
from governance.models import Calendar, ClockPolicy, KitVersion
from leads.models import Lead
from lifecycle import draft_clocks, permissions, recalculated, recalculating
from lifecycle.draft_clocks import Told
from people.models import User
from sla import sweeps
from sla.models import Clock, ClockState
from tests import factories, kit_edits
from tests.factories import DAY, HOUR, MINUTE, NOW, Company
from tests.kit_edits import Edit

pytestmark = pytest.mark.django_db

WEDNESDAY = "2026-03-04"


@pytest.fixture
def company() -> Company:
    return factories.company()


@pytest.fixture
def draft(company: Company) -> KitVersion:
    active = KitVersion.objects.get()
    return services.draft(base=active, title="Next", by=company.revops, now=NOW)


def change(model: type[Model], draft: KitVersion, key: str, **columns: Any) -> None:
    model._default_manager.filter(kit=draft, key=key).update(**columns)


def close(draft: KitVersion, day: str) -> None:
    for row in Calendar.objects.filter(kit=draft, key__in=["weekdays", "office_hours"]):
        row.closed[day] = "Carnival"
        row.save()


def look(draft: KitVersion, now: dt.datetime, **more: Any) -> Told:
    return draft_clocks.look(draft, reach=permissions.EVERYWHERE, now=now, **more)


def publish_and_recalculate(company: Company, edit: Edit, now: dt.datetime) -> int:
    kit_edits.publish(edit, by=company.revops, now=now)
    done = recalculating.apply(None, by=company.revops, reason="As seen", seen=None, now=now)
    return done.changed


def test_a_holiday_in_a_draft_lists_the_clocks_that_recalculating_then_moves(
    company: Company, draft: KitVersion
) -> None:
    leads = factories.captures([factories.touch() for _ in "abc"])
    factories.work(leads[0], to="SAL", now=NOW + HOUR)
    assert look(draft, NOW + HOUR).preview.lines == ()
    close(draft, WEDNESDAY)

    told = look(draft, NOW + HOUR)
    expected = {line.clock: line.new_due_at for line in told.preview.lines}
    assert {line.new_due_at - line.due_at for line in told.preview.lines if line.new_due_at} == {
        DAY
    }
    assert Clock.objects.exclude(kit=company.kit.id).count() == 0  # nothing moved by looking

    moved = publish_and_recalculate(company, kit_edits.holiday(WEDNESDAY), NOW + HOUR)
    assert moved == len(expected) == 3
    successors = Clock.objects.exclude(kit=company.kit.id)
    assert sorted(successors.values_list("due_at", flat=True)) == sorted(expected.values())


def test_breached_and_paused_clocks_are_told_apart_and_stay(
    company: Company, draft: KitVersion
) -> None:
    late, still, open_ = factories.captures([factories.touch() for _ in "abc"])
    lapsed = Clock.objects.get(lead=late, obligation="accept")
    Clock.objects.exclude(lead=late).filter(obligation="accept").update(
        due_at=NOW + 2 * DAY, warn_at=NOW + 2 * DAY
    )
    sweeps.warn_and_breach(now=NOW + DAY + MINUTE)
    paused = Clock.objects.filter(lead=still, obligation="accept")
    paused.update(state=ClockState.PAUSED, paused_at=NOW, left_us=1, left_warn_us=1)
    change(ClockPolicy, draft, "accept", minutes=600)

    told = look(draft, NOW + DAY + 2 * MINUTE, only=recalculated.Only(obligation="accept"))
    assert [line.clock for line in told.breached] == [lapsed.pk]
    assert [line.lead for line in told.preview.lines] == [open_.pk]
    assert (told.paused, told.kept) == (1, ())


def test_a_draft_that_cannot_be_executed_says_so(company: Company, draft: KitVersion) -> None:
    factories.capture()
    change(Calendar, draft, "weekdays", zone="Mars/Olympus")
    with pytest.raises(errors.InvalidInput, match="mend"):
        look(draft, NOW)


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_the_page_and_its_file_list_the_same_clocks(company: Company, draft: KitVersion) -> None:
    factories.captures([factories.touch() for _ in "ab"], now=dt.datetime.now(dt.UTC))
    change(ClockPolicy, draft, "accept", minutes=5_000)
    client = browser(company.revops)
    assert b"/kit/versions/2/clocks/" in client.get("/kit/versions/2/").content
    page = client.get("/kit/versions/2/clocks/")
    assert page.context["clocks"].count == 2
    assert page.content.decode().count("Due later") == 2
    rows = b"".join(client.get("/kit/versions/2/clocks.csv").streaming_content).decode()
    assert len(rows.strip().splitlines()) == 3
    assert Lead.objects.filter(clocks__kit=draft).count() == 0


@pytest.mark.parametrize(("who", "status"), [("mia", 200), ("mark", 403), ("anna", 404)])
def test_who_brings_kits_to_leads_looks(
    company: Company, draft: KitVersion, who: str, status: int
) -> None:
    client = browser(User.objects.get(username=who))
    assert client.get("/kit/versions/2/clocks/").status_code == status
    assert client.get("/kit/versions/2/clocks.csv").status_code == status


def test_the_page_asks_as_often_for_many_clocks_as_for_few(
    company: Company, draft: KitVersion
) -> None:
    client, now = browser(company.revops), dt.datetime.now(dt.UTC)
    change(ClockPolicy, draft, "accept", minutes=5_000)
    factories.captures([factories.touch() for _ in "ab"], now=now)
    client.get("/kit/versions/2/clocks/")
    with CaptureQueriesContext(connection) as few:
        client.get("/kit/versions/2/clocks/")
    factories.captures([factories.touch() for _ in "abcdef"], now=now)
    with CaptureQueriesContext(connection) as many:
        assert client.get("/kit/versions/2/clocks/").context["clocks"].count == 8
    assert len(many) == len(few)
