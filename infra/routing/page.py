"""The page for the meeting: what a proposal would change, printable on one A3."""

import colorsys
from collections.abc import Mapping
from datetime import date

import jinja2

from functions.shared.french import day
from infra.routing.simulate import Matrix, Simulation
from sheets_schema.place import PLACE

_A3_HEIGHT = 1_050  # pixels, of a sheet that lies, without its margins
_GOLDEN = 0.618034  # turns of the colour wheel between one person and the next


def page(simulation: Simulation, matrix: Matrix, source: str, today: date) -> str:
    """The page as HTML: a matrix of projects and intercommunalités, and totals by referent.

    Args:
        simulation: the comparison.
        matrix: who gets what by the proposal.
        source: where the proposal comes from, as people know it.
        today: the day, which the page says.
    """
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("infra.routing"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("simulation.html").render(
        simulation=simulation,
        matrix=matrix,
        source=source,
        day=day(today),
        year=today.year,
        colours=_colours(matrix),
        height=_A3_HEIGHT,
        place=PLACE,
    )


def _colours(matrix: Matrix) -> Mapping[str, str]:
    """A pale colour for each name in the matrix; text on it is legible, in print as well."""
    colours = {}
    for number, name in enumerate(matrix.people):
        parts = colorsys.hls_to_rgb(number * _GOLDEN % 1, 0.86, 0.55)
        colours[name] = "#" + "".join(f"{round(part * 255):02x}" for part in parts)
    return colours
