"""The signals that prove a verdict: those its conditions counted, and no others."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from governance import texts
from leads import evidence, qualification
from leads.evidence import Seen
from leads.snapshot import Snapshot
from lifecycle import playbook
from tests.factories import DAY, NOW

VIEWS = {"fact": "signal.pricing_page_view.count_30d", "op": "gte", "value": 3}
DEMO = {"fact": "signal.demo_request.count_30d", "op": "gte", "value": 1}
LATELY = {"fact": "signal.pricing_page_view.last_days", "op": "lte", "value": 9}
SEEN = [
    Seen(1, "pricing_page_view", NOW - 40 * DAY),
    Seen(2, "pricing_page_view", NOW - 29 * DAY),
    Seen(3, "webinar_attended", NOW - 2 * DAY),
    Seen(4, "pricing_page_view", NOW - DAY),
    Seen(5, "pricing_page_view", NOW),
]


def proof(condition: dict[str, Any], *, since: dt.datetime | None = None) -> list[int]:
    document = playbook.document()
    document["parts"]["criterion"] = [
        {**document["parts"]["criterion"][1], "condition": condition},
        *document["parts"]["criterion"][2:],
    ]
    kit = texts.compiled_document(document)
    signals = tuple((one.kind, one.at) for one in SEEN if since is None or one.at > since)
    known = kit.registry.read_all(
        Snapshot(now=NOW, signals=signals), [VIEWS["fact"], DEMO["fact"], LATELY["fact"]]
    )
    verdict = qualification.decide(kit, known)
    return evidence.of(verdict, kit, SEEN, now=NOW, since=since)


@pytest.mark.parametrize(
    ("condition", "ids"),
    [
        (VIEWS, [2, 4, 5]),
        ({"any": [DEMO, VIEWS]}, [2, 4, 5]),
        (LATELY, [5]),
        ({"all": [VIEWS, {"not": DEMO}]}, [2, 4, 5]),
        ({"any": [LATELY, {"all": [VIEWS, DEMO]}]}, [5]),
        (DEMO, []),
    ],
    ids=["counted", "one of two", "the last", "what is not", "a branch that fails", "not met"],
)
def test_what_was_counted_is_evidence(condition: dict[str, Any], ids: list[int]) -> None:
    assert proof(condition) == ids


def test_what_counts_no_more_is_no_evidence() -> None:
    assert proof(LATELY, since=NOW - 3 * DAY) == [5]
    assert proof(VIEWS, since=NOW - 3 * DAY) == []
