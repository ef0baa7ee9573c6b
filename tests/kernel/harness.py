"""What the tests of a running kernel share: a network and a bpf file system of their own, which vanish with the process, and the
program of forward.c with its manifest. Each test is a function whose name begins with test_."""
import ctypes, json, os, pathlib, shutil, socket, subprocess, sys, tempfile, time

ROOT = pathlib.Path(__file__).resolve().parents[2]
CLONE_NEWNS, CLONE_NEWNET = 0x20000, 0x40000000
libc = ctypes.CDLL(None, use_errno=True)


class Skip(Exception):
    """The test cannot run here."""


def find_p4bpf():
    if os.environ.get("P4BPF"):
        return str(pathlib.Path(os.environ["P4BPF"]).resolve())
    for preset in ("dev", "quick", "release"):
        path = ROOT / "build" / preset / "p4bpf"
        if path.exists():
            return str(path)
    sys.exit("no p4bpf: build one, or name it in $P4BPF")


P4BPF = find_p4bpf()
# Seconds for one command; an emulated machine is given more (tests/kernel61).
LIMIT = int(os.environ.get("P4BPF_TEST_LIMIT", 30))
FOLDER = pathlib.Path(tempfile.mkdtemp(prefix="p4bpf-test-"))


def p4bpf(*words, status=0, says=None, warns="", **more):
    """Runs a command; checks its exit status and that standard error (or, if fine, standard output) says something, and that
    standard error has the warning."""
    done = subprocess.run([P4BPF, *map(str, words)], capture_output=True, text=True, timeout=LIMIT, **more)
    said = done.stdout if status == 0 else done.stderr
    shown = f"p4bpf {' '.join(map(str, words))} -> {done.returncode}\n{done.stdout}{done.stderr}"
    assert done.returncode == status, f"expected status {status}: {shown}"
    for word in [says] if isinstance(says, str) else says or []:
        assert word in said, f"expected '{word}': {shown}"
    assert warns in done.stderr, f"expected the warning '{warns}': {shown}"
    return said


def entries(table, name=None):
    return json.loads(p4bpf("table", "dump", f"{name}:{table}" if name else table, "--json"))["entries"]


def needs_kernel(major, minor, what):
    if tuple(int(number) for number in os.uname().release.split("-")[0].split(".")[:2]) < (major, minor):
        raise Skip(f"{what} came with Linux {major}.{minor}")


def sh(command):
    subprocess.run(command, shell=True, check=True, capture_output=True, text=True)


def own_world():
    """A network namespace, and a mount namespace with its own bpf file system."""
    if os.geteuid() != 0:
        raise Skip("needs root")
    if libc.unshare(CLONE_NEWNET | CLONE_NEWNS) != 0:
        raise Skip("cannot make namespaces")
    sh("mount --make-rprivate /")
    bpffs = FOLDER / "bpf"
    bpffs.mkdir()
    if libc.mount(b"bpf", str(bpffs).encode(), b"bpf", 0, None) != 0:
        raise Skip("cannot mount a bpf file system")
    os.environ["P4BPF_BPFFS"] = str(bpffs)
    sh("ip link set lo up")


def make_veth(a, b):
    sh(f"ip link add {a} type veth peer name {b} && ip link set {a} up && ip link set {b} up")
    # What is redirected to a veth arrives only where the other end polls.
    sh(f"ethtool -K {a} gro on && ethtool -K {b} gro on")


def open_socket(interface, ethertype=0x88b5):
    """A raw socket; what the kernel itself sends (IPv6 neighbours) is not ours."""
    raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ethertype))
    raw.bind((interface, ethertype))
    raw.settimeout(2)
    return raw


def frame(text):
    return bytes(6) + bytes(6) + b"\x88\xb5" + text.encode().ljust(60, b".")


def slot(offset, size, order="host"):
    return {"offset": offset, "size": size, "order": order}


def key(name, match, bits, where):
    return {"name": name, "match": match, "kind": "bits", "bits": bits, "enum_members": [], "annotations": [], "type_name": "", "place": 0,
            "slot": where}


def table(name, structure, keys, key_size, size=4, **more):
    port = {"name": "port", "kind": "bits", "bits": 32, "enum_members": [], "annotations": [], "type_name": "",
            "slot": slot(4, 4)}
    actions = [("send", [port]), ("pass", []), ("drop", [])]
    made = {
        "name": name, "keys": keys,
        "actions": [{"name": f"Fwd.{n}", "params": p, "default_only": False, "table_only": False, "annotations": [],
                     "ref_annotations": []} for n, p in actions],
        "default_action": 1, "default_arguments": [], "default_is_const": False, "entries_are_const": False,
        "entries": [], "size": size, "evicts": False, "is_value_set": False, "structure": structure,
        "profile": None, "support_timeout": False, "annotations": [], "handle_offset": 0, "handle_map": "", "last_hit_map": "",
        "map": name.replace(".", "_"), "map_symbol": "", "map_offset": 0,
        "key_size": key_size, "entry_map": "", "root_bits": 0, "lines": 0, "matrix_cells": 0,
        "value_size": 8, "default_symbol": "", "default_map": "", "default_offset": 0}
    return made | more


def manifest(programs):
    return {
        "version": 1, "program": "forward", "source": "forward.p4", "architecture": "xdp_model",
        "kernel_programs": [{"function": f, "hook": h} for f, h in programs], "parts": [],
        "tables": [
            table("Fwd.ports", "hash", [key("port", "exact", 32, slot(0, 4))], 4, default_symbol="Fwd_ports_default"),
            table("Fwd.routes", "lpm_trie", [key("dst", "lpm", 32, slot(0, 4, "network"))], 4),
            table("Fwd.slots", "array", [key("slot", "exact", 8, slot(0, 4))], 4),
            table("Fwd.acl", "rule_list", [key("src", "ternary", 32, slot(0, 4, "network")),
                                           key("dport", "range", 16, slot(4, 2)),
                                           key("proto", "optional", 8, slot(6, 1))], 8)],
        "counters": [{"name": "Fwd.packets", "size": 4, "sparse": False, "counts_packets": True, "counts_bytes": True,
                      "bits": 64, "table": None, "annotations": [], "map": "Fwd_packets", "index_type_name": ""}],
        "meters": [], "registers": [], "calculations": [], "digests": [], "digest_map": "", "digests_lost_map": "", "profiles": [],
        "controller_headers": [], "named_types": [], "annotations": [],
        "passes": {"multicast_map": "", "clone_map": "", "slot_map": "", "slot_size": 0, "test_copies_map": ""},
        "port_of_ifindex_symbol": "port_of_ifindex", "port_of_ifindex_map": "",
        "port_of_ifindex_offset": 0, "ifindex_of_port_map": "ifindex_of_port", "test_port_symbol": ""}


def make_object(name, programs, *flags):
    """FOLDER/NAME.o and .json."""
    out = FOLDER / f"{name}.o"
    clang = next(c for c in (os.environ.get("P4BPF_CLANG"), "clang-19", "clang-14", "clang") if c and shutil.which(c))
    subprocess.run([clang, "-target", "bpf", "-mcpu=v3", "-O2", "-g", *flags, "-c", ROOT / "tests/kernel/forward.c", "-o", out],
                   check=True, cwd=FOLDER)
    (FOLDER / f"{name}.json").write_text(json.dumps(manifest(programs)))
    return str(out)


def forward_on(*pairs):
    """The program for XDP, in a world of its own with a veth pair for each two of these names: the path of its object."""
    own_world()
    for a, b in pairs:
        make_veth(a, b)
    return make_object("forward", [("fwd", "xdp")])


def attachments():
    return [a for i in json.loads(p4bpf("ps", "--json")) for a in i["attachments"]]


def names():
    return [i["name"] for i in json.loads(p4bpf("ps", "--json"))]


def run_all(module, set_up, limit=None):
    """Runs the module's tests one after the other; the exit status is 0, 1 or 77. `limit` is in seconds for one test."""
    passed = failed = skipped = 0
    tests = [(n, f) for n, f in vars(module).items() if n.startswith("test_")]
    wanted = sys.argv[1:]
    try:
        set_up()
    except Skip as why:
        print(f"SKIP: {why}")
        print(f"0 passed, 0 failed, {len(tests)} skipped")
        return 77
    try:
        for name, test in tests:
            if wanted and not any(w in name for w in wanted):
                continue
            start = time.monotonic()
            try:
                test()
                passed += 1
                print(f"PASS {name} {time.monotonic() - start:.3f} s")
            except Skip as why:
                skipped += 1
                print(f"SKIP {name}: {why}")
            except Exception as why:
                failed += 1
                print(f"FAIL {name}: {type(why).__name__}: {why}")
            finally:
                subprocess.run([P4BPF, "unload", "--all"], capture_output=True)
    finally:
        if "P4BPF_BPFFS" in os.environ:
            subprocess.run(["umount", os.environ["P4BPF_BPFFS"]], capture_output=True)
        shutil.rmtree(FOLDER, ignore_errors=True)
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed else 0
