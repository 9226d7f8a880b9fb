"""The objects of the journal about mails that people answer without opening the sheet.

| folder | object | class |
|---|---|---|
| `links/<letter>` | a mail with links, so that intake knows what each of them is about | Letter |
| `answers/<letter>.<reference>.<choice>` | an answer that waits for route | Reply |
| `answered/<letter>.<reference>.<choice>` | a tombstone: this answer was dealt with | Answered |
| `stages/<reference>/<time>` | how far a request has come, for the applicant's page | Stage |
| `unsubscribed/<hash>` | whoever reads this address wants no mail on Mondays | no content |

A name says nothing about anybody. The name of a letter begins with the day on which its links
expire, so the housekeeping need not read it.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal, get_args

from functions.shared.journal.entries import (
    Json,
    check_texts,
    read_moment,
    read_object,
    stamp,
    write_object,
)
from sheets_schema.schema import CLOSED_STATUSES, UNCONTACTED

# What a person answers about a request: she has called, nobody replied, it is not for her, she
# takes it up, she closes it because its applicant needs no help any more. By `renew` she asks for
# new links in the place of expired ones.
Choice = Literal["called", "no_answer", "not_mine", "taken_up", "close", "renew"]
CHOICES: tuple[Choice, ...] = get_args(Choice)
# About Monday's mail: not to get it, or to get it again.
Subscription = Literal["opt_out", "opt_in"]
SUBSCRIPTIONS: tuple[Subscription, ...] = get_args(Subscription)

# What an applicant says from their own page, or of how they are after settling: another phone or
# e-mail, another project, no help needed any more, erase what is known; all is well, please call.
Wish = Literal["phone", "email", "changed", "no_need", "erase", "well", "call_me"]
WISHES: tuple[Wish, ...] = get_args(Wish)
Answer = Choice | Subscription | Wish

UNREACHED = (*UNCONTACTED, "no_answer")  # statuses of a person with whom nobody has spoken


def read_choices(names: Iterable[str]) -> tuple[Choice, ...]:
    """Answers by their names.

    Raises:
        ValueError: one of them is no answer.
    """
    return tuple(CHOICES[CHOICES.index(name)] for name in names)


@dataclass(frozen=True)
class Asked:
    """What a mail shows of a request and asks about it.

    `first_name` is the applicant's, all that a page shows of them. `reader` is the person whom the
    mail is for, `referent` who followed the request, and `status` its status, when the mail left.

    `lang` is the language of a mail to the applicant, who then is its reader; it is "" in a mail to
    staff. Only to the applicant, `organisation` and `phone` say how to reach the referent. Only to
    staff, `choices` are the answers that the mail offers; older mails did not keep them.
    """

    first_name: str
    reader: str
    referent: str
    status: str
    organisation: str = ""
    phone: str = ""
    lang: str = ""
    choices: tuple[Choice, ...] = ()

    @classmethod
    def from_data(cls, data: Json) -> "Asked":
        """Read one back from a part of an object.

        Raises:
            ValueError, TypeError: it is none.
        """
        texts = {name: value for name, value in data.items() if name != "choices"}
        check_texts(*texts.values())
        return cls(**texts, choices=read_choices(data.get("choices", ())))


@dataclass(frozen=True)
class Letter:
    """A mail with links. `key` signs them; `reader` names whom it is for, `address` where it went.

    `requests` holds what it asks about, by reference.
    """

    key: str
    reader: str
    address: str
    requests: Mapping[str, Asked] = field(default_factory=dict)

    def to_json(self) -> bytes:
        """The object's content."""
        requests = {reference: vars(asked) for reference, asked in self.requests.items()}
        return write_object(
            3, key=self.key, reader=self.reader, address=self.address, requests=requests
        )

    @classmethod
    def from_json(cls, body: bytes) -> "Letter":
        """Read one back. Version 1 was for mails to staff only, version 2 kept no `choices`.

        Raises:
            ValueError, KeyError, TypeError, AttributeError: it is none.
        """
        data = read_object(body, 3)
        check_texts(data["key"], data["reader"], data["address"])
        requests = {
            reference: Asked.from_data(asked) for reference, asked in data["requests"].items()
        }
        return cls(data["key"], data["reader"], data["address"], requests)


@dataclass(frozen=True)
class Reply:
    """What a person answered from a mail.

    `at` is when. `reason` says why a request is not for them; an applicant's says what they wrote.
    `address` is where an applicant's mail went. For an answer about Monday's mail there is no
    reference, and only the reader counts.
    """

    reference: str
    choice: Answer
    at: datetime
    asked: Asked
    reason: str = ""
    address: str = ""

    def to_json(self) -> bytes:
        """The object's content."""
        return write_object(
            4,
            reference=self.reference,
            choice=self.choice,
            at=stamp(self.at),
            asked=vars(self.asked),
            reason=self.reason,
            address=self.address,
        )

    @classmethod
    def from_json(cls, body: bytes) -> "Reply":
        """Read one back. Version 1 knew no answers of applicants, 2 no `close`, 3 no `choices`.

        Raises:
            ValueError, KeyError, TypeError, AttributeError: it is none.
        """
        data = read_object(body, 4)
        choice, address = data["choice"], data.get("address", "")
        if choice not in (*CHOICES, *SUBSCRIPTIONS, *WISHES):
            raise ValueError(choice)
        check_texts(data["reference"], data["reason"], address)
        return cls(
            data["reference"],
            choice,
            read_moment(data["at"]),
            Asked.from_data(data["asked"]),
            data["reason"],
            address,
        )


@dataclass(frozen=True)
class Answered:
    """Says that an answer was dealt with; `status` is the title of the status that it left."""

    status: str

    def to_json(self) -> bytes:
        """The object's content."""
        return write_object(1, status=self.status)

    @classmethod
    def from_json(cls, body: bytes) -> "Answered":
        """Read one back.

        Raises:
            ValueError, KeyError, TypeError, AttributeError: it is none.
        """
        return cls(str(read_object(body, 1)["status"]))


# How far a request has come, as its applicant sees it.
Step = Literal["received", "assigned", "tried", "contacted", "settled", "closed"]
_STEPS: Mapping[str, Step] = {
    "no_answer": "tried",
    "in_progress": "contacted",
    "waiting": "contacted",
    "long_term": "contacted",
    "settled": "settled",
    "closed": "closed",
    "junk": "closed",
}


def step_of(status: str, referent: str) -> Step:
    """How far a request has come, by its status and by who follows it; "" for nobody.

    What waits for another referent is as good as new.
    """
    if status in _STEPS:
        return _STEPS[status]
    return "assigned" if referent and status != "to_reroute" else "received"


@dataclass(frozen=True)
class Stage:
    """How far a request has come, who follows it, and since when; None where that is not known.

    It is kept where a request changed after a mail had left, so that the applicant's page is true.
    """

    step: Step
    referent: str
    organisation: str
    phone: str
    since: datetime | None = None

    def to_data(self) -> Json:
        """The stage as a part of an object."""
        return {**vars(self), "since": self.since and stamp(self.since)}

    @classmethod
    def from_data(cls, data: Json) -> "Stage":
        """Read one back from a part of an object.

        Raises:
            ValueError, KeyError, TypeError: it is none.
        """
        step, since = data["step"], data["since"]
        if step not in get_args(Step):
            raise ValueError(step)
        texts = data["referent"], data["organisation"], data["phone"]
        check_texts(*texts)
        return cls(step, *texts, read_moment(since) if since else None)

    def to_json(self) -> bytes:
        """The object's content."""
        return write_object(1, **self.to_data())

    @classmethod
    def from_json(cls, body: bytes) -> "Stage":
        """Read one back.

        Raises:
            ValueError, KeyError, TypeError, AttributeError: it is none.
        """
        return cls.from_data(read_object(body, 1))


def status_after(choice: str, status: str) -> str:
    """The status that an answer sets in the place of another one; "" if it leaves that."""
    if choice == "called" and status in UNREACHED:
        return "in_progress"
    if choice == "no_answer" and status in UNCONTACTED:
        return "no_answer"
    return "closed" if choice == "close" and status not in CLOSED_STATUSES else ""


def unsubscribed(address: str) -> str:
    """The key that says that whoever reads an address wants no mail on Mondays."""
    return f"unsubscribed/{hashlib.sha256(address.casefold().encode()).hexdigest()[:32]}"


def expires_on(letter: str) -> date:
    """The last day on which the links of a letter are good, by the letter's name.

    Raises:
        ValueError: it is no name of a letter.
    """
    return date.fromisoformat(f"{letter[:4]}-{letter[4:6]}-{letter[6:8]}")
