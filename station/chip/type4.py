"""The NDEF message of an NFC Forum Type 4 tag: a file behind ISO 7816-4, as on a DESFire or an NTAG 424 DNA.

Source: NFC Forum Type 4 Tag Operation 2.0: a capability container (E103) names the file, whose first two bytes are the
length of the message.
"""

from __future__ import annotations

from station.chip.apdu import Transmit
from station.chip.iso7816 import read_binary, select_file, select_name
from station.domain.errors import N_, ChipError

NDEF_NAME = bytes.fromhex("D2760000850101")
_CONTAINER_FID = 0xE103
_CONTAINER_LENGTH = 15
_FILE_CONTROL, _FILE_CONTROL_LENGTH = 0x04, 6


def read_message(transmit: Transmit) -> bytes | None:
    """Return the NDEF message, empty where it is; ``None`` for a card that is no such tag.

    Raises:
        ChipRefusedError: the file is closed. ChipError: the container makes no sense.
    """
    if select_name(transmit, NDEF_NAME) is None or not select_file(transmit, _CONTAINER_FID):
        return None
    container = read_binary(transmit, _CONTAINER_LENGTH)
    # Behind seven bytes of version and sizes the first object is always the NDEF file's; others may follow.
    if container[7:9] != bytes((_FILE_CONTROL, _FILE_CONTROL_LENGTH)):
        raise ChipError(_SENSELESS)
    if not select_file(transmit, int.from_bytes(container[9:11], "big")):
        raise ChipError(_SENSELESS)
    length, size = int.from_bytes(read_binary(transmit, 2), "big"), int.from_bytes(container[11:13], "big")
    if length + 2 > size:
        raise ChipError(_SENSELESS)
    return read_binary(transmit, length, offset=2) if length else b""


_SENSELESS = N_("The NDEF file on the chip makes no sense.")
