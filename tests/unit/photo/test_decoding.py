"""Whatever people bring is loaded upright and in the right colours, or refused with one clear message."""

from __future__ import annotations

import io
import struct
import subprocess
import sys
import tracemalloc
import zlib
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from station.domain.errors import PortraitError
from station.photo import decoding
from station.photo.decoding import decode, load_picture
from tests.helpers.pictures import COLOURS, colour_of, corners, plain, quarters, saved

UPRIGHT = (0, 1, 2, 3)
ROOT = Path(__file__).resolve().parents[3]
HEIC = ROOT / "tests" / "fixtures" / "pictures" / "telephone.heic"
PORTRAITS = sorted((ROOT / "assets" / "demo" / "portraits").glob("*.jpg"))


def exif(orientation: int) -> bytes:
    note = Image.Exif()
    note[0x0112] = orientation
    note[0x010F] = "A camera maker"
    return note.tobytes()


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("JPEG", {"quality": 90}), ("JPEG", {"quality": 90, "progressive": True}), ("PNG", {}), ("WEBP", {}),
        ("TIFF", {}), ("BMP", {}), ("GIF", {}), ("PPM", {}), ("AVIF", {}),
    ],
)  # fmt: skip
def test_every_usual_kind_of_file_is_read(kind: str, options: dict[str, object]) -> None:
    loaded = load_picture(saved(corners(), kind, **options))
    assert loaded.shape == (300, 400, 3)
    assert loaded.dtype == np.uint8
    assert quarters(loaded) == UPRIGHT


# EXIF 2.32, tag 0x0112: which corner of the scene is first in the file, and in which order the rest follows.
@pytest.mark.parametrize(
    ("orientation", "seen"),
    [
        (1, (0, 1, 2, 3)), (2, (1, 0, 3, 2)), (3, (2, 3, 0, 1)), (4, (3, 2, 1, 0)),
        (5, (0, 3, 2, 1)), (6, (3, 0, 1, 2)), (7, (2, 1, 0, 3)), (8, (1, 2, 3, 0)),
    ],
)  # fmt: skip
def test_a_camera_that_was_held_otherwise_gives_an_upright_picture(orientation: int, seen: tuple[int, ...]) -> None:
    loaded = load_picture(saved(corners(), "JPEG", quality=90, exif=exif(orientation)))
    assert loaded.shape[:2] == ((400, 300) if orientation >= 5 else (300, 400))
    assert quarters(loaded) == seen


@pytest.mark.filterwarnings("ignore:Corrupt EXIF:UserWarning")
def test_a_broken_note_on_orientation_leaves_the_picture_as_it_lies() -> None:
    broken = saved(corners(), "JPEG", quality=90, exif=b"Exif\x00\x00MM\x00*\xff\xff\xff\xff")
    assert quarters(load_picture(broken)) == UPRIGHT


def test_cmyk_of_a_photo_studio_keeps_its_colours() -> None:
    file = io.BytesIO()
    Image.fromarray(corners()[..., ::-1]).convert("CMYK").save(file, "JPEG", quality=95)
    assert quarters(load_picture(file.getvalue())) == UPRIGHT


def test_sixteen_bits_of_grey_are_scaled_and_not_clipped() -> None:
    deep = np.zeros((120, 240), np.uint16)
    deep[:, 120:] = 32768
    file = io.BytesIO()
    Image.fromarray(deep).save(file, "PNG")
    loaded = load_picture(file.getvalue())
    assert loaded[:, :120].max() == 0
    assert set(loaded[:, 120:].ravel()) == {127}


def test_sixteen_bits_of_colour_are_read() -> None:
    rows = b"".join(b"\x00" + struct.pack(">3H", 0x2800, 0x2800, 0xE600) * 120 for _ in range(120))
    chunks = [(b"IHDR", struct.pack(">2I5B", 120, 120, 16, 2, 0, 0, 0)), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    png = b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )
    assert load_picture(png)[0, 0].tolist() == [0xE6, 0x28, 0x28]


@pytest.mark.parametrize("mode", ["RGBA", "LA", "PA"])
def test_what_is_transparent_becomes_white(mode: str) -> None:
    clear = Image.new("RGBA", (120, 120), (0, 0, 0, 0))
    clear.paste((0, 0, 0, 255), (0, 0, 60, 120))
    file = io.BytesIO()
    clear.convert("LA" if mode == "LA" else "RGBA").save(file, "PNG")
    data = file.getvalue()
    if mode == "PA":
        palette = io.BytesIO()
        clear.quantize(4).save(palette, "PNG")
        data = palette.getvalue()
    loaded = load_picture(data)
    assert loaded[60, 20].tolist() == [0, 0, 0]
    assert loaded[60, 100].tolist() == [255, 255, 255]


def test_a_palette_and_one_bit_are_read() -> None:
    half = Image.new("1", (120, 120))
    half.paste(1, (60, 0, 120, 120))
    for picture in (half, half.convert("P"), half.convert("L")):
        file = io.BytesIO()
        picture.save(file, "PNG")
        loaded = load_picture(file.getvalue())
        assert (loaded[0, 0].max(), loaded[0, 119].min()) == (0, 255)


def test_of_an_animation_the_first_frame_counts() -> None:
    frames = [Image.fromarray(plain(colour, 120, 120)[..., ::-1]) for colour in COLOURS[:3]]
    file = io.BytesIO()
    frames[0].save(file, "GIF", save_all=True, append_images=frames[1:])
    assert quarters(load_picture(file.getvalue())) == (0, 0, 0, 0)


def swapped_profile() -> bytes:
    """Return a colour profile whose first channel is blue: sRGB with the primaries' names changed about."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    red, blue = profile.index(b"rXYZ"), profile.index(b"bXYZ")
    profile[red : red + 4], profile[blue : blue + 4] = b"bXYZ", b"rXYZ"
    return bytes(profile).replace("sRGB".encode("utf-16-be"), "test".encode("utf-16-be"))


def test_colours_go_through_the_profile_of_the_picture() -> None:
    with_profile = saved(corners(), "PNG", icc_profile=swapped_profile())
    # Red and blue changed places: 0 is blue and 2 red; 3 and 4 (cyan, yellow) do the same.
    assert quarters(load_picture(with_profile)) == (2, 1, 0, 4)


@pytest.mark.parametrize("profile", [b"no profile at all", ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB"))])
def test_a_profile_that_does_not_fit_is_passed_over(profile: bytes | ImageCms.ImageCmsProfile) -> None:
    data = profile if isinstance(profile, bytes) else profile.tobytes()
    assert quarters(load_picture(saved(corners(), "PNG", icc_profile=data))) == UPRIGHT


def test_a_file_is_named_in_messages_and_a_given_name_before_it(tmp_path: Path) -> None:
    file = tmp_path / "līga.jpg"
    file.write_text("no picture")
    with pytest.raises(PortraitError, match=r"The file līga\.jpg is not a picture that the station knows\."):
        load_picture(file)
    with pytest.raises(PortraitError, match="The file of Līga is not a picture"):
        load_picture(file, name="of Līga")


def test_a_file_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(PortraitError, match=r"The file none\.jpg can't be opened: No such file"):
        load_picture(tmp_path / "none.jpg")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "GIF"])
def test_a_picture_that_was_cut_off_is_damaged(kind: str) -> None:
    rng = np.random.default_rng(1)
    noise = rng.integers(0, 255, (200, 200, 3), np.uint8)
    whole = saved(noise, kind)
    with pytest.raises(PortraitError, match="is damaged"):
        load_picture(whole[: len(whole) * 2 // 3], name="half")


@pytest.mark.parametrize(
    "fake", [b"", b"GIF89a", b"\xff\xd8\xff\xe0", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"%!PS-Adobe-3.0 EPSF"]
)
def test_what_only_pretends_to_be_a_picture_is_refused(fake: bytes) -> None:
    with pytest.raises(PortraitError):
        load_picture(fake)


def test_a_decompression_bomb_is_refused_before_it_is_unpacked() -> None:
    bomb = bomb_png(60_000)
    assert len(bomb) < 1000
    tracemalloc.start()
    try:
        with pytest.raises(PortraitError, match="has too many pixels to be a photo of a person"):
            load_picture(bomb)
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()


# Pillow itself says nothing, warns, or refuses, by size.
@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize("edge_px", [8_200, 10_000, 14_000])
def test_a_picture_of_too_many_pixels_is_refused(edge_px: int) -> None:
    with pytest.raises(PortraitError, match="has too many pixels"):
        load_picture(bomb_png(edge_px))


def bomb_png(edge_px: int) -> bytes:
    """Return a PNG that says it is square and very large, with next to nothing in it."""
    chunks = [
        (b"IHDR", struct.pack(">2I5B", edge_px, edge_px, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(bytes(1000))),
        (b"IEND", b""),
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )


def test_the_photo_of_a_very_large_camera_is_decoded_smaller(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoding, "MAX_PIXELS", 400 * 300)
    loaded = load_picture(saved(corners(1600, 1200), "JPEG", quality=90))
    assert loaded.shape == (300, 400, 3)
    assert quarters(loaded) == UPRIGHT


def test_a_file_of_too_many_bytes_is_not_even_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoding, "MAX_FILE_BYTES", 2_000_000)
    file = tmp_path / "film.jpg"
    with file.open("wb") as sparse:
        sparse.truncate(3_000_000)
    with pytest.raises(PortraitError, match=r"film\.jpg is too large: 3 MB\. Pictures up to 2 MB can be used\."):
        load_picture(file)


def test_a_thumbnail_is_too_small() -> None:
    with pytest.raises(PortraitError, match="too small for a portrait: 90 × 120 pixels"):
        load_picture(saved(plain(COLOURS[0], 90, 120), "PNG"))


WHOLE = {kind: saved(corners(120, 100), kind, exif=exif(6)) for kind in ("JPEG", "PNG", "WEBP", "TIFF")}


@pytest.mark.filterwarnings("ignore::UserWarning", "ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.expects_log("PIL", "", optional=True)
@given(
    kind=st.sampled_from(sorted(WHOLE)),
    damage=st.lists(st.tuples(st.integers(0, 1 << 20), st.integers(0, 255)), min_size=1, max_size=8),
    cut=st.floats(0.05, 1.0),
)
def test_damage_of_any_sort_gives_a_picture_or_one_message(
    kind: str, damage: list[tuple[int, int]], cut: float
) -> None:
    data = bytearray(WHOLE[kind])
    for place, value in damage:
        data[place % len(data)] = value
    try:
        loaded = load_picture(bytes(data[: int(len(data) * cut)]))
    except PortraitError:
        return
    assert loaded.ndim == 3
    assert loaded.shape[2] == 3


def taken(text: str, zone: str = "") -> bytes:
    note = Image.Exif()
    part = note.get_ifd(0x8769)
    part[0x9003] = text
    if zone:
        part[0x9011] = zone
    return note.tobytes()


def test_when_it_was_taken_is_told_and_goes_no_further() -> None:
    noted = decode(saved(corners(), "JPEG", exif=taken("2026:03:01 12:30:00", "+02:00")))
    assert noted.taken_at == datetime(2026, 3, 1, 10, 30, tzinfo=UTC)
    local = decode(saved(corners(), "JPEG", exif=taken("2026:03:01 12:30:00")))
    assert local.taken_at == datetime(2026, 3, 1, 12, 30).astimezone()


@pytest.mark.parametrize("text", ["", "0000:00:00 00:00:00", "yesterday", "2026:13:45 99:99:99"])
def test_a_time_that_is_none_is_passed_over(text: str) -> None:
    assert decode(saved(corners(), "JPEG", exif=taken(text))).taken_at is None


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP", "TIFF"])
def test_a_file_of_several_pictures_says_so_in_words(kind: str) -> None:
    frames = [Image.fromarray(plain(colour, 120, 120)[..., ::-1]) for colour in COLOURS[:3]]
    file = io.BytesIO()
    frames[0].save(file, kind, save_all=True, append_images=frames[1:])
    found = decode(file.getvalue(), name="dance")
    assert [note.english() for note in found.notes] == [
        "There is more than one picture in dance; the first of them is used."
    ]
    assert colour_of(found.pixels) == 0
    assert decode(saved(corners(), kind)).notes == ()


def test_a_large_jpeg_is_decoded_smaller_where_that_will_do() -> None:
    data = saved(corners(1600, 1200), "JPEG", quality=90, exif=exif(6))
    small = decode(data, edge_px=500)
    assert small.pixels.shape == (800, 600, 3)  # a half: a quarter would be too little
    assert small.size_px == (1200, 1600)
    assert quarters(small.pixels) == quarters(load_picture(data))
    assert decode(data, edge_px=1601).pixels.shape == (1600, 1200, 3)


def test_the_picture_of_a_telephone_is_opened_upright() -> None:
    found = decode(HEIC)
    assert found.pixels.shape == (160, 240, 3)
    assert quarters(found.pixels) == UPRIGHT
    assert found.notes == ()


def test_without_its_library_a_telephones_picture_is_refused_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("pi_heif", "pillow_heif"):
        monkeypatch.setitem(sys.modules, module, None)
    decoding._can_heic.cache_clear()
    try:
        with pytest.raises(PortraitError, match=r"telephone\.heic is in a telephone's own format \(HEIC\)") as caught:
            load_picture(HEIC)
    finally:
        decoding._can_heic.cache_clear()
    assert "Ask for it as a JPEG" in str(caught.value)


def test_only_a_telephones_picture_loads_its_library() -> None:
    tried = "import sys; from station.photo.decoding import load_picture; load_picture(open(sys.argv[1], 'rb').read());"
    told = "print('pi_heif' in sys.modules)"
    said = [
        subprocess.run(
            [sys.executable, "-c", tried + told, str(file)], capture_output=True, text=True, check=True, cwd=ROOT
        ).stdout.strip()
        for file in (PORTRAITS[0], HEIC)
    ]
    assert said == ["False", "True"]


REAL = {**{file.stem: file.read_bytes() for file in PORTRAITS}, HEIC.stem: HEIC.read_bytes()}


@pytest.mark.filterwarnings("ignore::UserWarning", "ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.expects_log("PIL", "", optional=True)
@given(
    which=st.sampled_from(sorted(REAL)),
    damage=st.lists(st.tuples(st.floats(0, 1), st.binary(min_size=1, max_size=6)), min_size=1, max_size=6),
    head=st.booleans(),
    cut=st.floats(0.05, 1.0),
)
@settings(deadline=None, max_examples=60)
def test_real_portraits_that_were_damaged_give_a_picture_or_one_message(
    which: str, damage: list[tuple[float, bytes]], head: bool, cut: float
) -> None:
    data = bytearray(REAL[which])
    reach = min(700, len(data)) if head else len(data)  # most of what can go wrong is said at the beginning
    for share, written in damage:
        at = int(share * (reach - 1))
        data[at : at + len(written)] = written
    said, found = "", None
    try:
        found = decode(bytes(data[: int(len(data) * cut)]), name=which, edge_px=300)
    except PortraitError as error:
        said = str(error)
    assert which in said if found is None else found.pixels.dtype == np.uint8
