"""A host for the software card's tests, straight from the data sheets: neither the card's code nor the encoder's."""

from __future__ import annotations

import zlib

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.cmac import CMAC

from station.chip.virtual_card.card import VirtualCard
from station.chip.virtual_card.ciphers import AES, TDES, TDES3, CardKey
from tests.helpers.chip import unhex

APP = unhex("563412")
FACTORY = CardKey(TDES, bytes(16))
ZERO_AES = CardKey(AES, bytes(16))
PLAIN, MACED, MANAGED, FULL = "plain", "maced", "managed", "full"
_EV2_WAYS = (0x71, 0x77)


def _algorithm(key: bytes, *, des: bool) -> algorithms.AES | TripleDES:
    if not des:
        return algorithms.AES(key)
    return TripleDES(key if len(key) == 24 else key + key[:8])


def _xor(left: bytes, right: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(left, right, strict=True))


class Cbc:
    """A block cipher with one key."""

    def __init__(self, kind: str, key: bytes) -> None:
        self.des, self.key = kind != AES, key
        self.block = 8 if self.des else 16

    def enc(self, data: bytes, iv: bytes = b"") -> bytes:
        run = Cipher(_algorithm(self.key, des=self.des), modes.CBC(iv or bytes(self.block))).encryptor()
        return run.update(data) + run.finalize()

    def dec(self, data: bytes, iv: bytes = b"") -> bytes:
        run = Cipher(_algorithm(self.key, des=self.des), modes.CBC(iv or bytes(self.block))).decryptor()
        return run.update(data) + run.finalize()

    def send(self, data: bytes) -> bytes:
        """Chain as a host of the first DESFire sends: deciphering what was XORed with the block before."""
        out, before = b"", bytes(8)
        for start in range(0, len(data), 8):
            before = self.dec(_xor(data[start : start + 8], before))
            out += before
        return out

    def cmac(self, message: bytes, iv: bytes = b"") -> bytes:
        """A CMAC may begin with a vector: it is XORed into the first block."""
        size = self.block
        iv = iv if any(iv) else b""
        if iv and len(message) < size:
            # Too short to carry the vector as it is: fill up by hand, and correct the library's choice of subkey.
            return self._short_cmac(message, iv)
        if iv:
            message = _xor(message[:size], iv) + message[size:]
        tool = CMAC(_algorithm(self.key, des=self.des))
        tool.update(message)
        return tool.finalize()

    def _short_cmac(self, message: bytes, iv: bytes) -> bytes:
        size = self.block
        number = int.from_bytes(self.enc(bytes(size)), "big")
        for _ in range(2):
            high = number >> (8 * size - 1)
            number = (number << 1) & ((1 << 8 * size) - 1)
            number ^= (0x1B if self.des else 0x87) if high else 0
        padded = message + b"\x80" + bytes(size - len(message) - 1)
        return self.enc(_xor(_xor(padded, number.to_bytes(size, "big")), iv))


def crc32(data: bytes) -> bytes:
    return (zlib.crc32(data) ^ 0xFFFFFFFF).to_bytes(4, "little")


def crc16(data: bytes) -> bytes:
    register = 0x6363
    for byte in data:
        mixed = (byte ^ register) & 0xFF
        mixed = (mixed ^ mixed << 4) & 0xFF
        register = (register >> 8) ^ (mixed << 8) ^ (mixed << 3) ^ (mixed >> 4)
    return register.to_bytes(2, "little")


class Host:
    """Talks to a card in any of the three messagings."""

    def __init__(self, card: VirtualCard) -> None:
        self.card = card
        self.way = 0
        self.number = -1
        self.cipher = self.macs = Cbc(AES, bytes(16))
        self.iv = b""
        self.ti, self.counter = b"", 0
        self.frame_bytes = 54

    # --- frames -------------------------------------------------------------------------------------------------

    def send(self, ins: int, data: bytes = b"") -> tuple[bytes, int]:
        """Exchange one frame."""
        body = bytes([len(data)]) + data if data else b""
        answer = self.card.transmit(bytes([0x90, ins, 0, 0]) + body + b"\x00")
        assert answer[-2] == 0x91
        return answer[:-2], answer[-1]

    def frames(self, ins: int, data: bytes = b"") -> tuple[bytes, int]:
        """Exchange as many frames as both directions need."""
        pieces = [data[i : i + self.frame_bytes] for i in range(0, len(data), self.frame_bytes)] or [b""]
        answer, status = b"", 0
        for index, piece in enumerate(pieces):
            answer, status = self.send(0xAF if index else ins, piece)
            if index < len(pieces) - 1 and status != 0xAF:
                return answer, status
        while status == 0xAF:
            more, status = self.send(0xAF)
            answer += more
        return answer, status

    # --- authentication -----------------------------------------------------------------------------------------

    def authenticate(self, ins: int, number: int, key: CardKey, *, ours: bytes = b"") -> int:
        """Run the three-pass authentication, return the last status."""
        cipher, chained = Cbc(key.kind, key.value), ins in (0x1A, 0xAA)
        challenge, status = self.send(ins, bytes([number]) + (b"\x00" if ins == 0x71 else b""))
        if status != 0xAF:
            return status
        theirs = cipher.dec(challenge)
        ours = ours or bytes(range(len(theirs)))
        clear = ours + theirs[1:] + theirs[:1]
        token = cipher.send(clear) if ins == 0x0A else cipher.enc(clear, challenge[-cipher.block :] if chained else b"")
        proof, status = self.send(0xAF, token)
        if status:
            return status
        shown = cipher.dec(proof, token[-cipher.block :] if chained else b"")
        assert ours[1:] + ours[:1] == (shown[4:20] if ins == 0x71 else shown)
        self._open(ins, number, key, ours + theirs)
        if ins == 0x71:
            self.ti, self.counter = shown[:4], 0
        return 0

    def _open(self, ins: int, number: int, key: CardKey, randoms: bytes) -> None:
        a, b = randoms[: len(randoms) // 2], randoms[len(randoms) // 2 :]
        self.way, self.number = ins, number
        if ins in _EV2_WAYS:
            tail = bytes.fromhex("00010080") + a[:2] + _xor(a[2:8], b[:6]) + b[6:] + a[8:]
            both = Cbc(AES, key.value)
            self.cipher = Cbc(AES, both.cmac(b"\xa5\x5a" + tail))
            self.macs = Cbc(AES, both.cmac(b"\x5a\xa5" + tail))
            return
        if key.kind == AES:
            value = a[:4] + b[:4] + a[12:] + b[12:]
        elif key.kind == TDES3:
            value = a[:4] + b[:4] + a[6:10] + b[6:10] + a[12:] + b[12:]
        elif bytes(x & 0xFE for x in key.value[:8]) == bytes(x & 0xFE for x in key.value[8:]):
            value = (a[:4] + b[:4]) * 2
        else:
            value = a[:4] + b[:4] + a[4:] + b[4:]
        self.cipher = Cbc(key.kind, value)
        self.iv = bytes(self.cipher.block)

    # --- commands in a session ----------------------------------------------------------------------------------

    def command(
        self, ins: int, header: bytes = b"", data: bytes = b"", *, sent: str = MANAGED, back: str = "", length: int = 0
    ) -> tuple[bytes, int]:
        """Send a command as the session has it; ``back`` defaults to ``sent``. Check what protects the answer."""
        wire = self._protect(ins, header, data, sent)
        answer, status = self.frames(ins, wire)
        if status not in (0, 0x90):
            return answer, status
        return self._clear(answer, back or sent, status, length), status

    def managed(self, ins: int, data: bytes = b"") -> int:
        """Send a command about the card or its files; return the status."""
        return self.command(ins, data)[1]

    def sealed(self, ins: int, header: bytes, data: bytes) -> int:
        """Send enciphered data that brings its checksums; do not look at the answer but for the status."""
        return self.frames(ins, self._seal(ins, header, data))[1]

    def change_key(self, number: int, new: CardKey, old: CardKey | None = None, *, header: bytes = b"") -> int:
        """Change a key: the authenticated one, or another whose ``old`` value is known."""
        ins = 0xC6 if header else 0xC4
        header = header or bytes([number])
        data = new.value if old is None else _xor(new.value, old.value)
        data += bytes([new.version]) if new.kind == AES else b""
        if self.way == 0x0A:
            sums = crc16(data) + (b"" if old is None else crc16(new.value))
        elif self.way in _EV2_WAYS:
            sums = b"" if old is None else crc32(new.value)
        else:
            sums = crc32(bytes([ins]) + header + data) + (b"" if old is None else crc32(new.value))
        answer, status = self.frames(ins, self._seal(ins, header, data + sums))
        if status == 0 and old is not None:
            self._clear(answer, MANAGED, 0, 0)
        elif status == 0:
            assert answer == b""
        return status

    def _seal(self, ins: int, header: bytes, data: bytes) -> bytes:
        if self.way in _EV2_WAYS:
            return self._protect(ins, header, data, FULL)
        padded = data + bytes(-len(data) % self.cipher.block)
        if self.way == 0x0A:
            return header + self.cipher.send(padded)
        sealed = self.cipher.enc(padded, self.iv)
        self.iv = sealed[-self.cipher.block :]
        return header + sealed

    def _protect(self, ins: int, header: bytes, data: bytes, mode: str) -> bytes:
        if self.way == 0:
            return header + data
        if self.way in _EV2_WAYS:
            return self._protect_ev2(ins, header, data, mode)
        if self.way == 0x0A:
            if mode == FULL and data:
                return self._seal(ins, header, data + crc16(data))
            return header + data + (self._d40_mac(data) if mode == MACED and data else b"")
        if mode == FULL and data:
            return self._seal(ins, header, data + crc32(bytes([ins]) + header + data))
        self.iv = self.cipher.cmac(bytes([ins]) + header + data, self.iv)
        return header + data + (self.iv[:8] if mode == MACED and data else b"")

    def _protect_ev2(self, ins: int, header: bytes, data: bytes, mode: str) -> bytes:
        if mode == FULL and data:
            padded = data + b"\x80" + bytes(15 - len(data) % 16)
            data = self.cipher.enc(padded, self._ev2_iv("a55a"))
        tag = b"" if mode == PLAIN else self._ev2_mac(ins, header + data)
        self.counter += 1
        return header + data + tag

    def _clear(self, answer: bytes, mode: str, status: int, length: int) -> bytes:
        if self.way == 0:
            return answer
        if self.way in _EV2_WAYS:
            return self._clear_ev2(answer, mode, status)
        if self.way == 0x0A:
            return self._clear_d40(answer, mode, length)
        if mode == FULL and answer and length:
            clear = self.cipher.dec(answer, self.iv)
            self.iv = answer[-self.cipher.block :]
            data, crc, rest = clear[:length], clear[length : length + 4], clear[length + 4 :]
            assert crc == crc32(data + bytes([status]))
            assert not any(rest[1:] if rest[:1] == b"\x80" else rest)
            return data
        data, mac = answer[:-8], answer[-8:]
        self.iv = self.cipher.cmac(data + bytes([status]), self.iv)
        assert mac == self.iv[:8]
        return data

    def _clear_ev2(self, answer: bytes, mode: str, status: int) -> bytes:
        if mode == PLAIN:
            return answer
        data, mac = answer[:-8], answer[-8:]
        assert mac == self._ev2_mac(status, data)
        if mode != FULL or not data:
            return data
        clear = self.cipher.dec(data, self._ev2_iv("5aa5"))
        end = clear.rindex(0x80)
        assert not any(clear[end + 1 :])
        return clear[:end]

    def _clear_d40(self, answer: bytes, mode: str, length: int) -> bytes:
        if not answer or mode in (PLAIN, MANAGED):
            return answer
        if mode == MACED:
            assert answer[-4:] == self._d40_mac(answer[:-4])
            return answer[:-4]
        clear = self.cipher.dec(answer)
        assert clear[length : length + 2] == crc16(clear[:length])
        return clear[:length]

    def _d40_mac(self, data: bytes) -> bytes:
        return self.cipher.enc(data + bytes(-len(data) % 8))[-8:-4]

    def _ev2_iv(self, label: str) -> bytes:
        return self.cipher.enc(bytes.fromhex(label) + self.ti + self.counter.to_bytes(2, "little") + bytes(8))

    def _ev2_mac(self, code: int, data: bytes) -> bytes:
        message = bytes([code]) + self.counter.to_bytes(2, "little") + self.ti + data
        return self.macs.cmac(message)[1::2]
