"""Who leads whom: managers their teams, and all that are parts of these.

Whether people see more than their own is a setting of the company, `Visibility`. Both are asked
within the query that needs them: a team changed or a setting changed counts for the next one.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Exists, Q
from django.db.models.expressions import RawSQL

from people.models import AccessSettings, Role, Team, User
from people.told import PeopleFigures, Visibility

# Each team once: were there a circle after all, it would end the search.
_LED = """
    WITH RECURSIVE led(id) AS (
        SELECT id FROM people_team WHERE manager_id = %s
        UNION
        SELECT part.id FROM people_team part JOIN led ON part.parent_id = led.id)
    SELECT id FROM led
"""


def led_by(user: User) -> RawSQL:
    """The ids of the teams that somebody leads, and of all below, for `team__in`."""
    return RawSQL(_LED, (user.pk,))  # noqa: S611 - our own text, one parameter


def leads(user: User, team: Team | None) -> bool:
    """Whether somebody is the manager of this team, or of one that it is a part of.

    One query at most, none for teams that are part of no other.
    """
    if team is None or not user.plays(Role.MANAGER):
        return False
    if team.manager_id == user.pk:
        return True
    above = team.parent_id is not None
    return above and Team.objects.filter(pk=team.pk, pk__in=led_by(user)).exists()


def led_among(user: User, among: Iterable[Team | None]) -> frozenset[int]:
    """The ids of those teams that somebody leads; as `leads` of each, with one query at most."""
    found = {team.pk: team for team in among if team is not None}
    if not user.plays(Role.MANAGER):
        return frozenset()
    own = {pk for pk, team in found.items() if team.manager_id == user.pk}
    parts = [pk for pk, team in found.items() if team.parent_id is not None and pk not in own]
    if parts:
        below = Team.objects.filter(pk__in=led_by(user)).filter(pk__in=parts)
        own.update(below.values_list("pk", flat=True))
    return frozenset(own)


def set_to(visibility: Visibility) -> Q:
    """Whether the company has chosen this, as a part of any filter."""
    chosen = AccessSettings.objects.filter(visibility=visibility)
    if visibility == Visibility.TEAM_TREE:  # also while nobody has chosen anything
        return ~Q(Exists(AccessSettings.objects.exclude(visibility=visibility)))
    return Q(Exists(chosen))


def figures_of_the_team() -> Q:
    """Whether members of a team are told each other's figures, as a part of a filter."""
    return Q(Exists(AccessSettings.objects.filter(people_figures=PeopleFigures.TEAM)))


def visibility() -> Visibility:
    """What the company has chosen. One query."""
    found = AccessSettings.objects.values_list("visibility", flat=True).first()
    return Visibility(found or Visibility.TEAM_TREE)
