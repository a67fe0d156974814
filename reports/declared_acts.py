"""Saying between what a metric usually lies, and naming who answers for it. Rows are only added."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from core import database, errors
from core.errors import FieldError
from core.texts import _
from people.models import Role, User
from reports.metrics import catalogue
from reports.metrics.declaring import PERIODS, Metric
from reports.models import BenchmarkLine, MetricOwner

LARGEST = 1e12


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A benchmark as somebody says it: shares from 0 to 1, times in seconds, money in base
    currency; one end may be open.
    """

    low: float | None
    high: float | None
    source: str
    dated: dt.date | None
    slice: str = ""
    value: str = ""


def may(user: User) -> bool:
    """Whether somebody says benchmarks and names owners."""
    return user.is_active and (user.is_superuser or user.plays(Role.REVOPS))


def require_may(user: User) -> None:
    """Raises NotAllowed."""
    if not may(user):
        raise errors.NotAllowed(_("Benchmarks and owners of KPIs are kept by RevOps."))


def state(metric: Metric, said: Said, *, by: User, now: dt.datetime | None = None) -> BenchmarkLine:
    """Say a benchmark; the one before is kept as it was. Raises InvalidInput, NotAllowed."""
    require_may(by)
    at = now or database.now()
    if faults := _faults(metric, said, at):
        raise errors.InvalidInput(faults[0].message, errors=faults)
    return BenchmarkLine.objects.create(
        metric=metric.key, slice=said.slice, value=said.value, low=said.low, high=said.high,
        source=said.source.strip(), dated=said.dated, by=by, recorded_at=at,
    )  # fmt: skip


def withdraw(
    metric: Metric, slice_: str, value: str, *, by: User, now: dt.datetime | None = None
) -> BenchmarkLine:
    """From now on none is stated there. Raises NotAllowed."""
    require_may(by)
    _require_slice(metric, slice_, value)
    return BenchmarkLine.objects.create(
        metric=metric.key, slice=slice_, value=value, withdrawn=True, by=by,
        recorded_at=now or database.now(),
    )  # fmt: skip


def name(
    metric: Metric, owner: User | None, *, by: User, now: dt.datetime | None = None
) -> MetricOwner:
    """Name who answers for a metric; nobody: whoever plays the role of its declaration.

    Raises NotAllowed, and InvalidInput for somebody who is not at work here.
    """
    require_may(by)
    if owner is not None and (not owner.is_active or owner.role == Role.SERVICE):
        message = _("{person} cannot answer for it: name somebody who is at work here.").format(
            person=owner
        )
        raise errors.InvalidInput(message, errors=[FieldError("owner", message, "choice")])
    return MetricOwner.objects.create(
        metric=metric.key, owner=owner, by=by, recorded_at=now or database.now()
    )


def metric_of(key: str) -> Metric:
    """The metric of a key. Raises NotFound naming those there are."""
    if key not in catalogue.ALL:
        known = ", ".join(catalogue.ALL)
        raise errors.NotFound(f"There is no KPI “{key[:40]}”; there are: {known}.")
    return catalogue.ALL[key]


def _require_slice(metric: Metric, slice_: str, value: str) -> None:
    if fault := _slice_fault(metric, slice_, value):
        raise errors.InvalidInput(fault.message, errors=[fault])


def _slice_fault(metric: Metric, slice_: str, value: str) -> FieldError | None:
    known = [one for one in metric.slices if one not in PERIODS]
    if slice_ and slice_ not in known:
        message = _("It cannot be told by {slice}; use one of {known}.").format(
            slice=slice_[:20], known=", ".join(known)
        )
        return FieldError("slice", message, "choice")
    if slice_ and not value.strip():
        return FieldError("value", _("Say of which value of it."), "required")
    if value and (not slice_ or len(value) > 160 or not value.isprintable()):
        return FieldError("value", _("Say of what it is a value, in 160 letters at most."), "value")
    return None


def _faults(metric: Metric, said: Said, now: dt.datetime) -> list[FieldError]:
    sliced = _slice_fault(metric, said.slice, said.value)
    return [*([sliced] if sliced else []), *_ends(metric, said), *_told_by(said, now)]


def _ends(metric: Metric, said: Said) -> list[FieldError]:
    found = []
    if said.low is None and said.high is None:
        found.append(FieldError("low", _("Say a lower or an upper bound, or both."), "required"))
    top = 1.0 if metric.headline.unit == "share" else LARGEST
    for field, end in (("low", said.low), ("high", said.high)):
        if end is not None and not 0 <= end <= top:
            told = _("A share lies from 0 to 100 %.") if top == 1 else _("This is out of range.")
            found.append(FieldError(field, told, "range"))
    if said.low is not None and said.high is not None and said.low > said.high:
        found.append(FieldError("high", _("The upper bound lies below the lower one."), "range"))
    return found


def _told_by(said: Said, now: dt.datetime) -> list[FieldError]:
    found = []
    if not said.source.strip():
        told = _("Say who says so: a study, its year, its page.")
        found.append(FieldError("source", told, "required"))
    elif len(said.source) > 300:
        found.append(FieldError("source", _("Say it in 300 letters at most."), "length"))
    if said.dated is None:
        found.append(FieldError("dated", _("Say when they said so."), "required"))
    elif said.dated > now.date() or said.dated.year < 1970:
        found.append(FieldError("dated", _("Write a day that has been."), "date"))
    return found
