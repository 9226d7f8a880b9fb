"""Who is told what of an assignment, and which lines make one mail."""

import pytest

from functions.route.decide.assignment import Assignment
from functions.route.decide.lookup import Referent
from functions.route.decide.notices import Notice, NoticeLine, mails, notices
from functions.shared.journal.formats import WaitingMail
from functions.shared.request import Request

ANA, BOB = Referent("Ana Roux", "ana@example.org"), Referent("Bob Cros", "bob@example.org")
VALUES = {
    "reference": "LOT-1",
    "first_name": "Léo",
    "last_name": "Durand",
    "project": "employment",
    "target": "Figeac",
    "email": "leo@example.org",
}
LINE = NoticeLine(
    "LOT-1", "Léo Durand", "Trouver un emploi", "Figeac", "Ana Roux", "Règle 1", "Léo"
)


def made(assignment=None, **more):
    return notices(
        Request({**VALUES, **more}), "LOT-1", assignment or Assignment(ANA, (BOB,), "Règle 1")
    )


def test_the_lead_is_told_first_then_the_others():
    assert made() == [
        Notice("assigned", "Ana Roux", LINE),
        Notice("assigned", "Bob Cros", LINE),
    ]


def test_where_nobody_leads_nobody_is_told():
    assert made(Assignment(None, (BOB,), "Aucune règle")) == []


def test_what_is_blank_is_told_as_blank():
    (notice, _) = made(project=None, target=None)
    assert (notice.line.project, notice.line.target) == ("", "")


def test_of_a_trial_only_its_sender_is_told_at_their_own_address():
    assert made(source="test") == [Notice("trial", "Léo Durand", LINE, "leo@example.org")]


def test_of_a_trial_without_an_address_nobody_is_told():
    assert made(source="test", email=None) == []


def line(reference):
    return NoticeLine(reference, "Léo Durand", "", "", "Ana Roux", "")


def data(*references):
    requests = [vars(line(reference)) for reference in references]
    return {"requests": requests}


def test_one_person_gets_one_mail_of_a_kind():
    waiting = mails(
        [
            Notice("assigned", "Ana Roux", line("LOT-1")),
            Notice("assigned", "Bob Cros", line("LOT-1")),
            Notice("assigned", "Ana Roux", line("LOT-2")),
        ]
    )
    assert waiting == (
        WaitingMail("assigned", "Ana Roux", data("LOT-1", "LOT-2")),
        WaitingMail("assigned", "Bob Cros", data("LOT-1")),
    )


@pytest.mark.parametrize(
    "other",
    [
        {"kind": "trial"},
        {"to": "Bob Cros"},
        {"address": "ana@example.org"},
        {"if_confirmed": "LOT-1"},
    ],
)
def test_what_differs_in_anything_is_another_mail(other):
    given = {"kind": "assigned", "to": "Ana Roux", "line": line("LOT-1")}
    first, second = mails([Notice(**given), Notice(**given | other)])
    assert first == WaitingMail("assigned", "Ana Roux", data("LOT-1"))
    assert second == WaitingMail(
        **{"kind": "assigned", "to": "Ana Roux", "data": data("LOT-1")} | other
    )
