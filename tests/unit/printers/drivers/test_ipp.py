"""A network printer's own word for a card, where what else it says of itself speaks against it."""

from __future__ import annotations

from pathlib import Path

import pytest

from printers.api import Cancel, DriverConfig, JobReport, JobState, PrinterReason, PrinterState, PrintJob
from printers.drivers.ipp import IppPrinter
from printers.ipp_client import IppClient, IppUnreachableError, Server
from printers.registry import load_profile
from tests.helpers.cards import sample_rendered_card
from tests.helpers.ipp_printer import NetworkPrinter, network_printer

__all__ = ["network_printer"]


def driver(address: str, folder: Path) -> IppPrinter:
    return IppPrinter(DriverConfig("Desk", load_profile("generic-cr80-300"), folder, queue=address))


def printed(network_printer: NetworkPrinter, folder: Path) -> JobReport:
    printer = driver(network_printer.address, folder)
    job = PrintJob("card-1", sample_rendered_card())
    return printer.print_card(job, cancel=Cancel(), progress=lambda _step, _share: None)


def test_a_printers_own_word_confirms_a_card(network_printer: NetworkPrinter, tmp_path: Path) -> None:
    report = printed(network_printer, tmp_path)
    assert (report.state, report.card_confirmed) == (JobState.DONE, True)


def test_a_card_that_is_done_and_stuck_is_for_a_person_to_look_at(
    network_printer: NetworkPrinter, tmp_path: Path
) -> None:
    network_printer.state, network_printer.reasons = 5, ("media-jam-error",)
    report = printed(network_printer, tmp_path)
    assert (report.state, report.card_confirmed, report.untouched) == (JobState.DONE, False, False)


def test_an_open_cover_is_where_somebody_took_the_card_out(network_printer: NetworkPrinter, tmp_path: Path) -> None:
    network_printer.state, network_printer.reasons = 5, ("cover-open-error",)
    assert printed(network_printer, tmp_path).card_confirmed


def test_who_answers_byte_for_byte_keeps_nobody_for_longer_than_who_is_silent(network_printer: NetworkPrinter) -> None:
    network_printer.pause_s = 0.1
    client = IppClient(Server("127.0.0.1", network_printer.server_port, path="/ipp/print"), timeout_s=1)
    with pytest.raises(IppUnreachableError, match="too slowly") as caught:
        client.printer("", ["printer-state"])
    assert caught.value.sent, "it may have done what it was asked"


@pytest.mark.parametrize("host", ["printer..example.org", "x" * 70 + ".example.org"])
def test_a_name_that_can_be_none_is_a_printer_that_does_not_answer(host: str, tmp_path: Path) -> None:
    status = driver(f"ipp://{host}/ipp/print", tmp_path).status()
    assert (status.state, status.reasons) == (PrinterState.OFFLINE, (PrinterReason.OFFLINE,))
    assert host in status.detail
