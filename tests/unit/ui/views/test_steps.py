"""The step of ESC-Router beside a card that was handed over: told, registered, seen by others, or stuck."""

from __future__ import annotations

import pytest

from station.domain.card import Registration
from station.i18n import Translator
from station.services.public_status import RouterStanding
from station.ui.tone import Tone
from station.ui.viewmodels.stages import Stage
from station.ui.views.steps import making_steps
from tests.helpers.window import Bench

EN = Translator("en")


@pytest.mark.parametrize(
    ("standing", "offline", "words", "tone"),
    [
        (None, False, "is being told", Tone.BUSY),
        (None, True, "in the queue", Tone.BUSY),
        (RouterStanding(Registration.QUEUED), False, "is being told", Tone.BUSY),
        (RouterStanding(Registration.REGISTERED), False, "registered; how others see it is not read back yet", Tone.OK),
        (
            RouterStanding(Registration.REGISTERED, "INACTIVE", "ACTIVE"),
            False,
            "everybody sees it as blocked",
            Tone.WARN,
        ),
        (RouterStanding(Registration.PARKED), False, "needs a decision: see the queue", Tone.WARN),
        (RouterStanding(Registration.NOT_NEEDED), True, "is not told of this card", Tone.OK),
    ],
)
def test_what_became_of_the_registration(
    bench: Bench, standing: RouterStanding | None, offline: bool, words: str, tone: Tone
) -> None:
    session = bench.models.desk.serve(bench.hands.liga)
    session.stage = Stage.DONE
    step = making_steps(session, EN, offline=offline, printer="P", at_router=standing)[-1]
    assert (step.name, step.detail, step.tone) == ("ESC-R", words, tone)
