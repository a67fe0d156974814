"""What was published never changes: on no path, for no kind of part."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import DatabaseError, connection, models, transaction

from governance import kit as kits
from governance import services
from governance.models import KitPart, KitStatus, KitVersion, ScoreBand
from governance.models.part import part_models
from lifecycle import playbook
from people.models import Role, User
from tests import every_kind, founding

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
PARTS = part_models()
REFUSED = "published kit"


@pytest.fixture
def ops(db: None) -> User:
    return founding.person("olivia")


@pytest.fixture
def active(ops: User) -> KitVersion:
    return founding.first_kit(ops, text=every_kind.document())


@pytest.fixture(params=[KitStatus.ACTIVE, KitStatus.RETIRED])
def published(request: pytest.FixtureRequest, active: KitVersion) -> KitVersion:
    """A version that is in force, or was."""
    KitVersion.objects.filter(pk=active.pk).update(status=request.param)
    return active


def is_refused(act: Callable[[], object]) -> bool:
    try:
        with transaction.atomic():
            act()
    except DatabaseError as refusal:
        return REFUSED in str(refusal)
    return False


def writes(model: type[KitPart], kit: KitVersion) -> dict[str, Callable[[], object]]:
    """Every way there is to write a part of this kind."""
    rows: models.QuerySet[Any] = model._default_manager.filter(kit=kit)
    row, fresh = rows.order_by("pk").first(), rows.order_by("pk").first()
    fresh.pk, fresh.key, fresh._state.adding = None, "another", True
    row.position = 77
    table = model._meta.db_table

    def sql(statement: str) -> Callable[[], object]:
        return lambda: connection.cursor().execute(statement, [kit.pk])

    return {
        "save": lambda: row.save(update_fields=["position"]),
        "update": lambda: rows.update(position=77),
        "rename": lambda: rows.update(key="renamed"),
        "bulk_update": lambda: model._default_manager.bulk_update([row], ["position"]),
        "bulk_create": lambda: model._default_manager.bulk_create([fresh]),
        "delete a row": row.delete,
        "delete all": rows.delete,
        "SQL update": sql(f"UPDATE {table} SET position = 77 WHERE kit_id = %s"),
        "SQL delete": sql(f"DELETE FROM {table} WHERE kit_id = %s"),
    }


def test_every_kind_of_part_is_in_the_kit_and_so_in_this_test(active: KitVersion) -> None:
    assert set(services.document_of(active)["parts"]) == {model.kind for model in PARTS}


def test_a_published_part_cannot_be_written_on_any_path(published: KitVersion) -> None:
    passed = [
        (model.kind, path)
        for model in PARTS
        for path, act in writes(model, published).items()
        if not is_refused(act)
    ]
    assert passed == []


def test_no_part_moves_into_or_out_of_a_published_kit(ops: User, active: KitVersion) -> None:
    draft = services.draft(base=active, title="Next", by=ops, now=NOW)
    for model in PARTS:
        inside = model._default_manager.filter(kit=active)
        outside = model._default_manager.filter(kit=draft)
        outside.update(key=models.functions.Concat(models.Value("x"), "key"))
        assert is_refused(lambda rows=inside: rows.update(kit=draft)), model.kind
        assert is_refused(lambda rows=outside: rows.update(kit=active)), model.kind
        assert outside.update(position=3) > 0


@pytest.mark.parametrize(
    "changes",
    [
        {"document": {"schema": 1, "parts": {}}}, {"checksum": "0" * 64}, {"number": 99},
        {"published_at": datetime(2020, 1, 1, tzinfo=UTC)}, {"published_by": None},
        {"status": KitStatus.DRAFT}, {"status": KitStatus.WITHDRAWN}, {"title": "Other"},
        {"notes": "Other"}, {"created_at": datetime(2020, 1, 1, tzinfo=UTC)},
        {"submitted_checksum": "0" * 64}, {"effective_from": datetime(2020, 1, 1, tzinfo=UTC)},
    ],
    ids=lambda changes: next(iter(changes)),
)  # fmt: skip
def test_a_published_version_itself_stays_as_it_is(
    active: KitVersion, changes: dict[str, Any]
) -> None:
    with pytest.raises(DatabaseError, match="was published"), transaction.atomic():
        KitVersion.objects.filter(pk=active.pk).update(**changes)


def test_a_retired_version_never_comes_back(active: KitVersion) -> None:
    KitVersion.objects.filter(pk=active.pk).update(status=KitStatus.RETIRED)
    with pytest.raises(DatabaseError, match="was published"), transaction.atomic():
        KitVersion.objects.filter(pk=active.pk).update(status=KitStatus.ACTIVE)


def test_no_unsigned_text_comes_into_force_by_sql(ops: User, active: KitVersion) -> None:
    draft = services.draft(base=active, title="Next", by=ops, now=NOW)
    text = services.document_of(draft)
    with transaction.atomic():
        KitVersion.objects.filter(pk=active.pk).update(status=KitStatus.RETIRED)
        KitVersion.objects.filter(pk=draft.pk).update(
            status=KitStatus.ACTIVE, document=text, checksum="f" * 64
        )
        with pytest.raises(DatabaseError, match="bears no signature"), transaction.atomic():
            connection.cursor().execute("SET CONSTRAINTS ALL IMMEDIATE")
        transaction.set_rollback(True)


def declare(name: str, base: type[KitPart], **more: Any) -> None:
    """Declare a kind of part as a module would."""
    type(name, (base,), {"__module__": "governance.models", "kind": name.lower(), **more})


def test_a_kind_of_part_cannot_leave_the_guards_behind() -> None:
    own_meta = type("Meta", (), {"app_label": "governance"})
    with pytest.raises(TypeError, match=r"class Meta\(KitPart.Meta\)"):
        declare("Loose", KitPart, Meta=own_meta)
    assert part_models() == PARTS


def test_a_kind_of_part_is_no_child_of_another() -> None:
    with pytest.raises(TypeError, match="inherit KitPart itself"):
        declare("Hotter", ScoreBand)
    assert part_models() == PARTS


def test_versions_and_signatures_cannot_be_deleted(active: KitVersion) -> None:
    for rows in (
        KitVersion.objects.filter(pk=active.pk),
        active.signatures.all(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            rows._raw_delete(rows.db)  # type: ignore[attr-defined]  # past Django's own guards
    with pytest.raises(DatabaseError), transaction.atomic():
        active.signatures.update(checksum="0" * 64)


def test_the_checksum_is_that_of_the_stored_document(active: KitVersion) -> None:
    stored = KitVersion.objects.get(pk=active.pk)
    assert stored.document is not None
    assert kits.checksum(stored.document) == stored.checksum
    assert stored.document == services.document_of(stored)


def test_a_draft_is_free_to_change(ops: User, active: KitVersion) -> None:
    draft = services.draft(base=active, title="Next", by=ops, now=NOW)
    for model in PARTS:
        rows = model._default_manager.filter(kit=draft)
        assert rows.update(position=5) == rows.count() > 0
        rows.delete()
    assert services.document_of(draft) == {"schema": 1, "parts": {}}


@pytest.mark.django_db(transaction=True)
def test_a_part_edited_while_its_kit_is_published_is_in_it_or_refused() -> None:
    ops = User.objects.create(username="olivia", email="olivia@example.com", role=Role.REVOPS)
    draft = services.submit(playbook_draft(ops), by=ops, now=NOW, note="The first.")
    services.sign(draft, party="APPROVER", by=ops, now=NOW)
    locked, outcome = threading.Event(), []

    def edit() -> None:
        locked.wait()
        try:
            ScoreBand.objects.filter(kit=draft, key="hot").update(label="Boiling")
            outcome.append("written")
        except DatabaseError:
            outcome.append("refused")
        finally:
            connection.close()

    editor = threading.Thread(target=edit)
    editor.start()
    with transaction.atomic():
        services.publish(draft, by=ops, now=NOW)
        locked.set()
        editor.join(timeout=0.5)
        assert editor.is_alive()
    editor.join()
    assert outcome == ["refused"]
    stored = KitVersion.objects.get(pk=draft.pk)
    rows = {band.key: band.label for band in ScoreBand.objects.filter(kit=draft)}
    assert rows == {one["key"]: one["label"] for one in stored.document["parts"]["score_band"]}


def playbook_draft(by: User) -> KitVersion:
    version = services.draft_from_document(playbook.document(), title="First", by=by, now=NOW)
    playbook.make_pools(version)
    return version
