"""The way to one DESFire: a command goes through the session, is framed, and comes back as data or as an error."""

from __future__ import annotations

from dataclasses import dataclass

from station.chip.apdu import DesfireStatus, Transmit, status_name
from station.chip.desfire.model import Protection
from station.chip.desfire.session import NoSession, Session
from station.chip.processors import NativeAnswer, NativeFraming
from station.domain.errors import ChipKeyError, ChipRefusedError

COMMAND_NAMES = {
    0x1A: "AuthenticateISO",
    0x3D: "WriteData",
    0x45: "GetKeySettings",
    0x51: "GetCardUID",
    0x5A: "SelectApplication",
    0x60: "GetVersion",
    0x64: "GetKeyVersion",
    0x6A: "GetApplicationIDs",
    0x6E: "FreeMemory",
    0x6F: "GetFileIDs",
    0xAA: "AuthenticateAES",
    0xBD: "ReadData",
    0xC4: "ChangeKey",
    0xCA: "CreateApplication",
    0xCD: "CreateStdDataFile",
    0xF5: "GetFileSettings",
}


@dataclass(frozen=True, slots=True)
class Native:
    """One native command: ``header`` travels in clear, ``data`` as ``sent`` says, the answer as ``received`` says."""

    ins: int
    header: bytes = b""
    data: bytes = b""
    sent: Protection = Protection.PLAIN
    received: Protection = Protection.PLAIN
    length: int = 0
    """How many bytes of data an enciphered answer has."""


class DesfireLink:
    """One card in the field, and what is selected and authenticated on it."""

    def __init__(self, transmit: Transmit) -> None:
        self._framing = NativeFraming(transmit)
        self._session: Session = NoSession()

    @property
    def authenticated(self) -> int | None:
        """Return the number of the authenticated key, ``None`` without one."""
        return None if isinstance(self._session, NoSession) else self._session.key_no

    def open_session(self, session: Session) -> None:
        """Protect everything from here on by ``session``."""
        self._session = session

    def drop_session(self) -> None:
        """Forget the session: the card has forgotten it, too."""
        self._session = NoSession()

    def frame(self, ins: int, data: bytes = b"") -> NativeAnswer:
        """Exchange one bare frame (for authentication, which no session protects)."""
        return self._framing.frame(ins, data)

    def bare(self, ins: int, data: bytes = b"") -> NativeAnswer:
        """Exchange a command that ends any session (selecting), without protection or judgement."""
        self.drop_session()
        return self._framing.exchange(ins, data)

    def send(self, command: Native) -> bytes:
        """Carry a command out and return its data, checked.

        Raises:
            ChipRefusedError: the card answered with an error status, which is in ``sw``.
            ChipKeyError: the card wants a key that is not authenticated.
            ChipError: the answer is senseless or altered.
        """
        sent = self._session.command(command.ins, command.header, command.data, command.sent)
        answer = self._framing.exchange(command.ins, sent)
        if answer.status != DesfireStatus.OK:
            if answer.status == DesfireStatus.AUTHENTICATION_ERROR:
                self.drop_session()
            raise refusal(command.ins, answer.status)
        return self._session.answer(answer.status, answer.data, command.received, command.length)

    def send_last(self, command: Native) -> None:
        """Carry out a command that ends the session, so that its answer carries no MAC (changing the key in use)."""
        sent = self._session.command(command.ins, command.header, command.data, command.sent)
        answer = self.bare(command.ins, sent)
        if answer.status != DesfireStatus.OK:
            raise refusal(command.ins, answer.status)


def refusal(ins: int, status: int) -> ChipRefusedError:
    """Return the error for a status byte other than success."""
    sw = 0x9100 | status
    return ChipRefusedError(sw=sw, command=COMMAND_NAMES.get(ins, f"{ins:02X}"), detail=status_name(sw))


def key_refusal(ins: int, status: int) -> ChipRefusedError | ChipKeyError:
    """Return the error for a status byte during authentication: a wrong key is told apart from everything else."""
    if status in (DesfireStatus.AUTHENTICATION_ERROR, DesfireStatus.NO_SUCH_KEY, DesfireStatus.PERMISSION_DENIED):
        return ChipKeyError(sw=f"{0x9100 | status:04X}")
    return refusal(ins, status)
