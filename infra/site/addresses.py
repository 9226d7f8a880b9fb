"""The parts of web addresses, as browsers see them. Pure."""

from urllib.parse import parse_qsl, urlsplit

_PORTS = {"http": 80, "https": 443}


def origin(url: str) -> str:
    """The origin as a browser sends it: scheme, host, and the port if it is not the scheme's own.

    Raises:
        ValueError: the port of the address is not valid.
    """
    parts = urlsplit(url)
    host = (parts.hostname or "").encode("idna").decode() if parts.hostname else ""
    host = f"[{host}]" if ":" in host else host
    own = parts.port in (None, _PORTS.get(parts.scheme))
    return f"{parts.scheme}://{host}" + ("" if own else f":{parts.port}")


def bare(url: str) -> str:
    """An address without its query, its fragment and a slash at its end."""
    return url.partition("#")[0].partition("?")[0].rstrip("/")


def query(url: str) -> dict[str, str]:
    """The query of an address by name; of several values the first, as the form reads it."""
    return dict(reversed(parse_qsl(urlsplit(url).query, keep_blank_values=True)))


def is_local(url: str) -> bool:
    """Whether an address is on this machine, for which browsers do not require https."""
    return urlsplit(url).hostname in ("localhost", "127.0.0.1", "::1")
