"""Every error the station knows, in one tree; each says what happened and what to do next.

StationError
├── InputError                 a person or a file gave something that cannot be right
│   ├── EsiError               "urn:schac:…:lv" has no code after the country
│   ├── EscnError              the last group of the number is not decimal
│   ├── ProfileError           the station profile has an unknown key in line 7
│   ├── RegisterFileError      the CSV has no column for the family name
│   ├── LayoutError            the layout names a picture that is not in it
│   ├── ExpressionError        a chip profile adds a text to bytes in column 12
│   ├── CertificateError       the certificate for signing cards expired last month
│   └── PortraitError          the chosen file is not a picture
├── WorkflowError              the step does not fit where this card stands (a second print without a reason)
├── ClaimedError               "Desk 3 is serving this student."
├── DeviceError                something on the desk
│   ├── CameraError            ├── CameraMissingError   └── CameraUnpluggedError
│   ├── ReaderError            ├── ReaderServiceDownError ├── ReaderMissingError ├── ReaderBusyError
│   │                          ├── CardAbsentError        ├── CardRemovedError └── ReaderUnableError
│   ├── ChipError              ├── ChipRefusedError ├── ChipUnsuitableError ├── ChipKeyError └── ChipMismatchError
│   └── PrinterError           ├── PrinterMissingError ─── PrinterBusyError     another station's card is in it
│                              │                       └── PrinterChangedError  the card goes on at the next printer
│                              └── PrinterTroubleError ├── PrinterUnfitError └── PrintJobLostError
├── RouterError                ESC-Router answered, or did not
│   ├── RouterUnreachableError the cable is out; a sign-in page answers in its place      (goes out by itself later)
│   ├── RouterUnwellError      503 ─── RouterBusyError 429, wait 30 s                     (goes out by itself later)
│   ├── RouterKeyError         the key is wrong, for everything ─── RouterKeyScopeError the key is another PIC's
│   ├── RouterForbiddenError   403 ├── RouterAddressError   this computer's address is not on production's list
│   │                              └── RouterElsewhereError only another university knows this person
│   ├── RouterRefusedError     400, email is no address    ├── RouterConflictError   409, the number is somebody else's
│   ├── RouterNotFoundError    404, no such person         ├── RouterGoneError       410, anonymised for ever
│   └── RouterStrangeError     it knows no card that was registered there: emptied, or another router
├── StoreError                 ├── StoreLockedError ├── StoreNewerError ├── StoreReadOnlyError
│                              ├── StoreFullError   ├── StoreDamagedError ├── StoreConflictError
│                              └── StoreAwayError      the database server does not answer ─── StoreRefusedError
├── NotAllowedError            this station may not approve layouts: this one and a few others are in station_errors
├── SecretError                a key is not in the keyring
├── ModelError                 a model of the photo check is missing or altered; portraits are made by hand
├── WorkerLostError            the process that looked at a picture ended in the middle of it
└── Cancelled                  the person said stop; not a failure
"""

from __future__ import annotations

from typing import ClassVar


def N_(msgid: str) -> str:  # noqa: N802 - the name that gettext tools look for
    """Mark a text for translation where it is written; it is translated where it is shown."""
    return msgid


class StationError(Exception):
    """Tell a person what happened and what to do; keep the data for the program.

    ``what`` and ``todo`` are English message ids with ``{named}`` places, filled from ``params``;
    whoever shows the error translates the ids first and fills them afterwards.
    """

    what: str = N_("Something went wrong: {detail}")
    todo: str = N_("Try again. If it happens again, call IT and show them this message.")
    retryable: ClassVar[bool] = False
    written: bool = False
    """Whether the chip may carry something of this issuance already; set where writing has begun."""

    def __init__(self, what: str | None = None, todo: str | None = None, **params: object) -> None:
        if what is not None:
            self.what = what
        if todo is not None:
            self.todo = todo
        self.params: dict[str, object] = {"detail": "", **params}
        super().__init__(self.what)

    @property
    def code(self) -> str:
        """Return a name for this kind of error that programs can compare."""
        return type(self).__name__.removesuffix("Error")

    def __str__(self) -> str:
        return " ".join(sentence(fill(text, self.params)) for text in (self.what, self.todo) if text)


def fill(text: str, params: dict[str, object]) -> str:
    """Put ``params`` into the named places of ``text``; a place without a value stays readable."""
    return text.format_map(_Lenient(params)).strip()


class _Lenient(dict[str, object]):
    def __missing__(self, key: str) -> str:
        return f"({key})"


def sentence(text: str) -> str:
    """Return ``text`` with a full stop, unless it ends in a mark of its own."""
    return text if text.endswith((".", "!", "?", "…", ".)")) else f"{text}."


class InputError(StationError):
    """A person or a file gave something that cannot be right."""

    what = N_("This can't be right: {detail}")
    todo = N_("Correct it and try again.")


class EsiError(InputError):
    """A European Student Identifier is malformed; ``part`` names which part."""

    what = N_("The European Student Identifier {value} is not right: {detail}")
    todo = N_("Correct the identifier in the student register.")


class EscnError(InputError):
    """A European Student Card Number is malformed, or its makings (prefix, PIC) are."""

    what = N_("The card number {value} is not right: {detail}")
    todo = N_("Check the number, or ask IT to check the station profile.")


class ProfileError(InputError):
    """The station profile cannot be used; ``file`` and ``place`` say where."""

    what = N_("The station profile {file} has a mistake at {place}: {detail}")
    todo = N_("Ask IT to correct the profile. Nothing was changed.")


class RegisterFileError(InputError):
    """A register file (CSV) cannot be read as holders."""

    what = N_("The file {file} can't be imported: {detail}")
    todo = N_("Correct the file and import it again. Nothing was imported.")


class LayoutError(InputError):
    """A card layout cannot be used."""

    what = N_("The card layout {file} has a mistake at {place}: {detail}")
    todo = N_("Choose another layout, or ask the designer to correct this one.")


class ExpressionError(InputError):
    """An expression of a profile is wrong, or a value that it needs is not there; ``column`` counts from 1."""

    what = N_("In {text}, at column {column}: {detail}")
    todo = N_("Ask IT to correct the profile, or the holder's data in the register.")


class CertificateError(InputError):
    """A certificate, on a card or for signing cards, can't be used or doesn't lead to a root that is trusted."""

    what = N_("The certificate {name} can't be used: {detail}")
    todo = N_("Ask IT to check the institution's certificate and the root certificates of the chip profile.")


class PortraitError(InputError):
    """A file or frame cannot become a portrait."""

    what = N_("The picture {file} can't be used: {detail}")
    todo = N_("Take the photo with the camera, or choose another picture.")


class WorkflowError(StationError):
    """The step does not fit where this card stands."""

    what = N_("This step doesn't fit now: {detail}")
    todo = N_("Go on with the step that the screen shows.")


class ClaimedError(StationError):
    """Another station is making this holder's card at the moment; ``station`` says which, where that is known."""

    what = N_("{station} is serving this student.")
    todo = N_("Send the student there; or, when they are done there, look again. Nothing was changed.")


def claimed_error(station: str) -> ClaimedError:
    """Return the error for who is served at ``station``, empty when its name can't be told."""
    return ClaimedError(station=station) if station else ClaimedError(N_("Another desk is serving this student."))


class DeviceError(StationError):
    """Something on the desk does not do what it should."""

    what = N_("{device} doesn't answer: {detail}")
    todo = N_("Check its cable and its power, then try again.")
    retryable = True


class CameraError(DeviceError):
    """The camera gives no usable picture."""

    what = N_("The camera {device} gives no picture: {detail}")
    todo = N_("Check the camera's cable. You can also take the portrait from a file.")


class CameraMissingError(CameraError):
    """No such camera is there."""

    what = N_("The camera {device} was not found.")
    todo = N_("Plug the camera in, or choose another one. You can also take the portrait from a file.")


class CameraUnpluggedError(CameraError):
    """The camera stopped in the middle."""

    what = N_("The camera {device} was unplugged.")
    todo = N_("Plug it in again: the picture comes back by itself. You can also take the portrait from a file.")


class ReaderError(DeviceError):
    """The card reader, or the service behind it, does not work."""

    what = N_("The card reader {device} doesn't work: {detail}")
    todo = N_("Unplug the reader, plug it in again, and try again.")


class ReaderServiceDownError(ReaderError):
    """The PC/SC service is not running."""

    what = N_("The computer's smart card service is not running.")
    todo = N_("Ask IT to start it (on Linux: pcscd). The station finds the reader by itself as soon as it runs.")


class ReaderMissingError(ReaderError):
    """No reader matches."""

    what = N_("No card reader named {device} was found.")
    todo = N_("Plug the reader in. If it is plugged in, ask IT to check the reader's name in the station profile.")


class ReaderBusyError(ReaderError):
    """Another program holds the reader."""

    what = N_("Another program is using the card reader {device}. {detail}")
    todo = N_(
        "Close the other program (often a signing program or a browser), then try again. Other readers still work."
    )


class CardAbsentError(ReaderError):
    """No card came onto the reader in time."""

    what = N_("There is no card on the reader {device}.")
    todo = N_("Put the card flat on the reader and leave it there.")


class CardRemovedError(ReaderError):
    """The card left the field in mid-work."""

    what = N_("The card was taken off the reader {device} too early.")
    todo = N_("Put the same card back on the reader: the work goes on where it stopped.")


class ReaderUnableError(ReaderError):
    """The reader works, but has no command for cards of this kind."""

    what = N_("This card reader can't work with cards of this kind: it has no command {command}.")
    todo = N_("Use another card reader, or ask IT for its driver. The card is not harmed.")
    retryable = False


class ChipError(DeviceError):
    """The chip does not do what the profile needs."""

    what = N_("The chip on the card can't be written: {detail}")
    todo = N_("Try once more. If it happens again, put this card aside as spoiled and take another one.")


class ChipRefusedError(ChipError):
    """The chip answered with an error status; ``sw`` is the 16-bit status word."""

    what = N_("The chip refused the command {command}: {detail}")

    def __init__(self, what: str | None = None, todo: str | None = None, *, sw: int = 0, **params: object) -> None:
        super().__init__(what, todo, sw=f"{sw:04X}", **params)
        self.sw = sw


class ChipUnsuitableError(ChipError):
    """This kind of chip, or what is on it, does not fit the profile; nothing was written."""

    what = N_("This card can't be used here: {detail}")
    todo = N_("Take a blank card from the stock. Nothing was written on this one.")
    retryable = False


class ChipKeyError(ChipError):
    """The card does not accept our keys."""

    what = N_("This card doesn't accept the institution's keys.")
    todo = N_("Take a blank card from the stock, and give this one to IT. Nothing was written on it.")
    retryable = False


class ChipMismatchError(ChipError):
    """What was read back is not what should be there."""

    what = N_("The card on the reader is not the one expected: {detail}")
    todo = N_("Put the right card on the reader. Don't hand this one over.")


class PrinterError(DeviceError):
    """The printer does not print."""

    what = N_("The printer {device} doesn't print: {detail}")
    todo = N_("Check the printer, then continue. The card is encoded and not spoiled.")


class PrinterMissingError(PrinterError):
    """No such printer or queue."""

    what = N_("The printer {device} was not found.")
    todo = N_("Switch the printer on. If it is on, ask IT to check the printer's name in the station profile.")


class PrinterBusyError(PrinterMissingError):
    """The printer makes a card for another station; it is there for nobody else until that has come out."""

    what = N_("The printer {device} makes a card for another station at the moment.")
    todo = N_("Wait until that card has come out, then try again. Nothing was printed.")


def printer_busy_error(device: str, station: str) -> PrinterBusyError:
    """Return the error for a printer that makes a card for ``station``, empty when its name can't be told."""
    if not station:
        return PrinterBusyError(device=device)
    return PrinterBusyError(
        N_("The printer {device} makes a card for {station} at the moment."), device=device, station=station
    )


class PrinterChangedError(PrinterMissingError):
    """The printer can't go on; its card was taken back unprinted, and goes on in ``other`` once it lies there."""

    what = N_("The printer {device} can't go on. This card is printed on {other}.")
    todo = N_("Take this student's card out of {device}, lay it into the feeder of {other}, and continue.")


class PrinterTroubleError(PrinterError):
    """The printer is there and needs a person; ``reason`` is a ``ports.printer.PrinterReason`` value."""

    what = N_("The printer {device} needs help: {detail}")

    def __init__(
        self, what: str | None = None, todo: str | None = None, *, reason: str = "other", **params: object
    ) -> None:
        super().__init__(what, todo, reason=reason, **params)
        self.reason = reason


class PrinterUnfitError(PrinterError):
    """The printer, as a model, can't make this card; ``lacks`` are ``magnetic``, ``back``, ``uv``, ``overlay``."""

    what = N_("The printer {device} can't make this card: {detail}")
    todo = N_("Nothing was printed. Use another printer, or ask IT to choose another layout for this printer.")

    def __init__(
        self, what: str | None = None, todo: str | None = None, *, lacks: tuple[str, ...] = (), **params: object
    ) -> None:
        super().__init__(what, todo, **params)
        self.lacks = lacks


class PrintJobLostError(PrinterError):
    """The spooler no longer knows the job, or ended it; nobody knows yet whether a card came out."""

    what = N_("The print job for this card was lost ({detail}).")
    todo = N_("Look whether the card came out, and tell the station. Nothing is printed again by itself.")


class RouterError(StationError):
    """ESC-Router did not accept what was told; ``status`` is the HTTP status, 0 when there was none."""

    what = N_("ESC-Router gave an unexpected answer: {detail}")
    todo = N_("The card is valid. IT can see the answer in the queue.")

    def __init__(
        self,
        what: str | None = None,
        todo: str | None = None,
        *,
        status: int = 0,
        router_code: str = "",
        retry_after_s: float | None = None,
        **params: object,
    ) -> None:
        super().__init__(what, todo, status=status, router_code=router_code, **params)
        self.status = status
        self.router_code = router_code
        self.retry_after_s = retry_after_s


class RouterUnreachableError(RouterError):
    """No answer: no network, time-out, connection refused or cut."""

    what = N_("ESC-Router can't be reached.")
    todo = N_("Go on working: cards are valid, and they are registered by themselves later.")
    retryable = True


class RouterUnwellError(RouterError):
    """ESC-Router answered 5xx, or 429 (``RouterBusyError``)."""

    what = N_("ESC-Router has trouble of its own (answer {status}).")
    todo = N_("Go on working: cards are valid, and they are registered by themselves later.")
    retryable = True


class RouterBusyError(RouterUnwellError):
    """ESC-Router gets too many requests and says how long to wait (429)."""

    what = N_("ESC-Router is being asked too often and wants a pause (answer {status}).")
    todo = N_("Nothing has to be done: the station waits as long as it is asked to, then goes on by itself.")


class RouterKeyError(RouterError):
    """The key is wrong, or not for this PIC (401)."""

    what = N_("ESC-Router doesn't accept the institution's key.")
    todo = N_("Ask IT to check the key. Cards are valid; they wait in the queue until the key is right.")


class RouterKeyScopeError(RouterKeyError):
    """The router knows the key, but not for this PIC (401 here, and success elsewhere)."""

    what = N_("The institution's key works, but ESC-Router doesn't accept it for this record's institution.")
    todo = N_("Ask IT to compare the PIC in the station profile with the one the key was given for. The card is valid.")


class RouterForbiddenError(RouterError):
    """The key is known but may not do this (403)."""

    what = N_("ESC-Router doesn't allow this ({detail}).")
    todo = N_("Ask IT: this computer's address is not on ESC-Router's list, or the person belongs elsewhere.")


class RouterAddressError(RouterForbiddenError):
    """The router answers nobody from this computer's address (403 to everything): production has an allow-list."""

    what = N_("ESC-Router doesn't let this computer in ({detail}).")
    todo = N_(
        "Ask IT to have this network's address put on ESC-Router's list; the key need not be changed. "
        "Cards are valid; they wait in the queue and go out by themselves."
    )


class RouterElsewhereError(RouterForbiddenError):
    """Only another university knows this person or card, so it is not ours to read or change (403, SE-0000)."""

    what = N_("At ESC-Router this record belongs to another institution.")
    todo = N_("The card is valid. Ask the other institution, or IT, before anything is changed there.")


class RouterRefusedError(RouterError):
    """ESC-Router refuses the data (400); ``field`` is the name of what is wrong, as the router calls it."""

    what = N_("ESC-Router refuses the data: {detail}")
    todo = N_("Correct the student's data; the card then goes out by itself, or press 'Try now' in the queue.")

    @property
    def field(self) -> str:
        """Return the field's name, empty when the router names none."""
        name, colon, _reason = str(self.params.get("detail", "")).partition(":")
        return name.strip() if colon and " " not in name.strip() else ""


class RouterConflictError(RouterError):
    """It exists already (409); ``router_code`` is ER-0002 for a card, ER-0019 for a person."""

    what = N_("ESC-Router already has this record ({router_code}).")
    todo = ""


class RouterNotFoundError(RouterError):
    """ESC-Router does not know it (404)."""

    what = N_("ESC-Router doesn't know this record.")
    todo = N_("Press 'Try now' in the queue: the station sends everything that is missing.")


class RouterGoneError(RouterError):
    """The person was anonymised: final (410)."""

    what = N_("ESC-Router has anonymised this person for good.")
    todo = N_("This can't be registered again. Ask the data-protection officer.")


class RouterStrangeError(RouterError):
    """The router doesn't know cards that were registered there: it was emptied, or it is another one. All stops."""

    what = N_("ESC-Router at {host} doesn't know cards that were registered before: it is empty, or another router.")
    todo = N_(
        "Nothing more is sent until this is clear; cards are valid and wait. Ask IT: either the profile's address "
        "is wrong, or the router was changed on purpose and the station must be told so."
    )


class StoreError(StationError):
    """The station's database cannot be used; ``file`` says which."""

    what = N_("The station's database {file} can't be used: {detail}")
    todo = N_("Nothing was lost. Ask IT to look at it.")


class StoreLockedError(StoreError):
    """Another station process has the store."""

    what = N_("The database {file} is in use by another station on this computer.")
    todo = N_("Use the window that is already open, or close it first.")


class StoreNewerError(StoreError):
    """The store was written by a newer program; ``found`` and ``known`` are the versions of its tables."""

    what = N_(
        "The database {file} was made by a newer version of the station:"
        " its tables have version {found}, this program knows them up to {known}."
    )
    todo = N_("Install the newer version. Nothing was changed.")


class StoreReadOnlyError(StoreError):
    """The store, or its folder, cannot be written."""

    what = N_("The database {file} can't be written: it, or its folder, is read-only.")
    todo = N_("Ask IT to give the station the right to write there. Nothing was lost.")


class StoreFullError(StoreError):
    """The disk is full."""

    what = N_("The disk with the database {file} is full.")
    todo = N_("Free some space and try again. What was already recorded is safe; the last step was not recorded.")


class StoreDamagedError(StoreError):
    """The store is damaged."""

    what = N_("The database {file} is damaged ({detail}).")
    todo = N_("Stop here and ask IT to restore the backup. Don't delete the file: it can be rescued.")


class StoreConflictError(StoreError):
    """A value that must be unique exists already; ``constraint`` names which."""

    what = N_("This exists already: {detail}")
    todo = N_("Look the record up and go on with it.")


class StoreAwayError(StoreError):
    """The database server doesn't answer; what was asked of it last may have been written or not."""

    what = N_("The database server {file} doesn't answer: {detail}")
    todo = N_("Check the network and try again. What was already recorded is safe; the last step was not recorded.")


class StoreRefusedError(StoreAwayError):
    """The database server answers, and lets this station not in: a password, a user or a name is wrong."""

    what = N_("The database server {file} does not let this station in: {detail}")
    todo = N_(
        "Ask IT to check the user, the password (in this computer's keyring) and the name of the database. "
        "What was already recorded is safe."
    )


class SecretError(StationError):
    """A key or password is not in the keyring, or the keyring is locked."""

    what = N_("The key {name} is not in this computer's keyring.")
    todo = N_("Ask IT to put it there. Keys are never kept in files.")


class ModelError(StationError):
    """A model of the photo check is missing or altered: faces can't be found, everything else goes on."""

    what = N_("Faces can't be found by themselves. The file {file}: {detail}")
    todo = N_("Go on by hand: drag and zoom the portrait with the mouse. Ask IT to install the station again.")


class WorkerLostError(StationError):
    """A process of ours ended in the middle of one piece of work; the others went on."""

    what = N_("This picture could not be looked at: the program that opens pictures stopped at it.")
    todo = N_("Ask for another picture. The others are not affected.")


class Cancelled(StationError):  # noqa: N818 - a person's wish, not a failure
    """The person said stop."""

    what = N_("Stopped.")
    todo = ""
