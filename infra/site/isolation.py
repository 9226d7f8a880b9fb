"""Says what shuts the form out of a page, whatever addresses the page allows. Pure.

W3C, Content Security Policy Level 3, sandbox (6.3.2); Trusted Types, require-trusted-types-for;
WHATWG HTML, cross-origin embedder policies: a frame needs one itself, and the form has none.
"""

from collections.abc import Iterator, Sequence

from infra.site.embeds import Embeds
from infra.site.findings import Finding, wrong
from infra.site.markup import sandbox_lacks
from infra.site.policy import read

_ISOLATING = ("require-corp", "credentialless")


def isolation(found: Embeds, policies: Sequence[str], embedder: str) -> Iterator[Finding]:
    """Whether a page lets its script and iframes work at all.

    Args:
        found: what there is of ours in the page, and the policies it states itself.
        policies: its Content-Security-Policy headers; a sandbox is read nowhere else.
        embedder: its Cross-Origin-Embedder-Policy header; empty where it has none.
    """
    drawn = bool(found.places and found.scripts)
    for rules in read(policies):
        missing = sandbox_lacks(rules["sandbox"]) if "sandbox" in rules else []
        if missing and (drawn or found.frames):
            yield wrong(
                "La Content-Security-Policy du site enferme la page (sandbox) : ajoutez-y "
                f"{' '.join(missing)}, ou retirez cette directive de la page du formulaire."
            )
    all_rules = read([*policies, *found.policies])
    guarded = any("'script'" in rules.get("require-trusted-types-for", ()) for rules in all_rules)
    if drawn and guarded:
        yield wrong(
            "La Content-Security-Policy du site (require-trusted-types-for 'script') empêche le "
            "script de dessiner le formulaire : seul son lien se voit, sauf si le site a une règle "
            "Trusted Types « default » qui le permet. Prenez l'iframe, ou retirez cette directive "
            "de la page du formulaire."
        )
    if found.frames and embedder.partition(";")[0].strip() in _ISOLATING:
        yield wrong(
            f"La page a l'en-tête Cross-Origin-Embedder-Policy: {embedder} : les navigateurs n'y "
            "montrent pas l'iframe. Prenez le script, qui n'en est pas gêné, ou retirez cet "
            "en-tête de la page du formulaire."
        )
