"""Which rows are completed, and what each gets; how it is written is tested elsewhere."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from functions.route.commit.row_edits import HASHED, row_hash
from functions.route.decide.completion import (
    CHOSEN,
    TELLING,
    CompletionContext,
    candidates,
    complete,
    find_rows,
    oldest_first,
    unfinished,
)
from functions.route.decide.history import Event
from functions.route.decide.load import NO_LOAD
from functions.route.decide.lookup import Lookup, Referent
from functions.route.decide.rules import Rule
from functions.shared.journal.formats import Course
from functions.shared.sheets.port import Change
from sheets_schema.tab import tab
from sheets_schema.territory import Target, territories
from sheets_schema.text import normalise

OFFICIAL = territories()
NOW = datetime(2026, 12, 24, 9, tzinfo=UTC)
ANA, BOB, CORALIE = "Ana Roux", "Bob Cros", "Coralie Vidal"
DRAWN = "LOT-1234-5678"
TYPED = {
    "last_name": "Durand",
    "phone": "06 12 34 56 78",
    "project": "Trouver un emploi",
    "target": "Figeac",
}
FILED = TYPED | {"reference": "LOT-0000-0000"}
TITLES = {column.key: column.title for column in tab("requests").columns}


def rule(number, referents, **more):
    scope = {"target": Target(), "wants": {}} | more
    return Rule(number, 10, referents=tuple(referents), **scope)


def lookup(*rules, people=(ANA, BOB), default=True):
    everybody = [Referent(name, f"{name[:3].lower()}@example.org", "Chambre") for name in people]
    coralie = Referent(CORALIE, "coralie@example.org", "Coordination")
    return Lookup(
        rules or (rule(1, [ANA]),),
        {normalise(person.name): person for person in everybody},
        coralie if default else None,
    )


PLACES = {key: at for at, key in enumerate(HASHED)}


def grid(*rows, columns=HASHED):
    """Rows by column key as cells, header first; of other columns nothing is read."""
    return [
        list(HASHED),
        *([row.get(key) if key in columns else None for key in HASHED] for row in rows),
    ]


def find(*rows):
    """Candidates among rows, and the references."""
    seen, references = find_rows(grid(*rows, columns=TELLING), PLACES)
    lines = dict(enumerate(grid(*rows)))
    return candidates(seen, references, lines, PLACES, OFFICIAL), references


def candidate(row):
    (only,), _ = find(row)
    return only


def context(table=None, drawn=(DRAWN,), load=NO_LOAD):
    draws = iter(drawn)
    return CompletionContext(table or lookup(), NOW, lambda: next(draws), load)


def changes(completion):
    return {key: (change.before, change.after) for key, change in completion.edit.changes.items()}


NOT_A_PLACE = "n'est pas compris : écrivez le nom d'une commune ou d'une intercommunalité"


class TestCandidates:
    def test_somebody_with_one_name_has_a_row_wherever_it_was_typed(self):
        row = TYPED | {"last_name": None, "first_name": "Suryadi", "target": None}
        assert "La ligne de « Suryadi » n'est pas complète" in unfinished(candidate(row)).subject

    @pytest.mark.parametrize(
        "row",
        [
            TYPED | {"last_name": None},
            FILED | {"referent": ANA},
            FILED | {"status": "Installé"},
            FILED | {"status": "Clos sans suite"},
            {"referent": ANA},
            {},
        ],
    )
    def test_a_row_without_anything_to_complete_is_none(self, row):
        assert find(row)[0] == []

    @pytest.mark.parametrize(
        "row", [TYPED, FILED, {"last_name": "Durand", "referent": ANA}, {"last_name": "Durand"}]
    )
    def test_a_row_typed_by_hand_or_without_its_referent_is_one(self, row):
        assert [sighting.row for sighting in find({}, row)[0]] == [2]

    def test_of_two_rows_with_one_reference_the_lower_one_is_a_copy(self):
        rows, references = find(FILED | {"referent": ANA}, {}, FILED | {"referent": ANA})
        assert [(sighting.row, sighting.copied) for sighting in rows] == [(3, True)]
        assert references >= {"LOT-0000-0000"}

    def test_rows_without_a_reference_are_no_copies_of_each_other(self):
        rows, _ = find(TYPED, TYPED)
        assert [sighting.copied for sighting in rows] == [False, False]

    def test_a_copy_that_is_over_gets_its_own_reference_all_the_same(self):
        over = FILED | {"status": "Installé"}
        assert [sighting.row for sighting in find(over, over)[0]] == [2]

    @pytest.mark.parametrize(
        ("column", "text", "said"),
        [
            ("target", "Figac", f"Territoire visé (« Figac » {NOT_A_PLACE})"),
            ("project", "Un emploi", "Projet principal (choisissez dans la liste)"),
            ("profile", "Vend sa ferme", "Profil (choisissez dans la liste)"),
            ("project", "", "Projet principal"),
        ],
    )
    def test_a_cell_that_is_not_understood_is_not_called_blank(self, column, text, said):
        assert candidate(TYPED | {column: text}).missing == (said,)

    def test_a_territory_that_is_not_clear_is_asked_with_what_it_may_mean(self):
        (asked,) = candidate(TYPED | {"target": "46009"}).missing
        assert asked == (
            "Territoire visé (« 46009 » est un code postal : écrivez le nom de la commune (Cahors))"
        )

    @pytest.mark.parametrize(
        ("lacking", "missing"),
        [
            ({"phone": None}, ["phone ou email"]),
            ({"phone": None, "email": "a@example.org"}, []),
            ({"project": None}, ["project"]),
            ({"target": None}, ["target"]),
            ({"project": None, "target": None, "referent": BOB}, []),
        ],
    )
    def test_what_a_row_typed_by_hand_lacks(self, lacking, missing):
        titles = [" ou ".join(TITLES[key] for key in keys.split(" ou ")) for keys in missing]
        assert list(candidate(TYPED | lacking).missing) == titles

    @pytest.mark.parametrize("title", ["NOVEMBRE 2026", "à voir", "LOT-0000-0001", "0000-0000"])
    def test_what_is_no_reference_is_left_alone(self, title):
        """Partners write titles into Référence. Another row of theirs may begin with a number."""
        assert find({"reference": title}, {"reference": title, "status": "À contacter"})[0] == []
        row = candidate(TYPED | {"reference": title})
        assert row.missing == ("Référence (videz cette cellule, ce n'est pas une référence)",)
        assert not row.is_complete

    def test_a_row_whose_reference_stands_in_another_column_is_misplaced(self):
        shifted = {"last_name": "29/11/2026", "phone": "LOT-0000-0012"}
        (row,), _ = find(shifted)
        assert (row.misplaced, row.is_complete) == ("LOT-0000-0012", False)

    def test_a_reference_that_a_person_mentions_is_not_misplaced(self):
        mention = TYPED | {"assignment_reason": "LOT-0000-0000"}
        (row,), _ = find(FILED | {"referent": ANA}, mention)
        assert row.misplaced == ""

    def test_a_row_that_has_its_reference_lacks_nothing(self):
        assert candidate(FILED | {"phone": None, "target": None}).missing == ()

    def test_a_row_that_moved_or_changed_since_the_first_look_is_left_out(self):
        seen, _ = find_rows(grid(TYPED, FILED, {}), PLACES)
        assert [sighting.row for sighting in seen] == [1, 2]
        lines = dict(enumerate(grid(FILED, FILED | {"phone": None})))
        assert [kept.row for kept in candidates(seen, (), lines, PLACES, OFFICIAL)] == [2]
        assert candidates(seen, (), {}, PLACES, OFFICIAL) == []

    def test_the_hash_covers_what_a_decision_depends_on(self):
        here = candidate(TYPED)
        assert here.row_hash == row_hash(here.cells)
        for key in HASHED:
            assert row_hash({**here.cells, key: "autre"}) != here.row_hash


def test_what_a_row_lacks_is_said_in_its_own_words():
    concern = unfinished(candidate(TYPED | {"phone": None, "project": None}))
    assert concern.place == tab("requests").title
    assert concern.subject == (
        "La ligne de « Durand » n'est pas complète : il manque "
        "Téléphone ou Courriel, Projet principal."
    )


class TestRowTypedByHand:
    def test_it_gets_reference_referent_organisation_and_reason(self):
        completion = complete(candidate(TYPED), context())
        assert changes(completion) == {
            "reference": ("", DRAWN),
            "status": ("", "À contacter"),
            "referent": ("", ANA),
            "assignment_reason": (
                "",
                "Règle 1 : Tous les projets × partout dans le Lot → Ana Roux",
            ),
            "organisation": ("", "Chambre"),
        }
        reason = completion.edit.changes["assignment_reason"].after
        assert completion.edit.reference == DRAWN
        assert completion.events == (Event(DRAWN, "completed", "", ANA, ANA, reason),)
        (notice,) = completion.notices
        assert (notice.to, notice.if_confirmed, notice.line.reference) == (ANA, DRAWN, DRAWN)
        assert completion.concerns == ()

    def test_a_referent_chosen_by_hand_stays_and_is_told_nothing(self):
        completion = complete(candidate({"last_name": "Durand", "referent": BOB}), context())
        assert changes(completion) == {
            "reference": ("", DRAWN),
            "status": ("", "À contacter"),
            "assignment_reason": ("", CHOSEN),
            "organisation": ("", "Chambre"),
        }
        assert completion.notices == ()
        assert completion.events == (Event(DRAWN, "completed", BOB, BOB, BOB, CHOSEN),)

    def test_a_status_that_a_person_chose_stays(self):
        chosen = complete(candidate(TYPED | {"status": "Contacté"}), context())
        assert "status" not in chosen.edit.changes

    @pytest.mark.parametrize("status", ["Installé", "Clos sans suite", "Doublon ou indésirable"])
    def test_what_was_over_when_it_was_typed_gets_its_reference_only(self, status):
        for over in ({"last_name": "Durand"}, TYPED):
            row = candidate(over | {"status": status})
            assert row.is_complete
            completion = complete(row, context())
            assert changes(completion) == {"reference": ("", DRAWN)}
            assert (completion.notices, completion.concerns) == ((), ())
            assert completion.events == (Event(DRAWN, "completed"),)

    @pytest.mark.parametrize(
        ("typed", "advice"),
        [
            ("Zoé", "Choisissez un nom"),
            ("Ana", "Vouliez-vous dire « Ana Roux » ?"),
            ("bob croz", "Vouliez-vous dire « Bob Cros » ?"),
        ],
    )
    def test_a_referent_whom_nobody_knows_stays_too_and_is_noted(self, typed, advice):
        completion = complete(candidate({"last_name": "Durand", "referent": typed}), context())
        assert changes(completion).keys() == {"reference", "status", "assignment_reason"}
        assert completion.events[0].referent == typed
        (concern,) = completion.concerns
        assert (concern.place, f"« {typed} »" in concern.subject) == (DRAWN, True)
        assert concern.action.startswith(advice)

    def test_without_anybody_it_gets_its_reference_and_the_reason(self):
        table = lookup(rule(1, ["Personne"]), default=False)
        completion = complete(candidate(TYPED), context(table))
        assert changes(completion).keys() == {"reference", "status", "assignment_reason"}
        assert completion.notices == ()
        (concern,) = completion.concerns
        assert concern.place == DRAWN
        assert concern.subject == "La règle 1 ne désigne personne de disponible."

    def test_people_s_other_referents_are_never_overwritten(self):
        table = lookup(rule(1, [ANA]), rule(2, [BOB], wants={"project": ("health",)}))
        row = TYPED | {"other_projects": "Exercer une profession de santé, sage-femme"}
        assert changes(complete(candidate(row), context(table)))["other_referents"] == ("", BOB)
        kept = candidate(row | {"other_referents": "Zoé, de la mairie"})
        completion = complete(kept, context(table))
        assert "other_referents" not in completion.edit.changes
        assert [notice.to for notice in completion.notices] == [ANA, BOB]

    def test_what_already_stands_there_is_not_written_again(self):
        row = TYPED | {"organisation": "Chambre"}
        assert "organisation" not in complete(candidate(row), context()).edit.changes

    def test_another_organisation_is_put_right(self):
        row = TYPED | {"organisation": "Mairie"}
        edit = complete(candidate(row), context()).edit
        assert edit.changes["organisation"] == Change("Mairie", "Chambre")

    def test_a_name_that_sheets_would_take_for_a_date_is_left_to_people(self):
        table = lookup(rule(1, ["mai 2026"]), people=("mai 2026",))
        completion = complete(candidate(TYPED), context(table))
        assert "referent" not in completion.edit.changes
        (concern,) = completion.concerns
        assert concern.place == DRAWN
        assert concern.subject == "« mai 2026 » ne peut pas être écrit."
        assert concern.action == "Écrivez vous-même la cellule Référent."


class TestRowWithoutItsReferent:
    def test_it_is_assigned_again_under_its_own_reference(self):
        completion = complete(candidate(FILED), context(drawn=()))
        assert changes(completion).keys() == {"referent", "assignment_reason", "organisation"}
        assert completion.edit.reference == "LOT-0000-0000"
        assert completion.events[0].kind == "assigned"
        assert completion.events[0].after == ANA

    def test_where_nobody_can_be_named_nothing_is_written(self):
        table = lookup(rule(1, ["Personne"]), default=False)
        concern = complete(candidate(FILED), context(table, drawn=()))
        assert concern.place == "LOT-0000-0000"
        assert concern.subject == "Le système ne trouve personne pour suivre cette demande."

    def test_nobody_gets_it_again_who_refused_it_not_even_by_default(self):
        courses = {"LOT-0000-0000": Course((ANA,))}
        completion = complete(candidate(FILED), replace(context(), courses=courses))
        assert changes(completion)["referent"] == ("", CORALIE)
        assert "refusée par Ana Roux" in completion.edit.changes["assignment_reason"].after
        courses = {"LOT-0000-0000": Course((ANA, CORALIE))}
        concern = complete(candidate(FILED), replace(context(), courses=courses))
        assert "rendue par Ana Roux et Coralie Vidal" in concern.subject

    def test_it_counts_as_handed_on_that_day(self):
        completion = complete(candidate(FILED), context())
        assert completion.course == Course(handed_on=NOW.date())
        assert complete(candidate(TYPED), context()).course == Course()

    def test_an_order_that_is_left_in_it_is_carried_out_with_it(self):
        completion = complete(candidate(FILED | {"status": "À réorienter"}), context())
        assert changes(completion)["status"] == ("À réorienter", "À contacter")

    def test_of_its_reason_the_remarks_stay(self):
        row = FILED | {"assignment_reason": "Relance de LOT-9999-9999. Règle 7 : autre"}
        reason = complete(candidate(row), context()).edit.changes["assignment_reason"].after
        assert reason.startswith("Relance de LOT-9999-9999. Règle 1 : ")

    def test_a_trial_stays_one(self):
        row = FILED | {"source": "test", "email": "essai@example.org"}
        completion = complete(candidate(row), context())
        assert completion.edit.changes["assignment_reason"].after.startswith("ESSAI : Règle 1")
        assert [(notice.kind, notice.address) for notice in completion.notices] == [
            ("trial", "essai@example.org")
        ]


class TestCopiedRow:
    def test_it_gets_another_reference_and_nothing_else(self):
        copy = FILED | {"referent": ANA}
        (only,), _ = find(copy, copy)
        completion = complete(only, context())
        assert changes(completion) == {"reference": ("LOT-0000-0000", DRAWN)}
        assert completion.events == (
            Event(DRAWN, "completed", "LOT-0000-0000", DRAWN, ANA, "Copie de LOT-0000-0000"),
        )
        (concern,) = completion.concerns
        assert concern.place == DRAWN
        assert "LOT-0000-0000" in concern.subject
        assert concern.action == "Si c'est la même demande, supprimez l'une des deux lignes."
        assert completion.notices == ()


class TestWhoIsChosenByHand:
    @pytest.mark.parametrize(
        ("person", "said"),
        [
            (
                Referent(ANA, "a@example.org", active=False),
                "« Ana Roux », a été choisi à la main : plus en activité",
            ),
            (
                Referent(ANA, "a@example.org", absent_until=date(2027, 1, 3)),
                "choisi à la main : indisponible jusqu'au 3 janvier",
            ),
        ],
    )
    def test_somebody_who_gets_no_requests_is_kept_and_noted(self, person, said):
        table = Lookup((rule(1, [BOB]),), {normalise(ANA): person})
        completion = complete(candidate(TYPED | {"referent": "ana roux"}), context(table))
        assert "referent" not in completion.edit.changes
        (concern,) = completion.concerns
        assert said in concern.subject
        assert "Ce choix est gardé" in concern.action

    def test_a_coordinator_may_be_chosen_without_a_word(self):
        table = Lookup(coordinators={normalise(CORALIE): "coralie@example.org"})
        completion = complete(candidate(TYPED | {"referent": CORALIE}), context(table))
        assert completion.concerns == ()

    def test_names_of_other_referents_that_nobody_has_are_noted_with_the_nearest(self):
        row = TYPED | {"other_referents": "Bob Cros, Ana Rou ; Mairie"}
        first, second = complete(candidate(row), context()).concerns
        assert "« Ana Rou » n'est pas dans l'onglet Référents" in first.subject
        assert first.action.startswith("Vouliez-vous dire « Ana Roux » ? ")
        assert "« Mairie »" in second.subject
        assert second.action == "En attendant, cette personne n'est pas avertie."


def test_the_oldest_request_that_waits_is_first_and_rows_without_a_date_are_last():
    waiting = [
        replace(
            candidate(FILED),
            row=at,
            received_at=None if days is None else NOW - timedelta(days=days),
        )
        for at, days in enumerate((1, 9, None, 5, None))
    ]
    assert [row.row for row in oldest_first(waiting)] == [1, 3, 0, 2, 4]
