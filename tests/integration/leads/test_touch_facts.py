"""Facts about touchpoints say the same in Python and in SQL, and are counted by their rows."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import Any

import pytest

from governance import condition_sql, conditions
from governance.conditions import Node, Not, Test
from governance.facts import FactType, Subject, registry
from leads import condition_count, touchpoint
from leads.models import Channel, Touch
from lifecycle import intake
from tests.factories import NOW

FACTS = [fact for fact in registry if fact.subject is Subject.TOUCHPOINT]
SOURCES: list[dict[str, Any]] = [
    {},
    {"medium": "CPC", "source": "Google", "campaign": "DACH-Q4", "term": "Lead", "content": "b"},
    {"medium": "Ärger", "source": "", "partner": "Acme", "category": "self-serve"},
    {"category": "Content Syndication", "landing": "https://www.ours.example/a"},
    *({"click_id": text} for text in ("gclid=1", "GCLID=1", "fbclid=", "=", "abc=", "li_fat_id=x")),
    *(
        {"referrer": f"https://{host}/"}
        for host in (
            "www.google.de", "notgoogle.example", "mail.google.com", "t.co", "chatgpt.com",
            "www.LinkedIn.com", "acme.example:8080", "youtube.com.evil.example",
        )
    ),
    {"referrer": "newsletter"},
]  # fmt: skip
FIELDS: list[dict[str, Any]] = [{}, {"form": "demo"}, {"form": True}, {"form": 7}]


@pytest.fixture
def touches(db: None) -> list[Touch]:
    channels = itertools.cycle(Channel.values)
    bodies = [
        {"channel": next(channels), "person": {"email": f"a{n}@firma.de"}, "source": source,
         "fields": fields}
        for n, (source, fields) in enumerate(itertools.product(SOURCES, FIELDS))
    ]  # fmt: skip
    assert not any(one.errors for one in intake.receive(bodies, scope="test", now=NOW))
    return list(Touch.objects.order_by("pk"))


def known(touch: Touch) -> dict[str, object]:
    point = touchpoint.read(
        touch.payload,
        channel=touch.channel,
        utm_source=touch.utm_source,
        referrer_host=touch.referrer_host,
    )
    return registry.read_all(point, [fact.name for fact in FACTS])


def test_every_fact_of_a_touchpoint_is_the_same_in_sql(touches: list[Touch]) -> None:
    read = {touch.pk: known(touch) for touch in touches}
    for fact in FACTS:
        seen = {facts[fact.name] for facts in read.values()} - {None}
        assert seen, fact.name
        ops = ["eq", "ne"] + ["contains"] * (fact.type is FactType.TEXT)
        nodes: list[Node] = [Test(fact.name, op, value) for op in ops for value in seen]
        nodes += [Test(fact.name, "is_set"), Test(fact.name, "is_missing")]
        for node in [*nodes, *map(Not, nodes)]:
            found = condition_sql.select(
                Touch.objects.order_by("pk"), node, registry=registry, now=NOW
            )
            expected = [pk for pk, facts in read.items() if conditions.holds(node, facts)]
            assert list(found.values_list("pk", flat=True)) == expected, node


def test_touchpoints_are_counted_for_who_writes_a_rule(touches: list[Touch]) -> None:
    paid = Test("touch.medium", "eq", "cpc")
    ask: dict[str, Any] = {"registry": registry, "about": Subject.TOUCHPOINT}
    found = condition_count.latest(paid, now=NOW, **ask)
    assert (found.matched, found.looked_at) == (len(FIELDS), len(touches))
    later = condition_count.latest(paid, now=NOW + timedelta(days=31), **ask)
    assert later.looked_at == 0
