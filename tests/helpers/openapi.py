"""The router's published contract, to hold answers to; it lies beside the checkout, not in it."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest

FILE = Path(__file__).resolve().parents[2] / ".." / "shared" / "router" / "openapi-v2.json"


@cache
def _document() -> dict[str, Any]:
    return json.loads(FILE.read_text(encoding="utf-8"))  # type: ignore[no-any-return]


class Contract:
    """Statuses and bodies of every operation."""

    def __init__(self) -> None:
        if not FILE.exists():
            pytest.skip("the shared reference is not beside this checkout")
        self._document = _document()

    def operations(self) -> set[tuple[str, str]]:
        """Return method and path of every operation."""
        return {(m.upper(), p) for p, methods in self._document["paths"].items() for m in methods}

    def statuses(self, method: str, template: str) -> set[int]:
        """Return the statuses an operation is documented to answer with."""
        return {int(status) for status in self._document["paths"][template][method.lower()]["responses"]}

    def template_of(self, path: str) -> str:
        """Return the path of the document that a path without the base belongs to; a literal one before a pattern."""
        templates = sorted(self._document["paths"], key=lambda t: t.count("{"))
        for template in templates:
            pattern = re.sub(r"\\{[^}]+\\}", "[^/]+", re.escape(template))
            if re.fullmatch(pattern, path):
                return str(template)
        raise AssertionError(f"the contract has no path like {path}")

    def check(self, method: str, path: str, status: int, content_type: str, body: bytes) -> None:
        """Fail unless the body has the shape that the contract gives this status."""
        template = self.template_of(path)
        response = self._document["paths"][template][method.lower()]["responses"].get(str(status))
        if response is None:
            schema: dict[str, Any] = {"$ref": "#/components/schemas/ApiErrorMessage"}
        else:
            kinds = response["content"]
            kind = content_type.partition(";")[0]
            found = kinds.get(kind) or kinds.get("*/*")
            if found is None and status >= 400 and kind == "application/json":
                found = next(iter(kinds.values()))  # an error about a picture is JSON, not octets
            assert found is not None, f"{method} {template} {status} must not be {kind}"
            schema = found["schema"]
            if kind != "application/json" or status == 204:
                return
        whole = {**schema, "components": self._document["components"]}
        jsonschema.validate(json.loads(body), whole, cls=jsonschema.Draft202012Validator)
