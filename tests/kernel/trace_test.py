#!/usr/bin/env python3
"""p4bpf trace of a program that runs: it tells what the interpreter tells of the same packets; packets are forwarded and entries
stay meanwhile; afterwards the program is what it was, whoever ended the trace and how."""
import json, os, re, signal, struct, subprocess, sys
from harness import *

EXAMPLES = ROOT / "examples/v1model"
PORTS = 4
ROUTER = ROOT / "examples/router.p4"


def set_up():
    own_world()
    # The kernel's own packets would be traced too.
    sh("sysctl -qw net.ipv6.conf.default.disable_ipv6=1")
    for port in range(PORTS + 1):
        make_veth(f"p{port}", f"h{port}")


class Trace:
    """A trace that has begun: the program's twin is in."""

    def __init__(self, *words):
        self.process = subprocess.Popen([P4BPF, "trace", *map(str, words)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        line = self.process.stderr.readline()
        assert "tracing" in line, line + self.process.stderr.read()

    def packet(self):
        return json.loads(self.process.stdout.readline())

    def end(self, by=None):
        if by is not None:
            self.process.send_signal(by)
        out, said = self.process.communicate(timeout=LIMIT)
        assert by == signal.SIGKILL or self.process.returncode == 0, said
        return out, said


def program_ids(name="t1"):
    """What is attached, by interface: the id of the program that each link has, or of the clsact filter."""
    folder = pathlib.Path(os.environ["P4BPF_BPFFS"]) / "p4bpf" / name / "links"
    ids = {}
    for pin in folder.iterdir():
        done = subprocess.run(["bpftool", "-j", "link", "show", "pinned", pin], capture_output=True, text=True)
        if done.returncode == 0:
            ids[pin.name] = json.loads(done.stdout)["prog_id"]
        else:
            filters = subprocess.run(["tc", "-j", "filter", "show", "dev", pin.name.split("@")[1], "ingress"], capture_output=True, text=True)
            ids[pin.name] = [one["options"]["prog"]["id"] for one in json.loads(filters.stdout) if "prog" in one.get("options", {})]
    return ids


def run(program, *words):
    bindings = [word for port in range(1, PORTS + 1) for word in ("-i", f"{port}@p{port}")]
    p4bpf("run", program, "--detach", "--name", "t1", *bindings, *words)


def packets_of(stf):
    """The packets of a test, by port."""
    packets = {}
    for line in stf.read_text().splitlines():
        found = re.match(r"packet\s+(\d+)\s+([0-9A-Fa-f\s]+)$", line.split("#")[0].rstrip())
        if found and 1 <= int(found[1]) <= PORTS:
            packets.setdefault(int(found[1]), []).append(bytes.fromhex(found[2].replace(" ", "")))
    return packets


def send(port, data):
    raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    raw.bind((f"h{port}", 0))
    raw.send(data)


def traced_by_interpreter(program, port, packets, *words):
    said = p4bpf("trace", program, "--json", "-i", port, *words, *[word for one in packets for word in ("--packet", one.hex())])
    return [json.loads(line) for line in said.splitlines()]


def without_time(packet):
    """A clock is not the same on both."""
    return json.loads(re.sub(r'("(?:last|new|old|bytes|text|latency|[a-z_]*time[a-z_]*)": ")[^"]*', r"\1", json.dumps(packet)))


def same_events(name, hook=None, all_events=()):
    def test():
        folder = EXAMPLES / name
        program, entries = folder / f"{name}.p4", ["--runtime", folder / "s1-runtime.json"]
        tells_time = re.search(r"headers\S* = \S*_global_timestamp", program.read_text())
        comparable = without_time if tells_time else lambda packet: packet
        for port, packets in packets_of(folder / f"{name}.stf").items():
            packets = [one for one in packets if len(one) >= 14][:8]
            run(program, *entries, *(["--hook", hook] if hook else []))
            before = program_ids()
            expected = traced_by_interpreter(program, port, packets, *entries, *all_events)
            trace = Trace("t1", "--json", "--count", len(packets), *all_events)
            assert all(program_ids()[link] != id for link, id in before.items())
            for number, data in enumerate(packets):
                send(port, data)
                found = trace.packet()
                assert comparable(found) == comparable(expected[number]), \
                    f"port {port}, packet {number}:\n{json.dumps(found, indent=1)}\nexpected:\n{json.dumps(expected[number], indent=1)}"
            trace.end()
            assert program_ids() == before
            p4bpf("unload", "t1")

    return test


for path in sorted(EXAMPLES.glob("*/topology.json")):
    globals()[f"test_{path.parent.name}_is_told_as_by_the_interpreter"] = same_events(path.parent.name)
test_with_all_events = same_events("tunnel", None, ["--all"])


# ---- a router under traffic -----------------------------------------------------------------------------------------


def route():
    run(ROUTER)
    p4bpf("table", "add", "t1:routes", "dst=10.0.2.0/24", "via", "hop=2")
    p4bpf("table", "add", "t1:next_hops", "hop=2", "forward", "src=02:00:00:00:02:fe", "dst=02:00:00:00:02:01", "port=2")


def ip(ttl=64, last=1, protocol=17):
    header = bytearray(struct.pack("!BBHHHBBH4s4s", 0x45, 0, 60, 1, 0, ttl, protocol, 0, bytes([10, 0, 1, 1]), bytes([10, 0, 2, last])))
    total = sum(struct.unpack("!10H", header))
    total = (total & 0xffff) + (total >> 16)
    header[10:12] = (~total & 0xffff).to_bytes(2, "big")
    return bytes.fromhex("0200000001fe020000000101") + b"\x08\x00" + bytes(header) + struct.pack("!HHHH", 1000, 80, 40, 0) + bytes(32)


def forwards(ttl=64):
    out = open_socket("h2", 0x0800)
    send(1, ip(ttl))
    assert out.recv(200)[22] == ttl - 1


def test_text_of_one_packet():
    route()
    trace = Trace("t1", "--count", 1)
    forwards()
    out, said = trace.end()
    assert out.startswith("packet 1: 74 bytes on port 1\n"), out
    for words in ("state ipv4", "extract hdr.ethernet: dst=0x200000001fe", "table Router.routes with dst=0xa000201: hit, action Router.via(hop=0x2)",
                  "hdr.ipv4.ttl: 0x40 -> 0x3f", "hdr.ipv4.checksum: ", "verdict: redirect to port 2"):
        assert words in out, out
    assert re.search(r"router\.p4:\d+ +hdr\.ipv4\.ttl", out), out


def test_the_router_on_xdp_is_told_as_by_the_interpreter():
    route()
    entries = FOLDER / "router.stf"
    entries.write_text("add routes dst:0x0a000200/24 via(hop:2)\nadd next_hops hop:2 forward(src:0x0200000002fe, dst:0x020000000201, port:2)\n")
    packets = [ip(), ip(1), ip(0), ip()[:20], ip()[:14], bytes(12) + b"\x88\xb5" + bytes(50)]
    expected = traced_by_interpreter(ROUTER, 1, packets, "--entries", entries)
    trace = Trace("t1", "--json", "--count", len(packets))
    for number, data in enumerate(packets):
        send(1, data)
        found = trace.packet()
        assert found == expected[number], f"packet {number}:\n{json.dumps(found)}\nexpected:\n{json.dumps(expected[number])}"
    trace.end()


def test_packets_are_forwarded_and_entries_change_while_the_trace_runs():
    route()
    before = program_ids()
    trace = Trace("t1", "--json", "-i", 1)
    forwards(10)
    assert trace.packet()["events"][-1]["port"] == "2"
    p4bpf("table", "modify", "t1:routes", "dst=10.0.2.0/24", "drop")
    send(1, ip())
    assert trace.packet()["events"][-1]["verdict"] == "drop"
    p4bpf("table", "modify", "t1:routes", "dst=10.0.2.0/24", "via", "hop=2")
    forwards(11)
    assert program_ids() != before
    trace.end(signal.SIGINT)
    assert program_ids() == before
    forwards(12)
    assert re.search(r"^ +0 +3$", p4bpf("counter", "show", "t1:packets"), re.M), p4bpf("counter", "show", "t1:packets")


def test_a_port_and_a_filter_choose_packets():
    route()
    trace = Trace("t1", "--json", "-i", 1, "--filter", "udp dst port 80 and ip[8] == 33", "--count", 1)
    send(3, ip(33))
    forwards(34)
    forwards(33)
    found = trace.packet()
    assert found["port"] == 1 and bytes.fromhex(found["bytes"])[22] == 33, found
    trace.end()


def test_a_long_packet_is_told_by_its_begin():
    route()
    trace = Trace("t1", "--json", "--count", 1)
    send(1, ip() + bytes(926))
    found = trace.packet()
    assert found["length"] == 1000 and len(found["bytes"]) == 512, found
    trace.end()


def test_who_is_killed_leaves_a_program_that_forwards_and_the_next_one_puts_it_back():
    route()
    before = program_ids()
    trace = Trace("t1")
    trace.end(signal.SIGKILL)
    assert program_ids() != before
    forwards(20)
    p4bpf("table", "dump", "t1:routes")
    assert program_ids() == before
    forwards(21)
    assert not (pathlib.Path(os.environ["P4BPF_BPFFS"]) / "p4bpf/t1/twin").exists()
    Trace("t1").end(signal.SIGTERM)
    assert program_ids() == before


def test_only_one_trace_at_a_time():
    route()
    trace = Trace("t1")
    p4bpf("trace", "t1", status=1, says="being traced already")
    trace.end(signal.SIGINT)


def test_an_atomic_batch_ends_the_trace():
    route()
    trace = Trace("t1")
    p4bpf("table", "batch", "t1", "--file", "-", input="add routes 10.0.7.0/24 drop\nadd next_hops 7 no_hop\n")
    out, said = trace.end()
    assert "ends the trace" in said, said
    forwards(30)


def test_an_unload_ends_the_trace():
    route()
    trace = Trace("t1")
    p4bpf("unload", "t1")
    assert "ends the trace" in trace.end()[1]
    assert names() == []


def test_clsact_filters():
    folder = EXAMPLES / "basic"
    run(folder / "basic.p4", "--runtime", folder / "s1-runtime.json", "--tc-mode", "clsact")
    before = program_ids()
    trace = Trace("t1", "--json", "--count", 1)
    assert program_ids() != before
    send(1, ip())
    assert trace.packet()["events"][-1]["verdict"] == "redirect"
    trace.end()
    assert program_ids() == before
    trace = Trace("t1")
    trace.end(signal.SIGKILL)
    p4bpf("table", "dump", "t1:routes")
    assert program_ids() == before


def test_requests_that_cannot_be_met():
    route()
    p4bpf("trace", "t2", status=1, says="there is no instance 't2'")
    p4bpf("trace", "t1", "-i", 9, status=1, says="port 9 has no interface")
    p4bpf("trace", "t1", "--filter", "tcp prot 80", status=1, says="--filter 'tcp prot 80'")
    p4bpf("unload", "t1")
    p4bpf("load", ROUTER, "--name", "t1")
    p4bpf("trace", "t1", status=1, says="not attached to any interface")
    p4bpf("compile", ROUTER, "-o", FOLDER / "out")
    (FOLDER / "out/router.source.json").unlink()
    p4bpf("load", FOLDER / "out/router.o", "--name", "t3", "-i", "1@p1")
    p4bpf("trace", "t3", status=1, says="without its source")


def test_the_source_is_kept_with_the_instance():
    source, folder = FOLDER / "moved.p4", FOLDER / "made"
    source.write_text('#include "moved_part.p4"\n')
    (FOLDER / "moved_part.p4").write_text(ROUTER.read_text())
    p4bpf("compile", source, "-o", folder)
    source.unlink()
    (FOLDER / "moved_part.p4").unlink()
    p4bpf("load", folder / "moved.o", "--name", "t1", "-i", "1@p1")
    trace = Trace("t1", "--count", 1)
    send(1, ip())
    out, said = trace.end()
    assert "moved_part.p4:" in out and "state start" in out, out + said


if __name__ == "__main__":
    sys.exit(run_all(sys.modules["__main__"], set_up))
