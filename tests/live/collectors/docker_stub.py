"""`hedgerow collect docker` against a stub of an engine on a unix socket."""
import http.server
import json
import os
import queue
import signal
import socketserver
import threading

from collecting import Collector, expect, run, wait_for

PERMISSION = 4  # sensor/run/exit.h
START = "2026-11-21T08:00:%02dZ"


class Engine:
    """What a stub of an engine has, and what was asked of it."""

    def __init__(self, directory, version="1.43"):
        self.path = os.path.join(directory, "engine.sock")
        self.version = version
        self.containers, self.networks = {}, {}
        self.swarm = None
        self.asked, self.streams = [], []
        self.faults = {}  # path without version: (status, body), once each
        engine = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                engine.answer(self)

            def log_message(self, *arguments):
                pass

            def address_string(self):
                return "unix"

        class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
            address_family = socketserver.socket.AF_UNIX
            daemon_threads = True

            def server_bind(self):
                socketserver.TCPServer.server_bind(self)
                self.server_name, self.server_port = "docker", 0

            def handle_error(self, request, client_address):
                pass

        self.server = Server(self.path, Handler)
        threading.Thread(target=self.server.serve_forever, args=(0.05,),
                         daemon=True).start()

    def close(self):
        self.drop()
        self.server.shutdown()
        self.server.server_close()

    def run(self, name, address, second=0, labels=None, state="running"):
        """Makes a container; its Id is 64 digits that say its name."""
        identity = name.encode().hex().ljust(64, "0")[:64]
        self.containers[identity] = {
            "Id": identity, "Name": "/" + name, "Created": START % 0,
            "State": {"Status": state, "StartedAt": START % second,
                      "FinishedAt": "0001-01-01T00:00:00Z"},
            "Config": {"Image": "redis:7", "Labels": labels or {}},
            "HostConfig": {"NetworkMode": "bridge"},
            "NetworkSettings": {"Networks": {"bridge": {
                "IPAddress": address, "GlobalIPv6Address": ""}}}}
        return identity

    def event(self, kind, action, identity, nano=0, **attributes):
        self.send(json.dumps({
            "Type": kind, "Action": action, "timeNano": nano,
            "Actor": {"ID": identity, "Attributes": attributes}}) + "\n")

    def send(self, text):
        for stream in list(self.streams):
            stream.put(text)

    def drop(self):
        """Ends every stream of events."""
        for stream in list(self.streams):
            stream.put(None)

    def answer(self, request):
        self.asked.append(request.path)
        prefix = "/v" + self.version
        plain = request.path.split("?")[0]
        if plain.startswith(prefix):
            plain = plain[len(prefix):]
        fault = self.faults.pop(plain, None)
        if fault:
            self.raw(request, *fault)
        elif plain == "/events":
            self.stream(request)
        else:
            status, value = self.find(plain)
            self.raw(request, status, json.dumps(value).encode())

    def find(self, path):
        parts = path.strip("/").split("/")
        found = None
        if path == "/version":
            found = {"ApiVersion": self.version, "MinAPIVersion": "1.12"}
        elif path == "/info":
            found = {"Name": "host-a", "ServerVersion": "20", "Swarm": {
                "ControlAvailable": self.swarm is not None}}
        elif path == "/networks":
            found = list(self.networks.values())
        elif path == "/containers/json":
            found = [{"Id": i, "Names": [c["Name"]], "Image": "redis:7",
                      "Labels": c["Config"]["Labels"], "State": "running"}
                     for i, c in list(self.containers.items())
                     if c["State"]["Status"] == "running"]
        elif len(parts) == 3 and parts[0] == "containers":
            found = self.containers.get(parts[1])
        elif len(parts) == 2 and parts[0] == "networks":
            found = self.networks.get(parts[1])
        elif self.swarm:
            found = self.swarm.get(parts[0])
        if found is None:
            return 404, {"message": "page not found"}
        return 200, found

    def raw(self, request, status, body):
        request.send_response(status)
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        for at in range(0, len(body), 700):  # as slow networks give it
            request.wfile.write(body[at:at + 700])
            request.wfile.flush()

    def stream(self, request):
        pieces = queue.Queue()
        request.send_response(200)
        request.send_header("Transfer-Encoding", "chunked")
        request.end_headers()
        self.streams.append(pieces)
        try:
            while True:
                piece = pieces.get()
                if piece is None:
                    break
                for at in range(0, len(piece), 9):  # in the middle of words
                    part = piece[at:at + 9].encode()
                    request.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
                    request.wfile.flush()
        except OSError:
            pass
        self.streams.remove(pieces)
        request.close_connection = True


def collect(program, directory, closing, engine, *options):
    closing.append(engine.close)
    collector = Collector(program, directory, "docker", "--host",
                          "unix://" + engine.path, *options)
    closing.append(collector.stop)
    return collector


def lists_once(program, directory, closing):
    engine = Engine(directory)
    engine.run("web", "172.17.0.2", labels={"app": "shop", "x": "y" * 70000})
    engine.run("was", "", state="exited")
    gone = engine.run("gone", "172.17.0.3")
    engine.faults["/containers/%s/json" % gone] = (404, b"{}")
    engine.networks["n1"] = {
        "Id": "n1", "Name": "bridge", "Driver": "bridge",
        "IPAM": {"Config": [{"Subnet": "172.17.0.0/16"}]}}
    collector = collect(program, directory, closing, engine, "--once")
    collector.start().waits(0)
    expect("one container: %s" % collector.names(),
           collector.names() == ["web"])
    web = list(collector.facts().values())[0]
    expect("its address", web["addresses"] == ["172.17.0.2"])
    expect("its node", web["node"] == "host-a")
    node = collector.facts("node")["host-a"]
    expect("the bridge is the node's", node["addresses"] == ["172.17.0.1"])
    expect("the version was asked first", engine.asked[0] == "/version")
    expect("the engine's version is spoken: %s" % engine.asked,
           all(p == "/version" or p.startswith("/v1.43/")
               for p in engine.asked))
    del engine.containers[gone]
    before = collector.facts()
    collector.start().waits(0)
    expect("the same after a second run",
           collector.facts().keys() == before.keys())


def hears_events(program, directory, closing):
    engine = Engine(directory)
    first = engine.run("first", "172.17.0.2")
    collector = collect(program, directory, closing, engine)
    collector.start()
    wait_for("the list", lambda: collector.names() == ["first"])
    wait_for("the stream", lambda: engine.streams)
    second = engine.run("second", "172.17.0.9", 5)
    engine.send("no event\n{}\n[1]\n\n{\"Type\":7,\"Actor\":\"x\"}\n")
    engine.event("container", "start", second, 1795248005000000000)
    engine.event("container", "start", "../../secrets", 1)
    wait_for("a start", lambda: collector.names() == ["first", "second"])
    engine.event("container", "die", first, 1795248030500000000)
    wait_for("an end", lambda: collector.names() == ["second"])
    expect("the end has the event's time: %s" % collector.gone(),
           collector.gone()[0]["at"].startswith("2026-11-21T08:00:30.5"))
    expect("no path but ids: %s" % engine.asked,
           not any("secrets" in path for path in engine.asked))
    # Started again, it is another workload.
    engine.run("first", "172.17.0.4", 40)
    engine.event("container", "start", first, 1795248040000000000)
    wait_for("a second start",
             lambda: collector.names() == ["first", "second"])
    ids = {r["id"] for r in collector.records() if first in r["id"]}
    expect("two starts are two workloads", len(ids) == 2)
    engine.containers[second]["NetworkSettings"]["Networks"]["more"] = {
        "IPAddress": "172.30.0.2"}
    engine.event("network", "connect", "n", 1795248050000000000,
                 container=second)
    wait_for("an address more", lambda: any(
        f["addresses"] == ["172.17.0.9", "172.30.0.2"]
        for f in collector.facts().values()))


def lists_again_after_a_loss(program, directory, closing):
    engine = Engine(directory)
    kept = engine.run("kept", "172.17.0.2")
    lost = engine.run("lost", "172.17.0.3")
    collector = collect(program, directory, closing, engine)
    collector.start()
    wait_for("the list", lambda: collector.names() == ["kept", "lost"])
    wait_for("the stream", lambda: engine.streams)
    del engine.containers[lost]
    engine.run("new", "172.17.0.3", 9)
    engine.faults["/info"] = (500, b"{\"message\":\"not yet\"}")
    engine.faults["/containers/json"] = (200, b"[{\"Id\":")
    engine.drop()
    wait_for("the second list",
             lambda: collector.names() == ["kept", "new"], 40)
    said = [r for r in collector.records() if kept in r["id"]]
    expect("what has not changed is said once", len(said) == 1)
    expect("why is said: " + collector.said(),
           "status 500" in collector.said())


def survives_being_killed(program, directory, closing):
    engine = Engine(directory)
    made = [engine.run("c%02d" % n, "172.17.1.%d" % n) for n in range(40)]
    collector = collect(program, directory, closing, engine)
    for round_ in range(3):
        collector.start()
        wait_for("something", lambda: len(collector.records()) > 5)
        collector.stop(signal.SIGKILL)
        for identity in made[round_ * 5:round_ * 5 + 5]:
            del engine.containers[identity]
    with open(collector.path, "a", encoding="utf-8") as file:
        file.write('{"v":1,"fact":"work')
    collector.start("--once").waits(0)
    expect("what is there is there: %s" % collector.names(),
           collector.names() == ["c%02d" % n for n in range(15, 40)])


def says_why_it_cannot(program, directory, closing):
    engine = Engine(directory, version="1.12")
    collector = collect(program, directory, closing, engine, "--once")
    engine.faults["/version"] = (403, b"no")
    collector.start().waits(PERMISSION)
    expect("refusal: " + collector.said(), "403" in collector.said())
    old = collect(program, directory, closing, engine)
    closing.pop(-2)  # the engine is closed once
    old.start()
    wait_for("its version", lambda: "1.24 is the oldest" in old.said())
    nobody = Collector(program, directory, "docker", "--host", "ftp://x")
    nobody.start().waits(2)
    expect("no engine", "is no engine" in nobody.said())


def polls_a_swarm(program, directory, closing):
    engine = Engine(directory)

    def task(identity, address, state="running"):
        return {"ID": identity, "Version": {"Index": 5},
                "CreatedAt": START % 1, "ServiceID": "s", "Slot": 1,
                "NodeID": "n", "DesiredState": state,
                "Spec": {"ContainerSpec": {"Image": "nginx:1"}},
                "Status": {"State": state, "Timestamp": START % 30,
                           "ContainerStatus": {"ContainerID": "feed"}},
                "NetworksAttachments": [{"Addresses": [address]}]}

    engine.swarm = {
        "nodes": [{"ID": "n", "Version": {"Index": 3}, "Spec": {},
                   "Description": {"Hostname": "host-a"},
                   "Status": {"Addr": "192.0.2.5"}}],
        "services": [{"ID": "s", "Version": {"Index": 4},
                      "CreatedAt": START % 0,
                      "Spec": {"Name": "web", "TaskTemplate": {}},
                      "Endpoint": {"VirtualIPs": [{"Addr": "10.0.1.2/24"}]}}],
        "tasks": [task("t1", "10.0.1.3/24")]}
    engine.networks["gw"] = engine.networks["docker_gwbridge"] = {
        "Id": "gw", "Name": "docker_gwbridge", "Driver": "bridge",
        "IPAM": {"Config": [{"Subnet": "172.18.0.0/16",
                             "Gateway": "172.18.0.1"}]},
        "Containers": {"feed": {"IPv4Address": "172.18.0.7/16"}}}
    engine.run("web.1.t1", "10.0.1.3",
               labels={"com.docker.swarm.task.id": "t1"})
    engine.run("plain", "172.17.0.8")
    collector = collect(program, directory, closing, engine, "--poll", "1")
    collector.start()
    wait_for("tasks", lambda: collector.names() == ["plain", "web.1.t1"])
    fact = collector.facts()["swarm:c:t1"]
    expect("its addresses: %s" % fact,
           fact["addresses"] == ["10.0.1.3", "172.18.0.7"])
    expect("its service", "s" in collector.facts("service"))
    node = collector.facts("node")["host-a"]
    expect("its node", set(node["addresses"]) == {"192.0.2.5", "172.18.0.1"})
    # The task moves; nothing says so but the next list.
    engine.swarm["tasks"] = [task("t1", "10.0.1.3/24", "shutdown"),
                             task("t2", "10.0.1.4/24")]
    wait_for("the move", lambda: "swarm:c:t2" in collector.facts())
    moved = [r for r in collector.records() if r["id"] == "swarm:c:t1"][-1]
    expect("its end", moved["until"].startswith("2026-11-21T08:00:30"))
    engine.swarm["tasks"] = [task("t2", "10.0.1.4/24")]
    wait_for("history", lambda: "swarm:c:t1" not in collector.facts())
    expect("a poll ends no container", "plain" in collector.names())


def what_cannot_be_read_is_not_gone(program, directory, closing):
    engine = Engine(directory)
    kept = engine.run("kept", "172.17.0.2", labels={"x": "a\udcffb"})
    odd = engine.run("odd", "172.17.0.3")
    collector = collect(program, directory, closing, engine)
    collector.start()
    wait_for("the list", lambda: collector.names() == ["kept", "odd"])
    wait_for("the stream", lambda: engine.streams)
    expect("text was mended, and that is said: " + collector.said(),
           "1 characters of the source so far" in collector.said())
    # An item of the list says a key twice.
    engine.faults["/containers/json"] = (200, (
        '[{"Id":"%s"},\n{"Id":"%s","Id":"x"}]' % (kept, odd)).encode())
    engine.drop()
    wait_for("a list with a loss", lambda: "in line 2" in collector.said())
    wait_for("the stream again", lambda: engine.streams)
    # And what is inspected has a number beyond all bounds.
    engine.faults["/containers/%s/json" % odd] = (
        200, b'{"Id":99999999999999999999999}')
    engine.run("new", "172.17.0.4", 7)
    engine.drop()
    wait_for("the list after it", lambda: "new" in collector.names())
    expect("nothing is gone: %s" % collector.gone(),
           collector.names() == ["kept", "new", "odd"])
    expect("why is said: " + collector.said(),
           "cannot be read (too big integer" in collector.said())
    # Read again, it says what went away.
    wait_for("the stream once more", lambda: engine.streams)
    del engine.containers[odd]
    engine.drop()
    wait_for("the whole list", lambda: collector.names() == ["kept", "new"])
    collector.stop()
    expect("the sum: " + collector.said(),
           "2 objects of the source could not be read" in collector.said())


run([lists_once, hears_events, lists_again_after_a_loss,
     what_cannot_be_read_is_not_gone, survives_being_killed, says_why_it_cannot, polls_a_swarm])
