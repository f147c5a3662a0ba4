"""What goes onto one card's chip: the values that a chip profile's expressions may use, and their results."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from station.chip.ndef import encode_uri
from station.chip.uid import UidFormat, format_uid
from station.domain.errors import N_, ChipError, ExpressionError, InputError
from station.domain.escn import escn_to_bytes, parse_escn
from station.domain.expression_functions import Function, Misuse, Value
from station.domain.expressions import Expression, compile_expression
from station.domain.holder import Holder


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, repr=False)
class HolderData:
    """What of a holder may go onto a chip; ``None`` is what the register does not say. Never shown."""

    esi: str | None = None
    student_number: str | None = None
    given_names: str | None = None
    family_name: str | None = None
    email: str | None = None
    faculty: str | None = None
    programme: str | None = None
    ends_on: date | None = None

    @classmethod
    def of(cls, holder: Holder) -> HolderData:
        """Return what the register says of ``holder``."""
        enrolment = holder.enrolment
        return cls(
            holder.esi,
            holder.student_number or None,
            holder.given_names or None,
            holder.family_name or None,
            holder.email,
            (enrolment.faculty or None) if enrolment else None,
            (enrolment.programme or None) if enrolment else None,
            enrolment.ends_on if enrolment else None,
        )


@dataclass(frozen=True, slots=True)
class ChipData:
    """What goes onto one card's chip.

    ``url`` is what the card's QR says, too; ``at`` is the time at which certificates must be valid.
    """

    escn: str
    esi: str | None = None
    url: str = ""
    expires_on: date | None = None
    holder: HolderData = HolderData()
    at: datetime = field(default_factory=_now)


SIGNATURE, CERTIFICATE = "signature", "certificate"
"""The names of what a profile's ``[signature]`` gives; they stand alone in a file."""

CARD_NAMES = ("card.escn", "card.escn_text", "card.uid", "card.url", "card.counter", "card.expires_on")
HOLDER_NAMES = tuple(f"holder.{name}" for name in HolderData.__dataclass_fields__)
APP_NAMES = ("app.aid",)
UNBOUND_NAMES = frozenset(("card.escn", "card.escn_text", "card.counter", "app.aid"))
"""What is known of a card before its chip has told its UID, and the same whoever holds it."""

OF_NUMBER_NAMES = frozenset(("card.escn", "card.escn_text", "card.counter"))
"""What follows from the card number, which a card keeps as long as it lives."""

SAMPLE: Mapping[str, Value] = {
    "card.escn": bytes(16),
    "card.escn_text": "0" * 36,
    "card.uid": bytes(7),
    "card.counter": (1 << 60) - 1,
    "card.expires_on": date(2030, 12, 31),
    "app.aid": bytes(3),
}
"""Values as every card has them, to try a profile's expressions with before there is a card."""


def _ndef_uri(value: Value) -> Value:
    if not isinstance(value, str) or not value:
        raise Misuse("{name} needs an address")
    return encode_uri(value)


def _uid_text(value: Value, form: Value) -> Value:
    if not isinstance(value, bytes) or form not in tuple(UidFormat):
        raise Misuse("{name} needs a UID and one of: {forms}", forms=", ".join(UidFormat))
    try:
        return format_uid(value, UidFormat(str(form)))
    except InputError as error:
        places = {name: each for name, each in error.params.items() if name != "detail"}
        raise Misuse(error.what, **places) from error


FUNCTIONS = {"ndef_uri": Function(_ndef_uri, (1, 1)), "uid_text": Function(_uid_text, (2, 2))}
"""What chip profiles may call besides the functions of every expression."""


def compile_content(text: str) -> Expression:
    """Check an expression about a card; raises ExpressionError."""
    return compile_expression(text, (*CARD_NAMES, *HOLDER_NAMES, *APP_NAMES), FUNCTIONS)


def values_of(data: ChipData, uid: bytes) -> dict[str, Value]:
    """Return the values for one card; ``uid`` may be empty while it is not known."""
    values: dict[str, Value] = {
        "card.escn": escn_to_bytes(data.escn),
        "card.escn_text": parse_escn(data.escn).escn,
        # Grows from card to card, and stays the same when a card is put back: it is the time in the number.
        "card.counter": parse_escn(data.escn).value,
        "card.uid": uid or None,
        "card.url": data.url or None,
        "card.expires_on": data.expires_on,
    }
    for name in HolderData.__dataclass_fields__:
        values[f"holder.{name}"] = getattr(data.holder, name)
    if values["holder.esi"] is None:
        values["holder.esi"] = data.esi
    return values


def bytes_of(expression: Expression, values: Mapping[str, Value]) -> bytes:
    """Return the bytes that an expression comes to.

    Raises:
        ExpressionError: it comes to something else, or a value is missing.
    """
    missing = sorted(name for name in expression.names if values.get(name) is None)
    try:
        found = expression.evaluate(values)
    except ExpressionError as error:
        if missing:
            raise ExpressionError(_MISSING, _MISSING_TODO, name=", ".join(missing), column=1) from error
        raise
    if found is None and missing:
        raise ExpressionError(_MISSING, _MISSING_TODO, name=", ".join(missing), column=1)
    if not isinstance(found, bytes):
        raise ExpressionError(text=expression.text, column=1, detail="a chip holds bytes: use ascii(…) or utf8(…)")
    return found


def fitted(content: bytes, size: int | None) -> bytes:
    """Return what a file of ``size`` bytes (``None``: exactly as long) holds after ``content`` is written.

    Raises:
        ChipError: it does not fit.
    """
    if size is None:
        return content
    if len(content) > size:
        raise ChipError(_TOO_LONG, _MISSING_TODO, length=len(content), size=size)
    # To the end, so that nothing of a longer content from before is left behind it.
    return content.ljust(size, b"\x00")


_MISSING = N_("The chip can't be written: the register doesn't say {name} of this person.")
_MISSING_TODO = N_("Complete the data in the register, or ask IT to check the chip profile. Nothing was written.")
_TOO_LONG = N_("The chip can't be written: the data have {length} bytes, and the file only {size}.")
