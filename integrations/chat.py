"""What a team chat is told: new leads, warnings, breaches and levels, with whom it calls.

In the words of notices, which say nothing of the buyer's person. Many at once are one message.
"""

from __future__ import annotations

import datetime as dt
import json
import zoneinfo
from collections.abc import Iterable, Mapping, Sequence

from django.conf import settings

from core import phrases
from integrations import slack, teams
from integrations.message import Line, Mentioned, Message
from integrations.models import Endpoint, Sending
from leads.models import Lead
from lifecycle import news, windows, wording
from lifecycle.models import Notice
from lifecycle.news import Item
from lifecycle.outbound.failing import Failed
from people.models import User

MOST_LINES = 12
MOST_CALLED = 10
FORMS = {Endpoint.Kind.SLACK: slack.document, Endpoint.Kind.TEAMS: teams.document}


def body(sendings: Sequence[Sending], endpoint: Endpoint, *, now: dt.datetime) -> bytes:
    """The JSON of one message about these. Raises Failed when none of them is news any more."""
    told = message(sendings, now=now)
    return json.dumps(FORMS[Endpoint.Kind(endpoint.kind)](told), ensure_ascii=False).encode()


def message(sendings: Sequence[Sending], *, now: dt.datetime) -> Message:
    """The same before it is put into the form of a chat."""
    events = [one.event for one in sendings if one.event is not None]
    if not events:
        return Message("LeadGov", (), (Line("This channel will be told of leads here."),))
    items = [one for one in news.gather(events) if not one.settled]
    if not items:
        raise Failed("Not sent: what it asked for was done meanwhile.", for_good=True)
    people = User.objects.in_bulk({one.user for item in items for one in item.recipients})
    holders = User.objects.in_bulk({item.words["holder"] for item in items} - {None})
    companies = _companies(items)
    abouts = [_about(item, companies, holders) for item in items]
    if len(items) == 1:
        title, lines = wording.headline(abouts[0]), [_told(items[0], wording.sentence(abouts[0]))]
    else:
        title = f"{_many(items)}: {_counted(items)}"
        shown = zip(items[:MOST_LINES], abouts, strict=False)
        lines = [_told(item, _in_short(about)) for item, about in shown]
        if len(items) > MOST_LINES:
            more = phrases.plural(len(items) - MOST_LINES, "more notice")
            lines.append(Line(f"and {more}", _url("/")))
    return Message(title, _called(items, people, now=now), tuple(lines))


def _told(item: Item, text: str) -> Line:
    return Line(text, _url(f"/leads/{item.lead}/"))


def _in_short(about: wording.About) -> str:
    """One notice of many, and who has its lead."""
    whose = f" · {wording.one_line(about.holder)}" if about.holder else ""
    return wording.headline(about) + whose


def _url(path: str) -> str:
    return settings.BASE_URL.rstrip("/") + path


def _many(items: Sequence[Item]) -> str:
    """`40 leads`, each counted once; `7 notices about 5 leads` where some have several."""
    leads = phrases.plural(len({one.lead for one in items}), "lead")
    several = len({one.lead for one in items}) < len(items)
    return f"{phrases.plural(len(items), 'notice')} about {leads}" if several else leads


def _counted(items: Iterable[Item]) -> str:
    counts: dict[str, int] = {}
    for item in items:
        counts[item.kind.label] = counts.get(item.kind.label, 0) + 1
    return ", ".join(f"{label} {count}" for label, count in counts.items())


def _called(
    items: Iterable[Item], people: Mapping[int, User], *, now: dt.datetime
) -> tuple[Mentioned, ...]:
    """Who is to act or to see to it, each once; nobody outside their working hours."""
    order = dict.fromkeys(
        one.user for item in items for one in item.recipients if not one.console_only
    )
    hearers = windows.of(order, at=now)
    found = [
        people[user]
        for user in order
        if user in people and people[user].is_active and hearers[user].opening(now) <= now
    ]
    return tuple(
        Mentioned(wording.one_line(str(one)), one.slack_id, one.teams_id)
        for one in found[:MOST_CALLED]
    )


def _companies(items: Iterable[Item]) -> Mapping[int, str]:
    leads = Lead.objects.filter(pk__in={item.lead for item in items}).select_related("account")
    return {
        lead.pk: (lead.account.name or lead.account.domain or "") if lead.account else ""
        for lead in leads
    }


def _about(item: Item, companies: Mapping[int, str], holders: Mapping[int, User]) -> wording.About:
    """As the first who hears of it reads it; in that person's zone."""
    part = item.recipients[0].part.value if item.recipients else ""
    holder = holders.get(item.words["holder"] or 0)
    return wording.About(
        kind=Notice.Kind(item.kind),
        words=item.words | {"part": part},
        lead=item.lead,
        company=companies.get(item.lead, ""),
        holder=str(holder) if holder else "",
        zone=holder.zone if holder else zoneinfo.ZoneInfo("UTC"),
        to_many=True,
    )
