"""Every event of the workflow, once or more, for the tests of the workflow and of its journal."""

from __future__ import annotations

from station.domain.aftercare import AftercareStopped, EraseBegun, Erased, RenewBegun, Renewed
from station.domain.card import CardScheme, RouterCardType
from station.domain.feeding import Fed, FeedBegun, FeedStopped, Rejected
from station.domain.workflow import (
    Abandoned,
    Act,
    Began,
    Cause,
    Doubted,
    EncodeBegun,
    Encoded,
    EncodeReached,
    EncodeStopped,
    Event,
    HandedOver,
    PortraitTaken,
    PrintBegun,
    Printed,
    PrintStopped,
    Reappeared,
    ReprintReason,
    Spoiled,
    Verified,
    VerifyFailed,
)

ESCN = "14625400-9326-103f-8001-001999465982"
UID = "04A1B2C3D4E580"
BEGAN = Began("h1", "rpu", ESCN, CardScheme.ESC, "university@1", "deuinfo", "2028-06-30")
CDZ = RouterCardType.SMART_CDZ
PATH: list[Event] = [
    BEGAN,
    PortraitTaken("p1"),
    EncodeBegun(UID, "reader"),
    Encoded(UID, CDZ, 40),
    PrintBegun("job-1", "printer"),
    Printed("job-1", "printer"),
    Verified(UID, ESCN, ESCN),
    HandedOver(),
]
EXAMPLES: list[Event] = [
    *PATH,
    EncodeReached(UID, "created"),
    EncodeStopped(written=True, cause="CardRemoved"),
    PrintBegun("job-2", "printer", ReprintReason.BLANK_SIDE),
    PrintStopped("job-1", "jam"),
    VerifyFailed("x"),
    Spoiled(Cause.CARD_MISSING, "lost"),
    Abandoned(Cause.OTHER, "left"),
    Doubted(Act.ENCODE),
    Reappeared(UID, CDZ, 40, "deuinfo-base/v1", "p1", "job-1", "printer"),
    RenewBegun(UID, "deuinfo"),
    Renewed(UID, "deuinfo", CDZ, 33, "deuinfo-base/v2"),
    EraseBegun(UID, "deuinfo", "returned", whole_card=True),
    Erased(UID, "returned", 12),
    FeedBegun("printer"),
    Fed("printer"),
    FeedStopped("jam"),
    Rejected(UID, "ChipRefused"),
    AftercareStopped(written=True, cause="CardRemoved"),
]
