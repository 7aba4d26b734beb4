# SPDX-License-Identifier: Apache-2.0
"""Asking file systems for their figures when one of them may never answer.

statvfs(2) on a network file system whose server is gone sleeps in the kernel and cannot be interrupted. The question
is therefore asked in a thread that may be left behind: what hangs costs one sleeping thread until it answers, and
is not asked again before. The others are asked meanwhile, and what was only slow is taken at the end.
"""

import os
import queue
import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from giamsat_wire.clock import Clock

LEFT_BEHIND_MOST: Final = 16
"""Threads that may sleep in hung file systems at one time; past that, nothing is asked until one of them answers."""
SOON_S: Final = 0.02
"""How long the next file system waits for the one before it; they answer in microseconds."""

Question = Callable[[str], os.statvfs_result]


class _Worker:
    """A thread that answers one path after another until it is told to end."""

    def __init__(self, question: Question) -> None:
        self._question = question
        self.paths: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self.answers: queue.SimpleQueue[os.statvfs_result | None] = queue.SimpleQueue()
        # A daemon thread, because a sleeping one must not keep the agent from ending.
        threading.Thread(target=self._run, name="mount-probe", daemon=True).start()

    def _run(self) -> None:
        while (path := self.paths.get()) is not None:
            try:
                self.answers.put(self._question(path))
            except OSError:
                self.answers.put(None)


class MountProbe:
    """Asks about many file systems within one time limit."""

    def __init__(self, clock: Clock, question: Question = os.statvfs) -> None:
        self._clock = clock
        self._question = question
        self._worker: _Worker | None = None
        self._left_behind: dict[str, _Worker] = {}

    def ask(self, paths: Iterable[str], *, wait_s: float) -> Mapping[str, os.statvfs_result]:
        """The answer for each path that gave one; those that failed, hang or came too late are missing."""
        until_ns = self._clock.mono_ns() + round(wait_s * 1e9)
        self._forget_those_that_answered()
        answers: dict[str, os.statvfs_result] = {}
        slow = []
        for path in paths:
            if path in self._left_behind or len(self._left_behind) >= LEFT_BEHIND_MOST:
                continue
            worker = self._left_behind[path] = self._worker or _Worker(self._question)
            self._worker = None
            worker.paths.put(path)
            if not self._answered(path, min(self._left_ns(until_ns), round(SOON_S * 1e9)), answers):
                slow.append(path)
        for path in slow:
            self._answered(path, self._left_ns(until_ns), answers)
        return answers

    def _answered(self, path: str, wait_ns: int, answers: dict[str, os.statvfs_result]) -> bool:
        """Whether a file system that was asked answers within this time; its thread then answers others."""
        worker = self._left_behind[path]
        try:
            answer = worker.answers.get(timeout=wait_ns / 1e9)
        except queue.Empty:
            return False
        del self._left_behind[path]
        if self._worker is None:
            self._worker = worker
        else:
            worker.paths.put(None)
        if answer is not None:
            answers[path] = answer
        return True

    def _left_ns(self, until_ns: int) -> int:
        return max(0, until_ns - self._clock.mono_ns())

    def _forget_those_that_answered(self) -> None:
        for path, worker in list(self._left_behind.items()):
            if not worker.answers.empty():
                worker.paths.put(None)
                del self._left_behind[path]
