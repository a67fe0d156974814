"""A small company under the playbook, and callers of every kind."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator

import pytest
from django.db import transaction
from pytest_django import DjangoDbBlocker

from core import database
from lifecycle import intake, playbook
from people.models import Role, Shift, Team, User
from routing.models import Pool, PoolMember
from tests import hosted_forms
from tests.callers import Caller, Company, make_key, touch

ROLES = {
    "sdr": Role.SDR,
    "other_sdr": Role.SDR,
    "ae": Role.AE,
    "manager": Role.MANAGER,
    "marketing": Role.MARKETING,
    "revops": Role.REVOPS,
}


@pytest.fixture(scope="module")
def standing_company(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The playbook in force, once a module; each test's own changes are rolled back within."""
    with django_db_blocker.unblock(), transaction.atomic():
        _found()
        yield
        transaction.set_rollback(True)


@pytest.fixture
def company(standing_company: None, db: None) -> Company:
    """One SDR in every pool, always on shift; the others at their desks."""
    return Company({user.username: user for user in User.objects.filter(username__in=ROLES)})


def _found() -> None:
    people = {
        name: User.objects.create_user(name, f"{name}@leadgov.test", "pass-word-1", role=role)
        for name, role in ROLES.items()
    }
    playbook.publish(by=people["revops"], now=database.now())
    hosted_forms.first()
    team = Team.objects.create(name="DACH", manager=people["manager"])
    User.objects.filter(username__in=["sdr", "ae", "manager"]).update(team=team)
    for pool in Pool.objects.all():
        PoolMember.objects.create(pool=pool, user=people["sdr"])
    for day in range(7):
        Shift.objects.create(user=people["sdr"], weekday=day, starts=dt.time(0), ends=dt.time(0))


@pytest.fixture
def key_of(db: None) -> Callable[[str], Caller]:
    """A caller with a fresh key of that scope."""
    made: dict[str, Caller] = {}

    def caller(scope: str) -> Caller:
        if scope not in made:
            made[scope] = Caller(key=make_key(f"{scope.lower()}-key", scope))
        return made[scope]

    return caller


@pytest.fixture
def mql(company: Company) -> str:
    """A fresh MQL in the SDR's hands."""
    [answer] = intake.capture([touch()], scope="tests", keys=["first"])
    assert answer.receipt is not None
    assert answer.receipt["stage"] == "MQL", answer.receipt
    return str(answer.receipt["lead"])
