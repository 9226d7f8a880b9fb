"""Fetches from other people's servers: not too much, not for long, errors as sentences."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import requests

from functions.shared.errors import AccueilError
from functions.shared.version import VERSION


class WebError(AccueilError):
    """An address cannot be fetched; the sentence says why, and who can mend it."""


@dataclass(frozen=True)
class Fetched:
    """An answer; `url` is where redirects led, header names are in any case."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: str

    @property
    def media_type(self) -> str:
        """The media type without its parameters, in lower case."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


@dataclass(frozen=True)
class Web:
    """How long to wait, in seconds, for a part of an answer and for all of it; how much to read."""

    patience: float = 10
    deadline: float = 30
    limit: int = 2 * 1024 * 1024  # bytes

    def fetch(self, url: str, method: str = "GET", **headers: str) -> Fetched:
        """What is at an address; what is beyond the limit is not read.

        Raises:
            WebError: nothing is, or it takes too long.
        """
        host = urlsplit(url).hostname or url
        sent = {"User-Agent": f"accueil/{VERSION}"} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        try:
            with requests.request(
                method, url, headers=sent, timeout=self.patience, stream=True
            ) as answer:
                body = self._read(answer)
                return Fetched(answer.url, answer.status_code, answer.headers, body)
        except requests.exceptions.SSLError as error:
            raise WebError(
                f"La connexion sécurisée (https) à {host} échoue : son hébergeur doit renouveler "
                "ou compléter le certificat."
            ) from error
        except requests.exceptions.Timeout as error:
            raise WebError(_too_slow(host)) from error
        except requests.exceptions.TooManyRedirects as error:
            raise WebError(f"{url} redirige sans fin.") from error
        except requests.exceptions.ConnectionError as error:
            # A connection that is open and then silent ends as one, too.
            slow = "timed out" in str(error).lower()
            said = _too_slow(host) if slow else f"{host} est injoignable."
            raise WebError(said) from error
        except (requests.exceptions.RequestException, ValueError) as error:
            raise WebError(f"{url} n'est pas une adresse qu'on peut ouvrir.") from error

    def _read(self, answer: requests.Response) -> str:
        end, body = time.monotonic() + self.deadline, b""
        for chunk in answer.iter_content(64 * 1024):
            body += chunk
            if len(body) >= self.limit:
                break
            if time.monotonic() > end:
                raise requests.exceptions.ReadTimeout
        # Every encoding that pages have writes tags and addresses as ASCII does.
        return body[: self.limit].decode("utf-8", "replace")


def _too_slow(host: str) -> str:
    return f"{host} ne répond pas à temps."
