"""Carries steps out, one after the other; the first that fails stops them, and says what to do."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from functions.shared.errors import AccueilError
from infra.cloud.steps import Step


class StepError(AccueilError):
    """A step failed; the sentence says which, and what to do."""


class Shown(Enum):
    """How much of what a command prints the person sees as it comes."""

    ALL = "all"
    PROGRESS = "progress"  # what it writes to its standard error
    NOTHING = "nothing"


@dataclass(frozen=True)
class Outcome:
    """How a command ended, and what it printed, if that was asked for."""

    code: int
    output: str = ""


class Runner:
    """Runs commands of this machine."""

    def __call__(self, command: Sequence[str], environ: Mapping[str, str], shown: Shown) -> Outcome:
        """Run a command; what is not shown is returned."""
        program, *words = command
        if program == "accueil":  # this one, whatever else the machine has by this name
            program = str(Path(sys.executable).with_name(program))
        ended = subprocess.run(  # noqa: S603  (our own steps)
            [program, *words],
            check=False,
            env={**os.environ, **environ},
            stdin=None if shown is Shown.ALL else subprocess.DEVNULL,
            stdout=None if shown is Shown.ALL else subprocess.PIPE,
            stderr=subprocess.PIPE if shown is Shown.NOTHING else None,
            text=True,
        )
        # What a command says of its failure is what helps the person.
        said = (ended.stderr or ended.stdout) if ended.returncode else ended.stdout
        return Outcome(ended.returncode, said or "")


Run = Callable[..., Outcome]
ActAs = Callable[[str], AbstractContextManager[Mapping[str, str]]]


@dataclass
class Walk:
    """Takes steps.

    `run` runs a command, `ask` puts a question, `say` shows a line, and `act_as` gives the
    environment in which a command acts as a service account. `kept` holds what steps printed.
    """

    run: Run
    ask: Callable[[str], bool]
    say: Callable[[str], None]
    act_as: ActAs
    kept: dict[str, str]

    def take(self, steps: Iterable[Step]) -> None:
        """Take the steps in their order.

        Raises:
            StepError: a step failed, or the person said no; nothing after it was done.
        """
        steps = list(steps)
        for number, step in enumerate(steps, 1):
            self.say(f"[{number}/{len(steps)}] {step.title}")
            self._take(step)

    def _take(self, step: Step) -> None:
        if step.unless and self.run(step.unless, {}, Shown.NOTHING).code == 0:
            self.say("  déjà fait")
            return
        if step.ask and not self.ask(step.ask):
            raise StepError("Arrêté là, à votre demande. Rien de ce qui suit n'a été fait.")
        command = [self._filled(word) for word in step.command]
        environ = {name: self._filled(text) for name, text in step.environ.items()}
        identity = self.act_as(step.acts_as) if step.acts_as else nullcontext({})
        with identity as more:
            self._judge(step, self.run(command, {**environ, **more}, _shown(step)))

    def _filled(self, text: str) -> str:
        for name, value in self.kept.items():
            text = text.replace(f"{{{name}}}", value)
        return text

    def _judge(self, step: Step, outcome: Outcome) -> None:
        printed = outcome.output.strip()
        if outcome.code:
            if step.optional:
                self.say("  échec, sans conséquence ici")
                return
            if step.forgive and self.ask(step.forgive):
                return
            said = f"\n{printed}" if printed else ""
            raise StepError(f"{step.title} : échec.{said}\n{step.remedy}")
        if (step.expect and printed != step.expect) or (step.refuse and printed == step.refuse):
            raise StepError(f"{step.title} : non.\n{step.remedy}")
        if step.keep:
            self.kept[step.keep] = printed


def _shown(step: Step) -> Shown:
    if step.expect or step.refuse:
        return Shown.NOTHING
    return Shown.PROGRESS if step.keep else Shown.ALL


def script(steps: Iterable[Step]) -> list[str]:
    """What a dry run shows: each step as a comment, and its command as a shell would take it."""
    lines = []
    for step in steps:
        unless = " (si ce n'est déjà fait)" if step.unless else ""
        lines.append(f"# {step.title}{unless}")
        # What is no secret: steps name the secrets that they need by a placeholder.
        shown = [f"{name}={_quoted(text)}" for name, text in step.environ.items()]
        acting = [f"# sous l'identité {step.acts_as}"] if step.acts_as else []
        lines += [*acting, " ".join([*shown, *map(_quoted, step.command)])]
    return lines


def _quoted(word: str) -> str:
    if "{" in word:
        return word.replace("{", "<").replace("}", ">")
    return word if word and all(c.isalnum() or c in "-_./:=@,{}*" for c in word) else f"'{word}'"
