"""The station profile: one TOML file, checked as a whole, frozen after loading; it never holds a secret.

``schema_version`` counts the shapes this file has had. ``MIGRATIONS`` are pure functions from one to the next, run on
the parsed document; the file itself is never rewritten.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from station.domain.card import CardScheme, ExpiryRule
from station.domain.errors import N_, ProfileError

SCHEMA_VERSION = 1

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=255)]
Colour = Annotated[str, StringConstraints(pattern=r"^#[0-9a-fA-F]{6}$")]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Institution(_Part):
    """Who issues: its names, its PIC (9 digits), its sHO, and the number range that this station may use."""

    key: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,32}$")]
    name: Text
    name_en: str = ""
    pic: Annotated[str, StringConstraints(pattern=r"^[0-9]{9}$")]
    sho: Annotated[str, StringConstraints(pattern=r"^[a-z0-9.-]+\.[a-z]{2,}$")]
    country: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")] = "LV"
    escn_prefix: Annotated[int, Field(ge=0, le=999)] = 0
    processor_vat: str | None = None
    accent: Colour = "#2c4390"


class StationPart(_Part):
    """This place: its name, the staff's language, who works here."""

    name: Text = "Desk 1"
    language: Literal["lv", "en"] = "lv"
    operator: str = ""
    theme: Literal["system", "light", "dark"] = "system"


class StorePart(_Part):
    """Where everything is kept: a file, or a database address."""

    path: Path | None = None
    url: str | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> StorePart:
        if self.path is not None and self.url is not None:
            raise ValueError("give either path or url, not both")
        return self


class RegisterPart(_Part):
    """Where holders come from."""

    file: Path | None = None


class CameraPart(_Part):
    """Which camera: an index, a name, a file, an address; or the demo's."""

    driver: Literal["opencv", "virtual"] = "opencv"
    source: str = "0"


class ReaderPart(_Part):
    """Which card reader: part of its PC/SC name, empty for any."""

    driver: Literal["pcsc", "virtual"] = "pcsc"
    pattern: str = ""
    wait_s: Annotated[float, Field(gt=0, le=600)] = 60.0


class PrinterPart(_Part):
    """Which printer: the driver's name, the queue, the model's profile."""

    driver: Text = "cups"
    queue: str = ""
    profile: str = "generic-cr80-300"
    folder: Path | None = None
    seconds_a_card: Annotated[float, Field(ge=0, le=600)] | None = None
    options: dict[str, str] = Field(default_factory=dict)


class ChipPart(_Part):
    """What is written on the chip."""

    profile: Text = "uid"


class LayoutPart(_Part):
    """What is printed: a layout that ships, by name, or a folder of the institution's own."""

    name: Text = "university"
    folder: Path | None = None


class CardPart(_Part):
    """Under which rules cards are made."""

    scheme: CardScheme = CardScheme.ESC
    expiry: ExpiryRule = ExpiryRule.STUDY_END
    expiry_years: Annotated[int, Field(ge=1, le=10)] = 4
    qr_address: Annotated[str, StringConstraints(pattern=r"^https?://[^\s]+/$")] = "https://s.esc-r.eu/"


class RouterPart(_Part):
    """Where cards are registered. The key is in the keyring, under this address's host."""

    enabled: bool = True
    url: Annotated[str, StringConstraints(pattern=r"^https?://[^\s]+$")] = (
        "https://sandbox.europeanstudentcard.eu/esc-rest/api/v2"
    )
    send_picture: bool = False
    ca_file: Path | None = None
    proxy: str | None = None
    timeout_s: Annotated[float, Field(gt=0, le=300)] = 20.0


class Settings(_Part):
    """The whole profile."""

    schema_version: Literal[1] = 1
    demo: bool = False
    station: StationPart = StationPart()
    institutions: Annotated[tuple[Institution, ...], Field(min_length=1)]
    store: StorePart = StorePart()
    register_: Annotated[RegisterPart, Field(alias="register")] = RegisterPart()
    camera: CameraPart = CameraPart()
    reader: ReaderPart = ReaderPart()
    printer: PrinterPart = PrinterPart()
    chip: ChipPart = ChipPart()
    layout: LayoutPart = LayoutPart()
    card: CardPart = CardPart()
    router: RouterPart = RouterPart()

    @model_validator(mode="after")
    def _keys_differ(self) -> Settings:
        keys = [i.key for i in self.institutions]
        if len(set(keys)) != len(keys):
            raise ValueError("two institutions have the same key")
        return self

    @property
    def institution(self) -> Institution:
        """Return the institution that this station issues for unless told otherwise."""
        return self.institutions[0]

    def institution_of(self, key: str) -> Institution:
        """Return an institution by its key; raises ProfileError when the profile has none such."""
        for institution in self.institutions:
            if institution.key == key:
                return institution
        raise ProfileError(file="", place="institutions", detail=f"there is no institution {key!r}")


MIGRATIONS: dict[int, Callable[[dict[str, object]], dict[str, object]]] = {}
"""From the version that is the key to the next one; the first released shape needs none."""


def load_settings(file: Path) -> Settings:
    """Read a profile; paths in it are relative to the file's folder.

    Raises:
        ProfileError: missing, not TOML, an unknown key, a wrong value, or written for a newer station; the message
            names the file, the place and the remedy.
    """
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise ProfileError(
            N_("The station profile {file} does not exist."),
            N_("Check the path after --profile, or start the demo with --demo."),
            file=file,
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise ProfileError(file=file, place=N_("the whole file"), detail=str(error)) from error
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ProfileError(file=file, place=_line_of(str(error)), detail=str(error)) from error
    return settings_from(document, file)


def settings_from(document: Mapping[str, object], file: Path) -> Settings:
    """Return the settings in a parsed profile; raises ProfileError as ``load_settings``."""
    data = _migrated(dict(document), file)
    try:
        settings = Settings.model_validate(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or N_("the whole file")
        raise ProfileError(file=file, place=place, detail=_plain(first["type"], first["msg"], place)) from error
    return _with_absolute_paths(settings, file.resolve().parent)


def _migrated(data: dict[str, object], file: Path) -> dict[str, object]:
    version = data.get("schema_version", SCHEMA_VERSION)
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise ProfileError(file=file, place="schema_version", detail=N_("it must be a whole number from 1"))
    if version > SCHEMA_VERSION:
        raise ProfileError(
            N_("The station profile {file} was written for a newer version of the station."),
            N_("Install the newer version, or use an older profile. Nothing was changed."),
            file=file,
        )
    while version < SCHEMA_VERSION:
        data = MIGRATIONS[version](data)
        version += 1
    return {**data, "schema_version": SCHEMA_VERSION}


def _with_absolute_paths(settings: Settings, folder: Path) -> Settings:
    def absolute(path: Path | None) -> Path | None:
        return None if path is None else (folder / path.expanduser())

    return settings.model_copy(
        update={
            "store": settings.store.model_copy(update={"path": absolute(settings.store.path)}),
            "register_": settings.register_.model_copy(update={"file": absolute(settings.register_.file)}),
            "printer": settings.printer.model_copy(update={"folder": absolute(settings.printer.folder)}),
            "layout": settings.layout.model_copy(update={"folder": absolute(settings.layout.folder)}),
            "router": settings.router.model_copy(update={"ca_file": absolute(settings.router.ca_file)}),
        }
    )


def _line_of(message: str) -> str:
    found = re.search(r"line (\d+)", message)
    return f"line {found[1]}" if found else N_("the whole file")


def _plain(kind: str, message: str, place: str) -> str:
    field = place.rsplit(".", 1)[-1]
    if kind == "string_pattern_mismatch" and field in _SHAPES:
        return _SHAPES[field]
    return _KINDS.get(kind, message.removeprefix("Value error, "))


_KINDS: dict[str, str] = {
    "extra_forbidden": N_("the station does not know this key (is it misspelt?)"),
    "missing": N_("this key is missing"),
}

_SHAPES: dict[str, str] = {
    "key": N_("it must be a short name of small letters, digits and hyphens"),
    "pic": N_("a PIC is exactly 9 digits"),
    "sho": N_("it must be a domain name such as rtu.lv, in small letters"),
    "country": N_("it must be two capital letters, such as LV"),
    "accent": N_("it must be a colour such as #2c4390"),
    "url": N_("it must begin with http:// or https://"),
    "qr_address": N_("it must begin with http:// or https:// and end with a slash"),
}
