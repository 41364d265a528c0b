"""The address of an inference host."""

from typing import Final

from yarl import URL

_SCHEMES: Final = frozenset({"http", "https"})
_HERE: Final = frozenset({"127.0.0.1", "::1", "localhost"})


def host_address(written: str) -> URL:
    """What an operator wrote, as the address that paths such as ``v1/classify`` are joined to.

    Raises:
        ValueError: it is not the address of a host; the sentence does not quote it, for it may hold a password.

    """
    try:
        url = URL(written.strip())
        has_host = bool(url.host) and url.port is not None
    except ValueError:
        has_host = False
    if not has_host or url.scheme not in _SCHEMES:
        raise ValueError("an inference host is written as https://host:port")
    if url.user is not None or url.password is not None:
        raise ValueError("an inference host's address holds no password: there is a setting for its token")
    if url.query_string or url.fragment:
        raise ValueError("an inference host's address ends with its path")
    return url.with_path(url.path.rstrip("/") or "/")


def path_on(host: URL, path: str) -> URL:
    """The address of a path such as ``/v1/classify`` on a host, which may itself lie below a path of a proxy."""
    return host.with_path(host.path.rstrip("/") + path)


def tells_everybody(host: URL) -> bool:
    """Whether what is sent there can be read on the way: no TLS, and not on this machine."""
    return host.scheme == "http" and host.host not in _HERE
