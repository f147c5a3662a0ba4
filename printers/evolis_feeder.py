"""The way of a card in an Evolis printer with an encoder: fetched, held there, printed, ejected or rejected."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from printers.api import (
    N_,
    Cancel,
    Cancelled,
    CardPlace,
    DriverConfig,
    Encoder,
    PrinterMissingError,
    PrinterReason,
)
from printers.child import ChildError
from printers.evolis_link import EvolisLink, SdkAwayError, SdkBusyError, SdkMissingError
from printers.trouble import STOPPING, TEXTS, trouble_error

# A ribbon that is missing stops no card on its way to the encoder.
_NOT_NEEDED = frozenset({PrinterReason.RIBBON_EMPTY, PrinterReason.RIBBON_WRONG})
# How long a question waits for a process that prints; the window asks more often than a card takes.
_BUSY_S = 1.0
_T = TypeVar("_T")


class EvolisFeeder:
    """Move cards by the SDK (``CardPos``). The printer is taken for us until the card has left."""

    def __init__(self, config: DriverConfig, encoders: frozenset[Encoder], link: EvolisLink) -> None:
        self._device, self._encoders, self._link = config.name, encoders, link
        self._reader = config.options.get("reader", "")

    @property
    def encoders(self) -> frozenset[Encoder]:
        """Return the encoders that the station profile names."""
        return self._encoders

    @property
    def reader(self) -> str:
        """Return the reader that the station profile names."""
        return self._reader

    def load(self, encoder: Encoder, *, cancel: Cancel) -> None:
        """Move a card to the encoder; when the process ends on the way, ``place`` says how far it came."""
        if encoder not in self._encoders:
            raise PrinterMissingError(
                N_("The printer {device} has no encoder of this kind ({encoder})."),
                N_("Ask IT to correct the encoder in the station profile. No card was moved."),
                device=self._device,
                encoder=encoder.value,
            )
        # The last moment: from here on a card moves, and a process that ends leaves it inside.
        if cancel.is_set():
            raise Cancelled
        state = self._asked(self._link.state)
        if state.reason in STOPPING - _NOT_NEEDED:
            raise trouble_error(self._device, (state.reason or PrinterReason.OTHER,), state.minor)
        if not self._asked(lambda: self._link.load(encoder.name)):
            self._refuse()

    def place(self) -> CardPlace:
        """Return where the card is; unknown while it can't be asked."""
        try:
            return self._link.place(wait_s=_BUSY_S)
        except ChildError:
            return CardPlace.UNKNOWN

    def eject(self) -> None:
        """Put the card out where finished ones go."""
        self._leave(reject=False)

    def reject(self) -> None:
        """Put the card out where spoiled ones go."""
        self._leave(reject=True)

    def _leave(self, *, reject: bool) -> None:
        # A person may have taken the card out; then there is only the printer left to let go.
        if self._asked(self._link.place) is CardPlace.NONE:
            self._asked(self._link.release)
        elif not self._asked(lambda: self._link.out(reject=reject)):
            self._refuse()

    def _refuse(self) -> None:
        state = self._asked(self._link.state)
        reason = state.reason if state.reason in STOPPING else PrinterReason.OTHER
        raise trouble_error(self._device, (reason or PrinterReason.OTHER,), state.minor)

    def _asked(self, ask: Callable[[], _T]) -> _T:
        try:
            return ask()
        except (SdkMissingError, SdkAwayError, SdkBusyError) as error:
            raise not_there(self._device, error) from error
        except ChildError as error:
            raise trouble_error(self._device, (PrinterReason.OTHER,), error.detail) from error


def not_there(device: str, error: ChildError) -> PrinterMissingError:
    """Return the error for a printer that can't be had: no library, no printer, or another program's."""
    if isinstance(error, SdkMissingError):
        what = N_("The printer {device} needs the maker's program library (evolis-sdk): {detail}")
        missing = PrinterReason.DRIVER_MISSING
        return PrinterMissingError(what, TEXTS[missing][1], device=device, reason=missing.value, detail=error.detail)
    if isinstance(error, SdkBusyError):
        return PrinterMissingError(
            N_("Another program is using the printer {device}."),
            N_("Close it, or wait until its card is out. Nothing was printed here."),
            device=device,
            detail=error.detail,
        )
    return PrinterMissingError(device=device, detail=error.detail)
