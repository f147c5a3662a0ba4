"""NDEF: messages of records, as any telephone reads them from a card, and the blocks that hold them on memory cards.

Sources: NFC Forum NDEF 1.0 (messages and records), RTD URI 1.0, RTD Text 1.0, Type 2 Tag Operation (TLV blocks).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum, IntFlag

from station.domain.errors import N_, ChipError

URI_PREFIXES = (
    *("", "http://www.", "https://www.", "http://", "https://", "tel:", "mailto:", "ftp://anonymous:anonymous@"),
    *("ftp://ftp.", "ftps://", "sftp://", "smb://", "nfs://", "ftp://", "dav://", "news:", "telnet://", "imap:"),
    *("rtsp://", "urn:", "pop:", "sip:", "sips:", "tftp:", "btspp://", "btl2cap://", "btgoep://", "tcpobex://"),
    *("irdaobex://", "file://", "urn:epc:id:", "urn:epc:tag:", "urn:epc:pat:", "urn:epc:raw:", "urn:epc:", "urn:nfc:"),
)
"""What the first byte of a URI record stands for (RTD URI, table 3)."""

_URI, _TEXT = b"U", b"T"
_UTF16 = 0x80
_LANGUAGE_LENGTH = 0x3F
_LONGEST_SHORT = 255
_LONG_LENGTH = 0xFF
"""The length byte of a TLV block that announces two more (Type 2 Tag Operation, 2.3)."""


class Tnf(IntEnum):
    """What a record's type is a name of (NDEF 1.0, 3.2.6)."""

    EMPTY = 0
    WELL_KNOWN = 1
    MEDIA = 2
    ABSOLUTE_URI = 3
    EXTERNAL = 4
    UNKNOWN = 5
    UNCHANGED = 6


class _Flag(IntFlag):
    BEGIN = 0x80
    END = 0x40
    CHUNK = 0x20
    SHORT = 0x10
    HAS_ID = 0x08


class Tag(IntEnum):
    """The kinds of TLV blocks (Type 2 Tag Operation, 2.3)."""

    NULL = 0x00
    LOCK_CONTROL = 0x01
    MEMORY_CONTROL = 0x02
    MESSAGE = 0x03
    PROPRIETARY = 0xFD
    TERMINATOR = 0xFE


@dataclass(frozen=True, slots=True)
class Record:
    """One record: ``tnf`` says what ``type`` is a name of."""

    tnf: int
    type: bytes
    payload: bytes
    id: bytes = b""


@dataclass(frozen=True, slots=True)
class Text:
    """What a text record says, and in which language (a code of RFC 5646, as ``lv``)."""

    text: str
    language: str


@dataclass(frozen=True, slots=True)
class Tlv:
    """A block in a memory: its tag at ``start``, its value from ``value_at`` on."""

    tag: int
    value: bytes
    start: int = 0
    value_at: int = 0


def uri_record(uri: str) -> Record:
    """Return a URI as a record, its beginning abbreviated where the standard has a number for it."""
    # The longest prefix wins: both "http://" and "http://www." begin such an address.
    code = max(range(len(URI_PREFIXES)), key=lambda at: len(URI_PREFIXES[at]) * uri.startswith(URI_PREFIXES[at]))
    return Record(Tnf.WELL_KNOWN, _URI, bytes((code,)) + uri[len(URI_PREFIXES[code]) :].encode("utf-8"))


def text_record(text: str, language: str) -> Record:
    """Return a text as a record (UTF-8).

    Raises:
        ValueError: ``language`` is no code of at most 63 ASCII characters.
    """
    code = language.encode("ascii")
    if not 0 < len(code) <= _LANGUAGE_LENGTH:
        raise ValueError("a language code has 1 to 63 characters")
    return Record(Tnf.WELL_KNOWN, _TEXT, bytes((len(code),)) + code + text.encode("utf-8"))


def uri_of(record: Record) -> str | None:
    """Return the URI that a record holds, ``None`` when it holds something else or nonsense."""
    if record.tnf == Tnf.ABSOLUTE_URI:
        return _decoded(record.type, "utf-8")
    if (record.tnf, record.type) != (Tnf.WELL_KNOWN, _URI) or not record.payload:
        return None
    rest = _decoded(record.payload[1:], "utf-8")
    code = record.payload[0]
    # Numbers that are not in the table count as none (RTD URI, 3.2.2).
    return None if rest is None else (URI_PREFIXES[code] if code < len(URI_PREFIXES) else "") + rest


def text_of(record: Record) -> Text | None:
    """Return the text that a record holds, ``None`` when it holds something else or nonsense."""
    if (record.tnf, record.type) != (Tnf.WELL_KNOWN, _TEXT) or not record.payload:
        return None
    end = 1 + (record.payload[0] & _LANGUAGE_LENGTH)
    text = _decoded(record.payload[end:], "utf-16" if record.payload[0] & _UTF16 else "utf-8")
    language = _decoded(record.payload[1:end], "ascii")
    if text is None or language is None or len(record.payload) < end:
        return None
    return Text(text, language)


def _decoded(data: bytes, encoding: str) -> str | None:
    # Without a byte order mark UTF-16 is big-endian (RTD Text, 3.4).
    if encoding == "utf-16" and data[:2] not in (b"\xff\xfe", b"\xfe\xff"):
        encoding = "utf-16-be"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None


def encode_message(records: Iterable[Record]) -> bytes:
    """Return records as one message; without any, the message of one empty record.

    Raises:
        ValueError: a type or an id is longer than 255 bytes, or a payload than 4 GB.
    """
    every = tuple(records) or (Record(Tnf.EMPTY, b"", b""),)
    message = b""
    for at, record in enumerate(every):
        flags = (_Flag.BEGIN if at == 0 else 0) | (_Flag.END if at == len(every) - 1 else 0)
        message += _encode_record(record, flags)
    return message


def _encode_record(record: Record, flags: int) -> bytes:
    if len(record.type) > _LONGEST_SHORT or len(record.id) > _LONGEST_SHORT or len(record.payload) >= 1 << 32:
        raise ValueError("a record's type and id have at most 255 bytes, its payload 4 GB")
    short = len(record.payload) <= _LONGEST_SHORT
    flags |= (_Flag.SHORT if short else 0) | (_Flag.HAS_ID if record.id else 0)
    head = bytes((flags | record.tnf, len(record.type))) + len(record.payload).to_bytes(1 if short else 4, "big")
    head += bytes((len(record.id),)) if record.id else b""
    return head + record.type + record.id + record.payload


def encode_uri(url: str) -> bytes:
    """Return the message that opens ``url`` on a telephone."""
    return encode_message((uri_record(url),))


def decode_message(data: bytes) -> tuple[Record, ...]:
    """Return the records of a message, those in chunks put together; none for no data at all.

    Raises:
        ChipError: this is no message: it is cut short, goes on after its end, or its marks contradict each other.
    """
    records: list[Record] = []
    chunks: list[Record] = []
    at, ended = 0, not data
    while not ended:
        flags, part, at = _decode_record(data, at)
        if bool(flags & _Flag.BEGIN) != (not records and not chunks) or (part.tnf == Tnf.UNCHANGED) != bool(chunks):
            raise ChipError(NO_MESSAGE)
        chunks.append(part)
        ended = bool(flags & _Flag.END)
        if flags & _Flag.CHUNK:
            if ended:
                raise ChipError(NO_MESSAGE)
            continue
        first = chunks[0]
        records.append(Record(first.tnf, first.type, b"".join(each.payload for each in chunks), first.id))
        chunks = []
    if at != len(data):
        raise ChipError(NO_MESSAGE)
    return tuple(records)


def _decode_record(data: bytes, at: int) -> tuple[int, Record, int]:
    """Return the flags of the record at ``at``, the record, and where the next one begins."""
    flags, type_length = _take(data, at, 2)
    at += 2
    size = 1 if flags & _Flag.SHORT else 4
    payload_length = int.from_bytes(_take(data, at, size), "big")
    at += size
    id_length = 0
    if flags & _Flag.HAS_ID:
        id_length = _take(data, at, 1)[0]
        at += 1
    parts = []
    for length in (type_length, id_length, payload_length):
        parts.append(_take(data, at, length))
        at += length
    return flags & ~0x07, Record(flags & 0x07, parts[0], parts[2], parts[1]), at


def _take(data: bytes, at: int, length: int) -> bytes:
    if len(data) < at + length:
        raise ChipError(NO_MESSAGE)
    return data[at : at + length]


def encode_tlv(tag: int, value: bytes = b"") -> bytes:
    """Return a block: tag, length of one or three bytes, value; the two tags that stand alone, alone.

    Raises:
        ValueError: the value has more than 65,534 bytes.
    """
    if tag in (Tag.NULL, Tag.TERMINATOR):
        return bytes((tag,))
    if len(value) < _LONG_LENGTH:
        return bytes((tag, len(value))) + value
    # FFFF is kept for later use (Type 2 Tag Operation, 2.3).
    if len(value) > 0xFFFE:
        raise ValueError("a TLV block holds at most 65534 bytes")
    return bytes((tag, _LONG_LENGTH)) + len(value).to_bytes(2, "big") + value


def walk_tlvs(memory: bytes, start: int = 0) -> Iterator[Tlv]:
    """Yield the blocks in a memory, up to the terminator or to where the memory ends.

    Raises:
        ChipError: a block is longer than the memory.
    """
    at = start
    while at < len(memory):
        tag = memory[at]
        if tag == Tag.NULL:
            at += 1
            continue
        if tag == Tag.TERMINATOR:
            yield Tlv(tag, b"", at, at + 1)
            return
        length, value_at = _tlv_length(memory, at + 1)
        if value_at + length > len(memory):
            raise ChipError(NO_MESSAGE)
        yield Tlv(tag, memory[value_at : value_at + length], at, value_at)
        at = value_at + length


def _tlv_length(memory: bytes, at: int) -> tuple[int, int]:
    first = _take(memory, at, 1)[0]
    if first != _LONG_LENGTH:
        return first, at + 1
    return int.from_bytes(_take(memory, at + 1, 2), "big"), at + 3


NO_MESSAGE = N_("What is on the card is not a readable NDEF message.")
