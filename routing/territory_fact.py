"""The fact that tells in whose territory a buyer is: by the areas that routing goes by."""

from __future__ import annotations

from operator import attrgetter

from governance import facts
from governance.facts import Fact, FactType
from routing import territory_sql
from routing.models import Territory

NAME = "lead.territory"


def register(registry: facts.Registry = facts.registry) -> None:
    """Make it known. Called once, when the app is ready."""
    registry.register(FACT)


def _listed() -> list[tuple[str, str]]:
    known = Territory.objects.order_by("label", "key").values_list("key", "label")
    return [(key, f"{label} ({key})") for key, label in known]


FACT = Fact(
    NAME,
    "Territory",
    FactType.CHOICE,
    read=attrgetter("territory"),
    sql=territory_sql.TerritoryOf,
    listed=_listed,
    on_demand=True,
    help="That the company lies in, or the person where its country is not known, on the day "
    "(UTC). Missing where none takes it in. Rules name it by its key.",
)
