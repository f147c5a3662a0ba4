"""Run a verb: find the profile, open the desk, turn every error into one clear line."""

from __future__ import annotations

import argparse
import gc
import logging
import os
import sys
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from platformdirs import user_config_path, user_data_path, user_log_path

from station.cli.output import Output
from station.cli.parser import build_parser
from station.domain.errors import N_, Cancelled, ProfileError, StationError
from station.settings import Settings, load_settings

if TYPE_CHECKING:
    from station.services.desk import Desk


def main(arguments: Sequence[str]) -> int:
    """Run the command line: 0 when it worked, 1 with one line to standard error when not, 2 on bad usage."""
    parser = build_parser()
    args = parser.parse_args(list(arguments))
    if args.data is not None and not args.demo and args.verb not in ("demo", "sandbox"):
        parser.error("--data goes with --demo")
    # Errors only, unless asked: between the lines that a verb prints, a log is read by nobody.
    logging.basicConfig(
        level=logging.INFO if args.verbose else logging.ERROR, format="%(asctime)s %(levelname)s %(name)s %(message)s"
    )
    out = Output(as_json=args.json)
    # A hook and no handler: nothing is caught that somebody further in might still want to clear up after.
    sys.excepthook = partial(_unexpected, out)
    try:
        return _dispatch(args, out)
    except StationError as error:
        out.error(error)
        return 1
    # Ctrl+C is a person's word and no mistake: one line and the status of what did not happen.
    except KeyboardInterrupt:
        out.error(Cancelled())
        return 1
    except BrokenPipeError:
        # Whoever read our output has had enough of it.
        # Into nowhere from now on: Python flushes once more at its end, and would complain about the same pipe.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def _unexpected(out: Output, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Say in one line that the program itself is at fault, and keep what its makers need in a file."""
    file = user_log_path("esc-station", appauthor=False) / "errors.log"
    with suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("a", encoding="utf-8") as log:
            log.writelines(traceback.format_exception(kind, error, trace))
    out.error(
        StationError(
            N_("The station made a mistake of its own ({detail})."),
            N_("What was recorded is safe. Send the file {file} to the station's makers."),
            detail=kind.__name__,
            file=file,
        )
    )


def _dispatch(args: argparse.Namespace, out: Output) -> int:
    if args.verb in (None, "gui") or (args.verb == "demo" and not args.headless):
        return _window(args)
    # Switched off for the window's start alone; a batch or a watch would otherwise only ever grow.
    gc.enable()
    if args.verb == "sandbox":
        from station.cli import sandbox

        return sandbox.run(args, out, demo_folder(args))
    # Without a desk: these two are for a station whose desk can't be opened, or not yet.
    if args.verb in ("doctor", "enrol"):
        from station.cli import doctor, enrol

        run = doctor.run if args.verb == "doctor" else enrol.run
        return run(args, out, _settings(args), demo_folder(args))
    if args.verb == "photo" and args.action not in ("overrides", "review"):
        from station.cli import photo

        return photo.run(args, out)
    if args.verb == "layout":
        from station.cli import layout

        if not layout.needs_desk(args.action):
            return layout.run(args, out)
    from station.cli import verbs

    with _desk(args) as desk:
        return verbs.VERBS[args.verb](args, out, desk)


# What a station that was withdrawn may still do: its cards are valid, and what is to be told of them goes out.
_OF_THE_QUEUE = frozenset({"queue", "sync", "reconcile", "journal", "merge"})


@contextmanager
def _desk(args: argparse.Namespace) -> Iterator[Desk]:
    if args.demo or args.verb == "demo":
        from station.app.demo import open_demo

        how = {name: getattr(args, name, False) for name in ("offline", "one_pass")}
        with open_demo(demo_folder(args), **how) as bench:
            yield bench.desk
    else:
        from station.app.build import open_desk

        with open_desk(load_settings(profile_file(args)), withdrawn_too=args.verb in _OF_THE_QUEUE) as desk:
            yield desk


def _settings(args: argparse.Namespace) -> Settings | None:
    if args.demo:
        return None
    return load_settings(profile_file(args))


def _window(args: argparse.Namespace) -> int:
    from station.app.window import run_demo_window, run_desk_window

    if args.demo or args.verb == "demo":
        return run_demo_window(demo_folder(args), one_pass=getattr(args, "one_pass", False))
    return run_desk_window(load_settings(profile_file(args)))


def profile_file(args: argparse.Namespace) -> Path:
    """Return the profile to use: ``--profile``, else ``$ESC_STATION_PROFILE``, else the user's own place for it.

    Raises:
        ProfileError: there is none.
    """
    if args.profile is not None:
        return Path(args.profile)
    named = os.environ.get("ESC_STATION_PROFILE")
    file = Path(named) if named else user_config_path("esc-station", appauthor=False) / "station.toml"
    if not file.exists():
        raise ProfileError(
            N_("There is no station profile yet at {file}."),
            N_("Start the demo with --demo, or ask IT to put a profile there."),
            file=file,
        )
    return file


def demo_folder(args: argparse.Namespace) -> Path:
    """Return where the demo bench keeps its data."""
    return Path(args.data) if args.data is not None else user_data_path("esc-station", appauthor=False) / "demo"
