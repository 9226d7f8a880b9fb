"""Says what is right and wrong in how a page shows the form, without asking anybody. Pure."""

import html
from collections.abc import Iterable, Iterator

from infra.site.addresses import bare, query, with_query
from infra.site.embeds import PLACE, SCRIPT, Embeds, Frame, Place
from infra.site.findings import Finding, remark, right, wrong

TITLE = "Formulaire : votre projet d'installation dans le Lot"  # as in docs/website.md
_NEEDED_IN_SANDBOX = ("allow-forms", "allow-scripts", "allow-same-origin", "allow-popups")


def sandbox_lacks(flags: Iterable[str]) -> list[str]:
    """What a sandbox has to let the form do besides; the attribute and the policy name it alike."""
    return [one for one in _NEEDED_IN_SANDBOX if one not in map(str.lower, flags)]


def put_together(found: Embeds) -> Iterator[Finding]:
    """Whether script, elements and iframes are all there, with what they need."""
    if found.places and not found.scripts:
        yield wrong(
            f"La page a un élément {PLACE}, mais pas le script {SCRIPT} : seul son lien se voit. "
            "Ajoutez <script type=module>, ou demandez à l'éditeur du site de ne pas le retirer."
        )
    if found.scripts and not found.places and not found.frames:
        yield wrong(
            f"La page a le script, mais aucun élément {PLACE} : le formulaire n'a pas de place. "
            f"Ajoutez <p {PLACE}> là où il doit se montrer."
        )
    for script in found.scripts:
        if not script.module:
            yield wrong(
                f'Le script {script.url} est chargé sans type="module" : ajoutez-le, sans quoi les '
                "navigateurs anciens s'arrêtent dessus au lieu de montrer le lien."
            )
    for place in found.places:
        yield from _place(place, found)
    for frame in found.frames:
        yield from _frame(frame, resized=bool(found.scripts))
    if found.links and not found.places and not found.frames:
        yield right("La page mène au formulaire par un lien.")


def _place(place: Place, found: Embeds) -> Iterator[Finding]:
    if place.link is None:
        yield wrong(
            f"L'élément {PLACE} ne contient pas de lien : avec un navigateur ancien ou sans "
            "JavaScript, il n'y a rien. Mettez-y un lien vers le formulaire."
        )
    elif found.scripts and bare(place.link) not in [one.form for one in found.scripts]:
        yield wrong(
            f"Le lien de l'élément {PLACE} mène à {place.link}, et le script vient de "
            f"{found.scripts[0].form} : mettez la même adresse."
        )


def _frame(frame: Frame, *, resized: bool) -> Iterator[Finding]:
    if not frame.title:
        yield remark(
            "L'iframe n'a pas d'attribut title : qui se fait lire la page ne sait pas ce que "
            f'c\'est, et le RGAA (critère 2.1) le demande. Ajoutez title="{TITLE}".'
        )
    if not frame.sized and not resized:
        yield remark(
            "L'iframe n'a pas de hauteur : sans elle, elle en a 150 pixels. Ajoutez "
            'height="2800", ou le script qui la règle (docs/website.md).'
        )
    if frame.sandbox is not None:
        missing = sandbox_lacks(frame.sandbox.split())
        if missing:
            yield wrong(f"L'iframe a un attribut sandbox : ajoutez-y {' '.join(missing)}.")
    yield from _shown_as(frame)


def _shown_as(frame: Frame) -> Iterator[Finding]:
    mended = f'mettez src="{html.escape(with_query(frame.url, "frame", "embed"))}".'
    match query(frame.url).get("frame"):
        case "embed":
            return
        case "fragment":
            yield wrong(
                f"L'iframe montre le formulaire sans mise en forme (frame=fragment) : {mended}"
            )
        case _:
            yield remark(
                "L'iframe montre la page entière du formulaire, avec son propre bandeau au milieu "
                f"du site : {mended}"
            )
