"""What becomes of what an applicant said from their own page. Pure.

Whoever follows the request by now is told by a mail, and Suivi says so: a person acts on it. Only
an address is changed in the row, and only if its cell still holds the one that the applicant's mail
went to. A phone number cannot be carried by a token, because Sheets could take it for a quantity.
So À vérifier asks a person to write it, as it does for an address that an edit cannot write.
"""

from collections.abc import Mapping
from dataclasses import replace

from functions.route.decide.applicants import new_page
from functions.route.decide.completion import (
    Candidate,
    Completion,
    CompletionContext,
    known_person,
    written,
)
from functions.route.decide.decision import Decision
from functions.route.decide.history import Event, status_of
from functions.route.decide.notices import Notice, heard
from functions.shared.concerns import ERASURE, Concern
from functions.shared.french import day
from functions.shared.journal.formats import NO_COURSE, Dealt, State
from functions.shared.journal.replies import Reply, Wish
from functions.shared.links import NEWS
from functions.shared.settling import months_after
from sheets_schema.columns import PARIS, as_text
from sheets_schema.schema import CLOSED_STATUSES
from sheets_schema.tab import tab

# How Suivi and the referent's mail call what an applicant said.
WORDS: Mapping[Wish, str] = {
    "phone": "Mon téléphone a changé",
    "email": "Mon courriel a changé",
    "changed": "Mon projet a changé",
    "no_need": "Je n'ai plus besoin d'aide",
    "erase": "Effacer mes données",
    "well": NEWS["well"]["fr"],
    "call_me": NEWS["call_me"]["fr"],
}


def hear(
    name: str, reply: Reply, state: State, candidate: Candidate, context: CompletionContext
) -> Decision:
    """Decide what becomes of what an applicant said.

    Args:
        name: the name of the answer in the journal.
        reply: what they said.
        state: the request as it is.
        candidate: its row.
        context: the lookup tables, the moment, and what is remembered of requests.
    """
    if reply.choice == "renew":
        letter = new_page(candidate.request, reply.asked.lang, context.lookup)
        letters = (letter,) if candidate.request["email"] else ()
        return Decision(dealt=Dealt(name), letters=letters)
    edit, barred = written(candidate, reply.reference, _values(reply, candidate))
    changed = bool(edit.changes)
    sentence = _sentence(reply, candidate, changed=changed)
    status = status_of(state.status)
    if status in CLOSED_STATUSES:
        sentence += f" Le statut de la demande est « {state.status} »."
    events = (Event(reply.reference, "heard", "", "", state.referent, _why(reply)),)
    concerns = [*barred, *_concerns(reply, candidate)]
    notices: list[Notice] = []
    if person := known_person(state.referent, context.lookup):
        asked = "" if status in CLOSED_STATUSES else status
        line = heard(candidate.request, reply.reference, person.name, sentence, asked, reply.choice)
        notices = [Notice("heard", person.name, line)]
    elif reply.choice != "well" and not concerns:
        concerns = [_unfollowed(reply, sentence)]
    if not changed:
        return Decision(None, events, tuple(notices), said=tuple(concerns), dealt=Dealt(name))
    notices = [replace(notice, if_confirmed=reply.reference) for notice in notices]
    course = context.courses.get(reply.reference, NO_COURSE)
    completion = Completion(edit, events, tuple(notices), tuple(concerns), course)
    return Decision(completion, dealt=Dealt(name, "", reply.reference))


def unheard(name: str, reply: Reply) -> Decision:
    """What becomes of what was said about a request whose row was deleted."""
    if reply.choice in ("renew", "well"):
        return Decision(dealt=Dealt(name))
    if reply.choice == "erase":
        more = " Sa ligne n'est plus là, mais l'historique des versions du classeur la garde."
        return Decision(said=(_erasure(reply, more),), dealt=Dealt(name))
    concern = Concern(
        reply.reference,
        f"La ligne de cette demande n'est plus là, et la personne a répondu {_why(reply)} "
        f"(le {_on(reply)}).",
        "Si la demande est close, il n'y a rien à faire. Sinon, retrouvez-la dans l'historique des "
        "versions du classeur.",
    )
    return Decision(said=(concern,), dealt=Dealt(name))


def _values(reply: Reply, candidate: Candidate) -> dict[str, str]:
    """The cells of the row to change."""
    if reply.choice != "email" or not _is_still(reply.address, candidate):
        return {}
    return {"email": reply.reason}


def _is_still(address: str, candidate: Candidate) -> bool:
    """Whether a row has an address, however it is spelled."""
    return str(candidate.request["email"] or "").casefold() == address.casefold()


def _sentence(reply: Reply, candidate: Candidate, *, changed: bool) -> str:
    """What the referent reads, and what to do."""
    match reply.choice:
        case "phone":
            return (
                f"Nouveau téléphone : {reply.reason}. Appelez pour le vérifier, puis écrivez-le "
                f"dans la colonne {_title('phone')}."
            )
        case "email" if changed:
            return f"Nouveau courriel : {reply.reason}. Il est déjà dans le classeur."
        case "email" if _is_still(reply.reason, candidate):
            return f"Nouveau courriel : {reply.reason}. Il était déjà dans le classeur."
        case "email":
            return (
                f"Nouveau courriel : {reply.reason}. La colonne {_title('email')} a changé "
                "entre-temps, rien n'y est écrit : corrigez-la s'il le faut."
            )
        case "changed":
            return f"Son projet a changé : « {reply.reason} »"
        case "no_need":
            closed, why = _choice("status", "closed"), _choice("closing_reason", "stop_requested")
            return (
                "Cette personne n'a plus besoin d'aide. La demande peut être close : "
                f"{_title('status')} à « {closed} », {_title('closing_reason')} à « {why} »."
            )
        case "erase":
            return (
                "Cette personne demande l'effacement de ses données. La coordination s'en charge ; "
                "ne notez plus rien sur elle."
            )
        case "well":
            return "« Tout va bien », répond cette personne quelque temps après son installation."
    return "Cette personne aimerait un appel."


def _concerns(reply: Reply, candidate: Candidate) -> list[Concern]:
    """What coordinators have to know or to do, whoever follows the request."""
    if reply.choice == "phone":
        return [
            Concern(
                reply.reference,
                f"Nouveau téléphone de cette personne, à sa demande (le {_on(reply)}) : "
                f"{reply.reason}.",
                f"Vérifiez-le de vive voix, puis écrivez-le dans la colonne {_title('phone')} de "
                "sa ligne : le système ne peut pas y écrire un numéro.",
            )
        ]
    if reply.choice == "erase":
        return [_erasure(reply)]
    if reply.choice == "email" and not (
        _is_still(reply.address, candidate) or _is_still(reply.reason, candidate)
    ):
        return [
            Concern(
                reply.reference,
                f"Nouveau courriel de cette personne, à sa demande (le {_on(reply)}) : "
                f"{reply.reason}. La cellule avait changé entre-temps.",
                f"Corrigez la colonne {_title('email')} de sa ligne s'il le faut.",
            )
        ]
    return []


def _erasure(reply: Reply, more: str = "") -> Concern:
    until = months_after(reply.at.astimezone(PARIS).date(), 1)
    return Concern(
        reply.reference,
        f"{ERASURE} (le {_on(reply)}).{more}",
        f"Répondez-lui avant le {day(until)} (RGPD, article 12). Vérifiez d'abord que la demande "
        "vient d'elle : un courriel se transfère.",
    )


def _unfollowed(reply: Reply, sentence: str) -> Concern:
    return Concern(
        reply.reference,
        f"Message de la personne, que personne ne suit (le {_on(reply)}). {sentence}",
        f"Choisissez qui suit la demande dans la colonne {_title('referent')}, et transmettez.",
    )


def _why(reply: Reply) -> str:
    """What Suivi says: the words of the button, and what was written about the project."""
    text = f" : {reply.reason}" if reply.choice == "changed" else ""
    return f"« {WORDS[reply.choice]} »{text}"  # type: ignore[index]


def _on(reply: Reply) -> str:
    return day(reply.at.astimezone(PARIS).date())


def _title(column: str) -> str:
    return tab("requests")[column].title


def _choice(column: str, value: str) -> str:
    return as_text(tab("requests")[column].type.format(value))
