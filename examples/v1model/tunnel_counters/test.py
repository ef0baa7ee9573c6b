"""Real hosts in the network of tunnel_counters: the controller makes the tunnels, and the counters at both ends agree."""
import json
import pathlib
import sys

from packets import Ipv4, is_ipv4

CONTROLLER = pathlib.Path(__file__).with_name("controller.py")


def count(switch, counter, tunnel):
    found = json.loads(switch.p4bpf("counter", "show", f"@:{counter}", tunnel, "--json"))
    return found["values"][0]["packets"]


def test_the_controller_connects_h1_and_h2(network):
    h1, h2 = network["h1"], network["h2"]
    there, here = h2.frames(), h1.frames()
    here.send(h1.packet(h2, b"before"))
    controller = network.start(sys.executable, CONTROLLER, *(one.instance for one in network.switches.values()))
    assert controller.stdout.readline() == "the tunnels are there\n"
    here.send(h1.packet(h2, b"after"))
    frame = there.expect(is_ipv4)
    assert Ipv4(frame).payload == b"after" and Ipv4(frame).ttl == 64, "only routes lower the TTL, and there is none on this way"


def test_each_end_counts(network):
    h1, h2, s1, s2 = (network[name] for name in ("h1", "h2", "s1", "s2"))
    before = count(s1, "entered", 100), count(s1, "left", 200)
    for _ in range(3):
        h1.ping(h2)
    assert (count(s1, "entered", 100), count(s1, "left", 200)) == (before[0] + 3, before[1] + 3)
    assert count(s2, "left", 100) == count(s1, "entered", 100)
    assert count(s2, "entered", 200) == count(s1, "left", 200)
