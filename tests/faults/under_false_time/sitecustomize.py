"""Python under libfaketime, which mistakes the way Python sleeps: until a monotonic instant."""

import select
import time


def _sleep(seconds: float) -> None:
    select.select([], [], [], seconds)


time.sleep = _sleep
