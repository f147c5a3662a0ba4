"""``station doctor``: how each device and dependency stands, and what to do."""

from __future__ import annotations

import argparse
from pathlib import Path

from station.cli.output import Output
from station.domain.errors import N_
from station.services.health import Health, HealthState
from station.settings import Settings


def run(args: argparse.Namespace, out: Output, settings: Settings | None, folder: Path) -> int:
    """Print one line a thing; 1 when one of them needs a person."""
    from station.app.demo import examine_demo
    from station.app.doctor import examine

    found = examine_demo(folder) if settings is None else examine(settings)
    values, bad = [], 0
    for health in found:
        bad += health.state is HealthState.BAD
        # One by one as they come: a router that doesn't answer takes seconds, and what was found before is worth
        # reading.
        _tell(out, health)
        values.append(
            {
                "device": health.device,
                "name": health.name,
                "state": health.state,
                "found": health.message,
                "todo": health.todo,
            }
        )
    out.value({"ok": bad == 0, "findings": values})
    if bad:
        out.say(N_("{count} need attention."), count=bad)
    else:
        out.say(N_("Everything that is needed is here."))
    return 1 if bad else 0


def _tell(out: Output, health: Health) -> None:
    what = " ".join(filter(None, (health.name, out.text(health.message))))
    out.table([(_SIGNS[health.state].ljust(2), health.device.ljust(8), what)])
    if health.todo is not None:
        out.table([("", "", "".ljust(8), "→ " + out.text(health.todo))])


_SIGNS = {HealthState.OK: "ok", HealthState.WARN: "~", HealthState.BAD: "!!", HealthState.OFF: "-"}
