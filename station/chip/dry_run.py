"""Try a chip profile on the software card before it meets a real one: what it would write, and in how many commands."""

from __future__ import annotations

import hashlib
import threading
from dataclasses import dataclass
from datetime import date

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from station.chip.content import ChipData, HolderData
from station.chip.encoder import EncodeReport, encode, verify
from station.chip.kdf import diversify
from station.chip.profiles import ChipProfile
from station.chip.virtual_card.card import VirtualCard
from station.chip.virtual_card.desfire import VirtualDesfire
from station.chip.virtual_card.kinds import new_card
from station.domain.errors import N_, ProfileError, StationError
from station.ports.secrets import KeyKind, Secrets

SAMPLE_DATA = ChipData(
    "14625400-9326-103f-8001-001999465982",
    url="https://s.esc-r.eu/14625400-9326-103f-8001-001999465982",
    expires_on=date(2030, 12, 31),
    holder=HolderData(
        esi="urn:schac:personalUniqueCode:int:esi:example.org:12345678",
        student_number="12345678",
        given_names="Anna",
        family_name="Example",
        email="anna@example.org",
        faculty="Example",
        programme="Example",
        ends_on=date(2030, 6, 30),
    ),
)
"""Nobody's data, in letters and digits that fit everywhere."""


@dataclass(frozen=True, slots=True)
class _SampleSecrets:
    """Keys for the software card alone: made of their names, the same everywhere, and good for nothing else."""

    signer: ec.EllipticCurvePrivateKey
    der: bytes

    def get(self, name: str) -> bytes:
        return hashlib.sha256(name.encode()).digest()

    def set(self, name: str, value: bytes) -> None:
        """Keep nothing."""

    def delete(self, name: str) -> None:
        """Have nothing to forget."""

    def diversified(self, name: str, version: int, data: bytes, kind: KeyKind = KeyKind.AES128) -> bytes:
        return diversify(kind, self.plain_key(name, version, kind), data)

    def plain_key(self, name: str, version: int, kind: KeyKind = KeyKind.AES128) -> bytes:
        return hashlib.sha256(f"sample {name} {version}".encode()).digest()[: kind.length]

    def versions(self, name: str) -> tuple[int, ...]:
        return ()

    def sign(self, name: str, data: bytes) -> bytes:
        return self.signer.sign(data, ec.ECDSA(hashes.SHA256()))

    def certificate(self, name: str) -> bytes:
        return self.der


def dry_run(profile: ChipProfile) -> EncodeReport:
    """Encode a software card after ``profile``, with sample keys and a sample person, and check it as a reader would.

    Raises:
        ProfileError: it can't be done; it says what went wrong.
    """
    keys = _sample_secrets()
    # The sample certificate is its own root; no chain of the institution's could lead to it.
    trusting = profile.trusting(keys.certificate(""))
    try:
        connection = _OnTheTable(_card_for(profile))
        report = encode(
            connection,
            trusting,
            SAMPLE_DATA,
            keys,
            before_write=lambda _: None,
            cancel=threading.Event(),
            progress=lambda _step, _share: None,
        )
        verify(connection, trusting, SAMPLE_DATA, keys)
    except StationError as error:
        raise ProfileError(_FAILED, file=profile.name, place="", detail=str(error)) from error
    return report


def _card_for(profile: ChipProfile) -> VirtualCard:
    return new_card("ntag216") if profile.chip == "type2" else VirtualDesfire.new(profile.generation)


class _OnTheTable:
    """A software card in hand."""

    reader = "software card"

    def __init__(self, card: VirtualCard) -> None:
        self._card = card
        self.atr = card.atr

    def transmit(self, apdu: bytes) -> bytes:
        return self._card.transmit(apdu)


def _sample_secrets() -> Secrets:
    from cryptography import x509

    signer = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "sample")])
    builder = x509.CertificateBuilder(name, name, signer.public_key(), x509.random_serial_number())
    # From the first of the month on: 29 February has no namesake in the year before.
    begins, ends = SAMPLE_DATA.at.replace(year=SAMPLE_DATA.at.year - 1, day=1), SAMPLE_DATA.at.replace(day=1, year=9000)
    made = builder.not_valid_before(begins).not_valid_after(ends).sign(signer, hashes.SHA256())
    return _SampleSecrets(signer, made.public_bytes(Encoding.DER))


_FAILED = N_("The chip profile {file} can't be carried out: {detail}")
