"""Look at a whole card, of whatever kind: what it is, its UID in every way to write it, and what it lets us read."""

from __future__ import annotations

from collections.abc import Iterator

from station.chip.apdu import Transmit
from station.chip.atr import Family
from station.chip.content import ChipData, values_of
from station.chip.desfire.keys import Key
from station.chip.desfire.link import DesfireLink
from station.chip.desfire.model import PICC
from station.chip.esc import read_escn
from station.chip.explore.content import content_node, message_nodes
from station.chip.explore.desfire import KeySource, Visit, card_nodes, no_keys
from station.chip.explore.desfire_files import applications_node
from station.chip.explore.memory import classic_nodes, tag_nodes
from station.chip.explore.node import Node, tried
from station.chip.identify import Identity, identify
from station.chip.iso7816 import DeuInfo, read_deuinfo
from station.chip.processors import IsoChaining
from station.chip.profiles import ChipProfile
from station.chip.proving import real_uid
from station.chip.type4 import read_message
from station.chip.uid import UidFormat, is_random, uid_formats
from station.chip.wanted import KeyRing
from station.domain.errors import N_, ChipError, ExpressionError, ProfileError, SecretError
from station.domain.message import Message
from station.ports.secrets import Secrets

# For a card without one, so that keys which are made of other things can be made all the same.
_NO_NUMBER = "00000000-0000-1000-8000-000000000000"
_ISO = (Family.ISO7816, Family.TYPE_B, Family.NTAG_DNA, Family.CONTACT)
_FORMATS = {
    UidFormat.HEX: N_("hexadecimal"),
    UidFormat.HEX_REVERSED: N_("hexadecimal, last byte first"),
    UidFormat.DECIMAL: N_("decimal"),
    UidFormat.DECIMAL_REVERSED: N_("decimal, last byte first"),
    UidFormat.WIEGAND_34: N_("Wiegand 34 (facility, number)"),
    UidFormat.WIEGAND_34_REVERSED: N_("Wiegand 34 (facility, number), last byte first"),
}


def explore(
    transmit: Transmit, atr: bytes, *, profile: ChipProfile | None = None, secrets: Secrets | None = None
) -> Node:
    """Return everything that can be read on a card; with ``profile`` and ``secrets`` also what their keys open.

    Writes nothing. What the card refuses is called closed.

    Raises:
        ChipError: two cards lie on the reader.
        CardRemovedError, ReaderError: as ``transmit`` does.
    """
    chained = IsoChaining(transmit)
    chip = identify(chained, atr)
    below = [_uid_node(chip), Node(Message(N_("ATR")), atr.hex(" ").upper())]
    below += _contents(chained, chip, profile, secrets)
    return Node(Message(N_("Card")), chip.kind, (), tuple(below))


def _uid_node(chip: Identity) -> Node:
    name = Message(N_("UID"))
    if not chip.uid:
        return Node(name, Message(N_("none")))
    forms = tuple(
        Node(Message(_FORMATS[form]), text) for form, text in uid_formats(chip.uid).items() if form in _FORMATS
    )
    if chip.random_uid:
        return Node(name, Message(N_("{uid} (another one each time)"), {"uid": chip.uid_text}), (), forms)
    return Node(name, chip.uid_text, (), forms)


def _contents(
    transmit: Transmit, chip: Identity, profile: ChipProfile | None, secrets: Secrets | None
) -> Iterator[Node]:
    if chip.version is not None:
        yield from _desfire(DesfireLink(transmit), chip, profile, secrets)
    elif chip.family is Family.TYPE2:
        yield from tag_nodes(transmit, chip)
    elif chip.family is Family.CLASSIC:
        yield from classic_nodes(transmit, chip)
    elif chip.family in _ISO:
        yield from _iso_nodes(transmit)


def _desfire(link: DesfireLink, chip: Identity, profile: ChipProfile | None, secrets: Secrets | None) -> Iterator[Node]:
    source: KeySource = no_keys
    uid = chip.uid
    if profile is not None and secrets is not None:
        escn = tried(lambda: read_escn(link)[1])
        number = escn if isinstance(escn, str) else _NO_NUMBER
        if chip.random_uid:
            uid = _real_uid(link, profile, KeyRing(secrets, values_of(ChipData(number), b""))) or uid
            if uid != chip.uid:
                yield Node(Message(N_("Real UID")), uid.hex().upper())
        # A UID that is another one each time makes no key of this card.
        source = _source(profile, KeyRing(secrets, values_of(ChipData(number), b"" if is_random(uid) else uid)))
    if chip.version is not None:
        visit = Visit(link, source)
        yield from card_nodes(visit, chip.version, uid)
        yield applications_node(visit)


def _real_uid(link: DesfireLink, profile: ChipProfile, ring: KeyRing) -> bytes:
    try:
        return real_uid(link, profile, ring)
    except (ChipError, SecretError, ExpressionError, ProfileError):
        return b""


def _source(profile: ChipProfile, ring: KeyRing) -> KeySource:
    """Return where the keys of a profile come from; one that can't be made is not at hand."""

    def find(aid: bytes, number: int) -> Key | None:
        try:
            if aid == PICC:
                return None if profile.card_key is None else ring.key(profile.card_key, None)
            for app in profile.applications:
                for spec in app.keys:
                    if (app.aid, spec.number) == (aid, number):
                        return ring.key(spec, app)
        except (SecretError, ExpressionError, ProfileError):
            return None
        return None

    return find


def _iso_nodes(transmit: Transmit) -> Iterator[Node]:
    found = tried(lambda: read_deuinfo(transmit))
    if isinstance(found, DeuInfo):
        yield Node(Message(N_("European Student Card (data zone)")), "", (), tuple(_data_zone(found)))
    elif isinstance(found, Message):
        yield Node(Message(N_("European Student Card (data zone)")), found)
    message = tried(lambda: read_message(transmit))
    if isinstance(message, Message):
        yield Node(Message(N_("NDEF message")), message)
    elif message:
        yield Node(Message(N_("NDEF message")), "", (), message_nodes(message))


def _data_zone(found: DeuInfo) -> Iterator[Node]:
    yield content_node(found.escn, Message(N_("Card number")))
    if found.signature is not None:
        yield content_node(found.signature, Message(N_("Signature")))
    if found.certificate is not None:
        yield content_node(found.certificate, Message(N_("Certificate")))
