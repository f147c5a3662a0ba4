"""What is known of reader models: one TOML file a model in assets/readers, checked, each fact with its source.

Nothing here is needed to use a reader. Files say how long its commands may be, which of its slots takes no holder's
card, how to use its lamp and buzzer, and what to look out for.
"""

from __future__ import annotations

import re
import sys
import tomllib
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal

from station.domain.errors import ProfileError
from station.domain.tables import MisfitError, between, read_table, shaped, stripped
from station.ports.chip import SHORT_APDU, ReaderTraits, Signal
from station.resources import asset

Text = Annotated[str, stripped(1, 600)]
UsbId = Annotated[str, shaped(r"[0-9a-f]{4}:[0-9a-f]{4}", "vendor and product are written as 072f:2200")]
Command = Annotated[str, shaped(r"([0-9A-F]{2} ?){4,64}", "a command is written in hexadecimal digits, 4 to 64 bytes")]


def _some(names: tuple[str, ...]) -> tuple[str, ...]:
    if not names:
        raise ValueError("a reader is known by a name at least")
    return names


class SlotUse(StrEnum):
    """What lies on a reader's slot."""

    CONTACTLESS = "contactless"
    CONTACT = "contact"
    SAM = "sam"


@dataclass(frozen=True, kw_only=True)
class ApduPart:
    """How long a command may be, in bytes; from the reader's USB descriptor (dwMaxCCIDMessageLength less 10).

    ``inferred`` names the keys that no document states in these words.
    """

    longest: Annotated[int, between(54, 65_544)] = SHORT_APDU
    extended: bool = False
    long_frames: bool = False
    source: Text
    inferred: tuple[Literal["longest", "extended", "long_frames"], ...] = ()


@dataclass(frozen=True, kw_only=True)
class SignalPart:
    """Commands for lamp and buzzer: as ``apdu`` to the reader itself, or as ``escape`` past the card."""

    way: Literal["apdu", "escape"]
    good: tuple[Command, ...] = ()
    bad: tuple[Command, ...] = ()
    source: Text


@dataclass(frozen=True, kw_only=True)
class EscapePart:
    """The number for SCARD_CTL_CODE by which commands go to the reader past the card."""

    windows: Annotated[int, between(1, 4095)] = 3500
    pcsclite: Annotated[int, between(1, 4095)] = 1
    source: Text


@dataclass(frozen=True, kw_only=True)
class Trap:
    """Something to look out for; ``inferred`` where no document says so in these words."""

    text: Text
    source: Text
    inferred: bool = False


@dataclass(frozen=True, kw_only=True)
class ReaderFile:
    """One file: a model, or several that do not differ in what matters here."""

    schema_version: Literal[1]
    model: Text
    names: Annotated[tuple[Text, ...], _some]
    not_names: tuple[Text, ...] = ()
    usb: tuple[UsbId, ...] = ()
    use: SlotUse = SlotUse.CONTACTLESS
    uid_reversed: bool = False
    source: Text
    apdu: ApduPart | None = None
    escape: EscapePart | None = None
    signals: SignalPart | None = None
    traps: tuple[Trap, ...] = ()

    def __post_init__(self) -> None:
        if self.signals is not None and self.signals.way == "escape" and self.escape is None:
            raise ValueError("signals by escape need [escape]")


@dataclass(frozen=True, slots=True)
class Quirk:
    """A model, ready to use; ``escape`` is the number for SCARD_CTL_CODE on this system, ``None`` for APDUs."""

    traits: ReaderTraits
    use: SlotUse = SlotUse.CONTACTLESS
    good: tuple[bytes, ...] = ()
    bad: tuple[bytes, ...] = ()
    escape: int | None = None

    def commands(self, signal: Signal) -> tuple[bytes, ...]:
        """Return what is to be sent for a signal."""
        return self.good if signal is Signal.GOOD else self.bad


UNKNOWN = Quirk(ReaderTraits())


def load_reader_file(path: Path) -> ReaderFile:
    """Read and check one file.

    Raises:
        ProfileError: not TOML, an unknown key, a wrong value; the message names the place.
    """
    try:
        return read_table(ReaderFile, tomllib.loads(path.read_text("utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ProfileError(file=path, place="-", detail=str(error)) from error
    except MisfitError as error:
        raise ProfileError(file=path, place=".".join(map(str, error.location)), detail=error.why) from error


@lru_cache(maxsize=1)
def reader_files() -> tuple[ReaderFile, ...]:
    """Return all models that come with the station; slots that take no holder's card first."""
    found = [load_reader_file(path) for path in sorted(asset("readers").glob("*.toml"))]
    return tuple(sorted(found, key=lambda file: file.use is SlotUse.CONTACTLESS))


@lru_cache(maxsize=64)
def quirk_of(name: str) -> Quirk:
    """Return what is known of a reader by its PC/SC name; nothing special of one that is not known."""
    best: tuple[bool, int] = (False, 0)
    found: ReaderFile | None = None
    for file in reader_files():
        # The longest part decides: a series' name is in that of each of its models.
        fit = max((len(part) for part in file.names if _has(name, part)), default=0)
        if not fit or any(_has(name, part) for part in file.not_names):
            continue
        # A slot of its own kind is meant before the reader that it is part of.
        rank = (file.use is not SlotUse.CONTACTLESS, fit)
        if rank > best:
            best, found = rank, file
    return UNKNOWN if found is None else _quirk(found)


def _has(name: str, part: str) -> bool:
    """Say whether a part of a name is in it; at word borders, or SAM would be in "Samsung"."""
    return re.search(rf"(?<!\w){re.escape(part)}(?!\w)", name, re.IGNORECASE) is not None


def _quirk(file: ReaderFile) -> Quirk:
    apdu, signals = file.apdu, file.signals
    known = () if signals is None else tuple(s for s in Signal if (signals.good if s is Signal.GOOD else signals.bad))
    traits = ReaderTraits(
        model=file.model,
        longest_apdu=SHORT_APDU if apdu is None else apdu.longest,
        extended_apdu=apdu is not None and apdu.extended,
        long_frames=apdu is not None and apdu.long_frames,
        uid_reversed=file.uid_reversed,
        signals=known,
        traps=tuple(trap.text for trap in file.traps),
    )
    if signals is None:
        return Quirk(traits, file.use)
    good, bad = (tuple(map(bytes.fromhex, commands)) for commands in (signals.good, signals.bad))
    return Quirk(traits, file.use, good, bad, _escape(file) if signals.way == "escape" else None)


def _escape(file: ReaderFile) -> int | None:
    if file.escape is None:
        return None
    # The same command has two numbers: Microsoft's driver knows another one than the CCID driver of pcsc-lite.
    return file.escape.windows if sys.platform == "win32" else file.escape.pcsclite
