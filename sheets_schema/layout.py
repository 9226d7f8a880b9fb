"""How the workbook's tabs look: order, colours, frozen columns, size. Taste, not contract."""

from dataclasses import dataclass

from sheets_schema.columns import ColumnType

Rgb = tuple[int, int, int]

LOCALE = "fr_FR"
TIME_ZONE = "Europe/Paris"


@dataclass(frozen=True)
class TabLayout:
    """The look of a tab when it is created: partners may change it afterwards."""

    key: str
    color: Rgb
    rows: int
    frozen_columns: int = 1
    hidden: bool = False


# In the order in which people see them.
TABS = (
    TabLayout("requests", (31, 95, 91), rows=2000, frozen_columns=2),
    TabLayout("referents", (192, 122, 43), rows=200),
    TabLayout("rules", (192, 122, 43), rows=300),
    TabLayout("coordination", (192, 122, 43), rows=50),
    TabLayout("to_check", (178, 58, 46), rows=300, frozen_columns=0),
    TabLayout("communes", (140, 140, 140), rows=400),
    TabLayout("guide", (140, 140, 140), rows=40, frozen_columns=0),
    TabLayout("tracking", (140, 140, 140), rows=300, hidden=True),
    TabLayout("system", (140, 140, 140), rows=2, frozen_columns=0, hidden=True),
)

HEADER_BACKGROUND: Rgb = (31, 95, 91)
HEADER_TEXT: Rgb = (255, 255, 255)
SYSTEM_BACKGROUND: Rgb = (239, 241, 240)
SYSTEM_TEXT: Rgb = (85, 95, 93)

# What waits for somebody stands out; what is over fades.
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

_WIDTHS = {
    "date": 110,
    "date-time": 135,
    "integer": 100,
    "yes/no": 110,
    "choice": 190,
    "choices": 210,
    "email": 220,
    "phone": 135,
}
_TEXT_WIDTHS = ((40, 125), (80, 150), (120, 190), (500, 260))
_WIDEST = 380


def width(type_: ColumnType, max_length: int | None) -> int:
    """A new column's width in pixels, from what it holds."""
    if type_.name in _WIDTHS:
        return _WIDTHS[type_.name]
    if max_length is None:
        return 150
    return next((pixels for length, pixels in _TEXT_WIDTHS if max_length <= length), _WIDEST)
