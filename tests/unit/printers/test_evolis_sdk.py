"""The process that holds the maker's SDK: its answers one by one, and that the real SDK has the names it uses."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from multiprocessing import Pipe
from multiprocessing.connection import Connection

import pytest

from printers.child import ChildGarbageError, read, write
from printers.evolis_link import EvolisLink, SdkAwayError, SdkRefusedError
from printers.evolis_sdk import serve
from tests.helpers.evolis import QUEUE, EvolisBench, evolis_bench

__all__ = ["evolis_bench"]

NAMES = """
import evolis as sdk
used = {
    sdk.Connection: "get_context get_last_error close get_state get_status get_ribbon_info get_cleaning_info get_info "
    "reserve release clear_mechanical_errors set_input_tray set_output_tray set_error_tray set_card_pos eject_card "
    "reject_card",
    sdk.PrintSession: "init get_last_error set_image_buffer set_black_buffer set_overlay_buffer set_uv_buffer "
    "set_setting get_setting print",
    sdk.MagSession: "set_coercivity set_track write",
    sdk.SettingKey: "FBlackManagement BBlackManagement FOverlayManagement BOverlayManagement Duplex GDuplexType",
    sdk.Status: "is_on is_session_free",
    sdk.Status.Flag: "INF_CARD_CONTACTLESS INF_CARD_SMART INF_CARD_PRINT INF_CARD_EJECT",
    sdk.CardPos: "CONTACTLESS CONTACT",
    sdk.CardFace: "FRONT BACK",
    sdk.InputTray: "FEEDER",
    sdk.OutputTray: "STANDARD ERROR",
    sdk.MagCoercivity: "AUTO LOCO HICO",
    sdk.MagFormat: "ISO1 ISO2 ISO3",
}
for owner, names in used.items():
    for name in names.split():
        assert hasattr(owner, name), (owner, name)
from printers import evolis_words
codes, minors = set(sdk.ReturnCode.__members__), set(sdk.State.Minor.__members__)
assert evolis_words._WAITS | evolis_words._REFUSED | {"PRINT_EMECHANICAL"} <= codes
assert all(any(part in minor for minor in minors) for part, _ in evolis_words._REASONS)
"""


def test_the_real_sdk_has_every_name_that_is_used() -> None:
    """Its Python part alone: no library of the maker is loaded, and no printer asked."""
    environment = {**os.environ, "PDOC_NO_EVOLIS_DLL_LOAD": "1"}
    found = subprocess.run([sys.executable, "-c", "import evolis"], env=environment, capture_output=True, check=False)
    if found.returncode:
        pytest.skip("evolis-sdk is not installed")
    subprocess.run([sys.executable, "-c", NAMES], env=environment, check=True, timeout=60)


@pytest.fixture
def link(evolis_bench: EvolisBench) -> EvolisLink:
    return EvolisLink(QUEUE, print_timeout_s=20)


def test_a_printer_that_is_not_there_never_reaches_the_call_that_crashes(evolis_bench: EvolisBench) -> None:
    link = EvolisLink("Elsewhere", print_timeout_s=20)
    with pytest.raises(SdkAwayError):
        link.prepare((), (), {})
    with pytest.raises(SdkAwayError):  # and the process still lives
        link.state()
    link.close()


def test_nothing_is_printed_that_was_not_prepared(evolis_bench: EvolisBench, link: EvolisLink) -> None:
    with pytest.raises(SdkRefusedError, match="nothing is prepared"):
        link.print_now()
    assert "print" not in evolis_bench.calls()
    link.close()


def test_what_is_prepared_is_printed_once(evolis_bench: EvolisBench, link: EvolisLink) -> None:
    link.prepare((), (), {})
    assert link.print_now()[0] == "OK"
    with pytest.raises(SdkRefusedError):
        link.print_now()
    assert evolis_bench.calls().count("print") == 1
    link.close()


def test_a_library_of_another_kind_ends_the_question_only(evolis_bench: EvolisBench, link: EvolisLink) -> None:
    with pytest.raises(ChildGarbageError, match="KeyError"):
        link.prepare((), (), {"NoSuchKey": "1"})
    assert link.state().minor == "PRINTER_READY"
    link.close()


def test_a_printer_that_was_off_is_opened_anew(evolis_bench: EvolisBench, link: EvolisLink) -> None:
    evolis_bench.set(minor="PRINTER_OFFLINE")
    assert link.state().major == "OFF"
    evolis_bench.repair()
    assert link.state().minor == "PRINTER_READY"
    assert [call for call in evolis_bench.calls() if call.startswith("open")] == [f"open {QUEUE}"] * 2
    link.close()


def test_a_printer_that_forgot_who_has_it_is_locked_again(evolis_bench: EvolisBench, link: EvolisLink) -> None:
    link.load("CONTACTLESS")
    link.prepare((), (), {})
    assert evolis_bench.calls().count("reserve") == 1, "it is ours from the encoder to the print"
    evolis_bench.set(place="CONTACTLESS", forgets=True)  # 45 s without a word
    link.prepare((), (), {})
    assert evolis_bench.calls().count("reserve") == 2
    link.close()


@pytest.fixture
def wire(evolis_bench: EvolisBench, monkeypatch: pytest.MonkeyPatch) -> Iterator[Connection]:
    """Give the asker's end to a server in a thread of this process, which ends when that is closed."""
    monkeypatch.delitem(sys.modules, "evolis", raising=False)
    ours, theirs = Pipe()
    serving = threading.Thread(target=serve, args=(theirs, QUEUE))
    serving.start()
    yield ours
    ours.close()
    serving.join(20)
    theirs.close()
    sys.modules.pop("evolis", None)
    assert not serving.is_alive(), "nobody asks any more, and it still waits"


def asked(wire: Connection, **said: object) -> dict[str, object]:
    write(wire, said)
    assert wire.poll(20)
    return read(wire)[0]


@pytest.mark.parametrize(
    "said",
    [
        {"verb": "fly"},
        {"verb": "load"},
        {"verb": "load", "position": "ROOF"},
        {"verb": "prepare", "panels": "FRONT.image", "settings": {}},
        {"verb": "prepare", "panels": [], "settings": []},
        {"verb": "prepare", "panels": ["FRONT.image"], "settings": {}},
    ],
    ids=str,
)
def test_a_question_that_makes_no_sense_is_answered_and_ends_nothing(
    evolis_bench: EvolisBench, wire: Connection, said: dict[str, object]
) -> None:
    assert asked(wire, **said)["error"] == "strange"
    assert asked(wire, verb="state")["minor"] == "PRINTER_READY"
    assert not {call.split()[0] for call in evolis_bench.calls()} & {"move", "print"}


def test_a_library_that_is_installed_later_is_found(wire: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as missing:
        missing.setitem(sys.modules, "evolis", None)
        assert asked(wire, verb="state")["error"] == "sdk"
    assert asked(wire, verb="state")["minor"] == "PRINTER_READY"
