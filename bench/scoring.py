"""What scores cost: `python -m bench scoring [--leads 100000] [--rescored 20000]`.

All of them among so many leads: a new kit brought to many of them in blocks, with and without the
records of what scores were (undone afterwards); the 500 leads of somebody, by score; the page of
all leads of a band; a pass of the decay job over 100 leads whose band is left now. Leads a second
are of CPU, ours and the database's together; the rest is milliseconds by the clock, in the middle.
"""

from __future__ import annotations

import argparse
import random
import statistics
import time
from collections.abc import Callable
from typing import Any

from bench import _place

HELD = 500
CROSSINGS = 100
BLOCK = 1_000
LOOKS = 20
SOLVED = 300
TRIED = 200
PASSES = 5


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--leads", type=int, default=100_000, help="how many there are")
    parser.add_argument("--rescored", type=int, default=20_000, help="brought to the new kit")
    parser.add_argument("--keep", default="", help="name of a database to keep")
    given = parser.parse_args()
    _place.prepare()
    with _place.database(given.keep) as known:
        from bench import _company, _crowd  # noqa: PLC0415 (after setup)
        from core import database  # noqa: PLC0415
        from people.models import User  # noqa: PLC0415

        if not known:
            _company.found(now=database.now() - 2 * _crowd.PAST)
        _crowd.grow(given.leads, boss=User.objects.get(username="rita"))
        print(_place.facts(), flush=True)
        _tell_decay()
        _tell_lists()
        _tell_rescoring(given.rescored)


def _tell_rescoring(count: int) -> None:
    """Every score rule of the playbook with other points and another half-life."""
    from core import database  # noqa: PLC0415 (after setup)
    from leads.models import Lead  # noqa: PLC0415
    from tests import factories  # noqa: PLC0415

    def other(parts: dict[str, Any]) -> None:
        parts["fixture"] = []
        for rule in parts["score_rule"]:
            rule["points"] = str(float(rule["points"]) + 1)
            if rule.get("half_life_days"):
                rule["half_life_days"] = str(float(rule["half_life_days"]) + 1)

    kit = factories.next_kit(other, by=_boss(), now=database.now())
    every = list(_ids(Lead))
    starts = range(0, len(every), BLOCK)  # block by block, as the product goes
    some = random.Random(3).sample(starts, min(count // BLOCK, len(starts)))
    ids = [pk for start in sorted(some) for pk in every[start : start + BLOCK]]
    count = len(ids)
    for label, kept in (("without records", False), ("with records", True)):
        spent, changed = _rescored(ids, kit, kept=kept)
        print(
            f"rescored under another kit, {label}: {count / spent.cpu:,.0f} leads a second of CPU "
            f"({count / spent.wall:,.0f} by the clock; {spent.ours / spent.cpu:.0%} of it ours), "
            f"{changed:,} of {count:,} changed",
            flush=True,
        )


def _ids(model: Any) -> Any:
    return model.objects.order_by("pk").values_list("pk", flat=True)


def _boss() -> Any:
    from people.models import User  # noqa: PLC0415 (after setup)

    return User.objects.get(username="rita")


def _rescored(ids: list[int], kit: Any, *, kept: bool) -> tuple[_place.Spent, int]:
    """What it costs to bring the kit to these leads, block by block; all of it is undone."""
    from django.db import transaction  # noqa: PLC0415

    from core import database  # noqa: PLC0415 (after setup)
    from lifecycle import rescoring  # noqa: PLC0415

    changed, backends = 0, _place.backends()
    before = _place.spent(backends)
    for start in range(0, len(ids), BLOCK):
        with transaction.atomic():
            some = ids[start : start + BLOCK]
            changed += rescoring.rescored(some, kit, database.now(), records=kept)
            transaction.set_rollback(True)
    return _place.spent(backends) - before, changed


def _tell_lists() -> None:
    """Somebody's leads by score, and everybody's leads of a band."""
    from core import database  # noqa: PLC0415 (after setup)
    from leads import score_sql  # noqa: PLC0415
    from leads.models import Lead  # noqa: PLC0415
    from web.console import lead_list  # noqa: PLC0415

    boss, now = _boss(), database.now()
    some = list(Lead.objects.order_by("-pk").values_list("pk", flat=True)[: HELD * 7 : 7])
    Lead.objects.filter(pk__in=some).update(owner=boss)
    held = Lead.objects.filter(owner=boss).annotate(score=score_sql.score(now))
    _tell(f"{HELD} leads of somebody, by score", lambda: len(held.order_by("-score", "-pk")))
    for band in ("hot", "cold"):
        asked = lead_list.read({"band": band})
        _tell(
            f"the first page of all {band} leads, with its filters and counts",
            lambda asked=asked: lead_list.build(boss, asked, now=database.now()),  # type: ignore[misc]
        )
    Lead.objects.filter(pk__in=some).update(owner=None)


def _tell_decay() -> None:
    """Nobody is due; then a hundred leads are, each of which has left its band."""
    from leads.models import Lead  # noqa: PLC0415
    from lifecycle import decay  # noqa: PLC0415

    while decay.run(limit=BLOCK):
        pass
    _tell("a pass of the decay job with nobody due", decay.run)
    due = Lead.objects.filter(decays_at__isnull=False).order_by("decays_at")
    took: list[float] = []
    crossed = 0
    # Many have only the instant before which nothing can happen: it is solved when it comes.
    for _ in range(SOLVED):
        if crossed >= BLOCK // 2:
            break
        crossed = _crossed(due, BLOCK)[0]
    for _ in range(TRIED):
        looked, crossed, milliseconds = _crossed(due, CROSSINGS)
        if crossed >= CROSSINGS // 2:
            took.append(milliseconds)
            print(f"  {looked} due, {crossed} crossings: {milliseconds:.0f} ms", flush=True)
        if len(took) == PASSES:
            break
    if not took:
        print("nobody has left their band")
        return
    print(f"a pass over {CROSSINGS} due leads: {statistics.median(took):.0f} ms")


def _crossed(due: Any, count: int) -> tuple[int, int, float]:
    """The next so many that are due: how many were looked at, crossed, and the milliseconds."""
    from leads.models import EventKind, LeadEvent  # noqa: PLC0415 (after setup)
    from lifecycle import decay  # noqa: PLC0415

    at = due.values_list("decays_at", flat=True)[count - 1 : count].get()
    told = LeadEvent.objects.filter(kind=EventKind.CROSSED).count()
    began = time.perf_counter()
    looked = decay.run(now=at, limit=count)
    took = (time.perf_counter() - began) * 1_000
    return looked, LeadEvent.objects.filter(kind=EventKind.CROSSED).count() - told, took


def _tell(what: str, look: Callable[[], object]) -> None:
    look()
    took = []
    for _ in range(LOOKS):
        began = time.perf_counter()
        look()
        took.append((time.perf_counter() - began) * 1_000)
    print(f"{what}: {statistics.median(took):.1f} ms, {max(took):.1f} at most", flush=True)


if __name__ == "__main__":
    main()
