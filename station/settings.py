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
from urllib.parse import parse_qs, urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    field_validator,
    model_validator,
)

from station.domain.card import CardReplacement, CardScheme, ExpiryRule
from station.domain.errors import N_, ProfileError
from station.domain.message import Message
from station.profile_place import place_of

SCHEMA_VERSION = 1

PEDAL_KEYS = (
    r"^(|[C-MPQS-Z0-9]|F(2|13|14|15|16|17|18|19|20|21|22|23|24)"
    r"|PgUp|PgDown|Home|End|Ins|Pause|ScrollLock|Media Play)$"
)
"""The keys that a foot pedal may send: Qt's names of those that mean nothing else in the window.

Those that turn a page are among them: many pedals can send no others, and with such a pedal they take photos only.
"""

_PASSWORD = N_("a password must not be in this file: keep it in the keyring, and only the user's name here")
_FINGERPRINT = r"^[0-9a-fA-F]{2}(:?[0-9a-fA-F]{2}){31}$"

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=255)]
Fingerprint = Annotated[
    str, StringConstraints(pattern=_FINGERPRINT, to_lower=True), AfterValidator(lambda text: text.replace(":", ""))
]
Colour = Annotated[str, StringConstraints(pattern=r"^#[0-9a-fA-F]{6}$")]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Institution(_Part):
    """Who issues: its names, its PIC (9 digits), its sHO, the number range that this station may use; its look.

    ``card_title`` (what its card is called), ``address`` and ``contact`` are printed on cards; ``logo`` is its own (SVG
    or PDF, PNG, JPEG), ``esc_logo`` the folder with the official artwork of the European Student Card's logo.
    """

    key: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,32}$")]
    name: Text
    name_en: str = ""
    pic: Annotated[str, StringConstraints(pattern=r"^[0-9]{9}$")]
    sho: Annotated[str, StringConstraints(pattern=r"^[a-z0-9.-]+\.[a-z]{2,}$")]
    country: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")] = "LV"
    escn_prefix: Annotated[int, Field(ge=0, le=999)] = 0
    processor_vat: str | None = None
    accent: Colour = "#2c4390"
    card_title: Text = "Studenta apliecība"
    card_title_en: Text = "Student ID"
    address: str = ""
    contact: str = ""
    logo: Path | None = None
    esc_logo: Path | None = None


class StationPart(_Part):
    """This place: its name, the staff's language, who works here."""

    name: Text = "Desk 1"
    language: Literal["lv", "en"] = "lv"
    operator: str = ""
    theme: Literal["system", "light", "dark"] = "system"


class StorePart(_Part):
    """Where everything is kept: a file, or the address of a database that several stations share.

    ``store = "postgresql+psycopg://…"`` says it in one line. The password is in the keyring, never here.

    With ``alone`` a station of a database keeps a copy, and goes on alone when the database is away.
    """

    path: Path | None = None
    url: str | None = None
    alone: bool = True

    @model_validator(mode="before")
    @classmethod
    def _in_one_line(cls, given: object) -> object:
        if isinstance(given, str):
            return {"url" if "://" in given else "path": given}
        return given

    @field_validator("url", mode="after")
    @classmethod
    def _without_password(cls, url: str | None) -> str | None:
        if url is not None and (urlsplit(url).password is not None or "password" in parse_qs(urlsplit(url).query)):
            raise ValueError(_PASSWORD)
        return url

    @model_validator(mode="after")
    def _one_of_both(self) -> StorePart:
        if self.path is not None and self.url is not None:
            raise ValueError("give either path or url, not both")
        return self


class RegisterPart(_Part):
    """Where holders come from; ``name`` stays the same while its files are called something else each month."""

    file: Path | None = None
    name: Annotated[str, StringConstraints(strip_whitespace=True, max_length=255)] = ""


class CameraPart(_Part):
    """Which camera: an index, a name, a file, an address; or the demo's."""

    driver: Literal["opencv", "virtual"] = "opencv"
    source: str = "0"


class PhotoPart(_Part):
    """How portraits are taken: by themselves when all is well, and by which key besides Space (a foot pedal's).

    ``folder`` holds pictures called as the student's number is; ``max_age_months`` is how old a portrait may be that
    is not taken now, 0 for any age. Six months is what ISIC asks for; an older one can be used, but says that it is.
    """

    auto_capture: bool = True
    pedal: Annotated[str, StringConstraints(strip_whitespace=True, pattern=PEDAL_KEYS)] = ""
    folder: Path | None = None
    max_age_months: Annotated[int, Field(ge=0, le=600)] = 6


class ReaderPart(_Part):
    """Which card reader is for what, each by part of its PC/SC name.

    ``pattern`` is the desk's, and empty for any that has no other role; ``encoder`` sits in the printer, and on
    ``operator`` lie the staff's own cards.
    """

    driver: Literal["pcsc", "virtual"] = "pcsc"
    pattern: str = ""
    encoder: str = ""
    operator: str = ""
    wait_s: Annotated[float, Field(gt=0, le=600)] = 60.0


class PrinterPart(_Part):
    """Which printer: the driver's name, the queue, the model's profile.

    ``one_pass`` has it write the chips, too: in its own encoder, whose reader is ``reader.encoder``. Where the printer
    doesn't tell, ``ribbon_cards`` says for how many cards a ribbon is good, ``cleaning_every`` when to clean it. Where
    there are several, ``card_types`` says which kinds of card this one prints; all of them when it is empty.
    """

    driver: Text = "cups"
    queue: str = ""
    profile: str = "generic-cr80-300"
    folder: Path | None = None
    seconds_a_card: Annotated[float, Field(ge=0, le=600)] | None = None
    one_pass: bool = False
    ribbon_cards: Annotated[int, Field(ge=1, le=100_000)] | None = None
    cleaning_every: Annotated[int, Field(ge=1, le=100_000)] | None = None
    card_types: tuple[CardScheme, ...] = ()
    options: dict[str, str] = Field(default_factory=dict)


class ChipPart(_Part):
    """What is written on the chip: a profile by name, from the institution's own ``folder`` or one that ships."""

    profile: Text = "uid"
    folder: Path | None = None


class SecretsPart(_Part):
    """Who keeps the chip's keys: the keyring, a PKCS#11 token, or a SAM in a second reader. Never a key or a PIN."""

    keeper: Literal["keyring", "pkcs11", "sam"] = "keyring"
    module: Path | None = None
    token: str = ""
    reader: str = ""
    sam_keys: dict[str, Annotated[int, Field(ge=0, le=127)]] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _complete(self) -> SecretsPart:
        if self.keeper == "pkcs11" and (self.module is None or not self.token):
            raise ValueError(N_("with the keeper pkcs11, give the module and the token, too"))
        if self.keeper == "sam" and not (self.reader and self.sam_keys):
            raise ValueError(N_("with the keeper sam, give the reader and the sam_keys, too"))
        return self


class LayoutPart(_Part):
    """What is printed: a layout by name (one that was approved here, else one that ships), or the institution's own.

    ``file`` is a layout in one file, ``folder`` the same unpacked. ``signers`` are the SHA-256 fingerprints of the
    certificates whose approval is believed: where there are any, nothing else is printed but what ships.
    """

    name: Text = "university"
    file: Path | None = None
    folder: Path | None = None
    signers: tuple[Fingerprint, ...] = ()

    @model_validator(mode="after")
    def _one_of_both(self) -> LayoutPart:
        if self.file is not None and self.folder is not None:
            raise ValueError(N_("give either file or folder, not both"))
        return self


class CardTypePart(_Part):
    """A kind of card beside the main one: for whom (an expression over a card's fields), and what is printed on it.

    The first one whose ``when`` holds decides; everybody else gets the profile's own scheme and layout.
    """

    scheme: CardScheme
    when: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000)]
    layout: Text = "university"
    file: Path | None = None


class CardPart(_Part):
    """Under which rules cards are made."""

    scheme: CardScheme = CardScheme.ESC
    expiry: ExpiryRule = ExpiryRule.STUDY_END
    expiry_years: Annotated[int, Field(ge=1, le=10)] = 4
    replace: CardReplacement = CardReplacement.NEW_NUMBER
    qr_address: Annotated[str, StringConstraints(pattern=r"^https?://[!-~]+/$", max_length=26)] = "https://s.esc-r.eu/"


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
    at_once_max: Annotated[int, Field(ge=1, le=128)] = 64
    """So many requests at most are on their way at a time; it begins with 8 and goes by what the router bears."""


class CarryPart(_Part):
    """Whose queue files and answers are believed: SHA-256 fingerprints of certificates; all who share the key if none.

    The keys are with the others: ``key`` is what all stations share, ``signing_key`` is this station's own.
    """

    signers: tuple[Fingerprint, ...] = ()
    key: Text = "queue-carry"
    signing_key: Text = "station-signing"


class Settings(_Part):
    """The whole profile."""

    schema_version: Literal[1] = 1
    demo: bool = False
    station: StationPart = StationPart()
    institutions: Annotated[tuple[Institution, ...], Field(min_length=1)]
    store: StorePart = StorePart()
    register_: Annotated[RegisterPart, Field(alias="register")] = RegisterPart()
    camera: CameraPart = CameraPart()
    photo: PhotoPart = PhotoPart()
    reader: ReaderPart = ReaderPart()
    printer: PrinterPart = PrinterPart()
    more_printers: tuple[PrinterPart, ...] = ()
    """Others beside the main one; a card goes to the one with the least to do, past any that is in trouble."""
    chip: ChipPart = ChipPart()
    secrets: SecretsPart = SecretsPart()
    layout: LayoutPart = LayoutPart()
    card: CardPart = CardPart()
    card_types: tuple[CardTypePart, ...] = ()
    router: RouterPart = RouterPart()
    carry: CarryPart = CarryPart()

    @model_validator(mode="after")
    def _keys_differ(self) -> Settings:
        keys = [i.key for i in self.institutions]
        if len(set(keys)) != len(keys):
            raise ValueError("two institutions have the same key")
        return self

    @model_validator(mode="after")
    def _encoder_named(self) -> Settings:
        # Else a card that lies on the desk's reader could be taken for the one in the printer.
        if self.printer.one_pass and not self.reader.encoder:
            raise ValueError(N_("with one_pass, say which reader is in the printer: encoder under [reader]"))
        return self

    @model_validator(mode="after")
    def _one_pass_alone(self) -> Settings:
        if self.more_printers and any(part.one_pass for part in (self.printer, *self.more_printers)):
            raise ValueError(N_("with more_printers, chips are written at the desk: leave one_pass away"))
        return self

    @property
    def printers(self) -> tuple[PrinterPart, ...]:
        """Return every printer of this station, the main one first."""
        return (self.printer, *self.more_printers)

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
    text = _text_of(file)
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ProfileError(file=file, place=_place_in(str(error)), detail=str(error)) from error
    return settings_from(document, file, text)


def settings_from(document: Mapping[str, object], file: Path, text: str = "") -> Settings:
    """Return the settings in a parsed profile; raises ProfileError as ``load_settings``.

    ``text`` is what the document was parsed from: with it a mistake is told with its line.
    """
    data = _migrated(dict(document), file)
    try:
        settings = Settings.model_validate(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        field = next((step for step in reversed(first["loc"]) if isinstance(step, str)), "")
        detail = _plain(first["type"], first["msg"], field)
        raise ProfileError(file=file, place=place_of(first["loc"], document, text), detail=detail) from error
    return _with_absolute_paths(settings, file.resolve().parent)


def _text_of(file: Path) -> str:
    try:
        data = file.read_bytes()
    except FileNotFoundError as error:
        raise ProfileError(_NO_FILE, _CHECK_PATH, file=file) from error
    except OSError as error:
        if file.is_dir():  # asked only now: Windows says no more of a folder than that access is denied
            raise ProfileError(_FOLDER, _NAME_FILE, file=file) from error
        raise ProfileError(_UNREADABLE, _RIGHTS, file=file, detail=error.strerror or type(error).__name__) from error
    try:
        if b"\0" in data:  # UTF-16 decodes as UTF-8 as long as nobody in it has an accent
            raise ProfileError(_NO_TEXT, _SAVE_AS_TEXT, file=file)
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        place = Message(_LINE, {"line": data.count(b"\n", 0, error.start) + 1})
        raise ProfileError(todo=_SAVE_AS_TEXT, file=file, place=place, detail=_NOT_UTF_8) from error


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
    """Make every path that the profile has absolute; none is left out, whoever adds one."""
    parts: dict[str, object] = {}
    for name, part in settings:
        if isinstance(part, _Part):
            parts[name] = _with_paths_in(part, folder)
        elif isinstance(part, tuple):
            parts[name] = tuple(_with_paths_in(each, folder) if isinstance(each, _Part) else each for each in part)
    return settings.model_copy(update=parts)


def _with_paths_in(part: _Part, folder: Path) -> _Part:
    paths = {key: folder / value.expanduser() for key, value in part if isinstance(value, Path)}
    return part.model_copy(update=paths)


def _place_in(message: str) -> Message | str:
    found = re.search(r"line (\d+)", message)
    return Message(_LINE, {"line": found[1]}) if found else N_("the whole file")


def _plain(kind: str, message: str, field: str) -> str:
    if kind in ("string_pattern_mismatch", "string_too_long") and field in _SHAPES:
        return _SHAPES[field]
    return _KINDS.get(kind, message.removeprefix("Value error, "))


_KINDS: dict[str, str] = {
    "extra_forbidden": N_("the station does not know this key (is it misspelt?)"),
    "missing": N_("this key is missing"),
    "model_type": N_("this must be a table of keys and values"),
    "string_type": N_("this must be a text in quotation marks"),
}

_SHAPES: dict[str, str] = {
    "key": N_("it must be a short name of small letters, digits and hyphens"),
    "pic": N_("a PIC is exactly 9 digits"),
    "sho": N_("it must be a domain name such as rtu.lv, in small letters"),
    "country": N_("it must be two capital letters, such as LV"),
    "accent": N_("it must be a colour such as #2c4390"),
    "pedal": N_("it must be the name of one key that the window does not use itself, such as F13 or PgDown"),
    "signers": N_("a fingerprint of a certificate (SHA-256) has 64 hexadecimal digits"),
    "url": N_("it must begin with http:// or https://"),
    "qr_address": N_("it must begin with http:// or https://, end with a slash, and have 26 signs at most"),
}

_LINE = N_("line {line}")
_NO_FILE = N_("The station profile {file} does not exist.")
_CHECK_PATH = N_("Check the path after --profile, or start the demo with --demo.")
_FOLDER = N_("The station profile {file} is a folder, not a file.")
_NAME_FILE = N_("Name the file in it, for example: --profile FOLDER/station.toml")
_UNREADABLE = N_("The station profile {file} can't be read: {detail}")
_RIGHTS = N_("Ask IT for the right to read it. Nothing was changed.")
_NO_TEXT = N_("The station profile {file} is not a text file.")
_NOT_UTF_8 = N_("this is not text in UTF-8")
_SAVE_AS_TEXT = N_("Name another file, or save this one as plain text in UTF-8. Nothing was changed.")
