"""Who may get leads, who got them, and why."""

from routing.models.decision import Assignment, Decision
from routing.models.override import Override
from routing.models.pool import CreditEntry, Pool, PoolMember, PoolSnapshot
from routing.models.rule import RoutingRule
from routing.models.territory import Territory, TerritoryArea, TerritoryHolder
from routing.models.turn_sum import TurnSum

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
    "TurnSum",
]
