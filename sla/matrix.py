"""Stage × channel: which clock stands in each cell of a kit, or why none does. Pure.

A cell belongs to a stage in which somebody answers for the lead; in INQUIRY and NURTURE that is
only so for buyers who asked for a person, so there only clocks count that a raised hand starts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from governance import conditions
from governance.kit import Kit
from governance.moments import Moment
from governance.terms import Exemption, Policy
from leads.stages import WORKED, Stage

HAND_RAISERS = (Stage.INQUIRY, Stage.NURTURE)
STAGES = tuple(stage for stage in Stage if stage in WORKED or stage in HAND_RAISERS)
_DECIDES = frozenset({"lead.channel", "lead.stage"})


@dataclass(frozen=True, slots=True)
class Slot:
    """One obligation in one cell: the policy that stands, or the exemption, or neither.

    `special` are policies tried before it whose conditions ask for more than the channel.
    """

    obligation: str
    policy: Policy | None
    exemption: Exemption | None = None
    special: tuple[Policy, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether neither a clock nor a reason for having none stands here."""
        return self.policy is None and self.exemption is None

    @property
    def is_inherited(self) -> bool:
        """Whether the clock is the stage's default rather than the channel's own."""
        return self.policy is not None and self.policy.condition is None


@dataclass(frozen=True, slots=True)
class Cell:
    """What is owed to a lead of one channel in one stage."""

    stage: str
    channel: str
    slots: tuple[Slot, ...]
    exemption: Exemption | None = None

    @property
    def is_empty(self) -> bool:
        """Whether no obligation at all is named, and no reason either."""
        return not self.slots and self.exemption is None


OF_SOME = frozenset({Moment.KNOWN_ACCOUNT, Moment.TOUCHED, Moment.NEXT_STEP_SET})


@dataclass(frozen=True, slots=True)
class Row:
    """One stage with a cell for each channel."""

    stage: str
    cells: tuple[Cell, ...]

    @property
    def hand_raisers_only(self) -> bool:
        """Whether the row is about buyers who asked for a person, not about every lead."""
        return self.stage in HAND_RAISERS


def of_kit(kit: Kit, channels: Sequence[str]) -> tuple[Row, ...]:
    """The whole matrix, stages in their order, channels as given."""
    return tuple(
        Row(stage.value, tuple(_cell(kit, stage, channel) for channel in channels))
        for stage in STAGES
    )


def _cell(kit: Kit, stage: Stage, channel: str) -> Cell:
    counted = [one for one in kit.policies if stage in one.stages and _counts(one, stage)]
    obligations = list(dict.fromkeys(one.obligation for one in counted))
    slots = tuple(
        _slot(kit, stage, channel, [one for one in counted if one.obligation == obligation])
        for obligation in obligations
    )
    exemption = kit.exemption(stage=stage.value, channel=channel, obligation="")
    return Cell(stage.value, channel, slots, exemption)


def _counts(policy: Policy, stage: Stage) -> bool:
    if policy.starts_on and policy.starts_on <= OF_SOME:
        return False  # most leads of the cell are never owed it
    return stage not in HAND_RAISERS or Moment.HAND_RAISED in policy.starts_on


def _slot(kit: Kit, stage: Stage, channel: str, policies: Sequence[Policy]) -> Slot:
    obligation = policies[0].obligation
    exemption = kit.exemption(stage=stage.value, channel=channel, obligation=obligation)
    if exemption is not None:
        return Slot(obligation, None, exemption)
    special: list[Policy] = []
    known = {"lead.channel": channel, "lead.stage": stage.value}
    for policy in policies:
        fits = _fits(policy, known)
        if fits:
            return Slot(obligation, policy, special=tuple(special))
        if fits is None:
            special.append(policy)
    return Slot(obligation, None, special=tuple(special))


def _fits(policy: Policy, known: Mapping[str, object]) -> bool | None:
    """Whether a policy stands for every lead of the cell; None when that hangs on other facts."""
    if policy.condition is None:
        return True
    if conditions.facts_of(policy.condition) <= _DECIDES:
        return conditions.holds(policy.condition, known)
    return None
