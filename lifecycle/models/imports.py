"""Files of buyers that were brought in: the run, the file itself for a while, each row's fate."""

from __future__ import annotations

import itertools

from django.conf import settings
from django.db import models

from leads.models import Channel


class ImportVerdict(models.TextChoices):
    """What can become of a row. They add up to the rows of the file."""

    CREATED = "CREATED", "Created"
    UPDATED = "UPDATED", "Updated"
    UNCHANGED = "UNCHANGED", "Unchanged"
    ATTACHED = "ATTACHED", "Attached"
    REVIEW = "REVIEW", "To review"
    QUARANTINED = "QUARANTINED", "Quarantined"
    PARKED = "PARKED", "Parked"
    HELD = "HELD", "Held for release"
    REPLAYED = "REPLAYED", "Imported before"
    REJECTED = "REJECTED", "Rejected"


class ImportRun(models.Model):
    """One file on its way in: mapped, checked by a dry run, then imported for good.

    `mapping` is a document as `lifecycle.importing.mapping` reads it, or of accounts as
    `lifecycle.account_importing.headings` does. `done`, `tallies`
    and the rows belong to the dry run until the import for good begins; then they start anew.
    """

    class Door(models.TextChoices):
        PAGE = "PAGE", "Page"
        COMMAND = "COMMAND", "Command"
        API = "API", "API"

    class Subject(models.TextChoices):
        LEADS = "LEADS", "Leads"
        ACCOUNTS = "ACCOUNTS", "Accounts"

    class Kind(models.TextChoices):
        TEXT = "TEXT", "CSV or TSV"
        WORKBOOK = "WORKBOOK", "Workbook"

    class State(models.TextChoices):
        UPLOADED = "UPLOADED", "To be mapped"
        CHECKING = "CHECKING", "Being checked"
        READY = "READY", "Checked"
        RUNNING = "RUNNING", "Being imported"
        DONE = "DONE", "Imported"
        CANCELLED = "CANCELLED", "Cancelled"
        FAILED = "FAILED", "Failed"
        UNDOING = "UNDOING", "Being undone"
        UNDONE = "UNDONE", "Undone"

    door = models.CharField(max_length=8, choices=Door)
    subject = models.CharField(max_length=8, choices=Subject, default=Subject.LEADS)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="imports",
        help_text="Nobody where a command did it.",
    )
    name = models.CharField(max_length=255)
    size = models.PositiveBigIntegerField(help_text="Bytes.")
    digest = models.CharField(max_length=64, help_text="SHA-256 of the file.")
    kind = models.CharField(max_length=8, choices=Kind)
    file_until = models.DateTimeField(
        null=True, blank=True, help_text="When the file itself is deleted; empty when it is gone."
    )

    sheet = models.CharField(max_length=80, blank=True)
    encoding = models.CharField(max_length=20, blank=True, help_text="Found out where empty.")
    mapping = models.JSONField(default=dict)
    channel = models.CharField(
        max_length=14, choices=Channel, blank=True, help_text="Of all rows; else the mapping's."
    )
    live = models.BooleanField(
        default=False, help_text="As if the rows came in now; else as history."
    )

    pace_pool = models.CharField(
        max_length=60,
        blank=True,
        help_text="Rows wait until reps of this pool can take them; none waits where empty.",
    )
    pace_per_rep = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Rows a rep and day; empty releases all that wait."
    )
    paced = models.JSONField(
        default=dict, help_text="By id of a rep, the last day whose share was released."
    )
    releases_at = models.DateTimeField(
        null=True, blank=True, help_text="When to look again what is due; empty if nothing waits."
    )

    state = models.CharField(max_length=9, choices=State, default=State.UPLOADED)
    dry_run = models.BooleanField(
        default=True, help_text="Whether the tallies and rows are those of a dry run."
    )
    total = models.PositiveIntegerField(null=True, blank=True, help_text="Rows, once counted.")
    blank = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    tallies = models.JSONField(default=dict, help_text="Rows by verdict.")
    remarked = models.PositiveIntegerField(default=0)
    notes = models.JSONField(default=list, help_text="What was noticed of the file as a whole.")
    attempts = models.PositiveIntegerField(default=0, help_text="Who works on it holds this.")
    falls = models.PositiveSmallIntegerField(
        default=0, help_text="Workers lost since the last batch that came through."
    )
    uploaded_at = models.DateTimeField()
    asked_at = models.DateTimeField(help_text="When the present step was asked for.")
    started_at = models.DateTimeField(null=True, blank=True)
    beat_at = models.DateTimeField(null=True, blank=True, help_text="Last sign of life.")
    finished_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True)
    undo_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    undo_reason = models.CharField(max_length=500, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)
    undo_tallies = models.JSONField(
        default=dict, help_text="What went, by kind, and what stays, by why."
    )

    class Meta:
        indexes = [
            models.Index(fields=["-uploaded_at"], name="imports_latest"),
            models.Index(
                fields=["asked_at"],
                name="imports_in_work",
                condition=models.Q(state__in=["CHECKING", "RUNNING"]),
            ),
            models.Index(
                fields=["file_until"],
                name="imports_with_file",
                condition=models.Q(file_until__isnull=False),
            ),
            models.Index(
                fields=["releases_at"],
                name="imports_to_release",
                condition=models.Q(releases_at__isnull=False),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(total__isnull=True) | models.Q(done__lte=models.F("total")),
                name="import_within_its_total",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="DONE") | models.Q(done=models.F("total")),
                name="finished_import_did_every_row",
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=["UNDOING", "UNDONE"])
                | models.Q(dry_run=False, undo_by__isnull=False),
                name="import_undone_by_somebody",
            ),
            models.CheckConstraint(
                condition=models.Q(pace_pool="") | models.Q(live=True),
                name="only_live_imports_are_paced",
            ),
            models.CheckConstraint(
                condition=models.Q(pace_per_rep__isnull=True) | models.Q(pace_per_rep__gt=0),
                name="pace_lets_something_through",
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.state}"


class ImportChunk(models.Model):
    """A piece of an uploaded file, for web and worker may be different machines."""

    run = models.ForeignKey(ImportRun, on_delete=models.PROTECT, related_name="chunks")
    place = models.PositiveIntegerField()
    content = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "place"], name="import_chunk_once_per_place")
        ]

    def __str__(self) -> str:
        return f"#{self.pk} of import #{self.run_id}"


class ImportRow(models.Model):
    """What became of one row. Holds no values of people: those are in the touch or in the file.

    `faults` and `remarks` are sentences in which quoted values are blanked. When its import is
    undone, its touch is removed with its lead, or withdrawn from a lead that stays.
    """

    class Undone(models.TextChoices):
        REMOVED = "REMOVED", "Removed"
        STAYS = "STAYS", "Its lead stays"

    class Stays(models.TextChoices):
        """Why a lead outlives the undoing of the import it came or was touched by."""

        MERGED = "MERGED", "it was merged with another record"
        TOUCHED = "TOUCHED", "it has touchpoints from elsewhere"
        WORKED = "WORKED", "somebody worked on it"
        DEAL = "DEAL", "it has an opportunity"
        REFERENCED = "REFERENCED", "another system knows it by an id"

    run = models.ForeignKey(ImportRun, on_delete=models.PROTECT, related_name="rows")
    number = models.PositiveIntegerField()
    line = models.PositiveIntegerField(help_text="Line of the file, or row of the sheet.")
    verdict = models.CharField(max_length=12, choices=ImportVerdict)
    touch = models.ForeignKey(
        "leads.Touch", null=True, blank=True, on_delete=models.PROTECT, related_name="import_rows"
    )
    lead = models.ForeignKey(
        "leads.Lead", null=True, blank=True, on_delete=models.PROTECT, related_name="import_rows"
    )
    account = models.ForeignKey(
        "leads.Account",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="import_rows",
        help_text="Of an import of accounts.",
    )
    codes = models.JSONField(default=list, help_text="Codes of the faults.")
    paths = models.JSONField(default=list, help_text="Dotted path of each fault, where known.")
    faults = models.JSONField(default=list)
    remarks = models.JSONField(default=list)
    undone = models.CharField(max_length=7, choices=Undone, blank=True)
    stays = models.CharField(max_length=10, choices=Stays, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "number"], name="import_row_once_per_number")
        ]
        indexes = [models.Index(fields=["run", "verdict", "number"], name="import_by_verdict")]

    def __str__(self) -> str:
        return f"#{self.pk} row {self.number} {self.verdict}"

    @property
    def placed_faults(self) -> list[dict[str, str]]:
        """The faults with the dotted path that each is about, empty where it is of the row."""
        return [
            {"field": path, "message": told}
            for path, told in itertools.zip_longest(
                self.paths[: len(self.faults)], self.faults, fillvalue=""
            )
        ]

    @property
    def came_to(self) -> int | None:
        """The lead it came to, also when it was held and came there later. Reads the touch."""
        return self.lead_id or (self.touch.lead_id if self.touch else None)


class ImportMapping(models.Model):
    """How a table with these headings was mapped last; its next upload starts from there."""

    signature = models.CharField(max_length=64, unique=True, help_text="Of the set of headings.")
    document = models.JSONField()
    channel = models.CharField(max_length=14, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    used_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"#{self.pk} {self.signature[:8]}"
