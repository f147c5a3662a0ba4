"""Work for other processes: functions of a module, so that a process that knows nothing else can find them."""

from __future__ import annotations

import os
import signal

from station.domain.errors import PortraitError

ENDS_ITS_PROCESS = -1
IS_REFUSED = -2


def squared(number: int) -> int:
    """Return the square; end the process, or refuse, for a number that says so."""
    if number == ENDS_ITS_PROCESS:
        os.kill(os.getpid(), signal.SIGTERM)
    if number == IS_REFUSED:
        raise PortraitError(file=f"{number}.jpg", detail="refused")
    return number * number


def own_process(_number: int) -> int:
    """Return which process works."""
    return os.getpid()
