"""Looking for garbage less often, in processes that live long and make many rows at a time."""

from __future__ import annotations

import gc

YOUNG = 50_000
"""So many objects are made between two looks; Python's own 700 are a few leads."""

OF_BATCHES = 400_000
"""The same where leads are worked off by the thousand: a batch of them makes about 150,000, nearly
all gone when it is written. A look in the middle of one walks through all of it for nothing."""


def settle(young: int = YOUNG) -> None:
    """To be called once a process has started: what there is now stays, and is not looked at again.

    Python counts references, so nearly everything goes at once; the collector is for cycles alone.
    By itself it walks through all of Django and the kit again and again while a batch is made: a
    fifth of the pipeline's time. Called again it does nothing.
    """
    if gc.get_freeze_count():
        return
    gc.collect()
    gc.freeze()
    gc.set_threshold(young, 20, 20)
