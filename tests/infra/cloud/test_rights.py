"""What a function may do in the journal is enough for it: its code runs against a journal that
refuses everything else."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from functions.intake.handler import Intake
from functions.shared.journal.replies import Asked, Stage, unsubscribed
from functions.shared.journal.store import open_journal
from functions.shared.links import OWN_PAGE, LinkMaker
from functions.shared.settings import SETTINGS
from functions.shared.web import Call
from infra.cloud.rights import JOURNAL
from infra.local.access import LOCAL_INTAKE, LOCAL_KEY
from tests.functions.digest.test_handler import CLAIRE, MARC, Postman, digest
from tests.support import ANA

LOT = "LOT-65AC-WHNK"
NOW = datetime(2026, 11, 30, 10, 0, tzinfo=UTC)


class RefusedError(Exception):
    pass


class Limited:
    """A journal in which a function has its own rights only."""

    def __init__(self, inner, function):
        self.inner, self.rights, self.used = inner, JOURNAL[function], set()

    def _check(self, verb, key):
        folders = [folder for folder in self.rights[verb] if key.startswith(folder)]
        if not folders:
            raise RefusedError(f"{verb} {key}")
        self.used.add((verb, folders[0]))

    def create(self, key, body):
        self._check("create", key)
        created = self.inner.create(key, body)
        if not created:  # what a create-only upload may need if the object is there
            self._check("delete", key)
        return created

    def read(self, key):
        self._check("get", key)
        return self.inner.read(key)

    def keys(self, prefix, after=""):
        return self.inner.keys(prefix, after)

    def delete(self, key):
        self._check("delete", key)
        self.inner.delete(key)

    def both(self, first, second):
        return first(), second()


@pytest.fixture
def journal():
    return open_journal("memory:///")


def post(intake, key, body=ANA):
    headers = {
        "content-type": "application/json",
        "x-api-key": LOCAL_KEY,
        "idempotency-key": f'"{key}"',
    }
    return intake(Call("POST", headers, {}, json.dumps(body).encode(), path="/"))


def test_intake_lives_with_its_rights(journal):
    limited = Limited(journal, "intake")
    intake = Intake(limited, LOCAL_INTAKE, clock=lambda: NOW)
    assert intake(Call("GET", {}, {}, b"", path="/health")).status == 200
    assert post(intake, "first-key-0001").status == 202
    assert post(intake, "first-key-0001").status == 202  # the same again
    assert post(intake, "first-key-0001", ANA | {"last_name": "Autre"}).status == 422
    [pending] = journal.keys("pending/")
    body = journal.read(pending)
    journal.delete(pending)
    journal.create(pending.replace("pending/", "quarantine/"), body)
    assert post(intake, "first-key-0001").status == 202  # while it is set aside
    assert not journal.keys("pending/")
    links = LinkMaker(journal, "https://example.org", lambda: NOW).links(
        "Ana Roux",
        "ana.roux@example.org",
        {LOT: Asked("Léa", "Ana Roux", "Ana Roux", "to_contact")},
    )
    stage = Stage("contacted", "Ana Roux", "", "")
    journal.create(f"stages/{LOT}/20261130-000000001", stage.to_json())
    for address in [links.answer(LOT, "called")] * 2 + [
        links.monday(choice) for choice in ("opt_out", "opt_out", "opt_in")
    ]:
        path, _, link = address.removeprefix("https://example.org").partition("?lien=")
        assert intake(Call("POST", {}, {"lien": link}, b"", path=path)).status == 200
    link = links.own_page(LOT).partition("?lien=")[2]
    assert intake(Call("GET", {}, {"lien": link}, b"", path=OWN_PAGE)).status == 200
    expected = {(verb, folder) for verb, folders in limited.rights.items() for folder in folders}
    # spent/ belongs to challenges, see below.
    assert {right for right in expected if right[1] != "spent/"} == limited.used


def test_intake_uses_up_a_challenge_with_its_rights(journal):
    limited = Limited(journal, "intake")
    for _ in range(2):
        limited.create("spent/1-a", b"owner")
    assert limited.read("spent/1-a") == b"owner"


@pytest.mark.parametrize("key", ["mail/digest-x.sent", "filed/a", "batches/1", "references/LOT-1"])
def test_intake_writes_nowhere_else(journal, key):
    with pytest.raises(RefusedError):
        Limited(journal, "intake").create(key, b"")


def test_digest_lives_with_its_rights(journal):
    limited = Limited(journal, "digest")
    mailer = Postman("refused", "sent", "rejected")
    # Marc cancelled Monday's mail from a mail, and the sheet says so by now.
    journal.create(unsubscribed(MARC["email"]), b"")
    made = digest([CLAIRE, MARC | {"weekly_mail": False}], mailer, limited)
    made = replace(made, intake_url="https://example.org")

    def monday():
        return made(Call("POST", {}, {}, b"")).status

    assert monday() == 502  # its claim is taken back
    assert [monday(), monday()] == [200, 200]  # sent, and not sent again
    other = replace(made, workbook=digest([MARC]).workbook)
    assert other(Call("POST", {}, {}, b"")).status == 502  # nobody reads this address
    limited.keys = lambda *_, **_more: []  # as another call sees it that began at the same time
    assert monday() == 200
    assert len(mailer.sent) == 1
    assert len(journal.keys("links/")) == 1  # those of the mail that left
    expected = {(verb, folder) for verb, folders in limited.rights.items() for folder in folders}
    assert expected == limited.used


def test_digest_reads_no_request():
    for folder in ("pending/a", "filed/a", "batches/1", "quarantine/a"):
        with pytest.raises(RefusedError):
            Limited(open_journal("memory:///"), "digest").read(folder)


def test_every_function_with_a_journal_has_rights_there():
    assert set(JOURNAL) == {"intake", "route", "digest"}
    assert SETTINGS["journal"].variable == "ACCUEIL_JOURNAL"
