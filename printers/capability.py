"""What a model can put on a card, held against what a card asks for: told once, before a blank is spent."""

from __future__ import annotations

from collections.abc import Collection

from printers.api import N_, PrinterProfile, PrinterUnfitError, ProfileError, RenderedCard, RenderedSide

WITHOUT = "station.without"
"""The printer's option that names what may be left out, with blanks between: ``overlay uv``."""

LACKS: dict[str, str] = {
    "magnetic": N_("it can't be told what to write on the magnetic stripe"),
    "back": N_("it prints one side only"),
    "uv": N_("it can't print for ultraviolet light"),
    "overlay": N_("it can't leave the clear overlay out where the layout says so"),
}
"""What can be missing, in words; the gravest first."""

DEFAULT_WITHOUT = "overlay"
"""Left out without a word unless the profile says otherwise: such a card looks the same, and is only glossier."""


def check_without(value: str) -> frozenset[str]:
    """Return what may be left out; raises ProfileError for a word that is none of ``LACKS``."""
    words = frozenset(value.split())
    if not words <= LACKS.keys():
        raise ProfileError(
            N_("The printer's option {option} can't be {value}."),
            N_("Ask IT to correct it in the station profile. Words there are: {known}."),
            option=WITHOUT,
            value=value,
            known=" ".join(LACKS),
        )
    return words


def abilities(profile: PrinterProfile) -> frozenset[str]:
    """Return what the model can do, as far as its driver hands everything over."""
    able = {
        "magnetic": profile.magnetic,
        "back": profile.duplex,
        "uv": profile.uv,
        "overlay": profile.overlay_holes,
    }
    return frozenset(name for name, can in able.items() if can)


def unfit(
    device: str, able: Collection[str], card: RenderedCard, without: Collection[str] = ()
) -> PrinterUnfitError | None:
    """Return the one message about all that ``card`` asks for and is neither ``able`` nor may be left out."""
    wanted = _wanted(card)
    # All at once, the gravest first: a person who changes printers shall not learn of the next lack there.
    missing = tuple(name for name in LACKS if name in wanted and name not in able and name not in without)
    if not missing:
        return None
    if len(missing) == 1:
        return PrinterUnfitError(device=device, detail=LACKS[missing[0]], lacks=missing)
    places = {f"detail{number}": LACKS[name] for number, name in enumerate(missing, start=1)}
    return PrinterUnfitError(_SEVERAL[len(missing)], device=device, lacks=missing, **places)


_SEVERAL = {
    2: N_("The printer {device} can't make this card: {detail1}; {detail2}"),
    3: N_("The printer {device} can't make this card: {detail1}; {detail2}; {detail3}"),
    4: N_("The printer {device} can't make this card: {detail1}; {detail2}; {detail3}; {detail4}"),
}


def _wanted(card: RenderedCard) -> frozenset[str]:
    sides = [side for side in (card.front, card.back) if side is not None]
    wanted = {
        "magnetic": any(card.tracks),
        "back": card.back is not None and _inked(card.back),
        "uv": any(_marked(side, "uv") for side in sides),
        "overlay": any(_marked(side, "overlay") for side in sides),
    }
    return frozenset(name for name, asked in wanted.items() if asked)


def _inked(side: RenderedSide) -> bool:
    # A back without a dot of ink needs no second pass.
    # Compared, not counted: two million dots one by one cost more than the whole job.
    paper = side.composite.data
    return paper != b"\xff" * len(paper) or _marked(side, "uv")


def _marked(side: RenderedSide, panel: str) -> bool:
    bitmap = side.uv if panel == "uv" else side.overlay
    return bitmap is not None and bitmap.data != bytes(len(bitmap.data))
