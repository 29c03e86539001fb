"""The yaml-language-server of npm, spoken to as an editor does: JSON-RPC over standard input and output."""

import json
import os
import queue
import shutil
import subprocess
import threading
from pathlib import Path
from typing import Any

from tests.missing import missing

FOLDER = Path(__file__).parent


def installed() -> list[str]:
    """The command that starts the server, installed from the lock file if it is not there yet."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        missing("node and npm are not installed")
    server = FOLDER / "node_modules" / "yaml-language-server" / "bin" / "yaml-language-server"
    if not server.is_file():
        done = subprocess.run([npm, "ci", "--silent"], cwd=FOLDER, capture_output=True, text=True, timeout=300)
        if done.returncode:
            missing(f"the language server cannot be installed: {done.stderr[-2000:]}")
    return [node, str(server), "--stdio"]


class LanguageServer:
    """One running server; a context manager."""

    def __init__(self, root: Path, schemas: dict[str, str]) -> None:
        self._settings = {
            "yaml": {"schemas": schemas, "completion": True, "hover": True, "validate": True,
                     "schemaStore": {"enable": False}, "format": {"enable": False}},
            "http": {"proxy": "", "proxyStrictSSL": False},
        }  # fmt: skip
        self._process = subprocess.Popen(installed(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=root)
        self._answers: queue.Queue[dict[str, Any]] = queue.Queue()
        self.diagnostics: dict[str, queue.Queue[list[dict[str, Any]]]] = {}
        self._next = 0
        self._versions = 0
        threading.Thread(target=self._read, daemon=True).start()
        folders = [{"uri": root.as_uri(), "name": root.name}]
        capabilities = {
            "textDocument": {"completion": {"completionItem": {"snippetSupport": True}}, "hover": {}},
            "workspace": {"configuration": True, "workspaceFolders": True},
        }
        self.ask(
            "initialize",
            {
                "processId": os.getpid(),
                "rootUri": root.as_uri(),
                "workspaceFolders": folders,
                "capabilities": capabilities,
            },
        )
        self._tell("initialized", {})
        self._tell("workspace/didChangeConfiguration", {"settings": self._settings})

    def __enter__(self) -> "LanguageServer":
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()

    def open(self, uri: str, text: str) -> None:
        """Open a document, as if it had just been typed."""
        self._versions += 1
        self.diagnostics.setdefault(uri, queue.Queue())
        document = {"uri": uri, "languageId": "yaml", "version": self._versions, "text": text}
        self._tell("textDocument/didOpen", {"textDocument": document})

    def close(self, uri: str) -> None:
        self._tell("textDocument/didClose", {"textDocument": {"uri": uri}})

    def completions(self, uri: str, line: int, column: int) -> set[str]:
        """The labels offered with the cursor there; lines and columns from 0."""
        answer = self.ask("textDocument/completion", _at(uri, line, column))
        items = answer["items"] if isinstance(answer, dict) else answer or []
        return {item["label"] for item in items}

    def hover(self, uri: str, line: int, column: int) -> str:
        """What is shown over a word."""
        answer = self.ask("textDocument/hover", _at(uri, line, column))
        contents = (answer or {}).get("contents", "")
        return contents["value"] if isinstance(contents, dict) else str(contents)

    def problems(self, uri: str) -> list[str]:
        """The messages of the first report about a document."""
        return [one["message"] for one in self.diagnostics[uri].get(timeout=30)]

    def ask(self, method: str, params: dict[str, Any]) -> Any:
        """A request and its answer."""
        self._next += 1
        self._send({"id": self._next, "method": method, "params": params})
        while True:
            answer = self._answers.get(timeout=60)
            if answer["id"] == self._next:
                assert "error" not in answer, answer
                return answer["result"]

    def _tell(self, method: str, params: dict[str, Any]) -> None:
        self._send({"method": method, "params": params})

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self._process.stdin is not None
        self._process.stdin.write(f"Content-Length: {len(body)}\r\n\r\n".encode() + body)
        self._process.stdin.flush()

    def _read(self) -> None:
        stream = self._process.stdout
        assert stream is not None
        while header := stream.readline():
            length = int(header.split(b":")[1]) if header.lower().startswith(b"content-length") else 0
            while header.strip():
                header = stream.readline()
                if header.lower().startswith(b"content-length"):
                    length = int(header.split(b":")[1])
            self._take(json.loads(stream.read(length)))

    def _take(self, message: dict[str, Any]) -> None:
        method = message.get("method")
        if method is None:
            self._answers.put(message)
        elif method == "textDocument/publishDiagnostics":
            params = message["params"]
            self.diagnostics.setdefault(params["uri"], queue.Queue()).put(params["diagnostics"])
        elif "id" in message:
            self._send({"id": message["id"], "result": self._reply(method, message.get("params") or {})})

    def _reply(self, method: str, params: dict[str, Any]) -> Any:
        if method != "workspace/configuration":
            return None
        return [self._settings.get((item.get("section") or "").split(".")[0]) for item in params["items"]]


def _at(uri: str, line: int, column: int) -> dict[str, Any]:
    return {"textDocument": {"uri": uri}, "position": {"line": line, "character": column}}
