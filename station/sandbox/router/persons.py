"""Persons, as organisations know them, and their pictures."""

from __future__ import annotations

import io
import warnings

from PIL import Image, ImageOps, UnidentifiedImageError

from station.sandbox.router.bodies import PersonUpdateView
from station.sandbox.router.database import Database, Row
from station.sandbox.router.errors import ApiError, access_denied, anonymised, bad_request, not_found, unauthorized
from station.sandbox.router.lists import PERSONS, PageRequest, page_of
from station.sandbox.router.views import View, Views

# ESC-Router API v2: any other size is refused, unless resizing is asked for.
PICTURE_SIZE = (200, 300)
PICTURE_BYTES_MAX = 5_000_000


class Persons:
    """What the five operations on persons and the three on pictures do; ``pic`` is the caller's."""

    def __init__(self, database: Database, views: Views) -> None:
        self._db, self._views = database, views

    def page(self, pic: str, asked: PageRequest) -> View:
        """Return a page of the caller's persons."""
        return page_of(self._db, PERSONS, pic, asked, lambda row: self._views.person_lite(row, pic))

    def create(self, pic: str, body: PersonUpdateView) -> View:
        """Create a person; one whom only others know is joined to the caller's organisation."""
        _check_organisations(pic, body)
        with self._db.transaction():
            person = self.find(body.identifier)
            # Known to others is no conflict: a person may study at two universities, and each tells of them.
            if person is not None and self._is_member(person, pic):
                raise ApiError(409, "ER-0019", f"Person {body.identifier} already exists")
            if person is None:
                values = (body.identifier, body.identifier.casefold(), _name(body))
                self._db.execute("INSERT INTO persons (esi, esi_key, full_name) VALUES (?, ?, ?)", values)
            self._write_membership(body, pic)
            return self._views.person(self._known(body.identifier), pic)

    def read(self, pic: str, esi: str) -> View:
        """Return a person of the caller's."""
        return self._views.person(self.own(pic, esi), pic)

    def update(self, pic: str, esi: str, body: PersonUpdateView) -> View:
        """Replace what the caller's organisation says of a person; the identifier never changes."""
        if body.identifier.casefold() != esi.casefold():
            raise bad_request("identifier", "can't be changed")
        _check_organisations(pic, body)
        with self._db.transaction():
            person = self.own(pic, esi)
            self._db.execute("UPDATE persons SET full_name = ? WHERE id = ?", (_name(body), person["id"]))
            self._write_membership(body, pic)
            return self._views.person(self._known(esi), pic)

    def delete(self, pic: str, esi: str) -> None:
        """Take a person, with cards and picture, from the caller's organisation; forget whom nobody else knows."""
        with self._db.transaction():
            person = self.own(pic, esi)
            self._db.execute("DELETE FROM cards WHERE person_id = ? AND issuer = ?", (person["id"], pic))
            self._db.execute("DELETE FROM memberships WHERE person_id = ? AND pic = ?", (person["id"], pic))
            if not self._db.count("SELECT count(*) FROM memberships WHERE person_id = ?", (person["id"],)):
                self._db.execute("DELETE FROM persons WHERE id = ?", (person["id"],))

    def anonymise(self, pic: str, esi: str) -> None:
        """Make a person anonymous for ever: the router does that by itself, a test does it here."""
        with self._db.transaction():
            person = self.own(pic, esi)
            self._db.execute("UPDATE cards SET status = 'INACTIVE' WHERE person_id = ?", (person["id"],))
            self._db.execute("DELETE FROM memberships WHERE person_id = ?", (person["id"],))
            # The row stays without a name: that is how every later question about this identifier is answered with 410.
            self._db.execute("UPDATE persons SET full_name = '', anonymised = 1 WHERE id = ?", (person["id"],))

    def picture(self, pic: str, esi: str) -> bytes:
        """Return the picture that the caller's organisation stored."""
        row = self._membership(self.own(pic, esi), pic)
        if row is None or row["picture"] is None:
            raise not_found("Picture")
        return bytes(row["picture"])

    def store_picture(self, pic: str, esi: str, data: bytes, *, resize: bool) -> None:
        """Keep a picture of exactly 200 × 300 px; ``resize`` makes any other one fit."""
        person = self.own(pic, esi)
        fitting = _fitting(data, resize=resize)
        self._db.execute(
            "UPDATE memberships SET picture = ? WHERE person_id = ? AND pic = ?", (fitting, person["id"], pic)
        )

    def delete_picture(self, pic: str, esi: str) -> None:
        """Forget the picture; that there is none is no error. There is no 404 here: an unknown person is 403."""
        person = self.find(esi)
        if person is None or not self._is_member(person, pic):
            raise access_denied("this person does not belong to the organisation")
        self._db.execute("UPDATE memberships SET picture = NULL WHERE person_id = ? AND pic = ?", (person["id"], pic))

    def find(self, esi: str) -> Row | None:
        """Return a person by identifier, in any case; raises ApiError 410 for one who was anonymised."""
        person = self._db.one("SELECT * FROM persons WHERE esi_key = ?", (esi.casefold(),))
        if person is not None and person["anonymised"]:
            raise anonymised()
        return person

    def own(self, pic: str, esi: str) -> Row:
        """Return a person of the caller's; raises ApiError 404, 403 (known elsewhere only) or 410."""
        person = self.find(esi)
        if person is None:
            raise not_found("Person")
        if not self._is_member(person, pic):
            raise access_denied("this person belongs to another organisation")
        return person

    def _known(self, esi: str) -> Row:
        person = self.find(esi)
        if person is None:
            raise not_found("Person")
        return person

    def _membership(self, person: Row, pic: str) -> Row | None:
        return self._db.one("SELECT * FROM memberships WHERE person_id = ? AND pic = ?", (person["id"], pic))

    def _is_member(self, person: Row, pic: str) -> bool:
        return self._membership(person, pic) is not None

    def _write_membership(self, body: PersonUpdateView, pic: str) -> None:
        person, view = self._known(body.identifier), body.person_organisation_update_views[0]
        values = (person["id"], pic, _name(body), view.email or None, view.academic_level)
        self._db.execute(
            "INSERT INTO memberships (person_id, pic, full_name, email, academic_level) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (person_id, pic) DO UPDATE SET full_name = excluded.full_name, email = excluded.email,"
            " academic_level = excluded.academic_level",
            values,
        )


def _check_organisations(pic: str, body: PersonUpdateView) -> None:
    if any(view.organisation_identifier != pic for view in body.person_organisation_update_views):
        raise unauthorized("This key is not for that organisation")
    if len(body.person_organisation_update_views) > 1:
        raise bad_request("personOrganisationUpdateViews", "names the same organisation twice")


def _name(body: PersonUpdateView) -> str:
    # The name moved from the person to the organisation's view of them; both places are read.
    return body.person_organisation_update_views[0].full_name or body.full_name or ""


def _fitting(data: bytes, *, resize: bool) -> bytes:
    try:
        with warnings.catch_warnings():
            # Pillow only warns of a picture that unpacks to gigabytes; a server has to refuse it before that.
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(data))
            image.load()
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombWarning) as error:
        raise bad_request("file", "is not a picture") from error
    if image.size == PICTURE_SIZE:
        return data
    if not resize:
        width, height = image.size
        raise bad_request("file", f"must be 200 x 300 px, and is {width} x {height}; enable resize")
    target = io.BytesIO()
    ImageOps.fit(image.convert("RGB"), PICTURE_SIZE).save(target, "JPEG", quality=90)
    return target.getvalue()
