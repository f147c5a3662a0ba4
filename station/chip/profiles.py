"""Chip profiles: what is written on a chip, as data in TOML, checked as a whole before any card is touched."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from station.chip.desfire.model import AccessRights, CommMode, Right
from station.chip.kdf import LONGEST_INPUT
from station.domain.card import RouterCardType
from station.domain.errors import N_, ProfileError
from station.resources import asset

ESC_AID = bytes.fromhex("4088F5")
"""Application F58840, the data zone of the European Student Card, low byte first."""

_MODES = {"plain": CommMode.PLAIN, "maced": CommMode.MACED, "full": CommMode.FULL}
Part = Literal["uid", "escn", "aid"]
PART_LENGTHS: dict[str, int] = {"uid": 7, "escn": 16, "aid": 3}
CONTENT_LENGTHS: dict[str, int] = {"escn": 16}


def _hex_bytes(value: object) -> bytes:
    if not isinstance(value, str):
        raise ValueError("write it as hexadecimal digits in quotes")  # noqa: TRY004 - what pydantic reports
    return bytes.fromhex(value)


def _hex_number(value: object) -> int:
    return int.from_bytes(_hex_bytes(value), "big")


def _mode(value: object) -> CommMode:
    if value not in _MODES:
        raise ValueError("it must be plain, maced or full")
    return _MODES[str(value)]


def _aid(value: object) -> bytes:
    return _hex_bytes(value)[::-1]


def _content(value: str) -> str:
    if value not in CONTENT_LENGTHS:
        raise ValueError(f"it must be one of: {', '.join(CONTENT_LENGTHS)}")
    return value


def _rights(value: object) -> AccessRights:
    return AccessRights.parse(_hex_number(value))


HexNumber = Annotated[int, BeforeValidator(_hex_number)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


class KeySpec(_Part):
    """One key: from which master key it is made, and from which parts of the card's own data."""

    number: Annotated[int, Field(ge=0, le=13)]
    secret: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,64}$")]
    version: Annotated[int, Field(ge=1, le=255)]
    diversify: Annotated[tuple[Part, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _fits_an10922(self) -> KeySpec:
        if sum(PART_LENGTHS[part] for part in self.diversify) > LONGEST_INPUT:
            raise ValueError(f"diversify has more than {LONGEST_INPUT} bytes")
        return self


class FileSpec(_Part):
    """One standard data file, created with its final rights, and what goes into it."""

    number: Annotated[int, Field(ge=0, le=31)]
    size: Annotated[int, Field(ge=1, le=8192)]
    mode: Annotated[CommMode, BeforeValidator(_mode)]
    rights: Annotated[AccessRights, BeforeValidator(_rights)]
    content: Annotated[str, AfterValidator(_content)]
    iso_fid: HexNumber | None = None

    @model_validator(mode="after")
    def _content_fits(self) -> FileSpec:
        if CONTENT_LENGTHS[self.content] != self.size:
            raise ValueError(f"{self.content} has {CONTENT_LENGTHS[self.content]} bytes, the file {self.size}")
        if Right.FREE in (self.rights.write, self.rights.read_write, self.rights.change):
            raise ValueError("anybody could write this file")
        if 0 not in (self.rights.write, self.rights.read_write):
            raise ValueError("key 0 must be allowed to write this file")
        return self

    @property
    def free_read(self) -> bool:
        """Say whether the file can be read without a key."""
        return Right.FREE in (self.rights.read, self.rights.read_write)


class ApplicationSpec(_Part):
    """One DESFire application with its keys (all AES) and files."""

    aid: Annotated[bytes, BeforeValidator(_aid), Field(min_length=3, max_length=3)]
    key_settings: HexNumber
    keys: Annotated[tuple[KeySpec, ...], Field(alias="key", min_length=1)]
    files: Annotated[tuple[FileSpec, ...], Field(alias="file", min_length=1)]
    iso_fid: HexNumber | None = None
    df_name: Annotated[bytes, BeforeValidator(_hex_bytes), Field(max_length=16)] = b""

    @model_validator(mode="after")
    def _whole(self) -> ApplicationSpec:
        if not any(self.aid):
            raise ValueError("000000 is the card itself, not an application")
        if [key.number for key in self.keys] != list(range(len(self.keys))):
            raise ValueError("the keys must be numbered 0, 1, 2 … in this order")
        if len({file.number for file in self.files}) != len(self.files):
            raise ValueError("two files have the same number")
        if any(not file.free_read for file in self.files):
            raise ValueError("files that need a key to be read are not written by this version")
        if self.iso_fid is None and (self.df_name or any(file.iso_fid is not None for file in self.files)):
            raise ValueError("ISO names need an iso_fid of the application")
        if self.iso_fid is not None and any(file.iso_fid is None for file in self.files):
            raise ValueError("every file needs an iso_fid, as the application has one")
        return self

    @property
    def name(self) -> str:
        """Return the application's id as people write it, as ``F58840``."""
        return self.aid[::-1].hex().upper()


class ChipProfile(_Part):
    """What is written on a chip: nothing at all, nothing but read, or applications of a DESFire."""

    schema_: Annotated[Literal[1], Field(alias="schema")]
    name: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,32}$")]
    chip: Literal["none", "any", "desfire"]
    applications: Annotated[tuple[ApplicationSpec, ...], Field(alias="application")] = ()

    @model_validator(mode="after")
    def _chip_fits(self) -> ChipProfile:
        if (self.chip == "desfire") != bool(self.applications):
            raise ValueError('applications need chip = "desfire", and the other way round')
        if len(self.applications) > 1:
            raise ValueError("this version writes one application")
        return self

    @property
    def needs_reader(self) -> bool:
        """Say whether the card must lie on a reader at all."""
        return self.chip != "none"

    @property
    def carries_escn(self) -> bool:
        """Say whether the card number is on a chip written after this profile."""
        return any(file.content == "escn" for app in self.applications for file in app.files)

    @property
    def card_type(self) -> RouterCardType:
        """Return what ESC-Router is told about a card that was written after this profile."""
        if not self.needs_reader:
            return RouterCardType.PASSIVE
        if any(app.aid == ESC_AID for app in self.applications):
            return RouterCardType.SMART_CDZ
        return RouterCardType.SMART_NO_CDZ


def parse_profile(text: str, file: str = "") -> ChipProfile:
    """Return the chip profile that a TOML text describes.

    Raises:
        ProfileError: with the place of the first mistake; nothing of a wrong profile is ever used.
    """
    try:
        return ChipProfile.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise ProfileError(_WRONG, file=file, place="TOML", detail=str(error)) from error
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "TOML"
        raise ProfileError(_WRONG, file=file, place=place, detail=first["msg"]) from error


def read_profile(path: Path) -> ChipProfile:
    """Return the chip profile of a file; raises ProfileError as ``parse_profile``, or when it cannot be read."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ProfileError(_WRONG, file=str(path), place="TOML", detail=str(error)) from error
    return parse_profile(text, str(path))


def shipped_profiles() -> tuple[str, ...]:
    """Return the names of the chip profiles that come with the station."""
    return tuple(sorted(path.stem for path in asset("chip-profiles").glob("*.toml")))


def shipped_profile(name: str) -> ChipProfile:
    """Return a chip profile that comes with the station.

    Raises:
        ProfileError: there is none of this name.
    """
    if name not in shipped_profiles():
        raise ProfileError(_UNKNOWN, file=name, place="chip.profile", detail=", ".join(shipped_profiles()))
    return read_profile(asset("chip-profiles", f"{name}.toml"))


_WRONG = N_("The chip profile {file} has a mistake at {place}: {detail}")
_UNKNOWN = N_("There is no chip profile named {file}. There are: {detail}.")
