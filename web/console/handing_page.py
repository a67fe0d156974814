"""Handing on many leads: which are chosen, where they go, and what would come of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django import forms
from django.http import QueryDict

from core.texts import _, lazy
from leads.models import Lead
from lifecycle import bulk_handing, handing_rights
from lifecycle.handing_rows import Want
from lifecycle.models import Reassignment
from people import holders
from people.models import User
from routing.models import Override, Pool
from web.console import lead_list, people_names, takers, words

WAYS = (
    ("ANEW", lazy("The rules choose anew")),
    ("PERSON", lazy("A person")),
    ("POOL", lazy("A pool")),
)
COUNTS_AS = sorted(Override.Why.choices, key=lambda one: one[0] != Override.Why.OTHER)
"""Something else first: nothing is counted against a rule that nobody chose."""


TYPED = {"reason": "of_reason"}
"""Filters of the list whose names the form has for fields of its own, and what they are sent as."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """The leads that are meant: those ticked, or all that match the filters of the list."""

    ids: tuple[int, ...]
    given: Mapping[str, str]
    is_all: bool

    @property
    def hidden(self) -> tuple[tuple[str, str], ...]:
        """What the form sends again."""
        if self.is_all:
            said = ((TYPED.get(name, name), value) for name, value in self.given.items())
            return (("all", "1"), *said)
        return tuple(("lead", str(pk)) for pk in self.ids)

    @property
    def query(self) -> str:
        """The same as an address."""
        return urlencode(self.hidden)


@dataclass(frozen=True, slots=True)
class Line:
    """How many leads go somewhere, or stay, and why."""

    count: str
    text: str


@dataclass(frozen=True, slots=True)
class Shown:
    """What would come of it."""

    lines: tuple[Line, ...]
    stays: tuple[Line, ...]
    beyond: str


class HandingForm(forms.Form):
    """Where they go, and why."""

    use_required_attribute = False
    way = forms.ChoiceField(label=lazy("They go to"), choices=WAYS)
    to = forms.TypedChoiceField(label=lazy("Person"), required=False, coerce=int, empty_value=None)
    pool = forms.ChoiceField(label=lazy("Pool"), required=False)
    why = forms.ChoiceField(
        label=lazy("Counts as"), required=False, choices=COUNTS_AS, initial="OTHER"
    )
    reason = forms.CharField(
        label=lazy("Why"), required=False, max_length=bulk_handing.LONGEST_REASON,
        help_text=lazy("It stands with the act."),
    )  # fmt: skip

    def __init__(self, data: QueryDict | None = None, *, now: datetime) -> None:
        super().__init__(data)
        people = holders.by_name(holders.everybody().select_related("team"))
        named = takers.choices(people, now=now)
        self.fields["to"].choices = [("", "–"), *named]  # type: ignore[attr-defined]
        pools = list(Pool.objects.order_by("label").values_list("key", "label"))
        self.fields["pool"].choices = [("", "–"), *pools]  # type: ignore[attr-defined]
        needed = {
            "to": _("for one person"),
            "pool": _("for a pool"),
            "reason": _("needed"),
        }
        for name, when in needed.items():
            self.fields[name].either = when  # type: ignore[attr-defined]

    @property
    def want(self) -> Want:
        """Where they go; only what belongs to the way that was chosen."""
        given = self.cleaned_data
        to = given["to"] if given["way"] == "PERSON" else None
        return Want(given["way"], to, given["pool"] if given["way"] == "POOL" else "")


def choose(reader: User, query: QueryDict, *, now: datetime) -> Chosen:
    """The leads an address means. Raises NotAllowed for who hands on none."""
    handing_rights.reach(reader)
    return meant(reader, query, now=now)


def meant(reader: User, query: QueryDict, *, now: datetime) -> Chosen:
    """The same for whoever sees the list."""
    if query.get("all"):
        given = {name: _filter(query, name) for name in lead_list.FILTERS}
        given = {name: value for name, value in given.items() if value}
        asked = lead_list.read(given)
        rows = lead_list.chosen(reader, asked, now=now).order_by("pk")
        ids = rows.values_list("pk", flat=True)[: bulk_handing.MOST + 1]
        return Chosen(tuple(ids), given, is_all=True)
    ticked = {int(one) for one in query.getlist("lead") if one.isdecimal() and len(one) < 19}
    seen = Lead.objects.filter(pk__in=ticked).order_by("pk").values_list("pk", flat=True)
    return Chosen(tuple(seen), {}, is_all=False)


def _filter(query: QueryDict, name: str) -> str:
    """A filter of the list; under its own name not where the form was sent and has such a field."""
    sent = name in TYPED and "way" in query
    return str(query.get(TYPED.get(name, name)) or ("" if sent else query.get(name)) or "")


def preview(chosen: Chosen, form: HandingForm, reader: User, *, now: datetime) -> Shown:
    """Where they would go now. Raises InvalidInput where that cannot be said."""
    found = bulk_handing.preview(chosen.ids, form.want, by=reader, now=now)
    beyond = ""
    if found.looked_at < found.total:
        first = words.number(found.looked_at)
        beyond = _("Told of the first {first} of {plural}.").format(
            first=first, plural=words.plural(found.total, "lead")
        )
    names = takers.names(found.users, now=now)
    return Shown(*told(found.users, found.queues, found.stays, names=names), beyond)


def told(
    users: Counter[int],
    queues: Counter[str],
    stays: Counter[str],
    *,
    names: dict[int, str] | None = None,
) -> tuple[tuple[Line, ...], tuple[Line, ...]]:
    """How many went to whom, and how many stay, in words."""
    names = people_names.of(users) if names is None else names
    pools = dict(Pool.objects.filter(key__in=queues).values_list("key", "label"))
    going = [
        (count, names.get(user, _("User {user}").format(user=user)))
        for user, count in users.most_common()
    ]
    going += [
        (count, _("wait in the queue {pools}").format(pools=pools.get(key, key)))
        for key, count in queues.most_common()
    ]
    return (
        tuple(Line(words.plural(count, "lead"), text) for count, text in going),
        tuple(Line(words.plural(count, "lead"), why) for why, count in stays.most_common()),
    )


def confirm(chosen: Chosen, form: HandingForm, reader: User) -> Reassignment:
    """Do it. Raises DomainError."""
    given = form.cleaned_data
    return bulk_handing.submit(
        chosen.ids, form.want, by=reader, reason=given["reason"], counts_as=given["why"] or "OTHER"
    )
