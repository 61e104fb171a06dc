#!/usr/bin/env python3
"""Nightdesk for bots in Python: events, logs and heartbeats, on standard output or signed over HTTPS. Python 3.9 or later, nothing else.

    from nightdesk import HttpSink, Nightdesk

    desk = Nightdesk(strategy_id="momentum-btc", account_id="main",
                     sink=HttpSink("https://…/events/momentum-btc", bot="momentum-btc", key=os.environ["NIGHTDESK_KEY"],
                                   spool_dir="/var/lib/momentum/spool"))
    desk.start_heartbeat(interval_seconds=10, describe=lambda: {"openOrders": 3})
    desk.execution(execId="1", execType="trade", instrumentId="BTC-USDT", venue="kraken", side="buy",
                   lastQty=Decimal("0.5"), lastPx=Decimal("64000.10"), transactTime=now)
    logging.getLogger().addHandler(desk.log_handler())

Nothing here raises into the strategy: what cannot be said or sent is counted in `problems`, and told to `on_problem`.
Money, prices and quantities are `Decimal` or text, never floats. Times are aware datetimes, or ISO 8601 text in UTC.

As a command it forwards lines from standard input (events, JSON logs or plain text):

    my-bot | python3 nightdesk.py --url https://…/events/momentum-btc --bot momentum-btc --spool /var/lib/momentum/spool

with the key in NIGHTDESK_KEY. Without --url it writes the lines to standard output.
"""

from __future__ import annotations

import argparse
import atexit
import datetime
import hashlib
import hmac
import json
import logging
import os
import re
import secrets
import socket
import sys
import threading
import time
import traceback
import urllib.error
import urllib.request
import weakref
from decimal import Decimal
from typing import Any, Callable, Deque, List, Optional, Tuple
from collections import deque

MAX_LINE_BYTES = 262_144
MIN_KEY_CHARACTERS = 32
FIRST_DELAY_SECONDS = 0.5
LONGEST_DELAY_SECONDS = 30.0
MAX_BATCH_LINES = 10_000
MAX_BATCH_BYTES = 1_048_576

Problem = Callable[[str], None]


def signed_headers(bot: str, key: str, body: bytes, time_seconds: int, batch_id: str) -> dict:
    """Headers that prove who sends: HMAC-SHA256 over version, bot, time, batch and the exact bytes of the body."""
    prefix = f"v1\n{bot}\n{time_seconds}\n{batch_id}\n".encode()
    signature = hmac.new(key.encode(), prefix + body, hashlib.sha256).hexdigest()
    return {
        "nightdesk-bot": bot,
        "nightdesk-time": str(time_seconds),
        "nightdesk-batch": batch_id,
        "nightdesk-signature": f"v1={signature}",
    }


def iso_time(moment: Any) -> str:
    """ISO 8601 in UTC. A datetime without a zone is refused: nobody knows which hour it means."""
    if isinstance(moment, datetime.datetime):
        if moment.tzinfo is None:
            raise ValueError("a datetime must have a time zone")
        utc = moment.astimezone(datetime.timezone.utc)
        return utc.strftime("%Y-%m-%dT%H:%M:%S.") + f"{utc.microsecond:06d}Z"
    if isinstance(moment, str):
        return moment
    raise ValueError(f"a time must be a datetime or text; was {type(moment).__name__}")


def plain(value: Any) -> Any:
    """The value as JSON knows it: decimals as text without exponent, times in UTC, absent members left out."""
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise ValueError(f"a decimal must be finite; was {value}")
        return format(value, "f")
    if isinstance(value, datetime.datetime):
        return iso_time(value)
    if isinstance(value, dict):
        return {str(name): plain(each) for name, each in value.items() if each is not None}
    if isinstance(value, (list, tuple)):
        return [plain(each) for each in value]
    return value


def to_line(fields: dict) -> str:
    """One line of JSON. NaN and Infinity are refused, since they are no JSON."""
    return clean(json.dumps(plain(fields), ensure_ascii=False, allow_nan=False, separators=(",", ":")))


def clean(line: str) -> str:
    """The line as UTF-8 can hold it: half a pair of surrogates, as in names of files that are no UTF-8, becomes a question mark."""
    return line.encode("utf-8", "replace").decode("utf-8")


_forkable: "weakref.WeakSet[Any]" = weakref.WeakSet()


def _after_fork() -> None:
    for each in list(_forkable):
        each._begin()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


def notify_systemd(state: str) -> None:
    """Tells systemd, where it started the process (Type=notify): READY=1, WATCHDOG=1, STOPPING=1; sd_notify(3)."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
            channel.connect("\0" + address[1:] if address.startswith("@") else address)
            channel.send(state.encode())
    except OSError:
        pass


class StdoutSink:
    """One line per write, which the log group of the container reads."""

    def __init__(self, stream: Any = None) -> None:
        self._stream = stream
        self._lock = threading.Lock()

    def write(self, line: str) -> None:
        stream = self._stream or sys.stdout
        with self._lock:
            stream.write(line + "\n")
            stream.flush()

    def close(self, timeout_seconds: float = 5.0) -> None:
        pass


class TeeSink:
    """Each line to all sinks, such as standard output and intake."""

    def __init__(self, *sinks: Any) -> None:
        self._sinks = sinks

    def write(self, line: str) -> None:
        self._all(lambda sink: sink.write(line))

    def close(self, timeout_seconds: float = 5.0) -> None:
        self._all(lambda sink: sink.close(timeout_seconds))

    def _all(self, call: Callable[[Any], None]) -> None:
        """One that fails keeps nothing from the others; its error comes afterwards."""
        failed: Optional[Exception] = None
        for sink in self._sinks:
            try:
                call(sink)
            except Exception as error:
                failed = failed or error
        if failed is not None:
            raise failed


class _Spool:
    """Batches on disk, one file each: written once under their id, sent in order, removed when intake has decided."""

    _name = re.compile(r"^(\d{15})-([A-Za-z0-9_-]{8,64})\.ndjson$")

    def __init__(self, folder: str, max_bytes: int) -> None:
        os.makedirs(folder, exist_ok=True)
        self._folder = folder
        self._max_bytes = max_bytes
        self._files: List[str] = sorted(name for name in os.listdir(folder) if self._name.match(name))
        self._number = int(self._files[-1][:15]) if self._files else 0
        self._sizes = {name: os.path.getsize(os.path.join(folder, name)) for name in self._files}

    def __bool__(self) -> bool:
        return bool(self._files)

    def keep(self, batch_id: str, lines: List[str]) -> int:
        """Keeps a batch; returns how many lines of older ones were dropped for it. Raises OSError when the disk refuses it."""
        self._number += 1
        name = f"{self._number:015d}-{batch_id}.ndjson"
        body = "".join(line + "\n" for line in lines).encode()
        part = os.path.join(self._folder, "part")
        with open(part, "wb") as file:
            file.write(body)
        os.replace(part, os.path.join(self._folder, name))
        self._files.append(name)
        self._sizes[name] = len(body)
        dropped = 0
        while sum(self._sizes.values()) > self._max_bytes and len(self._files) > 1:
            oldest = self.oldest()
            dropped += len(oldest[1]) if oldest else 1
            self.remove_oldest()
        return dropped

    def oldest(self) -> Optional[Tuple[str, List[str]]]:
        """None when somebody has taken the file away, or the disk does not give it back."""
        try:
            with open(os.path.join(self._folder, self._files[0]), encoding="utf-8", errors="replace", newline="\n") as file:
                lines = [line for line in file.read().split("\n") if line]
        except OSError:
            return None
        return self._name.match(self._files[0]).group(2), lines  # type: ignore[union-attr]

    def remove_oldest(self) -> None:
        """A file that cannot be removed is sent again at the next start, under the same id."""
        name = self._files.pop(0)
        del self._sizes[name]
        try:
            os.remove(os.path.join(self._folder, name))
        except OSError:
            pass


class HttpSink:
    """
    Sends lines to intake in signed batches, in order, from a thread of its own. While intake is away they wait in bounded memory, or on
    disk when `spool_dir` is given (then also across restarts); delays grow from 0.5 s to 30 s and obey Retry-After. A batch keeps its
    id at every attempt, so that none counts twice. A process that ends without `close` sends what it can in two seconds. A child of a
    fork begins with nothing and keeps what waits in memory: lines and spool are its parent's.
    """

    def __init__(
        self,
        url: str,
        bot: str = "",
        key: str = "",
        *,
        spool_dir: Optional[str] = None,
        flush_seconds: float = 1.0,
        max_batch_bytes: int = 200_000,
        max_buffer_bytes: int = 8_000_000,
        max_spool_bytes: int = 64_000_000,
        timeout_seconds: float = 10.0,
        on_problem: Optional[Problem] = None,
    ) -> None:
        self._key = key.strip()
        if self._key and len(self._key) < MIN_KEY_CHARACTERS:
            raise ValueError(f"the key of intake must have at least {MIN_KEY_CHARACTERS} characters")
        self._url, self._bot = url, bot
        self._flush_seconds, self._timeout_seconds = flush_seconds, timeout_seconds
        self._max_batch_bytes, self._max_buffer_bytes = min(max_batch_bytes, MAX_BATCH_BYTES), max_buffer_bytes
        self._on_problem = on_problem
        self._begin()
        self._spool = _Spool(spool_dir, max_spool_bytes) if spool_dir else None
        _forkable.add(self)
        atexit.register(self.close, 2.0)
        if self._spool:
            self._start()

    def _begin(self) -> None:
        """As new, without a thread; also in a child after a fork."""
        self._spool: Optional[_Spool] = None
        self._queue: Deque[str] = deque()
        self._bytes = 0
        self._pending: Optional[Tuple[str, List[str]]] = None
        self._failures_in_row = 0
        self._closing = False
        self._deadline = 0.0
        self._wake = threading.Condition()
        self.sent = self.refused = self.dropped = self.failures = 0
        self._thread: Optional[threading.Thread] = None

    def _start(self) -> None:
        self._thread = threading.Thread(target=self._run, name="nightdesk-http", daemon=True)
        self._thread.start()

    def write(self, line: str) -> None:
        line = clean(line)
        size = len(line.encode()) + 1
        with self._wake:
            if self._closing:
                self.dropped += 1
                return
            if self._thread is None:
                self._start()
            self._queue.append(line)
            self._bytes += size
            while self._bytes > self._max_buffer_bytes and len(self._queue) > 1:
                self._bytes -= len(self._queue.popleft().encode()) + 1
                self.dropped += 1
            self._wake.notify()

    def close(self, timeout_seconds: float = 5.0) -> None:
        """Sends what can be sent within the time; with a spool, the rest is kept for the next start."""
        with self._wake:
            self._deadline = time.monotonic() + timeout_seconds
            self._closing = True
            self._wake.notify()
        if self._thread is not None:
            self._thread.join(timeout_seconds + self._timeout_seconds)
        atexit.unregister(self.close)

    def _run(self) -> None:
        while True:
            with self._wake:
                while not self._waiting() and not self._closing:
                    self._wake.wait()
                if not self._closing and not self._spool and self._pending is None and self._bytes < self._max_batch_bytes:
                    self._wake.wait(self._flush_seconds)
                if self._closing and not self._waiting():
                    return
            try:
                delay = self._send_next()
            except Exception as error:  # the disk, for one: the strategy trades on
                self._tell(f"{type(error).__name__}: {error}")
                delay = LONGEST_DELAY_SECONDS
            if delay is None:
                continue
            if self._closing and time.monotonic() + delay > self._deadline:
                self._keep_rest()
                return
            self._sleep(delay)

    def _waiting(self) -> bool:
        return bool(self._queue) or self._pending is not None or bool(self._spool)

    def _sleep(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        if self._closing:
            time.sleep(seconds)
        with self._wake:
            while not self._closing and time.monotonic() < until:
                self._wake.wait(max(0.0, until - time.monotonic()))

    def _take(self) -> Optional[Tuple[str, List[str]]]:
        with self._wake:
            lines: List[str] = []
            size = 0
            while self._queue and len(lines) < MAX_BATCH_LINES:
                bytes_of_next = len(self._queue[0].encode()) + 1
                if lines and size + bytes_of_next > self._max_batch_bytes:
                    break
                lines.append(self._queue.popleft())
                size += bytes_of_next
            self._bytes -= size
        return (secrets.token_hex(12), lines) if lines else None

    def _send_next(self) -> Optional[float]:
        """Sends the oldest batch. None: go on at once; else seconds to wait."""
        from_disk = bool(self._spool)
        if from_disk:
            self._move_to_disk()
            batch = self._spool.oldest()  # type: ignore[union-attr]
            if batch is None:
                self._tell("a file of the spool cannot be read")
                self.dropped += 1
                self._spool.remove_oldest()  # type: ignore[union-attr]
                return None
        else:
            self._pending = self._pending or self._take()
            if self._pending is None:
                return None
            batch = self._pending
        kind, after = self._post(*batch)
        if kind == "reused":  # another body was accepted under this id
            kind, after = self._post(secrets.token_hex(12), batch[1])
        if kind == "retry":
            self.failures += 1
            self._failures_in_row += 1
            self._move_to_disk()
            return after if after is not None else min(LONGEST_DELAY_SECONDS, FIRST_DELAY_SECONDS * 2 ** (self._failures_in_row - 1))
        self._failures_in_row = 0
        if from_disk:
            self._spool.remove_oldest()  # type: ignore[union-attr]
        else:
            self._pending = None
        if kind == "sent":
            self.sent += len(batch[1])
        else:
            self.refused += len(batch[1])
        return None

    def _move_to_disk(self) -> None:
        """What the disk refuses stays in memory, in its order."""
        if self._spool is None:
            return
        try:
            while True:
                self._pending = self._pending or self._take()
                if self._pending is None:
                    return
                self.dropped += self._spool.keep(*self._pending)
                self._pending = None
        except OSError as error:
            self._tell(f"the spool refuses lines: {type(error).__name__}: {error}")

    def _keep_rest(self) -> None:
        self._move_to_disk()
        if self._queue or self._pending:
            self.dropped += len(self._queue) + (len(self._pending[1]) if self._pending else 0)

    def _post(self, batch_id: str, lines: List[str]) -> Tuple[str, Optional[float]]:
        body = "".join(line + "\n" for line in lines).encode()
        headers = {"content-type": "application/x-ndjson", "user-agent": "nightdesk-python/1"}
        if self._key:
            headers.update(signed_headers(self._bot, self._key, body, int(time.time()), batch_id))
        request = urllib.request.Request(self._url, data=body, headers=headers, method="POST")
        try:
            with urllib.request.urlopen(request, timeout=self._timeout_seconds) as answer:
                if self._tell_refusal(answer.status, answer.read()) is None:  # a page of a proxy: intake has kept nothing
                    return "retry", LONGEST_DELAY_SECONDS
                return "sent", None
        except urllib.error.HTTPError as error:
            with error:
                code = self._tell_refusal(error.code, error.read())
            # A key, a header, an address, a clock or a stage being deployed: somebody will put it right.
            if error.code in (401, 403, 404) or error.code < 400 or code == "BAD_HEADER":
                return "retry", LONGEST_DELAY_SECONDS
            if code == "BATCH_REUSED":
                return "reused", None
            if error.code in (408, 425, 429) or error.code >= 500:
                after = error.headers.get("retry-after", "")
                return "retry", float(after) if re.fullmatch(r"\d{1,5}", after) else None
            return "refused", None
        except Exception as error:  # unreachable, reset, timed out, not HTTP
            self._tell(f"intake cannot be reached: {type(error).__name__}")
            return "retry", None

    def _tell_refusal(self, status: int, text: bytes) -> Optional[str]:
        """The code of the answer, empty where it has none; None when it is not intake's."""
        try:
            answer = json.loads(text or b"{}")
            error, rejected = answer.get("error"), answer.get("rejected") or []
        except (ValueError, AttributeError):
            self._tell(f"answer {status}" + (" of something that is not intake" if status < 300 else ""))
            return None
        if isinstance(error, dict):
            self._tell(f"{status} {error.get('code')}: {error.get('message')}")
        elif status >= 300 and not rejected:  # a gateway before intake says less
            self._tell(f"answer {status}")
        for line in rejected[:3]:
            self._tell(f"line {line.get('line')} refused, {line.get('code')}: {line.get('message')}")
        return str(error.get("code", "")) if isinstance(error, dict) else ""

    def _tell(self, text: str) -> None:
        if self._on_problem is not None:
            try:
                self._on_problem(text)
            except Exception:
                pass


class Nightdesk:
    """Says what one strategy does. Events are numbered from 1 in each run, so that lost lines show as gaps."""

    def __init__(
        self,
        strategy_id: str,
        account_id: str,
        *,
        environment: str = "live",
        system: str = "python",
        version: Optional[str] = None,
        sink: Any = None,
        on_problem: Optional[Problem] = None,
    ) -> None:
        self._sink = sink or StdoutSink()
        self._fixed = {"environment": environment, "strategyId": strategy_id, "accountId": account_id}
        self._program = {"system": system, "version": version}
        self._on_problem = on_problem
        self.problems = 0
        self._begin()
        _forkable.add(self)

    def _begin(self) -> None:
        """A run of its own, also in a child after a fork: two processes must not give one number to two events."""
        self._run_id = f"{os.getpid()}-{secrets.token_hex(4)}"
        self._source = {**self._program, "instanceId": self._run_id}
        self._lock = threading.Lock()
        self._seq = 0
        self._stop = threading.Event()
        self._beating: List[threading.Thread] = []

    def event(self, event_type: str, **fields: Any) -> Optional[str]:
        """Writes one event and returns its id; None when it could not be said. Fields are those of docs/events.md."""
        try:
            now = iso_time(datetime.datetime.now(datetime.timezone.utc))
            fields = {name: value for name, value in fields.items() if value is not None}
            event_time = iso_time(fields.pop("tsEvent", now))
            implied = {"execution": "transactTime", "position": "tsAsOf", "account": "tsAsOf", "marketData": "tsLastMessage"}.get(event_type)
            if implied is not None:
                fields.setdefault(implied, event_time)
            fields = plain(fields)
            with self._lock:
                seq = self._seq + 1
                event_id = f"{self._run_id}:{self._fixed['strategyId']}:{seq}"
                line = to_line(
                    {
                        "schemaVersion": 1,
                        "eventId": event_id,
                        "eventType": event_type,
                        "source": self._source,
                        **self._fixed,
                        "tsEvent": event_time,
                        "tsSent": now,
                        "seq": seq,
                        **fields,
                    }
                )
                if len(line.encode("utf-8", "replace")) > MAX_LINE_BYTES:
                    raise ValueError(f"an event must have at most {MAX_LINE_BYTES} bytes")
                self._seq = seq
                self._sink.write(line)
            return event_id
        except Exception as error:
            self._problem(f"{event_type} not sent: {type(error).__name__}: {error}")
            return None

    def order(self, **fields: Any) -> Optional[str]:
        return self.event("order", **fields)

    def execution(self, **fields: Any) -> Optional[str]:
        return self.event("execution", **fields)

    def position(self, **fields: Any) -> Optional[str]:
        return self.event("position", **fields)

    def account(self, **fields: Any) -> Optional[str]:
        return self.event("account", **fields)

    def cash(self, **fields: Any) -> Optional[str]:
        return self.event("cash", **fields)

    def market_data(self, **fields: Any) -> Optional[str]:
        return self.event("marketData", **fields)

    def heartbeat(self, **fields: Any) -> Optional[str]:
        return self.event("heartbeat", **{"component": "bot", "status": "ok", "intervalMs": 10_000, "runId": self._run_id, **fields})

    def error(self, **fields: Any) -> Optional[str]:
        return self.event("error", **fields)

    def control(self, **fields: Any) -> Optional[str]:
        return self.event("control", **fields)

    def reference(self, **fields: Any) -> Optional[str]:
        return self.event("reference", **fields)

    def log(self, level: str, message: str, /, **fields: Any) -> None:
        """One ordinary log line. A field cannot replace level, time or message, nor turn the line into an event."""
        own = {name: value for name, value in fields.items() if name not in ("level", "time", "message", "eventType")}
        try:
            now = iso_time(datetime.datetime.now(datetime.timezone.utc))
            named = {"strategyId": self._fixed["strategyId"], "accountId": self._fixed["accountId"]}
            self._sink.write(to_line({"level": level, "time": now, "message": message, **named, **own}))
        except Exception as error:
            self._problem(f"log not sent: {type(error).__name__}: {error}")

    def log_handler(self) -> logging.Handler:
        """For Python's own logging: `logging.getLogger().addHandler(desk.log_handler())`."""
        return _LogHandler(self)

    def start_heartbeat(
        self, interval_seconds: float = 10.0, component: str = "bot", describe: Optional[Callable[[], dict]] = None
    ) -> None:
        """Beats at once with `starting`, then on a thread. `describe` adds what only the bot knows; its failing counts as degraded, and
        keeps systemd's watchdog waiting, so that a unit with WatchdogSec restarts a bot that stays so."""
        began = time.monotonic()

        def beat(status: Optional[str]) -> None:
            told: dict = {"status": "ok"}
            try:
                told.update({str(name): value for name, value in (describe() if describe else {}).items()})
            except Exception:
                told["status"] = "degraded"
            if status == "stopping":
                notify_systemd("STOPPING=1")
            elif told["status"] != "degraded":
                notify_systemd("READY=1\nWATCHDOG=1" if status == "starting" else "WATCHDOG=1")
            if status is not None:
                told["status"] = status
            uptime = int((time.monotonic() - began) * 1000)
            self.heartbeat(**{"uptimeMs": uptime, **told, "component": component, "intervalMs": int(interval_seconds * 1000)})

        def run() -> None:
            while not self._stop.wait(interval_seconds):
                beat(None)
            beat("stopping")

        beat("starting")
        thread = threading.Thread(target=run, name="nightdesk-heartbeat", daemon=True)
        self._beating.append(thread)
        thread.start()

    def close(self, timeout_seconds: float = 5.0) -> None:
        """Says `stopping`, so that a stop on purpose is no death, and sends what waits."""
        self._stop.set()
        until = time.monotonic() + timeout_seconds
        for thread in self._beating:
            thread.join(max(0.0, until - time.monotonic()))
        self._sink.close(timeout_seconds)

    def _problem(self, text: str) -> None:
        self.problems += 1
        if self._on_problem is not None:
            try:
                self._on_problem(text)
            except Exception:
                pass


class _LogHandler(logging.Handler):
    def __init__(self, desk: Nightdesk) -> None:
        super().__init__()
        self._desk = desk

    def emit(self, record: logging.LogRecord) -> None:
        fields: dict = {"logger": record.name}
        if record.exc_info and record.exc_info[0] is not None:
            fields["exceptionType"] = record.exc_info[0].__name__
            fields["exceptionMessage"] = str(record.exc_info[1])
            fields["stack"] = "".join(traceback.format_exception(*record.exc_info))[:60_000]
        try:
            message = record.getMessage()
        except Exception:
            message = str(record.msg)
        self._desk.log(record.levelname.lower(), message, **fields)


def main(arguments: Optional[List[str]] = None) -> int:
    parser = argparse.ArgumentParser(description="Forwards lines from standard input to Nightdesk; the key is in NIGHTDESK_KEY.")
    parser.add_argument("--url", help="address of intake, https://…/events/BOT; absent: standard output")
    parser.add_argument("--bot", default="", help="id of the bot; default: the last part of the address")
    parser.add_argument("--spool", help="folder for lines that wait while intake is away")
    parser.add_argument("--wait", type=float, default=30.0, help="seconds to go on sending after the input ended (default 30)")
    given = parser.parse_args(arguments)
    if given.url is None:
        sink: Any = StdoutSink()
    else:
        bot = given.bot or given.url.rstrip("/").split("/")[-1]
        try:
            sink = HttpSink(
                given.url,
                bot,
                os.environ.get("NIGHTDESK_KEY", ""),
                spool_dir=given.spool,
                on_problem=lambda text: print(f"nightdesk: {text}", file=sys.stderr),
            )
        except (ValueError, OSError) as error:
            print(f"nightdesk: {error}", file=sys.stderr)
            return 2
    for raw in sys.stdin.buffer:
        line = raw.decode("utf-8", "replace").rstrip("\r\n")
        if line.strip():
            sink.write(line)
    sink.close(given.wait)
    lost = getattr(sink, "dropped", 0) + getattr(sink, "refused", 0)
    return 1 if lost else 0


if __name__ == "__main__":
    sys.exit(main())
