"""Which reader is for what: by parts of its name, from the station profile and from what is known of its model."""

from __future__ import annotations

from dataclasses import dataclass

from station.adapters.reader.quirks import SlotUse, quirk_of
from station.ports.chip import ReaderEvent, ReaderInfo, ReaderRole


@dataclass(frozen=True, slots=True)
class Roles:
    """Part of the name of each role's reader, in any case; an empty one gives the role to nobody.

    The desk is the exception: without a pattern it is any reader that has no other role.
    """

    desk: str = ""
    encoder: str = ""
    operator: str = ""

    def role_of(self, name: str) -> ReaderRole:
        """Return what the reader is for; where two patterns fit, the longer one knows better."""
        if quirk_of(name).use is not SlotUse.CONTACTLESS:
            return ReaderRole.SAM
        fitting = [
            (len(pattern), role)
            for role, pattern in (
                (ReaderRole.ENCODER, self.encoder),
                (ReaderRole.OPERATOR, self.operator),
                (ReaderRole.DESK, self.desk),
            )
            if pattern and pattern.lower() in name.lower()
        ]
        return max(fitting, key=lambda found: found[0])[1] if fitting else ReaderRole.DESK

    def answers(self, name: str, pattern: str) -> bool:
        """Say whether the reader is meant when somebody asks for ``pattern``."""
        if pattern.lower() not in name.lower():
            return False
        role = self.role_of(name)
        if role is ReaderRole.SAM:
            # Only who asks for the slot itself means it: a longer piece of a name means the reader.
            return pattern == name or quirk_of(pattern).use is not SlotUse.CONTACTLESS
        # Whoever names a reader in words of his own gets it, whatever it is for.
        return role is ReaderRole.DESK or pattern.lower() not in ("", self.desk.lower())

    def describe(self, info: ReaderInfo) -> ReaderInfo:
        """Return the reader with its role and what is known of its model."""
        return ReaderInfo(info.name, info.card_present, info.atr, self.role_of(info.name), quirk_of(info.name).traits)

    def describe_event(self, event: ReaderEvent) -> ReaderEvent:
        """Return the event with the role of its reader."""
        role = self.role_of(event.reader) if event.reader else ReaderRole.DESK
        return ReaderEvent(event.kind, event.reader, event.atr, role)


NO_ROLES = Roles()
