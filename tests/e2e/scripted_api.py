"""A scripted Messages API on loopback: it answers with prepared turns and keeps every request it was sent."""

from __future__ import annotations

import itertools
import json
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Block = dict[str, Any]
USAGE = {"input_tokens": 10, "output_tokens": 10}


def text(words: str) -> Block:
    """Return one text block of a turn."""
    return {"type": "text", "text": words}


def tool(name: str, **given: Any) -> Block:
    """Return one tool call of a turn."""
    return {"type": "tool_use", "name": name, "input": given}


class ScriptedApi(ThreadingHTTPServer):
    """Answer requests that carry tools from a script: the main thread's, and one for each subagent by its prompt."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.lock = threading.Lock()
        self.numbers = itertools.count(1)
        self.turns: Iterator[list[Block]] = iter(())
        self.agents: dict[str, Iterator[list[Block]]] = {}
        self.requests: list[dict[str, Any]] = []
        self.without_tools = '{"title": "a scripted session"}'

    @property
    def url(self) -> str:
        """Return the address for ANTHROPIC_BASE_URL."""
        return f"http://127.0.0.1:{self.server_port}"

    def play(self, turns: Iterable[list[Block]], agents: dict[str, list[list[Block]]] | None = None) -> None:
        """Start a new script; `agents` maps a word of a subagent's prompt to that subagent's turns."""
        with self.lock:
            self.turns = iter(list(turns))
            self.agents = {word: iter(script) for word, script in (agents or {}).items()}
            self.requests = []

    def next_turn(self, body: dict[str, Any]) -> list[Block]:
        """Return the turn for a request and keep the request."""
        with self.lock:
            body["_agent"] = next((word for word in self.agents if word in first_prompt(body)), None)
            self.requests.append(body)
            if not body.get("tools"):
                return [text(self.without_tools)]
            script = self.turns if body["_agent"] is None else self.agents[body["_agent"]]
            turn = next(script, [text("Done.")])
            number = next(self.numbers)
            return [
                {**block, "id": block.get("id", f"toolu_{number:020d}{place:02d}")}
                if block["type"] == "tool_use"
                else block
                for place, block in enumerate(turn)
            ]


def first_prompt(body: dict[str, Any]) -> str:
    """Return the text of a request's first message, which for a subagent holds its task."""
    messages = body.get("messages") or [{}]
    return json.dumps(messages[0].get("content", ""), ensure_ascii=False)


def told(body: dict[str, Any]) -> str:
    """Return every text that a request puts before the model: messages, results and system prompt, not the tools."""
    return "\n".join(strings({"system": body.get("system"), "messages": body.get("messages")}))


def strings(value: Any) -> Iterator[str]:
    """Yield every string inside a JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from strings(inner)


def stream(message: dict[str, Any], turn: list[Block], stop: str) -> Iterator[dict[str, Any]]:
    """Yield a turn as the events of a streamed answer."""
    yield {"type": "message_start", "message": {**message, "content": [], "stop_reason": None}}
    for index, block in enumerate(turn):
        if block["type"] == "text":
            opened, delta = text(""), {"type": "text_delta", "text": block["text"]}
        else:
            opened = {**block, "input": {}}
            delta = {"type": "input_json_delta", "partial_json": json.dumps(block["input"])}
        yield {"type": "content_block_start", "index": index, "content_block": opened}
        yield {"type": "content_block_delta", "index": index, "delta": delta}
        yield {"type": "content_block_stop", "index": index}
    yield {"type": "message_delta", "delta": {"stop_reason": stop, "stop_sequence": None}, "usage": USAGE}
    yield {"type": "message_stop"}


class Answer(BaseHTTPRequestHandler):
    """One HTTP exchange."""

    protocol_version = "HTTP/1.1"
    server: ScriptedApi

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Stay silent; the requests are kept instead."""

    def send(self, body: bytes, kind: str = "application/json") -> None:
        self.send_response(200)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_HEAD(self) -> None:
        self.send(b"")

    def do_GET(self) -> None:
        self.send(b"{}")

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers.get("content-length") or 0))
        if "count_tokens" in self.path:
            return self.send(b'{"input_tokens": 100}')
        if "/v1/messages" not in self.path:
            return self.send(b"{}")
        body = json.loads(raw)
        turn = self.server.next_turn(body)
        stop = "tool_use" if any(block["type"] == "tool_use" for block in turn) else "end_turn"
        message = {
            "id": f"msg_{next(self.server.numbers):024d}",
            "type": "message",
            "role": "assistant",
            "model": body.get("model"),
            "content": turn,
            "stop_reason": stop,
            "stop_sequence": None,
            "usage": USAGE,
        }
        if not body.get("stream"):
            return self.send(json.dumps(message).encode())
        events = (f"event: {event['type']}\ndata: {json.dumps(event)}\n\n" for event in stream(message, turn, stop))
        return self.send("".join(events).encode(), "text/event-stream")


@contextmanager
def serving() -> Iterator[ScriptedApi]:
    """Run a scripted API for the time of a test."""
    api = ScriptedApi()
    thread = threading.Thread(target=api.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield api
    finally:
        api.shutdown()
        api.server_close()
        thread.join()
