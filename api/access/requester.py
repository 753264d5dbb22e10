"""Who asks: a party that has proved its key, an operator, or nobody in particular."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ledger.units import PartyId


@dataclass(frozen=True, slots=True)
class Requester:
    """Who stands behind one request."""

    party: PartyId | None
    """The party whose key signed the request or its token; None for nobody, and for an operator."""
    everything: bool
    """Whether it may read all contents: the log is public, or an operator's token came with the request."""


NOBODY: Final = Requester(None, everything=False)
ANYONE: Final = Requester(None, everything=True)
"""Whoever asks a public log."""
