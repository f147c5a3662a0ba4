"""The file that enrols a station with a store of its own: sealed with its code, signed by the admin's station.

    ESCENROL  version (1 byte)  salt (16)  nonce (12)  AES-256-GCM of the contents, over the bytes before it

The key is made of the code (scrypt), so who finds the file learns nothing and who altered it is found out. Inside, the
statement is signed (ECDSA over P-256 with SHA-256), so that it is known for ever who let this station in.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import datetime
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from station.domain.enrolment import EnrolledStation, Right, stretched
from station.domain.errors import N_
from station.domain.station_errors import EnrolmentError

MAGIC = b"ESCENROL\x01"
# Far more than a hundred ranges need: what is larger was never written here, and isn't read into memory.
LARGEST = 64 * 1024
_SALT, _NONCE = 16, 12
_HEAD = len(MAGIC) + _SALT + _NONCE

Pic = Annotated[str, StringConstraints(pattern=r"^[0-9]{9}$")]
Prefix = Annotated[int, Field(ge=0, le=999)]


class Enrolled(BaseModel):
    """What the file says."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
    name: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    rights: frozenset[Right]
    operator: Annotated[str, StringConstraints(max_length=255)]
    prefixes: Annotated[tuple[tuple[Pic, Prefix], ...], Field(max_length=100)]
    made_at: AwareDatetime
    use_until: AwareDatetime
    ends_at: AwareDatetime

    @classmethod
    def of(cls, station: EnrolledStation, made_at: datetime, use_until: datetime) -> Enrolled:
        """Return what is said of a station."""
        return cls(
            id=station.id,
            name=station.name,
            rights=station.rights,
            operator=station.operator,
            prefixes=station.prefixes,
            made_at=made_at,
            use_until=use_until,
            ends_at=station.ends_at or use_until,
        )


class _Contents(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    statement: Annotated[str, StringConstraints(max_length=20_000)]
    certificate: Annotated[str, StringConstraints(max_length=20_000)]
    signature: Annotated[str, StringConstraints(max_length=400)]


def sealed_file(
    said: Enrolled, code: str, chance: Callable[[int], bytes], certificate: bytes, sign: Callable[[bytes], bytes]
) -> bytes:
    """Return the file's bytes."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    statement = said.model_dump_json().encode()
    contents = _Contents(
        statement=statement.decode(),
        certificate=base64.b64encode(certificate).decode("ascii"),
        signature=base64.b64encode(sign(_signed(statement))).decode("ascii"),
    )
    salt, nonce = chance(_SALT), chance(_NONCE)
    head = MAGIC + salt + nonce
    # The head is part of what is sealed: with another salt or version the file does not open.
    return head + AESGCM(stretched(code, salt)).encrypt(nonce, contents.model_dump_json().encode(), head)


def open_file(data: bytes, code: str, now: datetime) -> Enrolled:
    """Return what a file says, if it is whole, its code is this one and its time has not passed.

    Raises:
        EnrolmentError: it is not.
    """
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    # Without the version first: of a file from a newer program is said that it is newer, and not that it is none.
    if not data.startswith(MAGIC[:-1]) or not _HEAD < len(data) <= LARGEST:
        raise EnrolmentError(_NO_FILE, _NO_FILE_TODO)
    if not data.startswith(MAGIC):
        raise EnrolmentError(_NEWER, _NEWER_TODO)
    salt, nonce = data[len(MAGIC) : len(MAGIC) + _SALT], data[_HEAD - _NONCE : _HEAD]
    try:
        inside = AESGCM(stretched(code, salt)).decrypt(nonce, data[_HEAD:], data[:_HEAD])
    except InvalidTag as error:
        raise EnrolmentError(_OTHER_CODE, _OTHER_CODE_TODO) from error
    said = _read(inside)
    if said.use_until <= now:
        raise EnrolmentError(_OLD, day=said.use_until.date().isoformat())
    return said


def _read(inside: bytes) -> Enrolled:
    from station.render.layout_signing import proves

    try:
        contents = _Contents.model_validate_json(inside)
        # The very bytes that were signed: written anew from its fields, the same statement could be other bytes.
        statement = contents.statement.encode()
        certificate = base64.b64decode(contents.certificate, validate=True)
        signature = base64.b64decode(contents.signature, validate=True)
        said = Enrolled.model_validate_json(statement)
    except (ValidationError, ValueError, RecursionError) as error:
        raise EnrolmentError(_NO_FILE, _NO_FILE_TODO) from error
    if not proves(certificate, signature, _signed(statement)):
        raise EnrolmentError(_ALTERED, _NO_FILE_TODO)
    return said


def _signed(statement: bytes) -> bytes:
    # What it is comes first, so that a signature of the same key under something else never passes for one of this.
    return b"enrolment of a card station, version 1\n" + statement


_NO_FILE = N_("This is not an enrolment file, or it was cut short.")
_NO_FILE_TODO = N_("Have it written again. Nothing was changed.")
_NEWER = N_("This enrolment file was written by a newer version of the station.")
_NEWER_TODO = N_("Install the newer version here first. Nothing was changed.")
_OTHER_CODE = N_("The code does not go with this file, or the file was altered on its way.")
_OTHER_CODE_TODO = N_("Check the code and that it is the right file. Neither was used up.")
_ALTERED = N_("The signature in this enrolment file is not right.")
_OLD = N_("This enrolment file was to be used by {day}.")
