// In-band route inspection: a packet with an IPv4 option of our own (31, copied into fragments: 0x9f) takes along the number of each switch that
// it goes through, and the depth of the queue there. The host at the end reads the route that its packet took.
//
// The option is type, length, how many switches, and eight bytes for each, the youngest first; it grows at each switch, and with
// it the header's length and the packet's. Of the 40 bytes that options may take there are four switches; behind the fourth
// the option stays as it is. In the kernel the depth is 0: the queue belongs to the interface (see ../ecn).
//
//   examples/v1model/run examples/v1model/route_inspection --test
//
// Network and what to try: README.md. Tests: route_inspection.stf (packets), test.py (hosts).
#include "../ipv4.p4"

const bit<8> OPTION_ROUTE = 0x9f;
#define MOST_SWITCHES 4

// The first four bytes of the options: the option, and a byte that keeps what follows aligned (no operation).
header Route {
    bit<8> type;
    bit<8> length;  // bytes of the option, these three included
    bit<8> switches;
    bit<8> padding;
}

header Switch {
    bit<32> number;
    bit<32> queue_depth;
}

struct Headers {
    Ethernet              ethernet;
    Ipv4                  ipv4;
    Route                 route;
    Switch[MOST_SWITCHES] switches;
}

struct Meta {
    bit<8> left;  // switches that are still to be parsed
}

error { BadRoute }

// The checksum covers the options, of which there are none or a route of 0 to 4 switches.
#define ROUTE_OF(number) headers.route.isValid() && headers.route.switches == number
#define SWITCH(at) headers.switches[at].number, headers.switches[at].queue_depth
#define ROUTE_0 headers.route.type, headers.route.length, headers.route.switches, headers.route.padding
#define ROUTE_1 ROUTE_0, SWITCH(0)
#define ROUTE_2 ROUTE_1, SWITCH(1)
#define ROUTE_3 ROUTE_2, SWITCH(2)
#define ROUTE_4 ROUTE_3, SWITCH(3)

parser RouteInspectionParser(packet_in packet,
                             out Headers headers,
                             inout Meta meta,
                             inout standard_metadata_t standard) {
    state start {
        packet.extract(headers.ethernet);
        transition select(headers.ethernet.type) {
            TYPE_IPV4: ipv4;
            default:   accept;
        }
    }
    state ipv4 {
        packet.extract(headers.ipv4);
        transition select(headers.ipv4.ihl) {
            5:       accept;
            default: options;
        }
    }
    state options {
        packet.extract(headers.route);
        // The option is the only one, and its lengths fit together.
        bit<8> number = headers.route.switches;
        verify(headers.route.type == OPTION_ROUTE && number <= MOST_SWITCHES, error.BadRoute);
        verify(headers.ipv4.ihl == 6 + 2 * number[3:0], error.BadRoute);
        meta.left = number;
        transition select(meta.left) {
            0:       accept;
            default: next_switch;
        }
    }
    state next_switch {
        packet.extract(headers.switches.next);
        meta.left = meta.left - 1;
        transition select(meta.left) {
            0:       accept;
            default: next_switch;
        }
    }
}

control Verify(inout Headers headers, inout Meta meta) {
    apply {
        verify_checksum(headers.ipv4.isValid() && !headers.route.isValid(),
                        IPV4_WORDS(headers.ipv4),
                        headers.ipv4.checksum,
                        HashAlgorithm.csum16);
        verify_checksum(ROUTE_OF(0),
                        { IPV4_WORDS(headers.ipv4), ROUTE_0 },
                        headers.ipv4.checksum,
                        HashAlgorithm.csum16);
        verify_checksum(ROUTE_OF(1),
                        { IPV4_WORDS(headers.ipv4), ROUTE_1 },
                        headers.ipv4.checksum,
                        HashAlgorithm.csum16);
        verify_checksum(ROUTE_OF(2),
                        { IPV4_WORDS(headers.ipv4), ROUTE_2 },
                        headers.ipv4.checksum,
                        HashAlgorithm.csum16);
        verify_checksum(ROUTE_OF(3),
                        { IPV4_WORDS(headers.ipv4), ROUTE_3 },
                        headers.ipv4.checksum,
                        HashAlgorithm.csum16);
        verify_checksum(ROUTE_OF(4),
                        { IPV4_WORDS(headers.ipv4), ROUTE_4 },
                        headers.ipv4.checksum,
                        HashAlgorithm.csum16);
    }
}

control RouteInspectionIngress(inout Headers headers, inout Meta meta, inout standard_metadata_t standard) {
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
        bool is_whole = standard.checksum_error == 0 && standard.parser_error == error.NoError;
        if (headers.ipv4.isValid() && headers.ipv4.ttl > 1 && is_whole) {
            routes.apply();
        } else {
            drop();
        }
    }
}

control RouteInspectionEgress(inout Headers headers, inout Meta meta, inout standard_metadata_t standard) {
    // Each switch is told its number.
    action sign(bit<32> number) {
        headers.route.switches = headers.route.switches + 1;
        headers.route.length = headers.route.length + 8;
        headers.ipv4.ihl = headers.ipv4.ihl + 2;
        headers.ipv4.total_length = headers.ipv4.total_length + 8;
        headers.switches.push_front(1);
        headers.switches[0].setValid();
        headers.switches[0] = { number, (bit<32>)standard.deq_qdepth };
    }
    table identity {
        actions = { sign; NoAction; }
        default_action = NoAction();
    }

    apply {
        if (headers.route.isValid() && headers.route.switches < MOST_SWITCHES) {
            identity.apply();
        }
    }
}

control Update(inout Headers headers, inout Meta meta) {
    apply {
        update_checksum(headers.ipv4.isValid() && !headers.route.isValid(),
                        IPV4_WORDS(headers.ipv4),
                        headers.ipv4.checksum,
                        HashAlgorithm.csum16);
        update_checksum(ROUTE_OF(0),
                        { IPV4_WORDS(headers.ipv4), ROUTE_0 },
                        headers.ipv4.checksum,
                        HashAlgorithm.csum16);
        update_checksum(ROUTE_OF(1),
                        { IPV4_WORDS(headers.ipv4), ROUTE_1 },
                        headers.ipv4.checksum,
                        HashAlgorithm.csum16);
        update_checksum(ROUTE_OF(2),
                        { IPV4_WORDS(headers.ipv4), ROUTE_2 },
                        headers.ipv4.checksum,
                        HashAlgorithm.csum16);
        update_checksum(ROUTE_OF(3),
                        { IPV4_WORDS(headers.ipv4), ROUTE_3 },
                        headers.ipv4.checksum,
                        HashAlgorithm.csum16);
        update_checksum(ROUTE_OF(4),
                        { IPV4_WORDS(headers.ipv4), ROUTE_4 },
                        headers.ipv4.checksum,
                        HashAlgorithm.csum16);
    }
}

control RouteInspectionDeparser(packet_out packet, in Headers headers) {
    apply {
        packet.emit(headers.ethernet);
        packet.emit(headers.ipv4);
        packet.emit(headers.route);
        packet.emit(headers.switches);
    }
}

V1Switch(RouteInspectionParser(),
         Verify(),
         RouteInspectionIngress(),
         RouteInspectionEgress(),
         Update(),
         RouteInspectionDeparser()) main;
