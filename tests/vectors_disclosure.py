"""Vectors of specs/disclosure.md: good disclosures, and bad ones with one fault each. `build` is deterministic.

The files are made here from the page alone, with fixed salts, keys and nonces, and not with the code they test.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import blake2b, sha256
from pathlib import Path
from typing import Any

import rfc8785
from nacl.bindings import crypto_aead_xchacha20poly1305_ietf_encrypt
from nacl.public import Box, PrivateKey
from nacl.signing import VerifyKey

from ledger.limits import CONFIDENTIAL_BYTES, DISCLOSURE_RECIPIENTS, POINTER_CHARS
from ledger.statement import cbor
from tests.support.spine import Actor

FOLDER = Path(__file__).parents[1] / "specs" / "vectors" / "disclosures"

AGENCY, AUDITOR, COURT = (Actor(name, "agency") for name in ("Relief Agency", "Auditor", "Court"))
BO = Actor("Bo", "maker")  # P-256
SECRET, NONCE = sha256(b"content key").digest(), sha256(b"nonce").digest()[:24]
PRICES = {
    "/body/lines/0/price": {"amount": "55", "currency": "INR"},
    "/body/lines/1/price": {"amount": "7.25", "currency": "INR"},
}
NAME = {"/body/name": "Relief Agency (field office)"}


def salt(pointer: str) -> bytes:
    return sha256(f"salt of {pointer}".encode()).digest()


def commitment(pointer: str, value: Any) -> dict[str, str]:
    return {"commitment": sha256(salt(pointer) + rfc8785.dumps(value)).hexdigest()}


def statements() -> dict[str, bytes]:
    """The statements that the disclosures are about, by their file's name."""
    agency = Actor(AGENCY.name, "agency")
    [(name_at, name)] = NAME.items()
    line = {"item": "https://id.gs1.org/01/09506000134352", "unit": "H87"}
    body = {
        "reference": "LTA-2026-7",
        "title": "Face shields",
        "prime": COURT.party,
        "period": {"first": "2026-01-01", "last": "2026-12-31"},
        "lines": [
            {"line": str(place), "description": "Face shield", **line, "price": commitment(pointer, value)}
            for place, (pointer, value) in enumerate(PRICES.items(), 1)
        ],
        "law": "IN",
        "tolerance_percent": "0",
        "released_by": "maker",
        "keep_apart": [],
    }
    enrolled = {"kind": "agency", "country": "IN", "name": commitment(name_at, name)}
    return {
        "enrolled.cose": agency.sign("party.enrolled", enrolled),
        "framework.cose": agency.sign("framework.signed", body),
    }


def seal(party: str, actor: Actor) -> bytes:
    """A sealed box as libsodium makes it, but for the ephemeral key, which is the same each time."""
    ephemeral = PrivateKey(sha256(f"ephemeral for {party}".encode()).digest())
    recipient = VerifyKey(actor.signer.public.raw).to_curve25519_public_key()
    public = bytes(ephemeral.public_key)
    nonce = blake2b(public + bytes(recipient), digest_size=24).digest()
    return public + Box(ephemeral, recipient).encrypt(SECRET, nonce).ciphertext


def pad(content: bytes) -> bytes:
    return content + b"\x80" + b"\0" * (-(len(content) + 1) % 1024)


def file(content: Any, *actors: Actor, padded: bytes | None = None, **members: Any) -> bytes:
    """A disclosure file of any content, sealed to these; `members` are put in the place of the file's own."""
    keys = [seal(actor.party, actor) for actor in actors]
    head = {"disclosure": 1, "keys": keys}
    plain = pad(cbor.encode(content)) if padded is None else padded
    sealed = crypto_aead_xchacha20poly1305_ietf_encrypt(plain, cbor.encode(head), NONCE, SECRET)
    return cbor.encode({**head, "content": NONCE + sealed, **members})


def openings(values: Mapping[str, Any]) -> list[list[Any]]:
    return [[pointer, salt(pointer), rfc8785.dumps(value)] for pointer, value in values.items()]


def content(
    *actors: Actor, sender: str | None = None, inside: list[Any] | None = None, **members: Any
) -> dict[str, Any]:
    """Content for these recipients, of the framework's prices unless another is given."""
    mine = [[framework_id(), openings(PRICES)]] if inside is None else inside
    return {"from": sender, "to": [actor.party for actor in actors], "statements": mine, **members}


def framework_id() -> bytes:
    return sha256(statements()["framework.cose"]).digest()


def enrolled_id() -> bytes:
    return sha256(statements()["enrolled.cose"]).digest()


def build() -> dict[str, bytes]:
    """Every file of the folder: relative path to bytes."""
    both = sorted([[framework_id(), openings(PRICES)], [enrolled_id(), openings(NAME)]])
    good = {
        "prices.disclosure": file(content(AUDITOR), AUDITOR),
        "one-field.disclosure": file(
            content(AUDITOR, inside=[[framework_id(), openings(PRICES)[1:]]]), AUDITOR
        ),
        "two-statements-for-two.disclosure": file(
            content(COURT, AUDITOR, sender=AGENCY.party, inside=both), COURT, AUDITOR
        ),
    }
    bad = {**_bad_files(good["prices.disclosure"]), **_bad_contents(), **_bad_openings(), **_untrue()}
    index = {
        "keys": {
            actor.name: {"seed": sha256(actor.name.encode()).hexdigest(), "party": actor.party}
            for actor in (AUDITOR, COURT)
        },
        "opened_by": AUDITOR.name,
        "statements": {name: sha256(data).hexdigest() for name, data in statements().items()},
        "good": {
            "prices.disclosure": _told({"framework.cose": PRICES}),
            "one-field.disclosure": _told({"framework.cose": dict(list(PRICES.items())[1:])}),
            "two-statements-for-two.disclosure": _told({"framework.cose": PRICES, "enrolled.cose": NAME}),
        },
        "bad": {name: code for name, (code, _) in bad.items()},
    }
    files = {f"statements/{name}": data for name, data in statements().items()}
    files |= {f"good/{name}": data for name, data in good.items()}
    files |= {f"bad/{name}": data for name, (_, data) in bad.items()}
    files["index.json"] = (json.dumps(index, indent=2) + "\n").encode()
    return files


def _told(values: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [
        {
            "statement": name,
            "field": pointer,
            "value": value,
            "salt": salt(pointer).hex(),
            **commitment(pointer, value),
        }
        for name, fields in values.items()
        for pointer, value in fields.items()
    ]


def _bad_files(sound: bytes) -> dict[str, tuple[str, bytes]]:
    """What anyone can do to a file."""
    outer = cbor.decode(sound)
    own, other = outer["keys"][0], seal(COURT.party, COURT)
    many = [AUDITOR, *(Actor(f"Party {number}", "agency") for number in range(DISCLOSURE_RECIPIENTS))]
    for_two = cbor.decode(file(content(AUDITOR, COURT), AUDITOR, COURT))
    outside = {
        "cut.disclosure": sound[:-1],
        "trailing-byte.disclosure": sound + b"\0",
        "no-map.disclosure": cbor.encode(["disclosure", 1]),
        "version-2.disclosure": cbor.encode({**outer, "disclosure": 2}),
        "version-true.disclosure": cbor.encode({**outer, "disclosure": True}),
        "unknown-member.disclosure": cbor.encode({**outer, "note": "hello"}),
        "keys-none.disclosure": cbor.encode({**outer, "keys": []}),
        "keys-too-many.disclosure": file(content(*many), *many),
        "key-short.disclosure": cbor.encode({**outer, "keys": [own[:-1]]}),
        "content-cut.disclosure": cbor.encode({**outer, "content": outer["content"][:-1]}),
        "content-a-block-short.disclosure": cbor.encode({**outer, "content": outer["content"][:-1024]}),
        "content-as-text.disclosure": cbor.encode({**outer, "content": "x" * 1064}),
        "content-flipped.disclosure": cbor.encode({**outer, "content": _flip(outer["content"], 100)}),
        "nonce-flipped.disclosure": cbor.encode({**outer, "content": _flip(outer["content"], 0)}),
        "key-added.disclosure": cbor.encode({**outer, "keys": [own, other]}),
        "key-removed.disclosure": cbor.encode({**for_two, "keys": for_two["keys"][:1]}),
        "keys-swapped.disclosure": cbor.encode({**for_two, "keys": for_two["keys"][::-1]}),
        "other-key-flipped.disclosure": cbor.encode(
            {**for_two, "keys": [for_two["keys"][0], _flip(for_two["keys"][1], 40)]}
        ),
    }
    return {name: ("malformed-disclosure", data) for name, data in outside.items()} | {
        "for-somebody-else.disclosure": ("key-unavailable", file(content(COURT), COURT)),
        "own-key-flipped.disclosure": ("key-unavailable", cbor.encode({**outer, "keys": [_flip(own, 40)]})),
    }


def _bad_contents() -> dict[str, tuple[str, bytes]]:
    """What only the maker of a file can do, who has its key."""
    plain = cbor.encode(content(AUDITOR))
    whole = content(AUDITOR)
    inside = {
        "padding-missing.disclosure": file(None, AUDITOR, padded=plain + b"\0" * (-len(plain) % 1024)),
        "padding-not-zero.disclosure": file(None, AUDITOR, padded=pad(plain)[:-1] + b"\1"),
        "no-cbor-in-it.disclosure": file(None, AUDITOR, padded=pad(b"\xff")),
        "no-map-in-it.disclosure": file([1], AUDITOR),
        "unknown-member-in-it.disclosure": file({**whole, "note": "hello"}, AUDITOR),
        "from-no-party.disclosure": file({**whole, "from": "Relief Agency"}, AUDITOR),
        "from-a-number.disclosure": file({**whole, "from": 1}, AUDITOR),
        "to-another.disclosure": file({**whole, "to": [COURT.party]}, AUDITOR),
        "to-more-than-sealed-to.disclosure": file({**whole, "to": [AUDITOR.party, COURT.party]}, AUDITOR),
        "to-one-twice.disclosure": file(content(AUDITOR, AUDITOR), AUDITOR, AUDITOR),
        "to-p256.disclosure": file(content(AUDITOR, BO), AUDITOR, COURT),
        "to-text.disclosure": file({**whole, "to": AUDITOR.party}, AUDITOR),
        "statements-none.disclosure": file(content(AUDITOR, inside=[]), AUDITOR),
        "statement-id-short.disclosure": file(
            content(AUDITOR, inside=[[framework_id()[1:], openings(PRICES)]]), AUDITOR
        ),
        "statement-twice.disclosure": file(
            content(AUDITOR, inside=[[framework_id(), openings(PRICES)]] * 2), AUDITOR
        ),
        "statements-descending.disclosure": file(
            content(
                AUDITOR,
                inside=[
                    [one, openings(NAME)] for one in sorted([framework_id(), enrolled_id()], reverse=True)
                ],
            ),
            AUDITOR,
        ),
        "statement-of-three-parts.disclosure": file(
            content(AUDITOR, inside=[[framework_id(), openings(PRICES), 0]]), AUDITOR
        ),
    }
    return {name: ("malformed-disclosure", data) for name, data in inside.items()}


def _bad_openings() -> dict[str, tuple[str, bytes]]:
    (pointer, its_salt, value), (second, *_) = packed = openings(PRICES)
    faults: dict[str, list[Any]] = {
        "openings-none": [],
        "openings-descending": packed[::-1],
        "opening-twice": [packed[0], packed[0]],
        "opening-of-two-parts": [[pointer, its_salt]],
        "pointer-empty": [["", its_salt, value]],
        "pointer-a-number": [[0, its_salt, value]],
        "pointer-without-slash": [["body/lines/0/price", its_salt, value]],
        "pointer-badly-escaped": [["/body/a~2b", its_salt, value]],
        "pointer-long": [["/" + "a" * POINTER_CHARS, its_salt, value]],
        "salt-short": [[pointer, its_salt[:-1], value]],
        "salt-as-text": [[pointer, its_salt.hex()[:32], value]],
        "value-as-text": [[pointer, its_salt, value.decode()]],
        "value-no-json": [[pointer, its_salt, b"{"]],
        "value-empty": [[pointer, its_salt, b""]],
        "value-not-canonical": [[pointer, its_salt, b'{"currency":"INR","amount":"55"}']],
        "value-a-fraction": [[pointer, its_salt, b"5.5"]],
        "value-a-name-twice": [[pointer, its_salt, b'{"a":1,"a":1}']],
        "value-long": [[pointer, its_salt, b'"' + b"a" * CONFIDENTIAL_BYTES + b'"']],
    }
    assert pointer < second
    return {
        f"{name}.disclosure": (
            "malformed-disclosure",
            file(content(AUDITOR, inside=[[framework_id(), broken]]), AUDITOR),
        )
        for name, broken in faults.items()
    }


def _untrue() -> dict[str, tuple[str, bytes]]:
    """Well-formed in every part, and not what was signed."""
    (pointer, its_salt, value), (second, other_salt, other) = openings(PRICES)
    cases: dict[str, list[Any]] = {
        "value-changed": [framework_id(), [[pointer, its_salt, value.replace(b"55", b"54")]]],
        "salt-changed": [framework_id(), [[pointer, _flip(its_salt, 31), value]]],
        "values-swapped": [framework_id(), [[pointer, its_salt, other], [second, other_salt, value]]],
        "openings-swapped": [framework_id(), [[pointer, other_salt, other], [second, its_salt, value]]],
        "no-commitment-there": [framework_id(), [["/body/title", its_salt, value]]],
        "below-a-commitment": [framework_id(), [[f"{pointer}/commitment", its_salt, value]]],
        "index-in-another-spelling": [framework_id(), [["/body/lines/00/price", its_salt, value]]],
        "of-another-statement": [enrolled_id(), [[pointer, its_salt, value]]],
    }
    untrue = {
        f"{name}.disclosure": ("opening-invalid", file(content(AUDITOR, inside=[case]), AUDITOR))
        for name, case in cases.items()
    }
    unknown = content(AUDITOR, inside=[[bytes(32), openings(PRICES)]])
    return untrue | {"statement-not-at-hand.disclosure": ("evidence-incomplete", file(unknown, AUDITOR))}


def _flip(data: bytes, place: int) -> bytes:
    return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]


def main() -> None:
    for name, data in build().items():
        path = FOLDER / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


if __name__ == "__main__":
    main()
