"""Why a lead passes over somebody who has had it before, in the words of the record. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

HELD = "held it before"
DECLINED = "said it was not theirs"


def reasons(passed: Collection[int], *, declined: Collection[int] = ()) -> Mapping[int, str]:
    """By user why they are passed over: as they held it, or as they `declined` it.

    What is by user already stays as it is.
    """
    known = dict(passed) if isinstance(passed, Mapping) else dict.fromkeys(passed, HELD)
    return known | dict.fromkeys(declined, DECLINED)


def as_data(passed: Mapping[int, str]) -> dict[str, Any]:
    """For the record of a pick of a large pool; having held it needs no words."""
    told: dict[str, Any] = {"passed": sorted(passed)}
    if len(said := set(passed.values())) == 1 and HELD not in said:
        told["why"] = said.pop()
    elif more := sorted((user, why) for user, why in passed.items() if why != HELD):
        told["whys"] = [list(one) for one in more]
    return told


def from_data(place: Mapping[str, Any]) -> Mapping[int, str]:
    """The same, from such a record."""
    return dict.fromkeys(place["passed"], place.get("why", HELD)) | dict(place.get("whys", ()))


def who_declined(candidates: Iterable[Mapping[str, Any]]) -> list[int]:
    """Those of a record's candidates who had said that the lead was not theirs."""
    return [one["user"] for one in candidates if one.get("excluded") == DECLINED]
