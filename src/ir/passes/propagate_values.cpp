// See propagate_values.h for what and why.
#include "ir/passes/propagate_values.h"

#include <fmt/format.h>

#include "ir/passes/propagator.h"
#include "ir/passes/writes.h"
#include "ir/walk.h"

namespace p4bpf::ir {

// ---- expressions --------------------------------------------------------------------------------------------------

ExprId Propagator::read_of(std::size_t slot) {
  if (reads_[slot]) return reads_[slot];
  Builder build(program_, program_.entry);
  if (slots_.is_var(slot)) return reads_[slot] = build.ref(VarId(slot));
  std::size_t i = program_.headers.size();
  do --i;
  while (slots_.validity(HeaderId(i)) > slot);
  const HeaderRef header{HeaderId(i), {}, {}};
  const std::size_t first = slots_.validity(header.header);
  return reads_[slot] = slot == first ? build.is_valid(header) : build.field(header, slot - first - 1);
}

/// The slot that the expression reads or writes, if it is a variable, or a field or the validity of a fixed header.
std::optional<std::size_t> Propagator::slot_of(ExprId id) const {
  if (const auto* var = std::get_if<VarRef>(&program_[id].node)) return slots_.of(var->var);
  const auto* field = std::get_if<FieldRef>(&program_[id].node);
  if (field && field->header.header) return slots_.field(field->header.header, field->field);
  const auto* test = std::get_if<IsValid>(&program_[id].node);
  if (test && test->header.header) return slots_.validity(test->header.header);
  return std::nullopt;
}

HeaderRef Propagator::rewrite(HeaderRef ref) {
  if (!ref.index) return ref;
  ref.index = rewrite(ref.index);
  const BigInt* index = fold_.value(ref.index);
  const Stack& stack = program_[ref.stack];
  if (!index || *index >= stack.elements.size()) return ref;
  return HeaderRef{stack.elements[static_cast<std::size_t>(*index)], {}, {}};
}

ExprId Propagator::rewrite(ExprId id) {
  Expr expr = program_[id];
  if (const auto* var = std::get_if<VarRef>(&expr.node)) {
    const ExprId fact = now_[slots_.of(var->var)];
    if (!fact) return id;
    return std::holds_alternative<IsValid>(program_[fact].node) ? rewrite(fact) : fact;
  }
  std::visit(Match{
                 [&](FieldRef& n) { n.header = rewrite(n.header); },
                 [&](IsValid& n) { n.header = rewrite(n.header); },
                 [&](VarbitLength& n) { n.header = rewrite(n.header); },
                 [&](Unary& n) { n.operand = rewrite(n.operand); },
                 [&](Binary& n) { n.left = rewrite(n.left), n.right = rewrite(n.right); },
                 [&](Cast& n) { n.operand = rewrite(n.operand); },
                 [&](Slice& n) { n.operand = rewrite(n.operand); },
                 [&](Mux& n) { n.condition = rewrite(n.condition), n.yes = rewrite(n.yes), n.no = rewrite(n.no); },
                 [](auto&) {},
             },
             expr.node);
  if (const auto* test = std::get_if<IsValid>(&expr.node); test && test->header.header) {
    if (const ExprId fact = now_[slots_.validity(test->header.header)]) return fact;
  }
  if (const auto* read = std::get_if<FieldRef>(&expr.node); read && read->header.header) {
    // A field keeps its name if it only equals another slot: where it lies in the packet it costs nothing.
    const ExprId fact = now_[slots_.field(read->header.header, read->field)];
    if (fact && fold_.value(fact)) return fact;
  }
  return fold_.simplify(id, std::move(expr));
}

ExprId Propagator::rewrite_target(ExprId target) {
  Expr expr = program_[target];
  auto* field = std::get_if<FieldRef>(&expr.node);
  if (!field || !field->header.index) return target;
  field->header = rewrite(field->header);
  return program_.exprs.add(std::move(expr));
}

void Propagator::rewrite(ExternArgument& argument) {
  const bool is_read_only = argument.direction == ExternArgument::Direction::kIn;
  std::visit(Match{
                 [&](ExprId& id) { id = is_read_only ? rewrite(id) : rewrite_target(id); },
                 [&](HeaderRef& header) { header = rewrite(header); },
                 [&](ExternStruct& fields) {
                   for (ExternArgument& one : fields.fields) {
                     if (!is_read_only) one.direction = argument.direction;
                     rewrite(one);
                   }
                 },
             },
             argument.value);
}

// ---- writes -------------------------------------------------------------------------------------------------------

void Propagator::write_target(ExprId target, ExprId fact) {
  if (const auto slot = slot_of(target)) return write(*slot, fact);
  const auto& field = std::get<FieldRef>(program_[target].node);
  slots_.for_each_header(field.header, [&](HeaderId header) { write(slots_.field(header, field.field), {}); });
}

void Propagator::forget(const HeaderRef& ref) {
  slots_.for_each_slot(ref, [&](std::size_t slot) { write(slot, {}); });
}

void Propagator::write_argument(const ExternArgument& argument) {
  std::visit(Match{
                 [&](const ExprId& id) { write_target(id, {}); },
                 [&](const HeaderRef& header) { forget(header); },
                 [&](const ExternStruct& fields) {
                   for (const ExternArgument& one : fields.fields) write_argument(one);
                 },
             },
             argument.value);
}

void Propagator::set_validity(const HeaderRef& ref, bool is_valid) {
  if (ref.header) return write(slots_.validity(ref.header), truth(is_valid));
  slots_.for_each_header(ref, [&](HeaderId header) { write(slots_.validity(header), {}); });
}

void Propagator::copy_header(const HeaderRef& target, const HeaderRef& source) {
  if (!target.header || !source.header) return forget(target);
  if (target == source) return;
  const auto fact = [&](std::size_t slot) {
    const ExprId from = now_[slot];
    return from && fold_.value(from) ? from : ExprId();
  };
  for (std::size_t i = 0; i <= slots_.field_count(target.header); ++i) {
    write(slots_.validity(target.header) + i, fact(slots_.validity(source.header) + i));
  }
}

// ---- statements ---------------------------------------------------------------------------------------------------

void Propagator::walk(BlockId block, Exits* exits) {
  std::vector<Stmt> out;
  splice(block, out, exits);
  program_.blocks.edit(block).statements = std::move(out);
}

void Propagator::splice(BlockId block, std::vector<Stmt>& out, Exits* exits) {
  splice(std::move(program_.blocks.edit(block).statements), out, exits);
}

/// With `exits` every way to the end goes on to one of them.
void Propagator::splice(std::vector<Stmt> statements, std::vector<Stmt>& out, Exits* exits) {
  for (std::size_t i = 0; i < statements.size() && now_.reachable(); ++i) {
    if (auto told_apart = exits_before(out, statements, i, exits)) {
      return thread(std::move(statements), i, *told_apart, out, exits);
    }
    walk(std::move(statements[i]), out, i + 1 == statements.size() ? exits : nullptr);
  }
  if (exits && now_.reachable()) leave(*exits, out);
}

void Propagator::walk(Stmt stmt, std::vector<Stmt>& out, Exits* exits) {
  if (std::holds_alternative<Assign>(stmt.node)) return walk_assign(std::move(stmt), out);
  if (std::holds_alternative<If>(stmt.node)) return walk_if(std::move(stmt), out, exits);
  if (std::holds_alternative<Switch>(stmt.node)) return walk_switch(std::move(stmt), out, exits);
  bool keep = true;
  std::visit(Match{
                 [](Assign&) {},
                 [](If&) {},
                 [](Switch&) {},
                 [&](SetValid& s) { s.header = rewrite(s.header), set_validity(s.header, true); },
                 [&](SetInvalid& s) { s.header = rewrite(s.header), set_validity(s.header, false); },
                 [&](CopyHeader& s) {
                   s.target = rewrite(s.target), s.source = rewrite(s.source);
                   copy_header(s.target, s.source);
                   keep = s.target != s.source;
                 },
                 [&](ShiftStack& s) {
                   for (const HeaderId element : program_[s.stack].elements) forget({element, {}, {}});
                   write(program_[s.stack].next_index, {});
                 },
                 [&](Region& s) { walk_region(s, exits); },
                 [&](Leave& s) {
                   const auto region = exits_of_region_.find(s.label);
                   keep = region == exits_of_region_.end();
                   if (!keep) return leave(*region->second, out);
                   at_label_[s.label].join(now_), now_.leave();
                 },
                 [&](Loop& s) { walk_loop(s); },
                 [&](ApplyTable& s) { walk_apply(s, exits); },
                 [&](AddEntry& s) {
                   for (ExprId& argument : s.arguments) argument = rewrite(argument);
                   if (s.result) write_target(s.result, {});
                 },
                 [&](CallExtern& s) { walk_extern(s); },
                 [&](Extract& s) {
                   s.header = rewrite(s.header);
                   if (s.varbit_bits) s.varbit_bits = rewrite(s.varbit_bits);
                   may_fail();
                   forget(s.header);
                   set_validity(s.header, true);
                 },
                 [&](Advance& s) { s.bits = rewrite(s.bits), may_fail(); },
                 [&](Require&) { may_fail(); },
                 [&](Reject& s) { s.error = rewrite(s.error), may_fail(), now_.leave(); },
                 [&](RunParser& s) { run_parser(s.parser); },
                 [&](Emit& s) {
                   s.header = rewrite(s.header);
                   const ExprId fact = s.header.header ? now_[slots_.validity(s.header.header)] : ExprId();
                   keep = !fact || *fold_.value(fact) != 0;
                   if (keep && s.header.header) repeat_constants(s.header.header, stmt.span, out);
                 },
                 [&](Deparse& s) { walk(s.body); },
                 [&](Truncate& s) { s.bytes = rewrite(s.bytes); },
                 [&](NewPass& s) {
                   for (NewPass::Value& one : s.values) one.value = rewrite(one.value);
                   if (s.replication) s.replication->id = rewrite(s.replication->id);
                 },
                 [&](Verdict& s) {
                   if (s.port) s.port = rewrite(s.port);
                   if (s.priority) s.priority = rewrite(s.priority);
                   now_.leave();
                 },
             },
             stmt.node);
  if (keep) out.push_back(std::move(stmt));
}

void Propagator::walk_assign(Stmt stmt, std::vector<Stmt>& out) {
  auto& s = std::get<Assign>(stmt.node);
  s.target = rewrite_target(s.target);
  s.value = rewrite(s.value);
  const auto target = slot_of(s.target), source = slot_of(s.value);
  ExprId fact = fold_.value(s.value) ? s.value : source ? read_of(*source) : ExprId();
  if (target) {
    if (fact && now_[*target] == fact) return;  // it holds that already
    if (target == source) return;
    read_of(*target);
  }
  write_target(s.target, fact);
  out.push_back(std::move(stmt));
}

/// Within what follows, `condition` has this value.
void Propagator::assume(ExprId condition, bool value) {
  const Expr expr = program_[condition];
  if (const auto* test = std::get_if<IsValid>(&expr.node)) {
    if (test->header.header) now_.learn(slots_.validity(test->header.header), truth(value));
  } else if (const auto* negation = std::get_if<Unary>(&expr.node)) {
    assume(negation->operand, !value);
  } else if (const auto slot = slot_of(condition)) {
    if (const KnownValues* way = now_.way(*slot, value)) {
      KnownValues taken = *way;
      now_ = std::move(taken);
    }
    now_.learn(*slot, truth(value));
  } else if (const auto* node = std::get_if<Binary>(&expr.node)) {
    if (node->op == (value ? BinaryOp::kAnd : BinaryOp::kOr)) {
      assume(node->left, value);
      assume(node->right, value);
    } else if (node->op == (value ? BinaryOp::kEq : BinaryOp::kNe) && fold_.value(node->right)) {
      if (const auto compared = slot_of(node->left)) now_.learn(*compared, node->right);
    }
  }
}

void Propagator::walk_if(Stmt stmt, std::vector<Stmt>& out, Exits* exits) {
  auto& s = std::get<If>(stmt.node);
  s.condition = rewrite(s.condition);
  if (const BigInt* known = fold_.value(s.condition)) {
    const BlockId taken = *known != 0 ? s.then_block : s.else_block;
    if (taken) splice(taken, out, exits);
    return;
  }
  if (exits && !s.else_block) s.else_block = program_.blocks.add({});
  const KnownValues before = now_;
  assume(s.condition, true);
  walk(s.then_block, exits);
  KnownValues after = std::move(now_);
  now_ = before;
  assume(s.condition, false);
  if (s.else_block) walk(s.else_block, exits);
  now_.join(after);
  out.push_back(std::move(stmt));
}

void Propagator::walk_switch(Stmt stmt, std::vector<Stmt>& out, Exits* exits) {
  auto& s = std::get<Switch>(stmt.node);
  s.subject = rewrite(s.subject);
  if (const BigInt* known = fold_.value(s.subject)) {
    BlockId taken = s.default_body;
    for (const SwitchCase& one : s.cases) {
      if (std::find(one.values.begin(), one.values.end(), *known) != one.values.end()) taken = one.body;
    }
    if (taken) splice(taken, out, exits);
    return;
  }
  if (exits && !s.default_body) s.default_body = program_.blocks.add({});
  const KnownValues before = now_;
  KnownValues after;
  const auto slot = slot_of(s.subject);
  for (const SwitchCase& one : s.cases) {
    now_ = before;
    if (slot && one.values.size() == 1) now_.learn(*slot, fold_.constant(program_[s.subject].type, one.values[0]));
    walk(one.body, exits);
    after.join(now_);
  }
  now_ = before;
  if (s.default_body) walk(s.default_body, exits);
  now_.join(after);
  out.push_back(std::move(stmt));
}

void Propagator::walk_region(Region& region, Exits* exits) {
  if (exits) exits_of_region_[region.label] = exits;
  walk(region.body, exits);
  exits_of_region_.erase(region.label);
  now_.join(at_label_[region.label]);
  at_label_.erase(region.label);
}

void Propagator::walk_loop(Loop& loop) {
  Writes writes(program_, slots_);
  writes.add(loop.body);
  for (const std::size_t slot : writes.slots()) write(slot, {});
  walk(loop.body);
  now_ = at_label_[loop.label];
  at_label_.erase(loop.label);
}

void Propagator::walk_apply(ApplyTable& apply, Exits* exits) {
  for (ExprId& key : apply.keys) key = rewrite(key);
  const KnownValues before = now_;
  KnownValues after;
  for (std::size_t i = 0; i < apply.bodies.size(); ++i) {
    now_ = before;
    for (const VarId param : apply.bodies[i].params) write(param, {});
    write(apply.hit, {});
    write(apply.action_run, fold_.constant(Type::bits(32), i));
    walk(apply.bodies[i].body, exits);
    after.join(now_);
  }
  if (apply.bodies.empty()) {
    write(apply.hit, {});
  } else {
    now_ = std::move(after);
  }
}

void Propagator::walk_extern(CallExtern& call) {
  for (ExternArgument& one : call.arguments) rewrite(one);
  for (const ExternArgument& one : call.arguments) {
    if (one.direction != ExternArgument::Direction::kIn) write_argument(one);
  }
  if (call.result) write_target(call.result, {});
}

/// Puts what is known of the fields of an emitted header beside the Emit, where it is wanted, so that nothing must
/// carry it there. Only for headers that no parser extracts: what lies in the packet is not written again.
void Propagator::repeat_constants(HeaderId header, Span span, std::vector<Stmt>& out) {
  if (extracted_.contains(header)) return;
  for (std::size_t f = 0; f < slots_.field_count(header); ++f) {
    const std::size_t slot = slots_.field(header, f);
    const ExprId fact = now_[slot];
    if (fact && fold_.value(fact) && program_[fact].type.width <= 64)
      out.push_back({span, Assign{read_of(slot), fact}});
  }
}

void Propagator::note_extracted(BlockId block) {
  for (const Stmt& stmt : program_[block].statements) {
    if (const auto* extract = std::get_if<Extract>(&stmt.node)) {
      slots_.for_each_header(extract->header, [&](HeaderId header) { extracted_.insert(header); });
    }
    for_each_block(stmt, [&](BlockId nested) { note_extracted(nested); });
  }
}

// ---- parsers ------------------------------------------------------------------------------------------------------

void Propagator::run_parser(ParserId id) {
  const VarId accepted_var = program_[id].accepted, error_var = program_[id].error;
  const KnownValues before = now_;
  at_reject_ = KnownValues();
  KnownValues at_start = now_;
  if (runs_[id] > 1) at_start = KnownValues(slots_.size());  // several callers: nothing is known
  KnownValues accepted = walk_states(id, at_start);
  KnownValues rejected = std::move(at_reject_);
  if (runs_[id] > 1) {
    now_ = before;
    // What it does not write is as before.
    Writes writes(program_, slots_);
    writes.add(id);
    for (const std::size_t slot : writes.slots()) write(slot, {});
    return;
  }
  const std::size_t slot = slots_.of(accepted_var);
  accepted.write(slot, reads_[slot], truth(true));
  rejected.write(slot, reads_[slot], truth(false));
  rejected.write(slots_.of(error_var), reads_[slots_.of(error_var)], {});
  now_ = accepted;
  now_.join(rejected);
  if (accepted.reachable() && rejected.reachable()) {
    now_.remember_ways(slot, std::move(accepted), std::move(rejected));
  }
}

namespace {

/// The states from `from` on that are not in `order` yet, behind all that they lead to; false if there is a cycle.
bool sort_states(const Parser& parser, std::size_t from, std::vector<int>& marks, std::vector<std::size_t>& order) {
  marks[from] = 1;
  for (const SelectCase& one : parser.states[from].transition.cases) {
    if (one.target.kind != StateTarget::Kind::kState) continue;
    if (marks[one.target.state] == 1) return false;
    if (marks[one.target.state] == 0 && !sort_states(parser, one.target.state, marks, order)) return false;
  }
  marks[from] = 2;
  order.push_back(from);
  return true;
}

}  // namespace

KnownValues Propagator::walk_states(ParserId id, const KnownValues& at_start) {
  in_parser_ = true;
  const std::size_t count = program_[id].states.size();
  std::vector<int> marks(count, 0);
  std::vector<std::size_t> order;
  std::vector<KnownValues> at_state(count);
  if (sort_states(program_[id], program_[id].start, marks, order)) {
    std::reverse(order.begin(), order.end());
    at_state[program_[id].start] = at_start;
  } else {
    order.clear();
    Writes writes(program_, slots_);
    writes.add(id);
    now_ = at_start;
    for (const std::size_t slot : writes.slots()) write(slot, {});
    for (std::size_t i = 0; i < count; ++i) order.push_back(i), at_state[i] = now_;
  }
  KnownValues accepted;
  for (const std::size_t i : order) {
    now_ = at_state[i];
    if (!now_.reachable()) continue;
    walk(program_[id].states[i].body);
    Transition transition = program_[id].states[i].transition;
    if (now_.reachable()) rewrite_transition(transition);
    for (const SelectCase& one : transition.cases) {
      if (one.target.kind == StateTarget::Kind::kState) at_state[one.target.state].join(now_);
      if (one.target.kind == StateTarget::Kind::kAccept) accepted.join(now_);
    }
    may_fail();  // `reject`, or no case matches
    program_.parsers.edit(id).states[i].transition = std::move(transition);
  }
  in_parser_ = false;
  return accepted;
}

void Propagator::rewrite_transition(Transition& transition) {
  bool all_known = !transition.keys.empty();
  for (ExprId& key : transition.keys) {
    key = rewrite(key);
    all_known = all_known && fold_.value(key);
  }
  if (!all_known) return;
  for (const SelectCase& one : transition.cases) {
    bool matches = true;
    for (std::size_t i = 0; i < transition.keys.size(); ++i) {
      matches =
          matches && one.matches[i].matches(*fold_.value(transition.keys[i]), program_[transition.keys[i]].type.width);
    }
    if (!matches) continue;
    SelectCase direct{{}, one.target, one.span};
    transition.keys.clear();
    transition.cases = {std::move(direct)};
    return;
  }
}

void Propagator::run() {
  now_ = KnownValues(slots_.size());
  runs_ = count_parser_runs(program_);
  for (std::size_t i = 0; i < program_.parsers.size(); ++i) {
    for (const State& state : program_[ParserId(i)].states) note_extracted(state.body);
  }
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    if (slots_.is_var(i) && program_[VarId(i)].type.kind == Type::Kind::kVarbit) continue;
    if (slots_.is_var(i)) now_.learn(i, fold_.constant(program_[VarId(i)].type, 0));
  }
  for (std::size_t h = 0; h < program_.headers.size(); ++h) {
    const HeaderId header(h);
    now_.learn(slots_.validity(header), truth(false));
    const HeaderType& type = program_[program_[header].type];
    for (std::size_t f = 0; f < type.fields.size(); ++f) {
      if (type.fields[f].type.kind == Type::Kind::kVarbit) continue;
      now_.learn(slots_.field(header, f), fold_.constant(type.fields[f].type, 0));
    }
  }
  walk(program_.entry);
}

void propagate_values(Program& program, PassContext&) { Propagator(program).run(); }

}  // namespace p4bpf::ir
