"""A test fails on every log record of level WARNING or above that it did not announce.

A warning nobody expected is a fault nobody looked at. A test that provokes one says so:

    @pytest.mark.expects_log("station.services.outbox", r"router .* is away")

Then that record must come, too. `optional=True` allows it without demanding it, for what depends on timing. The logger
named covers its children; the pattern is searched for in the finished message.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.helpers.outcome import failed_already


@dataclass(frozen=True, slots=True)
class Expectation:
    """One record that a test announced by the marker `expects_log`."""

    logger: str
    pattern: str
    optional: bool

    def matches(self, record: logging.LogRecord) -> bool:
        """Tell whether this is the record that was announced."""
        inside = record.name == self.logger or record.name.startswith(self.logger + ".")
        return inside and re.search(self.pattern, record.getMessage()) is not None


class _Collector(logging.Handler):
    """Keeps what was logged; a handler of its own, for `caplog` forgets what its test clears."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


def _expectations(item: pytest.Item) -> list[Expectation]:
    return [
        Expectation(str(mark.args[0]), str(mark.args[1]), bool(mark.kwargs.get("optional", False)))
        for mark in item.iter_markers("expects_log")
    ]


def complaints(records: list[logging.LogRecord], expected: list[Expectation]) -> list[str]:
    """Name every record nobody announced, and every announced record that did not come."""
    found = [
        f"unexpected {record.levelname} from {record.name}: {record.getMessage()} ({record.pathname}:{record.lineno})"
        for record in records
        if not any(each.matches(record) for each in expected)
    ]
    missing = [
        f"announced by expects_log, but never logged: {each.logger} {each.pattern!r}"
        for each in expected
        if not each.optional and not any(each.matches(record) for record in records)
    ]
    return found + missing


@pytest.fixture(autouse=True)
def _fail_on_unexpected_logs(request: pytest.FixtureRequest) -> Iterator[None]:
    root = logging.getLogger()
    collector, handlers, level = _Collector(), list(root.handlers), root.level
    root.addHandler(collector)
    yield
    _put_back(root, handlers, level)
    if not failed_already(request.node):
        found = complaints(collector.records, _expectations(request.node))
        if found:
            pytest.fail("\n".join(found), pytrace=False)


def _put_back(root: logging.Logger, handlers: list[logging.Handler], level: int) -> None:
    """Undo what the program under test did to the root logger; pytest's own handlers come and go by phase."""
    root.setLevel(level)
    for handler in list(root.handlers):
        if handler not in handlers and not type(handler).__module__.startswith("_pytest."):
            root.removeHandler(handler)
            handler.close()


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marker, so that --strict-markers knows it."""
    config.addinivalue_line(
        "markers", "expects_log(logger, pattern, optional=False): the test announces a log record >= WARNING"
    )
