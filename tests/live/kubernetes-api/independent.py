"""Whether the test server speaks as a Kubernetes API server does: clients that
were not made for it are the judges.  python3-kubernetes is Debian's; kubectl
is asked too where there is one.  Exit code 77: neither is here.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading

import objects
import server


def by_python(api):
    try:
        from kubernetes import client, watch
    except ImportError:
        return False
    configuration = client.Configuration()
    configuration.host = api.url
    configuration.api_key = {"authorization": "Bearer sesame"}
    core = client.CoreV1Api(client.ApiClient(configuration))
    apps = client.AppsV1Api(client.ApiClient(configuration))

    # Lists in chunks: all of one version, nothing twice, nothing left out.
    names, versions, token = [], set(), None
    while True:
        page = core.list_pod_for_all_namespaces(limit=5, _continue=token)
        names += [p.metadata.name for p in page.items]
        versions.add(page.metadata.resource_version)
        token = page.metadata._continue
        if not token:
            break
        # Changes in between are of another version.
        api.store.create("pods", objects.pod("late-%d" % len(names), None))
    assert len(names) == len(set(names)) == 14, names
    assert len(versions) == 1, versions
    assert core.list_namespaced_pod("other").items[0].metadata.name == \
        "elsewhere"
    assert core.read_node("n1").status.addresses[0].address == "192.0.2.1"
    assert len(apps.list_replica_set_for_all_namespaces().items) == 1

    # Watches: from a version on, every change once and in order.
    version = core.list_namespaced_pod("shop").metadata.resource_version
    core.create_namespaced_pod("shop", objects.pod("new", "10.0.1.200"))
    api.store.change("pods", "shop", "new",
                     lambda o: o["status"].update(phase="Failed"))
    core.delete_namespaced_pod("new", "shop")
    seen = [(e["type"], e["object"].metadata.name) for e in
            watch.Watch().stream(core.list_namespaced_pod, "shop",
                                 resource_version=version, timeout_seconds=1)]
    assert seen == [("ADDED", "new"), ("MODIFIED", "new"),
                    ("DELETED", "new")], seen

    # Bookmarks are where a watch can go on from.
    kinds = []
    stream = watch.Watch()
    for event in stream.stream(core.list_namespaced_pod, "shop",
                               resource_version=version, timeout_seconds=1,
                               allow_watch_bookmarks=True):
        kinds.append(event["type"])
    assert "BOOKMARK" in kinds, kinds

    # What is too old is 410, and what is not there 404.
    api.store.compact()
    try:
        list(watch.Watch().stream(core.list_namespaced_pod, "shop",
                                  resource_version=version,
                                  timeout_seconds=1))
        raise AssertionError("no 410")
    except client.exceptions.ApiException as fault:
        assert fault.status == 410, fault
    try:
        core.read_namespaced_pod("nobody", "shop")
        raise AssertionError("no 404")
    except client.exceptions.ApiException as fault:
        assert json.loads(fault.body)["reason"] == "NotFound"
    configuration.api_key = {"authorization": "Bearer wrong"}
    try:
        client.CoreV1Api(client.ApiClient(configuration)).list_node()
        raise AssertionError("no 401")
    except client.exceptions.ApiException as fault:
        assert fault.status == 401
    return True


def by_kubectl(api, scratch):
    kubectl = shutil.which("kubectl")
    if kubectl is None:
        return False
    api.faults.token = None  # kubectl sends none without encryption
    environment = dict(os.environ, HOME=scratch, KUBECONFIG="/dev/null")

    def run(*words):
        return subprocess.run(
            [kubectl, "--server", api.url, "--request-timeout=5s", *words],
            env=environment, capture_output=True, text=True, timeout=20)

    got = run("get", "pods", "-A", "--chunk-size=4", "-o", "json")
    assert got.returncode == 0, got.stderr
    here = {o["metadata"]["uid"] for o in api.store.everything()
            if o["kind"] == "Pod"}
    assert {o["metadata"]["uid"]
            for o in json.loads(got.stdout)["items"]} == here
    got = run("get", "networkpolicies,cronjobs,endpointslices", "-A",
              "-o", "name")
    assert len(got.stdout.split()) == 3, got.stdout + got.stderr

    # A watch of its own, while things change.
    watcher = subprocess.Popen(
        [kubectl, "--server", api.url, "get", "services", "-n", "shop",
         "--watch", "-o", "name"],
        env=environment, stdout=subprocess.PIPE, text=True)
    stop = threading.Timer(10, watcher.kill)
    stop.start()
    lines = [watcher.stdout.readline()]
    api.store.create("services", {
        "metadata": objects.meta("new", "shop"), "spec": {"ports": []}})
    lines.append(watcher.stdout.readline())
    api.store.delete("services", "shop", "new")
    lines.append(watcher.stdout.readline())
    watcher.kill()
    watcher.wait()
    stop.cancel()
    assert [line.strip() for line in lines] == [
        "service/orders", "service/new", "service/new"], lines

    # What is deployed is at least what kubectl understands.
    for name in ("rbac.yaml", "collector.yaml"):
        got = run("create", "--dry-run=client", "--validate=false",
                  "-f", "deploy/kubernetes/" + name, "-o", "name")
        assert got.returncode == 0, got.stderr
    return True


def main():
    api = server.Server()
    api.faults.token = "sesame"
    objects.shop(api.store)
    with tempfile.TemporaryDirectory() as scratch:
        judges = [name for name, judged in (
            ("python3-kubernetes", by_python(api)),
            ("kubectl", by_kubectl(api, scratch))) if judged]
    api.close()
    if not judges:
        print("NOT TESTED: neither python3-kubernetes nor kubectl is here")
        return 77
    print("the server is what %s take it for" % " and ".join(judges))
    return 0


if __name__ == "__main__":
    sys.exit(main())
