// The portable NIC architecture as the kernel's P4TC has it: parser, main control and deparser; externs whose cells are
// objects of the control path too, with the permissions (@tc_acl) and the structures that the control path sees.
#ifndef __PNA_P4__
#define __PNA_P4__

#include <pna/main.p4>

// -- State that outlives the packet, each with the record that the control path sees ----------------------------------

@noWarn("unused")
@tc_acl("RP:RUXP")
extern Counter<W, S> {
    Counter(@tc_numel bit<32> n_counters, PNA_CounterType_t type);
    @tc_md_exec
    void count(in S index);
}

struct tc_ControlPath_Counter<W, S> {
    @tc_key S  index;
    @tc_data W pkts;
    @tc_data W bytes;
}

@noWarn("unused")
@tc_acl("RP:RUXP")
extern DirectCounter<W> {
    DirectCounter(PNA_CounterType_t type);
    @tc_md_exec
    void count();
}

struct tc_ControlPath_DirectCounter<W> {
    @tc_key bit<32> index;
    @tc_data W      pkts;
    @tc_data W      bytes;
}

// With `color` the update is aware of the packet's colour so far (RFC 2698); without, it is as for GREEN.
@tc_acl("RUP:RUXP")
extern Meter<S> {
    Meter(@tc_numel bit<32> n_meters, PNA_MeterType_t type);
    @tc_md_exec
    PNA_MeterColor_t execute(in S index, in PNA_MeterColor_t color);
    @tc_md_exec
    PNA_MeterColor_t execute(in S index);
}

// Rates and bursts: committed and peak.
struct tc_ControlPath_Meter<S> {
    @tc_key S        index;
    @tc_data bit<64> cir;
    @tc_data bit<64> cbs;
    @tc_data bit<64> pir;
    @tc_data bit<64> pbs;
}

@tc_acl("RUP:RUXP")
extern DirectMeter {
    DirectMeter(PNA_MeterType_t type);
    @tc_md_exec
    PNA_MeterColor_t execute(in PNA_MeterColor_t color);
    @tc_md_exec
    PNA_MeterColor_t execute();
}

struct tc_ControlPath_DirectMeter {
    @tc_key bit<32>  index;
    @tc_data bit<64> cir;
    @tc_data bit<64> cbs;
    @tc_data bit<64> pir;
    @tc_data bit<64> pbs;
}

extern Register<T, S> {
    // What the cells hold first is undefined here,
    Register(@tc_numel bit<32> size);
    // and `initial_value` here.
    Register(@tc_numel bit<32> size, @tc_init_val T initial_value);
    @tc_md_read
    T read(@tc_key in S index);
    @tc_md_write
    void write(@tc_key in S index, @tc_data in T value);
}

struct tc_ControlPath_Register<T> {
    @tc_key bit<32> index;
    @tc_data T      a_value;
}

// A stream of messages to the control plane.
extern Digest<T> {
    Digest();
    @tc_md_exec
    void pack(in T data);
}

struct tc_ControlPath_Digest<T> {
    @tc_key bit<32> index;
    @tc_data T      data;
}

// -- What the kernel knows of the packet: fetched by skb_get_meta, read and changed here, put back by skb_set_meta ----

extern void skb_get_meta();
extern void skb_set_meta();

extern bit<64> skb_get_tstamp();
extern bit<32> skb_get_mark();
extern bit<16> skb_get_tc_classid();
extern bit<16> skb_get_tc_index();
extern bit<16> skb_get_queue_mapping();
extern bit<16> skb_get_protocol();
extern bit<1> skb_get_tc_at_ingress();
extern bit<1> skb_get_from_ingress();

extern void skb_set_tstamp(in bit<64> ts);
extern void skb_set_mark(in bit<32> m);
extern void skb_set_tc_classid(in bit<16> cid);
extern void skb_set_tc_index(in bit<16> x);
extern void skb_set_queue_mapping(in bit<16> m);
extern void skb_set_protocol(in bit<16> p);

// -- The blocks -------------------------------------------------------------------------------------------------------

parser MainParserT<MH, MM>(packet_in pkt,
                           out MH main_hdr,
                           inout MM main_user_meta,
                           in pna_main_parser_input_metadata_t istd);

control MainControlT<MH, MM>(inout MH main_hdr,
                             inout MM main_user_meta,
                             in pna_main_input_metadata_t istd,
                             inout pna_main_output_metadata_t ostd);

// The headers are inout, unlike elsewhere: checksums are computed here.
control MainDeparserT<MH, MM>(packet_out pkt,
                              inout MH main_hdr,
                              in MM main_user_meta,
                              in pna_main_output_metadata_t ostd);

package PNA_NIC<MH, MM>(MainParserT<MH, MM> main_parser,
                        MainControlT<MH, MM> main_control,
                        MainDeparserT<MH, MM> main_deparser);

#endif
