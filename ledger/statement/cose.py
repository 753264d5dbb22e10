"""COSE_Sign1: the envelope of statements and receipts (RFC 9052 4.2), in one strict form.

    COSE_Sign1    = 18([ protected, unprotected, payload, signature ])      deterministic CBOR, see cbor.py
    protected     = bstr .cbor { 1: alg, ... }       signed; never empty, because alg is required in it
    unprotected   = { ... }                          not signed, so nothing is ever concluded from it
    payload       = bstr, or nil where it travels apart (receipts)
    signature     = bstr
    signed bytes  = [ "Signature1", protected, h'', payload ]               RFC 9052 4.4, no external data

For protected header h'a10127' (alg EdDSA) and payload h'00' the signed bytes are, in hex,
`84 6a 5369676e617475726531 43 a10127 40 41 00`.

What is refused beyond the CBOR profile: a missing tag 18, any other count or kind of parts, labels that are
neither integers nor text, no integer alg in the protected header, `crit` (every label here is either
understood or refused, so nothing is left to mark as critical), a label in both headers (RFC 9052 3), and the
labels that drafts used before registration: -111, -222, 391, 392, 393 of early receipts, 13 and 14 where 15
holds the claims (RFC 9597).

Only structure is judged here. Which labels a statement or a receipt must carry is theirs to say, and whether
the signature is right is for `keys.PublicKey.verify`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from cbor2 import CBORTag

from ledger.errors import MalformedCose, TooLarge
from ledger.limits import COSE_BYTES
from ledger.statement import cbor

# Header labels (IANA "COSE Header Parameters")
ALG: Final = 1
CRIT: Final = 2
CONTENT_TYPE: Final = 3
KID: Final = 4
CWT_CLAIMS: Final = 15  # RFC 9597
RECEIPTS: Final = 394  # RFC 9942, unprotected
VDS: Final = 395  # RFC 9942, protected: which verifiable data structure
VDP: Final = 396  # RFC 9942, unprotected: its proofs

# Claims within CWT_CLAIMS (RFC 8392 3.1)
CLAIM_ISS: Final = 1
CLAIM_SUB: Final = 2
CLAIM_IAT: Final = 6

# Algorithms (IANA "COSE Algorithms"): the first of each pair is what tools of today read, the second is fully
# specified and takes its place (RFC 9864). Both name the same computation for the keys of keys.py.
EDDSA: Final = -8
ED25519: Final = -19
ES256: Final = -7
ESP256: Final = -9

_PARTS: Final = frozenset({(bytes, dict, bytes, bytes), (bytes, dict, type(None), bytes)})
_OBSOLETE: Final = frozenset({-111, -222, 391, 392, 393, 13, 14})


@dataclass(frozen=True, slots=True)
class Sign1:
    """The four parts of a COSE_Sign1. `protected` stays encoded: those bytes are what is signed."""

    protected: bytes
    unprotected: Mapping[object, object]
    payload: bytes | None
    signature: bytes


def encode_sign1(sign1: Sign1) -> bytes:
    """Encode with tag 18. Raises `MalformedCbor` if the unprotected header has no deterministic form."""
    parts = [sign1.protected, dict(sign1.unprotected), sign1.payload, sign1.signature]
    return cbor.encode(CBORTag(cbor.COSE_SIGN1_TAG, parts))


def decode_sign1(data: bytes) -> Sign1:
    """Read a tagged COSE_Sign1 of at most `limits.COSE_BYTES`; `encode_sign1` of the result is `data` again.

    The protected header is not looked into: see `decode_protected`. Raises `TooLarge`, `MalformedCbor`,
    `MalformedCose`.
    """
    if len(data) > COSE_BYTES:
        raise TooLarge(f"{len(data)} bytes of COSE", expected=f"at most {COSE_BYTES} bytes")
    tagged = cbor.decode(data)
    if type(tagged) is not CBORTag:
        raise MalformedCose(
            "not a tagged COSE_Sign1", expected="CBOR tag 18", hint="sign with the tag included"
        )
    parts = tagged.value
    # Compared by type, not by `match`, whose sequence pattern alone costs as much as the decoding.
    if type(parts) is list and tuple(map(type, parts)) in _PARTS:
        _check_labels(parts[1])
        return Sign1(*parts)
    raise MalformedCose(
        "not the four parts of a COSE_Sign1",
        expected="[protected bstr, unprotected map, payload bstr or nil, signature bstr] (RFC 9052 4.2)",
    )


def signed_bytes(protected: bytes, payload: bytes) -> bytes:
    """The Sig_structure a signature covers (RFC 9052 4.4): context "Signature1", no external data."""
    return cbor.encode(["Signature1", protected, b"", payload])


def decode_protected(sign1: Sign1) -> dict[int | str, Any]:
    """Read the protected header: label -> value, with an integer under `ALG`.

    Raises `MalformedCbor` for bytes outside the profile, `MalformedCose` for what the module's text refuses.
    """
    header = cbor.decode(sign1.protected) if sign1.protected else {}
    if type(header) is not dict:
        raise MalformedCose("the protected header is not a map", expected="a map with alg (label 1)")
    _check_labels(header)
    if type(header.get(ALG)) is not int:
        raise MalformedCose(
            "no integer alg (label 1) in the protected header",
            expected="alg under the signature: an unprotected or textual one can be exchanged",
        )
    if CRIT in header:
        raise MalformedCose(
            "the protected header marks parameters as critical (crit, label 2)",
            expected="no crit: every label is either understood or refused",
        )
    if sign1.unprotected and (twice := header.keys() & sign1.unprotected.keys()):
        raise MalformedCose(
            f"label {min(twice, key=repr)!r} stands in both headers", expected="each label once (RFC 9052 3)"
        )
    return header


def _check_labels(header: dict[Any, Any]) -> None:
    """Labels are integers or text (RFC 9052 1.5), and none is a draft's."""
    for label in header:
        if type(label) is bytes:
            raise MalformedCose("a header label that is a byte string", expected="integers and text")
        if label in _OBSOLETE:
            raise MalformedCose(
                f"header label {label}, which drafts used before registration",
                expected="15 for claims, 394 for receipts, 395 and 396 for proofs (RFC 9597, RFC 9942)",
            )
