// A packet processor in user-space BPF: a parser, a control that decides what becomes of the packet, a deparser.
//
// UBPF_MODEL_VERSION, defined before this file is included, picks one of two states of the model: 20200304 has parser
// and control without standard_metadata; 20200515, which is meant when nothing is said, gives them one.
#ifndef _UBPF_MODEL_P4_
#define _UBPF_MODEL_P4_

#include <core.p4>

#ifndef UBPF_MODEL_VERSION
#define UBPF_MODEL_VERSION 20200515
#endif

const bit<32> __ubpf_model_version = UBPF_MODEL_VERSION;

#if UBPF_MODEL_VERSION >= 20200515
enum ubpf_action {
    ABORT,
    DROP,
    PASS,
    REDIRECT  // to output_port
}

struct standard_metadata {
    bit<32>     input_port;
    bit<32>     packet_length;  // bytes
    ubpf_action output_action;
    bit<32>     output_port;
    bool        clone;  // send a copy to clone_port as well
    bit<32>     clone_port;
}
#endif

// The fate of the packet; the last call counts, and a packet without one passes.
extern void mark_to_drop();
extern void mark_to_pass();

// Cuts the packet to `len` bytes.
extern void truncate(in bit<32> len);

// Nanoseconds since the machine started.
extern bit<48> ubpf_time_get_ns();

// An array of values that outlive the packet.
extern Register<T, S> {
    Register(bit<32> size);
    T read(in S index);
    void write(in S index, in T value);
}

enum HashAlgorithm {
    lookup3
}

// The hash of at most 64 bits of data.
extern void hash<D>(out bit<32> result, in HashAlgorithm algo, in D data);

// The checksum `csum` after a field that it covers went from `old` to `new` (RFC 1624).
extern bit<16> csum_replace2(in bit<16> csum, in bit<16> old, in bit<16> new);
extern bit<16> csum_replace4(in bit<16> csum, in bit<32> old, in bit<32> new);

#if UBPF_MODEL_VERSION >= 20200515
parser parse<H, M>(packet_in packet, out H headers, inout M meta, inout standard_metadata std);
control pipeline<H, M>(inout H headers, inout M meta, inout standard_metadata std);
#else
parser parse<H, M>(packet_in packet, out H headers, inout M meta);
control pipeline<H, M>(inout H headers, inout M meta);
#endif

@deparser
control deparser<H>(packet_out b, in H headers);

package ubpf<H, M>(parse<H, M> prs, pipeline<H, M> p, deparser<H> dprs);

#endif
