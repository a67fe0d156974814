"""Which exclusion has a lead out in a replay, as `exclusions` decides it for live ones. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from governance.kit import Kit
from leads import exclusion
from leads.quality_floor import Facts
from leads.stages import CLOSED, Stage
from lifecycle import turns
from lifecycle.simulation.course import PASSED, Doing, Stood

HEARD = ("touch", "sent")
"""What an event names that follows from a touch, or from signals that came by themselves."""


@dataclass(frozen=True, slots=True)
class Fate:
    """What exclusions make of a lead now: it comes back, is taken out, or both, one by another.

    `kept_out`: nothing else follows for it.
    """

    kept_out: bool = False
    let_in: bool = False
    taken: bool = False


@dataclass(slots=True)
class Out:
    """The exclusion that has a lead out, by key; those it may pass; whether it was not heard.

    `stood` is where the lead stood when it was taken out, and since when.
    """

    kit: Kit
    key: str
    passed: frozenset[str]
    unheard: bool
    stood: Stood

    def judge(self, stage: str, *, owned: bool, raised: bool, asked: bool, known: Facts) -> Fate:
        """Its fate by what is known; `asked` says that a request of the buyer is open."""
        may = exclusion.may_catch(stage, owned=owned)
        if not (self.key or (self.kit.exclusions and (may or (raised and stage in CLOSED)))):
            return Fate()
        found = exclusion.decide(self.kit, known, passed=self.passed)
        keys = [one.exclusion.key for one in found]
        let_in = bool(self.key) and self.key not in keys
        taken = bool(keys) and (let_in or (may and not self.key))
        if let_in or taken:
            self.key = keys[0] if taken else ""
        if self.key:
            self.unheard = self.unheard or raised or (taken and asked)
        return Fate(bool(self.key) or (bool(keys) and stage in CLOSED), let_in, taken)

    def passes(self, key: str) -> bool:
        """A person lets it past an exclusion; says whether that one had it out."""
        self.passed |= {key}
        had_it_out = self.key == key
        if had_it_out:
            self.key = ""
        return had_it_out

    def leads_to(self, *, account_status: str, total: float, at: dt.datetime) -> Stood:
        """Where a lead comes back to `at` an instant, and since when it stands there."""
        stood, since, wake_on = self.stood
        faded = total < self.kit.general.recycle_below
        to = turns.comes_back_to(Stage(stood), account_status=account_status, faded=faded)
        if to == stood:
            return Stood(stood, since or at, wake_on)
        return Stood(to.value, at)

    def hears(self) -> bool:
        """Whether the buyer asked for a person while it was out; asked once."""
        heard, self.unheard = self.unheard and not self.key, self.unheard and bool(self.key)
        return heard


def stood(because: Mapping[str, Any], entered_at: dt.datetime) -> Stood:
    """Where a lead stood that was taken out; what was not kept means an inquiry."""
    told = because.get("stood") or {}
    return Stood(told.get("stage", Stage.INQUIRY.value), entered_at, told.get("wake_on", ""))


def learnt(because: Mapping[str, Any]) -> dict[str, Any] | None:
    """The step of a course that a step of exclusions is, by what its event says.

    None on what was heard: there they decide by themselves, as they do where more became known.
    Whose rejection was overturned meanwhile comes back as an MQL.
    """
    told: dict[str, Any] = {"doing": Doing.LEARNT}
    if because.get("passed"):
        told |= {"transition": PASSED, "reason": str(because["exclusion"])}
    elif any(name in because for name in HEARD):
        return None
    return told | {"to": Stage.MQL.value} if exclusion.REJECTION in because else told
