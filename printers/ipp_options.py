"""Options of a queue as people write them (``name=value``), as the attributes of a job: each with its IPP type.

What RFC 8011 and PWG 5100 define has the type that they say; every other name is an option of the maker's driver, and
goes as CUPS takes it: a boolean, or a name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from printers.ipp import Attribute, Range, Resolution, Value, ValueTag, boolean, text

_INTEGERS = {"copies", "job-priority", "number-up", *(f"page-{edge}" for edge in ("bottom", "left", "right", "top"))}
_ENUMS = {"finishings", "orientation-requested", "print-quality"}
_RESOLUTIONS = {"printer-resolution"}
_RANGES = {"page-ranges"}
_KEYWORDS = {
    "job-hold-until", "media", "media-source", "media-type", "multiple-document-handling", "number-up-layout",
    "output-bin", "page-delivery", "page-set", "presentation-direction-number-up", "print-color-mode",
    "print-content-optimize", "print-rendering-intent", "print-scaling", "sides",
}  # fmt: skip
_NAMES_OF_SEVERAL = {"job-sheets"}
_UNITS = {"dpi": 3, "dpcm": 4}  # RFC 8011 section 5.1.16
_INTEGER = re.compile(r"-?\d{1,9}")
_DOTS = re.compile(r"(\d{1,6})(?:x(\d{1,6}))?(dpi|dpcm)")
_PAGES = re.compile(r"(\d{1,6})(?:-(\d{1,6}))?")
_LONGEST = 1023  # RFC 8011 section 5.1.2: the octets of a text


def attributes(options: Mapping[str, str]) -> list[Attribute]:
    """Return the attributes of a job; raises ValueError for a value that its name can't have."""
    return [attribute(name, value) for name, value in options.items()]


def attribute(name: str, value: str) -> Attribute:
    """Return one option as an attribute; raises ValueError for a value that the name can't have."""
    if value.startswith("{") or len(value.encode()) > _LONGEST:
        raise ValueError(f"{name}: neither a collection nor a long text is a queue's option")
    if name in _KEYWORDS:
        return text(ValueTag.KEYWORD, name, value)
    if name in _NAMES_OF_SEVERAL:
        return text(ValueTag.NAME, name, *value.split(","))
    if name in _INTEGERS | _ENUMS | _RESOLUTIONS | _RANGES:
        return Attribute(name, tuple(_numbers(name, value)))
    if value.lower() in ("true", "false"):
        return boolean(name, value.lower() == "true")
    return text(ValueTag.NAME, name, value)


def _numbers(name: str, value: str) -> Iterable[Value]:
    if name in _INTEGERS:
        yield Value(ValueTag.INTEGER, _whole(name, value))
    elif name in _RESOLUTIONS:
        yield Value(ValueTag.RESOLUTION, _resolution(name, value))
    else:
        for part in value.split(","):
            yield Value(ValueTag.ENUM, _whole(name, part)) if name in _ENUMS else _pages(name, part)


def _whole(name: str, value: str) -> int:
    if not _INTEGER.fullmatch(value):
        raise ValueError(f"{name}: {value} is no number")
    return int(value)


def _resolution(name: str, value: str) -> Resolution:
    found = _DOTS.fullmatch(value)
    if not found:
        raise ValueError(f"{name}: {value} is no resolution")
    return Resolution(int(found[1]), int(found[2] or found[1]), _UNITS[found[3]])


def _pages(name: str, value: str) -> Value:
    found = _PAGES.fullmatch(value)
    if not found:
        raise ValueError(f"{name}: {value} are no pages")
    return Value(ValueTag.RANGE, Range(int(found[1]), int(found[2] or found[1])))
