"""assets/ is found in a checkout, in an installed wheel and in a frozen build."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from station import resources
from station.resources import AssetError, asset, assets_root

ROOT = Path(__file__).resolve().parents[2]


def test_checkout_has_its_assets_beside_the_package() -> None:
    assert assets_root() == ROOT / "assets"
    assert asset("README.md") == ROOT / "assets" / "README.md"


def test_a_wheel_carries_the_assets_and_finds_them(tmp_path: Path) -> None:
    wheels = tmp_path / "wheels"
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(wheels)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True, timeout=60)
    (wheel,) = wheels.glob("*.whl")
    installed = tmp_path / "site-packages"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(installed)
        names = archive.namelist()
    code = "from station.resources import assets_root; print(assets_root())"
    found = subprocess.run(
        [sys.executable, "-I", "-c", f"import sys; sys.path.insert(0, {str(installed)!r}); {code}"],
        cwd=tmp_path, check=True, capture_output=True, text=True, timeout=30,
    )  # fmt: skip
    assert Path(found.stdout.strip()) == installed / "station" / "_assets"
    assert not [name for name in names if name.startswith(("tests/", "packaging/", "assets/"))]
    assert any(name.endswith("/licenses/LICENSE") for name in names)


def test_a_frozen_build_looks_only_inside_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "_MEIPASS", str(tmp_path), raising=False)
    with pytest.raises(AssetError):
        assets_root()
    inside = tmp_path / "station" / "_assets" / "icons"
    inside.mkdir(parents=True)
    assert asset("icons") == inside


def test_a_missing_asset_is_named() -> None:
    with pytest.raises(AssetError, match=r"assets/icons/no-such\.svg"):
        asset("icons", "no-such.svg")


def test_a_missing_folder_is_a_damaged_installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resources, "_PACKAGE", tmp_path / "site-packages" / "station")
    with pytest.raises(AssetError, match="Install the station again"):
        assets_root()
