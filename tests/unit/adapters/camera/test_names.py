"""The names that macOS tells for its cameras, in OpenCV's order."""

from __future__ import annotations

import json

import pytest

from station.adapters.camera.names import FALLBACK, names_in, system_names


def told(*cameras: tuple[str, str]) -> bytes:
    listed = [{"_name": name, "spcamera_unique-id": unique} for unique, name in cameras]
    return json.dumps({"SPCameraDataType": listed}).encode()


def test_cameras_are_counted_by_their_unique_ids() -> None:
    assert names_in(told(("0x14", "HD Pro Webcam C920"), ("0x01", "FaceTime HD"))) == (
        "FaceTime HD",
        "HD Pro Webcam C920",
    )


def test_no_camera_is_no_name() -> None:
    assert names_in(told()) == ()


@pytest.mark.parametrize("nonsense", [b"", b"{}", b"[]", b'{"SPCameraDataType": [{"_name": "no id"}]}', b"\xff"])
def test_an_answer_that_nobody_understands_leaves_numbers(nonsense: bytes) -> None:
    assert names_in(nonsense) == FALLBACK


@pytest.mark.parametrize("platform", ["win32", "darwin"])
def test_where_the_system_has_no_such_tool_numbers_are_listed(platform: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", platform)
    if platform == "darwin":
        monkeypatch.setattr("subprocess.run", lambda *_a, **_k: (_ for _ in ()).throw(FileNotFoundError()))
    assert system_names() == FALLBACK
