"""What a discovery call must bring, point by point: kept between calls, and what is missing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from core import errors
from core.errors import FieldError
from governance.kit import Kit
from governance.terms import Checklist
from leads import cleansing, services
from leads.models import Lead
from leads.stages import CLOSED, Stage
from lifecycle import acts, permissions
from lifecycle.acts import Act
from lifecycle.models import ChecklistAnswer
from people.models import User

LONGEST = 2_000
Answers = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Standing:
    """How far one checklist is: how many points are answered, and the labels of the others."""

    checklist: Checklist
    answered: int
    missing: tuple[str, ...]

    @property
    def is_met(self) -> bool:
        """Whether enough is known."""
        return self.answered >= self.checklist.needed

    @property
    def words(self) -> str:
        """`BANT: 2 of 4, lacks Budget, Timeline`."""
        told = f"{self.checklist.label}: {self.answered} of {self.checklist.needed}"
        return told if self.is_met else f"{told}, lacks {', '.join(self.missing)}"


def asked(kit: Kit) -> list[Checklist]:
    """The checklists of which any one makes an SQL, in the kit's order."""
    wanted = {key for one in kit.criteria(Stage.SQL.value) for key in one.checklists}
    return [one for key, one in kit.checklists.items() if key in wanted]


def kept(lead: Lead) -> dict[str, str]:
    """What is known in this cycle, by point. One query."""
    return dict(kept_rows(lead))


def kept_rows(lead: Lead) -> QuerySet[ChecklistAnswer, tuple[str, str]]:
    """The rows for `kept`, to be asked with others."""
    rows = ChecklistAnswer.objects.filter(lead=lead, cycle=lead.cycle).exclude(text="")
    return rows.order_by("point").values_list("point", "text")


def standings(kit: Kit, answers: Answers) -> list[Standing]:
    """How far each checklist is with these answers."""
    return [_standing(one, answers) for one in asked(kit)]


def _standing(checklist: Checklist, answers: Answers) -> Standing:
    missing = tuple(
        one.label for one in checklist.items if not answers.get(f"{checklist.key}.{one.key}")
    )
    return Standing(checklist, len(checklist.items) - len(missing), missing)


def save(*, lead_id: int, by: User, checklist: Answers, now: dt.datetime | None = None) -> Lead:
    """Keep what was learnt so far, point by point; an empty answer takes one back.

    The owner's, or who may act for them. Points that are not named stay as they are. Raises
    InvalidInput for a point that the kit does not know, TooLate for a closed lead.
    """
    with acts.on(lead_id, by=by, now=now) as act:
        permissions.require_owner(act.lead, by)
        if act.lead.stage in CLOSED:
            raise errors.TooLate("This lead is closed.", state=services.state_of(act.lead))
        known = _known(act.kit)
        faults = [
            FieldError(f"checklist.{name}", "The kit has no such point.", "unknown")
            for name in checklist
            if name not in known and name not in {one.partition(".")[2] for one in known}
        ]
        if faults:
            raise errors.InvalidInput("The kit asks for other points.", errors=faults)
        write(act, checklist)
    return act.lead


def merged(act: Act, given: Answers) -> dict[str, str]:
    """What is known with what is said now: that takes the place of what was kept."""
    points = _points(act.kit, given)
    rest = {name: text for name, text in given.items() if not _reaches(name, points)}
    together = kept(act.lead) | rest | points
    return {name: text for name, text in together.items() if text.strip()}


def write(act: Act, given: Answers) -> None:
    """Keep these answers in the present cycle of the lead; the kit's own points only."""
    known = kept(act.lead)
    ChecklistAnswer.objects.bulk_create(
        [
            ChecklistAnswer(
                lead=act.lead, cycle=act.lead.cycle, point=point, text=text, by=act.by, at=act.now
            )
            for point, text in sorted(_points(act.kit, given).items())
            if known.get(point, "") != text
        ],
        update_conflicts=True,
        unique_fields=["lead", "cycle", "point"],
        update_fields=["text", "by", "at"],
    )


def _points(kit: Kit, given: Answers) -> dict[str, str]:
    """Answers by checklist and item; one said without its list counts in each that has it."""
    found = {}
    for point in _known(kit):
        name = point if point in given else point.partition(".")[2]
        if name in given:
            found[point] = cleansing.clean_text(given[name], LONGEST, field=f"checklist.{name}")
    return found


def _reaches(name: str, points: Answers) -> bool:
    return any(name in (one, one.partition(".")[2]) for one in points)


def _known(kit: Kit) -> list[str]:
    return [f"{one.key}.{item.key}" for one in asked(kit) for item in one.items]


def listed(standing: Sequence[Standing]) -> str:
    """What is missing of all of them, in a sentence; empty once one is met."""
    if any(one.is_met for one in standing):
        return ""
    return "; or ".join(one.words for one in standing)
