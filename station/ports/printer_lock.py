"""A printer for one station alone, as long as a card is on its way through it."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Protocol


class PrinterLock(Protocol):
    """Keep others from a printer; the operating system lets go when the program ends, however it ends."""

    def hold(self) -> AbstractContextManager[None]:
        """Hold the printer for the context; the same thread may ask again inside.

        Raises:
            PrinterBusyError: another station has it at the moment; nothing has moved.
        """
