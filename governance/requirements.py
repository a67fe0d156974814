"""What a version must meet before it takes a step. Refuses in words; `services` takes the step."""

from __future__ import annotations

from collections.abc import Sequence

from core import errors
from governance import findings, signing
from governance.findings import Finding
from governance.kit import KitInvalid
from governance.models import KitStatus, KitVersion, Simulation
from governance.signing import Consent

SHORTEST_REASON = 10


class NotSimulated(errors.DomainError):
    """Review cannot start: nobody has seen what this very text would change."""

    code = "not_simulated"


class NoteRequired(errors.InvalidInput):
    """The check warns, and nobody has said why that is accepted; `errors` lists the warnings."""

    code = "note_required"


class NothingChanged(errors.DomainError):
    """The draft says what the active kit says already."""

    code = "nothing_changed"


class EditedInReview(errors.TooLate):
    """The text is no longer the one that was submitted."""

    code = "edited_in_review"


def require_base(version: KitVersion, active: KitVersion | None) -> None:
    """Raise `TooLate` unless the version was drafted on the active one."""
    if version.base_id == (active.pk if active else None):
        return
    on = f"v{version.base.number}" if version.base else "no kit at all"
    raise errors.TooLate(
        f"Kit v{version.number} was drafted on {on}, but "
        f"{f'v{active.number}' if active else 'none'} is active now. "
        "Rebase it on the active kit, and have it signed again.",
        state={"active": active.number if active else None},
    )


def require_sound(found: Sequence[Finding], *, note: str) -> None:
    """Raise `KitInvalid` for errors of the check, `NoteRequired` for warnings without a note."""
    if faults := findings.errors_of(found):
        raise KitInvalid(faults)
    if found and not note:
        raise NoteRequired(
            f"The check has {len(found)} warning{'s' if len(found) > 1 else ''}. "
            "Say in a note why that is accepted, or mend it.",
            errors=[errors.FieldError(one.field, one.message, one.code) for one in found],
        )


def require_simulation(version: KitVersion, text: str, active: KitVersion) -> None:
    """Raise `NotSimulated` unless a finished simulation pins this text and the active one."""
    if not Simulation.objects.filter(
        kit=version, checksum=text, base_checksum=active.checksum, state=Simulation.State.DONE
    ).exists():
        raise NotSimulated(
            f"Nobody has simulated this text of kit v{version.number} against v{active.number}. "
            f"Run the simulation on its page, or `manage.py kit simulate {version.number}`."
        )


def require_untouched(version: KitVersion, text: str) -> None:
    """Raise `EditedInReview` when the text is not the one that was submitted or published."""
    in_force = version.status == KitStatus.ACTIVE and text == version.checksum
    if text != version.submitted_checksum and not in_force:
        raise EditedInReview(
            f"Kit v{version.number} was edited after its review began. "
            "Take it back to draft, and submit it again.",
            state={"checksum": text},
        )


def require_reason(reason: str) -> None:
    """Raise `InvalidInput` unless an emergency says what it is."""
    if len(reason.strip()) < SHORTEST_REASON:
        message = "Say what the emergency is, in a sentence."
        raise errors.InvalidInput(message, errors=[errors.FieldError("emergency_reason", message)])


def require_one_signer(standing: Consent) -> None:
    """Raise `MissingSignatures` unless one independent person has signed."""
    if not standing.one_signed:
        raise signing.MissingSignatures(
            "Even in an emergency one person who did not write the change alone must sign it.",
            state={"missing": list(standing.missing), "checksum": standing.question.text},
        )
