"""Values that several people used and few still do: their holder's key again."""

from __future__ import annotations

from collections.abc import Collection

from django.db import connection

from governance.kit import Kit
from lifecycle import identities


def unshare(values: Collection[tuple[str, str]], kit: Kit) -> None:
    """A value that so few people are left to use is its holder's key again."""
    limits = {str(kind): most for kind, most in identities.policy_of(kit).shared_after.items()}
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE leads_identitykey k SET shared_at = NULL
              FROM unnest(%s::text[], %s::text[], %s::int[]) AS wanted (kind, value, least)
             WHERE k.kind = wanted.kind AND k.value = wanted.value AND k.shared_at IS NOT NULL
               AND 1 + (SELECT count(DISTINCT coalesce(p.merged_into_id, p.id))
                          FROM leads_contactpoint c JOIN leads_person p ON p.id = c.person_id
                         WHERE c.kind = k.kind AND c.value = k.value
                           AND c.person_id <> k.person_id) < wanted.least
            RETURNING k.value
            """,
            [[kind for kind, _ in values], [value for _, value in values],
             [limits.get(kind, 0) for kind, _ in values]],
        )  # fmt: skip
        freed = [value for (value,) in cursor.fetchall()]
        cursor.execute(
            "DELETE FROM leads_identitykey WHERE kind = 'CONTACT' AND split_part(value, '|', 1)"
            " = ANY(%s)",
            [freed],
        )
