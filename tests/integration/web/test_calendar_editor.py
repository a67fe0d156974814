"""A calendar kept on the kit's pages and in the administration, and looked at."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client

from core import holidays_source
from governance import services
from governance.models import Calendar, KitVersion
from tests import factories, pages

pytestmark = pytest.mark.django_db

AT = "/kit/versions/2/parts/calendar/office_hours/"
GRID = {f"week-{day}-{at}-{end}": "" for day in ("mon", "tue") for at in (0, 1)
        for end in ("from", "to")}  # fmt: skip


@pytest.fixture
def company() -> factories.Company:
    return factories.company()


@pytest.fixture
def draft(company: factories.Company) -> KitVersion:
    active = KitVersion.objects.get()
    return services.draft(base=active, title="Next", by=company.revops, now=factories.NOW)


@pytest.fixture
def client(company: factories.Company) -> Client:
    client = Client()
    client.force_login(company.revops)
    return client


def sent(client: Client, **changes: Any) -> Any:
    return client.post(AT, pages.form(client.get(AT), AT, **changes))


def stored(draft: KitVersion) -> Calendar:
    return Calendar.objects.get(kit=draft, key="office_hours")


def test_the_week_is_a_grid_of_spans(client: Client, draft: KitVersion) -> None:
    answer = sent(client, **GRID | {
        "week-mon-0-from": "8", "week-mon-0-to": "1230",
        "week-mon-1-from": "13:00", "week-mon-1-to": "24:00",
    })  # fmt: skip
    assert answer.status_code == 303, answer.context["part"].form.errors
    week = stored(draft).week
    assert week["mon"] == [["08:00", "12:30"], ["13:00", "24:00"]]
    assert "tue" not in week
    assert week["wed"] == Calendar.objects.get(kit__number=1, key="office_hours").week["wed"]


def test_a_day_is_copied_to_others_and_saved_only_then(client: Client, draft: KitVersion) -> None:
    before = stored(draft).week
    answer = sent(client, **{
        "calendar-act": "copy", "week-mon-0-from": "22:00", "week-mon-0-to": "06:00",
        "week-mon-1-from": "", "week-mon-1-to": "",
        "week-copy-from": "mon", "week-copy-to": ["sat", "sun"],
    })  # fmt: skip
    assert answer.status_code == 200
    assert "The hours of Monday stand on Saturday, Sunday now" in answer.content.decode()
    assert stored(draft).week == before
    saved = client.post(AT, pages.form(answer, AT))
    assert saved.status_code == 303
    assert stored(draft).week["sun"] == stored(draft).week["mon"] == [["22:00", "06:00"]]


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"week-mon-0-from": "9", "week-mon-0-to": ""}, "week", "Monday: “09:00-” is no span"),
        ({"week-mon-0-from": "9", "week-mon-0-to": "17", "week-mon-1-from": "16",
          "week-mon-1-to": "18"}, "week", "Monday: 16:00 lies within an earlier span"),
        ({"week-mon-0-from": "25:00", "week-mon-0-to": "26:00"}, "week", "25:00"),
        ({"opened": "2026-12-24 09:00-12:00, 11:00-13:00"}, "opened", "2026-12-24: 11:00 lies"),
        ({"zone": "Mars/Olympus"}, "zone", "valid choice"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_at_its_place_and_stays_typed(
    client: Client, draft: KitVersion, changes: dict[str, str], field: str, words: str
) -> None:
    given = {**(GRID if "week-mon-0-from" in changes else {}), **changes}
    answer = sent(client, **given)
    assert answer.status_code == 422
    assert words in " ".join(answer.context["part"].form.errors[field])


def test_public_holidays_are_shown_ticked_and_taken_as_a_copy(
    client: Client, draft: KitVersion
) -> None:
    place = {"holiday_country": "DE", "holiday_subdivision": "BY",
             "closed": "2027-01-06 Three Kings\n2027-08-13 Summer party\n",
             "closed-first": "2027", "closed-last": "2027"}  # fmt: skip
    shown = sent(client, **place, **{"calendar-act": "holidays"})
    text = shown.content.decode()
    source = holidays_source.holiday_dates("DE", "BY", [2027])
    assert shown.status_code == 200
    assert text.count('name="closed-take"') == len(source)
    assert "is here as “Three Kings”" in text
    assert "Fri 13 Aug 2027 Summer party" in text
    assert stored(draft).closed == Calendar.objects.get(kit__number=1, key="office_hours").closed

    kept = {day: name for day, name in source.items() if day != dt.date(2027, 8, 15)}
    taken = client.post(AT, pages.form(shown, AT, **{
        "calendar-act": "take", "closed-take": [day.isoformat() for day in kept],
    }))  # fmt: skip
    assert taken.status_code == 200
    saved = client.post(AT, pages.form(taken, AT))
    assert saved.status_code == 303
    made = stored(draft)
    assert made.closed == {
        **{day.isoformat(): name for day, name in kept.items()}, "2027-08-13": "Summer party",
    }  # fmt: skip
    assert (made.holiday_country, made.holiday_subdivision) == ("DE", "BY")


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"holiday_country": ""}, "Choose a country above first."),
        ({"holiday_country": "AT", "holiday_subdivision": "BY"}, "public holidays are listed"),
        ({"closed-first": "2190", "closed-last": "2190"}, "Nothing is known of 2190."),
        ({"closed-first": "x", "closed-last": ""}, "public holidays are listed"),
    ],
)
def test_holidays_of_no_place_or_year_are_told(
    client: Client, draft: KitVersion, changes: dict[str, str], told: str
) -> None:
    given = {"holiday_country": "DE", "holiday_subdivision": "", "calendar-act": "holidays"}
    answer = sent(client, **{**given, **changes})
    assert answer.status_code == 200
    assert told in answer.content.decode()


def test_what_is_typed_is_previewed_before_it_is_saved(client: Client, draft: KitVersion) -> None:
    answer = sent(client, **{
        "calendar-act": "preview", "preview-start": "2026-11-02T09:30", "preview-work": "2h",
        "week-mon": "9:00-10:00, 11:00-13:00", "closed": "",
    })  # fmt: skip
    assert "Mon 2 Nov 2026, 12:30 CET" in answer.content.decode()
    assert stored(draft).week["mon"] != [["09:00", "10:00"], ["11:00", "13:00"]]


@pytest.mark.parametrize(
    "columns",
    [{"week": {"mon": 5}}, {"week": ["mon"]}, {"week": {"mon": ["09:00-17:00", 7]}},
     {"opened": {"2026-12-24": 5}}, {"closed": ["2026-12-25"]}, {"zone": "Mars/Olympus"},
     {"holiday_country": "ZZ", "holiday_subdivision": "QQ"}],
)  # fmt: skip
def test_what_a_file_brought_wrong_can_be_opened_and_mended(
    client: Client, draft: KitVersion, columns: dict[str, Any]
) -> None:
    Calendar.objects.filter(kit=draft, key="office_hours").update(**columns)
    assert client.get(AT).status_code == 200
    mended = {"week-mon": "9:00-17:00", "opened": "", "closed": "", "zone": "Europe/Berlin",
              "holiday_country": "DE", "holiday_subdivision": "BY"}  # fmt: skip
    assert sent(client, **mended).status_code == 303
    assert stored(draft).week["mon"] == [["09:00", "17:00"]]


def test_any_version_s_calendar_is_looked_at(client: Client, draft: KitVersion) -> None:
    at = "/kit/versions/1/calendars/office_hours/"
    assert at in client.get("/kit/").content.decode()
    page = client.get(at, {"start": "2026-11-06T17:00", "work": "4h"})
    assert len(page.context["calendar"].days) == 30
    assert "end <strong>Mon 9 Nov 2026, " in page.content.decode()
    assert "Closed on Fri 6 Nov 2026, 17:00 CET; opens Mon 9 Nov" in page.content.decode()
    assert "<td>closed</td>" in page.content.decode()
    shut = client.get(at, {"start": "2026-11-08T12:00", "work": "0h"}).content.decode()
    assert "opens Mon 9 Nov 2026, 09:00 CET. 0h end at once." in shut
    assert "“soon” is no time" in client.get(at, {"start": "soon"}).content.decode()
    assert client.get("/kit/versions/2/calendars/office_hours/").status_code == 200
    assert client.get("/kit/versions/1/calendars/nobody/").status_code == 404


def test_the_administration_edits_with_the_same_form(
    client: Client, company: factories.Company, draft: KitVersion
) -> None:
    company.revops.is_staff = True
    company.revops.save(update_fields=["is_staff"])
    at = f"/admin/governance/calendar/{stored(draft).pk}/change/"
    page = client.get(at)
    assert page.status_code == 200
    copied = client.post(at, pages.form(page, "calendar_form", **{
        "calendar-act": "copy", "week-copy-from": "mon", "week-copy-to": ["sun"],
    }))  # fmt: skip
    assert copied.status_code == 200
    assert "stand on Sunday now" in copied.content.decode()
    saved = client.post(at, pages.form(copied, "calendar_form"))
    assert saved.status_code == 302
    assert stored(draft).week["sun"] == stored(draft).week["mon"]
    active = Calendar.objects.get(kit__number=1, key="office_hours")
    read = client.get(f"/admin/governance/calendar/{active.pk}/change/").content.decode()
    assert 'href="/kit/versions/1/calendars/office_hours/"' in read
