"""The DESFires there are, as data: what GetVersion says, how much fits in, how long a frame may be.

Sources: data sheets MF3ICDx21_41_81 (EV1), MF3DX2 (EV2), MF3DX3 (EV3), MF2DLHX0 (Light); ISO 14443-4 for the frames.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

EV1: Final = "EV1"
EV2: Final = "EV2"
EV3: Final = "EV3"
LIGHT: Final = "Light"

# Hardware and software: vendor, type, subtype, version (two bytes); the code of the size and the protocol follow.
_HARDWARE: Final = {EV1: "0401010100", EV2: "0401011200", EV3: "0401013300", LIGHT: "0408013000"}
_SOFTWARE: Final = {EV1: "0401010104", EV2: "0401010201", EV3: "0401010300", LIGHT: "0408013000"}
_PROTOCOLS: Final = 0x05

# Size code (an odd one lies between two powers of two) and what FreeMemory says of a blank, by kilobytes. The Light has
# 640 bytes, all of them in its one application.
_SIZES: Final = {
    EV1: {2: (0x16, 2304), 4: (0x18, 4864), 8: (0x1A, 7936)},
    EV2: {2: (0x16, 2560), 4: (0x18, 5120), 8: (0x1A, 8192), 16: (0x1C, 16384), 32: (0x1E, 32768)},
    EV3: {2: (0x16, 2560), 4: (0x18, 5120), 8: (0x1A, 8192), 16: (0x1C, 16384)},
    LIGHT: {1: (0x13, 0)},
}
# Of a frame of FSC bytes, three are ISO 14443-4's own; a wrapped command has six more around its data, an answer two.
_FRAME: Final = {EV1: 64, EV2: 64, EV3: 256, LIGHT: 128}
_ATS: Final = {
    EV1: bytes.fromhex("067577810280"),
    EV2: bytes.fromhex("067577810280"),
    EV3: bytes.fromhex("067877710280"),
    LIGHT: bytes.fromhex("067777710280"),
}


@dataclass(frozen=True, slots=True)
class Model:
    """One type of card."""

    generation: str
    kilobytes: int
    hardware: bytes
    software: bytes
    capacity: int
    ats: bytes
    command_bytes: int
    """The most data that one wrapped command brings."""
    answer_bytes: int
    """The most data that one answer brings."""
    most_applications: int | None
    """``None``: as many as the memory holds."""

    @property
    def second_generation(self) -> bool:
        """Say whether the card knows what came with EV2."""
        return self.generation != EV1


def model(generation: str, kilobytes: int | None = None) -> Model:
    """Return a type of card; 8 KB, or the only size there is, where none is named.

    Raises:
        ValueError: there is no such card.
    """
    sizes = _SIZES.get(generation, {})
    size = kilobytes if kilobytes is not None else (8 if 8 in sizes else next(iter(sizes), 0))
    if size not in sizes:
        raise ValueError(f"there is no DESFire {generation} with {size} KB")
    code, capacity = sizes[size]
    tail = bytes((code, _PROTOCOLS))
    frame = _FRAME[generation]
    return Model(
        generation,
        size,
        bytes.fromhex(_HARDWARE[generation]) + tail,
        bytes.fromhex(_SOFTWARE[generation]) + tail,
        capacity,
        _ATS[generation],
        frame - 3 - 6 - (1 if frame == 64 else 0),
        frame - 3 - 2,
        28 if generation == EV1 else None,
    )
