"""Every profile, pulled after every single command in every way and put back: encoded once and proved, or untouched."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from station.adapters.secrets.virtual import VirtualSecrets
from station.chip.encoder import ChipData, verify
from station.chip.profiles import ChipProfile, parse_profile
from station.chip.virtual_card.card import Tear
from station.chip.virtual_card.ciphers import AES, CardKey
from station.chip.virtual_card.desfire import VirtualDesfire
from station.chip.virtual_card.memory import CardApplication
from station.domain.errors import CardRemovedError
from tests.helpers.chip import ESCN, UID, Direct, Pulled, demo_profile, run_encode, unhex
from tests.helpers.chip_profiles import changed, hiding, shipped_text, sized, with_card_key

SECRETS = VirtualSecrets(demo=True)
DATA = ChipData(ESCN, url=f"https://s.esc-r.eu/{ESCN}")
NEIGHBOUR = unhex("C05885")


def both_applications() -> ChipProfile:
    doors = shipped_text("access-control")
    return parse_profile(shipped_text("deuinfo-unsigned") + doors[doors.index("[[application]]") :])


def backup() -> ChipProfile:
    return changed("access-control", ("size = 31", 'kind = "backup"\nsize = 31'))


def ev2_messages() -> ChipProfile:
    plain = ('chip = "desfire"', 'chip = "desfire"\ngeneration = "EV2"')
    return changed("access-control", plain, ('key_settings = "0B"', 'key_settings = "0B"\nmessaging = "ev2"'))


def triple_des() -> ChipProfile:
    kind = ('key_settings = "0B"', 'key_settings = "0B"\nkey_type = "3k3des"')
    return changed("access-control", kind)


def static_keys() -> ChipProfile:
    return changed("access-control", ('diversify = "card.uid"\n', ""))


def closed_directory() -> ChipProfile:
    read_by_two = ('rights = "E000"\ncontent = "certificate"', 'rights = "2F0F"\ncontent = "certificate"')
    return changed("deuinfo", ('key_settings = "0B"', 'key_settings = "09"'), read_by_two)


CASES: dict[str, tuple[str, Callable[[], ChipProfile]]] = {
    "deuinfo": ("EV1", demo_profile),
    "deuinfo-unsigned": ("EV1", lambda: demo_profile("deuinfo-unsigned")),
    "access-control": ("EV1", lambda: demo_profile("access-control")),
    "ndef-url-desfire": ("EV2", lambda: demo_profile("ndef-url-desfire")),
    "card key": ("EV1", lambda: with_card_key("deuinfo-unsigned")),
    "card key and settings": ("EV2", lambda: with_card_key("access-control", settings="09")),
    "hidden UID": ("EV1", lambda: hiding("deuinfo-unsigned")),
    "two applications": ("EV1", both_applications),
    "backup file": ("EV1", backup),
    "EV2 messages": ("EV2", ev2_messages),
    "3K3DES": ("EV1", triple_des),
    "static keys": ("EV1", static_keys),
    "closed directory": ("EV1", closed_directory),
    "long frames": ("EV3", lambda: sized(16, 300, 600, card_key=True, generation="EV3", frames="long")),
}


def new_card(generation: str) -> VirtualDesfire:
    card = VirtualDesfire.new(generation, uid=UID)
    card.memory.applications[NEIGHBOUR] = CardApplication(NEIGHBOUR, 0x0B, AES, [CardKey(AES, b"\x77" * 16, 3)])
    return card


def assert_never_open(card: VirtualDesfire, profile: ChipProfile) -> None:
    """No file is ever more open than the profile says: not by its rights, and not by a key that everybody knows."""
    for spec in profile.applications:
        app = card.memory.applications.get(spec.aid)
        if app is None or not app.files:
            continue
        rights = {file.number: int(file.rights) for file in spec.files}
        assert all(file.rights == rights[number] for number, file in app.files.items())
        assert all(any(key.value) for key in app.keys)


@pytest.mark.parametrize("how", list(Tear))
@pytest.mark.parametrize("case", CASES)
def test_pulled_after_every_command_and_put_back(case: str, how: Tear) -> None:
    generation, make = CASES[case]
    profile = make()
    whole = Direct(new_card(generation))
    report = run_encode(whole, profile=profile)
    assert report.verified
    for after in range(len(whole.log)):
        card, begun = new_card(generation), list[str]()
        before = card.memory.copy()
        with pytest.raises(CardRemovedError) as caught:
            run_encode(Pulled(card, after, how), profile=profile, begun=begun)
        assert_never_open(card, profile)
        assert caught.value.written <= bool(begun)
        if not caught.value.written:
            assert card.memory == before
        again = run_encode(Direct(card), profile=profile)
        assert (again.uid, again.escn_on_chip, again.verified) == (report.uid, report.escn_on_chip, True)
        assert_never_open(card, profile)
        assert card.memory.applications[NEIGHBOUR] == before.applications[NEIGHBOUR]
        verify(Direct(card), profile, DATA, SECRETS)


@pytest.mark.parametrize("how", list(Tear))
def test_pulled_again_and_again_one_command_later_each_time(how: Tear) -> None:
    profile = with_card_key("deuinfo")
    card = new_card("EV1")
    for after in range(200):
        try:
            report = run_encode(Pulled(card, after, how), profile=profile)
        except CardRemovedError:
            assert_never_open(card, profile)
            continue
        break
    assert report.verified
    assert after > 20
    verify(Direct(card), profile, DATA, SECRETS)
