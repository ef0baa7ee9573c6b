// The portable switch architecture with the widths of the behavioral model's switch: those of the headers that go
// between switch and controller.
#ifndef P4BPF_PSA_WIDE
#define P4BPF_PSA_WIDE
#endif

#include <psa.p4>
