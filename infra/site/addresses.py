"""Web addresses, taken apart as browsers do. Pure."""

from urllib.parse import parse_qsl, urlsplit

_PORTS = {"http": 80, "https": 443}


def origin(url: str) -> str:
    """Scheme, host, and the port where it is not the scheme's own: what a browser sends as Origin.

    Raises:
        ValueError: the address has a port that cannot be.
    """
    parts = urlsplit(url)
    host = (parts.hostname or "").encode("idna").decode() if parts.hostname else ""
    host = f"[{host}]" if ":" in host else host
    own = parts.port in (None, _PORTS.get(parts.scheme))
    return f"{parts.scheme}://{host}" + ("" if own else f":{parts.port}")


def bare(url: str) -> str:
    """An address without query, fragment and slash at its end."""
    return url.partition("#")[0].partition("?")[0].rstrip("/")


def query(url: str) -> dict[str, str]:
    """What an address gives by name; of several values the first, as the form reads it."""
    return dict(reversed(parse_qsl(urlsplit(url).query, keep_blank_values=True)))


def is_local(url: str) -> bool:
    """Whether it is on this machine, where browsers ask for no https."""
    return urlsplit(url).hostname in ("localhost", "127.0.0.1", "::1")
