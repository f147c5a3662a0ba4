"""``station sandbox``: run the ESC-Router sandbox by itself, or turn the fault dial of the demo bench."""

from __future__ import annotations

import argparse
from pathlib import Path

from station.cli.output import Output
from station.domain.errors import N_
from station.ports.faults import KINDS, Fault


def run(args: argparse.Namespace, out: Output, folder: Path) -> int:
    """Serve until interrupted, or set, clear and show faults."""
    if args.action == "fault":
        return _fault(args, out, folder)
    from station.app.demo import serve_sandbox

    # Not the demo's own file: two servers on one of SQLite's would wait for each other.
    database = args.database or folder / "sandbox.db"
    out.say(N_("Press Ctrl+C to stop it."))
    serve_sandbox(database, {args.key: args.pic}, args.port, folder / "faults.json", out.address)
    return 0


def _fault(args: argparse.Namespace, out: Output, folder: Path) -> int:
    from station.app.demo_profile import fault_dial

    dial = fault_dial(folder)
    # "clear DEVICE": the word that follows stands where a fault's kind would.
    if args.device == "clear":
        dial.clear(args.kind)
    elif args.device and args.kind:
        dial.set(args.device, args.kind, args.value)
    faults = dial.all()
    out.value({"faults": [_value(f) for f in faults.values()], "kinds": KINDS})
    out.table([(f.device, f.kind, f"{f.value:g}" if f.value else "") for f in faults.values()])
    if not faults:
        out.say(N_("Everything works."))
    if not args.device:
        out.table([(device, ", ".join(kinds)) for device, kinds in KINDS.items()])
    return 0


def _value(fault: Fault) -> dict[str, object]:
    return {"device": fault.device, "kind": fault.kind, "value": fault.value}
