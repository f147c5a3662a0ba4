"""Remember how a test ended, for the checks that run when it is torn down."""

from __future__ import annotations

from collections.abc import Generator

import pytest

_FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Note a failure; a leak or a warning after it is most likely its echo, and would only hide it."""
    report = yield
    if report.failed:
        item.stash[_FAILED] = True
    return report


def failed_already(item: pytest.Item) -> bool:
    """Tell whether the test has failed in an earlier phase."""
    return item.stash.get(_FAILED, False)
