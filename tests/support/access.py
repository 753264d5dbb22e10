"""Who asks, in tests: a maker with a key on its phone and one in a browser, a stranger, a log's own key."""

from __future__ import annotations

from hashlib import sha256

from ledger.errors import KeyUnknown
from ledger.proof.note import VerifierKey, format_vkey
from ledger.statement.keys import PublicKey
from ledger.statement.signer import Ed25519Signer, P256Signer, Signer
from ledger.units import KeyId, PartyId

LOG = Ed25519Signer.from_seed(sha256(b"log").digest())
MAKER = Ed25519Signer.from_seed(sha256(b"maker").digest())
BROWSER = P256Signer.from_scalar(sha256(b"browser").digest())
"""The maker's second key; both are in specs/vectors/statement/keys.json."""
STRANGER = Ed25519Signer.from_seed(sha256(b"stranger").digest())
VKEY = format_vkey(VerifierKey("log.example/one", LOG.public))
PARTY = MAKER.public.did

_KEYS: dict[PartyId, tuple[Signer, ...]] = {PARTY: (MAKER, BROWSER), LOG.public.did: (LOG,)}


def resolve(party: PartyId, kid: KeyId) -> PublicKey:
    """The maker has two keys, the log its own, and nobody else any."""
    for signer in _KEYS.get(party, ()):
        if signer.public.kid == kid:
            return signer.public
    raise KeyUnknown(f"no key {kid.hex()} of {party} is good now", hint="add it first")
