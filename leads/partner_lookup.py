"""How a partner's name is looked up: in SQL that reads of batches and facts share."""

from __future__ import annotations

import datetime as dt

from django.conf import settings

from leads.models import AccountAlias, AccountStatus, TouchStatus

CALLED = "coalesce(nullif(a.name, ''), a.domain, 'account ' || a.id)"
"""What an account `a` is called, as `Account.called`."""

MEANT = f"""
    SELECT a.id, {CALLED} AS name, a.owner_id AS manager
      FROM (SELECT b.id FROM leads_account b WHERE b.name_key = n.name
             UNION
            SELECT b.id FROM leads_account b WHERE b.domain = n.domain
             UNION
            SELECT x.account_id FROM leads_accountalias x
             WHERE x.kind = '{AccountAlias.Kind.NAME.value}' AND x.value = n.name
             UNION
            SELECT x.account_id FROM leads_accountalias x
             WHERE x.kind = '{AccountAlias.Kind.DOMAIN.value}' AND x.value = n.domain) AS k
     CROSS JOIN LATERAL (
           SELECT * FROM leads_account c
            WHERE c.id = k.id AND c.status = '{AccountStatus.PARTNER.value}' OFFSET 0) AS a
"""  # noqa: S608 - choices of ours
"""The partners whom the keys `n (name, domain)` fit; an empty domain fits none."""

STANDING = f"t.partner_key <> '' AND t.status <> '{TouchStatus.WITHDRAWN.value}'"
"""Whether a touch `t` names a partner, and was not taken back."""


def memory() -> dt.timedelta:
    """For how long a name counts that a touchpoint gave: as long as a registration runs."""
    return dt.timedelta(days=settings.PARTNER_REGISTRATION_DAYS)
