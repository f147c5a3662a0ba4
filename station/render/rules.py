"""What a card must and must not show, as a dated file of ``assets/rules``; the newest that has begun is used.

A rule's ``kind`` says what the program looks at, and the file brings the figures, the level and the source. So a change
of the European Student Card's rules is a new file, and a card of before is still judged by what held then.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from station.domain.errors import N_, StationError
from station.domain.lint import Level
from station.domain.message import Message
from station.resources import asset

_MAX_BYTES = 256 * 1024
_Millimetres = Annotated[float, Field(gt=0, le=100)]
_Points = Annotated[float, Field(ge=1, le=72)]
_Ratio = Annotated[float, Field(ge=1, le=21)]


class RulesError(StationError):
    """A file of rules has a mistake at ``place``."""

    what = N_("The file of card rules {file} has a mistake at {place}: {detail}")
    todo = N_("Correct the file, or leave it out to use the station's own rules. Nothing was changed.")


class Scope(BaseModel):
    """What every rule has: its ``id`` in the file, how bad a breach is, for which cards it is, and its source."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
    # Strict takes no text for an enum and no list for a tuple, and TOML has nothing else for either.
    level: Annotated[Level, Field(strict=False)]
    applies_to: Literal["esc", "every"]
    source: Annotated[str, Field(min_length=3, max_length=400)]


class MarkRequired(Scope):
    """A mark is on the card."""

    kind: Literal["mark_required"]
    mark: Literal["logo", "qr", "esi", "name", "photo", "expires_on"]


class OldMarks(Scope):
    """A card without the new logo ends before the marks of before do."""

    kind: Literal["old_marks"]
    allowed_until: date


class Hologram(Scope):
    """The card has a place for a hologram."""

    kind: Literal["hologram"]


class QrContent(Scope):
    """The European Student Card's QR code is one of these prefixes and the card's number."""

    kind: Literal["qr_content"]
    prefixes: Annotated[tuple[str, ...], Field(strict=False, min_length=1, max_length=20)]


class QuietZone(Scope):
    """A QR code has this many clear modules on each side."""

    kind: Literal["quiet_zone"]
    modules: Annotated[int, Field(ge=1, le=20)]


class ModuleSize(Scope):
    """A module is at least so large: less than ``least_mm`` is an error, less than ``good_mm`` has the rule's level."""

    kind: Literal["module_size"]
    least_mm: _Millimetres
    good_mm: _Millimetres


class CodeOnResin(Scope):
    """A code is printed by the black resin panel."""

    kind: Literal["code_on_resin"]


class LogoSize(Scope):
    """The logo is at least so wide and high, in each of its shapes."""

    kind: Literal["logo_size"]
    vertical_mm: Annotated[tuple[_Millimetres, _Millimetres], Field(strict=False)]
    horizontal_mm: Annotated[tuple[_Millimetres, _Millimetres], Field(strict=False)]


class ClearZone(Scope):
    """Around QR code and logo so many modules beyond the quiet zone stay clear."""

    kind: Literal["clear_zone"]
    modules: Annotated[float, Field(ge=0, le=20)]


class LetterSize(Scope):
    """Letters are not smaller than this, the smallest size that the layout lets them shrink to included."""

    kind: Literal["letter_size"]
    of: Literal["name", "esi", "any"]
    least_pt: _Points


class Contrast(Scope):
    """Letters or the logo stand out from what is behind them (WCAG 2.2, contrast ratio)."""

    kind: Literal["contrast"]
    of: Literal["text", "logo"]
    ratio: _Ratio
    large_ratio: _Ratio | None = None
    large_pt: _Points = 18.0
    large_bold_pt: _Points = 14.0


class Forbidden(Scope):
    """Something is neither printed nor written on the stripe, nor comes out of an expression."""

    kind: Literal["forbidden"]
    what: Literal["pic", "personal_code", "birth_date", "legacy_esi"]


Rule = Annotated[
    MarkRequired
    | OldMarks
    | Hologram
    | QrContent
    | QuietZone
    | ModuleSize
    | CodeOnResin
    | LogoSize
    | ClearZone
    | LetterSize
    | Contrast
    | Forbidden,
    Field(discriminator="kind"),
]
_R = TypeVar("_R", bound=Scope)


class _RulesFile(BaseModel):
    """What stands in a file; its name is the file's own, and not repeated in it."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    schema_version: Literal[1]
    title: Annotated[str, Field(min_length=1, max_length=200)]
    valid_from: date
    rules: Annotated[tuple[Rule, ...], Field(strict=False, min_length=1, max_length=200)]


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of one file; ``name`` is the file's, as in ``esc-2026``, and stands before each rule's id."""

    name: str
    title: str
    valid_from: date
    rules: tuple[Scope, ...]

    def of(self, kind: type[_R]) -> Iterator[_R]:
        """Yield the rules of one kind, in the file's order."""
        return (rule for rule in self.rules if isinstance(rule, kind))


def rules_for(day: date) -> Rules:
    """Return the rules that hold on a day: of those that ship, the newest that had begun, else the oldest.

    Raises:
        RulesError: a file that ships has a mistake.
    """
    shipped = _shipped()
    begun = [rules for rules in shipped if rules.valid_from <= day]
    return begun[-1] if begun else shipped[0]


@cache
def _shipped() -> tuple[Rules, ...]:
    """Return the rules that ship, the oldest first; a test holds that each can be read."""
    found = [load_rules(path) for path in asset("rules").glob("*.toml")]
    return tuple(sorted(found, key=lambda rules: (rules.valid_from, rules.name)))


def load_rules(file: Path) -> Rules:
    """Return the rules in a file.

    Raises:
        RulesError: it can't be read, is not TOML, or has a mistake; the error names the place.
    """
    text = _read(file)
    try:
        parsed = _RulesFile.model_validate(tomllib.loads(text))
    # tomllib goes into nested arrays by recursion, and a file can be nested deeper than Python goes.
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise RulesError(file=file.name, place="-", detail=str(error)) from error
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        plain = {"extra_forbidden": Message(N_("there is no such key")), "missing": Message(N_("this key is missing"))}
        place = _place(first["loc"], text)
        raise RulesError(file=file.name, place=place, detail=plain.get(first["type"], first["msg"])) from error
    ids = [rule.id for rule in parsed.rules]
    if twice := next((each for each in ids if ids.count(each) > 1), None):
        raise RulesError(file=file.name, place=twice, detail=Message(N_("this id is there twice")))
    return Rules(file.stem, parsed.title, parsed.valid_from, parsed.rules)


def _place(location: tuple[int | str, ...], text: str) -> str:
    """Return where a mistake is, a rule by its id rather than by its number."""
    steps = [str(step) for step in location]
    if len(location) > 1 and location[0] == "rules" and isinstance(location[1], int):
        rule = tomllib.loads(text)["rules"][location[1]]
        if isinstance(rule, dict) and isinstance(rule.get("id"), str):
            steps[1] = rule["id"]
        # The third step only repeats the rule's kind.
        del steps[2:3]
    return "/".join(steps) or "-"


def _read(file: Path) -> str:
    try:
        with file.open("rb") as opened:
            # One byte more than there may be: it tells that the file is too large, however large it is.
            content = opened.read(_MAX_BYTES + 1)
        if len(content) > _MAX_BYTES:
            raise RulesError(file=file.name, place="-", detail=Message(N_("the file is far too large")))
        return content.decode()
    except OSError as error:
        missing = isinstance(error, FileNotFoundError)
        detail = Message(N_("it is not there") if missing else N_("it can't be read"))
        raise RulesError(file=str(file), place=Message(N_("the whole file")), detail=detail) from error
    except UnicodeDecodeError as error:
        detail = Message(N_("the file is not UTF-8 text"))
        raise RulesError(file=file.name, place=f"byte {error.start}", detail=detail) from error
