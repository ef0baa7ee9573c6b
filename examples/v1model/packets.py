"""Packets as the tests of these examples send and read them: builders of headers, which take and give bytes."""
import socket
import struct

IPV4, TCP, UDP = 0x0800, 6, 17


def mac(text):
    return bytes.fromhex(text.replace(":", ""))


def address(text):
    return socket.inet_aton(text)


def checksum(data):
    """RFC 1071."""
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def ethernet(dst, src, kind, payload=b""):
    return mac(dst) + mac(src) + struct.pack("!H", kind) + payload


def ipv4(src, dst, payload=b"", protocol=UDP, ttl=64, dscp=0, ecn=0, options=b"", fragment=0, number=1):
    words = 5 + len(options) // 4
    header = struct.pack("!BBHHHBBH", 0x40 | words, dscp << 2 | ecn, 4 * words + len(payload), number, fragment, ttl, protocol, 0)
    header += address(src) + address(dst) + options
    return header[:10] + struct.pack("!H", checksum(header)) + header[12:] + payload


def udp(src_port, dst_port, payload=b""):
    """Without a checksum, which is allowed."""
    return struct.pack("!HHHH", src_port, dst_port, 8 + len(payload), 0) + payload


def tcp(src_port, dst_port, flags, sequence=1, acknowledgement=0):
    """The flags are letters: S, A, F, R. The checksum is left 0."""
    bits = sum({"F": 1, "S": 2, "R": 4, "A": 16}[flag] for flag in flags)
    return struct.pack("!HHIIBBHHH", src_port, dst_port, sequence, acknowledgement, 0x50, bits, 8192, 0, 0)


class Ipv4:
    """What a received frame says behind its Ethernet header, whose checksum must be right."""

    def __init__(self, frame, offset=14):
        self.header_length = 4 * (frame[offset] & 15)
        header = frame[offset:offset + self.header_length]
        assert checksum(header) == 0, f"the checksum of the IPv4 header is wrong: {header.hex()}"
        self.dscp, self.ecn = header[1] >> 2, header[1] & 3
        self.total_length, self.number = struct.unpack("!HH", header[2:6])
        self.ttl, self.protocol = header[8], header[9]
        self.src, self.dst = socket.inet_ntoa(header[12:16]), socket.inet_ntoa(header[16:20])
        self.options = header[20:]
        self.payload = frame[offset + self.header_length:offset + self.total_length]


def is_ipv4(frame):
    return len(frame) >= 34 and frame[12:14] == b"\x08\x00"
