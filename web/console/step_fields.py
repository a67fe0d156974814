"""The fields by which a next step is promised along with a contact."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils import dateparse, timezone
from django.utils.translation import gettext as _

from core import database
from leads.models import Lead
from leads.stages import CLOSED
from lifecycle import permissions
from lifecycle.next_steps import WITHIN, Promise
from people import selectors as people
from people.models import User
from web.console import course_forms, course_words, step_picks
from web.console.action_form import ActionForm

PICK, AT, KIND = f"{WITHIN}pick", f"{WITHIN}at", f"{WITHIN}kind"
OTHER = "other"


def may_promise(lead: Lead, by: User) -> bool:
    """Whether this reader may promise a next step with it now."""
    held = lead.owner_id is not None and lead.stage not in CLOSED
    return held and (lead.owner_id == by.pk or permissions.overrides(lead, by))


def add(form: ActionForm) -> None:
    """Offer a next step beside what is logged, to who may promise one."""
    if not may_promise(form.lead, form.reader):
        return
    now, zone = database.now(), timezone.get_current_timezone()
    works = people.availabilities([form.reader.pk], at=now)[form.reader.pk]
    days = [
        (one.at.isoformat(), f"{one.label}, {_said(one.at, zone)}")
        for one in step_picks.of(works, now, zone)
    ]
    earlier = _instant(form.data.get(PICK))  # offered on a form that was opened before
    if earlier is not None and form.data[PICK] not in dict(days):
        days.append((form.data[PICK], _said(earlier, zone)))
    told = ""
    if form.lead.next_step_at is not None:
        told = _("%(step)s. What you choose takes its place.") % {
            "step": course_words.next_step(form.lead, course_forms.say)
        }
    choices = [("", _("None")), *days, (OTHER, _("Another time…"))]
    form.fields[PICK] = forms.ChoiceField(
        label=_("Next step"), required=False, choices=choices, help_text=told
    )
    form.fields[AT] = course_forms.when(
        label=_("Next step at"), help_text=_("Your time."), required=False
    )
    form.fields[KIND] = forms.ChoiceField(
        label=_("Next step by"),
        required=False,
        choices=[("", _("Anything")), *course_words.PROMISED],
    )


def asked(given: Mapping[str, Any]) -> Promise | None:
    """What is promised; nothing where none was chosen, or none was offered."""
    picked, at = given.get(PICK) or "", given.get(AT)
    when = at if picked == OTHER else _instant(picked)
    return Promise(when, given.get(KIND) or "") if when is not None else None


def missing(given: Mapping[str, Any]) -> bool:
    """Whether another time was wanted and none is said."""
    return given.get(PICK) == OTHER and given.get(AT) is None


def _instant(value: Any) -> dt.datetime | None:
    try:
        at = dateparse.parse_datetime(str(value))
    except ValueError:
        return None
    return at if at is not None and at.tzinfo is not None else None


def _said(at: dt.datetime, zone: dt.tzinfo) -> str:
    local = at.astimezone(zone)
    return f"{local:%a} {local.day} {local:%b}, {local:%H:%M}"
