"""Companies that became a part of another, where only erased people stood behind them."""

from __future__ import annotations

from collections.abc import Collection

from leads.models import Account, AccountAlias, AccountMerge, Lead

NAMELESS: dict[str, object] = {"name": "", "domain": None, "industry": "", "provenance": {}}


def forget(accounts: Collection[int], leads: Collection[int]) -> set[int]:
    """Take out the names of parts of these accounts of which only these leads came over.

    Returns all leads that came with those parts.
    """
    nameless: set[int] = set()
    for merge in AccountMerge.objects.filter(winner__in=accounts):
        others = Lead.objects.filter(pk__in=merge.before.get("leads", ())).exclude(pk__in=leads)
        if others.filter(person__erased_at__isnull=True).exists():
            continue
        made = merge.before["aliases"]["made"]
        AccountAlias.objects.filter(pk__in=made).delete()
        AccountAlias.history.filter(id__in=made).delete()
        Account.history.filter(id=merge.loser).update(
            name="", domain=None, name_key="", industry=""
        )
        told = {**NAMELESS, "name_key": f"erased {merge.loser}"}
        merge.before = {**merge.before, "account": {**merge.before["account"], **told}}
        merge.save(update_fields=["before"])
        nameless |= set(merge.before["leads"])
    return nameless
