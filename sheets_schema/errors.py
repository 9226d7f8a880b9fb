"""The one family of errors. Each carries the French sentence that a person reads."""


class AccueilError(Exception):
    """Something a person has to know: `str(error)` says what happened, where, and what to do."""


class CellError(AccueilError):
    """A cell holds something its column cannot read; the sentence says what was expected."""


class HeaderError(AccueilError):
    """A tab's header row lacks columns the system needs, or has one twice."""
