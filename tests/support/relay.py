# SPDX-License-Identifier: Apache-2.0
"""A TCP relay between two ends on loopback: it keeps what the client sends, and cuts or freezes the line when told to.

A frozen line is half open: what either end sends is taken and goes nowhere, and neither is told.
"""

import contextlib
import socket
import threading
import time


class Relay:
    """Listens on `port` and passes everything on to `target`.

    Of what the client says at most `said_bytes`, of what is answered at most `answer_bytes`; then the line is cut, so
    often as `times` says. Either way takes `delay_s`, and up to twice that where something is under way already.
    """

    def __init__(self, target, answer_bytes=None, said_bytes=None, times=None, delay_s=0):
        self._delay_s = delay_s
        self._answer_bytes, self._said_bytes, self._times = answer_bytes, said_bytes, times
        self.cuts = 0
        self.heard = bytearray()
        self._target = target
        self._open, self._copying = [], []
        self._dead, self._freezes = set(), False
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        self._accepting.start()

    def cut(self):
        """End every connection that is open, in both directions."""
        for each in self._open:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def freeze(self):
        """From now on nothing passes on any line that is open, or that is opened before the `thaw`."""
        self._freezes = True
        self._dead.update(self._open)

    def thaw(self):
        """Lines that are opened from now on pass everything; the others stay as they are."""
        self._freezes = False

    def close(self):
        """Cut, and listen no more."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._accepting.join()
        self.cut()
        for thread in self._copying:
            thread.join()
        for each in (self._listener, *self._open):
            each.close()

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self._target))
            self._open += [client, server]
            if self._freezes:
                self._dead.update((client, server))
            for source, sink, keep in ((client, server, True), (server, client, False)):
                thread = threading.Thread(target=self._copy, args=(source, sink, keep), daemon=True)
                self._copying.append(thread)
                thread.start()

    def _copy(self, source, sink, keep):
        left = self._said_bytes if keep else self._answer_bytes
        if self._times is not None and self.cuts >= self._times:
            left = None
        with contextlib.suppress(OSError):
            while data := source.recv(65_536):
                if source in self._dead:
                    continue
                time.sleep(self._delay_s)
                if keep:
                    self.heard += data
                if left is not None and len(data) > left:
                    sink.sendall(data[:left])
                    self.cuts += 1
                    self.cut()
                    return
                left = None if left is None else left - len(data)
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
