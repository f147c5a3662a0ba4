"""The hands at the demo bench: blanks from a stack, cards onto the reader and off it again."""

from __future__ import annotations

import threading
from contextlib import suppress
from pathlib import Path

from station.adapters.reader.roles import Roles
from station.adapters.reader.virtual import VirtualReaders
from station.chip.virtual_card.card import VirtualCard
from station.chip.virtual_card.kinds import blank_card, open_card
from station.domain.errors import StationError
from station.domain.workflow import Issuance
from station.ports.faults import FaultSource
from station.ports.printer import CardPlace

READER_NAME = "Demo reader 0"
ENCODER_NAME = "Demo encoder 0"
# Hold the UID of the card that lies on the reader, of the one inside the printer, and of what its feeder takes first.
_LYING, _INSIDE, _FIRST = "on-the-reader", "in-the-printer", "first-in-the-feeder"


class CardTray:
    """Software cards in a folder, one file each, and which of them lies on the reader; all of it survives a restart."""

    def __init__(self, folder: Path, faults: FaultSource, *, encoder: bool = False) -> None:
        """Lay the cards out as they were; ``encoder`` says that the printer has a reader of its own."""
        folder.mkdir(parents=True, exist_ok=True)
        self._folder, self._encoder = folder, encoder
        self._lock = threading.Lock()
        names = (READER_NAME, ENCODER_NAME) if encoder else (READER_NAME,)
        self.readers = VirtualReaders(*names, faults=faults, roles=Roles(encoder=ENCODER_NAME if encoder else ""))
        self._put_back()

    def hand(self, issuance: Issuance) -> None:
        """Do what a person would when the station waits for a card: put this issuance's card there, or a blank."""
        with self._lock:
            lying = self.readers.card()
            if not issuance.uid:
                self._insert(self._blank())
            # A card that lies there already is left alone: putting it down anew would end a connection that is in use.
            elif lying is None or lying.uid.hex().upper() != issuance.uid:
                self._put(issuance.uid)

    def put(self, uid: str) -> bool:
        """Put the card with this UID on the reader; say whether there is such a card."""
        with self._lock:
            return self._put(uid)

    def put_blank(self) -> str:
        """Put a new blank on the reader, return its UID."""
        with self._lock:
            blank = self._blank()
            self._insert(blank)
            return blank.uid.hex().upper()

    def take_off(self) -> None:
        """Take the card off the reader."""
        with self._lock:
            self.readers.remove()
            self._note(_LYING, "")

    def lay_in_feeder(self, issuance: Issuance) -> None:
        """Lay this issuance's card into the printer's feeder, so that it is taken first."""
        with self._lock:
            # Written to a file first: a demo that is ended here finds the card in the feeder again.
            self._note(_FIRST, issuance.uid)
            lying = self.readers.card()
            if lying is not None and lying.uid.hex().upper() == issuance.uid:
                self.readers.remove()
                self._note(_LYING, "")

    def moved(self, place: CardPlace) -> None:
        """Follow a card in the simulated printer: the reader at its encoder has it, or nobody."""
        if not self._encoder:
            return
        with self._lock:
            if place is CardPlace.NONE:
                self._note(_INSIDE, "")
            # Taken from the feeder once: moving on inside the printer is the same card, and no new blank.
            elif place is not CardPlace.UNKNOWN and not self._noted(_INSIDE):
                first = self._noted(_FIRST)
                self._note(_FIRST, "")
                self._note(_INSIDE, first or self._blank().uid.hex().upper())
            self._show_encoder(at_it=place is CardPlace.CONTACTLESS)

    def _show_encoder(self, *, at_it: bool) -> None:
        inside = self._noted(_INSIDE) if at_it else ""
        if not inside:
            self.readers.remove(ENCODER_NAME)
            return
        lying = self.readers.card(ENCODER_NAME)
        if lying is None or lying.uid.hex().upper() != inside:
            self.readers.insert(open_card(self._path(bytes.fromhex(inside))), ENCODER_NAME)

    def _note(self, name: str, uid: str) -> None:
        if uid:
            (self._folder / name).write_text(uid, encoding="ascii")
        else:
            (self._folder / name).unlink(missing_ok=True)

    def _noted(self, name: str) -> str:
        file = self._folder / name
        return file.read_text(encoding="ascii").strip() if file.exists() else ""

    def _put(self, uid: str) -> bool:
        path = self._path(bytes.fromhex(uid))
        if not path.exists():
            return False
        self._insert(open_card(path))
        return True

    def _insert(self, card: VirtualCard) -> None:
        self.readers.insert(card)
        self._note(_LYING, card.uid.hex().upper())

    def _put_back(self) -> None:
        """Put the card there that lay on the reader when the demo ended."""
        uid = self._noted(_LYING)
        path = self._folder / f"{uid}.card"
        if uid and path.exists():
            with suppress(StationError):  # a file that somebody has damaged: then nothing lies there
                self.readers.insert(open_card(path))

    def _blank(self) -> VirtualCard:
        # Made twice, for the file is named by the UID that only the card itself makes up.
        blank = blank_card()
        return blank_card(blank.uid, path=self._path(blank.uid))

    def _path(self, uid: bytes) -> Path:
        return self._folder / f"{uid.hex().upper()}.card"
