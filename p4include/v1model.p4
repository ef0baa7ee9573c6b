// The v1model switch: a parser, checksum verification, ingress, egress, checksum update, a deparser.
//
// V1MODEL_VERSION, defined before this file is included, picks one of two states of the model: from 20200408 on, ports
// have a named type, and counters, meters and registers take the type of their index as a parameter.
#ifndef _V1_MODEL_P4_
#define _V1_MODEL_P4_

#include <core.p4>

#ifndef V1MODEL_VERSION
#define V1MODEL_VERSION 20180101
#endif

#if V1MODEL_VERSION < 20180101
#error "V1MODEL_VERSION is none that there was: 20180101 is the first, 20200408 the next"
#endif

match_kind {
    range,     // between two bounds, both included
    optional,  // equal, or anything
    selector   // not matched: input of the hash by which an action_selector picks a member
}

const bit<32> __v1model_version = V1MODEL_VERSION;

// -- What a packet carries besides its headers ------------------------------------------------------------------------

#if V1MODEL_VERSION >= 20200408
typedef bit<9> PortId_t;
#define P4BPF_V1MODEL_PORT PortId_t
#else
#define P4BPF_V1MODEL_PORT bit<9>
#endif

@metadata @name("standard_metadata")
struct standard_metadata_t {
    P4BPF_V1MODEL_PORT ingress_port;  // where the packet came in
    P4BPF_V1MODEL_PORT egress_spec;   // written by ingress: where it shall go; 511 drops it
    P4BPF_V1MODEL_PORT egress_port;   // read in egress: where it goes
    bit<32> instance_type;            // 0: from the wire; others: clone, recirculated, resubmitted, replicated
    bit<32> packet_length;            // bytes
    @alias("queueing_metadata.enq_timestamp")
    bit<32> enq_timestamp;  // microseconds, when the packet entered its queue
    @alias("queueing_metadata.enq_qdepth")
    bit<19> enq_qdepth;  // packets in the queue then
    @alias("queueing_metadata.deq_timedelta")
    bit<32> deq_timedelta;  // microseconds spent in the queue
    @alias("queueing_metadata.deq_qdepth")
    bit<19> deq_qdepth;  // packets in the queue when the packet left it
    @alias("intrinsic_metadata.ingress_global_timestamp")
    bit<48> ingress_global_timestamp;  // microseconds, start of ingress
    @alias("intrinsic_metadata.egress_global_timestamp")
    bit<48> egress_global_timestamp;  // microseconds, start of egress
    @alias("intrinsic_metadata.mcast_grp")
    bit<16> mcast_grp;  // written by ingress: replicate to this group; 0 for none
    @alias("intrinsic_metadata.egress_rid")
    bit<16> egress_rid;      // which copy of a replicated packet this is
    bit<1>  checksum_error;  // 1 after a verify_checksum that did not hold
    error   parser_error;    // what the parser ended with
    @alias("intrinsic_metadata.priority")
    bit<3> priority;  // written by ingress: the queue
}

// -- Counters, meters, registers --------------------------------------------------------------------------------------

enum CounterType {
    packets,
    bytes,
    packets_and_bytes
}

enum MeterType {
    packets,
    bytes
}

// What a meter writes into its result.
#define V1MODEL_METER_COLOR_GREEN 0
#define V1MODEL_METER_COLOR_YELLOW 1
#define V1MODEL_METER_COLOR_RED 2

// In each of these, an index of `size` or more does nothing and gives an unspecified result.
#if V1MODEL_VERSION >= 20200408
extern counter<I> {
    counter(bit<32> size, CounterType type);
    void count(in I index);
}

extern meter<I> {
    meter(bit<32> size, MeterType type);
    void execute_meter<T>(in I index, out T result);
}

extern register<T, I> {
    register(bit<32> size);
    @noSideEffects
    void read(out T result, in I index);
    void write(in I index, in T value);
}
#else
extern counter {
    counter(bit<32> size, CounterType type);
    void count(in bit<32> index);
}

extern meter {
    meter(bit<32> size, MeterType type);
    void execute_meter<T>(in bit<32> index, out T result);
}

extern register<T> {
    register(bit<32> size);
    @noSideEffects
    void read(out T result, in bit<32> index);
    void write(in bit<32> index, in T value);
}
#endif

// The direct kinds belong to one table, by its property `counters` or `meters`, and have a cell for each entry.
extern direct_counter {
    direct_counter(CounterType type);
    void count();
}

extern direct_meter<T> {
    direct_meter(MeterType type);
    void read(out T result);
}

// -- Hashes and checksums ---------------------------------------------------------------------------------------------

enum HashAlgorithm {
    crc32,
    crc32_custom,
    crc16,
    crc16_custom,
    random,
    identity,
    csum16,
    xor16
}

// result = base + hash(data) % max, or base when max is 0.
@pure
extern void hash<O, T, D, M>(out O result, in HashAlgorithm algo, in T base, in D data, in M max);

// A number from lo to hi, both included.
extern void random<T>(out T result, in T lo, in T hi);

// With `condition` false these four do nothing. The payload is what the parser did not extract.
extern void verify_checksum<T, O>(in bool condition, in T data, in O checksum, HashAlgorithm algo);
extern void verify_checksum_with_payload<T, O>(in bool condition, in T data, in O checksum, HashAlgorithm algo);
@pure
extern void update_checksum<T, O>(in bool condition, in T data, inout O checksum, HashAlgorithm algo);
@noSideEffects
extern void update_checksum_with_payload<T, O>(in bool condition, in T data, inout O checksum, HashAlgorithm algo);

@deprecated("use verify_checksum and update_checksum")
extern Checksum16 {
    Checksum16();
    bit<16> get<D>(in D data);
}

// Values for a table's property `implementation`: entries share actions, and a selector picks one by hash.
extern action_profile {
    action_profile(bit<32> size);
}

extern action_selector {
    action_selector(HashAlgorithm algorithm, bit<32> size, bit<32> outputWidth);
}

// -- What becomes of the packet ---------------------------------------------------------------------------------------

enum CloneType {
    I2E,  // from ingress to egress: the packet as it came in
    E2E   // from egress to egress: the packet as it leaves
}

// Sets egress_spec to the port that drops, and mcast_grp to 0; a later write to either takes it back.
@pure
extern void mark_to_drop(inout standard_metadata_t standard_metadata);
@deprecated("use mark_to_drop(standard_metadata)")
extern void mark_to_drop();

// Cuts the packet to `length` bytes when it leaves.
extern void truncate(in bit<32> length);

// Sends `data` to the control plane.
extern void digest<T>(in bit<32> receiver, in T data);

// These take effect when the control that calls them has ended. The metadata fields that @field_list(index) names keep
// their values in the copy.
extern void clone(in CloneType type, in bit<32> session);
extern void clone_preserving_field_list(in CloneType type, in bit<32> session, bit<8> index);
extern void resubmit_preserving_field_list(bit<8> index);
extern void recirculate_preserving_field_list(bit<8> index);

@deprecated("use clone_preserving_field_list")
extern void clone3<T>(in CloneType type, in bit<32> session, in T data);
@deprecated("use resubmit_preserving_field_list")
extern void resubmit<T>(in T data);
@deprecated("use recirculate_preserving_field_list")
extern void recirculate<T>(in T data);

// -- For those who test -----------------------------------------------------------------------------------------------

// `check` holds each time, or the program is wrong.
extern void assert(in bool check);
// A tester need only look at packets for which `check` holds.
extern void assume(in bool check);

// Each {} in `msg` stands for the next field of `data`.
extern void log_msg(string msg);
extern void log_msg<T>(string msg, in T data);

// -- The blocks, in the order in which a packet passes them -----------------------------------------------------------

parser Parser<H, M>(packet_in b, out H parsedHdr, inout M meta, inout standard_metadata_t standard_metadata);

control VerifyChecksum<H, M>(inout H hdr, inout M meta);

@pipeline
control Ingress<H, M>(inout H hdr, inout M meta, inout standard_metadata_t standard_metadata);

@pipeline
control Egress<H, M>(inout H hdr, inout M meta, inout standard_metadata_t standard_metadata);

control ComputeChecksum<H, M>(inout H hdr, inout M meta);

@deparser
control Deparser<H>(packet_out b, in H hdr);

package V1Switch<H, M>(Parser<H, M> p,
                       VerifyChecksum<H, M> vr,
                       Ingress<H, M> ig,
                       Egress<H, M> eg,
                       ComputeChecksum<H, M> ck,
                       Deparser<H> dep);

#undef P4BPF_V1MODEL_PORT

#endif
