"""Keys of the selected application: what they are, and the commands that ask for and change them."""

from __future__ import annotations

from dataclasses import dataclass

from station.chip.ciphers import BlockCipher, cipher_for, xor
from station.chip.desfire.crypto import crc16, crc32, is_single_des
from station.chip.desfire.link import DesfireLink
from station.chip.desfire.model import PICC
from station.chip.desfire.native import Native, Protection
from station.chip.desfire.session import Scheme
from station.domain.errors import N_, ChipError
from station.domain.hidden import Hidden
from station.ports.secrets import KeyKind

ZERO_KEY = bytes(16)
"""What every AES key of a new application is, and the DES key of a new card."""

_CHANGE = 0xC4
_CHANGE_IN_SET = 0xC6
# The card's own master key may be of any kind, so its kind travels in the number of the key.
_PICC_KINDS = {KeyKind.TDES2K: 0x00, KeyKind.TDES3K: 0x40, KeyKind.AES128: 0x80}
_DES_BLOCK = 8


@dataclass(frozen=True, slots=True, repr=False)
class Key:
    """A key of a card: 16 bytes, or 24 for 3K3DES; single DES is 2K3DES whose halves are the same. Never shown.

    An AES key has its version beside it. A DES key carries it in bits that DES does not use, so to change one card's
    key to another one must know the old version, too.
    """

    kind: KeyKind
    value: bytes
    version: int = 0

    def __post_init__(self) -> None:
        if len(self.value) != self.kind.length or not 0 <= self.version <= 0xFF:
            raise ValueError(f"a key of kind {self.kind.value} has {self.kind.length} bytes, and its version one")

    @classmethod
    def aes(cls, value: bytes = ZERO_KEY, version: int = 0) -> Key:
        """Return an AES-128 key; without a value, that of a new application."""
        return cls(KeyKind.AES128, value, version)

    @classmethod
    def des(cls, value: bytes = bytes(_DES_BLOCK), version: int = 0) -> Key:
        """Return a DES key of 8 or a 2K3DES key of 16 bytes; without a value, that of a card from the factory."""
        return cls(KeyKind.TDES2K, value * 2 if len(value) == _DES_BLOCK else value, version)

    @property
    def sent(self) -> bytes:
        """Return the key as a card is told it: a DES key with its version in the lowest bits (NXP AN10922, 2.5).

        The first eight bytes take the version; the second eight of a 2K3DES key take its complement, so that the two
        never become the same by it.
        """
        if self.kind is KeyKind.AES128:
            return self.value
        first = _marked(self.value[:_DES_BLOCK], self.version)
        if self.kind is KeyKind.TDES3K:
            return first + self.value[_DES_BLOCK:]
        single = is_single_des(self.value)
        return first + _marked(self.value[_DES_BLOCK:], self.version if single else ~self.version)

    def cipher(self) -> BlockCipher:
        """Return the cipher of this key."""
        return cipher_for(self.kind, self.value)

    def __repr__(self) -> str:
        return f"Key({self.kind.value}, version {self.version})"


def default_key(kind: KeyKind) -> Key:
    """Return what a key of this kind is in a new application, unless the card was told otherwise: zeros."""
    return Key(kind, bytes(kind.length))


def get_key_version(link: DesfireLink, number: int, *, key_set: int | None = None) -> int:
    """Return the version byte of a key; of one in another key set, on EV2 and later."""
    header = bytes((number,)) if key_set is None else bytes((number | 0x40, key_set))
    data = link.send(Native(0x64, header))
    if len(data) != 1:
        raise ChipError(N_("The chip gave a senseless answer ({length} bytes)."), length=len(data))
    return data[0]


def change_key(link: DesfireLink, number: int, new: Key, old: Key | None = None, *, key_set: int | None = None) -> None:
    """Change a key. After changing the key that is authenticated, the session is gone.

    ``old`` is needed for a key other than the authenticated one; without it, it is taken to be zeros. It is not sent:
    the new key travels XORed with it, so that only who knows both can change it (AN0945, ChangeKey). ``key_set``
    changes a key of another key set (ChangeKeyEV2, AN12343); set 0 is the one in use.

    Raises:
        ChipRefusedError: the card refused; ``sw`` is 911E where ``old`` is not what it has.
        ChipError: nothing is authenticated.
    """
    # The key of the same number in another set is another key, and the session outlives its change.
    same = link.authenticated == number and not key_set
    ins = _CHANGE if key_set is None else _CHANGE_IN_SET
    header = bytes(() if key_set is None else (key_set,)) + bytes((_number_sent(link, number, new),))
    told = _told(link.scheme, bytes((ins,)) + header, new, None if same else old or default_key(new.kind))
    command = Native(ins, header, told, Protection.SEALED)
    if same:
        # The session key was made from the key that goes now: the card answers with a bare status.
        link.send_last(command)
    else:
        link.send(command)


def initialize_key_set(link: DesfireLink, key_set: int, kind: KeyKind) -> None:
    """Begin a further key set of the selected application: all its keys become zeros of this kind (EV2 and later)."""
    kinds = {KeyKind.TDES2K: 0, KeyKind.TDES3K: 1, KeyKind.AES128: 2}
    link.send(Native(0x56, b"", bytes((key_set, kinds[kind])), Protection.MACED))


def finalize_key_set(link: DesfireLink, key_set: int, version: int) -> None:
    """End the changes to a key set, and give it a version (EV2 and later)."""
    link.send(Native(0x57, b"", bytes((key_set, version)), Protection.MACED))


def roll_key_set(link: DesfireLink, key_set: int) -> None:
    """Put a finalized key set in force at one stroke (EV2 and later); the session ends, for its key is no more."""
    link.send_last(Native(0x55, b"", bytes((key_set,)), Protection.MACED))


def _told(scheme: Scheme | None, head: bytes, new: Key, previous: Key | None) -> Hidden:
    """Return what the card is told of a new key: itself, or XORed with the previous one where that is another's key."""
    sent = new.sent if previous is None else xor(new.sent, previous.sent.ljust(len(new.sent), b"\x00")[: len(new.sent)])
    sent += bytes((new.version,)) if new.kind is KeyKind.AES128 else b""
    return Hidden(_checked(scheme, head, sent, None if previous is None else new))


def _number_sent(link: DesfireLink, number: int, new: Key) -> int:
    return number | _PICC_KINDS[new.kind] if number == 0 and link.selected == PICC else number


def _checked(scheme: Scheme | None, clear: bytes, data: bytes, other: Key | None) -> bytes:
    """Return the data with its checksums; over the new key once more where it travels XORed with an old one."""
    # The second checksum is over the new key alone: a wrong old key would turn the XOR into a key that nobody knows,
    # and by this one the card notices and refuses (911E).
    if scheme is Scheme.D40:
        data += crc16(data)
        return data + (crc16(other.sent) if other else b"")
    # The first one would cover what the MAC of EV2 covers already.
    if scheme is Scheme.EV2:
        return data + (crc32(other.sent) if other else b"")
    data += crc32(clear + data)
    return data + (crc32(other.sent) if other else b"")


def _marked(part: bytes, version: int) -> bytes:
    return bytes(byte & 0xFE | version >> (7 - at) & 1 for at, byte in enumerate(part))
