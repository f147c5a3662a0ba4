"""Where a portrait comes from besides the camera, how old it is, and that nothing but its pixels comes along."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from PIL import Image

from station.domain.errors import PortraitError
from station.domain.holder import Holder
from station.domain.portrait import Crop, PortraitFinding, PortraitSource
from station.photo.pictures import as_frame
from station.photo.portraits import Sitting, make_portrait
from station.services.portrait_sources import PortraitSources, day_of, in_folder, months_between
from station.settings import PhotoPart
from tests.helpers.desks import TestDesk, a_portrait
from tests.helpers.pictures import corners, quarters, saved

UPRIGHT = (0, 1, 2, 3)
SECRETS = (b"CameraMaker", b"2019:05:04", b"a secret remark", b"xpacket", b"N\x00\x00\x00")


def noted(at: str = "2019:05:04 10:20:30") -> bytes:
    """Return a JPEG with everything in it that a telephone writes beside the picture."""
    notes = Image.Exif()
    notes[0x010F] = "CameraMaker"
    notes[0x8825] = {1: "N", 2: (56.0, 57.0, 0.0), 3: "E", 4: (24.0, 6.0, 0.0)}
    notes.get_ifd(0x8769)[0x9003] = at
    xmp = b'<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta/><?xpacket end="w"?>'
    return saved(corners(600, 800), "JPEG", exif=notes.tobytes(), comment=b"a secret remark", xmp=xmp)


def sources(bench: TestDesk, folder: Path | None = None, months: int = 6) -> PortraitSources:
    return PortraitSources(bench.desk.store, bench.desk.clock, PhotoPart(folder=folder, max_age_months=months))


def with_photo(holder: Holder, path: Path) -> Holder:
    return replace(holder, photo=str(path))


def aged(path: Path, now: datetime, days: int) -> Path:
    at = (now - timedelta(days=days)).timestamp()
    os.utime(path, (at, at))
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a folder of pictures, one of them Līga's."""
    made = tmp_path / "photos"
    made.mkdir()
    (made / "051REB123.jpg").write_bytes(saved(corners(), "JPEG", quality=95))
    return made


def test_nothing_is_offered_where_there_is_nothing(bench: TestDesk) -> None:
    assert sources(bench).of(bench.liga) == ()


def test_the_folders_picture_is_found_with_its_age(bench: TestDesk, folder: Path) -> None:
    aged(folder / "051REB123.jpg", bench.desk.clock.now(), 100)
    (offer,) = sources(bench, folder).of(bench.liga)
    assert (offer.source, offer.name, offer.months, offer.too_old) == (PortraitSource.FOLDER, "051REB123.jpg", 3, False)
    assert offer.preview
    assert sources(bench, folder).of(bench.martins) == ()


@pytest.mark.parametrize(("months", "too_old"), [(6, True), (7, False), (0, False)])
def test_the_rule_for_the_age_is_the_stations(bench: TestDesk, folder: Path, months: int, too_old: bool) -> None:
    aged(folder / "051REB123.jpg", bench.desk.clock.now(), 7 * 31)
    (offer,) = sources(bench, folder, months).of(bench.liga)
    assert (offer.months, offer.too_old) == (7, too_old)


def test_the_register_the_folder_and_the_last_one_come_with_the_usable_first(bench: TestDesk, folder: Path) -> None:
    now = bench.desk.clock.now()
    pre = folder / "uploaded.png"
    pre.write_bytes(saved(corners(), "PNG"))
    aged(pre, now, 10)
    aged(folder / "051REB123.jpg", now, 40)
    bench.desk.store.portraits.add(replace(a_portrait(bench.liga.id), taken_at=now - timedelta(days=800)))
    found = sources(bench, folder).of(with_photo(bench.liga, pre))
    assert [(o.source, o.too_old) for o in found] == [
        (PortraitSource.REGISTER, False), (PortraitSource.FOLDER, False), (PortraitSource.LAST, True),
    ]  # fmt: skip
    missing = sources(bench, folder).of(with_photo(bench.liga, folder / "gone.png"))
    assert [o.source for o in missing] == [PortraitSource.FOLDER, PortraitSource.LAST, PortraitSource.REGISTER]
    assert isinstance(missing[-1].problem, PortraitError)
    assert "gone.png" in str(missing[-1].problem)


def test_what_was_offered_is_opened(bench: TestDesk, folder: Path) -> None:
    service = sources(bench, folder)
    aged(folder / "051REB123.jpg", bench.desk.clock.now(), 400)
    (offer,) = service.of(bench.liga)
    opened = service.open(offer)
    assert quarters(opened.pixels) == UPRIGHT
    assert opened.source is PortraitSource.FOLDER
    assert opened.findings == (PortraitFinding("age", 13, 6, "warn"),)
    (folder / "051REB123.jpg").write_bytes(b"replaced by nonsense")
    with pytest.raises(PortraitError, match=r"051REB123\.jpg"):
        service.open(offer)


def test_the_last_portrait_does_not_grow_young_by_being_used_again(bench: TestDesk) -> None:
    taken_at = bench.desk.clock.now() - timedelta(days=200)
    sitting = Sitting("p", bench.liga.id, taken_at)
    bench.desk.store.portraits.add(make_portrait(sitting, as_frame(corners()), Crop(0.5, 0.5, 0.6)))
    service = sources(bench)
    (offer,) = service.of(bench.liga)
    opened = service.open(offer)
    assert opened.taken_at == taken_at
    assert opened.crop is not None
    assert opened.crop.height == pytest.approx(0.6)
    assert [f.verdict for f in opened.findings] == ["ok"]


@pytest.mark.parametrize("hours", [-11, 0, 3, 13])
@pytest.mark.parametrize("hour", [0, 8, 23])
def test_the_day_of_a_photo_is_the_one_where_it_was_taken(hours: int, hour: int) -> None:
    there = timezone(timedelta(hours=hours))
    taken_at = datetime(2019, 5, 4, hour, tzinfo=there)
    assert day_of(taken_at, datetime(2026, 9, 1, 8, tzinfo=UTC)) == datetime(2019, 5, 4, tzinfo=UTC)
    assert day_of(taken_at, datetime(2019, 5, 1, 8, tzinfo=UTC)) == datetime(2019, 5, 1, tzinfo=UTC), "a wrong clock"


def test_only_the_day_of_a_photo_is_kept_and_nothing_else_of_its_notes(bench: TestDesk, tmp_path: Path) -> None:
    data = noted()
    assert all(secret in data for secret in SECRETS)
    file = tmp_path / "from-the-telephone.jpg"
    file.write_bytes(data)
    service = sources(bench)
    for opened in (service.open_file(file), service.open_bytes(data, "clipboard")):
        assert opened.taken_at == datetime(2019, 5, 4, tzinfo=UTC)
        sitting = Sitting("p1", bench.liga.id, opened.taken_at, opened.source)
        made = make_portrait(replace(sitting, portrait_id=opened.source.value), as_frame(opened.pixels), opened.crop)
        bench.desk.store.portraits.add(made)
        for kept in (made.image, made.original or b"", bench.desk.draft(bench.liga, made.image).front.composite.data):
            assert not [secret for secret in SECRETS if secret in kept]
    everything = b"".join(file.read_bytes() for file in bench.folder.rglob("*") if file.is_file())
    assert made.image[:200] in everything
    assert not [secret for secret in SECRETS[:4] if secret in everything]


def test_the_clipboard_has_no_age(bench: TestDesk) -> None:
    opened = sources(bench).open_bytes(saved(corners(), "PNG"), "clipboard")
    assert (opened.source, opened.taken_at, opened.findings) == (PortraitSource.CLIPBOARD, None, ())
    with pytest.raises(PortraitError, match="The file clipboard is not a picture"):
        sources(bench).open_bytes(b"words", "clipboard")


@pytest.mark.parametrize("number", ["../051REB123", "a/b", "..", ".", "", ".hidden", "C:x", "x:y"])
def test_a_number_that_is_more_than_a_name_leads_nowhere(folder: Path, number: str) -> None:
    (folder.parent / "051REB123.jpg").write_bytes(b"outside")
    assert in_folder(folder, number) is None


@pytest.mark.parametrize("name", ["051REB123.JPG", "051reb123.png", "051REB123.heic", "051REB123.jpeg"])
def test_names_are_found_in_any_usual_spelling(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"x")
    found = in_folder(tmp_path, "051REB123")
    assert found is not None
    assert found.name.casefold() == name.casefold()
    assert in_folder(tmp_path, "051REB12") is None
    assert in_folder(None, "051REB123") is None
    assert in_folder(tmp_path / "none", "051REB123") is None


@pytest.mark.parametrize(
    ("earlier", "months"),
    [("2026-09-01", 0), ("2026-08-02", 0), ("2026-08-01", 1), ("2026-03-01", 6), ("2027-01-01", 0)],
)
def test_months_are_whole_ones(earlier: str, months: int) -> None:
    day = datetime.fromisoformat(earlier).replace(tzinfo=UTC)
    assert months_between(day, datetime(2026, 9, 1, 8, tzinfo=UTC)) == months


def test_a_day_that_is_still_to_come_is_today() -> None:
    now = datetime(2026, 9, 1, 8, tzinfo=UTC)
    assert day_of(now + timedelta(days=30), now) == datetime(2026, 9, 1, tzinfo=UTC)
    assert day_of(None, now) is None
