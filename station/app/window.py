"""Open the window on a desk, real or demo; the desk itself is opened behind the first paint."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from platformdirs import user_state_path

from station.resources import asset
from station.settings import Settings
from station.ui.preferences import Preferences
from station.ui.run import run_window

if TYPE_CHECKING:
    from station.domain.holder import Holder
    from station.services.desk import Desk
    from station.ui.viewmodels.models import Opened

PREFERENCES = "window.ini"


def run_desk_window(settings: Settings) -> int:
    """Run the window on this station's own devices; return the exit status."""

    @contextmanager
    def opener() -> Iterator[Opened]:
        # Inside, as this is called on the thread that opens the desk: the window is painted before all this is loaded.
        from station.app.build import open_desk
        from station.ui.viewmodels.models import Opened

        with open_desk(settings) as desk:
            yield Opened(desk)

    return run_window(settings, opener, Preferences(user_state_path("esc-station", appauthor=False) / PREFERENCES))


def run_demo_window(folder: Path, *, one_pass: bool = False) -> int:
    """Run the window on the demo bench; return the exit status. With ``one_pass`` its printer writes the chips, too."""
    from station.app.demo_profile import NOWHERE, demo_settings

    @contextmanager
    def opener() -> Iterator[Opened]:
        from station.app.demo import open_demo
        from station.ui.viewmodels.models import Opened

        with open_demo(folder, one_pass=one_pass) as bench:
            yield Opened(bench.desk, dial=bench.dial, waiting=demo_queue(bench.desk))

    settings = demo_settings(folder, NOWHERE, one_pass=one_pass)
    return run_window(settings, opener, Preferences(folder / PREFERENCES))


def demo_queue(desk: Desk) -> tuple[Holder, ...]:
    """Return who waits at the demo's desk: those of its queue who have no card yet."""
    numbers = asset("demo", "queue.txt").read_text(encoding="utf-8").split()
    found = [desk.store.holders.by_student_number(number) for number in numbers]
    return tuple(h for h in found if h is not None and not desk.store.cards.of_holder(h.id))
