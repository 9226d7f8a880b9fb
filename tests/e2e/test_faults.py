"""A fault of the sheet, from the first person it hits to the mail that says it is over."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from functions.digest.weeks import week_of
from functions.route import drain
from infra.local.mailbox import Mail, mails
from sheets_schema.columns import PARIS
from sheets_schema.tab import column_letter, tab
from tests.support import ANA, API_KEY, Classeur, Clock

COORDINATORS = {
    "dominique.vayssie@example.org",
    "pauline.escudie@example.org",
    "yann.carriere@example.org",
}
OPERATOR = "exploitation@example.org"


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock of `route`, ahead of everybody else's."""
    clock = Clock(datetime.now(UTC).isoformat())
    monkeypatch.setattr(drain, "Drain", partial(drain.Drain, clock=clock))
    return clock


def test_a_second_notes_column_mutes_nobody(
    clock: Clock, load: Callable[[str], FlaskClient], classeur: Classeur, tmp_path: Path
):
    def new_mails() -> list[Mail]:
        arrived = mails(tmp_path / "mail")
        for file in (tmp_path / "mail").glob("*.eml"):
            file.unlink()
        return arrived

    weeks = [week_of(datetime.now(PARIS).date() - timedelta(days=days)).name for days in (21, 14)]
    intake, route, digest = (load(name) for name in ("intake", "route", "digest"))
    intake.post("/", json=ANA, headers=API_KEY)
    assert route.post("/").json == {"written": 1}
    new_mails()

    beside_ours = f"Demandes!{column_letter(len(tab('requests').columns))}1"
    classeur.type(beside_ours, "Notes")
    assert intake.post("/", json=ANA, headers=API_KEY).status_code == 202
    stopped = route.post("/?sweep=true")
    assert stopped.status_code == 503
    assert "colonne en double : « Notes »" in stopped.json["title"]
    (line,) = classeur.rows("À vérifier")
    assert line["Sujet"] == "Onglet « Demandes », colonne en double : « Notes »."
    assert "Renommez ou supprimez la colonne de trop" in line["Que faire"]
    assert new_mails() == []

    clock.advance(minutes=31)
    for _ in range(2):
        clock.advance(minutes=1)
        assert route.post("/?sweep=true").status_code == 503
    alarms = new_mails()
    assert sorted(mail.to for mail in alarms) == sorted({*COORDINATORS, OPERATOR})
    assert all("n'écrit plus dans le classeur" in mail.subject for mail in alarms)
    assert all("1 demande attend." in mail.text for mail in alarms)

    # The coordinators', and that of the referent who has a request to follow.
    assert digest.post("/", json={"week": weeks[0]}).json == {"week": weeks[0], "sent": 4}
    digests = [mail for mail in new_mails() if mail.to in COORDINATORS]
    assert len(digests) == 3
    for mail in digests:
        assert "colonne en double : « Notes »" in mail.text
        assert "1 DEMANDE ATTEND" in mail.text
        assert "La semaine en chiffres" in mail.text
    sheet = {"sheetId": classeur.sheet_id("Coordination"), "title": "Équipe"}
    classeur.do({"updateSheetProperties": {"properties": sheet, "fields": "title"}})
    assert digest.post("/", json={"week": weeks[1]}).json == {"week": weeks[1], "sent": 2}
    (mail,) = (mail for mail in new_mails() if mail.to == OPERATOR)
    assert "Onglet introuvable : « Coordination »" in mail.text

    sheet["title"] = "Coordination"
    classeur.do({"updateSheetProperties": {"properties": sheet, "fields": "title"}})
    classeur.type(beside_ours, "Mes notes")
    clock.advance(minutes=1)
    assert route.post("/?sweep=true").json == {"written": 1}
    assert len(classeur.rows()) == 2
    over = [mail for mail in new_mails() if "écrit de nouveau" in mail.subject]
    assert sorted(mail.to for mail in over) == sorted({*COORDINATORS, OPERATOR})
    assert len(classeur.rows("À vérifier")) == 1
