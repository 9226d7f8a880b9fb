"""Fetches pages of the site and of the form; errors are sentences."""

import requests

from functions.shared.errors import AccueilError
from functions.shared.version import VERSION
from infra.terminal import plain

PATIENCE = 10  # seconds to wait for each part of an answer


class WebError(AccueilError):
    """An address cannot be fetched; the sentence says why, and who can mend it."""


def fetch(
    url: str, method: str = "GET", body: str | None = None, **headers: str
) -> requests.Response:
    """Fetch an address.

    Redirects are followed, except after a POST, since what is sent is for that address alone.

    Raises:
        WebError: nothing answers there, or the answer does not come in time.
    """
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        return requests.request(
            method,
            url,
            data=body,
            headers={"User-Agent": f"accueil/{VERSION}"} | sent,
            timeout=PATIENCE,
            allow_redirects=method == "GET",
        )
    except requests.exceptions.SSLError as error:
        raise WebError(
            f"La connexion sécurisée (https) à {url} échoue : l'hébergeur doit renouveler ou "
            "compléter le certificat."
        ) from error
    except requests.exceptions.TooManyRedirects as error:
        raise WebError(f"{url} redirige sans fin.") from error
    except (requests.exceptions.Timeout, requests.exceptions.ConnectionError) as error:
        raise WebError(f"{url} est injoignable, ou ne répond pas à temps.") from error
    except (requests.exceptions.RequestException, ValueError) as error:
        raise WebError(f"{url} n'est pas une adresse qu'on peut ouvrir.") from error


def answered(answer: requests.Response) -> str:
    """The status of an answer, as part of a sentence."""
    kind = media_type(answer) or "type inconnu"
    return f"{answer.url} répond {answer.status_code} ({kind})"


def media_type(answer: requests.Response) -> str:
    """The media type of an answer without its parameters, in lower case."""
    return plain(answer.headers.get("content-type", "")).partition(";")[0].strip().lower()
