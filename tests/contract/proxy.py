"""A listener between a driver and a server, which can cut the line: at once, or just when a commit has been sent and not yet answered."""

import socket
import threading
from contextlib import suppress

COMMIT = b"\x00\x02\xb0\x12\x00\x00"  # the Bolt message


class Proxy:
    """Forwards to a server on this machine until it is closed; `said` is all that clients have sent."""

    def __init__(self, port: int) -> None:
        self._target = ("127.0.0.1", port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._lines: list[socket.socket] = []
        self.said = bytearray()
        self.instead: dict[bytes, bytes] = {}  # words of the server that clients hear otherwise, of the same length
        self.cut_at = COMMIT
        self.commits_to_cut = 0
        self.cuts = 0
        threading.Thread(target=self._listen, daemon=True).start()

    @property
    def address(self) -> str:
        return f"bolt://127.0.0.1:{self._listener.getsockname()[1]}"

    def cut(self) -> None:
        """Every line is cut; new ones can be made."""
        lines, self._lines = self._lines, []
        for line in lines:
            _shut(line)
        self.cuts += 1

    def close(self) -> None:
        _shut(self._listener)
        self.cut()

    def __enter__(self) -> "Proxy":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _listen(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
                far = socket.create_connection(self._target)
            except OSError:
                return
            self._lines += [near, far]
            for source, sink, heard in ((near, far, self.said), (far, near, None)):
                threading.Thread(target=self._forward, args=(source, sink, heard), daemon=True).start()

    def _forward(self, source: socket.socket, sink: socket.socket, heard: bytearray | None) -> None:
        try:
            while data := source.recv(65536):
                for said, told in self.instead.items():
                    data = data.replace(said, told)
                if heard is not None:
                    heard += data
                    if self.commits_to_cut and self.cut_at in data:
                        self.commits_to_cut -= 1
                        self.cuts += 1
                        _shut(source)  # first, so that the answer finds nobody
                        sink.sendall(data)
                        sink.shutdown(socket.SHUT_WR)
                        return
                sink.sendall(data)
        except OSError:
            pass
        finally:
            _shut(source)
            if heard is None:
                _shut(sink)


def _shut(line: socket.socket) -> None:
    with suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)
    line.close()
