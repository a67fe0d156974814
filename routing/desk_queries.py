"""The questions of the desk, as they are sent: see `routing.desk.open_for`."""

from __future__ import annotations

# A member who has left is still in the books until the pool's next pick.
THEIR_REPS = """
    WHERE id IN (SELECT m.user_id FROM routing_poolmember m JOIN routing_pool p ON p.id = m.pool_id
                  WHERE (m.active OR m.since_turn IS NOT NULL) AND p.key = ANY(%s))
       OR id = ANY(%s)
    ORDER BY id
"""
POOLS = "WHERE key = ANY(%s) ORDER BY id"
LOCK = " FOR NO KEY UPDATE"
KEPT = """
    SELECT queue, kept_for_id, count(*) FROM leads_lead
     WHERE kept_for_id = ANY(%s) GROUP BY 1, 2
"""
# Of other pools the memberships that cap how much these reps get at all.
MEMBERS = """
    WHERE user_id = ANY(%s)
      AND ((pool_id = ANY(%s) AND (active OR since_turn IS NOT NULL))
           OR (active AND coalesce(open_cap, day_cap, week_cap, month_cap) IS NOT NULL))
    ORDER BY pool_id, user_id
"""
LOAD = """
    SELECT user_id, count(*) FROM routing_assignment
     WHERE user_id = ANY(%s) AND ended_at IS NULL GROUP BY user_id
"""
