"""Who may get leads, who got them, and why."""

from routing.models.decision import Assignment, Decision
from routing.models.pool import CreditEntry, Pool, PoolMember, PoolSnapshot, content_of
from routing.models.rule import RoutingRule

__all__ = [
    "Assignment",
    "CreditEntry",
    "Decision",
    "Pool",
    "PoolMember",
    "PoolSnapshot",
    "RoutingRule",
    "content_of",
]
