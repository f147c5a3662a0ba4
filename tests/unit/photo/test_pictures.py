"""Whatever people bring is loaded upright and in the right colours, or refused with one clear message."""

from __future__ import annotations

import io
import struct
import tracemalloc
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageCms

from station.domain.errors import PortraitError
from station.photo import pictures
from station.photo.pictures import as_frame, as_pixels, load_picture, to_jpeg
from station.ports.camera import Frame
from tests.helpers.pictures import COLOURS, corners, plain, quarters, saved

UPRIGHT = (0, 1, 2, 3)


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
    monkeypatch.setattr(pictures, "MAX_PIXELS", 400 * 300)
    loaded = load_picture(saved(corners(1600, 1200), "JPEG", quality=90))
    assert loaded.shape == (300, 400, 3)
    assert quarters(loaded) == UPRIGHT


def test_a_file_of_too_many_bytes_is_not_even_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "MAX_FILE_BYTES", 2_000_000)
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


def test_a_frame_and_its_picture_share_memory() -> None:
    pixels = corners()
    frame = as_frame(pixels, number=7, grabbed_at_s=1.5)
    assert (frame.width_px, frame.height_px, frame.number, frame.grabbed_at_s) == (400, 300, 7, 1.5)
    assert np.shares_memory(as_pixels(frame), pixels)


def test_a_part_of_a_picture_becomes_a_frame_without_gaps() -> None:
    frame = as_frame(corners()[:150, 200:])
    assert len(frame.pixels) == 200 * 150 * 3
    assert quarters(as_pixels(frame)) == (1, 1, 1, 1)


def test_a_frame_of_plain_bytes_is_a_picture_too() -> None:
    assert as_pixels(Frame(bytes(range(12)), 2, 2)).tolist()[1] == [[6, 7, 8], [9, 10, 11]]


def test_a_jpeg_has_full_colour_and_nothing_but_the_picture() -> None:
    jpeg = to_jpeg(corners())
    with Image.open(io.BytesIO(jpeg)) as opened:
        assert opened.format == "JPEG"
        assert set(opened.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
        assert [layer[1:3] for layer in opened.layer] == [(1, 1)] * 3  # type: ignore[attr-defined]
    assert quarters(load_picture(jpeg)) == UPRIGHT
