"""How the workbook's tabs look: order, colours, frozen columns, size. No code depends on it."""

from dataclasses import dataclass

from sheets_schema.place import PLACE
from sheets_schema.tab import Column

Rgb = tuple[int, int, int]

LOCALE = "fr_FR"
TIME_ZONE = "Europe/Paris"  # of every département of metropolitan France

_RED, _GREEN, _BLUE = bytes.fromhex(PLACE.colours.brand[1:])
_BRAND: Rgb = (_RED, _GREEN, _BLUE)


@dataclass(frozen=True)
class TabLayout:
    """The look of a tab when it is created. Partners may change it afterwards."""

    key: str
    color: Rgb
    rows: int
    frozen_columns: int = 1
    hidden: bool = False


# In the order in which people see them.
TABS = (
    TabLayout("requests", _BRAND, rows=2000, frozen_columns=3),
    TabLayout("referents", (192, 122, 43), rows=200),
    TabLayout("rules", (192, 122, 43), rows=300),
    TabLayout("cases", (192, 122, 43), rows=100),
    TabLayout("coordination", (192, 122, 43), rows=50),
    TabLayout("to_check", (178, 58, 46), rows=300, frozen_columns=0),
    TabLayout("communes", (140, 140, 140), rows=400),
    TabLayout("guide", (140, 140, 140), rows=40, frozen_columns=0),
    TabLayout("tracking", (140, 140, 140), rows=300, hidden=True),
    TabLayout("system", (140, 140, 140), rows=2, frozen_columns=0, hidden=True),
)

HEADER_BACKGROUND = _BRAND
HEADER_TEXT: Rgb = (255, 255, 255)
SYSTEM_BACKGROUND: Rgb = (239, 241, 240)
SYSTEM_TEXT: Rgb = (85, 95, 93)

# Statuses that wait for somebody stand out, and those of requests that are over are pale.
STATUS_COLORS: dict[str, Rgb] = {
    "to_qualify": (255, 236, 179),
    "to_contact": (255, 224, 178),
    "no_answer": (255, 236, 179),
    "in_progress": (187, 222, 251),
    "waiting": (209, 230, 250),
    "long_term": (225, 221, 240),
    "to_reroute": (255, 205, 198),
    "settled": (200, 230, 201),
    "closed": (224, 224, 224),
    "junk": (224, 224, 224),
}

# In the system's columns that judge a row, cells stand out that contain such a text.
WARNING_COLOR: Rgb = (255, 205, 198)
WARNINGS = {
    ("rules", "effect"): ("À corriger", "Ne désigne personne"),
    ("cases", "result"): ("non :", "À corriger"),
}

_WIDTHS = {
    "date": 110,
    "date-time": 135,
    "integer": 100,
    "yes/no": 110,
    "choices": 330,
    "email": 250,
    "phone": 135,
}
# Widths of columns whose cells are longer, or shorter, than their limit suggests.
_KEY_WIDTHS = {
    "last_name": 130,
    "first_name": 125,
    "assignment_reason": 820,  # a whole sentence, in one line: no row is high for its sake
    "organisation": 280,
    "other_projects": 320,
    "target": 260,
    "territory": 240,
    "epci": 240,
    "scope": 260,
    "referent": 160,
    "weekly_mail": 150,
    "referents": 240,
    "profile": 240,
    "max_open": 150,
    "origin": 190,
    "answer": 620,
    "effect": 620,  # a sentence or two, which people compare from row to row
    "result": 560,
    "source": 150,
}
_TEXT_WIDTHS = ((40, 125), (80, 175), (120, 190), (500, 260))
_WIDEST = 380
_CHARACTER, _ARROW = 6.2, 36  # pixels: a letter in Arial 10; the arrow and margins of a dropdown

WRAPPED_TABS = ("guide", "to_check")
_WRAPPED_KEYS = ("effect", "result")  # most texts are short, and the long ones say what is wrong


def width(column: Column) -> int:
    """The width in pixels of a new column, by what it holds."""
    known = _KEY_WIDTHS.get(column.key) or _WIDTHS.get(column.type.name)
    if known:
        return known
    if column.type.choices:
        longest = max(map(len, column.type.choices))
        return min(_WIDEST, round(longest * _CHARACTER) + _ARROW)
    if column.max_length is None:
        return 150
    return next((pixels for most, pixels in _TEXT_WIDTHS if column.max_length <= most), _WIDEST)


def wraps(tab: str, key: str) -> bool:
    """Whether cells of a new column break their lines instead of ending at the next cell."""
    return tab in WRAPPED_TABS or key in _WRAPPED_KEYS
