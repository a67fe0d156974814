"""What the worker does here: facts follow the log, and are summed up by day."""

from __future__ import annotations

import datetime as dt
import time
from collections import Counter
from collections.abc import Mapping

from reports.facts import days, deals, keeping


def facts(now: dt.datetime | None, until: float) -> Mapping[str, int]:
    """Leads whose log went on have their facts made anew; days that changed are summed up."""
    done: Counter[str] = Counter()
    while True:
        drained = keeping.drain(now=now)
        done.update(facts_kept=drained.done, facts_failed=drained.failed)
        if not drained.done or time.monotonic() > until:
            break
    done.update(keeping.build_on(now=now, until=until))
    done["deals_kept"] = deals.follow(now=now)
    done.update(days.sum_up(now=now, until=until))
    return done
