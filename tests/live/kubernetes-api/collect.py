"""The collector against the test server: whatever happens on the way, in the
end its records say what the server has.

usage: collect.py HEDGEROW [SCENARIO]...
"""

import concurrent.futures
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import traceback

import objects
import server

PROGRAM = sys.argv[1]
PATIENCE = 90  # seconds, under ASan on a busy machine


# --- what there is, and what is stated -------------------------------------


def truth(store, cluster="", forbidden=()):
    """What the records have to come to, told from the objects alone."""
    out = {}
    for obj in store.everything():
        meta, kind = obj["metadata"], obj["kind"]
        name, namespace = meta["name"], meta.get("namespace", "")
        addresses, labels = (), {}
        if kind == "Pod":
            key = ("workload", "kubernetes:%s:%s" % (cluster, meta["uid"]))
            addresses = tuple(
                a["ip"] for a in obj["status"].get("podIPs", ()))
            # A key that no API server takes is left out of records.
            labels = {k: v for k, v in meta.get("labels", {}).items()
                      if '"' not in k}
        elif kind == "Service":
            key = ("service", meta["uid"])
            addresses = tuple(obj["spec"].get("clusterIPs", ()))
        elif kind == "EndpointSlice":
            key = ("backends", "%s/%s" % (namespace, name))
            addresses = tuple(a for e in obj["endpoints"]
                              for a in e["addresses"])
        elif kind == "NetworkPolicy":
            key = ("policy", "%s/%s" % (namespace, name))
        elif kind in ("Node", "Namespace"):
            key = (kind.lower(), name)
        else:
            key = ("owner", "%s/%s/%s" % (namespace, kind, name))
        if kind in forbidden:
            continue
        out[key] = (addresses, labels)
    return out


def stated(path, cluster=""):
    """What the records come to: the last of each id, without what is gone."""
    out = {}
    try:
        with open(path) as lines:
            text = lines.read()
    except FileNotFoundError:
        return out
    # The last line may be half written just now.
    for line in text.split("\n")[:-1]:
        record = json.loads(line)
        assert record.get("cluster", "") == cluster, record
        if record["fact"] in ("seen", "node-address"):
            continue
        key = (record["fact"], record["id"])
        if record.get("gone"):
            out.pop(key, None)
        else:
            out[key] = content(record)
    return out


def content(record):
    """Of what is compared, what a record says."""
    addresses = record.get("addresses", ())
    if record["fact"] == "node":
        addresses = ()
    labels = record.get("labels", {}) if record["fact"] == "workload" else {}
    return tuple(addresses), labels


def difference(got, wanted):
    return "missing %s, too many %s, other %s" % (
        sorted(set(wanted) - set(got))[:5], sorted(set(got) - set(wanted))[:5],
        [(k, got[k], wanted[k]) for k in got
         if k in wanted and got[k] != wanted[k]][:5])


def wait_for(condition, what):
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, what() if callable(what) else what
        time.sleep(0.02)


# --- a collector that runs -------------------------------------------------


def write_kubeconfig(path, url, cluster="", user="{}"):
    with open(path, "w") as out:
        out.write("""apiVersion: v1
kind: Config
clusters:
  - name: test
    cluster:
      server: %s
%s
users:
  - name: test
    user: %s
contexts:
  - name: test
    context: {cluster: test, user: test}
current-context: test
""" % (url, cluster, user))


class Collector:
    def __init__(self, scratch, api, *options, cluster="", user="{}",
                 out="facts.ndjson", configure=True):
        self.scratch, self.api = scratch, api
        self.out = os.path.join(scratch, out)
        self.output = ["--output", self.out]
        self.kubeconfig = os.path.join(scratch, "kubeconfig")
        self.errors = os.path.join(scratch, "errors")
        self.options = options
        self.name = ""
        if "--cluster" in options:
            self.name = options[options.index("--cluster") + 1]
        if configure:
            write_kubeconfig(self.kubeconfig, api.url, cluster, user)
        self.process = None

    def command(self):
        return [PROGRAM, "collect", "kubernetes", "--kubeconfig",
                self.kubeconfig, *self.output, *self.options]

    def start(self):
        with open(self.errors, "a") as errors:
            self.process = subprocess.Popen(self.command(), stderr=errors)
        return self

    def said(self):
        with open(self.errors) as errors:
            return errors.read()

    def agrees(self, forbidden=()):
        return stated(self.out, self.name) == truth(
            self.api.store, self.name, forbidden)

    def wait(self, forbidden=()):
        wait_for(lambda: self.agrees(forbidden), lambda: "%s\n%s" % (
            difference(stated(self.out, self.name),
                       truth(self.api.store, self.name, forbidden)),
            self.said()))

    def wait_watching(self, kinds=12):
        def watching():
            return len({k[0] for k in self.api.requests
                        if k[1:] == ("watch", 200)}) == kinds
        wait_for(watching, lambda: "%s %s" % (self.api.requests, self.said()))

    def kill(self, number=signal.SIGKILL):
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)

    def stop(self):
        code = self.kill(signal.SIGTERM)
        assert code == 0, (code, self.said())

    def once(self):
        """-> exit code and what was said."""
        done = subprocess.run(
            [*self.command(), "--once"], stderr=subprocess.PIPE, text=True,
            timeout=30)
        return done.returncode, done.stderr

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


def requests(api, plural, what, code=200):
    return api.requests[(plural, what, code)]


def churn(store, steps, seed=1):
    """Changes of every sort, as a cluster makes them."""
    chance = random.Random(seed)
    for step in range(steps):
        with store.lock:
            names = [k[1] for k in store.objects["pods"] if k[0] == "shop"]
        act = chance.randrange(4)
        if act == 0 or not names:
            store.create("pods", objects.pod(
                "c%d-%d" % (seed, step), "10.1.%d.%d" % (seed, step % 250)))
        elif act == 1:
            store.change("pods", "shop", chance.choice(names),
                         lambda o: o["metadata"]["labels"].update(
                             step=str(step)))
        elif act == 2:
            # Under the same name, as a StatefulSet does it.
            name = chance.choice(names)
            old = store.delete("pods", "shop", name)
            old["metadata"].pop("uid")
            address = "10.2.%d.%d" % (seed, step % 250)
            old["status"].update(podIP=address, podIPs=[{"ip": address}])
            store.create("pods", old)
        else:
            store.delete("pods", "shop", chance.choice(names))
        if step % 7 == 0:
            store.change("endpointslices", "shop", "orders-abc",
                         lambda o: o.update(endpoints=[
                             {"addresses": ["10.3.0.%d" % (step % 250)]}]))


# --- Redis -----------------------------------------------------------------


class Redis:
    """A server of its own, and the few words that the test needs of it."""

    def __init__(self, scratch):
        self.scratch = scratch
        self.path = os.path.join(scratch, "redis.sock")
        self.process = None

    def start(self):
        with open(os.path.join(self.scratch, "redis.log"), "a") as log:
            self.process = subprocess.Popen(
                ["redis-server", "--port", "0", "--unixsocket", self.path,
                 "--save", "", "--dir", self.scratch], stdout=log, stderr=log)
        wait_for(self.answers, "no redis")
        return self

    def answers(self):
        try:
            return self.ask("PING") == "PONG"
        except OSError:
            return False

    def kill(self):
        self.process.kill()
        self.process.wait()

    def ask(self, *words):
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(PATIENCE)
            connection.connect(self.path)
            connection.sendall(b"*%d\r\n" % len(words) + b"".join(
                b"$%d\r\n%s\r\n" % (len(w), w)
                for w in (word.encode() for word in words)))
            with connection.makefile("rb") as stream:
                return self.read(stream)

    def read(self, stream):
        line = stream.readline().rstrip(b"\r\n").decode()
        kind, rest = line[:1], line[1:]
        if kind == "$":
            if rest == "-1":
                return None
            return stream.read(int(rest) + 2)[:-2].decode()
        if kind == "*":
            return [self.read(stream) for _ in range(int(rest))]
        assert kind != "-", rest
        return rest

    def stated(self, cluster):
        out = {}
        for fact in ("workload", "owner", "service", "backends", "node",
                     "namespace", "policy"):
            for name in self.ask("SMEMBERS", "hedgerow:{%s}:ids:%s"
                                 % (cluster, fact)):
                words = self.ask("HGETALL", "hedgerow:{%s}:%s:%s"
                                 % (cluster, fact, name))
                fields = dict(zip(words[::2], words[1::2]))
                if not fields or "gone_at" in fields:
                    continue
                record = {"fact": fact}
                for key in ("addresses", "labels"):
                    if key in fields:
                        record[key] = json.loads(fields[key])
                out[(fact, name)] = content(record)
        return out


# --- scenarios -------------------------------------------------------------


def lists_in_pages(scratch):
    """1 200 pods come in three pages; what is listed twice is written once."""
    api = server.Server()
    objects.shop(api.store, pods=1200)
    collector = Collector(scratch, api)
    code, said = collector.once()
    assert code == 0 and said == "", (code, said)
    assert collector.agrees()
    assert requests(api, "pods", "list") == 1
    assert requests(api, "pods", "continue") == 2
    size = os.path.getsize(collector.out)
    code, said = collector.once()
    assert code == 0 and collector.agrees()
    added = os.path.getsize(collector.out) - size
    assert added < 200, "%d octets for nothing new" % added
    # What went away while nobody looked is written as gone.
    api.store.delete("pods", "shop", "orders-7d-0003")
    api.store.delete("services", "shop", "orders")
    api.store.delete("deployments", "shop", "orders")
    collector.once()
    assert collector.agrees()
    api.close()


def pages_that_fail(scratch):
    """A page breaks off, a token expires, a proxy answers for the server."""
    api = server.Server()
    objects.shop(api.store, pods=1200)
    api.faults.cut_lists = 1
    api.faults.expire_continue = 1
    api.faults.garbage_lists = 1
    api.faults.fail = {"pods": [(500, ())],
                       "jobs": [(429, [("Retry-After", "1")])]}
    collector = Collector(scratch, api)
    code, said = collector.once()
    assert code == 0, (code, said)
    assert collector.agrees()
    assert requests(api, "pods", "continue", 410) == 1
    # Pages that always expire end in one list without pages.
    api.faults.expire_continue = 99
    code, said = collector.once()
    assert code == 0 and collector.agrees(), said
    assert any("/pods?" in path and "limit" not in path
               for path in api.paths), api.paths
    api.close()


def follows_changes(scratch):
    """Every kind, added, changed and deleted, with bookmarks in between."""
    api = server.Server()
    objects.shop(api.store)
    api.faults.bookmark_every = 0.05
    with Collector(scratch, api, "--cluster", "prod") as collector:
        collector.wait()
        collector.wait_watching()
        store = api.store
        for plural, namespace, name in (
                ("deployments", "shop", "orders"), ("jobs", "shop", "bill-1"),
                ("replicasets", "shop", "orders-7d"),
                ("statefulsets", "shop", "db"), ("nodes", "", "n2"),
                ("daemonsets", "shop", "agent"),
                ("cronjobs", "shop", "bill"), ("namespaces", "", "other"),
                ("networkpolicies", "shop", "deny")):
            old = store.change(plural, namespace, name, lambda o: o[
                "metadata"].update(labels={"changed": "yes"}))
            if plural != "nodes":
                store.delete(plural, namespace, name)
            if plural == "jobs":
                old["metadata"]["uid"] = "another"
                store.create("jobs", old)
        churn(store, 60)
        collector.wait()
        # A second of it is enough for bookmarks to move watches on.
        assert requests(api, "pods", "list") == 1
        collector.stop()
    # Nothing was written twice: as many records as there were changes.
    with open(collector.out) as lines:
        seen = [json.loads(line) for line in lines]
    told = [(r["fact"], r["id"], r.get("version"), r.get("gone"))
            for r in seen if r["fact"] != "seen"]
    assert len(told) == len(set(told)), "something was written twice"
    api.close()


def resumes(scratch):
    """Watches that break, in the middle of a line too, go on where they
    were, without another list."""
    api = server.Server()
    objects.shop(api.store)
    with Collector(scratch, api) as collector:
        collector.wait()
        collector.wait_watching()
        lists = sum(n for k, n in api.requests.items() if k[1] == "list")
        for turn in range(2):
            api.break_watches()
            churn(api.store, 15, seed=turn + 2)
            api.faults.half_event = 2
            collector.wait()
        api.faults.trickle = 61
        churn(api.store, 15, seed=9)
        collector.wait()
        assert lists == sum(n for k, n in api.requests.items()
                            if k[1] == "list"), "listed again"
        collector.stop()
    api.close()


def lists_again(scratch):
    """The server has forgotten: what vanished meanwhile is found out."""
    api = server.Server()
    objects.shop(api.store)
    with Collector(scratch, api) as collector:
        collector.wait()
        collector.wait_watching()
        for as_status in (False, True):
            api.faults.gone_as_status = as_status
            # While the watches are away, so that nobody sees it happen.
            api.faults.fail = {p: [(503, ())] for p in server.RESOURCES}
            api.break_watches()
            churn(api.store, 40, seed=3 + as_status)
            api.store.delete("pods", "other", "elsewhere")
            api.store.create("pods", objects.pod(
                "elsewhere", "10.0.2.10", namespace="other"))
            api.store.compact()
            collector.wait()
        assert requests(api, "pods", "list") >= 3, api.requests
        collector.stop()
    api.close()


def server_is_set_back(scratch):
    """Restored from a backup: it refuses versions it has not come to yet."""
    api = server.Server()
    objects.shop(api.store)
    with Collector(scratch, api) as collector:
        collector.wait()
        collector.wait_watching()
        api.faults.fail = {"pods": [(504, ())] * 2}
        lists = requests(api, "pods", "list")
        api.break_watches()
        api.store.delete("pods", "shop", "orders-7d-0001")
        wait_for(lambda: requests(api, "pods", "list") > lists,
                 "never listed again")
        collector.wait()
        collector.stop()
    api.close()


def versions_go_back(scratch):
    """Restored from a backup: what it says now counts, in Redis too."""
    if shutil.which("redis-server") is None:
        print("NOT TESTED: there is no redis-server here")
        return
    api = server.Server()
    objects.shop(api.store)
    redis = Redis(scratch).start()
    collector = Collector(scratch, api, "--cluster", "prod")
    collector.output = ["--redis", "unix://" + redis.path]

    def agrees():
        return redis.stated("prod") == truth(api.store, "prod")

    def relabel(obj):
        obj["metadata"]["labels"] = {"app": "restored"}

    def both(what):
        wait_for(agrees, lambda: "%s: %s\n%s" % (what, difference(
            redis.stated("prod"), truth(api.store, "prod")),
            collector.said()))

    try:
        with collector:
            both("at first")
            collector.wait_watching()
            api.faults.fail = {p: [(503, ())] for p in server.RESOURCES}
            api.break_watches()
            with api.store.lock:
                api.store.version = api.store.oldest = 500
                api.store.events.clear()
            # One is as it was long ago, one is not there any more.
            api.store.change("pods", "shop", "orders-7d-0001", relabel)
            api.store.delete("pods", "shop", "orders-7d-0002")
            api.store.compact()
            both("set back")
            wait_for(lambda: "began at a lower number" in collector.said(),
                     collector.said)
            # And it goes on from there.
            api.store.change("pods", "shop", "orders-7d-0003", relabel)
            both("later")
            collector.stop()
    finally:
        redis.kill()
    api.close()


def rights_are_missing(scratch):
    """A kind that may not be read, or is not there, stops no other."""
    api = server.Server()
    objects.shop(api.store)
    api.faults.forbidden = {"networkpolicies"}
    api.faults.missing = {"cronjobs"}
    without = ("NetworkPolicy", "CronJob")
    with Collector(scratch, api) as collector:
        collector.wait(without)
        collector.wait_watching(10)
        api.break_watches()
        churn(api.store, 10)
        collector.wait(without)
        collector.stop()
        said = collector.said()
    assert said.count("networkpolicies may not be listed") == 1, said
    assert said.count("cronjobs: the server has no such kind") == 1, said
    assert len(said.splitlines()) == 2, said
    code, said = collector.once()
    assert code == 0, (code, said)
    api.faults.forbidden = {"pods"}
    code, said = collector.once()
    assert code == 4 and "pods may not be listed" in said, (code, said)
    api.close()


def items_are_lost(scratch):
    """What a list could not say is not gone, in files and in Redis."""
    api = server.Server()
    objects.shop(api.store)
    outputs = [["--output", os.path.join(scratch, "facts.ndjson")]]
    redis = None
    if shutil.which("redis-server") is not None:
        redis = Redis(scratch).start()
        outputs.append(["--redis", "unix://" + redis.path])
    try:
        for output in outputs:
            lose_items(scratch, api, output, redis)
    finally:
        if redis is not None:
            redis.kill()
    api.close()


def lose_items(scratch, api, output, redis):
    collector = Collector(scratch, api, "--cluster", "prod")
    collector.output = output

    def known():
        if "--redis" in output:
            return redis.stated("prod")
        return stated(collector.out, "prod")

    name = "odd-" + output[0][2:]
    for namespace, pod, address in (("shop", name, "10.0.7.1"),
                                    ("shop", name + "-2", "10.0.7.2")):
        api.store.create("pods", objects.pod(
            pod, address, namespace=namespace))
    kept = {("workload", "kubernetes:prod:" +
             api.store.objects["pods"][("shop", n)]["metadata"]["uid"])
            for n in (name, name + "-2")}
    with collector:
        wait_for(lambda: known() == truth(api.store, "prod"), "no agreement")
        collector.wait_watching()
        # One is there and cannot be read, the other is there no more.
        api.faults.twice = {name}
        api.faults.fail = {p: [(503, ())] for p in server.RESOURCES}
        lists = requests(api, "pods", "list")
        api.break_watches()
        api.store.delete("pods", "shop", name + "-2")
        api.store.create("pods", objects.pod(
            name + "-3", "10.0.7.3", namespace="shop"))
        api.store.compact()
        wait_for(lambda: requests(api, "pods", "list") > lists,
                 "never listed again")
        new = ("workload", "kubernetes:prod:" + api.store.objects[
            "pods"][("shop", name + "-3")]["metadata"]["uid"])
        wait_for(lambda: new in known(), "the new one is not known")
        assert kept <= set(known()), "a list with a loss has ended something"
        assert "not held to be gone" in collector.said(), collector.said()
        # The same of a collector that starts anew, with what was written.
        collector.stop()
        code, said = collector.once()
        assert code == 0, (code, said)
        assert kept <= set(known()), "a first list has ended something"
        assert "could not be read, and were left out" in said, said
        # Whole again it says what went away.
        api.faults.twice = set()
        code, said = collector.once()
        assert code == 0 and known() == truth(api.store, "prod"), said


def rights_are_taken_away(scratch):
    """What may not be read any more is not gone, in files and in Redis."""
    api = server.Server()
    objects.shop(api.store)
    full = truth(api.store, "prod")
    outputs = [["--output", os.path.join(scratch, "facts.ndjson")]]
    redis = None
    if shutil.which("redis-server") is not None:
        redis = Redis(scratch).start()
        outputs.append(["--redis", "unix://" + redis.path])
    collector = Collector(scratch, api, "--cluster", "prod")

    def known(output):
        if "--redis" in output:
            return redis.stated("prod")
        return stated(collector.out, "prod")

    try:
        for output in outputs:
            collector.output = output
            api.faults.forbidden = set()
            with collector:
                wait_for(lambda: known(output) == full, "no agreement")
                collector.wait_watching()
                api.faults.forbidden = {"services", "networkpolicies"}
                api.break_watches()
                wait_for(lambda: collector.said().count("may not be") >= 2,
                         "it was not noticed")
                assert known(output) == full, "it was held to be gone"
                collector.stop()
            # Nor by one that starts anew and never sees them.
            code, said = collector.once()
            assert code == 0 and "services may not be listed" in said, said
            assert known(output) == full, difference(known(output), full)
            os.remove(collector.errors)
            api.requests.clear()
    finally:
        if redis is not None:
            redis.kill()
    api.close()


def is_killed(scratch):
    """kill -9 at any moment: the next one brings the records up to date."""
    api = server.Server()
    objects.shop(api.store, pods=700)
    collector = Collector(scratch, api)
    done = threading.Event()

    def work():
        for turn in range(30):
            churn(api.store, 4, seed=100 + turn)
            time.sleep(0.02)
        done.set()

    threading.Thread(target=work).start()
    chance = random.Random(4)
    while not done.is_set():
        collector.start()
        time.sleep(chance.uniform(0.05, 0.4))
        collector.kill()
    # And a line that was only half written.
    with open(collector.out, "ab") as out:
        out.write(b'{"v":1,"fact":"workl')
    with collector:
        collector.wait()
        # Two at once would end each what the other wrote.
        code, said = collector.once()
        assert code == 2 and "another collector" in said, (code, said)
        churn(api.store, 10, seed=7)
        collector.wait()
        collector.stop()
    api.close()


def redis_and_kills(scratch):
    """Collector and Redis killed in turn, while the cluster changes."""
    if shutil.which("redis-server") is None:
        print("NOT TESTED: there is no redis-server here")
        return
    api = server.Server()
    objects.shop(api.store, pods=50)
    redis = Redis(scratch).start()
    collector = Collector(scratch, api, "--cluster", "prod")
    collector.output = ["--redis", "unix://" + redis.path]

    def agrees():
        return redis.stated("prod") == truth(api.store, "prod")

    def both():
        wait_for(agrees, lambda: "%s\n%s" % (difference(
            redis.stated("prod"), truth(api.store, "prod")),
            collector.said()))

    try:
        code, said = collector.once()
        assert code == 0 and agrees(), (code, said)
        with collector:
            for turn in range(3):
                churn(api.store, 20, seed=50 + turn)
                if turn == 0:
                    collector.kill()
                    churn(api.store, 20, seed=60)
                    collector.start()
                else:
                    redis.kill()
                    churn(api.store, 20, seed=60 + turn)
                    redis.start()  # and it comes back empty
                both()
            # What was forgotten by the server meanwhile is gone, too.
            api.faults.fail = {p: [(503, ())] for p in server.RESOURCES}
            api.break_watches()
            churn(api.store, 20, seed=70)
            api.store.compact()
            both()
            collector.stop()
    finally:
        redis.kill()
    api.close()


def server_goes_away(scratch):
    """Said once, and once again when it is back."""
    api = server.Server()
    objects.shop(api.store)
    port = api.server_address[1]
    with Collector(scratch, api) as collector:
        collector.wait()
        collector.wait_watching()
        api.close()
        churn(api.store, 20)
        wait_for(lambda: "cannot reach" in collector.said(), "not said")
        time.sleep(0.5)
        again = server.Server(store=api.store, port=port)
        collector.api = again
        collector.wait()
        wait_for(lambda: "answers again" in collector.said(), "not said")
        assert collector.said().count("cannot reach") == 1, collector.said()
        collector.stop()
    again.close()
    started = time.monotonic()
    code, said = collector.once()
    assert code == 3 and "giving up" in said, (code, said)
    assert time.monotonic() - started < PATIENCE


def server_falls_silent(scratch):
    """Watches that say nothing beyond their time are begun anew."""
    api = server.Server()
    objects.shop(api.store)
    with Collector(scratch, api, "--watch-seconds", "1") as collector:
        collector.wait()
        collector.wait_watching()
        api.faults.silent = True
        churn(api.store, 10)
        time.sleep(1.5)
        watches = requests(api, "pods", "watch")
        wait_for(lambda: requests(api, "pods", "watch") > watches,
                 "it waits for ever")
        api.faults.silent = False
        collector.wait()
        collector.stop()
    api.close()


def openssl(scratch, *words):
    subprocess.run(["openssl", *words], cwd=scratch, check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def make_certificates(scratch):
    def request(name, subject):
        openssl(scratch, "req", "-newkey", "ec", "-pkeyopt",
                "ec_paramgen_curve:P-256", "-nodes", "-keyout", name + ".key",
                "-out", name + ".csr", "-subj", "/CN=" + subject)

    def sign(name, extension):
        with open(os.path.join(scratch, "extension"), "w") as out:
            out.write(extension)
        openssl(scratch, "x509", "-req", "-in", name + ".csr", "-CA",
                "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2",
                "-extfile", "extension", "-out", name + ".pem")

    for name in ("ca", "stranger"):
        openssl(scratch, "req", "-x509", "-newkey", "ec", "-pkeyopt",
                "ec_paramgen_curve:P-256", "-nodes", "-keyout", name + ".key",
                "-out", name + ".pem", "-subj", "/CN=" + name, "-days", "2")
    request("server", "server")
    sign("server", "subjectAltName=IP:127.0.0.1")
    request("named", "named")
    sign("named", "subjectAltName=DNS:kube.example")
    request("client", "client")
    sign("client", "extendedKeyUsage=clientAuth")


def data_of(scratch, name):
    import base64
    with open(os.path.join(scratch, name), "rb") as pem:
        return base64.b64encode(pem.read()).decode()


def encrypted(scratch):
    """TLS, certificates of clients, names, and a token that rotates."""
    make_certificates(scratch)

    def path(name):
        return os.path.join(scratch, name)

    api = server.Server(certificate=(path("server.pem"), path("server.key")),
                        client_authority=path("ca.pem"))
    objects.shop(api.store)
    authority = "      certificate-authority: ca.pem\n"
    files = "{client-certificate: client.pem, client-key: client.key}"
    code, said = Collector(scratch, api, cluster=authority, user=files,
                           out="files").once()
    assert code == 0, said
    inline = ("      certificate-authority-data: %s\n"
              % data_of(scratch, "ca.pem"))
    user = "{client-certificate-data: %s, client-key-data: %s}" % (
        data_of(scratch, "client.pem"), data_of(scratch, "client.key"))
    collector = Collector(scratch, api, cluster=inline, user=user)
    code, said = collector.once()
    assert code == 0 and collector.agrees(), said
    # Nobody is let in without a certificate, nor lets in a stranger.
    code, said = Collector(scratch, api, cluster=authority,
                           out="none").once()
    assert code == 3 and "cannot reach" in said, (code, said)
    code, said = Collector(
        scratch, api, cluster="      certificate-authority: stranger.pem\n",
        user=files, out="stranger").once()
    assert code == 3 and "cannot reach" in said, (code, said)
    assert "certificate" in said, said
    api.close()


def token_rotates(scratch):
    """The token of a file is read when it is needed; its server has a name
    of its own."""
    make_certificates(scratch)
    api = server.Server(certificate=(os.path.join(scratch, "named.pem"),
                                     os.path.join(scratch, "named.key")))
    objects.shop(api.store)
    api.faults.token = "first"
    token = os.path.join(scratch, "token")
    with open(token, "w") as out:
        out.write("first\n")
    named = ("      certificate-authority: ca.pem\n"
             "      tls-server-name: kube.example\n")
    with Collector(scratch, api, cluster=named,
                   user="{tokenFile: token}") as collector:
        collector.wait()
        collector.wait_watching()
        api.faults.token = "second"
        api.break_watches()
        churn(api.store, 10)
        wait_for(lambda: "not let in" in collector.said(), "not said")
        with open(token, "w") as out:
            out.write("second\n")
        collector.wait()
        assert collector.said().count("not let in") == 1, collector.said()
        assert "first" not in collector.said()
        collector.stop()
    code, said = Collector(
        scratch, api, cluster="      certificate-authority: ca.pem\n",
        user="{tokenFile: token}", out="unnamed").once()
    assert code == 3, (code, said)
    api.close()


def one_namespace(scratch):
    """Only one namespace is asked for, and the nodes."""
    api = server.Server()
    objects.shop(api.store)
    collector = Collector(scratch, api, "--namespace", "shop")
    code, said = collector.once()
    assert code == 0, said
    ids = {key[1] for key in stated(collector.out)}
    assert "shop" in ids and "other" not in ids and "n1" in ids, ids
    assert len([1 for key in stated(collector.out)
                if key[0] == "workload"]) == 13
    assert all("/namespaces/shop/" in path or "/nodes?" in path or
               "/namespaces?" in path for path in api.paths), api.paths
    api.close()


def hostile(scratch):
    """Objects that are odd leave the others as they are."""
    api = server.Server()
    objects.shop(api.store)
    store = api.store
    for name, edit in (
            ("no-status", lambda o: o.pop("status")),
            ("no-spec", lambda o: o.pop("spec")),
            ("huge", lambda o: o["metadata"].update(
                annotations={"a": "x" * 200000})),
            ("quotes", lambda o: o["metadata"].update(
                labels={'a"b\\c': "x", "odd": 'a\nb" \u2028 \x1b[31m'})),
            ("deep", lambda o: o["metadata"].update(
                annotations={"a": "[" * 3000}))):
        obj = objects.pod(name, None)
        edit(obj)
        store.create("pods", obj)
    # Larger than etcd would have it, and nested deeper than anybody does.
    store.create("pods", objects.pod(
        "giant", None, annotations={"a": "x" * 5000000}))
    nested = {}
    for _ in range(300):
        nested = {"a": nested}
    store.create("pods", objects.pod("nested", None, more=nested))
    unread = {("workload", "kubernetes::" +
               store.objects["pods"][("shop", name)]["metadata"]["uid"])
              for name in ("giant", "nested")}
    with Collector(scratch, api) as collector:
        def agrees():
            wanted = truth(store)
            return stated(collector.out) == {
                k: v for k, v in wanted.items() if k not in unread}
        # Status and spec are looked at by truth() too.
        for name in ("no-status",):
            store.objects["pods"][("shop", name)]["status"] = {}
        wait_for(agrees, "the others are not as they are")
        collector.wait_watching()
        store.change("pods", "shop", "quotes", lambda o: o["metadata"].update(
            labels={"b": "\x01"}))
        wait_for(agrees, "not after a change")
        collector.stop()
    said = collector.said()
    assert "\x1b" not in said
    assert said.count("is left out, as its like") == 1, said
    assert "2 objects of the source could not be read" in said, said
    api.close()


def foreign_file(scratch):
    """A file that is not ours is left alone."""
    api = server.Server()
    objects.shop(api.store)
    for text in ("precious\n", '{"apiVersion": "v1"}', '{"v": 2}\n', "{"):
        with open(os.path.join(scratch, "facts.ndjson"), "w") as out:
            out.write(text)
        code, said = Collector(scratch, api).once()
        assert (code, "name another file" in said) == (2, True) or \
            text == "{", (text, code, said)
        if text != "{":
            with open(os.path.join(scratch, "facts.ndjson")) as kept:
                assert kept.read() == text
    api.close()


def rights_fit(scratch):
    """deploy/kubernetes/rbac.yaml allows what is asked, and no more."""
    import yaml
    api = server.Server()
    objects.shop(api.store)
    with Collector(scratch, api) as collector:
        collector.wait()
        collector.wait_watching()
        collector.stop()
    asked = set()
    for path in api.paths:
        parts = path.split("?")[0].strip("/").split("/")
        asked.add(("" if parts[0] == "api" else parts[1], parts[-1]))
    with open("deploy/kubernetes/rbac.yaml") as text:
        role = [d for d in yaml.safe_load_all(text)
                if d["kind"] == "ClusterRole"][0]
    allowed = set()
    for rule in role["rules"]:
        assert rule["verbs"] == ["get", "list", "watch"], rule
        allowed |= {(g, r) for g in rule["apiGroups"]
                    for r in rule["resources"]}
    assert allowed == asked, allowed ^ asked
    api.close()


def examples_run(scratch):
    """The example that --help shows, as it is shown."""
    api = server.Server()
    objects.shop(api.store)
    kubeconfig = os.path.join(scratch, "kubeconfig")
    write_kubeconfig(kubeconfig, api.url)
    help_text = subprocess.run(
        [PROGRAM, "collect", "kubernetes", "--help"], check=True,
        capture_output=True, text=True).stdout
    example = help_text.split("examples:\n")[1].splitlines()[0].split()
    assert example[0] == "hedgerow"
    # $KUBECONFIG may name files that are not there.
    done = subprocess.run(
        [os.path.abspath(PROGRAM), *example[1:]], cwd=scratch,
        capture_output=True, text=True, timeout=20,
        env=dict(os.environ, KUBECONFIG="nowhere:" + kubeconfig))
    assert done.returncode == 0, done.stderr
    assert stated(os.path.join(scratch, example[-1])) == truth(api.store)
    api.close()


SCENARIOS = [encrypted, server_goes_away, lists_in_pages, pages_that_fail,
             follows_changes, resumes, lists_again, server_is_set_back, versions_go_back,
             rights_are_missing, items_are_lost, rights_are_taken_away,
             is_killed, redis_and_kills,
             server_falls_silent, token_rotates, one_namespace, hostile,
             foreign_file, rights_fit, examples_run]


def run(scenario):
    with tempfile.TemporaryDirectory() as scratch:
        started = time.monotonic()
        try:
            scenario(scratch)
        except Exception:
            print("FAILED %s\n%s" % (scenario.__name__,
                                     traceback.format_exc()))
            return False
        print("ok     %s (%.1f s)" % (scenario.__name__,
                                      time.monotonic() - started))
        return True


def main():
    wanted = [s for s in SCENARIOS if s.__name__ in sys.argv[2:]]
    # They mostly wait, each for servers and collectors of its own.
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        results = list(pool.map(run, wanted or SCENARIOS))
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
