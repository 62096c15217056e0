"""`hedgerow collect mesos` against a stub of masters."""
import http.server
import json
import queue
import threading

from collecting import Collector, expect, run, wait_for

PERMISSION = 4  # sensor/run/exit.h
T = 1795248000.0  # 2026-11-21T08:00:00Z


def value(text):
    return {"value": text}


def status(task, state, at, address=None):
    said = {"task_id": value(task), "state": state, "timestamp": at}
    if address:
        said["container_status"] = {"network_infos": [
            {"ip_addresses": [{"ip_address": address}]}]}
    return said


def task(identity, address):
    return {"name": identity + ".shop", "task_id": value(identity),
            "framework_id": value("F"), "agent_id": value("A"),
            "state": "TASK_RUNNING",
            "statuses": [status(identity, "TASK_RUNNING", T, address)]}


class Master:
    """One master: it leads, or names who does."""

    def __init__(self, leader=None):
        self.leader = leader
        self.tasks, self.streams, self.asked = [], [], []
        self.heartbeat, self.refuse = 15.0, None
        self.odd = None  # the task whose object has a name twice
        master = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                master.answer(self)

            def log_message(self, *arguments):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request, client_address):
                pass

        self.server = Server(("127.0.0.1", 0), Handler)
        self.place = "127.0.0.1:%d" % self.server.server_port
        threading.Thread(target=self.server.serve_forever, args=(0.05,),
                         daemon=True).start()

    def close(self):
        self.drop()
        self.server.shutdown()
        self.server.server_close()

    def drop(self):
        self.send(None)

    def send(self, event):
        for stream in list(self.streams):
            stream.put(event)

    def state(self):
        return {"type": "SUBSCRIBED", "subscribed": {
            "heartbeat_interval_seconds": self.heartbeat, "get_state": {
                "get_tasks": {"tasks": self.tasks},
                "get_frameworks": {"frameworks": [{"framework_info": {
                    "id": value("F"), "name": "marathon"}}]},
                "get_agents": {"agents": [{"agent_info": {
                    "id": value("A"), "hostname": "agent-0"},
                    "pid": "slave(1)@10.0.0.9:5051"}]}}}}

    def text(self):
        text = json.dumps(self.state())
        if self.odd:
            word = '"name": "%s.shop"' % self.odd
            text = text.replace(word, word + ", " + word)
        return "%d\n%s" % (len(text), text)

    def answer(self, request):
        size = int(request.headers["Content-Length"])
        body = json.loads(request.rfile.read(size))
        self.asked.append((request.path, body, dict(request.headers)))
        if self.refuse or self.leader:
            request.send_response(self.refuse or 307)
            if self.leader:
                request.send_header(
                    "Location", "//%s/master/api/v1" % self.leader)
            request.send_header("Content-Length", "0")
            request.end_headers()
            return
        pieces = queue.Queue()
        request.send_response(200)
        request.send_header("Content-Type", "application/json")
        request.send_header("Transfer-Encoding", "chunked")
        request.end_headers()
        pieces.put(self.text())
        self.streams.append(pieces)
        try:
            self.stream(request, pieces)
        except OSError:
            pass
        self.streams.remove(pieces)
        request.close_connection = True

    def stream(self, request, pieces):
        while True:
            text = pieces.get()
            if text is None:
                return
            if not isinstance(text, str):
                text = json.dumps(text)
                text = "%d\n%s" % (len(text), text)
            for at in range(0, len(text), 11):  # in the middle of records
                part = text[at:at + 11].encode()
                request.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
                request.wfile.flush()


def collect(program, directory, closing, master, *options):
    collector = Collector(program, directory, "mesos", "--master",
                          "http://" + master.place, *options)
    closing.append(collector.stop)
    return collector


def follows_the_leader(program, directory, closing):
    leader = Master()
    other = Master(leader=leader.place)
    closing += [leader.close, other.close]
    leader.tasks = [task("web", "9.0.1.2"), task("db", "9.0.1.3")]
    collector = collect(program, directory, closing, other, "--once")
    collector.start().waits(0)
    expect("tasks: %s" % collector.names(),
           collector.names() == ["db.shop", "web.shop"])
    expect("agents", "agent-0" in collector.facts("node"))
    path, body, headers = leader.asked[0]
    expect("the call", path == "/api/v1" and body == {"type": "SUBSCRIBE"})
    expect("its form", headers["Accept"] == "application/json")
    web = collector.facts()["mesos:c:F/web"]
    expect("who it is: %s" % web, web["namespace"] == "shop" and
           web["owner_name"] == "web" and web["addresses"] == ["9.0.1.2"])


def hears_events(program, directory, closing):
    master = Master()
    closing.append(master.close)
    master.tasks = [task("web", "9.0.1.2")]
    collector = collect(program, directory, closing, master)
    collector.start()
    wait_for("the state", lambda: collector.names() == ["web.shop"])
    cart = task("cart", None)
    cart["state"], cart["statuses"] = "TASK_STAGING", []
    master.send({"type": "TASK_ADDED", "task_added": {"task": cart}})
    master.send({"type": "HEARTBEAT"})
    master.send({"type": "OF_A_LATER_MESOS", "of_a_later_mesos": {}})
    master.send({"type": "TASK_UPDATED", "task_updated": {
        "framework_id": value("F"), "state": "TASK_RUNNING",
        "status": status("cart", "TASK_RUNNING", T + 5, "9.0.1.7")}})
    wait_for("an address", lambda: collector.facts().get(
        "mesos:c:F/cart", {}).get("addresses") == ["9.0.1.7"])
    master.send({"type": "TASK_UPDATED", "task_updated": {
        "framework_id": value("F"), "state": "TASK_KILLED",
        "status": status("web", "TASK_KILLED", T + 9.5)}})
    wait_for("an end", lambda: collector.names() == ["cart.shop"])
    expect("its time: %s" % collector.gone(),
           collector.gone()[0]["at"].startswith("2026-11-21T08:00:09.5"))


def hears_all_anew_after_a_loss(program, directory, closing):
    master = Master()
    closing.append(master.close)
    master.tasks = [task("kept", "9.0.1.2"), task("lost", "9.0.1.3")]
    collector = collect(program, directory, closing, master)
    collector.start()
    wait_for("the state", lambda: len(collector.names()) == 2)
    master.tasks = [task("kept", "9.0.1.2"), task("new", "9.0.1.3")]
    master.send("7\n{broken")
    wait_for("the second state", lambda: collector.names() ==
             ["kept.shop", "new.shop"])
    said = [r for r in collector.records() if r["id"] == "mesos:c:F/kept"]
    expect("what has not changed is said once", len(said) == 1)
    # Half a state says nothing of what it lacks.
    master.drop()
    wait_for("the third", lambda: len(master.asked) == 3)
    wait_for("its stream", lambda: master.streams)
    master.send({"type": "SUBSCRIBED", "subscribed": {}})
    master.send({"type": "TASK_ADDED",
                 "task_added": {"task": task("last", "9.0.1.8")}})
    wait_for("another", lambda: "last.shop" in collector.names())
    expect("all of them: %s" % collector.names(), collector.names() ==
           ["kept.shop", "last.shop", "new.shop"])


def a_silent_master_is_gone(program, directory, closing):
    master = Master()
    closing.append(master.close)
    master.heartbeat = 0.2
    collector = collect(program, directory, closing, master)
    collector.start()
    wait_for("a second subscription", lambda: len(master.asked) >= 2, 15)
    expect("why: " + collector.said(), "silent" in collector.said())


def is_let_in_or_not(program, directory, closing):
    master = Master()
    closing.append(master.close)
    master.refuse = 401
    secret = directory + "/secret"
    with open(secret, "w", encoding="utf-8") as file:
        file.write("s3cret:x\n")
    collector = collect(program, directory, closing, master, "--once",
                        "--user", "hedge", "--password-file", secret)
    collector.start().waits(PERMISSION)
    headers = master.asked[0][2]
    expect("who asks: %s" % headers, headers["Authorization"] ==
           "Basic aGVkZ2U6czNjcmV0Ong=")
    expect("the secret is not said", "s3cret" not in collector.said())


def masters_in_a_circle(program, directory, closing):
    master = Master()
    closing.append(master.close)
    master.leader = master.place
    collector = collect(program, directory, closing, master)
    collector.start()
    wait_for("an end of it", lambda: "subscribed" in collector.said())
    expect("a few questions: %d" % len(master.asked), len(master.asked) < 15)


def what_cannot_be_read_is_not_gone(program, directory, closing):
    master = Master()
    closing.append(master.close)
    master.tasks = [task("kept", "9.0.1.2"), task("odd", "9.0.1.3")]
    master.tasks[0]["labels"] = {"labels": [
        {"key": "x", "value": "a\udcff"}]}
    collector = collect(program, directory, closing, master)
    collector.start()
    wait_for("the state", lambda: len(collector.names()) == 2)
    expect("text was mended, and that is said: " + collector.said(),
           "characters of the source so far" in collector.said())
    master.odd = "odd"
    master.tasks.append(task("new", "9.0.1.4"))
    master.drop()
    wait_for("the rest of the state", lambda: "new.shop" in collector.names())
    expect("nothing is gone: %s" % collector.names(), collector.names() ==
           ["kept.shop", "new.shop", "odd.shop"])
    expect("why is said: " + collector.said(),
           "cannot be read (the first in line 1: duplicate object key" in
           collector.said())
    master.odd = None
    master.tasks.pop(1)
    wait_for("the stream", lambda: master.streams)
    master.drop()
    wait_for("the whole state", lambda: collector.names() ==
             ["kept.shop", "new.shop"])


run([follows_the_leader, hears_events, what_cannot_be_read_is_not_gone, hears_all_anew_after_a_loss,
     a_silent_master_is_gone, is_let_in_or_not, masters_in_a_circle])
