"""How long each page takes among so many leads: `python -m bench pages [--leads N] [--keep NAME]`.

A made-up directory (`bench._directory`) gets a past (`bench._past`); then every page of the console
that can be opened is asked for by an SDR of a team of ten, an SDR who has just come, the manager of
that team, the manager of all teams, Marketing and RevOps. Told is the server's time, database and
template included, of so many calls after a first that is not counted: median and 95th percentile
by the clock, and CPU of both, which other guests of the machine change less; the queries and
kilobytes, gzipped, of one call; the slowest page first. Reports are told apart, without a target.
`--keep NAME` keeps the database and goes on with it, as making a million people takes minutes.
"""

from __future__ import annotations

import argparse
import gzip
import logging
import time
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bench import _place

TARGET_MS = 150
QUERIES = 15
KILOBYTES = 60
LISTS = (
    "/leads/?sort=oldest", "/leads/?stage=SQL", "/leads/?stage=NURTURE&channel=EVENT",
    "/leads/?band=hot", "/leads/?channel=EVENT", "/leads/?owner=me", "/leads/?owner=none",
    "/leads/?owner=me&sort=due", "/leads/?due=overdue", "/leads/?due=waking",
    "/leads/?due=none&reason=no_interest", "/leads/?after=1700000000000000.1",
    "/leads/?q={last}", "/leads/?q=mar", "/search/?q={last}", "/search/?q={first}%20{last}",
    "/accounts/?q=Be", "/accounts/?status=CUSTOMER", "/accounts/?owner=me", "/accounts/?owner=none",
    "/accounts/?after=100000", "/opportunities/?status=OPEN", "/rejections/?standing=contestable",
)  # fmt: skip
"""Lists as their filters leave them; a buyer is looked for by name."""


@dataclass(frozen=True, slots=True)
class Told:
    """One page as one reader gets it; times in milliseconds."""

    address: str
    reader: str
    median: float
    p95: float
    cpu: float
    queries: int
    kilobytes: float

    @property
    def missed(self) -> str:
        """What it misses; nothing is asked of reports."""
        if self.address.startswith("/reports/"):
            return ""
        limits = (
            (self.p95 > TARGET_MS, "slow"),
            (self.queries >= QUERIES, "queries"),
            (self.kilobytes >= KILOBYTES, "size"),
        )
        return ", ".join(word for is_missed, word in limits if is_missed)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--leads", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=5, help="calls of each page")
    parser.add_argument("--only", default="", help="addresses that begin so")
    parser.add_argument("--as", dest="reader", default="", help="one of the readers alone")
    parser.add_argument("--shown", type=int, default=40, help="rows of the table")
    parser.add_argument("--keep", default="", metavar="NAME", help="keep the database; go on in it")
    given = parser.parse_args()
    logging.disable(logging.ERROR)  # what a reader may not open is told there
    _place.prepare()
    with _place.database(given.keep) as known:
        from bench import _past, search  # noqa: PLC0415 (after setup)

        if not known:
            search.fill(given.leads)
            _past.write()
        readers = _past.readers()
        if given.reader:
            readers = {given.reader: readers[given.reader]}
        told = [
            one
            for name, reader in readers.items()
            for one in _of(name, reader, _addresses(given.only), given.rounds)
        ]
        _print(told, given.shown)


def _addresses(start: str) -> list[str]:
    from django.urls import reverse  # noqa: PLC0415

    from leads.models import Person  # noqa: PLC0415
    from reports import registry  # noqa: PLC0415

    reports = [reverse("console:report", args=[one.key]) for one in registry.all()]
    buyer = Person.objects.order_by("-pk")[0]
    lists = [one.format(first=buyer.first_name, last=buyer.last_name) for one in LISTS]
    every = dict.fromkeys((*_pages(), *lists, *reports))
    return [one for one in every if one.startswith(start)]


def _pages() -> Iterator[str]:
    """Each address that is opened by GET, of something that is there; no downloads."""
    from django.urls import NoReverseMatch, reverse  # noqa: PLC0415

    matrix = tomllib.loads(
        (_place.PROJECT / "web" / "permission_matrix" / "console.toml").read_text()
    )
    known = _objects()
    for name, methods in matrix.items():
        if "GET" not in methods or name.endswith(("csv", "xlsx", "raw", "export")):
            continue
        for some in known:
            try:
                yield reverse(f"console:{name}", kwargs={key: some[key] for key in some})
            except NoReverseMatch:
                continue
            break


def _objects() -> list[dict[str, Any]]:
    """What addresses may name, each by itself: a page is opened with the first that fits."""
    from governance.models import KitVersion  # noqa: PLC0415
    from leads.models import Account, Lead, Opportunity  # noqa: PLC0415
    from people.models import User  # noqa: PLC0415
    from routing.models import Decision, Pool  # noqa: PLC0415
    from sla.models import Clock  # noqa: PLC0415

    clock = Clock.objects.filter(holder__username="rep-0-0").order_by("-pk")[0]
    lead = Lead.objects.get(pk=clock.lead_id)
    deal = Opportunity.objects.filter(owner__username="rep-0-0").order_by("-pk")[0]
    number = {"number": KitVersion.objects.get(status="ACTIVE").number}
    return [
        {},
        {"lead_id": lead.pk},
        {"lead_id": lead.pk, "clock_id": clock.pk},
        {"account_id": Account.objects.filter(pk=lead.account_id).values_list("pk", flat=True)[0]},
        {"deal_id": deal.pk},
        {"decision_id": Decision.objects.filter(picked__username="rep-0-0")[0].pk},
        {"user_id": User.objects.get(username="rep-0-0").pk},
        {"person_id": lead.person_id},
        {"key": Pool.objects.order_by("key")[0].key},
        number,
        {**number, "kind": "reason", "key": "price"},
        {**number, "key": "business"},
        {"name": "exceptions"},
    ]


def _of(name: str, reader: Any, addresses: list[str], rounds: int) -> Iterator[Told]:
    from django.conf import settings  # noqa: PLC0415
    from django.test import Client  # noqa: PLC0415

    settings.ALLOWED_HOSTS = ["testserver"]
    client = Client(raise_request_exception=False)
    client.force_login(reader)
    for address in addresses:
        told = _ask(client, name, address, rounds)
        if told is not None:
            yield told


def _ask(client: Any, name: str, address: str, rounds: int) -> Told | None:
    """One page; None when this reader may not open it, or it leads elsewhere."""
    from django.db import connection  # noqa: PLC0415

    asked = []

    def count(execute: Any, *call: Any) -> Any:
        asked.append(call[0])
        return execute(*call)

    with connection.execute_wrapper(count):
        answer = client.get(address)
    if answer.status_code >= 500:
        print(f"{address} fails as {name}: {answer.status_code}", flush=True)
    if answer.status_code != 200 or answer.streaming:
        return None
    backends, walls = _place.backends(), []
    before = _place.spent(backends)
    for _ in range(rounds):
        began = time.perf_counter()
        client.get(address)
        walls.append((time.perf_counter() - began) * 1_000)
    cpu = (_place.spent(backends) - before).cpu * 1_000 / rounds
    walls.sort()
    size = len(gzip.compress(answer.content, 6)) / 1_000
    p95 = walls[max(0, int(len(walls) * 0.95 + 0.5) - 1)]
    return Told(address, name, walls[len(walls) // 2], p95, cpu, len(asked), size)


def _print(told: list[Told], most: int) -> None:
    from leads.models import Lead  # noqa: PLC0415

    print(f"{Lead.objects.count():,} leads, {len(told)} pages\n{_place.facts()}\n")
    print(f"{'page':44} {'reader':15} {'median':>7} {'p95':>7} {'CPU ms':>7} queries    kB  misses")
    for one in sorted(told, key=lambda row: -row.p95)[:most]:
        print(
            f"{one.address[:44]:44} {one.reader:15} {one.median:7.0f} {one.p95:7.0f} "
            f"{one.cpu:7.0f} {one.queries:7} {one.kilobytes:5.0f}  {one.missed}"
        )
    pages = [one for one in told if not one.address.startswith("/reports/")]
    missed = sum(one.p95 > TARGET_MS for one in pages)
    print(f"\n{missed} of {len(pages)} pages beside reports miss {TARGET_MS} ms")


if __name__ == "__main__":
    main()
