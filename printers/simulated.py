"""The inside of a printer that is none: blanks, ribbon and cleaning counted, a card moved to the encoder and away.

What it counts stands in one small file, so that the next run of the program finds the printer as it was left: a card
that was in the encoder is still there.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from printers.api import (
    N_,
    Cancel,
    Cancelled,
    CardPlace,
    Consumables,
    Encoder,
    PrinterMissingError,
    PrinterReason,
)
from printers.records import replace_file, still_waits
from printers.trouble import driver_missing, trouble_error

# The printer's own note beside the jobs; no job's name begins with a dot.
_FILE = ".printer.json"
_CLEANING_CARDS = 1000
_REASONS = {
    "jam": PrinterReason.MEDIA_JAM,
    "ribbon-out": PrinterReason.RIBBON_EMPTY,
    "feeder-empty": PrinterReason.MEDIA_EMPTY,
    "cover-open": PrinterReason.COVER_OPEN,
    "output-full": PrinterReason.OUTPUT_FULL,
    "wrong-ribbon": PrinterReason.RIBBON_WRONG,
    "paused": PrinterReason.PAUSED,
    "off": PrinterReason.OFFLINE,
    "driver-missing": PrinterReason.DRIVER_MISSING,
}


@dataclass(frozen=True, slots=True)
class Inside:
    """``printed`` in its life, ``drawn`` from the feeder, ``on_ribbon`` cards of this ribbon; where the card is."""

    printed: int = 0
    drawn: int = 0
    on_ribbon: int = 0
    place: CardPlace = CardPlace.NONE


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many cards a ribbon and a full feeder are good for."""

    ribbon_cards: int
    feeder_cards: int


class Mechanism:
    """What is inside of one simulated printer; any thread may ask."""

    def __init__(self, folder: Path, sizes: Sizes, moved: Callable[[CardPlace], None]) -> None:
        self._file, self._sizes, self._moved = folder / _FILE, sizes, moved
        self._lock = threading.Lock()

    @property
    def place(self) -> CardPlace:
        """Return where the card is that was taken from the feeder."""
        return self._read().place

    @property
    def ribbon_percent(self) -> int:
        """Return what is left of the ribbon; never nothing, as after its last card the next begins by itself."""
        left = self._sizes.ribbon_cards - self._read().on_ribbon % self._sizes.ribbon_cards
        return max(1, round(100 * left / self._sizes.ribbon_cards))

    def consumables(self, *, ribbon_out: bool, feeder_empty: bool) -> Consumables:
        """Return the counters, with what the fault dial says."""
        inside, sizes = self._read(), self._sizes
        return Consumables(
            ribbon="YMCKO",
            ribbon_percent=0 if ribbon_out else self.ribbon_percent,
            ribbon_cards=0 if ribbon_out else sizes.ribbon_cards - inside.on_ribbon % sizes.ribbon_cards,
            feeder_cards=0 if feeder_empty else sizes.feeder_cards - inside.drawn % sizes.feeder_cards,
            cleaning_due=False,
            cards_to_cleaning=_CLEANING_CARDS - inside.printed % _CLEANING_CARDS,
            cards_printed=inside.printed,
            serial="VIRTUAL-1",
        )

    def draw(self, place: CardPlace) -> None:
        """Move the card inside to ``place``, or the next blank when there is none; raises OSError."""
        with self._lock:
            inside = self._read()
            fresh = inside.place is CardPlace.NONE
            # Written before anybody is told: a program that ends in between finds the card where it is.
            self._write(replace(inside, place=place, drawn=inside.drawn + fresh))
        self._moved(place)

    def leave(self) -> None:
        """Let the card inside go, unprinted; raises OSError."""
        self._gone(0)

    def printed(self) -> None:
        """Let a card out that was printed: the one inside, else the next blank; raises OSError."""
        self._gone(1)

    def new_ribbon(self) -> None:
        """Begin a ribbon; raises OSError."""
        with self._lock:
            self._write(replace(self._read(), on_ribbon=0))

    def _gone(self, cards: int) -> None:
        with self._lock:
            inside = self._read()
            drawn = inside.drawn + (cards if inside.place is CardPlace.NONE else 0)
            counted = replace(inside, printed=inside.printed + cards, on_ribbon=inside.on_ribbon + cards, drawn=drawn)
            self._write(replace(counted, place=CardPlace.NONE))
        if inside.place is not CardPlace.NONE:
            self._moved(CardPlace.NONE)

    def _read(self) -> Inside:
        try:
            told = json.loads(self._file.read_bytes())
            counts = {name: max(0, int(told[name])) for name in ("printed", "drawn", "on_ribbon")}
            return Inside(**counts, place=CardPlace(told["place"]))
        except (OSError, ValueError, TypeError, KeyError):
            return Inside()

    def _write(self, inside: Inside) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        replace_file(self._file, json.dumps(asdict(inside)).encode())


class VirtualFeeder:
    """The way of a card in a simulated printer. A fault that it meets is told as a real printer tells it."""

    # A card that is inside needs no feeder, and an encoder no ribbon.
    _STOPPING_LOAD = frozenset(PrinterReason) - {PrinterReason.RIBBON_EMPTY, PrinterReason.RIBBON_WRONG}
    _STOPPING_EXIT = frozenset(
        {PrinterReason.MEDIA_JAM, PrinterReason.COVER_OPEN, PrinterReason.OUTPUT_FULL, PrinterReason.OFFLINE}
    )

    def __init__(self, device: str, encoders: frozenset[Encoder], mechanism: Mechanism, faults: Faults) -> None:
        self._device, self._encoders = device, encoders
        self._mechanism, self._faults = mechanism, faults
        self.reader = ""

    @property
    def encoders(self) -> frozenset[Encoder]:
        """Return the encoders that it was given."""
        return self._encoders

    def load(self, encoder: Encoder, *, cancel: Cancel) -> None:
        """Move a card to the encoder; a jam on the way there leaves it inside."""
        if encoder not in self._encoders:
            raise PrinterMissingError(
                N_("The printer {device} has no encoder of this kind ({encoder})."),
                N_("Ask IT to correct the encoder in the station profile. No card was moved."),
                device=self._device,
                encoder=encoder.value,
            )
        if cancel.is_set():
            raise Cancelled
        reason = self._faults.reason()
        inside = self._mechanism.place is not CardPlace.NONE
        if reason in self._STOPPING_LOAD and not (inside and reason is PrinterReason.MEDIA_EMPTY):
            self._refuse(reason)
        if self._faults.encoder_jam():
            self._moving(lambda: self._mechanism.draw(CardPlace.INSIDE))
            self._refuse(PrinterReason.MEDIA_JAM)
        self._moving(lambda: self._mechanism.draw(CardPlace(encoder.value)))

    def place(self) -> CardPlace:
        """Return where the card is; a printer that is off doesn't say."""
        return CardPlace.UNKNOWN if self._faults.reason() is PrinterReason.OFFLINE else self._mechanism.place

    def eject(self) -> None:
        """Put the card out."""
        reason = self._faults.reason()
        if reason in self._STOPPING_EXIT:
            self._refuse(reason)
        self._moving(self._mechanism.leave)

    def reject(self) -> None:
        """Put the card out where spoiled ones go: the same as ``eject``, as there is no plastic."""
        self.eject()

    def _refuse(self, reason: PrinterReason) -> None:
        if reason is PrinterReason.DRIVER_MISSING:
            raise driver_missing(self._device)
        raise trouble_error(self._device, (reason,))

    def _moving(self, move: Callable[[], None]) -> None:
        try:
            move()
        except OSError as error:
            raise still_waits(self._device, Path(str(error.filename or "")), error) from error


class Faults:
    """The fault dial, read as a printer's reasons."""

    def __init__(self, kind: Callable[[], str]) -> None:
        self._kind = kind

    def reason(self) -> PrinterReason | None:
        """Return what keeps the printer from printing."""
        return _REASONS.get(self._kind())

    def encoder_jam(self) -> bool:
        """Say whether a card gets stuck on its way to the encoder."""
        return self._kind() == "encoder-jam"

    def loses_jobs(self) -> bool:
        """Say whether a job that has begun is never heard of again."""
        return self._kind() == "lost"
