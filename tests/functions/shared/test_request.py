from datetime import UTC, date, datetime

import pytest

from functions.shared.request import Project, Request, contacts, read_requests
from sheets_schema.errors import HeaderError
from sheets_schema.schema import answer_columns, load, places
from sheets_schema.tab import format_row, tab
from sheets_schema.territory import Target, territories
from sheets_schema.wire import Reading, TabCells

OFFICIAL = territories()
AT = datetime(2026, 11, 23, 9, tzinfo=UTC)
LEAST = {
    "first_name": "Ana",
    "last_name": "Martin",
    "projects": [{"type": "unknown"}],
    "target": {"unknown": True},
}
# An answer for every place of the form, and the text that has to stand in the sheet.
ANSWERS = {
    "first_name": ("Zoé", "Zoé"),
    "last_name": ("Petit", "Petit"),
    "email": ("zoe@example.org", "zoe@example.org"),
    "phone": ("+33612345678", "06 12 34 56 78"),
    "best_time_to_call": ("le soir", "le soir"),
    "projects[].type": ("farming", "S'installer en agriculture (création, reprise, association)"),
    "projects[].occupation": ("maraîchage", "maraîchage"),
    "projects[].sector": ("retail", "Commerce"),
    "horizon": ("later", "Plus d'un an"),
    "needs": (["housing", "visit"], "Logement, Visite du territoire"),
    "target.communes": (["46102"], "Figeac"),
    "target.epcis": (["200067361"], "Grand-Figeac"),
    "target.anywhere": (True, "Partout dans le Lot"),
    "target.unknown": (True, "Je ne sais pas encore"),
    "origin.postcode": ("1000", "1000"),
    "origin.city": ("Gand", "Gand"),
    "origin.country": ("Belgique", "Belgique"),
    "household.adults": (2, 2.0),
    "household.children": (0, 0.0),
    "message": ("Bonjour,\nà bientôt", "Bonjour,\nà bientôt"),
    "profile": ("seller", "Cession (exploitation, entreprise)"),
    "source": ("salon-taf", "salon-taf"),
    "newsletter": (True, "Oui"),
    "ambassador_contact": (False, "Non"),
}


def leaves():
    """The places of the form at which somebody answers."""
    inner = ("projects[].", "target.", "origin.", "household.")
    return {
        place
        for place, schema in places(load("submission"))
        if place and not place.endswith("[]") and schema.get("type") != "object"
        if place != "projects" and (place.startswith(inner) or "." not in place)
    }


def answered(place, value):
    """The least submission, with one answer more."""
    head, _, name = place.partition(".")
    match head:
        case "projects[]":
            return LEAST | {"projects": [{"type": "unknown"} | {name: value}]}
        case "target" | "origin" | "household":
            return LEAST | {head: {name: value}}
    return LEAST | {head: value}


def submitted(submission):
    return Request.from_submission(submission, "LOT-65AC-WHNK", AT, OFFICIAL)


def cells(request):
    return format_row(tab("requests"), request.values)


def test_there_is_an_answer_here_for_every_place_of_the_form():
    assert ANSWERS.keys() == leaves()


@pytest.mark.parametrize("place", ANSWERS)
def test_every_answer_reaches_its_column(place):
    value, shown = ANSWERS[place]
    column = "target" if place.startswith("target.") else answer_columns()[place]
    assert cells(submitted(answered(place, value)))[column] == shown


def test_what_is_not_answered_leaves_its_cell_blank():
    assert cells(submitted(LEAST)).keys() == {
        "reference",
        "received_at",
        "first_name",
        "last_name",
        "project",
        "target",
    }


def test_what_a_list_says_beside_the_answers_has_its_columns_and_counts():
    typed = {"target": "Figeac, Grand Cahors", "notes": "Vue au salon", "remind_on": "05/01/2027"}
    typed |= {"other_projects": "Exercer une profession de santé"}
    request = Request.from_submission(LEAST, "LOT-65AC-WHNK", AT, OFFICIAL, typed)

    shown = cells(request)
    assert (shown["notes"], shown["remind_on"]) == ("Vue au salon", 46392.0)
    assert request.target == OFFICIAL.parse("Figeac, Grand Cahors")
    assert request.projects[-1] == Project("health")


@pytest.mark.parametrize(
    ("text", "further"),
    [
        ("", ()),
        ("santé", ()),
        ("créer une entreprise", (Project("business_creation"),)),
        (
            "Exercer une profession de santé, infirmière ; puis ?\nTELETRAVAILLER depuis le Lot",
            (Project("health"), Project("remote_work")),
        ),
        (
            "Créer une entreprise, autre, artisanat et suivre mon conjoint / Trouver un emploi",
            (
                *(Project("business_creation", "crafts"), Project("following_partner")),
                Project("employment"),
            ),
        ),
    ],
)
def test_further_projects_are_read_as_the_form_tells_them_and_other_words_are_left(text, further):
    request = Request.from_cells({"project": "Autre", "other_projects": text}, OFFICIAL)
    assert request.projects == (Project("other"), *further)


def test_a_row_holds_the_projects_of_the_form():
    given = [
        {"type": "health"},
        {"type": "business_creation", "occupation": "boulangère", "sector": "crafts"},
        {"type": "farming", "sector": "unknown"},
    ]
    request = submitted(LEAST | {"projects": given})
    assert Request.from_cells(cells(request), OFFICIAL).projects == request.projects


def test_the_first_project_has_columns_of_its_own_and_the_others_are_told_in_words():
    request = submitted(
        LEAST
        | {
            "projects": [
                {"type": "health", "occupation": "infirmier"},
                {"type": "business_creation", "occupation": "boulangère", "sector": "crafts"},
                {"type": "retirement"},
            ]
        }
    )
    assert request.projects == (
        Project("health"),
        Project("business_creation", "crafts"),
        Project("retirement"),
    )
    assert (request["project"], request["occupation"]) == ("health", "infirmier")
    assert request["other_projects"] == (
        "Créer une entreprise, boulangère, Artisanat (dont métiers de bouche, bâtiment) ; "
        "Vivre ma retraite dans le Lot"
    )


@pytest.mark.parametrize("place", [place for place in ANSWERS if place != "needs"])
def test_a_row_reads_back_as_the_request_that_it_is(place):
    """The same decision is made of an answer and of the row that it became."""
    request = submitted(answered(place, ANSWERS[place][0]))
    read = Request.from_cells(cells(request), OFFICIAL)

    assert read.values == request.values
    assert read.target == request.target
    assert read.projects[0].type == request.projects[0].type
    assert read.unreadable == frozenset()


def test_a_number_in_a_row_is_one_of_the_country_in_the_row():
    row = {"last_name": "Durand", "phone": "0470 12 34 56"}
    assert Request.from_cells(row, OFFICIAL)["phone"] == "+33470123456"
    abroad = Request.from_cells(row | {"origin_country": "Belgique"}, OFFICIAL)
    assert abroad["phone"] == "+32470123456"
    unknown = Request.from_cells(row | {"origin_postcode": "1050"}, OFFICIAL)
    assert unknown.unreadable == {"phone"}


def test_somebody_with_one_name_has_it_as_their_whole_name():
    alone = Request.from_cells({"first_name": "Suryadi"}, OFFICIAL)
    assert alone.person == "Suryadi"
    assert Request({"last_name": "Suryadi"}).person == "Suryadi"


def test_what_cannot_be_read_is_told_from_what_is_blank():
    read = Request.from_cells(
        {
            "last_name": "Durand",
            "status": "Rendez-vous pris",
            "last_contact_on": "appelé le 5",
            "target": "Atlantide",
            "settled_on": 46349.0,
            "phone": "",
        },
        OFFICIAL,
    )
    assert read.unreadable == {"status", "last_contact_on", "target"}
    assert (read["status"], read["last_contact_on"], read.target) == (None, None, Target())
    assert (read.projects, read["phone"]) == ((), None)
    assert read["settled_on"] == date(2026, 11, 23)


def test_a_request_says_who_asks_and_how_far_it_is():
    assert submitted(LEAST).person == "Ana Martin"
    assert Request({"last_name": "Durand"}).person == "Durand"
    assert not submitted(LEAST).is_test
    assert submitted(LEAST | {"source": "test"}).is_test
    assert [Request({"status": key}).is_closed for key in ("settled", "closed", "junk")] == [
        True
    ] * 3
    assert not Request({"status": "to_contact"}).is_closed
    assert not Request({}).is_closed


def test_a_row_s_project_has_its_sector():
    row = {"project": "S'installer en agriculture (création, reprise, association)"}
    sector = format_row(tab("requests"), {"sector": "crafts"})["sector"]
    assert Request.from_cells(row, OFFICIAL).projects == (Project("farming"),)
    assert Request.from_cells(row | {"sector": sector}, OFFICIAL).projects == (
        Project("farming", "crafts"),
    )


@pytest.mark.parametrize(
    ("submission", "known"),
    [
        ({"email": "Ana@Example.org"}, ("ana@example.org",)),
        ({"phone": "+33612345678"}, ("+33612345678",)),
        (
            {"email": "a@example.org", "phone": "+33612345678"},
            ("a@example.org", "+33612345678"),
        ),
        ({}, ()),
    ],
)
def test_a_sender_is_known_by_address_and_phone(submission, known):
    assert contacts(submission) == known


def test_of_demandes_only_the_columns_asked_for_must_be_there():
    titles = ["Nom", "Référence", "Statut"]
    rows = [["Durand", "LOT-65AC-WHNK", "Installé"], ["", "", ""], ["Petit"], ["", "À venir", ""]]
    reading = Reading({}, {"requests": TabCells(0, [titles, *rows])})
    columns = ("reference", "last_name", "status")
    read = read_requests(reading, columns, OFFICIAL)
    seen = [(row.number, row.request.reference, row.request["status"]) for row in read]
    assert seen == [(2, "LOT-65AC-WHNK", "settled"), (4, "", None)]
    with pytest.raises(HeaderError, match="Prénom"):
        read_requests(reading, (*columns, "first_name"), OFFICIAL)
