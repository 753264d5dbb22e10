"""The read models kept up to the log by a process of their own, so that the server's interpreter is left to answer.

Telling a large contract takes seconds of Python; beside it in one interpreter, whoever registers a statement waits.
The process runs at a lower priority. It says on stdout, a JSON object a line, how far the log is told or what fault it
met, and ends when its stdin does.

    python -m ledger.views.apart LOG-FOLDER
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

from ledger.errors import LogError
from ledger.log.reader import LogReader
from ledger.units import TreeSize
from ledger.views.refresher import Refresher
from ledger.views.scenes import Views

_NICENESS: Final = 10
_PAUSE_AFTER_END_S: Final = 5.0


class RefresherApart:
    """Runs the process until it is stopped, and starts it again should it end."""

    def __init__(self, folder: Path, told: Callable[[TreeSize], None], faulty: Callable[[str], None]) -> None:
        """`told` is called with how far the log is told, `faulty` with each fault in words."""
        self._folder = folder
        self._told = told
        self._faulty = faulty
        self._stopping = threading.Event()
        self._lock = threading.Lock()  # guards _process: one that starts beside a stop is stopped too
        self._process: subprocess.Popen[str] | None = None
        self._thread = threading.Thread(target=self._run, name="views", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Let it end what it is at, and wait for that."""
        with self._lock:
            self._stopping.set()
            if self._process and self._process.stdin:
                self._process.stdin.close()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                process = self._start()
            except OSError as error:
                self._faulty(str(error))
            else:
                if process is None:
                    return
                with process:
                    self._listen(process)
            if not self._stopping.is_set():
                self._faulty("the process that keeps the views has ended; it is started again")
            self._stopping.wait(_PAUSE_AFTER_END_S)

    def _start(self) -> subprocess.Popen[str] | None:
        command = [sys.executable, "-P", "-m", "ledger.views.apart", str(self._folder)]
        with self._lock:
            if self._stopping.is_set():
                return None
            self._process = subprocess.Popen(  # noqa: S603  # ourselves
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            )
            return self._process

    def _listen(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout
        for line in process.stdout:
            with suppress(ValueError):  # a line cut off by its end
                said = json.loads(line)
                if "fault" in said:
                    self._faulty(said["fault"])
                else:
                    self._told(TreeSize(said["told"]))


def keep(folder: Path) -> None:
    """Keep the views of a log until stdin ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal's is meant for the server, which ends this one
    os.nice(_NICENESS)
    threading.excepthook = _end  # a refresher that has died of a bug tells nothing any more: start anew
    views = Views(folder)
    refresher = Refresher(
        views,
        lambda: LogReader.open(folder),
        lambda error: _say(fault=str(error)),
        lambda size: _say(told=int(size)),
    )
    sys.stdin.read()
    refresher.stop()


def _end(died: threading.ExceptHookArgs) -> None:
    threading.__excepthook__(died)
    os._exit(1)


def _say(**said: int | str) -> None:
    with suppress(OSError):  # nobody listens any more, and stdin says so
        print(json.dumps(said), flush=True)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise LogError(f"{len(sys.argv) - 1} arguments", expected="the log's folder")
    keep(Path(sys.argv[1]))
