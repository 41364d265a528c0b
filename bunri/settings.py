"""Settings: one class a section, read from ``BUNRI_*`` variables and ``.env``, built once in the command line.

A newcomer sets nothing. A nested setting is written ``BUNRI_WEB__PORT=9000``.
"""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, Field
from pydantic_settings import BaseSettings, SettingsConfigDict

PROJECT_ROOT = Path(__file__).resolve().parent.parent


class InferenceSettings(BaseModel):
    """How photos are decoded and which model answers."""

    weights: Path = PROJECT_ROOT / "weights"
    model: str | None = Field(default=None, description="name of a folder in weights/; the default model when unset")
    backend: Literal["auto", "openvino", "torch"] = "auto"
    max_bytes: int = Field(default=20_000_000, gt=0)
    max_pixels: int = Field(default=50_000_000, gt=0, le=50_000_000)
    threads: int = Field(default=0, ge=0, description="model threads; 0 lets the backend choose")
    decode_workers: int = Field(default=2, ge=1, le=64)


class WebSettings(BaseModel):
    """The web page."""

    host: str = Field(default="127.0.0.1", min_length=1)  # an empty one would listen to everybody
    port: int = Field(default=8080, ge=0, le=65_535)
    requests_per_minute: int = Field(default=60, gt=0, description="photos one client may send a minute")
    max_photos: int = Field(default=10, gt=0, description="photos in one request")
    trust_proxy: bool = Field(default=False, description="take the client's address from X-Forwarded-For")


class Settings(BaseSettings):
    """Everything that can be set, by section."""

    model_config = SettingsConfigDict(env_prefix="BUNRI_", env_nested_delimiter="__", env_file=".env", extra="ignore")

    inference: InferenceSettings = InferenceSettings()
    web: WebSettings = WebSettings()
    language: Literal["ko", "en"] = "ko"
    region: str = "kr"
