"""`tally demo`: the worked example told on a terminal, on a real log in a fresh folder, and what to try on it."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated

import typer

from cli.common import JsonOption
from cli.output import print_json, say
from cli.render import contract_as_json, finding_as_json, show_contract, show_findings
from ledger.audit.gather import make_bundle
from ledger.audit.verify import verify_bundle
from ledger.audit.whole import audit_log
from ledger.durable import write_durably
from ledger.errors import TallyError
from ledger.keystore import KeyStore
from ledger.log.folder import LogFolder
from ledger.log.log import Log, create_log
from ledger.log.reader import LogReader
from ledger.log.writer import Outcome, Registered
from ledger.proof.note import VerifierKey, format_vkey
from ledger.rules.records import Receipt
from ledger.scenario.demo_a import EXPECTED, demo_a
from ledger.scenario.story import Chapter, Expect, Story
from ledger.trace.up import trace_up

_MARKER = "made-by-tally-demo"
_PASSPHRASE = b"everybody knows this passphrase"
_DEMO_FOLDER = Path("tally-demo")


def demo(
    *,
    folder: Annotated[
        Path, typer.Option("--dir", help="The folder to make; an earlier demo in it is replaced.")
    ] = _DEMO_FOLDER,
    as_json: JsonOption = False,
) -> None:
    """200,000 face shields from 42 makers: the contract, its incidents, the audit, a delivery verified offline."""
    started = time.perf_counter()
    tell = _quiet if as_json else say
    story = demo_a()
    _fresh(folder)
    log = folder / "log"
    now = [int(story.opened_at.timestamp())]
    create_log(log, story.operator, story.policy, story.opened_at.isoformat(), lambda: now[0])
    _save_keys(story, folder)
    tell(f"{story.title}\n")
    with Log.open(log, story.operator, clock=lambda: now[0]) as opened:
        for number, chapter in enumerate(story.chapters, 1):
            now[0] = int(chapter.at.timestamp())
            tell(f"{number}. {chapter.title}  ({chapter.at:%d %B %Y})")
            tell(f"   {chapter.told}")
            for line in _answers(chapter, opened.append(chapter.statements)):
                tell(f"   {line}")
    with LogReader.open(log) as reader:
        found = audit_log(reader, LogFolder(log).mark, as_of=EXPECTED.as_of)
        [audited] = found.contracts
        receipt = _a_receipt(audited.situation.receipts.values())
        path = trace_up(audited.situation, receipt.id)
        bundle = make_bundle(reader, receipt.id)
        key = reader.vkey
    write_durably(folder / "delivery.bundle", bundle)
    verified = verify_bundle(bundle, key)
    place = len(bundle) // 2
    flipped = bundle[:place] + bytes([bundle[place] ^ 1]) + bundle[place + 1 :]
    write_durably(folder / "flipped.bundle", flipped)
    refusal = _refusal(flipped, key)
    seconds = time.perf_counter() - started
    if as_json:
        print_json(
            {
                "folder": str(folder),
                "vkey": format_vkey(key),
                "size": found.checked.size,
                "seconds": round(seconds, 2),
                "contract": contract_as_json(audited.situation),
                "findings": [finding_as_json(finding) for finding in found.findings],
                "bundle": {
                    "claim": verified.claim,
                    "statements": len(verified.statements),
                    "bytes": len(bundle),
                },
                "flipped": refusal,
            }
        )
        return
    show_contract(audited.situation)
    say(f"\nAs of {EXPECTED.as_of:%d %B %Y}:")
    show_findings(found.findings)
    say("\nOne delivery, as evidence: every statement it rests on, one proof, one checkpoint.")
    say(f"   {path[-1].says}")
    say(
        f"   {len(verified.statements)} statements in {len(bundle):,} bytes: VERIFIED offline with the log's key."
    )
    say(f"   One bit of byte {place:,} flipped: {refusal}")
    _what_next(folder, story, receipt, format_vkey(key), seconds)


def _quiet(_text: str) -> None:
    return None


def _fresh(folder: Path) -> None:
    """Make the folder; only one that an earlier demo made is replaced."""
    if folder.exists():
        if not (folder / _MARKER).is_file():
            raise TallyError(f"{folder} exists and no demo made it", hint="choose another folder with --dir")
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    (folder / _MARKER).write_text("`tally demo` made this folder and replaces it.\n")


def _save_keys(story: Story, folder: Path) -> None:
    """Keep some of the story's keys, so that every command can be tried as these parties."""
    store = KeyStore(folder / "keys")
    write_durably(folder / "passphrase", _PASSPHRASE + b"\n", mode=0o600)
    store.add("log", story.operator, _PASSPHRASE)
    for name, actor in story.keys.items():
        key = store.add(name, actor.signer, _PASSPHRASE)
        if actor.head is not None:
            store.advance(key, actor.head)


def _answers(chapter: Chapter, outcomes: Sequence[Outcome]) -> list[str]:
    """What the log answered; a story that does not go as it is told is our own fault."""
    new = [one for one in outcomes if isinstance(one, Registered) and one.new]
    known = [one for one in outcomes if isinstance(one, Registered) and not one.new]
    refused = [one for one in outcomes if isinstance(one, TallyError)]
    told = {Expect.REGISTERED: len(new), Expect.REPEATED: len(known), Expect.REFUSED: len(refused)}
    assert told[chapter.expect] == len(outcomes), f"{chapter.title}: {outcomes}"
    lines = []
    if new:
        lines.append(f"registered: {len(new)} statement{'s' if len(new) > 1 else ''}")
    lines.extend(f"registered before, at index {one.index}: nothing changed" for one in known)
    lines.extend(line for one in refused for line in f"REFUSED {one.diagnostics()}".splitlines())
    return [*lines, ""]


def _a_receipt(receipts: Iterable[Receipt]) -> Receipt:
    """The first receipt on which everything arrived in good order, of a waybill of several lots if there is one."""
    good = [
        receipt
        for receipt in receipts
        if all(goods.lot and not (goods.damaged or goods.short or goods.excess) for goods in receipt.goods)
    ]
    return max(good, key=lambda receipt: (len(receipt.goods), receipt.id))


def _refusal(data: bytes, key: VerifierKey) -> str:
    try:
        verify_bundle(data, key)
    except TallyError as error:
        return f"NOT VERIFIED: {error.found}"
    raise AssertionError("a changed bundle verifies")


def _what_next(folder: Path, story: Story, receipt: Receipt, vkey: str, seconds: float) -> None:
    say(f"\nAll of it is in {folder} ({seconds:.1f} s). Try:")
    activate = Path(sys.executable).with_name("activate")
    if shutil.which("tally") is None and activate.is_file():
        say(f"   . {os.path.relpath(activate)}")
    for command in (
        f"export TALLY_LOG={folder}/log TALLY_KEYS={folder}/keys TALLY_PASSPHRASE_FILE={folder}/passphrase",
        f"tally trace {story.contract[:8]}",
        f"tally trace {receipt.id[:8]}",
        f"tally verify {folder}/delivery.bundle --log-key {vkey}",
        f"tally verify {folder}/flipped.bundle --log-key {folder}/log/vkey",
        f"tally bundle {story.contract[:8]} -o {folder}/contract.bundle",
        f"tally audit --as-of {EXPECTED.as_of.isoformat()}",
        "tally fsck",
        "tally key list",
    ):
        say(f"   {command}")
