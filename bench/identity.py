"""How well buyers are recognised: `python -m bench identity [--stories N] [--seed N]`.

Touches of made-up people in many spellings go through the pipeline in batches: one buyer by several
channels, colleagues at a switchboard, couples by one mailbox, namesakes, desks, teams, people with
two addresses; and people who look alike (Mario and Maria, father and son, one mailbox after the
other), write in two scripts, register others or give what is made up. Two touches of one person row
are a pair that was attached; precision is the share of those that are one sender's in truth, recall
the share of true pairs that were attached or at least suggested. Runs in a database of its own
that is thrown away.
"""

from __future__ import annotations

import argparse
import datetime as dt
import sys
import time

from bench import _labelled, _place

ENOUGH = 0.99
BATCH = 100


def main() -> int:
    """Measure and print; 1 when too much was attached that is not one person."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--stories", type=int, default=40, help="stories of each kind")
    parser.add_argument("--seed", type=int, default=7)
    given = parser.parse_args()
    _place.prepare()
    from bench import _company  # noqa: PLC0415 (after setup)

    with _place.database():
        _company.found(now=dt.datetime.now(dt.UTC))
        touches = _labelled.town(stories=given.stories, seed=given.seed)
        began = time.perf_counter()
        people = _received(touches)
        took = time.perf_counter() - began
        senders = {one.sender for one in touches}
        rows, rate = len(set(people.values())), len(touches) / took
        print(f"{len(touches):,} touches of {len(senders):,} senders became {rows:,} people")
        print(f"{rate:,.0f} touches a second")
        return 0 if _judged(touches, people) >= ENOUGH else 1


def _received(touches: list[_labelled.Labelled]) -> dict[int, int]:
    """Place of each touch to the person it was given."""
    from leads.models import Touch  # noqa: PLC0415 (after setup)
    from lifecycle import intake  # noqa: PLC0415 (after setup)

    for start in range(0, len(touches), BATCH):
        some = touches[start : start + BATCH]
        keys = [str(start + place) for place in range(len(some))]
        answers = intake.capture([one.body for one in some], scope="bench", keys=keys)
        refused = [one for one in answers if one.status != 201]
        if refused:
            raise SystemExit(f"{len(refused)} touches were not advanced: {refused[0].errors}")
    rows = Touch.objects.filter(idempotency_scope="bench")
    found = rows.values_list("idempotency_key", "person_id")
    return {int(key): person for key, person in found if person is not None}


def _judged(touches: list[_labelled.Labelled], people: dict[int, int]) -> float:
    """Print precision and recall by story; returns the precision of all."""
    from leads.models import DuplicateSuggestion  # noqa: PLC0415 (after setup)

    suggested = set(DuplicateSuggestion.objects.values_list("first_id", "second_id"))
    seen = _labelled.judge(touches, people, suggested)
    print(f"{'':14} {'attached':>9} {'precision':>10} {'recall':>8} {'or suggested':>13}")
    for story in [*sorted(seen.keys() - {"all"}), "all"]:
        of = seen[story]
        precision = of["right"] / of["attached"] if of["attached"] else 1.0
        recall, known = of["right"] / of["true"], (of["right"] + of["suggested"]) / of["true"]
        print(f"{story:14} {of['attached']:9,} {precision:10.4f} {recall:8.3f} {known:13.3f}")
    return precision


if __name__ == "__main__":
    sys.exit(main())
