"""`hedgerow collect cloudfoundry`: lines, and a stub of a Cloud Controller."""
import http.server
import json
import os
import threading
import time

from collecting import Collector, expect, run, wait_for

INPUT = 3  # sensor/run/exit.h
GUID = "%s-aaaa-aaaa-aaaa-aaaaaaaaaaaa"
SINCE = 1795248000000000000  # 2026-11-21T08:00:00Z


def actual(instance, process, address):
    return json.dumps({
        "process_guid": process, "index": 0, "domain": "cf-apps",
        "instance_guid": instance, "cell_id": "cell-0", "address": "10.0.0.9",
        "instance_address": address, "state": "RUNNING", "since": SINCE,
        "ports": [{"container_port": 8080, "host_port": 61000}],
        "presence": "ORDINARY"}) + "\n"


def desired(process, app):
    return json.dumps({
        "process_guid": process, "rootfs": "preloaded:cflinuxfs4",
        "instances": 1, "metric_tags": {
            "app_name": {"static": app}, "space_name": {"static": "prod"},
            "organization_name": {"static": "acme"}}}) + "\n"


class Controller:
    """Apps in pages of one, for whoever has the token."""

    def __init__(self):
        self.apps, self.asked, self.elsewhere = {}, [], None
        controller = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                controller.answer(self)

            def log_message(self, *arguments):
                pass

        self.server = http.server.ThreadingHTTPServer(
            ("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = "http://127.0.0.1:%d" % self.server.server_port
        threading.Thread(target=self.server.serve_forever, args=(0.05,),
                         daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def answer(self, request):
        self.asked.append(request.path)
        status, page = 200, self.page(request.path)
        if request.headers["Authorization"] != "Bearer t0ken":
            status, page = 401, {"errors": []}
        body = json.dumps(page).encode()
        request.send_response(status)
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)

    def resource(self, kind, guid, name, **related):
        return {"guid": guid, "name": name,
                "relationships": {k: {"data": {"guid": v}}
                                  for k, v in related.items()},
                "links": {"self": {
                    "href": "%s/v3/%s/%s" % (self.url, kind, guid)}}}

    def page(self, path):
        names = sorted(self.apps) if path.startswith("/v3/apps") else []
        at = int(path.split("page=")[-1]) if "?page=" in path else 0
        following = None
        if at + 1 < len(names):
            following = {"href": "%s/v3/apps?page=%d" % (
                self.elsewhere or self.url, at + 1)}
        return {"pagination": {"next": following}, "resources": [
            self.resource("apps", self.apps[name], name, space="sp")
            for name in names[at:at + 1]], "included": {
                "spaces": [self.resource("spaces", "sp", "stage",
                                         organization="o")],
                "organizations": [
                    self.resource("organizations", "o", "acme")]}}


def write(directory, text, mode="w"):
    path = os.path.join(directory, "lines")
    with open(path, mode, encoding="utf-8") as file:
        file.write(text)
    return path


def reads_lines_once(program, directory, closing):
    path = write(directory, actual("i1", "p1", "10.255.0.2") +
                 "no line of cfdot\n" + desired("p1", "web") +
                 actual("i2", "p2", "10.255.0.3")[:-1])
    collector = Collector(program, directory, "cloudfoundry", "--lines", path,
                          "--once")
    collector.start().waits(0)
    expect("names: %s" % collector.names(),
           collector.names() == ["p2/0", "web/0"])
    fact = collector.facts()["cloudfoundry:c:i1"]
    expect("its space: %s" % fact, fact["namespace"] == "acme/prod" and
           fact["node"] == "cell-0" and fact["addresses"] == ["10.255.0.2"])
    expect("a bad line is said: " + collector.said(),
           "line 2 is nothing" in collector.said())
    write(directory, actual("i2", "p2", "10.255.0.3"))
    collector.start().waits(0)
    expect("what is not there any more is gone: %s" % collector.names(),
           collector.names() == ["p2/0"])


def follows_a_pipe(program, directory, closing):
    reading, writing = os.pipe()
    collector = Collector(program, directory, "cloudfoundry", stdin=reading)
    closing.append(collector.stop)
    collector.start()
    os.close(reading)
    with os.fdopen(writing, "w") as pipe:
        def say(text):
            pipe.write(text)
            pipe.flush()

        line = actual("i1", "p1", "10.255.0.2")
        say(line[:40])
        say(line[40:] + actual("i2", "p2", "10.255.0.3") + "\n")
        wait_for("two", lambda: collector.names() == ["p1/0", "p2/0"])
        say(desired("p2", "cache"))
        wait_for("a name", lambda: collector.names() == ["cache/0", "p1/0"])
        say(json.dumps({"type": "actual_lrp_instance_removed", "data": {
            "actual_lrp": json.loads(line)}}) + "\n")
        wait_for("a removal", lambda: collector.names() == ["cache/0"])
        say(actual("i3", "p3", "10.255.0.2") + "\n")
        wait_for("a whole list", lambda: collector.names() == ["p3/0"])
        say("x" * (5 << 20) + "\n" + actual("i4", "p4", "10.255.0.4"))
        wait_for("after too long a line", lambda: collector.names() ==
                 ["p3/0", "p4/0"])
    collector.waits(INPUT)
    expect("why: " + collector.said(), "no more lines" in collector.said())


def what_cannot_be_read_is_not_gone(program, directory, closing):
    reading, writing = os.pipe()
    collector = Collector(program, directory, "cloudfoundry", stdin=reading)
    closing.append(collector.stop)
    collector.start()
    os.close(reading)
    with os.fdopen(writing, "w") as pipe:
        def say(text):
            pipe.write(text)
            pipe.flush()

        first = actual("i1", "p1", "10.255.0.2")
        second = actual("i2", "p2", "10.255.0.3")
        say(first + second + "\n")
        wait_for("two", lambda: collector.names() == ["p1/0", "p2/0"])
        # The second says a key twice.
        say(first + '{"instance_guid":"i2",' + second[1:] +
            actual("i3", "p3\udcff", "10.255.0.4") + "\n")
        wait_for("what was mended", lambda: "characters of the source so far"
                 in collector.said())
        wait_for("the third", lambda: len(collector.names()) == 3)
        time.sleep(0.3)
        expect("nothing is gone: %s" % collector.names(),
               "p2/0" in collector.names())
        say(first + "\n")
        wait_for("a whole list", lambda: collector.names() == ["p1/0"])
    collector.waits(INPUT)
    expect("the sum: " + collector.said(), "1 objects of the source could "
           "not be read" in collector.said())


def follows_a_file(program, directory, closing):
    path = write(directory, actual("i1", "p1", "10.255.0.2") + "\n")
    collector = Collector(program, directory, "cloudfoundry", "--lines", path)
    closing.append(collector.stop)
    collector.start()
    wait_for("one", lambda: collector.names() == ["p1/0"])
    write(directory, actual("i2", "p2", "10.255.0.3"), "a")
    wait_for("two", lambda: collector.names() == ["p1/0", "p2/0"])
    write(directory, "\n" + actual("i3", "p3", "10.255.0.4")[:-30])
    write(directory, actual("i3", "p3", "10.255.0.4")[-30:] + "\n", "a")
    wait_for("a file written anew", lambda: "p3/0" in collector.names())


def asks_for_names(program, directory, closing):
    controller = Controller()
    closing.append(controller.close)
    web, cart = GUID % "11111111", GUID % "22222222"
    controller.apps = {"cart": cart, "web": web}
    token = os.path.join(directory, "token")
    with open(token, "w", encoding="utf-8") as file:
        file.write("bearer t0ken\n")
    path = write(directory, actual("i1", web + "-version", "10.255.0.2") +
                 actual("i2", cart + "-version", "10.255.0.3") + "\n")
    collector = Collector(program, directory, "cloudfoundry", "--lines", path,
                          "--api", controller.url, "--token-file", token,
                          "--once")
    collector.start().waits(0)
    expect("names: %s %s" % (collector.names(), controller.asked),
           collector.names() == ["cart/0", "web/0"])
    expect("their space", collector.facts()["cloudfoundry:c:i1"][
        "namespace"] == "acme/stage")
    # A page elsewhere is not fetched: the token is for one server.
    controller.elsewhere = "http://127.0.0.1:9"
    controller.asked.clear()
    collector.start().waits(0)
    expect("two questions: %s" % controller.asked, len(controller.asked) == 2)
    with open(token, "w", encoding="utf-8") as file:
        file.write("old\n")
    collector.start().waits(0)
    expect("a token that is no good: " + collector.said(),
           "status 401" in collector.said())


def what_is_no_lines(program, directory, closing):
    path = write(directory, "hello\nworld\n")
    collector = Collector(program, directory, "cloudfoundry", "--once",
                          "--lines", path)
    collector.start().waits(INPUT)
    expect("nothing is made of it", collector.names() == [])
    collector.arguments[-1] = os.path.join(directory, "nobody")
    collector.start().waits(2)


run([reads_lines_once, what_cannot_be_read_is_not_gone, follows_a_pipe, follows_a_file, asks_for_names,
     what_is_no_lines])
