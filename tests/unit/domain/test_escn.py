"""Card numbers: the worked examples, that they only grow, and which part of a wrong one is named."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.domain.errors import EscnError
from station.domain.escn import (
    QR_PREFIX,
    Epoch,
    EscnWindow,
    check_escn,
    escn_from_bytes,
    escn_from_qr,
    escn_to_bytes,
    next_escn,
    parse_escn,
    qr_text,
)

PIC = "999465982"
ISSUED = "d88b02c1-894e-1038-a711-001999465982"

prefixes = st.integers(0, 999)
pics = st.integers(0, 999_999_999).map(lambda n: f"{n:09d}")
clock_seqs = st.integers(0, 0x3FFF)
instants_ms = st.integers(0, 7_258_118_400_000)  # to the year 2200


def ms(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp() * 1000)


@pytest.mark.parametrize(
    ("when_ms", "clock_seq", "prefix", "pic", "value", "escn"),
    [
        (ms("2026-09-01T08:00:00Z"), 1, 1, PIC, 0x3F932614625400, "14625400-9326-103f-8001-001999465982"),
        (ms("2026-11-22T12:34:56.789Z"), 0x3FFE, 66, "999859608", 0x3FD3BC131C1050,
         "131c1050-d3bc-103f-bffe-066999859608"),
        (0, 0x1234, 0, "123456789", 0xB1D069B5400, "069b5400-0b1d-1000-9234-000123456789"),
    ],
)  # fmt: skip
def test_worked_examples(when_ms: int, clock_seq: int, prefix: int, pic: str, value: int, escn: str) -> None:
    assert next_escn(when_ms, 0, clock_seq, prefix, pic) == (escn, value)


def test_second_number_within_a_millisecond_is_one_tick_on() -> None:
    now = ms("2026-09-01T08:00:00Z")
    _, first = next_escn(now, 0, 1, 1, PIC)
    assert next_escn(now, first, 1, 1, PIC) == ("14625401-9326-103f-8001-001999465982", 0x3F932614625401)


@pytest.mark.parametrize(
    ("escn", "issued", "rfc"),
    [
        (ISSUED, "2020-05-22 08:11:53", "1633-03-19"),
        ("3e506370-826a-103d-bf76-001000000001", "2024-10-28 11:25:11", "1637-08-25"),
        ("aec54890-72b1-1039-8e5f-001999893752", "2021-03-15 08:16:24", "1634-01-10"),
        ("25539be8-6423-103e-add8-988999978433", "2025-08-11 17:25:37", "1638-06-08"),
    ],
)
def test_numbers_on_real_cards_decode_to_their_dates(escn: str, issued: str, rfc: str) -> None:
    parts = check_escn(escn)
    assert f"{parts.issued_epoch_date:%Y-%m-%d %H:%M:%S}" == issued
    assert f"{parts.rfc_date:%Y-%m-%d}" == rfc


def test_rfc_epoch_agrees_with_the_standard_library() -> None:
    now = datetime(2026, 9, 1, 8, tzinfo=UTC)
    escn, value = next_escn(round(now.timestamp() * 1000), 0, 5, 1, PIC, epoch=Epoch.RFC)
    assert uuid.UUID(escn).time == value
    assert check_escn(escn).rfc_date == now
    assert escn.split("-")[2].startswith("11f")


@given(instants_ms, st.integers(0, 2**59), clock_seqs, prefixes, pics)
def test_what_is_made_can_be_read_and_always_grows(
    now_ms: int, last: int, clock_seq: int, prefix: int, pic: str
) -> None:
    escn, value = next_escn(now_ms, last, clock_seq, prefix, pic)
    parts = parse_escn(escn)
    assert (parts.prefix, parts.pic, parts.clock_seq, parts.value) == (prefix, pic, clock_seq, value)
    assert value > last
    assert uuid.UUID(escn).version == 1
    assert uuid.UUID(escn).variant == uuid.RFC_4122
    assert escn_from_bytes(escn_to_bytes(escn)) == escn
    assert escn_from_qr(qr_text(escn)) == escn


@given(st.lists(instants_ms, min_size=2, max_size=50), st.integers(0, 2**55))
def test_a_clock_that_jumps_makes_no_number_twice(clock: list[int], last: int) -> None:
    made: list[str] = []
    for now_ms in clock:
        escn, last = next_escn(now_ms, last, 7, 1, PIC)
        made.append(escn)
    assert len(set(made)) == len(made)


@given(instants_ms)
def test_an_epoch_reads_what_it_wrote(now_ms: int) -> None:
    for epoch in Epoch:
        assert round(epoch.instant(epoch.value_at(now_ms)).timestamp() * 1000) == now_ms


@pytest.mark.parametrize(
    ("prefix", "pic", "clock_seq", "part"),
    [
        (1000, PIC, 0, "prefix"),
        (-1, PIC, 0, "prefix"),
        (1, "99946598", 0, "pic"),
        (1, "99946598a", 0, "pic"),
        (1, "٩٩٩٤٦٥٩٨٢", 0, "pic"),
        (1, PIC, 0x4000, "clock_seq"),
    ],
)
def test_wrong_makings_are_named(prefix: int, pic: str, clock_seq: int, part: str) -> None:
    with pytest.raises(EscnError) as caught:
        next_escn(0, 0, clock_seq, prefix, pic)
    assert caught.value.params["part"] == part


def test_a_time_beyond_sixty_bits_is_refused() -> None:
    with pytest.raises(EscnError, match="impossible time"):
        next_escn(0, 2**60 - 1, 0, 1, PIC)


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", "shape"),
        ("d88b02c1894e1038a711001999465982", "shape"),
        ("d88b02c1-894e-1038-a711-00199946598", "shape"),
        ("d88b02g1-894e-1038-a711-001999465982", "shape"),
        ("d88b02c1-894e-4038-a711-001999465982", "version"),
        ("d88b02c1-894e-1038-c711-001999465982", "variant"),
        ("d88b02c1-894e-1038-7711-001999465982", "variant"),
        ("d88b02c1-894e-1038-a711-00199946598f", "node"),
    ],
)
def test_the_wrong_part_is_named(text: str, part: str) -> None:
    with pytest.raises(EscnError) as caught:
        parse_escn(text)
    assert caught.value.params["part"] == part
    assert caught.value.params["value"] == text


def test_case_and_spaces_do_not_matter() -> None:
    assert parse_escn(f"  {ISSUED.upper()}\n").escn == ISSUED


def test_a_number_of_another_institution_or_station_is_named() -> None:
    assert check_escn(ISSUED, PIC, prefix=1).pic == PIC
    with pytest.raises(EscnError, match="another institution: its PIC is 999465982, not 999859608"):
        check_escn(ISSUED, "999859608")
    with pytest.raises(EscnError, match="another station: its prefix is 1, not 66"):
        check_escn(ISSUED, PIC, prefix=66)


def test_a_date_outside_the_window_is_named() -> None:
    window = EscnWindow(latest=datetime(2020, 5, 22, tzinfo=UTC))
    with pytest.raises(EscnError, match="2020-05-22, is not one on which cards were made"):
        check_escn(ISSUED, window=window)
    with pytest.raises(EscnError) as caught:
        check_escn("069b5400-0b1d-1000-9234-000123456789")
    assert caught.value.params["part"] == "time"


@pytest.mark.parametrize(
    "text",
    [
        f"https://s.esc-r.eu/{ISSUED}",
        f"http://esc.gg/{ISSUED}",
        f"https://esc.gg/{ISSUED}",
        f"http://pp.esc.gg/{ISSUED}",
        f"HTTPS://S.ESC-R.EU/{ISSUED.upper()}",
        f" https://s.esc-r.eu/{ISSUED}/\r\n",
    ],
)
@pytest.mark.parametrize("own", [None, QR_PREFIX, "https://cards.example.edu/v?n="])
def test_every_generation_of_qr_is_read(text: str, own: str | None) -> None:
    assert escn_from_qr(text, prefix_url=own) == ISSUED


def test_an_institutions_own_prefix_is_read_when_told() -> None:
    own = "https://cards.example.edu/v?n="
    assert escn_from_qr(qr_text(ISSUED, own), prefix_url=own) == ISSUED
    assert escn_from_qr(qr_text(ISSUED, own) + "/", prefix_url=own) == ISSUED
    assert escn_from_qr(qr_text(ISSUED), prefix_url=own) == ISSUED


@pytest.mark.parametrize(
    ("text", "part"),
    [
        (f"https://example.org/{ISSUED}", "address"),
        (f"https://s.esc-r.eu.example.org/{ISSUED}", "address"),
        (ISSUED, "address"),
        ("https://s.esc-r.eu/hello", "shape"),
        ("", "address"),
    ],
)
def test_other_qrs_are_refused(text: str, part: str) -> None:
    with pytest.raises(EscnError) as caught:
        escn_from_qr(text)
    assert caught.value.params["part"] == part


@pytest.mark.parametrize("data", [b"", bytes(15), bytes(16), bytes.fromhex("d88b02c1894e4038a711001999465982")])
def test_bytes_that_are_no_number_are_refused(data: bytes) -> None:
    with pytest.raises(EscnError):
        escn_from_bytes(data)
