"""A Kubernetes API server for tests: the protocol, and nothing behind it.

Speaks what kubernetes.io/docs/reference/using-api/api-concepts documents for
the kinds that the collector reads: discovery, lists in chunks that are all of
one resourceVersion, watches with bookmarks, 410 for what is too old, Status
objects for errors; create, replace and delete, so that a client that was not
made for it (kubectl, python3-kubernetes) can be its judge.  Beside that it can
be told to fail, through `Server.faults`.
"""

import base64
import collections
import copy
import datetime
import gzip
import http.server
import json
import random
import socket
import ssl
import threading
import time
import urllib.parse
import uuid

# plural -> (group and version, kind, whether it lies in a namespace)
RESOURCES = {
    "namespaces": ("v1", "Namespace", False),
    "nodes": ("v1", "Node", False),
    "pods": ("v1", "Pod", True),
    "services": ("v1", "Service", True),
    "endpointslices": ("discovery.k8s.io/v1", "EndpointSlice", True),
    "replicasets": ("apps/v1", "ReplicaSet", True),
    "deployments": ("apps/v1", "Deployment", True),
    "statefulsets": ("apps/v1", "StatefulSet", True),
    "daemonsets": ("apps/v1", "DaemonSet", True),
    "jobs": ("batch/v1", "Job", True),
    "cronjobs": ("batch/v1", "CronJob", True),
    "networkpolicies": ("networking.k8s.io/v1", "NetworkPolicy", True),
    # Only for what deploy/kubernetes has beside.
    "serviceaccounts": ("v1", "ServiceAccount", True),
    "clusterroles": ("rbac.authorization.k8s.io/v1", "ClusterRole", False),
    "clusterrolebindings": ("rbac.authorization.k8s.io/v1",
                            "ClusterRoleBinding", False),
}

REASONS = {400: "BadRequest", 401: "Unauthorized", 403: "Forbidden",
           404: "NotFound", 405: "MethodNotAllowed", 409: "Conflict",
           410: "Expired", 422: "Invalid", 429: "TooManyRequests",
           500: "InternalError", 503: "ServiceUnavailable"}


def status(code, message):
    return {"kind": "Status", "apiVersion": "v1", "metadata": {},
            "status": "Failure", "message": message,
            "reason": REASONS.get(code, ""), "code": code}


class Refused(Exception):
    def __init__(self, code, message, headers=()):
        super().__init__(message)
        self.code, self.message, self.headers = code, message, headers


class Faults:
    """What goes wrong, until it is put right."""

    def __init__(self):
        self.forbidden = set()  # plurals
        self.missing = set()    # plurals
        self.fail = {}          # plural -> [(code, headers), ...], each once
        self.expire_continue = 0  # as many tokens are too old
        self.gone_as_status = False  # 410 as the answer, not as an event
        self.cut_lists = 0      # as many pages end in the middle
        self.garbage_lists = 0  # as many lists are something else
        self.twice = set()      # in lists, what has such a name says it twice
        self.trickle = 0        # octets at a time, in lists and watches
        self.half_event = 0     # as many events break off in the middle
        self.silent = False     # watches say nothing at all, and never end
        self.bookmark_every = 0.2
        self.token = None       # the one that is let in


class Store:
    """Objects of every kind, and what became of them, by resourceVersion."""

    def __init__(self):
        self.lock = threading.Condition()
        self.version = 1000
        self.oldest = 1000  # nothing is known of what came before
        self.objects = {plural: {} for plural in RESOURCES}
        self.events = collections.deque()  # (version, plural, type, object)

    def _record(self, plural, kind, obj):
        self.version += 1
        obj["metadata"]["resourceVersion"] = str(self.version)
        self.events.append((self.version, plural, kind, copy.deepcopy(obj)))
        self.lock.notify_all()

    def create(self, plural, obj):
        group, kind, _ = RESOURCES[plural]
        obj = copy.deepcopy(obj)
        obj["kind"], obj["apiVersion"] = kind, group
        meta = obj.setdefault("metadata", {})
        key = (meta.get("namespace", ""), meta["name"])
        with self.lock:
            if key in self.objects[plural]:
                raise Refused(409, '%s "%s" already exists'
                              % (plural, meta["name"]))
            meta.setdefault("uid", str(uuid.uuid4()))
            meta.setdefault("creationTimestamp", datetime.datetime.now(
                datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"))
            self._record(plural, "ADDED", obj)
            self.objects[plural][key] = obj
            return copy.deepcopy(obj)

    def replace(self, plural, namespace, name, obj):
        with self.lock:
            old = self.objects[plural].get((namespace, name))
            if old is None:
                raise Refused(404, '%s "%s" not found' % (plural, name))
            wanted = obj["metadata"].get("resourceVersion")
            if wanted and wanted != old["metadata"]["resourceVersion"]:
                raise Refused(409, "the object has been modified; please "
                              "apply your changes to the latest version")
            obj = copy.deepcopy(obj)
            obj["kind"], obj["apiVersion"] = old["kind"], old["apiVersion"]
            for field in ("uid", "creationTimestamp"):
                obj["metadata"][field] = old["metadata"][field]
            self._record(plural, "MODIFIED", obj)
            self.objects[plural][(namespace, name)] = obj
            return copy.deepcopy(obj)

    def delete(self, plural, namespace, name):
        with self.lock:
            obj = self.objects[plural].pop((namespace, name), None)
            if obj is None:
                raise Refused(404, '%s "%s" not found' % (plural, name))
            obj = copy.deepcopy(obj)
            self._record(plural, "DELETED", obj)
            return obj

    def change(self, plural, namespace, name, edit):
        """Edits an object in place, as the cluster itself does."""
        with self.lock:
            obj = copy.deepcopy(self.objects[plural][(namespace, name)])
            edit(obj)
            obj["metadata"].pop("resourceVersion")
            return self.replace(plural, namespace, name, obj)

    def compact(self):
        """Forgets the past; whoever begins there must list again."""
        with self.lock:
            self.version += 1
            self.oldest = self.version

    def everything(self):
        with self.lock:
            return [copy.deepcopy(obj) for plural in RESOURCES
                    for obj in self.objects[plural].values()]


def is_true(text):
    """As Go's strconv.ParseBool has it, and so the API."""
    return text in ("1", "t", "T", "TRUE", "true", "True")


def matches(obj, namespace, query):
    meta = obj["metadata"]
    if namespace and meta.get("namespace", "") != namespace:
        return False
    for term in filter(None, query.get("fieldSelector", "").split(",")):
        field, _, value = term.replace("==", "=").partition("=")
        got = {"metadata.name": meta["name"],
               "metadata.namespace": meta.get("namespace", "")}.get(field)
        if got is None:
            raise Refused(400, 'field label not supported: ' + field)
        if got != value:
            return False
    for term in filter(None, query.get("labelSelector", "").split(",")):
        key, _, value = term.replace("==", "=").partition("=")
        if meta.get("labels", {}).get(key) != value:
            return False
    return True


def encode_token(version, start):
    text = json.dumps({"v": "meta.k8s.io/v1", "rv": version, "start": start})
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode_token(token):
    try:
        text = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        fields = json.loads(text)
        return fields["rv"], fields["start"]
    except (ValueError, KeyError) as fault:
        raise Refused(400, "continue key is not valid: %s" % fault)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_):
        pass

    # --- answers ----------------------------------------------------------

    def send_json(self, code, value, headers=()):
        octets = json.dumps(value).encode()
        for name in self.server.faults.twice:
            word = b'"name": ' + json.dumps(name).encode()
            octets = octets.replace(word, word + b", " + word)
        packed = (len(octets) > 128 * 1024 and
                  "gzip" in self.headers.get("Accept-Encoding", ""))
        if packed:
            octets = gzip.compress(octets, 1)
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        if packed:
            self.send_header("Content-Encoding", "gzip")
        for name, text in headers:
            self.send_header(name, text)
        self.send_header("Content-Length", str(len(octets)))
        self.end_headers()
        return octets

    def write_slowly(self, octets):
        step = self.server.faults.trickle
        if not step:
            self.wfile.write(octets)
            return
        for at in range(0, len(octets), step):
            self.wfile.write(octets[at:at + step])
            self.wfile.flush()
            time.sleep(0.0002)

    def break_off(self):
        """Ends the connection as a crash does: with a reset."""
        self.close_connection = True
        try:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                       b"\1\0\0\0\0\0\0\0")
            self.connection.close()
        except OSError:
            pass

    # --- who, and what ----------------------------------------------------

    def check_token(self):
        wanted = self.server.faults.token
        if wanted is None:
            return
        if self.headers.get("Authorization") != "Bearer " + wanted:
            raise Refused(401, "Unauthorized")

    def parse_path(self):
        """-> plural, namespace, name, query; or None for other paths."""
        url = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(url.query, True))
        parts = url.path.strip("/").split("/")
        if parts[:2] == ["api", "v1"]:
            group, parts = "v1", parts[2:]
        elif parts[0] == "apis" and len(parts) >= 3:
            group, parts = "/".join(parts[1:3]), parts[3:]
        else:
            return None
        namespace = ""
        if len(parts) >= 3 and parts[0] == "namespaces":
            namespace, parts = parts[1], parts[2:]
        if not parts or RESOURCES.get(parts[0], ("",))[0] != group:
            return None
        return parts[0], namespace, parts[1] if len(parts) > 1 else "", query

    def discover(self):
        path = urllib.parse.urlsplit(self.path).path.rstrip("/")
        groups = sorted({r[0] for r in RESOURCES.values()})
        if path == "/version":
            return {"major": "1", "minor": "32", "gitVersion": "v1.32.0",
                    "platform": "test"}
        if path == "/api":
            return {"kind": "APIVersions", "versions": ["v1"],
                    "serverAddressByClientCIDRs": []}
        if path == "/apis":
            return {"kind": "APIGroupList", "apiVersion": "v1", "groups": [
                {"name": g.split("/")[0],
                 "versions": [{"groupVersion": g, "version": "v1"}],
                 "preferredVersion": {"groupVersion": g, "version": "v1"}}
                for g in groups if "/" in g]}
        group = path[len("/apis/"):] if path.startswith("/apis/") else "v1"
        if group not in groups or path not in ("/api/v1", "/apis/" + group):
            raise Refused(404, "the server could not find the requested "
                          "resource")
        return {"kind": "APIResourceList", "apiVersion": "v1",
                "groupVersion": group, "resources": [
                    {"name": plural, "singularName": kind.lower(),
                     "namespaced": spaced, "kind": kind,
                     "verbs": ["create", "delete", "get", "list", "update",
                               "watch"]}
                    for plural, (g, kind, spaced) in RESOURCES.items()
                    if g == group]}

    def handle_any(self, verb):
        # A body is read whatever comes of it, or the connection is lost.
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            self.check_token()
            target = self.parse_path()
            if target is None:
                octets = self.send_json(200, self.discover())
                self.wfile.write(octets)
                return
            self.act(verb, *target, body)
        except Refused as refused:
            try:
                self.server.count(self.path, refused.code)
                octets = self.send_json(
                    refused.code, status(refused.code, refused.message),
                    refused.headers)
                self.wfile.write(octets)
            except OSError:
                self.close_connection = True
        except OSError:
            self.close_connection = True

    def do_GET(self):
        self.handle_any("get")

    def do_POST(self):
        self.handle_any("create")

    def do_PUT(self):
        self.handle_any("update")

    def do_DELETE(self):
        self.handle_any("delete")

    def refuse_by_order(self, plural, verb):
        faults = self.server.faults
        if plural in faults.missing:
            raise Refused(404, "the server could not find the requested "
                          "resource")
        if plural in faults.forbidden:
            raise Refused(403, '%s is forbidden: User "test" cannot %s '
                          'resource "%s"' % (plural, verb, plural))
        queue = faults.fail.get(plural)
        if queue:
            code, headers = queue.pop(0)
            raise Refused(code, "as ordered", headers)

    def act(self, verb, plural, namespace, name, query, body):
        store = self.server.store
        watch = is_true(query.get("watch"))
        if verb == "get" and not name:
            verb = "watch" if watch else "list"
        self.refuse_by_order(plural, verb)
        if verb == "watch":
            self.server.count(self.path, 200)
            self.watch(plural, namespace, query)
            return
        if verb == "list":
            self.list(plural, namespace, query)
            return
        if verb == "get":
            with store.lock:
                obj = store.objects[plural].get((namespace, name))
            if obj is None:
                raise Refused(404, '%s "%s" not found' % (plural, name))
            code, value = 200, obj
        elif verb == "create":
            obj = json.loads(body)
            if RESOURCES[plural][2]:
                obj["metadata"].setdefault("namespace", namespace)
            code, value = 201, store.create(plural, obj)
        elif verb == "update":
            code, value = 200, store.replace(
                plural, namespace, name, json.loads(body))
        else:
            code, value = 200, store.delete(plural, namespace, name)
        octets = self.send_json(code, value)
        self.wfile.write(octets)

    # --- lists ------------------------------------------------------------

    def list(self, plural, namespace, query):
        faults, server = self.server.faults, self.server
        token = query.get("continue", "")
        version, start = decode_token(token) if token else (None, None)
        with server.store.lock:
            if token and faults.expire_continue > 0:
                faults.expire_continue -= 1
                raise Refused(410, "The provided continue parameter is too "
                              "old to display a consistent list result")
            if token:
                snapshot = server.snapshots.get((plural, version))
                if snapshot is None or version < server.store.oldest:
                    raise Refused(410, "The provided continue parameter is "
                                  "too old to display a consistent list "
                                  "result")
            else:
                version = server.store.version
                snapshot = dict(server.store.objects[plural])
        keys = sorted(key for key, obj in snapshot.items()
                      if matches(obj, namespace, query))
        if start is not None:
            keys = [key for key in keys if list(key) >= start]
        limit = int(query.get("limit") or 0)
        page, rest = (keys[:limit], keys[limit:]) if limit else (keys, [])
        meta = {"resourceVersion": str(version)}
        if rest:
            server.snapshots[(plural, version)] = snapshot
            meta["continue"] = encode_token(version, rest[0])
            meta["remainingItemCount"] = len(rest)
        group, kind, _ = RESOURCES[plural]
        items = []
        for key in page:
            # Items of a typed list do not say their kind.
            item = dict(snapshot[key])
            item.pop("kind"), item.pop("apiVersion")
            items.append(item)
        server.count(self.path, 200)
        self.send_list({"kind": kind + "List", "apiVersion": group,
                        "metadata": meta, "items": items})

    def send_list(self, value):
        faults = self.server.faults
        if faults.garbage_lists > 0:
            faults.garbage_lists -= 1
            octets = b"<html><body>Bad gateway {[}</body></html>"
            self.send_response(200)
            self.send_header("Content-Length", str(len(octets)))
            self.end_headers()
            self.wfile.write(octets)
            return
        octets = self.send_json(200, value)
        if faults.cut_lists > 0 and value["items"]:
            faults.cut_lists -= 1
            self.wfile.write(octets[:len(octets) * 2 // 3])
            self.wfile.flush()
            self.break_off()
            return
        self.write_slowly(octets)

    # --- watches ----------------------------------------------------------

    def send_event(self, kind, obj):
        line = json.dumps({"type": kind, "object": obj}).encode() + b"\n"
        faults = self.server.faults
        if faults.half_event > 0 and kind in ("ADDED", "MODIFIED", "DELETED"):
            faults.half_event -= 1
            half = line[:len(line) // 2]
            self.wfile.write(b"%x\r\n%s\r\n" % (len(half), half))
            self.wfile.flush()
            self.break_off()
            raise BrokenPipeError
        self.write_slowly(b"%x\r\n%s\r\n" % (len(line), line))
        self.wfile.flush()

    def end_watch(self):
        self.wfile.write(b"0\r\n\r\n")

    def bookmark(self, plural, version):
        group, kind, _ = RESOURCES[plural]
        self.send_event("BOOKMARK", {
            "kind": kind, "apiVersion": group,
            "metadata": {"resourceVersion": str(version),
                         "creationTimestamp": None}})

    def begin_watch(self, plural, namespace, query):
        """-> the version to go on from, or None when that was all."""
        store, text = self.server.store, query.get("resourceVersion", "")
        if "sendInitialEvents" in query:
            raise Refused(422, "sendInitialEvents is forbidden for watch "
                          "unless the WatchList feature gate is enabled")
        if text not in ("", "0"):
            if not text.isdigit():
                raise Refused(400, "Invalid value: %r" % text)
            if int(text) > store.version:
                # After some seconds, as the watch cache has it.
                raise Refused(504, "Timeout: Too large resource version: %s, "
                              "current: %d" % (text, store.version))
            too_old = int(text) < store.oldest
            if too_old and self.server.faults.gone_as_status:
                raise Refused(410, "too old resource version: %s (%d)"
                              % (text, store.oldest))
        self.send_response(200)
        self.send_header("Content-Type", "application/json;stream=watch")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        if text not in ("", "0"):
            if too_old:
                self.send_event("ERROR", status(
                    410, "too old resource version: %s (%d)"
                    % (text, store.oldest)))
                self.end_watch()
                return None
            return int(text)
        with store.lock:
            version = store.version
            objects = list(store.objects[plural].values())
        for obj in objects:
            if matches(obj, namespace, query):
                self.send_event("ADDED", obj)
        return version

    def watch(self, plural, namespace, query):
        server, store = self.server, self.server.store
        limit = int(query.get("timeoutSeconds") or 0) or \
            random.randint(1800, 3600)
        ends = time.monotonic() + limit
        bookmarks = is_true(query.get("allowWatchBookmarks"))
        version = self.begin_watch(plural, namespace, query)
        if version is None:
            return
        generation = server.generation
        told = time.monotonic()
        while True:
            with store.lock:
                news = [e for e in store.events
                        if e[0] > version and e[1] == plural]
                if not news:
                    store.lock.wait(0.02)
                    news = [e for e in store.events
                            if e[0] > version and e[1] == plural]
                latest = store.version
            if server.generation != generation or server.closing:
                self.break_off()
                return
            if server.faults.silent:
                continue
            for at, _, kind, obj in news:
                version = at
                if matches(obj, namespace, query):
                    self.send_event(kind, obj)
            if not news:
                version = max(version, latest)
            now = time.monotonic()
            if bookmarks and now - told >= server.faults.bookmark_every:
                told = now
                self.bookmark(plural, version)
            if now >= ends:
                self.end_watch()
                return


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, store=None, faults=None, certificate=None,
                 client_authority=None, port=0):
        self.store = store or Store()
        self.faults = faults or Faults()
        self.snapshots = {}
        self.generation = 0
        self.closing = False
        self.requests = collections.Counter()  # (plural, what, code)
        self.paths = []
        self.encrypted = certificate is not None
        super().__init__(("127.0.0.1", port), Handler)
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate)
            if client_authority:
                context.load_verify_locations(client_authority)
                context.verify_mode = ssl.CERT_REQUIRED
            self.socket = context.wrap_socket(
                self.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=self.serve_forever, args=(0.02,),
                         daemon=True).start()

    def handle_error(self, request, client_address):
        pass  # clients that are killed, and handshakes that fail

    @property
    def url(self):
        return "%s://127.0.0.1:%d" % (
            "https" if self.encrypted else "http", self.server_address[1])

    def count(self, path, code):
        url = urllib.parse.urlsplit(path)
        query = dict(urllib.parse.parse_qsl(url.query, True))
        what = ("watch" if is_true(query.get("watch")) else
                "continue" if "continue" in query else "list")
        plural = [p for p in url.path.split("/") if p in RESOURCES]
        self.requests[(plural[-1] if plural else "", what, code)] += 1
        self.paths.append(path)

    def break_watches(self):
        """Resets every watch that there is."""
        with self.store.lock:
            self.generation += 1
            self.store.lock.notify_all()

    def close(self):
        self.closing = True
        self.break_watches()
        self.shutdown()
        self.server_close()
