"""`tally key`: make, list, show and export keys."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

import typer

from cli.common import EPILOG, JsonOption, KeysOption, PassphraseOption, key_store, passphrase
from cli.output import print_json, say, table
from ledger.errors import Malformed
from ledger.keystore import StoredKey
from ledger.proof.note import VerifierKey, format_vkey
from ledger.statement.keys import Ed25519Key, parse_did_key
from ledger.statement.signer import generate_ed25519, generate_p256

app = typer.Typer(help="Make, list, show and export signing keys.", no_args_is_help=True, epilog=EPILOG)


class KindOfKey(StrEnum):
    ed25519 = "ed25519"
    p256 = "p256"


class Format(StrEnum):
    did = "did"
    cose = "cose"
    vkey = "vkey"


NameArgument = Annotated[str, typer.Argument(help="The key's name, or the beginning or end of its party id.")]


@app.command(epilog="Example: tally key new asha-phone")
def new(
    name: Annotated[str, typer.Argument(help="A name for the key: one for each device.")],
    kind: Annotated[
        KindOfKey, typer.Option(help="Ed25519, or P-256 for security modules.")
    ] = KindOfKey.ed25519,
    keys: KeysOption = None,
    passphrase_file: PassphraseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make a key. Its private half is kept encrypted with a passphrase and never shown."""
    signer = generate_ed25519() if kind is KindOfKey.ed25519 else generate_p256()
    secret = passphrase(passphrase_file, f"A passphrase for key {name}", new=True)
    stored = key_store(keys).add(name, signer, secret)
    if as_json:
        print_json(_public(stored))
    else:
        say(f"key {stored.name} is made; its party id is")
        say(stored.party)


@app.command("list", epilog="Example: tally key list --json")
def list_keys(*, keys: KeysOption = None, as_json: JsonOption = False) -> None:
    """List the keys at hand."""
    stored = key_store(keys).all()
    if as_json:
        print_json([_public(key) for key in stored])
    elif stored:
        rows = [[key.name, key.party, key.head[:12] if key.head else "nothing yet"] for key in stored]
        table("", ["name", "party", "last signed"], rows)
    else:
        say("There are no keys yet. Make one with: tally key new NAME")


@app.command(epilog="Example: tally key show asha-phone")
def show(name: NameArgument, *, keys: KeysOption = None, as_json: JsonOption = False) -> None:
    """Show a key's public side."""
    public = _public(key_store(keys).find(name))
    if as_json:
        print_json(public)
    else:
        table("", ["", ""], [[label, str(value)] for label, value in public.items()])


@app.command(epilog="Example: tally key export log --format vkey --name example.org/log")
def export(
    name: NameArgument,
    *,
    format_: Annotated[
        Format, typer.Option("--format", help="did:key, COSE_Key (hexadecimal), or a log's verifier key.")
    ] = Format.did,
    origin: Annotated[str | None, typer.Option("--name", help="For vkey: the log's origin.")] = None,
    keys: KeysOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print a public key for others to use. The private key is the encrypted .pem file in the key folder."""
    stored = key_store(keys).find(name)
    public = parse_did_key(stored.party)
    if format_ is Format.vkey:
        if not isinstance(public, Ed25519Key) or not origin:
            raise Malformed("a verifier key needs an Ed25519 key and a name", hint="give --name ORIGIN")
        value = format_vkey(VerifierKey(origin, public))
    else:
        value = stored.party if format_ is Format.did else public.cose_key().hex()
    if as_json:
        print_json({"format": format_.value, "key": value})
    else:
        say(value)


def _public(key: StoredKey) -> dict[str, Any]:
    public = parse_did_key(key.party)
    return {
        "name": key.name,
        "party": key.party,
        "kind": "Ed25519" if isinstance(public, Ed25519Key) else "P-256",
        "kid": public.kid.hex(),
        "last_signed": key.head,
    }
