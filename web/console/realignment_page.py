"""One realignment: how far it is, what it did, what may be done with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from urllib.parse import urlencode

from django.urls import reverse

from core import errors, phrases
from core.errors import FieldError
from core.texts import _
from lifecycle.models import RealignedRow, Realignment
from lifecycle.realigning import planning, terms, undoing
from lifecycle.realigning.planning import Wanted
from lifecycle.realigning.touching import Kind, Touched
from people.models import User
from reports.declaration import Value
from routing import realignment as pure
from routing.realignment import Holder
from web.console import realign_preview, words
from web.console.realign_preview import Line
from web.console.realigned_words import NOUNS, TERMS, TONES, day_of

PAGE = 100
MOST_DIGITS = 18


@dataclass(frozen=True, slots=True)
class Count:
    """How many came to the same, with the list of them."""

    label: str
    what: str
    url: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One line, and what became of it."""

    line: Line
    state: str
    why: str


@dataclass(frozen=True, slots=True)
class RealignmentPage:
    """The page."""

    id: int
    title: str
    state: str
    tone: str
    is_open: bool
    sentence: str
    done: int
    total: int
    changes: tuple[str, ...]
    terms: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    reason: str
    kept: tuple[str, ...]
    counts: tuple[Count, ...]
    rows: tuple[Row, ...]
    next_url: str
    csv_url: str
    may_cancel: bool
    may_undo: bool


def build(
    act_id: int, reader: User, query: Mapping[str, str], *, now: datetime, zone: tzinfo
) -> RealignmentPage:
    """The page for those who may realign. Raises NotAllowed or NotFound."""
    act = planning.seen(act_id, reader)
    counts = planning.counts(act)
    chosen = query.get("state", "")
    if chosen not in ("", *RealignedRow.State.values):
        raise _other("state")
    rows, next_url = _rows(act, chosen, query.get("after", ""))
    total = sum(counts.values())
    back = act.state in (Realignment.State.UNDOING, Realignment.State.UNDONE)
    waiting = RealignedRow.State.MOVED if back else RealignedRow.State.PENDING
    open_rows = sum(count for (_rest, state), count in counts.items() if state == waiting)
    wanted = Wanted(pure.from_data(act.changes), act.effective_on, terms.from_data(act.terms))
    return RealignmentPage(
        id=act.pk,
        title=_("Realignment from {day_of}").format(day_of=day_of(act.effective_on)),
        state=act.get_state_display(),
        tone=TONES[act.state],
        is_open=act.state in (Realignment.State.RUNNING, Realignment.State.UNDOING),
        sentence=_sentence(act, total, total - open_rows),
        done=total - open_rows,
        total=total,
        changes=realign_preview.changes_in_words(wanted),
        terms=tuple(
            "{label}: {words}".format(
                label=label, words=_("go along") if getattr(wanted.terms, name) else _("stay")
            )
            for name, label in TERMS
        ),
        facts=_facts(act, now=now, zone=zone),
        reason=act.reason,
        kept=tuple(act.kept),
        counts=_counts(act, counts, chosen),
        rows=rows,
        next_url=next_url,
        csv_url=reverse("console:realignment-csv", args=[act.pk]),
        may_cancel=act.state in (Realignment.State.SCHEDULED, Realignment.State.RUNNING),
        may_undo=act.state in undoing.OVER and act.started_at is not None,
    )


def export(act_id: int, reader: User) -> Iterator[Sequence[Value]]:
    """Headings, then every row with what became of it. Raises as `build`."""
    act = planning.seen(act_id, reader)
    return _exported(act)


def _exported(act: Realignment) -> Iterator[Sequence[Value]]:
    yield (*realign_preview.HEADINGS[:-2], "What became of it", "Why")
    after = 0
    while some := list(act.rows.filter(pk__gt=after).order_by("pk")[: realign_preview.TOGETHER]):
        after = some[-1].pk
        for row in _shown(some):
            line = row.line
            yield (line.kind, line.number, line.name, line.company, line.stage, line.before,
                   line.after, row.state, row.why)  # fmt: skip


def _sentence(act: Realignment, total: int, done: int) -> str:
    state = Realignment.State(act.state)
    if state is Realignment.State.SCHEDULED:
        return _(
            "Begins at midnight UTC of {day_of}. Routing goes by it from then on; "
            "what goes along is collected then."
        ).format(day_of=day_of(act.effective_on))
    of = _("{done} of {plural} dealt with").format(
        done=f"{done:,}", plural=phrases.plural(total, "row")
    )
    if state is Realignment.State.RUNNING:
        return _("{of}. The worker goes on by itself.").format(of=of)
    if state is Realignment.State.UNDOING:
        return _("Being undone, {of}. The worker goes on by itself.").format(of=of)
    return {
        Realignment.State.DONE: _("Done: {plural} dealt with.").format(
            plural=phrases.plural(total, "row")
        ),
        Realignment.State.CANCELLED: _(
            "Called off. What had gone along by then stays so until it is undone."
        )
        if act.started_at is not None
        else _("Called off before its day; nothing of it remains."),
        Realignment.State.UNDONE: _("Undone. What somebody had acted upon was left and is listed."),
    }[state]


def _facts(act: Realignment, *, now: datetime, zone: tzinfo) -> tuple[tuple[str, str], ...]:
    told = [
        (_("By"), str(act.by)),
        (_("Asked for"), words.moment(act.requested_at, now=now, zone=zone)),
    ]
    if act.finished_at is not None:
        told.append((_("Finished"), words.moment(act.finished_at, now=now, zone=zone)))
    if act.ended_by is not None:
        told.append((_("Called off or undone by"), str(act.ended_by)))
    return tuple(told)


def _counts(
    act: Realignment, counts: Mapping[tuple[str, str], int], chosen: str
) -> tuple[Count, ...]:
    address = reverse("console:realignment", args=[act.pk])
    found = []
    for state in RealignedRow.State:
        kinds = [(kind, counts.get((kind.value, state.value), 0)) for kind in Kind]
        if any(count for _rest, count in kinds):
            what = phrases.listed(
                [phrases.plural(count, *NOUNS[kind]) for kind, count in kinds if count]
            )
            url = f"{address}?{urlencode({'state': state.value})}"
            found.append(Count(state.label, what, url, state.value == chosen))
    return tuple(found)


def _rows(act: Realignment, state: str, after: str) -> tuple[tuple[Row, ...], str]:
    rows = act.rows.order_by("pk")
    if state:
        rows = rows.filter(state=state)
    if after:
        if not (after.isascii() and after.isdigit() and len(after) <= MOST_DIGITS):
            raise _other("after")
        rows = rows.filter(pk__gt=int(after))
    found = list(rows[: PAGE + 1])
    shown = found[:PAGE]
    if len(found) <= PAGE:
        return _shown(shown), ""
    asked = {"state": state, "after": shown[-1].pk}
    return _shown(shown), f"?{urlencode({name: one for name, one in asked.items() if one})}"


def _shown(rows: Sequence[RealignedRow]) -> tuple[Row, ...]:
    touched = [
        Touched(
            Kind(row.kind), row.number, row.stage, row.from_user_id, row.from_queue,
            Holder(row.to_user_id, row.to_pool), row.why,
        )
        for row in rows
    ]  # fmt: skip
    return tuple(
        Row(line, row.get_state_display(), row.why)
        for row, line in zip(rows, realign_preview.lines_of(touched), strict=True)
    )


def _other(field: str) -> errors.InvalidInput:
    text = _("Use the links of this page; this address is not one of them.")
    return errors.InvalidInput(text, errors=[FieldError(field, text)])
