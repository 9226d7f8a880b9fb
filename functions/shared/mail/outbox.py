"""The outbox: mails that wait in the journal until they are sent, after the rows are written."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from functions.shared.concerns import Concern
from functions.shared.errors import (
    AccueilError,
    MailError,
    MailRefusedError,
    MailUnsureError,
)
from functions.shared.french import day
from functions.shared.journal.formats import WaitingMail
from functions.shared.journal.store import Journal, read_legible
from functions.shared.links import LinkMaker
from functions.shared.log import log
from functions.shared.mail.kinds import (
    KINDS,
    asked_in,
    is_to_applicant,
    names_in,
    render,
    size,
)
from functions.shared.mail.letter import message
from functions.shared.mail.mailer import Mailer
from functions.shared.mail.pace import Pace
from functions.shared.mail.refused import WAIT, Refused, RefusedAddresses, refusal
from functions.shared.stopping import is_stopping
from sheets_schema.columns import PARIS
from sheets_schema.tab import tab
from sheets_schema.text import normalise

# Up to so many waiting requests, mails leave at once. When more wait, as at a job fair, they stay
# until the next sweep, which sends each person all of them in one mail.
QUIET = 5
MOST_A_DAY = 300  # mails; a fair with two hundred requests in an afternoon causes fewer
_TRY = re.compile(r"(.+?)(?:\+(\d+))?")

FindAddress = Callable[[str], str | None]
# The address of an applicant by reference: "" if there is none, None where that is not known now.
FindApplicant = Callable[[str], str | None]
FindView = Callable[[str], str]


def outbox_key(name: str, mail: WaitingMail) -> str:
    """The key of a mail in the outbox: that of a mail to an applicant ends with the reference."""
    return f"outbox/{name}.{mail.to}" if is_to_applicant(mail) else f"outbox/{name}"


def applicant_of(key: str) -> str:
    """The reference of the request that a waiting mail to an applicant is about; else ""."""
    return _parse(key)[0].partition(".")[2]


@dataclass(frozen=True)
class _Letter:
    """Mails of one kind to one address, by their keys; they are sent together, as one mail.

    The address is "" where it is not known. `workbook` is the address that it links to, and
    `reply_to` that of whoever reads an answer, "" for the sender.
    """

    address: str
    mails: dict[str, WaitingMail]
    workbook: str = ""
    reply_to: str = ""

    @property
    def is_about_requests(self) -> bool:
        """Whether a flood of requests could make many of them. Alarms are no part of it."""
        return any("requests" in mail.data for mail in self.mails.values())

    @property
    def is_outside(self) -> bool:
        """Whether it goes to whoever wrote by the form."""
        return KINDS[next(iter(self.mails.values())).kind].last


@dataclass(frozen=True)
class Outbox:
    """Sends the mails that wait.

    `sheet_url` is where people open the spreadsheet, and `most_a_day` how many mails leave on one
    day, so that no flood of requests becomes a flood of mails. `intake_url` is where people answer
    from a mail; "" if they cannot.
    """

    journal: Journal
    mailer: Mailer
    sender: str
    sheet_url: str
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    most_a_day: int = MOST_A_DAY
    intake_url: str = ""
    is_stopping: Callable[[], bool] = is_stopping

    def send(
        self,
        until: datetime,
        find_address: FindAddress | None,
        *,
        sweep: bool,
        find_view: FindView = lambda _: "",
        find_applicant: FindApplicant = lambda _: None,
    ) -> list[Concern]:
        """Send each person one mail for each kind of mail that waits for them, until time is up.

        A person who got a mail of this kind in the last minutes waits (see `Pace`). What arrives
        meanwhile joins the mail. When as many mails left as may on one day, the rest waits for the
        next day.

        A mail is deleted after it is sent. If the process dies in between, the mail is sent again.
        If a mail cannot be sent, the reason decides what follows:

        - The server takes no mails: all mails wait for the next sweep.
        - The server refuses this recipient: the others get their mails. Nothing more is sent to
          this address. Mails to this person wait until it is corrected, WAIT at most.
        - The mail may have been sent: it counts as sent, because sending it twice would be worse.

        Args:
            until: when to stop.
            find_address: gives the address of a person in the lookup tables, by name. None where
                the tables cannot be read: then only mails with an address of their own are sent.
            sweep: whether to send as well when more than QUIET requests wait, and to try again
                the mails that were refused.
            find_view: gives, by name, the fragment of an address that opens the sheet in the view
                of a person's requests; "" if there is none.
            find_applicant: gives the address of an applicant as the row of their request has it
                now. A mail for which there is none any more is dropped.

        Returns:
            What À vérifier has to say about recipients.

        Raises:
            JournalError: the journal does not answer; a mail that was sent may be sent again.
        """
        waiting = self._waiting(find_applicant, sweep=sweep)
        if not waiting:
            return []
        refused = self.refused.look()
        letters = self._letters(waiting, find_address, find_applicant, refused)
        pace = Pace(self.journal, self.clock, self.most_a_day)
        concerns: list[Concern] = []
        held: set[bool] = set()
        with self.mailer.session() as mailer:
            for letter in letters:
                if self.is_stopping() or self.clock() >= until:
                    break
                outside = letter.is_outside
                if letter.is_about_requests and pace.is_spent(outside=outside):
                    held.add(outside)
                    continue
                try:
                    if letter.address and letter.address not in refused:
                        workbook = _book(self.sheet_url, letter, find_view)
                        concerns += self._send(replace(letter, workbook=workbook), pace, mailer)
                    else:
                        concerns.append(self._hold(letter))
                except MailError:
                    break
                except AccueilError:
                    raise
                except Exception as error:  # noqa: BLE001  (one letter must not hold up the others)
                    names = list(letter.mails)
                    log("ERROR", "unexpected error", notice=names[0], error=type(error).__name__)
        return [*concerns, *(self._ceiling(outside=outside) for outside in sorted(held))]

    @property
    def refused(self) -> RefusedAddresses:
        """The addresses to which nothing is sent."""
        return RefusedAddresses(self.journal, self.clock)

    def _waiting(self, find_applicant: FindApplicant, *, sweep: bool) -> Mapping[str, WaitingMail]:
        """The mails that may be sent now, by key; see `send`."""
        keys = self._newest(self.journal.keys("outbox/"))
        if not sweep:
            # Refused mails are for the sweeps. They do not count here, so that a new mail leaves at
            # once however many were refused.
            keys = [key for key in keys if not _parse(key)[1]]
        addresses = {key: find_applicant(name) for key in keys if (name := applicant_of(key))}
        for key in [key for key, address in addresses.items() if address == ""]:
            self.journal.delete(key)
        to_staff = [key for key in keys if key not in addresses]
        outside = [key for key, address in addresses.items() if address]
        # Either sort waits for itself, so that no flood of mails to applicants holds up the others.
        return self._read_all(to_staff, sweep=sweep) | self._read_all(outside, sweep=sweep)

    def _read_all(self, keys: list[str], *, sweep: bool) -> dict[str, WaitingMail]:
        """The mails under these keys; none if they are too many to leave before a sweep."""
        if len(keys) > QUIET and not sweep:
            return {}
        waiting = {key: mail for key in keys if (mail := self._read(key))}
        few = sum(map(size, waiting.values())) <= QUIET
        return waiting if few or sweep else {}

    def _newest(self, keys: list[str]) -> list[str]:
        """The last try of each mail. A process that was killed leaves an earlier try as well."""
        newest: dict[str, tuple[int, str]] = {}
        for key in keys:
            name, number = _parse(key)
            before = newest.get(name)
            if before is None or number > before[0]:
                newest[name] = (number, key)
                superseded = before and before[1]
            else:
                superseded = key
            if superseded:
                self.journal.delete(superseded)
        return [key for _, key in newest.values()]

    def _read(self, key: str) -> WaitingMail | None:
        """Read a mail; None if it is gone, or illegible, which is logged."""

        def parse(body: bytes) -> WaitingMail:
            mail = WaitingMail.from_json(body)
            # A KeyError if only a later version knows the kind, or if its data is incomplete.
            KINDS[mail.kind].gather([mail.data])
            return mail

        return read_legible(self.journal, key, parse)

    def _letters(
        self,
        waiting: Mapping[str, WaitingMail],
        find_address: FindAddress | None,
        find_applicant: FindApplicant,
        refused: Refused,
    ) -> list[_Letter]:
        """What is due, in the order in which it is sent.

        Args:
            waiting: the mails by key.
            find_address: see `send`.
            find_applicant: see `send`.
            refused: the addresses to which nothing is sent.
        """
        letters: dict[tuple[bool, str, str, str], _Letter] = {}
        find = find_address or (lambda _: None)
        for key, mail in waiting.items():
            given = find_applicant(mail.to) if is_to_applicant(mail) else mail.address
            if not (given or find_address):
                continue
            address = given or find(mail.to) or ""
            if self._is_due(mail, address, refused):
                whose = address.casefold() or normalise(mail.to)
                said = "" if not is_to_applicant(mail) else f"{mail.lang} {mail.data['contact']}"
                order = (KINDS[mail.kind].last, whose, mail.kind, said)
                reply_to = find(mail.data["contact"]["name"]) if said else None
                letter = _Letter(address, {}, reply_to=reply_to or "")
                letters.setdefault(order, letter).mails[key] = mail
        return [letters[order] for order in sorted(letters)]

    def _is_due(self, mail: WaitingMail, address: str, refused: Refused) -> bool:
        """Whether there is something to do about a mail now.

        Nothing is, as long as it waits for its address to be corrected.
        """
        if address and address not in refused:
            return True
        since = _held_since(mail, address)
        return since is None or self.clock() - since >= WAIT

    def _send(self, letter: _Letter, pace: Pace, mailer: Mailer) -> list[Concern]:
        """Send a letter if it is time, and return what À vérifier has to say about its recipient.

        Raises:
            MailError: the server does not take mails now.
        """
        first = next(iter(letter.mails))
        name = _parse(first)[0].replace("/", "-")
        outcome = "sent"
        kind = letter.mails[first].kind
        claim = pace.claim(kind, letter.address, outside=letter.is_outside)
        if claim is None:
            return []
        try:
            self._deliver(letter, name, mailer)
        except MailRefusedError:
            pace.release(claim)
            self.refused.add(letter.address)
            return [self._hold(letter)]
        except MailUnsureError:
            outcome = "unsure"
        except MailError as error:
            pace.release(claim)
            log("ERROR", str(error), notice=first, outcome="failed")
            raise
        except Exception:
            pace.release(claim)
            raise
        for key in letter.mails:
            self.journal.delete(key)
        log("INFO" if outcome == "sent" else "WARNING", "notice", notice=first, outcome=outcome)
        return []

    def _deliver(self, letter: _Letter, name: str, mailer: Mailer) -> None:
        mails = list(letter.mails.values())
        links = None
        if asked := asked_in(mails):
            maker = LinkMaker(self.journal, self.intake_url, self.clock)
            links = maker.links(names_in(mails), letter.address, asked)
        try:
            made = render(mails, letter.workbook, links)
            mailer.send(
                message(
                    made, self.sender, letter.address, name, self.clock(), reply_to=letter.reply_to
                )
            )
        except MailUnsureError:
            raise
        except Exception:
            if links:  # nobody has got them, and the next try makes others
                self.journal.delete(links.key_in_journal)
            raise

    def _ceiling(self, *, outside: bool) -> Concern:
        today = day(self.clock().astimezone(PARIS).date())
        to_whom = " à des personnes qui ont écrit" if outside else ""
        return Concern(
            "Courriels",
            f"{self.most_a_day} courriels{to_whom} sont partis le {today}, le plafond d'une "
            "journée : les suivants attendent le lendemain.",
            "Regardez si tant de demandes sont vraies. Toutes sont dans le classeur, avec leur "
            "référent ou référente.",
        )

    def _hold(self, letter: _Letter) -> Concern:
        """Let mails wait for their address to be corrected; those that waited too long are dropped.

        À vérifier has named the address since the first of them began to wait.
        """
        log("ERROR", "recipient refused", notice=next(iter(letter.mails)), outcome="refused")
        now = self.clock()
        for key, mail in letter.mails.items():
            since = _held_since(mail, letter.address)
            if since is None:
                tries = mail.attempts + 1
                held = replace(mail, attempts=tries, refused=letter.address, refused_at=now)
                self.journal.create(f"{_parse(key)[0]}+{tries}", held.to_json())
            if since is None or now - since >= WAIT:
                self.journal.delete(key)
        mail = next(iter(letter.mails.values()))
        place = "Courriels" if mail.address else tab("referents").title
        return refusal(mail.to, letter.address, place)


def _book(sheet_url: str, letter: _Letter, find_view: FindView) -> str:
    """Where a letter's link leads: to its reader's view, if all its requests are shown there."""
    mails = letter.mails.values()
    if any(map(is_to_applicant, mails)):
        return ""  # no link to the spreadsheet
    leads = {line["lead"] for mail in mails for line in mail.data.get("requests", ())}
    names = {mail.to for mail in mails}
    return sheet_url + find_view(*names) if len(names) == 1 and leads == names else sheet_url


def _parse(key: str) -> tuple[str, int]:
    """The key of a mail without the number of its try, and that number."""
    match = _TRY.fullmatch(key)
    assert match is not None
    return match[1], int(match[2] or 0)


def _held_since(mail: WaitingMail, address: str) -> datetime | None:
    """Since when a mail waits for this address to be corrected; None if it does not."""
    return mail.refused_at if address.casefold() == mail.refused.casefold() else None
