"""What is stored, cloned or written to YAML says the same, whatever it says."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings

from governance import change_words, documents, facts, kit_yaml, services
from governance.models import KitVersion
from lifecycle import playbook
from people.models import Role, User
from tests import every_kind, kit_documents

NOW = dt.datetime(2026, 3, 3, 10, 0, tzinfo=dt.UTC)


@pytest.fixture
def ops(db: None) -> User:
    return User.objects.create(username="ops", email="ops@example.com", role=Role.REVOPS)


def stored(document: dict[str, Any], by: User) -> KitVersion:
    return services.draft_from_document(document, title="Any", by=by, now=NOW)


def says(version: KitVersion) -> tuple[str, str]:
    """The checksum of a version's text, and its YAML."""
    document = services.document_of(version)
    return services.checksum(document), kit_yaml.dump(document)


def test_any_document_is_stored_cloned_and_written_the_same(ops: User) -> None:
    @given(document=kit_documents.every_kind())
    @settings(
        max_examples=8,
        deadline=None,
        phases=[Phase.explicit, Phase.reuse, Phase.generate],  # shrinking would write for minutes
        suppress_health_check=list(HealthCheck),
    )
    def same(document: dict[str, Any]) -> None:
        with transaction.atomic():
            version = stored(document, ops)
            assert services.document_of(version) == document
            clone = services.draft(base=version, title="Clone", by=ops, now=NOW)
            again = stored(kit_yaml.read(kit_yaml.dump(document)), ops)
            assert says(version) == says(clone) == says(again)
            transaction.set_rollback(True)

    same()


def test_a_clone_without_a_change_has_the_checksum_and_no_difference(ops: User) -> None:
    base = stored(every_kind.document(), ops)
    clone = services.draft(base=base, title="Clone", by=ops, now=NOW)
    assert says(clone) == says(base)
    assert not change_words.between(
        services.document_of(base), services.document_of(clone), facts.registry
    )
    key = services.document_of(clone)["parts"]["score_band"][0]["key"]
    clone.governance_scoreband_parts.filter(key=key).update(label="Other")  # type: ignore[attr-defined]
    assert says(clone)[0] != says(base)[0]


def test_the_playbook_is_stored_as_it_is_written(ops: User) -> None:
    version = stored(playbook.document(), ops)
    assert says(version)[1] == playbook.PATH.read_text(encoding="utf-8")
    assert services.document_of(version) == documents.completed(playbook.document())
