"""Chip profiles: what is written on a chip, as data in TOML, checked as a whole before any card is touched."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationError, field_validator, model_validator

from station.chip.content import CERTIFICATE, SIGNATURE
from station.chip.desfire.session import Scheme
from station.chip.profile_parts import (
    ESC_AID,
    ApplicationSpec,
    CardKeySpec,
    Content,
    FileSpec,
    KeyPart,
    KeySpec,
    Part,
    SignatureSpec,
)
from station.domain.card import RouterCardType
from station.domain.errors import N_, ProfileError
from station.resources import asset

__all__ = [
    "ESC_AID",
    "ApplicationSpec",
    "CardKeySpec",
    "ChipProfile",
    "FileSpec",
    "KeySpec",
    "SignatureSpec",
    "Trust",
    "find_profile",
    "parse_profile",
    "read_profile",
    "shipped_profile",
    "shipped_profiles",
]


@dataclass(frozen=True, slots=True)
class Trust:
    """What vouches for a certificate: pinned ``roots``, and ``between`` those that may stand in a chain (all DER)."""

    roots: tuple[bytes, ...] = ()
    between: tuple[bytes, ...] = ()


class ChipProfile(Part):
    """What is written on a chip: nothing at all, nothing but read, an NDEF message, or applications of a DESFire."""

    schema_: Annotated[Literal[1], Field(alias="schema")]
    name: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,32}$")]
    chip: Literal["none", "any", "desfire", "type2"]
    generation: Literal["EV1", "EV2", "EV3"] = "EV1"
    frames: Literal["short", "long"] = "short"
    signature: SignatureSpec | None = None
    card_key: CardKeySpec | None = None
    applications: Annotated[tuple[ApplicationSpec, ...], Field(alias="application")] = ()
    ndef: Content | None = None
    trust: Trust = Trust()

    @field_validator("trust", mode="before")
    @classmethod
    def _not_from_the_file(cls, value: object) -> object:
        # A profile that brought its own root along would vouch for itself.
        if not isinstance(value, Trust):
            raise ValueError("certificates are named in [signature], not written here")  # noqa: TRY004 - as above
        return value

    @model_validator(mode="after")
    def _chip_fits(self) -> ChipProfile:
        if (self.chip == "desfire") != bool(self.applications):
            raise ValueError('applications need chip = "desfire", and the other way round')
        if (self.chip == "type2") != (self.ndef is not None):
            raise ValueError('ndef needs chip = "type2", and the other way round')
        if self.card_key is not None and self.chip != "desfire":
            raise ValueError('a card key needs chip = "desfire"')
        if len({app.aid for app in self.applications}) != len(self.applications):
            raise ValueError("two applications have the same aid")
        return self

    @model_validator(mode="after")
    def _signed(self) -> ChipProfile:
        used = {file.content for app in self.applications for file in app.files} & {SIGNATURE, CERTIFICATE}
        if bool(used) != (self.signature is not None):
            raise ValueError("files with a signature or a certificate need [signature], and the other way round")
        return self

    @model_validator(mode="after")
    def _makeable(self) -> ChipProfile:
        for app in self.applications:
            if app.messaging is Scheme.EV2 and self.generation == "EV1":
                raise ValueError('EV2 messaging needs generation = "EV2" or newer')
        if self.card_key is not None and self.card_key.random_uid and not self._application_opens:
            raise ValueError("random_uid needs a key that is made without card.uid: else the card opens to nobody")
        if self.frames == "long" and self.generation != "EV3":
            raise ValueError('long frames need generation = "EV3"')
        return self

    @property
    def needs_reader(self) -> bool:
        """Say whether the card must lie on a reader at all."""
        return self.chip != "none"

    @property
    def opens_hidden(self) -> bool:
        """Say whether a finished card that hides its UID can be opened again: by a key that is made without it."""
        return self._application_opens or self.card_key is None or not self.card_key.needs_uid

    @property
    def _application_opens(self) -> bool:
        return any(not key.needs_uid for app in self.applications for key in app.keys)

    @property
    def carries_escn(self) -> bool:
        """Say whether the card number can be read from a chip written after this profile."""
        return any(app.aid == ESC_AID and file.is_escn for app in self.applications for file in app.files)

    @property
    def card_type(self) -> RouterCardType:
        """Return what ESC-Router is told about a card that carries all that this profile says."""
        if not self.needs_reader:
            return RouterCardType.PASSIVE
        # The router's SMART_CDZ is a promise to every reader of the card: names, layout and signed bytes must all be
        # those of the specification.
        signs = self.signature is not None and self.signature.is_of_data_zone
        if signs and any(app.is_data_zone for app in self.applications):
            return RouterCardType.SMART_CDZ
        return RouterCardType.SMART_NO_CDZ

    @property
    def master_keys(self) -> tuple[tuple[str, int], ...]:
        """Return the names and versions of the master keys that a card's keys are made from, each once."""
        specs: list[KeyPart] = [key for app in self.applications for key in app.keys]
        specs += [] if self.card_key is None else [self.card_key]
        return tuple(sorted({(spec.secret, spec.version) for spec in specs}))

    def trusting(self, *roots: bytes) -> ChipProfile:
        """Return this profile with ``roots`` (certificates, DER) pinned besides its own."""
        trust = Trust((*self.trust.roots, *roots), self.trust.between)
        return self.model_copy(update={"trust": trust})


def parse_profile(text: str, file: str = "") -> ChipProfile:
    """Return the chip profile that a TOML text describes; it pins no certificates yet.

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


def read_profile(path: Path, *, certificates: Path | None = None) -> ChipProfile:
    """Return the chip profile of a file, with the certificates that it names in ``certificates`` (PEM files).

    Raises ProfileError as ``parse_profile``, or when the profile or a certificate can't be read.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ProfileError(_WRONG, file=str(path), place="TOML", detail=str(error)) from error
    profile = parse_profile(text, str(path))
    if profile.signature is None or certificates is None:
        return profile
    roots = tuple(_certificate(certificates / name, path) for name in profile.signature.roots)
    between = tuple(_certificate(certificates / name, path) for name in profile.signature.between)
    return profile.model_copy(update={"trust": Trust(roots, between)})


def shipped_profiles() -> tuple[str, ...]:
    """Return the names of the chip profiles that come with the station."""
    return tuple(sorted(path.stem for path in asset("chip-profiles").glob("*.toml")))


def shipped_profile(name: str) -> ChipProfile:
    """Return a chip profile that comes with the station; those that sign pin no root by themselves.

    Raises:
        ProfileError: there is none of this name.
    """
    return find_profile(name, None)


def find_profile(name: str, folder: Path | None) -> ChipProfile:
    """Return the chip profile of this name: the institution's own from ``folder``, else one that ships.

    Certificates are taken from ``folder / "certificates"``, for a profile that ships, too.

    Raises:
        ProfileError: there is none of this name, it has a mistake, or a certificate that it names is missing.
    """
    certificates = None if folder is None else folder / "certificates"
    # A name out of the settings must not lead out of the folder.
    if folder is not None and _PLAIN_NAME.fullmatch(name) and (folder / f"{name}.toml").is_file():
        return read_profile(folder / f"{name}.toml", certificates=certificates)
    if name not in shipped_profiles():
        raise ProfileError(_UNKNOWN, file=name, place="chip.profile", detail=", ".join(shipped_profiles()))
    return read_profile(asset("chip-profiles", f"{name}.toml"), certificates=certificates)


def _certificate(path: Path, profile: Path) -> bytes:
    from cryptography import x509  # only a profile that signs needs it
    from cryptography.hazmat.primitives.serialization import Encoding

    try:
        return x509.load_pem_x509_certificate(path.read_bytes()).public_bytes(Encoding.DER)
    except (OSError, ValueError) as error:
        raise ProfileError(_WRONG, file=str(profile), place="signature", detail=f"{path.name}: {error}") from error


_PLAIN_NAME = re.compile(r"[a-z0-9-]{1,32}")
_WRONG = N_("The chip profile {file} has a mistake at {place}: {detail}")
_UNKNOWN = N_("There is no chip profile named {file}. There are: {detail}.")
