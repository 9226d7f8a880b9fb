"""Which calls meet which fault: rules with a probability, a count or a schedule."""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from random import Random
from typing import Final, Literal, TypeAlias, get_args

from infra.emulator import drive, methods
from infra.emulator.grid import Json
from infra.emulator.methods import Call

Fault: TypeAlias = Literal[
    "429",
    "403",
    "500",
    "503",
    "reset_before",
    "reset_after",
    "no_answer",
    "late_commit",
    "slow_body",
    "truncated_body",
]
# The options of each fault, beside those that every fault has.
OPTIONS: Final[dict[Fault, tuple[str, ...]]] = dict.fromkeys(get_args(Fault), ()) | {
    "429": ("retry_after",),
    "500": ("committed",),
    "503": ("committed", "html", "retry_after"),
    "no_answer": ("seconds",),
    "late_commit": ("seconds", "reset"),
    "slow_body": ("seconds",),
}
_OPTIONAL: Final = frozenset(name for names in OPTIONS.values() for name in names)
_METHODS: Final = methods.METHODS.keys() | drive.METHODS.keys() | {"any", "read", "write"}


@dataclass
class Rule:
    """A fault, and which calls meet it: those that it is `on` and that meet all its conditions.

    Args:
        fault: What happens; see `faults`.
        on: The calls that count for this rule: "read", "write", "any", or the id of a method.
        probability: How many of the calls, drawn at random.
        count: How many calls at most.
        every: One call in so many: 3 for the third, the sixth and so on.
        at: The numbers of the calls, from 1.
        seconds: The time until the late commit, until the connection is closed without an answer,
            or until the slow body is there.
        retry_after: What the header Retry-After says, in seconds.
        html: Whether the body is a page instead of JSON.
        committed: Whether the call is carried out before it is refused.
        reset: Whether the caller of a late commit gets a reset instead of 504.

    Raises:
        ValueError: If the fault has no such option, or the rule concerns no call.
    """

    fault: Fault
    on: str = "any"
    probability: float | None = None
    count: int | None = None
    every: int | None = None
    at: Sequence[int] | None = None
    seconds: float | None = None
    retry_after: int | None = None
    html: bool | None = None
    committed: bool | None = None
    reset: bool | None = None
    _calls: int = field(default=0, init=False, repr=False, compare=False)
    _met: int = field(default=0, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.fault not in OPTIONS:
            raise ValueError(f"There is no fault {self.fault}.")
        for name in _OPTIONAL.intersection(self.document()) - set(OPTIONS[self.fault]):
            raise ValueError(f"The fault {self.fault} has no option {name}.")
        if self.on not in _METHODS:
            raise ValueError(f"on: {self.on} is neither read, write, any nor a method.")

    def document(self) -> Json:
        """Return what was given, to be kept as JSON."""
        given = {
            rule_field.name: getattr(self, rule_field.name)
            for rule_field in fields(self)
            if rule_field.init
        }
        return {name: value for name, value in given.items() if value is not None}

    def meets(self, call: Call, random: Random) -> bool:
        """Count a call that the rule is about, and tell whether the fault is to happen to it."""
        if self.on not in ("any", "write" if call.write else "read", call.method):
            return False
        self._calls += 1
        # Draw in any case, so that the other conditions do not change the draws that follow.
        drawn = self.probability is None or random.random() < self.probability
        scheduled = self.at is None or self._calls in self.at
        left = self.count is None or self._met < self.count
        return drawn and scheduled and left and self._calls % (self.every or 1) == 0

    def use(self) -> None:
        """Count one call as met."""
        self._met += 1


def first_met(rules: Sequence[Rule], call: Call, random: Random) -> Rule | None:
    """Let every rule count a call; return the first one whose fault is to happen to it."""
    met = [rule for rule in rules if rule.meets(call, random)]
    if not met:
        return None
    met[0].use()
    return met[0]
