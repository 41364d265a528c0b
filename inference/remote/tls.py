"""Whose certificates are believed."""

import ssl
from pathlib import Path

from inference.errors import HostsMisconfigured


def tls_of(ca_file: Path | None) -> ssl.SSLContext | None:
    """A context that believes the certificates signed by this file's, and no others; None: the machine's own. Blocks.

    Raises:
        HostsMisconfigured: the file cannot be read, or holds no certificate.

    """
    if ca_file is None:
        return None
    try:
        return ssl.create_default_context(cafile=ca_file)
    except ssl.SSLError as error:
        raise HostsMisconfigured(f"{ca_file} holds no certificate (PEM): see BUNRI_INFERENCE__CA_FILE") from error
    except OSError as error:
        raise HostsMisconfigured(f"{ca_file} cannot be read: {error.strerror or error}") from error
