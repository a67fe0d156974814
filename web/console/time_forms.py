"""The forms of somebody's working time: hours, leave, being away. One call each."""

from __future__ import annotations

import datetime as dt
import functools
from typing import Any

from django import forms
from django.utils.dates import WEEKDAYS

from core import zones
from core.errors import DomainError
from core.texts import _, lazy
from lifecycle import calendars, own_time
from people import calendar_file, day_hours, holders, languages, working_time
from people.models import CalendarFeed, Leave, User
from web.console import words
from web.console.fields import Choice, PickField, TickField

SHOWN = 3
"""Of leave that overlaps, so many are named."""

QUICK = (
    ("hour", lazy("For an hour")),
    ("day", lazy("For the rest of today")),
    ("until", lazy("Until a day")),
)


class TimeForm(forms.Form):
    """A form about `of`, sent by `reader`; for somebody else it asks why."""

    use_required_attribute = False

    def __init__(
        self, data: Any = None, files: Any = None, *, of: User, reader: User, now: dt.datetime
    ) -> None:
        super().__init__(data, files, auto_id=f"{type(self).__name__.lower()}_%s")
        self.of, self.reader, self.now = of, reader, now
        self.build()
        if of.pk != reader.pk:
            self.fields["why"] = forms.CharField(
                max_length=200, help_text=_("It stays in the history.")
            )

    def build(self) -> None:
        """Fields that depend on whose time it is."""

    def run(self) -> str:
        """Do it; returns the sentence of the toast. Raises DomainError."""
        raise NotImplementedError

    def refuse(self, refusal: DomainError) -> None:
        """Put each fault beside its field; what has no field here goes on top."""
        for fault in refusal.errors:
            self.add_error(fault.field if fault.field in self.fields else None, fault.message)
        if not refusal.errors:
            self.add_error(None, refusal.message)

    @property
    def who(self) -> dict[str, Any]:
        """Whose time it is, who changes it, and why."""
        return {"by": self.reader, "why": self.cleaned_data.get("why", "")}


class HoursForm(TimeForm):
    """The week, the zone, and whose public holidays are days off."""

    def build(self) -> None:
        week, seen = working_time.standing(self.of)
        for day, name in WEEKDAYS.items():
            self.fields[f"day_{day}"] = forms.CharField(
                label=str(name), required=False, max_length=120, initial=day_hours.write(week[day]),
                widget=forms.TextInput(attrs={"placeholder": lazy("Off"), "autocomplete": "off"}),
            )  # fmt: skip
        named = [(one, one.replace("_", " ")) for one in sorted(zones.names())]
        self.fields["zone"] = forms.ChoiceField(
            label=_("Time zone"), choices=named, initial=self.of.time_zone
        )
        self.fields["country"] = forms.CharField(
            label=_("Public holidays of"), required=False, max_length=2,
            initial=self.of.holiday_country, help_text=_("The country's code, such as DE."),
        )  # fmt: skip
        self.fields["subdivision"] = forms.CharField(
            label=_("In which part"), required=False, max_length=8,
            initial=self.of.holiday_subdivision, help_text=_("Such as BY for Bavaria."),
        )  # fmt: skip
        self.fields["seen"] = forms.CharField(
            required=False, widget=forms.HiddenInput, initial=seen
        )
        if self.data.get("shown"):
            self._ask(self.data["shown"])

    def _ask(self, shown: str) -> None:
        """Let them confirm what was said of the hours `shown`, and of no others."""
        self.fields["shown"] = forms.CharField(
            required=False, widget=forms.HiddenInput, initial=shown
        )
        self.fields["sure"] = TickField(label=_("Keep these hours all the same"))

    def refuse(self, refusal: DomainError) -> None:
        """Once told what has changed, or what would follow, they may send it again."""
        super().refuse(refusal)
        sent = dict(self.data.items())
        if refusal.code == working_time.CHANGED_MEANWHILE:
            self.data = {**sent, "seen": working_time.fingerprint(self.of)}
        if refusal.code == own_time.Unconfirmed.code:
            sent.pop("sure", None)
            self.data = {**sent, "shown": refusal.state["sure"]}
            self._ask(refusal.state["sure"])

    def clean(self) -> dict[str, Any]:
        given = dict(super().clean() or {})
        for day in range(7):
            try:
                given[f"day_{day}"] = day_hours.read(given.get(f"day_{day}", ""))
            except day_hours.Unreadable as fault:
                self.add_error(f"day_{day}", str(fault))
        return given

    def run(self) -> str:
        given = self.cleaned_data
        own_time.set_hours(
            self.of,
            [given[f"day_{day}"] for day in range(7)],
            zone=given["zone"],
            country=given["country"].strip().upper(),
            subdivision=given["subdivision"].strip().upper(),
            seen=given["seen"],
            sure=given["shown"] if given.get("sure") else "",
            **self.who,
        )
        return _("The working hours hold from now on.")


class LeaveForm(TimeForm):
    """Days off; with `leave` other days for one that is there."""

    leave = forms.IntegerField(required=False, widget=forms.HiddenInput)
    first = forms.DateField(label=lazy("First day"), widget=forms.DateInput(attrs={"type": "date"}))
    from_noon = TickField(label=lazy("Only from noon on the first day"))
    last = forms.DateField(label=lazy("Last day"), widget=forms.DateInput(attrs={"type": "date"}))
    until_noon = TickField(label=lazy("Only until noon on the last day"))
    reason = forms.CharField(
        label=lazy("What for"),
        required=False,
        max_length=120,
        help_text=lazy("Your team reads it."),
    )

    def run(self) -> str:
        given = self.cleaned_data
        row = own_time.take_leave(
            self.of,
            given["first"],
            given["last"],
            from_noon=given["from_noon"],
            until_noon=given["until_noon"],
            reason=given["reason"],
            leave_id=given["leave"],
            **self.who,
        )
        done = _("The leave is changed.") if given["leave"] else _("The leave is entered.")
        return done + self._overlaps(row)

    def _overlaps(self, row: Leave) -> str:
        """That other leave lies on the same days; both stay, and each is ended by itself."""
        moment = functools.partial(words.moment, now=self.now, zone=self.of.zone)
        told = [
            _("{reason} from {starts_at} until {ends_at}").format(
                reason=one.reason or _("leave"),
                starts_at=moment(one.starts_at),
                ends_at=moment(one.ends_at),
            )
            for one in working_time.overlapping(row)
        ]
        if not told:
            return ""
        more = _(" and {told} more").format(told=len(told) - SHOWN) if len(told) > SHOWN else ""
        return _(" It overlaps with {told}{more}. Each counts by itself.").format(
            told="; ".join(told[:SHOWN]), more=more
        )


class AwayForm(TimeForm):
    """No new leads until a time."""

    choice = forms.ChoiceField(choices=QUICK, widget=forms.HiddenInput)
    until = forms.DateField(required=False)

    def clean(self) -> dict[str, Any]:
        given = dict(super().clean() or {})
        if given.get("choice") == "until" and not given.get("until"):
            self.add_error("until", _("Say until which day."))
        return given

    def run(self) -> str:
        until = self._until()
        own_time.set_away(self.of, until, **self.who)
        local = until.astimezone(self.of.zone)
        whom = _("You get") if self.of.pk == self.reader.pk else _("{of} gets").format(of=self.of)
        return _("{whom} no new leads until {local} {local2} {day} {local3}.").format(
            whom=whom,
            local=f"{local:%H:%M on}",
            local2=f"{local:%a}",
            day=local.day,
            local3=f"{local:%b}",
        )

    def _until(self) -> dt.datetime:
        if self.cleaned_data["choice"] == "hour":
            return self.now + dt.timedelta(hours=1)
        tomorrow = self.now.astimezone(self.of.zone).date() + dt.timedelta(days=1)
        is_day = self.cleaned_data["choice"] == "day"
        day: dt.date = tomorrow if is_day else self.cleaned_data["until"]
        return working_time.morning(self.of, day, now=self.now)


class BackForm(TimeForm):
    """There again."""

    def run(self) -> str:
        own_time.set_away(self.of, None, **self.who)
        return (
            _("You get leads again.")
            if self.of.pk == self.reader.pk
            else _("{of} is back.").format(of=self.of)
        )


class BackupForm(TimeForm):
    """Who takes over what escalates to the backup."""

    def build(self) -> None:
        working = holders.everybody().exclude(pk=self.of.pk)
        people = [(str(one.pk), str(one)) for one in holders.by_name(working)]
        self.fields["backup"] = forms.TypedChoiceField(
            label=_("Backup"),
            required=False,
            coerce=int,
            empty_value=None,
            choices=[("", _("Nobody")), *people],
            initial=self.of.backup_id or "",
            help_text=_("Has leads whose clock escalates to the backup, while at work."),
        )

    def run(self) -> str:
        chosen = self.cleaned_data["backup"]
        working_time.name_backup(self.of, chosen, **self.who)
        return _("The backup is named.") if chosen else _("There is no backup now.")


class LanguagesForm(TimeForm):
    """What somebody speaks with buyers; some pools prefer whoever speaks the buyer's."""

    def build(self) -> None:
        spoken = self.of.languages
        self.fields["languages"] = forms.CharField(
            label=_("Languages beside English"),
            required=False,
            max_length=200,
            initial=languages.write(spoken),
            help_text=_("{names}. Codes or names, parted by commas: de, French.").format(
                names=languages.names(spoken) or _("None so far")
            ),
        )

    def clean_languages(self) -> list[str]:
        try:
            return languages.read(self.cleaned_data["languages"])
        except languages.Unreadable as fault:
            raise forms.ValidationError(str(fault)) from None

    def run(self) -> str:
        working_time.set_languages(self.of, self.cleaned_data["languages"], **self.who)
        return _("The languages are kept.")


class EndLeaveForm(TimeForm):
    """A leave ends now, or does not take place."""

    leave = forms.IntegerField(widget=forms.HiddenInput)

    def run(self) -> str:
        own_time.end_leave(self.cleaned_data["leave"], **self.who)
        return _("The leave is ended.")


class CalendarForm(TimeForm):
    """The address of a calendar and what in it counts; sent without one, it is read again now."""

    address = forms.CharField(
        label=lazy("Secret address in iCal format"), required=False, max_length=2_000,
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "url"}),
        help_text="It begins with https:// or webcal://. Stored encrypted and never shown; "
        "empty keeps the present one.",
    )  # fmt: skip

    def build(self) -> None:
        row = CalendarFeed.objects.filter(user=self.of).first()
        self.fields["counts"] = PickField(
            label=_("What counts as leave"),
            picks=[Choice(key, str(label)) for key, label in CalendarFeed.Counts.choices],
            initial=row.counts if row else CalendarFeed.Counts.WORDS,
        )

    def run(self) -> str:
        given = self.cleaned_data
        calendars.subscribe(self.of, given["address"], counts=given["counts"], **self.who)
        return _("The calendar is being read; reload the page in a moment.")


class ForgetCalendarForm(TimeForm):
    """No calendar any more."""

    def run(self) -> str:
        count = calendars.forget(self.of, **self.who)
        taken = (
            _(" {plural} to come taken out.").format(plural=words.plural(count, "leave"))
            if count
            else ""
        )
        return _("The calendar is read no more.{taken}").format(taken=taken)


class UploadForm(TimeForm):
    """Absences of a calendar file, once."""

    file = forms.FileField(
        label=lazy("Calendar file"), help_text=".ics, up to 2 MB.", allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".ics,text/calendar"}),
    )  # fmt: skip
    all_day = TickField(label=lazy("Every busy all-day event counts"))

    def run(self) -> str:
        sent, all_day = self.cleaned_data["file"], self.cleaned_data["all_day"]
        data = sent.read(calendar_file.MOST_BYTES + 1)
        taken = calendars.upload(self.of, data, all_day=all_day, **self.who)
        return " ".join(
            (
                _("{added} entered, {changed} changed.").format(
                    added=taken.added, changed=taken.changed
                ),
                *taken.remarks,
            )
        )


FORMS: dict[str, type[TimeForm]] = {
    "hours": HoursForm,
    "leave": LeaveForm,
    "away": AwayForm,
    "backup": BackupForm,
    "languages": LanguagesForm,
    "back": BackForm,
    "end-leave": EndLeaveForm,
    "calendar": CalendarForm,
    "forget-calendar": ForgetCalendarForm,
    "upload": UploadForm,
}


def of_leave(row: Leave, of: User) -> dict[str, Any]:
    """What the form for another leave says of this one."""
    begins, ends = row.starts_at.astimezone(of.zone), row.ends_at.astimezone(of.zone)
    at_midnight = ends.time() == dt.time()
    last = ends.date() - dt.timedelta(days=1) if at_midnight else ends.date()
    return {
        "leave": row.pk,
        "first": begins.date(),
        "from_noon": begins.time() >= dt.time(12),
        "last": last,
        "until_noon": not at_midnight and ends.time() <= dt.time(12),
        "reason": row.reason,
    }
