"""Who is recognised by what: keys, values that several people share, names at them."""

from __future__ import annotations

from leads import personal_names
from leads.models import Person
from lifecycle.invariants.invariant import Context, Found, Invariant, Offence, query, tell

LATEST = 2_000
"""So many people are compared each time."""


def _name_keys(context: Context) -> Found:
    """The newest people; names are written in several places, all of them every day."""
    rows = Person.objects.order_by("-pk").values_list("pk", "first_name", "last_name", "name_key")
    return tell(
        (
            Offence(str(pk), "is called otherwise than by the name kept for comparing")
            for pk, first, last, key in rows[:LATEST]
            if key != personal_names.key(first, last)
        ),
        first=context.first,
    )


INVARIANTS = (
    Invariant(
        "key.one_person",
        "An identity key belongs to exactly one person, who is there",
        query("""
            SELECT k.id, CASE WHEN p.id IS NULL THEN 'belongs to nobody'
                              ELSE 'is one of ' || k.times || ' equal keys' END
              FROM (SELECT *, count(*) OVER (PARTITION BY kind, value) AS times
                      FROM leads_identitykey) k
              LEFT JOIN leads_person p ON p.id = k.person_id
             WHERE k.times > 1 OR p.id IS NULL
        """),
    ),
    Invariant(
        "key.normalised",
        "Identity keys are stored in their normal form",
        query("""
            SELECT id, 'is no normal ' || lower(kind)
              FROM leads_identitykey
             WHERE (kind = 'EMAIL' AND (value ~ '[A-Z]' OR value !~ '^.+@.+$'
                                        OR (value !~ '^"' AND value ~ '[[:space:]]')))
                OR (kind = 'PHONE' AND value !~ '^[+][0-9]{4,15}(x[0-9]+)?$')
                OR (kind = 'CONTACT' AND value !~ '^[^|]+[|]')
        """),
    ),
    Invariant(
        "key.shared_by_several",
        "Only an address or number that several people used names nobody",
        query("""
            SELECT k.id, CASE WHEN k.kind NOT IN ('EMAIL', 'PHONE') THEN 'cannot be shared'
                              ELSE 'is used by its holder alone' END
              FROM leads_identitykey k
             WHERE k.shared_at IS NOT NULL
               AND (k.kind NOT IN ('EMAIL', 'PHONE')
                    OR NOT EXISTS (SELECT 1 FROM leads_contactpoint c
                                    WHERE c.kind = k.kind AND c.value = k.value
                                      AND c.person_id <> k.person_id)
                       -- Erasing people takes what they were reached by.
                       AND k.shared_at > coalesce((SELECT max(p.erased_at) FROM leads_person p),
                                                  '-infinity'))
        """),
    ),
    Invariant(
        "key.contact_reaches",
        "A name at a mailbox or number belongs to somebody who is reached there",
        query("""
            SELECT k.id, 'is a name of person ' || k.person_id || ', who is not reached there'
              FROM leads_identitykey k
             WHERE k.kind = 'CONTACT'
               AND NOT EXISTS (SELECT 1 FROM leads_contactpoint c
                                WHERE c.kind IN ('EMAIL', 'PHONE')
                                  AND c.value = split_part(k.value, '|', 1)
                                  AND c.person_id = k.person_id)
               AND NOT EXISTS (SELECT 1 FROM leads_identitykey own
                                WHERE own.kind IN ('EMAIL', 'PHONE')
                                  AND own.value = split_part(k.value, '|', 1)
                                  AND own.person_id = k.person_id)
        """),
    ),
    Invariant(
        "contact_point.of_others",
        "Nobody is merely reached by a value that is their own key",
        query("""
            SELECT c.id, 'is person ' || c.person_id || '''s own key'
              FROM leads_contactpoint c
              JOIN leads_identitykey k
                ON k.kind = c.kind AND k.value = c.value AND k.person_id = c.person_id
        """),
    ),
    Invariant(
        "person.name_key",
        "What people are called and the name kept for comparing are one",
        _name_keys,
    ),
)
