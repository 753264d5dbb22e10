"""`tally bundle`, `verify`: evidence in one file, and what it proves."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.common import (
    LOG_FOLDER,
    JsonOption,
    KeysOption,
    LogOption,
    PassphraseOption,
    id_in_file,
    key_store,
    read_file,
    read_vkey,
    resolve_id,
    unlock,
    write_new,
)
from cli.output import print_json, say
from cli.remote import (
    PANEL,
    WAIT_S,
    FirstUseOption,
    LogKeyOption,
    MemoryOption,
    Remote,
    TokenOption,
    UrlOption,
    WaitOption,
)
from cli.render.evidence import (
    show_verified,
    verified_as_json,
)
from ledger.audit.bundle import decode_bundle
from ledger.audit.gather import make_bundle
from ledger.audit.verify import verify_bundle
from ledger.errors import TallyError
from ledger.keystore import KeyStore
from ledger.limits import BUNDLE_BYTES
from ledger.log.reader import LogReader
from ledger.statement.signer import Signer
from ledger.units import PartyId

IdArgument = Annotated[str, typer.Argument(help="A statement's id, the beginning of it, or @FILE.")]


def bundle(
    which: IdArgument,
    *,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="The file to write. [default: ID.bundle]")
    ] = None,
    log: LogOption = LOG_FOLDER,
    url: UrlOption = None,
    log_key: LogKeyOption = None,
    first_use: FirstUseOption = False,
    memory: MemoryOption = None,
    token_file: TokenOption = None,
    asker: Annotated[
        str | None,
        typer.Option(
            "--as",
            help="A key in the key store that signs the requests to --url: who asks, where a log shows contents to its "
            "parties alone.",
            rich_help_panel=PANEL,
        ),
    ] = None,
    keys: KeysOption = None,
    passphrase_file: PassphraseOption = None,
    wait: WaitOption = WAIT_S,
    as_json: JsonOption = False,
) -> None:
    """Put the evidence for a statement, or for a whole contract, into one file that verifies offline.

    With --url it is made by that server, and verified here before it is written.
    """
    if asker and (url is None or token_file):
        raise typer.BadParameter("--as goes with --url, and in place of --token-file")
    if url is None:
        with LogReader.open(log) as reader:
            statement = resolve_id(reader, which)
            data = make_bundle(reader, statement)
    else:
        who = _asker(key_store(keys), asker, passphrase_file) if asker else None
        with Remote(url, log_key, first_use, memory, token_file, wait, who).connect() as client:
            data, verified = client.bundle(id_in_file(which[1:]) if which.startswith("@") else which)
            statement = verified.claim
    path = out or Path(f"{statement[:12]}.bundle")
    write_new(path, data)
    if as_json:
        print_json({"file": str(path), "claim": statement, "bytes": len(data)})
    else:
        say(
            f"written to {path} ({len(data):,} bytes); anyone verifies it with: tally verify {path} --log-key VKEY"
        )


def _asker(store: KeyStore, which: str, passphrase_file: Path | None) -> tuple[Signer, PartyId]:
    key = store.find(which)
    return unlock(store, key, passphrase_file), key.party


def verify(
    file: Annotated[Path, typer.Argument(help="A bundle, made by `tally bundle`.")],
    *,
    log_key: Annotated[
        str, typer.Option("--log-key", help="The log's verifier key, or a file that holds it.")
    ],
    url: UrlOption = None,
    memory: MemoryOption = None,
    wait: WaitOption = WAIT_S,
    as_json: JsonOption = False,
) -> None:
    """Verify a bundle offline: no network, no log, nothing but the log's public key.

    With --url, afterwards, that the log there still continues what the bundle's checkpoint says.
    """
    data, key = read_file(file, BUNDLE_BYTES), read_vkey(log_key)
    try:
        verified = verify_bundle(data, key)
    except TallyError as error:
        error.found = f"NOT VERIFIED: {error.found}"
        raise
    newest = None
    if url is not None:
        with Remote(url, log_key, False, memory, None, wait).connect() as client:
            newest = client.require_extends(decode_bundle(data).checkpoint)
    if as_json:
        extended = newest and {"url": url, "size": newest.size, "root": newest.root.hex()}
        print_json(verified_as_json(verified) | ({"log": extended} if extended else {}))
        return
    show_verified(verified)
    if newest is not None:
        say(f"The log at {url} has {newest.size} entries now, and they begin with this checkpoint's.")
