"""Guards of tables whose rows are evidence."""

from __future__ import annotations

import pgtrigger


def never_truncated(name: str) -> pgtrigger.Trigger:
    """Refuses TRUNCATE, of which triggers on rows hear nothing."""
    return pgtrigger.Trigger(
        name=name,
        when=pgtrigger.Before,
        operation=pgtrigger.Truncate,
        level=pgtrigger.Statement,
        func="RAISE EXCEPTION 'the rows of % are kept: it is not truncated', TG_TABLE_NAME;",
    )
