"""The condition builder's acts and its live outcome, for whoever works on kits."""

from __future__ import annotations

import re

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_POST

from core import database
from core.errors import InvalidInput, NotAllowed
from core.texts import _
from governance import forms, signing
from governance.condition_field import ConditionWidget, sent
from governance.facts import Subject
from web.console import condition_words, pages

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,60}")


@require_POST
@pages.page
def act(request: HttpRequest) -> HttpResponseBase:
    """The builder after an act, or only its outcome (`live`); what was sent is not saved."""
    if not signing.works_on_kits(pages.reader(request)):
        raise NotAllowed(_("Conditions are written by RevOps, and read by who signs them."))
    name = request.GET.get("field", "")
    if not _NAME.fullmatch(name):
        raise InvalidInput(_("Name the field of the form that holds the condition."))
    asked = request.GET.get("about", "")
    about = Subject.TOUCHPOINT if asked == Subject.TOUCHPOINT else Subject.LEAD
    widget = ConditionWidget()
    widget.catalogue, widget.kit = forms.catalogue_of_number(
        request.POST.get(f"{name}-kit", ""), about=about
    )
    editor = widget.value_from_datadict(sent(request.POST), {}, name)
    known = widget.catalogue.registry
    count = condition_words.count(editor, now=database.now(), about=about, registry=known)
    live = request.GET.get("live") == "1"
    return HttpResponse(widget.answer(name, editor, count=count, live=live))
