"""Who reads and who writes costs and quotas."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from core import errors
from core.texts import _
from people import teams
from people.models import Role, Team, User
from reports.models import QuotaEntry

ENTER_COSTS = (Role.FINANCE, Role.MARKETING, Role.REVOPS, Role.SERVICE)
READ_COSTS = (*ENTER_COSTS, Role.MANAGER, Role.AUDITOR)
ENTER_QUOTAS = (Role.FINANCE, Role.REVOPS, Role.SERVICE)
"""For everybody; a manager enters those of the own teams and their reps."""
READ_QUOTAS = (*ENTER_QUOTAS, Role.AUDITOR)
"""All of them; others see what `quotas_visible_to` says."""
SEE_SOME_QUOTAS = (Role.MANAGER, Role.SDR, Role.AE, Role.MARKETING)


def reads_costs(user: User) -> bool:
    """Whether somebody sees what sources cost."""
    return user.is_active and (user.is_superuser or user.plays(*READ_COSTS))


def enters_costs(user: User) -> bool:
    """Whether somebody says what sources cost."""
    return user.is_active and (user.is_superuser or user.plays(*ENTER_COSTS))


def require_reads_costs(user: User) -> None:
    """Raises NotAllowed."""
    if not reads_costs(user):
        raise errors.NotAllowed(
            _("Costs are seen by Finance, Marketing, RevOps, managers and auditors.")
        )


def require_enters_costs(user: User) -> None:
    """Raises NotAllowed."""
    if not enters_costs(user):
        raise errors.NotAllowed(_("Costs are entered by Finance, Marketing and RevOps."))


def reads_quotas(user: User) -> bool:
    """Whether somebody sees any quotas."""
    return user.is_active and (user.is_superuser or user.plays(*READ_QUOTAS, *SEE_SOME_QUOTAS))


def enters_quotas(user: User) -> bool:
    """Whether somebody sets any quotas."""
    return sets_all_quotas(user) or (user.is_active and user.plays(Role.MANAGER))


def require_reads_quotas(user: User) -> None:
    """Raises NotAllowed."""
    if not reads_quotas(user):
        raise errors.NotAllowed(
            _("Quotas are seen by Sales, Marketing, RevOps, Finance and auditors.")
        )


def quotas_visible_to(user: User) -> Q:
    """Which quotas somebody sees.

    RevOps, Finance and auditors all; managers those of their teams and of the company; reps their
    own, their team's and the company's; Marketing those of teams and of the company.
    """
    if user.is_superuser or user.plays(*READ_QUOTAS):
        return Q()
    seen = Q(pk__in=[])
    if user.plays(*SEE_SOME_QUOTAS):
        seen |= Q(rep=None, team=None) | Q(rep=user)
    if user.plays(Role.SDR, Role.AE, Role.MANAGER) and user.team_id is not None:
        seen |= Q(team=user.team_id)
    if user.plays(Role.MANAGER):
        led = teams.led_by(user)
        seen |= Q(team__in=led) | Q(rep__team__in=led)
    if user.plays(Role.MARKETING):
        seen |= Q(team__isnull=False)
    return seen


def visible_quotas(user: User, rows: QuerySet[QuotaEntry]) -> QuerySet[QuotaEntry]:
    """Those of some quotas that somebody sees."""
    return rows.filter(quotas_visible_to(user))


def sets_quota(user: User, *, rep: User | None, team: Team | None) -> bool:
    """Whether somebody sets quotas of everybody, or this one is of a team that they lead."""
    of_team = rep.team if rep is not None else team
    if sets_all_quotas(user):
        return True
    return user.is_active and of_team is not None and teams.leads(user, of_team)


def require_enters_quota(user: User, *, rep: User | None, team: Team | None) -> None:
    """Raises NotAllowed where somebody may not set this quota."""
    if not sets_quota(user, rep=rep, team=team):
        raise errors.NotAllowed(
            _("Quotas are set by RevOps and Finance; managers set those of their own teams.")
        )


def require_enters_quotas(user: User) -> None:
    """Raises NotAllowed where somebody sets no quotas at all."""
    if not enters_quotas(user):
        raise errors.NotAllowed(
            _("Quotas are set by RevOps and Finance; managers set those of their own teams.")
        )


def parties(user: User) -> tuple[QuerySet[User], QuerySet[Team]]:
    """The reps and teams whose quotas somebody sets."""
    reps = User.objects.filter(is_active=True).exclude(role=Role.SERVICE)
    if sets_all_quotas(user):
        return reps, Team.objects.all()
    led = teams.led_by(user)
    return reps.filter(team__in=led), Team.objects.filter(pk__in=led)


def sets_all_quotas(user: User) -> bool:
    """Whether somebody sets the quotas of everybody."""
    return user.is_active and (user.is_superuser or user.plays(*ENTER_QUOTAS))
