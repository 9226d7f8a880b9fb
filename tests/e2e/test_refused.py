"""A mail server that refuses people's addresses: from the request to the corrected address."""

from infra.local.triggers import push_body
from sheets_schema.tab import column_letter
from tests.post_office import Handler, serving
from tests.support import ANA, API_KEY

REFUSED, OTHER = "aurelie.bouscary@example.org", "karim.belaidi@example.org"
FARMER = ANA | {
    "projects": [{"type": "farming"}, {"type": "health"}],
    "target": {"anywhere": True},
}


def test_a_refused_address_keeps_nobody_else_waiting(load, classeur, monkeypatch):
    post = Handler()
    post.refuse, post.refused = "550 5.1.1 No such user", {REFUSED, ANA["email"]}
    with serving(post) as where:
        monkeypatch.setenv("ACCUEIL_MAIL", f"smtp://{where}?tls=optional")
        reference = load("intake").post("/", json=FARMER, headers=API_KEY).json["reference"]
        route = load("route")
        route.post("/", json=push_body("pending/x"))

        assert post.recipients == [OTHER]
        lines = {line["Où"]: line for line in classeur.rows("À vérifier")}
        assert lines.keys() == {"Référents", reference}
        assert REFUSED in lines["Référents"]["Sujet"]
        assert lines["Référents"]["Que faire"].startswith("Corrigez-la")
        assert ANA["email"] in lines[reference]["Sujet"]
        assert "Téléphonez" in lines[reference]["Sujet"], lines[reference]

        people = classeur.values("Référents")
        row = next(at for at, person in enumerate(people, 1) if REFUSED in person)
        classeur.type(f"Référents!B{row}", "aurelie@example.org")
        email = classeur.values("Demandes")[0].index("Courriel")
        classeur.type(f"Demandes!{column_letter(email)}2", "ana@example.org")
        route.post("/?sweep=true")

    assert post.recipients == [OTHER, "aurelie@example.org", "ana@example.org"]
    assert all(reference in mail.get_body(("plain",)).get_content() for mail in post.mails)
