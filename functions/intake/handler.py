"""intake: gathers a call, decides whether it is an arrival request, makes it durable, answers."""

import secrets
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from functions.intake import assets, headers
from functions.intake.acceptance import Acceptance
from functions.intake.answers import Answers, PostedForm, read_form
from functions.intake.callers import Caller, identify
from functions.intake.envelope import Envelope, open_envelope
from functions.intake.form import Frame, inline_hashes, render_confirmation, render_form, style
from functions.intake.limits import SITE, SUBNET, Limits, network
from functions.intake.messages import FieldError, field_error
from functions.intake.refusals import KeyReusedError, RefusedError
from functions.intake.robots import Challenges, Proof, ProofError, suspicion
from functions.intake.submission import (
    InvalidError,
    Submission,
    UnreadableError,
    parse_json,
    validate,
)
from functions.intake.words import Language, Phrase, language, say
from functions.shared import reference
from functions.shared.errors import AccueilError, JournalError
from functions.shared.journal.store import Journal
from functions.shared.version import VERSION
from functions.shared.web import HTML, Answer, Call, json_answer, problem
from sheets_schema.schema import TEST_SOURCE

BODY_LIMIT = 64 * 1024
FORM_TYPE = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Public:
    """What the operator decides about the public side; see docs/settings.md.

    `origins` are the sites that may show the form, `form_page` the page of one of them that does,
    `proxies` how many proxies in front of the function are trusted.
    """

    privacy_contact: str
    challenges: Challenges
    callers: Sequence[Caller] = ()
    origins: Sequence[str] = ()
    form_page: str = ""
    proxies: int = 0


@dataclass(frozen=True)
class Intake:
    """The function: called with an HTTP call, it answers it.

    `draw` gives a random number below 2**reference.RANDOM_BITS, `new_key` an idempotency key.
    """

    journal: Journal
    public: Public
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    draw: Callable[[], int] = lambda: secrets.randbits(reference.RANDOM_BITS)
    new_key: Callable[[], str] = lambda: str(uuid.uuid4())
    limits: Limits = field(default_factory=Limits)

    def __call__(self, call: Call) -> Answer:
        """See docs/website.md for what there is to call."""
        try:
            answer = self._answer(call)
        except RefusedError as error:
            answer = _refusal(error, language(call))
        return headers.dressed(answer, call, self.public.origins)

    @property
    def resources(self) -> Mapping[str, Mapping[str, Callable[[Call], Answer]]]:
        """What there is at each address, by method."""
        return {
            "/": {"GET": self._form, "POST": self._post},
            "/challenge": {"GET": self._challenge},
            "/embed.js": {"GET": self._embed},
            "/health": {"GET": self._health},
            "/openapi.json": {"GET": self._openapi},
            "/api": {"GET": self._manual},
        }

    def _answer(self, call: Call) -> Answer:
        resource = self.resources.get(call.path.rstrip("/") or "/")
        if resource is None:
            return problem(
                404,
                say(
                    _NOTHING_HERE,
                    language(call),
                ),
            )
        allowed = [*resource, "HEAD", "OPTIONS"]
        if call.method == "OPTIONS":
            return headers.preflight(call, allowed, self.public.origins)
        act = resource.get("GET" if call.method == "HEAD" else call.method)
        if act is None:
            sentence = say(
                "Cette méthode n'est pas possible ici : l'en-tête Allow nomme celles qui le sont.",
                language(call),
            )
            return replace(problem(405, sentence), headers={"Allow": ", ".join(allowed)})
        return act(call)

    def _form(self, call: Call) -> Answer:
        self._admit_reader(call)
        answer = self._page(call, 200)
        # Nothing personal is on it; the back button has to show the same page, and its key.
        return replace(answer, headers={**answer.headers, "Cache-Control": "private, no-cache"})

    def _challenge(self, call: Call) -> Answer:
        now = self.clock()
        self.limits.admit("challenge", self._network(call), now.timestamp())
        return json_answer(200, self.public.challenges.new(now))

    def _embed(self, call: Call) -> Answer:
        script = assets.embed_script(style())
        kept = {
            "Cache-Control": "public, max-age=3600",
            "Cross-Origin-Resource-Policy": "cross-origin",
            "ETag": assets.etag(script),
        }
        if kept["ETag"] in call.headers.get("if-none-match", ""):
            return Answer(304, headers=kept)
        return Answer(200, script, "text/javascript; charset=utf-8", kept)

    def _health(self, call: Call) -> Answer:
        self._admit_reader(call)
        try:
            self.journal.read("health")
        except JournalError:
            return problem(503, say("Le journal ne répond pas.", language(call)))
        return json_answer(200, {"status": "ok", "version": VERSION})

    def _openapi(self, _: Call) -> Answer:
        from functions.intake.openapi import document_text  # noqa: PLC0415  (seldom asked for)

        return Answer(200, document_text(), headers=_FOR_AN_HOUR)

    def _manual(self, call: Call) -> Answer:
        from functions.intake.manual import manual_styles, render_manual  # noqa: PLC0415

        self._admit_reader(call)
        policy = {"Content-Security-Policy": headers.page_policy(manual_styles(), [], [])}
        return Answer(200, render_manual(), HTML, policy | _FOR_AN_HOUR)

    def _post(self, call: Call) -> Answer:
        lang = language(call)
        if call.headers.get("content-encoding", "identity").lower() != "identity":
            refusal = problem(415, say(_COMPRESSED, lang))
            return replace(refusal, headers={"Accept-Encoding": "identity"})
        if call.content_type == FORM_TYPE:
            return self._post_form(call)
        if len(call.body) > BODY_LIMIT:
            return problem(413, say(_TOO_LONG, lang))
        if call.content_type == "application/json":
            return self._post_json(call)
        return problem(415, say("Envoyez application/json ou {form}.", lang, form=FORM_TYPE))

    def _post_json(self, call: Call) -> Answer:
        lang = language(call)
        try:
            caller = self._admit(call)
            raw = parse_json(call.body)
            envelope = open_envelope(raw if isinstance(raw, dict) else {}, call.headers)
            lang = envelope.lang or lang
            submission = validate(raw)
            accepted = self._accept(call, submission, envelope, caller)
        except UnreadableError as error:
            return problem(400, say(error, lang))
        except InvalidError as error:
            entries = [
                {"field": one.field, "message": say(one.message, lang)} for one in error.errors
            ]
            return problem(422, say(error, lang), errors=entries)
        except KeyReusedError as error:
            return problem(422, say(error, lang))
        except RefusedError as error:
            return _refusal(error, lang)
        except JournalError:
            return replace(problem(503, say(_NOT_CONFIRMED, lang)), headers=_SOON)
        return json_answer(202, {"reference": accepted, "status": "accepted"})

    def _post_form(self, call: Call) -> Answer:
        if len(call.body) > BODY_LIMIT:
            self._admit(call)  # a page takes longer to draw than to ask for
            return self._page(call, 413, errors=[FieldError("", _TOO_LONG)])
        try:
            posted = read_form(call.body)
            envelope = open_envelope(posted.envelope, call.headers)
        except UnreadableError as error:
            self._admit(call)
            return self._page(call, 400, errors=[_notice(error)])
        if envelope.lang:
            call = replace(call, query={**call.query, "lang": envelope.lang})
        key = envelope.key or self.new_key()
        if call.query.get("step") == "translate":
            return self._translated(call, posted, key)
        try:
            caller = self._admit(call)
            submission = _valid(posted)
            accepted = self._accept(call, submission, replace(envelope, key=key), caller)
        except InvalidError as error:
            return self._page(call, 422, posted.answers, error.errors, key)
        except KeyReusedError as error:
            # A page reached with the back button sends its key again: the next try is a new one.
            notice = FieldError("", Phrase(_SENT_BEFORE, reference=error.reference))
            return self._page(call, 422, posted.answers, [notice], self.new_key(), reused=True)
        except RefusedError as error:
            page = self._page(call, error.status, posted.answers, [_notice(error)], key)
            return replace(page, headers={**page.headers, **_later(error)})
        except JournalError:
            notice = FieldError("", _NOT_CONFIRMED)
            page = self._page(call, 503, posted.answers, [notice], key)
            return replace(page, headers={**page.headers, **_SOON})
        [source, *_] = posted.answers.get("source", [""])
        body = render_confirmation(accepted, _frame(call), language(call), source)
        return Answer(202, body, HTML, self._page_headers())

    def _translated(self, call: Call, posted: PostedForm, key: str) -> Answer:
        """A form in another language as it stands, with what is wrong where that was said."""
        self._admit_reader(call)
        errors: Sequence[FieldError] = ()
        if "checked" in call.query:
            try:
                _valid(posted)
            except InvalidError as error:
                errors = error.errors
        return self._page(call, 200, posted.answers, errors, key)

    def _admit_reader(self, call: Call) -> None:
        """Let somebody read who sends nothing.

        Raises:
            RefusedError: too often.
        """
        self.limits.admit("page", self._network(call), self.clock().timestamp())

    def _admit(self, call: Call) -> Caller | None:
        """Who calls; None for anybody.

        Raises:
            RefusedError: with an unknown API key, from another site's page, or too often.
        """
        now = self.clock().timestamp()
        try:
            caller = identify(call.headers.get("x-api-key"), self.public.callers)
        except RefusedError:
            self.limits.admit("network", self._network(call), now)
            raise
        if caller is None:
            headers.check_origin(call, self.public.origins)
            self.limits.admit("network", self._network(call), now)
        elif not caller.unlimited:
            self.limits.admit("key", caller.name, now)
        return caller

    def _accept(
        self, call: Call, submission: Submission, envelope: Envelope, caller: Caller | None
    ) -> str:
        """Make a submission durable, once robots are held back; returns its reference.

        Raises:
            InvalidError: it is called a test, without an API key.
            RefusedError: its proof of work is missing or none, or it comes too often.
            KeyReusedError, JournalError: see Acceptance.
        """
        acceptance = Acceptance(self.journal, self.clock, self.draw)
        key = envelope.key or self.new_key()
        if caller:
            # Its keys are its own: nobody can use them up, however easily they are guessed.
            return acceptance.accept(submission, f"{caller.name}\0{key}", {})
        if submission["source"] == TEST_SOURCE:
            raise InvalidError([field_error(("source",), Phrase("« test » demande une clé d'API"))])
        proof, marks = None, {}
        if envelope.proof:
            proof = self._proof(envelope.proof)
            if proof is None or not acceptance.spend(proof, key):
                # It may be a request whose answer was lost, sent again much later.
                if known := acceptance.known(submission, key):
                    return known
                raise RefusedError(403, _PROOF_SPENT)
        elif call.content_type == FORM_TYPE:
            now = self.clock().timestamp()
            self.limits.admit("no_script", self._network(call, SITE), now)
            self.limits.admit("no_script_at_all", "", now)
            marks["doubt"] = "no_script"
        else:
            raise RefusedError(403, _PROOF_NEEDED)
        if reason := suspicion(envelope.bait, proof, self.clock()):
            marks["suspect"] = reason
        return acceptance.accept(submission, key, marks)

    def _proof(self, payload: str) -> Proof | None:
        try:
            return self.public.challenges.check(payload, self.clock())
        except ProofError:
            return None

    def _network(self, call: Call, prefix: int = SUBNET) -> str:
        forwarded = call.headers.get("x-forwarded-for", "")
        return network(call.peer, forwarded, self.public.proxies, prefix)

    def _page(
        self,
        call: Call,
        status: int,
        answers: Answers | None = None,
        errors: Sequence[FieldError] = (),
        key: str | None = None,
        *,
        reused: bool = False,
    ) -> Answer:
        body = render_form(
            key=key or self.new_key(),
            privacy_contact=self.public.privacy_contact,
            answers=answers,
            errors=errors,
            frame=_frame(call),
            lang=language(call),
            form_page=self.public.form_page,
            query=call.query,
            reused=reused,
        )
        return Answer(status, body, HTML, self._page_headers())

    def _page_headers(self) -> Mapping[str, str]:
        styles, scripts = inline_hashes()
        policy = headers.page_policy(styles, scripts, self.public.origins)
        return {"Content-Security-Policy": policy}


_FOR_AN_HOUR = {"Cache-Control": "public, max-age=3600"}
_COMPRESSED = "Envoyez la demande sans compression (en-tête Content-Encoding)."
_NOTHING_HERE = (
    "Il n'y a rien à cette adresse : le formulaire est à l'adresse de base du service, son mode "
    "d'emploi à cette adresse suivie de /api."
)
_TOO_LONG = "La demande est trop longue : 64 Kio au plus. Raccourcissez-la et renvoyez-la."
# It may be recorded all the same: no more is said than is known.
_NOT_CONFIRMED = (
    "L'enregistrement de votre demande n'est pas confirmé. Réessayez dans quelques instants."
)
_SOON = {"Retry-After": "10"}
_SENT_BEFORE = (
    "Vous avez déjà envoyé une demande depuis cette page (référence {reference}). "
    "Pour en envoyer une autre, validez de nouveau."
)
_PROOF_NEEDED = (
    "Une preuve de travail est nécessaire (champ altcha), ou une clé d'API (en-tête X-API-Key)."
)
_PROOF_SPENT = (
    "La vérification anti-robot n'est plus valable : validez de nouveau. "
    "Rien de ce que vous avez écrit n'est perdu."
)


def _valid(posted: PostedForm) -> Submission:
    """The submission that a posted form makes.

    Raises:
        InvalidError: with what was wrong when it was read, too.
    """
    errors = list(posted.errors)
    try:
        submission = validate(posted.raw)
    except InvalidError as error:
        known = {one.field for one in errors}
        errors += [one for one in error.errors if one.field not in known]
    if errors:
        raise InvalidError(errors)
    return submission


def _frame(call: Call) -> Frame:
    match call.query.get("frame"):
        case "embed" | "fragment" as frame:
            return frame
    return "page"


def _notice(error: AccueilError) -> FieldError:
    """What is wrong with the form as a whole."""
    return FieldError("", error.args[0])


def _refusal(error: RefusedError, lang: Language) -> Answer:
    return replace(problem(error.status, say(error, lang)), headers=_later(error))


def _later(error: RefusedError) -> Mapping[str, str]:
    return {} if error.retry_after is None else {"Retry-After": str(error.retry_after)}
