"""What this machine lacks makes a test skip, with a reason that says what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.helpers.namespace import require_namespace, require_program


def test_outside_a_namespace_a_test_is_skipped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("STATION_NAMESPACE", raising=False)
    with pytest.raises(pytest.skip.Exception, match="packaging/in-namespace"):
        require_namespace()


def test_inside_a_namespace_it_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STATION_NAMESPACE", "1")
    try:
        require_namespace()
    except pytest.skip.Exception:
        pytest.fail("it was skipped")


def test_a_program_that_is_there_is_found() -> None:
    assert Path(require_program("python3")).exists()


def test_a_missing_program_names_its_package() -> None:
    with pytest.raises(pytest.skip.Exception, match=r"no-such-daemon .*Debian package: no-such-package"):
        require_program("no-such-daemon", package="no-such-package")
