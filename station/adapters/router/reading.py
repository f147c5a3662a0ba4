"""What ESC-Router is asked: lists page by page, single records, public status, QR, numbers, the import form."""

from __future__ import annotations

from urllib.parse import urlencode

from station.adapters.router.bodies import (
    COLUMNS,
    NUMBERS,
    ROW_PROBLEMS,
    CardStatusView,
    CardsView,
    CardView,
    Page,
    PersonsView,
    PersonView,
    not_the_router,
    read,
    read_plain,
)
from station.adapters.router.calls import Ask, Calls, quoted
from station.domain.errors import N_, RouterUnreachableError
from station.ports.router import (
    NUMBERS_AT_ONCE_MAX,
    PAGE_SIZE,
    CsvOperation,
    CsvRowError,
    KnownCard,
    KnownPerson,
    PublicCardStatus,
    QrStyle,
    RouterPage,
    RowT,
)


class HttpReading:
    """Implement ``ports.router.RouterReading``. ``pic`` is for who has several clients; here there is one key only."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def persons(self, page: int = 0, *, search: str = "", pic: str = "") -> RouterPage[KnownPerson]:
        """Return a page of the institution's persons."""
        view = read(PersonsView, self._page("/persons", page, search))
        return _page_of(tuple(person.known(self._calls.pic) for person in view.content), view.page)

    def person(self, esi: str, *, pic: str = "") -> KnownPerson:
        """Return a person."""
        return self._person(esi).known(self._calls.pic)

    def cards(self, page: int = 0, *, search: str = "", pic: str = "") -> RouterPage[KnownCard]:
        """Return a page of the cards that the institution issued."""
        view = read(CardsView, self._page("/cards", page, search))
        return _page_of(tuple(card.known() for card in view.content), view.page)

    def card(self, escn: str, *, pic: str = "") -> KnownCard:
        """Return a card."""
        return self._card(escn).known()

    def card_status(self, escn: str) -> PublicCardStatus:
        """Return the public status; no key is sent. Raises RouterNotFoundError for an unknown number."""
        answer = self._calls.call(Ask("GET", f"/cards/{quoted(escn)}/status", with_key=False))
        view = read(CardStatusView, answer)
        check_identity(view.card_number, escn)
        return view.public()

    def card_qr(self, escn: str, style: QrStyle = QrStyle(), *, pic: str = "") -> bytes:  # noqa: B008 - frozen
        """Return the card's QR as the router draws it, as SVG."""
        query = urlencode({"orientation": style.orientation, "colours": style.colours, "size": style.size})
        drawn = self._calls.call(Ask("GET", f"/cards/{quoted(escn)}/qr?{query}", accept="image/svg+xml"))
        # A network's sign-in page is a success too, by its status; printed on a card it would be noticed abroad.
        if b"<svg" not in drawn[:1000]:
            raise not_the_router("QR")
        return drawn

    def picture(self, esi: str, *, pic: str = "") -> bytes:
        """Return the person's picture. Raises RouterNotFoundError when there is none."""
        return self._calls.call(Ask("GET", self._picture_path(esi, pic), accept="application/octet-stream"))

    def new_numbers(self, prefix: int, count: int = 1, *, pic: str = "") -> tuple[str, ...]:
        """Return ``count`` new card numbers made by the router, asked for in portions that it can take."""
        numbers: list[str] = []
        while len(numbers) < count:
            # The router answers 500 to more at once, which would look like trouble of its own and be tried again.
            portion = min(NUMBERS_AT_ONCE_MAX, count - len(numbers))
            query = urlencode({"prefix": prefix, "pic": pic or self._calls.pic, "numberOfESCN": portion})
            found = read_plain(NUMBERS, self._calls.call(Ask("GET", f"/cards/generate-escn?{query}")))
            if not found:
                raise not_the_router("generate-escn")
            # Small letters everywhere here: compared as text, a number in capitals would be another one.
            numbers += (number.lower() for number in found)
        return tuple(numbers[:count])

    def csv_columns(self, *, pic: str = "") -> tuple[str, ...]:
        """Return the columns of the router's import form, in their order."""
        places = read_plain(COLUMNS, self._calls.call(Ask("GET", "/cards/csv-config")))
        return tuple(sorted(places, key=lambda name: places[name]))

    def validate_csv(self, operation: CsvOperation, data: bytes, *, pic: str = "") -> tuple[CsvRowError, ...]:
        """Return what the router would refuse of an import file; nothing is imported."""
        ask = Ask(
            "POST",
            f"/cards/validate-csv?operation={operation.value}",
            files={"file": ("cards.csv", data, "text/csv")},
        )
        return tuple(problem.row_error() for problem in read_plain(ROW_PROBLEMS, self._calls.call(ask)))

    def _person(self, esi: str) -> PersonView:
        found = read(PersonView, self._calls.call(Ask("GET", f"/persons/{quoted(esi)}")))
        check_identity(found.identifier, esi)
        return found

    def _card(self, escn: str) -> CardView:
        found = read(CardView, self._calls.call(Ask("GET", f"/cards/{quoted(escn)}")))
        check_identity(found.card_number, escn)
        return found

    def _page(self, path: str, page: int, search: str) -> bytes:
        query = {"page": str(page), "size": str(PAGE_SIZE), **({"search": search} if search else {})}
        return self._calls.call(Ask("GET", f"{path}?{urlencode(query)}"))

    def _picture_path(self, esi: str, pic: str) -> str:
        return f"/organisations/{quoted(pic or self._calls.pic)}/person/{quoted(esi)}/picture"


def check_identity(answered: str, asked: str) -> None:
    """Raise RouterUnreachableError when an answer is about another record; case makes no difference."""
    if answered.casefold() != asked.casefold():
        raise _of_another_record()


def _of_another_record() -> RouterUnreachableError:
    return not_the_router(N_("it speaks of another record"))


def _page_of(rows: tuple[RowT, ...], page: Page) -> RouterPage[RowT]:
    return RouterPage(rows, page.number, page.total_elements, page.total_pages)
