"""Who may do what to a lead. Guards only; they raise, they never change anything."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q

from core import errors
from leads import services
from leads.models import Lead, Person
from people import holders, teams
from people.models import Role, User
from routing.models import Assignment

OVERRIDE_ROLES = frozenset({Role.REVOPS, Role.SERVICE})
KEEPER_ROLES = frozenset({Role.REVOPS, Role.MARKETING, Role.MANAGER, Role.SERVICE})
"""Who looks after what comes in thin, doubtful or broken."""


def overrides(lead: Lead, by: User) -> bool:
    """Whether this person may act for the owner: the owner's manager, RevOps, an integration."""
    if by.is_superuser or by.plays(*OVERRIDE_ROLES):
        return True
    if not by.plays(Role.MANAGER):
        return False
    owner = lead.owner
    return owner is None or teams.leads(by, owner.team)


def require_owner(lead: Lead, by: User) -> bool:
    """Only the owner acts on a lead, or someone who may act for them.

    Returns whether it is an override, for the record. Raises NotAllowed, or TooLate naming the
    present owner when the lead has moved on.
    """
    if not by.is_active:
        raise errors.NotAllowed("This account is not active any more.")
    if lead.owner_id == by.pk:
        return False
    if overrides(lead, by):
        return True
    if lead.owner_id is None:
        raise errors.TooLate("Nobody owns this lead now.", state=services.state_of(lead))
    raise errors.TooLate(
        f"This lead belongs to {lead.owner} now.", code="not_owner", state=services.state_of(lead)
    )


def require_kept(person: Person) -> None:
    """Raises TooLate where a person was erased: nothing is done for them any more."""
    if person.erased_at is not None:
        raise errors.TooLate("This person was erased; nothing is kept of them.")


def place_of(lead: Lead) -> str:
    """Who has a lead, or which queue it waits in, to be compared with later."""
    return f"{lead.owner_id or ''}@{lead.queue}"


def require_still(lead: Lead, place: str, *, held: Assignment | None, by: User) -> None:
    """Raises TooLate where a lead is no more where somebody saw it; an empty `place` is any.

    It names who has it by now, and since when, by whom: `held` is the assignment that is open.
    """
    if place and place != place_of(lead):
        raise errors.TooLate(
            f"Somebody was faster: {_whereabouts(lead, held, by)}. "
            "Send it again to move it all the same.",
            code="moved_on",
            state=services.state_of(lead),
        )


def require_owned_by(lead: Lead, owner: int | None, *, held: Assignment | None, by: User) -> None:
    """Raises TooLate where another has a lead by now than this owner; None is nobody."""
    if lead.owner_id != owner:
        raise errors.TooLate(
            f"Somebody was faster: {_whereabouts(lead, held, by)}.",
            code="moved_on",
            state=services.state_of(lead),
        )


def _whereabouts(lead: Lead, held: Assignment | None, by: User) -> str:
    if lead.owner is None or held is None:
        return "the lead waits in a queue now" if lead.queue else "nobody has the lead now"
    giver = held.started_by_event.by
    given = f", given by {giver}" if giver is not None and giver != lead.owner else ""
    since = held.started_at.astimezone(by.zone)
    return f"the lead has been with {lead.owner} since {since:%H:%M}{given}"


def keeps_queues(by: User) -> bool:
    """Whether this person looks after quarantine and what was set aside at intake."""
    return by.is_active and (by.is_superuser or by.plays(*KEEPER_ROLES))


def sees_queues(by: User) -> bool:
    """Whether this person may look into them: their keepers, and auditors."""
    return keeps_queues(by) or audits(by)


def audits(by: User) -> bool:
    """Whether this person reads everything, changing nothing by that."""
    return by.is_active and by.plays(Role.AUDITOR)


def require_queue_reader(by: User) -> None:
    """For those who may look into quarantine and what was set aside. Raises NotAllowed."""
    if not sees_queues(by):
        raise errors.NotAllowed("Only RevOps, Marketing, managers and auditors see this.")


def require_keeper(by: User) -> None:
    """For those who look after quarantine and what was set aside at intake."""
    if not keeps_queues(by):
        raise errors.NotAllowed("Only RevOps, Marketing and managers may do this.")


def disputes(by: User) -> bool:
    """Whether this person may dispute rejections: Marketing."""
    return by.is_active and (by.is_superuser or by.plays(Role.MARKETING))


def require_disputer(by: User) -> None:
    """For Marketing. Raises NotAllowed."""
    if not disputes(by):
        raise errors.NotAllowed("Only Marketing disputes rejections.")


def rules_disputes(by: User) -> bool:
    """Whether this person decides disputes between Sales and Marketing: RevOps."""
    return by.is_active and (by.is_superuser or by.plays(Role.REVOPS))


def require_ruler(by: User) -> None:
    """For RevOps. Raises NotAllowed."""
    if not rules_disputes(by):
        raise errors.NotAllowed("Only RevOps decides disputes.")


def require_owner_or_keeper(lead: Lead, by: User) -> bool:
    """As `require_owner`; of a lead in quarantine, whoever looks after that may act too."""
    if lead.quarantined_at is not None and keeps_queues(by):
        return True
    return require_owner(lead, by)


def require_opportunity_owner(lead: Lead, by: User) -> bool:
    """Winning and losing is for who owns the opportunity, or may act for the lead's owner."""
    if lead.opportunity is not None and lead.opportunity.owner_id == by.pk and by.is_active:
        return False
    return require_owner(lead, by)


def require_manager(lead: Lead, by: User) -> None:
    """For managers of the owner, RevOps and integrations."""
    if not (by.is_active and overrides(lead, by)):
        raise errors.NotAllowed("Only a manager or RevOps may do this.")


def require_rep(by: User) -> None:
    """For people who work leads themselves."""
    if not holders.works_leads(by):
        raise errors.NotAllowed("Only reps work leads.")


@dataclass(frozen=True, slots=True)
class Reach:
    """The leads to which somebody may bring a new kit: all, or those of their teams and pools."""

    everywhere: bool
    manager: User | None = None
    pools: frozenset[str] = frozenset()

    def of(self, path: str = "") -> Q:
        """The same as a filter; `path` leads to the lead, as `lead__`."""
        if self.everywhere:
            return Q()
        if self.manager is None:
            return Q(pk__in=())
        return Q(**{f"{path}owner__team__in": teams.led_by(self.manager)}) | Q(
            **{f"{path}owner__isnull": True, f"{path}queue__in": sorted(self.pools)}
        )

    def of_unowned(self) -> Q:
        """The same over leads, of those that nobody owns."""
        nobodys = self.of() & Q(owner__isnull=True)
        if self.everywhere or self.manager is None:
            return nobodys
        return Q(owner__isnull=True, queue__in=sorted(self.pools)) & ~Q(queue="")

    def of_or_unowned(self) -> Q:
        """The same over leads, with all that nobody owns: what their pools may get is judged."""
        return Q() if self.everywhere else self.of() | Q(owner__isnull=True)


EVERYWHERE = Reach(everywhere=True)


def reach(by: User) -> Reach:
    """How far this person's word goes when a kit is brought to leads that were there before it.

    Raises NotAllowed for all but RevOps and managers.
    """
    if by.is_active and (by.is_superuser or by.plays(Role.REVOPS)):
        return EVERYWHERE
    if not brings_kits(by):
        raise errors.NotAllowed(
            "Only RevOps and managers bring a new kit to leads that are in the system already."
        )
    pools = by.managed_pools.values_list("key", flat=True)
    return Reach(everywhere=False, manager=by, pools=frozenset(pools))


def brings_kits(by: User) -> bool:
    """Whether this person brings kits to leads that were there before, all or some."""
    return by.is_active and (by.is_superuser or by.plays(Role.REVOPS, Role.MANAGER))


PREVIEWERS = frozenset({Role.REVOPS, Role.MANAGER, Role.SERVICE})


def previews_touches(by: User) -> bool:
    """Whether this person looks where leads would go that are not there yet."""
    return by.is_active and (by.is_superuser or by.plays(*PREVIEWERS))


IMPORTERS = frozenset({Role.REVOPS, Role.MARKETING, Role.MANAGER})


def may_import(by: User) -> bool:
    """Whether this person brings files of buyers in, and sees what became of their rows."""
    return by.is_active and (by.is_superuser or by.plays(*IMPORTERS))


def may_import_accounts(by: User) -> bool:
    """Whether this person brings in tables of accounts: who owns them and how they stand to us."""
    return by.is_active and (by.is_superuser or by.plays(Role.REVOPS))


def sees_imports(by: User) -> bool:
    """Whether this person sees what was imported: importers, and auditors."""
    return may_import(by) or audits(by)


def sees_account_imports(by: User) -> bool:
    """The same of tables of accounts."""
    return may_import_accounts(by) or audits(by)


def require_import_reader(by: User, *, of_accounts: bool = False) -> None:
    """For who may see files that came in. Raises NotAllowed."""
    if not (sees_account_imports(by) if of_accounts else sees_imports(by)):
        raise errors.NotAllowed("Only RevOps, Marketing, managers and auditors see imports.")


def require_importer(by: User, *, of_accounts: bool = False) -> None:
    """For RevOps, Marketing and managers; of accounts for RevOps. Raises NotAllowed."""
    if of_accounts and not may_import_accounts(by):
        raise errors.NotAllowed("Only RevOps imports accounts.")
    if not may_import(by):
        raise errors.NotAllowed("Only RevOps, Marketing and managers import files.")


def may_undo_import(by: User, started_by_id: int | None) -> bool:
    """Whether this person takes an import back: RevOps, or who started it."""
    everywhere = by.is_superuser or by.plays(Role.REVOPS)
    return may_import(by) and (everywhere or started_by_id == by.pk)


def require_import_undoer(by: User, started_by_id: int | None) -> None:
    """For RevOps and who started the import. Raises NotAllowed."""
    if not may_undo_import(by, started_by_id):
        raise errors.NotAllowed("Only RevOps and who started an import undo it.")
