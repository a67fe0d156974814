"""Tags of the console's templates: icons, clocks, times in words, names.

Times need `now` in the context: a page reads the clock once, so all its times agree.
"""

from __future__ import annotations

import functools
import zlib
from datetime import datetime, timedelta
from typing import Any

from django import template
from django.conf import settings
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core.texts import _, lazy
from lifecycle import queues
from web.console import devices, words

register = template.Library()

STAGE_WORDS = {
    "INQUIRY": (lazy("Inquiry"), "open"),
    "MQL": ("MQL", "moving"),
    "SAL": ("SAL", "moving"),
    "SQL": ("SQL", "moving"),
    "OPPORTUNITY": (lazy("Opportunity"), "moving"),
    "WON": (lazy("Won"), "won"),
    "LOST": (lazy("Lost"), "lost"),
    "NURTURE": (lazy("Nurture"), "open"),
    "DISQUALIFIED": (lazy("Disqualified"), "closed"),
    "MERGED": (lazy("Merged"), "closed"),
}


def _now(context: template.Context) -> datetime:
    now: datetime | None = context.get("now")
    return now or timezone.now()


@register.simple_tag
def icon(name: str, classes: str = "icon") -> SafeString:
    """One drawing of the sprite, silent for screen readers: the word beside it speaks."""
    return _drawn(str(name), str(classes))


@functools.lru_cache(maxsize=1_024)  # a page has hundreds, of a few dozen kinds
def _drawn(name: str, classes: str) -> SafeString:
    return format_html(
        '<svg class="{}" aria-hidden="true"><use href="{}#{}"/></svg>',
        classes,
        static("img/icons.svg"),
        name,
    )


@register.simple_tag
def undo_url(tags: str) -> str:
    """Where the undo of a message goes: an address, or that of the lead whose step it was."""
    return tags if tags.startswith("/") else reverse("console:lead-action", args=[tags, "undo"])


@register.simple_tag
def stage(value: str) -> SafeString:
    """A stage as ring and word."""
    word, kind = STAGE_WORDS.get(value, (value.title(), "open"))
    return format_html(
        '<span class="stage" data-kind="{}">{}{}</span>', kind, icon(f"stage-{value}", ""), word
    )


@register.simple_tag(takes_context=True)
def clock(
    context: template.Context,
    due_at: datetime | None,
    warn_at: datetime | None = None,
    classes: str = "",
) -> SafeString:
    """A live countdown; `static/js/countdown.js` keeps it going."""
    if due_at is None:
        return format_html('<span class="clock faint {}">{}</span>', classes, words.DASH)
    now = _now(context)
    return format_html(
        '<time class="clock {}" data-state="{}" datetime="{}" data-due="{}" data-warn="{}"'
        ' title="{}">{}{}<span data-count>{}</span></time>',
        classes,
        clock_state(due_at, warn_at, now=now),
        due_at.isoformat(),
        due_at.isoformat(),
        warn_at.isoformat() if warn_at else "",
        _("Due {moment}").format(
            moment=words.moment(due_at, now=now, zone=timezone.get_current_timezone())
        ),
        icon("clock", "is-running"),
        icon("alarm", "is-late"),
        words.countdown(due_at, now=now),
    )


def clock_state(due_at: datetime, warn_at: datetime | None, *, now: datetime) -> str:
    """`late` from the due time on, `warn` from the warning on, else `ok`."""
    if now >= due_at:
        return "late"
    return "warn" if warn_at and now >= warn_at else "ok"


@register.simple_tag(takes_context=True)
def moment(context: template.Context, at: datetime | None) -> str:
    """A time in words in the reader's zone, exact on hover."""
    if at is None:
        return words.DASH
    zone = timezone.get_current_timezone()
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        at.isoformat(),
        f"{at.astimezone(zone):%a %d %b %Y, %H:%M:%S %Z}",
        words.moment(at, now=_now(context), zone=zone),
    )


@register.simple_tag(takes_context=True)
def ago(context: template.Context, at: datetime | None) -> str:
    """How long since, exact on hover."""
    if at is None:
        return words.DASH
    zone = timezone.get_current_timezone()
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        at.isoformat(),
        f"{at.astimezone(zone):%a %d %b %Y, %H:%M %Z}",
        words.ago(at, now=_now(context)),
    )


@register.simple_tag(takes_context=True)
def by(context: template.Context, due_at: datetime) -> str:
    """`by 15:30 today`, `was due 15:30 today`."""
    return words.deadline(due_at, now=_now(context), zone=timezone.get_current_timezone())


@register.simple_tag(takes_context=True)
def left(context: template.Context, due_at: datetime) -> str:
    """`43 min left`."""
    return words.left(due_at, now=_now(context))


@register.filter
def span(length: timedelta | None) -> str:
    """`3 h 20 min`."""
    return words.span(length)


@register.filter
def number(value: float | None) -> str:
    """`1,100`."""
    return words.number(value)


@register.filter
def plural(count: int, forms: str) -> str:
    """`{{ 7|plural:"lead" }}` or `{{ 2|plural:"company,companies" }}`."""
    one, _, many = forms.partition(",")
    return words.plural(count, one, many or None)


@register.filter
def capped(count: int) -> str:
    """`99+` of what is counted no further."""
    return words.capped(count, queues.COUNTED)


@register.simple_tag
def sign_on_ways() -> tuple[tuple[str, str], ...]:
    """Names and addresses of other ways to log in."""
    return settings.SINGLE_SIGN_ON_WAYS


@register.filter
def device(agent: str) -> str:
    """What browser on what system a header tells of."""
    return devices.named(agent)


@register.simple_tag
def avatar(name: str, size: str = "") -> SafeString:
    """Initials in a round mark whose tint stays with the name."""
    return format_html(
        '<span class="avatar {}" data-hue="{}" aria-hidden="true">{}</span>',
        f"avatar--{size}" if size else "",
        zlib.crc32(name.encode()) % 5,
        words.initials(name),
    )


@register.simple_tag(takes_context=True)
def query(context: template.Context, **changes: Any) -> str:
    """The present query string with changes; None or empty drops a key, other pages' cursors go."""
    params = context["request"].GET.copy()
    params.pop("after", None)
    for key, value in changes.items():
        if value in (None, ""):
            params.pop(key, None)
        else:
            params[key] = value
    return f"?{params.urlencode()}"
