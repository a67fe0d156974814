"""Stage × channel: which clock stands where, what a stage owes any channel, and why not."""

from __future__ import annotations

from dataclasses import dataclass

from core.texts import _
from governance.kit import Kit
from leads import stages
from sla import matrix
from sla.matrix import Row, Slot
from web.console import words

LABELS = dict(stages.CHOICES)


@dataclass(frozen=True, slots=True)
class Owed:
    """One obligation in a cell; `why` says why nothing is owed instead."""

    text: str
    own: bool
    why: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """One stage, with what is owed there whatever the channel."""

    stage: str
    label: str
    line: str
    always: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """One channel with a cell for each stage."""

    label: str
    cells: tuple[tuple[Owed, ...], ...]


@dataclass(frozen=True, slots=True)
class Matrix:
    """The whole matrix."""

    columns: tuple[Column, ...]
    lines: tuple[Line, ...]


def of_kit(kit: Kit) -> Matrix | None:
    """The matrix in words; None for a kit that names no channels."""
    channels = [one.channel for one in kit.channels.values()]
    if not channels:
        return None
    rows = matrix.of_kit(kit, channels)
    common = [_common(row) for row in rows]
    columns = tuple(
        Column(
            row.stage,
            LABELS.get(row.stage, row.stage),
            _("Who asked for a person") if row.hand_raisers_only else "",
            tuple(_slot(kit, slot).text for slot in row.cells[0].slots if slot.obligation in same),
        )
        for row, same in zip(rows, common, strict=True)
    )
    lines = tuple(
        Line(
            kit.channels[channel].label if channel in kit.channels else channel,
            tuple(_cell(kit, row, place, same) for row, same in zip(rows, common, strict=True)),
        )
        for place, channel in enumerate(channels)
    )
    return Matrix(columns, lines)


def _common(row: Row) -> frozenset[str]:
    """The obligations that stand alike in every cell of a stage."""
    first, *others = row.cells
    if first.exemption or any(cell.exemption for cell in others):
        return frozenset()
    alike = [
        slot.obligation
        for slot in first.slots
        if slot.policy is not None and all(slot in cell.slots for cell in others)
    ]
    return frozenset(alike)


def _cell(kit: Kit, row: Row, place: int, common: frozenset[str]) -> tuple[Owed, ...]:
    cell = row.cells[place]
    if cell.exemption is not None:
        return (Owed(_("No SLA"), own=True, why=cell.exemption.because),)
    own = tuple(_slot(kit, slot) for slot in cell.slots if slot.obligation not in common)
    return own or ((Owed(_("As the stage"), own=False),) if cell.slots else (Owed("–", own=False),))


def _slot(kit: Kit, slot: Slot) -> Owed:
    what = slot.obligation.replace("_", " ").capitalize()
    if slot.exemption is not None:
        return Owed(_("{what}: no SLA").format(what=what), own=True, why=slot.exemption.because)
    if slot.policy is None:
        return Owed(
            _("{what}: no clock").format(what=what),
            own=True,
            why="it depends on more than the channel",
        )
    policy = slot.policy
    besides = f", {words.plural(len(slot.special), 'special case')}" if slot.special else ""
    promise = words.promise(policy.allowance).replace(" ", "\N{NO-BREAK SPACE}")
    if policy.elapsed:
        promise += _(" day and night")
    return Owed(f"{what} {promise}{besides}", own=not slot.is_inherited)
