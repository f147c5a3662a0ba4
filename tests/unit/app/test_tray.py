"""The hands at the demo bench."""

from __future__ import annotations

from pathlib import Path

from station.app.tray import CardTray
from station.domain.workflow import Issuance
from station.ports.faults import NoFaults


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
