"""The suppression list: who must not be written to or called, added, looked up and lifted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from django import forms
from django.urls import reverse

from core.errors import DomainError
from core.texts import _, lazy
from leads.models import Suppression
from lifecycle import contacting, suppression_lists
from lifecycle.contacting import Entry, Listed
from people.models import User
from web.console import words

PAGE = 50


@dataclass(frozen=True, slots=True)
class Row:
    """One entry; `lift_url` is empty when it is lifted."""

    hint: str
    kind: str
    reach: str
    line: str
    lift_url: str


@dataclass(frozen=True, slots=True)
class SuppressionPage:
    """A page of entries, newest first; `answer` is about the value that was looked up."""

    rows: tuple[Row, ...]
    older_url: str
    asked: str
    answer: str


class SuppressionForm(forms.Form):
    """One value, or a file of many."""

    value = forms.CharField(
        label=lazy("Address, number or domain"), required=False, max_length=320,
        help_text=lazy("anna@acme.com, +49 30 123456 or acme.com"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )  # fmt: skip
    file = forms.FileField(
        label=lazy("Or a file"), required=False, allow_empty_file=True,
        help_text=lazy("Text or CSV, one value a line."),
    )  # fmt: skip
    reach = forms.ChoiceField(
        label=lazy("What they must not get"), choices=Suppression.Reach.choices
    )
    source = forms.CharField(
        label=lazy("Source"), max_length=80, help_text=lazy("The list's name, or who asked for it.")
    )

    def clean(self) -> dict[str, Any]:
        """One of the two."""
        given = super().clean() or {}
        if bool(given.get("value")) == bool(given.get("file")):
            self.add_error("value", _("Give one value, or choose a file."))
        return given

    def run(self, *, by: User, now: datetime) -> Listed:
        """Put it on the list. Raises DomainError."""
        given = self.cleaned_data
        told = {"reach": given["reach"], "source": given["source"], "by": by, "now": now}
        if given.get("file"):
            return suppression_lists.bring_in(given["file"].read(), **told)
        return contacting.suppress([Entry("", given["value"])], **told)

    def refuse(self, refusal: DomainError) -> None:
        """Put each fault beside its field; what has no field here goes on top."""
        for fault in refusal.errors:
            self.add_error(fault.field if fault.field in self.fields else None, fault.message)
        if not refusal.errors:
            self.add_error(None, refusal.message)


def build(*, asked: str, before: int | None, now: datetime, zone: tzinfo) -> SuppressionPage:
    """A page of the list; two queries, one more for what was looked up."""
    rows = Suppression.objects.select_related("by", "lifted_by").order_by("-pk")
    if before is not None:
        rows = rows.filter(pk__lt=before)
    found = list(rows[: PAGE + 1])
    older = f"?before={found[PAGE - 1].pk}" if len(found) > PAGE else ""
    shown = tuple(_row(one, now=now, zone=zone) for one in found[:PAGE])
    return SuppressionPage(shown, older, asked, _answer(asked) if asked else "")


def sentence(done: Listed) -> str:
    """What became of a list, in a sentence."""
    known = _(", {known} on the list already").format(known=f"{done.known:,}") if done.known else ""
    return _("{added} added{known}.").format(added=f"{done.added:,}", known=known)


def _answer(asked: str) -> str:
    try:
        contacting.normal(Entry("", asked))
    except DomainError as fault:
        return fault.message
    found = contacting.listed(asked)
    if not found:
        return _("Not on the list.")
    told = "; ".join(
        "{get_reach_display} ({source})".format(
            get_reach_display=one.get_reach_display(), source=one.source or _("no source")
        )
        for one in found
    )
    return _("On the list: {told}.").format(told=told)


def _row(one: Suppression, *, now: datetime, zone: tzinfo) -> Row:
    since = words.moment(one.created_at, now=now, zone=zone)
    hand = _(" by {by}").format(by=one.by) if one.by else ""
    line = _("{source}, added {since}{hand}").format(
        source=one.source or _("No source"), since=since, hand=hand
    )
    if one.lifted_at is not None:
        lifted = words.moment(one.lifted_at, now=now, zone=zone)
        line += _("; lifted {lifted} by {lifted_by}").format(lifted=lifted, lifted_by=one.lifted_by)
    url = reverse("console:suppression-lift", args=[one.pk]) if one.lifted_at is None else ""
    return Row(one.hint, one.get_kind_display(), one.get_reach_display(), line, url)
