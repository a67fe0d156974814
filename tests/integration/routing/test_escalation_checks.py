"""What is said against levels that act because of the people there are: each message, and none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from governance.findings import Severity
from people.models import Team, User
from routing import escalation_checks
from routing.models import Pool, PoolMember
from tests import factories
from tests.factories import NOW
from tests.kit_findings import compiled, put

LABEL = "RevOps, because the process did not hold"
Said = list[tuple[str, str, str, Severity]]

pytestmark = pytest.mark.django_db


def said(**level: Any) -> Said:
    """Code, field, message and weight of what is found where the last level does this."""
    kit = compiled(put("escalation_level", "revops", **level))
    place = "escalation_level.revops."
    return [
        (one.code, one.field.removeprefix(place), one.message, one.severity)
        for one in escalation_checks.of_people(kit, NOW)
    ]


def users(**values: Any) -> None:
    User.objects.filter(role="SDR").update(**values)


def nothing() -> None:
    """As the company stands."""


def zero_caps() -> None:
    PoolMember.objects.update(open_cap=0)


def gone() -> None:
    users(is_active=False)


def without_manager() -> None:
    Pool.objects.filter(key="dach").update(manager=None)


def manager_gone() -> None:
    User.objects.filter(username="mia").update(is_active=False)


def many_reps() -> None:
    for name in ("cleo", "dora"):
        factories.rep(name, pools=["dach"])


def one_backup() -> None:
    User.objects.filter(username="anna").update(backup=User.objects.get(username="ben"))


def all_backups() -> None:
    users(backup=User.objects.get(username="mia"))


def leads_itself() -> None:
    Team.objects.update(manager=User.objects.get(username="ben"))


ERROR, WARNING = Severity.ERROR, Severity.WARNING
SENDS = f"can ever take what “{LABEL}” sends."
ANSWERS = f"Nobody answers for what “{LABEL}” leaves in the queue of “DACH”."
REACHES = f"“{LABEL}” reaches nobody for leads of"
UNNAMED, UNLED = "no backup is named.", "no active manager leads their team."

CASES: list[tuple[Callable[[], None], dict[str, Any], Said]] = [
    (nothing, {"act": "", "pool": ""}, []),
    (nothing, {"act": "GIVE_ANEW"}, []),
    (nothing, {"act": "POOL", "pool": "dach"}, []),
    (nothing, {"act": "POOL", "pool": "dahc"},
     [("unresolved", "pool", "“dahc” is no pool.", ERROR)]),
    (nothing, {"act": "QUEUE", "pool": "dahc"},
     [("unresolved", "pool", "“dahc” is no pool.", ERROR)]),
    (nothing, {"act": "POOL", "pool": "americas"},
     [("reaches_nobody", "pool", f"Nobody of the pool “Americas” {SENDS}", ERROR)]),
    (zero_caps, {"act": "POOL", "pool": "dach"},
     [("reaches_nobody", "pool", f"Nobody of the pool “DACH” {SENDS}", ERROR)]),
    (gone, {"act": "POOL", "pool": "dach"},
     [("reaches_nobody", "pool", f"Nobody of the pool “DACH” {SENDS}", ERROR)]),
    (nothing, {"act": "QUEUE", "pool": "dach"}, []),
    (zero_caps, {"act": "QUEUE", "pool": "dach"}, []),
    (without_manager, {"act": "QUEUE", "pool": "dach"},
     [("reaches_nobody", "pool", ANSWERS, ERROR)]),
    (manager_gone, {"act": "QUEUE", "pool": "dach"},
     [("reaches_nobody", "pool", ANSWERS, ERROR)]),
    (nothing, {"act": "BACKUP", "rep": "anna"}, []),
    (nothing, {"act": "BACKUP", "rep": "hanna"},
     [("unresolved", "rep", "“hanna” is no user name of anybody here.", ERROR)]),
    (gone, {"act": "BACKUP", "rep": "anna"},
     [("inactive_rep", "rep", f"Anna, whom “{LABEL}” names, is inactive.", WARNING)]),
    (nothing, {"act": "BACKUP"},
     [("reaches_nobody", "act", f"{REACHES} Anna, Ben: {UNNAMED}", WARNING)]),
    (one_backup, {"act": "BACKUP"},
     [("reaches_nobody", "act", f"{REACHES} Ben: {UNNAMED}", WARNING)]),
    (many_reps, {"act": "BACKUP"},
     [("reaches_nobody", "act", f"{REACHES} Anna, Ben, Cleo and others: {UNNAMED}", WARNING)]),
    (all_backups, {"act": "BACKUP"}, []),
    (nothing, {"act": "MANAGER"}, []),
    (many_reps, {"act": "MANAGER"},
     [("reaches_nobody", "act", f"{REACHES} Cleo, Dora: {UNLED}", WARNING)]),
    (manager_gone, {"act": "MANAGER"},
     [("reaches_nobody", "act", f"{REACHES} Anna, Ben: {UNLED}", WARNING)]),
    (leads_itself, {"act": "MANAGER"},
     [("reaches_nobody", "act", f"{REACHES} Ben: {UNLED}", WARNING)]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("people", "level", "expected"),
    CASES,
    ids=[f"{people.__name__}-{'-'.join(map(str, level.values()))}" for people, level, _ in CASES],
)
def test_a_level_that_can_reach_nobody_is_told(
    people: Callable[[], None], level: dict[str, Any], expected: Said
) -> None:
    factories.company()
    people()
    assert said(**level) == expected


def test_a_name_mistyped_is_told_with_the_nearest() -> None:
    factories.company()
    kit = compiled(put("escalation_level", "revops", act="BACKUP", rep="hanna"))
    (found,) = escalation_checks.of_people(kit, NOW)
    assert found.fix == "Did you mean “anna”?"


def test_before_the_first_kit_nothing_is_asked_of_people() -> None:
    assert said(act="POOL", pool="nowhere") == []
