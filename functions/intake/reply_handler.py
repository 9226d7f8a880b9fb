"""Answers from mails: the pages that their links open, and how each call is answered.

Only POST changes anything, because mail scanners open every link.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

from functions.intake import headers, own_page, reply_pages
from functions.intake.admission import Admission
from functions.intake.form import short_style
from functions.intake.own_page import Said
from functions.intake.pages import policy_hash
from functions.intake.refusals import RefusedError, refusal
from functions.intake.replying import UNKNOWN, Opened, Replying
from functions.intake.words import preferred
from functions.shared.errors import AccueilError
from functions.shared.journal.replies import SUBSCRIPTIONS
from functions.shared.links import ANSWER_PAGE, MONDAY_PAGE, OWN_PAGE, PARAMETER
from functions.shared.web import HTML, Answer, Call

Resource = Mapping[str, Callable[[Call], Answer]]
UNAVAILABLE = 503


@dataclass(frozen=True)
class ReplyHandler:
    """Answers the calls to these pages."""

    admission: Admission
    replying: Replying

    @cached_property
    def resources(self) -> Mapping[str, Resource]:
        """The resource at each address, by method. No program calls them."""
        page: Resource = {"GET": self._question, "POST": self._answered}
        own: Resource = {"GET": self._own_page, "POST": self._said}
        return {ANSWER_PAGE: page, MONDAY_PAGE: page, OWN_PAGE: own}

    def unanswered(self, error: AccueilError, call: Call) -> Answer:
        """A short page in the place of one of these, after an error."""
        answered = refusal(error)
        unsure = answered.status == UNAVAILABLE
        if call.path.rstrip("/") == OWN_PAGE:
            # Whose link it is may not be known, so the browser says the language.
            lang = preferred(call)
            body = own_page.render_unanswered(answered, lang, posted=call.method == "POST")
        elif unsure and call.method != "POST":
            body = reply_pages.render_unshown()
        else:
            body = reply_pages.render_unanswered(str(answered.sentence), unsure=unsure)
        policy = headers.page_policy([policy_hash(short_style())], [], [])
        more = {"Content-Security-Policy": policy, **answered.headers}
        return Answer(answered.status, body, HTML, more)

    # Staff's answers.

    def _question(self, call: Call) -> Answer:
        self.admission.reader(call)
        return _page(reply_pages.render_question(self._open(call)))

    def _answered(self, call: Call) -> Answer:
        self.admission.sender(call)
        opened, reason = self._open(call), ""
        if opened.link.choice == "not_mine":
            reason, chosen, more, error = reply_pages.read_reason(call.body)
            if error:
                page = reply_pages.render_question(opened, reason=chosen, more=more, error=error)
                return _page(page, 422)
        kept = self.replying.keep(opened, reason)
        return _page(reply_pages.render_done(opened, kept=kept, undo=_undo(opened)))

    # An applicant's page.

    def _own_page(self, call: Call) -> Answer:
        self.admission.reader(call)
        return self._own(self._open(call))

    def _said(self, call: Call) -> Answer:
        self.admission.sender(call)
        opened, text = self._open(call), ""
        if opened.link.choice == "own_page":
            said = own_page.read_said(opened, call.body)
            if said is None or said.error:
                return self._own(opened, said, 422)
            opened, text = opened.saying(said.wish, said.number), said.text
        kept = self.replying.keep(opened, text)
        if text and not kept and opened.link.number < own_page.MOST_TIMES:
            again = own_page.once_more(opened, text)
            return self._own(opened.saying("own_page"), again, 409)
        return _page(own_page.render_heard(opened, kept=kept))

    def _own(self, opened: Opened, said: Said | None = None, status: int = 200) -> Answer:
        """The page; `said` is what somebody wrote there, and what has to be put right."""
        if opened.link.choice != "own_page":
            return _page(own_page.render_question(opened), status)
        return _page(own_page.render_own(opened, self.replying.stage(opened), said), status)

    def _open(self, call: Call) -> Opened:
        """What the link of a call is about; an expired one is an order of new links.

        Raises:
            RefusedError: the link is none of ours, or belongs on another page.
        """
        opened = self.replying.open(call.query.get(PARAMETER, ""))
        if call.path.rstrip("/") != opened.link.page:
            raise RefusedError(404, UNKNOWN)
        return opened.renewed if self.replying.is_expired(opened) else opened


def _page(body: str, status: int = 200) -> Answer:
    policy = headers.page_policy(reply_pages.reply_hashes(), [], [])
    return Answer(status, body, HTML, {"Content-Security-Policy": policy})


def _undo(opened: Opened) -> str:
    """The address that takes an answer about Monday's mail back; "" for any other answer."""
    link = opened.link
    if link.choice not in SUBSCRIPTIONS:
        return ""
    return f"?{PARAMETER}={link.opposite.signed(opened.letter.key)}"
