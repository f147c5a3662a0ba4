"""What some bytes of a card mean, as far as they tell: a card number, an NDEF message, a certificate, a text."""

from __future__ import annotations

import warnings

from station.chip.explore.node import Node, hex_lines
from station.chip.ndef import decode_message, text_of, uri_of
from station.domain.errors import N_, ChipError, EscnError
from station.domain.escn import escn_from_bytes
from station.domain.message import Message

_ESCN_LENGTH = 16
_SEQUENCE = 0x30
# Two numbers of 32 bytes in DER: a byte more for a high first bit, fewer for zeros in front.
_SHORTEST_SIGNATURE, _LONGEST_SIGNATURE = 68, 72
_NDEF_CONTAINER = b"\x00\x0f"
CONTENT = Message(N_("Content"))


def content_node(data: bytes, name: Message = CONTENT) -> Node:
    """Return data with its meaning as the value, and in hexadecimal."""
    return Node(name, meaning(data), hex_lines(data))


def meaning(data: bytes) -> Message | str:
    """Return what ``data`` means, or how long it is; never fails."""
    if not any(data):
        return Message(N_("{length} bytes, all zero"), {"length": len(data)}) if data else Message(N_("empty"))
    # From the strictest form to the loosest: nearly anything is a text.
    for read in (_escn, _certificate, _signature, _container, _ndef_file, _text):
        found = read(data)
        if found is not None:
            return found
    return Message(N_("{length} bytes"), {"length": len(data)})


def message_nodes(message: bytes) -> tuple[Node, ...]:
    """Return the records of an NDEF message; one node that says so for what is none."""
    try:
        records = decode_message(message)
    except ChipError:
        return (content_node(message),)
    nodes = []
    for number, record in enumerate(records, 1):
        text, uri = text_of(record), uri_of(record)
        value = uri if uri is not None else text.text if text else record.type.decode("latin-1")
        nodes.append(Node(Message(N_("Record {number}"), {"number": number}), value, hex_lines(record.payload)))
    return tuple(nodes)


def _escn(data: bytes) -> Message | None:
    if len(data) != _ESCN_LENGTH:
        return None
    try:
        return Message(N_("card number {escn}"), {"escn": escn_from_bytes(data)})
    except EscnError:
        return None


def _certificate(data: bytes) -> Message | None:
    if data[0] != _SEQUENCE or len(data) <= _LONGEST_SIGNATURE:
        return None
    from cryptography import x509  # only a card that carries one needs it
    from cryptography.utils import CryptographyDeprecationWarning

    try:
        with warnings.catch_warnings():
            # What the library still forgives (a negative number, say) is no certificate either.
            warnings.simplefilter("error", CryptographyDeprecationWarning)
            found = x509.load_der_x509_certificate(_first_structure(data))
            subject, ends = found.subject.rfc4514_string(), found.not_valid_after_utc.date().isoformat()
    except (ValueError, x509.InvalidVersion, CryptographyDeprecationWarning):
        return None
    return Message(N_("certificate of {subject}, valid until {ends}"), {"subject": subject, "ends": ends})


def _first_structure(data: bytes) -> bytes:
    """Return the first DER structure without what fills up the file behind it."""
    if data[1] < 0x80:
        return data[: 2 + data[1]]
    count = data[1] & 0x7F
    return data[: 2 + count + int.from_bytes(data[2 : 2 + count], "big")]


def _signature(data: bytes) -> Message | None:
    stripped = _first_structure(data) if data[0] == _SEQUENCE and len(data) > 2 else b""
    if not _SHORTEST_SIGNATURE <= len(stripped) <= _LONGEST_SIGNATURE or stripped[2] != 0x02 or any(data[72:]):
        return None
    return Message(N_("signature of {length} bytes"), {"length": len(stripped)})


def _container(data: bytes) -> Message | None:
    return Message(N_("NDEF capability container")) if data[:2] == _NDEF_CONTAINER and len(data) == 15 else None


def _ndef_file(data: bytes) -> Message | str | None:
    length = int.from_bytes(data[:2], "big")
    if not 0 < length <= len(data) - 2:
        return None
    try:
        records = decode_message(data[2 : 2 + length])
    except ChipError:
        return None
    addresses = [uri for record in records if (uri := uri_of(record))]
    return addresses[0] if addresses else Message(N_("NDEF message, records: {count}"), {"count": len(records)})


def _text(data: bytes) -> str | None:
    try:
        text = data.rstrip(b"\x00").decode("utf-8")
    except UnicodeDecodeError:
        return None
    return text if len(text) > 1 and text.isprintable() else None
