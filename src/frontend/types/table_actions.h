// Actions named by tables: in `actions`, in entries, and as the default action (sections 14.2.1.2 to 14.2.1.4).
#pragma once

#include "frontend/types/context.h"

namespace p4bpf::check {

using ResolvedActionRef = TypedProgram::ResolvedActionRef;

/// `a` or `a(x)` of the `actions` list: arguments bind the parameters with a direction, the control plane gives the
/// others.
ResolvedActionRef check_listed_action(Context& cx, const ast::ActionRef& ref);

/// An action with all its arguments, as an entry or a default action names it.
struct ActionUse {
  Span span;
  ast::Name name;
  bool is_global = false;
  const std::vector<ast::Argument>* arguments = nullptr;
  bool is_entry = false;
};
/// Looks the action up in the table's list, checks that the arguments with direction repeat those of the list and that
/// the others are compile-time known.
ResolvedActionRef check_action_use(Context& cx, const ActionUse& use, const ast::TableDecl& table,
                                   const TypedProgram::TableInfo& info);

}  // namespace p4bpf::check
