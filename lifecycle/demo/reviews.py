"""What became of the kit meanwhile: three changes in force, one that awaits a signature, one begun.

Told through the kit's own services: drafted, simulated on the leads of those days, submitted,
signed by two sides, published.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from governance import editing, selectors, services
from governance.models import (
    ClockPolicy,
    Criterion,
    EscalationLevel,
    KitPart,
    KitVersion,
    ScoreRule,
)
from lifecycle.demo.agenda import Deed
from lifecycle.simulation import runs
from people.models import User

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
SATURDAY = 5

Edit = Callable[[KitVersion, User, datetime], None]


@dataclass(frozen=True, slots=True)
class Change:
    """One change of the kit: what RevOps wrote, and who signed for whom, in their order."""

    title: str
    notes: str
    edit: Edit
    signers: tuple[tuple[str, str], ...]


def planned(*, now: datetime) -> Iterator[tuple[datetime, Deed]]:
    """What is to be done with the kit, and when."""
    for days, change in ((58, _WEBINARS), (41, _NEXT_REP), (26, _MEDIA)):
        morning = _workday(now - days * DAY)
        yield morning, functools.partial(_put_up, change)
        yield morning + 4 * HOUR, functools.partial(_publish, change)
    yesterday = _workday(now - DAY)
    yield yesterday, functools.partial(_put_up, _LARGER)
    yield yesterday + 2 * HOUR, functools.partial(_begin, _EVENTS)


def _workday(at: datetime) -> datetime:
    """Ten in the morning of that day, or of the Friday before a weekend."""
    back = max(0, at.weekday() - SATURDAY + 1) * DAY
    return (at - back).replace(hour=9, minute=0, second=0)


def _publish(change: Change, at: datetime) -> None:
    version = KitVersion.objects.get(title=change.title)
    services.publish(version, by=_person("rita"), now=at)


def _put_up(change: Change, at: datetime) -> None:
    """Drafted, simulated, submitted, and signed by those named, within the next hours."""
    rita = _person("rita")
    version = _draft(change, rita, at)
    tried_at = at + timedelta(minutes=30)
    run = runs.prepare(version, by=rita, now=tried_at)
    runs.run(run.pk, now=tried_at)
    note = "Checked against last month's leads."
    version = services.submit(version, by=rita, now=at + HOUR, note=note)
    for place, (login, party) in enumerate(change.signers, start=1):
        signed_at = at + HOUR + place * timedelta(minutes=20)
        services.sign(version, party=party, by=_person(login), now=signed_at)


def _begin(change: Change, at: datetime) -> None:
    _draft(change, _person("rita"), at)


def _draft(change: Change, by: User, at: datetime) -> KitVersion:
    version = services.draft(
        base=selectors.active_version(), title=change.title, by=by, now=at, notes=change.notes
    )
    change.edit(version, by, at)
    return version


def _person(login: str) -> User:
    return User.objects.get(username=login)


def _set(
    version: KitVersion, model: type[KitPart], key: str, by: User, at: datetime, **values: Any
) -> None:
    part = model._default_manager.get(kit=version, key=key)
    for name, value in values.items():
        setattr(part, name, value)
    editing.save_part(part, changed=list(values), by=by, now=at)


def _webinars(version: KitVersion, by: User, at: datetime) -> None:
    _set(version, ScoreRule, "webinar", by, at, points=15, cap=30)


def _next_rep(version: KitVersion, by: User, at: datetime) -> None:
    """Forms, chats and missed calls: an hour after the deadline somebody else has the lead."""
    for level in (
        EscalationLevel(
            kit=version, key="next_rep", label="The next rep takes it over", after_minutes=60,
            act="GIVE_ANEW", times=1, tell=["TEAM_MANAGER"], then="team_manager",
        ),
        EscalationLevel(
            kit=version, key="team_manager", label="The team's manager takes it over",
            after_minutes=240, act="MANAGER", tell=["MANAGERS"], then="revops",
        ),
    ):  # fmt: skip
        editing.add_part(level, by=by, now=at)
    for channel in ("form", "chat", "phone"):
        key = f"first_contact.{channel}"
        _set(version, ClockPolicy, key, by, at, escalation="next_rep")


def _media(version: KitVersion, by: User, at: datetime) -> None:
    icp = Criterion.objects.get(kit=version, key="icp").condition
    for test in icp["all"]:
        if test["fact"] == "company.industry":
            test["value"] = [*test["value"], "Media"]
    rule = ScoreRule.objects.get(kit=version, key="industry").condition
    rule = {**rule, "value": [*rule["value"], "Media"]}
    _set(version, Criterion, "icp", by, at, condition=icp)
    _set(version, ScoreRule, "industry", by, at, condition=rule)


def _larger(version: KitVersion, by: User, at: datetime) -> None:
    icp = Criterion.objects.get(kit=version, key="icp")
    condition = icp.condition
    for test in condition["all"]:
        if test["fact"] == "company.employees":
            test["value"] = [100, 5000]
    prose = icp.prose.replace("50 to 5,000", "100 to 5,000")
    _set(version, Criterion, "icp", by, at, condition=condition, prose=prose)


def _events(version: KitVersion, by: User, at: datetime) -> None:
    prose = "Everybody met at an event is contacted within 16 hours of weekdays."
    _set(version, ClockPolicy, "first_contact.event", by, at, minutes=960, prose=prose)


_WEBINARS = Change(
    "Webinars count more",
    "Buyers who sat through a webinar convert as often as those who met us at an event, "
    "but counted less.",
    _webinars,
    (("katrin", "APPROVER"),),
)
_NEXT_REP = Change(
    "Missed first contacts go to the next rep",
    "One in ten buyers who asked to be called waited for more than an hour. From now on somebody "
    "else of the pool has them by then, and the manager if that does not help either.",
    _next_rep,
    (("oliver", "SALES"), ("nina", "MARKETING")),
)
_MEDIA = Change(
    "Media is a target industry",
    "Three wins among publishers this year. Sales asks for these leads; Marketing agrees.",
    _media,
    (("oliver", "SALES"), ("nina", "MARKETING")),
)
_LARGER = Change(
    "Companies from 100 employees",
    "Companies with 50 to 100 employees take as long to close as larger ones and bring a third. "
    "They stay inquiries and are nurtured.",
    _larger,
    (("katrin", "SALES"),),
)
_EVENTS = Change(
    "Answer event leads faster",
    "Two thirds of the stand's visitors had spoken to a competitor by the time we called.",
    _events,
    (),
)
