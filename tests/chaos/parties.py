"""What applicants wish for, and the post that tells referents of it."""

from collections.abc import Callable, Sequence

from functions.shared.errors import MailError, MailUnsureError

# What applicants ask for, who follows it by the rules of the first day, and who is told besides.
WISHES: Sequence[tuple[dict, str, tuple[str, ...]]] = (
    (
        {"projects": [{"type": "employment"}], "target": {"communes": ["46102"]}},
        "Sophie Lacombe",
        (),
    ),
    (
        {"projects": [{"type": "employment"}], "target": {"communes": ["46042"]}},
        "Camille Bonnet",
        (),
    ),
    (
        {"projects": [{"type": "farming"}, {"type": "health"}], "target": {"anywhere": True}},
        "Aurélie Bouscary",
        ("Karim Belaïdi",),
    ),
)


class Mailer:
    """Records what leaves; the next mails may be refused, or leave unconfirmed."""

    def __init__(self, post: Callable[[str, str], None]) -> None:
        self._post = post
        self.faults: list[str] = []

    def send(self, message) -> None:
        fault = self.faults.pop(0) if self.faults else ""
        if fault == "refused":
            raise MailError("Le serveur de courriel a refusé le message (essai).")
        self._post(message["To"], message.get_body(("plain",)).get_content())
        if fault == "unsure":
            raise MailUnsureError("Le serveur de courriel n'a pas confirmé l'envoi (essai).")
