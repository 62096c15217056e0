#!/usr/bin/python3
"""An HTTP target that answers as a real one does, well and unwell.

usage: answers.py KIND PORT DIRECTORY [CERTIFICATE KEY]

KIND is elastic, opensearch, hec, loki, webhook or alertmanager.  What it
acknowledges is in DIRECTORY/taken first, a line a record, so that it may be
killed at any moment.  While DIRECTORY/full exists it has no room, and says so
in the words of the real one; while DIRECTORY/well exists nothing ever fails.
What a client does against the API goes to DIRECTORY/wrong.

Sources of what is answered: Elasticsearch 8 "Bulk API" and "Fix watermark
errors", OpenSearch 2 "Bulk" (403 cluster_block_exception), Splunk 9 "HTTP Event
Collector REST API endpoints" and "About HTTP Event Collector Indexer
Acknowledgment", Loki 3 "HTTP API", Alertmanager's api/v2/openapi.yaml.
"""
import http.server
import json
import os
import re
import socket
import ssl
import sys
import threading
import time

ALERT_LABELS = {"alertname", "uid", "deviation", "src", "dest", "severity"}
POISON = re.compile(r'"(?:src_)?port":20077\b')
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


class Wrong(Exception):
    """The client breaks the API."""


def need(condition, what):
    if not condition:
        raise Wrong(what)


class Target:
    """What there is one of, however many connections there are."""

    def __init__(self, kind, directory):
        self.kind, self.directory = kind, directory
        self.lock, self.requests, self.seed = threading.Lock(), 0, 1
        self.acks, self.asked = set(), set()
        self.ids = set()
        self.file = os.open(os.path.join(directory, "taken"),
                            os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(os.dup(self.file), "rb") as taken:
            for line in taken:
                self.ids.add(line.split(b"\t", 1)[0].decode())

    def has(self, mark):
        return os.path.exists(os.path.join(self.directory, mark))

    def chance(self):
        self.seed = self.seed * 16807 % 2147483647
        return self.seed / 2147483647

    def take(self, lines):
        """Keeps lines, in one write: a kill leaves all of them or none."""
        os.write(self.file, "".join(line + "\n" for line in lines).encode())

    def wrong(self, what):
        with open(os.path.join(self.directory, "wrong"), "a",
                  encoding="utf-8") as out:
            out.write(what + "\n")


class Answers(http.server.BaseHTTPRequestHandler):
    """One connection; do_KIND answers a good request."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, body=None, headers=(), slow=False):
        octets = b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Length", str(len(octets)))
        self.end_headers()
        if not slow:
            self.wfile.write(octets)
            return
        for i in range(4):
            size = len(octets) // 4 + 1
            self.wfile.write(octets[i * size:(i + 1) * size])
            self.wfile.flush()
            time.sleep(0.02)

    def half_close(self):
        """Says no more, but goes on reading: only our end is closed."""
        self.wfile.flush()
        try:
            self.connection.shutdown(socket.SHUT_WR)
            self.connection.settimeout(0.2)
            self.connection.recv(1)
        except OSError:
            pass
        self.close_connection = True

    def torn(self):
        """An answer that ends before it said that it would."""
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{")
        self.close_connection = True

    def do_POST(self):
        target = self.server.target
        size = int(self.headers["Content-Length"])
        octets = self.rfile.read(size)
        if len(octets) < size:  # the client is gone
            self.close_connection = True
            return
        body = octets.decode()
        with target.lock:
            target.requests += 1
            number = target.requests
            try:
                need("Content-Type" in self.headers, "no Content-Type")
                self.serve(target, number, body)
            except (Wrong, ValueError, KeyError, IndexError) as error:
                target.wrong(f"{self.path}: {error!r}")
                self.answer(500, {"error": "see the test"})

    def serve(self, target, number, body):
        kind = "elastic" if target.kind == "opensearch" else target.kind
        lines = getattr(self, "read_" + kind)(body)
        if lines is None:  # it was answered
            return
        if target.has("full"):
            getattr(self, "full_" + kind)(target, lines)
        elif target.has("well"):
            self.answer(*getattr(self, "take_" + kind)(target, lines))
        elif number % 7 == 3:
            wait = [("Retry-After", "1")] if number % 49 == 3 else []
            self.answer(429, {"error": "busy"}, wait)
        elif number % 7 == 5:
            # Taken, but nobody is told.
            if kind != "webhook":
                getattr(self, "take_" + kind)(target, lines)
            self.torn() if number % 14 == 5 else self.half_close()
        else:
            status, said = getattr(self, "take_" + kind)(target, lines)
            self.answer(status, said, slow=number % 11 == 7)

    # --- Elasticsearch and OpenSearch ----------------------------------------
    def read_elastic(self, body):
        need(self.path == "/logs-hedgerow.alert-default/_bulk", "the path")
        need(self.headers["Content-Type"] == "application/x-ndjson", "type")
        need(self.headers["Authorization"] == "ApiKey secret", "no API key")
        lines = body.split("\n")
        need(lines.pop() == "" and len(lines) % 2 == 0, "no pairs of lines")
        pairs = []
        for i in range(0, len(lines), 2):
            action = json.loads(lines[i])
            need(list(action) == ["create"], "a data stream takes create only")
            need("@timestamp" in json.loads(lines[i + 1]), "no @timestamp")
            key = action["create"]["_id"]
            need(0 < len(key.encode()) <= 512, "an _id has 1 to 512 octets")
            pairs.append((key, lines[i + 1]))
        return pairs

    def item(self, target, key, line, kept):
        error = None
        if key in target.ids:
            status, error = 409, "version_conflict_engine_exception"
        elif POISON.search(line):
            status, error = 400, "document_parsing_exception"
        elif target.chance() < 0.1 and not target.has("well"):
            status, error = 429, "es_rejected_execution_exception"
        else:
            status = 201
            target.ids.add(key)
            kept.append(key + "\t" + line)
        said = {"_index": "made", "_id": key, "status": status}
        if error:
            said["error"] = {"type": error, "reason": "made: " + error}
        return {"create": said}

    def take_elastic(self, target, pairs):
        kept = []
        items = [self.item(target, key, line, kept) for key, line in pairs]
        target.take(kept)
        return 200, {"took": 1, "items": items,
                     "errors": any("error" in i["create"] for i in items)}

    def full_elastic(self, target, pairs):
        """Elasticsearch's flood stage answers 429, that of OpenSearch 403."""
        status, word = (403, "FORBIDDEN") if target.kind == "opensearch" \
            else (429, "TOO_MANY_REQUESTS")
        error = {"type": "cluster_block_exception",
                 "reason": f"index [made] blocked by: [{word}/12/disk usage "
                           "exceeded flood-stage watermark];"}
        self.answer(200, {"took": 1, "errors": True, "items": [
            {"create": {"_id": key, "status": status, "error": error}}
            for key, _ in pairs]})

    # --- Splunk --------------------------------------------------------------
    def read_hec(self, body):
        need(self.headers["Authorization"] == "Splunk secret", "no token")
        channel = self.headers["X-Splunk-Request-Channel"] or \
            self.path.partition("?channel=")[2]
        need(re.fullmatch("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
                          channel), "no channel")
        if self.path.startswith("/services/collector/ack"):
            self.acknowledge(self.server.target, json.loads(body)["acks"])
            return None
        need(self.path == "/services/collector/event", "the path")
        events, at, read = [], 0, json.JSONDecoder()
        while at < len(body):
            event, at = read.raw_decode(body, at)
            need(set(event) <= {"time", "host", "source", "sourcetype",
                                "index", "fields", "event"}, "an unknown key")
            need(event["time"] > 0 and event["event"], "no event")
            events.append(event)
        return events

    def acknowledge(self, target, asked):
        """True at the second time, and never of one that it forgot."""
        said = {str(a): a in target.acks and a in target.asked for a in asked}
        target.asked.update(asked)
        for one in asked:
            if said[str(one)]:
                target.acks.discard(one)
        self.answer(200, {"acks": said})

    def take_hec(self, target, events):
        target.take(json.dumps(event) for event in events)
        target.acks.add(target.requests)
        return 200, {"text": "Success", "code": 0, "ackId": target.requests}

    def full_hec(self, _, __):
        self.answer(503, {"text": "Server is busy", "code": 9})

    # --- Loki ----------------------------------------------------------------
    def read_loki(self, body):
        need(self.path == "/loki/api/v1/push", "the path")
        lines = []
        for stream in json.loads(body)["streams"]:
            labels = stream["stream"]
            need(labels["service_name"] == "hedgerow", "no service_name")
            need(all(re.fullmatch("[a-zA-Z_][a-zA-Z0-9_]*", name) and
                     isinstance(value, str) for name, value in labels.items()),
                 "a label")
            need(set(labels) <= {"service_name", "sensor", "event_type",
                                 "severity"}, "a label of many values")
            for at, line in stream["values"]:
                need(re.fullmatch(r"\d{19}", at), "no nanoseconds")
                lines.append(line)
        return lines

    def take_loki(self, target, lines):
        target.take(lines)
        return 204, None

    def full_loki(self, _, __):
        self.answer(429, {"message": "ingestion rate limit exceeded"})

    # --- webhook -------------------------------------------------------------
    def read_webhook(self, body):
        need(self.path == "/hook", "the path")
        need(isinstance(json.loads(body), list), "no array")
        return body

    def take_webhook(self, target, body):
        # The whole batch for one record: the others must come alone.
        if POISON.search(body):
            return 400, {"error": "no"}
        read, at, lines = json.JSONDecoder(), 1, []
        while at < len(body):
            _, end = read.raw_decode(body, at)
            lines.append(body[at:end])
            at = end + 1  # after the comma or the bracket
        target.take(lines)
        return 200, {}

    def full_webhook(self, _, __):
        self.answer(507, {"error": "insufficient storage"})

    # --- Alertmanager --------------------------------------------------------
    def read_alertmanager(self, body):
        need(self.path == "/api/v2/alerts", "the path")
        lines = []
        for alert in json.loads(body):
            need(set(alert) <= {"labels", "annotations", "startsAt", "endsAt",
                                "generatorURL"}, "an unknown key")
            need(set(alert["labels"]) <= ALERT_LABELS and
                 alert["labels"]["alertname"], "a label")
            for part in alert["labels"], alert["annotations"]:
                need(all(isinstance(v, str) and v for v in part.values()),
                     "an empty label")
            need(TIME.fullmatch(alert["startsAt"]) and
                 TIME.fullmatch(alert["endsAt"]) and
                 alert["startsAt"] <= alert["endsAt"], "times")
            lines.append(json.dumps(alert, sort_keys=True))
        return lines

    def take_alertmanager(self, target, lines):
        target.take(lines)
        return 200, None

    def full_alertmanager(self, _, __):
        self.answer(500, {"error": "no space left on device"})


class Server(http.server.ThreadingHTTPServer):
    """A thread a connection; a handshake that stalls stalls no other."""

    daemon_threads = True
    allow_reuse_address = True
    target = tls = None

    def finish_request(self, request, client_address):
        request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self.tls is not None:
            request = self.tls.wrap_socket(request, server_side=True)
        self.RequestHandlerClass(request, client_address, self)

    def handle_error(self, *_):
        if not isinstance(sys.exc_info()[1], OSError):
            self.target.wrong(repr(sys.exc_info()[1]))


def main(kind, port, directory, *files):
    with Server(("127.0.0.1", int(port)), Answers) as server:
        server.target = Target(kind, directory)
        if files:
            server.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            server.tls.load_cert_chain(*files)
        server.serve_forever()


if __name__ == "__main__":
    if len(sys.argv) not in (4, 6):
        sys.exit(__doc__)
    main(*sys.argv[1:])
