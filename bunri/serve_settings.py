"""The settings of an inference host, and the tokens and certificates that they name."""

import ipaddress
import socket
import ssl
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, Field, SecretStr, field_validator, model_validator
from pydantic_settings import NoDecode

from inference.host.tokens import SHORTEST


class ServeSettings(BaseModel):
    """The inference host, ``bunri serve``."""

    host: str = Field(default="127.0.0.1", min_length=1)  # an empty one would listen to everybody
    port: int = Field(default=8090, ge=0, le=65_535)
    tokens: Annotated[tuple[SecretStr, ...], NoDecode] = Field(default=(), description="each of them lets a caller in")
    tokens_file: Path | None = Field(default=None, description="a file with a token in each line")
    certificate: Path | None = Field(default=None, description="PEM, with those between it and its root; then TLS")
    key: Path | None = Field(default=None, description="of the certificate, PEM")
    queue_limit: int = Field(default=256, ge=1, description="photos that may wait")
    queue_seconds: float = Field(default=1.5, gt=0, description="that a photo may wait; then further ones are refused")
    in_flight_per_token: int = Field(default=64, ge=1, description="requests of one token at the same time")
    read_seconds: float = Field(default=30.0, gt=0, description="for the body of a request")
    grace_seconds: float = Field(default=1.0, ge=0, description="unready, but taking requests, before it stops")
    drain_seconds: float = Field(default=30.0, gt=0, description="for what is being answered when it stops")
    reload_seconds: float = Field(default=10.0, ge=0, description="between looks for newer weights; 0: at SIGHUP only")

    @field_validator("tokens", mode="before")
    @classmethod
    def _tokens_stand_in_a_row(cls, tokens: object) -> object:
        """``one,two``; a JSON list will do too."""
        if isinstance(tokens, str):
            return tokens.strip().strip("[]").replace(",", " ").replace('"', " ").split()
        return tokens

    @field_validator("tokens")
    @classmethod
    def _tokens_are_long(cls, tokens: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
        if any(len(each.get_secret_value()) < SHORTEST for each in tokens):
            raise ValueError(f"a token needs {SHORTEST} characters or more")
        return tokens

    @model_validator(mode="after")
    def _certificate_and_key_belong_together(self) -> Self:
        if (self.certificate is None) != (self.key is None):
            raise ValueError("set both, BUNRI_SERVE__CERTIFICATE and BUNRI_SERVE__KEY")
        return self

    def read_tokens(self) -> tuple[str, ...]:
        """The tokens, from the setting and from the file; blocks.

        Raises:
            OSError, UnicodeDecodeError: the file cannot be read.
            ValueError: one in it is too short.

        """
        lines = () if self.tokens_file is None else self.tokens_file.read_text(encoding="utf-8").splitlines()
        found = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
        if any(len(each) < SHORTEST for each in found):
            raise ValueError(f"a token needs {SHORTEST} characters or more")
        return (*(each.get_secret_value() for each in self.tokens), *found)

    def tls(self) -> ssl.SSLContext | None:
        """What the certificate and its key make; None without them. Blocks.

        Raises:
            OSError: a file cannot be read, or is not what it should be (``ssl.SSLError``).

        """
        if self.certificate is None:
            return None
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.certificate, self.key)
        return context


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach what listens there; False where nobody can tell."""
    try:
        found = {str(each[4][0]) for each in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)}
    except OSError:
        return False
    return bool(found) and all(ipaddress.ip_address(each.partition("%")[0]).is_loopback for each in found)
