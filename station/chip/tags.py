"""Cards without keys: the NDEF message of an NFC Forum Type 2 tag (NTAG, Ultralight), written and read back."""

from __future__ import annotations

from collections.abc import Callable

from station.chip.apdu import Transmit
from station.chip.atr import Family
from station.chip.content import ChipData, bytes_of, values_of
from station.chip.identify import Identity
from station.chip.looking import look_at
from station.chip.ndef import decode_message, uri_of
from station.chip.profiles import ChipProfile
from station.chip.type2 import Type2Tag
from station.domain.errors import (
    N_,
    ChipError,
    ChipMismatchError,
    ChipRefusedError,
    ChipUnsuitableError,
    DeviceError,
    EscnError,
)
from station.domain.escn import escn_from_qr


def write_tag(
    transmit: Transmit, atr: bytes, profile: ChipProfile, data: ChipData, begin: Callable[[bytes], None]
) -> bytes:
    """Make a tag carry the profile's message, read it back, and return the tag's UID.

    ``begin`` is called with the UID before the first page is written.

    Raises:
        ChipUnsuitableError: it is another kind of chip, locked, or carries something else; nothing was written.
        ChipMismatchError: it carries another card's address; nothing was written.
        ChipError: its ``written`` says whether anything may be on the tag.
    """
    chip = look_at(transmit, atr)
    if not _is_tag(chip):
        raise ChipUnsuitableError(_NO_TAG, kind=chip.kind)
    message = message_of(profile, data, chip.uid)
    tag = Type2Tag(transmit, chip.tag)
    try:
        _check_free(tag.read_message(), message)
        plan = tag.plan_message(message)
    except ChipRefusedError as error:
        raise ChipUnsuitableError(_NO_TAG, kind=chip.kind) from error
    begin(chip.uid)
    try:
        tag.carry_out(plan)
        if tag.read_message() != message:
            raise ChipMismatchError(_NOT_KEPT, _NOT_KEPT_TODO)
    except DeviceError as error:
        # Nothing to write, nothing written: then only the read-back failed.
        error.written = bool(plan)
        raise
    return chip.uid


def check_tag(transmit: Transmit, profile: ChipProfile, data: ChipData, chip: Identity) -> None:
    """Check that a tag carries the profile's message; raises ChipMismatchError when it does not."""
    if not _is_tag(chip):
        raise ChipMismatchError(_NO_ADDRESS)
    try:
        found = Type2Tag(transmit).read_message()
    except ChipRefusedError as error:
        raise ChipMismatchError(_NO_ADDRESS) from error
    if found != message_of(profile, data, chip.uid):
        raise ChipMismatchError(_NO_ADDRESS)


def message_of(profile: ChipProfile, data: ChipData, uid: bytes) -> bytes:
    """Return the NDEF message that a card's tag shall carry; empty for a profile without one."""
    return b"" if profile.ndef is None else bytes_of(profile.ndef, values_of(data, uid))


def _is_tag(chip: Identity) -> bool:
    return chip.family is Family.TYPE2


def _check_free(found: bytes | None, message: bytes) -> None:
    if not found or found == message:
        return
    try:
        addresses = [uri for record in decode_message(found) if (uri := uri_of(record))]
    except ChipError:
        addresses = []
    for address in addresses:
        try:
            number = escn_from_qr(address)
        except EscnError:
            continue
        raise ChipMismatchError(_OTHER_NUMBER, _OTHER_NUMBER_TODO, escn=number)
    raise ChipUnsuitableError(_OTHER_MESSAGE)


_NO_TAG = N_("This card can't be used here: it needs an NTAG or Ultralight, and this is: {kind}.")
_OTHER_MESSAGE = N_("This card can't be used here: its chip carries a message already, and it is not of this station.")
_OTHER_NUMBER = N_("This card already carries another card number: {escn}.")
_OTHER_NUMBER_TODO = N_(
    "Put the right card on the reader, or take a blank one from the stock. Nothing was written on this one."
)
_NO_ADDRESS = N_("The card on the reader doesn't carry the address that it should.")
_NOT_KEPT = N_("The chip does not hold what was written on it.")
_NOT_KEPT_TODO = N_("Put the card back and try once more. If it happens again, put this card aside as spoiled.")
