"""What is said of a metric beside its declaration: benchmarks and owner, and how they changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.urls import reverse

from core.errors import DomainError
from core.texts import _
from people.models import Role, User
from reports import declared, declared_acts
from reports.facts import company_days
from reports.metrics import labels
from reports.metrics.declaring import PERIODS, SLICES, Benchmark, Metric
from reports.models import BenchmarkLine
from web.console import metric_words, words

HOUR = 3600.0


class BenchmarkForm(forms.Form):
    """Between what the metric usually lies: shares in per cent, times in hours."""

    act = forms.CharField(initial="benchmark", widget=forms.HiddenInput)

    def __init__(self, *data: Any, reader: User, metric: Metric) -> None:
        super().__init__(*data)
        self.reader, self.metric = reader, metric
        unit = _unit(metric)
        number = {"inputmode": "decimal", "autocomplete": "off"}
        for name, label in (("low", _("Lower bound")), ("high", _("Upper bound"))):
            self.fields[name] = forms.FloatField(
                label=f"{label} ({unit})" if unit else label, required=False,
                widget=forms.TextInput(attrs=number),
            )  # fmt: skip
        slices = [(one, SLICES[one]) for one in metric.slices if one not in PERIODS]
        self.fields["slice"] = forms.ChoiceField(
            label=_("Of"), choices=[("", _("All")), *slices], required=False
        )
        self.fields["value"] = forms.CharField(
            label=_("Which"), max_length=160, required=False,
            help_text=_("The key of a line of that slice, as addresses have it; e.g. PAID."),
        )  # fmt: skip
        self.fields["source"] = forms.CharField(
            label=_("Who says so"), max_length=300, help_text=_("A study, its year, its page.")
        )
        self.fields["dated"] = forms.DateField(
            label=_("When"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        )

    def run(self) -> str:
        """State it; returns the sentence of the toast. Raises DomainError."""
        given = {name: value for name, value in self.cleaned_data.items() if name != "act"}
        scale = _scale(self.metric)
        for name in ("low", "high"):
            given[name] = None if given[name] is None else given[name] * scale
        declared_acts.state(self.metric, declared_acts.Said(**given), by=self.reader)
        return _("The benchmark of {metric} is stated.").format(metric=self.metric.name)

    def refuse(self, refusal: DomainError) -> None:
        """Put each fault beside its field."""
        _refuse(self, refusal)


class OwnerForm(forms.Form):
    """Who answers for the metric by name."""

    act = forms.CharField(initial="owner", widget=forms.HiddenInput)

    def __init__(self, *data: Any, reader: User, metric: Metric, initial: User | None) -> None:
        super().__init__(*data)
        self.reader, self.metric = reader, metric
        people = User.objects.filter(is_active=True).exclude(role=Role.SERVICE)
        self.fields["owner"] = forms.ModelChoiceField(
            label=_("Answered for by"), required=False, initial=initial,
            queryset=people.order_by("first_name", "last_name", "pk"),
            empty_label=_("Nobody by name: {role}").format(role=metric.owner.label),
        )  # fmt: skip

    def run(self) -> str:
        """Name them; returns the sentence of the toast. Raises DomainError."""
        named = self.cleaned_data["owner"]
        declared_acts.name(self.metric, named, by=self.reader)
        return _("{owner} answers for {metric}.").format(
            owner=named or self.metric.owner.label, metric=self.metric.name
        )

    def refuse(self, refusal: DomainError) -> None:
        """Put each fault beside its field."""
        _refuse(self, refusal)


class WithdrawForm(forms.Form):
    """No benchmark there from now on."""

    act = forms.CharField(initial="withdraw", widget=forms.HiddenInput)
    slice = forms.CharField(required=False, max_length=12)
    value = forms.CharField(required=False, max_length=160)

    def __init__(self, *data: Any, reader: User, metric: Metric) -> None:
        super().__init__(*data)
        self.reader, self.metric = reader, metric

    def run(self) -> str:
        """Withdraw it; returns the sentence of the toast. Raises DomainError."""
        given = self.cleaned_data
        declared_acts.withdraw(self.metric, given["slice"], given["value"], by=self.reader)
        return _("The benchmark is withdrawn; what it said is kept below.")

    def refuse(self, refusal: DomainError) -> None:
        """Put each fault beside its field."""
        _refuse(self, refusal)


@dataclass(frozen=True, slots=True)
class Line:
    """A benchmark that counts."""

    of: str
    told: str
    slice: str
    value: str


@dataclass(frozen=True, slots=True)
class DeclaredPage:
    """The page."""

    metric: Metric
    owner: str
    gone: bool
    lines: tuple[Line, ...]
    said: tuple[str, ...]
    """What was said and by whom, the latest first."""
    may: bool
    back_url: str


def form_of(
    act: str, data: Mapping[str, Any], reader: User, metric: Metric
) -> BenchmarkForm | OwnerForm | WithdrawForm:
    """The form that was sent."""
    if act == "owner":
        return OwnerForm(data, reader=reader, metric=metric, initial=None)
    if act == "withdraw":
        return WithdrawForm(data, reader=reader, metric=metric)
    return BenchmarkForm(data, reader=reader, metric=metric)


def build(reader: User, metric: Metric, *, now: dt.datetime) -> DeclaredPage:
    """What counts, and all that was said. Two queries, and one for the words of each slice."""
    said, named = list(declared.lines(metric)), list(declared.history(metric))
    owner = declared.owner(metric, named)
    found = declared.in_force(metric, said)
    told = [(one.recorded_at, _said(metric, one)) for one in said]
    told += [
        (one.recorded_at, _("{owner} answers for it. Said by {by}").format(
            owner=one.owner or metric.owner.label, by=one.by))
        for one in named
    ]  # fmt: skip
    zone = company_days.zone()
    return DeclaredPage(
        metric=metric,
        owner=owner_words(owner),
        gone=owner.gone,
        lines=tuple(
            Line(_of(*key), benchmark_words(metric, one), *key)
            for key, one in sorted(found.items())
        ),
        said=tuple(
            f"{text}, {words.moment(at, now=now, zone=zone)}"
            for at, text in sorted(told, reverse=True)
        ),
        may=declared_acts.may(reader),
        back_url=reverse("console:report", args=[metric.key]),
    )


def owner_words(owner: declared.Owner) -> str:
    """“Rita Diaz (RevOps)”, “RevOps”, or that nobody answers for it."""
    if owner.gone:
        return _("Nobody: {person} has left").format(person=owner.person)
    return f"{owner.person} ({owner.role})" if owner.person else owner.role


def benchmark_words(metric: Metric, told: Benchmark | None) -> str:
    """“2.0 % to 5.0 %: who says so, 1 Jan 2025”."""
    if told is None:
        return _("None is stated")
    unit = metric.headline.unit
    ends = [metric_words.say(one, unit) for one in (told.low, told.high) if one is not None]
    if told.low is None:
        lies = _("up to {high}").format(high=ends[0])
    elif told.high is None:
        lies = _("from {low}").format(low=ends[0])
    else:
        lies = _("{low} to {high}").format(low=ends[0], high=ends[1])
    return f"{lies}: {told.source}, {told.at.day} {told.at:%b %Y}"


def _said(metric: Metric, row: BenchmarkLine) -> str:
    of = _of(row.slice, row.value)
    if row.withdrawn:
        return _("{of}: withdrawn by {by}").format(of=of, by=row.by)
    told = Benchmark(row.low, row.high, row.source, row.dated or dt.date.min)
    return _("{of}: {told}. Said by {by}").format(
        of=of, told=benchmark_words(metric, told), by=row.by
    )


def _of(slice_: str, value: str) -> str:
    if not slice_:
        return _("All")
    return f"{SLICES[slice_]} {labels.of(slice_, [value]).label(value)}"


def _scale(metric: Metric) -> float:
    return {"share": 0.01, "seconds": HOUR}.get(metric.headline.unit, 1.0)


def _unit(metric: Metric) -> str:
    return {"share": "%", "seconds": _("hours")}.get(metric.headline.unit, "")


def _refuse(form: forms.Form, refusal: DomainError) -> None:
    for fault in refusal.errors:
        form.add_error(fault.field if fault.field in form.fields else None, fault.message)
    if not refusal.errors:
        form.add_error(None, refusal.message)
