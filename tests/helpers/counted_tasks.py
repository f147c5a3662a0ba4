"""Tasks that know whether something is still to come of what was asked, for tests that look at a window at rest."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from station.ports.tasks import Cancel, Lane
from station.ui.tasks import QtTasks

_ENDLESS = {Lane.CAMERA, Lane.ANALYSIS, Lane.NETWORK, Lane.NEWS}


class _Ticket:
    """One piece of work: what was asked, and whether its asker has heard of it."""

    handle: Any = None
    over = False

    @property
    def waits(self) -> bool:
        """Tell whether its asker has still to hear of it."""
        return not self.over and not self.handle.stop.is_set()


class CountedTasks(QtTasks):
    """The window's own tasks, and a list of what they have still to bring."""

    def __init__(self) -> None:
        super().__init__()
        self._tickets: list[_Ticket] = []

    @property
    def at_rest(self) -> bool:
        """Tell whether all that was asked has been brought, but for what goes on for as long as the station."""
        self._tickets = [each for each in self._tickets if each.waits]
        return not self._tickets

    def run(
        self,
        lane: Lane,
        work: Callable[[Cancel], Any],
        *,
        done: Callable[[Any], None] | None = None,
        failed: Callable[[Exception], None] | None = None,
    ) -> Any:
        """Run it, and count it as under way until its asker has heard of it."""
        if lane in _ENDLESS:
            return super().run(lane, work, done=done, failed=failed)
        ticket = _Ticket()
        self._tickets = [each for each in self._tickets if each.waits]  # what is over need not be kept in memory

        def bring(asker: Callable[[Any], None] | None, what: Any) -> None:
            if asker is not None:
                asker(what)
            ticket.over = True

        def watched(cancel: Cancel) -> Any:
            try:
                return work(cancel)
            except Exception:
                if failed is None:  # it is logged, and nobody is called
                    ticket.over = True
                raise

        complain = None if failed is None else lambda error: bring(failed, error)
        ticket.handle = handle = super().run(lane, watched, done=lambda result: bring(done, result), failed=complain)
        self._tickets.append(ticket)
        return handle
