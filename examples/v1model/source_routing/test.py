"""The sender chooses the way."""
import struct

from packets import Ipv4, ethernet, ipv4, is_ipv4


def routed(network, ports, payload, ttl=64):
    """A frame from h1 to the address of h2 that leaves the switches by these ports."""
    h1, h2 = network["h1"], network["h2"]
    hops = b"".join(struct.pack("!H", port | (0x8000 if last else 0)) for last, port in
                    ((at + 1 == len(ports), port) for at, port in enumerate(ports)))
    return ethernet(h2.mac, h1.mac, 0x1234, hops + ipv4(h1.ip_address, h2.ip_address, payload, ttl=ttl))


def test_each_way_takes_as_many_hops_as_it_names(network):
    here, there = network["h1"].frames(), network["h2"].frames()
    # s1 - s2; s1 - s3 - s2; round and round before it ends at h2.
    for ports in ([2, 1], [3, 3, 1], [2, 3, 2, 2, 3, 3, 1]):
        here.send(routed(network, ports, b"on its way"))
        frame = there.expect(is_ipv4)
        assert Ipv4(frame).ttl == 64 - len(ports) and Ipv4(frame).payload == b"on its way", (ports, frame.hex())


def test_the_ports_count_and_not_the_address(network):
    there = network["h3"].frames()
    network["h1"].frames().send(routed(network, [3, 1], b"astray"))
    assert Ipv4(there.expect(is_ipv4)).dst == network["h2"].ip_address


def test_what_has_no_way_is_dropped(network):
    h1, h2 = network["h1"], network["h2"]
    here, there = h1.frames(), h2.frames()
    here.send(ethernet(h2.mac, h1.mac, 0x0800, ipv4(h1.ip_address, h2.ip_address, b"plain")))
    here.send(routed(network, [2, 1], b"too old", ttl=2))
    here.send(routed(network, [2, 2, 2, 2, 2, 2, 2, 2, 2, 1], b"too long"))
    here.send(routed(network, [2, 1], b"the last one"))
    assert Ipv4(there.expect(is_ipv4)).payload == b"the last one"
