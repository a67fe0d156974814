"""“Matches 42 of the 310 leads of the last 30 days”: the count beside a condition under edit."""

from __future__ import annotations

from datetime import datetime

from core.errors import DomainError
from core.texts import _
from governance import facts
from governance.condition_editor import Editor
from governance.condition_field import Count
from governance.facts import Registry, Subject
from leads import condition_count
from leads.condition_count import Matching


def count(
    editor: Editor,
    *,
    now: datetime,
    about: Subject = Subject.LEAD,
    registry: Registry = facts.registry,
) -> Count | None:
    """How many leads or touchpoints fit, or why that cannot be told.

    None while the condition is unfinished.
    """
    if editor.judged.faults:
        return None
    asked = editor.judged.condition
    try:
        found = condition_count.latest(asked, registry=registry, now=now, about=about)
    except DomainError as refusal:
        return Count(refusal.message, tone="warn")
    tone = "" if found.matched or not found.looked_at else "warn"
    return Count(_words(found, about.value.lower()), tone=tone)


def _words(found: Matching, one: str) -> str:
    days = condition_count.DAYS
    if not found.looked_at:
        return _(
            "No {one} came in during the last {days} days, so there is nothing to count."
        ).format(one=one, days=days)
    share = f" ({round(100 * found.matched / found.looked_at)} %)"
    newest = (
        _("newest {looked_at}").format(looked_at=f"{found.looked_at:,}")
        if found.is_capped
        else f"{found.looked_at:,}"
    )
    many = one if found.looked_at == 1 else f"{one}s"
    return _("Matches {matched} of the {newest} {many} of the last {days} days{share}.").format(
        matched=f"{found.matched:,}", newest=newest, many=many, days=days, share=share
    )
