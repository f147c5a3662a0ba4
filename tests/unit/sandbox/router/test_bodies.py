"""What may be written to the sandbox, and how it says what may not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.sandbox.router.bodies import CardUpdateView, PersonUpdateView, read_json, read_view
from station.sandbox.router.errors import ApiError
from tests.helpers.sandbox import PIC
from tests.helpers.sandbox_api import card_json, person_json

ESI = "urn:schac:personalUniqueCode:int:esi:lv:000001"
ESCN = "14625400-9326-103f-8001-001999465982"


@pytest.mark.parametrize(
    "esi",
    [ESI, ESI.upper(), "urn:schac:personalUniqueCode:int:esi:rtu.lv:051REB123", "LV-999465982-051REB123"],
)
def test_identifiers_of_both_forms_are_taken(esi: str) -> None:
    assert read_view(PersonUpdateView, person_json(esi)).identifier == esi


def test_numbers_are_read_as_text_and_card_numbers_in_small_letters() -> None:
    card = read_view(CardUpdateView, card_json(ESCN.upper(), ESI, issuerIdentifier=int(PIC)))
    assert (card.issuer_identifier, card.card_number) == (PIC, ESCN)


def test_a_missing_field_is_said_as_the_router_says_it() -> None:
    body = card_json(ESCN, ESI)
    del body["expiresAt"]
    with pytest.raises(ApiError, match="expiresAt: must not be null") as refused:
        read_view(CardUpdateView, body)
    assert refused.value.body() == {"code": "SX-0400", "message": "expiresAt: must not be null"}


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(), lambda c: st.lists(c) | st.dictionaries(st.text(), c)
    )
)
def test_anything_else_is_refused_and_never_an_accident(document: object) -> None:
    for kind in (PersonUpdateView, CardUpdateView):
        with pytest.raises(ApiError) as refused:
            read_view(kind, document)  # type: ignore[type-var]  # both are views
        assert refused.value.status == 400


@pytest.mark.parametrize("raw", [b"", b"{", b"\xff", b"nothing"])
def test_what_is_no_json_is_refused(raw: bytes) -> None:
    with pytest.raises(ApiError, match="body"):
        read_json(raw)
