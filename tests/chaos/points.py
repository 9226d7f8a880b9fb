"""The points of a call at which something else may happen: before and after its every effect."""

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field

from functions.shared.errors import JournalError

POINTS = {
    "workbook": ("read", "commit", "replace"),
    "journal": ("create", "replace", "delete", "keys"),
    "mailer": ("send",),
    "sheet": ("row_values", "get_all_values", "append_row"),  # gspread's, of naive writers
}


class Crash(BaseException):
    """The process is killed here: nothing may catch it."""


@dataclass(frozen=True)
class Interruption:
    """What happens before or after the `at`-th point of a call.

    `what` is "crash", "journal" (it does not answer), or something that others do meanwhile;
    `choice` makes it more precise.
    """

    at: int
    after: bool
    what: str
    choice: int = 0


@dataclass
class Course:
    """The points that one process has come by, and what is to happen there."""

    meanwhile: Callable[[Interruption], None]
    to_come: list[Interruption] = field(default_factory=list)
    passed: int = 0
    dead: bool = False

    def expect(self, interruptions: Iterable[Interruption]) -> None:
        """Begin to count anew."""
        self.passed, self.to_come = 0, list(interruptions)

    def watch(self, kind: str, part: object) -> "Watched":
        """A stand-in for a part, whose calls are points of this course."""
        return Watched(self, kind, part)

    def reach(self, kind: str, number: int, *, after: bool) -> Exception | None:
        """Let happen what is to happen here; an error that the part then reports.

        Raises:
            Crash: the process is dead.
        """
        for interruption in [
            interruption
            for interruption in self.to_come
            if (interruption.at, interruption.after) == (number, after)
        ]:
            self.to_come.remove(interruption)
            if interruption.what == "crash":
                self.dead = True
            elif interruption.what != "journal":
                self.meanwhile(interruption)
            elif kind == "journal":
                return JournalError("Le journal ne répond pas (essai).")
        if self.dead:
            raise Crash
        return None


class Watched:
    """Stands before an adapter: its effects are points of a course, and end with the process."""

    def __init__(self, course: Course, kind: str, part: object) -> None:
        self._course, self._kind, self._part = course, kind, part

    def session(self) -> AbstractContextManager["Watched"]:
        """Of a mailer: what is sent in a session is a point as well."""
        return nullcontext(self)

    def __getattr__(self, name: str) -> object:
        method = getattr(self._part, name)
        return self._pass(method) if name in POINTS[self._kind] else method

    def _pass(self, method: Callable[..., object]) -> Callable[..., object]:
        def act(*args: object, **kwargs: object) -> object:
            course = self._course
            if course.dead:
                raise Crash
            course.passed += 1
            number = course.passed
            if error := course.reach(self._kind, number, after=False):
                raise error
            result = method(*args, **kwargs)
            if error := course.reach(self._kind, number, after=True):
                raise error
            return result

        return act
