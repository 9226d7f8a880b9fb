"""What people see in the sheet after a drain, when nothing fails."""

import threading

import pytest

from functions.shared.errors import WorkbookError
from sheets_schema.tab import column_letter
from tests.functions.route.arrivals import arrive
from tests.support import TYPED, Clock, broken, no_answer, submit


def references(classeur):
    return [row.get("Référence") for row in classeur.rows()]


def test_a_request_becomes_a_row_with_its_referent_and_the_reason(drain, journal, classeur):
    reference = submit(
        journal,
        first_name="Zoé",
        phone="0612345678",
        projects=[
            {"type": "farming", "occupation": "maraîchage"},
            {"type": "health", "occupation": "infirmier", "sector": "liberal"},
        ],
        target={"communes": ["46102", "46042"]},
        needs=["housing", "childcare"],
        household={"adults": 2, "children": 0},
        origin={"postcode": "01000", "city": "Bourg-en-Bresse", "country": "France"},
        horizon="within_6_months",
        message="Bonjour,\nà bientôt",
        source="salon-taf",
        newsletter=True,
    )
    assert drain() == 1
    (row,) = classeur.rows()
    assert row.pop("Reçue le")[:3].count("/") == 1
    assert row == {
        "Référence": reference,
        "Nom": "Martin",
        "Prénom": "Zoé",
        "Statut": "À contacter",
        "Référent": "Aurélie Bouscary",
        "Pourquoi ce référent": (
            "Règle 1 : S'installer en agriculture × partout dans le Lot → Aurélie Bouscary ; "
            "autre projet, règle 2 → Karim Belaïdi"
        ),
        "Projet principal": "S'installer en agriculture (création, reprise, association)",
        "Métier ou activité": "maraîchage",
        "Autres projets": "Exercer une profession de santé, infirmier, Profession libérale",
        "Territoire visé": "Figeac, Cahors",
        "Échéance": "3 à 6 mois",
        "Besoins": "Logement, École et garde d'enfants",
        "Téléphone": "06 12 34 56 78",
        "Courriel": "ana.martin@example.org",
        "Message": "Bonjour,\nà bientôt",
        "Adultes": "2",
        "Enfants": "0",
        "Code postal actuel": "01000",
        "Ville actuelle": "Bourg-en-Bresse",
        "Pays actuel": "France",
        "Autres référents": "Karim Belaïdi",
        "Organisme": "Chambre d'agriculture du Lot",
        "Attribuée le": "23/11/2026 10:00",
        "Source": "salon-taf",
        "Lettre d'information": "Oui",
        "Contact d'un ambassadeur": "Non",
    }


def test_a_written_request_is_settled(drain, journal):
    submit(journal)
    drain()
    assert journal.keys("pending/") == []
    assert len(journal.keys("filed/")) == len(journal.keys("settled/")) == 1
    (stone,) = journal.keys("filed/")
    assert b"Martin" not in journal.read(stone)


def test_a_request_without_the_robot_check_is_to_be_qualified_and_says_so(drain, journal, classeur):
    arrive(journal, doubt="no_script")
    assert drain() == 1
    (row,) = classeur.rows()
    assert row["Statut"] == "À qualifier"
    assert row["Référent"] == "Sophie Lacombe"
    assert row["Pourquoi ce référent"] == (
        "Sans vérification anti-robot : à confirmer au premier contact. "
        "Règle 15 : Tous les projets × Grand-Figeac → Sophie Lacombe"
    )
    assert classeur.rows("À vérifier") == []


def test_a_trial_is_written_and_says_what_it_is(drain, journal, classeur):
    arrive(journal, source="test")
    assert drain() == 1
    (row,) = classeur.rows()
    assert row["Pourquoi ce référent"].startswith("ESSAI : Règle 15")
    assert (row["Référent"], row["Source"]) == ("Sophie Lacombe", "test")


def test_a_reference_once_given_is_taken_for_ever(drain, journal, classeur, clock):
    reference = arrive(journal)
    drain()
    classeur.delete_row("Demandes", 2)
    classeur.type_row(2, TYPED)
    # A person writes what they like into the system's column; it names no object.
    hers = {"Référence": "Dossier de Mme Durand", "Nom": "Durand", "Statut": "À contacter"}
    classeur.type_row(3, hers)
    for _ in range(3):
        clock.advance(minutes=5)
        drain(sweep=True)
    drawn = classeur.rows()[0]["Référence"]
    assert drawn.startswith("LOT-")
    assert "Référent" not in classeur.rows()[1]
    assert journal.keys("references/") == sorted([f"references/{reference}", f"references/{drawn}"])
    assert {journal.read(key) for key in journal.keys("references/")} == {b"{}"}


def test_a_reference_that_was_given_is_drawn_again(new_drain, journal, classeur, clock):
    number = 0x5DEECE66D  # request 1's
    draws = iter([number, number, 7])
    drain = new_drain(draw=lambda: next(draws))
    given = arrive(journal)
    drain()
    classeur.delete_row("Demandes", 2)
    classeur.type_row(2, TYPED)
    for _ in range(3):
        clock.advance(minutes=5)
        drain(sweep=True)
    assert classeur.rows()[0]["Référence"] not in ("", given)
    assert next(draws, None) is None


def test_a_drain_makes_one_read_and_one_write_call(drain, journal, classeur):
    submit(journal)
    drain()
    # The first drain of a process does not know yet where the rows end.
    assert classeur.gate.calls == {"read": 2, "write": 1}
    for _ in range(3):
        submit(journal)
    assert drain() == 3
    assert classeur.gate.calls == {"read": 3, "write": 2}


def test_an_event_with_nothing_pending_does_not_call_sheets(drain, classeur):
    assert drain() == 0
    assert not classeur.gate.calls


def test_a_sweep_with_nothing_pending_reads_twice_and_then_not_at_all(drain, classeur):
    assert drain(sweep=True) == 0
    # Others ask Drive for the file's version, and which tabs there are. A process looks at the
    # filter views once.
    assert classeur.gate.calls == {"read": 5}
    assert drain(sweep=True) == 0
    assert classeur.gate.calls == {"read": 6}
    classeur.type(classeur.at("Notes", 2), "Quelqu'un a changé quelque chose")
    assert drain(sweep=True) == 0
    assert classeur.gate.calls["read"] == 10


def test_requests_are_written_in_the_order_in_which_they_came(drain, journal, classeur):
    sent = [submit(journal) for _ in range(5)]
    drain()
    assert sorted(references(classeur)) == sorted(sent)


def test_a_backlog_is_written_in_batches(new_drain, journal, classeur):
    drain = new_drain(max_rows=2)
    for _ in range(5):
        submit(journal)
    assert drain() == 5
    assert len(set(references(classeur))) == 5
    assert classeur.gate.calls["write"] == 3


def test_columns_are_found_wherever_partners_put_them(drain, journal, classeur):
    sheet = classeur.sheet_id("Demandes")
    where = {"sheetId": sheet, "dimension": "COLUMNS"}
    classeur.do(
        {"insertDimension": {"range": where | {"startIndex": 0, "endIndex": 2}}},
        {
            "moveDimension": {
                "source": where | {"startIndex": 2, "endIndex": 4},
                "destinationIndex": 12,
            }
        },
    )
    classeur.type("Demandes!A1", "À nous")
    reference = submit(journal)
    drain()
    (row,) = classeur.rows()
    assert row["Référence"] == reference
    assert row["Nom"] == "Martin"
    assert row["Courriel"] == "ana.martin@example.org"
    assert "À nous" not in row


def test_a_header_is_recognised_whatever_its_accents_and_capitals(drain, journal, classeur):
    classeur.type(classeur.at("Nom", 1), "NOM ")
    classeur.type(classeur.at("Pourquoi ce référent", 1), "pourquoi ce referent")
    submit(journal)
    drain()
    assert classeur.rows()[0]["NOM "] == "Martin"


def test_a_renamed_header_is_named_nothing_is_written_and_all_resumes(drain, journal, classeur):
    column = classeur.column("Courriel")
    classeur.type(classeur.at("Courriel", 1), "E-mail")
    submit(journal)
    with pytest.raises(WorkbookError) as stopped:
        drain()
    assert "colonne introuvable : « Courriel »" in str(stopped.value)
    assert f"Renommée peut-être : colonne {column_letter(column)}." in str(stopped.value)
    assert classeur.rows() == []
    assert len(journal.keys("pending/")) == 1
    classeur.type(classeur.at("E-mail", 1), "Courriel")
    assert drain() == 1
    assert len(classeur.rows()) == 1


def test_a_renamed_tab_is_named_and_all_resumes(drain, journal, classeur):
    sheet = classeur.sheet_id("Référents")
    rename = {"properties": {"sheetId": sheet, "title": "Équipe"}, "fields": "title"}
    classeur.do({"updateSheetProperties": rename})
    submit(journal)
    with pytest.raises(WorkbookError, match="Onglet introuvable : « Référents »"):
        drain()
    rename["properties"]["title"] = "Référents"
    classeur.do({"updateSheetProperties": rename})
    assert drain() == 1


def test_text_that_looks_like_a_formula_stays_text(drain, journal, classeur):
    hostile = '=HYPERLINK("http://example.org","x")'
    submit(journal, last_name=hostile, first_name="+a33", origin={"city": "@import"})
    drain()
    (row,) = classeur.rows()
    assert (row["Nom"], row["Prénom"], row["Ville actuelle"]) == (hostile, "+a33", "@import")
    assert classeur.cell(classeur.at("Nom", 2))["userEnteredValue"] == {"stringValue": hostile}


def test_dates_are_real_dates_also_in_rows_added_below_the_grid(drain, journal, classeur):
    sheet = classeur.sheet_id("Demandes")
    last = len(classeur.store.file("demo").book.sheet(sheet).grid.rows)
    where = {"sheetId": sheet, "dimension": "ROWS", "startIndex": 2, "endIndex": last}
    classeur.do({"deleteDimension": {"range": where}})
    classeur.type(classeur.at("Nom", 2), "Tapé à la main")
    submit(journal)
    drain()
    assert classeur.rows()[1]["Attribuée le"] == "23/11/2026 10:00"


def test_what_people_typed_is_left_as_it_is(drain, journal, classeur):
    submit(journal)
    drain()
    classeur.type(classeur.at("Statut", 2), "Installé")
    classeur.type(classeur.at("Référent", 2), "Marc Teyssèdre")
    classeur.type(classeur.at("Notes", 2), "Très motivée")
    classeur.type(classeur.at("Prénom", 5), "Une note de passage")
    before = classeur.values("Demandes")
    submit(journal)
    drain()
    after = classeur.values("Demandes")
    added = after.pop(2)
    assert added[0].startswith("LOT-")
    assert after == before


def test_a_column_that_partners_fill_far_down_does_not_move_the_end(drain, journal, classeur):
    submit(journal)
    drain()
    column = len(classeur.values("Demandes")[0])
    boxes = {"rows": [{"values": [{"userEnteredValue": {"boolValue": False}}]}] * 900}
    where = {"sheetId": classeur.sheet_id("Demandes"), "rowIndex": 1, "columnIndex": column}
    classeur.do(
        {"appendDimension": {"sheetId": where["sheetId"], "dimension": "COLUMNS", "length": 1}},
        {"appendDimension": {"sheetId": where["sheetId"], "dimension": "ROWS", "length": 700}},
        {"updateCells": boxes | {"start": where, "fields": "userEnteredValue"}},
    )
    sent = submit(journal)
    drain()
    assert classeur.values("Demandes")[2][0] == sent


def test_a_deleted_row_never_comes_back_even_if_sent_again(drain, journal, classeur):
    reference = submit(journal, key="cle-1")
    drain()
    classeur.delete_row("Demandes", 2)
    assert submit(journal, key="cle-1") == reference
    drain()
    drain(sweep=True)
    assert classeur.rows() == []
    assert journal.keys("pending/") == []


def absent_for_two_days(classeur):
    """Sophie Lacombe is away on 24 and 25 November 2026, and Hugo Labrousse stands in."""
    row = [line["Nom"] for line in classeur.rows("Référents")].index("Sophie Lacombe") + 2
    away = {"Indisponible du": "24/11/2026", "Indisponible au": "25/11/2026"}
    classeur.type_row(row, away | {"Suppléant": "Hugo Labrousse"}, "Référents")


@pytest.mark.parametrize(
    ("now", "referent"),
    [
        ("2026-11-23T22:59:59+00:00", "Sophie Lacombe"),
        ("2026-11-23T23:00:00+00:00", "Hugo Labrousse"),
        ("2026-11-25T22:59:59+00:00", "Hugo Labrousse"),
        ("2026-11-25T23:00:00+00:00", "Sophie Lacombe"),
    ],
)
def test_an_absence_lasts_from_midnight_to_midnight_in_paris(
    now, referent, new_drain, journal, classeur
):
    drain = new_drain(clock=Clock(now))
    absent_for_two_days(classeur)
    submit(journal, target={"communes": ["46102"]})
    drain()
    assert classeur.rows()[0]["Référent"] == referent


@pytest.mark.parametrize(
    ("now", "referent"),
    [
        ("2026-11-23T22:58:00+00:00", "Sophie Lacombe"),
        ("2026-11-23T23:00:00+00:00", "Hugo Labrousse"),
    ],
)
def test_a_row_typed_by_hand_is_assigned_on_paris_s_day(now, referent, new_drain, classeur):
    clock = Clock(now)
    drain = new_drain(clock=clock)
    absent_for_two_days(classeur)
    classeur.type_row(2, TYPED)
    for _ in range(3):
        drain(sweep=True)
        clock.advance(seconds=20)
    assert classeur.rows()[0]["Référent"] == referent


def test_a_request_without_a_rule_goes_to_the_coordination_and_is_noted(drain, journal, classeur):
    rules = len(classeur.rows("Règles d'attribution"))
    classeur.delete_row("Règles d'attribution", rules + 1)  # the rule for anything, anywhere
    reference = submit(journal, target={"anywhere": True})
    drain()
    (row,) = classeur.rows()
    assert row["Référent"] == "Dominique Vayssié"
    assert row["Pourquoi ce référent"] == "Aucune règle : coordination"
    (line,) = classeur.rows("À vérifier")
    assert line["Où"] == reference
    assert line["Sujet"] == "Aucune règle ne couvre cette demande."
    assert line["Que faire"].startswith("Confirmez le référent")


def test_without_any_default_referent_the_row_is_still_written(drain, journal, classeur):
    rules = len(classeur.rows("Règles d'attribution"))
    classeur.delete_row("Règles d'attribution", rules + 1)
    classeur.type("Coordination!E2", "Non")
    submit(journal, target={"anywhere": True})
    drain()
    (row,) = classeur.rows()
    assert "Référent" not in row
    assert "Attribuée le" not in row
    assert {line["Où"] for line in classeur.rows("À vérifier")} == {
        "Coordination",
        row["Référence"],
    }


def test_a_bad_lookup_row_is_noted_once_with_its_cell_and_stops_nothing(drain, journal, classeur):
    classeur.type("Référents!B3", "pas une adresse")
    classeur.type("Règles d'attribution!F4", "Quelqu'un d'inconnu")
    submit(journal)
    drain()
    drain(sweep=True)
    assert len(classeur.rows()) == 1
    lines = {line["Où"]: line for line in classeur.rows("À vérifier")}
    assert "Courriel : « pas une adresse »" in lines["Référents!B3"]["Sujet"]
    assert "« Quelqu'un d'inconnu »" in lines["Règles d'attribution!F4"]["Sujet"]
    assert len(classeur.rows("À vérifier")) == len(lines)


def test_a_concern_ticked_off_but_not_mended_is_noted_again(drain, classeur):
    classeur.type("Référents!B3", "pas une adresse")
    drain(sweep=True)
    noted = len(classeur.rows("À vérifier"))
    for row in range(2, 2 + noted):
        classeur.type(f"À vérifier!E{row}", "Oui")
    drain(sweep=True)
    assert len(classeur.rows("À vérifier")) == 2 * noted


def test_an_unreadable_entry_is_noted_once_and_stops_nothing(drain, journal, classeur):
    journal.create("pending/abcdef0123456789", b"{not json")
    submit(journal)
    assert drain() == 1
    drain()
    (line,) = classeur.rows("À vérifier")
    assert line["Où"] == "Journal, abcdef012345"
    assert journal.keys("pending/") == ["pending/abcdef0123456789"]


def move_a_column_and(classeur, then):
    """A write before which somebody inserts a column; `then` makes the answer."""

    def action(call, carry_out):
        where = {"sheetId": classeur.sheet_id("Demandes"), "dimension": "COLUMNS"}
        classeur.gate.calls["write"] += 1
        classeur.do({"insertDimension": {"range": where | {"startIndex": 0, "endIndex": 1}}})
        return then(call, carry_out)

    return action


@pytest.mark.parametrize("then", [lambda _, carry_out: carry_out(), no_answer])
def test_columns_moved_during_the_write_are_noted(then, drain, journal, classeur):
    classeur.gate.writes.append(move_a_column_and(classeur, then))
    reference = submit(journal)
    drain()
    (line,) = classeur.rows("À vérifier")
    assert line["Où"] == reference
    assert "pas dans leurs colonnes" in line["Sujet"]


def test_columns_moved_during_a_write_that_is_recovered_are_noted(
    drain, new_drain, journal, classeur
):
    classeur.gate.writes.append(move_a_column_and(classeur, no_answer))
    classeur.gate.reads += [lambda _, carry_out: carry_out(), *[broken] * 5]
    reference = submit(journal)
    with pytest.raises(WorkbookError):
        drain()
    new_drain()(sweep=True)
    (line,) = classeur.rows("À vérifier")
    assert line["Où"] == reference


def test_a_column_inserted_later_is_no_matter(drain, journal, classeur):
    submit(journal)
    drain()
    where = {"sheetId": classeur.sheet_id("Demandes"), "dimension": "COLUMNS"}
    classeur.do({"insertDimension": {"range": where | {"startIndex": 0, "endIndex": 1}}})
    submit(journal)
    drain()
    assert classeur.rows("À vérifier") == []


def test_a_very_long_cell_in_a_lookup_tab_stops_nothing(drain, journal, classeur):
    classeur.type("Référents!B3", "x" * 40_000)
    classeur.type("Règles d'attribution!F4", "y" * 40_000)
    submit(journal)
    assert drain() == 1
    noted = classeur.rows("À vérifier")
    assert {"Référents!B3", "Règles d'attribution!F4"} <= {line["Où"] for line in noted}
    drain(sweep=True)
    lines = [line for line in classeur.rows("À vérifier") if "Cas d'école" not in line["Où"]]
    assert lines == noted


def test_a_very_long_name_in_the_rule_that_decides_quarantines_nobody(drain, journal, classeur):
    rules = len(classeur.rows("Règles d'attribution"))
    classeur.type(f"Règles d'attribution!F{rules + 1}", "z" * 49_000)
    submit(journal, target={"anywhere": True})
    assert drain() == 1
    assert len(classeur.rows()[0]["Pourquoi ce référent"]) < 500
    assert journal.keys("quarantine/") == []


def test_an_entry_that_no_longer_fits_the_vocabulary_stops_nobody(drain, journal, classeur):
    submit(journal)
    (key,) = journal.keys("pending/")
    strange = journal.read(key).replace(b"employment", b"astronaut")
    journal.create("pending/abcdef0123456789", strange)
    journal.create("pending/abcdef0123456780", strange.replace(b'{"communes"', b'["communes"'))
    assert drain() == 1
    assert {line["Où"] for line in classeur.rows("À vérifier")} == {"Journal, abcdef012345"}
    drain(sweep=True)
    assert len(classeur.rows()) == 1


def test_a_pause_stops_all_writing_and_its_end_resumes(drain, journal, classeur):
    classeur.type("Coordination!F3", "Oui")
    submit(journal)
    before = classeur.store.file("demo").version
    assert drain() == 0
    assert drain(sweep=True) == 0
    assert classeur.store.file("demo").version == before
    classeur.type("Coordination!F3", "")
    assert drain() == 1


def test_a_sweep_that_finds_a_drain_at_work_is_done_by_it(drain, journal, classeur):
    classeur.type("Référents!B3", "pas une adresse")
    called = []

    def call_a_sweep(_, carry_out):
        called.append(drain(sweep=True))
        return carry_out()

    classeur.gate.writes.append(call_a_sweep)
    submit(journal)
    assert drain() == 1
    assert called == [None]
    assert classeur.gate.calls["read"] == 7


def test_one_thread_drains_and_the_others_leave_it_to_look_again(drain, journal, classeur):
    reading, go_on = threading.Event(), threading.Event()

    def wait(_, carry_out):
        reading.set()
        assert go_on.wait(10)
        return carry_out()

    classeur.gate.reads.append(wait)
    first = submit(journal)
    results = []
    thread = threading.Thread(target=lambda: results.append(drain()))
    thread.start()
    assert reading.wait(10)
    second = submit(journal)
    assert drain() is None
    go_on.set()
    thread.join(10)
    assert results == [2]
    assert set(references(classeur)) == {first, second}


def test_a_call_in_the_moment_in_which_another_ends_is_not_forgotten(new_drain, journal, classeur):
    class SentAtTheLastMoment:
        """A request and its notification come right after the last look at what is pending."""

        late = None

        def __getattr__(self, name):
            return getattr(journal, name)

        def keys(self, prefix, after=""):
            keys_there = journal.keys(prefix, after)
            if prefix == "pending/" and not keys_there and not self.late:
                self.late = submit(journal)
                assert drain() is None
            return keys_there

    double = SentAtTheLastMoment()
    drain = new_drain(journal=double)
    first = submit(journal)
    assert drain() == 2
    assert references(classeur) == [first, double.late]


def test_new_rows_keep_the_formats_and_choices_of_their_columns(drain, journal, classeur):
    submit(journal, phone="0612345678")
    drain()
    status = classeur.cell(classeur.at("Statut", 2))
    phone = classeur.cell(classeur.at("Téléphone", 2))
    choices = status["dataValidation"]["condition"]["values"]
    assert {"userEnteredValue": "Installé"} in choices
    assert phone["userEnteredFormat"]["numberFormat"]["type"] == "TEXT"


def test_the_log_names_references_and_counts_but_nobody(drain, journal, capsys):
    submit(journal, last_name="Rarissime", email="rarissime@example.org")
    drain()
    printed = capsys.readouterr().out
    assert '"rows": 1' in printed
    assert "arissime" not in printed
