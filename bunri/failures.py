"""Failures that a command expects: told in one line on stderr, exit code 1, no traceback."""

from collections.abc import Iterator
from contextlib import contextmanager

import click
from pydantic import ValidationError
from pydantic_settings import SettingsError

from bunri.settings import Settings
from inference.errors import BackendUnavailable, HostsMisconfigured, WeightsError


def read_settings() -> Settings:
    """The settings from the environment and ``.env``.

    Raises:
        click.ClickException: a variable is set to something it cannot be; the sentence names it.

    """
    try:
        return Settings()
    except ValidationError as error:
        raise click.ClickException("; ".join(setting_problems(error))) from error
    except (SettingsError, OSError, UnicodeDecodeError) as error:  # the last two: of the file .env
        raise click.ClickException(f"the settings cannot be read: {error}") from error


def setting_problems(error: ValidationError) -> tuple[str, ...]:
    """One sentence a faulty variable: its name, what is wrong. Never its value, which may be a secret."""
    return tuple(
        f"BUNRI_{'__'.join(str(part) for part in each['loc']).upper()}: {each['msg']}"
        for each in error.errors(include_url=False, include_input=False)
    )


@contextmanager
def told_in_one_line() -> Iterator[None]:
    """Turn what an operator can mend into a sentence."""
    try:
        yield
    except (WeightsError, BackendUnavailable, HostsMisconfigured) as error:
        raise click.ClickException(str(error)) from error
