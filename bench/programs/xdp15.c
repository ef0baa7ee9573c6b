// The twin of xdp15.p4: push eight bytes, send back.
#include "twin.h"

struct tag {
  __be32 id;
  __be32 value;
};

SEC("xdp")
int xdp15(struct xdp_md *context) {
  if (bpf_xdp_adjust_head(context, -(int)sizeof(struct tag))) return XDP_ABORTED;
  struct rest rest = rest_of(context);
  struct tag *tag = rest.at;
  if (!skip(&rest, sizeof *tag)) return XDP_ABORTED;
  tag->id = bpf_htonl(0x01020304);
  tag->value = bpf_htonl(0xdeadbeef);
  return XDP_TX;
}
