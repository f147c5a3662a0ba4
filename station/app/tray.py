"""The hands at the demo bench: blanks from a stack, cards onto the reader and off it again."""

from __future__ import annotations

import threading
from pathlib import Path

from station.adapters.reader.virtual import VirtualReaders
from station.chip.virtual_card import VirtualCard
from station.domain.workflow import Issuance
from station.ports.faults import FaultSource

READER_NAME = "Demo reader 0"


class CardTray:
    """Software cards in a folder, one file each, and which of them lies on the reader; all of it survives a restart."""

    def __init__(self, folder: Path, faults: FaultSource) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._lock = threading.Lock()
        self.readers = VirtualReaders(READER_NAME, faults=faults)

    def hand(self, issuance: Issuance) -> None:
        """Do what a person would when the station waits for a card: put this issuance's card there, or a blank."""
        with self._lock:
            lying = self.readers.card()
            if not issuance.uid:
                self.readers.insert(self._blank())
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
            self.readers.insert(blank)
            return blank.uid.hex().upper()

    def take_off(self) -> None:
        """Take the card off the reader."""
        with self._lock:
            self.readers.remove()

    def _put(self, uid: str) -> bool:
        path = self._path(bytes.fromhex(uid))
        if not path.exists():
            return False
        self.readers.insert(VirtualCard.open(path))
        return True

    def _blank(self) -> VirtualCard:
        # Made twice, for the file is named by the UID that only the card itself makes up.
        blank = VirtualCard.blank()
        return VirtualCard.blank(blank.uid, path=self._path(blank.uid))

    def _path(self, uid: bytes) -> Path:
        return self._folder / f"{uid.hex().upper()}.card"
