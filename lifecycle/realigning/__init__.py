"""Realignment of territories: planned, previewed, applied at its day by a job, taken back."""
