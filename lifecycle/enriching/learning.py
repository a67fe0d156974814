"""What an answer changes, in one transaction: fields, scores, and what follows from them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from core import database, errors
from governance import selectors as kits
from governance.kit import Kit
from leads import cleansing, enrichment, titles
from leads.enrichment import EMPTY
from leads.intake import LIMITS
from leads.ledger import Ledger
from leads.models import Account, EnrichmentProvider, EnrichmentTask, EventKind
from leads.overwriting import Source
from lifecycle import gathering, relearning
from lifecycle.case import Case
from lifecycle.enriching.provider import Answer


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
    leads = relearning.locked(task.lead_id, account_id)
    ledger = Ledger(kit=kit, now=now or database.now(), actor="enriching")
    cases = gathering.open_cases(leads)
    asked = cases.get(task.lead_id)
    taken = _learn(asked, answer, task, account_id, ledger) if asked is not None else ()
    if asked is not None and taken:
        relearning.follow(
            list(cases.values()),
            person_id=asked.buyer.person.pk,
            taken=taken,
            kind=EventKind.ENRICHED,
            told={"provider": task.provider.key},
            because={"enrichment": task.pk},
            ledger=ledger,
        )
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
