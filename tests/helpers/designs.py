"""Designs to try edits on."""

from __future__ import annotations

from station.domain.elements import AnyElement, Box, Image, Layer, Line, Photo, Qr, Shape, Text
from station.domain.layout import Layout
from station.services.designing import Design

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63606060000000040001f61738550000000049454e44ae426082"
)


def text(name: str = "name", *, x: float = 30, y: float = 10, **more: object) -> Text:
    """Return a text of 20 by 4 mm."""
    values: dict[str, object] = {"text": "{full_name}", "size_pt": 8.0, "min_size_pt": 5.0, **more}
    return Text(id=name, box=Box(x, y, 20, 4), **values)  # type: ignore[arg-type]


def a_design(*more: AnyElement, back: tuple[AnyElement, ...] = ()) -> Design:
    """Return a design with a ground, a photo and a name on the front, and what else is given."""
    ground = Shape(id="ground", box=Box(0, 0, 85.6, 53.98), fill="white")
    photo = Photo(id="photo", box=Box(4, 16, 26, 33.6))
    return Design(Layout("try", 1, (ground, photo, text(), *more), back, files={"sign.png": PNG}))


def one_of_each() -> Design:
    """Return a design with a picture, a line and a code, too, and a text on the back."""
    return a_design(
        Image(id="sign", box=Box(70, 4, 10, 10), source="sign.png"),
        Line(id="rule", box=Box(30, 20, 40, 0), layer=Layer.RESIN),
        Qr(id="qr", box=Box(66, 34, 17.45, 17.45)),
        back=(text("address", x=4, y=40),),
    )


def crowded(count: int = 60) -> Design:
    """Return a card of many elements: a ground, a photo, a code, and texts, shapes and lines in rows."""
    pile: list[AnyElement] = list(one_of_each().layout.front)
    for number in range(count - len(pile)):
        x, y = 2 + number % 9 * 9.2, 2 + number // 9 * 8.0
        box = Box(round(x, 1), round(y, 1), 8.4, 4)
        if number % 3 == 0:
            pile.append(Shape(id=f"shape_{number}", box=box, fill="accent_weak", corner_mm=0.6))
        elif number % 3 == 1:
            pile.append(Text(id=f"text_{number}", box=box, text="Līga {student_number}", size_pt=6.0, min_size_pt=4.0))
        else:
            pile.append(Line(id=f"line_{number}", box=Box(box.x_mm, box.y_mm, 8.4, 0)))
    return Design(Layout("crowded", 1, tuple(pile), files={"sign.png": PNG}))
