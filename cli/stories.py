"""What the demos share: a fresh folder, a log that is told a story in it, and the keys of the story's people."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Final

from cli.output import say
from ledger.durable import write_durably
from ledger.errors import TallyError
from ledger.keystore import KeyStore
from ledger.log.log import Log, create_log
from ledger.log.writer import Outcome, Registered
from ledger.scenario.story import Chapter, Expect, Story

_MARKER: Final = "made-by-tally-demo"
_PASSPHRASE: Final = b"everybody knows this passphrase"


def fresh(folder: Path) -> None:
    """Make the folder; only one that an earlier demo made is replaced."""
    if folder.exists():
        if not (folder / _MARKER).is_file():
            raise TallyError(f"{folder} exists and no demo made it", hint="choose another folder with --dir")
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    (folder / _MARKER).write_text("`tally demo` made this folder and replaces it.\n")


def tell(
    story: Story,
    folder: Path,
    answered: Callable[[Chapter, Sequence[Outcome]], None],
    progress: Callable[[int], None] = lambda _done: None,
) -> Path:
    """Make the log and hand it every chapter at its time; answers its folder. The keys are saved beside it.

    A story that does not go as it is told is our own fault.
    """
    log = folder / "log"
    now = int(story.opened_at.timestamp())
    create_log(log, story.operator, story.policy, story.opened_at.isoformat(), lambda: now)
    _save_keys(story, folder)
    with Log.open(log, story.operator, clock=lambda: now) as opened:
        for chapter in story.chapters:
            now = int(chapter.at.timestamp())
            outcomes = opened.append(chapter.statements, progress)
            assert _as_told(chapter, outcomes), f"{chapter.title}: {outcomes}"
            answered(chapter, outcomes)
    return log


def say_what_next(folder: Path, seconds: float, commands: Iterable[str]) -> None:
    """What may be tried on the folder, beginning with where the commands find it."""
    say(f"\nAll of it is in {folder} ({seconds:.1f} s). Try:")
    activate = Path(sys.executable).with_name("activate")
    if shutil.which("tally") is None and activate.is_file():
        say(f"   . {os.path.relpath(activate)}")
    say(
        f"   export TALLY_LOG={folder}/log TALLY_KEYS={folder}/keys TALLY_PASSPHRASE_FILE={folder}/passphrase"
    )
    for command in commands:
        say(f"   {command}")


def _as_told(chapter: Chapter, outcomes: Sequence[Outcome]) -> bool:
    if chapter.expect is Expect.REFUSED:
        return all(isinstance(one, TallyError) for one in outcomes)
    new = chapter.expect is Expect.REGISTERED
    return all(isinstance(one, Registered) and one.new == new for one in outcomes)


def _save_keys(story: Story, folder: Path) -> None:
    """Keep some of the story's keys, so that every command can be tried as these parties."""
    store = KeyStore(folder / "keys")
    write_durably(folder / "passphrase", _PASSPHRASE + b"\n", mode=0o600)
    store.add("log", story.operator, _PASSPHRASE)
    for name, actor in story.keys.items():
        key = store.add(name, actor.device.signer, _PASSPHRASE, actor.party)
        if actor.device.head is not None:
            store.advance(key, actor.device.head)
