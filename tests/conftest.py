"""What every test gets: no screen, no home of the user, no keyring, and strictness."""

from __future__ import annotations

import itertools
import os
from pathlib import Path

import hypothesis
import pytest

import station.ui  # noqa: F401 - before anything else that loads Qt: it gives Python's import back
from tests.helpers.patience import PatientBot

pytest_plugins = ["tests.helpers.outcome", "tests.helpers.logfail", "tests.helpers.leaks"]

# Before anything loads Qt. A test of the real X11 path starts a process of its own with a platform of its own.
os.environ["QT_QPA_PLATFORM"] = "offscreen"
os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.null.Keyring"

# No deadline: it is a timing figure, and those live in tests/benchmarks.
hypothesis.settings.register_profile("dev", deadline=None)
hypothesis.settings.register_profile("ci", deadline=None, derandomize=True, database=None, print_blob=True)
hypothesis.settings.register_profile("soak", deadline=None, max_examples=5000, print_blob=True)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if os.environ.get("CI") else "dev"))


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Name no test by bytes: signatures differ from process to process, and all must collect the same tests."""
    return argname if isinstance(val, bytes) else None


@pytest.fixture
def qtbot(qapp: object, request: pytest.FixtureRequest) -> PatientBot:
    """Wait longer than pytest-qt does by itself."""
    return PatientBot(request)


@pytest.fixture(scope="session")
def _homes(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, itertools.count[int]]:
    return tmp_path_factory.mktemp("homes"), itertools.count()


@pytest.fixture(autouse=True)
def isolated_home(_homes: tuple[Path, itertools.count[int]], monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the test an empty home folder, so that it neither sees nor touches the files of the person running it."""
    base, numbers = _homes
    home = base / str(next(numbers))
    runtime = home / "run"
    runtime.mkdir(parents=True)
    runtime.chmod(0o700)  # Qt refuses a runtime folder that others can read
    places = {
        "HOME": home,
        "USERPROFILE": home,
        "APPDATA": home / "AppData" / "Roaming",
        "LOCALAPPDATA": home / "AppData" / "Local",
        "XDG_CONFIG_HOME": home / ".config",
        "XDG_DATA_HOME": home / ".local" / "share",
        "XDG_STATE_HOME": home / ".local" / "state",
        "XDG_CACHE_HOME": home / ".cache",
        "XDG_RUNTIME_DIR": runtime,
    }
    for name, place in places.items():
        monkeypatch.setenv(name, str(place))
    return home
