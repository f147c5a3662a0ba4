"""Secure messaging as one more processor: native commands in, protected ones to the framing below, and back."""

from __future__ import annotations

from station.chip.apdu import DesfireStatus
from station.chip.desfire.native import Native
from station.chip.desfire.session import NoSession, Session
from station.chip.desfire.session_ev2 import Ev2Session
from station.chip.processors import NativeAnswer, NativeFraming

# What ends the session on the card, too; on EV2 also a message that does not verify (data sheet of the Light, 9.1).
_ENDS = (DesfireStatus.AUTHENTICATION_ERROR,)
_ENDS_EV2 = (DesfireStatus.AUTHENTICATION_ERROR, DesfireStatus.INTEGRITY_ERROR)


class SecureMessaging:
    """Wrap a framing: what goes down is protected by the session in force, what comes up is checked and in clear."""

    def __init__(self, framing: NativeFraming) -> None:
        self.framing = framing
        self.session: Session = NoSession()

    def exchange(self, command: Native) -> NativeAnswer:
        """Carry a command out. A status that is an error comes back as it is: no session vouches for one.

        Raises:
            ChipError: the answer is senseless or altered.
        """
        sent = self.session.command(command)
        answer = self.framing.exchange(command.ins, sent, whole=command.whole)
        if answer.status in (DesfireStatus.OK, command.also_ok):
            clear = self.session.answer(command, answer.status, answer.data)
            return NativeAnswer(answer.status, clear, answer.ends)
        ev2 = isinstance(self.session, Ev2Session)
        if answer.status in (_ENDS_EV2 if ev2 else _ENDS):
            self.drop()
        # EV1 needs nothing here: the command moved the chain on as it left, and an error carries no MAC that would.
        elif isinstance(self.session, Ev2Session):
            self.session.skip()
        return NativeAnswer(answer.status, b"")

    def exchange_last(self, command: Native) -> NativeAnswer:
        """Carry out a command that ends the session, so that nothing vouches for its answer."""
        sent = self.session.command(command)
        self.drop()
        return self.framing.exchange(command.ins, sent)

    def drop(self) -> None:
        """Forget the session: the card has forgotten it, too."""
        self.session = NoSession()
