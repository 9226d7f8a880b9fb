"""One request's way from the form to the digest, in a process of its own: prints what people see.

Called with an empty folder. It uses whichever copy of the system PYTHONPATH names, so that a test
can give it the copy of another département.
"""

import json
import os
import sys
from datetime import datetime
from pathlib import Path

import functions_framework
import requests
from click.testing import CliRunner
from flask.testing import FlaskClient

import functions
from functions.digest.weeks import week_of
from functions.shared.sheets.google import open_workbook
from infra import cli
from infra.emulator.app import create_app
from infra.emulator.server import serving
from infra.emulator.store import Store
from infra.local import seed, stack
from infra.local.mailbox import mails
from infra.local.pages.app import create_app as create_pages
from sheets_schema.columns import PARIS
from tests.support import API_KEY, Classeur, Gate

COPY = Path(functions.__file__).parents[1]
SHOWN = "sheets(properties.title,data.rowData.values(formattedValue,note,dataValidation))"
PERSON = {
    "first_name": "Ana",
    "last_name": "Martin",
    "email": "ana@example.org",
    "projects.0.type": "remote_work",
}


def load(name: str) -> FlaskClient:
    return functions_framework.create_app(name, str(COPY / "main.py")).test_client()


def add_row(classeur: Classeur, tab: str, **cells: str) -> None:
    """Type a row of cells, by their headers, under the others of a tab."""
    header, *rows = classeur.values(tab)
    for title, text in cells.items():
        letter = chr(ord("A") + header.index(title))
        classeur.type(f"{tab}!{letter}{len(rows) + 2}", text)


def post(intake: FlaskClient, query: str = "", **answers: str) -> str:
    return intake.post(f"/{query}", data=PERSON | answers, headers=API_KEY).text


def dropdown(classeur: Classeur, tab: str, title: str) -> list[str]:
    letter = chr(ord("A") + classeur.values(tab)[0].index(title))
    rule = classeur.cell(f"{tab}!{letter}2")["dataValidation"]
    return [value["userEnteredValue"] for value in rule["condition"]["values"]]


def walk(home: Path, classeur: Classeur) -> dict:
    add_row(classeur, "Référents", Nom="Jeanne Roy", Courriel="jeanne@example.org", Actif="Oui")
    for number, where in (("1", "Tulle Agglo"), ("2", "Toute la Corrèze")):
        add_row(
            classeur,
            "Règles d'attribution",
            **{
                "N° de règle": number,
                "Ordre": number,
                "Référent(s)": "Jeanne Roy",
                "Active": "Oui",
            },
            Territoire=where,
        )
    intake, route, digest = map(load, ("intake", "route", "digest"))
    week = week_of(datetime.now(PARIS).date()).name
    seen = {
        "form": intake.get("/").text,
        "form in English": intake.get("/?lang=en").text,
        "fragment": intake.get("/?frame=fragment").text,
        "embed.js": intake.get("/embed.js").text,
        "manual": intake.get("/api").text,
        "openapi.json": intake.get("/openapi.json").text,
        "confirmation": post(intake, **{"target": "communes", "target.communes": "tulle"}),
        "confirmation in English": post(
            intake, "?lang=en", target="anywhere", email="zoe@example.org"
        ),
        "refusal": post(intake, **{"target": "communes", "target.communes": "Quimper"}),
        "refusal in English": post(
            intake, "?lang=en", **{"target": "communes", "target.communes": "Quimper"}
        ),
        "drained": route.post("/?sweep=true").json,
    }
    [notice] = [mail for mail in mails(home / "mail") if mail.to == "jeanne@example.org"]
    receipts = [mail for mail in mails(home / "mail") if mail != notice]
    (home / "mail").rename(home / "read")
    preview = {"week": week, "preview": "dominique.vayssie@example.org"}
    seen["digested"] = digest.post("/", json=preview).json
    [monday] = mails(home / "mail")
    pages = create_pages(home, "demo", lambda _: "").test_client()
    return seen | {
        "notice": [notice.to, notice.subject, notice.html, notice.text],
        "receipts": sorted(mail.text for mail in receipts),
        "digest": [monday.to, monday.subject, monday.html, monday.text],
        "rows": classeur.rows(),
        "guide": classeur.values("Mode d'emploi"),
        "communes": classeur.rows("Communes"),
        "projects": dropdown(classeur, "Demandes", "Projet principal"),
        "territories": dropdown(classeur, "Référents", "Intercommunalité"),
        "workbook": requests.get(classeur.api, {"fields": SHOWN}, timeout=30).text,
        "local page": pages.get("/").text,
        "help": CliRunner().invoke(cli.main, ["--help"]).output,
    }


def main() -> None:
    home = Path(sys.argv[1])
    store = Store()
    store.create({"title": "Suivi"}, "demo")
    with serving(create_app(store)) as url:
        os.environ |= stack.settings(home, url) | {
            "ACCUEIL_SHEETS_API": url,
            "ACCUEIL_SHEET_URL": "https://sheets.example.org/{id}",
        }
        seed.fill(open_workbook("demo", url))
        seen = walk(home, Classeur(store, url, Gate()))
    store.close()
    sys.stdout.write(json.dumps({"copy": str(COPY)} | seen))


main()
