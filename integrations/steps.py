"""What the worker does here each second."""

from __future__ import annotations

import datetime as dt
import time
from collections import Counter
from collections.abc import Mapping

from integrations import fanning, noting, sending


def outward(now: dt.datetime | None, until: float) -> Mapping[str, int]:
    """Events become sendings; what is due is sent, and tried again."""
    done: Counter[str] = Counter()

    def fan_out() -> int:
        drained = fanning.drain(now=now)
        done.update(fanned_out=drained.done, fanned_out_failed=drained.failed)
        return drained.done

    while fan_out() and time.monotonic() < until:
        continue
    noting.give_up_for_switched_off()
    ran = sending.run(now=now, meanwhile=fan_out)
    done.update(sendings=ran.sent, sendings_failed=ran.failed)
    return done
