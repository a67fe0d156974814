"""Courses of made-up leads without a database, and replays of real ones with it."""

from __future__ import annotations

import copy
import dataclasses
import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from governance import selectors, services, texts
from governance.kit import Kit
from governance.models import KitVersion
from governance.models.part import part_models
from leads.models import Lead
from leads.snapshot import Snapshot
from lifecycle.simulation import comparing, history, judging, replay, ticking
from lifecycle.simulation.comparing import Outcome
from lifecycle.simulation.course import Course, Doing, Heard, Step
from lifecycle.simulation.judging import Mark
from lifecycle.simulation.replay import Row
from lifecycle.simulation.rota import Given
from people.models import User
from routing.models import Assignment
from sla.models import Clock
from tests.factories import DAY, NOW

Change = Callable[[dict[str, Any]], object]

SINCE = NOW - DAY
UNTIL = NOW + 60 * DAY
INSIDE: dict[str, Any] = {
    "company_employees": 420,
    "company_industry": "Software",
    "company_country": "DE",
    "person_country": "DE",
    "channel": "FORM",
}
"""What is known of a buyer inside the playbook's profile."""


class Story:
    """Builds a course step by step; `known` is laid over INSIDE from the step on."""

    def __init__(self, lead: int = 1, **start: Any) -> None:
        self._lead, self._start = lead, start
        self._steps: list[Step] = []
        self._known: dict[str, Any] = dict(INSIDE)
        self._signals: list[tuple[str, dt.datetime]] = []
        self._touches = 0

    def touch(
        self, *kinds: str, at: dt.datetime = NOW, real: str = "INQUIRY", historical: bool = False,
        held: bool = False, **known: Any,
    ) -> Story:  # fmt: skip
        """The buyer shows these behaviours."""
        self._known |= known
        self._touches += 1
        carried = tuple((kind, at) for kind in kinds)
        self._signals += carried
        channel = self._known["channel"]
        heard = Heard(self._touches, channel, carried, historical)
        return self._add(Doing.TOUCHED, at, real, touch=heard, real_held=held)

    def step(self, transition: str, to: str, *, at: dt.datetime, reason: str = "") -> Story:
        """Somebody takes a step."""
        return self._add(Doing.STEPPED, at, to, transition=transition, to=to, reason=reason)

    def contact(
        self, *, at: dt.datetime, real: str = "MQL", said: dt.datetime | None = None
    ) -> Story:
        """Somebody reached out."""
        return self._add(Doing.CONTACTED, at, real, proof_at=said or at)

    def handed(self, user: int, *, at: dt.datetime, real: str = "MQL") -> Story:
        """Somebody gave it to a rep."""
        return self._add(Doing.HANDED, at, real, user=user)

    def answered(self, *, at: dt.datetime, real: str = "INQUIRY") -> Story:
        """A request was closed as answered."""
        return self._add(Doing.ANSWERED, at, real)

    def course(self, until: dt.datetime = UNTIL) -> Course:
        """The whole story."""
        start = {"entered_at": SINCE, **self._start}
        return Course(lead=self._lead, since=SINCE, until=until, steps=tuple(self._steps), **start)

    def _add(self, doing: Doing, at: dt.datetime, real: str, **more: Any) -> Story:
        signals = tuple(sorted(self._signals, key=lambda one: one[1], reverse=True))
        known = Snapshot(now=at, touches=self._touches, signals=signals, **self._known)
        order = len(self._steps) + 1
        self._steps.append(
            Step(at=at, order=order, doing=doing, known=known, real_stage=real, **more)
        )
        return self


def as_it_went(course: Course, kit: Kit) -> Course:
    """The course as it really went, had this kit been in force: its stages are the real ones."""
    steps: list[Step] = []
    for step in course.steps:
        so_far = dataclasses.replace(course, steps=(*steps, step))
        stage = judging.judge(so_far, kit).stage
        steps.append(dataclasses.replace(step, real_stage=stage))
    return dataclasses.replace(course, steps=tuple(steps))


def alone(course: Course, kit: Kit, *, user: int = 7, wait: dt.timedelta | None = None) -> Outcome:
    """One lead under one kit, where a rep takes it at once, or after a wait."""
    judged = judging.judge(course, kit)
    asks = [(n, one) for n, one in enumerate(judged.marks) if one.mark is Mark.ASKS and one.pool]
    given = [(n, Given(one.pool, user, one.at + (wait or dt.timedelta()))) for n, one in asks]
    clocks = ticking.run(
        judged.marks,
        {place: one.at for place, one in given if one.at is not None},
        kit,
        carried=course.carried,
        owned=course.owner is not None,
        until=course.until,
    )
    return comparing.outcome(judged, given, clocks)


# With a database.


def kit_with(*changes: Change) -> Kit:
    """The active kit's text with these changes, ready to decide with, stored nowhere."""
    document = copy.deepcopy(selectors.active_kit().document)
    for change in changes:
        change(document)
    return texts.compiled_document(document)


def draft(*changes: Change, by: User, now: dt.datetime) -> KitVersion:
    """The same as a stored draft."""
    document = copy.deepcopy(selectors.active_kit().document)
    for change in changes:
        change(document)
    return services.draft_from_document(document, title="A change", by=by, now=now)


def replayed(
    after: Kit, *, since: dt.datetime = SINCE, until: dt.datetime = UNTIL
) -> tuple[dict[str, Any], dict[int, Row]]:
    """The report of the active kit beside another, and the leads kept of it."""
    rows: dict[int, Row] = {}

    def keep(row: Row) -> None:
        rows[row.lead] = row

    told = replay.replay(selectors.active_kit(), after, since=since, until=until, keep=keep)
    return told, rows


def assert_as_it_was(leads: Mapping[str, Lead]) -> None:
    """Under the kit in force a replay leads each of them where it is, with the clocks it had."""
    kit = selectors.active_kit()
    for name, lead in leads.items():
        (course,) = history.courses([lead.pk], since=SINCE, until=UNTIL)
        judged = judging.judge(course, kit)
        assert (judged.stage, name) == (lead.stage, name)
        given = Assignment.objects.filter(lead=lead).exists()
        asked = {n: one.at for n, one in enumerate(judged.marks) if one.mark == "ASKS" and given}
        found = ticking.run(judged.marks, asked, kit, until=UNTIL)
        told = sorted((one.policy, one.started_at, one.due_at) for one in found)
        real = Clock.objects.filter(lead=lead).values_list("policy", "started_at", "due_at")
        assert [one for one in told if one not in real] == [], name
        assert [one for one in real if one not in told] == [], name


def edit(version: KitVersion, kind: str, key: str, **values: Any) -> None:
    """Change one part of a draft."""
    model = next(one for one in part_models() if one.kind == kind)
    row = model._default_manager.get(kit=version, key=key)
    for name, value in values.items():
        setattr(row, name, value)
    row.save()


def known_later(row: Any, *, at: dt.datetime, **values: Any) -> None:
    """Somebody corrects a person or an account at an instant; history keeps both."""
    for name, value in values.items():
        setattr(row, name, value)
    row._history_date = at
    row.save(update_fields=list(values))


def differences(rows: Mapping[int, Row], leads: Sequence[Lead]) -> list[tuple[str, ...]]:
    """In what each of these leads differs; nothing where it was not kept."""
    return [rows[lead.pk].differs if lead.pk in rows else () for lead in leads]
