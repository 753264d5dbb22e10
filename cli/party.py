"""`tally party`: who is in a log, and the devices of one party: their keys, and whose word is still missing."""

from __future__ import annotations

from typing import Annotated, Any, Final

import typer

from cli.common import LOG_FOLDER, JsonOption, KeysOption, LogOption, key_store, read_party
from cli.output import print_json, say, table
from ledger.errors import Ambiguous, NotFound
from ledger.keystore import KeyStore
from ledger.log.devices import Device, Devices, Said, Word, devices_of
from ledger.log.reader import LogReader
from ledger.rules.records import Kind, Party
from ledger.rules.refusal import who
from ledger.rules.state import each
from ledger.units import PartyId

_END: Final = 8
"""Characters of an id that lists show; fewer could be had by anyone who makes keys for a while."""
_ACTS: Final = {"key.added": "added", "key.revoked": "revoked"}


def party(
    which: Annotated[
        str | None,
        typer.Argument(
            metavar="PARTY", help="Its id, the end of it, or the name of a key at hand that signs for it."
        ),
    ] = None,
    *,
    log: LogOption = LOG_FOLDER,
    keys: KeysOption = None,
    as_json: JsonOption = False,
) -> None:
    """A party's devices: which keys it has and had, since when, by whose word, and which are still valid.

    What a recovery party has said stands there too while others still have to say the same. Without a PARTY those that
    enrolled in the log are listed.
    """
    with LogReader.open(log) as reader:
        enrolled = list(each(reader.store, "", Kind.PARTY, Party))
        if which is None:
            _list(enrolled, as_json=as_json)
            return
        found = devices_of(reader, _choose(enrolled, key_store(keys), which))
        if as_json:
            print_json(_as_json(found))
        else:
            _show(reader, found)


def _choose(enrolled: list[Party], store: KeyStore, given: str) -> PartyId:
    """As everywhere, or by the end of an id that every list shows. Raises `NotFound`, `Ambiguous`, `MalformedKey`."""
    end = given.removeprefix("…")
    found = [one.id for one in enrolled if len(end) >= _END and one.id.endswith(end)]
    if len(found) > 1:
        raise Ambiguous(f"several party ids end with {end}: {', '.join(found)}", hint="give more of it")
    if found:
        return found[0]
    try:
        return read_party(store, given)
    except NotFound as error:
        raise NotFound(
            f"{given[:80]!r} is no party of this log",
            expected=f"a party's id, the last {_END} characters of it, or the name of a key in {store.folder}",
            hint="`tally party` lists the parties",
        ) from error


def _list(enrolled: list[Party], *, as_json: bool) -> None:
    if as_json:
        print_json(
            [{"id": one.id, "name": one.name, "kind": one.kind, "keys": _valid(one)} for one in enrolled]
        )
        return
    rows = [[one.name or "confidential", one.kind, one.country, str(_valid(one)), one.id] for one in enrolled]
    table("", ["name", "kind", "country", "valid keys", "id"], rows, numbers=[3])


def _valid(party: Party) -> int:
    return sum(key.revoked is None for key in party.keys)


def _show(reader: LogReader, found: Devices) -> None:
    party = found.party
    say(f"{who(reader.store, party.id)}, {party.kind}, {party.country}; enrolled by {_entry(found.enrolled)}")
    say(party.id)
    rows = [[one.name, one.key, _by(reader, one.added), _state(reader, one)] for one in found.devices]
    table("", ["device", "key", "added", "signs"], rows)
    if party.recovery:
        named = ", ".join(who(reader.store, one) for one in party.recovery)
        say(f"Recovery: {party.recovery_needed} of {named}")
    for word in found.waiting:
        say(_missing(reader, word))


def _state(reader: LogReader, device: Device) -> str:
    if device.revoked is None:
        return "valid"
    good = f", last good {device.last_good[:12]}" if device.last_good else ""
    return f"revoked ({device.reason}{good}) since {_by(reader, device.revoked)}"


def _missing(reader: LogReader, word: Word) -> str:
    reason = f" ({word.reason})" if word.reason else ""
    return (
        f"Waiting: {who(reader.store, word.said.by)} said in {_entry(word.said)} that the key of {word.device!r}, "
        f"{word.key}, is {_ACTS[word.act]}{reason}: {word.have} of {word.needed} recovery parties have said so"
    )


def _by(reader: LogReader, said: Said) -> str:
    signer = f"its {said.with_device!r}" if said.with_device else who(reader.store, said.by)
    agreed = f" and {', '.join(one[:12] for one in said.agreed)}" if said.agreed else ""
    return f"{_entry(said)}{agreed}, by {signer}"


def _entry(said: Said) -> str:
    return f"entry {said.entry} of {said.registered_at:%Y-%m-%d} ({said.statement[:12]})"


def _as_json(found: Devices) -> dict[str, Any]:
    party = found.party
    return {
        "id": party.id,
        "name": party.name,
        "kind": party.kind,
        "country": party.country,
        "enrolled": _said_as_json(found.enrolled),
        "devices": [
            {
                "device": one.name,
                "key": one.key,
                "valid": one.revoked is None,
                "added": _said_as_json(one.added),
                "revoked": _said_as_json(one.revoked) if one.revoked else None,
                "reason": one.reason,
                "last_good": one.last_good,
            }
            for one in found.devices
        ],
        "recovery": {"parties": party.recovery, "needed": party.recovery_needed},
        "waiting": [
            {
                "type": one.act,
                "key": one.key,
                "device": one.device,
                "reason": one.reason,
                "said": _said_as_json(one.said),
                "have": one.have,
                "needed": one.needed,
            }
            for one in found.waiting
        ],
    }


def _said_as_json(said: Said) -> dict[str, Any]:
    return said._asdict() | {"registered_at": said.registered_at.isoformat()}
