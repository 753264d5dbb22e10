"""What commands share: where the log and the keys are, passphrases, ids, reading and writing files."""

from __future__ import annotations

import getpass
import os
import sys
from pathlib import Path
from typing import Annotated, Final

import typer
from platformdirs import user_config_path

from ledger.durable import write_durably
from ledger.errors import KeyUnavailable, Malformed, MalformedNote, NotFound, TallyError, TooLarge
from ledger.keystore import KeyStore, StoredKey
from ledger.limits import STATEMENT_BYTES
from ledger.log.reader import LogReader
from ledger.openings import OpeningStore
from ledger.proof.note import VerifierKey, parse_vkey
from ledger.statement.envelope import read_statement
from ledger.statement.keys import parse_did_key
from ledger.statement.signer import Ed25519Signer, Signer
from ledger.units import PartyId, StatementId

EPILOG: Final = "Exit status: see docs/cli.md."

LogOption = Annotated[
    Path,
    typer.Option(
        "--log", envvar="TALLY_LOG", help="The log's folder.", show_envvar=True, rich_help_panel="Where"
    ),
]
LOG_FOLDER: Final = Path("tally-log")

KeysOption = Annotated[
    Path | None,
    typer.Option(
        "--keys", envvar="TALLY_KEYS", help="The folder of keys. [default: the platform's configuration folder]",
        rich_help_panel="Where",
    ),
]  # fmt: skip
PassphraseOption = Annotated[
    Path | None,
    typer.Option(
        "--passphrase-file",
        envvar="TALLY_PASSPHRASE_FILE",
        help="A file whose first line is the passphrase; or set TALLY_PASSPHRASE; else it is asked for.",
        rich_help_panel="Where",
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout.")]


def key_store(folder: Path | None) -> KeyStore:
    """The key store a command works with."""
    return KeyStore(folder or user_config_path("tallystick") / "keys")


def opening_store(folder: Path | None) -> OpeningStore:
    """Where the openings of confidential values are: beside the keys."""
    return OpeningStore(key_store(folder).folder / "openings")


def read_party(store: KeyStore, given: str) -> PartyId:
    """A party by its id, or by the name of a key in the store. Raises `MalformedKey`, `NotFound`, `Ambiguous`.

    Never by the name a party gave itself: anyone may take any.
    """
    if given.startswith("did:"):
        return parse_did_key(given).did
    return store.party(given.removeprefix("key:"))


def read_key(store: KeyStore, given: str) -> PartyId:
    """A public key as a `did:key`: itself, or the name of a key in the store. Raises as `read_party`.

    Not the key that signs for a party: of a party's id it is the first, whatever keys are at hand.
    """
    if given.startswith("did:"):
        return parse_did_key(given).did
    return store.did(given.removeprefix("key:"))


def passphrase(file: Path | None, prompt: str, *, new: bool = False) -> bytes:
    """A passphrase: from the file, from TALLY_PASSPHRASE, or asked for (twice when `new`). Never an argument."""
    if file is not None:
        return read_file(file, 4096).split(b"\n", 1)[0].rstrip(b"\r")
    if given := os.environ.get("TALLY_PASSPHRASE"):
        return given.encode()
    if not sys.stdin.isatty():
        raise KeyUnavailable(
            "a passphrase is needed and there is no terminal to ask on",
            hint="set TALLY_PASSPHRASE_FILE or TALLY_PASSPHRASE, or give --passphrase-file",
        )
    typed = getpass.getpass(f"{prompt}: ")
    if new and getpass.getpass(f"{prompt}, again: ") != typed:
        raise KeyUnavailable("the two passphrases differ", hint="try again; nothing was written")
    return typed.encode()


def unlock(store: KeyStore, key: StoredKey, file: Path | None) -> Signer:
    """The private key of a stored key."""
    return store.unlock(key, passphrase(file, f"Passphrase of key {key.name}"))


def unlock_log_key(store: KeyStore, reader: LogReader, file: Path | None) -> Ed25519Signer:
    """The private key of the log itself, found in the key store by the log's policy."""
    try:
        key = store.find(reader.vkey.key.did)
    except NotFound as error:
        raise KeyUnavailable(
            f"the key of the log {reader.vkey.name} is not in {store.folder}",
            expected=f"the key of {reader.vkey.key.did}",
            hint="only the log's operator writes to it: give --keys, or have the operator submit your files",
        ) from error
    signer = unlock(store, key, file)
    if not isinstance(signer, Ed25519Signer):
        raise KeyUnavailable("the log's key is not Ed25519", expected=reader.vkey.key.did)
    return signer


def read_file(path: Path, limit: int) -> bytes:
    """A file's bytes. Raises `NotFound`, `TooLarge`, or a `TallyError` with the system's reason."""
    try:
        with path.open("rb") as file:
            data = file.read(limit + 1)
    except FileNotFoundError as error:
        raise NotFound(f"there is no file {path}") from error
    except OSError as error:
        raise TallyError(f"{path} cannot be read: {error.strerror}") from error
    if len(data) > limit:
        raise TooLarge(f"{path} is larger than {limit} bytes")
    return data


def refuse_existing(path: Path) -> None:
    """Stop before anything is done whose outcome could not be written. Raises `TallyError`."""
    if path.exists():
        raise TallyError(f"{path} exists already", hint="nothing is overwritten: choose another name")


def write_new(path: Path, data: bytes) -> None:
    """Write a file that must not be there yet, whole or not at all."""
    refuse_existing(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_durably(path, data)
    except OSError as error:
        raise TallyError(f"{path} cannot be written: {error.strerror}") from error


def keep_receipt(folder: Path, statement: StatementId, receipt: bytes) -> None:
    """Write a receipt into a folder, under its statement's id; one that is there stays: it says the same."""
    path = folder / f"{statement}.receipt"
    if not path.exists():
        write_new(path, receipt)


def read_vkey(given: str) -> VerifierKey:
    """A log key: the verifier key itself, or the name of a file that holds it."""
    path = Path(given)
    if "+" not in given or path.is_file():
        given = read_file(path, 4096).decode(errors="replace").strip()
    try:
        return parse_vkey(given)
    except MalformedNote as error:
        raise Malformed(
            f"the log key cannot be read: {error}",
            expected="name+8 hexadecimal digits+base64, as `tally init` printed it",
        ) from error


def id_in_file(name: str) -> StatementId:
    """The id of the statement in a file. Raises what reading it raises."""
    return read_statement(read_file(Path(name), STATEMENT_BYTES)).id


def resolve_id(reader: LogReader, which: str) -> StatementId:
    """A registered statement by its id, the beginning of it, or @FILE. Raises `NotFound`, `Ambiguous`."""
    return reader.resolve(id_in_file(which[1:]) if which.startswith("@") else which)
