"""The sales stages of a kit, as opportunities go through them. Pure."""

from __future__ import annotations

import datetime as dt
import functools
from dataclasses import dataclass

from governance.kit import Kit


@dataclass(frozen=True, slots=True)
class DealStage:
    """One stage: how many of a hundred are won from it, and how long one usually stands there."""

    key: str
    label: str
    win_percent: int
    expected_days: int | None = None

    def expected_by(self, since: dt.datetime) -> dt.datetime | None:
        """Until when an opportunity that came here `since` is expected to go on."""
        days = self.expected_days
        return since + dt.timedelta(days=days) if days is not None else None


@functools.lru_cache(maxsize=64)
def of_kit(kit: Kit) -> tuple[DealStage, ...]:
    """The stages in their order. Kits of before there were any have none."""
    return tuple(
        DealStage(
            one["key"], one["label"], int(one.get("win_percent", 0)), one.get("expected_days")
        )
        for one in kit.part_documents("deal_stage")
    )


def find(kit: Kit, key: str) -> DealStage | None:
    """The stage of this key; None where this version has none such."""
    return next((one for one in of_kit(kit) if one.key == key), None)


def label(kit: Kit | None, key: str) -> str:
    """The stage's name, or its key where this version, or no kit at all, has none such."""
    found = find(kit, key) if kit is not None else None
    return found.label if found is not None else key


def choose(kit: Kit) -> str:
    """What to say to whoever names a stage that this version has not."""
    known = ", ".join(one.key for one in of_kit(kit))
    return f"Choose one of the kit's sales stages: {known}." if known else "The kit has no stages."
