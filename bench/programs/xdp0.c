// The twin of xdp0.p4: drop.
#include "twin.h"

SEC("xdp")
int xdp0(struct xdp_md *context) { return XDP_DROP; }
