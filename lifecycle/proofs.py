"""What must be shown before a step: activities, checklists; and people's notes.

What is affirmed on accepting is in `affirming`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core import bulk, errors
from core.errors import DomainError, FieldError
from governance.kit import Kit
from governance.terms import Checklist
from leads import cleansing, intake, references, selectors
from leads.models import Activity, EventKind, Lead, LeadEvent
from leads.references import Reference
from leads.stages import Stage
from lifecycle.acts import Act

LONGEST_NOTE = 5_000
TOLERANCE = dt.timedelta(minutes=10)
LATEST = dt.timedelta(days=3_660)
"""So far ahead something may be planned at most."""


@dataclass(frozen=True, slots=True)
class Reported:
    """Which system tells of an activity: by its id there, and where it can be seen.

    `verified`: it is that system's own record; without an id it is somebody's word all the same.
    `automatic`: a machine sent it, such as an acknowledgement, which is no contact.
    """

    source: str = ""
    external_id: str = ""
    url: str = ""
    verified: bool = False
    automatic: bool = False

    def reference(self) -> Reference | None:
        """The id that it has there; None without one. Raises InvalidInput for an unusable one."""
        known = self.source and self.external_id
        return references.read(self.source, self.external_id, self.url) if known else None


BY_HAND = Reported()


def require_sales_qualified(kit: Kit, lead: Lead, checklist: Mapping[str, str]) -> dict[str, Any]:
    """What proves an SQL, for the event. Raises InvalidInput listing everything that is missing."""
    faults: list[FieldError] = []
    proof: dict[str, Any] = {}
    for criterion in kit.criteria(Stage.SQL.value):
        if criterion.proof == "ACTIVITY":
            found = _completed(lead, criterion.activity_kinds)
            if found is None:
                faults.append(FieldError(criterion.key, f"{criterion.label}: log it first."))
            proof["activity"] = found
        if criterion.proof == "CHECKLIST":
            lists = [kit.checklists[key] for key in criterion.checklists]
            met = next((one for one in lists if _answered(one, checklist) >= one.needed), None)
            if met is None:
                faults += [_unmet(one, checklist) for one in lists]
            else:
                proof["checklist"] = met.key
                proof["items"] = [item for item in _items(met) if _filled(met, item, checklist)]
    if faults:
        raise errors.InvalidInput(
            "Not yet an SQL: " + " ".join(fault.message for fault in faults), errors=faults
        )
    return proof


def open_activities(kit: Kit, lead: Lead) -> list[str]:
    """What must be logged as completed before the lead can be an SQL, and is not."""
    return [
        f"{one.label}: log it first."
        for one in kit.criteria(Stage.SQL.value)
        if one.proof == "ACTIVITY" and _completed(lead, one.activity_kinds) is None
    ]


def keep_checklist(act: Act, checklist: Mapping[str, str]) -> None:
    """Keep the answers as an erasable note."""
    said = [f"{key}: {text.strip()}" for key, text in sorted(checklist.items()) if text.strip()]
    if said:
        keep_note(act, "\n".join(said))


def keep_note(act: Act, text: str) -> int:
    """Keep free text as an activity of kind note, which an erasure can blank; returns its id."""
    if act.by is None:
        raise ValueError("a note needs somebody who wrote it")
    note = Activity(
        lead=act.lead,
        kind=Activity.Kind.NOTE,
        by=act.by,
        at=act.now,
        recorded_at=act.now,
        note=_text("note", text),
    )
    number(note)
    act.ledger.add(note)
    return int(note.pk)


def number(activity: Activity) -> None:
    """Give an activity its id ahead of writing, so that events can name it."""
    activity.pk = bulk.reserve({Activity: 1})[Activity][0]


def activity_fields(
    *,
    kind: str,
    direction: str,
    outcome: str,
    at: dt.datetime | None,
    note: str,
    now: dt.datetime,
) -> dict[str, Any]:
    """The checked fields of an activity. Raises InvalidInput naming each fault."""
    faults = []
    for name, value, choices in (
        ("kind", kind, Activity.Kind.values),
        ("direction", direction, Activity.Direction.values),
        ("outcome", outcome, Activity.Outcome.values),
    ):
        if value not in choices:
            faults.append(FieldError(name, f"Choose one of {', '.join(choices)}."))
    when = at or now
    if when.tzinfo is None:
        faults.append(FieldError("at", "Say the zone too."))
    elif not intake.EARLIEST <= when <= now + LATEST:
        faults.append(FieldError("at", "This lies before 1990, or too many years ahead."))
    elif when > now + TOLERANCE and outcome != Activity.Outcome.SCHEDULED:
        faults.append(FieldError("at", "This lies in the future; log it as scheduled."))
    if faults:
        raise errors.InvalidInput("The activity cannot be kept as it is.", errors=faults)
    return {
        "kind": kind,
        "direction": direction,
        "outcome": outcome,
        "at": when if outcome == Activity.Outcome.SCHEDULED else min(when, now),
        "note": _text("note", note),
    }


def _text(field: str, text: str) -> str:
    try:
        return cleansing.clean_text(text, LONGEST_NOTE) if text else ""
    except DomainError as fault:
        raise errors.InvalidInput(
            fault.message, errors=[FieldError(field, fault.message, fault.code)]
        ) from None


def _completed(lead: Lead, kinds: tuple[str, ...]) -> int | None:
    """The last of these that was held in the lead's present cycle: earlier talks prove nothing."""
    done = Activity.objects.standing().filter(
        lead=lead, kind__in=kinds, outcome=Activity.Outcome.COMPLETED
    )
    if lead.cycle > 1:
        steps = LeadEvent.objects.filter(lead=lead, kind=EventKind.STAGE, cycle=lead.cycle)
        done = done.filter(at__gte=steps.order_by("sequence").values("at")[:1])
    return done.order_by("-at").values_list("pk", flat=True).first()


def _items(checklist: Checklist) -> list[str]:
    return [item.key for item in checklist.items]


def _filled(checklist: Checklist, item: str, answers: Mapping[str, str]) -> bool:
    own = answers.get(f"{checklist.key}.{item}", "")
    return bool((own or answers.get(item, "")).strip())


def _answered(checklist: Checklist, answers: Mapping[str, str]) -> int:
    return sum(_filled(checklist, item, answers) for item in _items(checklist))


def _unmet(checklist: Checklist, answers: Mapping[str, str]) -> FieldError:
    open_items = [
        item.label for item in checklist.items if not _filled(checklist, item.key, answers)
    ]
    short = checklist.needed - _answered(checklist, answers)
    return FieldError(
        f"checklist.{checklist.key}",
        f"{checklist.label} lacks {short} of: {', '.join(open_items)}.",
        "incomplete",
    )


def require_same(twin: Activity, lead_id: int, fields: Mapping[str, Any], *, timed: bool) -> None:
    """Refuse an activity that was logged under this id otherwise. Raises Taken."""
    names = ("kind", "direction", "outcome", *(("at",) if timed else ()))
    differ = [name for name in names if getattr(twin, name) != fields[name]]
    if twin.lead_id not in selectors.with_merged(lead_id):
        differ.insert(0, "lead")
    if differ:
        raise references.Taken(
            f"Activity {twin.pk} is kept under this id with another {', '.join(differ)}. What was "
            "done stays as it was logged; log a correction under an id of its own.",
            state={"activity": str(twin.pk)},
        )
