"""The hands at the demo bench: blanks from a stack, cards onto the reader and off it again."""

from __future__ import annotations

import threading
from contextlib import suppress
from pathlib import Path

from station.adapters.reader.virtual import VirtualReaders
from station.chip.virtual_card import VirtualCard
from station.domain.errors import StationError
from station.domain.workflow import Issuance
from station.ports.faults import FaultSource

READER_NAME = "Demo reader 0"
# Holds the UID of the card that lies on the reader.
_LYING = "on-the-reader"


class CardTray:
    """Software cards in a folder, one file each, and which of them lies on the reader; all of it survives a restart."""

    def __init__(self, folder: Path, faults: FaultSource) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._lock = threading.Lock()
        self.readers = VirtualReaders(READER_NAME, faults=faults)
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
            (self._folder / _LYING).unlink(missing_ok=True)

    def _put(self, uid: str) -> bool:
        path = self._path(bytes.fromhex(uid))
        if not path.exists():
            return False
        self._insert(VirtualCard.open(path))
        return True

    def _insert(self, card: VirtualCard) -> None:
        self.readers.insert(card)
        (self._folder / _LYING).write_text(card.uid.hex().upper(), encoding="ascii")

    def _put_back(self) -> None:
        """Put the card there that lay on the reader when the demo ended."""
        kept = self._folder / _LYING
        uid = kept.read_text(encoding="ascii").strip() if kept.exists() else ""
        path = self._folder / f"{uid}.card"
        if uid and path.exists():
            with suppress(StationError):  # a file that somebody has damaged: then nothing lies there
                self.readers.insert(VirtualCard.open(path))

    def _blank(self) -> VirtualCard:
        # Made twice, for the file is named by the UID that only the card itself makes up.
        blank = VirtualCard.blank()
        return VirtualCard.blank(blank.uid, path=self._path(blank.uid))

    def _path(self, uid: bytes) -> Path:
        return self._folder / f"{uid.hex().upper()}.card"
