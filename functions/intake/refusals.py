"""The refusals of a call that have nothing to do with what its form says."""

from functions.shared.errors import AccueilError


class RefusedError(AccueilError):
    """The call is refused; the sentence says what to do.

    `status` is the HTTP status, `retry_after` after how many seconds one may try again.
    """

    def __init__(self, status: int, sentence: str, retry_after: int | None = None) -> None:
        super().__init__(sentence)
        self.status = status
        self.retry_after = retry_after


class KeyReusedError(AccueilError):
    """An idempotency key came back with another submission; `reference` is what it got then."""

    def __init__(self, reference: str) -> None:
        super().__init__(
            "Cette clé d'idempotence a déjà servi pour une autre demande : "
            "utilisez une clé nouvelle pour chaque demande."
        )
        self.reference = reference
