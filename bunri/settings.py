"""Settings: one class a section, read from ``BUNRI_*`` variables and ``.env``, built once in the command line.

A newcomer sets nothing. A nested setting is written ``BUNRI_WEB__PORT=9000``.
"""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bunri.admins import read_digests, read_people
from bunri.serve_settings import ServeSettings
from inference.remote.address import host_address

PROJECT_ROOT = Path(__file__).resolve().parent.parent


class TokenSettings(BaseModel):
    """A token, by itself or in a file."""

    token: SecretStr | None = None
    token_file: Path | None = Field(default=None, description="a file that holds the token and nothing else")

    @field_validator("token")
    @classmethod
    def _an_empty_token_is_none(cls, token: SecretStr | None) -> SecretStr | None:
        return token if token is not None and token.get_secret_value().strip() else None

    def read_token(self) -> str | None:
        """The token, from the setting or its file; None where there is neither.

        Raises:
            OSError, UnicodeDecodeError: the file cannot be read.

        """
        if self.token is not None:
            return self.token.get_secret_value().strip()
        if self.token_file is None:
            return None
        return self.token_file.read_text(encoding="utf-8").strip() or None


class InferenceSettings(TokenSettings):
    """How photos are decoded and which model answers: one in this process, or the hosts of ``urls``.

    Token, certificate and timeouts are of those hosts; what is about weights, threads and pictures, of this process.
    """

    urls: Annotated[tuple[str, ...], NoDecode] = Field(default=(), description="inference hosts; no model is loaded")
    ca_file: Path | None = Field(default=None, description="whose certificates the hosts' are signed by; PEM")
    timeout_s: float = Field(default=20.0, gt=0, le=600, description="a photo's answer, further attempts included")
    generate_timeout_s: float = Field(default=120.0, gt=0, le=600, description="the same for pictures")
    connect_timeout_s: float = Field(default=3.0, gt=0, le=60, description="making a connection")
    read_timeout_s: float = Field(default=8.0, gt=0, le=600, description="silence of a host before another is asked")
    attempts: int = Field(default=4, ge=1, le=10, description="requests for one photo, the first one included")
    weights: Path = PROJECT_ROOT / "weights"
    model: str | None = Field(default=None, description="name of a folder in weights/; the default model when unset")
    backend: Literal["auto", "openvino", "torch"] = "auto"
    max_bytes: int = Field(default=20_000_000, gt=0)
    max_pixels: int = Field(default=50_000_000, gt=0, le=50_000_000)
    threads: int = Field(default=0, ge=0, description="model threads; 0 lets the backend choose")
    decode_workers: int = Field(
        default=3, ge=1, le=64, description="photos worked on at the same time; one more than cores keeps all busy"
    )
    generator: bool = Field(default=True, description="whether pictures are made, where the weights can make them")
    truncation: float | None = Field(
        default=None, gt=0, le=1, description="length of the generator's latents; as its manifest says when unset"
    )
    candidates: int = Field(default=3, ge=1, le=16, description="pictures to choose each one from, at most")

    @field_validator("urls", mode="before")
    @classmethod
    def _urls_stand_in_a_row(cls, urls: object) -> object:
        """``https://a.example, https://b.example``; a JSON list will do too."""
        return urls.strip().strip("[]").replace(",", " ").replace('"', " ").split() if isinstance(urls, str) else urls

    @field_validator("urls")
    @classmethod
    def _urls_are_addresses(cls, urls: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(str(host_address(url)) for url in urls))


class WebSettings(BaseModel):
    """The web page."""

    host: str = Field(default="127.0.0.1", min_length=1)  # an empty one would listen to everybody
    port: int = Field(default=8080, ge=0, le=65_535)
    requests_per_minute: int = Field(default=60, gt=0, description="photos one client may send a minute")
    max_photos: int = Field(default=10, gt=0, description="photos in one request")
    trust_proxy: bool = Field(default=False, description="take the client's address from X-Forwarded-For")
    enabled: bool = Field(default=True, description="whether `bunri run` serves the page")


class BotSettings(TokenSettings):
    """What both chat platforms share: a token, by itself or in a file, and how much is worked on."""

    workers: int = Field(default=8, ge=1, le=64, description="chats that are answered at the same time")
    queue_limit: int = Field(default=500, ge=1, description="messages that may wait")


class TelegramSettings(BotSettings):
    """The Telegram bot."""

    base_url: str = Field(default="https://api.telegram.org/bot", description="of the Bot API, or of a local server")
    base_file_url: str = "https://api.telegram.org/file/bot"
    webhook_url: str | None = Field(default=None, description="public address for updates; polling when unset")
    webhook_secret: SecretStr | None = Field(default=None, description="made at each start when unset")
    webhook_host: str = Field(default="127.0.0.1", min_length=1)
    webhook_port: int = Field(default=8443, ge=0, le=65_535)
    group_photos: bool = Field(default=False, description="answer every photo in groups, where Telegram shows them")


class DiscordSettings(BotSettings):
    """The Discord bot."""

    channels: list[int] = Field(default=[], description="channels in which every image is answered")
    dev_guild: int | None = Field(default=None, description="the only server to register commands in")
    message_content: bool = Field(default=False, description="ask for the privileged intent that `channels` needs")
    shards_above: int | None = Field(default=1000, ge=0, description="servers from which on it connects several times")
    image_permission: str = Field(default="", description="where Discord permitted to keep images; none is without it")


class DatabaseSettings(BaseModel):
    """Where the inbox and the log are, and for how long."""

    url: str = f"sqlite:///{PROJECT_ROOT / 'var' / 'bunri.db'}"
    password_file: Path | None = Field(default=None, description="a file that holds PostgreSQL's password, for `url`")
    secret: SecretStr | None = Field(default=None, description="32 characters or more, instead of the file")
    secret_file: Path = Field(default=PROJECT_ROOT / "var" / "secret.key", description="made where it is not there")
    queries_days: int = Field(default=180, ge=1, description="days that queries stay in the log")
    reports_days: int = Field(default=365, ge=1, description="days that residents' reports stay")


class VaultSettings(BaseModel):
    """Photos that residents agreed to have kept."""

    keep_photos: bool = Field(default=False, description="ask for consent, and keep photos with it")
    folder: Path = PROJECT_ROOT / "var" / "vault"
    url: str = Field(default="", description="s3://bucket/folder, instead of the folder; needs the extra [s3]")
    s3_endpoint: str = Field(default="", pattern=r"^(https?://\S+)?$", description="Amazon's when unset")
    s3_region: str = Field(default="", description="AWS_REGION when unset")
    s3_access_key: str = Field(default="", description="AWS_ACCESS_KEY_ID or the machine's role when unset")
    s3_secret_key: SecretStr | None = Field(default=None, description="AWS_SECRET_ACCESS_KEY when unset")
    keys_file: Path = Field(default=PROJECT_ROOT / "var" / "vault.keys", description="made before the first photo")
    keys: SecretStr | None = Field(default=None, description="ID:KEY ID:KEY, the newest last, instead of the file")
    key_command: str = Field(default="", description="a command that wraps keys elsewhere, instead of both")
    unreviewed_days: int = Field(default=90, ge=1, description="days that a photo waits for its review")


class AdminSettings(BaseModel):
    """Who may export photos and bring labels back, and by which token they sign in to the admin page."""

    people: Annotated[tuple[str, ...], NoDecode] = Field(default=(), description="name:role, name:role")
    tokens: SecretStr | None = Field(default=None, description="name:digest, name:digest; of `bunri admin token`")
    tokens_file: Path | None = Field(default=None, description="a file with a name:digest in each line")

    @field_validator("people", mode="before")
    @classmethod
    def _people_stand_in_a_row(cls, people: object) -> object:
        """``anna:exporter, bora:reviewer``."""
        return people.replace(",", " ").split() if isinstance(people, str) else people

    @field_validator("people")
    @classmethod
    def _people_have_a_name_and_a_role(cls, people: tuple[str, ...]) -> tuple[str, ...]:
        read_people(people)
        return people

    @field_validator("tokens")
    @classmethod
    def _tokens_are_digests(cls, tokens: SecretStr | None) -> SecretStr | None:
        if tokens is not None:
            read_digests(_words(tokens))
        return tokens

    def read_tokens(self) -> dict[str, str]:
        """Names and digests, from the setting and from the file; blocks.

        Raises:
            OSError, UnicodeDecodeError: the file cannot be read.
            ValueError: a line of it is none.

        """
        lines = () if self.tokens_file is None else self.tokens_file.read_text(encoding="utf-8").splitlines()
        found = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
        return read_digests([*found, *_words(self.tokens)])


def _words(secret: SecretStr | None) -> list[str]:
    return [] if secret is None else secret.get_secret_value().replace(",", " ").split()


class ConversationSettings(BaseModel):
    """How Bunri talks, on every platform."""

    per_user_per_minute: int = Field(default=30, ge=1, description="photos, texts and commands of one person a minute")
    per_chat_per_minute: int = Field(default=60, ge=1, description="the same of one group or channel")
    contact: str = Field(default="", max_length=200, description="whom to ask about privacy; shown by /privacy")


class LogSettings(BaseModel):
    """What is written to stderr."""

    format: Literal["text", "json"] = "text"
    level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"


class HealthSettings(BaseModel):
    """Where the bots say that they are well; the page has its own /healthz."""

    host: str = Field(default="127.0.0.1", min_length=1)
    port: int | None = Field(default=None, ge=0, le=65_535, description="none is opened when unset")


class Settings(BaseSettings):
    """Everything that can be set, by section."""

    model_config = SettingsConfigDict(env_prefix="BUNRI_", env_nested_delimiter="__", env_file=".env", extra="ignore")

    inference: InferenceSettings = InferenceSettings()
    serve: ServeSettings = ServeSettings()
    web: WebSettings = WebSettings()
    telegram: TelegramSettings = TelegramSettings()
    discord: DiscordSettings = DiscordSettings()
    database: DatabaseSettings = DatabaseSettings()
    vault: VaultSettings = VaultSettings()
    admin: AdminSettings = AdminSettings()
    conversation: ConversationSettings = ConversationSettings()
    log: LogSettings = LogSettings()
    health: HealthSettings = HealthSettings()
    language: Literal["ko", "en"] = "ko"
    region: str = "kr"
