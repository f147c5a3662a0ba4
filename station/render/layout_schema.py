"""The shape of ``layout.json``, taken from the domain's classes: what it may say, and where a mistake is.

Each element carries its ``type``, and the keys are the fields of the class. Unknown keys are refused, numbers are
numbers, finite and within what a card can need, and every length says its unit. ``assets/layout.schema.json`` is made
from the same models, for editors.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import MISSING, fields
from functools import cache
from typing import Annotated, Any, Literal, get_type_hints

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, ValidationError, create_model
from pydantic_core import ErrorDetails

from station.domain import elements as el
from station.domain.errors import N_, LayoutError
from station.domain.layout import Preprinted
from station.domain.layout_document import KINDS, SCHEMA_VERSION, SIDES, Plain
from station.domain.message import Message

MOST_ELEMENTS = 300
# Both sides full of elements, each with a long text, take a tenth of it; as lists in lists it would take the memory.
_LARGEST_DOCUMENT = 2_000_000
_STRICT = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)
NAME_PATTERN = r"^[a-z0-9][a-z0-9-]{0,63}$"
_ID = r"^[a-z0-9_]{1,64}$"
_CHANGE = "change"


def parse_document(raw: bytes, shown: str) -> Plain:
    """Return what a ``layout.json`` says, checked by itself; one that extends another is not yet whole.

    Raises:
        LayoutError: with ``shown`` as the file, and the place of the first mistake.
    """
    document = _parsed(raw, shown)
    model = _derived_model() if isinstance(document, dict) and "extends" in document else _whole_model()
    _validated(model, document, shown)
    return document  # type: ignore[no-any-return]  # a model accepts only an object


def elements_of(document: Plain, shown: str) -> dict[str, tuple[Any, ...]]:
    """Return the elements of a whole document by side; raises LayoutError as ``parse_document``."""
    model = _validated(_whole_model(), {"schema_version": SCHEMA_VERSION, **document}, shown)
    return {side: tuple(_element(each) for each in getattr(model, side)) for side in SIDES}


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of ``layout.json``."""
    schema = _file_model().model_json_schema()
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Card layout",
        "description": "A card layout: millimetres from the card's upper left corner, letters in points.",
        **{key: _without_titles(value) for key, value in schema.items() if key not in ("title", "description")},
    }


def _without_titles(schema: Any) -> Any:
    """Return a schema without the titles that only repeat the names of keys; ``properties`` holds names, not titles."""
    if isinstance(schema, list):
        return [_without_titles(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: {name: _without_titles(each) for name, each in value.items()}
        if key in ("properties", "$defs")
        else _without_titles(value)
        for key, value in schema.items()
        if key != "title"
    }


# --- reading ----------------------------------------------------------------------------------------------------


def _parsed(raw: bytes, shown: str) -> Any:
    if len(raw) > _LARGEST_DOCUMENT:
        detail = Message(N_("the file is larger than {megabytes} MB"), {"megabytes": _LARGEST_DOCUMENT // 1_000_000})
        raise LayoutError(file=shown, place=_BEGINNING, detail=detail)
    try:
        return json.loads(raw, object_pairs_hook=_once, parse_constant=_no_number)
    except _TwiceError as error:
        raise LayoutError(file=shown, place=error.key, detail=N_("this key is there twice")) from error
    except (ValueError, RecursionError) as error:  # UnicodeDecodeError and JSONDecodeError are ValueErrors
        raise LayoutError(file=shown, place=_BEGINNING, detail=N_("the file is not JSON")) from error


class _TwiceError(ValueError):
    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


def _once(pairs: list[tuple[str, Any]]) -> Plain:
    found: Plain = {}
    for key, value in pairs:
        # Which of two equal keys counts, readers of JSON disagree on (RFC 8259, section 4); what is approved must be
        # what is printed.
        if key in found:
            raise _TwiceError(key[:100])
        found[key] = value
    return found


def _no_number(text: str) -> Any:
    raise ValueError(text)


def _validated(model: type[BaseModel], document: Any, shown: str) -> Any:
    try:
        # As JSON: read strictly as Python's values, a list would be no tuple and a word no member of an enum.
        return model.model_validate_json(json.dumps(document))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise LayoutError(file=shown, place=_place(first["loc"], document), detail=_detail(first)) from error
    except (RecursionError, UnicodeEncodeError) as error:
        raise LayoutError(file=shown, place=_BEGINNING, detail=N_("the file is not JSON")) from error


def _detail(mistake: ErrorDetails) -> object:
    if mistake["type"] in _MISTAKES:
        return _MISTAKES[mistake["type"]]
    limits = {key: value for key, value in mistake.get("ctx", {}).items() if isinstance(value, int | float)}
    if mistake["type"] in _LIMIT_MISTAKES:
        return Message(_LIMIT_MISTAKES[mistake["type"]], {"limit": f"{next(iter(limits.values())):g}"})
    if mistake["type"] == "string_pattern_mismatch" and mistake["loc"][-1] in _SHAPES:
        return _SHAPES[str(mistake["loc"][-1])]
    return Message(N_("it does not fit ({reason})"), {"reason": mistake["msg"]})


def _place(location: tuple[int | str, ...], document: Any) -> str:
    """Return where a mistake is, an element by its id rather than by its number."""
    steps = [str(step)[:100] for step in location]
    if len(location) > 1 and location[0] in SIDES and isinstance(location[1], int):
        element = document[location[0]][location[1]]
        if isinstance(element, dict) and isinstance(element.get("id"), str):
            steps[1] = element["id"][:100]
        # The third step only repeats the element's type.
        del steps[2:3]
    return "/".join(steps) or _BEGINNING


_BEGINNING = N_("the beginning")
_NO_KEY = N_("there is no such key")
_KEY_MISSING = N_("this key is missing")
_NUMBER = N_("this has to be a number, without quotation marks")
_WHOLE_NUMBER = N_("this has to be a whole number, without quotation marks")
_MISTAKES = {
    "extra_forbidden": _NO_KEY,
    "unexpected_keyword_argument": _NO_KEY,
    "missing": _KEY_MISSING,
    "missing_argument": _KEY_MISSING,
    "json_invalid": N_("the file is not JSON"),
    "union_tag_invalid": N_("there is no such type of element"),
    "union_tag_not_found": N_("the type of the element is missing"),
    "float_type": _NUMBER,
    "int_type": _WHOLE_NUMBER,
    "int_from_float": _WHOLE_NUMBER,
    "string_type": N_("this has to be a text in quotation marks"),
    "bool_type": N_("this has to be true or false"),
}
_LIMIT_MISTAKES = {
    "greater_than": N_("this has to be more than {limit}"),
    "greater_than_equal": N_("this has to be at least {limit}"),
    "less_than_equal": N_("this has to be at most {limit}"),
    "string_too_long": N_("this text is too long: {limit} letters at most"),
    "too_long": N_("there are too many of these: {limit} at most"),
}
_SHAPES = {
    "name": N_("a layout's name has small letters, digits and hyphens only, as in our-card"),
    "id": N_("an element's name has small letters, digits and underlines only, as in family_name"),
    "extends": N_("a layout is named with its version, as in our-card/3"),
}


# --- the shape --------------------------------------------------------------------------------------------------


@cache
def _whole_model() -> type[BaseModel]:
    """Return the shape of a layout that says everything itself."""
    shape = {
        **_head(),
        "front": (_side(_element_type()), ...),
        "back": (_side(_element_type()), []),
    }
    return create_model("Layout", __config__=_STRICT, __doc__="A layout that says everything itself.", **shape)


@cache
def _derived_model() -> type[BaseModel]:
    """Return the shape of a layout that extends another."""
    element: Any = _change_type()
    ids: Any = Annotated[list[Annotated[str, Field(pattern=_ID)]], Field(max_length=MOST_ELEMENTS)]
    sides: Any = create_model("Sides", __config__=_STRICT, front=(ids, []), back=(ids, []))
    shape = {
        **_head(),
        "extends": (Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,63}/[1-9][0-9]{0,5}$")], ...),
        "front": (_side(element), []),
        "back": (_side(element), []),
        "remove": (sides, {}),
        "order": (sides, {}),
    }
    text = "A layout that takes everything from another, and says what differs."
    return create_model("DerivedLayout", __config__=_STRICT, __doc__=text, **shape)


def _file_model() -> type[BaseModel]:
    from pydantic import RootModel

    either: Any = _whole_model() | _derived_model()
    return RootModel[either]


def _head() -> dict[str, Any]:
    size: Any = Annotated[float, Field(gt=10, le=200)]
    return {
        "schema_version": (Literal[1], ...),
        "name": (Annotated[str, Field(pattern=NAME_PATTERN)], ...),
        "version": (Annotated[int, Field(ge=1, le=999_999)], ...),
        "title": (Annotated[str, Field(max_length=200)], ""),
        "width_mm": (size, el.CARD_WIDTH_MM),
        "height_mm": (size, el.CARD_HEIGHT_MM),
        "preprinted": (Annotated[list[Preprinted], Field(max_length=len(Preprinted))], []),
        "fonts": (Annotated[list[Annotated[str, Field(max_length=200)]], Field(max_length=20)], []),
    }


def _side(element: Any) -> Any:
    return Annotated[list[element], Field(max_length=MOST_ELEMENTS)]


@cache
def _element_type() -> Any:
    kinds = [_model_of(kind) for kind in KINDS]
    return Annotated[_any_of(kinds), Field(discriminator="type")]


@cache
def _change_type() -> Any:
    kinds = [Annotated[_model_of(kind), Tag(kind)] for kind in KINDS]
    return Annotated[_any_of([*kinds, Annotated[_change_model(), Tag(_CHANGE)]]), Discriminator(_kind_of)]


def _kind_of(value: Any) -> Any:
    """Return which shape an element of a derived layout has: that of its type, or a change of some keys."""
    return value.get("type", _CHANGE) if isinstance(value, Mapping) else None


def _any_of(kinds: list[Any]) -> Any:
    either = kinds[0]
    for kind in kinds[1:]:
        either = either | kind
    return either


@cache
def _model_of(kind: str) -> type[BaseModel]:
    cls = KINDS[kind]
    shape: dict[str, Any] = {"type": (Literal[kind], ...)}
    for name, (hint, default) in _fields_of(cls).items():
        shape[name] = (hint, ... if default is MISSING else default)
    return create_model(cls.__name__, __config__=_STRICT, __doc__=(cls.__doc__ or "").split("\n\n")[0], **shape)


def _change_model() -> type[BaseModel]:
    """Return the shape of a change: any key of any element; whether it fits the element is seen when it is applied."""
    hints: dict[str, list[Any]] = {}
    for cls in KINDS.values():
        for name, (hint, _) in _fields_of(cls).items():
            known = hints.setdefault(name, [])
            if hint not in known:
                known.append(hint)
    shape: dict[str, Any] = {name: (_any_of([*known, None]), None) for name, known in hints.items()}
    shape["id"] = (hints["id"][0], ...)
    text = "Some keys of the element of this id in the layout that is extended."
    return create_model("Change", __config__=_STRICT, __doc__=text, **shape)


def _fields_of(cls: type[el.Element]) -> dict[str, tuple[Any, Any]]:
    """Return an element's keys with what each may be and its default."""
    hints = get_type_hints(cls)
    return {field.name: (_limited(field.name, hints[field.name]), field.default) for field in fields(cls)}


def _limited(name: str, hint: Any) -> Any:
    """Return a type within what a card can need."""
    if hint is el.Box:
        return _box_model()
    if hint == tuple[str, ...]:
        return Annotated[tuple[Annotated[str, Field(max_length=64)], ...], Field(max_length=40)]
    if name in _LIMITS:
        return Annotated[hint, _LIMITS[name]]
    if hint in (float, float | None, int):
        return Annotated[hint, Field(ge=0, le=1000)]
    return Annotated[hint, Field(max_length=4000)] if hint is str else hint


@cache
def _box_model() -> type[BaseModel]:
    place: Any = Annotated[float, Field(ge=-500, le=500)]
    size: Any = Annotated[float, Field(ge=0, le=500)]
    names: dict[str, Any] = {"x_mm": place, "y_mm": place, "width_mm": size, "height_mm": size}
    shape: dict[str, Any] = {name: (hint, ...) for name, hint in names.items()}
    return create_model("Box", __config__=_STRICT, __doc__=el.Box.__doc__, **shape)


_LIMITS: dict[str, Any] = {
    "id": Field(pattern=_ID),
    "when": Field(max_length=1000),
    "source": Field(min_length=1, max_length=200),
    "size_pt": Field(ge=2, le=200),
    "min_size_pt": Field(ge=1, le=200),
    "max_lines": Field(ge=1, le=20),
    "leading": Field(ge=0.8, le=3),
    "tracking_em": Field(ge=-0.1, le=1),
    "opacity": Field(ge=0, le=1),
    "corner_mm": Field(ge=0, le=50),
    "stroke_mm": Field(ge=0, le=50),
    "quiet_modules": Field(ge=0, le=20),
    "page": Field(ge=1, le=100),
    "columns": Field(ge=0, le=30),
    "min_dots": Field(ge=2, le=20),
}


def _element(model: Any) -> Any:
    cls = KINDS[model.type]
    values = {field.name: getattr(model, field.name) for field in fields(cls)}
    box = values["box"]
    if not isinstance(box, el.Box):
        values["box"] = el.Box(**{field.name: getattr(box, field.name) for field in fields(el.Box)})
    return cls(**values)
