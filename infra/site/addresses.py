"""Web addresses, taken apart as browsers do. Pure."""

from urllib.parse import urlsplit

_PORTS = {"http": 80, "https": 443}


def origin(url: str) -> str:
    """Scheme, host, and the port where it is not the scheme's own: what a browser sends as Origin.

    Raises:
        ValueError: the address has a port that cannot be.
    """
    parts = urlsplit(url)
    host = (parts.hostname or "").encode("idna").decode() if parts.hostname else ""
    host = f"[{host}]" if ":" in host else host
    at = port(url)
    own = at == _PORTS.get(parts.scheme)
    return f"{parts.scheme}://{host}" + ("" if own or at is None else f":{at}")


def port(url: str) -> int | None:
    """The port that an address leads to; None where its scheme has none."""
    parts = urlsplit(url)
    return parts.port or _PORTS.get(parts.scheme)


def bare(url: str) -> str:
    """An address without query, fragment and slash at its end."""
    return url.partition("#")[0].partition("?")[0].rstrip("/")


def is_local(url: str) -> bool:
    """Whether it is on this machine, where browsers ask for no https."""
    return urlsplit(url).hostname in ("localhost", "127.0.0.1", "::1")
