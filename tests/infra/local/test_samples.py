"""The gallery shows every mail that the system sends."""

import re

import pytest

from functions.shared.mail.applicants import WORDS
from functions.shared.mail.kinds import KINDS
from infra.local.samples import gallery
from tests.functions.pages import Page

SITE = "http://127.0.0.1:8080/"


def test_there_is_a_sample_of_every_kind():
    digests = {"digest", "digest-quiet", "digest-referent"}
    other = {*(f"{kind}-en" for kind in WORDS), "caller-again", "closing-closed", "heard-no-need"}
    assert gallery(SITE).keys() == {*digests, *KINDS, *other}


@pytest.mark.parametrize("kind", gallery(SITE))
def test_a_sample_is_a_whole_mail_that_leads_into_the_local_workbook(kind):
    mail = gallery(SITE)[kind]
    links = [link["href"] for link in Page(mail.html).root.all("a")]
    assert links
    assert all(link.startswith((f"{SITE}classeur", f"{SITE}intake/")) for link in links)
    assert mail.subject
    assert len(mail.html.encode()) < 100_000
    assert not re.search(r"@(?!media|example\.org)[a-z]", mail.text.replace("\u200c", ""))
