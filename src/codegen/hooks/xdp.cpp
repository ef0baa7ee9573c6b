// XDP: before the stack, on the driver's buffer.
#include "codegen/hooks/hook_row.h"

namespace p4bpf::codegen {

HookRow xdp_row() {
  return {.hook = manifest::Hook::kXdp,
          .name = "xdp",
          .section = "xdp",
          .kind = "xdp",
          .drop = "P4BPF_XDP_DROP",
          .pass = "P4BPF_XDP_PASS",
          .tx = "P4BPF_XDP_TX",
          .redirect = "P4BPF_XDP_REDIRECT",
          .aborted = "P4BPF_XDP_ABORTED",
          .can_move_head = true,
          .can_copy = false,
          .must_pull = false};
}

}  // namespace p4bpf::codegen
