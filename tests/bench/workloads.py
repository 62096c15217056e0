"""workloads: what is measured, and how it comes to be in build/bench.

Used by `run` and `instructions`.  A capture is made once and kept; it is made
anew when the generator changes.
"""
import glob
import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
PLACE = os.path.join(ROOT, "build", "bench")
HEDGEROW = os.path.join(ROOT, "hedgerow")
GENERATE = os.path.join(PLACE, "generate")
FLOOR = os.path.join(PLACE, "floor")
BLAST = os.path.join(PLACE, "blast")
LARGER_RING = os.path.join(PLACE, "larger_ring.so")

# name: (generator's workload, amount, amount with --small, the amount under
# callgrind, with an inventory).  Packets, for the elephants octets, for the
# mice flows; requests, lookups and connections of one kind of message.
WORKLOADS = {
    "mix": ("mix", 4000000, 400000, 200000, False),
    "mice": ("mice", 1000000, 100000, 20000, False),
    "mice-policy": ("mice", 1000000, 100000, 20000, True),
    "elephant": ("elephant", 2000000000, 100000000, 30000000, False),
    "syn": ("syn", 4000000, 500000, 300000, False),
    "small": ("small", 4000000, 1000000, 1000000, False),
    "http": ("http", 500000, 50000, 20000, False),
    "dns": ("dns", 500000, 50000, 10000, False),
    "tls": ("tls", 300000, 30000, 5000, False),
}
SIZES = {"full": 1, "small": 2, "callgrind": 3}


def newer(path, sources):
    """Whether `path` is there and no source has changed since."""
    if not os.path.exists(path):
        return False
    made = os.path.getmtime(path)
    return all(os.path.getmtime(source) <= made for source in sources)


def compile_program(program, sources, headers, libraries, *more):
    if newer(program, sources + headers):
        return
    print(f"  cc     {os.path.relpath(program, ROOT)}", file=sys.stderr)
    flags = []
    if libraries:
        flags = subprocess.run(
            ["pkg-config", "--cflags", "--libs", *libraries], check=True,
            capture_output=True, text=True).stdout.split()
    subprocess.run(
        [os.environ.get("CC", "gcc"), "-std=c17", "-D_GNU_SOURCE", "-O2",
         "-I", ROOT, "-o", program, *more, *sources, *flags], check=True)


def build():
    """The generator, the floors and the sensor, all of this moment."""
    os.makedirs(PLACE, exist_ok=True)
    here = os.path.join(ROOT, "tests", "bench")
    headers = glob.glob(os.path.join(here, "*.h"))
    floor, blast, ring = (
        os.path.join(here, name + ".c")
        for name in ("floor", "sender/blast", "sender/larger_ring"))
    sources = sorted(set(glob.glob(os.path.join(here, "*.c"))) - {floor})
    compile_program(GENERATE, sources, headers, [])
    compile_program(FLOOR, [floor], [], ["libpcap", "libndpi"])
    compile_program(BLAST, [blast], [], ["libpcap"])
    compile_program(LARGER_RING, [ring], [], ["libpcap"], "-shared", "-fPIC")
    if not os.environ.get("HEDGEROW"):
        subprocess.run(["make", "--no-print-directory", "-C", ROOT, "hedgerow"],
                       check=True, stdout=sys.stderr)


def hedgerow():
    """The sensor to be measured; HEDGEROW names another than ./hedgerow."""
    return os.environ.get("HEDGEROW") or HEDGEROW


def generate(workload, amount):
    """Makes the capture; returns (its path, its inventory, what is in it)."""
    path = os.path.join(PLACE, f"{workload}-{amount}.pcap")
    said, inventory = path + ".said", path + ".json"
    if not newer(said, [GENERATE]):
        print(f"  make   {os.path.relpath(path, ROOT)}", file=sys.stderr)
        done = subprocess.run(
            [GENERATE, workload, path, str(amount), inventory], check=True,
            capture_output=True, text=True)
        with open(said, "w", encoding="utf-8") as file:
            file.write(done.stdout)
    with open(said, encoding="utf-8") as file:
        words = [word.split("=") for word in file.read().split()]
    return path, inventory, {word: int(number) for word, number in words}


def prepare(name, size):
    """(path, what is in it, the sensor's command) of one workload."""
    row = WORKLOADS[name]
    path, inventory, inside = generate(row[0], row[SIZES[size]])
    return path, inside, sensor(path, inventory if row[4] else None)


def sensor(path, inventory):
    command = [hedgerow(), "replay", path, "--alerts", "/dev/null", "--quiet"]
    if inventory is not None:
        command += ["--inventory", inventory]
    return command


def environment():
    """The shipped models, wherever the sensor is."""
    return dict(os.environ, HEDGEROW_DATA=os.path.join(ROOT, "models"))
