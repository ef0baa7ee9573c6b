// The portable switch architecture as the DPDK software switch has it: wide types, and counters and meters that can be
// told a packet's length.
#ifndef P4BPF_PSA_WIDE
#define P4BPF_PSA_WIDE
#endif
#define P4BPF_PSA_DPDK

#include <psa.p4>
