"""The way to one DESFire: a command goes through the session, is framed, and comes back as data or as an error."""

from __future__ import annotations

from station.chip.apdu import CommandApdu, DesfireStatus, ResponseApdu, Transmit, status_name
from station.chip.desfire.messaging import SecureMessaging
from station.chip.desfire.model import PICC, Version
from station.chip.desfire.native import Native
from station.chip.desfire.session import NoSession, Scheme, Session
from station.chip.processors import FRAME_DATA, LONG_FRAME_DATA, NativeAnswer, NativeFraming
from station.domain.errors import ChipKeyError, ChipRefusedError

COMMAND_NAMES = {
    0x0A: "Authenticate",
    0x0C: "Credit",
    0x1A: "AuthenticateISO",
    0x1C: "LimitedCredit",
    0x3B: "WriteRecord",
    0x3C: "ReadSignature",
    0x3D: "WriteData",
    0x45: "GetKeySettings",
    0x51: "GetCardUID",
    0x54: "ChangeKeySettings",
    0x55: "RollKeySet",
    0x56: "InitializeKeySet",
    0x57: "FinalizeKeySet",
    0x5A: "SelectApplication",
    0x5C: "SetConfiguration",
    0x5F: "ChangeFileSettings",
    0x60: "GetVersion",
    0x61: "GetISOFileIDs",
    0x64: "GetKeyVersion",
    0x6A: "GetApplicationIDs",
    0x6C: "GetValue",
    0x6D: "GetDFNames",
    0x6E: "FreeMemory",
    0x6F: "GetFileIDs",
    0x71: "AuthenticateEV2First",
    0x77: "AuthenticateEV2NonFirst",
    0x8B: "WriteRecord",
    0x8D: "WriteData",
    0xA7: "AbortTransaction",
    0xAA: "AuthenticateAES",
    0xAB: "ReadRecords",
    0xAD: "ReadData",
    0xBA: "UpdateRecord",
    0xBB: "ReadRecords",
    0xBD: "ReadData",
    0xC0: "CreateCyclicRecordFile",
    0xC1: "CreateLinearRecordFile",
    0xC4: "ChangeKey",
    0xC6: "ChangeKeyEV2",
    0xC7: "CommitTransaction",
    0xC8: "CommitReaderID",
    0xCA: "CreateApplication",
    0xCB: "CreateBackupDataFile",
    0xCC: "CreateValueFile",
    0xCD: "CreateStdDataFile",
    0xCE: "CreateTransactionMACFile",
    0xDA: "DeleteApplication",
    0xDB: "UpdateRecord",
    0xDC: "Debit",
    0xDF: "DeleteFile",
    0xEB: "ClearRecordFile",
    0xF0: "PreparePC",
    0xF2: "ProximityCheck",
    0xF5: "GetFileSettings",
    0xFC: "FormatPICC",
    0xFD: "VerifyPC",
}


class DesfireLink:
    """One card in the field, and what is selected and authenticated on it.

    ``frame_data`` is how many bytes a command carries in one frame: 54 are safe with every card and reader, an EV3
    takes ``LONG_FRAME_DATA`` where the reader does. ``iso_chaining`` uses the commands of EV2 and later for data that
    leave the cutting to the reader; the Light has no others.
    """

    def __init__(self, transmit: Transmit, frame_data: int = FRAME_DATA, *, iso_chaining: bool = False) -> None:
        self._transmit = transmit
        self._messaging = SecureMessaging(NativeFraming(transmit, frame_data))
        self.iso_chaining = iso_chaining
        self.selected: bytes | None = PICC
        """The selected application's id: the card itself at first; ``None`` where it is known by its name only, and
        after a selection that failed."""

    @property
    def frame_data(self) -> int:
        """Return how many bytes a command carries in one frame."""
        return self._messaging.framing.frame_data

    @frame_data.setter
    def frame_data(self, value: int) -> None:
        self._messaging.framing.frame_data = value

    def suit(self, version: Version, *, long_frames: bool = False) -> None:
        """Use what the card can do; ``long_frames`` says whether the reader has frames of 256 bytes."""
        self.iso_chaining = version.is_light
        self.frame_data = LONG_FRAME_DATA if long_frames and version.has_long_frames else FRAME_DATA

    @property
    def authenticated(self) -> int | None:
        """Return the number of the authenticated key, ``None`` without one."""
        return None if isinstance(self.session, NoSession) else self.session.key_no

    @property
    def scheme(self) -> Scheme | None:
        """Return what generation of secure messaging is in force, ``None`` without a session."""
        return self.session.scheme

    @property
    def session(self) -> Session:
        """Return the session; one without a key when nothing is authenticated."""
        return self._messaging.session

    def open_session(self, session: Session) -> None:
        """Protect everything from here on by ``session``."""
        self._messaging.session = session

    def drop_session(self) -> None:
        """Forget the session: the card has forgotten it, too."""
        self._messaging.drop()

    def frame(self, ins: int, data: bytes = b"") -> NativeAnswer:
        """Exchange one bare frame (for authentication, which no session protects)."""
        return self._messaging.framing.frame(ins, data)

    def bare(self, ins: int, data: bytes = b"") -> NativeAnswer:
        """Exchange a command that ends any session (selecting), without protection or judgement."""
        self.drop_session()
        # Forgotten before the answer is here: a card that is pulled meanwhile may have obeyed.
        return self._messaging.framing.exchange(ins, data)

    def iso(self, command: CommandApdu) -> ResponseApdu:
        """Exchange a command of ISO 7816-4 that ends any session (selecting by name), without judgement."""
        self.drop_session()
        return ResponseApdu.parse(self._transmit(bytes(command)))

    def send(self, command: Native) -> bytes:
        """Carry a command out and return its data, checked.

        Raises:
            ChipRefusedError: the card answered with an error status, which is in ``sw``.
            ChipError: the answer is senseless or altered.
        """
        return _judged(command, self._messaging.exchange(command)).data

    def send_frames(self, command: Native) -> tuple[bytes, ...]:
        """Carry a command out whose answer means something frame by frame, and return the data of each."""
        answer = _judged(command, self._messaging.exchange(command))
        starts = (0, *answer.ends[:-1])
        return tuple(answer.data[start:end] for start, end in zip(starts, answer.ends, strict=True))

    def send_last(self, command: Native) -> None:
        """Carry out a command that ends the session, so that its answer carries no MAC (changing the key in use)."""
        _judged(command, self._messaging.exchange_last(command))


def _judged(command: Native, answer: NativeAnswer) -> NativeAnswer:
    if answer.status not in (DesfireStatus.OK, command.also_ok):
        raise refusal(command.ins, answer.status)
    return answer


def refusal(ins: int, status: int) -> ChipRefusedError:
    """Return the error for a status byte other than success."""
    sw = 0x9100 | status
    return ChipRefusedError(sw=sw, command=COMMAND_NAMES.get(ins, f"{ins:02X}"), detail=status_name(sw))


def key_refusal(ins: int, status: int) -> ChipRefusedError | ChipKeyError:
    """Return the error for a status byte during authentication: a wrong key is told apart from everything else."""
    if status in (DesfireStatus.AUTHENTICATION_ERROR, DesfireStatus.NO_SUCH_KEY, DesfireStatus.PERMISSION_DENIED):
        return ChipKeyError(sw=f"{0x9100 | status:04X}")
    return refusal(ins, status)
