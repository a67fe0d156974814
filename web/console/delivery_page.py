"""The log of deliveries, for RevOps: mails, messages in chats, webhooks; and sending again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.urls import reverse

from core import errors
from core.texts import _, lazy
from integrations import replaying
from integrations.models import Endpoint, Sending
from lifecycle import mails, operations
from lifecycle.models import Mail
from people.models import User
from web.console import delivery_rows, words
from web.console.delivery_rows import Delivery
from web.console.lead_list import Filter, Option

PAGE = 50
COUNTED = 999
MAIL, CHAT, WEBHOOK = "mail", "chat", "webhook"
LABELS = {MAIL: lazy("Mails"), CHAT: lazy("Team chats"), WEBHOOK: lazy("Webhooks")}
EMPTY = {
    MAIL: lazy("Mails to people about their notices will stand here, with every attempt."),
    CHAT: lazy(
        "Messages in Slack and Teams will stand here. Channels are set up under Administration."
    ),
    WEBHOOK: lazy(
        "Events told to other systems will stand here. Endpoints are set up under Administration."
    ),
}
ALL = "all"


@dataclass(frozen=True, slots=True)
class Tab:
    """One way, with how many were given up; empty: none."""

    label: str
    url: str
    current: bool
    dead: str


@dataclass(frozen=True, slots=True)
class DeliveryPage:
    """One page of the log."""

    way: str
    tabs: tuple[Tab, ...]
    filters: tuple[Filter, ...]
    rows: tuple[Delivery, ...]
    is_filtered: bool
    empty: str
    dead: str
    address: str
    first_url: str
    next_url: str


def build(query: Mapping[str, str], *, now: datetime) -> DeliveryPage:
    """What the address asks for; values that mean nothing are as if they were not there."""
    way = query.get("way", MAIL) if query.get("way") in LABELS else MAIL
    state, target = query.get("state", ""), _number(query.get("to", ""))
    before = _number(query.get("before", ""))
    known = (Mail if way == MAIL else Sending).State.choices
    states = [(key, str(label)) for key, label in known]
    state = state if state in dict(states) else ""
    rows = _rows(way, state, target, before)
    given = {"way": way, "state": state, "to": str(target or "")}
    kept = {name: text for name, text in given.items() if text}
    url = reverse("console:deliveries")
    following = {**kept, "before": str(rows[PAGE - 1].pk)} if len(rows) > PAGE else {}
    dead = {one: _dead(one) for one in LABELS}
    return DeliveryPage(
        way=way,
        tabs=tuple(
            Tab(label, f"{url}?way={one}", one == way, dead[one]) for one, label in LABELS.items()
        ),
        filters=(
            _filter("state", _("State"), _("Any state"), states, state),
            _targets(way, target),
        ),
        rows=tuple(
            (delivery_rows.of_mails if way == MAIL else delivery_rows.of_sendings)(
                rows[:PAGE], now=now
            )
        ),
        is_filtered=bool(state or target),
        empty=EMPTY[way],
        dead=dead[way],
        address=f"{url}?{urlencode(kept)}",
        first_url=f"{url}?{urlencode(kept)}" if before else "",
        next_url=f"{url}?{urlencode(following)}" if following else "",
    )


def _rows(way: str, state: str, target: int | None, before: int | None) -> list[Any]:
    rows = Mail.objects.select_related("to") if way == MAIL else _sendings(way)
    chosen: dict[str, Any] = {"state": state} if state else {}
    if target is not None:
        chosen["to" if way == MAIL else "endpoint"] = target
    if before is not None:
        chosen["pk__lt"] = before
    return list(rows.filter(**chosen).order_by("-pk")[: PAGE + 1])


def _sendings(way: str) -> QuerySet[Sending]:
    rows = Sending.objects.select_related("endpoint")
    events = Endpoint.Kind.EVENTS
    if way == WEBHOOK:
        return rows.filter(endpoint__kind=events)
    return rows.exclude(endpoint__kind=events)


def _dead(way: str) -> str:
    """How many were given up; those beyond so many are not counted, and it says so."""
    rows = mails.undelivered() if way == MAIL else _sendings(way).filter(state="DEAD")
    count = rows.order_by()[: COUNTED + 1].count()
    if count > COUNTED:
        return _("more than {COUNTED}").format(COUNTED=f"{COUNTED:,}")
    return f"{count:,}" if count else ""


def _targets(way: str, chosen: int | None) -> Filter:
    if way == MAIL:
        people = User.objects.filter(is_active=True).order_by("first_name", "last_name")
        found = [(str(one.pk), str(one)) for one in people]
        return _filter("to", _("Person"), _("Anybody"), found, str(chosen or ""))
    endpoints = Endpoint.objects.order_by("label")
    kind = Endpoint.Kind.EVENTS
    mine = endpoints.filter(kind=kind) if way == WEBHOOK else endpoints.exclude(kind=kind)
    found = [(str(one.pk), one.label) for one in mine.only("label")]
    return _filter("to", _("Endpoint") if way == WEBHOOK else _("Channel"), _("Any"), found,
                   str(chosen or ""))  # fmt: skip


def _filter(
    name: str, label: str, default: str, choices: Sequence[tuple[str, str]], chosen: str
) -> Filter:
    options = tuple(Option(key, text, key == chosen) for key, text in choices)
    return Filter(name, label, default, options)


def send_again(way: str, what: str, *, by: User, now: datetime) -> str:
    """Have one thing, or with `all` everything given up of this way, sent again.

    Returns what was done. Raises DomainError.
    """
    operations.require_operator(by)
    number = _number(what)
    if way not in LABELS or (number is None and what != ALL):
        raise errors.NotFound(_("There is nothing to be sent again."))
    if way == MAIL:
        rows = Mail.objects.all() if number is None else Mail.objects.filter(pk=number)
        count = mails.send_again(rows, by=by, now=now)
    else:
        chosen = {"state": "DEAD"} if number is None else {"pk": number}
        count = replaying.replay(_sendings(way).filter(**chosen), by=by, now=now)
    if not count:
        raise errors.TooLate(_("It is being sent already, is not needed, or its endpoint is off."))
    return _("{plural} will be sent again within seconds.").format(
        plural=words.plural(count, "delivery", "deliveries")
    )


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else None
