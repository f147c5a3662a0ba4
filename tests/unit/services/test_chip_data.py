"""What goes onto a chip is put together from the issuance and the register, and the same each time."""

from __future__ import annotations

from datetime import date

from station.domain.workflow import Issuance
from station.services.chip_data import chip_data
from tests.helpers.desks import TestDesk


def test_it_is_the_issuance_s_number_and_the_holder_s_data(bench: TestDesk) -> None:
    issuance = bench.portrayed()
    before = bench.desk.clock.now()
    data = chip_data(bench.desk.journal, issuance, "https://s.esc-r.eu/")
    assert (data.escn, data.url) == (issuance.escn, f"https://s.esc-r.eu/{issuance.escn}")
    assert data.expires_on == date.fromisoformat(issuance.expires_on)
    assert data.holder.student_number == bench.liga.student_number
    assert data.esi == bench.liga.esi
    assert before <= data.at <= bench.desk.clock.now()


def test_a_holder_who_is_gone_leaves_the_number(bench: TestDesk) -> None:
    data = chip_data(bench.desk.journal, Issuance("i", "nobody", escn="14625400-9326-103f-8001-001999465982"), "")
    assert (data.esi, data.url, data.expires_on, data.holder.family_name) == (None, "", None, None)
