"""What wakes somebody, as data. docs/runbook.md has a heading for each alert, by its title."""

from collections.abc import Mapping
from dataclasses import dataclass

ACCESS_DAYS = 30  # for which calls of intake are kept
BUDGET = "Le mois coûte plus que prévu"
HEALTH = "Le formulaire ne répond pas"

_LINE = 'resource.type="cloud_run_revision" AND jsonPayload.message="waiting"'
_CALLS = 'metric.type="run.googleapis.com/request_count" AND resource.type="cloud_run_revision"'


@dataclass(frozen=True)
class Rule:
    """An alert: it goes off when what `filter` selects is counted more than `most` in `minutes`.

    Where `log` is given, it selects the lines of the log that are counted. `silent` turns the rule
    round: it goes off when nothing is counted for `minutes`. Where `lasting` is given, that has to
    go on for so many minutes.
    """

    title: str
    minutes: int
    most: int = 0
    log: str = ""
    filter: str = ""
    silent: bool = False
    lasting: int = 0

    def metric(self, key: str) -> str:
        """The filter of what is counted."""
        made = f'metric.type="logging.googleapis.com/user/accueil-{key}"'
        return self.filter or f'{made} AND resource.type="cloud_run_revision"'


RULES: Mapping[str, Rule] = {
    "pending": Rule(
        "Une demande attend depuis plus de 15 minutes",
        15,
        log=f"{_LINE} AND jsonPayload.oldest_minutes>15",
    ),
    "aside": Rule(
        "Une demande est mise à part",
        15,
        log=f"{_LINE} AND jsonPayload.set_aside>0",
    ),
    "digest-late": Rule(
        "Le courriel du lundi n'est pas parti",
        15,
        log=f"{_LINE} AND jsonPayload.digest_late=true",
    ),
    "sweep": Rule("Le classeur n'est plus relu", 20, log=_LINE, silent=True),
    "quota": Rule(
        "Google refuse des appels au classeur",
        15,
        most=10,
        log='resource.type="cloud_run_revision" AND jsonPayload.error="WorkbookBusyError"',
    ),
    "dead": Rule(
        "Des notifications sont abandonnées",
        15,
        filter='metric.type="pubsub.googleapis.com/subscription/dead_letter_message_count" '
        'AND resource.type="pubsub_subscription"',
    ),
} | {
    f"errors-{name}": Rule(
        f"La fonction {name} échoue",
        minutes,
        most=most,
        lasting=lasting,
        filter=f'{_CALLS} AND resource.labels.service_name="accueil-{name}" '
        'AND metric.labels.response_code_class="5xx"',
    )
    # Route is called again by itself: a few refusals of Google's are no news, however many calls
    # they meet. Sweeps come every five minutes, so if it is broken, each ten minutes have one.
    for name, minutes, most, lasting in (
        ("intake", 15, 2, 0),
        ("route", 10, 0, 30),
        ("digest", 15, 1, 0),
    )
}
TITLES = (*(rule.title for rule in RULES.values()), HEALTH, BUDGET)
