"""MIFARE Ultralight and NTAG21x (NFC Forum Type 2 tags): pages of four bytes, locks, and the NDEF message on them.

Such a chip has no transactions: whoever pulls it away in the middle leaves what was written so far. So a message is
written in an order that a reader never sees half of: its length becomes 0 first, then its bytes, then its length.
Sources: data sheets MF0ICU1, MF0ICU2, MF0ULx1, NTAG210/212, NTAG213/215/216; NFC Forum Type 2 Tag Operation 1.1.
"""

from __future__ import annotations

from dataclasses import dataclass

from station.chip import storage
from station.chip.apdu import Transmit
from station.chip.ndef import NO_MESSAGE, Tag, Tlv, decode_message, encode_tlv, walk_tlvs
from station.domain.errors import N_, ChipError, ChipRefusedError, ChipUnsuitableError

PAGE = 4
_READ_PAGES = 4
_LOCK_PAGE, _CONTAINER_PAGE, FIRST_DATA_PAGE = 2, 3, 4
_MAGIC = 0xE1
_VERSION_1_0 = 0x10
_FIRST_DYNAMIC_PAGE = 16
_NO_PASSWORD = 0xFF


@dataclass(frozen=True, slots=True)
class Type2Model:
    """What a type of chip has: pages in all, the last for data, and where further locks and its configuration are.

    Each bit of the further lock bytes locks ``pages_a_bit`` pages, from page 16 on.
    """

    name: str
    pages: int
    last_data_page: int
    lock_page: int | None = None
    pages_a_bit: int = 0
    config_page: int | None = None

    @property
    def data_bytes(self) -> int:
        """Return how many bytes are for data."""
        return (self.last_data_page - FIRST_DATA_PAGE + 1) * PAGE


ULTRALIGHT = Type2Model("MIFARE Ultralight", 16, 15)
ULTRALIGHT_C = Type2Model("MIFARE Ultralight C", 48, 39, 40, 4)

# By what GetVersion says of type and size (data sheets, GET_VERSION).
_MODELS = {
    (0x03, 0x0B): Type2Model("MIFARE Ultralight EV1 48 bytes", 20, 15, None, 0, 16),
    (0x03, 0x0E): Type2Model("MIFARE Ultralight EV1 128 bytes", 41, 35, 36, 2, 37),
    (0x04, 0x0B): Type2Model("NTAG210", 20, 15, None, 0, 16),
    (0x04, 0x0E): Type2Model("NTAG212", 41, 35, 36, 2, 37),
    (0x04, 0x0F): Type2Model("NTAG213", 45, 39, 40, 2, 41),
    (0x04, 0x11): Type2Model("NTAG215", 135, 129, 130, 16, 131),
    (0x04, 0x13): Type2Model("NTAG216", 231, 225, 226, 16, 227),
}


def model_of_version(version: bytes) -> Type2Model | None:
    """Return the type of chip that the eight bytes of its own GetVersion name, ``None`` for others."""
    if len(version) != 8 or version[1] != 0x04:
        return None
    return _MODELS.get((version[2], version[6]))


def model_of_container(container: Container | None) -> Type2Model | None:
    """Return the type of chip whose capability container only one has, as it comes from the factory."""
    sizes = {0x3E: _MODELS[0x04, 0x11], 0x6D: _MODELS[0x04, 0x13]}
    return None if container is None else sizes.get(container.data_bytes // 8)


@dataclass(frozen=True, slots=True)
class Container:
    """The capability container, page 3: how much room there is for data, and whether it may be written."""

    version: int
    data_bytes: int
    readable: bool
    writable: bool

    @classmethod
    def parse(cls, page: bytes) -> Container | None:
        """Return what the four bytes say, ``None`` where the chip was never prepared for NDEF."""
        if len(page) != PAGE or page[0] != _MAGIC or page[1] >> 4 != _VERSION_1_0 >> 4:
            return None
        return cls(page[1], page[2] * 8, page[3] >> 4 == 0, page[3] & 0x0F == 0)


@dataclass(frozen=True, slots=True)
class PageWrite:
    """One page to be written; ``before`` is what it holds now."""

    page: int
    data: bytes
    before: bytes


class Type2Tag:
    """A tag on the reader; without a ``model`` only what its capability container says is known of it."""

    def __init__(self, transmit: Transmit, model: Type2Model | None = None) -> None:
        self._transmit = transmit
        self.model = model
        self._read_pages = _READ_PAGES

    def read_pages(self, first: int, count: int) -> bytes:
        """Return so many pages.

        Raises:
            ChipRefusedError: the chip has no such page, or a password closes it. ReaderUnableError: the reader can't.
        """
        data = b""
        while len(data) < count * PAGE:
            data += self._read(first + len(data) // PAGE)
        return data[: count * PAGE]

    def _read(self, page: int) -> bytes:
        try:
            return storage.read_binary(self._transmit, page, self._read_pages * PAGE)
        except ChipRefusedError:
            if self._read_pages == 1:
                raise
        # Some readers give one page at a time.
        # Only a page that came this way shows that it is the reader's limit, and not the page, that was refused.
        data = storage.read_binary(self._transmit, page, PAGE)
        self._read_pages = 1
        return data

    def container(self) -> Container | None:
        """Return the capability container, ``None`` where the chip was never prepared for NDEF."""
        return Container.parse(self.read_pages(_CONTAINER_PAGE, 1))

    def locked_pages(self) -> frozenset[int]:
        """Return the pages from 3 on that can never be written again, as far as the chip's type is known."""
        first, second = self.read_pages(_LOCK_PAGE, 1)[2:]
        # The lowest three bits lock the other lock bits, not pages (data sheets, lock byte 0).
        bits = first & 0xF8 | second << 8
        locked = {page for page in range(_CONTAINER_PAGE, _FIRST_DYNAMIC_PAGE) if bits >> page & 1}
        model = self.model
        if model is not None and model.lock_page is not None:
            bits = int.from_bytes(self.read_pages(model.lock_page, 1)[:2], "little")
            for page in range(_FIRST_DYNAMIC_PAGE, model.last_data_page + 1):
                if bits >> (page - _FIRST_DYNAMIC_PAGE) // model.pages_a_bit & 1:
                    locked.add(page)
        return frozenset(locked)

    def first_protected_page(self) -> int | None:
        """Return the page from which on a password is needed, ``None`` without one or where it is not known."""
        if self.model is None or self.model.config_page is None:
            return None
        first = self.read_pages(self.model.config_page, 1)[3]
        return None if first == _NO_PASSWORD or first >= self.model.pages else first

    def read_message(self) -> bytes | None:
        """Return the NDEF message, empty where it is; ``None`` where there is none.

        Raises:
            ChipError: the memory makes no sense, or is closed.
        """
        container = self.container()
        if container is None or not container.readable:
            return None
        pages, whole = _READ_PAGES, container.data_bytes // PAGE
        area = _Area(self.read_pages(FIRST_DATA_PAGE, min(pages, whole)))
        # Most messages are much shorter than the memory.
        while not area.complete and pages < whole:
            pages *= 2
            area = _Area(self.read_pages(FIRST_DATA_PAGE, min(pages, whole)))
        if area.damaged:
            raise ChipError(NO_MESSAGE)
        return None if area.message is None else area.message.value

    def plan_message(self, message: bytes) -> tuple[PageWrite, ...]:
        """Return which pages to write, in this order, so that the tag carries ``message``; nothing where it does.

        A chip that was never prepared for NDEF gets a capability container, which stays for good. Writes nothing.

        Raises:
            ChipUnsuitableError: there is no room, or the chip is locked or protected by a password.
        """
        decode_message(message)  # a mistake here would be told by every telephone later on
        page = self.read_pages(_CONTAINER_PAGE, 1)
        container = Container.parse(page)
        if container is None:
            plan = self._plan_fresh(page, message)
        elif not container.writable:
            raise ChipUnsuitableError(_LOCKED)
        else:
            plan = _Area(self._data(container.data_bytes)).plan(message)
        self._check_open(frozenset(each.page for each in plan))
        return plan

    def _plan_fresh(self, page: bytes, message: bytes) -> tuple[PageWrite, ...]:
        if any(page):
            # Bits of this page go on and never off: what is there can't be made right.
            raise ChipUnsuitableError(_OTHER_USE)
        size = (self.model or ULTRALIGHT).data_bytes
        before = self._data(size)
        # An empty message first: from the moment that the container is there, telephones look for one.
        empty = encode_tlv(Tag.MESSAGE) + encode_tlv(Tag.TERMINATOR)
        prepared = empty.ljust(size, b"\x00")
        if any(before) and before != prepared:
            # A ticket or a door's key: memory that is in use without a word of NDEF.
            raise ChipUnsuitableError(_OTHER_USE)
        container = PageWrite(_CONTAINER_PAGE, bytes((_MAGIC, _VERSION_1_0, size // 8, 0)), page)
        return (*_page_writes(before, prepared), container, *_Area(prepared).plan(message))

    def _data(self, size: int) -> bytes:
        return self.read_pages(FIRST_DATA_PAGE, size // PAGE)

    def _check_open(self, pages: frozenset[int]) -> None:
        try:
            locked, first = self.locked_pages(), self.first_protected_page()
        except ChipRefusedError as error:
            # Locks and settings can always be read, but for a password.
            raise ChipUnsuitableError(_PASSWORD) from error
        if pages & locked:
            raise ChipUnsuitableError(_LOCKED)
        if first is not None and any(page >= first for page in pages):
            raise ChipUnsuitableError(_PASSWORD)

    def carry_out(self, plan: tuple[PageWrite, ...]) -> None:
        """Write what was planned, and read it back.

        Raises:
            ChipRefusedError: the chip refused a page. ChipError: a page keeps something else.
        """
        for write in plan:
            storage.update_binary(self._transmit, write.page, write.data)
        last = {write.page: write.data for write in plan}
        if not last:
            return
        first = min(last)
        kept = self.read_pages(first, max(last) - first + 1)
        for page, data in last.items():
            at = (page - first) * PAGE
            if kept[at : at + PAGE] != data:
                raise ChipError(_NOT_KEPT, page=page)

    def write_message(self, message: bytes) -> None:
        """Make the tag carry ``message`` and read it back; raises as ``plan_message`` and ``carry_out``."""
        self.carry_out(self.plan_message(message))
        if self.read_message() != message:
            raise ChipError(_NOT_KEPT, page=FIRST_DATA_PAGE)


class _Area:
    """The data of a tag as its blocks see it: without the bytes that a control block sets aside for the chip."""

    def __init__(self, memory: bytes) -> None:
        self._memory = memory
        self._places = list(range(len(memory)))
        self._end = 0
        self._ended = False
        self.message: Tlv | None = None
        self.damaged = False
        try:
            self._walk()
        except ChipError:
            self.damaged = True

    @property
    def complete(self) -> bool:
        """Say whether more memory would tell no more of the message."""
        return self._ended or self.message is not None

    def _walk(self) -> None:
        """Find the message; each control block on the way takes its bytes away from what follows it."""
        while True:
            seen = bytes(self._memory[place] for place in self._places)
            block = next(walk_tlvs(seen, self._end), None)
            if block is None:
                return
            if block.tag == Tag.TERMINATOR:
                self._end, self._ended = block.start, True
                return
            if block.tag == Tag.MESSAGE:
                self.message, self._end = block, block.start
                return
            self._end = block.value_at + len(block.value)
            aside = _reserved(block)
            rest = self._places[self._end :]
            self._places[self._end :] = [place for place in rest if place + FIRST_DATA_PAGE * PAGE not in aside]

    def plan(self, message: bytes) -> tuple[PageWrite, ...]:
        """Return the pages to write: the old length away, the new bytes, and the new length last of all."""
        if self.message is not None and self.message.value == message:
            return ()
        block, start = encode_tlv(Tag.MESSAGE, message), self._end
        room = len(self._places) - start
        if len(block) > room:
            raise ChipUnsuitableError(_NO_ROOM, length=len(message), room=max(0, room - (2 if room <= 256 else 4)))
        if len(block) < room:
            block += encode_tlv(Tag.TERMINATOR)
        before = self._memory
        emptied = before if self.message is None else self._with(b"\x00", start + 1, before)
        filled = self._with(block[:1] + b"\x00" + block[2:], start, emptied)
        done = self._with(block, start, filled)
        # Downwards, so that where there was no message its tag comes when all behind it is right.
        return (
            *_page_writes(before, emptied),
            *reversed(_page_writes(emptied, filled)),
            *_page_writes(filled, done),
        )

    def _with(self, data: bytes, start: int, memory: bytes) -> bytes:
        changed = bytearray(memory)
        for at, byte in enumerate(data):
            changed[self._places[start + at]] = byte
        return bytes(changed)


def _page_writes(before: bytes, after: bytes) -> tuple[PageWrite, ...]:
    pages = range(0, len(before), PAGE)
    return tuple(
        PageWrite(FIRST_DATA_PAGE + at // PAGE, after[at : at + PAGE], before[at : at + PAGE])
        for at in pages
        if after[at : at + PAGE] != before[at : at + PAGE]
    )


def _reserved(block: Tlv) -> range:
    """Return the bytes of the memory that a control block sets aside (Type 2 Tag Operation, 2.3.2 and 2.3.3)."""
    if block.tag not in (Tag.LOCK_CONTROL, Tag.MEMORY_CONTROL) or len(block.value) != 3:
        return range(0)
    place, size, control = block.value
    start = (place >> 4) * (1 << (control & 0x0F)) + (place & 0x0F)
    length = size or 256
    return range(start, start + (-(-length // 8) if block.tag == Tag.LOCK_CONTROL else length))


_LOCKED = N_("This card can't be used here: its chip is locked and can't be written any more.")
_PASSWORD = N_("This card can't be used here: its chip is protected by a password.")
_OTHER_USE = N_("This card can't be used here: its chip was made for another use, and that can't be undone.")
_NO_ROOM = N_("This card can't be used here: the message has {length} bytes, and its chip has room for {room}.")
_NOT_KEPT = N_("The chip doesn't keep what is written (page {page}).")
