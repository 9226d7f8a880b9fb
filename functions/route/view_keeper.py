"""Keeps the filter views of Demandes as the sheet asks for them. Sweeps do that."""

from dataclasses import dataclass, field

from functions.route.commit.writer import Writer
from functions.route.decide.views import Views
from functions.shared.errors import AccueilError, WorkbookRefusedError
from functions.shared.log import log


@dataclass
class ViewKeeper:
    """Makes the views what they should be whenever that has changed; a process needs one instance.

    It remembers what it did, so a sweep that finds everybody where they were makes no call for
    them. A new process looks once.
    """

    writer: Writer
    _kept: Views | None = field(default=None, init=False)

    def keep(self, views: Views) -> None:
        """Make the views. If that fails, the drain goes on, and the next sweep tries again.

        If Google refuses them as they are, nothing is tried until something else is wanted.
        """
        if views == self._kept:
            return
        try:
            changed = self.writer.keep_views(views.wanted)
            if changed:
                log("INFO", "filter views kept", changed=changed)
        except WorkbookRefusedError as error:
            log("ERROR", str(error), kept="filter views")
        except AccueilError as error:
            log("WARNING", str(error), kept="filter views")
            return
        except Exception as error:  # noqa: BLE001  (a view must not stop the drain)
            log("ERROR", "unexpected error", kept="filter views", error=type(error).__name__)
            return
        self._kept = views
