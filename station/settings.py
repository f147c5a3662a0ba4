"""The station profile: one TOML file, checked as a whole, frozen after loading; it never holds a secret.

``schema_version`` counts the shapes this file has had. ``MIGRATIONS`` are pure functions from one to the next, run on
the parsed document; the file itself is never rewritten.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import parse_qs, urlsplit

from station.domain.card import CardReplacement, CardScheme, ExpiryRule
from station.domain.errors import N_, ProfileError
from station.domain.message import Message
from station.domain.tables import MisfitError, between, read_table, seconds, shaped, stripped
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


def _without_password(url: str) -> str:
    if urlsplit(url).password is not None or "password" in parse_qs(urlsplit(url).query):
        raise ValueError(_PASSWORD)
    return url


def _fingerprint(text: str) -> str:
    """Return a fingerprint as programs compare it, however a program has shown it."""
    if re.fullmatch(r"[0-9a-fA-F]{2}(:?[0-9a-fA-F]{2}){31}", text) is None:
        raise ValueError(N_("a fingerprint of a certificate (SHA-256) has 64 hexadecimal digits"))
    return text.lower().replace(":", "")


def _some(institutions: tuple[Institution, ...]) -> tuple[Institution, ...]:
    if not institutions:
        raise ValueError(N_("at least one institution is needed"))
    return institutions


Text = Annotated[str, stripped(1)]
Fingerprint = Annotated[str, _fingerprint]


@dataclass(frozen=True, kw_only=True)
class Institution:
    """Who issues: its names, its PIC (9 digits), its sHO, the number range that this station may use; its look.

    ``card_title`` (what its card is called), ``address`` and ``contact`` are printed on cards; ``logo`` is its own (SVG
    or PDF, PNG, JPEG), ``esc_logo`` the folder with the official artwork of the European Student Card's logo.
    """

    key: Annotated[str, shaped(r"[a-z0-9-]{1,32}", N_("it must be a short name of small letters, digits and hyphens"))]
    name: Text
    name_en: str = ""
    pic: Annotated[str, shaped(r"[0-9]{9}", N_("a PIC is exactly 9 digits"))]
    sho: Annotated[str, shaped(r"[a-z0-9.-]+\.[a-z]{2,}", _SHO)]
    country: Annotated[str, shaped(r"[A-Z]{2}", N_("it must be two capital letters, such as LV"))] = "LV"
    escn_prefix: Annotated[int, between(0, 999)] = 0
    processor_vat: str | None = None
    accent: Annotated[str, shaped(r"#[0-9a-fA-F]{6}", N_("it must be a colour such as #2c4390"))] = "#2c4390"
    card_title: Text = "Studenta apliecība"
    card_title_en: Text = "Student ID"
    address: str = ""
    contact: str = ""
    logo: Path | None = None
    esc_logo: Path | None = None


@dataclass(frozen=True, kw_only=True)
class StationPart:
    """This place: its name, the staff's language, who works here."""

    name: Text = "Desk 1"
    language: Literal["lv", "en"] = "lv"
    operator: str = ""
    theme: Literal["system", "light", "dark"] = "system"


@dataclass(frozen=True, kw_only=True)
class StorePart:
    """Where everything is kept: a file, or the address of a database that several stations share.

    ``store = "postgresql+psycopg://…"`` says it in one line. The password is in the keyring, never here.

    With ``alone`` a station of a database keeps a copy, and goes on alone when the database is away.
    """

    path: Path | None = None
    url: Annotated[str, _without_password] | None = None
    alone: bool = True

    def __post_init__(self) -> None:
        if self.path is not None and self.url is not None:
            raise ValueError(N_("give either path or url, not both"))


@dataclass(frozen=True, kw_only=True)
class RegisterPart:
    """Where holders come from; ``name`` stays the same while its files are called something else each month."""

    file: Path | None = None
    name: Annotated[str, stripped()] = ""


@dataclass(frozen=True, kw_only=True)
class CameraPart:
    """Which camera: an index, a name, a file, an address; or the demo's."""

    driver: Literal["opencv", "virtual"] = "opencv"
    source: str = "0"


@dataclass(frozen=True, kw_only=True)
class PhotoPart:
    """How portraits are taken: by themselves when all is well, and by which key besides Space (a foot pedal's).

    ``folder`` holds pictures called as the student's number is; ``max_age_months`` is how old a portrait may be that
    is not taken now, 0 for any age. Six months is what ISIC asks for; an older one can be used, but says that it is.
    """

    auto_capture: bool = True
    pedal: Annotated[str, stripped(), shaped(PEDAL_KEYS, _PEDAL)] = ""
    folder: Path | None = None
    max_age_months: Annotated[int, between(0, 600)] = 6


@dataclass(frozen=True, kw_only=True)
class ReaderPart:
    """Which card reader is for what, each by part of its PC/SC name.

    ``pattern`` is the desk's, and empty for any that has no other role; ``encoder`` sits in the printer, and on
    ``operator`` lie the staff's own cards.
    """

    driver: Literal["pcsc", "virtual"] = "pcsc"
    pattern: str = ""
    encoder: str = ""
    operator: str = ""
    wait_s: Annotated[float, seconds(600)] = 60.0


@dataclass(frozen=True, kw_only=True)
class PrinterPart:
    """Which printer: the driver's name, the queue, the model's profile.

    ``name`` is what it is called here, the queue's name where there is none: correction, counters and the journal go
    by it, so that two desks on one store whose queues are called the same need it. ``one_pass`` has it write the chips,
    too: in its own encoder, whose reader is ``reader.encoder``. Where the printer doesn't tell, ``ribbon_cards`` says
    for how many cards a ribbon is good, ``cleaning_every`` when to clean it. Where there are several, ``card_types``
    says which kinds of card this one prints; all of them when it is empty.
    """

    driver: Text = "cups"
    name: str = ""
    queue: str = ""
    profile: str = "generic-cr80-300"
    folder: Path | None = None
    seconds_a_card: Annotated[float, between(0, 600)] | None = None
    one_pass: bool = False
    ribbon_cards: Annotated[int, between(1, 100_000)] | None = None
    cleaning_every: Annotated[int, between(1, 100_000)] | None = None
    card_types: tuple[CardScheme, ...] = ()
    options: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class ChipPart:
    """What is written on the chip: a profile by name, from the institution's own ``folder`` or one that ships."""

    profile: Text = "uid"
    folder: Path | None = None


@dataclass(frozen=True, kw_only=True)
class SecretsPart:
    """Who keeps the chip's keys: the keyring, a PKCS#11 token, or a SAM in a second reader. Never a key or a PIN."""

    keeper: Literal["keyring", "pkcs11", "sam"] = "keyring"
    module: Path | None = None
    token: str = ""
    reader: str = ""
    sam_keys: dict[str, Annotated[int, between(0, 127)]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.keeper == "pkcs11" and (self.module is None or not self.token):
            raise ValueError(N_("with the keeper pkcs11, give the module and the token, too"))
        if self.keeper == "sam" and not (self.reader and self.sam_keys):
            raise ValueError(N_("with the keeper sam, give the reader and the sam_keys, too"))


@dataclass(frozen=True, kw_only=True)
class LayoutPart:
    """What is printed: a layout by name (one that was approved here, else one that ships), or the institution's own.

    ``file`` is a layout in one file, ``folder`` the same unpacked. ``signers`` are the SHA-256 fingerprints of the
    certificates whose approval is believed: where there are any, nothing else is printed but what ships.
    """

    name: Text = "university"
    file: Path | None = None
    folder: Path | None = None
    signers: tuple[Fingerprint, ...] = ()

    def __post_init__(self) -> None:
        if self.file is not None and self.folder is not None:
            raise ValueError(N_("give either file or folder, not both"))


@dataclass(frozen=True, kw_only=True)
class CardTypePart:
    """A kind of card beside the main one: for whom (an expression over a card's fields), and what is printed on it.

    The first one whose ``when`` holds decides; everybody else gets the profile's own scheme and layout.
    """

    scheme: CardScheme
    when: Annotated[str, stripped(1, 1000)]
    layout: Text = "university"
    file: Path | None = None


@dataclass(frozen=True, kw_only=True)
class CardPart:
    """Under which rules cards are made."""

    scheme: CardScheme = CardScheme.ESC
    expiry: ExpiryRule = ExpiryRule.STUDY_END
    expiry_years: Annotated[int, between(1, 10)] = 4
    replace: CardReplacement = CardReplacement.NEW_NUMBER
    qr_address: Annotated[str, shaped(r"(?=.{,26}$)https?://[!-~]+/", _QR_ADDRESS)] = "https://s.esc-r.eu/"


@dataclass(frozen=True, kw_only=True)
class RouterPart:
    """Where cards are registered. The key is in the keyring, under this address's host."""

    enabled: bool = True
    url: Annotated[str, shaped(r"https?://\S+", N_("it must begin with http:// or https://"))] = (
        "https://sandbox.europeanstudentcard.eu/esc-rest/api/v2"
    )
    send_picture: bool = False
    ca_file: Path | None = None
    proxy: str | None = None
    timeout_s: Annotated[float, seconds(300)] = 20.0
    at_once_max: Annotated[int, between(1, 128)] = 64
    """So many requests at most are on their way at a time; it begins with 8 and goes by what the router bears."""


@dataclass(frozen=True, kw_only=True)
class CarryPart:
    """Whose queue files and answers are believed: SHA-256 fingerprints of certificates; all who share the key if none.

    The keys are with the others: ``key`` is what all stations share, ``signing_key`` is this station's own.
    """

    signers: tuple[Fingerprint, ...] = ()
    key: Text = "queue-carry"
    signing_key: Text = "station-signing"


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The whole profile."""

    schema_version: Literal[1] = 1
    demo: bool = False
    station: StationPart = StationPart()
    institutions: Annotated[tuple[Institution, ...], _some]
    store: StorePart = StorePart()
    register: RegisterPart = RegisterPart()
    camera: CameraPart = CameraPart()
    photo: PhotoPart = PhotoPart()
    reader: ReaderPart = ReaderPart()
    printer: PrinterPart = PrinterPart()
    more_printers: tuple[PrinterPart, ...] = ()
    """Others beside the main one; a card goes to the one with the least to do, past any that is in trouble."""
    allowed_drivers: tuple[Text, ...] = ()
    """Printer drivers of others that may be loaded, by the names of their entry points."""
    chip: ChipPart = ChipPart()
    secrets: SecretsPart = SecretsPart()
    layout: LayoutPart = LayoutPart()
    card: CardPart = CardPart()
    card_types: tuple[CardTypePart, ...] = ()
    router: RouterPart = RouterPart()
    carry: CarryPart = CarryPart()

    def __post_init__(self) -> None:
        if len({i.key for i in self.institutions}) != len(self.institutions):
            raise ValueError(N_("two institutions have the same key"))
        # Else a card that lies on the desk's reader could be taken for the one in the printer.
        if self.printer.one_pass and not self.reader.encoder:
            raise ValueError(N_("with one_pass, say which reader is in the printer: encoder under [reader]"))
        if self.more_printers and any(part.one_pass for part in (self.printer, *self.more_printers)):
            raise ValueError(N_("with more_printers, chips are written at the desk: leave one_pass away"))

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
    if isinstance(where := data.get("store"), str):
        data["store"] = {"url" if "://" in where else "path": where}
    try:
        settings = read_table(Settings, data)
    except MisfitError as error:
        place = place_of(error.location, document, text)
        raise ProfileError(file=file, place=place, detail=error.why) from error
    absolute: Settings = _absolute(settings, file.resolve().parent)
    return absolute


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


def _absolute(value: Any, folder: Path) -> Any:
    """Return a value of the profile with every path in it absolute; none is left out, whoever adds one."""
    if isinstance(value, Path):
        return folder / value.expanduser()
    if isinstance(value, tuple):
        return tuple(_absolute(each, folder) for each in value)
    if isinstance(value, PrinterPart) and value.profile.endswith(".toml"):  # else the name of one that ships
        value = replace(value, profile=str(folder / Path(value.profile).expanduser()))
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{part.name: _absolute(getattr(value, part.name), folder) for part in fields(value)})
    return value


def _place_in(message: str) -> Message | str:
    found = re.search(r"line (\d+)", message)
    return Message(_LINE, {"line": found[1]}) if found else N_("the whole file")


_SHO = N_("it must be a domain name such as rtu.lv, in small letters")
_PEDAL = N_("it must be the name of one key that the window does not use itself, such as F13 or PgDown")
_QR_ADDRESS = N_("it must begin with http:// or https://, end with a slash, and have 26 signs at most")
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
