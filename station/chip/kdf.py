"""Key diversification: one master key, and for each card a key of its own (NXP AN10922, AES-128)."""

from __future__ import annotations

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

_BLOCK = 16
_PADDED = 32
_AES128 = b"\x01"
LONGEST_INPUT = 31


def diversify_aes128(master: bytes, data: bytes) -> bytes:
    """Return the AES-128 key (16 bytes) of the card that ``data`` (1 to 31 bytes) stands for.

    The message ``01 || data`` is always brought to 32 bytes before the CMAC, also where the CMAC by itself would pad
    to one block only; implementations that forget this make other keys (AN10922, section 2.2).

    Raises:
        ValueError: the master key has not 16 bytes, or the data not 1 to 31.
    """
    if len(master) != _BLOCK or not 1 <= len(data) <= LONGEST_INPUT:
        raise ValueError("AN10922 takes a key of 16 bytes and 1 to 31 bytes of data")
    k1, k2 = cmac_subkeys(master)
    message = _AES128 + data
    last = k1
    if len(message) < _PADDED:
        message = (message + b"\x80").ljust(_PADDED, b"\x00")
        last = k2
    block = bytes(a ^ b for a, b in zip(message[_BLOCK:], last, strict=True))
    encryptor = Cipher(algorithms.AES128(master), modes.CBC(bytes(_BLOCK))).encryptor()
    return (encryptor.update(message[:_BLOCK] + block) + encryptor.finalize())[_BLOCK:]


def cmac_subkeys(key: bytes) -> tuple[bytes, bytes]:
    """Return the two subkeys K1 and K2 of an AES-128 key (NIST SP 800-38B, 6.1)."""
    # One block of zeros: the mode has nothing to chain, and the subkeys are defined by the bare cipher.
    encryptor = Cipher(algorithms.AES128(key), modes.ECB()).encryptor()  # noqa: S305
    k0 = encryptor.update(bytes(_BLOCK)) + encryptor.finalize()
    k1 = _doubled(k0)
    return k1, _doubled(k1)


def _doubled(block: bytes) -> bytes:
    value = int.from_bytes(block, "big") << 1
    if value >> 128:
        value = (value ^ 0x87) & ((1 << 128) - 1)
    return value.to_bytes(_BLOCK, "big")
