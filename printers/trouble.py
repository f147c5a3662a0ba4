"""What a printer needs from a person: the spooler's keywords as reasons, and each reason in plain words."""

from __future__ import annotations

from collections.abc import Iterable

from printers.api import N_, PrinterError, PrinterMissingError, PrinterReason, PrinterTroubleError


class SpoolerError(PrinterError):
    """A spooler, or a printer in its place, didn't do what was asked; the params' ``detail`` says more."""

    driver_missing = False
    """Whether what would talk to it isn't installed."""
    reason = PrinterReason.OFFLINE

    @property
    def not_found(self) -> bool:
        """Say whether the printer or job that was asked for is not there."""
        return False


# RFC 8011 section 5.4.12, PWG 5100.9 (the alerts of the Printer MIB as keywords) and CUPS' own words (`cups-…`,
# `offline`, `shutdown`); each is the beginning of a keyword, and the longest that fits counts. `None` asks for nobody.
_KEYWORDS: dict[str, PrinterReason | None] = {
    "media-jam": PrinterReason.MEDIA_JAM,
    "media-path-jam": PrinterReason.MEDIA_JAM,
    "media-path-input-jam": PrinterReason.MEDIA_JAM,
    "media-path-output-jam": PrinterReason.MEDIA_JAM,
    "media-path-input-feed-error": PrinterReason.MEDIA_JAM,
    "media-path-failure": PrinterReason.MEDIA_JAM,
    "media-path-input-empty": PrinterReason.MEDIA_EMPTY,
    "media-path-output-full": PrinterReason.OUTPUT_FULL,
    "media-path-media-tray-full": PrinterReason.OUTPUT_FULL,
    "media-path-media-tray-almost-full": None,
    "media-path-cannot-duplex-media-selected": PrinterReason.OTHER,
    "media-empty": PrinterReason.MEDIA_EMPTY,
    "media-needed": PrinterReason.MEDIA_EMPTY,
    "media-low": PrinterReason.MEDIA_LOW,
    "input-tray-missing": PrinterReason.MEDIA_EMPTY,
    "input-media-supply-empty": PrinterReason.MEDIA_EMPTY,
    "input-media-supply-low": PrinterReason.MEDIA_LOW,
    "input-manual-input-request": PrinterReason.MEDIA_EMPTY,
    "cover-open": PrinterReason.COVER_OPEN,
    "door-open": PrinterReason.COVER_OPEN,
    "interlock-open": PrinterReason.COVER_OPEN,
    "marker-supply-empty": PrinterReason.RIBBON_EMPTY,
    "marker-supply-missing": PrinterReason.RIBBON_EMPTY,
    "marker-ribbon-missing": PrinterReason.RIBBON_EMPTY,
    "marker-ribbon-empty": PrinterReason.RIBBON_EMPTY,
    "marker-print-ribbon-missing": PrinterReason.RIBBON_EMPTY,
    "marker-print-ribbon-empty": PrinterReason.RIBBON_EMPTY,
    "marker-ink-empty": PrinterReason.RIBBON_EMPTY,
    "toner-empty": PrinterReason.RIBBON_EMPTY,
    "marker-supply-low": PrinterReason.RIBBON_LOW,
    "marker-ribbon-almost-empty": PrinterReason.RIBBON_LOW,
    "marker-print-ribbon-almost-empty": PrinterReason.RIBBON_LOW,
    "marker-ink-almost-empty": PrinterReason.RIBBON_LOW,
    "toner-low": PrinterReason.RIBBON_LOW,
    "output-area-full": PrinterReason.OUTPUT_FULL,
    "output-area-almost-full": None,
    "output-tray-missing": PrinterReason.OUTPUT_FULL,
    "output-tray-full": PrinterReason.OUTPUT_FULL,
    "marker-waste-full": PrinterReason.OUTPUT_FULL,
    "marker-waste-almost-full": None,
    "cleaner-life-almost-over": PrinterReason.CLEANING_DUE,
    "cleaner-life-over": PrinterReason.CLEANING_DUE,
    "marker-cleaner-missing": PrinterReason.OTHER,
    "spool-area-full": PrinterReason.SPOOL_FULL,
    "cups-missing-filter": PrinterReason.DRIVER_MISSING,
    "cups-insecure-filter": PrinterReason.DRIVER_MISSING,
    "paused": PrinterReason.PAUSED,
    "moving-to-paused": PrinterReason.PAUSED,
    "deactivated": PrinterReason.PAUSED,
    "stopped-partly": PrinterReason.PAUSED,
    "offline": PrinterReason.OFFLINE,
    "shutdown": PrinterReason.OFFLINE,
    "power-down": PrinterReason.OFFLINE,
    "timed-out": PrinterReason.OFFLINE,
    "other": PrinterReason.OTHER,
}

WORST_FIRST = (
    PrinterReason.MEDIA_JAM,
    PrinterReason.COVER_OPEN,
    PrinterReason.CARD_INSIDE,
    PrinterReason.RIBBON_EMPTY,
    PrinterReason.RIBBON_WRONG,
    PrinterReason.MEDIA_EMPTY,
    PrinterReason.OUTPUT_FULL,
    PrinterReason.OFFLINE,
    PrinterReason.SERVICE_AWAY,
    PrinterReason.UNTRUSTED,
    PrinterReason.DRIVER_MISSING,
    PrinterReason.SPOOL_FULL,
    PrinterReason.OTHER,
    PrinterReason.PAUSED,
    PrinterReason.RIBBON_LOW,
    PrinterReason.MEDIA_LOW,
    PrinterReason.CLEANING_DUE,
)
"""A jam before an open cover before an empty feeder: the order in which a person has to see to them."""

STOPPING = frozenset(PrinterReason) - {
    PrinterReason.RIBBON_LOW,
    PrinterReason.MEDIA_LOW,
    PrinterReason.CLEANING_DUE,
}
"""Reasons that keep a card from being printed."""

TEXTS: dict[PrinterReason, tuple[str, str]] = {
    PrinterReason.MEDIA_EMPTY: (
        N_("The printer {device} has no card to print on."),
        N_("Put cards into the feeder, an encoded one first. The print then goes on by itself; nothing is lost."),
    ),
    PrinterReason.MEDIA_JAM: (
        N_("A card is stuck in the printer {device}."),
        N_(
            "Open the printer and take the card out. If it is clean, feed it again: the print goes on by itself. "
            "If it is scratched or partly printed, stop and mark it as spoiled."
        ),
    ),
    PrinterReason.COVER_OPEN: (
        N_("The cover of the printer {device} is open."),
        N_("Close it until it clicks. The print then goes on by itself; nothing is lost."),
    ),
    PrinterReason.RIBBON_EMPTY: (
        N_("The ribbon of the printer {device} is used up, or missing."),
        N_("Put in a new ribbon and close the printer. The print then goes on by itself; nothing is lost."),
    ),
    PrinterReason.RIBBON_WRONG: (
        N_("The printer {device} has a ribbon that it doesn't know, or not the one for this card."),
        N_("Put in the right ribbon and close the printer. The print then goes on by itself; nothing is lost."),
    ),
    PrinterReason.CARD_INSIDE: (
        N_("A card is in the printer {device} that doesn't belong to this job."),
        N_("Take it out at the printer's exit. The print then goes on by itself; nothing is lost."),
    ),
    PrinterReason.OUTPUT_FULL: (
        N_("The printer {device} has no room for finished cards."),
        N_("Empty its output and reject boxes. The print then goes on by itself; nothing is lost."),
    ),
    PrinterReason.PAUSED: (
        N_("The printer {device} is paused."),
        N_("Let it go on, at the printer or in the computer's printer settings. The card waits; nothing is lost."),
    ),
    PrinterReason.OFFLINE: (
        N_("The printer {device} doesn't answer."),
        N_("Check its power and its cable. The card waits, and is printed by itself when the printer is back."),
    ),
    PrinterReason.SERVICE_AWAY: (
        N_("The print service that the printer {device} is used through doesn't answer."),
        N_("Ask IT to start it. The station finds the job again by itself; nothing is printed twice."),
    ),
    PrinterReason.UNTRUSTED: (
        N_("What answers as the printer {device} has a certificate that is not known here."),
        N_("Ask IT to name the printer's certificate in the station profile. Nothing was sent to it."),
    ),
    PrinterReason.DRIVER_MISSING: (
        N_("This computer lacks a part of the driver of the printer {device}."),
        N_("Ask IT to install the maker's driver again. Use another printer until then; the card is not spoiled."),
    ),
    PrinterReason.SPOOL_FULL: (
        N_("The print service of this computer has no room left for the printer {device}."),
        N_("Ask IT to free some space on the disk. The card waits; nothing is lost."),
    ),
    PrinterReason.OTHER: (
        N_("The printer {device} needs help: {detail}"),
        N_("Do what the printer's own display says. The card waits; nothing is lost."),
    ),
}
"""What happened and what to do, for each reason that stops a printer."""


def reason_of(keyword: str) -> PrinterReason | None:
    """Return the reason that a printer-state-reasons keyword stands for, ``None`` for one that asks for nobody.

    The severity at its end is not looked at where the keyword is known: CUPS turns a printer's ``media-empty-error``
    into ``media-empty-warning`` while it holds the job. An unknown keyword counts only when it calls itself an error.
    """
    domain, _, rest = keyword.rpartition(".")
    words = rest.split("-")
    # A maker's own keyword begins with his domain: com.example-media-jam-error, com.example.media-jam-error.
    for start in (0, 1) if domain else (0,):
        for end in range(len(words), start, -1):
            known = "-".join(words[start:end])
            if known in _KEYWORDS:
                return _KEYWORDS[known]
    return PrinterReason.OTHER if words[-1] == "error" else None


def reasons_of(keywords: Iterable[str]) -> tuple[PrinterReason, ...]:
    """Return the reasons of all keywords, each once, worst first."""
    found = {reason for keyword in keywords if (reason := reason_of(keyword)) is not None}
    return tuple(reason for reason in WORST_FIRST if reason in found)


def stopping(reasons: Iterable[PrinterReason]) -> tuple[PrinterReason, ...]:
    """Return those reasons that keep a card from being printed, in the same order."""
    return tuple(reason for reason in reasons if reason in STOPPING)


def trouble_error(printer: str, reasons: tuple[PrinterReason, ...], detail: str = "") -> PrinterTroubleError:
    """Return the error that tells a person about the worst of ``reasons``."""
    reason = reasons[0] if reasons else PrinterReason.OTHER
    what, todo = TEXTS[reason]
    return PrinterTroubleError(what, todo, reason=reason.value, device=printer, detail=detail or reason.value)


def driver_missing(printer: str) -> PrinterMissingError:
    """Return the error for a printer whose driver is not whole, so that the job was not given away."""
    what, todo = TEXTS[PrinterReason.DRIVER_MISSING]
    return PrinterMissingError(what, todo, device=printer, reason=PrinterReason.DRIVER_MISSING.value)


def not_taken_back(printer: str, detail: object) -> PrinterTroubleError:
    """Return the error for a job that can't be taken back."""
    return PrinterTroubleError(
        N_("The print job can't be taken back from the printer {device}: {detail}"),
        N_("Switch the printer off before you go on, so that the card isn't printed later. Then call IT."),
        device=printer,
        detail=detail,
    )
