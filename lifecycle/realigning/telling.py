"""Who hears of a realignment: each person once, however much came to them or left them."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict

from django.db.models import Count

from lifecycle.models import Notice, RealignedRow, Realignment, TerritoryNews
from people.models import User

Kind, State = RealignedRow.Kind, RealignedRow.State


def tell(act: Realignment, *, now: dt.datetime) -> int:
    """Tell everybody to whom something came, or from whom it went; returns how many."""
    undone = act.state == Realignment.State.UNDONE
    rows = act.rows.filter(state=State.BACK if undone else State.MOVED).order_by()
    counted = rows.values_list("kind", "from_user", "to_user").annotate(number=Count("pk"))
    came: defaultdict[int, Counter[str]] = defaultdict(Counter)
    went: defaultdict[int, Counter[str]] = defaultdict(Counter)
    for kind, before, after, number in counted:
        giver, taker = (after, before) if undone else (before, after)
        if giver is not None:
            went[giver][kind] += number
        if taker is not None:
            came[taker][kind] += number
    actor = act.ended_by_id if undone else act.by_id
    people = User.objects.filter(pk__in={*came, *went} - {actor}, is_active=True).order_by("pk")
    notices = [
        Notice(
            to=user,
            kind=TerritoryNews.REALIGNED,
            realignment=act,
            matter="undone" if undone else "done",
            words={"came": came[user.pk], "went": went[user.pk], "undone": undone},
            created_at=now,
            mail_due_at=now,
        )
        for user in people
    ]
    Notice.objects.bulk_create(notices, ignore_conflicts=True)
    return len(notices)
