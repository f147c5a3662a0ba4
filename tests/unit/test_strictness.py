"""Each strictness rule fails a bad test, and leaves a good one alone: tried with little test runs inside this one."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from tests.helpers.patience import PATIENCE_MS

ROOT = Path(__file__).resolve().parents[2]
Run = Callable[[str], pytest.RunResult]


@pytest.fixture
def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run the given test module as its own pytest process, under this project's settings and conftest."""
    pytester.makepyprojecttoml((ROOT / "pyproject.toml").read_text("utf-8"))
    pytester.makeconftest((ROOT / "tests" / "conftest.py").read_text("utf-8"))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))  # for tests.helpers

    def start(source: str) -> pytest.RunResult:
        pytester.makepyfile(test_inner=source)
        return pytester.runpytest_subprocess("-p", "no:cacheprovider", "test_inner.py")

    return start


def test_an_unexpected_log_record_fails_the_test(run: Run) -> None:
    result = run("""
        import logging
        def test_it():
            logging.getLogger("station.x").warning("the %s broke", "reader")
    """)
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*unexpected WARNING from station.x: the reader broke*"])


def test_an_announced_log_record_is_allowed_and_demanded(run: Run) -> None:
    result = run("""
        import logging, pytest
        @pytest.mark.expects_log("station", "reader broke")
        def test_announced():
            logging.getLogger("station.x").error("the reader broke")
        @pytest.mark.expects_log("station.x", "reader broke")
        def test_never_came():
            pass
        @pytest.mark.expects_log("station.x", "reader broke", optional=True)
        def test_optional():
            pass
        @pytest.mark.expects_log("station.x", "reader broke")
        def test_another_logger():
            logging.getLogger("station.xy").error("the reader broke")
    """)
    result.assert_outcomes(passed=4, errors=2)
    result.stdout.fnmatch_lines(["*never logged: station.x 'reader broke'*", "*unexpected ERROR from station.xy*"])


def test_log_handlers_of_the_program_under_test_are_taken_away(run: Run) -> None:
    result = run("""
        import logging
        def test_one():
            logging.basicConfig(force=True, level=logging.DEBUG)
            assert any(type(h) is logging.StreamHandler for h in logging.getLogger().handlers)
        def test_two():
            assert not any(type(h) is logging.StreamHandler for h in logging.getLogger().handlers)
            assert logging.getLogger().level == logging.WARNING
    """)
    result.assert_outcomes(passed=2)


@pytest.mark.parametrize("daemon", [True, False])
def test_a_leaked_thread_fails_the_test(run: Run, daemon: bool) -> None:
    result = run(f"""
        import threading
        from tests.helpers import leaks
        leaks.JOIN_DEADLINE_S = 0.1
        gate = threading.Event()
        def test_leaks():
            threading.Thread(target=gate.wait, name="left behind", daemon={daemon}).start()
        def test_tidy():
            gate.set()
            threading.Thread(target=gate.wait, daemon=True).start()
    """)
    result.assert_outcomes(passed=2, errors=1)
    result.stdout.fnmatch_lines(["*thread 'left behind' still runs*wait*"])


def test_a_leaked_widget_and_an_active_timer_fail_the_test(run: Run) -> None:
    result = run("""
        from PySide6.QtCore import QTimer
        from PySide6.QtWidgets import QWidget
        kept = []
        def test_widget(qtbot):
            kept.append(QWidget(objectName="forgotten"))
        def test_timer(qapp):
            timer = QTimer()
            timer.start(50)
            kept.append(timer)
        def test_tidy(qtbot):
            window = QWidget()
            qtbot.addWidget(window)
            QTimer(window).start(50)
            window.show()
            kept.append(window)
    """)
    result.assert_outcomes(passed=3, errors=2)
    result.stdout.fnmatch_lines(
        ["*top-level widget QWidget 'forgotten' is still there", "*QTimer*every 50 ms is still active*"]
    )


def test_a_qt_warning_fails_the_test(run: Run) -> None:
    result = run("""
        from PySide6.QtCore import qWarning
        def test_it(qapp):
            qWarning("a connection to nowhere")
    """)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*a connection to nowhere*"])


def test_a_python_warning_fails_the_test(run: Run) -> None:
    result = run("""
        import warnings
        def test_it():
            warnings.warn("old way", DeprecationWarning)
    """)
    result.assert_outcomes(failed=1)


def test_a_file_left_open_fails_the_test(run: Run) -> None:
    result = run("""
        import gc
        def test_it(tmp_path):
            open(tmp_path / "x", "w")
            gc.collect()
    """)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*ResourceWarning: unclosed file*"])


def test_a_failure_is_reported_alone_without_the_leaks_it_caused(run: Run) -> None:
    result = run("""
        import logging, threading
        gate = threading.Event()
        def test_it():
            threading.Thread(target=gate.wait, daemon=True).start()
            logging.error("echo")
            raise AssertionError("the cause")
    """)
    result.assert_outcomes(failed=1, errors=0)
    result.stdout.fnmatch_lines(["*the cause*"])


def test_a_test_has_an_empty_home_and_no_keyring(run: Run) -> None:
    result = run("""
        import os
        from pathlib import Path
        import keyring
        import platformdirs
        def test_home(isolated_home):
            assert Path.home() == isolated_home
            assert isolated_home in platformdirs.user_data_path("x").parents
            keyring.set_password("station", "key", "secret")
            assert keyring.get_password("station", "key") is None
            (isolated_home / "left").touch()
        def test_next(isolated_home):
            assert not (isolated_home / "left").exists()
            assert os.environ["QT_QPA_PLATFORM"] == "offscreen"
    """)
    result.assert_outcomes(passed=2)


def test_a_wait_that_names_no_time_is_a_patient_one(qtbot: QtBot) -> None:
    for wait in (qtbot.waitUntil, qtbot.waitSignal, qtbot.waitSignals, qtbot.waitExposed, qtbot.waitActive):
        assert inspect.signature(wait).parameters["timeout"].default == PATIENCE_MS
