"""The words for the values of slices, and the order in which lines stand. Reads names only."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from governance import selectors as kits
from governance.models import KitVersion
from leads import bands, stages
from leads.models import Account, Channel, SourceCategory
from people.models import Team, User
from reports.metrics.values import Row

_STAGES = [stage.value for stage in stages.Stage]
_BANDS = [key for key, *_ in bands.BANDS]
_NONE = {
    "rep": "Nobody",
    "team": "No team",
    "segment": "Size unknown",
    "kit": "No kit",
    "partner": "No partner",
}


@dataclass(frozen=True, slots=True)
class Words:
    """How one slice speaks of its values."""

    by: str
    of: Mapping[str, str]

    def label(self, key: str) -> str:
        """The value in words."""
        if not key:
            return _NONE.get(self.by, "None")
        return self.of.get(key, key)

    def place(self, row: Row) -> tuple[Any, ...]:
        """Where its line stands: stages and sizes in their order, else by its words; none last."""
        key = row.key
        if self.by == "stage":
            return (_STAGES.index(key) if key in _STAGES else len(_STAGES), key)
        if self.by == "segment":
            return (_BANDS.index(key) if key in _BANDS else len(_BANDS), key)
        if self.by == "kit":
            return (not key, int(self.of.get(key, "0").removeprefix("Kit v") or 0))
        if self.by in ("month", "week"):
            return (key,)
        return (key == "", key == "-1", row.label.casefold(), key)


def of(by: str, keys: Collection[str]) -> Words:
    """The words for these values of a slice. At most one query."""
    if by in _FIXED:
        return Words(by, _FIXED[by])
    return Words(by, _READ[by](keys) if by in _READ else {})


def _ids(keys: Iterable[str]) -> list[int]:
    return [int(key) for key in keys if key.isdecimal()]


def _people(keys: Collection[str]) -> dict[str, str]:
    found = User.objects.filter(pk__in=_ids(keys))
    names = {str(one.pk): one.get_full_name() or one.username for one in found}
    return {**names, "-1": "Colleagues"}


def _teams(keys: Collection[str]) -> dict[str, str]:
    found = Team.objects.filter(pk__in=_ids(keys))
    return {str(pk): name for pk, name in found.values_list("pk", "name")}


def _versions(keys: Collection[str]) -> dict[str, str]:
    found = KitVersion.objects.filter(pk__in=_ids(keys))
    return {str(pk): f"Kit v{number}" for pk, number in found.values_list("pk", "number")}


def _partners(keys: Collection[str]) -> dict[str, str]:
    found = Account.objects.filter(pk__in=_ids(keys))
    return {str(pk): name for pk, name in found.values_list("pk", "name")}


def _plain(keys: Collection[str]) -> dict[str, str]:
    return {key: key.replace("_", " ").replace(".", ": ").capitalize() for key in keys}


def _months(keys: Collection[str]) -> dict[str, str]:
    return {key: key[:7] for key in keys}


def _reasons(_keys: Collection[str]) -> dict[str, str]:
    kit = kits.in_force_or_none().read()
    return {one.key: one.label for one in kit.reasons.values()} if kit else {}


def _criteria(_keys: Collection[str]) -> dict[str, str]:
    kit = kits.in_force_or_none().read()
    return {one.key: one.label for one in kit.all_criteria} if kit else {}


_FIXED: Mapping[str, Mapping[str, str]] = {
    "source": {key: str(label) for key, label in SourceCategory.choices},
    "channel": {key: str(label) for key, label in Channel.choices},
    "stage": dict(stages.CHOICES),
    "segment": dict(bands.CHOICES),
    "nurtured": {"true": "Nurtured", "false": "Not nurtured"},
}
_READ: Mapping[str, Callable[[Collection[str]], dict[str, str]]] = {
    "rep": _people,
    "team": _teams,
    "kit": _versions,
    "month": _months,
    "partner": _partners,
    "obligation": _plain,
    "policy": _plain,
    "reason": _reasons,
    "criterion": _criteria,
}


def kit_numbers(keys: Iterable[str]) -> tuple[int, ...]:
    """The numbers of kit versions with these ids."""
    return tuple(
        KitVersion.objects.filter(pk__in=_ids(keys))
        .order_by("number")
        .values_list("number", flat=True)
    )
