"""Commands about the card as a whole: how it is configured, and back to how it came (DESFire EV1 data sheet)."""

from __future__ import annotations

from enum import IntEnum, IntFlag

from station.chip.desfire.keys import Key
from station.chip.desfire.link import DesfireLink
from station.chip.desfire.native import Native, Protection

_KEY_LENGTH = 24


class Option(IntEnum):
    """What SetConfiguration sets; from ``SAK`` on with EV2 and later only."""

    CARD = 0x00
    DEFAULT_KEY = 0x01
    ATS = 0x02
    SAK = 0x03
    SECURE_MESSAGING = 0x04
    CAPABILITIES = 0x05


class CardOption(IntFlag):
    """What ``Option.CARD`` switches on; neither can be switched off again."""

    NO_FORMAT = 0x01
    RANDOM_UID = 0x02


def set_configuration(link: DesfireLink, option: Option, data: bytes) -> None:
    """Set an option of the card; its master key must be authenticated."""
    # Only the ATS has no length that the card would know.
    ats = option is Option.ATS
    link.send(Native(0x5C, bytes((option,)), data, Protection.FULL, open_end=ats))


def set_card_options(link: DesfireLink, options: CardOption) -> None:
    """Switch options of the card on, for good."""
    set_configuration(link, Option.CARD, bytes((options,)))


def set_default_key(link: DesfireLink, key: Key) -> None:
    """Set what every key of an application created from now on is, with its version."""
    # Always the longest length, for the card keeps one default for applications with keys of any kind.
    set_configuration(link, Option.DEFAULT_KEY, key.sent.ljust(_KEY_LENGTH, b"\x00") + bytes((key.version,)))


def format_picc(link: DesfireLink) -> None:
    """Delete all applications and free their memory; the card's own master key and settings stay.

    Its master key must be authenticated, and the card not be set to refuse it (``CardOption.NO_FORMAT``).
    """
    link.send(Native(0xFC))
