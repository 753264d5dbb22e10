"""`tally sign`: from a draft, or from answers, to a signed statement in a file. Needs no network and no log."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.ask import ask_draft
from cli.common import (
    JsonOption,
    KeysOption,
    PassphraseOption,
    id_in_file,
    key_store,
    opening_store,
    read_file,
    refuse_existing,
    unlock,
    write_new,
)
from cli.output import one_line, print_json, say
from ledger.errors import MalformedDraft
from ledger.exchange.draft import DRAFT_BYTES, Draft, Ready, complete, read_draft
from ledger.keystore import StoredKey
from ledger.statement.envelope import read_statement, sign_statement
from ledger.units import StatementId


def sign(
    draft: Annotated[
        Path | None,
        typer.Argument(help="A draft in JSON or YAML, or - for stdin; without one you are asked."),
    ] = None,
    *,
    key: Annotated[str, typer.Option("--key", "-k", help="Which key signs: its name, or its id.")],
    contract: Annotated[
        str | None, typer.Option(help="The contract's id, or @FILE; completes the draft.")
    ] = None,
    type_name: Annotated[str | None, typer.Option("--type", help="When asked: the event type.")] = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="The file to write. [default: TYPE-ID.cose]")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Sign without asking once more.")] = False,
    keys: KeysOption = None,
    passphrase_file: PassphraseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Sign an event. Shows what is about to be signed; writes one file for anyone to submit.

    Confidential values of the draft are committed to; what opens them is kept beside the keys.
    """
    asks = not yes and draft != Path("-")
    sign_draft(_read(draft, type_name, contract), key, out, keys, passphrase_file, asks=asks, as_json=as_json)


def sign_draft(
    draft: Draft,
    key: str,
    out: Path | None,
    keys: Path | None,
    passphrase_file: Path | None,
    *,
    asks: bool,
    as_json: bool,
) -> None:
    """What every command that signs does with its draft; `asks` for consent, where there is a terminal."""
    store, openings = key_store(keys), opening_store(keys)
    with store.signing(store.find(key).name) as stored:
        now = datetime.now().astimezone().isoformat(timespec="seconds")
        ready = complete(
            draft,
            iss=stored.party,
            prev=stored.head,
            now=now,
            id_in_file=id_in_file,
            party_of=store.party,
            key_of=store.did,
        )
        if not as_json:
            show(stored, ready)
        if asks and sys.stdin.isatty():
            typer.confirm("Sign this?", abort=True, err=True)
        signer = unlock(store, stored, passphrase_file)
        data = sign_statement(
            signer, iss=stored.party, sub=ready.sub, iat=int(time.time()), payload=ready.payload
        )
        statement = read_statement(data)
        path = out or Path(f"{ready.event.type}-{statement.id[:12]}.cose")
        if ready.openings:
            # Before the statement appears: one whose openings were lost in between could never be opened. Openings
            # of a statement that never appeared do no harm.
            refuse_existing(path)
            openings.keep(statement.id, ready.openings)
        write_new(path, data)
        store.advance(stored, statement.id)
    _tell(statement.id, path, ready, openings.folder, as_json=as_json)


def _tell(statement: StatementId, path: Path, ready: Ready, openings: Path, *, as_json: bool) -> None:
    if as_json:
        print_json(
            {
                "id": statement,
                "file": str(path),
                "type": ready.event.type,
                "sub": ready.sub,
                "confidential": [opening.pointer for opening in ready.openings],
            }
        )
        return
    say(f"signed: {statement}")
    say(f"written to {path}; submit it with: tally submit {path}")
    if ready.openings:
        say(
            f"what opens its confidential values is in {openings}: back it up; show it to a party with: "
            f"tally disclose @{path} --to PARTY -o FILE"
        )


def _read(draft: Path | None, type_name: str | None, contract: str | None) -> Draft:
    if draft is None:
        if not sys.stdin.isatty():
            raise MalformedDraft(
                "there is no draft and no terminal to ask on", hint="give a draft file, or - for stdin"
            )
        return ask_draft(type_name, contract)
    data = sys.stdin.buffer.read(DRAFT_BYTES + 1) if draft == Path("-") else read_file(draft, DRAFT_BYTES)
    read = read_draft(data)
    if contract is None:
        return read
    refs = read.refs
    # A call-off drafted before its contract was signed does not know the id yet; it is the same id twice.
    if read.type in {"framework.accepted", "calloff.issued"} and "framework" not in refs:
        refs = {**refs, "framework": contract}
    return Draft(read.type, contract, read.party, read.occurred_at, refs, read.body)


def show(key: StoredKey, ready: Ready) -> None:
    """What is about to be signed, for a person to read."""
    device = "" if key.is_first else f", with its key {key.did}"
    say(f"{key.name} ({key.party}{device}) signs {ready.event.type}")
    if ready.sub != key.party:
        say(f"  {'about' if ready.sub.startswith('did:') else 'under contract'} {ready.sub}")
    say(f"  occurred at {ready.payload['occurred_at']}")
    for part in ("refs", "body"):
        for line in _lines(ready.payload[part], 1):
            say(line)
    for opening in ready.openings:
        # On a terminal only: what goes to a file or a pipe may be kept.
        value = f": {one_line(opening.value)}" if sys.stdout.isatty() else ""
        say(f"  confidential, committed to at {opening.pointer}{value}")


def _lines(value: Mapping[str, Any], depth: int) -> Iterator[str]:
    indent = "  " * depth
    for name, member in value.items():
        if isinstance(member, Mapping) and set(member) == {"value", "unit"}:
            yield f"{indent}{name}: {member['value']} {member['unit']}"
        elif isinstance(member, Mapping):
            yield f"{indent}{name}:"
            yield from _lines(member, depth + 1)
        elif isinstance(member, list):
            yield f"{indent}{name}:"
            for position, one in enumerate(member, 1):
                if isinstance(one, Mapping):
                    yield f"{indent}  {position}."
                    yield from _lines(one, depth + 2)
                else:
                    yield f"{indent}  {position}. {one}"
        else:
            yield f"{indent}{name}: {member}"
