// The table of hooks.
#include "codegen/hooks/hook_row.h"

namespace p4bpf::codegen {

const HookRow& hook_row(manifest::Hook hook) {
  static const HookRow rows[] = {xdp_row(), tc_ingress_row(), tc_egress_row()};
  return rows[static_cast<std::size_t>(hook)];
}

std::string_view verdict_constant(const HookRow& row, ir::VerdictKind kind) {
  switch (kind) {
    case ir::VerdictKind::kDrop:
      return row.drop;
    case ir::VerdictKind::kPass:
      return row.pass;
    case ir::VerdictKind::kTx:
      return row.tx;
    case ir::VerdictKind::kRedirect:
      return row.redirect;
    case ir::VerdictKind::kAborted:
      return row.aborted;
  }
  return {};
}

}  // namespace p4bpf::codegen
