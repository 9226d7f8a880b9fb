"""The checks of what Google's API does, in the order in which they are made."""

from infra.doctor.checks import Check
from infra.doctor.scratch import Scratch
from infra.doctor.trials import edits, fence, protections, reading, rows, views, whole

LIVE: tuple[Check[Scratch], ...] = (
    *fence.CHECKS,
    *rows.CHECKS,
    *edits.CHECKS,
    *reading.CHECKS,
    *views.CHECKS,
    *protections.CHECKS,
    *whole.CHECKS,
)
