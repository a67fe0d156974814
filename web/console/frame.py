"""What stands around every page: navigation, search, the worker's state, notices, who is here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.urls import reverse

from core import steps
from core.texts import _, lazy
from governance import waiting as kit_waiting
from leads import selectors
from lifecycle import heartbeats, merge_rights, partner_rights, permissions, queues, reader_counts
from people import holders
from people.models import User
from reports.reviews import age, rights
from routing import pool_rights
from web.console import review_age, starts, tour, words
from web.console.tour import Panel

COUNTED = 99
"""Counts in the frame stop here: they tell that there is something, not how much."""

PARTNERS = "partner-conflicts"
PAGES = (
    ("home", lazy("Home"), "h"),
    ("inbox", lazy("Inbox"), "i"),
    ("leads", lazy("Leads"), "l"),
    ("accounts", lazy("Accounts"), "o"),
    ("opportunities", lazy("Opportunities"), "s"),
    ("queues", lazy("Queues"), "q"),
    ("team", lazy("Team"), "t"),
    ("decisions", lazy("Decisions"), "e"),
    ("pools", lazy("Pools"), "p"),
    ("territories", lazy("Territories"), "y"),
    ("reports", lazy("Reports"), "r"),
    ("reviews", lazy("Reviews"), "v"),
    ("kit", lazy("Kit"), "k"),
    ("import", lazy("Import"), "m"),
    ("duplicates", lazy("Duplicates"), "d"),
    ("rejections", lazy("Rejections"), "x"),
    (PARTNERS, lazy("Partners"), "n"),
)
RESTRICTED = {
    "home": lambda reader: starts.of(reader) == "home",
    "inbox": holders.works_leads,
    "leads": selectors.sees_leads,
    "decisions": selectors.sees_leads,
    "import": permissions.sees_imports,
    "queues": permissions.sees_queues,
    "duplicates": merge_rights.may_look,
    "rejections": permissions.sees_queues,
    "pools": pool_rights.may_share,
    "reviews": rights.reads_all,
}
"""Pages that are not for everybody, with who may open them."""


@dataclass(frozen=True, slots=True)
class Link:
    """One entry of the navigation."""

    label: str
    icon: str
    url: str
    key: str
    count: int
    current: bool


@dataclass(frozen=True, slots=True)
class Worker:
    """The worker in one word and one sentence; `state` is ok, stale, never or queue."""

    state: str
    tone: str
    word: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Frame:
    """Everything the frame shows."""

    links: tuple[Link, ...]
    kit_number: int | None
    search: str
    worker: Worker
    notices: int
    queues: queues.Counts | None
    user_id: int
    user_name: str
    user_line: str
    is_staff: bool
    tour: Panel | None
    tours_again: bool
    away: str
    """Until when the reader gets no new leads; empty when they do."""
    review: review_age.Line | None
    """How old the last governance review is; on the reader's first page."""


def build(user: User, *, current: str, now: datetime, search: str = "", page: str = "") -> Frame:
    """The frame of a page for this reader, asked in one message.

    `page` is the name of its address, by which the tour knows where they are.
    """
    counted, signs = reader_counts.asked_of(user, most=COUNTED), heartbeats.signs()
    to_sign = kit_waiting.for_person(user, at=now)
    intake = [queues.counted()] if permissions.sees_queues(user) else []
    aged = [age.asked()] if page in (starts.of(user), "start") else []
    steps.ask(counted, to_sign, signs, *intake, *aged)
    around, number = counted.found[0], to_sign.found.number
    decides = partner_rights.may_decide(user)
    kept = intake[0].found[0] if intake else None
    of_their_own = kept.duplicates if kept and merge_rights.may_look(user) else 0
    counts = {
        "inbox": around.waiting,
        "team": around.escalated,
        # Likely duplicates have a place of their own, for those who decide on them.
        "queues": kept.total - of_their_own if kept else 0,
        "kit": len(to_sign.found.versions),
        "duplicates": kept.duplicates if kept else 0,
        PARTNERS: kept.conflicts if kept and decides else 0,
    }
    labels = {"kit": _("Kit v{number}").format(number=number)} if number else {}
    links = tuple(
        Link(
            labels.get(name, label),
            name,
            reverse(f"console:{name}"),
            key,
            counts.get(name, 0),
            name == current,
        )
        for name, label, key in PAGES
        if (name not in RESTRICTED or RESTRICTED[name](user))
        and (name != PARTNERS or decides or around.keeps_partners)
    )
    return Frame(
        links=links,
        kit_number=number,
        search=search,
        worker=worker(heartbeats.judged(signs.found, now)),
        notices=around.unread,
        queues=kept,
        user_id=user.pk,
        user_name=str(user),
        user_line=_("{roles_in_words} · {zone_city} time").format(
            roles_in_words=user.roles_in_words, zone_city=words.zone_city(user.time_zone)
        ),
        is_staff=user.is_staff,
        tour=tour.panel(user, around.tour, page=page),
        tours_again=tour.may_repeat(user, around.tour),
        away=words.moment(user.away_until, now=now, zone=user.zone)
        if user.away_until is not None and user.away_until > now
        else "",
        review=review_age.line(aged[0].found, now=now) if aged else None,
    )


def worker(status: heartbeats.Status) -> Worker:
    """The worker's last signs of life in words."""
    if status.worker_age is None:
        return Worker(
            "never",
            "late",
            _("Worker not started"),
            _("It has never given a sign of life, so no clock is watched and no notice is sent."),
        )
    age = words.span(status.worker_age)
    if not status.worker_ok:
        return Worker(
            "stale",
            "late",
            _("Worker is away"),
            _(
                "Its last sign of life was {age} ago. Breaches and notices wait until it "
                "is back; leads still come in and can be worked."
            ).format(age=age),
        )
    if status.queue_age is not None and status.queue_age > heartbeats.QUEUE_AWAY_AFTER:
        return Worker(
            "queue",
            "late",
            _("Queue is away"),
            _(
                "Its last sign of life was {queue_age} ago. Clocks are watched and leads "
                "are routed all the same; imports, simulations and other long work wait."
            ).format(queue_age=words.span(status.queue_age)),
        )
    if status.failing:
        listed = ", ".join(status.failing)
        return Worker(
            "ok",
            "warn",
            _("Worker up"),
            _("Up, but these steps fail: {listed}.").format(listed=listed),
        )
    return Worker(
        "ok",
        "ok",
        _("Worker up"),
        _("Its last sign of life was less than a minute ago.")
        if status.worker_age < timedelta(minutes=1)
        else _("Its last sign of life was {age} ago.").format(age=age),
    )
