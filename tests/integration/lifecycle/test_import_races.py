"""Two files with the same buyers at once: nothing twice, nothing stuck, every row told."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

import pytest

from leads.models import IdentityKey, Lead, Person, Touch, TouchStatus
from lifecycle.importing import runs, working
from lifecycle.invariants import run as verify
from lifecycle.models import ImportRun
from people.models import User
from tests import factories
from tests.threads import together

pytestmark = pytest.mark.django_db(transaction=True)

DOCUMENT = {
    "system": "fair",
    "exact": True,
    "columns": {"person.last_name": ["Name"], "person.email": ["Mail"], "company.name": ["Firm"]},
}


@pytest.fixture
def company(monkeypatch: pytest.MonkeyPatch) -> factories.Company:
    monkeypatch.setattr(runs.queue, "enqueue", lambda *_, **__: None)
    options = working.Options

    def in_small_batches(live: bool, dry: bool, **more: bool) -> Any:
        return options(live, dry, 12, **more)

    monkeypatch.setattr(working, "Options", in_small_batches)
    return factories.company()


def two_files(by: User) -> list[int]:
    """With the same sixty buyers, each in an order of its own; about to be checked."""
    buyers = [f"N{n},n{n}@c{n // 3}.test,Co {n // 3}" for n in range(60)]
    made = []
    for seed in (1, 2):
        rows = random.Random(seed).sample(buyers, 60)
        text = "\n".join(["Name,Mail,Firm", *rows, ""]).encode()
        made.append(runs.upload([text], name=f"{seed}.csv", by=by).pk)
    for pk in made:
        runs.check(pk, document=DOCUMENT, by=by)
    return made


def test_a_file_is_checked_while_another_with_the_same_buyers_is_imported(
    company: factories.Company,
) -> None:
    imported, checked = two_files(company.marketing)
    working.work(imported)
    runs.start(imported, by=company.marketing)
    assert together([lambda: working.work(imported), lambda: working.work(checked)]) == [None, None]
    assert ImportRun.objects.get(pk=imported).tallies == {"CREATED": 60}
    told = ImportRun.objects.get(pk=checked)
    assert told.state == "READY", told.error
    assert sum(told.tallies.values()) == 60
    assert set(told.tallies) <= {"CREATED", "ATTACHED"}


def test_two_files_with_the_same_buyers_at_once_make_each_of_them_once(
    company: factories.Company,
) -> None:
    made = two_files(company.marketing)
    assert together(lambda pk=pk: working.work(pk) for pk in made) == [None, None]
    assert Person.objects.count() == 0
    for pk in made:
        runs.start(pk, by=company.marketing)
    assert together(lambda pk=pk: working.work(pk) for pk in made) == [None, None]
    tallies: Counter[str] = Counter()
    for row in ImportRun.objects.all():
        assert (row.state, row.done) == ("DONE", 60), row.error
        tallies.update(row.tallies)
    assert tallies == {"CREATED": 60, "ATTACHED": 60}
    assert Lead.objects.count() == Person.objects.count() == IdentityKey.objects.count() == 60
    assert Touch.objects.filter(status=TouchStatus.ADVANCED).count() == 120
    assert not [one.invariant.key for one in verify.check() if one.broken]
