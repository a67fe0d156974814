"""Writing the log of reviews. It is only ever added to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from people.models import User
from reports.models import Review, ReviewFinding, ReviewStep


def append(
    review: Review,
    kind: ReviewStep.Kind,
    *,
    by: User | None,
    now: dt.datetime,
    finding: ReviewFinding | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> ReviewStep:
    """Append one step, in the transaction of the act. `by` is None where the worker did it."""
    return ReviewStep.objects.create(
        review=review,
        finding=finding,
        kind=kind,
        by=by,
        at=now,
        before=dict(before or {}),
        after=dict(after or {}),
    )


def state(finding: ReviewFinding) -> dict[str, Any]:
    """A finding as the log keeps it."""
    return {
        "text": finding.text,
        "evidence": finding.evidence,
        "owner": finding.owner_id,
        "due_on": finding.due_on.isoformat() if finding.due_on else None,
        "decision": finding.decision,
        "reason": finding.reason,
    }
