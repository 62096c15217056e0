# Redis, the collector and a sensor, each killed with -9 in every order while
# workloads come and go: in the end the sensor holds the inventory that the file
# states, and a change shows in it soon.  Exit code 77: nothing was tested.
set -u
build=$1
command -v redis-server >/dev/null || {
	echo "NOT TESTED: there is no redis-server here"
	exit 77
}
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
/usr/bin/python3 - "$build/hedgerow" "$directory" <<'END'
import itertools
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time

HEDGEROW, DIRECTORY = sys.argv[1:]
SOCKET = f"{DIRECTORY}/redis.sock"
URL = f"unix://{SOCKET}"
FILE = f"{DIRECTORY}/legacy.yaml"
SAVED = f"{DIRECTORY}/saved"
PATIENCE = 90  # seconds, for a machine that is busy
chance = random.Random(4)


class World:
    """What the file states: a name, an application and an address each."""

    def __init__(self):
        self.workloads = {}
        self.count = 0
        for _ in range(30):
            self.come()
        self.write()

    def come(self):
        self.count += 1
        self.workloads[f"w-{self.count}"] = (
            chance.choice(["ledger", "mainframe", "printer"]),
            f"10.40.{self.count // 250}.{self.count % 250 + 1}")

    def change(self):
        for _ in range(3):
            self.come()
            del self.workloads[chance.choice(list(self.workloads))]
        self.write()

    def write(self):
        with open(FILE + ".new", "w", encoding="utf-8") as out:
            out.write("inventory: 1\nworkloads:\n")
            for name, (application, address) in self.workloads.items():
                out.write(f"  - {{name: {name}, application: {application}, "
                          f"addresses: [{address}]}}\n")
        os.rename(FILE + ".new", FILE)


class Redis:
    def start(self):
        if os.path.exists(SOCKET):
            os.unlink(SOCKET)
        self.process = subprocess.Popen(
            ["redis-server", "--port", "0", "--unixsocket", SOCKET, "--save",
             "", "--dir", DIRECTORY, "--logfile", "/dev/null"])


class Collector:
    def start(self):
        self.process = subprocess.Popen(
            [HEDGEROW, "collect", "file", FILE, "--cluster", "lab", "--redis",
             URL], stderr=subprocess.DEVNULL)

    def tell(self):
        self.process.send_signal(signal.SIGHUP)


class Sensor:
    """Follows what `workloads --watch` says into a world of its own."""

    def start(self):
        self.alive = {}
        self.shown = {}
        self.process = subprocess.Popen(
            [HEDGEROW, "workloads", "--watch", "--no-library", "-o", "json",
             "--saved", SAVED, "--redis", URL],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.reader = threading.Thread(
            target=self.follow, args=(self.process,), daemon=True)
        self.reader.start()

    def follow(self, process):
        alive, shown = self.alive, self.shown
        for line in process.stdout:
            try:
                said = json.loads(line)
            except json.JSONDecodeError:
                return  # killed within a line
            one = said["workload"]
            if said["change"] == "forgotten" or "until" in one:
                alive.pop(one["name"], None)
            else:
                alive[one["name"]] = (
                    one["application"], one["addresses"][0])
                shown.setdefault(one["name"], time.time())


def kill(part):
    part.process.kill()
    part.process.wait()


def wait(what, holds):
    end = time.time() + PATIENCE
    while not holds():
        if time.time() > end:
            sys.exit(f"not within {PATIENCE} s: {what()}")
        time.sleep(0.02)


def differs(world, sensor):
    want, have = world.workloads, dict(sensor.alive)
    return (f"missing {sorted(set(want) - set(have))}, "
            f"left over {sorted(set(have) - set(want))}")


def churn(world, collector):
    world.change()
    if collector.process.poll() is None:
        collector.tell()
    time.sleep(0.03)


def main():
    world, redis, collector, sensor = World(), Redis(), Collector(), Sensor()
    parts = [redis, collector, sensor]
    try:
        for part in parts:
            part.start()
        wait(lambda: "the first list: " + differs(world, sensor),
             lambda: sensor.alive == world.workloads)
        # A collector says that it is ready to be told by its heartbeat; what
        # it has written shows that as well.
        for order in itertools.permutations(parts):
            for part in order:
                churn(world, collector)
                kill(part)
            churn(world, collector)
            for part in chance.sample(parts, 3):
                part.start()
                time.sleep(0.05)
            world.change()
            # Until it takes signals, one more would end it.
            wait(lambda: f"after {[type(p).__name__ for p in order]}: "
                 + differs(world, sensor),
                 lambda: tell_and_compare(world, collector, sensor))
        for part in parts:  # and each alone, with nothing lost but itself
            churn(world, collector)
            kill(part)
            part.start()
            wait(lambda: f"after {type(part).__name__} alone: "
                 + differs(world, sensor),
                 lambda: tell_and_compare(world, collector, sensor))
        latency(world, collector, sensor)
        burst(world, collector, sensor)
        start_without_redis(world, redis, collector, sensor)
    finally:
        for part in parts:
            if hasattr(part, "process"):
                kill(part)


def tell_and_compare(world, collector, sensor):
    """SIGHUP ends a collector that does not take it yet: it comes again."""
    if sensor.alive == world.workloads:
        return True
    if collector.process.poll() is not None:
        collector.start()
        time.sleep(0.3)
    elif len(sensor.alive) > 0:
        collector.tell()
        time.sleep(0.1)
    return False


def burst(world, collector, sensor):
    """Many changes are taken up together, five times a second at most."""
    first = world.count + 1
    for _ in range(60):
        world.come()
        world.write()
        collector.tell()
        time.sleep(0.02)
    wait(lambda: "after a burst: " + differs(world, sensor),
         lambda: tell_and_compare(world, collector, sensor))
    times = sorted(sensor.shown[f"w-{i}"]
                   for i in range(first, world.count + 1))
    # What is taken up together is shown together; half as many again and more,
    # for whoever reads them is not always at once there.  Each change by itself
    # would be a step.
    steps = sum(b - a > 0.01 for a, b in zip(times, times[1:])) + 1
    if steps > 2 * ((times[-1] - times[0]) / 0.2 + 2):
        sys.exit(f"{steps} generations in {times[-1] - times[0]:.1f} s")


def start_without_redis(world, redis, collector, sensor):
    """From what was saved; and what is over meanwhile does not stay."""
    if os.path.exists(SAVED):
        os.unlink(SAVED)
    kill(sensor)
    sensor.start()
    # Away when the first copy is due, a second after everything was loaded.
    wait(lambda: "shows nothing", lambda: sensor.alive)
    kill(redis)
    time.sleep(1.5)
    if os.path.exists(SAVED):
        sys.exit("saved what cannot be asked for")
    redis.start()
    kill(collector)
    collector.start()
    wait(lambda: "nothing was saved", lambda: os.path.exists(SAVED))
    for part in (redis, collector, sensor):
        kill(part)
    saved = dict(world.workloads)
    sensor.start()
    wait(lambda: f"not what was saved: {sensor.alive}",
         lambda: sensor.alive == saved)
    world.change()
    redis.start()
    collector.start()
    wait(lambda: "after a start without Redis: " + differs(world, sensor),
         lambda: tell_and_compare(world, collector, sensor))
    # A file that was torn is said and not used.
    for part in (redis, sensor):
        kill(part)
    with open(SAVED, "r+", encoding="utf-8") as torn:
        torn.truncate(os.path.getsize(SAVED) // 2)
    refused = subprocess.run(
        ["timeout", "10", HEDGEROW, "workloads", "--watch", "--no-library",
         "--saved", SAVED, "--redis", URL], capture_output=True, text=True,
        check=False)
    if "saved inventory is not used" not in refused.stderr:
        sys.exit(f"nothing was said of a torn file: {refused.stderr}")
    if refused.stdout != "":
        sys.exit(f"a torn file was believed: {refused.stdout}")


def latency(world, collector, sensor):
    taken = []
    for _ in range(10):
        world.come()
        world.write()
        name, begun = f"w-{world.count}", time.time()
        collector.tell()
        wait(lambda: f"{name} does not show", lambda: name in sensor.shown)
        taken.append(sensor.shown[name] - begun)
        time.sleep(0.25)
    taken.sort()
    print(f"from SIGHUP to visible: median {taken[5] * 1000:.0f} ms, "
          f"most {taken[-1] * 1000:.0f} ms")
    if taken[5] > 8:
        sys.exit("a change takes too long to show")


main()
END
