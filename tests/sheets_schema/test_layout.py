from importlib import resources

import pytest

import sheets_schema
from sheets_schema import layout
from sheets_schema.schema import vocabulary
from sheets_schema.tab import tab
from sheets_schema.territory import territories

READABLE = 4.5  # WCAG 2.2, 1.4.3: contrast of text with its background
BLACK = (0, 0, 0)


def luminance(color: layout.Rgb) -> float:
    """Relative luminance, as WCAG 2.2 defines it."""
    parts = [part / 255 for part in color]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first: layout.Rgb, other: layout.Rgb) -> float:
    low, high = sorted((luminance(first), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_people_find_the_tabs_in_the_order_of_their_work():
    assert [tab(look.key).title for look in layout.TABS] == [
        "Demandes",
        "Référents",
        "Règles d'attribution",
        "Cas d'école",
        "Coordination",
        "À vérifier",
        "Communes",
        "Mode d'emploi",
        "Suivi",
        "Système",
    ]


def test_every_tab_has_its_place():
    """A schema that nobody gave a place in the workbook is no tab of it."""
    folder = resources.files(sheets_schema).joinpath("schemas")
    described = {file.name.removesuffix(".json") for file in folder.iterdir()}
    no_tabs = {"vocabulary", "submission"}
    assert {look.key for look in layout.TABS} == described - no_tabs


def test_only_the_system_s_own_memory_is_hidden():
    assert [look.key for look in layout.TABS if look.hidden] == ["tracking", "system"]


@pytest.mark.parametrize("look", layout.TABS, ids=lambda look: look.key)
def test_a_column_and_a_row_are_left_to_scroll(look):
    # "You can't freeze all visible columns on the sheet": Sheets refuses the whole plan.
    assert look.frozen_columns < len(tab(look.key).columns)
    assert look.rows > 1


def test_the_official_communes_have_room():
    look = next(look for look in layout.TABS if look.key == "communes")

    assert look.rows > len(territories().communes)


def test_every_status_has_a_colour_on_which_it_can_be_read():
    assert list(layout.STATUS_COLORS) == list(vocabulary("status"))
    assert all(contrast(BLACK, color) >= READABLE for color in layout.STATUS_COLORS.values())
    assert contrast(layout.SYSTEM_TEXT, layout.WARNING_COLOR) >= READABLE


def test_headers_and_the_system_s_cells_can_be_read():
    assert contrast(layout.HEADER_TEXT, layout.HEADER_BACKGROUND) >= READABLE
    assert contrast(layout.SYSTEM_TEXT, layout.SYSTEM_BACKGROUND) >= READABLE


def test_a_column_is_as_wide_as_what_it_holds():
    requests = tab("requests")
    growing = ("origin_postcode", "origin_city", "occupation", "message")
    widths = [layout.width(requests[key]) for key in growing]

    assert widths == sorted(set(widths))
    assert layout.width(requests["remind_on"]) == 110
    assert layout.width(requests["horizon"]) < layout.width(requests["sector"])
    assert layout.width(requests["sector"]) < layout.width(requests["project"]) < 400


def test_the_reason_is_read_to_its_end():
    reason = tab("requests")["assignment_reason"]

    assert layout.width(reason) >= 120 * 6.2  # letters, in Arial 10
    assert not layout.wraps("requests", reason.key)  # else every row is as high as its reason


def test_what_a_referent_needs_for_a_call_comes_first_in_requests():
    titles = [column.title for column in tab("requests").columns]

    assert titles[:14] == [
        "Référence",
        "Nom",
        "Prénom",
        "Statut",
        "Référent",
        "Téléphone",
        "Moment pour appeler",
        "Courriel",
        "Projet principal",
        "Territoire visé",
        "Prochaine action",
        "Relancer le",
        "Dernier contact le",
        "Notes",
    ]
    look = next(look for look in layout.TABS if look.key == "requests")
    assert titles[: look.frozen_columns][-1] == "Prénom"


def test_whom_to_call_is_seen_on_a_laptop_without_scrolling_sideways():
    row_numbers, scrollbar = 46, 17
    columns = tab("requests").columns
    at = [column.key for column in columns].index("email")
    widths = [layout.width(column) for column in columns[: at + 1]]

    assert row_numbers + sum(widths) + scrollbar <= 1366


def test_the_system_s_columns_come_last_of_the_first_ones():
    first = [column for column in tab("requests").columns if column.since == 1]
    system = [column.key for column in first if column.read_only and column.key != "reference"]

    assert [column.key for column in first[-len(system) :]] == system


def test_a_newer_column_says_since_when():
    """Without it a workbook that lacks the column would count as damaged, and the drain stop."""
    first = {"requests": 37, "referents": 8, "rules": 8, "cases": 0, "coordination": 6}
    first |= {"to_check": 5, "communes": 4, "guide": 2, "tracking": 4, "system": 1}
    for key, count in first.items():
        assert (key, sum(column.since == 1 for column in tab(key).columns)) == (key, count)
