// TC, ingress and egress: before or behind the stack, on the kernel's own packets. UNSPEC lets the programs behind this
// one have their say (tcx), and is "accept" for clsact.
#include "codegen/hooks/hook_row.h"

namespace p4bpf::codegen {
namespace {

HookRow tc_row(manifest::Hook hook, std::string_view name) {
  return {.hook = hook,
          .name = name,
          .section = "tc",
          .kind = "tc",
          .drop = "P4BPF_TC_SHOT",
          .pass = "P4BPF_TC_UNSPEC",
          .tx = {},
          .redirect = "P4BPF_TC_REDIRECT",
          .aborted = "P4BPF_TC_SHOT",
          .can_move_head = true,
          .can_copy = hook == manifest::Hook::kTcIngress,
          .must_pull = true};
}

}  // namespace

HookRow tc_ingress_row() { return tc_row(manifest::Hook::kTcIngress, "tc ingress"); }
HookRow tc_egress_row() { return tc_row(manifest::Hook::kTcEgress, "tc egress"); }

}  // namespace p4bpf::codegen
