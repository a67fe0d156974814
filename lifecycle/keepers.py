"""Who answers for the accounts we know already. Reads only."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import connection

from leads.models import Account
from lifecycle import turns
from lifecycle.case import Case
from people import holders, roles


def find(cases: Iterable[Case]) -> None:
    """Tell each case who keeps its account, where that is a known one."""
    owned = [(case, case.buyer.account) for case in cases]
    found = of(account for _, account in owned if account is not None)
    for case, account in owned:
        case.keeper = found.get(account.pk) if account is not None else None


def because(case: Case) -> dict[str, Any]:
    """For the event of a touch: who kept the known account then, so that it can be replayed."""
    return {"keeper": case.keeper} if case.account_status in turns.KNOWN else {}


def of(accounts: Iterable[Account]) -> dict[int, int]:
    """The keeper's id by account id; one query, none where no account is known.

    Only who is active and works leads keeps accounts.
    """
    ids = sorted({account.pk for account in accounts if account.status in turns.KNOWN})
    if not ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_OWNERS, {"ids": ids, "roles": list(holders.ROLES)})
        found = {
            pk: turns.keeper(status, deal=deal, cs=cs, account=own, parent=parent)
            for pk, status, deal, cs, own, parent in cursor.fetchall()
        }
    return {pk: keeper for pk, keeper in found.items() if keeper is not None}


_OWNERS = f"""
    SELECT a.id, a.status,
           (SELECT o.owner_id FROM leads_opportunity o JOIN people_user u ON u.id = o.owner_id
             WHERE o.account_id = a.id AND o.status = 'OPEN'
               AND u.is_active AND {roles.sql("u", "%(roles)s")}
             ORDER BY o.created_at, o.id LIMIT 1),
           cs.id, own.id, above.id
      FROM leads_account a
      LEFT JOIN leads_customer c ON c.account_id = a.id AND c.status = 'ACTIVE'
      LEFT JOIN people_user cs ON cs.id = c.cs_owner_id AND cs.is_active
                             AND {roles.sql("cs", "%(roles)s")}
      LEFT JOIN people_user own ON own.id = a.owner_id AND own.is_active
                              AND {roles.sql("own", "%(roles)s")}
      LEFT JOIN leads_account p ON p.id = a.parent_id
      LEFT JOIN people_user above ON above.id = p.owner_id AND above.is_active
                                AND {roles.sql("above", "%(roles)s")}
     WHERE a.id = ANY(%(ids)s)
"""  # noqa: S608 - fragments of ours
