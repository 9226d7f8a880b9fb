"""What decides on the words of a mail decides so in both languages."""

import pytest

from functions.shared.mail.applicants import WORDS, values_of
from infra.local.samples import DATA

WITH, WITHOUT = (
    DATA["caller"],
    DATA["caller"] | {"contact": DATA["caller"]["contact"] | {"phone": ""}},
)
SETTLED, STOPPED = {"settled": True, "follows": []}, {"settled": False, "why": ""}
UNREACHED, TELLING = STOPPED | {"why": "unreachable"}, SETTLED | {"follows": ["news"]}
# A kind, what is said of the one case, and not of the other.
SAID = [
    ("receipt", {"follows": ["caller"]}, "recevrez son nom", "receive their name", {"follows": []}),
    ("receipt", {"follows": ["apology"]}, "bout de dix jours", "within ten days", {"follows": []}),
    ("caller", WITH, "pouvez aussi appeler", "may also call", WITHOUT),
    ("caller", WITHOUT, "pouvez aussi répondre", "may also reply", WITH),
    ("caller", {"before": "Bob Cros"}, "prend le relais Bob Cros", "takes over Bob Cros", WITH),
    ("caller", WITH, "va vous appeler Voici", "will call you This", {"before": "Bob Cros"}),
    ("apology", WITH, "par téléphone, ou", "by phone, or", WITHOUT),
    ("apology", WITHOUT, "suffit, en répondant", "enough, by replying", WITH),
    ("closing", TELLING, "dans six mois", "in six months", SETTLED),
    ("closing", SETTLED, "Bienvenue", "Welcome", STOPPED),
    ("closing", STOPPED, "bonne continuation", "all the best", UNREACHED),
    ("closing", UNREACHED, "sans y parvenir", "without success", STOPPED),
    ("news", {"months": 6}, "Six mois", "Six months", {"months": 12}),
    ("news", {"months": 12}, "Un an", "One year", {"months": 6}),
]


def words_of(kind, lang, *waiting):
    values = values_of(kind, lang, [DATA[kind] | data for data in waiting])
    return " ".join((values["subject"], *values["paragraphs"]))


@pytest.mark.parametrize(("kind", "case", "french", "english", "other"), SAID)
def test_each_case_has_its_words_in_both_languages(kind, case, french, english, other):
    for lang, words in (("fr", french), ("en", english)):
        assert words in words_of(kind, lang, case)
        assert words not in words_of(kind, lang, other)


@pytest.mark.parametrize(("lang", "and_"), [("fr", "et"), ("en", "and")])
def test_several_requests_are_named_as_a_sentence_lists_them(lang, and_):
    waiting = [{"requests": [{"reference": f"LOT-{n}", "first_name": ""}]} for n in range(3)]
    for kind, plural in [(kind, "demandes" if lang == "fr" else "requests") for kind in WORDS]:
        if kind == "news":
            continue  # is about the person, not about requests
        both, alone = words_of(kind, lang, *waiting), words_of(kind, lang, waiting[0])
        assert f"LOT-0, LOT-1 {and_} LOT-2" in both
        assert f" {and_} LOT-" not in alone
        assert (f"{plural} " in both, f"{plural} LOT" in alone) == (True, False)
