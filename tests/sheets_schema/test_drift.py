from types import SimpleNamespace

import pytest

from sheets_schema.drift import names, other_choices, regional
from sheets_schema.schema import VERSION
from sheets_schema.tab import tab


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (1, "« 0 »"),
        (5, "« 0 », « 1 », « 2 », « 3 », « 4 »"),
        (6, "« 0 », « 1 », « 2 », « 3 », « 4 » et 1 autre"),
        (7, "« 0 », « 1 », « 2 », « 3 », « 4 » et 2 autres"),
    ],
)
def test_five_names_are_said_and_the_others_counted(count, said):
    texts = [str(number) for number in range(count)]
    assert names(texts) == said
    assert names(texts, quote=False) == said.replace("« ", "").replace(" »", "")


def test_what_somebody_changed_of_the_spreadsheet_is_said_together():
    assert regional(["locale"]).sentence == "On a changé la langue du classeur."
    both = regional(["locale", "timeZone"])
    assert both.sentence == "On a changé la langue et le fuseau horaire du classeur."


STATUS = tab("requests")["status"]


def rule(*texts, kind="ONE_OF_LIST", **more):
    values = [{"userEnteredValue": text} for text in texts]
    return {"condition": {"type": kind, "values": values}} | more


@pytest.mark.parametrize(
    ("present", "wanted", "version", "said"),
    [
        (None, rule("A", strict=True), VERSION, "a été enlevée."),
        (rule(kind="BLANK"), rule("A", strict=True), VERSION,
         "a été remplacée par une autre règle."),
        (rule("B", "C"), rule("A", "B", strict=False), VERSION,
         "a changé : « C » en plus ; « A » en moins."),
        (rule("A"), rule("A", strict=True), VERSION,
         "a changé : elle n'empêche plus d'écrire autre chose."),
        (rule("A", strict=True), rule("A", strict=False), VERSION,
         "a changé : elle empêche d'écrire autre chose."),
        (rule("B", "A"), rule("A", "B", strict=False), VERSION,
         "a changé : son ordre, ou son apparence."),
        # A newer version may have more choices, not fewer.
        (rule("A"), rule("A", "B", strict=False), VERSION - 1, None),
        (rule("A", "C"), rule("A", "B", strict=False), VERSION - 1,
         "a changé : « C » en plus ; « B » en moins."),
        (rule("=B", kind="ONE_OF_RANGE"), rule("=A", kind="ONE_OF_RANGE", strict=False), VERSION,
         "ne prend plus les noms de l'onglet « Référents »."),
        (rule("=A", kind="ONE_OF_RANGE"), rule("=A", kind="ONE_OF_RANGE", strict=False), VERSION,
         None),
    ],
)  # fmt: skip
def test_what_somebody_changed_of_a_dropdown_is_said(present, wanted, version, said):
    sheet = SimpleNamespace(
        new=(), title=lambda column: column.title, tab=tab("requests"), positions={"status": 3}
    )
    drifts = list(other_choices(sheet, STATUS, present, wanted, version))
    assert [drift.sentence.partition("Statut » ")[2] for drift in drifts] == [said] * bool(said)
    assert all(drift.place == "Demandes!D:D" for drift in drifts)
    sheet.new = (STATUS,)
    assert list(other_choices(sheet, STATUS, present, wanted, version)) == []
