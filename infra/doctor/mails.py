"""The checks of mail: the server, a mail on trial, and what the DNS says of the sender."""

import re
from html import escape

from functions.shared.errors import MailError, MailRefusedError, MailUnsureError
from functions.shared.mail.letter import Mail, message
from functions.shared.mail.pace import count_today
from infra.doctor.checks import Check, Seen, SkippedError, fault, ok, warning
from infra.doctor.system import System
from sheets_schema.columns import PARIS

_MAILING = ("route", "digest")


def _relay(system: System) -> Seen:
    return ok(system.mailer.check(system.sender_domain))


def _trial(system: System) -> Seen:
    if not system.mail_to:
        raise SkippedError(
            "Aucun courriel d'essai n'est demandé : --mail-to, ou --mail-to=ADRESSE."
        )
    now = system.clock()
    text = (
        f"Ce courriel d'essai est parti le {now.astimezone(PARIS):%d/%m/%Y à %H:%M}. S'il est "
        "arrivé, le système peut écrire. Regardez dans ses en-têtes que SPF, DKIM et DMARC disent "
        "« pass ».\n"
    )
    mail = Mail("Accueil : courriel d'essai", html=f"<p>{escape(text)}</p>", text=text)
    try:
        system.mailer.send(
            message(mail, system.setting("sender"), system.mail_to, f"doctor-{system.token()}", now)
        )
    except MailUnsureError as error:
        return warning(f"{error} Regardez s'il est arrivé.")
    except (MailError, MailRefusedError) as error:
        return fault(str(error))
    return ok("Le courriel d'essai est parti : regardez s'il est arrivé, et hors des indésirables.")


def _allowance(system: System) -> Seen:
    sent = count_today(system.journal, system.clock())
    most = system.setting("mails_a_day")
    said = f"{sent} courriels sur {most} sont partis aujourd'hui à propos de demandes"
    if sent >= most:
        return warning(f"{said} : les autres partent demain.")
    return ok(f"{said}.")


def _domain(system: System) -> str:
    """The domain of the sender, if mails leave this machine."""
    if system.setting("mail").startswith("outbox:"):
        raise SkippedError("Les courriels restent dans un dossier : le DNS n'a rien à en dire.")
    return system.sender_domain


def _records(system: System, name: str, version: str) -> list[str]:
    wanted = re.compile(rf"\s*{re.escape(version)}(\s|;|$)", re.IGNORECASE)
    return [record for record in system.resolve(name) if wanted.match(record)]


def _spf(system: System) -> Seen:
    """RFC 7208: just one record; section 4.5 makes an error of two."""
    domain = _domain(system)
    records = _records(system, domain, "v=spf1")
    if not records:
        return fault(f"{domain} n'a pas d'enregistrement SPF : ajoutez le serveur d'envoi.")
    if len(records) > 1:
        return fault(f"{domain} a {len(records)} enregistrements SPF : réunissez-les en un seul.")
    if re.search(r"(^|\s)\+?all(\s|$)", records[0].lower()):
        return fault(f"Le SPF de {domain} permet à n'importe qui d'écrire en son nom (all).")
    return ok(f"{domain} a un SPF. L'en-tête du courriel d'essai dit s'il compte ce serveur.")


def _dkim(system: System) -> Seen:
    """RFC 6376, 3.6.1. Nobody can list the selectors of a domain."""
    domain = _domain(system)
    if not system.selectors:
        raise SkippedError(
            "Le sélecteur DKIM ne se devine pas : « s= » dans l'en-tête DKIM-Signature du courriel "
            "d'essai ; donnez-le avec --dkim."
        )
    missing = []
    for selector in system.selectors:
        # The version may be left out, so a key is what tells such a record.
        records = system.resolve(f"{selector}._domainkey.{domain}")
        if not any(re.search(r"(^|;)\s*p=[^;\s]", record) for record in records):
            missing.append(selector)
    if missing:
        return fault(f"Aucune clé DKIM de {domain} pour : {', '.join(missing)}.")
    return ok(f"{domain} a une clé DKIM pour : {', '.join(system.selectors)}.")


def _dmarc(system: System) -> Seen:
    """RFC 7489, 6.6.3: the domain itself, or else the one above it that is registered."""
    labels = _domain(system).split(".")
    domains = [".".join(labels[start:]) for start in range(len(labels) - 1)]
    for domain in domains:
        records = _records(system, f"_dmarc.{domain}", "v=DMARC1")
        if len(records) > 1:
            return fault(f"_dmarc.{domain} a {len(records)} enregistrements : aucun ne compte.")
        if records:
            policy = re.search(r";\s*p\s*=\s*(\w+)", records[0], re.IGNORECASE)
            if policy is None:
                return fault(f"Le DMARC de {domain} ne dit pas que faire (p=).")
            if policy[1].lower() == "none":
                return warning(f"Le DMARC de {domain} regarde seulement (p=none).")
            return ok(f"{domain} a un DMARC (p={policy[1].lower()}).")
    return fault(f"{domains[0]} n'a pas de DMARC : Gmail et Yahoo le demandent aux expéditeurs.")


_SPAM = "Les courriels finissent parmi les indésirables, ou sont refusés."
CHECKS: tuple[Check[System], ...] = (
    Check(
        "relay",
        "Le serveur de courriel répond, chiffre et accepte le compte.",
        "Aucun courriel ne part ; ils attendent dans le journal.",
        "functions/shared/mail/mailer.py",
        _relay,
        _MAILING,
    ),
    Check(
        "mail",
        "Un courriel d'essai part.",
        "Le serveur refuse cet expéditeur ou ce message.",
        "functions/shared/mail/mailer.py",
        _trial,
        _MAILING,
        needs=("relay",),
    ),
    Check(
        "allowance",
        "Le plafond de courriels du jour n'est pas atteint.",
        "Les courriels sur de nouvelles demandes partent le lendemain.",
        "functions/shared/mail/pace.py",
        _allowance,
        ("route",),
        needs=("journal",),
    ),
    Check(
        "spf", "Le domaine de l'expéditeur a un SPF.", _SPAM, "ACCUEIL_MAIL_FROM", _spf, _MAILING
    ),
    Check(
        "dkim",
        "Le domaine de l'expéditeur a la clé DKIM du serveur.",
        _SPAM,
        "ACCUEIL_MAIL_FROM",
        _dkim,
        _MAILING,
    ),
    Check(
        "dmarc",
        "Le domaine de l'expéditeur a un DMARC qui protège son nom.",
        _SPAM,
        "ACCUEIL_MAIL_FROM",
        _dmarc,
        _MAILING,
    ),
)
