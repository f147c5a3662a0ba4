"""Connections to software cards without a reader: straight, replayed, pulled, tampered with."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from station.adapters.secrets.demo_signer import demo_root
from station.adapters.secrets.virtual import VirtualSecrets
from station.chip.encoder import ChipData, EncodeReport, encode
from station.chip.profiles import ChipProfile, shipped_profile
from station.chip.virtual_card.card import Tear, VirtualCard
from station.domain.errors import CardRemovedError
from station.ports.chip import ChipConnection
from station.ports.secrets import Secrets

UID = bytes.fromhex("04782E21801D80")
ESCN = "14625400-9326-103f-8001-001999465982"
OTHER_ESCN = "131c1050-d3bc-103f-bffe-066999859608"
ESC_AID = bytes.fromhex("4088F5")
_VECTORS = Path(__file__).resolve().parents[1] / "fixtures" / "desfire-vectors.json"


def vector(name: str) -> dict[str, Any]:
    """Return a published test vector."""
    found: dict[str, Any] = json.loads(_VECTORS.read_text("utf-8"))["vectors"][name]
    return found


def unhex(text: str) -> bytes:
    """Return the bytes that hexadecimal digits stand for."""
    return bytes.fromhex(text)


class Direct:
    """A card in hand: every APDU goes straight to it."""

    reader = "in hand"

    def __init__(self, card: VirtualCard) -> None:
        card.reset()
        self.card = card
        self.atr = card.atr
        self.log: list[tuple[bytes, bytes]] = []

    def transmit(self, apdu: bytes) -> bytes:
        """Send an APDU, and remember it with its answer."""
        answer = self.card.transmit(apdu)
        self.log.append((apdu, answer))
        return answer


class Pulled(Direct):
    """A card that is pulled at the APDU after so many, and stays away."""

    def __init__(self, card: VirtualCard, after: int, how: Tear = Tear.BEFORE) -> None:
        super().__init__(card)
        self._left = after
        self._how = how

    def transmit(self, apdu: bytes) -> bytes:
        """Send an APDU, or find the card gone."""
        if self._left == 0:
            self.card.tear(apdu, self._how)
        self._left -= 1
        if self._left < 0:
            raise CardRemovedError(device=self.reader)
        return super().transmit(apdu)


class Altered(Direct):
    """A card whose answers pass through ``change(index, answer)`` on their way."""

    def __init__(self, card: VirtualCard, change: Callable[[int, bytes], bytes]) -> None:
        super().__init__(card)
        self._change = change
        self._index = 0

    def transmit(self, apdu: bytes) -> bytes:
        """Send an APDU, return what has become of the answer."""
        answer = self._change(self._index, super().transmit(apdu))
        self._index += 1
        return answer


class Replay:
    """Not a card, but a recorded conversation: each APDU must be the next recorded one."""

    reader = "recorded"
    atr = b""

    def __init__(self, exchange: Sequence[Sequence[str]]) -> None:
        self._exchange = [(unhex(sent), unhex(answered)) for sent, answered in exchange]
        self.done = 0

    def transmit(self, apdu: bytes) -> bytes:
        """Compare with the record, and return the recorded answer."""
        expected, answer = self._exchange[self.done]
        self.done += 1
        assert apdu.hex() == expected.hex()
        return answer


class Rambling:
    """Not a card, but something that answers whatever it is told to, in turn, and then the last again."""

    reader = "rambling"

    def __init__(self, answers: Sequence[bytes], atr: bytes = b"") -> None:
        self._answers = list(answers)
        self.atr = atr
        self.asked = 0

    def transmit(self, _: bytes) -> bytes:
        """Return the next answer, without having read the question."""
        self.asked += 1
        return self._answers[min(self.asked, len(self._answers)) - 1]


def demo_profile(name: str = "deuinfo") -> ChipProfile:
    """Return a profile that ships, as the demo has it: the demo's own root certificate is believed."""
    return shipped_profile(name).trusting(demo_root())


def run_encode(
    connection: ChipConnection,
    escn: str = ESCN,
    *,
    profile: ChipProfile | None = None,
    secrets: Secrets | None = None,
    begun: list[str] | None = None,
) -> EncodeReport:
    """Encode with test keys; ``begun`` collects the UIDs that writing began on."""
    return encode(
        connection,
        profile or demo_profile(),
        ChipData(escn, url=f"https://s.esc-r.eu/{escn}"),
        secrets or VirtualSecrets(demo=True),
        before_write=(begun if begun is not None else []).append,
        cancel=threading.Event(),
        progress=lambda _step, _share: None,
    )
