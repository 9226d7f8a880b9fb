"""The checks of the journal: what it promises, what waits there, what the schedules left."""

import re
from datetime import UTC, datetime, timedelta

from functions.digest.weeks import last_week
from functions.shared.journal import operator
from functions.shared.journal.formats import SettledMark
from functions.shared.journal.marks import NOTED_EVERY, last_sweep, weeks_sent
from functions.shared.journal.store import Journal, legible
from infra.doctor.checks import Check, Seen, fault, ok, warning
from infra.doctor.system import System
from sheets_schema.columns import PARIS

_LATE = timedelta(minutes=15)  # for a request without its row; sweeps come every few minutes
_LATE_MAIL = timedelta(hours=1)  # a person gets one mail of a kind every three minutes
_DATED = re.compile(r"outbox/[a-z_]+-(\d{8}T\d{6}Z)-")
_OF_BATCH = re.compile(r"outbox/(\d{9}-[a-z0-9]+)-")
_SWEEP_DUE = NOTED_EVERY + timedelta(minutes=20)
_DIGEST_DUE = timedelta(hours=8)  # on Monday, an hour after it is to leave


def _journal(system: System) -> Seen:
    journal, key = system.journal, f"doctor/{system.token()}"
    try:
        if not journal.create(key, b"1"):
            return fault("Un objet tout neuf passe pour existant.")
        if journal.create(key, b"2") or journal.read(key) != b"1":
            return fault("Un objet qui existe est remplacé : deux demandes pourraient se perdre.")
        if key not in journal.keys("doctor/"):
            return fault("Un objet qui vient d'être créé n'est pas dans la liste.")
    finally:
        journal.delete(key)
    if journal.read(key) is not None or key in journal.keys("doctor/"):
        return fault("Un objet supprimé est encore là.")
    return ok("Créer une seule fois, lire, lister et supprimer : tout va, dans doctor/.")


def _waiting(system: System) -> Seen:
    stock, now = operator.inventory(system.journal), system.clock()
    pending, aside = (
        [age for item in items if (age := item.age(now)) is not None]
        for items in (stock.pending, stock.quarantined)
    )
    since = _oldest_mail(system.journal)
    mails = [now - since] if since else []
    sentence = ", ".join(
        f"{words} : {count}" + (f" (depuis {_minutes(max(ages))})" if ages else "")
        for words, count, ages in (
            ("Demandes en attente", len(stock.pending), pending),
            ("mises à part", len(stock.quarantined), aside),
            ("courriels à envoyer", stock.mails, mails),
        )
    )
    if any(age > _LATE for age in pending) or len(pending) < len(stock.pending):
        return fault(f"{sentence}. « accueil journal » les montre ; route tourne-t-elle ?")
    if stock.quarantined:
        return warning(f"{sentence}. « accueil journal » dit pourquoi elles sont mises à part.")
    if any(age > _LATE_MAIL for age in mails):
        return warning(f"{sentence}. Voyez les lignes « relay » et « allowance ».")
    return ok(f"{sentence}.")


def _oldest_mail(journal: Journal) -> datetime | None:
    """Since when the oldest mail waits, by its name or by its batch; None if none does.

    Mails of a batch come before it is settled, so they may wait a little longer than that.
    """
    keys = journal.keys("outbox/")
    times = [
        datetime.strptime(match[1], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        for key in keys
        if (match := _DATED.match(key))
    ]
    batches = {match[1] for key in keys if (match := _OF_BATCH.match(key))}
    for batch in sorted(batches):
        key = f"settled/{batch}"
        if (body := journal.read(key)) is not None:
            with legible(key):
                times.append(SettledMark.from_json(body).settled_at)
            break
    return min(times, default=None)


def _minutes(age: timedelta) -> str:
    return f"{max(0, round(age.total_seconds() / 60))} min"


def _standstill(system: System) -> Seen:
    keys = system.journal.keys("standstill/")
    if any(key.endswith(".told") for key in keys):
        return fault("Plus rien ne s'écrit depuis plus de 30 minutes, et un courriel l'a dit.")
    if keys:
        return warning("Le dernier passage a échoué : attendez le suivant, puis le courriel.")
    return ok("Aucun arrêt n'est noté.")


def _sweep(system: System) -> Seen:
    last, now = last_sweep(system.journal), system.clock()
    if last is None:
        since = _writing_since(system.journal)
        if since is not None and now - since > _SWEEP_DUE:
            return fault(f"Aucun passage n'est noté, et {_writes_since(since)}.")
        return warning("Aucun passage n'est encore noté : normal avant le premier déploiement.")
    if now - last > _SWEEP_DUE:
        return fault(f"Le dernier passage noté date de {_minutes(now - last)}.")
    return ok(f"Un passage est noté, il y a {_minutes(now - last)}.")


def _writing_since(journal: Journal) -> datetime | None:
    """Since when rows are written at least, by the oldest batch that the journal remembers."""
    for key in journal.keys("settled/"):
        if (body := journal.read(key)) is not None:
            with legible(key):
                return SettledMark.from_json(body).settled_at
    return None


def _writes_since(since: datetime) -> str:
    return f"le système écrit depuis le {since.astimezone(PARIS):%d/%m/%Y à %H:%M} au moins"


def _digest(system: System) -> Seen:
    due = last_week(system.clock() - _DIGEST_DUE).name
    weeks = list(weeks_sent(system.journal))
    if not weeks:
        since = _writing_since(system.journal)
        if since is not None and last_week(since).name < due:
            return fault(f"Aucun courriel du lundi n'est parti, et {_writes_since(since)}.")
        return warning("Aucun courriel du lundi n'est encore noté : normal la première semaine.")
    last = weeks[0]
    said = f"Semaine {last.week}, courriels partis : {last.sent}"
    if last.week < due:
        return fault(f"{said} ; ceux de la semaine {due} auraient dû partir.")
    if last.unsure:
        return warning(f"{said} ; incertains : {last.unsure}. Demandez si tout le monde l'a reçu.")
    return ok(f"{said}.")


CHECKS: tuple[Check[System], ...] = (
    Check(
        "journal",
        "Un objet du journal se crée une seule fois, se lit, se liste et se supprime.",
        "Une demande acceptée pourrait se perdre ou être écrite deux fois.",
        "functions/shared/journal/store.py",
        _journal,
    ),
    Check(
        "waiting",
        "Aucune demande n'attend plus de 15 minutes, aucune n'est mise à part.",
        "Des personnes attendent une réponse sans que personne le sache.",
        "functions/route/drain.py",
        _waiting,
        ("route",),
        needs=("journal",),
    ),
    Check(
        "standstill",
        "Aucun arrêt n'est noté.",
        "Tous les appels de route échouent.",
        "functions/route/standstill.py",
        _standstill,
        ("route",),
        needs=("journal",),
    ),
    Check(
        "sweep",
        "Un passage complet est noté dans la dernière demi-heure.",
        "Le programmateur n'appelle pas route, ou elle échoue : rien ne complète les lignes.",
        "functions/route/housekeeping.py",
        _sweep,
        ("route",),
        needs=("journal",),
    ),
    Check(
        "digest",
        "Les courriels du dernier lundi sont partis.",
        "Le programmateur n'appelle pas digest, ou elle échoue : personne ne voit ce qui attend.",
        "functions/digest/handler.py",
        _digest,
        ("digest",),
        needs=("journal",),
    ),
)
