"""`accueil referent`: what follows when a referent leaves or joins, and what is left to do."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import click

from functions.route.decide.assignment import Assignment, assign
from functions.route.decide.completion import CompletionContext, known_person
from functions.route.decide.handover import destination
from functions.route.decide.lookup import TABLES, Lookup, Referent, read_lookup
from functions.route.read.moves import FOLDER
from functions.shared.errors import AccueilError
from functions.shared.french import day
from functions.shared.journal.formats import Move, WaitingMail
from functions.shared.journal.store import Journal, legible
from functions.shared.request import RequestRow, read_requests
from functions.shared.sheets.google import GoogleWorkbook
from infra.options import journal_option, open_address, open_spreadsheet, spreadsheet_options
from infra.patience import patiently
from sheets_schema.columns import PARIS
from sheets_schema.tab import Part, tab
from sheets_schema.territory import territories
from sheets_schema.text import normalise, quoted

RULES = "RULES"  # in the place of a name: the rules decide
_YEAR = timedelta(days=365)
_UNSURE = "le système en jugera à son passage"


@click.group()
def referent() -> None:
    """Voir ce qu'entraîne le départ ou l'arrivée d'une personne référente, et le faire."""


@referent.command()
@click.argument("name", metavar="NOM")
@click.option(
    "--until",
    type=click.DateTime(["%Y-%m-%d", "%d/%m/%Y"]),
    metavar="DATE",
    help="Le dernier jour de son absence, 2027-01-03 ou 03/01/2027.",
)
@click.option("--for-good", is_flag=True, help="Cette personne ne revient pas.")
@click.option(
    "--to",
    "receiver",
    required=True,
    metavar=f"{RULES}|NOM",
    help=f"Qui reprend ses demandes ouvertes : une personne, ou {RULES} pour suivre les règles.",
)
@click.option("--dry-run", is_flag=True, help="Montrer seulement, ne rien changer.")
@journal_option
@spreadsheet_options
def leave(
    name: str,
    until: datetime | None,
    for_good: bool,
    receiver: str,
    dry_run: bool,
    address: str,
    spreadsheet: str,
    api: str,
) -> None:
    """Confier à d'autres les demandes ouvertes de quelqu'un qui part ou s'absente.

    Cette commande n'écrit pas dans le classeur : elle laisse un ordre par demande, que le système
    exécute à son prochain passage, avec un courriel à chaque personne qui reprend. Ce que quelqu'un
    choisit entre-temps dans Référent l'emporte. Commencez par --dry-run.
    """
    if bool(until) == for_good:
        raise AccueilError("Précisez --until DATE, ou --for-good : l'un des deux.")
    office = _read(open_spreadsheet(spreadsheet, api))
    person = office.person(name)
    if receiver != RULES:
        receiver = office.person(receiver).name
        if normalise(receiver) == normalise(person.name):
            raise AccueilError("Avec --to, nommez quelqu'un d'autre que la personne qui part.")
    last = until.date() if until else None
    if last and last < office.today:
        raise AccueilError(f"Le {day(last)} {last.year} est passé : indiquez un jour à venir.")
    move = Move(person.name, "" if receiver == RULES else receiver, last)
    requests = office.followed_by(person)
    _show(office, person, move, requests)
    movable = [row.request.reference for row in requests if row.request.reference]
    if dry_run:
        click.echo("Rien n'a été changé. Sans --dry-run, ces demandes seront confiées à d'autres.")
    else:
        journal = open_address(address)
        for reference in movable:
            key = f"{FOLDER}{reference}"
            journal.delete(key)  # an earlier order for this request
            journal.create(key, move.to_json())
        click.echo(
            f"{_count(len(movable))} : ordre donné ; le système le suit en quelques minutes."
        )
        if for_good:
            count = _drop_mails(journal, person)
            click.echo(f"Courriels en attente pour cette personne, retirés : {count}.")
    _remind(office, person, last)


def _show(office: "_Office", person: Referent, move: Move, requests: Sequence[RequestRow]) -> None:
    click.echo(f"Demandes ouvertes de {person.name} : {len(requests)}")
    for row in requests:
        reference = (
            row.request.reference or f"ligne {row.number}, sans référence : à changer à la main"
        )
        click.echo(f"  {reference:14} → {office.receiver(move, row)}")


def _remind(office: "_Office", person: Referent, last: date | None) -> None:
    """What people still have to do: the system never writes into their tabs."""
    title = tab("referents").title
    click.echo("Reste à faire, dans le classeur :")
    if last:
        click.echo(f"  {title}, {person.name} : « Indisponible au » {last:%d/%m/%Y}.")
    else:
        click.echo(f"  {title}, {person.name} : « Actif » à Non. Ses courriels cessent alors.")
    for rule in office.lookup.rules:
        if any(normalise(named) == normalise(person.name) for named in rule.referents):
            only = " seule" if len(rule.referents) == 1 else ""
            click.echo(f"  {tab('rules').title}, règle {rule.number} : nomme cette personne{only}.")
    for other in office.lookup.people.values():
        if normalise(other.substitute or "") == normalise(person.name):
            click.echo(f"  {title}, {other.name} : a cette personne pour suppléante.")
    default = office.lookup.default
    if default and normalise(default.name) == normalise(person.name):
        click.echo(f"  {tab('coordination').title} : cette personne est référente par défaut.")
    if not last:
        shared = f" avec {person.email}" if person.email else ""
        click.echo("Reste à faire, dans Google Drive :")
        click.echo(f"  Retirez le partage du classeur{shared} (bouton Partager).")
        click.echo("  « accueil access » dit qui peut encore ouvrir le classeur.")


def _drop_mails(journal: Journal, person: Referent) -> int:
    """Delete the mails that wait for somebody; an illegible one stays."""
    count = 0
    for key in journal.keys("outbox/"):
        body = journal.read(key)
        if body is None:
            continue
        try:
            with legible(key):
                mail = WaitingMail.from_json(body)
        except AccueilError:
            continue
        if normalise(mail.to) == normalise(person.name) and not mail.address:
            journal.delete(key)
            count += 1
    return count


@referent.command()
@click.argument("name", metavar="NOM")
@spreadsheet_options
def join(name: str, spreadsheet: str, api: str) -> None:
    """Voir ce qu'il faut pour que quelqu'un reçoive des demandes, et lesquelles ce serait."""
    office = _read(open_spreadsheet(spreadsheet, api))
    person = office.lookup.referent(name)
    title = tab("referents").title
    if not person:
        near = office.near(name)
        click.echo(f"{quoted(name)} n'est pas dans l'onglet {title}.{near}")
        click.echo("À faire :")
        click.echo(f"  {title} : une ligne avec Nom, Courriel et Organisme.")
        click.echo(f"  {tab('rules').title} : une règle qui nomme cette personne.")
        click.echo("  Google Drive : partagez-lui le classeur (bouton Partager, Éditeur).")
        return
    numbers = [
        str(rule.number)
        for rule in office.lookup.rules
        if any(normalise(named) == normalise(person.name) for named in rule.referents)
    ]
    for fault in _lacking(person, office.today, numbers):
        click.echo(f"À faire : {fault}")
    click.echo(f"À faire, sauf si c'est fait : partager le classeur avec {person.email or 'elle'}.")
    click.echo(f"Règles qui nomment {person.name} : {', '.join(numbers) or 'aucune'}.")
    stood_in = [
        other.name
        for other in office.lookup.people.values()
        if normalise(other.substitute or "") == normalise(person.name)
    ]
    if stood_in:
        click.echo(f"Supplée : {', '.join(stood_in)}.")
    click.echo(f"Demandes ouvertes qu'elle suit : {len(office.followed_by(person))}.")
    lately, waiting = office.would_get(person)
    click.echo(f"Demandes de l'année que les règles d'aujourd'hui lui donneraient : {lately}.")
    click.echo(f"Demandes sans référent qui lui reviendraient : {waiting}.")


def _lacking(person: Referent, today: date, rules: Sequence[str]) -> list[str]:
    title = tab("referents").title
    faults = []
    if not person.email:
        faults.append(f"{title}, {person.name} : un Courriel qui puisse être lu.")
    if not person.active:
        faults.append(f"{title}, {person.name} : « Actif » à Oui.")
    if person.absent(today):
        faults.append(f"{title}, {person.name} : ses dates d'absence sont en cours.")
    if not rules:
        faults.append(f"{tab('rules').title} : une règle qui nomme cette personne.")
    return faults


@dataclass(frozen=True)
class _Office:
    """What was read of the workbook."""

    lookup: Lookup
    requests: Sequence[RequestRow]
    now: datetime

    @property
    def today(self) -> date:
        """The day in Paris."""
        return self.now.astimezone(PARIS).date()

    def person(self, name: str) -> Referent:
        """The referent of a name, or the default referent.

        Raises:
            AccueilError: nobody has the name; the sentence says which are near.
        """
        person = known_person(name, self.lookup)
        if not person:
            raise AccueilError(
                f"{quoted(name)} n'est pas dans l'onglet {tab('referents').title}.{self.near(name)}"
            )
        return person

    def near(self, name: str) -> str:
        near = self.lookup.nearest(name)
        return f" Vouliez-vous dire {' ou '.join(map(quoted, near))} ?" if near else ""

    def followed_by(self, person: Referent) -> list[RequestRow]:
        """Their open requests."""
        return [
            row
            for row in self.requests
            if normalise(row.request["referent"] or "") == normalise(person.name)
            and not row.request.is_closed
        ]

    def receiver(self, move: Move, row: RequestRow) -> str:
        """Who would get a request, as far as it can be said without what sweeps remember."""
        context = CompletionContext(self.lookup, self.now, str)
        lead = destination(move, row.request, context).lead
        return lead.name if lead else f"personne ne peut la reprendre, {_UNSURE}"

    def would_get(self, person: Referent) -> tuple[int, int]:
        """How many requests of the last year, and of those without a referent, are for somebody."""
        lately = waiting = 0
        for row in self.requests:
            received, request = row.request["received_at"], row.request
            recent = received and received.astimezone(PARIS).date() > self.today - _YEAR
            alone = not request["referent"] and not request.is_closed
            if not request.is_test and (recent or alone):
                assignment: Assignment = assign(request, self.lookup, self.today)
                hers = assignment.lead == person
                lately += bool(hers and recent)
                waiting += hers and alone
        return lately, waiting


def _read(workbook: GoogleWorkbook) -> _Office:
    parts: dict[str, Part] = dict.fromkeys(("requests", "system", *TABLES), "all")
    reading = patiently(lambda: workbook.read(parts))
    official = territories()
    lookup, _ = read_lookup(reading, official)
    columns = [
        column.key
        for column in tab("requests").columns
        if column.key in reading.positions("requests")
    ]
    requests = read_requests(reading, columns, official)
    return _Office(lookup, requests, datetime.now(UTC))


def _count(number: int) -> str:
    return f"{number} demande{'s' if number > 1 else ''}"
