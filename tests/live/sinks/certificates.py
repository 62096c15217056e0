#!/usr/bin/python3
"""Sinks whose target wants to know who comes: TLS client certificates.

usage: certificates.py BUILD
"""
import http.server
import os
import shutil
import socketserver
import ssl
import subprocess
import sys
import tempfile
import threading

COUNT = 40


def openssl(directory, *words):
    subprocess.run(["openssl", *words], cwd=directory, check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def make_certificates(directory):
    for name in "ca", "other":
        openssl(directory, "req", "-x509", "-newkey", "rsa:2048", "-nodes",
                "-days", "2", "-subj", "/CN=" + name, "-keyout",
                name + "-key.pem", "-out", name + ".pem")
    with open(os.path.join(directory, "names"), "w",
              encoding="utf-8") as names:
        names.write("subjectAltName=DNS:siem.test\n")
    for name, authority in (("server", "ca"), ("client", "ca"),
                            ("stranger", "other")):
        openssl(directory, "req", "-newkey", "rsa:2048", "-nodes", "-subj",
                "/CN=" + name, "-keyout", name + "-key.pem", "-out",
                name + ".csr")
        openssl(directory, "x509", "-req", "-in", name + ".csr", "-CA",
                authority + ".pem", "-CAkey", authority + "-key.pem",
                "-CAcreateserial", "-days", "2", "-extfile", "names", "-out",
                name + ".pem")


class Web(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.taken.append(body)
        self.server.peers.add(
            dict(part[0] for part in
                 self.connection.getpeercert()["subject"])["commonName"])
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


class Lines(socketserver.BaseRequestHandler):
    """Syslog: whatever comes is taken."""

    def handle(self):
        while octets := self.request.recv(65536):
            self.server.taken.append(octets)


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, handler, directory):
        super().__init__(("127.0.0.1", 0), handler)
        self.taken, self.peers = [], set()
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(directory + "/server.pem",
                                     directory + "/server-key.pem")
        self.context.load_verify_locations(directory + "/ca.pem")
        self.context.verify_mode = ssl.CERT_REQUIRED
        threading.Thread(target=self.serve_forever, args=(0.05,),
                         daemon=True).start()

    def get_request(self):
        connection, address = super().get_request()
        connection.settimeout(60)
        return self.context.wrap_socket(connection, server_side=True), address

    def handle_error(self, *_):
        pass

    def uids(self):
        octets = b"".join(self.taken)
        return sum(b"%016x" % i in octets for i in range(1, COUNT + 1))


def deliver(build, journal, url, seconds):
    return subprocess.run(
        [build + "/hedgerow", "alerts", "deliver", "--journal", journal,
         "--sink", url, "--deliver-for", str(seconds)],
        capture_output=True, check=False)


def need(condition, *what):
    if not condition:
        sys.exit(" ".join(map(str, what)))


def try_one(build, directory, scheme, handler):
    journal = os.path.join(directory, scheme)
    subprocess.run([build + "/tests/live/journal_fill", journal, str(COUNT),
                    "100000"], check=True, stdout=subprocess.DEVNULL)
    server = Server(handler, directory)
    place = (f"{scheme}://127.0.0.1:{server.server_address[1]}"
             f"?ca={directory}/ca.pem&server-name=siem.test&settle=300")
    theirs = (f"{place}&certificate={directory}/stranger.pem"
              f"&key={directory}/stranger-key.pem")
    for url in place, theirs:
        out = deliver(build, journal, url + "#one", 2)
        need(out.returncode == 3, scheme, "exit code", out.returncode)
        need(b"alerts wait in the journal" in out.stderr, scheme, out.stderr)
        need(not server.uids(), scheme, "was let in")
    out = deliver(build, journal,
                  f"{place}&certificate={directory}/client.pem"
                  f"&key={directory}/client-key.pem#one", 20)
    need(out.returncode == 0, scheme, out.stderr.decode())
    need(server.uids() == COUNT, scheme, server.uids(), "arrived")
    if handler is Web:
        need(server.peers == {"client"}, scheme, "peers", server.peers)
    out = deliver(build, journal, f"{place}&certificate={directory}/none.pem"
                  "#two", 1)
    need(out.returncode != 0 and b"none.pem" in out.stderr or
         b"certificate" in out.stderr, scheme, "no such file:", out.stderr)
    server.shutdown()
    server.server_close()


def main():
    for name in list(os.environ):
        if name.lower().endswith("_proxy"):
            del os.environ[name]
    directory = tempfile.mkdtemp()
    try:
        make_certificates(directory)
        try_one(sys.argv[1], directory, "webhook+https", Web)
        try_one(sys.argv[1], directory, "syslog+tls", Lines)
    finally:
        shutil.rmtree(directory)


main()
