"""Whether ``bunri serve`` could run as it is set: its tokens, its certificate, its address."""

import ssl

from bunri.check import Check, State
from bunri.serve_settings import ServeSettings, is_loopback


def serve_check(settings: ServeSettings) -> Check:
    """What an inference host would listen on, and for whom; a problem only where it is set to what cannot be."""
    name = "bunri serve"  # "inference host" are those that this machine asks
    try:
        tokens = settings.read_tokens()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        return Check(name, State.PROBLEM, f"the file of tokens cannot be used: {reason}", "BUNRI_SERVE__TOKENS_FILE")
    try:
        tls = settings.tls()
    except OSError as error:
        reason = "they are no pair" if isinstance(error, ssl.SSLError) else (error.strerror or "unreadable")
        remedy = "BUNRI_SERVE__CERTIFICATE and BUNRI_SERVE__KEY"
        return Check(name, State.PROBLEM, f"certificate and key cannot be used: {reason}", remedy)
    where = f"{'https' if tls else 'http'}, {settings.host}:{settings.port}"
    local = is_loopback(settings.host)
    if not tokens and not local:
        remedy = "set BUNRI_SERVE__TOKENS, or BUNRI_SERVE__HOST=127.0.0.1"
        return Check(name, State.PROBLEM, f"{where}, open to everybody: it would not start", remedy)
    if tls is None and not local:
        remedy = "set BUNRI_SERVE__CERTIFICATE and BUNRI_SERVE__KEY, or let a proxy speak TLS"
        return Check(name, State.NOTE, f"{where}: photos and tokens would pass the network unencrypted", remedy)
    callers = f"{len(tokens)} tokens" if tokens else "no token, for this machine alone"
    return Check(name, State.OK, f"{where}, {callers}")
