"""Who may get leads, who got them, and why."""

from routing.models.decision import Assignment, Decision
from routing.models.override import Override
from routing.models.pool import CreditEntry, Pool, PoolMember, PoolSnapshot, content_of
from routing.models.rule import RoutingRule
from routing.models.territory import Territory, TerritoryArea, TerritoryHolder

__all__ = [
    "Assignment",
    "CreditEntry",
    "Decision",
    "Override",
    "Pool",
    "PoolMember",
    "PoolSnapshot",
    "RoutingRule",
    "Territory",
    "TerritoryArea",
    "TerritoryHolder",
    "content_of",
]
