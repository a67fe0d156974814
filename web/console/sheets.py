"""What stands around the form of an action: title, what it is about, where it leads."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse

from core.texts import _
from leads.models import Lead
from web.console import forms, menu, pages


@dataclass(frozen=True, slots=True)
class Link:
    """Another action offered beside this one."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """The frame of one form."""

    title: str
    line: str
    url: str
    back: str
    submit: str
    danger: bool
    quick: bool
    draft: str
    other: Link | None


def of(request: HttpRequest, form: forms.ActionForm, action: str) -> Sheet:
    """The sheet of an action's form."""
    lead, back_to = form.lead, back(request, form.lead)
    company = lead.account.name or lead.account.domain if lead.account else ""
    other = form.other and Link(
        _("{LABELS} instead").format(LABELS=menu.LABELS[form.other]),
        _url(lead, form.other, back_to),
    )
    return Sheet(
        title=form.title.format(form.who),
        line=" · ".join(part for part in (company, lead.get_stage_display()) if part),
        url=_url(lead, action, ""),
        back=back_to,
        submit=form.submit,
        danger=form.danger,
        quick=form.quick,
        draft=form.draft,
        other=other or None,
    )


def back(request: HttpRequest, lead: Lead) -> str:
    """Where the reader came from, kept inside the console; else the lead's page."""
    asked = request.POST.get("next") or request.GET.get("next") or ""
    return pages.inside(request, asked, otherwise=reverse("console:lead", args=[lead.pk]))


def _url(lead: Lead, action: str, back_to: str) -> str:
    url = reverse("console:lead-action", args=[lead.pk, action.replace("_", "-")])
    return f"{url}?{urlencode({'next': back_to})}" if back_to else url
