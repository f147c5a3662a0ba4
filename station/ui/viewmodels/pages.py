"""The pages of the window, by name; light, for the header is shown before anything else is loaded."""

from __future__ import annotations

from enum import StrEnum


class Page(StrEnum):
    """What the middle of the window shows."""

    HOME = "home"
    PERSON = "person"
    QUEUE = "queue"
    OFFLINE_QUEUE = "offline_queue"
    STATIONS = "stations"
    DOUBTS = "doubts"
    CARD = "card"
    CHECK = "check"
    HOLDER_CARDS = "holder_cards"
    RECONCILE = "reconcile"
    PRINTERS = "printers"
    STOCK = "stock"
    BATCH = "batch"
    CALIBRATION = "calibration"
    PORTRAITS = "portraits"
    HELP = "help"
    FAULTS = "faults"
