"""The local system's own pages, as a Flask application."""

from collections.abc import Callable
from pathlib import Path

from flask import Flask, Response, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from functions.shared.french import unbroken
from infra.local import mailbox, samples
from sheets_schema.place import PLACE

SendDigest = Callable[[bool], str]
# The frame shows a mail and runs no script of it. A click on a link of the mail opens the link in
# the whole window. The mail has the same origin as the page around it, which has to measure it.
_MAIL_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
    "sandbox allow-same-origin allow-top-navigation-by-user-activation"
)


def create_app(home: Path, spreadsheet: str, send_digest: SendDigest) -> Flask:
    """The pages: `/`, `/classeur` and `/courriels`.

    Args:
        home: the state folder, whose `mail/` is the outbox.
        spreadsheet: the local spreadsheet's id.
        send_digest: sends this week's digest and says in French what happened. Called with True,
            it sends the digest even if it was sent before.
    """
    app = Flask(__name__)
    app.jinja_env.globals["place"] = PLACE
    app.jinja_env.filters["unbroken"] = unbroken
    outbox = home / "mail"

    @app.get("/")
    def show_home() -> str:
        return render_template("home.html", home=home)

    @app.get("/classeur")
    def show_workbook() -> str:
        return render_template("workbook.html", spreadsheet=spreadsheet)

    @app.get("/courriels")
    def show_mails() -> str:
        notice = request.args.get("fait", "")
        return render_template("mails.html", mails=mailbox.mails(outbox), notice=notice)

    @app.post("/courriels")
    def send_mails() -> BaseResponse:
        notice = send_digest("again" in request.form)
        return redirect(url_for("show_mails", fait=notice))

    @app.get("/courriels/exemples")
    def show_samples() -> str:
        return render_template("samples.html", mails=samples.gallery(request.host_url).values())

    @app.get("/courriels/exemples/<kind>")
    def show_sample(kind: str) -> str:
        return render_template("mail.html", mail=_sample(kind))

    @app.get("/courriels/exemples/<kind>/html")
    def show_sample_body(kind: str) -> Response:
        return _body(_sample(kind))

    @app.get("/courriels/<name>")
    def show_mail(name: str) -> str:
        return render_template("mail.html", mail=mailbox.find(outbox, name) or abort(404))

    @app.get("/courriels/<name>/html")
    def show_mail_body(name: str) -> Response:
        return _body(mailbox.find(outbox, name) or abort(404))

    return app


def _sample(kind: str) -> mailbox.Mail:
    return samples.gallery(request.host_url).get(kind) or abort(404)


def _body(mail: mailbox.Mail) -> Response:
    """A mail's page, for the frame that shows it."""
    body = mail.html.replace("<head>", '<head><base target="_top">', 1)
    headers = {"Content-Security-Policy": _MAIL_POLICY}
    return Response(body, mimetype="text/html", headers=headers)
