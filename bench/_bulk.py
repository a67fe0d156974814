"""Batches through the pipeline, beside the same rows by COPY."""

from __future__ import annotations

import random
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from django.core.management import call_command
from django.db import connection, models, transaction

from bench import _company, _crowd, _phases, _place
from bench._place import NOTHING, Spent
from core import database
from leads.models import Touch
from lifecycle import intake, pipeline
from people.models import User

KNOWN = 0.15
"""The share of touches of buyers who are there already."""
Bounds: TypeAlias = "dict[type[models.Model], str]"


@dataclass(frozen=True, slots=True)
class Load:
    """How much is measured: rounds of batches of so many touches."""

    rounds: int
    batches: int
    size: int


@dataclass(slots=True)
class Round:
    """One round: what the pipeline spent, and what COPY spent on the same rows.

    `bare` is without foreign keys and triggers, which no product table is.
    """

    touches: int
    rows: int
    pipeline: Spent
    copy: Spent
    bare: Spent
    phases: dict[str, float] = field(default_factory=dict)


def measure(sizes: Sequence[int], load: Load, *, keep: str, verify: bool) -> None:
    """Print a line for each number of existing leads, and where the time went."""
    told = False
    results: dict[int, list[Round]] = {}
    for group in ([size for size in sizes if not size], [size for size in sizes if size]):
        if not group:
            continue
        # The empty one is always a database of its own: in the other, leads stay.
        with _place.database(keep if group[0] else ""):
            if not told:
                print(_place.facts(), flush=True)
                told = True
            boss = User.objects.filter(username="rita").first() or _company.found(
                now=database.now() - 2 * _crowd.PAST
            )
            for size in group:
                if size:
                    _crowd.grow(size, boss=boss)
                results[size] = list(_rounds(load, crowd=bool(size)))
                _tell(size, results[size], first=len(results) == 1)
            if verify:
                call_command("verify")
    _tell_phases(results)


def _rounds(load: Load, *, crowd: bool) -> Iterator[Round]:
    chance = random.Random()
    _through(chance, min(load.size, 500), 1, crowd=crowd)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # as the database does by itself after a minute
    for _ in range(load.rounds):
        before = _ids()
        phases = _phases.Phases()
        with phases.watched():
            spent = _through(chance, load.size, load.batches, crowd=crowd)
        bounds = {model: f"WHERE {_key(model)} > {last}" for model, last in before.items()}
        (bare, rows), (guarded, _) = _copied(bounds)
        yield Round(load.size * load.batches, rows, spent, guarded, bare, phases.seconds)


def _through(chance: random.Random, size: int, batches: int, *, crowd: bool) -> Spent:
    """Receive and advance, as an import or a batch of the API does."""
    total = NOTHING
    start = Touch.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    for number in range(batches):
        first = start + number * size
        bodies = [_body(chance, first + place, crowd=crowd) for place in range(size)]
        keys = [f"bench-{first + place}" for place in range(size)]
        began = _place.spent(_place.backends())
        received = intake.receive(bodies, scope="bench", keys=keys)
        ids = [one.touch_id for one in received if one.touch_id]
        receipts = pipeline.advance(ids)
        total += _place.spent(_place.backends()) - began
        if len(receipts) != size:
            raise AssertionError(f"{size - len(receipts)} touches of {size} were not advanced")
    return total


def _body(chance: random.Random, number: int, *, crowd: bool) -> dict[str, Any]:
    if chance.random() >= KNOWN:
        return _company.touch(chance, number, place="new-")
    if crowd and chance.random() < 0.5:
        who, place = _crowd.known(chance)
        return _company.touch(chance, who, place=place)
    return _company.touch(chance, max(0, number - chance.randrange(1, 900)), place="new-")


def _ids() -> dict[type[models.Model], int]:
    """The highest id of every table of leads."""
    found = {}
    with connection.cursor() as cursor:
        for model in _crowd.world():
            cursor.execute(f"SELECT max({_key(model)}) FROM {model._meta.db_table}")
            found[model] = cursor.fetchone()[0] or 0
    return found


def _copied(bounds: Bounds) -> Iterator[tuple[Spent, int]]:
    """The rows of a round once more, by COPY: taken out with all traces, then written as they are.

    First bare, with nothing but their indexes; then with foreign keys and triggers, too. Either is
    one transaction.
    """
    for role in ("replica", "origin"):
        kept = _taken_out(bounds)
        began = _place.spent(_place.backends())
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL session_replication_role = {role}")
            for model, lines in kept:
                table, names = model._meta.db_table, _crowd.names(model)
                with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as stream:
                    stream.write(b"".join(lines))
        yield _place.spent(_place.backends()) - began, sum(len(lines) for _, lines in kept)


def _taken_out(bounds: Bounds) -> list[tuple[type[models.Model], list[bytes]]]:
    kept = []
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        for model, where in bounds.items():
            table, names = model._meta.db_table, _crowd.names(model)
            with cursor.copy(f"COPY (SELECT {names} FROM {table} {where}) TO STDOUT") as stream:
                kept.append((model, [bytes(line) for line in stream]))
            cursor.execute(f"DELETE FROM {table} {where}")
    with connection.cursor() as cursor:
        for model in bounds:
            cursor.execute(f"VACUUM (INDEX_CLEANUP ON) {model._meta.db_table}")
    return kept


def _key(model: type[models.Model]) -> str:
    return str(model._meta.pk.column)


def _tell(size: int, rounds: Sequence[Round], *, first: bool) -> None:
    if first:
        print(
            f"\n{'existing':>10} {'leads/s':>8} {'per core':>9} {'ms of CPU':>10} {'ours':>6} "
            f"{'database':>9} {'rows':>6} {'COPY/s':>8} {'of COPY':>8} {'by CPU':>7} {'of bare':>8}"
        )
    middle = statistics.median
    cpu = middle(one.pipeline.cpu / one.touches for one in rounds)
    print(
        f"{size:>10,} {middle(one.touches / one.pipeline.wall for one in rounds):>8,.0f} "
        f"{1 / cpu:>9,.0f} {cpu * 1000:>10.2f} "
        f"{middle(one.pipeline.ours / one.touches for one in rounds) * 1000:>6.2f} "
        f"{middle(one.pipeline.database / one.touches for one in rounds) * 1000:>9.2f} "
        f"{middle(one.rows / one.touches for one in rounds):>6.1f} "
        f"{middle(one.touches / one.copy.wall for one in rounds):>8,.0f} "
        f"{middle(one.copy.wall / one.pipeline.wall for one in rounds):>8.0%} "
        f"{middle(one.copy.cpu / one.pipeline.cpu for one in rounds):>7.0%} "
        f"{middle(one.bare.cpu / one.pipeline.cpu for one in rounds):>8.0%}",
        flush=True,
    )


def _tell_phases(results: dict[int, list[Round]]) -> None:
    names = list(dict.fromkeys(name for rounds in results.values() for name in rounds[0].phases))
    print(f"\n{'share of each phase':<36}" + "".join(f"{size:>12,}" for size in results))
    for name in names:
        shares = [
            statistics.median(one.phases.get(name, 0.0) / one.pipeline.wall for one in rounds)
            for rounds in results.values()
        ]
        print(f"   {name:<33}" + "".join(f"{share:>12.1%}" for share in shares))
