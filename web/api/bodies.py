"""The bodies of what people and systems do with a lead, exactly as the contract names them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from rest_framework import serializers

from leads.models import Activity
from lifecycle import disputes
from lifecycle.next_steps import Promise
from lifecycle.proofs import Reported
from lifecycle.waking import WakeUp
from people.models import Role, User
from routing.models import Override
from web.api.views import StrictSerializer


class Instant(serializers.DateTimeField):
    """ISO 8601 with its zone; shown in UTC, whoever reads."""

    timezone = dt.UTC

    def to_internal_value(self, value: Any) -> dt.datetime:
        """A naive time is refused: it would mean something else to each reader."""
        try:
            told = dt.datetime.fromisoformat(value) if isinstance(value, str) else None
        except ValueError:
            told = None
        if told is None or told.tzinfo is None:
            raise serializers.ValidationError(
                "Give an ISO 8601 instant with its zone, such as 2026-05-04T09:30:00Z.", "instant"
            )
        try:
            return told.astimezone(dt.UTC)
        except OverflowError:
            raise serializers.ValidationError("This is too far away.", "range") from None


class Text(serializers.CharField):
    """Text that may be left empty. Numbers and truth values are no text."""

    def __init__(self, max_length: int, **options: Any) -> None:
        super().__init__(
            **{"required": False, "allow_blank": True, "max_length": max_length} | options
        )

    def to_internal_value(self, data: Any) -> str:
        """Only what was sent as text."""
        if not isinstance(data, str):
            self.fail("invalid")
        return str(super().to_internal_value(data))


class Truth(serializers.BooleanField):
    """JSON's own true and false; a word that looks like one is a mistake."""

    def to_internal_value(self, data: Any) -> bool:
        """Only true or false."""
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class Empty(StrictSerializer):
    """Nothing to say."""


class Accept(StrictSerializer):
    """What the rep confirms on taking a lead."""

    icp_confirmed = Truth()
    reachable = Truth(
        required=False,
        allow_null=True,
        help_text="Left out, the facts of record answer; refused where they show nothing. "
        "Confirmed against that, it needs `evidence`.",
    )
    evidence = Text(2000)


class Rests(StrictSerializer):
    """When a lead that goes to Nurture is looked at again, and what wakes it sooner."""

    wake_at = Instant(required=False, allow_null=True, help_text="Left out, as the reason says.")
    wake_on = Text(80, help_text="signal:KEY of the kit, or band:KEY or a higher one.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Both are one thing inside."""
        said = {name: attrs.pop(name) for name in ("wake_at", "wake_on") if name in attrs}
        wake = WakeUp(said.get("wake_at"), said.get("wake_on", ""))
        return attrs | ({"wake": wake} if said else {})


class WakeUpChange(StrictSerializer):
    """What wakes a lead that rests; with neither nothing does."""

    wake_at = Instant(required=False, allow_null=True)
    wake_on = Text(80, help_text="signal:KEY of the kit, or band:KEY or a higher one.")


class Reject(Rests):
    """Why the lead is not accepted."""

    reason = Text(60, required=True, allow_blank=False)
    criterion = Text(60)
    note = Text(2000)


class Dispute(StrictSerializer):
    """Why a rejection is wrong."""

    note = Text(2000, required=True, allow_blank=False)


class DecideDispute(StrictSerializer):
    """How a dispute is decided, for good, and why."""

    outcome = serializers.ChoiceField(choices=[one.value for one in disputes.RULINGS])
    note = Text(2000, required=True, allow_blank=False)


class Reason(StrictSerializer):
    """A reason, perhaps with a note."""

    reason = Text(60, required=True, allow_blank=False)
    note = Text(2000)


class ReturnToNurture(Rests):
    """A reason, perhaps with a note, and when to look at the lead again."""

    reason = Text(60, required=True, allow_blank=False)
    note = Text(2000)


class Reopen(StrictSerializer):
    """Why; needed where the lead is let past the exclusion that took it out."""

    reason = Text(400)


class Lose(StrictSerializer):
    """Why the deal was lost, and to whom."""

    reason = Text(60)
    note = Text(2000)
    competitor = Text(120)


class Recycle(Rests):
    """Why the lead goes back to Marketing."""

    reason = Text(60)


class SalesQualify(StrictSerializer):
    """The checklist: each answered item with what was learned."""

    checklist = serializers.DictField(
        child=Text(2000), allow_empty=False, required=False,
        help_text="Counts with what was kept before; left out, that counts alone.",
    )  # fmt: skip


class Checklist(StrictSerializer):
    """What was learnt so far, by point; an empty answer takes one back."""

    checklist = serializers.DictField(child=Text(2000), allow_empty=False)


class Convert(StrictSerializer):
    """The opportunity the lead opens, or joins."""

    name = Text(200, required=True, allow_blank=False)
    amount = serializers.DecimalField(
        max_digits=18, decimal_places=2, min_value=0, required=False, allow_null=True
    )
    currency = serializers.RegexField(r"^[A-Z]{3}\Z", required=False, allow_blank=True)
    expected_close = serializers.DateField(required=False, allow_null=True)
    opportunity = serializers.RegexField(
        r"^[0-9]{1,18}\Z", required=False, help_text="Id of an open opportunity to join."
    )
    stage = Text(60, help_text="Key of the sales stage; the kit's first unless said.")
    system = Text(80)
    external_id = Text(200)
    url = serializers.URLField(max_length=500, required=False, allow_blank=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """An amount without its currency is no amount, an id is of a system."""
        if attrs.get("system") and not attrs.get("external_id"):
            raise serializers.ValidationError({"external_id": "Give the id in that system."})
        if attrs.get("amount") is not None and not attrs.get("currency"):
            raise serializers.ValidationError({"currency": "Name the currency of the amount."})
        opportunity = attrs.pop("opportunity", None)
        return attrs | ({"opportunity_id": int(opportunity)} if opportunity else {})


class Win(StrictSerializer):
    """What the deal was worth in the end, and why it was won."""

    amount = serializers.DecimalField(
        max_digits=18, decimal_places=2, min_value=0, required=False, allow_null=True
    )
    rate = serializers.DecimalField(
        max_digits=18,
        decimal_places=8,
        required=False,
        allow_null=True,
        help_text="What one unit of its currency is worth in the base currency; else the rate "
        "entered for the day counts.",
    )
    reason = Text(60)
    note = Text(2000)
    competitor = Text(120)


class Reassign(StrictSerializer):
    """Who takes the lead over; nobody named means back into routing."""

    to = serializers.RegexField(r"^[0-9]{1,18}\Z", required=False, allow_null=True)
    reason = Text(200, required=True, allow_blank=False)
    why = serializers.ChoiceField(Override.Why.choices, required=False)
    expected_owner = serializers.RegexField(
        r"^[0-9]{1,18}\Z", required=False, allow_null=True,
        help_text="Whose it was when you decided; null: nobody's. 409 where another has it by now.",
    )  # fmt: skip

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Ids are opaque texts outside and numbers inside."""
        to = attrs.get("to")
        if "expected_owner" in attrs:
            attrs = attrs | {"expected_owner": attrs["expected_owner"] or ""}
        return attrs | {"to": int(to) if to else None}


class NextStep(StrictSerializer):
    """When, and what kind of contact; any where none is said."""

    at = Instant()
    kind = serializers.CharField(max_length=14, required=False, allow_blank=True)


class AwaitBuyer(StrictSerializer):
    """Until when at most, and by what they were asked; else the last that was sent."""

    until = Instant()
    activity = serializers.RegexField(r"^[0-9]{1,18}\Z", required=False, allow_null=True)
    note = Text(2000)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Ids are opaque texts outside and numbers inside."""
        named = attrs.get("activity")
        return attrs | {"activity": int(named) if named else None}


class Misroute(StrictSerializer):
    """Why no rule should have sent the lead here, and whose it is where that is known."""

    why = serializers.ChoiceField(Override.Why.choices)
    note = Text(400)
    to = serializers.RegexField(r"^[0-9]{1,18}\Z", required=False, allow_null=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Ids are opaque texts outside and numbers inside."""
        to = attrs.get("to")
        return attrs | {"to": int(to) if to else None}


class ReturnHandoff(StrictSerializer):
    """Why the lead goes back to its SDR."""

    reason = Text(200, required=True, allow_blank=False)


class Merge(StrictSerializer):
    """Into which lead's buyer this lead's buyer goes, and whose values stay."""

    into = serializers.RegexField(r"^[0-9]{1,18}\Z", help_text="Id of the lead of the other one.")
    keep = serializers.DictField(
        child=serializers.ChoiceField(["WINNER", "LOSER"]),
        required=False,
        help_text="Field to WINNER (the buyer of `into`) or LOSER; what is empty is filled.",
    )
    reason = Text(200)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Ids are opaque texts outside and numbers inside."""
        return attrs | {"into": int(attrs["into"])}


class MergePair(StrictSerializer):
    """Who of the pair stays, and whose values."""

    winner = serializers.RegexField(
        r"^[0-9]{1,18}\Z", required=False, help_text="Id of who stays; the older one unless said."
    )
    keep = serializers.DictField(child=serializers.ChoiceField(["WINNER", "LOSER"]), required=False)
    reason = Text(200)


REPORTED = ("source", "external_id", "url", "automatic")


class LogActivity(StrictSerializer):
    """What was done with the buyer, and when; and what is promised with it."""

    kind = serializers.ChoiceField(Activity.Kind.choices)
    direction = serializers.ChoiceField(Activity.Direction.choices)
    outcome = serializers.ChoiceField(Activity.Outcome.choices)
    at = Instant(required=False)
    by = serializers.RegexField(
        r"^[0-9]{1,18}\Z",
        required=False,
        help_text="Id of the rep it was done by; only systems report for others.",
    )
    note = Text(5000)
    source = Text(40)  # type: ignore[assignment]
    external_id = Text(200)
    url = serializers.URLField(max_length=500, required=False, allow_blank=True)
    automatic = Truth(
        required=False, help_text="A machine sent it, such as an acknowledgement: no contact."
    )
    next_step = NextStep(
        required=False, help_text="Promised with it, and taken back with it by an undo."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """People report their own work; what a system reports by an id of its own is verified."""
        caller: User = self.context["request"].user
        told = attrs.pop("by", None)
        machine = caller.role == Role.SERVICE
        if told and not machine and int(told) != caller.pk:
            raise serializers.ValidationError({"by": "Only systems may report for others."})
        by = User.objects.filter(pk=int(told), is_active=True).first() if told else caller
        if by is None:
            raise serializers.ValidationError({"by": "There is no such active user."})
        if attrs.get("external_id") and not attrs.get("source"):
            raise serializers.ValidationError({"source": "Name the system the id is from."})
        told = {name: attrs.pop(name) for name in REPORTED if name in attrs}
        step = Promise(**attrs.pop("next_step")) if "next_step" in attrs else None
        reported = Reported(**told, verified=machine)
        return attrs | {"by": by, "reported": reported, "next_step": step}
