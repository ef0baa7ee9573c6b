"""A packet brings along the route that it took."""
import struct

from packets import Ipv4, is_ipv4

OPTION_ROUTE = 0x9F


def route_option(numbers=()):
    data = b"".join(struct.pack("!II", number, 0) for number in numbers)
    return bytes([OPTION_ROUTE, 3 + len(data), len(numbers), 1]) + data


def arriving(network, target, options, payload=b"hello"):
    h1, other = network["h1"], network[target]
    there = other.frames()
    h1.frames().send(h1.packet(other, payload, options=options))
    found = Ipv4(there.expect(is_ipv4))
    assert found.payload == payload, found.payload
    return found.options


def route_in(options):
    return [struct.unpack_from("!I", options, 4 + 8 * at)[0] for at in range(options[2])]


def test_the_switches_sign_the_youngest_first(network):
    assert arriving(network, "h2", route_option()) == route_option([2, 1])
    assert route_in(arriving(network, "h3", route_option())) == [3, 1]


def test_it_goes_on_where_others_have_signed(network):
    assert route_in(arriving(network, "h2", route_option([9]))) == [2, 1, 9]


def test_a_full_option_stays_as_it_is(network):
    assert route_in(arriving(network, "h2", route_option([9, 8, 7]))) == [1, 9, 8, 7]


def test_packets_without_the_option_are_plain_packets(network):
    assert arriving(network, "h2", b"") == b""
    network["h1"].ping(network["h3"])


def test_an_option_that_lies_is_dropped(network):
    h1, h2 = network["h1"], network["h2"]
    there, here = h2.frames(), h1.frames()
    here.send(h1.packet(h2, b"more than there are", options=bytes([OPTION_ROUTE, 3, 2, 1])))
    here.send(h1.packet(h2, b"another option", options=bytes([7, 3, 4, 0])))
    here.send(h1.packet(h2, b"the last one"))
    assert Ipv4(there.expect(is_ipv4)).payload == b"the last one"
