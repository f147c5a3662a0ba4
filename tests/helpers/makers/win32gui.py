"""A stand-in for pywin32's ``win32gui``: device contexts are numbers."""

from __future__ import annotations


def CreateDC(driver: str, device: str, mode: object) -> int:  # noqa: N802
    assert driver == "WINSPOOL"
    return 7


def DeleteDC(context: int) -> None:  # noqa: N802
    assert context == 7
