"""The files of a layout: a folder, or the same zipped. Whatever a zip claims of itself, it is read within bounds.

What is refused: names that lead out of the package, links, anything encrypted or packed in an unusual way, too many
files or bytes, names that are there twice (also where only capitals differ: some systems could not hold both), and
archives within the archive. Sizes are counted while unpacking, since the sizes in a zip are only what it says.
"""

from __future__ import annotations

import io
import os
import stat
import unicodedata
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Protocol

from station.domain.errors import N_, LayoutError
from station.domain.message import Message

FILE_NAME = "layout.json"
APPROVAL_NAME = "approval.json"
LARGEST_FILE = 20_000_000
LARGEST_PACKAGE = 60_000_000
MOST_FILES = 300
LONGEST_NAME = 200
_LARGEST_ZIP = 40_000_000
_LONGEST_DIRECTORY = 200_000
_END = b"PK\x05\x06"
_BEGIN = b"PK\x03\x04"
_KINDS = (".json", ".png", ".jpg", ".jpeg", ".svg", ".pdf", ".ttf", ".otf", ".txt", ".md")
# What systems put into every archive that they make of a folder; it is passed over.
_LITTER = ("__MACOSX/", ".DS_Store", "Thumbs.db", "desktop.ini")
# The first moment that a zip can tell: the same layout gives the same file, whenever it is saved.
_NO_TIME = (1980, 1, 1, 0, 0, 0)
_FLAG_ENCRYPTED = 0x1


class Package(Protocol):
    """The files of a layout, by names with forward slashes."""

    @property
    def shown(self) -> str:
        """Return what it is called in messages."""

    def has(self, name: str) -> bool:
        """Tell whether a file is there."""

    def read(self, name: str) -> bytes:
        """Return a file's bytes. Raises LayoutError: it isn't there, can't be read, or lies outside."""


def open_package(path: Path) -> Package:
    """Return the package in a folder or a zip.

    Raises:
        LayoutError: it is not there, or is no zip of a layout.
    """
    if path.is_dir():
        return Folder(path)
    try:
        if path.exists() and not path.is_file():
            raise LayoutError(file=str(path), place=WHOLE, detail=_NO_ZIP)
        if path.stat().st_size > _LARGEST_ZIP:
            raise LayoutError(file=str(path), place=WHOLE, detail=Message(_TOO_LARGE, {"megabytes": 40}))
        data = path.read_bytes()
    except OSError as error:
        # Whoever names a folder that is not there is told what would have to be in it.
        place = FILE_NAME if not path.suffix else WHOLE
        raise LayoutError(file=str(path), place=place, detail=_unread(error)) from error
    return unzipped(data, str(path))


@dataclass(frozen=True, slots=True)
class Folder:
    """A layout that lies in a folder; nothing outside of it is ever read."""

    path: Path

    @property
    def shown(self) -> str:
        """Return the folder's path."""
        return str(self.path)

    def has(self, name: str) -> bool:
        """Tell whether a file is there."""
        return (self.path / name).is_file()

    def read(self, name: str) -> bytes:
        """Return a file's bytes."""
        target = self.path / name
        # A link may lead outside although the name does not.
        if _misnamed(name) or not target.resolve().is_relative_to(self.path.resolve()):
            raise LayoutError(file=self.shown, place=name, detail=OUTSIDE)
        try:
            if target.exists() and not target.is_file():  # a pipe or a device would be read without end
                raise LayoutError(file=self.shown, place=name, detail=_UNREAD)
            if target.stat().st_size > LARGEST_FILE:
                raise LayoutError(file=self.shown, place=name, detail=Message(_TOO_LARGE, {"megabytes": 20}))
            return target.read_bytes()
        except OSError as error:
            raise LayoutError(file=self.shown, place=name, detail=_unread(error)) from error


@dataclass(frozen=True, slots=True)
class Unzipped:
    """A layout that came in one file; all of it is in memory."""

    shown: str
    files: Mapping[str, bytes]

    def has(self, name: str) -> bool:
        """Tell whether a file is there."""
        return name in self.files

    def read(self, name: str) -> bytes:
        """Return a file's bytes."""
        if _misnamed(name):
            raise LayoutError(file=self.shown, place=name, detail=OUTSIDE)
        if name not in self.files:
            raise LayoutError(file=self.shown, place=name, detail=_NOT_THERE)
        return self.files[name]


@dataclass(frozen=True, slots=True)
class Within:
    """A folder of a package as a package of its own."""

    package: Package
    folder: str

    @property
    def shown(self) -> str:
        """Return what it is called in messages."""
        return f"{self.package.shown}/{self.folder}"

    def has(self, name: str) -> bool:
        """Tell whether a file is there."""
        return self.package.has(f"{self.folder}/{name}")

    def read(self, name: str) -> bytes:
        """Return a file's bytes."""
        if _misnamed(name):
            raise LayoutError(file=self.shown, place=name, detail=OUTSIDE)
        return self.package.read(f"{self.folder}/{name}")


def zipped(files: Mapping[str, bytes]) -> bytes:
    """Return files as a zip: sorted, without times or rights, so that the same files give the same zip."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            info = zipfile.ZipInfo(name, _NO_TIME)
            info.compress_type, info.create_system, info.external_attr = zipfile.ZIP_DEFLATED, 3, 0o644 << 16
            archive.writestr(info, files[name])
    return whole.getvalue()


def unzipped(data: bytes, shown: str) -> Unzipped:
    """Return what is in a zip, every file of it unpacked within bounds; ``shown`` is what messages call it.

    Raises:
        LayoutError: it is no zip, or one that nobody makes of a layout; ``place`` names the file in it.
    """
    try:
        _check_end(data)
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = _entries(archive)
            files = _unpacked(archive, entries)
    except LayoutError as error:
        raise LayoutError(file=shown, place=error.params["place"], detail=error.params["detail"]) from error
    # NotImplementedError: it says that a later zip than any that there is was used.
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OverflowError, EOFError, OSError) as error:
        raise LayoutError(file=shown, place=WHOLE, detail=_NO_ZIP) from error
    return Unzipped(shown, _without_top(files))


def _check_end(data: bytes) -> None:
    """Look at the zip's own end record (APPNOTE.TXT 4.3.16) before anything is made of its list of files."""
    # Its 22 bytes, and a comment of at most 65,535 behind them.
    at = data.rfind(_END, -65_557)
    if not data.startswith(_BEGIN) or at < 0 or len(data) < at + 22:
        raise _refused(WHOLE, _NO_ZIP)
    count = int.from_bytes(data[at + 10 : at + 12], "little")
    length = int.from_bytes(data[at + 12 : at + 16], "little")
    # The count may be a lie; the length is what Python's reader goes by.
    if count > MOST_FILES or length > _LONGEST_DIRECTORY:
        raise _refused(WHOLE, Message(_TOO_MANY, {"limit": MOST_FILES}))


def _entries(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    found: dict[str, zipfile.ZipInfo] = {}
    for info in archive.infolist():
        name = info.filename
        # Python cuts a name at a zero byte; what was there before must be looked at.
        if name != info.orig_filename.replace(os.sep, "/") or _misnamed(name.removesuffix("/")):
            raise _refused(_printable(info.orig_filename), OUTSIDE)
        kind = stat.S_IFMT(info.external_attr >> 16)
        if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise _refused(name, N_("this is a link or a device, and only plain files can be in a layout"))
        if name.endswith("/") or any(part in _LITTER or f"{part}/" in _LITTER for part in name.split("/")):
            continue
        if not name.lower().endswith(_KINDS):
            raise _refused(name, N_("a file of this kind can't be in a layout"))
        if info.flag_bits & _FLAG_ENCRYPTED or info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise _refused(name, N_("this file is encrypted, or packed in an unusual way"))
        if (same := _folded(name)) in found:
            raise _refused(name, N_("this name is there twice"))
        found[same] = info
    if len(found) > MOST_FILES:
        raise _refused(WHOLE, Message(_TOO_MANY, {"limit": MOST_FILES}))
    return found


def _unpacked(archive: zipfile.ZipFile, entries: Mapping[str, zipfile.ZipInfo]) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    left = LARGEST_PACKAGE
    for info in entries.values():
        name, most = info.filename, min(left, LARGEST_FILE)
        try:
            with archive.open(info) as packed:
                data = packed.read(most + 1)
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError) as error:
            raise _refused(name, N_("this file is damaged in the package")) from error
        if len(data) > most:
            megabytes = most // 1_000_000 if most == LARGEST_FILE else LARGEST_PACKAGE // 1_000_000
            raise _refused(name, Message(_TOO_LARGE, {"megabytes": megabytes}))
        if data.startswith(_ARCHIVES):
            raise _refused(name, N_("an archive within the layout is not opened"))
        files[name] = data
        left -= len(data)
    return files


def _without_top(files: Mapping[str, bytes]) -> Mapping[str, bytes]:
    """Return the files without the one folder that they all lie in, if whoever zipped took the folder itself."""
    tops = {name.split("/")[0] for name in files}
    if FILE_NAME in files or len(tops) != 1 or f"{(top := tops.pop())}/{FILE_NAME}" not in files:
        return files
    return {name.removeprefix(f"{top}/"): data for name, data in files.items()}


def _misnamed(name: str) -> bool:
    """Tell whether a name could mean anything but a file below the package, on any system."""
    # Windows takes dots and blanks at the end of a name away, so that it may mean another file there.
    parts = name.split("/")
    return (
        not name
        or len(name) > LONGEST_NAME
        or PurePosixPath(name).is_absolute()
        or any(part in ("", ".", "..") or part != part.strip() or part.endswith(".") for part in parts)
        or any(sign in name for sign in '\\:*?"<>|')
        or not name.isprintable()
    )


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


def _printable(name: str) -> str:
    return "".join(c if c.isprintable() else "�" for c in name[:LONGEST_NAME])


def _refused(place: str, detail: object) -> LayoutError:
    return LayoutError(file="", place=place, detail=detail)


def _unread(error: OSError) -> str:
    return _NOT_THERE if isinstance(error, FileNotFoundError) else _UNREAD


WHOLE = N_("the whole file")
OUTSIDE = N_("a layout can only use files in its own folder")
_NOT_THERE = N_("it is not there")
_UNREAD = N_("it can't be read")
_NO_ZIP = N_("this is not a layout: it is no folder with a layout.json, and no zip of one")
_TOO_MANY = N_("there are more than {limit} files in it")
_TOO_LARGE = N_("the file is larger than {megabytes} MB")
# zip, gzip, bzip2, xz, 7z, rar, zstd
_ARCHIVES = (b"PK\x03\x04", b"PK\x05\x06", b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"7z\xbc\xaf", b"Rar!", b"(\xb5/\xfd")
