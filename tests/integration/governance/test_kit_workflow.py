"""From draft to review to force and back: who may do what, when, and what is refused."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from core.errors import InvalidInput, NotAllowed, TooLate
from governance import deputies, emergencies, rebasing, rollback, selectors, services
from governance.models import Calendar, ClockPolicy, Criterion, KitStatus, KitVersion
from governance.requirements import EditedInReview, NothingChanged, NotSimulated
from governance.signing import MissingSignatures
from lifecycle import jobs
from lifecycle.invariants import kit as kit_invariants
from lifecycle.invariants.invariant import Context
from people.models import Role, User
from routing.models import RoutingRule
from tests import founding, kit_versions

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)


def person(name: str, role: str = Role.REVOPS, *, superuser: bool = False) -> User:
    return founding.person(name, role, is_superuser=superuser)


@pytest.fixture
def ops(db: None) -> User:
    return person("olivia")


@pytest.fixture
def active(ops: User) -> KitVersion:
    return founding.first_kit(ops)


def clocked(base: KitVersion, by: User, minutes: int) -> KitVersion:
    """A draft in which routing has another time; that needs Sales and Marketing."""
    version = services.draft(base=base, title=f"{minutes} minutes", by=by, now=NOW)
    ClockPolicy.objects.filter(kit=version, key="route").update(minutes=minutes)
    return version


def minutes_in_force() -> int:
    return int(selectors.active_kit().policy("route").allowance.total_seconds() // 60)


class TestReview:
    def test_it_cannot_start_without_a_simulation_of_this_very_text(
        self, ops: User, active: KitVersion
    ) -> None:
        version = clocked(active, ops, 120)
        kit_versions.simulated(version, now=NOW)
        ClockPolicy.objects.filter(kit=version, key="route").update(minutes=180)
        with pytest.raises(NotSimulated, match="kit simulate 2"):
            services.submit(version, by=ops, now=NOW, note="Known.")

    def test_it_cannot_start_with_nothing_to_sign(self, ops: User, active: KitVersion) -> None:
        version = services.draft(base=active, title="Same", by=ops, now=NOW)
        with pytest.raises(NothingChanged):
            services.submit(version, by=ops, now=NOW, note="Known.")

    def test_taken_back_it_is_a_draft_whose_signatures_count_again_only_for_the_same_text(
        self, ops: User, active: KitVersion
    ) -> None:
        version = kit_versions.review(clocked(active, ops, 120), by=ops, now=NOW)
        kit_versions.sign(version, now=NOW)
        services.reopen(version, by=ops, now=NOW)
        with pytest.raises(TooLate, match="Submit it for review before you publish"):
            services.publish(version, by=ops, now=NOW)
        ClockPolicy.objects.filter(kit=version, key="route").update(minutes=60)
        kit_versions.review(version, by=ops, now=NOW)
        assert services.consent(version).missing == ("SALES", "MARKETING")
        assert len(services.consent(version).void) == 2

    def test_whoever_does_not_work_on_kits_cannot_submit(
        self, ops: User, active: KitVersion
    ) -> None:
        with pytest.raises(NotAllowed):
            services.submit(clocked(active, ops, 120), by=person("sid", Role.SDR), now=NOW)


class TestSchedule:
    def test_a_signed_version_comes_into_force_at_its_instant(
        self, ops: User, active: KitVersion
    ) -> None:
        version = kit_versions.review(clocked(active, ops, 120), by=ops, now=NOW)
        with pytest.raises(MissingSignatures):
            services.schedule(version, by=ops, at=NOW + HOUR, now=NOW)
        kit_versions.sign(version, now=NOW)
        services.schedule(version, by=ops, at=NOW + HOUR, now=NOW)
        jobs.sweep(NOW + HOUR - timedelta(seconds=1))
        assert minutes_in_force() == 240
        assert jobs.sweep(NOW + HOUR)["published"] == 1
        assert minutes_in_force() == 120
        assert KitVersion.objects.get(pk=version.pk).published_by == ops

    def test_an_instant_that_is_past_is_refused(self, ops: User, active: KitVersion) -> None:
        version = kit_versions.review(clocked(active, ops, 120), by=ops, now=NOW)
        kit_versions.sign(version, now=NOW)
        with pytest.raises(InvalidInput, match="to come"):
            services.schedule(version, by=ops, at=NOW, now=NOW)

    def test_one_that_somebody_overtook_goes_back_to_review_and_says_why(
        self, ops: User, active: KitVersion
    ) -> None:
        slow, quick = clocked(active, ops, 120), clocked(active, ops, 60)
        kit_versions.sign(kit_versions.review(slow, by=ops, now=NOW), now=NOW)
        services.schedule(slow, by=ops, at=NOW + HOUR, now=NOW)
        kit_versions.publish(quick, by=ops, now=NOW)
        assert services.publish_due(now=NOW + HOUR) == 0
        slow = KitVersion.objects.get(pk=slow.pk)
        assert (slow.status, slow.effective_from) == (KitStatus.IN_REVIEW, None)
        assert "Rebase it" in slow.setback

    def test_one_edited_behind_the_signers_backs_does_not_come_into_force(
        self, ops: User, active: KitVersion
    ) -> None:
        version = kit_versions.review(clocked(active, ops, 120), by=ops, now=NOW)
        kit_versions.sign(version, now=NOW)
        services.schedule(version, by=ops, at=NOW + HOUR, now=NOW)
        ClockPolicy.objects.filter(kit=version, key="route").update(minutes=1)
        assert services.publish_due(now=NOW + HOUR) == 0
        with pytest.raises(EditedInReview):
            services.publish(version, by=ops, now=NOW)
        assert minutes_in_force() == 240


class TestDeputies:
    def test_a_deputy_signs_for_their_signer_within_the_named_time(
        self, ops: User, active: KitVersion
    ) -> None:
        sam, dora = person("sam", Role.MANAGER), person("dora", Role.AE)
        deputies.name(signer=sam, deputy=dora, starts_at=NOW, ends_at=NOW + HOUR, by=sam, now=NOW)
        version = kit_versions.review(clocked(active, ops, 120), by=ops, now=NOW)
        with pytest.raises(NotAllowed, match="deputy"):
            services.sign(version, party="SALES", by=dora, now=NOW + HOUR)
        signature = services.sign(version, party="SALES", by=dora, now=NOW)
        assert signature.deputy_of == sam
        assert services.consent(version).missing == ("MARKETING",)

    def test_a_deputy_of_both_sides_is_still_one_person(
        self, ops: User, active: KitVersion
    ) -> None:
        sam, mia, dora = (
            person("sam", Role.MANAGER), person("mia", Role.MARKETING), person("dora", Role.AE)
        )  # fmt: skip
        for signer in (sam, mia):
            deputies.name(
                signer=signer, deputy=dora, starts_at=NOW, ends_at=NOW + HOUR, by=signer, now=NOW
            )
        version = kit_versions.review(clocked(active, ops, 120), by=ops, now=NOW)
        services.sign(version, party="SALES", by=dora, now=NOW)
        with pytest.raises(NotAllowed, match="another person"):
            services.sign(version, party="MARKETING", by=dora, now=NOW)

    def test_an_author_does_not_approve_through_a_deputy(self, db: None) -> None:
        sam, dora = person("sam", Role.MANAGER), person("dora", Role.AE)
        active = founding.first_kit(sam)
        deputies.name(signer=sam, deputy=dora, starts_at=NOW, ends_at=NOW + HOUR, by=sam, now=NOW)
        version = kit_versions.review(clocked(active, sam, 120), by=sam, now=NOW)
        with pytest.raises(NotAllowed, match="alone"):
            services.sign(version, party="SALES", by=dora, now=NOW)

    def test_only_the_signer_names_and_ends_a_deputy(self, ops: User) -> None:
        sam, dora = person("sam", Role.MANAGER), person("dora", Role.AE)
        with pytest.raises(NotAllowed):
            deputies.name(
                signer=sam, deputy=dora, starts_at=NOW, ends_at=NOW + HOUR, by=dora, now=NOW
            )
        row = deputies.name(
            signer=sam, deputy=dora, starts_at=NOW + HOUR, ends_at=NOW + 2 * HOUR, by=sam, now=NOW
        )
        deputies.end(row.pk, by=sam, now=NOW)
        assert not deputies.current(at=NOW)
        assert deputies.stood_in_for(dora, at=NOW + HOUR) == []
        with pytest.raises(TooLate):
            deputies.end(row.pk, by=sam, now=NOW)


class TestEmergency:
    REASON = "The pricing page counts every view twice since noon."

    def emergency(self, ops: User, active: KitVersion) -> KitVersion:
        version = clocked(active, ops, 120)
        services.submit(version, by=ops, now=NOW, note="Known.", emergency_reason=self.REASON)
        return version

    def test_it_needs_one_signer_who_is_not_the_author(self, ops: User, active: KitVersion) -> None:
        version = self.emergency(ops, active)
        for signer in (ops, person("root", superuser=True)):
            if signer == ops:
                with pytest.raises(NotAllowed, match="alone"):
                    services.sign(version, party="APPROVER", by=ops, now=NOW)
        with pytest.raises(MissingSignatures, match="Even in an emergency"):
            services.publish(version, by=ops, now=NOW)
        services.sign(version, party="SALES", by=person("sam", Role.MANAGER), now=NOW)
        published = services.publish(version, by=ops, now=NOW)
        assert published.expires_at == NOW + 24 * HOUR
        assert minutes_in_force() == 120
        assert offences() == []

    def test_it_reverts_by_itself_when_nobody_countersigns(
        self, ops: User, active: KitVersion
    ) -> None:
        version = self.emergency(ops, active)
        services.sign(version, party="SALES", by=person("sam", Role.MANAGER), now=NOW)
        services.publish(version, by=ops, now=NOW)
        assert jobs.sweep(NOW + 24 * HOUR - timedelta(seconds=1))["reverted"] == 0
        assert jobs.sweep(NOW + 24 * HOUR)["reverted"] == 1
        assert minutes_in_force() == 240
        reverted = KitVersion.objects.get(status=KitStatus.ACTIVE)
        assert (reverted.number, reverted.restores, reverted.checksum) == (
            3, active, active.checksum,
        )  # fmt: skip
        assert jobs.sweep(NOW + 25 * HOUR)["reverted"] == 0
        assert offences() == []

    def test_countersigned_it_stays(self, ops: User, active: KitVersion) -> None:
        version = self.emergency(ops, active)
        services.sign(version, party="SALES", by=person("sam", Role.MANAGER), now=NOW)
        services.publish(version, by=ops, now=NOW)
        services.sign(version, party="MARKETING", by=person("mia", Role.MARKETING), now=NOW + HOUR)
        assert emergencies.standing() is None
        assert emergencies.revert_expired(now=NOW + 100 * HOUR) is None
        assert minutes_in_force() == 120
        assert offences() == []

    def test_one_that_stands_past_its_time_is_an_offence(
        self, ops: User, active: KitVersion
    ) -> None:
        version = self.emergency(ops, active)
        services.sign(version, party="SALES", by=person("sam", Role.MANAGER), now=NOW)
        services.publish(version, by=ops, now=NOW)
        assert offences(NOW + 25 * HOUR) == [str(version.pk)]

    def test_the_next_version_does_not_make_it_last_unseen(
        self, ops: User, active: KitVersion
    ) -> None:
        version = self.emergency(ops, active)
        services.sign(version, party="SALES", by=person("sam", Role.MANAGER), now=NOW)
        services.publish(version, by=ops, now=NOW)
        harmless = services.draft(
            base=KitVersion.objects.get(pk=version.pk), title="Hours", by=person("otto"), now=NOW
        )
        Calendar.objects.filter(kit=harmless, key="always").update(label="Ever")
        kit_versions.review(harmless, by=ops, now=NOW)
        assert services.consent(harmless).missing == ("SALES", "MARKETING")

    def test_it_says_what_it_is(self, ops: User, active: KitVersion) -> None:
        with pytest.raises(InvalidInput, match="what the emergency is"):
            services.submit(
                clocked(active, ops, 120), by=ops, now=NOW, note="Known.", emergency_reason="help"
            )


class TestRollback:
    def test_the_text_before_is_in_force_again_when_signed(
        self, ops: User, active: KitVersion
    ) -> None:
        kit_versions.publish(clocked(active, ops, 120), by=ops, now=NOW)
        version = rollback.start(by=ops, now=NOW, reason="Too fast for us.")
        assert version.restores == active
        assert minutes_in_force() == 120
        services.sign(version, party="SALES", by=person("sam", Role.MANAGER), now=NOW)
        assert minutes_in_force() == 120
        services.sign(version, party="MARKETING", by=person("mia", Role.MARKETING), now=NOW)
        assert minutes_in_force() == 240
        assert KitVersion.objects.get(status=KitStatus.ACTIVE).number == 3
        assert offences() == []

    def test_a_rollback_that_was_edited_is_a_new_text_and_must_be_simulated(
        self, ops: User, active: KitVersion
    ) -> None:
        kit_versions.publish(clocked(active, ops, 120), by=ops, now=NOW)
        version = rollback.start(by=ops, now=NOW, reason="Too fast for us.")
        services.reopen(version, by=ops, now=NOW)
        ClockPolicy.objects.filter(kit=version, key="route").update(minutes=30)
        with pytest.raises(NotSimulated):
            services.submit(version, by=ops, now=NOW, note="Known.")

    def test_it_goes_both_ways(self, ops: User, active: KitVersion) -> None:
        kit_versions.publish(clocked(active, ops, 120), by=ops, now=NOW)
        kit_versions.sign(rollback.start(by=ops, now=NOW, reason="Back."), now=NOW)
        kit_versions.sign(rollback.start(by=ops, now=NOW, reason="And forth."), now=NOW)
        assert minutes_in_force() == 120

    def test_the_first_version_has_nothing_before_it(self, ops: User, active: KitVersion) -> None:
        with pytest.raises(rollback.NothingBefore):
            rollback.start(by=ops, now=NOW, reason="Back.")


class TestRebase:
    def overtaken(self, ops: User, active: KitVersion) -> KitVersion:
        """A draft that changes a clock, on a base that was replaced by one with another rule."""
        mine = clocked(active, ops, 120)
        theirs = services.draft(base=active, title="Theirs", by=ops, now=NOW)
        Calendar.objects.filter(kit=theirs, key="always").update(label="All day, all night")
        RoutingRule.objects.filter(kit=theirs, key="americas").delete()
        Criterion.objects.filter(kit=theirs, key="icp").update(prose="Fifty to five thousand.")
        kit_versions.publish(theirs, by=ops, now=NOW)
        return mine

    def test_both_sides_changes_stand_and_signatures_are_asked_anew(
        self, ops: User, active: KitVersion
    ) -> None:
        mine = self.overtaken(ops, active)
        with pytest.raises(TooLate, match="Rebase it"):
            kit_versions.review(mine, by=ops, now=NOW)
        mine = rebasing.rebase(mine, by=ops, now=NOW)
        assert Calendar.objects.get(kit=mine, key="always").label == "All day, all night"
        assert not RoutingRule.objects.filter(kit=mine, key="americas").exists()
        kit_versions.publish(mine, by=ops, now=NOW)
        kit = selectors.active_kit()
        assert minutes_in_force() == 120
        assert kit.criterion("icp").prose == "Fifty to five thousand."

    def test_a_part_both_changed_needs_a_choice(self, ops: User, active: KitVersion) -> None:
        mine = self.overtaken(ops, active)
        Criterion.objects.filter(kit=mine, key="icp").update(prose="A hundred and more.")
        before = services.document_of(mine)
        with pytest.raises(rebasing.RebaseConflict) as refusal:
            rebasing.rebase(mine, by=ops, now=NOW)
        assert [fault.field for fault in refusal.value.errors] == ["criterion.icp"]
        assert services.document_of(mine) == before
        rebasing.rebase(mine, by=ops, now=NOW, keep={"criterion.icp": "mine"})
        assert Criterion.objects.get(kit=mine, key="icp").prose == "A hundred and more."

    def test_a_version_in_review_becomes_a_draft(self, ops: User, active: KitVersion) -> None:
        slow = kit_versions.review(clocked(active, ops, 120), by=ops, now=NOW)
        quick = services.draft(base=active, title="Quick", by=ops, now=NOW)
        Calendar.objects.filter(kit=quick, key="always").update(label="Ever")
        kit_versions.publish(quick, by=ops, now=NOW)
        assert rebasing.rebase(slow, by=ops, now=NOW).status == KitStatus.DRAFT
        with pytest.raises(TooLate, match="already"):
            rebasing.rebase(slow, by=ops, now=NOW)


@pytest.mark.django_db(transaction=True)
def test_of_two_versions_published_at_once_one_wins_and_the_other_is_told() -> None:
    ops = person("olivia")
    active = founding.first_kit(ops)
    versions = [clocked(active, ops, minutes) for minutes in (60, 120)]
    for version in versions:
        kit_versions.sign(kit_versions.review(version, by=ops, now=NOW), now=NOW)
    together, outcomes = threading.Barrier(2), []

    def publish(version: KitVersion) -> None:
        together.wait()
        try:
            services.publish(version, by=ops, now=NOW)
            outcomes.append("published")
        except TooLate as refusal:
            outcomes.append(refusal.message)
        finally:
            connection.close()

    threads = [threading.Thread(target=publish, args=[version]) for version in versions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    told = sorted(outcomes, key=len)
    assert told[0] == "published"
    assert "is active now" in told[1]
    assert KitVersion.objects.filter(status=KitStatus.ACTIVE).count() == 1


def offences(now: datetime = NOW) -> list[str]:
    """The ids of published versions that lack consent."""
    found = next(one for one in kit_invariants.INVARIANTS if one.key == "kit.signed")
    return [one.id for one in found.look(Context(now)).offences]


def test_a_version_that_was_overtaken_takes_no_signatures(ops: User, active: KitVersion) -> None:
    slow = kit_versions.review(clocked(active, ops, 120), by=ops, now=NOW)
    kit_versions.publish(clocked(active, ops, 60), by=ops, now=NOW)
    with pytest.raises(TooLate, match="Rebase it"):
        services.sign(slow, party="SALES", by=person("sam", Role.MANAGER), now=NOW)


def test_an_earlier_text_is_put_up_once(ops: User, active: KitVersion) -> None:
    kit_versions.publish(clocked(active, ops, 120), by=ops, now=NOW)
    rollback.start(by=ops, now=NOW, reason="Too fast for us.")
    with pytest.raises(TooLate, match="already, as kit v3"):
        rollback.start(by=ops, now=NOW, reason="Too fast for us.")
