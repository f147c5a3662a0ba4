"""Load the models of the photo check, each only when its bytes are the listed ones."""

from __future__ import annotations

import hashlib
import os
import tomllib
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from station.domain.errors import N_, ModelError
from station.domain.message import Message
from station.resources import AssetError, asset

if TYPE_CHECKING:
    import cv2
    import numpy as np
    import numpy.typing as npt

    Tensor: TypeAlias = npt.NDArray[np.float32]

LIST = "models.toml"
_FORCE_ENGINE = "OPENCV_FORCE_DNN_ENGINE"


class ModelName(StrEnum):
    """The models, as ``assets/models/models.toml`` calls them."""

    DETECTOR = "detector"
    LANDMARKS = "landmarks"
    BLENDSHAPES = "blendshapes"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class ModelEntry:
    """What the list says of one model."""

    name: str
    file: str
    sha256: str
    size: int
    licence: str
    package: str
    path: tuple[str, ...]
    what: str
    outputs: tuple[str, ...]


class Model:
    """One loaded network; not to be shared between threads."""

    def __init__(self, net: cv2.dnn.Net, outputs: tuple[str, ...]) -> None:
        self._net = net
        self._outputs = outputs

    def run(self, blob: Tensor) -> tuple[Tensor, ...]:
        """Return the listed outputs for an input; they are valid until the next run."""
        self._net.setInput(blob)
        return tuple(self._net.forward(self._outputs))  # type: ignore[arg-type]


def models_folder() -> Path:
    """Return where the models lie.

    Raises:
        ModelError: the folder is missing.
    """
    try:
        return asset("models")
    except AssetError as error:
        raise ModelError(file="models", detail=Message(N_("it is missing"))) from error


def listed_models(folder: Path) -> dict[str, ModelEntry]:
    """Return what ``models.toml`` lists, by name.

    Raises:
        ModelError: the list is missing or damaged.
    """
    try:
        entries = tomllib.loads((folder / LIST).read_text(encoding="utf-8"))["model"]
        read = [
            ModelEntry(**{**entry, "path": tuple(entry["path"]), "outputs": tuple(entry["outputs"])})
            for entry in entries
        ]
    except OSError as error:
        raise ModelError(file=LIST, detail=Message(N_("it is missing"))) from error
    except (ValueError, KeyError, TypeError) as error:
        raise ModelError(file=LIST, detail=Message(N_("it is not the file that came with the station"))) from error
    return {entry.name: entry for entry in read}


def load_model(name: ModelName, folder: Path | None = None) -> Model:
    """Load one model after its bytes were checked against the listed hash.

    Raises:
        ModelError: it is missing, altered, or this OpenCV can't run it; the desk goes on by hand.
    """
    folder = folder or models_folder()
    entry = listed_models(folder).get(name.value)
    if entry is None:
        raise ModelError(file=LIST, detail=Message(N_("it is not the file that came with the station")))
    file = folder / entry.file
    try:
        data = file.read_bytes()
    except OSError as error:
        raise ModelError(file=entry.file, detail=Message(N_("it is missing"))) from error
    # A model is run by native code: a file that anybody could have exchanged is not even parsed.
    if hashlib.sha256(data).hexdigest() != entry.sha256:
        raise ModelError(file=entry.file, detail=Message(N_("it is not the file that came with the station")))
    return Model(_opened(file, data, entry), entry.outputs)


def _opened(file: Path, data: bytes, entry: ModelEntry) -> cv2.dnn.Net:
    import cv2
    import numpy as np

    # The engine that is new in OpenCV 5 drops all outputs but one. Asked for in the call, the older engine is only
    # given for a file's name, which on Windows must be plain ASCII; asked for in the environment, for bytes too.
    os.environ[_FORCE_ENGINE] = str(getattr(cv2.dnn, "ENGINE_CLASSIC", 1))
    try:
        net = cv2.dnn.readNetFromTFLite(np.frombuffer(data, np.uint8))
        if set(net.getUnconnectedOutLayersNames()) >= set(entry.outputs):
            return net
        # Somebody had used cv2.dnn in this process before: then the environment comes too late.
        net = cv2.dnn.readNetFromTFLite(str(file), engine=cv2.dnn.ENGINE_CLASSIC)
        if set(net.getUnconnectedOutLayersNames()) >= set(entry.outputs):
            return net
    except (cv2.error, AttributeError) as error:
        raise ModelError(file=entry.file, detail=Message(N_("this version of OpenCV can't run it"))) from error
    raise ModelError(file=entry.file, detail=Message(N_("this version of OpenCV can't run it")))
