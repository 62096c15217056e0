"""Objects in the form in which the API documents them, and a whole shop."""


def meta(name, namespace=None, labels=None, owner=None, **more):
    out = {"name": name}
    if namespace:
        out["namespace"] = namespace
    if labels:
        out["labels"] = labels
    if owner:
        kind, owner_name = owner
        out["ownerReferences"] = [{
            "apiVersion": "apps/v1", "kind": kind, "name": owner_name,
            "uid": "u-" + owner_name, "controller": True,
            "blockOwnerDeletion": True}]
    out.update(more)
    return out


def pod(name, address, namespace="shop", node="n1", owner=None, app=None,
        phase="Running", **more):
    status = {"phase": phase, "startTime": "2026-11-21T06:00:00Z",
              "hostIP": "192.0.2.1", "hostIPs": [{"ip": "192.0.2.1"}]}
    if address:
        status["podIP"] = address
        status["podIPs"] = [{"ip": address}]
    if phase == "Succeeded":
        status["containerStatuses"] = [{
            "name": "main", "image": "x", "imageID": "x", "ready": False,
            "restartCount": 0, "state": {"terminated": {
                "exitCode": 0, "finishedAt": "2026-11-21T06:01:00Z"}}}]
    return {
        "metadata": meta(name, namespace, {"app": app or name}, owner, **more),
        "spec": {"nodeName": node, "containers": [{
            "name": "main", "image": "registry.example:5000/shop/%s:1.2"
            % (app or name),
            "ports": [{"containerPort": 8080, "name": "http"}],
            "readinessProbe": {"httpGet": {"path": "/", "port": "http"}}}]},
        "status": status}


def controlled(name):
    """What a controller says of its pods."""
    labels = {"app": name}
    return {"selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": {
                "containers": [{"name": "main", "image": name + ":1"}]}}}


def job():
    return {"template": {"spec": {"restartPolicy": "Never", "containers": [
        {"name": "main", "image": "bill:1"}]}}}


def shop(store, pods=12):
    """A small cluster with something of every kind."""
    create = store.create
    create("namespaces", {"metadata": meta(
        "shop", labels={"kubernetes.io/metadata.name": "shop"})})
    create("namespaces", {"metadata": meta("other")})
    for number in (1, 2):
        create("nodes", {
            "metadata": meta("n%d" % number),
            "spec": {"podCIDR": "10.0.%d.0/24" % number},
            "status": {"addresses": [
                {"type": "InternalIP", "address": "192.0.2.%d" % number},
                {"type": "Hostname", "address": "n%d" % number}]}})
    create("deployments", {"metadata": meta("orders", "shop"),
                           "spec": controlled("orders")})
    create("replicasets", {"metadata": meta(
        "orders-7d", "shop", owner=("Deployment", "orders")),
                           "spec": controlled("orders")})
    create("statefulsets", {"metadata": meta("db", "shop"),
                            "spec": dict(controlled("db"), serviceName="db")})
    create("daemonsets", {"metadata": meta("agent", "shop"),
                          "spec": controlled("agent")})
    create("cronjobs", {"metadata": meta("bill", "shop"),
                        "spec": {"schedule": "0 0 * * *",
                                 "jobTemplate": {"spec": job()}}})
    create("jobs", {"metadata": meta(
        "bill-1", "shop", owner=("CronJob", "bill")), "spec": job()})
    for number in range(pods):
        create("pods", pod("orders-7d-%04d" % number,
                           "10.0.%d.%d" % (1 + number // 200,
                                           10 + number % 200),
                           app="orders",
                           owner=("ReplicaSet", "orders-7d")))
    create("pods", pod("bill-1-x", "10.0.2.9", phase="Succeeded",
                       owner=("Job", "bill-1")))
    create("pods", pod("elsewhere", "10.0.2.10", namespace="other"))
    create("services", {
        "metadata": meta("orders", "shop"),
        "spec": {"clusterIP": "10.96.0.7", "clusterIPs": ["10.96.0.7"],
                 "selector": {"app": "orders"}, "ports": [
                     {"name": "http", "port": 80, "protocol": "TCP",
                      "targetPort": "http"}]}})
    create("endpointslices", {
        "metadata": meta("orders-abc", "shop",
                         {"kubernetes.io/service-name": "orders"}),
        "addressType": "IPv4",
        "endpoints": [{"addresses": ["10.0.1.%d" % (n + 10)]}
                      for n in range(min(pods, 3))],
        "ports": [{"name": "http", "port": 8080, "protocol": "TCP"}]})
    create("networkpolicies", {
        "metadata": meta("deny", "shop"),
        "spec": {"podSelector": {}, "policyTypes": ["Ingress"]}})
