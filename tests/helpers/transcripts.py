"""Conversations between host and card, byte for byte: kept as text, replayed in tests.

To record them anew from the software cards, after a change that is meant to change what is sent:
``PYTHONPATH=. .venv/bin/python tests/helpers/transcripts.py``; then look at what changed, and why.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from station.chip.desfire.auth import Random
from station.chip.desfire.link import COMMAND_NAMES, DesfireLink
from tests.helpers.desfire_scenarios import SCENARIOS, UID, Talk

FOLDER = Path(__file__).resolve().parents[1] / "fixtures" / "apdu"
_WIDTH = 110


def counted_random() -> Random:
    """Return a source of "random" bytes that says the same each time."""
    drawn = 0

    def draw(length: int) -> bytes:
        nonlocal drawn
        drawn += 1
        return hashlib.sha256(f"random {drawn}".encode()).digest()[:length]

    return draw


def read_transcript(name: str) -> list[tuple[str, str]]:
    """Return the conversation of that name: what was sent and answered, in hex."""
    pairs: list[list[str]] = []
    for line in (FOLDER / f"{name}.txt").read_text("utf-8").splitlines():
        if line.startswith(">"):
            pairs.append(["", ""])
        if line and not line.startswith("#"):
            # A line goes on where the next begins with spaces.
            part = 1 if line.startswith("<") or (pairs[-1][1] and line.startswith(" ")) else 0
            pairs[-1][part] += line[1:].strip()
    return [(sent, given) for sent, given in pairs]


def write_transcript(name: str, generation: str, about: str, pairs: list[tuple[str, str]]) -> None:
    """Keep a conversation."""
    lines = [f"# {about}", f"# With a DESFire {generation}. Sent: >, answered: <, hexadecimal, status bytes last.", ""]
    for sent, given in pairs:
        if not sent.startswith("90af"):
            lines.append(f"# {command_name(sent)}")
        lines += _folded(">", sent) + _folded("<", given)
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / f"{name}.txt").write_text("\n".join(lines) + "\n", "utf-8")


def command_name(sent: str) -> str:
    """Return what a command is called."""
    return "SELECT (ISO 7816-4)" if sent.startswith("00a4") else COMMAND_NAMES[int(sent[2:4], 16)]


def _folded(mark: str, text: str) -> list[str]:
    parts = [text[at : at + _WIDTH] for at in range(0, len(text), _WIDTH)]
    return [f"{mark} {parts[0]}", *(f"  {part}" for part in parts[1:])]


def record_all() -> None:
    """Run every scenario on a software card, and keep what was said."""
    from station.chip.virtual_card.desfire import VirtualDesfire

    for name, (generation, scenario) in SCENARIOS.items():
        card = VirtualDesfire(VirtualDesfire.new(generation, uid=UID).memory, random=counted_random())
        pairs: list[tuple[str, str]] = []

        def transmit(apdu: bytes, card: VirtualDesfire = card, pairs: list[tuple[str, str]] = pairs) -> bytes:
            answer = card.transmit(apdu)
            pairs.append((apdu.hex(), answer.hex()))
            return answer

        scenario(Talk(DesfireLink(transmit), counted_random()))
        write_transcript(name, generation, f"Scenario {name!r} of tests/helpers/desfire_scenarios.py.", pairs)


if __name__ == "__main__":
    record_all()
