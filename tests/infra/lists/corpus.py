"""Sheets of the kinds that partners keep, and what they must become. All people are fictional."""

import csv
import io
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

NAMES = ["Nom", "Prénom"]


@dataclass(frozen=True)
class Case:
    """A sheet as text: a line a row, cells between bars, « ~ » for a line break in a cell.

    `mapping` holds targets by column; all other columns must be left alone, except that those of
    `free` may become anything. `values` are by row and target. `groups` says that headers stand in
    groups, so that the order of columns matters.
    """

    name: str
    table: str
    header_row: int | None
    records: int
    mapping: Mapping[int, str | list[str]]
    free: frozenset[int] = frozenset()
    values: Mapping[tuple[int, str], str | None] = field(default_factory=dict)
    write: str = "csv"
    merged: tuple[str, ...] = ()
    hidden_rows: tuple[int, ...] = ()
    hidden_columns: tuple[str, ...] = ()
    offset: tuple[int, int] = (0, 0)
    since_1904: bool = False
    sheet: str | None = None
    before: str = ""
    groups: bool = False

    @property
    def rows(self) -> list[list[object]]:
        return [[_cell(c) for c in line.split("|")] for line in self.table.strip("\n").split("\n")]

    @property
    def content(self) -> bytes:
        return WRITERS[self.write](self)


def _cell(text: str) -> object:
    """A cell as a program types it: « =46000 » is a number, « @2026-03-02 » a day."""
    text = text.strip().replace("~", "\n")
    if re.fullmatch(r"=[\d.]+", text):
        return float(text[1:])
    if text.startswith("@2"):
        return datetime.fromisoformat(text[1:])
    return text or None


def _as_csv(case: Case, separator: str = ";", encoding: str = "utf-8", end: str = "\n") -> bytes:
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=separator, lineterminator=end)
    down, right = case.offset
    writer.writerows([[]] * down)
    for row in case.rows:
        texts = [_as_text(cell) for cell in row]
        writer.writerow([""] * right + texts)
    return stream.getvalue().encode(encoding)


def _as_text(cell: object) -> str:
    if isinstance(cell, datetime):
        return cell.strftime("%d/%m/%Y")
    if isinstance(cell, float):
        return str(int(cell)) if cell == int(cell) else str(cell)
    return str(cell or "")


def _as_xlsx(case: Case) -> bytes:
    import openpyxl  # noqa: PLC0415  (slow to import, and few cases need it)

    workbook = openpyxl.Workbook()
    if case.since_1904:
        workbook.epoch = datetime(1904, 1, 1)  # noqa: DTZ001
    sheet = workbook.active
    if case.before:
        sheet.title = "Synthèse"
        for line in case.before.strip("\n").split("\n"):
            sheet.append([_cell(cell) for cell in line.split("|")])
        sheet = workbook.create_sheet()
    sheet.title = case.sheet or "Feuille 1"
    down, right = case.offset
    for number, row in enumerate(case.rows, start=1 + down):
        for column, cell in enumerate(row, start=1 + right):
            if cell is not None:
                sheet.cell(number, column, cell)
    for merged in case.merged:
        sheet.merge_cells(merged)
    for row in case.hidden_rows:
        sheet.row_dimensions[row].hidden = True
    for column in case.hidden_columns:
        sheet.column_dimensions[column].hidden = True
    stream = io.BytesIO()
    workbook.save(stream)
    return stream.getvalue()


def _as_xls(case: Case) -> bytes:
    import xlwt  # noqa: PLC0415

    workbook = xlwt.Workbook()
    workbook.dates_1904 = case.since_1904
    sheet = workbook.add_sheet(case.sheet or "Feuille 1")
    for number in case.hidden_rows:
        sheet.row(number - 1).hidden = True
    for letter in case.hidden_columns:
        sheet.col(ord(letter) - ord("A")).hidden = True
    day = xlwt.easyxf(num_format_str="dd/mm/yyyy")
    for number, row in enumerate(case.rows):
        for column, cell in enumerate(row):
            if isinstance(cell, datetime):
                sheet.write(number, column, cell, day)
            elif cell is not None:
                sheet.write(number, column, cell)
    stream = io.BytesIO()
    workbook.save(stream)
    return stream.getvalue()


def _as_page(case: Case) -> bytes:
    rows = "".join(
        "<tr>" + "".join(f"<td>{_as_text(cell)}</td>" for cell in row) + "</tr>"
        for row in case.rows
    )
    return f"<html><meta charset=utf-8><body><table border=1>{rows}</table></body></html>".encode()


WRITERS: Mapping[str, Callable[[Case], bytes]] = {
    "csv": _as_csv,
    "comma": lambda case: _as_csv(case, ",", "utf-8-sig", "\r\n"),
    "cp1252": lambda case: _as_csv(case, ";", "cp1252", "\r\n"),
    "mac": lambda case: _as_csv(case, ";", "mac_roman", "\r"),
    "tabs": lambda case: _as_csv(case, "\t", "utf-16"),
    "xlsx": _as_xlsx,
    "xls": _as_xls,
    "page": _as_page,
}


def typed(case: Case) -> list[list[object]]:
    """The cells of a case as a reader gives them, for tests that need no file."""
    right = [None] * case.offset[1]
    return [[] for _ in range(case.offset[0])] + [right + row for row in case.rows]


def serial(day: date) -> int:
    return (day - date(1904, 1, 1)) // timedelta(days=1)


CASES = [
    Case(
        "follow-up of an intercommunalité, title and legend around it, full names",
        """
|Communauté de communes d'Exemple – suivi des nouveaux arrivants|||||||||
|mise à jour : 12/11/2026||||||||||
||||||||||
|Rouge = urgent||||||||||
|NOM Prénom *|Tél.|Mail|Date 1er contact|CP Ville|Secteur recherché|Projet~(emploi, création…)|Suivi par|Etat|Commentaires
|MARTIN Claire|06 39 98 11 01|claire.martin@example.org|02/03/2026|31000 Toulouse|Figeac|emploi|Anne|En cours|cherche une location
|BEN SAÏD Nadia|06.39.98.11.02|nadia@example.org|13/03/2026|69003 Lyon|Cahors, Pradines|création|Anne|A rappeler|
|DE LA TOUR Hugues|||début avril|75011 Paris|Gourdon|retraite|Marc|Abandon|
|2025|||||||||
|LOPEZ Mario|0639981104|mario@example.org|30/06/2025|Bordeaux 33000|Souillac|reprise|Marc|Installé|
||||||||||
|Total : 4||||||||||
|* les noms en gras sont prioritaires||||||||||
""",
        4,
        4,
        {
            1: NAMES,
            2: "Téléphone",
            3: "Courriel",
            4: "Reçue le",
            5: ["Code postal", "Commune actuelle"],
            6: "Commune visée",
            7: "Projet",
            8: "Référent",
            9: "Statut",
            10: "Notes",
        },
        values={
            (5, "Nom"): "MARTIN",
            (5, "Prénom"): "Claire",
            (5, "Reçue le"): "2026-03-02",
            (7, "Reçue le"): None,
            (9, "Commune actuelle"): "Bordeaux",
            (9, "Statut"): "Installé",
            (6, "Commune visée"): "Cahors, Pradines",
            (7, "Nom"): "DE LA TOUR",
        },
        write="xlsx",
        sheet="Suivi 2025-26",
    ),
    Case(
        "three rows of headers, merged",
        """
Nom|Prénom|Coordonnées||||Demande||Suivi|
||Téléphone||Mail|Ville|Date|Objet|Conseiller|Dernier contact
||Portable|Fixe||||||
PETIT|Louis|0639981201|0536491201|louis@example.org|Agen|@2026-05-02|Logement|Mme Prat|@2026-06-01
GRAND|Zoé|0639981202||zoe@example.org|Pau|@2026-05-03|Emploi|Mme Prat|
""",
        2,
        2,
        {
            0: "Nom",
            1: "Prénom",
            2: "Téléphone",
            3: "Téléphone (2)",
            4: "Courriel",
            5: "Commune actuelle",
            6: "Reçue le",
            8: "Référent",
            9: "Dernier contact le",
        },
        free=frozenset({7}),
        values={(3, "Téléphone"): "06 39 98 12 01", (3, "Dernier contact le"): "2026-06-01"},
        write="xlsx",
        merged=("A1:A3", "B1:B3", "C1:F1", "C2:D2", "G1:H1", "I1:J1"),
        groups=True,
    ),
    Case(
        "header at C5, hidden row and column",
        """
N°|Nom de famille|Prénom(s)|Adresse mail|N° portable|Profession|Âge
=1|Roux|Alice|alice.roux@example.org|=639981301|Infirmière|=34
=2|Blanc|Marc|marc.blanc@example.org|=639981302|Boulanger|=41
=3|Noir|Inès|ines.noir@example.org|=639981303|Soudeuse|=28
""",
        4,
        3,
        {3: "Nom", 4: "Prénom", 5: "Courriel", 6: "Téléphone", 7: "Métier"},
        values={(5, "Téléphone"): "06 39 98 13 01", (7, "Nom"): "Noir"},
        write="xlsx",
        offset=(4, 2),
        hidden_rows=(7,),
        hidden_columns=("I",),
    ),
    Case(
        "headers with line breaks, stars, instructions, typos",
        """
NOM *~(en majuscules)|Prenom*|Téléphonne~(ex : 06 12 34 56 78)|Addresse mail :|Comune de résidence|Code potsal|Date d'inscripton|Observatons|Situation familiale|Accord RGPD (oui/non)
GAUTHIER|Paul|06 39 98 14 01|paul@example.org|Albi|81000|05/10/2026|RAS|marié|oui
HENRY|Sonia|pas de tél|sonia@example.org|Bruxelles|1000|06/10/2026|rappeler le soir|pacsée|
""",
        0,
        2,
        {
            0: "Nom",
            1: "Prénom",
            2: "Téléphone",
            3: "Courriel",
            4: "Commune actuelle",
            5: "Code postal",
            6: "Reçue le",
            7: "Notes",
            9: "Consentement",
        },
        values={
            (2, "Code postal"): None,
            (2, "Téléphone"): None,
            (1, "Consentement"): "Oui",
            (2, "Consentement"): None,
        },
    ),
    Case(
        "medical interns: their own, a master's, the faculty's",
        """
Interne|Tél interne|Mail interne|Spécialité|Semestre|Faculté|Maître de stage|Tél maître de stage|Mail maître de stage|Commune du stage|Souhaite s'installer ?|Remarques
Dr Léna Faure|0639981501|lena.faure@example.org|Médecine générale|=5|Toulouse|Dr Exemple|0536491501|dr@example.org|Gramat|oui|
Dr Paul Moreau|0639981502|paul.moreau@example.org|Pédiatrie|=3|Limoges|Dr Exemple|0536491501|dr@example.org|Figeac|non|garde
""",
        0,
        2,
        {0: NAMES, 1: "Téléphone", 2: "Courriel", 3: "Métier", 11: "Notes"},
        free=frozenset({5}),
        values={(1, "Nom"): "Faure", (1, "Prénom"): "Léna"},
    ),
    Case(
        "Eventbrite, American dates",
        """
Order #|Order Date|First Name|Last Name|Email|Quantity|Ticket Type|Order Type|Total Paid|Attendee Status|Home City|Home Zip|Cell Phone|Buyer First Name|Buyer Last Name|Buyer Email|Gender
9001|10/14/2026 9:05 AM|Emma|Stone-Exemple|emma@example.org|1|Entrée|Free|0.00|Attending|Nantes|44000|+33639981601|Emma|Stone-Exemple|emma@example.org|
9002|10/03/2026 2:30 PM|Liam|Exemple|liam@example.org|1|Entrée|Free|0.00|Attending|Brive|19100|0639981602|Nora|Exemple|nora@example.org|
""",
        0,
        2,
        {
            1: "Reçue le",
            2: "Prénom",
            3: "Nom",
            4: "Courriel",
            10: "Commune actuelle",
            11: "Code postal",
            12: "Téléphone",
        },
        values={(1, "Reçue le"): "2026-10-14T09:05", (2, "Reçue le"): "2026-10-03T14:30"},
        write="comma",
    ),
    Case(
        "Weezevent: buyer beside participant",
        """
N° billet|Nom acheteur|Prénom acheteur|E-mail acheteur|Date d'achat|Tarif|Montant|Nom|Prénom|E-mail|Téléphone|Entreprise|Code barre|Statut
77001|ROCHE|Julie|julie@example.org|01/09/2026 10:00|Visiteur|0|ROCHE|Tom|tom@example.org|0639981701|Exemple SARL|123456789|Validé
77002|ROCHE|Julie|julie@example.org|01/09/2026 10:00|Visiteur|0|ROCHE|Julie|julie@example.org|0639981702||123456790|Validé
""",
        0,
        2,
        {4: "Reçue le", 7: "Nom", 8: "Prénom", 9: "Courriel", 10: "Téléphone", 11: "Organisme"},
        write="cp1252",
    ),
    Case(
        "answers to a form",
        """
Horodateur|Adresse e-mail|Votre nom et prénom|Votre numéro de téléphone|Dans quelle ville habitez-vous ?|Quel métier recherchez-vous ?|Quand souhaitez-vous vous installer ?|Acceptez-vous d'être recontacté(e) ?|Souhaitez-vous recevoir notre newsletter ?|Comment nous avez-vous connus ?
2026/10/05 9:12:00 AM UTC+2|ada@example.org|Ada Lambert|0639981801|Rodez|comptable|dans 6 mois|Oui|Non|Facebook
2026/10/06 10:00:00 AM UTC+2|bob@example.org|Bruno Leroy|0639981802|Tulle|menuisier|dès que possible|Oui|Oui|affiche
""",
        0,
        2,
        {
            0: "Reçue le",
            1: "Courriel",
            2: NAMES,
            3: "Téléphone",
            4: "Commune actuelle",
            5: "Métier",
            6: "Échéance",
            7: "Consentement",
            8: "Newsletter",
        },
        free=frozenset({9}),
        values={(1, "Nom"): "Lambert", (2, "Reçue le"): "2026-10-06T10:00"},
        write="comma",
    ),
    Case(
        "farmers who hand over, and who takes over",
        """
CHAMBRE D'AGRICULTURE – POINT ACCUEIL TRANSMISSION
Cédant|||||Exploitation|||Repreneur|
Nom|Prénom|Tél|Mail|Commune|Production|SAU (ha)|Date de cessation|Nom|Tél
DELPECH|Guy|06 39 98 19 01|guy@example.org|Lalbenque|Ovins|=54|2027|à trouver|
BOUYSSOU|Annie|05 36 49 19 02||Gramat|Caprins|=30|2028|SERRES Lucas|0639981903
""",
        2,
        2,
        {0: "Nom", 1: "Prénom", 2: "Téléphone", 3: "Courriel", 4: "Commune actuelle"},
        write="xlsx",
        merged=("A1:J1", "A2:E2", "F2:H2", "I2:J2"),
        groups=True,
    ),
    Case(
        "no header at all",
        """
MAZET|Lucie|0639982001|lucie.mazet@example.org|46100|Figeac
COSTES|Pierre|0639982002|pierre.costes@example.org|31000|Toulouse
RIVIERE|Jeanne|0639982003|jeanne@example.org|46000|Cahors
""",
        None,
        3,
        {
            0: "Nom",
            1: "Prénom",
            2: "Téléphone",
            3: "Courriel",
            4: "Code postal",
            5: "Commune actuelle",
        },
    ),
    Case(
        "page called .xls",
        """
Nom|Prénom|Courriel|Téléphone|Ville|Inscrit le
MERCIER|Rose|rose@example.org|0639982101|Auch|14/11/2026
BRUN|Max|max@example.org|0639982102|Foix|15/11/2026
""",
        0,
        2,
        {
            0: "Nom",
            1: "Prénom",
            2: "Courriel",
            3: "Téléphone",
            4: "Commune actuelle",
            5: "Reçue le",
        },
        write="page",
    ),
    Case(
        "binary .xls, repeated header, bands of years",
        """
Liste des contacts du forum|||||
Nom|Prénom|Mobile|Mail|Lieu de résidence|Date
2025|||||
FABRE|Nina|=639982201|nina@example.org|Millau|@2025-05-02
Nom|Prénom|Mobile|Mail|Lieu de résidence|Date
2026|||||
GARCIA|Luis|=639982202|luis@example.org|Tarbes|@2026-05-02
Sous-total|=2||||
""",
        1,
        2,
        {
            0: "Nom",
            1: "Prénom",
            2: "Téléphone",
            3: "Courriel",
            4: "Commune actuelle",
            5: "Reçue le",
        },
        values={(3, "Téléphone"): "06 39 98 22 01", (6, "Reçue le"): "2026-05-02"},
        write="xls",
        sheet="Contacts",
    ),
    Case(
        "days counted from 1904, a pivot table first",
        f"""
Candidat|E-mail candidat|Date de réception|Poste recherché|Manager|E-mail manager
Léa PONS|lea@example.org|={serial(date(2026, 3, 2))}|Cuisinière|Sam Chef|sam@example.org
Rémi VERDIER|remi@example.org|={serial(date(2026, 4, 15))}|Serveur|Sam Chef|sam@example.org
""",
        0,
        2,
        {0: NAMES, 1: "Courriel", 2: "Reçue le", 3: "Métier"},
        values={(1, "Reçue le"): "2026-03-02", (2, "Reçue le"): "2026-04-15", (1, "Nom"): "PONS"},
        write="xlsx",
        since_1904=True,
        sheet="Liste",
        before="Étiquettes de lignes|Nombre de candidats\nCuisinière|=1\nServeur|=1\nTotal général|=2",
    ),
    Case(
        "an old Mac's text",
        """
Nom;Prénom
""".replace(";", "|")
        + """BÉTEILLE|Zoé
CRÉMER|Noé
""",
        0,
        2,
        {0: "Nom", 1: "Prénom"},
        write="mac",
    ),
    Case(
        "holiday camp: parents beside the young person",
        """
Nom du jeune|Prénom du jeune|Date de naissance|Nom du père|Tél du père|Nom de la mère|Tél de la mère|Mail des parents|Portable du jeune|Mail du jeune|Lycée|Commune
ASTRUC|Théo|01/02/2009|ASTRUC Jean|0639982301|ASTRUC Eva|0639982302|parents@example.org|0639982303|theo@example.org|Lycée d'Exemple|Capdenac
""",
        0,
        1,
        {0: "Nom", 1: "Prénom", 8: "Téléphone", 9: "Courriel", 11: "Commune actuelle"},
        free=frozenset({10}),
    ),
    Case(
        "job seekers of an agency",
        """
Identifiant DE|Civilité|Nom d'usage|Prénom|Code postal|Localité|Téléphone 1|Téléphone 2|Adresse électronique|Métier recherché|Niveau de formation|Permis B|Date d'inscription|Conseiller référent|Structure|Mail conseiller
1234567A|M.|NAUD|Éric|46300|Gourdon|06 39 98 24 01|05 36 49 24 01|eric@example.org|Chauffeur|CAP|oui|03/02/2026|P. Exemple|Agence d'Exemple|p@example.org
1234568B|Mme|OLIVE|Sara|46200|Souillac|06 39 98 24 02||sara@example.org|Vendeuse|Bac|non|04/02/2026|P. Exemple|Agence d'Exemple|p@example.org
""",
        0,
        2,
        {
            2: "Nom",
            3: "Prénom",
            4: "Code postal",
            5: "Commune actuelle",
            6: "Téléphone",
            7: "Téléphone (2)",
            8: "Courriel",
            9: "Métier",
            12: "Reçue le",
            13: "Référent",
            14: "Organisme",
        },
        write="tabs",
    ),
    Case(
        "coordinates in one cell, two people, codes for statuses",
        """
Personnes|Coordonnées|Besoin|Statut (1 = à contacter, 2 = clos)|À relancer le|A faire
Marie et Paul Vidal|06 39 98 25 01 / marie.vidal@example.org|logement|1|01/12/2026|rappeler
Lola Perrin|lola@example.org|école|2||
""",
        0,
        2,
        {
            0: NAMES,
            1: ["Téléphone", "Courriel"],
            2: "Besoins",
            3: "Statut",
            4: "Relancer le",
            5: "Prochaine action",
        },
        values={
            (1, "Téléphone"): "06 39 98 25 01",
            (2, "Courriel"): "lola@example.org",
            (2, "Prénom"): "Lola",
        },
    ),
    Case(
        "only addresses",
        """
Email
un@example.org
deux@example.org
""",
        0,
        2,
        {0: "Courriel"},
    ),
    Case(
        "two rows of headers without merged cells",
        """
Candidat||||Conjoint||Projet||Suivi||
Nom|Prénom|Tél|Mail|Nom|Métier|Type|Secteur|Agent|Date|Statut
PONS|Luc|0639980003|luc@example.org|MAS|infirmière|reprise|Figeac|Alix|02/11/2026|En cours
MAS|Eva|0639980004|eva@example.org|||création|Cahors|Alix|03/11/2026|A rappeler
""",
        1,
        2,
        {
            0: "Nom",
            1: "Prénom",
            2: "Téléphone",
            3: "Courriel",
            6: "Projet",
            7: "Commune visée",
            8: "Référent",
            9: "Dernier contact le",
            10: "Statut",
        },
        values={
            (2, "Projet"): "Reprendre une entreprise ou un commerce",
            (3, "Statut"): "Sans réponse, à rappeler",
        },
        groups=True,
    ),
    Case(
        "newcomers of an employer, whose partners look for work",
        """
Salarié recruté|Entreprise d'accueil|Date d'arrivée|Conjoint à accompagner|Métier du conjoint|Mail du conjoint|Tél salarié|Mail salarié|Logement trouvé O/N|Contact RH|Mail RH
Luc PONS|Exemple SA|01/03/2027|Eva MAS|comptable|eva@example.org|0639980003|luc@example.org|N|M. RH|rh@example.org
Ana GIL|Exemple SA|15/03/2027|||||ana@example.org|O|M. RH|rh@example.org
""",
        0,
        2,
        {0: NAMES, 2: "Échéance", 6: "Téléphone", 7: "Courriel"},
    ),
    Case(
        "requests for housing",
        """
Date dépôt|Demandeur|Tel|Mail|Adresse actuelle|CP|Ville|Type logement|Nb pers.|Revenus|Secteur souhaité 1|Secteur souhaité 2|Bailleur|Décision|Date décision|Observations
02/11/2026|PONS Luc|0639980003|luc@example.org|3 rue X|31000|Toulouse|T3|3|1800|Figeac|Capdenac|Exemple Habitat|attribué|05/11/2026|
03/11/2026|MAS Eva|0639980004|eva@example.org|4 rue Y|46000|Cahors|T2|1|1500|Cahors||Exemple Habitat|en attente||urgent
""",
        0,
        2,
        {
            0: "Reçue le",
            1: NAMES,
            2: "Téléphone",
            3: "Courriel",
            5: "Code postal",
            6: "Commune actuelle",
            10: "Commune visée",
            15: "Notes",
        },
        values={(1, "Commune visée"): "Figeac", (2, "Prénom"): "Eva"},
    ),
    Case(
        "long questions as headers",
        """
Horodateur|Quel est votre nom ?|Quel est votre prénom ?|À quelle adresse mail pouvons-nous vous joindre ?|À quel numéro de téléphone pouvons-nous vous joindre ?|Dans quelle commune souhaitez-vous vous installer ?|Quelle est votre profession actuelle ?|Quel est le métier de votre conjoint(e) ?|Combien d'enfants avez-vous ?|À quelle échéance envisagez-vous votre installation ?|Avez-vous une question ou une remarque ?|J'accepte que mes données soient utilisées par le Département
02/11/2026 10:00:00|PONS|Luc|luc@example.org|0639980003|Figeac|soudeur|infirmière|2|dans l'année|non merci|Oui
03/11/2026 11:00:00|MAS|Eva|eva@example.org|0639980004|Cahors|comptable||0|2027||Oui
""",
        0,
        2,
        {
            0: "Reçue le",
            1: "Nom",
            2: "Prénom",
            3: "Courriel",
            4: "Téléphone",
            5: "Commune visée",
            6: "Métier",
            8: "Enfants",
            9: "Échéance",
            10: "Notes",
            11: "Consentement",
        },
        values={(1, "Enfants"): "2", (2, "Commune visée"): "Cahors"},
    ),
    Case(
        "an address book, work beside the person's",
        """
Titre|Prénom|Deuxième prénom|Nom|Suffixe|Société|Service|Titre professionnel|Rue (bureau)|Ville (bureau)|Code postal (bureau)|Téléphone (bureau)|Tél. mobile|Adresse de messagerie|Notes
M.|Luc||PONS||Exemple SA||Soudeur|||||0639980003|luc@example.org|vu au salon
""",
        0,
        1,
        {
            1: "Prénom",
            3: "Nom",
            5: "Organisme",
            11: "Téléphone (2)",
            12: "Téléphone",
            13: "Courriel",
            14: "Notes",
        },
        free=frozenset({7}),
    ),
    Case(
        "an obligatory row below the header",
        """
Nom|Prénom|E-mail|Téléphone|Code postal|Ville|Consentement
obligatoire|obligatoire|obligatoire|facultatif|facultatif|facultatif|oui/non
PONS|Luc|luc@example.org|0639980003|81000|Albi|oui
""",
        1,
        1,
        {
            0: "Nom",
            1: "Prénom",
            2: "Courriel",
            3: "Téléphone",
            4: "Code postal",
            5: "Commune actuelle",
            6: "Consentement",
        },
    ),
    Case(
        "answers to a form in English, month first",
        """
Timestamp|Your first name|Your last name|E-mail|Cell #|Where do you live now?|ZIP|When would you like to move?|Anything else?|Where did you hear about us?
3/14/2026 9:15:00|Kate|Moss-Lee|kate@example.org|+44 7700 900123|Bristol|BS1 4ST|6 months|Looking for a barn|Facebook
12/2/2026 18:40:12|Jon|Archer|jon@example.org|0639982010|Lyon|69001|1 year||Friend
4/30/2026 7:00:00|Mia|Van Dam|mia@example.org|0639982011|Gent|9000|asap|two kids|Fair
""",
        0,
        3,
        {
            0: "Reçue le",
            1: "Prénom",
            2: "Nom",
            3: "Courriel",
            4: "Téléphone",
            5: "Commune actuelle",
            6: "Code postal",
            7: "Échéance",
            8: "Notes",
        },
        free=frozenset({9}),
        write="comma",
        values={
            (1, "Reçue le"): "2026-03-14T09:15",
            (2, "Reçue le"): "2026-12-02T18:40",
            (3, "Nom"): "Van Dam",
        },
    ),
    Case(
        "a fair: couples, contacts of both kinds in one column, a total",
        """
FORUM INSTALLATION AGRICOLE – Rodez – 14/10/2026||||||
Contacts du stand 12||||||
N°|Qui|Joindre au|Vient de|Cherche|Production|Commentaire animateur
1|Mme et M. FABRE Julie et Hugo|06 39 98 30 01 / 06 39 98 30 02|Albi (81)|Causse de Gramat|brebis|reprise, couple motivé
2|LACAN Théo|0639983003|Rodez|pas d'idée|maraîchage|
3|BOUSQUET Lou|lou.b@example.org|12000 Rodez|Quercy|caprin|très avancé
4|?|0639983005||||numéro laissé sur un post-it
|Total = 4|||||
""",
        2,
        4,
        {
            1: NAMES,
            2: ["Téléphone", "Courriel"],
            6: "Notes",
        },
        free=frozenset({3, 4, 5}),
        values={(4, "Téléphone"): "06 39 98 30 03", (5, "Courriel"): "lou.b@example.org"},
    ),
    Case(
        "doctors: three rows of headers from column C, instructions below",
        """
|||||||||
||RECENSEMENT DES MEDECINS INTERESSES||||||
||Tableau à retourner avant le 30/06||||||
||||||||
||Identité||Coordonnées|||Projet pro||
||Nom d'exercice|Prénom(s)|Tél. port.|Mèl|Cne de résidence|Spécialité|Installation envisagée (année)|Obs.
||en majuscules|||obligatoire|||aaaa|texte libre
||HADDAD|Nour|06 39 98 40 01|nour.haddad@example.org|Toulouse|généraliste|2027|veut visiter la MSP
||LE GOFF|Yann|06 39 98 40 02|yann@example.org|Brest|pédiatre|2028|
||GARCIA PUIG|Eva|0639984003|eva@example.org|Tarbes|dentiste||conjoint muté
""",
        6,
        3,
        {
            2: "Nom",
            3: "Prénom",
            4: "Téléphone",
            5: "Courriel",
            6: "Commune actuelle",
            7: "Métier",
            9: "Notes",
        },
        free=frozenset({8}),
        write="xlsx",
        merged=("C5:D5", "E5:G5", "H5:J5"),
        groups=True,
    ),
    Case(
        "bands of months, the header again, names parted by a stroke",
        """
JANVIER||||||
Nom/Prénom|Contact tél.|Contact mail|Habite|Projet|Orienté vers|Relance prévue
ARNAL / Maud|06 39 98 92 01|maud@example.org|Metz|création d'entreprise|CCI|10/03/2026
FÉVRIER||||||
Nom/Prénom|Contact tél.|Contact mail|Habite|Projet|Orienté vers|Relance prévue
BÉDUÉ / Noé|06 39 98 92 02|noe@example.org|Nancy|emploi|Mission locale|fin mars
CAYLA / Iris|06 39 98 92 03|iris@example.org|Dole|emploi|France Travail|15/04/2026
Sous-total février|2|||||
""",
        1,
        3,
        {
            0: NAMES,
            1: "Téléphone",
            2: "Courriel",
            3: "Commune actuelle",
            4: "Projet",
            6: "Relancer le",
        },
        free=frozenset({5}),
        values={
            (2, "Nom"): "ARNAL",
            (2, "Prénom"): "Maud",
            (5, "Relancer le"): None,
            (6, "Relancer le"): "2026-04-15",
        },
    ),
    Case(
        "a sign-up sheet in lower case, where people come from",
        """
CAFÉ DES NOUVEAUX ARRIVANTS 17 OCT
prénom|nom|arrivés de|installés à (commune)|depuis|téléphone ou mail|on cherche|veut recevoir l'infolettre
Marion|LEROUX|Nantes|Prayssac|juillet|marion@example.org|boulot|oui
Karim|ZIANI|Grenoble|Cahors|2025|06 39 98 11 02|logement|non
Lucie|BAS|Suisse|Puy-l'Évêque|mars 2026|06 39 98 11 03|amis|oui
""",
        1,
        3,
        {
            0: "Prénom",
            1: "Nom",
            2: "Commune actuelle",
            5: ["Téléphone", "Courriel"],
            7: "Newsletter",
        },
        free=frozenset({3, 6}),
    ),
    Case(
        "an attendance list with dashes in names and a signature",
        """
Journée transmission – liste d'émargement
Nom - Prénom|Tél. portable|Courriel (lisible !)|Commune de l'exploitation|SAU (ha)|Année de départ prévue|Repreneur identifié O/N|Signature
CALMON - Yvette|06 39 98 16 01|yvette@example.org|Livernon|45|2028|N|
DELPON - René|0639981602||Cajarc|60|2027|O|
""",
        1,
        2,
        {0: NAMES, 1: "Téléphone", 2: "Courriel"},
        free=frozenset({3, 5}),
    ),
    Case(
        "leads scanned from badges, in English",
        """
Scan Date|Scan Time|Badge ID|First Name|Last Name|Job Title|Company|Email|Mobile|Country|Zip/Postal Code|City|Lead Rating|Qualifier: Interested in|Free Notes|Scanned By
2026-10-14|09:41|A1203|Marta|Iglesias|Nurse||marta.i@example.org|+33639985401|France|31400|Toulouse|Hot|Relocation|wants a house with garden|Stand 4 iPad
2026-10-14|10:05|A1377|Pierrick|Le Bihan|Project manager|Exemple SA|p.lebihan@example.org|+33639985402|France|35000|Rennes|Warm|Job||Stand 4 iPad
2026-10-15|16:20|B0021|Aïssatou|Diop|Cook||aissatou@example.org||Belgium|1000|Bruxelles|Cold|Newsletter|will call back|Stand 4 iPhone
""",
        0,
        3,
        {
            0: "Reçue le",
            3: "Prénom",
            4: "Nom",
            5: "Métier",
            6: "Organisme",
            7: "Courriel",
            8: "Téléphone",
            9: "Pays actuel",
            10: "Code postal",
            11: "Commune actuelle",
            14: "Notes",
        },
        free=frozenset({13, 15}),
        values={
            (1, "Reçue le"): "2026-10-14",
            (2, "Téléphone"): "06 39 98 54 02",
            (3, "Code postal"): "1000",
        },
        write="comma",
    ),
    Case(
        "applicants of a landlord, with a second holder and choices",
        """
LISTE DES DEMANDEURS DE LOGEMENT AU 30/09/2026
(tri par ancienneté)
N° unique|Ancienneté (mois)|Titulaire|Cotitulaire|Nb pers|Ressources mens.|Actuellement locataire à|Tél portable|Tél fixe|Courriel|1er choix commune|2e choix commune|Motif|Avis CAL
046126000123|14|BESSIÈRES Coralie||2|1 450|Montauban (82)|0639985801||coralie.b@example.org|Cahors|Pradines|rapprochement travail|en attente
046126000124|3|NGUYEN Minh|NGUYEN Lan|4|2 800|Toulouse (31)|0639985802|0536495802|minh@example.org|Figeac||mutation|
046126000125|1|SABATHIÉ Robert||1|900|Cahors (46)||0536495803||Cahors||santé|refusé
""",
        2,
        3,
        {
            2: NAMES,
            6: "Commune actuelle",
            7: "Téléphone",
            8: "Téléphone (2)",
            9: "Courriel",
            10: "Commune visée",
        },
        free=frozenset({11, 12, 13}),
        values={
            (3, "Commune actuelle"): "Montauban",
            (3, "Nom"): "BESSIÈRES",
            (5, "Téléphone"): "05 36 49 58 03",
            (3, "Commune visée"): "Cahors",
        },
        write="xlsx",
    ),
    Case(
        "answers to a form, where programs leave columns empty",
        """
ID|Heure de début|Heure de fin|Adresse de messagerie|Nom|Heure de la dernière modification|Quel est votre nom de famille ?|Quel est votre prénom ?|Votre numéro de téléphone (portable de préférence)|Dans quel domaine travaillez-vous ?|Où habitez-vous aujourd'hui ?|Dans quel délai pensez-vous venir vous installer ?|De quoi auriez-vous besoin pour vous décider ?|Acceptez-vous que vos réponses soient transmises à nos partenaires ?
1|@2026-06-02T10:12:00|@2026-06-02T10:15:00|anonymous|||FONTAINE|Gwenaëlle|06 39 98 59 01|petite enfance|Nantes|moins de 6 mois|Un logement;Un emploi pour mon conjoint;|Oui
2|@2026-06-03T21:40:00|@2026-06-03T21:44:00|anonymous|||ABADIE|Loïc|0639985902|informatique|Toulouse|je ne sais pas|Une bonne connexion internet;|Non
3|@2026-06-05T08:01:00|@2026-06-05T08:09:00|anonymous|||KOWALSKI|Ewa|639985903|restauration|Lyon|d'ici un an|Visiter;|Oui
""",
        0,
        3,
        {
            2: "Reçue le",
            6: "Nom",
            7: "Prénom",
            8: "Téléphone",
            10: "Commune actuelle",
            11: "Échéance",
            13: "Consentement",
        },
        free=frozenset({1, 9, 12}),
        values={
            (1, "Nom"): "FONTAINE",
            (3, "Téléphone"): "06 39 98 59 03",
            (1, "Consentement"): "Oui",
            (1, "Reçue le"): "2026-06-02T10:15",
            (2, "Courriel"): None,
        },
        write="xlsx",
    ),
    Case(
        "questions that people answer in their words",
        """
Horodateur|Comment vous appelez-vous (prénom et nom) ?|Sur quelle adresse e-mail peut-on vous écrire ?|Et un numéro pour vous appeler ?|Vous êtes combien à vouloir venir ?|Quelle est votre situation actuelle ?|Racontez-nous en quelques lignes votre projet de vie dans le Lot|Quel coin du Lot vous fait rêver ?|Quand seriez-vous prêts à sauter le pas ?|Par quel biais nous avez-vous découverts ?|Voulez-vous recevoir notre lettre mensuelle ?
08/09/2026 14:02:11|Mathilde Rouvière|mathilde.r@example.org|06 39 98 60 01|2 adultes 1 bébé|en CDI|quitter la ville, ouvrir une ferme pédagogique|vallée du Célé|2027|Instagram|Oui
09/09/2026 07:30:00|Jean-Baptiste Cros|jb.cros@example.org|06 39 98 60 02|seul|retraité|être près de mes petits-enfants|Figeac|au printemps|bouche à oreille|Non merci
""",
        0,
        2,
        {
            0: "Reçue le",
            1: NAMES,
            2: "Courriel",
            3: "Téléphone",
            7: "Commune visée",
            8: "Échéance",
            10: "Newsletter",
        },
        free=frozenset({4, 5, 6, 9}),
        values={
            (1, "Nom"): "Rouvière",
            (1, "Prénom"): "Mathilde",
            (2, "Nom"): "Cros",
            (2, "Prénom"): "Jean-Baptiste",
            (1, "Newsletter"): "Oui",
        },
    ),
    Case(
        "two people a row, by their titles",
        """
Mme Nom|Mme Prénom|Mme Tél|Mme Mail|Mme Profession|M. Nom|M. Prénom|M. Tél|M. Mail|M. Profession|Ville|Enfants|Projet du couple|Contact le
DUMAS|Charlotte|06 39 98 64 01|charlotte@example.org|aide-soignante|DUMAS|Kevin|06 39 98 64 02|kevin@example.org|chauffeur|Reims|2|quitter la région|03/02/2026
BARRE|Nelly|06 39 98 64 03|nelly@example.org|comptable|SIMON|Gaël||gael@example.org|paysagiste|Angers|0|créer une entreprise|10/02/2026
""",
        0,
        2,
        {
            0: "Nom",
            1: "Prénom",
            2: "Téléphone",
            3: "Courriel",
            4: "Métier",
            10: "Commune actuelle",
            11: "Enfants",
            12: "Projet",
        },
        free=frozenset({7, 8, 13}),
        values={
            (1, "Nom"): "DUMAS",
            (1, "Prénom"): "Charlotte",
            (2, "Téléphone"): "06 39 98 64 03",
            (2, "Enfants"): "0",
        },
        groups=True,
    ),
    Case(
        "verbs in groups: who came, where to reach them",
        """
Accueil de proximité – permanence du mardi||||||||||
Personne accueillie|||Où la joindre|||Sa demande||Notre réponse||
Nom|Prénom|Lieu de vie|Tél.|2e tél.|Mél.|Nature|Échéance|Qui|Fait le|À revoir le
ESCAFFRE|Judith|Rodez|06 39 98 65 01|05 36 49 65 01|judith@example.org|garde d'enfant|urgent|Paulette|03/03/2026|17/03/2026
POUJADE|Florian|Tulle|06 39 98 65 02||florian.p@example.org|local commercial|rentrée|Paulette|10/03/2026|
""",
        2,
        2,
        {
            0: "Nom",
            1: "Prénom",
            2: "Commune actuelle",
            3: "Téléphone",
            4: "Téléphone (2)",
            5: "Courriel",
            7: "Échéance",
            10: "Relancer le",
        },
        free=frozenset({6, 8, 9}),
        values={
            (3, "Relancer le"): "2026-03-17",
            (3, "Téléphone (2)"): "05 36 49 65 01",
            (4, "Prénom"): "Florian",
        },
        merged=("A1:K1", "A2:C2", "D2:F2", "G2:H2", "I2:K2"),
        groups=True,
        write="xlsx",
    ),
    Case(
        "every word cut short",
        """
N°|Nm|Prén.|Tph|Adr. mél|C.P.|Loc.|Prof. act.|Proj.|Ech.|Orig. ctc|1er ctc|Dern. ctc|Rel. le|Réf.|Obs.
1|MAGNE|Ludivine|0639986801|ludivine.m@example.org|19100|Brive|assist. RH|emploi|6 mois|salon|02/02/2026|15/03/2026|01/05/2026|AB|RAS
2|TISSOT|Hervé|0639986802|herve.t@example.org|69007|Lyon|ébéniste|création|1 an|web|03/02/2026|||CD|visite en juillet
""",
        0,
        2,
        {
            1: "Nom",
            2: "Prénom",
            3: "Téléphone",
            4: "Courriel",
            5: "Code postal",
            6: "Commune actuelle",
            7: "Métier",
            8: "Projet",
            9: "Échéance",
            11: "Reçue le",
            12: "Dernier contact le",
            13: "Relancer le",
            15: "Notes",
        },
        free=frozenset({10, 14}),
        values={
            (1, "Relancer le"): "2026-05-01",
            (2, "Code postal"): "69007",
            (1, "Échéance"): "3 à 6 mois",
        },
    ),
    Case(
        "staff and partners, one a row",
        """
Qualité|Nom|Prénom|Service / employeur|Tél.|Courriel|Métier|Lien|Recherche d'emploi|Commentaire
Agent|ROQUEFEUIL|Armelle|Archives|06 39 98 71 01|armelle@example.org|archiviste||non|
Conjoint|ROQUEFEUIL|Stéphane||06 39 98 71 02|stephane.r@example.org|cuisinier|conjoint d'Armelle|oui|CV reçu
Agent|YILMAZ|Deniz|Routes|06 39 98 71 03|deniz@example.org|ingénieur||non|arrive en janvier
Conjointe|YILMAZ|Elif|||elif@example.org|pharmacienne|conjointe de Deniz|oui|
""",
        0,
        4,
        {1: "Nom", 2: "Prénom", 4: "Téléphone", 5: "Courriel", 6: "Métier", 9: "Notes"},
        free=frozenset({3, 8}),
        values={
            (2, "Nom"): "ROQUEFEUIL",
            (4, "Courriel"): "elif@example.org",
            (2, "Métier"): "cuisinier",
        },
    ),
    Case(
        "calls at a switchboard",
        """
Appel du|Heure|Appelant|N° appelant|Rappel souhaité (jour/heure)|Objet de l'appel|Pris par|Transmis à|Résultat|Date du rappel
03/11/2026|9h40|Mme LACAZE Régine|05 36 49 81 01|après 18h|aides à l'installation médicale|accueil|pôle santé|rappelée, dossier envoyé|05/11/2026
03/11/2026|11h05|M. Youssef AMRANI|06 39 98 81 02|indifférent|reprise d'un commerce à Gourdon|accueil|CCI|pas de réponse|04/11/2026
04/11/2026|14h|inconnu|06 39 98 81 03||se renseigne sur les écoles|accueil||message laissé|
""",
        0,
        3,
        {0: "Reçue le", 2: NAMES, 3: "Téléphone"},
        free=frozenset({4, 5, 6, 7, 8, 9}),
        values={
            (1, "Nom"): "LACAZE",
            (1, "Prénom"): "Régine",
            (2, "Téléphone"): "06 39 98 81 02",
            (1, "Reçue le"): "2026-11-03",
        },
    ),
    Case(
        "doctors who hand over, beside their practice",
        """
Cabinet|Praticien cédant|Discipline|Ville du cabinet|Tél cabinet|Portable du praticien|Mail du praticien|Date d'arrêt prévue|Remplaçant trouvé|Contact ordre|Rq
Cabinet des Platanes|Dr Gilles FABRY|MG|Souillac|0536498301|0639988301|gilles.fabry@example.org|31/12/2027|non|CDOM|patientèle 1200
MSP d'Exemple|Dr Odette RAMES|dentaire|Martel|0536498302|0639988302|odette.r@example.org|été 2028|oui||
""",
        0,
        2,
        {1: NAMES, 2: "Métier", 5: "Téléphone", 6: "Courriel", 10: "Notes"},
        free=frozenset({0, 3, 4, 7}),
        values={(1, "Téléphone"): "06 39 98 83 01", (1, "Nom"): "FABRY"},
    ),
    Case(
        "partners of people who were hired",
        """
Agent recruté|Service|Conjoint(e)|Tél conjoint(e)|Mail conjoint(e)|Métier conjoint(e)|CV reçu le|Suivi
Mme LAVAL|Réanimation|Arthur LAVAL|06 39 98 93 01|arthur.l@example.org|électricien|02/03/2026|transmis à 2 entreprises
M. SOUBRIÉ|Imagerie|Élodie SOUBRIÉ|06 39 98 93 02|elodie.s@example.org|assistante|05/03/2026|en attente
""",
        0,
        2,
        {2: NAMES, 3: "Téléphone", 4: "Courriel", 5: "Métier"},
        free=frozenset({6, 7}),
        values={(1, "Nom"): "LAVAL", (1, "Prénom"): "Arthur", (2, "Téléphone"): "06 39 98 93 02"},
    ),
    Case(
        "each question in two languages",
        """
Timestamp / Horodateur|First name / Prénom|Family name / Nom|Your email address / Votre adresse e-mail|Phone / Téléphone (WhatsApp ok)|Where are you living at the moment? / Où habitez-vous en ce moment ?|When do you plan to arrive? / Quand pensez-vous arriver ?|What do you need help with? / Pour quoi avez-vous besoin d'aide ?|Preferred language / Langue
2026-05-02 10:10:10|Ingrid|Solberg|ingrid@example.org|+33 6 39 98 08 11|Bergen, Norway|2027|residence permit, school|English
2026-05-03 20:01:00|Ana|Moreira|ana.m@example.org|06 39 98 08 12|Bordeaux|in 3 months|job|Français
""",
        0,
        2,
        {
            0: "Reçue le",
            1: "Prénom",
            2: "Nom",
            3: "Courriel",
            4: "Téléphone",
            5: "Commune actuelle",
            6: "Échéance",
        },
        free=frozenset({7}),
        values={
            (1, "Reçue le"): "2026-05-02T10:10",
            (1, "Nom"): "Solberg",
            (2, "Téléphone"): "06 39 98 08 12",
        },
        write="comma",
    ),
    Case(
        "no header, in another order",
        """
1|marie.roques@example.org|Marie|Roques|75011|Paris|0639981311|oui
2|jul.brun@example.org|Julien|Brun|33000|Bordeaux|0639981312|non
3|chantal.m@example.org|Chantal|Mercadier|87000|Limoges|0536491313|oui
""",
        None,
        3,
        {
            1: "Courriel",
            2: "Prénom",
            3: "Nom",
            4: "Code postal",
            5: "Commune actuelle",
            6: "Téléphone",
        },
        values={
            (0, "Nom"): "Roques",
            (0, "Prénom"): "Marie",
            (2, "Code postal"): "87000",
            (1, "Commune actuelle"): "Bordeaux",
        },
    ),
    Case(
        "words for women and men in one",
        """
Porteur·se|Co-porteur·se|Projet (nom)|Pitch|ESS ?|Domaine|Mail porteur·se|Tél porteur·se|Vit à|Implantation visée|Stade du projet|Entrée incubateur|Accompagnant·e
Maëlle QUEMENER|Tom ROUX|La Grange|tiers-lieu culinaire|oui|restauration|maelle.q@example.org|0639981511|Quimper|Saint-Céré|amorçage|02/02/2026|Victor
Ibrahim SOW||Recyclo46|recyclerie|oui|environnement|ibrahim.s@example.org|0639981512|Montauban|Cahors|idée|02/03/2026|Victor
""",
        0,
        2,
        {
            0: NAMES,
            6: "Courriel",
            7: "Téléphone",
            8: "Commune actuelle",
            9: "Commune visée",
        },
        free=frozenset({12, 2, 3, 5, 10, 11}),
        values={
            (1, "Nom"): "QUEMENER",
            (2, "Prénom"): "Ibrahim",
            (1, "Commune visée"): "Saint-Céré",
        },
    ),
    Case(
        "an employer about somebody new",
        """
Horodateur|Nom de l'entreprise|Votre nom (RH)|Nom et prénom du nouveau salarié|Son téléphone|Son adresse mail|Poste occupé|Date de prise de poste|Vient-il avec sa famille ?|Ville actuelle du salarié|Type de logement recherché|Commentaires
03/06/2026 09:00:00|Exemple Bois|Mme Rey|Mathias COLIN|06 39 98 23 01|mathias.c@example.org|conducteur de ligne|01/09/2026|oui, 2 enfants|Le Mans|T4|urgent
04/06/2026 11:30:00|Exemple Agro|M. Bos|Sabrina HADJI|06 39 98 23 02|sabrina.h@example.org|qualiticienne|15/09/2026|non|Pau|T2|
""",
        0,
        2,
        {
            0: "Reçue le",
            3: NAMES,
            4: "Téléphone",
            5: "Courriel",
            6: "Métier",
            9: "Commune actuelle",
            11: "Notes",
        },
        free=frozenset({1, 7, 8, 10}),
        values={
            (1, "Nom"): "COLIN",
            (2, "Courriel"): "sabrina.h@example.org",
            (1, "Reçue le"): "2026-06-03T09:00",
        },
    ),
    Case(
        "calls by year, days in words",
        """
Demandeur|Date de l'appel|N° de tél.|Projet envisagé|Commune souhaitée|Venue prévue|Décision
ANNEE 2025||||||
Mme Olivier Catherine|lundi 3 mars 2025|06 39 98 68 01|gîte à reprendre|Rocamadour|mi-avril|sans suite
M. Peyrot Alain|4 mars 2025|06 39 98 68 02|salariat|Biars-sur-Cère|12 mai 2025|relancer
ANNEE 2026||||||
Demandeur|Date de l'appel|N° de tél.|Projet envisagé|Commune souhaitée|Venue prévue|Décision
Mme Quintin Rosa|15 janv. 2026|06 39 98 68 03|micro-brasserie|Puy-l'Évêque|?|en cours
M. Rey Simon|2 févr. 2026|06 39 98 68 04|retraite|Cajarc|février|installé
TOTAL 2026|2|||||
""",
        0,
        4,
        {0: NAMES, 1: "Reçue le", 2: "Téléphone", 4: "Commune visée"},
        free=frozenset({3, 5, 6}),
        values={
            (2, "Reçue le"): "2025-03-03",
            (6, "Reçue le"): "2026-01-15",
            (7, "Reçue le"): "2026-02-02",
            (2, "Nom"): "Olivier",
            (3, "Prénom"): "Alain",
            (7, "Commune visée"): "Cajarc",
            (7, "Projet"): "Vivre ma retraite dans le Lot",
        },
        write="xls",
        sheet="Appels",
    ),
    Case(
        "couples, two phones, postal addresses",
        """
Famille|Prénoms|Téléphones|Courriels|Adresse actuelle|Nbre adultes|Nbre enfants|Souhait|Parrain
ABADIE|Luc et Mona|06 39 98 71 01 / 06 39 98 71 11|luc.abadie@example.org ; mona@example.org|12 rue Haute 31500 Toulouse|2|3|ferme|M. Soulié
BARBIER|Tess|0639987102||69100 Villeurbanne|1|0|emploi salarié|Mme Noyer
COSTES / DIAZ|Ana / Pol|06-39-98-71-03|ana.costes@example.org|Perpignan|2|1|restaurant|M. Soulié
""",
        0,
        3,
        {0: "Nom", 1: "Prénom", 5: "Adultes", 6: "Enfants"},
        free=frozenset({2, 3, 4, 7, 8}),
        values={
            (1, "Téléphone"): "06 39 98 71 01",
            (1, "Courriel"): "luc.abadie@example.org",
            (2, "Code postal"): "69100",
            (2, "Commune actuelle"): "Villeurbanne",
            (1, "Enfants"): "3",
            (3, "Téléphone"): "06 39 98 71 03",
        },
        write="cp1252",
    ),
    Case(
        "a notebook by month, with subtotals",
        """
Appel reçu le|Nom de l'appelant|Prénom de l'appelant|Numéro rappel|Besoin exprimé|Commune d'arrivée envisagée|Orienté vers|Rappelé le
JANVIER|||||||
5/1/2026|Alcaraz|Pilar|0639980801|emploi pour elle, école|Saint-Cirq-Lapopie|Mission locale|7/1/2026
22/1/2026|Bastide|Romuald|0639980802|terrain à bâtir|Lalbenque||
Sous-total janvier|2||||||
FÉVRIER|||||||
3/2/2026|Combes|Ingrid|0639980803|médecin traitant|Catus|CPTS|4/2/2026
Sous-total février|1||||||
TOTAL|3||||||
""",
        0,
        3,
        {
            0: "Reçue le",
            1: "Nom",
            2: "Prénom",
            3: "Téléphone",
            5: "Commune visée",
            7: "Dernier contact le",
        },
        free=frozenset({4, 6}),
        values={
            (2, "Reçue le"): "2026-01-05",
            (6, "Reçue le"): "2026-02-03",
            (2, "Dernier contact le"): "2026-01-07",
            (3, "Dernier contact le"): None,
            (6, "Commune visée"): "Catus",
        },
    ),
    Case(
        "no header, titles before names",
        """
06 39 98 07 01|Mme Vidalenc Berthe|Cahors|a un projet de chambres d'hôtes
06 39 98 07 02|M. Waechter Klaus|Figeac|retraité
06 39 98 07 03|Mme Xifré Montse|Gramat|cherche un emploi
""",
        None,
        3,
        {0: "Téléphone", 1: NAMES},
        free=frozenset({2, 3}),
        values={(0, "Nom"): "Vidalenc", (1, "Prénom"): "Klaus", (2, "Téléphone"): "06 39 98 07 03"},
        write="cp1252",
    ),
    Case(
        "households beside their contact",
        """
Foyer|Composition|Contact principal|Portable 1|Portable 2|Courriel 1|Courriel 2|Venant de|Emménagement|Logement trouvé|Observ.|Accueilli par
Foyer Sicard|2 ad. 1 enf.|Manon Sicard|0639981401|0639981411|manon.s@example.org|p.sicard@example.org|Niort|01/09/2026|location|RAS|Mme l'adjointe
Foyer Teyssier|1 ad.|Aurel Teyssier|0639981402||aurel.t@example.org||Lorient|15/09/2026|achat||J. Bouscarel
Foyer Uhart|2 ad. 3 enf.|Maïté Uhart|0639981403||maite.uhart@example.org||Bayonne|octobre|non||J. Bouscarel
""",
        0,
        3,
        {
            2: NAMES,
            3: "Téléphone",
            4: "Téléphone (2)",
            5: "Courriel",
            6: "Courriel (2)",
            7: "Commune actuelle",
            10: "Notes",
        },
        free=frozenset({0, 8, 9, 11}),
        values={
            (1, "Prénom"): "Manon",
            (1, "Nom"): "Sicard",
            (2, "Téléphone"): "06 39 98 14 02",
            (3, "Commune actuelle"): "Bayonne",
            (3, "Installée le"): None,
        },
    ),
    Case(
        "codes with a legend, contacts of both kinds",
        """
Code : 1 = à contacter, 2 = en cours, 3 = installé, 4 = abandon|||||||
|||||||
Nom prénom|Code|Tel / mail|Métier ou projet|Arrivée|Par|Relance|Commentaire
Urbain Zélie|=2|06 39 98 70 01 zelie@example.org|ébéniste|sept. 2026|Sandrine Calvet|@2026-09-20|cherche atelier
Valette Rémi|=1|remi.valette@example.org|boulangerie|dans l'année|Toufik Amrani|@2026-10-04|
Weber Gaëlle|=3|06 39 98 70 03|télétravail|déjà là|Sandrine Calvet||ok
""",
        2,
        3,
        {0: NAMES, 2: ["Téléphone", "Courriel"], 5: "Référent", 6: "Relancer le", 7: "Notes"},
        free=frozenset({1, 3, 4}),
        values={
            (3, "Téléphone"): "06 39 98 70 01",
            (3, "Courriel"): "zelie@example.org",
            (3, "Relancer le"): "2026-09-20",
            (4, "Courriel"): "remi.valette@example.org",
            (5, "Prénom"): "Gaëlle",
            (3, "Statut"): None,
        },
        write="xlsx",
    ),
]

WITHOUT_PEOPLE = {
    "associations": "Association|Téléphone|Mail|Commune\nLes Amis|0536490001|amis@example.org|Gramat",
    "budget": "Poste|Montant|Date\nLocation|1200|01/02/2026\nTraiteur|800|02/02/2026",
    "communes": "Commune|Code postal|Habitants\nCahors|46000|20000\nFigeac|46100|9700",
    "stock": "Référence|Désignation|Quantité|Fournisseur|Mail fournisseur\nA1|Chaise|12|Exemple SA|contact@example.org",
    "counts": "Mois|Demandes|Installations\nJanvier|12|3\nFévrier|9|1\nTotal|21|4",
    "dishes": "Nom|Prix|Quantité\nCafé|1,50|200\nGâteau|3|50",
    "agenda": "Date|Lieu|Animateur|Tél animateur\n01/02/2026|Gramat|M. Exemple|0536490000\n02/02/2026|Martel|M. Exemple|0536490000",
    "words": "Bonjour\n\nVoici un texte sans tableau.",
}
