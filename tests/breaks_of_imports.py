"""Ways to break what must hold of imports."""

from __future__ import annotations

import datetime as dt

from lifecycle.models import ImportRow, ImportRun
from tests.breaking import Ids, breaks, broken_by, ids, one, without

FIRST_ADVANCED = "(SELECT min(id) FROM leads_touch WHERE status = 'ADVANCED')"


def _run(now: dt.datetime, *, verdicts: str = "CR", **changes: object) -> ImportRun:
    """A sound import of these rows (C created, R rejected), with some columns changed."""
    words = {"C": "CREATED", "R": "REJECTED"}
    touch = one(f"SELECT {FIRST_ADVANCED}")
    values: dict[str, object] = {
        "door": "PAGE", "name": "fair.csv", "size": 1, "digest": "d", "kind": "TEXT",
        "state": "DONE", "dry_run": False, "uploaded_at": now, "asked_at": now,
        "total": len(verdicts), "done": len(verdicts),
        "tallies": {words[sign]: verdicts.count(sign) for sign in set(verdicts)},
    }  # fmt: skip
    run = ImportRun.objects.create(**(values | changes))
    for number, sign in enumerate(verdicts, start=1):
        ImportRow.objects.create(
            run=run,
            number=number,
            line=number + 1,
            verdict=words[sign],
            touch_id=touch if sign == "C" else None,
        )
    return run


@breaks("import.sums")
def _tells_too_much(now: dt.datetime) -> Ids:
    _run(now)
    return {str(_run(now, tallies={"CREATED": 2}).pk)}


@breaks("import.sums")
def _lost_a_row(now: dt.datetime) -> Ids:
    _run(now, verdicts="")
    run = _run(now, verdicts="RRR")
    ImportRow.objects.filter(run=run, number=2).delete()
    return {str(run.pk)}


@breaks("import.sums")
def _skipped_a_number(now: dt.datetime) -> Ids:
    run = _run(now, verdicts="RRR")
    ImportRow.objects.filter(run=run, number=2).update(number=4)
    return {str(run.pk)}


@breaks("import.whole")
def _ended_too_early(now: dt.datetime) -> Ids:
    without("lifecycle_importrun", "finished_import_did_every_row")
    _run(now, total=3, state="CANCELLED")
    return {str(_run(now, total=3).pk), str(_run(now, total=None).pk)}


@breaks("import.row_has_touch")
def _created_without_touch(now: dt.datetime) -> Ids:
    run = _run(now)
    return ids(
        """UPDATE lifecycle_importrow SET touch_id = NULL
            WHERE run_id = %(run)s AND verdict = 'CREATED' RETURNING id""",
        run=run.pk,
    )


@breaks("import.row_has_touch")
def _rehearsed_with_touch(now: dt.datetime) -> Ids:
    run = _run(now, dry_run=True)
    return ids(
        "SELECT id FROM lifecycle_importrow WHERE run_id = %(run)s AND verdict = 'CREATED'",
        run=run.pk,
    )


@breaks("import.left_behind")
def _silent(now: dt.datetime) -> Ids:
    _run(now, state="RUNNING", total=9, beat_at=now)
    long_ago = now - dt.timedelta(minutes=11)
    return {
        str(_run(now, state="RUNNING", total=9, beat_at=long_ago).pk),
        str(_run(now, state="CHECKING", dry_run=True, verdicts="R", asked_at=long_ago).pk),
    }


@breaks("import.undone")
def _undone_by_half(now: dt.datetime) -> Ids:
    run = _run(now, state="UNDONE", undo_by_id=one("SELECT min(id) FROM people_user"))
    return ids("SELECT id FROM lifecycle_importrow WHERE run_id = %(run)s AND touch_id IS NOT NULL",
               run=run.pk)  # fmt: skip


broken_by(
    "import.held",
    """UPDATE leads_touch SET status = 'HELD', next_attempt_at = %(now)s
        WHERE status = 'QUARANTINED' RETURNING id""",
)


@breaks("import.row_has_account")
def _lost_its_account(now: dt.datetime) -> Ids:
    run = _run(now, verdicts="R", subject="ACCOUNTS")
    row = ImportRow.objects.get(run=run)
    row.account_id = one("SELECT min(id) FROM leads_account")
    row.save(update_fields=["account_id"])
    return {str(row.pk)}
