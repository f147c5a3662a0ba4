"""The hands at the demo bench."""

from __future__ import annotations

from pathlib import Path

from station.app.tray import ENCODER_NAME, READER_NAME, CardTray
from station.domain.workflow import Issuance
from station.ports.faults import NoFaults
from station.ports.printer import CardPlace


def on_reader(tray: CardTray) -> str:
    card = tray.readers.card()
    return card.uid.hex().upper() if card is not None else ""


def test_a_new_issuance_gets_a_new_blank_and_a_begun_one_its_own_card(tmp_path: Path) -> None:
    tray = CardTray(tmp_path, NoFaults())
    tray.hand(Issuance("a"))
    first = on_reader(tray)
    tray.hand(Issuance("b"))
    assert on_reader(tray) not in ("", first)
    tray.hand(Issuance("a", uid=first))
    assert on_reader(tray) == first


def test_what_lies_on_the_reader_lies_there_after_a_restart(tmp_path: Path) -> None:
    uid = CardTray(tmp_path, NoFaults()).put_blank()
    assert on_reader(CardTray(tmp_path, NoFaults())) == uid
    (tmp_path / f"{uid}.card").write_text("{", encoding="utf-8")
    assert on_reader(CardTray(tmp_path, NoFaults())) == ""
    (tmp_path / f"{uid}.card").unlink()
    assert on_reader(CardTray(tmp_path, NoFaults())) == ""


def test_cards_survive_a_restart_and_unknown_ones_are_not_made_up(tmp_path: Path) -> None:
    first = CardTray(tmp_path, NoFaults())
    uid = first.put_blank()
    first.take_off()
    again = CardTray(tmp_path, NoFaults())
    assert on_reader(again) == ""
    assert again.put(uid)
    assert on_reader(again) == uid
    assert not again.put("04FFFFFFFFFFFF")
    assert on_reader(again) == uid


def in_encoder(tray: CardTray) -> str:
    card = tray.readers.card(ENCODER_NAME)
    return card.uid.hex().upper() if card is not None else ""


def test_the_printers_encoder_has_the_card_that_the_printer_brings_it(tmp_path: Path) -> None:
    tray = CardTray(tmp_path, NoFaults(), encoder=True)
    tray.moved(CardPlace.INSIDE)
    assert in_encoder(tray) == "", "a card that is stuck on the way is not at the encoder"
    tray.moved(CardPlace.CONTACTLESS)
    blank = in_encoder(tray)
    assert blank
    tray.moved(CardPlace.UNKNOWN)
    again = CardTray(tmp_path, NoFaults(), encoder=True)
    again.moved(CardPlace.CONTACTLESS)
    assert in_encoder(again) == blank, "it is the same card after a restart"
    again.moved(CardPlace.NONE)
    assert in_encoder(again) == ""
    again.moved(CardPlace.CONTACTLESS)
    assert in_encoder(again) not in ("", blank)


def test_a_card_that_is_laid_into_the_feeder_is_taken_first(tmp_path: Path) -> None:
    tray = CardTray(tmp_path, NoFaults(), encoder=True)
    uid = tray.put_blank()
    tray.lay_in_feeder(Issuance("a", uid=uid))
    assert on_reader(tray) == ""
    tray.moved(CardPlace.CONTACTLESS)
    assert in_encoder(tray) == uid


def test_a_printer_without_an_encoder_moves_nothing_here(tmp_path: Path) -> None:
    tray = CardTray(tmp_path, NoFaults())
    tray.moved(CardPlace.NONE)
    assert [info.name for info in tray.readers.list_readers()] == [READER_NAME]
