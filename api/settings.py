"""How a server is set up: by environment (`TALLY_...`), by a TOML file (`TALLY_SETTINGS`), or not at all.

A laptop needs none of it. The environment goes before the file. No secret stands here: passphrases come in a file
of their own or from whoever starts the server.
"""

from __future__ import annotations

import os
from ipaddress import ip_address
from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

Reading = Literal["public", "parties"]


class Settings(BaseSettings):
    """Settings of `tally serve`; each field is also an environment variable, as TALLY_PORT."""

    model_config = SettingsConfigDict(env_prefix="TALLY_", extra="forbid", frozen=True)

    log: Path = Field(Path("tally-log"), description="The log's folder.")
    host: str = Field("127.0.0.1", description="The address to listen on.")
    port: int = Field(8000, ge=0, le=65535, description="The port to listen on; 0 takes a free one.")
    url: str | None = Field(None, description="How others reach this server, as https://log.example.org.")
    reading: Reading | None = Field(
        None,
        description="Who may read contents: `public`, or `parties` (each its own branch). "
        "Not said: public on a loopback address that no proxy or URL leads to, parties elsewhere.",
    )
    trusted_proxies: list[str] = Field(
        [], description="Addresses whose X-Forwarded-For is believed, as a reverse proxy's."
    )
    long_queue: int = Field(
        1024,
        ge=1,
        description="Statements waiting from which a submitter is answered 202 instead of kept waiting.",
    )
    reads_per_minute: int = Field(3_000, ge=1, description="Reading requests an address may make.")
    writes_per_minute: int = Field(60_000, ge=1, description="Statements an address may submit one by one.")
    costly_per_minute: int = Field(
        60, ge=1, description="Bundles, past states and searches an address may ask for."
    )
    stop_s: int = Field(
        30, ge=1, description="How long a stop waits for requests that are being answered, in seconds."
    )

    @property
    def reads(self) -> Reading:
        """Who may read contents here."""
        if self.reading is not None:
            return self.reading
        at_home = _is_loopback(self.host) and self.url is None and not self.trusted_proxies
        return "public" if at_home else "parties"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003  # the base class names them
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """What is given in code (the command's options), then the environment, then the file."""
        file = os.environ.get("TALLY_SETTINGS")
        toml = (TomlConfigSettingsSource(settings_cls, Path(file)),) if file else ()
        return (init_settings, env_settings, *toml)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
