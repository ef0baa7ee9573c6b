// Statements of controls: assignments, branches, regions, verdicts.
#include "codegen/lowering.h"
#include "ir/walk.h"

namespace p4bpf::codegen {
namespace {

/// Whether it is worth a border: a stage, or a branch that holds one. Many branches with a table each can be too much
/// together where each of them is little.
bool holds_stage(const ir::Program& program, const ir::Stmt& stmt) {
  return ir::any_statement(program, stmt, [](const ir::Stmt& one) {
    return std::holds_alternative<ir::ApplyTable>(one.node) || std::holds_alternative<ir::RunParser>(one.node) ||
           std::holds_alternative<ir::Deparse>(one.node);
  });
}

}  // namespace

void Lowering::block(ir::BlockId id) {
  const std::vector<ir::Stmt>& statements = program_[id].statements;
  const auto locked = locks_.runs.find(id);
  const LockRun* run = locked == locks_.runs.end() ? nullptr : locked->second.data();
  const LockRun* const runs_end = run == nullptr ? nullptr : run + locked->second.size();
  for (std::size_t i = 0; i < statements.size(); ++i) {
    const auto known = flow_.before.find({&statements[i], config_});
    if (known == flow_.before.end()) break;  // cannot be reached
    worlds_ = known->second;
    rest_ = &statements;
    rest_at_ = i;
    span_ = statements[i].span;
    const bool stands_apart = uses_scratch() && holds_stage(program_, statements[i]);
    if (stands_apart) border();
    if (run != runs_end && run->first == i) hold(*run, statements);
    statement(statements[i]);
    if (run != runs_end && run->last == i) {
      release();
      held_.reset();
      ++run;
    }
    if (stands_apart) border();
  }
  if (run != runs_end) held_.reset();  // what follows is never reached
}

void Lowering::statement(const ir::Stmt& stmt) {
  std::visit([&](const auto& s) { lower(s); }, stmt.node);
}

void Lowering::store_var(ir::VarId var, ir::ExprId value) {
  const std::string target = var_name(var);
  const ir::Type& type = program_[var].type;
  if (is_wide(type)) {
    wide_into(target, value);
  } else {
    assign(name(target), orders_->is_net(var) ? net(value) : host(value));
  }
}

void Lowering::lower(const ir::Assign& s) {
  const ir::Expr& target = program_[s.target];
  if (target.type.width == 0) return;
  if (target.type.kind == ir::Type::Kind::kVarbit) return assign_varbit(s.target, s.value);
  if (const auto* var = std::get_if<ir::VarRef>(&target.node)) {
    store_var(var->var, s.value);
    return;
  }
  const auto& ref = std::get<ir::FieldRef>(target.node);
  for_element(ref.header, [&](ir::HeaderId header) { set_field(header, ref.field, s.value); });
}

void Lowering::lower(const ir::SetValid& s) {
  for_element(s.header, [&](ir::HeaderId header) { set_valid(header, true); });
}
void Lowering::lower(const ir::SetInvalid& s) {
  for_element(s.header, [&](ir::HeaderId header) { set_valid(header, false); });
}

void Lowering::lower(const ir::CopyHeader& s) {
  for_element(s.target, [&](ir::HeaderId target) {
    if (s.source.header) {
      copy_header(target, s.source.header);
      return;
    }
    // Out of bounds reads as an invalid header with fields 0.
    const std::vector<ir::HeaderId>& elements = program_[s.source.stack].elements;
    const c::ExprId index = temp("u64", shift_amount(s.source.index), "index");
    c::BlockId otherwise = in_block([&] { invalidate_with_zero_fields(target); });
    for (std::size_t i = elements.size(); i-- > 0;) {
      const c::BlockId then = in_block([&] { copy_header(target, elements[i]); });
      const c::BlockId next = otherwise;
      otherwise = in_block([&] { emit(c::If{tree_.binary("==", index, num(i)), then, next}); });
    }
    emit(c::Scope{otherwise});
  });
}

void Lowering::lower(const ir::ShiftStack& s) {
  const ir::Stack& stack = program_[s.stack];
  const auto size = static_cast<std::int32_t>(stack.elements.size());
  const auto move = [&](std::int32_t i) {
    const std::int32_t from = i - s.count;
    const ir::HeaderId to = stack.elements[static_cast<std::size_t>(i)];
    if (from >= 0 && from < size) {
      copy_header(to, stack.elements[static_cast<std::size_t>(from)]);
    } else {
      invalidate_with_zero_fields(to);
    }
  };
  if (s.count > 0) {
    for (std::int32_t i = size; i-- > 0;) move(i);
  } else {
    for (std::int32_t i = 0; i < size; ++i) move(i);
  }
  // next_index moves along, clamped to 0..size.
  const c::ExprId next = name(var_name(stack.next_index));
  const auto by = static_cast<std::uint32_t>(std::min(std::abs(s.count), size));
  const auto limit = static_cast<std::uint32_t>(size);
  if (s.count > 0) {
    assign(next,
           tree_.conditional(tree_.binary(">", next, num(limit - by)), num(limit), tree_.binary("+", next, num(by))));
  } else {
    assign(next, tree_.conditional(tree_.binary("<", next, num(by)), num(0), tree_.binary("-", next, num(by))));
  }
}

void Lowering::lower(const ir::If& s) {
  const c::ExprId chosen = condition(s.condition);
  const c::BlockId then = in_block([&] { block(s.then_block); });
  const c::BlockId otherwise = s.else_block ? in_block([&] { block(s.else_block); }) : c::BlockId();
  emit(c::If{chosen, then, otherwise});
}

void Lowering::lower(const ir::Switch& s) {
  const ir::Type& type = program_[s.subject].type;
  const bool in_network = !is_wide(type) && is_net_already(s.subject);
  if (is_wide(type)) {
    // C has no switch on these: an if for each value.
    const std::string subject = wide(s.subject);
    c::BlockId otherwise = s.default_body ? in_block([&] { block(s.default_body); }) : tree_.blocks.add({});
    for (std::size_t i = s.cases.size(); i-- > 0;) {
      const c::BlockId body = in_block([&] { block(s.cases[i].body); });
      const c::BlockId next = otherwise;
      otherwise = in_block([&] {
        c::ExprId any;
        for (const BigInt& value : s.cases[i].values) {
          c::ExprId same;
          BigInt rest = wrap(value, type.width, false);
          for (std::uint32_t limb = 0; limb < limbs(type.width); ++limb) {
            const c::ExprId one = tree_.binary("==", tree_.index(name(subject), num(limb)),
                                               num(static_cast<std::uint64_t>(BigInt(rest & ~std::uint64_t{0})), true));
            same = same ? tree_.binary("&&", same, one) : one;
            rest >>= 64;
          }
          any = any ? tree_.binary("||", any, same) : same;
        }
        emit(c::If{any ? any : num(0), body, next});
      });
    }
    emit(c::Scope{otherwise});
    return;
  }
  const c::ExprId subject = in_network ? net(s.subject) : host(s.subject);
  c::Switch made{subject, {}};
  for (const ir::SwitchCase& one : s.cases) {
    if (one.values.empty()) continue;
    c::SwitchCase c_case;
    for (const BigInt& value : one.values) {
      c_case.values.push_back(in_network ? net_constant(value, type.width) : constant(value, type.width));
    }
    c_case.body = in_block([&] { block(one.body); });
    made.cases.push_back(std::move(c_case));
  }
  if (s.default_body) made.cases.push_back({{}, in_block([&] { block(s.default_body); })});
  emit(std::move(made));
}

void Lowering::lower(const ir::Region& s) {
  const std::string end = label("end_" + program_[s.label].name);
  labels_[s.label] = end;
  if (held_) held_->labels.insert(s.label);
  emit(c::Scope{in_block([&] { block(s.body); })});
  emit(c::Label{end});
}

void Lowering::lower(const ir::Leave& s) {
  if (held_ && !held_->labels.contains(s.label)) release();
  jump(labels_.at(s.label));
}

void Lowering::lower(const ir::Loop& s) {
  const std::string end = label("end_" + program_[s.label].name);
  labels_[s.label] = end;
  if (held_) held_->labels.insert(s.label);
  ++loops_;
  emit(c::Forever{in_block([&] { block(s.body); })});
  --loops_;
  emit(c::Label{end});
}

/// What the interface's queueing discipline goes by. On XDP a packet meets none.
void Lowering::set_priority(const ir::Verdict& s) {
  if (!s.priority) return;
  const auto* known = std::get_if<ir::Const>(&program_[s.priority].node);
  if (known != nullptr && known->value == 0) return;
  const std::string priority = names_.make("priority");
  emit(c::Declare{"u32", priority, {}, host(s.priority)});
  emit(c::If{name(priority), in_block([&] { assign(name("context->priority"), name(priority)); }), {}});
}

void Lowering::lower(const ir::Verdict& s) {
  const std::string_view verdict = verdict_constant(*hook_, s.kind);
  if (verdict.empty()) {
    diagnostics_.report(DiagnosticKind::kHookUnable, span_,
                        std::string(s.kind == ir::VerdictKind::kTx ? "sending a packet back" : "redirecting a packet") +
                            " is not possible on the " + std::string(hook_->name) + " hook");
    return;
  }
  if (s.kind != ir::VerdictKind::kRedirect) {
    emit(c::Return{name(std::string(verdict))});
    return;
  }
  const c::ExprId port = host(s.port);
  if (options_.record_port) {
    manifest_.test_port_symbol = "p4bpf_test_port";
    assign(name("p4bpf_test_port"), port);
    emit(c::Return{name(std::string(verdict))});
    return;
  }
  // A port that no interface is bound to: the low bits of the flags are the verdict.
  manifest_.ifindex_of_port_map = "ifindex_of_port";
  if (hook_->hook != manifest::Hook::kXdp) {
    set_priority(s);
    emit(c::Return{tree_.call("p4bpf_tc_redirect", {name("context"), tree_.address(name("ifindex_of_port")), port})});
    return;
  }
  emit(c::Return{tree_.cast("int", tree_.call("p4bpf_redirect_map", {tree_.address(name("ifindex_of_port")), port,
                                                                     name(std::string(hook_->aborted))}))});
}

}  // namespace p4bpf::codegen
