"""Decision records as the API shows them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from routing import rule_words
from routing.models import Decision, Override
from routing.redeciding import MOST_WEIGHT
from web.api.bodies import Instant
from web.api.shown import Document, Who
from web.api.views import StrictSerializer

MOST_SUPPOSED = 20
DECIDED_AT = list(rule_words.DECIDED_AT.items())


class Limit(Document):
    """What somebody was given in a period, and how much it might come to by then."""

    period = serializers.ChoiceField(["DAY", "WEEK", "MONTH"])
    received = serializers.IntegerField()
    allowed = serializers.IntegerField()
    cap = serializers.IntegerField()
    until = serializers.CharField()


class Candidate(Document):
    """One member of the pool as the decision saw them, less what the pool does not ask for.

    Of colleagues whose figures the caller may not see there is no number but the rank.
    """

    user = serializers.CharField()
    withheld = serializers.BooleanField(
        required=False, help_text="True where the caller may not see this person's figures."
    )
    weight = serializers.IntegerField(required=False)
    open_leads = serializers.IntegerField(required=False)
    open_cap = serializers.IntegerField(required=False, allow_null=True)
    excluded = serializers.CharField(allow_null=True, help_text="Why they were out; else null.")
    until = serializers.CharField(allow_null=True, help_text="When that ends by itself.")
    credit_before = serializers.IntegerField(required=False)
    credit_after = serializers.IntegerField(required=False)
    lent_before = serializers.IntegerField(
        required=False, help_text="The part of it that absences left over, in half units."
    )
    lent_after = serializers.IntegerField(required=False)
    rank = serializers.IntegerField(allow_null=True)
    limits = Limit(many=True, required=False)
    languages = serializers.ListField(child=serializers.CharField(), required=False)
    absent = serializers.BooleanField(required=False)
    won = serializers.IntegerField(required=False)
    decided = serializers.IntegerField(required=False)
    lately = serializers.IntegerField(required=False, help_text="Of the last 100 turns.")
    rate = serializers.FloatField(required=False, help_text="Win rate, shrunk to the mean.")


class NamedCandidate(Candidate):
    """The same with the name, as people are told of elsewhere."""

    name = serializers.CharField()


class Meant(Document):
    """Whom the target of a rule meant, as they stood."""

    user = serializers.CharField(allow_null=True)
    by = serializers.CharField()
    pool = serializers.CharField(required=False)
    held_before = serializers.BooleanField(required=False)
    declined = serializers.BooleanField(required=False)
    away = serializers.CharField(required=False)
    until = serializers.CharField(required=False)
    back = serializers.CharField(required=False)
    open_leads = serializers.IntegerField(required=False)
    open_cap = serializers.IntegerField(required=False)
    full = serializers.CharField(required=False)
    withheld = serializers.BooleanField(
        required=False, help_text="True where the caller may not see this person's figures."
    )


class AskedPool(Document):
    """A pool that was asked before, and of which nobody could take the lead."""

    pool = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    terms = serializers.DictField()
    candidates = Candidate(many=True)
    language = serializers.CharField(required=False)
    segment = serializers.CharField(required=False)


class Tried(Document):
    """One rule that was tried, with the facts it looked at."""

    rule = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    matched = serializers.BooleanField()
    facts = serializers.DictField()
    target = serializers.CharField(required=False)
    meant = Meant(required=False)
    refused = serializers.CharField(required=False)
    asked = AskedPool(required=False, help_text="The pool that a level asked in vain.")


class OverrideRow(Document):
    """A person sent the lead elsewhere."""

    kind = serializers.ChoiceField(Override.Kind.choices)
    why = serializers.ChoiceField(Override.Why.choices)
    to = serializers.CharField(source="to_user_id", allow_null=True)
    by = Who()
    at = Instant()
    taken_back_at = Instant(allow_null=True, help_text="When it was undone; null while it stands.")


class DecisionRow(Document):
    """Why a lead went where it went, without the candidates."""

    id = serializers.CharField(source="pk")
    lead = serializers.CharField(source="lead_id")
    moment = serializers.ChoiceField(DECIDED_AT)
    rule = serializers.SerializerMethodField(help_text="Key of the rule that decided.")
    target = serializers.CharField()
    pool = serializers.CharField()
    picked = Who(allow_null=True)
    because = serializers.CharField()
    turn = serializers.IntegerField(allow_null=True)
    overrides = OverrideRow(many=True, source="overrides.all")
    kit_version = serializers.IntegerField(source="kit.number")
    at = Instant()

    def get_rule(self, row: Decision) -> str:
        """The last that was tried."""
        return str(row.tried[-1]["rule"]) if row.tried else ""


class Snapshot(Document):
    """The pool as it was; of a large one also the state in which the batch began."""

    id = serializers.CharField(source="pk")
    checksum = serializers.CharField(help_text="Empty where figures are withheld.")
    content = serializers.DictField()


class DecisionFull(DecisionRow):
    """The whole record, as `decision_seen` lets the caller see it."""

    tried = Tried(many=True)
    candidates = serializers.SerializerMethodField()
    facts = serializers.DictField()
    seed = serializers.CharField()
    place = serializers.DictField(allow_null=True, help_text="Of a large pool: in its batch.")

    @extend_schema_field(Candidate(many=True))
    def get_candidates(self, row: Decision) -> list[dict[str, Any]]:
        """As the caller may see them."""
        return shown_candidates(row.candidates)

    def to_representation(self, row: Decision) -> dict[str, Any]:
        """Whom rules meant by opaque ids."""
        told = super().to_representation(row)
        return {**told, "tried": shown_tried(row.tried)}


class DecisionWhole(DecisionFull):
    """The same with its snapshot."""

    snapshot = Snapshot(allow_null=True)


class Replayed(Document):
    """What making the decision again from its record came to."""

    decision = serializers.CharField()
    same = serializers.BooleanField(help_text="Rules, people, numbers and pick are as recorded.")
    picked = serializers.CharField(allow_null=True, help_text="Who gets it now.")
    recorded = serializers.CharField(allow_null=True)
    differs = serializers.CharField(help_text="What is not as recorded; empty where all is.")
    fault = serializers.CharField(help_text="Why it cannot be made again; empty where it can.")


class Supposition(StrictSerializer):
    """What is supposed of one person; all else stays as it was."""

    user = serializers.RegexField(r"^[0-9]{1,18}$", help_text="A candidate, or whom a rule meant.")
    at_work = serializers.BooleanField(default=False)
    has_room = serializers.BooleanField(default=False, help_text="Under every cap.")
    is_new = serializers.BooleanField(
        default=False, help_text="Had not held it before, nor was it kept for another."
    )
    is_gone = serializers.BooleanField(default=False, help_text="Had not been there.")
    weight = serializers.IntegerField(
        required=False, allow_null=True, default=None, min_value=1, max_value=MOST_WEIGHT
    )


class Question(StrictSerializer):
    """What is supposed."""

    suppose = serializers.ListField(
        child=Supposition(), allow_empty=False, max_length=MOST_SUPPOSED
    )


class WhatIf(Document):
    """Who would have got it. `unknown` says what the record cannot tell; then the rest is empty."""

    same = serializers.BooleanField(help_text="Whether it would have gone where it went.")
    picked = Who(allow_null=True)
    because = serializers.CharField()
    target = serializers.CharField()
    rule = serializers.CharField()
    pool = serializers.CharField()
    tried = Tried(many=True)
    candidates = Candidate(many=True)
    unknown = serializers.CharField()


def shown_candidates(kept: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """With opaque ids."""
    return [{**one, "user": str(one["user"])} for one in kept]


def named_candidates(kept: list[dict[str, Any]], names: Mapping[int, str]) -> list[dict[str, Any]]:
    """The same with what they are called."""
    return [{**one, "user": str(one["user"]), "name": names.get(one["user"], "")} for one in kept]


def shown_tried(kept: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same of whom the rules meant, and of pools asked in vain."""
    told = [
        {**one, "meant": {**one["meant"], "user": _text(one["meant"].get("user"))}}
        if "meant" in one
        else one
        for one in kept
    ]
    return [
        {
            **one,
            "asked": {**one["asked"], "candidates": shown_candidates(one["asked"]["candidates"])},
        }
        if one.get("asked")
        else one
        for one in told
    ]


def _text(pk: int | None) -> str | None:
    return None if pk is None else str(pk)
