"""To what cards are made here: the layout, the printer's raster, the chip profile; and how a card is drawn."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from station.chip.profiles import ChipProfile, find_profile
from station.domain.card import CardScheme, expiry_date
from station.domain.elements import Photo
from station.domain.errors import LayoutError, ProfileError
from station.domain.holder import Holder
from station.domain.layout import CardFields, Issuer, Layout, compiled, condition_holds, fields_of
from station.domain.portrait import Portrait
from station.domain.workflow import Issuance
from station.photo.checks import PrintTarget
from station.photo.portraits import PortraitShape
from station.ports.printer import PrinterProfile, RenderedCard
from station.services.layouts import LayoutChoice, NothingKept
from station.settings import CardTypePart, Institution, LayoutPart, Settings

if TYPE_CHECKING:
    from station.render.card import CheckedCard, Preview
    from station.render.paint import Brand


# Nil but for the version, so that it reads as a number and can be nobody's.
_NOBODYS_NUMBER = "00000000-0000-1000-8000-000000000000"


@dataclass(frozen=True, slots=True)
class CardKind:
    """A kind of card: its scheme, its layout, and for whom it is (``when`` over a card's fields, empty for all)."""

    scheme: CardScheme
    layout: Layout
    when: str = ""


@dataclass(frozen=True, slots=True)
class CardMaking:
    """What every card of this station is made to; loaded once.

    ``layout`` and ``scheme`` are those of the main kind of card; ``for_holder`` gives those of somebody's own kind.
    """

    settings: Settings
    layout: Layout
    printer: PrinterProfile
    chip_profile: ChipProfile
    roots: tuple[bytes, ...] = ()
    """Root certificates (DER) believed besides those that a chip profile pins."""
    layouts: LayoutChoice | None = None
    kinds: tuple[CardKind, ...] = ()
    scheme: CardScheme = CardScheme.ESC

    def renewed(self) -> CardMaking:
        """Return the same with the layouts that are approved by now: at this desk, or another of the same store.

        Raises:
            LayoutError: nobody who is believed signed the newest.
        """
        layouts, settings = self.layouts, self.settings
        if layouts is None:
            return self
        kinds = tuple(
            replace(kind, layout=layouts.renewed(_named(part), kind.layout))
            for kind, part in zip(self.kinds, settings.card_types, strict=True)
        )
        return replace(self, layout=layouts.renewed(settings.layout, self.layout), kinds=kinds)

    def for_holder(self, holder: Holder) -> CardMaking:
        """Return to what this holder's card is made: the first kind of the profile that is for them, else the main one.

        Raises:
            ProfileError: the condition of a kind can't be computed for this holder.
        """
        if not self.kinds:
            return self
        # A day nobody's card ends on: whoever asks by the day of expiry asks about the card, which is not chosen yet.
        values = self.fields(holder, "", date.max).values()
        for kind in self.kinds:
            with _told_of_the_profile():
                if condition_holds(kind.when, values):
                    return replace(self, layout=kind.layout, scheme=kind.scheme, kinds=())
        return replace(self, kinds=())

    def for_issuance(self, issuance: Issuance) -> CardMaking:
        """Return to what a card was begun: its own version of its layout, even if there is a newer one by now.

        Raises:
            LayoutError: that version is not kept here.
        """
        digest = issuance.layout_digest
        known = {layout.digest: layout for layout in (self.layout, *(kind.layout for kind in self.kinds))}
        if not digest or self.layouts is None:
            layout = self.layout
        else:
            # By its contents and not its name: a layout may have been corrected since, under the same name and version.
            layout = known.get(digest) or self.layouts.of_card(issuance.layout, digest)
        return replace(self, layout=layout, scheme=issuance.scheme, kinds=())

    def chip_profile_named(self, name: str) -> ChipProfile:
        """Return another chip profile, of the institution's own or a shipped one; raises ProfileError."""
        return find_profile(name, self.settings.chip.folder).trusting(*self.roots)

    @property
    def layout_version(self) -> str:
        """Return the layout's name and version, as the card's record keeps it."""
        return self.layout.reference

    @property
    def portrait_shape(self) -> PortraitShape:
        """Return the shape that the layout's place for the photo asks for."""
        photos = [e for side in self.layout.sides for e in side if isinstance(e, Photo)]
        return PortraitShape(photos[0].box.width_mm / photos[0].box.height_mm) if photos else PortraitShape()

    @property
    def print_target(self) -> PrintTarget:
        """Return how large the photo is printed, and how finely."""
        photos = [e.box for side in self.layout.sides for e in side if isinstance(e, Photo)]
        # The coarser of the two: some printers have more dots along the card than across, and the photo needs both.
        dpi = min(self.printer.dpi_x, self.printer.dpi_y)
        return PrintTarget(photos[0].width_mm, photos[0].height_mm, dpi) if photos else PrintTarget(dpi=dpi)

    def fields(self, holder: Holder, escn: str, expires_on: date, issued_on: date | None = None) -> CardFields:
        """Return the texts on this holder's card; without ``issued_on`` nothing says when it was issued."""
        institution = self.settings.institution_of(holder.institution)
        issuer = Issuer(
            institution.name,
            institution.name_en,
            institution.card_title,
            institution.card_title_en,
            address=institution.address,
            contact=institution.contact,
            qr_address=self.settings.card.qr_address,
        )
        return replace(fields_of(holder, escn, expires_on, issuer, issued_on), scheme=self.scheme.value)

    def render(
        self, holder: Holder, issuance: Issuance, portrait: Portrait | None, today: date | None = None
    ) -> CheckedCard:
        """Return the card for the printer, its QR read back from the finished picture.

        With ``today`` the findings say, too, what the rules of that day have against this one card.

        Raises:
            LayoutError: the QR can't be read from what would be printed, or a picture of the layout is missing.
        """
        from station.render.card import render_checked

        making, fields = self._begun(holder, issuance)
        jpeg = portrait.image if portrait else None
        with _told_of(making.layout):
            checked = render_checked(making.layout, fields, jpeg, self.printer, self._brand(holder))
        if today is None:
            return checked
        from station.render.linting.on_a_card import card_lint

        against = card_lint(making.layout, self.printer, fields, today=today)
        return replace(checked, findings=checked.findings + against)

    def preview(self, holder: Holder, escn: str, portrait_jpeg: bytes | None, today: date) -> Preview:
        """Return how the card will look, before an issuance has begun or a portrait was accepted."""
        from station.render.card import render_preview

        making = self.for_holder(holder)
        fields = making.fields(holder, escn, self.expiry(holder, today), today)
        with _told_of(making.layout):
            return render_preview(making.layout, fields, portrait_jpeg, self._brand(holder))

    def preview_of(self, holder: Holder, issuance: Issuance, portrait_jpeg: bytes | None) -> Preview:
        """Return how the card will look that was begun: its own layout, days and number, whatever there is by now.

        Raises:
            LayoutError: its version of the layout is not kept here.
        """
        from station.render.card import render_preview

        making, fields = self._begun(holder, issuance)
        with _told_of(making.layout):
            return render_preview(making.layout, fields, portrait_jpeg, self._brand(holder))

    def draft(self, holder: Holder, escn: str, portrait_jpeg: bytes | None, today: date) -> RenderedCard:
        """Return the card as the printer would print it today; ``escn`` may be empty: then it has no QR."""
        from station.render.card import render_card

        making = self.for_holder(holder)
        fields = making.fields(holder, escn, self.expiry(holder, today), today)
        with _told_of(making.layout):
            return render_card(making.layout, fields, portrait_jpeg, self.printer, self._brand(holder))

    def expiry(self, holder: Holder, today: date) -> date:
        """Return the last day of a card that is begun today."""
        rules = self.settings.card
        ends_on = holder.enrolment.ends_on if holder.enrolment else None
        return expiry_date(rules.expiry, rules.expiry_years, today, ends_on)

    def warm_up(self) -> None:
        """Draw a card for nobody: fonts, grounds and masks are kept, so that the first real one finds them."""
        from station.render.card import render_card, render_preview
        from station.render.picture import load_codecs
        from station.render.reading import read_bitmap

        load_codecs()
        # A letter with a mark below makes the fonts load what plain ASCII would not.
        nobody = Holder("nobody", self.settings.institution.key, "Nobody", "Ņ", "0")
        fields = self.fields(nobody, _NOBODYS_NUMBER, date(2000, 1, 1))
        card = render_card(self.layout, fields, None, self.printer, self._brand(nobody))
        render_preview(self.layout, fields, None, self._brand(nobody))
        read_bitmap(card.front.composite)

    def _begun(self, holder: Holder, issuance: Issuance) -> tuple[CardMaking, CardFields]:
        """Return to what a card was begun, and its texts."""
        # The days that were fixed with the number, none of today: a card that is drawn again must not change.
        making = self.for_issuance(issuance)
        issued_on = date.fromisoformat(issuance.issued_on) if issuance.issued_on else None
        return making, making.fields(holder, issuance.escn, date.fromisoformat(issuance.expires_on), issued_on)

    def _brand(self, holder: Holder) -> Brand:
        return brand_of(self.settings.institution_of(holder.institution))


def brand_of(institution: Institution) -> Brand:
    """Return an institution's colour and artwork.

    Raises:
        LayoutError: a file of it is not there, or is not a picture.
    """
    from station.render.brands import load_brand

    return load_brand(institution.accent, institution.logo, institution.esc_logo)


def load_making(
    settings: Settings, printer: PrinterProfile, roots: tuple[bytes, ...] = (), layouts: LayoutChoice | None = None
) -> CardMaking:
    """Load the layouts and chip profile that the station profile names; ``roots`` are certificates believed besides.

    Raises:
        LayoutError, ProfileError: one of them has a mistake, or does not exist; an institution's own chip profile is
            tried on the software card first.
    """
    chip_profile = find_profile(settings.chip.profile, settings.chip.folder).trusting(*roots)
    if settings.chip.folder is not None:
        from station.chip.dry_run import dry_run

        # A mistake in a profile of one's own shows at the start, and not when the first real card is half written.
        dry_run(chip_profile)
    layouts = layouts or LayoutChoice(NothingKept(), settings.layout.signers)
    kinds = tuple(_kind(part, layouts) for part in settings.card_types)
    layout, scheme = layouts.chosen(settings.layout), settings.card.scheme
    for institution in settings.institutions:
        # Only to see that it can be read: a missing file would else stop the first card, with the student at the desk.
        if institution.logo is not None or institution.esc_logo is not None:
            brand_of(institution)
    return CardMaking(settings, layout, printer, chip_profile, roots, layouts, kinds, scheme)


@contextmanager
def _told_of(layout: Layout) -> Iterator[None]:
    """Name the layout in errors that only know the element or the expression."""
    try:
        yield
    except LayoutError as error:
        if error.params.get("file"):
            raise
        raise LayoutError(error.what, error.todo, **{**error.params, "file": layout.reference}) from error


@contextmanager
def _told_of_the_profile() -> Iterator[None]:
    """Turn what is wrong with a condition of the profile into an error that names it."""
    try:
        yield
    except LayoutError as error:
        raise ProfileError(file="", place="card_types", detail=error.params["detail"]) from error


def _kind(part: CardTypePart, layouts: LayoutChoice) -> CardKind:
    with _told_of_the_profile():
        compiled(part.when)
    return CardKind(part.scheme, layouts.chosen(_named(part)), part.when)


def _named(part: CardTypePart) -> LayoutPart:
    return LayoutPart(name=part.layout, file=part.file)
