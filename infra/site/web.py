"""Fetches from other people's servers: not too much, not for long, errors as sentences."""

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

import requests

from functions.shared.errors import AccueilError
from functions.shared.version import VERSION
from infra.terminal import plain

REDIRECTS = 5  # are followed


class WebError(AccueilError):
    """An address cannot be fetched; the sentence says why, and who can mend it."""

    def __init__(self, sentence: str) -> None:
        super().__init__(plain(sentence))


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
        return plain(self.headers.get("content-type", "")).partition(";")[0].strip().lower()


@dataclass(frozen=True)
class Web:
    """How long to wait, in seconds, for a part of an answer and for all of it; how much to read.

    All of it includes redirects and headers. The limit is in bytes.
    """

    patience: float = 10
    deadline: float = 30
    limit: int = 2 * 1024 * 1024

    def fetch(
        self, url: str, method: str = "GET", body: str | None = None, **headers: str
    ) -> Fetched:
        """What is at an address; what is beyond the limit is not read.

        Redirects are followed, but of a POST: what is sent is for that address alone.

        Raises:
            WebError: nothing is, or it takes too long.
        """
        host = urlsplit(url).hostname or url
        sent = {"User-Agent": f"accueil/{VERSION}"} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        try:
            return self._in_time(lambda: self._follow(method, url, body, sent))
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

    def _in_time(self, work: Callable[[], Fetched]) -> Fetched:
        """The outcome of some work, or ReadTimeout at the deadline.

        A server that sends a byte now and then keeps a read busy for as long as it likes. So the
        work is left to a thread, which dies with the command.
        """
        outcome: Future[Fetched] = Future()

        def run() -> None:
            try:
                outcome.set_result(work())
            except Exception as error:  # noqa: BLE001  (raised again by whoever waits)
                outcome.set_exception(error)

        threading.Thread(target=run, daemon=True).start()
        try:
            return outcome.result(self.deadline)
        except TimeoutError as error:
            raise requests.exceptions.ReadTimeout from error

    def _follow(
        self, method: str, url: str, body: str | None, headers: Mapping[str, str]
    ) -> Fetched:
        with _Session() as session:
            for _ in range(REDIRECTS + 1):
                with session.request(
                    method, url, data=body, headers=headers, timeout=self.patience, stream=True
                ) as answer:
                    target = session.redirect_of(answer)
                    if target is None or method == "POST":
                        text = self._read(answer)
                        return Fetched(answer.url, answer.status_code, answer.headers, text)
                    url = urljoin(answer.url, target)
        raise requests.exceptions.TooManyRedirects

    def _read(self, answer: requests.Response) -> str:
        body = b""
        for chunk in answer.iter_content(64 * 1024):
            body += chunk
            if len(body) >= self.limit:
                break
        # Every encoding that pages have writes tags and addresses as ASCII does.
        return body[: self.limit].decode("utf-8", "replace")


class _Session(requests.Session):
    """Follows nothing by itself: requests would first read all that a redirect's answer holds."""

    def get_redirect_target(self, _: requests.Response) -> None:
        return None

    def redirect_of(self, answer: requests.Response) -> str | None:
        return super().get_redirect_target(answer)


def _too_slow(host: str) -> str:
    return f"{host} ne répond pas à temps."
