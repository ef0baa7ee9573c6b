// What code generation must know of a hook: how the kernel hands over a packet and takes a verdict. One row each; an
// architecture knows nothing of it.
#pragma once

#include <string_view>

#include "ir/ir.h"
#include "manifest/manifest.h"

namespace p4bpf::codegen {

struct HookRow {
  manifest::Hook hook;
  std::string_view name;     // as users say it
  std::string_view section;  // of the program in the object
  std::string_view kind;     // "xdp" or "tc": part of the names p4bpf_KIND_length, p4bpf_KIND_context
  // The constants of p4bpf.h; empty: the hook cannot.
  std::string_view drop;
  std::string_view pass;
  std::string_view tx;
  std::string_view redirect;
  std::string_view aborted;
  /// Headers may come and go.
  bool can_move_head;
  /// A packet may take further passes.
  bool can_copy;
  /// The first bytes of a packet may lie where direct access cannot see them.
  bool must_pull;
};

const HookRow& hook_row(manifest::Hook hook);

// xdp.cpp, tc.cpp
HookRow xdp_row();
HookRow tc_ingress_row();
HookRow tc_egress_row();

std::string_view verdict_constant(const HookRow& row, ir::VerdictKind kind);

}  // namespace p4bpf::codegen
