"""Persons at the sandbox: who may know whom, what is replaced, what is gone for ever; and pictures."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from tests.helpers.sandbox import OTHER_KEY, OTHER_PIC, PIC
from tests.helpers.sandbox_api import Api, person_json

ESI = "urn:schac:personalUniqueCode:int:esi:lv:000001"
ESCN = "14625400-9326-103f-8001-001999465982"


def picture_path(pic: str = PIC) -> str:
    return f"/organisations/{pic}/person/{ESI}/picture"


def upload(api: Api, data: bytes, query: str = "") -> int:
    return api("POST", picture_path() + query, files={"file": ("p.jpg", data, "image/jpeg")}).status_code


def image(size: tuple[int, int], kind: str = "JPEG") -> bytes:
    target = io.BytesIO()
    Image.new("RGB", size, (10, 20, 30)).save(target, kind)
    return target.getvalue()


class TestPersons:
    def test_are_created_once(self, api: Api) -> None:
        assert api.person(ESI).status_code == 201
        again = api.person(ESI.upper())
        assert (again.status_code, again.json()["code"]) == (409, "ER-0019")

    def test_read_as_the_contract_has_them(self, api: Api) -> None:
        api.person(ESI, academicLevel="MASTER")
        person = api("GET", f"/persons/{ESI.lower()}").json()
        assert person["identifier"] == ESI
        assert person["identifierCode"] == {"key": "ESI", "label": "European Student Identifier"}
        assert person["organisationCount"] == 1
        (membership,) = person["organisations"]
        assert membership["academicLevel"] == {"key": "MASTER", "label": "Master"}
        assert membership["contactPoint"] == {"email": "anna@example.lv"}
        assert (membership["fullName"], membership["hasPicture"]) == ("Anna Ozola", False)
        assert membership["organisation"]["identifier"] == PIC

    def test_take_the_name_from_either_place(self, api: Api) -> None:
        body = person_json(ESI, fullName=None)
        assert api("POST", "/persons", json=body).json()["organisations"][0]["fullName"] == "Anna Ozola"
        newer = {**person_json(ESI + "2"), "fullName": None}
        assert api("POST", "/persons", json=newer).json()["fullName"] == "Anna Ozola"

    def test_are_replaced_by_an_update(self, api: Api) -> None:
        api.person(ESI, academicLevel="MASTER")
        body = person_json(ESI, fullName="Anna Liepa", email=None, academicLevel=None)
        changed = api("PUT", f"/persons/{ESI}", json=body)
        assert changed.status_code == 200
        (membership,) = api("GET", f"/persons/{ESI}").json()["organisations"]
        assert membership["fullName"] == "Anna Liepa"
        assert not {"contactPoint", "academicLevel"} & set(membership)

    def test_keep_their_picture_through_an_update(self, api: Api, jpeg: bytes) -> None:
        api.person(ESI)
        upload(api, jpeg)
        api("PUT", f"/persons/{ESI}", json=person_json(ESI, fullName="Anna Liepa"))
        assert api("GET", f"/persons/{ESI}").json()["organisations"][0]["hasPicture"] is True

    def test_never_change_their_identifier(self, api: Api) -> None:
        api.person(ESI)
        answer = api("PUT", f"/persons/{ESI}", json=person_json(ESI + "9"))
        assert answer.status_code == 400
        assert answer.json()["message"].startswith("identifier")

    def test_that_are_not_there_are_not_found(self, api: Api) -> None:
        for method in ("GET", "DELETE"):
            assert api(method, f"/persons/{ESI}").status_code == 404
        assert api("PUT", f"/persons/{ESI}", json=person_json(ESI)).status_code == 404

    def test_known_to_another_university_only_are_denied_until_we_create_them(self, api: Api) -> None:
        api.person(ESI, key=OTHER_KEY, pic=OTHER_PIC)
        denied = api("GET", f"/persons/{ESI}")
        assert (denied.status_code, denied.json()["code"]) == (403, "SE-0000")
        ours = api.person(ESI)
        assert (ours.status_code, ours.json()["organisationCount"]) == (201, 2)
        assert [m["organisation"]["identifier"] for m in ours.json()["organisations"]] == [PIC]

    def test_are_forgotten_with_their_cards(self, api: Api) -> None:
        api.person(ESI)
        api.card(ESCN, ESI)
        assert api("DELETE", f"/persons/{ESI}").status_code == 204
        assert api("GET", f"/cards/{ESCN}").status_code == 404
        assert api.person(ESI).status_code == 201

    def test_stay_with_the_others_who_know_them(self, api: Api) -> None:
        api.person(ESI)
        api.person(ESI, key=OTHER_KEY, pic=OTHER_PIC)
        api("DELETE", f"/persons/{ESI}")
        assert api("GET", f"/persons/{ESI}").status_code == 403
        assert api("GET", f"/persons/{ESI}", key=OTHER_KEY).json()["organisationCount"] == 1

    def test_once_anonymised_never_come_back(self, api: Api, jpeg: bytes) -> None:
        api.person(ESI)
        api.card(ESCN, ESI)
        headers = {"Authorization": "Bearer key-of-the-first-institution"}
        assert api.client.request("POST", f"/control/anonymise/{ESI}", headers=headers).status_code == 204
        assert [api(m, f"/persons/{ESI}").status_code for m in ("GET", "DELETE")] == [410, 410]
        assert api("PUT", f"/persons/{ESI}", json=person_json(ESI)).status_code == 410
        assert api.person(ESI.upper()).status_code == 410
        assert api.card(None, ESI).status_code == 410
        assert upload(api, jpeg) == 410
        assert api("GET", f"/cards/{ESCN}/status").json()["status"] == "INACTIVE"
        assert api("GET", "/persons").json()["empty"] is True

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"identifier": "051REB123"}, "identifier"),
            ({"identifier": None}, "identifier"),
            ({"identifier": ESI + "x" * 255}, "identifier"),
            ({"identifierCode": "PIC"}, "identifierCode"),
            ({"personOrganisationUpdateViews": []}, "personOrganisationUpdateViews"),
            ({"personOrganisationUpdateViews": [{}]}, "personOrganisationUpdateViews.organisationIdentifier"),
            ({"personOrganisationUpdateViews": [{"organisationIdentifier": PIC}] * 2}, "personOrganisationUpdateViews"),
        ],
        ids=str,
    )
    def test_with_a_wrong_field_are_refused_by_its_name(self, api: Api, change: dict[str, object], field: str) -> None:
        answer = api("POST", "/persons", json={**person_json(ESI), **change})
        assert answer.status_code == 400
        assert answer.json()["message"].startswith(f"{field}: ")

    @pytest.mark.parametrize(
        ("view", "field"), [({"email": "anna"}, "email"), ({"academicLevel": "SCHOOL"}, "academicLevel")], ids=str
    )
    def test_with_a_wrong_word_of_ours_are_refused(self, api: Api, view: dict[str, object], field: str) -> None:
        assert field in api.person(ESI, **view).json()["message"]

    def test_may_carry_fields_that_nobody_knows(self, api: Api) -> None:
        assert api("POST", "/persons", json={**person_json(ESI), "shoeSize": 38}).status_code == 201

    def test_may_have_the_pic_as_a_number(self, api: Api) -> None:
        assert api.person(ESI, organisationIdentifier=int(PIC)).status_code == 201


class TestPictures:
    @pytest.fixture(autouse=True)
    def _known(self, api: Api) -> None:
        api.person(ESI)

    def test_come_back_as_they_were_sent(self, api: Api, jpeg: bytes) -> None:
        assert upload(api, jpeg) == 201
        answer = api("GET", picture_path())
        assert (answer.content, answer.headers["content-type"]) == (jpeg, "application/octet-stream")

    @pytest.mark.parametrize("size", [(199, 300), (300, 200), (400, 600)])
    def test_of_another_size_are_refused_unless_they_may_be_fitted(self, api: Api, size: tuple[int, int]) -> None:
        assert upload(api, image(size)) == 400
        assert upload(api, image(size), "?resize=true") == 201
        with Image.open(io.BytesIO(api("GET", picture_path()).content)) as stored:
            assert stored.size == (200, 300)

    def test_may_be_png(self, api: Api) -> None:
        assert upload(api, image((200, 300), "PNG")) == 201

    @pytest.mark.parametrize("data", [b"", b"no picture", image((200, 300))[:200]], ids=len)
    def test_that_are_none_are_refused(self, api: Api, data: bytes) -> None:
        assert upload(api, data) == 400

    def test_can_be_deleted_twice(self, api: Api, jpeg: bytes) -> None:
        upload(api, jpeg)
        assert [api("DELETE", picture_path()).status_code for _each in range(2)] == [204, 204]
        assert api("GET", picture_path()).status_code == 404

    def test_that_are_too_big_are_refused(self, api: Api) -> None:
        assert upload(api, b"x" * 5_000_001) == 400

    def test_resize_is_yes_or_no(self, api: Api, jpeg: bytes) -> None:
        assert upload(api, jpeg, "?resize=perhaps") == 400
