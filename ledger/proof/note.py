"""Signed notes, C2SP signed-note: a text that people can read, with Ed25519 signatures below it.

    This is an example message.

    — example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYj ... IneyaQM=

The *text* is everything up to and with the newline before the last empty line, and may hold empty lines of
its own. Below it stands one line for each signature: an em dash (U+2014), a space, the name of the key, a
space, and the base64 of the key's id (4 bytes) and the signature over the text's bytes. The whole is UTF-8
without control characters below U+0020 but the newline. A name is not empty and has no Unicode space, no "+".

    id = SHA-256(name || 0x0A || 0x01 || public key)[:4]              0x01: the type, plain Ed25519

Whoever verifies was given the key beforehand, as one line that base64 and "+" hold together:

    example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k      name+id+base64(0x01 || key)

Rules of opening. A line is by a known key if name and id both match; the id is a short label, not a proof.
Lines of unknown keys are ignored, but must have the form of one. A wrong signature by a known key rejects
the note, and so does a note without any good signature by a known key. A second line by the same known key
is verified like the first and counts once, so that repeating a signature never makes two signers of one.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, NewType

from ledger.errors import KeyUnknown, MalformedNote, SignatureInvalid, TooLarge
from ledger.limits import NOTE_BYTES, NOTE_SIGNATURES
from ledger.statement.keys import Ed25519Key
from ledger.statement.signer import Ed25519Signer

NoteKeyId = NewType("NoteKeyId", bytes)
"""4 bytes: the short label of a key in a note. Not to be taken for a `KeyId`."""

_NOTE_KEY_ID_BYTES: Final = 4
_ED25519: Final = b"\x01"
_SIGNATURE_LINE: Final = re.compile(r"— ([^ ]+) ([A-Za-z0-9+/=]+)")
_CONTROL: Final = re.compile(r"[\x00-\x09\x0b-\x1f]")


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key under the name it signs notes with."""

    name: str
    key: Ed25519Key

    def __post_init__(self) -> None:
        _require_name(self.name)

    @property
    def id(self) -> NoteKeyId:
        """The first 4 bytes of SHA-256(name || 0x0A || 0x01 || public key)."""
        return NoteKeyId(_key_id(self.name, _ED25519 + self.key.raw))


@dataclass(frozen=True, slots=True)
class NoteSignature:
    """One signature line, verified or not."""

    name: str
    key_id: NoteKeyId
    signature: bytes


@dataclass(frozen=True, slots=True)
class Note:
    """An opened note: its text, the signatures verified over it (one a key), and those of unknown keys.

    The unverified ones say nothing; they are kept so that a note can be passed on whole.
    """

    text: str
    verified: tuple[NoteSignature, ...]
    unverified: tuple[NoteSignature, ...]


def parse_vkey(text: str) -> VerifierKey:
    """Read a verifier key line; the inverse of `format_vkey`.

    Raises `MalformedNote`, or `MalformedKey` if the public key itself is refused.
    """
    name, _, rest = text.partition("+")
    key_id, _, encoded = rest.partition("+")  # base64 may hold further plus signs
    material = decode_base64(encoded, "the verifier key")
    if material[:1] != _ED25519:
        raise MalformedNote(
            f"{text[:80]!r} is a verifier key of type 0x{material[:1].hex() or '--'}",
            expected="type 0x01 (Ed25519), the one type that signs checkpoints here",
        )
    key = VerifierKey(name, Ed25519Key(material[1:]))
    if key.id.hex() != key_id:
        raise MalformedNote(
            f"{text[:80]!r} carries the key id {key_id[:8]!r}",
            expected=f"{key.id.hex()}, which follows from its name and key",
            hint="the line was altered or mistyped: get it from the log's operator again",
        )
    return key


def format_vkey(key: VerifierKey) -> str:
    """The line to hand to verifiers."""
    return f"{key.name}+{key.id.hex()}+{_encode_base64(_ED25519 + key.key.raw)}"


def sign_note(text: str, signer: Ed25519Signer, name: str) -> bytes:
    """Sign `text`, which ends with a newline, under `name`; one signature line. Raises `MalformedNote`."""
    key = VerifierKey(name, signer.public)
    if not text.endswith("\n"):
        raise MalformedNote("a note's text that does not end with a newline", expected="whole lines")
    signed = _encode_text(text)
    line = f"\n— {name} {_encode_base64(key.id + signer.sign(signed))}\n"
    return signed + line.encode()


def open_note(data: bytes, keys: Sequence[VerifierKey]) -> Note:
    """Verify a note against the keys known to the caller.

    Raises `TooLarge` or `MalformedNote` for its form, `SignatureInvalid` if a known key's signature is wrong,
    `KeyUnknown` if no known key signed it. Costs one verification for each line by a known key.
    """
    text, signatures = _split(data)
    known: dict[tuple[str, NoteKeyId], VerifierKey] = {}
    for key in keys:
        if known.setdefault((key.name, key.id), key) != key:
            raise MalformedNote(
                f"two of the keys given are {_label(key.name, key.id)}", expected="one of each"
            )
    verified: dict[tuple[str, NoteKeyId], NoteSignature] = {}
    unverified = []
    for signature in signatures:
        signed_by = (signature.name, signature.key_id)
        if signed_by in known:
            _verify(known[signed_by], text, signature)
            verified.setdefault(signed_by, signature)
        else:
            unverified.append(signature)
    if not verified:
        raise KeyUnknown(
            f"the note is signed by {', '.join(_label(s.name, s.key_id) for s in unverified[:3])} only",
            expected=" or ".join(_label(name, key_id) for name, key_id in known) or "a known key",
            hint="check that this is the right log, and its key the right one",
        )
    return Note(text, tuple(verified.values()), tuple(unverified))


def decode_base64(text: str, what: str) -> bytes:
    """Read the one canonical RFC 4648 section 4 form. Raises `MalformedNote`.

    The library's decoder skips foreign characters and accepts stray bits in the tail, so that many texts
    would mean the same: encoding again finds them all.
    """
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        data = b""
    if not data or _encode_base64(data) != text:
        raise MalformedNote(f"{what} {text[:80]!r} is not canonical base64", expected="RFC 4648 section 4")
    return data


def _encode_base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _key_id(name: str, material: bytes) -> bytes:
    return sha256(name.encode() + b"\n" + material).digest()[:_NOTE_KEY_ID_BYTES]


def _label(name: str, key_id: NoteKeyId) -> str:
    return f"{name[:80]!r} {key_id.hex()}"


def _encode_text(text: str) -> bytes:
    """UTF-8 bytes of a note's text or name. Raises `MalformedNote` for what may not stand in a note."""
    try:
        data = text.encode()
    except UnicodeEncodeError:
        raise MalformedNote("a lone surrogate in a note", expected="text that UTF-8 can carry") from None
    if found := _CONTROL.search(text):
        raise MalformedNote(
            f"the control character U+{ord(found[0]):04X} in a note", expected="newlines only"
        )
    return data


def _require_name(name: str) -> None:
    _encode_text(name)
    if not name or "+" in name or any(char.isspace() for char in name):
        raise MalformedNote(
            f"{name[:80]!r} is not the name of a key", expected="not empty, no space, no plus sign"
        )


def _split(data: bytes) -> tuple[str, list[NoteSignature]]:
    """The text and the signature lines of a note, in their order."""
    if len(data) > NOTE_BYTES:
        raise TooLarge(f"a note of {len(data)} bytes", expected=f"at most {NOTE_BYTES}")
    try:
        note = data.decode()
    except UnicodeDecodeError as error:
        raise MalformedNote(f"a note with a broken byte at {error.start}", expected="UTF-8") from None
    _encode_text(note)
    text, separator, lines = note.rpartition("\n\n")
    if not separator or not lines.endswith("\n"):
        raise MalformedNote(
            "a note without an empty line and whole signature lines after it",
            expected="text, an empty line, signature lines, each line ended by a newline",
        )
    signatures = [_parse_signature(line) for line in _bounded(lines[:-1].split("\n"))]
    return text + "\n", signatures


def _bounded(lines: list[str]) -> list[str]:
    if len(lines) > NOTE_SIGNATURES:
        raise TooLarge(f"a note with {len(lines)} signatures", expected=f"at most {NOTE_SIGNATURES}")
    return lines


def _parse_signature(line: str) -> NoteSignature:
    match = _SIGNATURE_LINE.fullmatch(line)
    if not match:
        raise MalformedNote(
            f"{line[:80]!r} is not a signature line", expected="em dash, space, key name, space, base64"
        )
    name, encoded = match.groups()
    _require_name(name)
    data = decode_base64(encoded, "the signature")
    if len(data) <= _NOTE_KEY_ID_BYTES:
        raise MalformedNote(f"a signature of {len(data)} bytes", expected="a key id of 4 bytes and more")
    return NoteSignature(name, NoteKeyId(data[:_NOTE_KEY_ID_BYTES]), data[_NOTE_KEY_ID_BYTES:])


def _verify(key: VerifierKey, text: str, signature: NoteSignature) -> None:
    try:
        key.key.verify(text.encode(), signature.signature)
    except SignatureInvalid:
        raise SignatureInvalid(
            f"the signature of {_label(key.name, key.id)} does not fit the note's text",
            hint="the text or the signature was altered, or another key has this name and id",
        ) from None
