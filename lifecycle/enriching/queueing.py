"""Which questions a batch of touches raises: noted as rows, asked later by the worker."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from django.db.models import Q

from core import reading
from leads import overwriting
from leads.enrichment import EMPTY
from leads.ledger import Ledger
from leads.models import EnrichmentProvider, EnrichmentTask, Lead
from lifecycle.case import Case
from lifecycle.enriching import providers

Slot = tuple[int, str, int]
"""Provider, and whom it is asked about: an account or a lead."""


def active() -> reading.Question[EnrichmentProvider]:
    """The question for the providers in use, in their order."""
    return reading.rows(EnrichmentProvider, "WHERE active ORDER BY position, id")


def queue(
    cases: Sequence[Case], *, providers_in_use: Sequence[EnrichmentProvider], ledger: Ledger
) -> None:
    """Note what is to be asked about these locked leads, one query if any provider is in use.

    A provider is asked when it can fill something that the kit lets it fill, and once per company
    (or person, if it is about people) within its `refresh_days`.
    """
    rows = providers_in_use
    if not rows or not cases:
        return
    asked = _asked(rows, cases, now=ledger.now)
    rules = overwriting.of_kit(ledger.kit)
    for row in rows:
        for case in cases:
            slot = _slot(row, case.lead.pk, case.lead.account_id)
            if slot not in asked and _is_worth_it(row, case, rules):
                asked.add(slot)
                ledger.add(
                    EnrichmentTask(
                        lead=case.lead, provider=row, due_at=ledger.now, created_at=ledger.now
                    )
                )


def _slot(row: EnrichmentProvider, lead_id: int, account_id: int | None) -> Slot:
    if account_id is None or providers.is_about_people(row):
        return (row.pk, "lead", lead_id)
    return (row.pk, "account", account_id)


def _asked(
    rows: Sequence[EnrichmentProvider], cases: Sequence[Case], *, now: dt.datetime
) -> set[Slot]:
    """What was asked lately, or still is."""
    by_id = {row.pk: row for row in rows}
    accounts = {case.lead.account_id for case in cases if case.lead.account_id}
    leads = Lead.objects.filter(
        Q(pk__in=[case.lead.pk for case in cases]) | Q(account_id__in=accounts)
    )
    longest = max(row.refresh_days for row in rows)
    told = EnrichmentTask.objects.filter(
        Q(done_at__isnull=True) | Q(created_at__gte=now - dt.timedelta(days=longest)),
        lead__in=leads.values("pk"),
        provider__in=by_id,
    ).values_list("provider_id", "lead_id", "lead__account_id", "created_at", "done_at")
    return {
        _slot(by_id[provider], lead, account)
        for provider, lead, account, created_at, done_at in told
        if done_at is None or created_at >= now - dt.timedelta(days=by_id[provider].refresh_days)
    }


def _is_worth_it(row: EnrichmentProvider, case: Case, rules: Mapping[str, str]) -> bool:
    """Whether it can be asked, and anything it may tell would be taken."""
    buyer = case.buyer
    lead = Lead(pk=case.lead.pk, person=buyer.person, account=buyer.account)
    return any(
        about is not None
        and (
            getattr(about, name.partition(".")[2]) in EMPTY
            or rules.get(name, overwriting.NEVER) != overwriting.NEVER
        )
        for name in providers.fills(row)
        for about in (buyer.person if name.startswith("person.") else buyer.account,)
    ) and providers.can_be_asked(row, providers.question_of(lead))
