"""Tell by the reader's lamp and buzzer how it ended: the operator looks at the card, not at the screen."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from station.domain.errors import Cancelled, StationError
from station.ports.chip import ChipConnection, Signal, signal


@contextmanager
def told_by_lamp(connection: ChipConnection) -> Iterator[None]:
    """Signal good when the work ends, bad when it fails, nothing when it was cancelled; where the reader can."""
    try:
        yield
    except Cancelled:
        raise
    except StationError:
        signal(connection, Signal.BAD)
        raise
    signal(connection, Signal.GOOD)
