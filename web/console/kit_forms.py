"""The forms behind every act on a kit version. Each reads its fields and makes one call."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar

from django import forms
from django.utils import timezone

from core.errors import DomainError
from core.texts import _, lazy
from governance import describing, rollback, selectors, services, signing
from governance.models import KitVersion, Signature
from web.console import fields, version_acts, words
from web.console.version_case import Case

LONGEST_TEXT = 5_000


class KitForm(forms.Form):
    """One act. `run` makes its call and says what was done and where to go on."""

    title: ClassVar[str]
    submit: ClassVar[str]
    danger: ClassVar[bool] = False

    def __init__(self, *data: Any, case: Case, asked: str = "") -> None:
        super().__init__(*data)
        self.case = case
        self.asked = asked
        self.permit()
        self.build()

    def permit(self) -> None:
        """Raise `NotAllowed` for who may never do this; the call itself judges the rest."""
        signing.require_may_publish(self.case.reader)

    def build(self) -> None:
        """Add what depends on the version."""

    def lines(self) -> tuple[str, ...]:
        """What sending this form means, in words."""
        return ()

    def run(self) -> tuple[str, KitVersion]:
        """Make the call; returns the sentence of the toast and the version to show."""
        raise NotImplementedError

    @property
    def version(self) -> KitVersion:
        """The version it is about."""
        return self.case.version

    @property
    def named(self) -> str:
        """The version by its number."""
        return f"v{self.version.number}"

    @property
    def by(self) -> dict[str, Any]:
        """What every call ends with."""
        return {"by": self.case.reader, "now": self.case.now}

    def refuse(self, refusal: DomainError) -> None:
        """Put each fault beside its field; what has no field here goes on top, with its place."""
        beside = [fault for fault in refusal.errors if fault.field in self.fields]
        if refusal.message not in {fault.message for fault in beside}:
            self.add_error(None, refusal.message)
        for fault in refusal.errors:
            if fault in beside:
                self.add_error(fault.field, fault.message)
            elif fault.message not in refusal.message:
                self.add_error(None, f"{fault.field}: {fault.message}")


class Clone(KitForm):
    title, submit = lazy("New draft from v{}"), lazy("Make the draft")

    def permit(self) -> None:
        describing.require_may_write(self.case.reader)

    def build(self) -> None:
        self.fields["title"] = _title(_("What it is about, in a few words."))

    def lines(self) -> tuple[str, ...]:
        return (_("The draft has a copy of every part. Nothing changes until it is published."),)

    def run(self) -> tuple[str, KitVersion]:
        title = self.cleaned_data["title"]
        made = services.draft(base=self.version, title=title, **self.by)
        return _("Kit v{number} is a draft now. Edit its parts.").format(number=made.number), made


class Describe(KitForm):
    title, submit = lazy("Title and notes of v{}"), lazy("Save")

    def permit(self) -> None:
        describing.require_may_write(self.case.reader)

    def build(self) -> None:
        self.fields["title"] = _title("")
        self.fields["notes"] = _text(
            _("Notes"), _("What changes and why, for the signers."), rows=5
        )
        self.initial = {"title": self.version.title, "notes": self.version.notes}

    def run(self) -> tuple[str, KitVersion]:
        made = describing.describe(self.version, **self.cleaned_data, **self.by)
        return _("Saved."), made


class Submit(KitForm):
    title, submit = lazy("Submit v{} for review"), lazy("Submit for review")

    def build(self) -> None:
        count = len(self.case.warnings)
        why = (
            _("{plural}: say why that is accepted; the signers read it.").format(
                plural=words.plural(count, "warning")
            )
            if count
            else _("What the signers should know.")
        )
        self.fields["note"] = _text(_("Review note"), why, required=bool(count))
        self.initial = {"note": self.version.review_note}
        self.fields["publish_when_signed"] = fields.TickField(
            label=_("Publish with the last signature"),
            help_text=_("Otherwise it waits to be published or scheduled."),
        )

    def lines(self) -> tuple[str, ...]:
        return (
            *_changes(self.case),
            *(_("Warning: {message}").format(message=one.message) for one in self.case.warnings),
        )

    def run(self) -> tuple[str, KitVersion]:
        made = services.submit(self.version, **self.cleaned_data, **self.by)
        return _("{capitalize} is in review; whoever must sign is asked.").format(
            capitalize=self.named.capitalize()
        ), made


class SubmitEmergency(KitForm):
    title, submit = lazy("Submit v{} as an emergency"), lazy("Submit as an emergency")
    danger = True

    def build(self) -> None:
        self.fields["emergency_reason"] = _emergency()
        if self.case.warnings:
            self.fields["note"] = _text(
                _("Review note"), _("Why the warnings are accepted."), required=True
            )

    def lines(self) -> tuple[str, ...]:
        return (
            *_changes(self.case),
            _("It needs no simulation, and one signature."),
            _expiry(self.case),
        )

    def run(self) -> tuple[str, KitVersion]:
        made = services.submit(self.version, **self.cleaned_data, **self.by)
        return _("{capitalize} is in review as an emergency.").format(
            capitalize=self.named.capitalize()
        ), made


class Reopen(KitForm):
    title, submit = lazy("Take v{} back to draft"), lazy("Back to draft")

    def build(self) -> None:
        self.fields["why"] = _text(_("Why"), _("Whoever signed reads it."), rows=2)

    def lines(self) -> tuple[str, ...]:
        if not self.case.read.consent.valid:
            return ()
        return (_("Once a part is edited, the signatures it bears no longer count."),)

    def run(self) -> tuple[str, KitVersion]:
        made = services.reopen(self.version, why=self.cleaned_data["why"], **self.by)
        return _("{capitalize} is a draft again.").format(capitalize=self.named.capitalize()), made


class Sign(KitForm):
    title, submit = lazy("Sign v{}"), lazy("Sign")

    def permit(self) -> None:
        """Deputies sign too, so only the call can tell."""

    def build(self) -> None:
        parties = self.case.may_sign()
        asked = [self.asked] if self.asked in Signature.Party.values else parties
        self.fields["party"] = forms.CharField(
            widget=forms.HiddenInput(), initial=asked[0] if asked else ""
        )
        self.fields["seen"] = forms.CharField(
            widget=forms.HiddenInput(), initial=self.case.read.text
        )
        self.fields["agreed"] = fields.AffirmField(
            label=self._statement(asked[0] if asked else ""), help_text=self._stands_in(asked)
        )

    def _statement(self, party: str) -> str:
        count = words.plural(len(self.case.read.changes), "change")
        what = (
            _("{named} with its {count}").format(named=self.named, count=count)
            if self.version.base
            else _("{named}, the first").format(named=self.named)
        )
        whom = version_acts.for_party(party) if party in Signature.Party.values else ""
        return _("I have read {what} and agree {whom}").format(what=what, whom=whom).strip()

    def _stands_in(self, asked: list[str]) -> str:
        own = signing.parties_of(self.case.reader, self.case.stands_in_for)
        signer = own.get(asked[0]) if asked else None
        return _("As deputy of {signer}").format(signer=signer) if signer else ""

    def lines(self) -> tuple[str, ...]:
        return _changes(self.case)

    def run(self) -> tuple[str, KitVersion]:
        party = self.cleaned_data["party"]
        services.sign(self.version, party=party, seen=self.cleaned_data["seen"], **self.by)
        return _("You have signed {named} {for_party}.").format(
            named=self.named, for_party=version_acts.for_party(party)
        ), self.version


class Publish(KitForm):
    title, submit = lazy("Publish v{} now"), lazy("Publish now")

    def lines(self) -> tuple[str, ...]:
        return (
            *_changes(self.case),
            _(
                "Leads from now on are decided under it. Leads and clocks already there keep "
                "what was decided."
            ),
        )

    def run(self) -> tuple[str, KitVersion]:
        made = services.publish(self.version, **self.by)
        return _("Kit v{number} is in force.").format(number=made.number), made


class PublishEmergency(KitForm):
    title, submit = lazy("Publish v{} as an emergency"), lazy("Publish as an emergency")
    danger = True

    def build(self) -> None:
        self.fields["emergency_reason"] = _emergency()
        self.initial = {"emergency_reason": self.version.emergency_reason}

    def lines(self) -> tuple[str, ...]:
        return (*_changes(self.case), _expiry(self.case))

    def run(self) -> tuple[str, KitVersion]:
        made = services.publish(self.version, **self.cleaned_data, **self.by)
        return _("Kit v{number} is in force as an emergency.").format(number=made.number), made


class Schedule(KitForm):
    title, submit = lazy("Schedule v{}"), lazy("Schedule")

    def build(self) -> None:
        zone = words.zone_city(self.case.reader.time_zone)
        field = forms.DateTimeField(
            label=_("In force from ({zone} time)").format(zone=zone),
            help_text=_(
                "To the minute. The worker publishes it then, if nothing stands against it."
            ),
            widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
            initial=_next_morning(self.case),
        )
        self.fields["at"] = field

    def run(self) -> tuple[str, KitVersion]:
        at = self.cleaned_data["at"]
        made = services.schedule(self.version, at=at, **self.by)
        zone = timezone.get_current_timezone()
        when = words.moment(at, now=self.case.now, zone=zone)
        return _("Kit v{number} comes into force at {when}.").format(
            number=made.number, when=when
        ), made


class Unschedule(KitForm):
    title, submit = lazy("Cancel the schedule of v{}"), lazy("Cancel the schedule")

    def lines(self) -> tuple[str, ...]:
        return (_("It goes back to review; its signatures still count."),)

    def run(self) -> tuple[str, KitVersion]:
        made = services.unschedule(self.version, **self.by)
        return _("{capitalize} is no longer scheduled.").format(
            capitalize=self.named.capitalize()
        ), made


class Withdraw(KitForm):
    title, submit, danger = lazy("Withdraw v{}"), lazy("Withdraw"), True

    def lines(self) -> tuple[str, ...]:
        return (_("It never comes into force. Its text stays readable and can be cloned."),)

    def run(self) -> tuple[str, KitVersion]:
        made = services.withdraw(self.version, **self.by)
        return _("{capitalize} is withdrawn.").format(capitalize=self.named.capitalize()), made


class Rollback(KitForm):
    title, submit, danger = lazy("Back to an earlier text"), lazy("Put it up for signature"), True

    def build(self) -> None:
        self.fields["reason"] = _text(_("Reason"), _("The signers read it."), required=True)

    @property
    def earlier(self) -> KitVersion | None:
        """The version whose text comes back."""
        is_active = self.case.active is not None and self.version.pk == self.case.active.pk
        return self.version.base if is_active else self.version

    def lines(self) -> tuple[str, ...]:
        number = self.earlier.number if self.earlier else "–"
        return (
            _(
                "A new version with the text of v{number} is put up for signature. It "
                "comes into force with the last signature it needs; nothing has to be "
                "simulated."
            ).format(number=number),
        )

    def run(self) -> tuple[str, KitVersion]:
        made = rollback.start(to=self.earlier, reason=self.cleaned_data["reason"], **self.by)
        return _("Kit v{number} brings the text back once it is signed.").format(
            number=made.number
        ), made


def _title(help_text: str) -> forms.CharField:
    return forms.CharField(
        label=_("Title"), max_length=describing.TITLE_LENGTH, required=False, help_text=help_text
    )


def _text(label: str, help_text: str, *, required: bool = False, rows: int = 3) -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=help_text,
        required=required,
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": rows}),
    )


def _emergency() -> forms.CharField:
    return _text(
        _("What the emergency is"), _("A sentence; it stands on the kit page."), required=True
    )


def _changes(case: Case) -> tuple[str, ...]:
    """What differs from the base, a sentence each."""
    if case.version.base is None:
        return (_("This is the first version: everything in it is new."),)
    told = tuple(one.sentence for one in case.read.changes)
    return told or (_("Nothing differs from its base."),)


def _expiry(case: Case) -> str:
    hours = selectors.kit_of(case.active.pk).general.emergency if case.active else timedelta()
    return _("It reverts {promise} after publication, unless countersigned until then.").format(
        promise=words.promise(hours)
    )


def _next_morning(case: Case) -> Any:
    """Tomorrow at nine in the reader's zone: a time to change, not to accept."""
    local = case.now.astimezone(timezone.get_current_timezone()) + timedelta(days=1)
    return local.replace(hour=9, minute=0, second=0, microsecond=0)


FORMS: dict[str, type[KitForm]] = {
    "clone": Clone,
    "describe": Describe,
    "submit": Submit,
    "submit-emergency": SubmitEmergency,
    "reopen": Reopen,
    "sign": Sign,
    "publish": Publish,
    "publish-emergency": PublishEmergency,
    "schedule": Schedule,
    "unschedule": Unschedule,
    "withdraw": Withdraw,
    "rollback": Rollback,
}
