#!/usr/bin/env python3
"""Multicast groups and clone sessions by the command line, and the copies that arrive."""
import json, socket, sys
from harness import *

PORTS = (1, 2, 3, 5, 6)


def set_up():
    own_world()
    sh("sysctl -qw net.ipv6.conf.default.disable_ipv6=1")
    for port in PORTS:
        make_veth(f"v{port}", f"h{port}")


def loaded(program="v1model_copies"):
    p4bpf("load", ROOT / f"tests/packets/{program}.p4", "--name", "c1")
    p4bpf("attach", "c1", *[word for port in PORTS for word in ("-i", f"{port}@v{port}")])


def order(ingress, egress=0, rest=b"."):
    return bytes([ingress, egress]) + bytes(12) + rest * 46


class Wire:
    """A raw socket behind each port."""

    def __init__(self):
        self.ends = {}
        for port in PORTS:
            raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
            raw.bind((f"h{port}", 3))
            raw.settimeout(2)
            self.ends[port] = raw

    def send(self, packet, port=1):
        self.ends[port].send(packet)

    def expect(self, port, instance, rid):
        """A copy that arrives at the port; our own packets are seen as they leave, too."""
        while True:
            packet, address = self.ends[port].recvfrom(2000)
            if address[2] == socket.PACKET_OUTGOING:
                continue
            assert (packet[2], packet[3]) == (instance, rid), packet.hex()
            return packet

    def is_silent(self):
        for port, raw in self.ends.items():
            raw.setblocking(False)
            try:
                while True:
                    packet, address = raw.recvfrom(2000)
                    assert address[2] == socket.PACKET_OUTGOING, f"port {port}: {packet.hex()}"
            except BlockingIOError:
                pass
            raw.settimeout(2)


def test_groups_are_added_shown_and_forgotten():
    loaded()
    p4bpf("mcast", "add", "c1", 3, "5:11", "v6:12", 5)
    copies = [{"port": 5, "instance": 11}, {"port": 6, "instance": 12}, {"port": 5, "instance": 0}]
    assert json.loads(p4bpf("mcast", "get", "c1", 3, "--json")) == [{"group": 3, "copies": copies}]
    p4bpf("mcast", "add", "c1", 4)
    assert p4bpf("mcast", "list", "c1").split() == ["group", "copies", "3", "5:11", "6:12", "5", "4", "-"]
    p4bpf("mcast", "delete", "c1", 4)
    p4bpf("mcast", "delete", "c1", 4, status=1, says="no multicast group 4")
    p4bpf("mcast", "get", "c1", 4, status=1, says="no multicast group 4")
    p4bpf("mcast", "add", "c1", 3, "5:x", status=1, says="'5:x' is no copy")
    p4bpf("mcast", "add", "c1", 3, "nowhere", status=1, says="'nowhere' is no copy")
    p4bpf("mcast", "add", "c1", 3, *[1] * 1025, status=1, says="1024 copies at most")
    assert len(json.loads(p4bpf("mcast", "list", "c1", "--json"))[0]["copies"]) == 3


def test_sessions_are_added_shown_and_forgotten():
    loaded()
    p4bpf("mirror", "add", "c1", 5, 3, "--truncate", 20, "--class", 2)
    shown = json.loads(p4bpf("mirror", "list", "c1", "--json"))
    assert shown == [{"session": 5, "copies": [{"port": 3, "instance": 0}], "truncate": 20, "class": 2}], shown
    p4bpf("mirror", "add", "c1", 5, 2)
    assert p4bpf("mirror", "get", "c1", 5).split() == ["session", "truncate", "class", "copies", "5", "-", "0", "2"]
    p4bpf("mirror", "delete", "c1", 5)
    assert p4bpf("mirror", "list", "c1") == ""


def test_a_program_without_copies_says_so():
    p4bpf("load", ROOT / "tests/packets/v1model_router.p4", "--name", "r1")
    p4bpf("mcast", "add", "r1", 3, 1, status=1, says="uses no multicast group")


def test_replicas_arrive():
    loaded()
    wire = Wire()
    wire.send(order(5))
    p4bpf("mcast", "add", "c1", 3, "5:11", "6:12", "5:13")
    wire.send(order(5))
    wire.expect(5, 5, 11)
    wire.expect(6, 5, 12)
    wire.expect(5, 5, 13)
    p4bpf("mcast", "delete", "c1", 3)
    wire.send(order(5))
    wire.send(order(0))
    wire.expect(2, 0, 0)
    wire.is_silent()


PRIORITY = """
#include <core.p4>
#include <v1model.p4>
header Order { bit<8> priority; bit<8> kind; bit<8> instance; bit<8> rid; bit<80> rest; }
struct H { Order o; }
struct M {}
parser Parse(packet_in p, out H h, inout M m, inout standard_metadata_t s) { state start { p.extract(h.o); transition accept; } }
control None(inout H h, inout M m) { apply {} }
control In(inout H h, inout M m, inout standard_metadata_t s) {
    apply {
        s.egress_spec = 2;
        s.priority = h.o.priority[2:0];
        if (h.o.kind == 1) clone(CloneType.I2E, 5);
        if (h.o.kind == 2) s.mcast_grp = 3;
    }
}
control Out(inout H h, inout M m, inout standard_metadata_t s) { apply {} }
control Write(packet_out p, in H h) { apply { p.emit(h.o); } }
V1Switch(Parse(), None(), In(), Out(), None(), Write()) main;
"""
# A class for each priority.
CLASSIFIER = """
#include <linux/bpf.h>
__attribute__((section("tc"), used)) int classify(struct __sk_buff *packet) { return 0x10001 + packet->priority; }
char license_text[] __attribute__((section("license"), used)) = "GPL";
"""


def queued(port):
    """Packets that have gone through each class of the interface."""
    shown = subprocess.run(["tc", "-s", "class", "show", "dev", f"v{port}"], capture_output=True, text=True, check=True).stdout
    packets = {}
    for part in shown.split("class htb 1:")[1:]:
        words = part.split()
        packets[int(words[0], 16) - 1] = int(words[words.index("bytes") + 1])
    return {priority: count for priority, count in packets.items() if count}


def test_queues_see_the_priority():
    source, classifier, made = FOLDER / "priority.p4", FOLDER / "classify.c", FOLDER / "classify.o"
    source.write_text(PRIORITY)
    classifier.write_text(CLASSIFIER)
    sh(f"clang-19 -O2 -g -target bpf -idirafter /usr/include/$(uname -m)-linux-gnu -c {classifier} -o {made}")
    for port in (2, 3):
        sh(f"tc qdisc add dev v{port} root handle 1: htb default 1")
        for number in range(1, 9):
            sh(f"tc class add dev v{port} parent 1: classid 1:{number} htb rate 1gbit quantum 60000")
        sh(f"tc filter add dev v{port} parent 1: bpf object-file {made} section tc")
    p4bpf("load", source, "--name", "c1")
    p4bpf("attach", "c1", *[word for port in PORTS for word in ("-i", f"{port}@v{port}")])
    p4bpf("mirror", "add", "c1", 5, 3, "--class", 6)
    p4bpf("mcast", "add", "c1", 3, "2:1", "3:2")
    wire = Wire()
    for priority, kind in ((0, 0), (5, 0), (5, 0), (7, 0)):
        wire.send(order(priority, kind))
        wire.expect(2, 0, 0)
    assert queued(2) == {0: 1, 5: 2, 7: 1}, queued(2)
    # The clone has its session's, a replica the packet's.
    wire.send(order(2, 1))
    wire.expect(2, 0, 0)
    wire.expect(3, 0, 0)
    assert queued(2) == {0: 1, 2: 1, 5: 2, 7: 1} and queued(3) == {6: 1}, (queued(2), queued(3))
    wire.send(order(4, 2))
    wire.expect(2, 0, 0)
    wire.expect(3, 0, 0)
    assert queued(3) == {4: 1, 6: 1} and queued(2)[4] == 1, (queued(2), queued(3))


def test_clones_arrive_and_are_cut():
    loaded()
    p4bpf("mirror", "add", "c1", 5, 3, "--truncate", 30)
    wire = Wire()
    wire.send(order(2))
    assert len(wire.expect(2, 0, 0)) == 60
    assert len(wire.expect(3, 1, 0)) == 30
    wire.send(order(0, 2))
    assert len(wire.expect(2, 0, 0)) == 60
    assert len(wire.expect(3, 2, 0)) == 30
    wire.is_silent()


def test_no_packet_passes_to_the_host_or_to_unbound_ports():
    loaded()
    p4bpf("mcast", "add", "c1", 3, "400:1", "5:2")
    wire = Wire()
    sh("ip address add 10.9.0.1/24 dev v1")
    ping = bytes.fromhex("010000000000 020000000001 0806 0001 0800 06 04 0001 020000000001 0a090002 000000000000 0a090001")
    wire.send(ping.ljust(60, b"\0"))  # to be dropped, by its first byte; the host would answer
    wire.send(order(5))
    wire.expect(5, 5, 2)
    wire.is_silent()


if __name__ == "__main__":
    sys.exit(run_all(sys.modules["__main__"], set_up))
