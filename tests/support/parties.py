"""A served log that shows its contents to parties only: Asha with a tablet and one phone too few, Bo with P-256."""

from __future__ import annotations

import time
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from starlette.testclient import TestClient

from api.access.who import Asking
from api.app import build_app
from api.settings import Settings
from ledger.access.request import request_to, sign_request
from ledger.access.token import DAY_S, Token, issue_token
from ledger.proof.note import format_vkey
from ledger.statement.signer import Ed25519Signer, Signer
from ledger.units import PartyId
from tests.support.log_world import id_of
from tests.support.spine import LOG_SIGNER, VKEY, Actor, make_log

URL = "https://log.example"
ASHA, BO = Actor("Asha", "maker"), Actor("Bo", "maker")
TABLET = Ed25519Signer.from_seed(sha256(b"tablet").digest())
LOST = Ed25519Signer.from_seed(sha256(b"lost phone").digest())
STRANGER = Ed25519Signer.from_seed(sha256(b"stranger").digest())


@dataclass(frozen=True)
class World:
    folder: Path
    enrolled: str
    """The id of Asha's enrolment."""

    def client(self, **settings: object) -> TestClient:
        """The server, with a route that says who asks; reached at `URL`."""
        app = build_app(
            Settings(**{"log": self.folder, "reading": "parties", "url": URL, **settings}),
            LOG_SIGNER,  # type: ignore[arg-type]
        )

        @app.get("/who")
        @app.post("/who")
        def told(who: Asking) -> dict[str, object]:
            return {"party": who.party, "everything": who.everything}

        return TestClient(app, base_url=URL, follow_redirects=False)


def make_world(folder: Path) -> World:
    """A log with the two makers, and Asha's devices."""
    asha = Actor("Asha", "maker")
    enrolled = asha.enrol()
    refs = {"party": id_of(enrolled)}
    statements = [enrolled, Actor("Bo", "maker").enrol()]
    for device, signer in (("tablet", TABLET), ("phone", LOST)):
        statements.append(asha.sign("key.added", {"key": signer.public.did, "device": device}, refs))
    statements.append(asha.sign("key.revoked", {"key": LOST.public.did, "reason": "lost"}, refs))
    agency = Actor("Relief Agency", "agency").party
    return World(make_log(folder / "log", statements, agency), id_of(enrolled))


def token(
    signer: Signer,
    issuer: PartyId,
    subject: PartyId | None = None,
    *,
    log: str = format_vkey(VKEY),
    made: int = 0,
    days: int = 30,
    operator: bool = False,
) -> str:
    """A token of the party for itself, made so many seconds from now; or what else is said."""
    now = int(time.time()) + made
    reader = None if operator else subject or issuer
    return issue_token(signer, Token(log, issuer, reader, now, now + days * DAY_S))


def bearer(text: str) -> dict[str, str]:
    return {"authorization": f"Bearer {text}"}


def signed(
    signer: Signer,
    party: PartyId,
    target: str = "/who",
    method: str = "GET",
    body: bytes = b"",
    *,
    url: str = URL,
    made: int = 0,
) -> dict[str, str]:
    """The fields of a request, signed so many seconds from now."""
    return sign_request(signer, party, request_to(url + target, method, body), int(time.time()) + made)
