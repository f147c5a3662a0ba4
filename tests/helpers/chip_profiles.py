"""Chip profiles for tests that none of those that ship has: sizes, generations and keys as a test wants them."""

from __future__ import annotations

from station.adapters.secrets.demo_signer import demo_root
from station.chip.profiles import ChipProfile, parse_profile
from station.resources import asset

CARD_KEY = '\n[card_key]\nsecret = "card-master"\nversion = 1\ndiversify = "card.uid"\n'


def shipped_text(name: str) -> str:
    """Return the text of a profile that ships."""
    return asset("chip-profiles", f"{name}.toml").read_text("utf-8")


def changed(name: str, *changes: tuple[str, str]) -> ChipProfile:
    """Return a profile that ships with parts of its text changed; each must be there."""
    text = shipped_text(name)
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return parse_profile(text).trusting(demo_root())


def with_card_key(name: str, *, settings: str | None = None, version: int = 1) -> ChipProfile:
    """Return a profile that ships with a master key for the card itself, and what may be done without it."""
    extra = CARD_KEY.replace("version = 1", f"version = {version}")
    extra += "" if settings is None else f'settings = "{settings}"\n'
    return parse_profile(shipped_text(name) + extra).trusting(demo_root())


def hiding(name: str) -> ChipProfile:
    """Return a profile that ships with a master key for the card, whose UID nobody sees without a key."""
    return parse_profile(shipped_text(name) + CARD_KEY + "random_uid = true\n").trusting(demo_root())


def sized(*sizes: int, card_key: bool = False, generation: str = "EV1", frames: str = "short") -> ChipProfile:
    """Return the data zone with files of these sizes, filled with the card number over and over."""
    text = shipped_text("deuinfo-unsigned")
    head, file = text[: text.index("[[application.file]]")], text[text.index("[[application.file]]") :]
    head = head.replace('chip = "desfire"', f'chip = "desfire"\ngeneration = "{generation}"\nframes = "{frames}"')
    for number, size in enumerate(sizes):
        each = file.replace("number = 0", f"number = {number}").replace('"1001"', f'"{0x1001 + number:04X}"')
        content = "card.escn" if size == 16 else f"pad(card.escn, {size}, 165)"
        head += each.replace("size = 16", f"size = {size}").replace('"card.escn"', f'"{content}"') + "\n"
    return parse_profile(head + (CARD_KEY if card_key else ""))
