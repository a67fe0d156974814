"""Bringing a kit into force in tests, by the product's own services.

version = services.draft(...); kit_versions.publish(version, by=…, now=…)
kit = factories.next_kit(lambda document: …, now=…)       all of it, from the active kit on
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from governance import selectors, services
from governance.models import KitVersion, Signature, Simulation
from lifecycle import playbook
from people.models import Role, User

ROLES = {
    Signature.Party.SALES: ("sally", Role.MANAGER),
    Signature.Party.MARKETING: ("mark", Role.MARKETING),
    Signature.Party.APPROVER: ("arthur", Role.REVOPS),
}
NOTE = "Accepted in a test."


def rules() -> dict[str, Any]:
    """The playbook without its examples: tests change what those state."""
    document = playbook.document()
    del document["parts"]["fixture"]
    return document


def simulated(version: KitVersion, *, now: dt.datetime) -> Simulation:
    """A finished report of the version's text as it stands, without leads."""
    active = selectors.active_version()
    return Simulation.objects.create(
        kit=version,
        checksum=services.checksum(services.document_of(version)),
        base_checksum=active.checksum if active else "",
        days=30,
        until=now,
        state=Simulation.State.DONE,
        requested_at=now,
        finished_at=now,
    )


def review(version: KitVersion, *, by: User, now: dt.datetime) -> KitVersion:
    """Simulated and submitted; warnings are accepted with a note."""
    simulated(version, now=now)
    return services.submit(version, by=by, now=now, note=NOTE)


def sign(version: KitVersion, *, now: dt.datetime) -> KitVersion:
    """Signed by everybody who must, none of whom has written it."""
    for party in services.consent(version).missing:
        name, role = ROLES[Signature.Party(party)]
        signer, _ = User.objects.get_or_create(
            username=name, defaults={"email": f"{name}@example.com", "role": role}
        )
        services.sign(version, party=party, by=signer, now=now)
    return version


def publish(version: KitVersion, *, by: User, now: dt.datetime) -> KitVersion:
    """From draft into force."""
    return services.publish(sign(review(version, by=by, now=now), now=now), by=by, now=now)
