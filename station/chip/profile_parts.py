"""The parts of a chip profile, each checked by itself: keys, files, applications of a DESFire, and what is signed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    model_validator,
)

from station.chip.content import (
    CERTIFICATE,
    OF_NUMBER_NAMES,
    SAMPLE,
    SIGNATURE,
    UNBOUND_NAMES,
    bytes_of,
    compile_content,
)
from station.chip.desfire.model import AccessRights, CommMode, FileKind, KeySettingBit, Right
from station.chip.desfire.session import Scheme
from station.chip.kdf import LONGEST_INPUT, LONGEST_INPUT_TDES
from station.domain.errors import ExpressionError
from station.domain.expression_functions import Value
from station.domain.expressions import Expression
from station.ports.secrets import KeyKind

ESC_AID = bytes.fromhex("4088F5")
"""Application F58840, the data zone of the European Student Card, low byte first."""

_MODES = {"plain": CommMode.PLAIN, "maced": CommMode.MACED, "full": CommMode.FULL}
_KINDS = {"standard": FileKind.STANDARD, "backup": FileKind.BACKUP}
_KEY_KINDS = {kind.value: kind for kind in KeyKind}
_SCHEMES = {"ev1": Scheme.EV1, "ev2": Scheme.EV2}
_EXACT = "exact"
# Of the card's own settings: its master key may be changed, and so may they (data sheet of the EV1, ChangeKeySettings).
_CHANGEABLE = KeySettingBit.MASTER_CHANGEABLE | KeySettingBit.SETTINGS_CHANGEABLE
# The data zone as the card's specification lays it out: file, ISO file id, content.
_DATA_ZONE_FID, _DATA_ZONE_NAME = 0x1000, bytes.fromhex("A00000061404F58840")
_DATA_ZONE = {0: (0x1001, "card.escn"), 1: (0x1002, SIGNATURE), 2: (0x1003, CERTIFICATE)}


def _hex_bytes(value: object) -> bytes:
    if not isinstance(value, str):
        raise ValueError("write it as hexadecimal digits in quotes")  # noqa: TRY004 - what pydantic reports
    return bytes.fromhex(value)


def _hex_number(value: object) -> int:
    return int.from_bytes(_hex_bytes(value), "big")


def _aid(value: object) -> bytes:
    return _hex_bytes(value)[::-1]


def _rights(value: object) -> AccessRights:
    number = _hex_number(value)
    if number > 0xFFFF:
        raise ValueError("rights have four digits: read, write, both, change")
    return AccessRights.parse(number)


def _word(words: dict[str, object]) -> BeforeValidator:
    def look_up(value: object) -> object:
        if value not in words:
            raise ValueError(f"it must be one of: {', '.join(words)}")
        return words[str(value)]

    return BeforeValidator(look_up)


def _expression(value: object) -> Expression:
    if not isinstance(value, str):
        raise ValueError("write it as an expression in quotes")  # noqa: TRY004 - what pydantic reports
    try:
        return compile_content(value)
    except ExpressionError as error:
        raise ValueError(f"column {error.params['column']}: {error.params['detail']}") from error


def _content(value: object) -> object:
    return value if value in (SIGNATURE, CERTIFICATE) else _expression(value)


def _size(value: object) -> object:
    return None if value == _EXACT else value


HexNumber = Annotated[int, BeforeValidator(_hex_number)]
HexByte = Annotated[HexNumber, Field(ge=0, le=255)]
FileId = Annotated[HexNumber, Field(ge=1, le=0xFFFF)]
Content = Annotated[Expression, BeforeValidator(_expression)]
Secret = Annotated[str, Field(pattern=r"^[a-z0-9-]{1,64}$")]
# An application of an EV1 has at most 14 keys and 32 files (DESFire EV1 data sheet).
KeyNumber = Annotated[int, Field(ge=0, le=13)]
KindOfKey = Annotated[KeyKind, _word(dict(_KEY_KINDS))]


class Part(BaseModel):
    # A misspelt key would leave a file open or a key unset without a word, so an unknown one is a mistake.
    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


class KeyPart(Part):
    """From which master key a card's key is made, and from which of the card's own data; static without."""

    secret: Secret
    version: Annotated[int, Field(ge=1, le=255)]
    diversify: Content | None = None

    @property
    def needs_uid(self) -> bool:
        """Say whether the key can be made only once the card's real UID is known."""
        return self.diversify is not None and not self.diversify.names <= UNBOUND_NAMES


class KeySpec(KeyPart):
    """One key of an application."""

    number: KeyNumber


class CardKeySpec(KeyPart):
    """The master key of the card itself, always AES-128; what may be done without it; whether the UID is hidden.

    ``random_uid`` has the card show another UID each time, for good: only who knows a key of it learns the real one.
    """

    settings: HexByte | None = None
    random_uid: bool = False

    @model_validator(mode="after")
    def _changeable(self) -> CardKeySpec:
        if self.settings is not None and (self.settings >> 4 or self.settings & _CHANGEABLE != _CHANGEABLE):
            raise ValueError(
                "settings must have 09 in them, and no first digit: else no card is renewed or erased again"
            )
        return self


class FileSpec(Part):
    """One data file, created with its final rights, and what goes into it; ``size`` is ``None`` for "exact"."""

    number: Annotated[int, Field(ge=0, le=31)]
    kind: Annotated[FileKind, _word(dict(_KINDS))] = FileKind.STANDARD
    size: Annotated[Annotated[int, Field(ge=1, le=8192)] | None, BeforeValidator(_size)]
    mode: Annotated[CommMode, _word(dict(_MODES))]
    rights: Annotated[AccessRights, BeforeValidator(_rights)]
    content: Annotated[Expression | str, BeforeValidator(_content)]
    iso_fid: FileId | None = None

    @model_validator(mode="after")
    def _safe(self) -> FileSpec:
        rights = self.rights
        if Right.FREE in (rights.write, rights.read_write, rights.change):
            raise ValueError("anybody could write this file")
        if self.write_key is None:
            raise ValueError("no key may write this file")
        if not isinstance(self.content, Expression) and self.size is not None:
            raise ValueError('a signature or certificate needs size = "exact": with zeros behind it, it is none')
        if not self.free_read and self.read_key is None:
            raise ValueError("nobody could read this file, so nothing would prove what is in it")
        return self

    @property
    def free_read(self) -> bool:
        """Say whether the file can be read without a key."""
        return self.rights.read == Right.FREE

    @property
    def read_key(self) -> int | None:
        """Return a key that may read the file."""
        return _a_key(self.rights.read, self.rights.read_write)

    @property
    def write_key(self) -> int | None:
        """Return a key that may write the file."""
        return _a_key(self.rights.write, self.rights.read_write)

    @property
    def readers(self) -> tuple[int, ...]:
        """Return the keys that may read the file."""
        return tuple(right for right in (self.rights.read, self.rights.read_write) if right < Right.FREE)

    @property
    def is_of_number(self) -> bool:
        """Say whether what the file holds follows from the card number: it is the same as long as the card lives."""
        return (
            isinstance(self.content, Expression)
            and bool(self.content.names & OF_NUMBER_NAMES)
            and (self.content.names <= OF_NUMBER_NAMES | {"card.uid", "app.aid"})
        )

    @property
    def is_escn(self) -> bool:
        """Say whether the file holds the card number and nothing else."""
        return _source(self.content) == "card.escn"


def _tried(expression: Expression, sample: Mapping[str, Value]) -> bytes:
    try:
        return bytes_of(expression, sample)
    except ExpressionError as error:
        raise ValueError(f"{expression.text}, column {error.params['column']}: {error.params['detail']}") from error


def _check_diversification(key: KeyPart, kind: KeyKind, sample: Mapping[str, Value]) -> None:
    longest = LONGEST_INPUT if kind is KeyKind.AES128 else LONGEST_INPUT_TDES
    if key.diversify is not None and key.diversify.names <= sample.keys():
        length = len(_tried(key.diversify, sample))
        if not 1 <= length <= longest:
            raise ValueError(f"{key.secret} is diversified by {length} bytes; AN10922 takes 1 to {longest}")


def _source(content: Expression | str) -> str:
    return content if isinstance(content, str) else content.text.strip()


def _a_key(*rights: int) -> int | None:
    return next((right for right in rights if right < Right.FREE), None)


class ApplicationSpec(Part):
    """One DESFire application with its keys, all of one kind, and its files."""

    aid: Annotated[bytes, BeforeValidator(_aid), Field(min_length=3, max_length=3)]
    key_settings: HexByte
    key_type: KindOfKey = KeyKind.AES128
    messaging: Annotated[Scheme, _word(dict(_SCHEMES))] = Scheme.EV1
    keys: Annotated[tuple[KeySpec, ...], Field(alias="key", min_length=1, max_length=14)]
    files: Annotated[tuple[FileSpec, ...], Field(alias="file", min_length=1)]
    iso_fid: FileId | None = None
    df_name: Annotated[bytes, BeforeValidator(_hex_bytes), Field(max_length=16)] = b""

    @model_validator(mode="after")
    def _whole(self) -> ApplicationSpec:
        if not any(self.aid):
            raise ValueError("000000 is the card itself, not an application")
        if [key.number for key in self.keys] != list(range(len(self.keys))):
            raise ValueError("the keys must be numbered 0, 1, 2 … in this order")
        if len({file.number for file in self.files}) != len(self.files):
            raise ValueError("two files have the same number")
        if self.iso_fid is None and (self.df_name or any(file.iso_fid is not None for file in self.files)):
            raise ValueError("ISO names need an iso_fid of the application")
        if self.iso_fid is not None and any(file.iso_fid is None for file in self.files):
            raise ValueError("every file needs an iso_fid, as the application has one")
        if self.messaging is Scheme.EV2 and self.key_type is not KeyKind.AES128:
            raise ValueError("EV2 messaging needs AES keys")
        return self

    @model_validator(mode="after")
    def _keys_are_there(self) -> ApplicationSpec:
        for file in self.files:
            for right in (file.rights.read, file.rights.write, file.rights.read_write, file.rights.change):
                if len(self.keys) <= right < Right.FREE:
                    raise ValueError(f"file {file.number} names key {right}, and there are {len(self.keys)} keys")
        # The station changes keys with the master key: anything else needs a ceremony of its own.
        if self.key_settings >> 4 != 0 or not self.key_settings & 0x01:
            raise ValueError("key_settings must let key 0 change all keys, itself too: the first digit 0, the last odd")
        return self

    @model_validator(mode="after")
    def _makeable(self) -> ApplicationSpec:
        sample = {**SAMPLE, "app.aid": self.aid}
        for key in self.keys:
            _check_diversification(key, self.key_type, sample)
        for file in self.files:
            # What depends on the holder can be tried only when there is one.
            if not isinstance(file.content, Expression) or not file.content.names <= sample.keys():
                continue
            length = len(_tried(file.content, sample))
            # Zeros behind a card number would make it another one to who reads the file whole.
            if file.size is not None and (length > file.size or (file.is_escn and length != file.size)):
                raise ValueError(f"file {file.number} has {file.size} bytes, its content {length}")
        return self

    @property
    def name(self) -> str:
        """Return the application's id as people write it, as ``F58840``."""
        return self.aid[::-1].hex().upper()

    @property
    def is_data_zone(self) -> bool:
        """Say whether this is the European Student Card's data zone, whole: number, signature and certificate."""
        found = {file.number: (file.iso_fid, _source(file.content)) for file in self.files if file.free_read}
        named = (self.aid, self.iso_fid, self.df_name) == (ESC_AID, _DATA_ZONE_FID, _DATA_ZONE_NAME)
        return named and all(found.get(number) == wanted for number, wanted in _DATA_ZONE.items())


class SignatureSpec(Part):
    """What is signed, with which key, and which root certificates vouch for it (names of PEM files)."""

    secret: Secret
    message: Content
    roots: tuple[Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,64}$")], ...]
    between: tuple[Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,64}$")], ...] = ()

    @property
    def is_of_data_zone(self) -> bool:
        """Say whether it signs what the data zone of the European Student Card has signed: number, then UID."""
        if not self.message.names <= SAMPLE.keys():
            return False
        number, uid = bytes(range(16)), bytes(range(16, 23))
        return _tried(self.message, {**SAMPLE, "card.escn": number, "card.uid": uid}) == number + uid
