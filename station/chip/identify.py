"""Which chip is this: its UID, and what kind it is, as far as it says so itself."""

from __future__ import annotations

from dataclasses import dataclass

from station.chip.apdu import SW, CommandApdu, ResponseApdu, Transmit
from station.chip.atr import AtrFacts, Family, read_atr
from station.chip.desfire import applications
from station.chip.desfire.link import DesfireLink
from station.chip.desfire.model import Version
from station.chip.passthrough import pass_through
from station.chip.type2 import ULTRALIGHT, ULTRALIGHT_C, Type2Model, Type2Tag, model_of_container, model_of_version
from station.chip.uid import is_random
from station.domain.errors import N_, ChipError, ReaderUnableError

GET_UID = bytes(CommandApdu(0xFF, 0xCA, le=256))
"""Answered by the reader itself (PC/SC part 3, 3.2.2.1.3)."""

_UID_LENGTHS = (4, 7, 8, 10)
_NXP = 0x04
_OWN_GET_VERSION = b"\x60"
# SELECT by name without a name: whoever knows the command answers with one of these, whatever there is to select.
_SELECT = bytes(CommandApdu(0x00, 0xA4, 0x04, 0x00, le=256))
_KNOWS_SELECT = frozenset(
    (SW.OK, SW.NOT_FOUND, SW.SECURITY_STATUS, SW.CONDITIONS_NOT_SATISFIED, 0x6283, 0x6A80, 0x6A87)
)
_FIRST_PAGE_OF_LARGER = 16
_SIZES = {0x16: "2K", 0x18: "4K"}


@dataclass(frozen=True, slots=True)
class Identity:
    """A chip: ``uid`` is empty where nothing tells it; ``version`` is there for a DESFire only.

    ``tag`` is the type of an Ultralight or NTAG where it is known: how many pages it has, and where its locks are.
    """

    uid: bytes
    kind: str
    version: Version | None = None
    family: Family = Family.UNKNOWN
    tag: Type2Model | None = None

    @property
    def random_uid(self) -> bool:
        """Say whether the chip hides its UID behind a number that changes."""
        return is_random(self.uid)

    @property
    def uid_text(self) -> str:
        """Return the UID in upper-case hex, as the record keeps it."""
        return self.uid.hex().upper()


def identify(transmit: Transmit, atr: bytes) -> Identity:
    """Ask a chip who it is; one that is unknown is called so, with its ATR.

    Raises:
        ChipError: reader and chip name different UIDs, which happens when two cards lie on one reader.
    """
    # The reader's word comes first: it costs the card no command, and any card has one.
    uid = _reader_uid(transmit)
    facts = read_atr(atr)
    if facts.memory_card:
        # It knows no APDU, and some readers would send it one as it is.
        return _memory_card(transmit, uid, facts)
    version = _version(transmit)
    if version is not None and version.is_desfire:
        return Identity(_one_uid(uid, version.uid), version.name, version, Family.DESFIRE)
    named = None if version is None else _other_nxp(version)
    if version is not None and named is not None:
        return Identity(_one_uid(uid, version.uid), named[0], None, named[1])
    if facts.kind:
        return Identity(uid, facts.kind, None, facts.family)
    return _by_select(transmit, uid, atr, contactless=facts.contactless)


def kind_by_atr(atr: bytes) -> str:
    """Return what the ATR alone says about a chip, or that it is unknown."""
    return read_atr(atr).kind or _unknown(atr)


def _unknown(atr: bytes) -> str:
    return f"unknown chip (ATR {atr.hex().upper() or 'empty'})"


def _one_uid(by_reader: bytes, by_chip: bytes) -> bytes:
    """Return the chip's own word where it gives one; some readers turn the bytes round."""
    if not any(by_chip):
        return by_reader
    if by_reader and by_reader not in (by_chip, by_chip[::-1]):
        raise ChipError(_TWO_CARDS, _ONE_CARD)
    return by_chip


def _memory_card(transmit: Transmit, uid: bytes, facts: AtrFacts) -> Identity:
    if facts.family is not Family.TYPE2:
        return Identity(uid, facts.kind, None, facts.family)
    try:
        tag = _type2_model(transmit, facts)
    except (ChipError, ReaderUnableError):
        tag = None  # the reader has no way to ask; the ATR must do
    return Identity(uid, tag.name if tag else facts.kind, None, facts.family, tag)


def _type2_model(transmit: Transmit, facts: AtrFacts) -> Type2Model | None:
    if facts.kind == ULTRALIGHT_C.name:
        return ULTRALIGHT_C
    # By what every reader can read; a command of the chip's own is passed through by few.
    found = model_of_container(Type2Tag(transmit).container())
    if found is not None:
        return found
    version = pass_through(transmit, _OWN_GET_VERSION)
    if version:
        return model_of_version(version)
    try:
        Type2Tag(transmit).read_pages(_FIRST_PAGE_OF_LARGER, 1)
    except ChipError:
        return ULTRALIGHT  # the only one with no more pages than that
    # It was asked and had no answer: of the larger ones only the Ultralight C.
    return ULTRALIGHT_C if version is not None else None


def _other_nxp(version: Version) -> tuple[str, Family] | None:
    """Return name and family of another chip of NXP that knows GetVersion (data sheets MF1P(H)x2, NT4H2421Gx)."""
    kind = version.kind & 0x0F
    if version.vendor != _NXP:
        return None
    if kind == 0x02:
        generation = {0x11: "EV1", 0x22: "EV2"}.get(version.major, "EV?")
        size = _SIZES.get(version.storage, "")
        return f"MIFARE Plus {generation} {size}".rstrip() + " (SL0 or SL3)", Family.PLUS
    if kind == 0x04:
        return {0x10: "NTAG 413 DNA", 0x30: "NTAG 424 DNA"}.get(version.major, "NTAG DNA"), Family.NTAG_DNA
    return None


def _by_select(transmit: Transmit, uid: bytes, atr: bytes, *, contactless: bool) -> Identity:
    """Return a card that knows SELECT as a smart card, and another one as unknown."""
    unknown = Identity(uid, _unknown(atr))
    if not contactless and (uid or not atr):
        return unknown
    try:
        answer = ResponseApdu.parse(transmit(_SELECT))
    except ChipError:
        return unknown
    if answer.sw not in _KNOWS_SELECT and answer.sw & 0xFF00 != SW.MORE_DATA:
        return unknown
    if contactless:
        return Identity(uid, "ISO 7816 card", None, Family.ISO7816)
    return Identity(uid, "contact smart card", None, Family.CONTACT)


def _reader_uid(transmit: Transmit) -> bytes:
    try:
        answer = ResponseApdu.parse(transmit(GET_UID))
    except ChipError:
        return b""
    return answer.data if answer.ok and len(answer.data) in _UID_LENGTHS else b""


def _version(transmit: Transmit) -> Version | None:
    try:
        return applications.get_version(DesfireLink(transmit))
    except ChipError:
        return None  # a chip of another kind refuses the command in a way of its own


_TWO_CARDS = N_("The reader sees two cards at once.")
_ONE_CARD = N_("Leave one card on the reader, and take everything else away.")
