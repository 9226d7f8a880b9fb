"""Fetches pages of the site and of the form; errors are sentences."""

import ipaddress
import socket
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from functions.shared.errors import AccueilError
from functions.shared.version import VERSION
from infra.terminal import plain

PATIENCE = 10  # seconds to wait for each part of an answer


class WebError(AccueilError):
    """An address cannot be fetched; the sentence says why, and who can mend it."""


class _NearError(Exception):
    """An address leads to this machine or into a private network."""


def fetch(
    url: str,
    method: str = "GET",
    body: str | None = None,
    *,
    local: bool = False,
    **headers: str,
) -> requests.Response:
    """Fetch an address.

    Redirects are followed, except after a POST, since what is sent is for that address alone. A
    page may redirect to, or name, any address. So only public ones are fetched, whatever their
    names lead to, unless `local` allows those of this machine and of private networks, too.

    Raises:
        WebError: nothing answers there, the answer does not come in time, or the address is not
            public.
    """
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        with requests.Session() as session:
            if not local:
                # A proxy would connect in our place, to whatever it likes.
                session.trust_env = False
                for scheme in ("http://", "https://"):
                    session.mount(scheme, _PublicOnly())
            return session.request(
                method,
                url,
                data=body,
                headers={"User-Agent": f"accueil/{VERSION}"} | sent,
                timeout=PATIENCE,
                allow_redirects=method == "GET",
            )
    except _NearError as error:
        raise WebError(
            f"{url} mène à une adresse de cette machine ou d'un réseau privé, qui n'est pas "
            "examinée ; si c'est voulu, ajoutez --local."
        ) from error
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


def is_public(address: str) -> bool:
    """Whether an IP address is one of the internet, and carries no other that is not."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        nat64 = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF) if ip in _NAT64 else None
        if carried := ip.ipv4_mapped or ip.sixtofour or nat64:
            return is_public(str(carried))
    return ip.is_global and not ip.is_multicast


_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")  # RFC 6052


def _checked(connected: socket.socket) -> socket.socket:
    """A connection, which is closed before anything is sent if it is not to a public address.

    The address that was connected to counts, because a name may lead elsewhere the next time.
    """
    if not is_public(connected.getpeername()[0]):
        connected.close()
        raise _NearError
    return connected


class _PublicConnection(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        return _checked(super()._new_conn())


class _PublicEncryptedConnection(HTTPSConnection):
    def _new_conn(self) -> socket.socket:
        return _checked(super()._new_conn())


class _PublicPool(HTTPConnectionPool):
    ConnectionCls = _PublicConnection


class _PublicEncryptedPool(HTTPSConnectionPool):
    ConnectionCls = _PublicEncryptedConnection


class _PublicOnly(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        super().init_poolmanager(*args, **kwargs)
        pools = {"http": _PublicPool, "https": _PublicEncryptedPool}
        self.poolmanager.pool_classes_by_scheme = pools


def answered(answer: requests.Response) -> str:
    """The status of an answer, as part of a sentence."""
    kind = media_type(answer) or "type inconnu"
    return f"{answer.url} répond {answer.status_code} ({kind})"


def media_type(answer: requests.Response) -> str:
    """The media type of an answer without its parameters, in lower case."""
    return plain(answer.headers.get("content-type", "")).partition(";")[0].strip().lower()
