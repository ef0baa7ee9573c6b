// Explicit congestion notification (RFC 3168): a router that marks packets of senders who take part (ECN field 1 or 2) with 3 where
// the queue of their port is deep.
//
// A switch that has queues of its own knows their depth (enq_qdepth). In the kernel the queue belongs to the interface, the
// program is done before a packet enters it, and enq_qdepth is 0. So each port has a virtual queue besides: a register counts
// the bytes that would lie in a queue which is drained at the rate that `links` gives, as for a link somewhat slower than the
// real one. Its depth shows a queue that is about to grow, and works on every target.
//
//   examples/v1model/run examples/v1model/ecn --test
//
// Network and what to try: README.md. Tests: ecn.stf (packets), test.py (hosts).
#include "../ipv4.p4"

const bit<2>  CONGESTION_EXPERIENCED = 3;
const bit<19> DEEP_QUEUE = 10;  // packets

struct Headers {
    Ethernet ethernet;
    Ipv4     ipv4;
}

struct Meta {}

parser EcnParser(packet_in packet, out Headers headers, inout Meta meta, inout standard_metadata_t standard) {
    state start {
        packet.extract(headers.ethernet);
        transition select(headers.ethernet.type) {
            TYPE_IPV4: ipv4;
            default:   accept;
        }
    }
    state ipv4 {
        packet.extract(headers.ipv4);
        transition accept;
    }
}

control Verify(inout Headers headers, inout Meta meta) {
    apply {
        verify_checksum(headers.ipv4.isValid(), IPV4_WORDS(headers.ipv4), headers.ipv4.checksum, HashAlgorithm.csum16);
    }
}

control EcnIngress(inout Headers headers, inout Meta meta, inout standard_metadata_t standard) {
    action drop() {
        mark_to_drop(standard);
    }
    action forward(Mac mac, Port port) {
        standard.egress_spec = port;
        headers.ethernet.src = headers.ethernet.dst;
        headers.ethernet.dst = mac;
        headers.ipv4.ttl = headers.ipv4.ttl - 1;
    }
    table routes {
        key = { headers.ipv4.dst: lpm @name("dst"); }
        actions = { forward; drop; }
        default_action = drop();
        size = 1024;
    }

    apply {
        if (headers.ipv4.isValid() && headers.ipv4.ttl > 1 && standard.checksum_error == 0) {
            routes.apply();
        } else {
            drop();
        }
    }
}

control EcnEgress(inout Headers headers, inout Meta meta, inout standard_metadata_t standard) {
    register<bit<64>>(512) queues;  // by port: bytes, then the time of that in microseconds
    bool is_deep = false;

    // What leaves the port: `rate` bytes in 1024 microseconds; more than `deep` bytes in the virtual queue are too many.
    action link(bit<16> rate, bit<32> deep) {
        bit<64> queue;
        bit<32> now = standard.egress_global_timestamp[31:0];
        @atomic {
            queues.read(queue, (bit<32>)standard.egress_port);
            bit<64> drained = ((bit<64>)(now - queue[31:0]) * (bit<64>)rate) >> 10;
            bit<64> left = (bit<64>)queue[63:32] |-| drained;
            queue = left[31:0] + standard.packet_length ++ now;
            queues.write((bit<32>)standard.egress_port, queue);
        }
        is_deep = queue[63:32] > deep;
    }
    table links {
        key = { standard.egress_port: exact @name("port"); }
        actions = { link; NoAction; }
        default_action = NoAction();
        size = 512;
    }

    apply {
        links.apply();
        if (headers.ipv4.isValid() && (is_deep || standard.enq_qdepth >= DEEP_QUEUE)) {
            if (headers.ipv4.ecn == 1 || headers.ipv4.ecn == 2) {
                headers.ipv4.ecn = CONGESTION_EXPERIENCED;
            }
        }
    }
}

control Update(inout Headers headers, inout Meta meta) {
    apply {
        update_checksum(headers.ipv4.isValid(), IPV4_WORDS(headers.ipv4), headers.ipv4.checksum, HashAlgorithm.csum16);
    }
}

control EcnDeparser(packet_out packet, in Headers headers) {
    apply {
        packet.emit(headers.ethernet);
        packet.emit(headers.ipv4);
    }
}

V1Switch(EcnParser(), Verify(), EcnIngress(), EcnEgress(), Update(), EcnDeparser()) main;
