"""`tally key new`, `list`, `show`, `export`: the keys at hand."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

import typer

from cli.common import EPILOG, JsonOption, KeysOption, PassphraseOption, key_store, passphrase, read_party
from cli.output import print_json, say, table
from ledger.errors import Malformed
from ledger.keystore import KeyStore, StoredKey
from ledger.proof.note import VerifierKey, format_vkey
from ledger.statement.keys import Ed25519Key, parse_did_key
from ledger.statement.signer import generate_ed25519, generate_p256

app = typer.Typer(
    help="Make, list, show and export signing keys; add and revoke those of a party's devices.",
    no_args_is_help=True,
    epilog=EPILOG,
)


class KindOfKey(StrEnum):
    ed25519 = "ed25519"
    p256 = "p256"


class Format(StrEnum):
    did = "did"
    cose = "cose"
    vkey = "vkey"


NameArgument = Annotated[str, typer.Argument(help="The key's name, or the beginning or end of its id.")]


@app.command(epilog="Example: tally key new asha-phone")
def new(
    name: Annotated[str, typer.Argument(help="A name for the key: one for each device.")],
    kind: Annotated[
        KindOfKey, typer.Option(help="Ed25519, or P-256 for security modules.")
    ] = KindOfKey.ed25519,
    *,
    party: Annotated[
        str | None,
        typer.Option(
            "--for", help="The party whose device this is: its id, or key:NAME. [default: a party of its own]"
        ),
    ] = None,
    keys: KeysOption = None,
    passphrase_file: PassphraseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make a key. Its private half is kept encrypted with a passphrase and never shown."""
    store = key_store(keys)
    owner = read_party(store, party) if party else None
    signer = generate_ed25519() if kind is KindOfKey.ed25519 else generate_p256()
    secret = passphrase(passphrase_file, f"A passphrase for key {name}", new=True)
    stored = store.add(name, signer, secret, owner)
    if as_json:
        print_json(_public(stored))
    elif stored.is_first:
        say(f"key {stored.name} is made; its party id is")
        say(stored.party)
    else:
        _say_how_to_add(store, stored)


def _say_how_to_add(store: KeyStore, made: StoredKey) -> None:
    """What has to follow before the key of one more device counts."""
    say(f"key {made.name} is made, to sign for {made.party}; it is")
    say(made.did)
    say(
        "Nothing it signs is admitted before the party adds it. Where it has a key that it signs with already:"
    )
    here = [key.name for key in store.all() if key.party == made.party and key != made]
    add = f"tally key add {made.did} --device {made.name} --with NAME"
    say(f"  tally key add {made.name} --with {here[0]}" if here else f"  {add}")
    say("or, where it has none any more, as many of its recovery parties as it takes, each with its own key:")
    say(f"  {add} --party {made.party}")
    say("Where the log is not at hand, with --enrolled @FILE, the file of the party's party.enrolled.")


@app.command("list", epilog="Example: tally key list --json")
def list_keys(*, keys: KeysOption = None, as_json: JsonOption = False) -> None:
    """List the keys at hand."""
    stored = key_store(keys).all()
    if as_json:
        print_json([_public(key) for key in stored])
    elif stored:
        rows = [
            [
                key.name,
                key.party,
                "its first" if key.is_first else key.did,
                key.head[:12] if key.head else "nothing yet",
            ]
            for key in stored
        ]
        table("", ["name", "signs for the party", "with the key", "last signed"], rows)
    else:
        say("There are no keys yet. Make one with: tally key new NAME")


@app.command(epilog="Example: tally key show asha-phone")
def show(name: NameArgument, *, keys: KeysOption = None, as_json: JsonOption = False) -> None:
    """Show a key's public side."""
    public = _public(key_store(keys).find(name))
    if as_json:
        print_json(public)
    else:
        in_words = {True: "yes", False: "no", None: "nothing yet"}
        table("", ["", ""], [[label, in_words.get(value, str(value))] for label, value in public.items()])


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
    public = parse_did_key(stored.did)
    if format_ is Format.vkey:
        if not isinstance(public, Ed25519Key) or not origin:
            raise Malformed("a verifier key needs an Ed25519 key and a name", hint="give --name ORIGIN")
        value = format_vkey(VerifierKey(origin, public))
    else:
        value = stored.did if format_ is Format.did else public.cose_key().hex()
    if as_json:
        print_json({"format": format_.value, "key": value})
    else:
        say(value)


def _public(key: StoredKey) -> dict[str, Any]:
    public = parse_did_key(key.did)
    return {
        "name": key.name,
        "party": key.party,
        "did": key.did,
        "first": key.is_first,
        "kind": "Ed25519" if isinstance(public, Ed25519Key) else "P-256",
        "kid": public.kid.hex(),
        "last_signed": key.head,
    }
