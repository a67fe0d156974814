"""Figures by mail: the numbers of the pages, once to each, and what people do with mailings."""

from __future__ import annotations

import csv
import datetime as dt
import io
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from lifecycle import jobs
from people.models import Role, User
from reports import facts_state, steps
from reports.metrics import catalogue
from tests import factories, mail_sink
from tests.callers import Caller
from tests.factories import Company
from tests.mail_sink import Sink
from web.by_mail import acts, letter, rhythm, sending
from web.by_mail.letter import Part
from web.models import ReportMail, ReportMailing

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


@pytest.fixture
def sink(settings: Settings) -> Iterator[Sink]:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.BASE_URL = "127.0.0.1", "https://leads.example.com"
    with mail_sink.serving() as (server, port):
        settings.EMAIL_PORT = port
        yield server


@pytest.fixture
def company() -> Company:
    """Leads of the last whole week and of the one before, worked to several ends."""
    now = timezone.now()
    monday = rhythm.days_of(ReportMailing(rhythm="WEEKLY"), now).period.start
    made = factories.company(now=monday - 14 * DAY)
    for since, goals in ((monday - 6 * DAY, ["SAL"]), (monday + DAY, ["WON", "SQL", "MQL"])):
        leads = factories.captures([factories.touch() for _ in goals], now=since)
        for lead, goal in zip(leads, goals, strict=True):
            if goal != "MQL":
                factories.work(lead, to=goal, now=since)
    steps.facts(now, float("inf"))
    return made


def part(key: str, by: str = "", **only: str) -> Part:
    return Part(catalogue.ALL[key], by, only)


def mailing(by: User, *readers: User, now: dt.datetime | None = None, **more: Any) -> ReportMailing:
    wanted = {
        "name": "Monday's numbers", "rhythm": "WEEKLY", "day": 0, "hour": 7,
        "parts": [part("mql_to_sal", "rep"), part("lead_conversion")],
        "readers": readers or (by,),
    } | more  # fmt: skip
    return acts.save(by, acts.Wanted(**wanted), now=now or timezone.now())


def swept(now: dt.datetime) -> int:
    done = sending.step(now, time.monotonic() + 30)
    return done.get("report_mails", 0)


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def told(message: Any) -> str:
    """The plain text of a mail with or without files."""
    [text] = [one for one in message.walk() if one.get_content_type() == "text/plain"]
    return str(text.get_payload(decode=True).decode())


@pytest.mark.parametrize("slice_at", [0, 1, 2, -1])
def test_every_kpi_says_by_mail_what_page_and_api_say(
    company: Company, settings: Settings, slice_at: int
) -> None:
    """All of them, to who sees all and to who sees a part."""
    now = timezone.now()
    for reader in (company.revops, company.reps[0]):
        client, caller = client_of(reader), Caller(user=reader)
        for metric in catalogue.ALL.values():
            by = metric.slices[min(slice_at, len(metric.slices) - 1)]
            row = mailing(
                company.revops, name=f"{metric.key} {reader}", parts=[part(metric.key, by)]
            )
            days = rhythm.days_of(row, now)
            [section] = letter.write(row, reader, days, now=now).sections
            query = {**days.query, "by": by}
            page = client.get(f"/reports/{metric.key}/", query).context["metric"]
            assert section.whole.value == page.value, metric.key
            assert section.whole.change == page.change, metric.key
            if by not in ("week", "month"):
                assert [(one.label, one.change) for one in section.rows] == [
                    (one.label, one.change) for one in page.rows
                ], (metric.key, by)
            said = caller.get(f"/api/v1/reports/{metric.key}/", **query).json()  # type: ignore[attr-defined]
            rows = {one["label"]: one for one in said["rows"]}
            assert {one.label for one in section.rows} == {*rows}, metric.key
            for one in section.rows:
                value = rows[one.label][metric.headline.key]
                shown = letter.metric_words.say(value, metric.headline.unit)
                assert one.value == shown, (metric.key, by, one.label)


def test_once_to_each_with_their_own_sight_and_files(company: Company, sink: Sink) -> None:
    now = timezone.now()
    row = mailing(company.revops, company.revops, company.reps[0], with_files=True)
    assert swept(now) == 0, "not before its day"
    due = row.next_at
    assert due is not None
    assert swept(due) == 2
    assert swept(due) == swept(due + dt.timedelta(hours=1)) == 0
    by = {one["To"]: one for one in sink.messages}
    assert {*by} == {company.revops.email, company.reps[0].email}
    everything, own = (by[one.email] for one in (company.revops, company.reps[0]))
    days = rhythm.days_of(row, due)
    assert everything["Subject"] == f"Monday's numbers: {days.words()}"
    assert f"https://leads.example.com/reports/by-mail/{row.pk}/" in everything["List-Unsubscribe"]
    for message, reader in ((everything, company.revops), (own, company.reps[0])):
        page = client_of(reader).get("/reports/mql_to_sal/", {**days.query, "by": "rep"})
        shown = page.context["metric"]
        assert f"MQL to SAL by rep: {shown.value}" in told(message)
        [file] = [one for one in message.walk() if one.get_content_type() == "text/csv"]
        mailed = [*csv.reader(io.StringIO(file.get_payload(decode=True).decode()))]
        asked = b"".join(client_of(reader).get(shown.csv_url))  # type: ignore[arg-type]
        assert mailed == [*csv.reader(io.StringIO(asked.decode()))]
    row.refresh_from_db()
    assert row.next_at == due + 7 * DAY


def test_after_an_outage_the_latest_alone_is_made_up_for(company: Company, sink: Sink) -> None:
    row = mailing(company.revops, rhythm="DAILY")
    assert row.next_at is not None
    later = row.next_at + 5 * DAY + dt.timedelta(hours=3)
    assert swept(later) == 1
    [mail] = ReportMail.objects.all()
    assert mail.first == mail.last == rhythm.days_of(row, later).first


def test_while_the_server_is_away_the_day_after_takes_the_place_of_the_day_before(
    company: Company, sink: Sink
) -> None:
    row = mailing(company.revops, rhythm="DAILY")
    assert row.next_at is not None
    sink.data = "451 come back"
    assert swept(row.next_at) == 0
    sink.data = ""
    assert swept(row.next_at + DAY) == 1
    first, second = ReportMail.objects.order_by("pk")
    assert (first.due_at, first.last_error) == (None, sending.LATER)
    assert second.sent_at is not None


def test_who_is_refused_is_told_of_and_tried_again_and_others_get_theirs(
    company: Company, sink: Sink
) -> None:
    anna = company.reps[0]
    row = mailing(company.revops, anna, company.revops)
    assert row.next_at is not None
    sink.rcpt[anna.email] = "550 no such box"
    assert swept(row.next_at) == 1
    page = client_of(company.revops).get(reverse("console:mailing", args=[row.pk]))
    assert "The mail server refused the recipient: 550 no such box" in page.content.decode()
    listed = client_of(company.revops).get(reverse("console:mailings")).content.decode()
    assert "1 mail could not be sent lately" in listed
    sink.rcpt.clear()
    client_of(company.revops).post(reverse("console:mailing-act", args=[row.pk, "again"]))
    assert swept(row.next_at + dt.timedelta(minutes=1)) == 1
    assert sorted(sink.to) == sorted([anna.email, company.revops.email])


def test_a_mail_waits_for_the_facts(
    company: Company, sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = mailing(company.revops)
    assert row.next_at is not None
    monkeypatch.setattr(facts_state, "made_share", lambda: 0.4)
    assert swept(row.next_at) == 0
    monkeypatch.undo()
    assert swept(row.next_at + dt.timedelta(minutes=6)) == 1


def test_who_wants_no_more_or_has_left_gets_none(company: Company, sink: Sink) -> None:
    anna, ben = company.reps
    row = mailing(company.revops, anna, ben, company.revops)
    client = client_of(anna)
    act = reverse("console:mailing-act", args=[row.pk, "stop"])
    assert client.post(act).status_code == 303
    assert client.post(act).status_code == 404, "said twice"
    User.objects.filter(pk=ben.pk).update(is_active=False)
    again = acts.Wanted("New name", "WEEKLY", 0, 7, [part("mql_to_sal")], [anna, ben])
    acts.save(company.revops, again, now=timezone.now(), mailing=row)
    assert row.next_at is not None
    assert swept(row.next_at) == 0, "nor after a change"
    client.post(reverse("console:mailing-act", args=[row.pk, "go-on"]))
    assert swept(row.next_at + 7 * DAY) == 1
    assert sink.to == [anna.email]


def test_one_now_is_one_however_often_it_is_clicked(company: Company, sink: Sink) -> None:
    row = mailing(company.revops)
    now = reverse("console:mailing-act", args=[row.pk, "now"])
    client = client_of(company.revops)
    answers = [client.post(now) for _ in range(3)]
    assert {one.status_code for one in answers} == {303}
    jobs.run({"report_mails": jobs.THREADS["telling"]["report_mails"]})
    assert sink.to == [company.revops.email]
    assert (
        "is on its way to you already"
        in client.get(reverse("console:mailing", args=[row.pk])).content.decode()
    )


def test_pause_resume_delete_and_have_back(company: Company, sink: Sink) -> None:
    row = mailing(company.revops)
    due = row.next_at
    assert due is not None
    client = client_of(company.revops)

    def do(action: str) -> int:
        return client.post(reverse("console:mailing-act", args=[row.pk, action])).status_code

    assert do("pause") == 303
    assert swept(due) == 0
    assert do("resume") == 303
    assert do("delete") == 303
    assert swept(due) == 0
    assert client.get(reverse("console:mailing", args=[row.pk])).status_code == 404
    assert do("restore") == 303
    assert do("nonsense") == 404
    assert swept(due) == 1
    assert do("delete") == 303
    other = mailing(company.revops)
    acts.delete(other, company.revops, now=timezone.now() + 2 * DAY)
    assert do("restore") == 404, "a day is over"
    assert [*ReportMailing.objects.all()] == [other]


def test_who_sees_and_changes_which(company: Company) -> None:
    anna, ben = company.reps
    hers = mailing(anna, name="Hers")
    both = mailing(company.manager, anna, company.manager, name="Both")

    def names(user: User) -> list[str]:
        page = client_of(user).get(reverse("console:mailings"))
        return [one.name for one in page.context["mailings"]]

    assert names(anna) == ["Both", "Hers"]
    assert names(ben) == []
    assert names(company.revops) == ["Both", "Hers"]
    assert names(company.manager) == ["Both"]
    edit = reverse("console:mailing-edit", args=[both.pk])
    assert client_of(anna).get(edit).status_code == 403
    assert client_of(ben).get(edit).status_code == 404
    assert client_of(company.revops).get(edit).status_code == 200
    for action in ("pause", "delete"):
        url = reverse("console:mailing-act", args=[both.pk, action])
        assert client_of(anna).post(url).status_code == 403
    sent = {"name": "x", "rhythm": "DAILY", "hour": "7", "part-mql_to_sal": "-",
            "readers": [str(ben.pk)]}  # fmt: skip
    client_of(anna).post(reverse("console:mailing-new"), sent)
    made = ReportMailing.objects.get(name="x")
    assert [one.user_id for one in made.readers.all()] == [anna.pk], "to herself alone"
    assert hers.readers.count() == 1


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({}, "Choose at least one KPI."),
        ({"part-mql_to_sal": "moon"}, "Select a valid choice. moon"),
        ({"part-mql_to_sal": "-", "name": " "}, "This field is required."),
        ({"part-mql_to_sal": "-", "readers": []}, "Choose somebody it goes to"),
        ({"part-mql_to_sal": "-", "hour": "25"}, "Select a valid choice. 25"),
        ({"part-mql_to_sal": "-", "rhythm": "HOURLY"}, "Select a valid choice. HOURLY"),
        ({"part-mql_to_sal": "-", "month_day": "31"}, "less than or equal to 28"),
        ({"part-mql_to_sal": "-", "more": ['{"key": "sla"}']}, "Select a valid choice."),
        ({"part-mql_to_sal": "-", "name": "Taken"}, "There is one of this name already"),
    ],
)
def test_a_form_says_what_is_wrong_and_keeps_what_was_typed(
    company: Company, sent: dict[str, Any], said: str
) -> None:
    mailing(company.revops, name="Taken")
    whole = {"name": "Ours", "rhythm": "WEEKLY", "weekday": "0", "hour": "7",
             "readers": [str(company.revops.pk)]}  # fmt: skip
    answer = client_of(company.revops).post(reverse("console:mailing-new"), {**whole, **sent})
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert ReportMailing.objects.count() == 1


def test_a_saved_view_brings_its_filters(company: Company) -> None:
    client = client_of(company.revops)
    client.post(
        reverse("console:saved-keep"),
        {"page": "mql_to_sal", "query": "period=90&by=team&channel=FORM", "name": "Web"},
    )
    form = client.get(reverse("console:mailing-new")).context["form"]
    [(value, label)] = form.fields["more"].choices
    assert label == "Web: MQL to SAL by team, only Channel: Web form"
    sent = {"name": "Web", "rhythm": "MONTHLY", "month_day": "3", "hour": "6", "more": [value],
            "readers": [str(company.revops.pk)]}  # fmt: skip
    assert client.post(reverse("console:mailing-new"), sent).status_code == 303
    row = ReportMailing.objects.get()
    assert row.parts == [{"key": "mql_to_sal", "by": "team", "only": {"channel": "FORM"}}]
    shown = client.get(reverse("console:mailing-preview", args=[row.pk]))
    assert shown.status_code == 200
    assert "only Channel: Web form" in shown.content.decode()
    begun = client.get(reverse("console:mailing-new"), {"key": "mql_to_sql", "by": "source"})
    assert begun.context["form"]["part-mql_to_sql"].value() == "source"


def test_finance_gets_what_finance_may_see(company: Company) -> None:
    fiona = factories.user("fiona", role=Role.FINANCE)
    row = mailing(fiona)
    assert (
        client_of(fiona).get(reverse("console:mailing-preview", args=[row.pk])).status_code == 200
    )


@pytest.mark.django_db(transaction=True)
def test_two_workers_plan_and_send_each_mail_once(company: Company, sink: Sink) -> None:
    row = mailing(company.revops, company.revops, *company.reps)
    due = row.next_at
    assert due is not None
    gate = threading.Barrier(3)

    def worker() -> None:
        gate.wait()
        for _ in range(3):
            sending.step(due, time.monotonic() + 10)
        connection.close()

    threads = [threading.Thread(target=worker) for _ in range(3)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(sink.to) == sorted([company.revops.email, *(one.email for one in company.reps)])
