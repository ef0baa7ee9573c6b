#!/usr/bin/env python3
"""p4bpf trace as a user runs it: the steps of a packet as text and as JSON, and requests that cannot be met.

Its last line is `N passed, N failed, N skipped`; P4BPF names the program."""
import json
import os
import pathlib
import struct
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
P4BPF = os.environ.get("P4BPF", str(ROOT / "build/quick/p4bpf"))
counts = {"passed": 0, "failed": 0, "skipped": 0}

PROGRAM = """#include <core.p4>
#include <xdp_model.p4>
header Label { bit<8> hops; bit<8> kind; }
struct Headers { Label label; }
parser Read(packet_in packet, out Headers hdr) {
    state start { packet.extract(hdr.label); transition accept; }
}
control Forward(inout Headers hdr, in xdp_input input, out xdp_output output) {
    action send(bit<32> port) {
        hdr.label.hops = hdr.label.hops - 1;
        output.output_port = port;
        output.output_action = xdp_action.XDP_REDIRECT;
    }
    action refuse() { output.output_port = 0; output.output_action = xdp_action.XDP_DROP; }
    table labels { key = { hdr.label.kind: exact; } actions = { send; refuse; } default_action = refuse(); }
    apply { labels.apply(); }
}
control Write(in Headers hdr, packet_out packet) { apply { packet.emit(hdr.label); } }
xdp(Read(), Forward(), Write()) main;
"""
TAIL = "0" * 24
# The bytes go through a deparser that writes them back: 14 are the least that XDP knows.
GOLDEN = f"""packet 1: 14 bytes on port 2
  label.p4:6   state start
  label.p4:6   extract hdr.label: hops=0x40, kind=0x7
  label.p4:6   parser Read accepts
  label.p4:16  table Forward.labels with hdr.label.kind=0x7: hit, action Forward.send(port=0x9)
  label.p4:10  hdr.label.hops: 0x40 -> 0x3f
  label.p4:19  verdict: redirect to port 9
               3f07{TAIL}

packet 2: 14 bytes on port 2
  label.p4:6   state start
  label.p4:6   extract hdr.label: hops=0x40, kind=0x8
  label.p4:6   parser Read accepts
  label.p4:16  table Forward.labels with hdr.label.kind=0x8: miss, default action Forward.refuse()
  label.p4:19  verdict: drop
"""


def trace(folder, *argv):
    return subprocess.run([P4BPF, "trace", "label.p4", *map(str, argv)], capture_output=True, text=True, timeout=60, cwd=folder)


def expect(name, good, done=None):
    counts["passed" if good else "failed"] += 1
    if not good:
        print(f"FAIL {name}", *([done.returncode, done.stdout, done.stderr] if done else []))


def write_pcap(path, packets):
    """libpcap's format: a file header, then each packet behind its own."""
    data = struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1)
    for packet in packets:
        data += struct.pack("<IIII", 0, 0, len(packet), len(packet)) + packet
    path.write_bytes(data)


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "label.p4").write_text(PROGRAM)
        (folder / "label.stf").write_text("add labels kind:7 send(port:9)\npacket 1 40\nexpect 1 40\n")
        packets = ["40 07 " + TAIL, "4008" + TAIL]
        done = trace(folder, "--port", 2, "--entries", "label.stf", "--packet", packets[0], "--packet", packets[1])
        expect("golden", (done.returncode, done.stdout) == (0, GOLDEN), done)
        write_pcap(folder / "two.pcap", [bytes.fromhex(packet) for packet in packets])
        done = trace(folder, "--port", 2, "--entries", "label.stf", "--pcap", "two.pcap")
        expect("the packets of a capture", (done.returncode, done.stdout) == (0, GOLDEN), done)
        done = trace(folder, "--port", 2, "--packet", packets[0], "--json", "--entries", "label.stf")
        said = json.loads(done.stdout)
        table = next(event for event in said["events"] if event["event"] == "table")
        expect("a table in JSON", table["hit"] == "true" and table["action"] == "Forward.send" and
               table["keys"] == {"hdr.label.kind": "0x7"} and table["arguments"] == {"port": "0x9"} and table["line"] == 16, done)
        change = next(event for event in said["events"] if event["event"] == "change")
        expect("a change in JSON", (change["field"], change["old"], change["new"]) == ("hdr.label.hops", "0x40", "0x3f"), done)
        verdict = said["events"][-1]
        expect("the verdict in JSON", (verdict["verdict"], verdict["port"], verdict["bytes"]) == ("redirect", "9", "3f07" + TAIL), done)
        done = trace(folder, "--packet", "4007", "--all")
        expect("everything", "xdp_output.output_action = 1" in done.stdout, done)
        for name, words, says in [("no packet", [], "no packet is given"), ("a word", ["--packet", "4x"], "no hexadecimal digit"),
                                  ("half a byte", ["--packet", "400"], "odd number of digits"),
                                  ("no capture", ["--pcap", "none.pcap"], "none.pcap"),
                                  ("no entries", ["--packet", "40", "--entries", "none.stf"], "none.stf")]:
            done = trace(folder, *words)
            expect(name, done.returncode == 1 and says in done.stderr, done)
    print(f"{counts['passed']} passed, {counts['failed']} failed, {counts['skipped']} skipped")
    return 1 if counts["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
