"""The parts of a desk's store: every call of each goes through one door, which knows where it has to be made."""

from __future__ import annotations

from collections.abc import Callable
from inspect import signature
from typing import Any, cast

from station.adapters.standby.calls import KINDS, Call, Kind
from station.ports.enrolment import EnrolmentStore
from station.ports.queue_export import QueueExportStore
from station.ports.store import (
    CardStore,
    ConsentStore,
    EscnStore,
    HolderStore,
    IssuanceStore,
    LayoutStore,
    OutboxStore,
    PortraitStore,
    PrinterCareStore,
    ReviewStore,
    StockStore,
    Store,
)


class Parts:
    """Implement the parts of ``ports.store.Store`` over ``call``."""

    def __init__(self, model: Store) -> None:
        """Take a store that says how the values of a call are named."""
        self._relays = {part: _Relay(self, part, model) for part in KINDS}

    def call(self, call: Call, named: dict[str, Any]) -> Any:
        """Make a call where it has to be made."""
        raise NotImplementedError

    @property
    def holders(self) -> HolderStore:
        """Return the holders."""
        return cast(HolderStore, self._relays["holders"])

    @property
    def issuances(self) -> IssuanceStore:
        """Return issuances and their journal."""
        return cast(IssuanceStore, self._relays["issuances"])

    @property
    def cards(self) -> CardStore:
        """Return cards and blanks."""
        return cast(CardStore, self._relays["cards"])

    @property
    def portraits(self) -> PortraitStore:
        """Return portraits; while alone, those that were taken here."""
        return cast(PortraitStore, self._relays["portraits"])

    @property
    def reviews(self) -> ReviewStore:
        """Return decisions about imported portraits."""
        return cast(ReviewStore, self._relays["reviews"])

    @property
    def layouts(self) -> LayoutStore:
        """Return the layouts that cards were made to."""
        return cast(LayoutStore, self._relays["layouts"])

    @property
    def outbox(self) -> OutboxStore:
        """Return what is still to be told; while alone, what was made here and is told after the merge."""
        return cast(OutboxStore, self._relays["outbox"])

    @property
    def escns(self) -> EscnStore:
        """Return the last card numbers."""
        return cast(EscnStore, self._relays["escns"])

    @property
    def consents(self) -> ConsentStore:
        """Return consents."""
        return cast(ConsentStore, self._relays["consents"])

    @property
    def stock(self) -> StockStore:
        """Return the ledger of blanks."""
        return cast(StockStore, self._relays["stock"])

    @property
    def printer_care(self) -> PrinterCareStore:
        """Return what was done to printers."""
        return cast(PrinterCareStore, self._relays["printer_care"])

    @property
    def enrolment(self) -> EnrolmentStore:
        """Return the stations that may work with the shared store."""
        return cast(EnrolmentStore, self._relays["enrolment"])

    @property
    def queue_exports(self) -> QueueExportStore:
        """Return what left the queue in files."""
        return cast(QueueExportStore, self._relays["queue_exports"])


class _Relay:
    """One part of the store."""

    def __init__(self, parts: Parts, part: str, model: Store) -> None:
        self._parts, self._part, self._model = parts, part, model

    def __getattr__(self, name: str) -> Callable[..., Any]:
        # An attribute error and no guess: a new call of the store fails in the tests until the table says where it is
        # made.
        if name not in KINDS[self._part]:
            raise AttributeError(f"{self._part}.{name}")

        def made(*args: Any, **named: Any) -> Any:
            if named and KINDS[self._part][name] is Kind.WRITE:
                # In their order, by whatever names they were given: so they are noted, and read again.
                bound = signature(getattr(getattr(self._model, self._part), name)).bind(*args, **named)
                args, named = bound.args, bound.kwargs
            return self._parts.call(Call(self._part, name, args), named)

        return made
