"""intake: the resources at its addresses, and how each call is answered."""

import secrets
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property

from functions.intake import assets, headers
from functions.intake.acceptance import Acceptance
from functions.intake.admission import Admission
from functions.intake.answers import PostedForm, read_form, validated
from functions.intake.callers import Caller
from functions.intake.envelope import Envelope, open_envelope
from functions.intake.form import (
    Form,
    Frame,
    inline_hashes,
    render_confirmation,
    render_form,
    render_short,
    short_style,
    style,
)
from functions.intake.limits import Limits
from functions.intake.pages import policy_hash
from functions.intake.refusals import ANSWERED, RefusedError, as_problem, refusal
from functions.intake.reply_handler import ReplyHandler, Resource
from functions.intake.replying import Replying
from functions.intake.robots import Challenges, ProofError
from functions.intake.submission import (
    InvalidError,
    Submission,
    parse_json,
    validate,
)
from functions.intake.traces import Traces
from functions.intake.typos import likely_domain, question, warning
from functions.intake.words import Language, Phrase, language, say
from functions.shared import reference
from functions.shared.errors import AccueilError, JournalError
from functions.shared.journal.store import Journal
from functions.shared.settings import IntakeSettings
from functions.shared.version import VERSION, code
from functions.shared.web import FORM_TYPE, HTML, JSON, Answer, Call, Pieces, json_answer, problem
from sheets_schema.contact import format_phone, phone_region

# The longest request of two-byte letters, every question answered at its length, has 27 KB.
BODY_LIMIT = 32 * 1024


@dataclass(frozen=True)
class Intake:
    """The function: it is called with an HTTP call and returns the answer.

    `draw` gives a random number below 2**reference.RANDOM_BITS, `new_key` an idempotency key.
    """

    journal: Journal
    settings: IntakeSettings
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    draw: Callable[[], int] = lambda: secrets.randbits(reference.RANDOM_BITS)
    new_key: Callable[[], str] = lambda: str(uuid.uuid4())
    limits: Limits = field(default_factory=Limits)

    def __call__(self, call: Call) -> Answer:
        """See docs/website.md for what there is to call."""
        try:
            answer = self._answer(call)
        except ANSWERED as error:
            answer = self._short(error, call)
        self._traces.see(answer.status, lambda: self._admission.network(call))
        return headers.with_common_headers(answer, call, self.settings.origins)

    def end(self) -> None:
        """Write what the log has to say before the process ends."""
        self._traces.end()

    def problem(self, call: Call, status: int, sentence: str | AccueilError) -> Answer:
        """A refusal that main.py decides on, in the words and with the headers of this function.

        The headers matter: if a script of an allowed site may not read an answer, it concludes that
        there is no connection.
        """
        answer = problem(status, say(sentence, language(call)))
        return headers.with_common_headers(answer, call, self.settings.origins)

    @cached_property
    def resources(self) -> Mapping[str, Resource]:
        """The resource at each address, by method."""
        return {
            "/": {"GET": self._blank_form, "POST": self._post},
            "/challenge": {"GET": self._challenge},
            "/embed.js": {"GET": self._embed},
            "/health": {"GET": self._health},
            "/openapi.json": {"GET": self._openapi},
            "/api": {"GET": self._manual},
        }

    @cached_property
    def _replies(self) -> ReplyHandler:
        return ReplyHandler(self._admission, Replying(self.journal, self.clock))

    @cached_property
    def _challenges(self) -> Challenges:
        return Challenges(self.settings.secrets)

    @cached_property
    def _admission(self) -> Admission:
        return Admission(self.settings, self._challenges, self.limits, self.clock)

    @cached_property
    def _traces(self) -> Traces:
        return Traces(self.settings.secrets[0], self.clock)

    @cached_property
    def _acceptance(self) -> Acceptance:
        return Acceptance(self.journal, self.clock, self.draw)

    def _answer(self, call: Call) -> Answer:
        path = call.path.rstrip("/") or "/"
        resource = self.resources.get(path) or self._replies.resources.get(path)
        if resource is None:
            raise RefusedError(404, _NOTHING_HERE)
        allowed = [*resource, "HEAD", "OPTIONS"]
        if call.method == "OPTIONS":
            return headers.preflight(call, allowed, self.settings.origins)
        act = resource.get("GET" if call.method == "HEAD" else call.method)
        if act is None:
            raise RefusedError(405, _NOT_THIS_METHOD, headers={"Allow": ", ".join(allowed)})
        return act(call)

    # Resources that are read.

    def _blank_form(self, call: Call) -> Answer:
        self._admission.reader(call)
        # A browser may keep this page: nothing personal is on it, and the back button has to show
        # the same page with the same key.
        kept = {"Cache-Control": "private, no-cache"}
        return self._page(self._form(call), 200, kept)

    def _challenge(self, call: Call) -> Answer:
        self._admission.solver(call)
        return json_answer(200, self._challenges.new(self.clock()))

    def _embed(self, call: Call) -> Answer:
        self._admission.reader(call)
        script = assets.embed_script(style())
        everywhere = {"Cross-Origin-Resource-Policy": "cross-origin"}
        return _public(call, script, "text/javascript; charset=utf-8", everywhere)

    def _health(self, call: Call) -> Answer:
        self._admission.reader(call)
        try:
            self.journal.read("health")
        except JournalError as error:
            raise RefusedError(503, "Le journal ne répond pas.") from error
        return json_answer(200, {"status": "ok", "version": VERSION, "code": code()})

    def _openapi(self, call: Call) -> Answer:
        from functions.intake.openapi import document_text  # noqa: PLC0415  (seldom asked for)

        self._admission.reader(call)
        return _public(call, document_text(), JSON)

    def _manual(self, call: Call) -> Answer:
        from functions.intake.manual import manual_styles, render_manual  # noqa: PLC0415

        self._admission.reader(call)
        policy = {"Content-Security-Policy": headers.page_policy(manual_styles(), [], [])}
        return _public(call, render_manual(), HTML, policy)

    # Resources that take what is sent.

    def _post(self, call: Call) -> Answer:
        if call.headers.get("content-encoding", "identity").lower() != "identity":
            raise RefusedError(415, _COMPRESSED, headers={"Accept-Encoding": "identity"})
        if len(call.body) > BODY_LIMIT:
            raise RefusedError(413, _TOO_LONG)
        # Admit before anything is read: to refuse a call must cost us little.
        if call.content_type == FORM_TYPE:
            if call.query.get("step") == "translate":
                self._admission.sender(call)
                return self._translated(call)
            return self._post_form(call, self._admission.sender(call))
        if call.content_type == "application/json":
            return self._post_json(call, self._admission.sender(call))
        raise RefusedError(415, Phrase("Envoyez application/json ou {form}.", form=FORM_TYPE))

    def _post_json(self, call: Call, caller: Caller | None) -> Answer:
        raw = parse_json(call.body)
        envelope = open_envelope(raw if isinstance(raw, dict) else {}, call.headers)
        lang = envelope.lang or language(call)
        try:
            submission = validate(raw)
            accepted = self._accept(call, submission, envelope, lang, caller)
        except ANSWERED as error:
            return as_problem(error, lang)
        body = {"reference": accepted, "status": "accepted"}
        if domain := likely_domain(submission.get("email", "")):
            remark = warning(domain)
            shown = {"field": remark.field, "message": say(remark.message, lang)}
            return json_answer(202, body | {"warnings": [shown]})
        return json_answer(202, body)

    def _post_form(self, call: Call, caller: Caller | None) -> Answer:
        posted, envelope = _read(call)
        form = _filled(self._form(call), posted, envelope)
        envelope = replace(envelope, key=form.key)
        try:
            submission = validated(posted)
            domain = likely_domain(submission.get("email", ""))
            if domain and not envelope.asked and caller is None:  # a program cannot answer
                form = replace(form, asked=True)
                raise InvalidError([question(submission["email"], domain)])
            lang = envelope.lang or form.lang
            accepted = self._accept(call, submission, envelope, lang, caller)
        except ANSWERED as error:
            return self._refused(form, error)
        [source, *_] = posted.answers.get("source", [""])
        phone = _dialled(submission)
        body = render_confirmation(accepted, form.frame, form.lang, source, phone)
        return self._html(body, 202)

    def _translated(self, call: Call) -> Answer:
        """The form in another language, with what was typed, and with errors if they were shown."""
        posted, envelope = _read(call)
        form = _filled(self._form(call), posted, envelope)
        if "checked" in call.query:
            try:
                validated(posted)
            except InvalidError as error:
                form = replace(form, errors=error.errors)
        return self._page(form, 200)

    def _accept(
        self,
        call: Call,
        submission: Submission,
        envelope: Envelope,
        lang: Language,
        caller: Caller | None,
    ) -> str:
        """Hold back robots, then make a submission durable, and return its reference.

        Raises:
            InvalidError, RefusedError: see Admission.screen; or the proof of work is not valid.
            KeyReusedError, JournalError: see Acceptance.
        """
        key = envelope.key or self.new_key()
        if caller:
            # The keys of a caller with an API key are kept apart from all others, so that nobody
            # else can use them up, even if they are easy to guess.
            key = f"{caller.name}\0{key}"
            return self._acceptance.accept(submission, key, lang=lang, unused=not envelope.key)
        try:
            proof, marks = self._admission.screen(call, submission, envelope)
            return self._acceptance.accept(
                submission, key, marks, proof, lang, unused=not envelope.key
            )
        except ProofError as error:
            # The request may be one whose answer was lost, and which is sent again much later.
            if known := self._acceptance.known(submission, key):
                return known
            raise RefusedError(403, _PROOF_SPENT) from error

    # The form.

    def _form(self, call: Call) -> Form:
        """A blank form, in the language and frame that the call asks for."""
        return Form(self.new_key(), language(call), _frame(call), call.query)

    def _refused(self, form: Form, error: AccueilError) -> Answer:
        if isinstance(error, RefusedError) and error.status == TOO_MANY:
            raise error
        answered = refusal(error)
        if answered.key_used:
            # After the back button a page sends its old key again. The next try gets a new key.
            form = replace(form, key=self.new_key(), reused=True)
        return self._page(replace(form, errors=answered.shown), answered.status, answered.headers)

    def _short(self, error: AccueilError, call: Call) -> Answer:
        """The answer to a call that was not admitted or read: a short page, or a problem.

        The form is not drawn again, which takes longer than to ask for it. A browser keeps what
        was typed, and shows it when a person goes back.
        """
        if call.path.rstrip("/") in self._replies.resources:
            return self._replies.unanswered(error, call)
        posted = call.content_type == FORM_TYPE and call.method == "POST"
        wait = error.retry_after if isinstance(error, RefusedError) else None
        reads = wait is not None and "text/html" in call.headers.get("accept", "")
        if not (posted or reads) or _frame(call) == "fragment":
            return as_problem(error, language(call))
        lang = language(call)
        answered = refusal(error)
        sentences = [say(answered.sentence, lang)]
        if wait is not None:
            sentences += [say(_AGAIN if posted else _IN_SECONDS, lang, seconds=wait)]
        if posted:
            sentences += [say(_NOT_LOST, lang)]
        title = _NOT_RECORDED if posted else _TOO_MANY_PAGES
        body = render_short(say(title, lang), sentences, lang)
        policy = headers.page_policy([policy_hash(short_style())], [], self.settings.origins)
        more = {"Content-Security-Policy": policy, **answered.headers}
        return Answer(answered.status, body, HTML, more)

    @property
    def _contacts(self) -> tuple[str, str]:
        return self.settings.privacy_contact, self.settings.form_page

    def _page(self, form: Form, status: int, more: Mapping[str, str] | None = None) -> Answer:
        return self._html(render_form(form, *self._contacts), status, more)

    def _html(
        self, body: str | Pieces, status: int, more: Mapping[str, str] | None = None
    ) -> Answer:
        return Answer(status, body, HTML, {**self._page_headers, **(more or {})})

    @cached_property
    def _page_headers(self) -> Mapping[str, str]:
        styles, scripts = inline_hashes()
        policy = headers.page_policy(styles, scripts, self.settings.origins)
        return {"Content-Security-Policy": policy}


def _filled(form: Form, posted: PostedForm, envelope: Envelope) -> Form:
    """The form with what was typed into it."""
    return replace(
        form,
        key=envelope.key or form.key,
        lang=envelope.lang or form.lang,
        asked=envelope.asked,
        answers=posted.answers,
    )


def _public(
    call: Call, body: str, content_type: str, more: Mapping[str, str] | None = None
) -> Answer:
    """An answer that is the same for everybody, and that caches keep for an hour."""
    version = assets.etag(body)
    kept = {"Cache-Control": "public, max-age=3600", "ETag": version, **(more or {})}
    if headers.has_version(call, version):
        return Answer(304, headers=kept)
    return Answer(200, body, content_type, kept)


def _read(call: Call) -> tuple[PostedForm, Envelope]:
    """Read a posted form, and the fields that travel with it.

    Raises:
        UnreadableError: the body is no form.
    """
    # A page of ours says which step it takes, and our script asks for a fragment.
    own = "step" in call.query or call.query.get("frame") == "fragment"
    posted = read_form(call.body, own=own)
    return posted, open_envelope(posted.envelope, call.headers)


def _dialled(submission: Submission) -> str:
    """The phone number of a submission as people dial it where its sender lives; "" for none."""
    if "phone" not in submission:
        return ""
    origin = submission.get("origin", {})
    region = phone_region(origin.get("country", ""), origin.get("postcode", ""))
    return format_phone(submission["phone"], region)


def _frame(call: Call) -> Frame:
    match call.query.get("frame"):
        case "embed" | "fragment" as frame:
            return frame
    return "page"


TOO_MANY = 429
_NOT_RECORDED = "Votre demande n'est pas enregistrée"
_TOO_MANY_PAGES = "Un peu de patience"
_IN_SECONDS = "Vous pouvez réessayer dans {seconds} s."
_AGAIN = (
    "Dans {seconds} s, rechargez cette page : votre navigateur renverra ce que vous avez écrit."
)
_NOT_LOST = "Rien n'est perdu : ce que vous avez écrit est encore dans la page précédente."
_NOTHING_HERE = (
    "Il n'y a rien à cette adresse : le formulaire est à l'adresse de base du service, son mode "
    "d'emploi à cette adresse suivie de /api."
)
_NOT_THIS_METHOD = (
    "Cette méthode n'est pas possible ici : l'en-tête Allow nomme celles qui le sont."
)
_COMPRESSED = "Envoyez la demande sans compression (en-tête Content-Encoding)."
_TOO_LONG = "La demande est trop longue : 32 Kio au plus. Raccourcissez-la et renvoyez-la."
_PROOF_SPENT = (
    "La vérification anti-robot n'est plus valide : validez de nouveau. "
    "Rien de ce que vous avez écrit n'est perdu."
)
