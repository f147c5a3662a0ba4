"""The file in which a queue travels on a stick, and the answer that travels back: sealed, signed, and little to read.

    ESCQUEUE  version  kind  key version  file id (16)  salt (16)  nonce (12)  AES-256-GCM of the contents

The key is made of the master key ``queue-carry`` that the institution's stations share (AN10922 inside its keeper, then
HKDF, RFC 5869): a stick that is lost tells nobody anything. The bytes before the contents are part of what is sealed.
Inside, the body is signed with the sending station's own key (ECDSA over P-256 with SHA-256), so that it is known
which station wrote it. Whatever is not exactly so is refused before anything in it is believed.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import Annotated, Any, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from station.domain.errors import N_
from station.domain.outbox import OutboxKind
from station.domain.station_errors import QueueFileError
from station.ports.secrets import Secrets

CARRY_KEY = "queue-carry"
SIGNING_KEY = "station-signing"
# Both ends refuse more: the whole file is in memory while it is opened, and a strange one must not fill it.
LARGEST = 128 * 1024 * 1024
ENTRIES_MAX = 20_000

_MAGIC, _VERSION = b"ESCQUEUE", 1
_HEAD = struct.Struct(">8sBBB16s16s12s")
# GCM's tag, in bytes (NIST SP 800-38D, 5.2.1.2).
_TAG = 16
_LONGEST_CERTIFICATE, _LONGEST_SIGNATURE = 8192, 256

Hex32 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
Hex64 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Short = Annotated[str, StringConstraints(max_length=300)]
Key = Annotated[str, StringConstraints(min_length=1, max_length=700)]
Text = Annotated[str, StringConstraints(max_length=2000)]
Plain = Annotated[dict[Short, Text | bool | int | float | None], Field(max_length=40)]


class Kind(IntEnum):
    """What a file is."""

    QUEUE = 1
    ANSWER = 2


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    made_at: AwareDatetime
    station: Short
    router: Short


class CarriedEntry(BaseModel):
    """One entry of the queue as it travels."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: Key
    kind: OutboxKind
    order_key: Annotated[str, StringConstraints(min_length=1, max_length=300)]
    escn: Annotated[str, StringConstraints(max_length=36)]
    sequence: Annotated[int, Field(ge=-(2**31), lt=2**31)]
    payload: Plain
    content: Hex64


class QueueBody(_Body):
    """What a queue file says: entries in the order in which each person's are to be told, and pictures by portrait."""

    entries: Annotated[tuple[CarriedEntry, ...], Field(max_length=ENTRIES_MAX)]
    pictures: dict[Short, Annotated[str, StringConstraints(max_length=400_000)]]


class Result(BaseModel):
    """What ESC-Router answered to one entry."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: Key
    content: Hex64
    done: bool
    answer: Text = ""
    said: Plain = {}
    router_at: AwareDatetime | None = None


class AnswerBody(_Body):
    """What an answer file says; entries that are not in it were not told."""

    answers_to: Hex32
    results: Annotated[tuple[Result, ...], Field(max_length=ENTRIES_MAX)]


BodyT = TypeVar("BodyT", QueueBody, AnswerBody)


@dataclass(frozen=True, slots=True)
class Opened:
    """The head of a file that is whole, and who signed it."""

    file_id: str
    key_version: int
    certificate: bytes


@dataclass(frozen=True, slots=True)
class Seal:
    """With what files are sealed and signed here; ``chance`` gives random bytes."""

    keys: Secrets
    chance: Callable[[int], bytes]
    carry_key: str = CARRY_KEY
    signing_key: str = SIGNING_KEY

    def newest_version(self) -> int:
        """Return the newest version of the shared key. Raises SecretError, QueueFileError when there is none."""
        versions = self.keys.versions(self.carry_key)
        if not versions:
            raise QueueFileError(_NO_KEY, _NO_KEY_TODO, name=self.carry_key)
        return versions[-1]


def write_file(seal: Seal, kind: Kind, body: QueueBody | AnswerBody, *, key_version: int) -> tuple[str, bytes]:
    """Return a new file's id and its bytes.

    Raises:
        SecretError: the shared key, or the key that signs, is not there.
        QueueFileError: it would be too large to be read again.
    """
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    file_id, salt, nonce = seal.chance(16), seal.chance(16), seal.chance(12)
    head = _HEAD.pack(_MAGIC, _VERSION, kind, key_version, file_id, salt, nonce)
    said = body.model_dump_json().encode()
    certificate = seal.keys.certificate(seal.signing_key)
    signature = seal.keys.sign(seal.signing_key, _signed(kind, file_id, said))
    inside = struct.pack(">HH", len(certificate), len(signature)) + certificate + signature + said
    # Said where it is written: at the other end, perhaps a day's journey away, nobody could do anything about it.
    if len(inside) + _HEAD.size + _TAG > LARGEST:
        raise QueueFileError(_TOO_LARGE, _TOO_LARGE_TODO, count=len(getattr(body, "entries", ())))
    return file_id.hex(), head + AESGCM(_key(seal, kind, key_version, salt)).encrypt(nonce, inside, head)


def read_file(seal: Seal, kind: Kind, form: type[BodyT], data: bytes, name: str) -> tuple[Opened, BodyT]:
    """Return what a file says, if it is whole, of this kind, and sealed with a key that this station has.

    ``name`` is what messages call it.

    Raises:
        QueueFileError: it is not. SecretError: the shared key is not there.
    """
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    if len(data) < _HEAD.size + _TAG or len(data) > LARGEST or not data.startswith(_MAGIC):
        raise QueueFileError(file=name, detail=_NOT_SUCH)
    _magic, version, found, key_version, file_id, salt, nonce = _HEAD.unpack_from(data)
    if version != _VERSION:
        raise QueueFileError(file=name, detail=_NEWER)
    # Before the key is asked for: the two files look alike on a stick, and a mix-up is to be told as one.
    if found != kind:
        raise QueueFileError(file=name, detail=_OTHER_KIND)
    try:
        key = _key(seal, kind, key_version, salt)
        inside = AESGCM(key).decrypt(nonce, data[_HEAD.size :], data[: _HEAD.size])
    except InvalidTag as error:
        raise QueueFileError(file=name, detail=_OTHER_KEY) from error
    certificate, signature, said = _parted(inside, name)
    from station.render.layout_signing import proves

    if not proves(certificate, signature, _signed(kind, file_id, said)):
        raise QueueFileError(file=name, detail=_NOT_SIGNED)
    try:
        # Last, when it is known whose words these are: a parser is no place for what anybody may have written.
        body = form.model_validate_json(said)
    except (ValidationError, ValueError, RecursionError) as error:
        raise QueueFileError(file=name, detail=_NOT_SUCH) from error
    return Opened(file_id.hex(), key_version, certificate), body


def _parted(inside: bytes, name: str) -> tuple[bytes, bytes, bytes]:
    if len(inside) < 4:
        raise QueueFileError(file=name, detail=_NOT_SUCH)
    certificate, signature = struct.unpack_from(">HH", inside)
    too_long = certificate > _LONGEST_CERTIFICATE or signature > _LONGEST_SIGNATURE
    if too_long or 4 + certificate + signature > len(inside):
        raise QueueFileError(file=name, detail=_NOT_SUCH)
    end = 4 + certificate
    return inside[4:end], inside[end : end + signature], inside[end + signature :]


def _signed(kind: int, file_id: bytes, said: bytes) -> bytes:
    return b"queue file of a card station, version 1\n" + bytes([kind]) + file_id + said


def _key(seal: Seal, kind: int, key_version: int, salt: bytes) -> bytes:
    """Return the file's own key; the shared one stays with its keeper."""
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    # A key for each file, its kind and salt in it: AES-GCM gives everything away when a nonce meets the same key twice.
    own: Any = seal.keys.diversified(seal.carry_key, key_version, b"queue file 1" + bytes([kind]) + salt)
    return HKDF(hashes.SHA256(), 32, salt, b"esc-station queue file, 1").derive(own)


_NOT_SUCH = N_("it is not a queue file, or it was cut short")
_NEWER = N_("a newer version of the station wrote it; install that one here first")
_OTHER_KIND = N_("it is the other of the two: a queue file where an answer is wanted, or the other way round")
_OTHER_KEY = N_("it was sealed with another key than this station has, or it was altered on its way")
_NOT_SIGNED = N_("its signature is not right")
_NO_KEY = N_("There is no key {name} here, which the stations share to seal queue files with.")
_NO_KEY_TODO = N_("Ask IT to put it into this computer's keyring. Nothing was written.")
_TOO_LARGE = N_("The queue is too large for one file ({count} entries).")
_TOO_LARGE_TODO = N_("Leave the pictures out: add --no-pictures. Nothing was written.")
