"""How many signatures await somebody: only those that would count."""

from __future__ import annotations

from datetime import UTC, datetime

from governance import services, waiting
from governance.models import ClockPolicy, KitVersion
from lifecycle import playbook
from people.models import Role, User
from tests import kit_versions

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def test_a_version_that_was_overtaken_waits_for_nobody(db: None) -> None:
    ops = User.objects.create(username="olivia", email="o@example.com", role=Role.REVOPS)
    sales = User.objects.create(username="sam", email="s@example.com", role=Role.MANAGER)
    active = playbook.publish(by=ops, now=NOW, text=kit_versions.rules())
    made: list[KitVersion] = []
    for minutes in (60, 120):
        version = services.draft(base=active, title=str(minutes), by=ops, now=NOW)
        ClockPolicy.objects.filter(kit=version, key="route").update(minutes=minutes)
        made.append(version)
    kit_versions.review(made[0], by=ops, now=NOW)
    assert len(waiting.for_person(sales, at=NOW).read().versions) == 1
    kit_versions.publish(made[1], by=ops, now=NOW)
    assert len(waiting.for_person(sales, at=NOW).read().versions) == 0
