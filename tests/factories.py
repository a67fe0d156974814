"""A company with the playbook in force, made through the product's own services.

    company = factories.company()                    kit, a team, its manager, two reps, all pools
    lead = factories.capture(now=...)                an MQL in DACH, owned by the next rep
    lead = factories.work(lead, to="SQL", now=...)   taken on by its owner, step by step

Everything takes the instant it happens at; nothing here reads a clock.
"""

from __future__ import annotations

import copy
import datetime as dt
import itertools
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from governance import selectors as kits
from governance import services
from governance.kit import Kit
from governance.models import KitVersion
from leads.models import Account, Customer, CustomerStep, Lead
from lifecycle import actions, intake, playbook
from people.models import Role, Shift, Team, User
from routing.models import Pool, PoolMember
from tests import kit_versions, remembered

NOW = dt.datetime(2026, 3, 3, 10, 0, tzinfo=dt.UTC)
"""A Tuesday, 11:00 in Berlin: everybody works."""

MINUTE = dt.timedelta(minutes=1)
HOUR = dt.timedelta(hours=1)
DAY = dt.timedelta(days=1)

BANT = {"budget": "50k", "authority": "the CFO", "need": "growth", "timeline": "in Q2"}
_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Company:
    """What `company()` makes: anna and ben share the pool `dach` under mia, of the team DACH."""

    kit: Kit
    revops: User
    marketing: User
    manager: User
    team: Team
    reps: tuple[User, ...]
    pools: dict[str, Pool]


def company(
    *,
    now: dt.datetime = NOW,
    reps: Sequence[str] = ("anna", "ben"),
    text: dict[str, Any] | None = None,
) -> Company:
    """The playbook (or `text`) published by RevOps, its pools, and reps who share `dach`."""
    key = json.dumps([reps, text], sort_keys=True)
    remembered.once(key, lambda: _company(now, reps, text), now=now)
    return standing(reps=reps)


def standing(*, reps: Sequence[str] = ("anna", "ben")) -> Company:
    """The company that is there, as `company` made it."""
    people = {one.username: one for one in User.objects.all()}
    return Company(
        kit=kits.active_kit(),
        revops=people["rita"],
        marketing=people["mark"],
        manager=people["mia"],
        team=Team.objects.get(name="DACH"),
        reps=tuple(people[name] for name in reps),
        pools={one.key: one for one in Pool.objects.all()},
    )


def _company(now: dt.datetime, reps: Sequence[str], text: dict[str, Any] | None) -> None:
    kit(by=user("rita", role=Role.REVOPS), now=now, text=text)
    manager = user("mia", role=Role.MANAGER)
    dach = team("DACH", manager=manager)
    Pool.objects.filter(key="dach").update(manager=manager)
    user("mark", role=Role.MARKETING)
    for name in reps:
        rep(name, pools=["dach"], team=dach)


def kit(*, by: User, now: dt.datetime = NOW, text: dict[str, Any] | None = None) -> Kit:
    """The playbook's rules (or `text`) as the active kit, with the pools its routing names."""
    version = playbook.publish(by=by, now=now, text=text or kit_versions.rules())
    return kits.kit_of(version.pk)


def next_kit(edit: Callable[[dict[str, Any]], object], *, by: User, now: dt.datetime = NOW) -> Kit:
    """The active kit with an edited document, drafted by `by`, signed by others, in force."""
    active = KitVersion.objects.get(status="ACTIVE")
    document = copy.deepcopy(services.document_of(active))
    edit(document["parts"])
    version = services.draft_from_document(document, title="Next", by=by, now=now)
    return kits.kit_of(kit_versions.publish(version, by=by, now=now).pk)


def user(name: str, *, role: str = Role.SDR, team: Team | None = None, **columns: Any) -> User:
    """Somebody of the company."""
    return User.objects.create(
        username=name,
        email=f"{name}@example.com",
        first_name=name.title(),
        role=role,
        team=team,
        **columns,
    )


def team(name: str, *, manager: User | None = None) -> Team:
    """A team under its manager."""
    return Team.objects.create(name=name, manager=manager)


def rep(
    name: str,
    *,
    pools: Sequence[str] = (),
    team: Team | None = None,
    weight: int = 1,
    cap: int | None = None,
    shifts: Sequence[tuple[int, str, str]] = tuple((day, "00:00", "00:00") for day in range(7)),
    **columns: Any,
) -> User:
    """A rep in these pools; unless `shifts` (weekday, from, to) say otherwise, always at work."""
    made = user(name, team=team, **columns)
    Shift.objects.bulk_create(
        Shift(
            user=made, weekday=day, starts=dt.time.fromisoformat(a), ends=dt.time.fromisoformat(b)
        )
        for day, a, b in shifts
    )
    for key in pools:
        PoolMember.objects.create(
            pool=Pool.objects.get(key=key), user=made, weight=weight, open_cap=cap
        )
    return made


def pool(key: str, *, manager: User | None = None, look_ahead_minutes: int = 0) -> Pool:
    """A pool beside those of the playbook."""
    return Pool.objects.create(
        key=key, label=key.title(), manager=manager, look_ahead_minutes=look_ahead_minutes
    )


def touch(**parts: Any) -> dict[str, Any]:
    """The body of a touch: a demo request from a German company inside the ICP, always another.

    Sections given as keywords are laid over it: `touch(company={"employees": "3"})`.
    """
    number = next(_numbers)
    body: dict[str, Any] = {
        "channel": "FORM",
        "person": {
            "first_name": "Petra",
            "last_name": f"Kaufmann{number}",
            "email": f"petra@firma{number}.de",
            "title": "VP Operations",
        },
        "company": {
            "name": f"Firma {number} GmbH",
            "industry": "Software",
            "employees": "420",
            "country": "DE",
        },
        "source": {"category": "PAID"},
        "signals": [{"kind": "demo_request"}],
    }
    for section, content in parts.items():
        known = body.get(section)
        both = isinstance(known, dict) and isinstance(content, dict)
        merged = {**known, **content} if both else content
        body[section] = merged
    return body


def captures(bodies: Sequence[dict[str, Any]], *, now: dt.datetime = NOW) -> list[Lead]:
    """The leads of these touches, taken through the pipeline as one batch."""
    answers = intake.capture(bodies, scope="tests", keys=[_key() for _ in bodies], now=now)
    refused = [one for one in answers if one.status != 201]
    assert not refused, refused
    check_rules()
    found = Lead.objects.in_bulk({int(one.receipt["lead"]) for one in answers if one.receipt})
    return [found[int(one.receipt["lead"])] for one in answers if one.receipt]


def capture(body: dict[str, Any] | None = None, *, now: dt.datetime = NOW, **parts: Any) -> Lead:
    """The lead of one touch; see `touch` for the keywords."""
    return captures([body if body is not None else touch(**parts)], now=now)[0]


def captures_attached(*, now: dt.datetime = NOW, **parts: Any) -> Lead:
    """The known lead that one more touch of its buyer joins."""
    (answer,) = intake.capture([touch(**parts)], scope="tests", keys=[_key()], now=now)
    assert answer.receipt is not None, answer
    assert answer.receipt["outcome"] == "attached", answer.receipt
    check_rules()
    return Lead.objects.get(pk=answer.receipt["lead"])


def customer(account: Account, *, since: dt.datetime = NOW, **columns: Any) -> Customer:
    """The record of a company that is a customer, with its first step."""
    made = Customer.objects.create(account=account, since=since, version=1, **columns)
    CustomerStep.objects.create(
        customer=made, sequence=1, kind="BECAME", status="ACTIVE", at=since, recorded_at=since
    )
    return made


def work(lead: Lead, *, to: str, now: dt.datetime, by: User | None = None) -> Lead:
    """The owner (or `by`) takes an MQL forward to SAL, SQL, OPPORTUNITY, WON or LOST, all `now`."""
    who = by or lead.owner
    assert who is not None, "nobody owns this lead"
    common: dict[str, Any] = {"lead_id": lead.pk, "by": who, "now": now}
    way = ("MQL", "SAL", "SQL", "OPPORTUNITY", "WON" if to == "WON" else "LOST")
    for stage in way[way.index(lead.stage) + 1 : way.index(to) + 1]:
        if stage == "SAL":
            actions.accept(**common, icp_confirmed=True, reachable=True)
        elif stage == "SQL":
            actions.log_activity(**common, kind="DISCOVERY_CALL")
            actions.sales_qualify(**common, checklist=BANT)
        elif stage == "OPPORTUNITY":
            actions.convert(**common, name="A deal", amount=None)
        elif stage == "WON":
            actions.win(**common)
        else:
            actions.lose(**common, reason="price")
    check_rules()
    return Lead.objects.get(pk=lead.pk)


def check_rules() -> None:
    """Let the database check now what it would check at commit."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def _key() -> str:
    return f"key-{next(_numbers)}"
