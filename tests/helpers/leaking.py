"""Look for keys where none may be: in logs, messages, tracebacks with all local variables, files."""

from __future__ import annotations

import base64
import io
import logging
import traceback
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

_NOT_LOOKED_AT = ("/tests/", "/station/chip/virtual_card/", "/station/chip/sam/virtual.py")


def ways_to_write(key: bytes) -> set[bytes]:
    """Return how a key may show itself: raw, as digits of every fashion, as Python or JSON writes it, in part."""
    spelled: set[str] = {repr(key)[2:-1], str(list(key))[1:-1], base64.b64encode(key).decode().rstrip("=")}
    for part in (key, key[:8], key[8:16]):
        spelled |= {part.hex(), part.hex(" "), part.hex(":"), repr(part)[2:-1]}
    spelled |= {text.upper() for text in spelled if "\\" not in text}
    return {text.encode() for text in spelled} | {key}


def leaks(keys: Iterable[bytes], *places: str | bytes) -> list[str]:
    """Return what was found: a piece of each place around a key."""
    found = []
    for place in places:
        data = place.encode("utf-8", "surrogateescape") if isinstance(place, str) else place
        for key in keys:
            for way in ways_to_write(bytes(key)):
                if (at := data.find(way)) >= 0:
                    found.append(data[max(0, at - 300) : at + 40].decode("utf-8", "replace"))
    return found


def traceback_with_variables(error: BaseException) -> str:
    """Return what the most talkative crash reporter would send: every frame with every local variable.

    Left out are the tests themselves, who must know the keys, and the software card, which is one that has them.
    """
    told: list[str] = []
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        each = waiting.pop()
        if each is None or id(each) in seen:
            continue
        seen.add(id(each))
        waiting += [each.__cause__, each.__context__]
        told.append(f"{each!r} {each} {each.args!r}")
        for frame, _line in traceback.walk_tb(each.__traceback__):
            file = Path(frame.f_code.co_filename).as_posix()
            if not any(place in file for place in _NOT_LOOKED_AT):
                told.append(f"{file} {frame.f_code.co_name}")
                told += [f"{name} = {value!r}" for name, value in frame.f_locals.items()]
    return "\n".join(told)


@contextmanager
def everything_logged() -> Iterator[io.StringIO]:
    """Collect every record of every logger."""
    text = io.StringIO()
    handler = logging.StreamHandler(text)
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield text
    finally:
        root.setLevel(before)
        root.removeHandler(handler)


def files_below(folder: Path) -> Iterator[tuple[Path, bytes]]:
    """Yield every file and its content."""
    for file in folder.rglob("*"):
        if file.is_file():
            yield file, file.read_bytes()
