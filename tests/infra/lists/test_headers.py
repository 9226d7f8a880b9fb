"""What people write over their columns, and what it means."""

import pytest

from infra.lists.headers import Header, is_header_word, understand
from infra.lists.words import phrases, stem, target_called, targets, tokens, words

UNDERSTOOD = {
    "last_name": ["NOM *", "Nom de famille", "Noms", "Nom participant", "Nom / Surname", "Last Name"],
    "first_name": ["Prénom(s)", "Prénon", "prenoms", "First Name", "Prénom du demandeur"],
    "full_name": ["Nom et prénom", "NOM/PRENOM", "Nom prénom usager", "Jeune", "Candidat", "Famille",
                  "M./Mme"],
    "phone": ["Tél.", "N° de téléphone", "Téléphone du contact", "Téléphone 1", "Téléphonne"],
    "mobile": ["Telephone portable", "Port.", "Téléphone (portable)", "Cell Phone"],
    "landline": ["Fixe", "Téléphone (fixe)", "Tél. domicile"],
    "second_phone": ["Tel 2", "Portable 2", "Autre téléphone"],
    "email": ["E-mial", "Mél", "Courriel du demandeur", "@", "Mail\n(lisible SVP)", "Email Address"],
    "second_email": ["Courriel 2", "Mail pro"],
    "coordinates": ["Tél / mail", "Contact (tél ou mail)"],
    "place": ["Ville", "COMMUNE :"],
    "origin_city": ["Ville de résidence", "Dans quelle ville habitez-vous ?", "Vient de",
                    "Cne de résidence", "Réside à", "Where do you live now?", "Arrivés de"],
    "origin_postcode": ["CP", "Code potsal", "Zip/Postal code", "Code postal de résidence"],
    "postcode_city": ["CP Ville", "Code postal / Commune"],
    "target": ["Commune souhaitée", "Secteur de recherche géographique", "Communes visées",
               "Veut s'installer où ?", "Dans quel coin aimeriez-vous vivre ?", "Cne recherchée"],
    "area": ["Secteur", "EPCI", "Territoire"],
    "occupation": ["Métier recherché", "Job Title", "Activité recherchée", "Spécialité"],
    "project": ["Projet\n(emploi, création…)", "Votre projet dans le Lot, en quelques mots"],
    "horizon": ["Date d'arrivée prévue", "Quand souhaitez-vous vous installer ?",
                "When would you like to move?", "Arrivée prévue"],
    "notes": ["Remarques", "Commentaire sur la situation", "Avez-vous des commentaires ? (optionnel)"],
    "newsletter": ["Recevoir nos actualités ?", "Inscription newsletter (O/N)",
                   "Accepte la lettre d'info"],
    "consent": ["OK mail ?", "Accord RGPD (oui/non)", "Acceptez-vous d'être recontacté(e) ?",
                "J'accepte que mes données soient transmises aux partenaires*"],
    "referent": ["Vu par", "Agent", "Conseillère référente", "Référent CCI", "Nom du conseiller",
                 "Commercial CCI"],
    "received_at": ["Date de la commande", "Horodateur", "Demande du", "Date 1er contact", "Order Date",
                    "Date d'entée"],
    "last_contact_on": ["Dernier contact", "Dernière nouvelle le", "Dernier conatct"],
    "contact_date": ["Contacté le", "Date d'appel"],
    "address": ["Adresse", "Adresse actuelle"],
    "contact": ["Joindre au", "Où vous joindre ?"],
    "remind_on": ["À relancer le", "Relance prévue le", "Relance", "Recontact souhaité le"],
    "next_action": ["A faire", "Suite à donner"],
    "source": ["Source données", "Origine du contact"],
    "organisation": ["Raison sociale", "Nom du CFA", "Employeur"],
    "status": ["Etat", "Suite donnée", "Quel est votre retour sur la prise de contact ?",
               "Où en est le projet ?", "Où on en est"],
    "adults": ["Nb adultes"],
    "children": ["Nombre d'enfants à charge", "dont enf."],
}  # fmt: skip
LEFT_ALONE = """
Nom payeur; Prénom acheteur; Nom du conjoint; Téléphone responsable légal 1; Mail des parents
Tél conseiller; Email du CFA; Personne à prévenir; Contact d'urgence; Mail entreprise; Spouse name
Date de naissance; Né(e) le; Âge; Civilité; Statut de la commande; Montant code promo; N°
Numéro de billet; Code Promo; Intitulé de la formation; Date rupture contrat; Disponible WhatsApp
Budget du projet; Nom de l'événement; Nom du produit; Prénom des enfants; Téléphone Mme; Lieu de naissance
Ville de naissance; Situation; Statut marital; Guardian Phone; Nom de rue; Type de contrat recherché
"""


@pytest.mark.parametrize(
    ("meaning", "header"), [(m, header) for m, headers in UNDERSTOOD.items() for header in headers]
)
def test_a_header_is_understood(meaning, header):
    understood = understand((header,))

    assert (understood.meaning, understood.owner) == (meaning, "self")


@pytest.mark.parametrize(
    "header", [h.strip() for line in LEFT_ALONE.split("\n") for h in line.split(";") if h.strip()]
)
def test_a_column_that_is_nobodys_business_or_somebody_elses_is_left_alone(header):
    understood = understand((header,))

    assert understood.meaning in (None, "alone") or understood.owner != "self"


@pytest.mark.parametrize(
    ("path", "meaning", "owner"),
    [
        (("Demandeur", "Nom"), "last_name", "self"),
        (("Conjoint", "Nom"), "last_name", "household"),
        (("Contact", "Port."), "mobile", "self"),
        (("Demande", "Date"), "received_at", "self"),
        (("Suite", "Date"), "last_contact_on", "self"),
        (("Coordonnées", "Téléphone", "Portable"), "mobile", "self"),
        (("Repreneur", "Tél"), "phone", "professional"),
    ],
)
def test_the_group_above_says_whose_a_column_is(path, meaning, owner):
    understood = understand(path)

    assert (understood.meaning, understood.owner) == (meaning, owner)


def test_a_misspelt_header_is_to_be_confirmed():
    assert understand(("Prénon",)) == Header("first_name", exact=False)


def test_short_words_and_numbers_are_no_mistakes_of_spelling():
    assert understand(("Non",)).meaning is None
    assert understand(("Emploi M.",)).owner != "self"
    assert understand(("Adresse mail 3",)).meaning is None


def test_no_phrase_means_two_things():
    meanings: dict[frozenset[str], set[str]] = {}
    for meaning, texts in (("alone", words()["alone"]), *words()["meanings"].items()):
        for text in texts:
            if key := frozenset(tokens(text)):
                meanings.setdefault(key, set()).add(meaning)

    assert [sorted(key) for key, several in meanings.items() if len(several) > 1] == []
    assert len(phrases()) >= len(meanings)


def test_data_is_no_header():
    assert not any(map(is_header_word, ["Martin", "Toulouse", "oui", "0639980101", "soudeur"]))


def test_every_target_is_found_by_its_title_and_by_its_name():
    for target in targets().values():
        assert target_called(target.title) == target
        assert target_called(target.name.upper()) == target
    assert target_called("Couleur préférée") is None


def test_every_meaning_becomes_something():
    split = {"follow_up", "full_name", "contact", "coordinates", "postcode_city"}
    ranked = {"mobile", "landline", "place", "address", "area", "date", "contact_date", "when"}

    assert set(words()["meanings"]) - split - ranked <= set(targets())


@pytest.mark.parametrize(
    ("word", "single"),
    [
        ("enfants", "enfant"), ("visee", "vise"), ("visees", "vise"), ("actuelle", "actuel"),
        ("nouvelles", "nouvel"), ("selle", "selle"), ("pas", "pas"), ("noms", "nom"),
    ],
)  # fmt: skip
def test_a_word_counts_without_its_plural_and_its_feminine(word, single):
    assert stem(word) == single
