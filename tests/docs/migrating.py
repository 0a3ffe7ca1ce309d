"""A program that runs the page on migrating with whichever package its interpreter imports as ``lightfield``.

It runs the snippets of the page, which need a sandbox named by ``LIGHTFIELD_BASE_URL`` and ``LIGHTFIELD_API_KEY``.
Then it evaluates the examples in ``differences.toml`` and compares the results with those in the file.
"""

import ast
import json
import re
import sys
import threading
import time
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import import_module
from pathlib import Path

HERE = Path(__file__).parent
PAGE = HERE.parents[1] / "docs" / "migrating.md"
SNIPPET = re.compile(r"^```python\n(.*?)^```$", re.DOTALL | re.MULTILINE)

ACCOUNT: dict[str, object] = {
    "id": "acc_1",
    "createdAt": "2026-05-01T16:00:00.000Z",
    "fields": {},
    "relationships": {},
}
NOT_FOUND = b'{"error":{"type":"not_found","message":"Gone."}}'


@dataclass
class Sent:
    """A request that an ``Answers`` received."""

    headers: Message
    body: bytes


@dataclass
class Answer:
    """An answer; after ``pause`` seconds come its headers, after as many its first byte, and so on for the rest."""

    status: int
    body: bytes
    headers: Mapping[str, str]
    pause: float = 0.0


class Answers(ThreadingHTTPServer):
    """An HTTP server that answers each request with the next of the answers it was given, and the last for ever."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.queue: list[Answer] = []
        self.sent: list[Sent] = []
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def __call__(
        self, status: int = 200, document: bytes | dict[str, object] | None = None, pause: float = 0.0, **headers: str
    ) -> None:
        """Add an answer: an account with other members or further ones, or bytes as they are."""
        body = document if isinstance(document, bytes) else json.dumps(ACCOUNT | (document or {})).encode()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.queue.append(Answer(status, body, {"Content-Type": "application/json"} | named, pause))

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()

    def handle_error(self, request: object, client_address: object) -> None:
        """Stay silent about clients that go away."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def _answer(self) -> None:
        assert isinstance(self.server, Answers)
        self.server.sent.append(Sent(self.headers, self.rfile.read(int(self.headers.get("Content-Length") or 0))))
        queue = self.server.queue
        answer = queue.pop(0) if len(queue) > 1 else queue[0]
        self.send_response(answer.status)
        for name, value in {**answer.headers, "Content-Length": str(len(answer.body))}.items():
            self.send_header(name, value)
        time.sleep(answer.pause)
        self.end_headers()
        for piece in (answer.body[:1], answer.body[1:]) if answer.pause else (answer.body,):
            time.sleep(answer.pause)
            self.wfile.write(piece)

    do_GET = do_POST = do_PUT = _answer  # noqa: N815

    def log_message(self, format: str, *args: object) -> None:
        """Stay silent."""


def snippets() -> Iterator[tuple[int, str]]:
    """Yield the line and the code of each snippet of the page."""
    text = PAGE.read_text("utf-8")
    for found in SNIPPET.finditer(text):
        yield text[: found.start(1)].count("\n"), found[1]


def run_snippets() -> None:
    """Run the snippets of the page in order, in one namespace."""
    namespace: dict[str, object] = {"__name__": "snippet"}
    for line, code in snippets():
        exec(compile("\n" * line + code, str(PAGE), "exec"), namespace)


def differences() -> dict[str, list[dict[str, str]]]:
    """Return the examples of each heading."""
    return tomllib.loads((HERE / "differences.toml").read_text("utf-8"))


def evaluate(code: str) -> str:
    """Return the repr of what the last line evaluates to, or the name of the exception that the code raises."""
    lightfield, key = import_module("lightfield"), "sk_lf_..."
    *statements, last = ast.parse(code).body
    assert isinstance(last, ast.Expr)
    with Answers() as answer, lightfield.Lightfield(api_key=key, base_url=answer.url) as client:
        names = {"lightfield": lightfield, "answer": answer, "key": key, "client": client, "NOT_FOUND": NOT_FOUND}
        try:
            exec(compile(ast.Module(statements, []), "example", "exec"), names)
            return repr(eval(compile(ast.Expression(last.value), "example", "eval"), names))
        except Exception as error:  # noqa: BLE001
            return type(error).__name__


def deviations(side: str) -> Iterator[str]:
    """Yield the examples that do not evaluate to what the file says for a side."""
    for heading, examples in differences().items():
        for example in examples:
            result = evaluate(example["code"])
            if result != example[side]:
                yield f"{side}: {heading}: {result} rather than {example[side]}\n{example['code'].strip()}"


def names() -> dict[str, list[str]]:
    """Return the public names of the package and of the objects that a program handles."""
    lightfield = import_module("lightfield")
    with Answers() as answer, lightfield.Lightfield(api_key="sk_lf_...", base_url=answer.url) as client:
        answer()
        handled = {"client": client, "async client": lightfield.AsyncLightfield(api_key="sk_lf_...")}
        handled["response"] = client.account.with_raw_response.retrieve("acc_1")
        with client.account.with_streaming_response.retrieve("acc_1") as streaming:
            handled |= {"streaming response": streaming, "async response": lightfield.AsyncAPIResponse}
        answer.queue = [Answer(404, NOT_FOUND, {"Content-Type": "application/json"})]
        try:
            client.account.retrieve("acc_1")
        except lightfield.NotFoundError as error:
            handled["error"] = error
    found = {name: [member for member in dir(value) if not member.startswith("_")] for name, value in handled.items()}
    types = [name for name in dir(import_module("lightfield.types")) if name[0].isupper()]
    package = [name for name in dir(lightfield) if not name.startswith("_")]
    package += [name for name in ("__title__", "__version__") if hasattr(lightfield, name)]
    return {"package": package, "types": types, **found}


def main(side: str) -> int:
    """Run everything for one side, ``official`` or ``here``, and return 0 if all is as the page says."""
    if side == "names":
        print(json.dumps(names()))  # noqa: T201 # its result
        return 0
    run_snippets()
    found = list(deviations(side))
    total = sum(map(len, differences().values()))
    print(*found, f"{side}: {len(found)} of {total} examples are not as the page says", sep="\n")  # noqa: T201
    return bool(found)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
