"""Drafts are signed and published once, and only by those who may."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection, transaction

from core.errors import NotAllowed, TooLate
from governance import selectors, services
from governance.kit import KitInvalid
from governance.models import Calendar, Criterion, KitStatus, KitVersion, ScoreBand
from governance.requirements import EditedInReview
from governance.signing import MissingSignatures
from lifecycle import playbook
from people.models import Role, User
from routing.models import Pool
from tests import founding, kit_versions

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def person(name: str, role: str = Role.REVOPS, *, superuser: bool = False) -> User:
    return founding.person(name, role, is_superuser=superuser)


def first(by: User) -> KitVersion:
    return founding.first_kit(by, text=playbook.document())


def playbook_draft(by: User) -> KitVersion:
    document = playbook.document()
    parts = document["parts"]
    for rule in (*parts["routing_rule"], *parts["quality_floor"]):
        Pool.objects.get_or_create(key=rule["pool"], defaults={"label": rule["label"]})
    return services.draft_from_document(document, title="First", by=by, now=NOW)


@pytest.fixture
def ops(db: None) -> User:
    return person("olivia")


def test_the_first_kit_needs_one_signature_of_anyone_who_may(ops: User) -> None:
    version = services.submit(playbook_draft(ops), by=ops, now=NOW, note="The first.")
    with pytest.raises(MissingSignatures):
        services.publish(version, by=ops, now=NOW)
    services.sign(version, party="APPROVER", by=ops, now=NOW)
    services.publish(version, by=ops, now=NOW)
    kit = selectors.active_kit()
    assert (kit.id, kit.number) == (version.pk, 1)
    assert kit.criterion("icp").proof == "FACTS"


def test_there_is_no_active_kit_before_the_first_publishing(db: None) -> None:
    with pytest.raises(selectors.NoActiveKit):
        selectors.active_kit()


def test_the_warm_active_kit_costs_one_query(ops: User, django_assert_num_queries: Any) -> None:
    first(ops)
    selectors.active_kit()
    with django_assert_num_queries(1):
        selectors.active_kit()


def edited(ops: User, *, both: bool) -> KitVersion:
    version = services.draft(base=first(ops), title="Second", by=ops, now=NOW)
    if both:
        Criterion.objects.filter(kit=version, key="icp").update(label="Ideal customer")
    else:
        Calendar.objects.filter(kit=version).update(label="Round the clock")
    return kit_versions.review(version, by=ops, now=NOW)


def test_a_changed_definition_needs_sales_and_marketing_by_two_people(ops: User) -> None:
    version = edited(ops, both=True)
    sales, marketing = person("sam", Role.MANAGER), person("mia", Role.MARKETING)
    services.sign(version, party="SALES", by=sales, now=NOW)
    with pytest.raises(MissingSignatures, match="Missing: Marketing"):
        services.publish(version, by=ops, now=NOW)
    services.sign(version, party="MARKETING", by=marketing, now=NOW)
    services.publish(version, by=ops, now=NOW)
    assert KitVersion.objects.get(number=1).status == KitStatus.RETIRED
    assert selectors.active_kit().number == 2
    assert selectors.kit_of(version.base_id or 0).number == 1


def test_one_person_cannot_sign_for_both_parties(ops: User) -> None:
    version = edited(ops, both=True)
    boss = person("bo", superuser=True)
    services.sign(version, party="SALES", by=boss, now=NOW)
    with pytest.raises(NotAllowed, match="another person"):
        services.sign(version, party="MARKETING", by=boss, now=NOW)


def test_the_only_author_cannot_sign_their_own_draft(ops: User) -> None:
    version = edited(ops, both=False)
    with pytest.raises(NotAllowed, match="somebody else"):
        services.sign(version, party="APPROVER", by=ops, now=NOW)


@pytest.mark.parametrize(
    ("role", "party"),
    [
        (Role.SDR, "SALES"), (Role.MARKETING, "SALES"), (Role.MANAGER, "MARKETING"),
        (Role.AE, "APPROVER"), (Role.SERVICE, "APPROVER"), (Role.REVOPS, "SALES"),
    ],
)  # fmt: skip
def test_only_the_party_s_role_signs_for_it(ops: User, role: str, party: str) -> None:
    version = edited(ops, both=False)
    with pytest.raises(NotAllowed, match="takes the role"):
        services.sign(version, party=party, by=person("nina", role), now=NOW)


def test_an_edit_makes_signatures_void(ops: User) -> None:
    version = edited(ops, both=True)
    services.sign(version, party="SALES", by=person("sam", Role.MANAGER), now=NOW)
    services.sign(version, party="MARKETING", by=person("mia", Role.MARKETING), now=NOW)
    Criterion.objects.filter(kit=version, key="icp").update(label="Something else")
    with pytest.raises(EditedInReview, match="edited after"):
        services.publish(version, by=ops, now=NOW)
    kit_versions.review(services.reopen(version, by=ops, now=NOW), by=ops, now=NOW)
    with pytest.raises(MissingSignatures, match="2 earlier signatures were given for another"):
        services.publish(version, by=ops, now=NOW)


def test_signing_a_text_that_was_edited_since_it_was_read_is_refused(ops: User) -> None:
    version = edited(ops, both=True)
    seen = services.checksum(services.document_of(version))
    Criterion.objects.filter(kit=version, key="icp").update(label="Something else")
    with pytest.raises(TooLate, match="edited since"):
        services.sign(version, party="SALES", by=person("sam", Role.MANAGER), now=NOW, seen=seen)


def test_parts_without_definitions_need_one_approver_who_is_no_author(ops: User) -> None:
    version = edited(ops, both=False)
    with pytest.raises(MissingSignatures, match="One approver"):
        services.publish(version, by=ops, now=NOW)
    services.sign(version, party="APPROVER", by=person("rob"), now=NOW)
    assert services.publish(version, by=ops, now=NOW).status == KitStatus.ACTIVE


def test_a_draft_whose_base_was_replaced_is_too_late(ops: User) -> None:
    base = first(ops)
    slow = services.draft(base=base, title="Slow", by=ops, now=NOW)
    quick = services.draft(base=base, title="Quick", by=ops, now=NOW)
    approver = person("rob")
    for version in (slow, quick):
        Calendar.objects.filter(kit=version).update(label=version.title)
        kit_versions.review(version, by=ops, now=NOW)
        services.sign(version, party="APPROVER", by=approver, now=NOW)
    services.publish(quick, by=ops, now=NOW)
    with pytest.raises(TooLate) as refusal:
        services.publish(slow, by=ops, now=NOW)
    assert refusal.value.state == {"active": quick.number}


def test_a_kit_that_cannot_be_executed_is_not_put_up_for_review(ops: User) -> None:
    version = playbook_draft(ops)
    icp = Criterion.objects.filter(kit=version, key="icp")
    icp.update(proof="CHECKLIST", checklists=["bantt"])
    ScoreBand.objects.filter(kit=version).delete()
    with pytest.raises(KitInvalid) as refusal:
        services.submit(version, by=ops, now=NOW)
    assert {fault.field for fault in refusal.value.errors} >= {
        "criterion.icp.checklists", "score_band",
    }  # fmt: skip


def test_a_withdrawn_draft_is_neither_signed_nor_published(ops: User) -> None:
    version = edited(ops, both=False)
    services.withdraw(version, by=ops, now=NOW)
    for act in (
        lambda: services.sign(version, party="APPROVER", by=ops, now=NOW),
        lambda: services.publish(version, by=ops, now=NOW),
        lambda: services.withdraw(version, by=ops, now=NOW),
    ):
        with pytest.raises(TooLate, match="withdrawn already"):
            act()


def test_copies_are_equal_to_their_source_and_have_history(ops: User) -> None:
    base = first(ops)
    copy = services.draft(base=base, title="Copy", by=ops, now=NOW)
    assert services.document_of(copy) == base.document
    assert services.checksum(services.document_of(copy)) == base.checksum
    record = Criterion.history.get(kit_id=copy.pk, key="icp")
    assert (record.history_user, record.history_type) == (ops, "+")


@pytest.mark.django_db(transaction=True)
def test_of_two_publishers_at_once_one_is_too_late() -> None:
    ops = person("olivia")
    version = edited(ops, both=False)
    services.sign(version, party="APPROVER", by=person("rob"), now=NOW)
    outcomes: list[str] = []
    together = threading.Barrier(2)

    def publish() -> None:
        together.wait()
        try:
            services.publish(version, by=ops, now=NOW)
            outcomes.append("published")
        except TooLate as refusal:
            outcomes.append(refusal.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=publish) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["published", "too_late"]
    assert KitVersion.objects.filter(status=KitStatus.ACTIVE).count() == 1


@pytest.mark.django_db(transaction=True)
def test_publishing_waits_for_whoever_works_under_the_active_kit() -> None:
    ops = person("olivia")
    version = edited(ops, both=False)
    services.sign(version, party="APPROVER", by=person("rob"), now=NOW)
    published = threading.Event()

    def publish() -> None:
        try:
            services.publish(version, by=ops, now=NOW)
            published.set()
        finally:
            connection.close()

    with transaction.atomic():
        assert selectors.active_kit().number == 1
        publisher = threading.Thread(target=publish)
        publisher.start()
        assert not published.wait(0.3)
        assert selectors.active_kit().number == 1
    publisher.join()
    assert published.is_set()
    assert selectors.active_kit().number == 2


@pytest.mark.django_db(transaction=True)
def test_publishing_gives_up_when_somebody_works_for_too_long() -> None:
    ops = person("olivia")
    version = edited(ops, both=False)
    services.sign(version, party="APPROVER", by=person("rob"), now=NOW)
    outcomes: list[object] = []

    def publish() -> None:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = 50")
            services.publish(version, by=ops, now=NOW)
        except services.KitBusy as refusal:
            outcomes.append(refusal.status)
        finally:
            connection.close()

    with transaction.atomic():
        selectors.active_kit()
        publisher = threading.Thread(target=publish)
        publisher.start()
        publisher.join()
    assert outcomes == [503]
    assert services.publish(version, by=ops, now=NOW).status == KitStatus.ACTIVE


def edit_as(author: User, part: Calendar | Criterion) -> None:
    part.label = f"Edited by {author}"
    part._history_user = author
    part.save(update_fields=["label"])


def test_one_of_several_authors_may_sign_for_their_side(ops: User) -> None:
    version = edited(ops, both=True)
    sales, marketing = person("sam", Role.MANAGER), person("mia", Role.MARKETING)
    services.reopen(version, by=ops, now=NOW)
    edit_as(sales, Criterion.objects.get(kit=version, key="icp"))
    kit_versions.review(version, by=ops, now=NOW)
    services.sign(version, party="SALES", by=sales, now=NOW)
    services.sign(version, party="MARKETING", by=marketing, now=NOW)
    assert services.publish(version, by=ops, now=NOW).status == KitStatus.ACTIVE


def test_an_approver_who_wrote_a_part_does_not_count(ops: User) -> None:
    version = services.draft(base=first(ops), title="Second", by=ops, now=NOW)
    approver = person("rob")
    edit_as(approver, Calendar.objects.get(kit=version, key="always"))
    kit_versions.review(version, by=ops, now=NOW)
    with pytest.raises(NotAllowed, match="wrote a part"):
        services.sign(version, party="APPROVER", by=approver, now=NOW)
    with pytest.raises(MissingSignatures, match="did not write"):
        services.publish(version, by=ops, now=NOW)
    services.sign(version, party="SALES", by=person("sam", Role.MANAGER), now=NOW)
    assert services.publish(version, by=ops, now=NOW).status == KitStatus.ACTIVE


def test_whoever_does_not_work_on_kits_can_neither_publish_nor_withdraw(ops: User) -> None:
    version, stranger = edited(ops, both=False), person("sid", Role.SDR)
    for act in (services.publish, services.withdraw):
        with pytest.raises(NotAllowed):
            act(version, by=stranger, now=NOW)
