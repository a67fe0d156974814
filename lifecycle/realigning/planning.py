"""Planning a realignment: what is asked for is checked, previewed, confirmed, called off.

The rows of territories are written when it is confirmed, with their day: routing goes by them from
that midnight on, worker or not. What holders have meanwhile goes along when the job takes it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count, QuerySet

from core import database, errors
from core.errors import FieldError
from leads import cleansing
from lifecycle import fingerprints, permissions, reasons
from lifecycle.models import RealignedRow, Realignment
from lifecycle.realigning import charting, touching
from lifecycle.realigning.charting import Asked
from lifecycle.realigning.terms import Terms
from lifecycle.realigning.touching import Kind, Look, Touched
from people.models import Role, User
from routing import realignment as pure
from routing import selectors as routing_selectors
from routing.models import Territory
from routing.realignment import Changes

EDITORS = frozenset({Role.REVOPS, Role.MANAGER})
State = Realignment.State
OPEN = (State.SCHEDULED, State.RUNNING, State.UNDOING)
LISTED = 200
LONGEST_REASON = 500
DEFAULT_TERMS = Terms()
FARTHEST = dt.timedelta(days=730)


class Overlaps(errors.TooLate):
    """Another realignment of these territories is not over."""

    code = "realignment_open"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody asks for: changes from a day on, and what goes along."""

    changes: Changes
    day: dt.date
    terms: Terms = DEFAULT_TERMS


def want(asked: Asked, day: dt.date, terms: Terms = DEFAULT_TERMS) -> Wanted:
    """What is to change for what is asked, as things stand on that day. Two queries."""
    return Wanted(charting.changes_of(asked, routing_selectors.chart_on(day)), day, terms)


@dataclass(frozen=True, slots=True)
class Preview:
    """What it would do: how much of each kind goes along and stays, by whom and to whom.

    `between` counts by kind, former and next holder what goes along; `stays` by kind and why.
    `lines` are the first `LISTED` of all. `remarks` say what else there is to know.
    """

    total: int
    moving: Counter[Kind]
    staying: Counter[Kind]
    stages: Counter[tuple[str, bool]]
    between: Counter[tuple[Kind, int | None, str, int | None, str]]
    stays: Counter[tuple[Kind, str]]
    lines: tuple[Touched, ...]
    remarks: tuple[str, ...]

    @property
    def seen(self) -> str:
        """What to hand back with the confirmation, so that nobody confirms something else."""
        told = sorted(map(repr, (*self.between.items(), *self.stays.items())))
        return hashlib.sha256("\n".join(told).encode()).hexdigest()[:32]


def may_change(by: User) -> bool:
    """Whether this person may realign territories."""
    return by.is_active and (by.is_superuser or by.plays(*EDITORS))


def require_may(by: User) -> None:
    """Raises NotAllowed for all but RevOps and managers."""
    if not may_change(by):
        raise errors.NotAllowed("Only RevOps and managers realign territories.")


def today(now: dt.datetime) -> dt.date:
    """The day of territories, which is that of UTC."""
    return now.astimezone(dt.UTC).date()


def preview(wanted: Wanted, *, by: User, now: dt.datetime) -> Preview:
    """What it would do as things stand. Writes nothing. Raises as `submit`, reason apart."""
    require_may(by)
    _require_day(wanted.day, now)
    before = _checked(wanted)
    lines: list[Touched] = []
    moving: Counter[Kind] = Counter()
    staying: Counter[Kind] = Counter()
    stages: Counter[tuple[str, bool]] = Counter()
    between: Counter[tuple[Kind, int | None, str, int | None, str]] = Counter()
    stays: Counter[tuple[Kind, str]] = Counter()
    for one in touching.all_of(Look(before, wanted.changes, wanted.terms)):
        if len(lines) < LISTED:
            lines.append(one)
        if one.kind == Kind.LEAD:
            stages[one.stage, one.moves] += 1
        if one.moves:
            moving[one.kind] += 1
            between[one.kind, one.from_user, one.from_queue, one.to.user, one.to.pool] += 1
        else:
            staying[one.kind] += 1
            stays[one.kind, one.why] += 1
    return Preview(
        total=moving.total() + staying.total(),
        moving=moving,
        staying=staying,
        stages=stages,
        between=between,
        stays=stays,
        lines=tuple(lines),
        remarks=tuple(charting.remarks(wanted.changes, wanted.day)),
    )


def listed(wanted: Wanted, *, by: User, now: dt.datetime) -> Iterator[Touched]:
    """Everything the preview counts, one after the other."""
    require_may(by)
    _require_day(wanted.day, now)
    return touching.all_of(Look(_checked(wanted), wanted.changes, wanted.terms))


@transaction.atomic
def submit(
    wanted: Wanted, *, by: User, reason: str, seen: str | None = None,
    now: dt.datetime | None = None,
) -> Realignment:  # fmt: skip
    """Confirm it: territories are written with their day, the rest waits for that day.

    `seen` is that of the preview that was confirmed; None where nobody looked at one. Raises
    NotAllowed; InvalidInput naming each fault; Overlaps while another realignment of one of these
    territories or areas is not over; LookAgain where it would do something else by now.
    """
    require_may(by)
    at = now or database.now()
    if not reason.strip():
        raise reasons.missing("reason", "Say why, in a few words: it stays with the realignment.")
    _require_day(wanted.day, at)
    keys = sorted(wanted.changes.territories)
    known = Territory.objects.filter(key__in=keys).order_by("pk")
    rows = {row.key: row for row in known.select_for_update(no_key=True)}
    _checked(wanted)
    if seen is not None and preview(wanted, by=by, now=at).seen != seen:
        raise fingerprints.LookAgain("It would not do what you saw any more. Look again.")
    act = Realignment.objects.create(
        effective_on=wanted.day,
        changes=wanted.changes.as_data(),
        terms=wanted.terms.as_data(),
        reason=cleansing.clean_text(reason, LONGEST_REASON, field="reason"),
        by=by,
        requested_at=at,
    )
    act.written = charting.write(wanted.changes, wanted.day, rows, by=by, reason=act.reason)
    act.save(update_fields=["written"])
    return act


@transaction.atomic
def cancel(act_id: int, *, by: User, now: dt.datetime | None = None) -> Realignment:
    """Call it off. Before its day nothing of it remains; while it runs, the rest stays as it is."""
    act = locked(act_id, by)
    at = now or database.now()
    if act.state == State.SCHEDULED:
        act.kept = charting.take_back(act, by=by, day=today(at), reason="Called off")
    elif act.state == State.RUNNING:
        pending = act.rows.filter(state=RealignedRow.State.PENDING)
        pending.update(state=RealignedRow.State.STAYED, why="called off before it was its turn")
    else:
        raise errors.TooLate("It is over already; undo it instead.")
    act.state, act.finished_at, act.ended_by = State.CANCELLED, at, by
    act.save(update_fields=["state", "finished_at", "ended_by", "kept"])
    return act


def _require_may_see(reader: User) -> None:
    if not permissions.audits(reader):
        require_may(reader)


def locked(act_id: int, by: User) -> Realignment:
    """The record, locked. Raises NotAllowed or NotFound."""
    require_may(by)
    seen(act_id, by)
    return Realignment.objects.select_for_update(no_key=True).get(pk=act_id)


def seen(act_id: int, reader: User) -> Realignment:
    """A realignment, for those who may make them, or audit. Raises NotAllowed or NotFound."""
    _require_may_see(reader)
    rows = Realignment.objects.select_related("by", "ended_by")
    row = rows.filter(pk=min(act_id, 2**63 - 1)).first()
    if row is None:
        raise errors.NotFound("There is no such realignment.")
    return row


def _require_day(day: dt.date, now: dt.datetime) -> None:
    if day < today(now):
        raise invalid("from", "What has been cannot be realigned: choose today (UTC) or later.")
    if day > today(now) + FARTHEST:
        raise invalid("from", "That is more than two years from now; choose an earlier day.")


def _checked(wanted: Wanted) -> pure.Chart:
    """The chart of the day without the changes. Raises InvalidInput or Overlaps."""
    changes = wanted.changes
    if not changes.handovers and not changes.moves:
        raise invalid("changes", "Nothing would change: choose another holder, or move an area.")
    before = routing_selectors.chart_on(wanted.day)
    known = set(Territory.objects.filter(key__in=changes.territories).values_list("key", flat=True))
    faults = list(charting.faults(changes, known))
    if faults:
        raise errors.InvalidInput("This cannot be done as it is.", errors=faults)
    for other in Realignment.objects.filter(state__in=OPEN).select_related("by").order_by("pk"):
        _require_apart(changes, other)
    return before


def _require_apart(changes: Changes, other: Realignment) -> None:
    theirs = pure.from_data(other.changes)
    shared = sorted(changes.territories & theirs.territories)
    if shared or changes.spots & theirs.spots:
        named = ", ".join(f"“{key}”" for key in shared) or "one of these areas"
        raise Overlaps(
            f"Realignment {other.pk} of {named} from {other.effective_on:%-d %b %Y} by {other.by} "
            "is not over. Wait for it, or call it off.",
            state={"realignment": str(other.pk)},
        )


def invalid(field: str, text: str) -> errors.InvalidInput:
    """One fault of what was asked for."""
    return errors.InvalidInput(text, errors=[FieldError(field, text)])


def counts(act: Realignment) -> Mapping[tuple[str, str], int]:
    """By kind and state, how many rows. One query."""
    return counts_of([act]).get(act.pk, {})


def counts_of(acts: Sequence[Realignment]) -> Mapping[int, Mapping[tuple[str, str], int]]:
    """The same of each of several. One query."""
    rows = RealignedRow.objects.filter(realignment__in=acts).order_by()
    found: defaultdict[int, dict[tuple[str, str], int]] = defaultdict(dict)
    told = rows.values_list("realignment", "kind", "state").annotate(number=Count("pk"))
    for act, kind, state, number in told:
        found[act][kind, state] = number
    return found


def visible(reader: User) -> QuerySet[Realignment]:
    """All of them, for whoever may realign, or audits. Raises NotAllowed for others."""
    _require_may_see(reader)
    return Realignment.objects.select_related("by")
