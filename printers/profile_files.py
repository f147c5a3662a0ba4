"""Printer models as data: one TOML file a model, checked, with its source in words."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from printers.api import N_, PrinterProfile, ProfileError

FOLDER = Path(__file__).with_name("profiles")
_MAX_BYTES = 64 * 1024

_Text = Annotated[str, Field(min_length=1, max_length=400)]
_Pixels = Annotated[int, Field(ge=100, le=10_000)]
_Dpi = Annotated[int, Field(ge=100, le=2400)]
_Edge = Annotated[float, Field(ge=0, le=10)]


class _ProfileFile(BaseModel):
    """What stands in the file; ``name`` is the file's own, and not repeated in it."""

    # Strict, so that "300" in quotes is a mistake with a place, and not a number by luck.
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

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
    dye_gamma: Annotated[float, Field(ge=0.2, le=5)] | None = None
    rotate_back: bool = False
    seconds_a_card: Annotated[float, Field(ge=0, le=600)] = 24.0
    inferred: list[_Text] = Field(default_factory=list)
    options: dict[
        Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9._-]*$")], Annotated[str, Field(max_length=200)]
    ] = Field(default_factory=dict)


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
        parsed = _ProfileFile.model_validate(tomllib.loads(text))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise _mistake(path, "-", str(error)) from error
    except ValidationError as error:
        raise _mistake(path, *_first(error, text)) from error
    facts = parsed.model_dump(exclude={"schema_version", "inferred"})
    for figure in parsed.inferred:
        if figure not in facts:
            raise _mistake(path, f"inferred{_line_of('inferred', text)}", figure)
    return PrinterProfile(name=path.stem, inferred=tuple(parsed.inferred), **facts)


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


def _first(error: ValidationError, text: str) -> tuple[str, str]:
    """Return place and description of the first mistake; a wrong key comes before a missing one."""
    mistakes = sorted(error.errors(include_url=False), key=lambda each: each["type"] == "missing")
    first = mistakes[0]
    place = ".".join(str(part) for part in first["loc"] if part != "[key]")
    plain = {"extra_forbidden": N_("this key is not known"), "missing": N_("this key is missing")}
    return f"{place}{_line_of(str(first['loc'][-1]), text)}", plain.get(first["type"], first["msg"])


def _line_of(key: str, text: str) -> str:
    for number, line in enumerate(text.splitlines(), start=1):
        if re.match(rf"""\s*["']?{re.escape(key)}["']?\s*=""", line):
            return f" (line {number})"
    return ""


def _mistake(path: Path, place: str, detail: str) -> ProfileError:
    return ProfileError(
        N_("The printer profile {file} has a mistake at {place}: {detail}"),
        N_("Correct the file, or choose another printer profile. Nothing was changed."),
        file=path,
        place=place,
        detail=detail,
    )
