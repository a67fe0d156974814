"""What an answer changes, in one transaction: fields, scores, and what follows from them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from core import database, errors
from governance import selectors as kits
from governance.kit import Kit
from leads import cleansing, enrichment, titles
from leads.enrichment import EMPTY
from leads.intake import LIMITS
from leads.ledger import Ledger
from leads.models import Account, EnrichmentProvider, EnrichmentTask, EventKind, Lead
from leads.overwriting import Source
from leads.stages import CLOSED, Stage
from lifecycle import gathering, reconsidering
from lifecycle.case import Case
from lifecycle.enriching.provider import Answer

MOST_LEADS = 200
"""So many leads of a company are judged again at once; others when they are touched next."""


@transaction.atomic
def take(
    task: EnrichmentTask, answer: Answer, *, account_id: int | None, now: dt.datetime | None = None
) -> tuple[str, ...]:
    """Fill what the kit lets this provider fill, and reconsider the leads it concerns.

    `account_id` is the company that was asked about: should the lead have moved to another
    meanwhile, nothing is learnt of that. Returns the fields that got a value.
    """
    kit = kits.active_kit()
    if account_id is not None:
        list(Account.objects.filter(pk=account_id).select_for_update(no_key=True))
    leads = _locked(task.lead_id, account_id)
    ledger = Ledger(kit=kit, now=now or database.now(), actor="enriching")
    cases = gathering.open_cases(leads)
    asked = cases.get(task.lead_id)
    taken = _learn(asked, answer, task, account_id, ledger) if asked is not None else ()
    if taken:
        _follow(list(cases.values()), taken, task, ledger)
    ledger.flush()
    EnrichmentTask.objects.filter(pk=task.pk).update(
        done_at=ledger.now,
        outcome=(EnrichmentTask.Outcome.FILLED if taken else EnrichmentTask.Outcome.NOTHING),
        filled=list(taken),
        lease_until=None,
        last_error="",
    )
    return taken


def values_of(answer: Answer, *, kit: Kit) -> tuple[dict[str, Any], dict[str, Any]]:
    """What an answer says of the person and of the company, clean; what is unusable is left out."""
    person, company = _said(answer, "person"), _said(answer, "company")
    known = enrichment.person_values(person)
    known |= {
        name: person[name].upper().replace("-", "_").replace(" ", "_")
        for name, choices in (("seniority", titles.SENIORITIES), ("function", titles.FUNCTIONS))
        if person.get(name, "").upper().replace("-", "_").replace(" ", "_") in dict(choices)
    }
    firm = enrichment.company_values(company, kit=kit)
    return _given(known), _given(firm)


def _locked(lead_id: int, account_id: int | None) -> list[Lead]:
    """The lead that was asked about and the open ones of its company, newest first if too many."""
    ids = {lead_id}
    if account_id is not None:
        beside = Lead.objects.filter(account_id=account_id).exclude(stage__in=sorted(CLOSED))
        ids |= set(beside.order_by("-last_touch_at").values_list("pk", flat=True)[:MOST_LEADS])
    rows = Lead.objects.filter(pk__in=ids)
    open_rows = rows.exclude(stage=Stage.MERGED.value).order_by("pk")
    return list(open_rows.select_for_update(of=("self",), no_key=True))


def _learn(
    case: Case, answer: Answer, task: EnrichmentTask, account_id: int | None, ledger: Ledger
) -> tuple[str, ...]:
    if case.buyer.person.erased_at is not None:
        return ()
    by = "rule" if task.provider.kind == EnrichmentProvider.Kind.BUILT_IN else "provider"
    source = Source(f"{by}:{task.provider.key}", answer.confidence, ledger.now)
    of_person, of_company = values_of(answer, kit=ledger.kit)
    learnt = enrichment.learn(case.buyer.person, of_person, source=source, ledger=ledger)
    taken = [f"person.{name}" for name in learnt]
    if case.buyer.account is not None and case.lead.account_id == account_id:
        learnt = enrichment.learn(case.buyer.account, of_company, source=source, ledger=ledger)
        taken += [f"company.{name}" for name in learnt]
    return tuple(taken)


def _follow(
    cases: Sequence[Case], taken: Sequence[str], task: EnrichmentTask, ledger: Ledger
) -> None:
    """Every lead that knows more now says so in its log and is judged again."""
    of_company = [name for name in taken if name.startswith("company.")]
    person = next(one.buyer.person.pk for one in cases if one.lead.pk == task.lead_id)
    told = {}
    moved = []
    for case in cases:
        fields = taken if case.buyer.person.pk == person else of_company
        if fields:
            because = {"provider": task.provider.key, "fields": list(fields)}
            told[case.lead.pk] = ledger.event(case.lead, EventKind.ENRICHED, because=because)
            moved.append(case)
    reconsidering.reconsider(moved, ledger=ledger, because={"enrichment": task.pk}, causes=told)


def _said(answer: Answer, section: str) -> dict[str, str]:
    """One section of an answer as texts, as a touch would bring them."""
    said = {}
    for name, value in answer.values.items():
        place, _, field = name.partition(".")
        if place != section:
            continue
        text = f"{value:.2f}".removesuffix(".00") if isinstance(value, float) else str(value)
        try:
            clean = cleansing.clean_text(text, LIMITS[section].get(field, 60))
        except errors.InvalidInput:
            continue
        said[field] = " ".join(clean.split())
    return said


def _given(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value not in EMPTY}
