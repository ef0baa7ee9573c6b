"""Real hosts, and a controller in front of the CPU port: it sees the first packet of a flow and no other."""
import json
import pathlib
import sys

from packets import Ipv4, is_ipv4

CONTROLLER = pathlib.Path(__file__).with_name("controller.py")


def asked(switch, reason):
    found = json.loads(switch.p4bpf("counter", "show", "@:to_controller", reason, "--json"))
    return found["values"][0]["packets"]


def flows(switch):
    return json.loads(switch.p4bpf("table", "dump", "@:flows", "--json"))["entries"]


def test_the_controller_starts(network):
    hosts = [f"{host.ip_address}={port},{host.mac}" for port, host in enumerate(network.hosts.values(), 1)]
    s1 = network["s1"]
    with s1.inside():
        network.controller = network.start(sys.executable, CONTROLLER, s1.instance, "s1-cpu", *hosts)
    assert network.controller.stdout.readline() == "ready\n"


def test_it_sees_the_first_packet_of_a_flow_and_no_other(network):
    h1, h2, s1 = network["h1"], network["h2"], network["s1"]
    h1.ping(h2)
    assert asked(s1, 1) == 2, "the request and the answer"
    lines = [network.controller.stdout.readline() for _ in range(2)]
    assert lines == ["added: protocol 1 from 10.0.1.1 (port 1) to 10.0.2.1: out of port 2\n",
                     "added: protocol 1 from 10.0.2.1 (port 2) to 10.0.1.1: out of port 1\n"], lines
    h1.ping(h2)
    h2.ping(h1)
    assert asked(s1, 1) == 2 and len(flows(s1)) == 2


def test_what_it_gives_back_arrives_whole(network):
    h1, h3 = network["h1"], network["h3"]
    there, here = h3.frames(), h1.frames()
    for number in (1, 2):
        here.send(h1.packet(h3, b"hello", number=number))
        frame = there.expect(is_ipv4)
        assert Ipv4(frame).payload == b"hello" and Ipv4(frame).number == number, frame.hex()
        assert frame[:6].hex(":") == h3.mac
        # The first went by the controller, which routes nothing; the second by the flow.
        assert Ipv4(frame).ttl == 64 - (number - 1)
    network.controller.stdout.readline()


def test_it_is_told_of_expired_packets(network):
    h1, s1 = network["h1"], network["s1"]
    h1.frames().send(h1.packet(network["h2"], ttl=1))
    assert network.controller.stdout.readline() == "expired: protocol 17 from 10.0.1.1 (port 1) to 10.0.2.1\n"
    assert asked(s1, 2) == 1
