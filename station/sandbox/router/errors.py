"""Answers that are not what was asked for, as exceptions: status, code and message (``ApiErrorMessage``)."""

from __future__ import annotations


class ApiError(Exception):
    """End a request with an ``ApiErrorMessage``."""

    def __init__(self, status: int, code: str, message: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.headers = status, code, message, headers or {}

    def body(self) -> dict[str, str]:
        """Return the body as the contract has it."""
        return {"code": self.code, "message": self.message}


def bad_request(field: str, reason: str) -> ApiError:
    """Return the answer to a body or parameter that cannot be right; it names the field."""
    return ApiError(400, "SX-0400", f"{field}: {reason}")


def unauthorized(reason: str) -> ApiError:
    """Return the answer to a missing or wrong key, and to a key that is not for this PIC."""
    return ApiError(401, "SX-0401", reason)


def access_denied(what: str) -> ApiError:
    """Return the answer about something that exists, and belongs to another organisation."""
    return ApiError(403, "SE-0000", f"Access denied: {what}")


def not_found(what: str) -> ApiError:
    """Return the answer about something that is not there."""
    return ApiError(404, "ER-0001", f"{what} not found")


def anonymised() -> ApiError:
    """Return the answer about a person who was made anonymous: it will never be another one."""
    return ApiError(410, "SX-0410", "This person was anonymised")
