"""`tally demo`: the worked example told on a terminal, on a real log in a fresh folder, and what to try on it."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from itertools import count
from pathlib import Path
from textwrap import wrap
from typing import Annotated, Final

import typer

from cli.common import JsonOption
from cli.output import print_json, say
from cli.render.contract import contract_as_json, show_contract
from cli.render.evidence import finding_as_json, show_findings
from cli.scale import show_scale
from cli.stories import fresh, say_what_next, tell
from ledger.audit.gather import make_bundle
from ledger.audit.verify import verify_bundle
from ledger.audit.whole import audit_log
from ledger.durable import write_durably
from ledger.errors import TallyError
from ledger.log.folder import LogFolder
from ledger.log.reader import LogReader
from ledger.log.writer import Outcome
from ledger.proof.note import VerifierKey, format_vkey
from ledger.rules.records import Receipt
from ledger.scenario.demo_a import EXPECTED, demo_a
from ledger.scenario.demo_b import FULL
from ledger.scenario.story import Chapter, Expect, Story
from ledger.trace.up import trace_up

_DEMO_FOLDER: Final = Path("tally-demo")
_WIDTH: Final = 100
"""Of what is told, in characters."""


def demo(
    *,
    folder: Annotated[
        Path, typer.Option("--dir", help="The folder to make; an earlier demo in it is replaced.")
    ] = _DEMO_FOLDER,
    scale: Annotated[
        bool, typer.Option("--scale", help="The same contract over home makers, with the times it takes.")
    ] = False,
    makers: Annotated[
        int, typer.Option(min=1, max=99_999, help="With --scale: how many home makers.")
    ] = FULL.makers,
    as_json: JsonOption = False,
) -> None:
    """200,000 face shields from 42 makers: the contract, its incidents, the audit, a delivery verified offline."""
    if scale:
        show_scale(folder, makers, as_json=as_json)
    else:
        _show_story(folder, as_json=as_json)


def _show_story(folder: Path, *, as_json: bool) -> None:
    started = time.perf_counter()
    fresh(folder)
    story, number = demo_a(), count(1)
    if not as_json:
        say(f"{story.title}\n")
    log = tell(story, folder, _untold if as_json else lambda *told: _say_chapter(next(number), *told))
    with LogReader.open(log) as reader:
        found = audit_log(reader, LogFolder(log).mark, as_of=EXPECTED.as_of)
        [audited] = found.contracts
        receipt = _a_receipt(audited.situation.receipts.values())
        path = trace_up(audited.situation, receipt.id)
        bundle = make_bundle(reader, receipt.id)
        key = reader.vkey
    verified = verify_bundle(bundle, key)
    place = len(bundle) // 2
    flipped = bundle[:place] + bytes([bundle[place] ^ 1]) + bundle[place + 1 :]
    refusal = _refusal(flipped, key)
    write_durably(folder / "delivery.bundle", bundle)
    write_durably(folder / "flipped.bundle", flipped)
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
    say_what_next(folder, seconds, _commands(folder, story, receipt, format_vkey(key)))


def _untold(_chapter: Chapter, _outcomes: Sequence[Outcome]) -> None:
    return None


def _say_chapter(number: int, chapter: Chapter, outcomes: Sequence[Outcome]) -> None:
    statements = f"{len(outcomes)} statement{'s' if len(outcomes) > 1 else ''}"
    say(f"{number:2}. {chapter.title}  ({chapter.at:%d %B %Y}, {statements})")
    for line in wrap(chapter.told, _WIDTH):
        say(f"    {line}")
    for one in outcomes:
        if isinstance(one, TallyError):
            for line in f"REFUSED {one.diagnostics()}".splitlines():
                if not line.startswith("rests on:"):  # ids say nothing yet to who is told a story
                    say(f"    {line}")
        elif chapter.expect is Expect.REPEATED:
            say(f"    registered before, at index {one.index}: nothing changed")


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


def _commands(folder: Path, story: Story, receipt: Receipt, vkey: str) -> tuple[str, ...]:
    return (
        f"tally trace {story.contract[:8]}",
        f"tally trace {receipt.id[:8]}",
        f"tally verify {folder}/delivery.bundle --log-key {vkey}",
        f"tally verify {folder}/flipped.bundle --log-key {folder}/log/vkey",
        f"tally bundle {story.contract[:8]} -o {folder}/contract.bundle",
        f"tally audit --as-of {EXPECTED.as_of.isoformat()}",
        "tally fsck",
        "tally key list",
    )
