"""Ways to break what must hold of merged people and their leads."""

from __future__ import annotations

import datetime as dt

from tests.breaking import Ids, breaks, broken_by, ids, one

STANDING = "(SELECT min(id) FROM leads_personmerge WHERE undone_at IS NULL)"

broken_by(
    "person.root",
    f"UPDATE leads_personmerge SET undone_at = at WHERE id = {STANDING} RETURNING loser_id",
)
broken_by(
    "merge.can_be_undone",
    f"UPDATE leads_personmerge SET before = '{{}}' WHERE id = {STANDING} RETURNING id",
)
broken_by(
    "signal.of_its_buyer",
    """UPDATE leads_signal SET lead_id = (SELECT max(id) FROM leads_lead)
        WHERE id = (SELECT min(id) FROM leads_signal) RETURNING id""",
)
broken_by(
    "touch.came_as",
    """UPDATE leads_touch SET came_as_id = (SELECT max(id) FROM leads_person)
        WHERE id = (SELECT min(id) FROM leads_touch WHERE person_id IS NOT NULL) RETURNING id""",
)
broken_by(
    "lead.carries_on",
    """UPDATE leads_lead SET merged_into_id = (SELECT max(id) FROM leads_lead)
        WHERE id = (SELECT min(id) FROM leads_lead l WHERE stage = 'MERGED' AND NOT EXISTS (
                        SELECT 1 FROM leads_touch t JOIN leads_signal s ON s.touch_id = t.id
                         WHERE t.lead_id = l.id)) RETURNING id""",
)


@breaks("lead.of_the_winner")
def _lead_of_a_merged_person(_: dt.datetime) -> Ids:
    merged = one("SELECT min(id) FROM leads_person WHERE merged_into_id IS NOT NULL")
    lead = one(
        """SELECT max(id) FROM leads_lead l WHERE stage <> 'MERGED' AND NOT EXISTS (
               SELECT 1 FROM leads_lead m WHERE m.merged_into_id = l.id)"""
    )
    both = {"person": merged, "lead": lead}
    ids(
        "UPDATE leads_touch SET person_id = %(person)s WHERE lead_id = %(lead)s RETURNING id",
        **both,
    )
    return ids(
        "UPDATE leads_lead SET person_id = %(person)s WHERE id = %(lead)s RETURNING id", **both
    )
