"""A server on a real socket that answers like an inference host, or fails in a chosen way; and certificates for it."""

import asyncio
import ssl
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from ipaddress import ip_address
from pathlib import Path
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from yarl import URL

from inference.answer import Classification
from inference.errors import DecodeProblem
from inference.labels import Label
from inference.wire import ProblemBody, ProblemCode, classification_body, problem
from tests.scripted_inference import verdict


@dataclass(frozen=True)
class Got:
    """A request as it came; header names in lower case."""

    line: str
    headers: Mapping[str, str]
    body: bytes


Behaviour = Callable[["FaultyHost", asyncio.StreamWriter], Awaitable[None]]


def answers(
    body: bytes, *, status: int = 200, content_type: str = "application/json", headers: Mapping[str, str] | None = None
) -> Behaviour:
    """A whole answer, on a connection that stays."""

    async def behave(host: "FaultyHost", writer: asyncio.StreamWriter) -> None:
        more = "".join(f"{name}: {value}\r\n" for name, value in (headers or {}).items())
        head = f"HTTP/1.1 {status} X\r\nContent-Type: {content_type}\r\nContent-Length: {len(body)}\r\n{more}\r\n"
        writer.write(head.encode() + body)
        await writer.drain()

    return behave


def classifies(answer: Classification | None = None) -> Behaviour:
    """The right answer to a photo."""
    return answers(classification_body(answer or verdict(Label.PLASTIC)).model_dump_json().encode())


def refuses(code: ProblemCode | DecodeProblem, **headers: str) -> Behaviour:
    """Problem details; headers as ``Retry_After="1"``."""
    body: ProblemBody = problem(code)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    content = body.model_dump_json().encode()
    return answers(content, status=body.status, content_type="application/problem+json", headers=named)


def raw(content: bytes) -> Behaviour:
    """These bytes, and the end of the connection."""

    async def behave(host: "FaultyHost", writer: asyncio.StreamWriter) -> None:
        writer.write(content)
        await writer.drain()
        writer.close()

    return behave


async def silent(host: "FaultyHost", writer: asyncio.StreamWriter) -> None:
    """Never answers, while the connection stays open."""
    await asyncio.Event().wait()


async def resets(host: "FaultyHost", writer: asyncio.StreamWriter) -> None:
    """Breaks the connection without a word."""
    writer.transport.abort()


def cut_off(content: bytes, promised: int) -> Behaviour:
    """Less than it says there will be, and the end of the connection."""
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {promised}\r\n\r\n"
    return raw(head.encode() + content)


async def endless(host: "FaultyHost", writer: asyncio.StreamWriter) -> None:
    """A body without an end, as fast as it is taken."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        writer.write(b"2000\r\n" + b" " * 0x2000 + b"\r\n")
        await writer.drain()


async def drips(host: "FaultyHost", writer: asyncio.StreamWriter) -> None:
    """A body without an end, a byte at a time: the connection is never silent for long."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        writer.write(b"1\r\n \r\n")
        await writer.drain()
        await asyncio.sleep(0.02)


@dataclass
class FaultyHost:
    """Takes from ``script`` what it does to each POST, then does ``otherwise``.

    ``ready`` is what /readyz says, ``tokens_are_good`` whether /v1/labels lets anybody in.

    ``got`` holds all POSTs, ``probes`` counts the looks at /readyz; ``until`` waits for either.
    """

    otherwise: Behaviour = field(default_factory=classifies)
    script: deque[Behaviour] = field(default_factory=deque)
    ready: bool = True
    tokens_are_good: bool = True
    tls: ssl.SSLContext | None = None
    port: int = 0
    got: list[Got] = field(default_factory=list)
    probes: int = 0
    news: asyncio.Event = field(default_factory=asyncio.Event)
    _server: asyncio.Server | None = None
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def url(self) -> URL:
        return URL.build(scheme="https" if self.tls else "http", host="127.0.0.1", port=self.port, path="/")

    async def __aenter__(self) -> Self:
        # A port that was just given up is taken again at once.
        self._server = await asyncio.start_server(
            self._accept, "127.0.0.1", self.port, ssl=self.tls, reuse_address=True
        )
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.die()

    async def until(self, what: Callable[[], bool]) -> None:
        """Wait until that is so; looked at whenever a request has come."""
        while not what():
            self.news.clear()
            await self.news.wait()

    async def die(self) -> None:
        """As a killed process does: every connection is broken, the port is closed. Idempotent."""
        server, self._server = self._server, None
        if server is None:
            return
        server.close()
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await server.wait_closed()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            while not writer.is_closing():
                await self._one(reader, writer)
        except (OSError, EOFError):
            pass
        except asyncio.CancelledError:
            # asyncio's streams log a cancelled handler as an error.
            pass
        finally:
            self._tasks.discard(task)
            writer.transport.abort()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").strip().split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (each.partition(":") for each in lines)}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        if line.startswith("GET /v1/labels "):
            await answers(b"{}", status=200 if self.tokens_are_good else 401)(self, writer)
            return
        if line.startswith("GET "):
            self.probes += 1
            self.news.set()
            await answers(b"{}", status=200 if self.ready else 503)(self, writer)
            return
        self.got.append(Got(line, headers, body))
        self.news.set()
        await (self.script.popleft() if self.script else self.otherwise)(self, writer)


@dataclass(frozen=True)
class Authority:
    """Signs certificates; ``file`` is its own, for those who are to believe it."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    def write(self, folder: Path) -> Path:
        file = folder / "ca.pem"
        file.write_bytes(self.certificate.public_bytes(serialization.Encoding.PEM))
        return file

    def server(self, folder: Path, *, address: str = "127.0.0.1", days: int = 1) -> ssl.SSLContext:
        """A server's context; with negative ``days`` its certificate ran out so long ago."""
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = _signed(
            "host", key, self, x509.SubjectAlternativeName([x509.IPAddress(ip_address(address))]), days=days
        )
        file = folder / f"host{address}{days}.pem"
        file.write_bytes(
            certificate.public_bytes(serialization.Encoding.PEM)
            + key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(file)
        return context


@cache
def authority() -> Authority:
    """A certificate authority of the tests."""
    key = ec.generate_private_key(ec.SECP256R1())
    return Authority(_signed("ca", key, None, x509.BasicConstraints(ca=True, path_length=0), days=2), key)


def _signed(
    name: str, key: ec.EllipticCurvePrivateKey, signer: Authority | None, extension: x509.ExtensionType, *, days: int
) -> x509.Certificate:
    now = datetime.now(UTC)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    signing_key = key if signer is None else signer.key
    authority_id = x509.AuthorityKeyIdentifier.from_issuer_public_key(signing_key.public_key())
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject if signer is None else signer.certificate.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=30))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(extension, critical=isinstance(extension, x509.BasicConstraints))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(authority_id, critical=False)
    )
    return builder.sign(signing_key, hashes.SHA256())
