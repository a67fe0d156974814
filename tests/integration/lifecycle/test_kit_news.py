"""Who is told of a step of the kit, and who is not."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from governance import deputies, emergencies, rebasing, rollback, services
from governance.models import Calendar, ClockPolicy, KitEvent, KitVersion
from lifecycle import jobs
from lifecycle.models import KitNews, Notice
from people.models import Role, User
from routing.models import Pool
from tests import kit_house, kit_versions
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


@pytest.fixture
def people(db: None) -> People:
    return kit_house.found()


@pytest.fixture
def active(people: People) -> KitVersion:
    return kit_house.first_kit(people)


@pytest.fixture
def draft(people: People, active: KitVersion) -> KitVersion:
    return clocked(active, people["olivia"], 120)


class TestReview:
    def test_everybody_who_can_give_a_missing_signature_is_asked(
        self, people: People, draft: KitVersion
    ) -> None:
        in_review(draft, people)
        assert told(KitNews.REVIEW, part="ASKED") == {"sally", "sam", "mark"}
        assert set(Notice.objects.values_list("kind", flat=True)) == {"REVIEW"}
        assert set(Notice.objects.values_list("mail_due_at", flat=True)) == {NOW}

    def test_so_are_the_deputies_of_these_days_and_no_others(
        self, people: People, draft: KitVersion
    ) -> None:
        for deputy, since in (("dora", NOW), ("sid", NOW + HOUR)):
            deputies.name(
                signer=people["sally"], deputy=people[deputy], starts_at=since,
                ends_at=NOW + 2 * HOUR, by=people["sally"], now=NOW,
            )  # fmt: skip
        in_review(draft, people)
        assert told(KitNews.REVIEW) == {"sally", "sam", "mark", "dora"}

    def test_weekly_matters_ask_approvers_who_did_not_write_them(
        self, people: People, active: KitVersion
    ) -> None:
        version = services.draft(base=active, title="Name", by=people["olivia"], now=NOW)
        calendar = Calendar.objects.get(kit=version, key="always")
        calendar.label = "Ever"
        calendar._history_user = people["sam"]  # type: ignore[attr-defined]
        calendar.save(update_fields=["label"])
        in_review(version, people)
        assert told(KitNews.REVIEW) == {"arthur", "sally", "mark"}

    def test_who_wrote_it_alone_is_not_asked(self, people: People, active: KitVersion) -> None:
        version = clocked(active, people["sally"], 90)
        in_review(version, people)
        assert told(KitNews.REVIEW) == {"sam", "mark"}

    def test_who_submits_it_is_not_asked_for_what_they_know(
        self, people: People, draft: KitVersion
    ) -> None:
        kit_versions.review(draft, by=people["sam"], now=NOW)
        drained()
        assert told(KitNews.REVIEW) == {"sally", "mark"}

    def test_superusers_are_left_alone_while_somebody_of_the_role_is_there(
        self, people: People, draft: KitVersion
    ) -> None:
        User.objects.filter(pk=people["root"].pk).update(role=Role.REVOPS)
        in_review(draft, people)
        assert told(KitNews.REVIEW) == {"sally", "sam", "mark"}

    def test_superusers_are_asked_where_nobody_else_could_sign(
        self, people: People, draft: KitVersion
    ) -> None:
        User.objects.filter(role=Role.MARKETING).update(is_active=False)
        in_review(draft, people)
        assert told(KitNews.REVIEW) == {"sally", "sam", "root"}

    def test_the_same_text_is_asked_for_once_and_another_anew(
        self, people: People, draft: KitVersion
    ) -> None:
        in_review(draft, people)
        Notice.objects.update(mailed_at=NOW)
        services.reopen(draft, by=people["olivia"], now=NOW)
        drained()
        assert not Notice.objects.filter(read_at__isnull=True).exists()
        in_review(draft, people)
        assert Notice.objects.filter(kind="REVIEW").count() == 3
        assert Notice.objects.filter(read_at__isnull=True).count() == 3
        assert not Notice.objects.filter(mailed_at__isnull=True).exists()
        services.reopen(draft, by=people["olivia"], now=NOW)
        ClockPolicy.objects.filter(kit=draft, key="route").update(minutes=60)
        in_review(draft, people)
        assert Notice.objects.filter(kind="REVIEW").count() == 6

    def test_who_is_asked_late_is_not_asked_for_what_has_been_signed(
        self, people: People, draft: KitVersion
    ) -> None:
        kit_versions.review(draft, by=people["olivia"], now=NOW)
        signed(draft, people, "sally")
        drained()
        assert told(KitNews.REVIEW) == {"mark"}

    def test_it_says_what_changes_and_who_asks(self, people: People, draft: KitVersion) -> None:
        in_review(draft, people)
        words = Notice.objects.get(to=people["mark"]).words
        assert (words["changes"], words["base"], words["by"]) == (1, 1, people["olivia"].pk)
        assert "4 h → 2 h" in words["lines"][0]


class TestSignatures:
    def test_each_is_told_to_who_submitted_it_until_the_last(
        self, people: People, draft: KitVersion
    ) -> None:
        in_review(draft, people)
        signed(draft, people, "sally")
        drained()
        assert told(KitNews.SIGNED) == {"olivia"}
        assert Notice.objects.get(kind="SIGNED").words["missing"] == ["MARKETING"]
        signed(draft, people, "mark")
        drained()
        assert told(KitNews.ALL_SIGNED) == {"olivia"}
        signed(draft, people, "sam")
        drained()
        assert Notice.objects.filter(kind__in=["SIGNED", "ALL_SIGNED"]).count() == 2

    def test_nobody_stays_asked_for_what_is_signed(self, people: People, draft: KitVersion) -> None:
        in_review(draft, people)
        signed(draft, people, "sally")
        drained()
        asked = Notice.objects.filter(kind="REVIEW", read_at__isnull=True)
        assert set(asked.values_list("to__username", flat=True)) == {"mark"}
        unmailed = Notice.objects.filter(kind="REVIEW", mail_due_at__isnull=True)
        assert set(unmailed.values_list("to__username", flat=True)) == {"sally", "sam"}

    def test_who_signs_what_they_submitted_is_not_told(
        self, people: People, draft: KitVersion
    ) -> None:
        kit_versions.review(draft, by=people["sam"], now=NOW)
        signed(draft, people, "sam")
        drained()
        assert told(KitNews.SIGNED) == set()

    def test_signing_twice_is_no_news(self, people: People, draft: KitVersion) -> None:
        in_review(draft, people)
        signed(draft, people, "sally", "sally")
        assert KitEvent.objects.filter(kind="SIGNED", kit=draft).count() == 1


class TestComingIntoForce:
    def test_a_schedule_is_told_to_who_submitted_it_and_to_revops(
        self, people: People, draft: KitVersion
    ) -> None:
        scheduled(draft, people)
        assert told(KitNews.SCHEDULED) == {"olivia", "arthur"}
        words = Notice.objects.filter(kind="SCHEDULED").first().words  # type: ignore[union-attr]
        assert words["at"] == (NOW + HOUR).isoformat()

    def test_another_instant_is_news_the_same_is_not(
        self, people: People, draft: KitVersion
    ) -> None:
        scheduled(draft, people)
        for at in (NOW + HOUR, NOW + 2 * HOUR):
            services.unschedule(draft, by=people["sam"], now=NOW)
            services.schedule(draft, by=people["sam"], at=at, now=NOW)
            drained()
        assert Notice.objects.filter(kind="SCHEDULED", to=people["arthur"]).count() == 2
        assert Notice.objects.filter(kind="UNSCHEDULED", to=people["arthur"]).count() == 2

    def test_who_scheduled_it_hears_when_it_comes_into_force_by_itself(
        self, people: People, draft: KitVersion
    ) -> None:
        scheduled(draft, people)
        jobs.sweep(NOW + HOUR)
        assert told(KitNews.PUBLISHED) == {"olivia", "arthur", "sam"}

    def test_who_publishes_it_is_not_told(self, people: People, draft: KitVersion) -> None:
        kit_versions.publish(draft, by=people["olivia"], now=NOW)
        drained()
        assert told(KitNews.PUBLISHED) == {"arthur"}

    def test_one_that_could_not_says_why_and_how_to_go_on(
        self, people: People, active: KitVersion, draft: KitVersion
    ) -> None:
        scheduled(draft, people)
        kit_versions.publish(clocked(active, people["arthur"], 60), by=people["arthur"], now=NOW)
        jobs.sweep(NOW + HOUR)
        assert told(KitNews.SET_BACK) == {"olivia", "arthur", "sam"}
        notice = Notice.objects.filter(kind="SET_BACK").first()
        assert notice is not None
        assert "Rebase it" in notice.words["why"]

    def test_a_rollback_asks_the_signers_and_is_told_as_one(
        self, people: People, draft: KitVersion
    ) -> None:
        kit_versions.publish(draft, by=people["olivia"], now=NOW)
        drained()
        back = rollback.start(by=people["olivia"], now=NOW, reason="Too fast for us.")
        drained()
        asked = Notice.objects.filter(kit=back, kind="REVIEW")
        assert set(asked.values_list("to__username", flat=True)) == {"sally", "sam", "mark"}
        assert {row.words["reason"] for row in asked} == {"Too fast for us."}
        signed(back, people, "sally", "mark")
        drained()
        assert told(KitNews.ROLLED_BACK) == {"olivia", "arthur"}


class TestEmergency:
    def test_all_signers_hear_when_it_reverts_and_who_can_countersign_is_asked(
        self, people: People, draft: KitVersion
    ) -> None:
        published = emergency(draft, people)
        assert told(KitNews.EMERGENCY, part="ASKED") == {"mark"}
        assert told(KitNews.EMERGENCY, part="TOLD") == {"sally", "sam", "arthur"}
        assert published.expires_at is not None
        said = {row.words["expires_at"] for row in Notice.objects.filter(kind="EMERGENCY")}
        assert said == {published.expires_at.isoformat()}

    def test_half_of_its_time_over_it_reminds_once(self, people: People, draft: KitVersion) -> None:
        emergency(draft, people)
        half = NOW + 12 * HOUR
        assert jobs.sweep(half - dt.timedelta(seconds=1))["reminded"] == 0
        assert [jobs.sweep(half)["reminded"] for _ in range(3)] == [1, 0, 0]
        assert told(KitNews.HALF_TIME, part="ASKED") == {"mark"}
        assert told(KitNews.HALF_TIME, part="TOLD") == {"olivia", "arthur"}

    def test_countersigned_it_reminds_nobody_and_is_told_to_stay(
        self, people: People, draft: KitVersion
    ) -> None:
        emergency(draft, people)
        services.sign(draft, party="MARKETING", by=people["mark"], now=NOW + HOUR)
        assert not emergencies.remind_at_half_time(now=NOW + 13 * HOUR)
        drained(NOW + HOUR)
        assert told(KitNews.COUNTERSIGNED) == {"olivia", "arthur"}
        assert not Notice.objects.filter(words__part="ASKED", read_at__isnull=True).exists()

    def test_one_that_reverts_by_itself_is_told_to_who_brought_it(
        self, people: People, draft: KitVersion
    ) -> None:
        emergency(draft, people)
        jobs.sweep(NOW + 24 * HOUR)
        assert told(KitNews.REVERTED) == {"olivia", "arthur", "sally"}
        assert KitNews.HALF_TIME not in set(Notice.objects.values_list("kind", flat=True))
        assert not Notice.objects.filter(words__part="ASKED", read_at__isnull=True).exists()


class TestGivenUp:
    @pytest.mark.parametrize(
        ("act", "kind"),
        [(services.reopen, KitNews.REOPENED), (services.withdraw, KitNews.WITHDRAWN)],
    )
    def test_who_has_signed_it_hears_that_it_is_over(
        self, people: People, draft: KitVersion, act: Callable[..., Any], kind: KitNews
    ) -> None:
        in_review(draft, people)
        signed(draft, people, "sally")
        act(draft, by=people["arthur"], now=NOW)
        drained()
        assert told(kind) == {"sally", "olivia"}

    @pytest.mark.parametrize("act", [services.reopen, services.withdraw])
    def test_where_nobody_has_signed_nobody_is_told(
        self, people: People, draft: KitVersion, act: Callable[..., Any]
    ) -> None:
        in_review(draft, people)
        act(draft, by=people["arthur"], now=NOW)
        drained()
        assert set(Notice.objects.values_list("kind", flat=True)) == {"REVIEW"}
        assert not Notice.objects.filter(read_at__isnull=True).exists()

    def test_rebasing_takes_signatures_away_and_says_so(
        self, people: People, active: KitVersion, draft: KitVersion
    ) -> None:
        in_review(draft, people)
        signed(draft, people, "sally")
        other = clocked(active, people["sam"], 60)
        Calendar.objects.filter(kit=other, key="always").update(label="Ever")
        ClockPolicy.objects.filter(kit=other, key="route").update(minutes=240)
        kit_versions.publish(other, by=people["sam"], now=NOW)
        rebasing.rebase(draft, by=people["olivia"], now=NOW)
        drained()
        assert told(KitNews.REOPENED) == {"sally"}
        assert Notice.objects.get(kind="REOPENED").words["why"] == "rebased"


class TestAccess:
    def test_who_lost_the_role_is_told_nothing_of_what_they_cannot_open(
        self, people: People, draft: KitVersion
    ) -> None:
        in_review(draft, people)
        Pool.objects.filter(manager=people["olivia"]).update(manager=people["arthur"])
        User.objects.filter(pk=people["olivia"].pk).update(role=Role.SDR)
        signed(draft, people, "sally")
        drained()
        assert told(KitNews.SIGNED) == set()
        signed(draft, people, "mark")
        services.publish(draft, by=people["arthur"], now=NOW)
        drained()
        assert told(KitNews.PUBLISHED) == {"olivia"}

    def test_a_company_s_first_kit_asks_one_approver(self, people: People) -> None:
        version = services.draft_from_document(
            kit_versions.rules(), title="First", by=people["olivia"], now=NOW
        )
        services.submit(version, by=people["olivia"], now=NOW, note="The first.")
        drained()
        assert told(KitNews.REVIEW) == {"arthur", "sally", "sam", "mark"}
