"""Looking for garbage less often, in processes that live long and make many rows at a time."""

from __future__ import annotations

import gc

YOUNG = 50_000
"""So many objects are made between two looks; Python's own 700 are a few leads."""


def settle() -> None:
    """To be called once a process has started: what there is now stays, and is not looked at again.

    Python counts references, so nearly everything goes at once; the collector is for cycles alone.
    By itself it walks through all of Django and the kit again and again while a batch is made: a
    tenth of the pipeline's time. Does nothing the second time.
    """
    if gc.get_freeze_count():
        return
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, 20, 20)
