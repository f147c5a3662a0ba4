"""The files of a layout: read within bounds, whatever a folder or a zip claims of itself."""

from __future__ import annotations

import io
import os
import stat
import struct
import zipfile
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from station.domain.errors import LayoutError
from station.render import layout_package
from station.render.layout_package import Folder, Within, open_package, unzipped, zipped

GOOD = {"layout.json": b"{}", "images/mark.png": b"picture", "LICENCE.txt": b""}


def refused(data: bytes) -> tuple[str, str]:
    """Return the place and the whole message with which a zip is refused."""
    with pytest.raises(LayoutError) as caught:
        unzipped(data, "card.zip")
    assert caught.value.params["file"] == "card.zip"
    message = str(caught.value)
    assert message.count("\n") == 0
    return str(caught.value.params["place"]), message


def archive(*entries: tuple[zipfile.ZipInfo | str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return a zip as anybody could make it."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", method) as made:
        for info, data in entries:
            made.writestr(info, data)
    return whole.getvalue()


def kind_of(name: str, mode: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.create_system, info.external_attr = 3, mode << 16
    return info


class TestGood:
    def test_what_was_zipped_comes_out(self) -> None:
        package = unzipped(zipped(GOOD), "card.zip")
        assert {name: package.read(name) for name in GOOD} == GOOD
        assert package.has("images/mark.png")
        assert not package.has("mark.png")

    def test_the_same_files_give_the_same_bytes(self) -> None:
        assert zipped(GOOD) == zipped(dict(reversed(GOOD.items())))

    def test_the_folder_itself_may_have_been_zipped_with_what_systems_leave_in_it(self) -> None:
        data = archive(
            ("card/", b""),
            ("card/layout.json", b"{}"),
            ("card/images/", b""),
            ("card/images/mark.png", b"1"),
            ("__MACOSX/card/._layout.json", b"litter"),
            ("card/.DS_Store", b"litter"),
        )
        package = unzipped(data, "card.zip")
        assert package.files == {"layout.json": b"{}", "images/mark.png": b"1"}

    def test_a_folder_of_a_package_is_a_package(self) -> None:
        inner = Within(
            unzipped(zipped({"layout.json": b"1", "parents/a-1/layout.json": b"2"}), "card.zip"), "parents/a-1"
        )
        assert inner.has("layout.json")
        assert inner.read("layout.json") == b"2"
        with pytest.raises(LayoutError, match="its own folder"):
            inner.read("../../layout.json")

    @given(st.dictionaries(st.from_regex(r"[a-z]{1,8}\.(png|json|ttf)", fullmatch=True), st.binary(max_size=40)))
    @settings(max_examples=40)
    def test_any_files_come_out_as_they_went_in(self, files: dict[str, bytes]) -> None:
        files = {name: b"x" + data for name, data in files.items()}
        assert files == {} or unzipped(zipped(files), "card.zip").files == files


class TestNames:
    @pytest.mark.parametrize(
        "name",
        [
            "../evil.json",
            "images/../../evil.png",
            "/etc/cron.d/evil.txt",
            "\\evil.png",
            "images\\..\\..\\evil.png",
            "C:\\evil.png",
            "c:evil.png",
            "//host/share/evil.png",
            "./layout.json",
            "images//mark.png",
            "images/ /mark.png",
            "mark.png.",
            "new\nline.png",
            "zero\0.png",
            "a" * 300 + ".png",
        ],
    )  # fmt: skip
    def test_that_lead_anywhere_else_are_refused(self, name: str) -> None:
        data = archive(("layout.json", b"{}"), ("placeholder", b"x"))
        # Python's writer would make some of these names harmless; a hostile one does not.
        raw, old = name.encode(), b"placeholder"
        data = _renamed(data, old, raw)
        place, message = refused(data)
        assert place.isprintable()
        assert "its own folder" in message or "this is not a layout" in message

    def test_that_would_be_read_backwards_are_refused(self) -> None:
        assert "its own folder" in refused(archive(("layout.json", b"{}"), ("mark\u202egnp.png", b"x")))[1]

    def test_that_are_there_twice_are_refused_also_where_only_capitals_differ(self) -> None:
        with pytest.warns(UserWarning, match="Duplicate"):
            twice = archive(("layout.json", b"1"), ("layout.json", b"2"))
        assert refused(twice)[0] == "layout.json"
        place, message = refused(archive(("layout.json", b"1"), ("Mark.png", b"2"), ("mark.PNG", b"3")))
        assert (place, "twice" in message) == ("mark.PNG", True)
        assert "twice" in refused(archive(("\u00e9.png", b"1"), ("e\u0301.png", b"2")))[1]

    @pytest.mark.parametrize("mode", [stat.S_IFLNK | 0o777, stat.S_IFIFO | 0o644, stat.S_IFCHR | 0o644])
    def test_links_and_devices_are_refused(self, mode: int) -> None:
        place, message = refused(archive(("layout.json", b"{}"), (kind_of("mark.png", mode), b"/etc/passwd")))
        assert (place, "only plain files" in message) == ("mark.png", True)

    @pytest.mark.parametrize("name", ["run.exe", "layout.zip", "macro.docm", "noending", "script.py", "page.html"])
    def test_files_of_other_kinds_are_refused(self, name: str) -> None:
        place, message = refused(archive(("layout.json", b"{}"), (name, b"x")))
        assert (place, "of this kind" in message) == (name, True)


class TestBombs:
    def test_a_file_that_unpacks_to_too_much(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(layout_package, "LARGEST_FILE", 2_000_000)
        place, message = refused(archive(("layout.json", b"{}"), ("mark.png", bytes(2_000_001))))
        assert (place, "larger than 2 MB" in message) == ("mark.png", True)

    def test_a_file_that_lies_about_its_size(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(layout_package, "LARGEST_FILE", 100_000)
        data = bytearray(archive(("mark.png", bytes(1_000_000))))
        true = struct.pack("<I", 1_000_000)
        while (at := data.find(true)) >= 0:
            data[at : at + 4] = struct.pack("<I", 50)
        # Only as much is unpacked as is claimed, and then the check sum is wrong.
        assert refused(bytes(data))[0] == "mark.png"

    def test_many_files_that_are_too_much_together(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(layout_package, "LARGEST_PACKAGE", 3_000_000)
        files = [(f"{number}.png", bytes(900_000)) for number in range(5)]
        place, message = refused(archive(*files))
        assert (place, "larger than 3 MB" in message) == ("3.png", True)

    def test_files_that_share_their_bytes(self, monkeypatch: pytest.MonkeyPatch) -> None:
        # As in bombs without nesting: every entry of the list points to the same packed bytes.
        monkeypatch.setattr(layout_package, "LARGEST_PACKAGE", 3_000_000)
        data = archive(*[(f"{number:03}.png", bytes(900_000) if number == 0 else b"") for number in range(9)])
        assert refused(_all_at_the_first(data))[0] in {f"{number:03}.png" for number in range(9)}

    def test_too_many_files(self) -> None:
        assert "more than 300 files" in refused(archive(*[(f"{n}.png", b"") for n in range(301)]))[1]
        assert "more than 300 files" in refused(archive(*[(f"{n}.png", b"") for n in range(9_000)], method=0))[1]

    def test_a_count_that_lies(self) -> None:
        data = bytearray(archive(*[(f"{n:0100}.png", b"") for n in range(3000)]))
        end = data.rfind(b"PK\x05\x06")
        data[end + 8 : end + 12] = struct.pack("<HH", 1, 1)
        assert "more than 300 files" in refused(bytes(data))[1]

    def test_archives_within(self) -> None:
        for inner in (
            zipped(GOOD),
            b"\x1f\x8b\x08" + bytes(20),
            b"7z\xbc\xaf\x27\x1c",
            b"BZh9",
        ):
            place, message = refused(archive(("layout.json", b"{}"), ("mark.png", inner)))
            assert (place, "archive within" in message) == ("mark.png", True)

    def test_a_zip_that_is_too_large_is_not_read(self, tmp_path: Path) -> None:
        path = tmp_path / "card.zip"
        with path.open("wb") as huge:
            huge.truncate(40_000_001)
        with pytest.raises(LayoutError, match="larger than 40 MB"):
            open_package(path)


class TestDamaged:
    @pytest.mark.parametrize("data", [b"", b"PK", b"{}", b"\x89PNG\r\n\x1a\n" + bytes(100), b"PK\x05\x06" + bytes(18)])
    def test_what_is_no_zip(self, data: bytes) -> None:
        assert "this is not a layout" in refused(data)[1]

    def test_a_program_with_a_zip_at_its_end(self) -> None:
        assert "this is not a layout" in refused(b"MZ" + bytes(500) + zipped(GOOD))[1]

    def test_encrypted_files(self) -> None:
        data = bytearray(archive(("layout.json", b"{}"), method=zipfile.ZIP_STORED))
        for signature, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
            data[data.find(signature) + flags] |= 1
        assert "encrypted" in refused(bytes(data))[1]

    @pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
    def test_files_packed_in_unusual_ways(self, method: int) -> None:
        assert "unusual way" in refused(archive(("layout.json", b"{}"), method=method))[1]

    def test_a_zip_that_says_it_is_of_a_later_kind(self) -> None:
        data = bytearray(zipped(GOOD))
        data[data.find(b"PK\x01\x02") + 6] = 64
        assert "this is not a layout" in refused(bytes(data))[1]

    @given(st.data())
    @settings(max_examples=150)
    def test_any_damage_is_refused_with_one_message_or_harmless(self, data: st.DataObject) -> None:
        whole = bytearray(zipped(GOOD))
        for _ in range(data.draw(st.integers(1, 4))):
            whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
        cut = data.draw(st.integers(0, len(whole)) | st.just(len(whole)))
        with suppress(LayoutError):
            package = unzipped(bytes(whole[:cut]), "card.zip")
            assert sum(map(len, package.files.values())) < 1000

    @given(st.binary(max_size=300))
    @settings(max_examples=60)
    def test_anything_at_all(self, data: bytes) -> None:
        refused(data)
        with suppress(LayoutError):
            assert unzipped(b"PK\x03\x04" + data + b"PK\x05\x06" + data[:18].ljust(18, b"\0"), "x").files == {}


class TestFolder:
    @pytest.mark.parametrize("name", ["../secret.txt", "/etc/hostname", "a/../../secret.txt", "", "."])
    def test_nothing_outside_is_read(self, tmp_path: Path, name: str) -> None:
        (tmp_path / "secret.txt").write_bytes(b"secret")
        (tmp_path / "card").mkdir()
        with pytest.raises(LayoutError, match="its own folder"):
            Folder(tmp_path / "card").read(name)

    @pytest.mark.skipif(os.name == "nt", reason="Windows lets only administrators make links")
    def test_links_within_may_lead_to_what_is_within(self, tmp_path: Path) -> None:
        (tmp_path / "mark.png").write_bytes(b"1")
        (tmp_path / "same.png").symlink_to("mark.png")
        assert Folder(tmp_path).read("same.png") == b"1"

    @pytest.mark.skipif(os.name == "nt", reason="Windows has no pipes in its folders")
    def test_a_pipe_is_not_waited_for(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "mark.png")
        with pytest.raises(LayoutError, match="it can't be read"):
            Folder(tmp_path).read("mark.png")
        with pytest.raises(LayoutError, match="this is not a layout"):
            open_package(tmp_path / "mark.png")

    def test_what_is_not_there_is_said(self, tmp_path: Path) -> None:
        with pytest.raises(LayoutError, match="it is not there"):
            Folder(tmp_path).read("mark.png")
        with pytest.raises(LayoutError, match="it is not there"):
            open_package(tmp_path / "none.zip")


def _renamed(data: bytes, old: bytes, new: bytes) -> bytes:
    """Return a zip in which one file has another name, of any length, in both places where it is written."""
    local = data.find(old) - 30
    length = struct.pack("<H", len(new))
    before = data[: local + 26] + length + data[local + 28 : local + 30] + new + data[local + 30 + len(old) :]
    grown = len(new) - len(old)
    entry = before.rfind(old) - 46
    listed = before[: entry + 28] + length + before[entry + 30 : entry + 46] + new + before[entry + 46 + len(old) :]
    end = listed.rfind(b"PK\x05\x06")
    size, start = struct.unpack_from("<II", listed, end + 12)
    return listed[: end + 12] + struct.pack("<II", size + grown, start + grown) + listed[end + 20 :]


def _all_at_the_first(data: bytes) -> bytes:
    """Return a zip whose list says of every file that it begins, and is as long, as the first."""
    changed = bytearray(data)
    first = data.find(b"PK\x01\x02")
    sizes = data[first + 16 : first + 28]
    at = first
    while (at := data.find(b"PK\x01\x02", at + 1)) >= 0:
        changed[at + 10 : at + 12] = data[first + 10 : first + 12]
        changed[at + 16 : at + 28] = sizes
        changed[at + 42 : at + 46] = data[first + 42 : first + 46]
    return bytes(changed)
