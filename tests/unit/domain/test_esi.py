"""Student identifiers: every written form, which part of a wrong one is named, and what a code gives away."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.domain.errors import EsiError
from station.domain.esi import (
    ESI_PREFIX,
    Esi,
    EsiKind,
    discloses,
    esi_from_written,
    institutional_esi,
    national_esi,
    parse_esi,
    same_esi,
)

PIC = "999465982"

labels = st.from_regex(r"[a-z]([a-z0-9-]{0,8}[a-z0-9])?", fullmatch=True)
domains = st.builds(lambda parts, top: ".".join([*parts, top]), st.lists(labels, min_size=1, max_size=3),
                    st.sampled_from(["lv", "eu", "edu", "museum"]))  # fmt: skip
codes = st.text(string.ascii_letters + string.digits + "-._~", min_size=1, max_size=40)


def read(text: str) -> Esi:
    return esi_from_written(text, country="LV", sho="rtu.lv", pic=PIC)


@pytest.mark.parametrize(
    ("written", "urn"),
    [
        ("051REB123@rtu.lv", "rtu.lv:051REB123"),
        ("051REB123@RTU.LV", "rtu.lv:051REB123"),
        ("AB010190XZR12345@viis.gov.lv", "lv:AB010190XZR12345"),
        ("LV-999465982-051REB123", "rtu.lv:051REB123"),
        ("lv-999465982-051-REB-123", "rtu.lv:051-REB-123"),
        ("  22017@lu.lv\n", "lu.lv:22017"),
        ("urn:schac:personalUniqueCode:int:esi:lv:AB010190XZR12345", "lv:AB010190XZR12345"),
        ("URN:SCHAC:PERSONALUNIQUECODE:INT:ESI:rtu.lv:051REB123", "rtu.lv:051REB123"),
        ("urn:schac:personalUniqueCode:int:esi:HR:1234567890", "HR:1234567890"),
        ("urn:schac:personalUniqueCode:int:esi:uni-x.de:a:b", "uni-x.de:a:b"),
    ],
)
def test_every_written_form_is_read(written: str, urn: str) -> None:
    assert str(read(written)) == ESI_PREFIX + urn


def test_kind_says_who_gives_out_the_code() -> None:
    assert read("AB010190XZR12345@viis.gov.lv").kind is EsiKind.NATIONAL
    assert read("051REB123@rtu.lv").kind is EsiKind.INSTITUTIONAL
    assert read("X1@id.example.ee").kind is EsiKind.INSTITUTIONAL
    elsewhere = esi_from_written("X1@id.gov.ee", country="EE", sho="ut.ee", national_registers={"id.gov.ee": "ee"})
    assert (elsewhere.kind, elsewhere.scope) == (EsiKind.NATIONAL, "ee")


@pytest.mark.parametrize(
    ("written", "part", "says"),
    [
        ("", "form", "number@rtu.lv"),
        ("051REB123", "form", "number@rtu.lv"),
        ("urn:mace:terena.org:schac:x:y", "prefix", ESI_PREFIX),
        ("urn:schac:personalUniqueCode:lv:esi:lv:1", "prefix", ESI_PREFIX),
        (ESI_PREFIX, "organisation", "a colon, and the code"),
        (ESI_PREFIX + "051REB123", "organisation", "a colon, and the code"),
        (ESI_PREFIX + "lv", "code", "no code after lv"),
        (ESI_PREFIX + "lv:", "code", "no code after lv"),
        (ESI_PREFIX + "rtu.lv:", "code", "no code after rtu.lv"),
        (ESI_PREFIX + "zz:1", "country", "zz is not a country"),
        (ESI_PREFIX + "rtu:1", "organisation", "“rtu” is not a domain name"),
        (ESI_PREFIX + "-rtu.lv:1", "organisation", "“-rtu.lv” is not a domain name"),
        (ESI_PREFIX + "rtu.lv:05 1", "code", "must not contain ' '"),
        (ESI_PREFIX + "rtu.lv:Bērziņš", "code", "must not contain 'ē'"),
        (ESI_PREFIX + "rtu.lv:50%", "code", "must not contain %"),
        (ESI_PREFIX + "rtu.lv:" + "1" * 220, "length", "264 characters, more than 255"),
        ("051REB123@rtu", "organisation", "“rtu” is not a domain name"),
        ("@rtu.lv", "code", "no code after rtu.lv"),
        ("051@REB@rtu.lv", "code", "must not contain @"),
        ("EE-999465982-051REB123", "country", "its country is EE, not LV"),
        ("LV-999859608-051REB123", "pic", "its PIC is 999859608, not 999465982"),
        ("LV-99946598-051REB123", "form", "country-PIC-number"),
    ],
)
def test_the_wrong_part_is_named(written: str, part: str, says: str) -> None:
    with pytest.raises(EsiError) as caught:
        read(written)
    assert caught.value.params["part"] == part
    assert says in str(caught.value)


def test_without_our_pic_the_older_form_cannot_be_ours() -> None:
    with pytest.raises(EsiError) as caught:
        esi_from_written("LV-999465982-051REB123", country="LV", sho="rtu.lv")
    assert caught.value.params["part"] == "pic"


def test_exactly_255_characters_are_allowed() -> None:
    code = "1" * (255 - len(ESI_PREFIX) - len("rtu.lv:"))
    assert len(str(institutional_esi("rtu.lv", code))) == 255
    with pytest.raises(EsiError, match="256 characters"):
        institutional_esi("rtu.lv", code + "1")


@given(domains, codes)
def test_institutional_identifiers_survive_the_way_there_and_back(sho: str, code: str) -> None:
    esi = institutional_esi(sho, code)
    assert parse_esi(str(esi)) == esi
    assert str(parse_esi(str(esi))) == str(esi)
    assert read(f"{code}@{sho}") == esi
    assert esi_from_written(f"lv-{PIC}-{code}", country="LV", sho=sho, pic=PIC) == esi


@given(st.sampled_from(["lv", "ee", "fr", "ua", "el"]), codes)
def test_national_identifiers_survive_the_way_there_and_back(country: str, code: str) -> None:
    esi = national_esi(country.upper(), code)
    assert str(esi) == f"{ESI_PREFIX}{country}:{code}"
    assert parse_esi(str(esi)) == esi


@given(st.text(max_size=60))
def test_any_other_text_gives_an_identifier_or_names_a_part(text: str) -> None:
    for candidate in (text, ESI_PREFIX + text):
        part, esi = "", None
        try:
            esi = read(candidate)
        except EsiError as error:
            part = str(error.params["part"])
        assert part in {"", "form", "prefix", "country", "organisation", "code", "pic", "length"}
        assert esi is None or parse_esi(str(esi)) == esi


@given(domains, codes)
def test_case_does_not_tell_two_apart(sho: str, code: str) -> None:
    one, other = institutional_esi(sho, code.lower()), institutional_esi(sho.upper(), code.upper())
    assert one == other
    assert hash(one) == hash(other)
    assert same_esi(str(one), f" {str(other).upper()} ")


def test_different_codes_and_other_things_are_told_apart() -> None:
    one = institutional_esi("rtu.lv", "1")
    assert one != institutional_esi("rtu.lv", "2")
    assert one != str(one)
    assert not same_esi(str(one), str(institutional_esi("lu.lv", "1")))


def test_letters_stay_as_another_system_stored_them() -> None:
    assert str(parse_esi(ESI_PREFIX + "Uni-X.de:AbC")) == ESI_PREFIX + "Uni-X.de:AbC"


@pytest.mark.parametrize(
    "code",
    ["AB010190XZR12345", "010190-12345", "01019012345", "900101", "19900101", "01011990", "199001011234", "290200A"],
)
def test_a_code_with_a_birth_date_is_noticed(code: str) -> None:
    warning = discloses(institutional_esi("rtu.lv", code))
    assert warning is not None
    assert "date of birth" in warning.english()


@pytest.mark.parametrize(
    "code", ["051REB123", "12345", "995599", "32867300679", "20231005", "99999999", "a-b", "310231x"]
)
def test_a_code_without_one_is_left_alone(code: str) -> None:
    assert discloses(institutional_esi("rtu.lv", code)) is None
