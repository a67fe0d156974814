"""A step of the kit is told once, whatever fails; by notice, by mail, on the page of notices."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from email.header import decode_header, make_header
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from governance import services
from governance.models import KitEvent, KitOutbox, KitVersion
from lifecycle import deliveries, jobs, kit_news, kit_notices, mails
from lifecycle.mails import Mailed
from lifecycle.models import KitNews, Notice
from tests import kit_house, kit_versions, mail_sink
from tests.kit_house import (
    HOUR,
    NOW,
    People,
    clocked,
    drained,
    emergency,
    in_review,
    scheduled,
    signed,
    told,
)
from tests.mail_sink import Sink
from tests.threads import together


@pytest.fixture
def people(db: None) -> People:
    return kit_house.found()


@pytest.fixture
def active(people: People) -> KitVersion:
    return kit_house.first_kit(people)


@pytest.fixture
def draft(people: People, active: KitVersion) -> KitVersion:
    return clocked(active, people["olivia"], 120)


class TestOnceAndOnly:
    def test_a_step_is_told_once_however_often_it_is_drained(
        self, people: People, draft: KitVersion
    ) -> None:
        in_review(draft, people)
        assert drained() == 0
        before = Notice.objects.count()
        KitOutbox.objects.filter(event__kit=draft).update(done_at=None, attempts=0)
        assert drained() > 0
        assert Notice.objects.count() == before

    def test_what_is_no_news_any_more_is_mailed_with_others(
        self, people: People, draft: KitVersion
    ) -> None:
        kit_versions.review(draft, by=people["olivia"], now=NOW)
        drained(NOW + dt.timedelta(days=2))
        rows = Notice.objects.all()
        assert rows
        assert all(row.read_at is None and row.mail_together for row in rows)

    def test_one_that_fails_takes_no_other_with_it_and_comes_back(
        self, people: People, draft: KitVersion, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        kit_versions.review(draft, by=people["olivia"], now=NOW)
        signed(draft, people, "sally")
        bad = KitEvent.objects.get(kind="SUBMITTED", kit=draft).pk
        gather = kit_news.gather

        def choking(step_id: int, *, now: dt.datetime) -> kit_news.Item:
            if step_id == bad:
                raise ValueError("cannot be told")
            return gather(step_id, now=now)

        monkeypatch.setattr(kit_news, "gather", choking)
        assert kit_notices.drain(now=NOW) == deliveries.Drained(done=1, failed=1)
        KitOutbox.objects.filter(event=bad).update(attempts=deliveries.MOST_ATTEMPTS)
        assert [row.event_id for row in kit_notices.dead()] == [bad]
        monkeypatch.undo()
        assert kit_notices.revive(now=NOW) == 1
        assert drained() == 1
        assert told(KitNews.REVIEW) == {"mark"}

    def test_an_act_that_is_taken_back_leaves_no_step(
        self, people: People, draft: KitVersion
    ) -> None:
        before = KitEvent.objects.count()
        with transaction.atomic():
            kit_versions.review(draft, by=people["olivia"], now=NOW)
            transaction.set_rollback(True)
        assert KitEvent.objects.count() == KitOutbox.objects.count() == before

    def test_a_notice_is_of_one_thing(self, people: People, active: KitVersion) -> None:
        step = KitEvent.objects.first()
        about: dict[str, Any] = {"to": people["sid"], "kind": "PUBLISHED", "created_at": NOW}
        for subject in ({}, {"kit": active}, {"kit": active, "step": step}, {"matter": "x"}):
            with pytest.raises(IntegrityError, match="notice_of_one_matter"), transaction.atomic():
                Notice.objects.create(**about, **subject)

    @pytest.mark.parametrize("change", ["update", "delete"])
    def test_the_log_of_the_kit_is_append_only(self, active: KitVersion, change: str) -> None:
        KitOutbox.objects.all().delete()
        rows = KitEvent.objects.filter(kit=active)
        with pytest.raises(Exception, match="Cannot update or delete"), transaction.atomic():
            rows.update(at=NOW + HOUR) if change == "update" else rows.delete()


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_tell_each_step_once() -> None:
    people = kit_house.found()
    active = kit_house.first_kit(people)
    versions = [clocked(active, people["olivia"], minutes) for minutes in (60, 90, 120)]
    for version in versions:
        kit_versions.review(version, by=people["olivia"], now=NOW)
    results = together([lambda: kit_notices.drain(now=NOW)] * 4)
    assert sum(one.done for one in results) == 3
    assert Notice.objects.filter(kind="REVIEW").count() == 9
    assert not KitOutbox.objects.filter(done_at__isnull=True).exists()


@pytest.mark.django_db(transaction=True)
def test_telling_does_not_stand_in_the_way_of_publishing() -> None:
    people = kit_house.found()
    active = kit_house.first_kit(people)
    version = clocked(active, people["olivia"], 60)
    kit_versions.sign(kit_versions.review(version, by=people["olivia"], now=NOW), now=NOW)
    acts: list[Callable[[], Any]] = [lambda: kit_notices.drain(now=NOW)] * 3
    results = together(
        [*acts, lambda: services.publish(version, by=people["olivia"], now=NOW), *acts]
    )
    assert not [one for one in results if isinstance(one, Exception)]
    while drained():
        pass
    assert told(KitNews.PUBLISHED) == {"arthur"}


class TestMail:
    @pytest.fixture
    def sink(self, settings: Settings) -> Iterator[Sink]:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.BASE_URL = "127.0.0.1", "https://leads.example.com/"
        with mail_sink.serving() as (server, port):
            settings.EMAIL_PORT = port
            yield server

    def body(self, sink: Sink, to: str) -> tuple[str, str]:
        message = [one for one in sink.messages if one["To"] == f"{to}@example.com"][-1]
        return str(make_header(decode_header(message["Subject"]))), mail_sink.text_of(message)

    def test_it_asks_for_a_signature_with_what_changes_who_asks_and_where_to_look(
        self, sink: Sink, people: People, draft: KitVersion
    ) -> None:
        in_review(draft, people)
        assert mails.send_due(now=NOW) == Mailed(sent=3)
        assert sorted(sink.to) == ["mark@example.com", "sally@example.com", "sam@example.com"]
        subject, body = self.body(sink, "mark")
        assert subject == "Kit v2 awaits your signature · 120 minutes"
        assert "Olivia asks for your signature. 1 part differs from v1." in body
        assert "4 h → 2 h" in body
        assert "https://leads.example.com/kit/versions/2/\r\n" in body
        assert mails.send_due(now=NOW) == Mailed()

    def test_it_says_until_when_an_emergency_stands_in_the_zone_of_the_reader(
        self, sink: Sink, people: People, draft: KitVersion
    ) -> None:
        people["mark"].time_zone = "Europe/Berlin"
        people["mark"].save(update_fields=["time_zone"])
        emergency(draft, people)
        mails.send_due(now=NOW)
        subject, body = self.body(sink, "mark")
        assert subject.startswith("Emergency: kit v2 is in force for a while: it awaits your")
        assert "reverts Tue 3 Mar 2026, 10:00 (Europe/Berlin) unless it is countersigned" in body
        assert kit_house.EMERGENCY in body
        assert "Your signature is awaited." in body
        assert "Your signature is awaited." not in self.body(sink, "arthur")[1]

    def test_nobody_is_mailed_for_a_signature_that_was_given_meanwhile(
        self, sink: Sink, people: People, draft: KitVersion
    ) -> None:
        in_review(draft, people)
        signed(draft, people, "sally", "mark")
        drained()
        mails.send_due(now=NOW)
        assert set(sink.to) == {"olivia@example.com"}

    def test_a_version_cannot_write_headers_by_its_title(
        self, sink: Sink, people: People, draft: KitVersion
    ) -> None:
        KitVersion.objects.filter(pk=draft.pk).update(title="New\r\nBcc: all@evil.test")
        in_review(draft, people)
        mails.send_due(now=NOW)
        assert len(sink.messages) == 3
        assert all(message["Bcc"] is None for message in sink.messages)

    def test_a_mail_server_that_is_down_keeps_no_step_from_being_told(
        self, settings: Settings, people: People, draft: KitVersion
    ) -> None:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", mail_sink.free_port()
        scheduled(draft, people)
        assert mails.send_due(now=NOW).server_down
        assert jobs.sweep(NOW + HOUR)["published"] == 1
        assert told(KitNews.PUBLISHED) == {"olivia", "arthur", "sam"}


class TestPage:
    def test_it_shows_news_of_the_kit_beside_those_of_leads_with_a_link(
        self, people: People, draft: KitVersion
    ) -> None:
        in_review(draft, people)
        client = Client()
        client.force_login(people["mark"])
        page = client.get(reverse("console:notices")).content.decode()
        assert "Kit v2 awaits your signature · 120 minutes" in page
        assert "Olivia asks for your signature. 1 part differs from v1." in page
        assert "1 unread notice" in page
        assert 'aria-label="Notices, 1 unread"' in page
        link = reverse("console:notice-open", args=[Notice.objects.get(to=people["mark"]).pk])
        assert f'href="{link}"' in page
        answer = client.get(link)
        assert answer["Location"] == reverse("console:kit-version", args=[2])
        unread = client.get(reverse("console:notices"), {"unread": 1}).content.decode()
        assert "0 unread" in unread
        assert "All is read" in unread
        client.force_login(people["olivia"])
        assert client.get(link).status_code == 404  # a notice of somebody else

    def test_every_kind_of_news_has_its_words_on_the_page(
        self, people: People, active: KitVersion
    ) -> None:
        step = KitEvent.objects.filter(kit=active).first()
        words = {"by": people["olivia"].pk, "base": 1, "restores": 1, "changes": 2, "lines": []}
        for kind in KitNews:
            Notice.objects.create(
                to=people["mark"], kind=kind, kit=active, step=step, matter=kind, words=words,
                created_at=NOW,
            )  # fmt: skip
        client = Client()
        client.force_login(people["mark"])
        page = client.get(reverse("console:notices"))
        assert page.status_code == 200
        rows = page.context["notices"].rows
        assert (len(rows), len({row.text for row in rows})) == (len(KitNews), len(KitNews))

    def test_the_number_of_queries_does_not_grow_with_the_number_of_notices(
        self, people: People, active: KitVersion, django_assert_max_num_queries: Any
    ) -> None:
        step = KitEvent.objects.filter(kit=active).first()

        def more(count: int) -> None:
            for _ in range(count):
                Notice.objects.create(
                    to=people["mark"], kind="PUBLISHED", kit=active, step=step,
                    matter=str(Notice.objects.count() + 1), words={"by": people["olivia"].pk},
                    created_at=NOW,
                )  # fmt: skip

        client = Client()
        client.force_login(people["mark"])
        more(1)
        client.get(reverse("console:notices"))
        with django_assert_max_num_queries(100) as few:
            client.get(reverse("console:notices"))
        more(20)
        with django_assert_max_num_queries(len(few.captured_queries)):
            client.get(reverse("console:notices"))


def test_a_step_costs_the_same_few_queries_however_many_people_there_are(
    people: People, draft: KitVersion, django_assert_max_num_queries: Any
) -> None:
    kit_versions.review(draft, by=people["olivia"], now=NOW)
    step = KitEvent.objects.get(kit=draft).pk
    kit_news.gather(step, now=NOW)
    with django_assert_max_num_queries(60) as few:
        kit_news.gather(step, now=NOW)
    for number in range(12):
        kit_house.User.objects.create(
            username=f"m{number}", email=f"m{number}@example.com", role="MANAGER"
        )
    with django_assert_max_num_queries(len(few.captured_queries)):
        assert len(kit_news.gather(step, now=NOW).recipients) == 15
