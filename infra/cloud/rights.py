"""Who may do what on Google Cloud. Nobody has a right that is not here.

Each function runs under a service account of its own. Of the other accounts, `build` makes the
image, `push` carries notifications to route, and `schedule` calls route and digest when it is time.
"""

from collections.abc import Mapping
from dataclasses import dataclass

FUNCTIONS = ("intake", "route", "digest")
ACCOUNTS = {
    "intake": "Prend les demandes",
    "route": "Écrit dans le classeur, la seule à le faire",
    "digest": "Envoie le courriel du lundi",
    "build": "Construit l'image des fonctions",
    "push": "Porte à route la nouvelle d'une demande",
    "schedule": "Appelle route et digest à l'heure",
}
EVERYWHERE = ("",)

# What each function does in the journal: verb → folders. All of them list, since Google answers 403
# instead of 404 for a missing object to whoever may not list; names of objects say nothing about
# anybody. Intake deletes its own double of a request (docs/protocol.md). It may delete in spent/
# because a create-only upload counts as an overwriting one, which needs that right, if the object
# is there; without it Google may answer 403 where 412 is expected. So it may in answers/ and
# unsubscribed/; there it also deletes what was answered before, and what somebody takes back.
# Digest deletes from links/ what it has just put there, if the mail does not leave.
JOURNAL: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "intake": {
        "create": ("pending/", "spent/", "answers/", "unsubscribed/"),
        "get": (
            "pending/",
            "spent/",
            "filed/",
            "quarantine/",
            "references/",
            "links/",
            "answered/",
            "stages/",
            "health",
        ),
        "delete": ("pending/", "spent/", "answers/", "unsubscribed/"),
    },
    "route": {"create": EVERYWHERE, "get": EVERYWHERE, "delete": EVERYWHERE},
    "digest": {
        "create": ("mail/", "links/", "refused/"),
        "get": ("mail/",),
        "delete": ("mail/", "links/", "unsubscribed/"),
    },
}

# The folders of the journal in which a new object makes Pub/Sub call route.
NOTIFIED = ("pending/", "answers/")

# Which accounts may call a function. Intake is for everybody: it checks its callers itself, and its
# invoker check is off, because `allUsers` is refused where an organisation restricts domains.
CALLERS = {"intake": (), "route": ("push", "schedule"), "digest": ("schedule",)}
PUBLIC = ("intake",)

# The only roles on the whole project, each with its reason.
PROJECT_ROLES = {
    ("build", "roles/logging.logWriter"): "a build writes its log, which has no resource of its own"
}

# Whom the operator may act as: `accueil sheet apply` must be route, because the account that
# protects a header is the only one that may write there later.
ACTED_AS = "route"


@dataclass(frozen=True)
class Call:
    """A call by the clock: `schedule` in cron's words, in Paris; `query` follows the address."""

    function: str
    schedule: str
    query: str = ""


# The journal is purged by sweeps, a few times a day, so the purge has no call of its own.
CALLS = {
    "sweep": Call("route", "*/5 * * * *", "?sweep=true"),
    "digest": Call("digest", "0 7 * * 1"),
}
