// A switch at the XDP hook: a parser, a control that decides what becomes of the packet, a deparser. The packet filter of
// ebpf_model.p4 can be used with this file too.
#ifndef P4BPF_XDP_MODEL_P4
#define P4BPF_XDP_MODEL_P4

#include <core.p4>
#include <ebpf_model.p4>

// What becomes of the packet; the numbers are the kernel's.
enum xdp_action {
    XDP_ABORTED,  // dropped, and traced as a fault of the program
    XDP_DROP,     // dropped
    XDP_PASS,     // given to the network stack
    XDP_TX,       // sent out where it came in
    XDP_REDIRECT  // sent out of `output_port`
}

struct xdp_input {
    bit<32> input_port;  // where the packet came in
}

struct xdp_output {
    xdp_action output_action;
    bit<32>    output_port;  // read for XDP_REDIRECT only
}

// The checksum of an IPv4 header without options whose fields are these.
extern bit<16> ebpf_ipv4_checksum(in bit<4> version,
                                  in bit<4> ihl,
                                  in bit<8> diffserv,
                                  in bit<16> totalLen,
                                  in bit<16> identification,
                                  in bit<3> flags,
                                  in bit<13> fragOffset,
                                  in bit<8> ttl,
                                  in bit<8> protocol,
                                  in bit<32> srcAddr,
                                  in bit<32> dstAddr);

// The checksum `csum` after a field that it covers went from `old` to `new` (RFC 1624).
extern bit<16> csum_replace2(in bit<16> csum, in bit<16> old, in bit<16> new);
extern bit<16> csum_replace4(in bit<16> csum, in bit<32> old, in bit<32> new);

enum HashAlgorithm {
    lookup3,  // Bob Jenkins' of 2006, the fastest here
    crc32,    // of Ethernet
    crc16,    // CRC-16/ARC
    csum16,   // the internet checksum (RFC 1071)
    xor16     // of 16-bit words
}

// The hash of the data's bits in their order, filled up with zeros to a whole number of bytes. `algo` is a constant.
extern void hash<D>(out bit<32> result, in HashAlgorithm algo, in D data);

// For a table's `implementation`: where it is full, a new entry takes the place of one that has not been used for long.
extern lru_table {
    lru_table(bit<32> size);
}

// In the default action of a table with `add_on_miss = true`: gives the table an entry for the key that missed, with the action of
// that name and these values for its parameters (a struct with their names, or a list in their order). An entry that was added
// meanwhile stays. The result is whether the table has an entry for the key now; a full table takes none.
extern bool add_entry<T>(string action_name, in T action_params);

// Sends an event to user space.
extern bit<32> BPF_PERF_EVENT_OUTPUT();
// Nanoseconds since the machine started, the low 32 bits of them.
extern bit<32> BPF_KTIME_GET_NS();

parser xdp_parse<H>(packet_in packet, out H headers);
control xdp_switch<H>(inout H headers, in xdp_input imd, out xdp_output omd);
control xdp_deparse<H>(in H headers, packet_out packet);

package xdp<H>(xdp_parse<H> p, xdp_switch<H> s, xdp_deparse<H> d);

#endif
