"""`tally key add`, `tally key revoke`: what a party says of its devices' keys, drafted here, signed as any event."""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from cli.common import (
    LOG_FOLDER,
    JsonOption,
    KeysOption,
    LogOption,
    PassphraseOption,
    key_store,
    read_key,
    read_party,
)
from cli.sign import sign_draft
from ledger.errors import Malformed, NotFound
from ledger.exchange.draft import Draft
from ledger.keystore import KeyStore
from ledger.log.folder import LogFolder
from ledger.log.reader import LogReader
from ledger.rules.records import Kind, Party
from ledger.rules.state import find
from ledger.units import PartyId

_ID: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)


class Reason(StrEnum):
    scheduled = "scheduled"
    lost = "lost"
    compromised = "compromised"


KeyArgument = Annotated[
    str, typer.Argument(metavar="KEY", help="The device's key: its did:key, or its name in the key store.")
]
WithOption = Annotated[
    str,
    typer.Option("--with", help="Which key signs this: one the party has already, or a recovery party's."),
]
PartyOption = Annotated[
    str | None,
    typer.Option(
        help="For recovery parties: whose key it is, a party id or key:NAME. [default: the signer's own party]"
    ),
]
EnrolledOption = Annotated[
    str | None,
    typer.Option(help="The party's enrolment, an id or @FILE. [default: as the log in --log has it]"),
]
OutOption = Annotated[
    Path | None, typer.Option("--out", "-o", help="The file to write. [default: TYPE-ID.cose]")
]
YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Sign without asking once more.")]


def add(
    key: KeyArgument,
    *,
    with_: WithOption,
    device: Annotated[
        str | None,
        typer.Option(help="What the party calls the device. [default: the key's name in the key store]"),
    ] = None,
    party: PartyOption = None,
    enrolled: EnrolledOption = None,
    out: OutOption = None,
    yes: YesOption = False,
    log: LogOption = LOG_FOLDER,
    keys: KeysOption = None,
    passphrase_file: PassphraseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Sign that a party has a key on one more device. Submit it before what the new key signs, or together."""
    store = key_store(keys)
    owner = _owner(store, with_, party)
    if device is None and key.startswith("did:"):
        raise Malformed(
            "it is not said what the party calls the device", hint="give --device, as --device tablet"
        )
    _made_for(store, key, owner)
    draft = Draft(
        type="key.added",
        contract=None,
        party=owner,
        occurred_at=None,
        refs={"party": enrolled or _enrolment(log, owner)},
        body={"key": read_key(store, key), "device": device or key.removeprefix("key:")},
    )
    sign_draft(draft, with_, out, keys, passphrase_file, asks=not yes, as_json=as_json)


def revoke(
    key: KeyArgument,
    *,
    with_: WithOption,
    reason: Annotated[Reason, typer.Option(help="Replaced as planned; out of your hands; or in another's.")],
    last_good: Annotated[
        str | None,
        typer.Option(help="Of a compromised key: the last statement you signed with it, an id or @FILE."),
    ] = None,
    remark: Annotated[str | None, typer.Option(help="What happened, in words for anyone to read.")] = None,
    party: PartyOption = None,
    enrolled: EnrolledOption = None,
    out: OutOption = None,
    yes: YesOption = False,
    log: LogOption = LOG_FOLDER,
    keys: KeysOption = None,
    passphrase_file: PassphraseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Sign that a key signs nothing more, from where this is registered on. What it signed before stays valid."""
    store = key_store(keys)
    owner = _owner(store, with_, party)
    refs: dict[str, Any] = {"party": enrolled or _enrolment(log, owner)}
    body: dict[str, Any] = {"key": read_key(store, key), "reason": reason.value}
    if last_good is not None:
        refs["last_good"] = _last_good(last_good, reason)
    if remark is not None:
        body["remark"] = remark
    draft = Draft(type="key.revoked", contract=None, party=owner, occurred_at=None, refs=refs, body=body)
    sign_draft(draft, with_, out, keys, passphrase_file, asks=not yes, as_json=as_json)


def _last_good(given: str, reason: Reason) -> str:
    """The statement that `--last-good` names, for the draft. Raises `Malformed`."""
    if reason is not Reason.compromised:
        raise Malformed(
            f"--last-good is given for a key that is {reason.value}",
            expected="it with --reason compromised alone",
            hint="what the key signed until this is registered stays valid: leave --last-good out",
        )
    if not given.startswith("@") and not _ID.fullmatch(given):
        raise Malformed(
            f"--last-good {given[:80]!r} is not a statement's id",
            expected="all 64 hexadecimal digits, lower-case, or @FILE for the statement in a file",
            hint="name the last one that the party itself signed; without --last-good all of them are in doubt",
        )
    return given


def _owner(store: KeyStore, signs: str, party: str | None) -> PartyId:
    """Whose key the statement is about."""
    return read_party(store, party) if party else store.party(signs)


def _made_for(store: KeyStore, key: str, owner: PartyId) -> None:
    """A key at hand would sign as the party it was made for, whoever adds it. Raises `Malformed` for another's."""
    if key.startswith("did:"):
        return
    stored = store.find(key.removeprefix("key:"))
    if stored.party != owner:
        raise Malformed(
            f"the key {stored.name} was made to sign for "
            + ("a party of its own" if stored.is_first else stored.party),
            expected=f"a key of {owner}",
            hint=f"make one with: tally key new NAME --for {owner}",
        )


def _enrolment(log: Path, party: PartyId) -> str:
    """The `party.enrolled` of a party in the log at hand. Raises `NotFound`."""
    hint = "give --enrolled @FILE, the file with the party's party.enrolled, or its id"
    if not LogFolder(log).database.exists():
        raise NotFound(f"there is no log in {log} to look the party's enrolment up in", hint=hint)
    with LogReader.open(log) as reader:
        known = find(reader.store, "", Kind.PARTY, party, Party)
    if known is None:
        raise NotFound(f"{party} has not enrolled in the log in {log}", hint=hint)
    return known.statement
