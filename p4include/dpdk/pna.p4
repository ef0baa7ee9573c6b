// The portable NIC architecture as the DPDK software switch has it: counters and meters that can be told a length of a
// packet, one more hash, and an IPsec engine.
#define P4BPF_PNA_DPDK

#include <pna.p4>
