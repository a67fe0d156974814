"""The form of a mailing: which KPIs, when, to whom."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl

from django import forms
from django.forms.boundfield import BoundField

from core import database
from core.errors import DomainError
from core.texts import _
from people.models import Role, User
from reports.facts import company_days
from reports.metrics import catalogue
from reports.metrics.declaring import PERIODS, SLICES, Metric
from web.by_mail import acts, letter, rhythm
from web.by_mail.letter import Part
from web.console import metric_words, saved_views
from web.console.fields import TickField
from web.models import ReportMailing

ALONE = "-"
PART = "part-"


class MailingForm(forms.Form):
    """Making or changing a mailing; of each KPI whether it is in it, and how it is broken down."""

    def __init__(
        self,
        *data: Any,
        reader: User,
        mailing: ReportMailing | None = None,
        given: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(*data)
        self.reader, self.mailing = reader, mailing
        parts = letter.parts_of(mailing.parts) if mailing else _asked(given or {})
        self._add_when(mailing)
        self._add_parts(parts)
        self._add_more([one for one in parts if one not in self._plain(parts).values()])
        if acts.may_send_to_others(reader):
            self._add_readers(mailing)

    def _add_when(self, mailing: ReportMailing | None) -> None:
        shown = mailing or ReportMailing()
        number = [(str(one), f"{one:02}:00") for one in range(24)]
        by_week = shown.rhythm == rhythm.Rhythm.WEEKLY
        self.fields["name"] = forms.CharField(
            label=_("Name"), max_length=acts.LONGEST, initial=shown.name,
            help_text=_("It is the subject of the mail."),
        )  # fmt: skip
        self.fields["rhythm"] = forms.ChoiceField(
            label=_("How often"), choices=rhythm.Rhythm.choices, initial=shown.rhythm
        )
        self.fields["weekday"] = forms.ChoiceField(
            label=_("On, if every week"),
            choices=[(str(one), rhythm.weekday(one)) for one in range(7)],
            initial=str(shown.day if by_week else 0), required=False,
        )  # fmt: skip
        self.fields["month_day"] = forms.IntegerField(
            label=_("On day, if every month"), min_value=1, max_value=28, required=False,
            initial=max(1, shown.day) if shown.rhythm == rhythm.Rhythm.MONTHLY else 1,
        )  # fmt: skip
        self.fields["hour"] = forms.ChoiceField(
            label=_("At"), choices=number, initial=str(shown.hour),
            help_text=_("By the company's clock, {zone}.").format(zone=company_days.zone().key),
        )  # fmt: skip
        self.fields["with_files"] = TickField(
            label=_("With CSV files"), initial=shown.with_files,
            help_text=_("One of each KPI that is broken down."),
        )  # fmt: skip

    def _add_parts(self, parts: tuple[Part, ...]) -> None:
        chosen = self._plain(parts)
        for metric in catalogue.ALL.values():
            ways = [(one, _("By {slice}").format(slice=SLICES[one].lower()))
                    for one in metric.slices]  # fmt: skip
            part = chosen.get(metric.key)
            self.fields[PART + metric.key] = forms.ChoiceField(
                label=metric.name, required=False,
                choices=[("", _("Not in it")), (ALONE, _("The number alone")), *ways],
                initial=(part.by or ALONE) if part else "",
            )  # fmt: skip

    def _add_more(self, present: list[Part]) -> None:
        """Parts with filters: those it has, and those of saved views."""
        kept = {_packed(one): one.name for one in present}
        views = {
            _packed(part): f"{view.name}: {part.name}"
            for view, part in _views(self.reader)
            if part.by or part.only
        }
        self.fields["more"] = forms.MultipleChoiceField(
            label=_("From saved views"), required=False, initial=[*kept],
            choices=[*{**views, **kept}.items()], widget=forms.CheckboxSelectMultiple,
            help_text=_("As they are now, with their filters; their period is the mail's."),
        )  # fmt: skip

    def _add_readers(self, mailing: ReportMailing | None) -> None:
        people = User.objects.filter(is_active=True).exclude(role=Role.SERVICE)
        chosen = [one.user_id for one in mailing.readers.all()] if mailing else [self.reader.pk]
        self.fields["readers"] = forms.ModelMultipleChoiceField(
            label=_("To"), queryset=people.order_by("first_name", "last_name", "pk"),
            initial=chosen, widget=forms.CheckboxSelectMultiple, required=False,
            help_text=_("Each gets the figures that they may see."),
        )  # fmt: skip

    def _plain(self, parts: tuple[Part, ...]) -> dict[str, Part]:
        """The first part without filters of each KPI."""
        found: dict[str, Part] = {}
        for one in parts:
            if not one.only:
                found.setdefault(one.metric.key, one)
        return found

    @property
    def heads(self) -> Iterator[BoundField]:
        """When and how."""
        return (one for one in self if not one.name.startswith((PART, "more", "readers")))

    @property
    def groups(self) -> Iterator[tuple[str, list[BoundField]]]:
        """The KPIs by their kind."""
        for name, metrics in catalogue.GROUPS.items():
            yield str(metric_words.GROUPS[name]), [self[PART + one.key] for one in metrics]

    @property
    def lists(self) -> Iterator[BoundField]:
        """What is ticked of lists."""
        shown = [self[name] for name in ("more", "readers") if name in self.fields]
        return (one for one in shown if one.errors or len(one.subwidgets))

    def run(self) -> str:
        """Save it; returns the sentence of the toast. Raises DomainError."""
        said, now = self.cleaned_data, database.now()
        by_week = said["rhythm"] == rhythm.Rhythm.WEEKLY
        wanted = acts.Wanted(
            name=said["name"], rhythm=said["rhythm"],
            day=int(said["weekday"] or 0) if by_week else said["month_day"] or 1,
            hour=int(said["hour"]), parts=self._chosen(), readers=self._readers(),
            with_files=said["with_files"],
        )  # fmt: skip
        self.mailing = acts.save(self.reader, wanted, now=now, mailing=self.mailing)
        return _("Saved. {rhythm}.").format(rhythm=rhythm.words(self.mailing))

    def _chosen(self) -> list[Part]:
        said = self.cleaned_data
        plain = [
            Part(metric, "" if said[PART + metric.key] == ALONE else said[PART + metric.key], {})
            for metric in catalogue.ALL.values()
            if said[PART + metric.key]
        ]
        return [*plain, *letter.parts_of([json.loads(one) for one in said.get("more", [])])]

    def _readers(self) -> list[User]:
        if "readers" in self.fields:
            return list(self.cleaned_data["readers"])
        if self.mailing is None:
            return [self.reader]
        return [one.user for one in self.mailing.readers.select_related("user")]

    def refuse(self, refusal: DomainError) -> None:
        """Put each fault beside its field; what has no field here goes on top."""
        for fault in refusal.errors:
            self.add_error(fault.field if fault.field in self.fields else None, fault.message)
        if not refusal.errors:
            self.add_error(None, refusal.message)


def _packed(part: Part) -> str:
    return json.dumps(part.as_data(), sort_keys=True)


def _asked(given: Mapping[str, str]) -> tuple[Part, ...]:
    """What an address asks to begin with: the KPI it came from."""
    only = {name: value for name, value in given.items() if name in SLICES and value}
    return letter.parts_of([{"key": given.get("key"), "by": given.get("by"), "only": only}])


def _views(reader: User) -> Iterator[tuple[saved_views.Saved, Part]]:
    """The saved views that are of KPIs."""
    for view in saved_views.of_reports(reader):
        metric: Metric | None = catalogue.ALL.get(view.page)
        if metric is None:
            continue
        query = dict(parse_qsl(view.query))
        by = query.get("by", "")
        only = {one: query[one] for one in metric.slices if query.get(one)}
        if by not in PERIODS:
            yield view, Part(metric, by if by in metric.slices else metric.slices[0], only)
