"""What a sweep decides about one request, or about the sheet as a whole. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from functions.route.decide.completion import Completion, CompletionContext
from functions.route.decide.history import Event
from functions.route.decide.notices import Notice
from functions.shared.concerns import Concern
from functions.shared.journal.formats import Course, Dealt, WaitingMail


@dataclass(frozen=True)
class Decision:
    """What follows from one thing that a sweep saw.

    `completion` changes a row; a decision whose row has to wait for the next batch waits as a
    whole. `events` become lines of Suivi, and `notices` mails. `concerns` become lines of À
    vérifier and are said at every sweep until they are put right; `said` are said once. `courses`
    is what to remember of requests, by reference, whose rows do not change. `dealt` is the answer
    from a mail that this deals with, and `letters` are mails to an applicant. `more` says that
    another batch has to follow.
    """

    completion: Completion | None = None
    events: tuple[Event, ...] = ()
    notices: tuple[Notice, ...] = ()
    concerns: tuple[Concern, ...] = ()
    said: tuple[Concern, ...] = ()
    courses: Mapping[str, Course] = field(default_factory=dict)
    dealt: Dealt | None = None
    letters: tuple[WaitingMail, ...] = ()
    more: bool = False

    @classmethod
    def about_row(cls, decided: Completion | Concern | None) -> "Decision":
        """The decision to change a row, or to say why it is not changed."""
        if isinstance(decided, Concern):
            return cls(concerns=(decided,))
        return cls(decided)


# Takes one decision. What was decided before is in the context: whoever gets a request has more
# to do for the next one.
Step = Callable[[CompletionContext], Decision]
