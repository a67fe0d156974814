"""Stored providers as something to ask, and what asking them needs."""

from __future__ import annotations

from django.conf import settings

from core import sealing
from leads.models import EnrichmentProvider, Lead
from lifecycle.enriching import builtin, remote
from lifecycle.enriching.provider import Provider, Question
from lifecycle.outbound.failing import Failed

_BY = {"company.domain": "domain", "person.email": "email"}


def open_one(row: EnrichmentProvider) -> Provider:
    """The provider of a row. Raises Failed when its row cannot be used as it stands."""
    if row.kind == EnrichmentProvider.Kind.BUILT_IN:
        known = builtin.ALL.get(row.key)
        if known is None:
            raise Failed(f"There is no built-in provider “{row.key}”.", for_good=True)
        return known
    try:
        key = sealing.unseal(row.secret)
    except sealing.Unreadable as error:
        raise Failed(error.message) from None
    return remote.Remote(
        url=row.url,
        mapping=row.mapping,
        confidence=row.confidence,
        seconds=row.timeout_seconds,
        header=row.header,
        key=key,
        private_too=settings.ALLOW_PRIVATE_PROVIDERS,
    )


def question_of(lead: Lead) -> Question:
    """What is known of a lead's person and company."""
    person, account = lead.person, lead.account
    return Question(
        domain=(account.domain or "") if account else "",
        email=person.email,
        company=account.name if account else "",
        country=(account.country if account else "") or person.country,
        title=person.title,
        phone=person.phone,
    )


def fills(row: EnrichmentProvider) -> tuple[str, ...]:
    """The fields that a provider can fill."""
    if row.kind == EnrichmentProvider.Kind.BUILT_IN:
        return builtin.ALL[row.key].fills if row.key in builtin.ALL else ()
    return tuple(row.mapping)


def is_about_people(row: EnrichmentProvider) -> bool:
    """Whether each person is a question of its own; else one question does for the company."""
    if row.kind == EnrichmentProvider.Kind.BUILT_IN:
        return any(name.startswith("person.") for name in fills(row))
    return "{email}" in row.url


def can_be_asked(row: EnrichmentProvider, question: Question) -> bool:
    """Whether everything its URL speaks of is known, or what a built-in one reads."""
    if row.kind == EnrichmentProvider.Kind.BUILT_IN:
        return row.key in builtin.ALL and bool(builtin.ALL[row.key].ask(question).values)
    return all(getattr(question, name) for name in remote.PLACES if f"{{{name}}}" in row.url)
