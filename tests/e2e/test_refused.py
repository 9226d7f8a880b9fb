"""A mail server that refuses one person's address: from the request to the corrected address."""

from infra.local.triggers import push_body
from tests.post_office import Handler, serving
from tests.support import ANA, API_KEY

REFUSED, OTHER = "aurelie.bouscary@example.org", "karim.belaidi@example.org"
FARMER = ANA | {
    "projects": [{"type": "farming"}, {"type": "health"}],
    "target": {"anywhere": True},
}


def test_one_refused_address_keeps_nobody_else_waiting(load, classeur, monkeypatch):
    post = Handler()
    post.refuse, post.refused = "550 5.1.1 No such user", {REFUSED}
    with serving(post) as where:
        monkeypatch.setenv("ACCUEIL_MAIL", f"smtp://{where}?tls=optional")
        reference = load("intake").post("/", json=FARMER, headers=API_KEY).json["reference"]
        route = load("route")
        route.post("/", json=push_body("pending/x"))

        assert post.recipients == [OTHER]
        (line,) = classeur.rows("À vérifier")
        assert (line["Où"], REFUSED in line["Sujet"]) == ("Référents", True)
        assert line["Que faire"].startswith("Corrigez-la")

        people = classeur.values("Référents")
        row = next(at for at, person in enumerate(people, 1) if REFUSED in person)
        classeur.type(f"Référents!B{row}", "aurelie@example.org")
        route.post("/?sweep=true")

    assert post.recipients == [OTHER, "aurelie@example.org"]
    assert all(reference in mail.get_body(("plain",)).get_content() for mail in post.mails)
