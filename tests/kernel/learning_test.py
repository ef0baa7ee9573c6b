#!/usr/bin/env python3
"""Tables that the data path fills: what it has learned is seen, deleted and learned again; two CPUs may learn at once."""
import json, multiprocessing, os, subprocess, sys
from harness import *

# Of tests/packets/learn.p4, but what has run through it goes to the stack: keys a and src, and 16 or many entries.
LEARN, MANY = FOLDER / "learn.p4", FOLDER / "many.p4"


def set_up():
    own_world()
    # The kernel's own packets would be learned too.
    sh("sysctl -qw net.ipv6.conf.default.disable_ipv6=1")
    for a, b in (("v0", "v1"), ("w0", "w1")):
        make_veth(a, b)
    text = (ROOT / "tests/packets/learn.p4").read_text().replace("XDP_TX", "XDP_PASS")
    LEARN.write_text(text)
    MANY.write_text(text.replace("size = 16", "size = 100000"))


def loaded(program):
    p4bpf("load", "-I", ROOT / "tests/packets", program, "--name", "l1")
    p4bpf("attach", "l1", "-i", "1@v0", "-i", "2@w0")


def entries():
    return json.loads(p4bpf("table", "dump", "l1:t", "--json"))["entries"]


def packet(a, source, d=0):
    return bytes(6) + source.to_bytes(6, "big") + b"\x88\xb5" + bytes([a, 0, 0, 4]) + d.to_bytes(4, "big") + bytes(40)


class Link:
    """Sends on one end of a veth pair and sees on the other what the program has made of it."""

    def __init__(self, number):
        self.out, self.back = open_socket("vw"[number] + "1"), open_socket("vw"[number] + "0")

    def result(self, sent):
        """The value of `b`: 1 or 3 the entry was there, 2 it was not."""
        self.out.send(sent)
        return self.back.recv(100)[15]

    def expect(self, result, sent):
        found = self.result(sent)
        assert found == result, f"expected {result}, found {found}; the entries: {entries()}"


def test_learned_entries_are_seen_deleted_and_learned_again():
    loaded(LEARN)
    link = Link(0)
    link.expect(2, packet(7, 0x02, 0x1234))
    link.expect(1, packet(7, 0x02, 0x9999))
    learned = {"key": {"a": "7", "src": "00:00:00:00:00:02"}, "action": "Test.seen", "arguments": {"d": "4660", "c": "5"}}
    assert entries() == [learned], entries()
    p4bpf("table", "get", "l1:t", "7", "00:00:00:00:00:02", says="Test.seen(d=4660, c=5)")
    p4bpf("table", "add", "l1:t", "7", "00:00:00:00:00:02", "passed", status=1, says="already has an entry")
    p4bpf("table", "delete", "l1:t", "7", "00:00:00:00:00:02")
    assert entries() == []
    link.expect(2, packet(7, 0x02, 0x5678))
    assert entries()[0]["arguments"]["d"] == str(0x5678)
    p4bpf("table", "modify", "l1:t", "7", "00:00:00:00:00:02", "passed")
    link.expect(3, packet(7, 0x02))
    p4bpf("table", "clear", "l1:t")
    link.expect(2, packet(7, 0x02))


def test_a_full_table_learns_when_there_is_room():
    loaded(LEARN)
    link = Link(0)
    for source in range(20):
        link.expect(2, packet(1, source))
    assert len(entries()) == 16
    assert [link.result(packet(1, source)) for source in (0, 15, 16)] == [1, 1, 2]
    p4bpf("table", "delete", "l1:t", "1", "00:00:00:00:00:00")
    assert [link.result(packet(1, source)) for source in (16, 16, 17)] == [2, 1, 2]


def send_all(number, cpu, count):
    os.sched_setaffinity(0, {cpu})
    link = Link(number)
    for i in range(count):
        link.result(packet(1, i, cpu + 1))


def test_two_cpus_learn_the_same_keys():
    loaded(MANY)
    cpus = sorted(os.sched_getaffinity(0))
    count = 3000
    senders = [
        multiprocessing.Process(target=send_all, args=(number, cpu, count))
        for number, cpu in enumerate((cpus[0], cpus[-1]))
    ]
    for one in senders:
        one.start()
    for one in senders:
        one.join()
    assert [one.exitcode for one in senders] == [0, 0]
    found = entries()
    assert sorted(int(e["key"]["src"].replace(":", ""), 16) for e in found) == list(range(count))
    # Each entry is whole: what one of the two has added.
    assert {(e["action"], e["arguments"]["c"]) for e in found} == {("Test.seen", "5")}
    assert {e["arguments"]["d"] for e in found} <= {str(cpus[0] + 1), str(cpus[-1] + 1)}


def test_the_network_of_the_stateful_firewall():
    sh("mkdir -p /run/netns")
    done = subprocess.run(["sh", ROOT / "examples/stateful_firewall.sh"], capture_output=True, text=True, timeout=60,
                          env={**os.environ, "P4BPF": P4BPF})
    assert done.returncode == 0, done.stdout + done.stderr
    for line in ("from inside to 10.0.2.1:80:     answered", "from outside to 10.0.1.1:80:    not answered",
                 "from outside to 10.0.1.1:443:   answered"):
        assert line in done.stdout, done.stdout + done.stderr
    # The flow to port 80, and the answer of what is offered.
    assert done.stdout.count("Firewall.known()") == 2, done.stdout


if __name__ == "__main__":
    sys.exit(run_all(sys.modules[__name__], set_up))
