"""Connections are opened from inside only."""
import socket

from packets import TCP, Ipv4, is_ipv4, tcp


def listen(host, port):
    listener = host.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host.ip_address, port))
    listener.listen()
    return listener


def converse(client, server, port):
    listener, asking = listen(server, port), client.socket()
    asking.connect((server.ip_address, port))
    answering, _ = listener.accept()
    asking.sendall(b"question")
    assert answering.recv(100) == b"question"
    answering.sendall(b"answer")
    assert asking.recv(100) == b"answer"
    for one in (asking, answering, listener):
        one.close()


def test_inside_opens_connections_to_the_outside(network):
    converse(network["h1"], network["h3"], 80)
    converse(network["h2"], network["h3"], 81)


def test_inside_speaks_with_inside(network):
    converse(network["h1"], network["h2"], 82)
    converse(network["h2"], network["h1"], 83)


def test_outside_opens_none(network):
    h1, h3 = network["h1"], network["h3"]
    there, here = h1.frames(), h3.frames()
    for flags in ("S", "A", "SA"):
        here.send(h3.packet(h1, tcp(4444, 82, flags), protocol=TCP))
    here.send(h3.packet(h1, b"a datagram"))
    frame = there.expect(is_ipv4)
    assert Ipv4(frame).payload == b"a datagram", f"let in: {frame.hex()}"


def test_what_is_no_tcp_passes_both_ways(network):
    network["h1"].ping(network["h3"])
    network["h3"].ping(network["h2"])
