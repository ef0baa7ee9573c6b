"""Real hosts in the network of basic: all reach all, and what a router must drop is dropped."""
from packets import Ipv4, is_ipv4


def test_all_hosts_reach_each_other(network):
    for a in network.hosts.values():
        for b in network.hosts.values():
            if a is not b:
                a.ping(b)


def test_three_routers_lie_between_h1_and_h3(network):
    h1, h3 = network["h1"], network["h3"]
    there = h3.frames()
    h1.frames().send(h1.packet(h3, b"hello"))
    frame = there.expect(is_ipv4)
    assert Ipv4(frame).ttl == 64 - 3 and Ipv4(frame).payload == b"hello", frame.hex()
    assert frame[:6].hex(":") == h3.mac, frame.hex()


def test_what_cannot_be_routed_is_dropped(network):
    h1, h2 = network["h1"], network["h2"]
    there, here = h2.frames(), h1.frames()
    damaged = bytearray(h1.packet(h2))
    damaged[24] ^= 1
    here.send(h1.packet(h2, ttl=1))
    here.send(bytes(damaged))
    here.send(h1.packet(h2)[:12] + b"\x86\xdd" + bytes(60))
    here.send(h1.packet("192.0.2.1"))
    here.send(h1.packet(h2, b"the last one", ttl=2))
    assert Ipv4(there.expect()).payload == b"the last one"
