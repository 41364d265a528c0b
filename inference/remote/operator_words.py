"""What an operator reads in the log about a host that gave no answer."""

from typing import Final

from yarl import URL

from inference.remote.fault import Fault, HostFault

_WORDS: Final = {
    Fault.UNREACHABLE: "cannot be reached",
    Fault.UNTRUSTED: "is not trusted: see BUNRI_INFERENCE__CA_FILE and the host's certificate",
    Fault.BROKEN_OFF: "broke off",
    Fault.SILENT: "is silent",
    Fault.BUSY: "has too much to do",
    Fault.CLOSING: "is starting or shutting down",
    Fault.NO_PICTURES: "makes no pictures now",
    Fault.UNWELL: "is not well",
    Fault.FAILED: "failed at a request: its log says why",
    Fault.LATE: "says that the deadline has passed",
    Fault.NONSENSE: "does not answer like an inference host: is the address right, is a proxy in between?",
    Fault.UNAUTHORISED: "does not accept the token: see BUNRI_INFERENCE__TOKEN",
    Fault.MISPLACED: "does not know the address: see BUNRI_INFERENCE__URLS",
    Fault.REFUSED: "refused a request",
}


def operator_words(url: URL, fault: HostFault) -> str:
    """One sentence: which host, what is wrong, what to look at."""
    detail = f" ({fault.detail})" if fault.detail else ""
    return f"the inference host {url} {_WORDS[fault.fault]}{detail}"
