"""What the API answers when it refuses: one exception per status, with Google's wording."""

from collections.abc import Mapping, Sequence


class ApiError(Exception):
    """A refusal that becomes an HTTP answer.

    Args:
        message: The sentence the caller reads, in Google's words where they are known.
        code: The HTTP status.
        status: The `google.rpc.Code` name that Google sends with it.
        details: `google.rpc` details, such as the `ErrorInfo` of an exhausted quota.
        headers: HTTP headers to send with it, such as `Retry-After`.
    """

    code = 500
    status = "INTERNAL"

    def __init__(
        self,
        message: str,
        *,
        code: int | None = None,
        status: str | None = None,
        details: Sequence[Mapping[str, object]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.code
        self.status = status or self.status
        self.details = details
        self.headers = headers or {}

    def body(self) -> dict[str, object]:
        """Return the answer's body, in the shape of `google.rpc.Status`."""
        error: dict[str, object] = {
            "code": self.code,
            "message": self.message,
            "status": self.status,
        }
        return {"error": error | ({"details": list(self.details)} if self.details else {})}


class InvalidArgumentError(ApiError):
    """The request is wrong, and sending it again would not help."""

    code = 400
    status = "INVALID_ARGUMENT"


class NotFoundError(ApiError):
    """There is no such spreadsheet, file or page."""

    code = 404
    status = "NOT_FOUND"

    def __init__(self, message: str = "Requested entity was not found.") -> None:
        super().__init__(message)


class UnimplementedError(ApiError):
    """Google has this, the local API does not; `what` names it."""

    code = 501
    status = "UNIMPLEMENTED"

    def __init__(self, what: str) -> None:
        super().__init__(f"The local Sheets API does not implement {what}.")
        self.what = what
