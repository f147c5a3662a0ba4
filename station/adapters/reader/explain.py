"""PC/SC's codes in the operator's words, and the line to the service that every call opens for itself."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from station.adapters.reader.busy import busy_error, missing_error, programs_with_pcsc, service_error
from station.adapters.reader.winscard import Code, Context, ScardError
from station.domain.errors import N_, CardRemovedError, ReaderError

# A broken line means the same, except in the middle of an exchange with a card.
SERVICE_GONE = (Code.NO_SERVICE, Code.SERVICE_STOPPED, Code.INVALID_HANDLE, Code.COMM_ERROR)
CARD_GONE = (
    Code.REMOVED_CARD,
    Code.NO_SMARTCARD,
    Code.UNPOWERED_CARD,
    Code.UNRESPONSIVE_CARD,
    Code.RESET_CARD,
    # What contactless readers say when the card leaves in the middle of an exchange.
    Code.NOT_TRANSACTED,
    Code.COMM_DATA_LOST,
)
READER_GONE = (Code.UNKNOWN_READER, Code.READER_UNAVAILABLE, Code.NO_READERS)


@contextmanager
def open_line(reader: str) -> Iterator[Context]:
    """Give a line to the service, and raise what goes wrong on it in the operator's words."""
    try:
        context = Context()
    except ScardError as error:
        raise explained(error, reader) from error
    try:
        yield context
    except ScardError as error:
        raise explained(error, reader) from error
    finally:
        context.release()


def service_runs() -> bool:
    """Say whether the service answers.

    Whoever asks was connected a moment ago: any failure now means that the service is going, or gone.
    """
    try:
        # A new line, for the old one says nothing: after a restart of the service it stays dead.
        Context().release()
    except ScardError:
        return False
    return True


def explained(error: ScardError, reader: str) -> ReaderError:
    """Return what a code means for the person at the desk."""
    if error.code in SERVICE_GONE:
        return service_error()
    if error.code in CARD_GONE:
        return CardRemovedError(device=reader)
    if error.code in READER_GONE:
        return missing_error(reader)
    if error.code == Code.SHARING_VIOLATION:
        return busy_error(reader, programs_with_pcsc())
    if error.code == Code.SECURITY_VIOLATION:
        return ReaderError(_NOT_ALLOWED, _ALLOW, device=reader)
    return ReaderError(device=reader, detail=f"PC/SC {error.code:08X}")


_NOT_ALLOWED = N_("This computer doesn't let you use its card readers.")
_ALLOW = N_("Ask IT to allow it (on Linux: the polkit rule for pcscd), then try again.")
