"""Where the print service is, and what the client makes of answers that a real one never gives."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest

from printers.api import Cancel, DriverConfig, PrinterMissingError, PrinterReason, PrintJob
from printers.drivers.ipp import IppPrinter
from printers.ipp import Group, GroupTag, IppError, IppFormatError, Message, ValueTag, decode, encode, text
from printers.ipp_client import (
    IppClient,
    IppStatusError,
    IppUnknownHostError,
    IppUnreachableError,
    IppUntrustedError,
    Server,
    user_name,
)
from printers.registry import load_profile
from tests.helpers.cards import sample_rendered_card
from tests.helpers.certificates import self_signed
from tests.helpers.http_server import scripted_server
from tests.helpers.scripted_web import ScriptedWeb, scripted_web

__all__ = ["scripted_web"]

RECORDED = Path(__file__).parents[2] / "fixtures" / "ipp"


def client(scripted_web: ScriptedWeb) -> IppClient:
    return IppClient(Server("127.0.0.1", scripted_web.server_port))


@pytest.mark.parametrize(
    ("address", "server"),
    [
        ("printhost", Server("printhost", 631)),
        ("printhost:6631", Server("printhost", 6631)),
        ("printhost:6631/version=1.1", Server("printhost", 6631)),
        ("192.0.2.7:80", Server("192.0.2.7", 80)),
        ("[2001:db8::1]", Server("[2001:db8::1]", 631)),
        ("[2001:db8::1]:6631", Server("[2001:db8::1]", 6631)),
        ("2001:db8::1", Server("2001:db8::1", 631)),
        ("/run/cups/cups.sock", Server(socket="/run/cups/cups.sock")),
        ("host:port", Server("host:port", 631)),
        ("host:99999", Server("host:99999", 631)),
    ],
)
def test_a_server_is_named_as_cups_names_it(address: str, server: Server) -> None:
    assert Server.parse(address) == server


@pytest.mark.parametrize("address", ["printhost:6631", "[2001:db8::1]:6631", "/run/cups/cups.sock"])
def test_lp_is_told_the_same_server(address: str) -> None:
    assert Server.parse(address).address == address


def test_the_environment_comes_before_the_settings_file(tmp_path: Path) -> None:
    conf = tmp_path / ".cups" / "client.conf"
    conf.parent.mkdir()
    conf.write_text("# desk 3\nUser desk\n  ServerName print.example.org:6631\n")
    assert Server.of_this_computer({"HOME": str(tmp_path), "CUPS_SERVER": "here:1234"}) == Server("here", 1234)
    assert Server.of_this_computer({"HOME": str(tmp_path)}) == Server("print.example.org", 6631)


def test_a_settings_file_without_a_server_is_passed_over(tmp_path: Path) -> None:
    conf = tmp_path / ".cups" / "client.conf"
    conf.parent.mkdir()
    conf.write_text("ServerName\nEncryption IfRequested\n")
    assert Server.of_this_computer({"HOME": str(tmp_path)}) == Server.of_this_computer({"HOME": "/nonexistent"})


def test_an_answer_of_a_real_service_is_read(scripted_web: ScriptedWeb) -> None:
    scripted_web.body = (RECORDED / "printer-idle.bin").read_bytes()
    assert client(scripted_web).printer("card", ["printer-state"]).get("printer-state") == (3,)


def test_the_question_is_what_the_standard_wants(scripted_web: ScriptedWeb) -> None:
    scripted_web.body = (RECORDED / "printer-idle.bin").read_bytes()
    client(scripted_web).printer("Kartes ž/1", ["printer-state", "marker-levels"])
    question = decode(scripted_web.asked)
    (operation,) = question.groups
    # RFC 8011 section 4.1.4.1: these two come first, in this order.
    assert [attribute.name for attribute in operation.attributes[:2]] == [
        "attributes-charset",
        "attributes-natural-language",
    ]
    assert operation.get("printer-uri") == ("ipp://localhost/printers/Kartes%20%C5%BE%2F1",)
    assert operation.get("requested-attributes") == ("printer-state", "marker-levels")


def test_all_jobs_of_everybody_are_asked_for_in_the_name_of_this_user(scripted_web: ScriptedWeb) -> None:
    scripted_web.body = (RECORDED / "jobs-two.bin").read_bytes()
    found = client(scripted_web).jobs("card", ["job-id"])
    assert [group.get("job-name") for group in found] == [("card-1",), ("card-2",)]
    (operation,) = decode(scripted_web.asked).groups
    assert (operation.get("my-jobs"), operation.get("which-jobs")) == ((False,), ("all",))
    assert operation.get("requesting-user-name") == (user_name(),)


def test_a_refusal_carries_its_number_and_words(scripted_web: ScriptedWeb) -> None:
    scripted_web.body = (RECORDED / "job-not-found.bin").read_bytes()
    with pytest.raises(IppStatusError, match="Job #99 does not exist") as caught:
        client(scripted_web).job(99, ["job-state"])
    assert caught.value.not_found
    assert not caught.value.needs_login


@pytest.mark.parametrize("status", [401, 403])
def test_a_service_that_wants_a_login_says_so(scripted_web: ScriptedWeb, status: int) -> None:
    scripted_web.status = status
    with pytest.raises(IppStatusError) as caught:
        client(scripted_web).cancel_job(1)
    assert caught.value.needs_login


@pytest.mark.parametrize("body", [b"", b"<html>It works!</html>", b"\x01\x01\x00", bytes(4096)])
def test_an_answer_that_is_no_ipp_is_one_error(scripted_web: ScriptedWeb, body: bytes) -> None:
    scripted_web.body = body
    with pytest.raises(IppFormatError):
        client(scripted_web).printer("card", ["all"])


def test_another_http_status_is_no_ipp(scripted_web: ScriptedWeb) -> None:
    scripted_web.status = 500
    with pytest.raises(IppFormatError, match="HTTP 500"):
        client(scripted_web).printer("card", ["all"])


def test_an_answer_without_the_printer_is_refused(scripted_web: ScriptedWeb) -> None:
    head = text(ValueTag.CHARSET, "attributes-charset", "utf-8")
    scripted_web.body = encode(Message(0, 1, (Group(GroupTag.OPERATION, (head,)),)))
    with pytest.raises(IppFormatError, match="missing"):
        client(scripted_web).printer("card", ["all"])


def test_an_endless_answer_is_cut_off(scripted_web: ScriptedWeb) -> None:
    scripted_web.body = bytes(9 * 1024 * 1024)
    with pytest.raises(IppFormatError, match="more than"):
        client(scripted_web).printer("card", ["all"])


@pytest.mark.parametrize("address", ["127.0.0.1:1", "/nonexistent.sock", "no such host", "::::", "[::1]:99999", "\0"])
def test_nobody_there_is_one_error(address: str) -> None:
    with pytest.raises(IppUnreachableError):
        IppClient(Server.parse(address)).printer("card", ["all"])


class TestWhoIsNotReached:
    """What keeps a printer from being asked: three things that look alike, and are mended in three ways."""

    def test_a_certificate_that_nobody_knows_is_no_printer_that_is_off(self, tmp_path: Path) -> None:
        certificate, key = self_signed(tmp_path)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        with scripted_server(tls=context) as server:
            uri = server.address.replace("https://", "ipps://").rstrip("/") + "/ipp/print"
            unknown, known = Server.at(uri), Server.at(uri, certificate=str(certificate))
            assert unknown is not None
            assert known is not None
            with pytest.raises(IppUntrustedError):
                IppClient(unknown).printer("", ["printer-state"])
            with pytest.raises(IppError) as answered:
                IppClient(known).printer("", ["printer-state"])
            assert not isinstance(answered.value, IppUnreachableError | IppUntrustedError)
            printer = IppPrinter(DriverConfig("Desk", load_profile("generic-cr80-300"), tmp_path, queue=uri))
            assert printer.status().reasons == (PrinterReason.UNTRUSTED,)
            job = PrintJob("card-1", sample_rendered_card())
            with pytest.raises(PrinterMissingError, match="certificate that is not known") as told:
                printer.print_card(job, cancel=Cancel(), progress=lambda step, share: None)
            assert "station profile" in told.value.todo

    def test_a_name_that_nobody_knows_here_may_be_known_to_others(self) -> None:
        server = Server.at("ipp://printer.invalid/ipp/print")
        assert server is not None
        with pytest.raises(IppUnknownHostError):
            IppClient(server).printer("", ["printer-state"])

    def test_a_port_where_nobody_listens_is_only_not_reached(self) -> None:
        server = Server.at("ipp://127.0.0.1:1/ipp/print")
        assert server is not None
        with pytest.raises(IppUnreachableError) as error:
            IppClient(server).printer("", ["printer-state"])
        assert type(error.value) is IppUnreachableError
