"""How fast anything is found: `python -m bench search [--leads 1000000] [--keep NAME]`.

A made-up directory (`bench._directory`) is written, then each kind of search is asked again and
again, with other names each time, once as RevOps, who see all, and once as an SDR. Told is the
time that the search takes in the server, database included: median and 95th percentile by the
clock, and CPU of both together, which other guests of the machine change less.
`--keep NAME` keeps the database and goes on with it, as making a million people takes minutes.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Callable, Iterator
from typing import Any

from bench import _place

KINDS: dict[str, Callable[[Any, random.Random], str]] = {
    "full name": lambda who, _: f"{who.first_name} {who.last_name}",
    "last name first, cut": lambda who, _: f"{who.last_name[:6]} {who.first_name}",
    "last name": lambda who, _: who.last_name,
    "slip in a name": lambda who, chance: f"{who.first_name} {_slip(who.last_name, chance)}",
    "name and company": lambda who, _: f"{who.last_name} {_company(who)}",
    "company": lambda who, _: _company(who),
    "trade of many": lambda who, _: _company(who).split()[1],
    "e-mail address": lambda who, _: who.email,
    "part of an address": lambda who, _: who.email.split("@")[0][:-2],
    "domain": lambda who, _: f"@{who.email.partition('@')[2]}",
    "phone": lambda who, _: who.phone or "+49 30 1234567",
    "national phone": lambda who, _: f"0{who.phone[3:]}" if who.phone else "030 1234567",
    "last digits": lambda who, _: who.phone[-5:] or "12345",
    "external id": lambda who, _: f"00Q{who.pk // 50 * 50:012}",
    "two letters": lambda who, _: who.last_name[:2],
    "nothing": lambda _, chance: f"xq{chance.randrange(10**6)}zw",
}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--leads", type=int, default=50_000)
    parser.add_argument("--rounds", type=int, default=20, help="searches of each kind")
    parser.add_argument("--keep", default="", metavar="NAME", help="keep the database; go on in it")
    given = parser.parse_args()
    _place.prepare()
    with _place.database(given.keep) as known:
        if not known:
            fill(given.leads)
        _measure(given.rounds)


def fill(count: int) -> None:
    """Write a directory of so many people, and gather statistics of it."""
    from django.db import connection  # noqa: PLC0415 (after setup)

    from bench import _company as company  # noqa: PLC0415
    from bench import _directory  # noqa: PLC0415
    from core import bulk, database  # noqa: PLC0415

    now = database.now()
    reps = _directory.staff(company.found(now=now))
    with connection.cursor() as cursor:
        # Leads without their log would be refused; only who they are is wanted here.
        cursor.execute("SET session_replication_role = replica")
        for tables in _directory.slices(count, reps, now):
            for rows in tables:
                bulk.copy(rows)
        cursor.execute("SET session_replication_role = DEFAULT")
        cursor.execute("VACUUM ANALYZE")


def _measure(rounds: int) -> None:
    from leads.models import Lead  # noqa: PLC0415
    from people.models import User  # noqa: PLC0415

    print(f"{Lead.objects.count():,} leads, {rounds} searches of each kind\n{_place.facts()}")
    for name in ("rita", "rep-0-0"):
        reader = User.objects.get(username=name)
        print(f"\n{reader.get_role_display():24} median     p95   CPU ms   hits")
        for kind, typed in KINDS.items():
            _tell(kind, reader, [typed(*one) for one in _drawn(kind, reader, rounds)])


def _drawn(kind: str, reader: Any, rounds: int) -> Iterator[tuple[Any, random.Random]]:
    """People to look for: half of them the rep's own."""
    from leads.models import Lead, Person  # noqa: PLC0415

    chance = random.Random(kind)
    highest = Person.objects.order_by("-pk").values_list("pk", flat=True)[0]
    own = list(Lead.objects.filter(owner=reader).values_list("person", flat=True)[:500])
    for place in range(rounds):
        pk = chance.choice(own) if own and place % 2 else chance.randrange(1, highest)
        yield Person.objects.filter(pk__gte=pk).order_by("pk")[0], chance


def _tell(kind: str, reader: Any, texts: list[str]) -> None:
    from lifecycle import finding  # noqa: PLC0415

    finding.find(reader, texts[0])
    backends, walls, hits = _place.backends(), [], 0
    before = _place.spent(backends)
    for text in texts:
        began = time.perf_counter()
        found = finding.find(reader, text)
        walls.append((time.perf_counter() - began) * 1_000)
        hits += bool(found.people or found.companies)
    cpu = (_place.spent(backends) - before).cpu * 1_000 / len(texts)
    walls.sort()
    median, worst = walls[len(walls) // 2], walls[int(len(walls) * 0.95) - 1]
    print(f"{kind:22} {median:8.1f} {worst:7.1f} {cpu:8.1f} {hits:4}/{len(texts)}", flush=True)


def _company(who: Any) -> str:
    lead = who.leads.select_related("account").first()
    return str(lead.account.name) if lead else "Nordwind Logistik"


def _slip(name: str, chance: random.Random) -> str:
    """Two letters swapped, or one left out, or one doubled."""
    at = chance.randrange(1, len(name) - 1)
    swapped = name[:at] + name[at + 1] + name[at] + name[at + 2 :]
    return chance.choice((swapped, name[:at] + name[at + 1 :], name[: at + 1] + name[at:]))


if __name__ == "__main__":
    main()
