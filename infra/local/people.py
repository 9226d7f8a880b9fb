"""The titles by which people who edit the local spreadsheet by hand know its columns."""

from typing import Final

from infra.emulator.people.titles import Titles
from sheets_schema.tab import tab

_REQUESTS = tab("requests")

TITLES: Final = Titles(
    tab=_REQUESTS.title,
    reference=_REQUESTS["reference"].title,
    name=_REQUESTS["last_name"].title,
    notes=_REQUESTS["notes"].title,
    referent=_REQUESTS["referent"].title,
    row={
        _REQUESTS[key].title: text
        for key, text in (
            ("last_name", "Main {number}"),
            ("first_name", "Zoé"),
            ("email", "main{number}@example.org"),
            ("target", "Cahors"),
        )
    },
    choices=(_REQUESTS["project"].title,),
)
