"""A client of the Language Server Protocol for the tests: it starts `p4bpf lsp`, speaks, and keeps what comes back."""
import json
import os
import pathlib
import queue
import subprocess
import sys
import tempfile
import threading
import traceback

ROOT = pathlib.Path(__file__).resolve().parents[2]
P4BPF = os.environ.get("P4BPF", str(ROOT / "build/quick/p4bpf"))
PATIENCE = 30  # seconds for an answer; many times what any takes


def units(text):
    """Length in UTF-16 code units."""
    return len(text.encode("utf-16-le")) // 2


def place(text, needle, nth=0, offset=0):
    """The position of the nth occurrence of `needle`, `offset` characters behind its beginning."""
    at = -1
    for _ in range(nth + 1):
        at = text.index(needle, at + 1)
    before = text[:at + offset]
    line = before.count("\n")
    return {"line": line, "character": units(before[before.rfind("\n") + 1:])}


class Refused(Exception):
    def __init__(self, error):
        super().__init__(f"{error['code']}: {error['message']}")
        self.code, self.message = error["code"], error["message"]


class Client:
    def __init__(self, initialize=True, options=None, capabilities=None, root=None, env=None):
        self.process = subprocess.Popen([P4BPF, "lsp"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                        env={**os.environ, **(env or {})})
        self.messages, self.diagnostics, self.number, self.stray = queue.Queue(), {}, 0, []
        self.versions = {}
        threading.Thread(target=self._read, daemon=True).start()
        if initialize:
            self.capabilities = self.ask("initialize", {"processId": None, "rootUri": root, "capabilities": capabilities or {},
                                                        "initializationOptions": options or {}})["capabilities"]
            self.tell("initialized", {})

    def _read(self):
        out = self.process.stdout
        while True:
            length = None
            while (line := out.readline().strip()):
                if line.lower().startswith(b"content-length:"):
                    length = int(line.split(b":")[1])
            if length is None:
                return self.messages.put(None)
            self.messages.put(json.loads(out.read(length)))

    def send_bytes(self, data):
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def send(self, message):
        body = json.dumps(message, ensure_ascii=False).encode()
        self.send_bytes(b"Content-Length: %d\r\n\r\n" % len(body) + body)

    def take(self):
        """The next message; diagnostics are kept by uri."""
        message = self.messages.get(timeout=PATIENCE)
        assert message is not None, f"the server ended: {self.process.wait()} {self.process.stderr.read().decode()}"
        if message.get("method") == "textDocument/publishDiagnostics":
            self.diagnostics[message["params"]["uri"]] = message["params"]["diagnostics"]
        return message

    def ask(self, method, params=None):
        self.number += 1
        self.send({"jsonrpc": "2.0", "id": self.number, "method": method, "params": params if params is not None else {}})
        while (message := self.take()).get("id") != self.number or "method" in message:
            self.stray.append(message)
        if "error" in message:
            raise Refused(message["error"])
        return message["result"]

    def tell(self, method, params=None):
        self.send({"jsonrpc": "2.0", "method": method, "params": params if params is not None else {}})

    def open(self, uri, text):
        self.versions[uri] = 1
        self.tell("textDocument/didOpen", {"textDocument": {"uri": uri, "languageId": "p4", "version": 1, "text": text}})

    def change(self, uri, *changes):
        self.versions[uri] += 1
        self.tell("textDocument/didChange", {"textDocument": {"uri": uri, "version": self.versions[uri]}, "contentChanges": list(changes)})

    def at(self, method, uri, position, **more):
        return self.ask("textDocument/" + method, {"textDocument": {"uri": uri}, "position": position, **more})

    def of(self, method, uri, **more):
        return self.ask("textDocument/" + method, {"textDocument": {"uri": uri}, **more})

    def settle(self, uri, wanted):
        """Waits until the diagnostics of `uri` are such that wanted(codes) holds; the codes."""
        codes = lambda: [one["code"] for one in self.diagnostics.get(uri, [])]
        while uri not in self.diagnostics or not wanted(codes()):
            self.take()
        return codes()

    def end(self, shutdown=True):
        if shutdown:
            self.ask("shutdown")
        self.tell("exit")
        return self.process.wait(timeout=PATIENCE)


class Folder:
    """A temporary folder with files; uri(name) names one."""

    def __init__(self, **files):
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="p4bpf-lsp-"))
        for name, text in files.items():
            self.write(name.replace("__", "."), text)

    def write(self, name, text):
        (self.path / name).parent.mkdir(parents=True, exist_ok=True)
        (self.path / name).write_text(text)

    def uri(self, name):
        return "file://" + str(self.path / name)


def run_all(module):
    """Runs the test_* functions; the last line counts them."""
    passed = failed = 0
    for name, test in list(vars(module).items()):
        if not name.startswith("test_"):
            continue
        try:
            test()
            passed += 1
        except Exception:  # noqa: BLE001
            failed += 1
            print(f"FAIL {name}\n{traceback.format_exc()}")
    print(f"{passed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0
