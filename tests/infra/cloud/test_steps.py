import re
from contextlib import contextmanager

import pytest

from infra.cloud.carrying_out import Outcome, Shown, StepError, Walk, script
from infra.cloud.stack import parse
from infra.cloud.steps import deploy, destroy, rollback
from tests.infra.cloud.graphs import SES, SMTP, content

PASSWORD = (
    "gcloud secrets versions access latest --secret=accueil-route-mail --project=accueil-exemple"
)
GOOD = {
    "gcloud projects": "accueil-exemple",
    "gcloud billing": "True",
    "gcloud org-policies": "False",
}


KEPT = {"key": "k", "key_hash": "h", "deployment": "20261130t090000"}  # from the start


class Machine:
    """Commands and their outcomes; what is not listed succeeds and prints nothing."""

    def __init__(self, **outcomes):
        self.ran, self.environs, self.shown = [], {}, {}
        self.outcomes = {**{k: Outcome(0, v) for k, v in GOOD.items()}, **outcomes}

    def __call__(self, command, environ, shown):
        line = " ".join(command)
        self.ran.append(line)
        self.environs[line], self.shown[line] = environ, shown
        if line in self.outcomes:
            return self.outcomes[line]
        return self.outcomes.get(" ".join(command[:2]), Outcome(0))


@contextmanager
def acting(account):
    yield {"GOOGLE_APPLICATION_CREDENTIALS": f"/as/{account}"}


def walk(machine, steps, answer=True):
    said, asked = [], []

    def ask(text):
        asked.append(text)
        return answer

    Walk(machine, ask, said.append, acting, dict(KEPT)).take(steps)
    return said, asked


def position(machine, word):
    return next(index for index, line in enumerate(machine.ran) if word in line)


def test_a_deployment_goes_from_doctor_by_the_sheet_and_the_functions_to_a_request():
    machine = Machine(**{"accueil cloud": Outcome(0, "image@sha256:1 python313\n")})
    _, asked = walk(machine, deploy(SMTP))
    order = [
        "gcloud projects describe",
        "gcloud billing",
        "pulumi up --stack lot-ground",
        "accueil doctor",
        "accueil sheet plan",
        "accueil sheet apply",
        "accueil cloud build lot",
        "pulumi up --stack lot-functions",
        "accueil cloud smoke",
    ]
    places = [position(machine, word) for word in order]
    assert places == sorted(places)
    assert sum("accueil doctor" in line for line in machine.ran) == 2
    assert machine.ran[-2].startswith("accueil doctor")
    assert asked == ["Faire ces changements dans le classeur ?"]


def test_what_steps_print_reaches_those_that_need_it():
    machine = Machine(
        **{
            "accueil cloud build lot": Outcome(0, "image@sha256:1 python313\n"),
            "pulumi stack": Outcome(0, "https://accueil-intake-abc.a.run.app\n"),
        }
    )
    walk(machine, deploy(SMTP))
    up = machine.environs["pulumi up --stack lot-functions --cwd infra/cloud/program"]
    assert up["ACCUEIL_IMAGE"] == "image@sha256:1 python313"
    assert up["ACCUEIL_DEPLOY_KEY"] == "h"
    assert up["ACCUEIL_DEPLOYMENT"] == "20261130t090000"
    assert machine.ran[-1] == "accueil cloud smoke --url https://accueil-intake-abc.a.run.app"
    assert machine.environs[machine.ran[-1]]["ACCUEIL_API_KEY"] == "k"


def test_what_opens_the_sheet_acts_as_route_and_nothing_else_does():
    machine = Machine()
    walk(machine, deploy(SMTP))
    acting_as = {
        line
        for line, environ in machine.environs.items()
        if "GOOGLE_APPLICATION_CREDENTIALS" in environ
    }
    assert {line.rpartition(" --url")[0] or line for line in acting_as} == {
        "accueil doctor --for route",
        "accueil sheet plan",
        "accueil sheet apply --yes",
        "accueil cloud smoke",
    }


def test_what_is_there_already_is_not_made_again():
    machine = Machine()
    said, _ = walk(machine, deploy(SMTP))
    assert said.count("  déjà fait") == 4  # the state's bucket, three secrets
    assert not [line for line in machine.ran if line.startswith("accueil cloud secret")]


def test_what_is_missing_is_made():
    missing = Outcome(1)
    machine = Machine(**{"gcloud secrets versions describe latest": missing})
    machine.outcomes |= {
        f"gcloud secrets versions describe latest --secret=accueil-{secret} "
        "--project=accueil-exemple": missing
        for secret in ("intake-secrets", "route-mail", "digest-mail")
    }
    walk(machine, deploy(SMTP))
    assert [line for line in machine.ran if line.startswith("accueil cloud secret")] == [
        "accueil cloud secret lot accueil-intake-secrets",
        "accueil cloud secret lot accueil-route-mail",
        "accueil cloud secret lot accueil-digest-mail",
    ]


BACK = {"intake": "accueil-intake-00003", "route": "accueil-route-00002"}


@pytest.mark.parametrize("stack", [SMTP, SES], ids=["smtp", "ses"])
@pytest.mark.parametrize(
    "plan",
    [deploy, lambda stack: rollback(stack, BACK), lambda stack: destroy(stack, with_journal=True)],
    ids=["deploy", "rollback", "destroy"],
)
def test_what_a_step_needs_was_kept_by_a_step_before_it(stack, plan):
    kept = set(KEPT)
    for step in plan(stack):
        needed = set(re.findall(r"{(\w+)}", " ".join([*step.command, *step.environ.values()])))
        assert needed <= kept, step.title
        kept |= {step.keep}


STEPS = deploy(SMTP)


@pytest.mark.parametrize("number", [n for n, step in enumerate(STEPS) if not step.optional])
def test_whichever_step_fails_nothing_follows_and_it_is_said_what_to_do(number):
    step = STEPS[number]
    failing = Machine(**{" ".join(step.unless): Outcome(1)} if step.unless else {})
    failing.outcomes[" ".join(step.command)] = Outcome(1, "PERMISSION_DENIED")
    with pytest.raises(StepError) as caught:
        Walk(failing, lambda _: not step.forgive, str, acting, {}).take(STEPS[number : number + 2])
    assert failing.ran[-1] == " ".join(step.command)
    assert str(caught.value) == f"{step.title} : échec.\nPERMISSION_DENIED\n{step.remedy}"
    assert step.remedy


@pytest.mark.parametrize(
    ("command", "printed", "said"),
    [
        ("gcloud billing", "False", "n'a pas de compte de facturation"),
        ("gcloud projects", "another", "n'est pas accessible"),
        ("gcloud org-policies", "True", r"run\.managed\.requireInvokerIam, interdit un service"),
    ],
)
def test_what_cannot_work_is_said_before_anything_is_made(command, printed, said):
    machine = Machine(**{command: Outcome(0, printed)})
    with pytest.raises(StepError, match=said):
        walk(machine, deploy(SMTP))
    assert not [line for line in machine.ran if line.startswith(("pulumi", "accueil"))]


def test_a_service_of_google_s_is_enabled_before_it_is_asked():
    machine = Machine()
    walk(machine, deploy(SMTP))
    enabled = position(machine, "orgpolicy.googleapis.com")
    assert position(machine, "gcloud projects describe") < enabled
    assert enabled < position(machine, "gcloud org-policies describe")
    assert enabled < position(machine, "gcloud billing")


def test_an_organisation_that_hides_its_rules_stops_nothing():
    machine = Machine(**{"gcloud org-policies": Outcome(1, "PERMISSION_DENIED")})
    said, _ = walk(machine, deploy(SMTP))
    assert "  échec, sans conséquence ici" in said
    assert machine.ran[-1].startswith("accueil cloud smoke")


def test_a_workbook_that_is_still_to_be_made_stops_nothing_if_the_person_goes_on():
    machine = Machine(**{"accueil doctor": Outcome(1)})
    _, asked = walk(machine, deploy(SMTP))
    assert machine.ran[-1].startswith("accueil cloud smoke")
    assert [question.startswith("Continuer malgré") for question in asked] == [True, False, True]


def test_unattended_a_fault_before_the_workbook_is_made_passes_and_one_at_the_end_does_not():
    machine = Machine(**{"accueil doctor": Outcome(1)})
    with pytest.raises(StepError, match="Quelque chose n'est pas en ordre"):
        walk(machine, deploy(SMTP, yes=True))
    assert "accueil sheet apply --yes" in machine.ran
    assert machine.ran[-1].startswith("accueil doctor")


def test_no_to_the_plan_changes_nothing_in_the_sheet():
    machine = Machine()
    with pytest.raises(StepError, match="à votre demande"):
        walk(machine, deploy(SMTP), answer=False)
    assert machine.ran[-1] == "accueil sheet plan"


def test_yes_asks_nothing():
    machine = Machine()
    _, asked = walk(machine, deploy(SMTP, yes=True), answer=False)
    assert asked == []
    assert "pulumi up --stack lot-ground --cwd infra/cloud/program --yes" in machine.ran


def test_a_trial_is_filled_with_fictional_people():
    trial = parse("essai", content(fictional=True), "essai.toml")
    assert [line for line in script(deploy(trial)) if line.endswith("accueil cloud fill")]
    assert not [line for line in script(deploy(SMTP)) if line.endswith("accueil cloud fill")]


def test_mails_by_ses_ask_for_no_password():
    assert not any("accueil-route-mail" in line for line in script(deploy(SES)))


def test_a_dry_run_shows_every_command_and_no_secret():
    lines = script(deploy(SMTP))
    commands = [line for line in lines if not line.startswith("#")]
    assert len(commands) == len(deploy(SMTP))
    assert any(line.endswith("accueil cloud smoke --url <form>") for line in commands)
    assert any("ACCUEIL_API_KEY=<key> " in line for line in commands)
    assert "# sous l'identité accueil-route@accueil-exemple.iam.gserviceaccount.com" in lines


def test_a_rollback_turns_each_function_to_its_revision_then_asks_doctor():
    machine = Machine()
    way = "smtps://account:secret@courriel.example.org:465"
    machine.outcomes[PASSWORD] = Outcome(0, f"{way}\n")
    walk(machine, rollback(SMTP, BACK))
    assert machine.ran[0] == (
        "gcloud run services update-traffic accueil-intake "
        "--to-revisions=accueil-intake-00003=100 --region=europe-west9 --project=accueil-exemple"
    )
    assert machine.ran[-1] == "accueil doctor --for route"
    assert machine.environs[machine.ran[-1]]["ACCUEIL_MAIL"] == way


def test_the_journal_stays_unless_it_is_meant():
    kept = script(destroy(SMTP, with_journal=False))
    assert not any("storage rm" in line or "lot-ground" in line for line in kept)
    everything = "\n".join(script(destroy(SMTP, with_journal=True)))
    places = [
        everything.index(word)
        for word in ("destroy --stack lot-functions", "storage rm", "unprotect", "lot-ground")
    ]
    assert places == sorted(places)


def test_a_person_sees_what_is_for_people():
    machine = Machine()
    walk(machine, deploy(SMTP))
    assert machine.shown["accueil sheet plan"] is Shown.ALL
    assert machine.shown["accueil cloud build lot"] is Shown.PROGRESS
    assert machine.shown[PASSWORD] is Shown.PROGRESS
