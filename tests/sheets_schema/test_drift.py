import pytest

from sheets_schema.drift import names, regional


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
