"""What a deployment, a rollback and a removal consist of: lists of commands. Pure.

Every step can be taken again, so a deployment that stopped goes on when it is started anew.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from functions.shared.settings import SETTINGS
from infra.cloud.rights import FUNCTIONS
from infra.cloud.stack import Layer, Stack

_MAIL = SETTINGS["mail"].variable
_GO_ON = (
    "Continuer malgré ces défauts ? Au premier déploiement, ceux de l'onglet « Système » et des "
    "autres onglets sont normaux : ils vont être créés."
)
PROGRAM = "infra/cloud/program"
# What the next steps ask before Pulumi enables the others: gcloud would offer to enable them.
_FIRST_APIS = (
    "cloudbilling",
    "cloudresourcemanager",
    "iam",
    "orgpolicy",
    "serviceusage",
    "storage",
)
TOOLS = {
    "gcloud": "Installez gcloud, l'outil de Google Cloud (docs/deploy.md, étape 1).",
    "pulumi": "Installez pulumi, qui dit à Google Cloud ce qu'il faut (docs/deploy.md, étape 1).",
}


@dataclass(frozen=True)
class Step:
    """A command, what it is for, and what to do if it fails.

    In `command` and `environ`, `{name}` stands for what an earlier step printed and `keep` kept
    under that name. The step is skipped if `unless` succeeds. What it prints has to be `expect`,
    or must not be `refuse`, if one of them is given. `optional` steps may fail. Before a step,
    `ask` is asked; if a step fails, `forgive` is asked, and the answer says whether to go on.
    `acts_as` is the service account under which it reads and writes the sheet.
    """

    title: str
    command: Sequence[str]
    remedy: str
    environ: Mapping[str, str] = field(default_factory=dict)
    unless: Sequence[str] = ()
    keep: str = ""
    expect: str = ""
    refuse: str = ""
    optional: bool = False
    ask: str = ""
    forgive: str = ""
    acts_as: str = ""


def deploy(stack: Stack, *, yes: bool = False) -> list[Step]:
    """From nothing, or from an earlier version, to a system that has filed a request.

    Args:
        stack: the stack.
        yes: whether nobody is asked.
    """
    return [
        *_preconditions(stack),
        *_ground(stack, yes=yes),
        *_workbook(stack, yes=yes),
        *_functions(stack, yes=yes),
        _doctor(stack, forgive="" if yes else _GO_ON),
        Step(
            "Une demande d'essai va jusqu'à sa ligne",
            _accueil("cloud", "smoke", "--url", "{form}"),
            "Une demande d'essai n'a pas été jusqu'à sa ligne. « accueil journal » dit si elle "
            "attend ; si le site était en service, remettez la version d'avant : "
            f"make rollback STACK={stack.name}.",
            environ={"ACCUEIL_API_KEY": "{key}", **_workbook_environ(stack)},
            acts_as=stack.account("route"),
        ),
    ]


def rollback(stack: Stack, revisions: Mapping[str, str]) -> list[Step]:
    """Back to a revision of each function that ran before.

    Args:
        stack: the stack.
        revisions: the name of the revision to go back to, by function.
    """
    return [
        *(
            Step(
                f"{function} : retour à {revision}",
                _gcloud(
                    stack,
                    *("run", "services", "update-traffic", f"accueil-{function}"),
                    f"--to-revisions={revision}=100",
                    f"--region={stack.region}",
                ),
                "Google n'a pas changé de version : recommencez ; rien n'est perdu entre-temps, "
                "le journal garde les demandes.",
            )
            for function, revision in revisions.items()
        ),
        *_way_of_mails(stack),
        _doctor(stack),
    ]


def destroy(stack: Stack, *, with_journal: bool, yes: bool = False) -> list[Step]:
    """Remove the functions; with `with_journal` also everything else, requests that wait included.

    The spreadsheet is the partners' and stays as it is.
    """
    steps = [_pulumi_destroy(stack, Layer.FUNCTIONS, yes=yes)]
    if with_journal:
        ground = _pulumi_stack(Layer.GROUND, stack)
        steps += [
            Step(
                "Le journal est vidé",
                ("gcloud", "storage", "rm", "--recursive", f"gs://{stack.bucket('journal')}/**"),
                "Le journal n'a pas pu être vidé : recommencez.",
                optional=True,  # it fails if the journal is empty; the bucket's removal decides
            ),
            Step(
                "Le seau du journal n'est plus protégé",
                ("pulumi", "state", "unprotect", "--all", "--yes", *ground),
                _STATE,
                environ=pulumi_environ(stack),
            ),
            _pulumi_destroy(stack, Layer.GROUND, yes=yes),
        ]
    return steps


def _preconditions(stack: Stack) -> Iterator[Step]:
    """What can be known before anything is made."""
    yield Step(
        "Le projet existe",
        ("gcloud", "projects", "describe", stack.project, "--format=value(projectId)"),
        f"Le projet {stack.project} n'est pas accessible : lancez « gcloud auth login », puis "
        f"« gcloud projects create {stack.project} » s'il n'existe pas.",
        expect=stack.project,
    )
    yield Step(
        "Les services de Google qu'il faut pour commencer sont activés",
        _gcloud(stack, "services", "enable", *(f"{api}.googleapis.com" for api in _FIRST_APIS)),
        "Google n'a pas activé ces services : il faut être propriétaire du projet.",
    )
    yield Step(
        "La facturation est ouverte",
        (
            *("gcloud", "billing", "projects", "describe", stack.project),
            "--format=value(billingEnabled)",
        ),
        f"Le projet {stack.project} n'a pas de compte de facturation : « gcloud billing projects "
        f"link {stack.project} --billing-account=… » (docs/deploy.md, étape 3).",
        expect="True",
    )
    yield Step(
        "L'organisation permet un formulaire public",
        _gcloud(
            stack,
            *("org-policies", "describe", "run.managed.requireInvokerIam", "--effective"),
            "--format=value(spec.rules[0].enforce)",
        ),
        "Une règle de votre organisation, run.managed.requireInvokerIam, interdit un service que "
        "tout le monde peut appeler : demandez à qui l'administre une exception pour ce projet.",
        refuse="True",
        optional=True,  # the organisation may not let us see its rules
    )
    yield Step(
        "L'état de Pulumi a sa place",
        (
            *("gcloud", "storage", "buckets", "create", f"gs://{stack.bucket('state')}"),
            f"--project={stack.project}",
            f"--location={stack.region}",
            *("--uniform-bucket-level-access", "--public-access-prevention"),
        ),
        f"{stack.bucket('state')} n'a pas pu être créé : regardez vos droits sur le projet.",
        unless=("gcloud", "storage", "buckets", "describe", f"gs://{stack.bucket('state')}"),
    )


def _ground(stack: Stack, *, yes: bool) -> Iterator[Step]:
    yield _select(stack, Layer.GROUND)
    yield _up(stack, Layer.GROUND, yes=yes)
    for function in FUNCTIONS:
        for variable, secret in stack.secrets(function).items():
            yield Step(
                f"{function} a son secret {variable}",
                _accueil("cloud", "secret", stack.name, secret),
                f"Le secret {secret} manque encore : recommencez, et donnez-le.",
                unless=_gcloud(
                    stack, "secrets", "versions", "describe", "latest", f"--secret={secret}"
                ),
            )


def _way_of_mails(stack: Stack) -> Iterator[Step]:
    """What doctor has to know and no file says, if it holds a password."""
    if secret := stack.secrets("route").get(_MAIL):
        yield Step(
            "Le chemin des courriels",
            _gcloud(stack, "secrets", "versions", "access", "latest", f"--secret={secret}"),
            f"Le secret {secret} n'est pas lisible : regardez vos droits sur le projet.",
            keep="mail",
        )


def _workbook(stack: Stack, *, yes: bool) -> Iterator[Step]:
    yield from _way_of_mails(stack)
    # A workbook that is still to be prepared has faults, which the next steps mend.
    yield _doctor(stack, optional=yes, forgive=_GO_ON)
    environ, acts_as = _workbook_environ(stack), stack.account("route")
    yield Step(
        "Ce que le classeur va recevoir",
        _accueil("sheet", "plan"),
        f"Le classeur ne s'ouvre pas : partagez-le avec {stack.account('route')} (éditeur) et "
        f"{stack.account('digest')} (lecteur), puis recommencez.",
        environ=environ,
        acts_as=acts_as,
    )
    yield Step(
        "Le classeur est préparé",
        _accueil("sheet", "apply", "--yes"),
        "Le classeur n'a pas changé : lisez ce qui précède, puis recommencez.",
        ask="" if yes else "Faire ces changements dans le classeur ?",
        environ=environ,
        acts_as=acts_as,
    )
    if stack.fictional:
        yield Step(
            "Le classeur est rempli de personnes fictives",
            _accueil("cloud", "fill"),
            "Le classeur n'a pas pu être rempli : recommencez.",
            environ=environ,
            acts_as=acts_as,
        )


def _functions(stack: Stack, *, yes: bool) -> Iterator[Step]:
    yield Step(
        "L'image des fonctions est construite",
        _accueil("cloud", "build", stack.name),
        "La construction a échoué : son journal, dont l'adresse précède, dit pourquoi.",
        keep="image",
    )
    yield _select(stack, Layer.FUNCTIONS)
    yield _up(
        stack,
        Layer.FUNCTIONS,
        yes=yes,
        ACCUEIL_IMAGE="{image}",
        ACCUEIL_DEPLOYMENT="{deployment}",
        ACCUEIL_DEPLOY_KEY="{key_hash}",
    )
    yield Step(
        "L'adresse du formulaire",
        ("pulumi", "stack", "output", "formulaire", *_pulumi_stack(Layer.FUNCTIONS, stack)),
        _STATE,
        environ=pulumi_environ(stack),
        keep="form",
    )


def _doctor(stack: Stack, *, optional: bool = False, forgive: str = "") -> Step:
    return Step(
        "accueil doctor",
        _accueil("doctor", "--for", "route"),
        "Quelque chose n'est pas en ordre : chaque ligne dit quoi faire. Si le classeur ne s'ouvre "
        f"pas, partagez-le avec {stack.account('route')} (éditeur) et {stack.account('digest')} "
        f"(lecteur), puis recommencez : make deploy STACK={stack.name}.",
        environ={_MAIL: "{mail}", **stack.environment("route")},
        optional=optional,
        forgive=forgive,
        acts_as=stack.account("route"),
    )


def _select(stack: Stack, layer: Layer) -> Step:
    return Step(
        f"La pile {layer.of(stack.name)}",
        ("pulumi", "stack", "select", layer.of(stack.name), "--create", "--cwd", PROGRAM),
        _STATE,
        environ=pulumi_environ(stack),
    )


def _up(stack: Stack, layer: Layer, *, yes: bool, **environ: str) -> Step:
    return Step(
        _LAYERS[layer],
        ("pulumi", "up", *_pulumi_stack(layer, stack), *(("--yes",) if yes else ())),
        "Google Cloud a refusé : la dernière ligne en rouge dit pourquoi. Corrigez, puis "
        f"recommencez : make deploy STACK={stack.name}.",
        environ={**pulumi_environ(stack), **environ},
    )


def _pulumi_destroy(stack: Stack, layer: Layer, *, yes: bool) -> Step:
    return Step(
        f"Retrait : {_LAYERS[layer]}",
        ("pulumi", "destroy", *_pulumi_stack(layer, stack), *(("--yes",) if yes else ())),
        "Google Cloud a refusé : la dernière ligne en rouge dit pourquoi. Corrigez, recommencez.",
        environ=pulumi_environ(stack),
    )


_LAYERS = {
    Layer.GROUND: "Comptes, journal et secrets",
    Layer.FUNCTIONS: "Fonctions, notifications, horaires et alertes",
}
_STATE = "L'état de Pulumi ne répond pas : lancez « gcloud auth application-default login »."


def _pulumi_stack(layer: Layer, stack: Stack) -> tuple[str, ...]:
    return ("--stack", layer.of(stack.name), "--cwd", PROGRAM)


def pulumi_environ(stack: Stack) -> dict[str, str]:
    """Where Pulumi finds the stack's state, and which project it is about."""
    return {
        "PULUMI_BACKEND_URL": f"gs://{stack.bucket('state')}",
        # Nothing in the state is secret, so there is no passphrase that somebody could lose.
        "PULUMI_CONFIG_PASSPHRASE": "",
        "GOOGLE_PROJECT": stack.project,
        "GOOGLE_REGION": stack.region,
        # Calls to the budget's API count for this project, not for gcloud's own.
        "USER_PROJECT_OVERRIDE": "true",
        "GOOGLE_BILLING_PROJECT": stack.project,
    }


def _workbook_environ(stack: Stack) -> dict[str, str]:
    variable = SETTINGS["spreadsheet"].variable
    return {variable: stack.settings[variable]}


def _accueil(*words: str) -> tuple[str, ...]:
    return ("accueil", *words)


def _gcloud(stack: Stack, *words: str) -> tuple[str, ...]:
    return ("gcloud", *words, f"--project={stack.project}")
