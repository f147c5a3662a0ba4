"""Printer models as data: one TOML file a model, checked, with its source in words."""

from __future__ import annotations

import re
import tomllib
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Annotated, Literal

from printers.api import N_, PrinterProfile, ProfileError
from station.domain.message import Message
from station.domain.tables import MisfitError, between, read_table, shaped, stripped

FOLDER = Path(__file__).with_name("profiles")
_MAX_BYTES = 64 * 1024

_Text = Annotated[str, stripped(1, 400)]
_Pixels = Annotated[int, between(100, 10_000)]
_Dpi = Annotated[int, between(100, 2400)]
_Edge = Annotated[float, between(0, 10)]
_OptionName = Annotated[
    str, shaped(r"[A-Za-z][A-Za-z0-9._-]*", N_("an option's name has letters, digits, . _ and - only"))
]


@dataclass(frozen=True, kw_only=True)
class _ProfileFile:
    """What stands in the file; the profile's name is the file's own, and not repeated in it."""

    schema_version: Literal[1]
    model: _Text
    source: _Text
    width_px: _Pixels
    height_px: _Pixels
    dpi_x: _Dpi = 300
    dpi_y: _Dpi = 300
    bleed_mm: _Edge = 0.0
    safe_mm: _Edge = 3.0
    duplex: bool = True
    resin_front: bool = True
    resin_back: bool = True
    colour_front: bool = True
    colour_back: bool = True
    uv: bool = False
    overlay_holes: bool = False
    magnetic: bool = False
    to_the_edge: bool = False
    dye_gamma: Annotated[float, between(0.2, 5)] | None = None
    rotate_back: bool = False
    seconds_a_card: Annotated[float, between(0, 600)] = 24.0
    inferred: tuple[_Text, ...] = ()
    options: dict[_OptionName, Annotated[str, stripped(0, 200)]] = field(default_factory=dict)


def list_profiles() -> tuple[str, ...]:
    """Return the names of the models that come with the station, in order."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.toml")))


def load_profile(name: str | Path) -> PrinterProfile:
    """Return a model's profile by its name, or by the path of a file of one's own (``….toml``).

    Raises:
        ProfileError: no such model; or the file has a mistake, and the error says where.
    """
    path = Path(name) if str(name).endswith(".toml") else FOLDER / f"{name}.toml"
    if path.parent == FOLDER and path.stem not in list_profiles():
        raise ProfileError(
            N_("The printer profile {profile} is not known."),
            N_("Ask IT to choose one of {known}, or to name a file that ends in .toml."),
            profile=str(name),
            known=", ".join(list_profiles()),
        )
    text = _read(path)
    try:
        parsed = read_table(_ProfileFile, tomllib.loads(text))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise _mistake(path, "-", str(error)) from error
    except MisfitError as error:
        place = ".".join(map(str, error.location)) + _line_of(str(error.location[-1]), text)
        raise _mistake(path, place, error.why) from error
    facts = {name: value for name, value in asdict(parsed).items() if name not in ("schema_version", "inferred")}
    for figure in parsed.inferred:
        if figure not in facts:
            raise _mistake(path, f"inferred{_line_of('inferred', text)}", figure)
    return PrinterProfile(name=path.stem, inferred=parsed.inferred, **facts)


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            # One byte more than allowed tells a file that is too large without reading all of it.
            content = file.read(_MAX_BYTES + 1)
        if len(content) > _MAX_BYTES:
            raise _mistake(path, "-", N_("the file is far too large"))
        return content.decode("utf-8-sig")  # Windows' own editor puts its mark before the text
    except OSError as error:
        raise _mistake(path, "-", error.strerror or str(error)) from error
    except UnicodeDecodeError as error:
        raise _mistake(path, f"byte {error.start}", N_("the file is not UTF-8 text")) from error


def _line_of(key: str, text: str) -> str:
    for number, line in enumerate(text.splitlines(), start=1):
        if re.match(rf"""\s*["']?{re.escape(key)}["']?\s*=""", line):
            return f" (line {number})"
    return ""


def _mistake(path: Path, place: str, detail: str | Message) -> ProfileError:
    return ProfileError(
        N_("The printer profile {file} has a mistake at {place}: {detail}"),
        N_("Correct the file, or choose another printer profile. Nothing was changed."),
        file=path,
        place=place,
        detail=detail,
    )
