"""A company whose people sign kits, and the ways a version of the kit goes among them.

people = kit_house.found(); active = kit_house.first_kit(people)
version = kit_house.in_review(kit_house.clocked(active, people["olivia"], 120), people)
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from governance import services
from governance.models import ClockPolicy, KitOutbox, KitVersion
from lifecycle import kit_notices
from lifecycle.models import KitNews, Notice
from people.models import Role, User
from tests import founding, kit_versions

NOW = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
EMERGENCY = "The pricing page counts every view twice since noon."

People = dict[str, User]


def found() -> People:
    """Olivia writes kits; two managers, one marketer, another of RevOps, and who has no say."""
    roles: dict[str, dict[str, Any]] = {
        "olivia": {"role": Role.REVOPS},
        "arthur": {"role": Role.REVOPS},
        "sally": {"role": Role.MANAGER},
        "sam": {"role": Role.MANAGER},
        "mark": {"role": Role.MARKETING},
        "dora": {"role": Role.AE},
        "sid": {"role": Role.SDR},
        "root": {"role": Role.SDR, "is_superuser": True},
        "gone": {"role": Role.MANAGER, "is_active": False},
        "robot": {"role": Role.SERVICE},
    }
    return {
        name: founding.person(name, first_name=name.title(), **columns)
        for name, columns in roles.items()
    }


def first_kit(people: People) -> KitVersion:
    """The playbook in force, of which nobody is told any more."""
    version = founding.first_kit(people["olivia"])
    KitOutbox.objects.update(done_at=NOW)
    return version


def clocked(base: KitVersion, by: User, minutes: int) -> KitVersion:
    """A draft with another time for a clock: Sales and Marketing must sign it."""
    version = services.draft(base=base, title=f"{minutes} minutes", by=by, now=NOW)
    ClockPolicy.objects.filter(kit=version, key="route").update(minutes=minutes)
    return version


def drained(now: dt.datetime = NOW) -> int:
    """How many steps were told; none may fail."""
    done = kit_notices.drain(now=now)
    assert done.failed == 0, list(KitOutbox.objects.values_list("last_error", flat=True))
    return done.done


def told(kind: KitNews, *, part: str | None = None) -> set[str]:
    """The names of everybody who has a notice of that kind, nobody twice."""
    rows = Notice.objects.filter(kind=kind)
    if part:
        rows = rows.filter(words__part=part)
    names = list(rows.values_list("to__username", flat=True))
    assert len(names) == len(set(names))
    return set(names)


def in_review(version: KitVersion, people: People) -> KitVersion:
    """Simulated, submitted by Olivia, and told."""
    version = kit_versions.review(version, by=people["olivia"], now=NOW)
    drained()
    return version


def signed(version: KitVersion, people: People, *names: str) -> None:
    """Signed by these people."""
    parties = {"sally": "SALES", "sam": "SALES", "mark": "MARKETING"}
    for name in names:
        services.sign(version, party=parties[name], by=people[name], now=NOW)


def scheduled(draft: KitVersion, people: People) -> KitVersion:
    """Signed by both sides, scheduled by Sam for an hour later, and told."""
    in_review(draft, people)
    signed(draft, people, "sally", "mark")
    services.schedule(draft, by=people["sam"], at=NOW + HOUR, now=NOW)
    drained()
    return draft


def emergency(draft: KitVersion, people: People) -> KitVersion:
    """In force with Sally's signature only, and told."""
    services.submit(draft, by=people["olivia"], now=NOW, note="Known.", emergency_reason=EMERGENCY)
    drained()
    signed(draft, people, "sally")
    published = services.publish(draft, by=people["olivia"], now=NOW)
    drained()
    return published
