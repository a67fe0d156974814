"""What can be done to a kit version from its list. Each act shows what it means, then does it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from core import admin as core_admin
from core import database
from governance import change_words, facts, services, signing
from governance.models import KitVersion, Signature

Action: TypeAlias = Callable[
    [admin.ModelAdmin[KitVersion], HttpRequest, QuerySet[KitVersion]], HttpResponse | None
]


def sign_as(party: Signature.Party) -> Action:
    """The action that signs the text which was shown, and no later one."""

    def act(version: KitVersion, request: HttpRequest) -> object:
        seen = request.POST.get(f"seen-{version.pk}")
        return services.sign(
            version, party=party, by=_person(request), now=database.now(), seen=seen
        )

    label = {"APPROVER": "as approver"}.get(party, f"for {party.label}")
    return _confirmed(f"sign_{party.lower()}", f"Sign {label}", "signed", act)


def _submit(version: KitVersion, request: HttpRequest) -> object:
    note = request.POST.get("note", "")
    return services.submit(version, by=_person(request), now=database.now(), note=note)


def _reopen(version: KitVersion, request: HttpRequest) -> object:
    return services.reopen(version, by=_person(request), now=database.now())


def _publish(version: KitVersion, request: HttpRequest) -> object:
    return services.publish(version, by=_person(request), now=database.now())


def _withdraw(version: KitVersion, request: HttpRequest) -> object:
    return services.withdraw(version, by=_person(request), now=database.now())


@admin.action(description="Clone to a new draft")
def clone(
    model_admin: admin.ModelAdmin[KitVersion], request: HttpRequest, rows: QuerySet[KitVersion]
) -> None:
    """A draft with a copy of the selected version's parts, on the active kit."""
    if rows.count() != 1:
        messages.error(request, "Select the one version to start from.")
        return
    by = _person(request)

    def act(row: Any) -> object:
        signing.require_may_publish(by)
        return services.draft(base=row, title=f"From v{row.number}", by=by, now=database.now())

    core_admin.each(request, rows, act, "cloned; edit the parts of the new draft")


def _confirmed(
    name: str, title: str, done: str, act: Callable[[KitVersion, HttpRequest], object]
) -> Action:
    """An action that first shows the selected versions with their changes and faults."""

    def action(
        model_admin: admin.ModelAdmin[KitVersion], request: HttpRequest, rows: QuerySet[KitVersion]
    ) -> HttpResponse | None:
        if "confirmed" in request.POST:
            core_admin.each(request, rows, lambda row: act(row, request), done)  # type: ignore[arg-type]
            return None
        context = {
            **model_admin.admin_site.each_context(request),
            "title": title,
            "action": name,
            "checkbox": ACTION_CHECKBOX_NAME,
            "opts": model_admin.model._meta,
            "versions": [_shown(row) for row in rows.select_related("base")[:5]],
        }
        return TemplateResponse(request, "admin/governance/confirm.html", context)

    action.__name__ = name
    return admin.action(action, description=title)


def _shown(version: KitVersion) -> dict[str, Any]:
    document = services.document_of(version)
    base = version.base.document if version.base else None
    return {
        "version": version,
        "checksum": services.checksum(document),
        "changes": change_words.between(base, document, facts.registry) if base else (),
        "faults": services.check(version),
    }


def _person(request: HttpRequest) -> Any:
    return request.user


submit = _confirmed("submit", "Submit for review", "in review", _submit)
reopen = _confirmed("reopen", "Back to draft", "a draft again", _reopen)
publish = _confirmed("publish", "Publish", "in force now", _publish)
withdraw = _confirmed("withdraw", "Withdraw", "withdrawn", _withdraw)
