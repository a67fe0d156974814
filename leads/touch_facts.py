"""The facts about one touchpoint, which attribution rules speak of. Each in Python and in SQL."""

from __future__ import annotations

from operator import attrgetter
from typing import Any

from django.db.models import (
    BooleanField,
    Case,
    CharField,
    F,
    Func,
    Q,
    TextField,
    Value,
    When,
)
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Coalesce

from governance import facts
from governance.condition_sql import FoldedText
from governance.facts import Fact, FactType, Subject
from leads import referrers, touchpoint
from leads.models.touch import Channel, SourceCategory
from leads.touchpoint import Touchpoint


class Part(Func):
    """The text before a sign."""

    function = "split_part"
    output_field = TextField()


class Labels(Func):
    """Whether one of these is a label of the host."""

    template = "(string_to_array(%(expressions)s, '.') && %(known)s::text[])"
    output_field = BooleanField()

    def __init__(self, host: Any, known: tuple[str, ...]) -> None:
        quoted = ", ".join(f"'{one}'" for one in known)  # words of `referrers`, no input
        super().__init__(host, known=f"ARRAY[{quoted}]")


class StatedCategory(Func):
    """The category a caller wrote, in our terms."""

    template = "upper(translate(btrim(%(expressions)s), ' -', '__'))"
    output_field = TextField()


def register(registry: facts.Registry = facts.registry) -> None:
    """Make every fact about touchpoints known. Called once, when the app is ready."""
    registry.register(*FACTS)


def _said(section: str, name: str) -> Coalesce:
    text = KeyTextTransform(name, KeyTextTransform(section, "payload"))
    return Coalesce(text, Value(""), output_field=TextField())


def _fact(name: str, label: str, field: str, sql: Any, **more: Any) -> Fact:
    kind = FactType.CHOICE if "choices" in more else FactType.TEXT
    return Fact(
        f"touch.{name}", label, kind, read=attrgetter(field), sql=lambda now: sql,
        subject=Subject.TOUCHPOINT, **more,
    )  # fmt: skip


def _read_kind(point: Touchpoint) -> str | None:
    kind = referrers.kind_of(point.referrer_host)
    return kind.value if kind else None


def _sql_kind() -> Case:
    whens = [When(referrer_host="", then=Value(""))]
    whens += [
        When(referrer_host__in=hosts, then=Value(kind.value))
        for kind, hosts in referrers.HOSTS.items()
    ]
    whens += [
        When(Q(Labels(F("referrer_host"), known)), then=Value(kind.value))
        for kind, known in referrers.LABELS.items()
    ]
    return Case(*whens, default=Value(referrers.Referrer.WEBSITE.value), output_field=CharField())


def _sql_click() -> Case:
    said = _said("source", "click_id")
    name = FoldedText(Part(said, Value("="), Value(1)))
    known = [one for one, _ in touchpoint.CLICK_IDS]
    return Case(
        When(Q(payload__source__click_id__isnull=True), then=Value("")),
        *(When(Q(_Same(name, Value(one))), then=Value(one)) for one in known),
        default=Value(touchpoint.OTHER_CLICK),
        output_field=CharField(),
    )


class _Same(Func):
    template = "(%(expressions)s)"
    arg_joiner = " = "
    output_field = BooleanField()


FACTS = (
    _fact(
        "channel", "Channel of the touchpoint", "channel", F("channel"),
        choices=tuple(Channel.choices), help="How this touchpoint reached us.",
    ),
    _fact(
        "medium", "Medium", "medium", FoldedText(F("medium")),
        help="utm_medium, in lower case, for example cpc.",
    ),
    _fact(
        "utm_source", "Traffic source", "utm_source", FoldedText(F("utm_source")),
        help="utm_source, in lower case, for example newsletter.",
    ),
    _fact(
        "campaign", "Campaign of the touchpoint", "campaign", F("campaign"), help="utm_campaign."
    ),
    _fact("content", "Ad content", "content", _said("source", "content"), help="utm_content."),
    _fact("term", "Search term", "term", _said("source", "term"), help="utm_term."),
    _fact(
        "click_id", "Click id", "click", _sql_click(),
        choices=(*touchpoint.CLICK_IDS, (touchpoint.OTHER_CLICK, "Another network")),
        help="Whose mark the click carried.",
    ),
    _fact(
        "referrer_host", "Referring host", "referrer_host", F("referrer_host"),
        help="Host of the page the visitor came from, for example www.google.de.",
    ),
    Fact(
        "touch.referrer_kind", "Kind of referring page", FactType.CHOICE,
        read=_read_kind, sql=lambda now: _sql_kind(), subject=Subject.TOUCHPOINT,
        choices=referrers.CHOICES,
    ),
    _fact(
        "landing", "Landing page", "landing", _said("source", "landing"),
        help="Address of the page on which the visit was seen, without its query.",
    ),
    _fact("partner", "Partner", "partner", _said("source", "partner")),
    _fact("form", "Hosted form", "form", _said("fields", "form"), help="Key of the form sent."),
    _fact(
        "stated_category", "Stated source", "stated", StatedCategory(_said("source", "category")),
        choices=tuple(SourceCategory.choices),
        help="What the caller says the origin is. Only rules that speak of it overrule it.",
    ),
)  # fmt: skip
