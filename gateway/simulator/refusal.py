"""What FAX.PLUS says when it does not do what was asked."""

STATUS = {"unauthorized": 401, "not_found": 404, "conflict": 409, "payload_too_large": 413}
"""The HTTP status of an error code; of all others it is 400."""


class RefusedError(Exception):
    """The request is refused: `error` is the code of the answer, `description` its text."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(f"{error}: {description}")
        self.error = error
        self.description = description

    @property
    def status(self) -> int:
        """The HTTP status of the answer."""
        return STATUS.get(self.error, 400)
