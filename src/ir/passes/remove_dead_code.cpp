// The liveness half of remove_dead_code. The first walk finds, without changing anything, what is live behind each
// RunParser (all sites of a parser together, to a fixed point); the second removes. Loops are walked to a fixed point
// from below.
#include "ir/passes/remove_dead_code.h"

#include <algorithm>
#include <boost/dynamic_bitset.hpp>
#include <map>

#include "ir/passes/remove_unreachable.h"
#include "ir/passes/slots.h"
#include "ir/walk.h"

namespace p4bpf::ir {
namespace {

/// Which slots may still be read.
using Live = boost::dynamic_bitset<>;

bool merge(Live& into, const Live& from) {
  const bool grows = !from.is_subset_of(into);
  into |= from;
  return grows;
}

class Liveness {
 public:
  explicit Liveness(Program& program) : program_(program), slots_(program), nothing_(slots_.size()) {}
  void run();

 private:
  Live before(BlockId block, Live live);
  /// Makes `live` what is live before the statement; false if the statement does nothing that anybody sees.
  bool before(Stmt& stmt, Live& live);
  void before_if(const If& s, Live& live);
  void before_switch(const Switch& s, Live& live);
  bool before_assign(const Assign& s, Live& live);
  bool before_copy(const CopyHeader& s, Live& live);
  bool before_validity(const HeaderRef& ref, Live& live);
  void before_apply(ApplyTable& s, Live& live);
  void before_result(ExprId& result, Live& live);
  bool before_extern(CallExtern& s, Live& live);
  bool is_wanted(const CallExtern& s, const Live& live) const;
  void before_shift(const ShiftStack& s, Live& live) const;
  void before_loop(const Loop& s, Live& live);
  void before_parser(ParserId id, Live& live);
  Live before_states(ParserId id);

  void use(ExprId id, Live& live) const;
  void use_index(const HeaderRef& ref, Live& live) const {
    if (ref.index) use(ref.index, live);
  }
  void use_header(const HeaderRef& ref, Live& live) const {
    use_index(ref, live);
    slots_.for_each_slot(ref, [&](std::size_t slot) { live[slot] = true; });
  }
  void use(const ExternArgument& argument, Live& live) const;
  void use_target_indices(const ExternArgument& argument, Live& live) const;
  void set(VarId var, Live& live) const {
    if (var) live[slots_.of(var)] = false;
  }

  Program& program_;
  Slots slots_;
  Live nothing_;
  bool removing_ = false;
  std::map<LabelId, Live> at_label_;
  std::map<ParserId, Live> behind_parser_;
  Live at_reject_;
};

// ---- uses ---------------------------------------------------------------------------------------------------------

void Liveness::use(ExprId id, Live& live) const {
  const Expr& expr = program_[id];
  if (const auto* var = std::get_if<VarRef>(&expr.node)) live[slots_.of(var->var)] = true;
  if (const auto* field = std::get_if<FieldRef>(&expr.node)) {
    slots_.for_each_header(field->header, [&](HeaderId header) { live[slots_.field(header, field->field)] = true; });
  }
  if (const auto* test = std::get_if<IsValid>(&expr.node)) {
    slots_.for_each_header(test->header, [&](HeaderId header) { live[slots_.validity(header)] = true; });
  }
  if (const auto* length = std::get_if<VarbitLength>(&expr.node)) {
    slots_.for_each_header(length->header, [&](HeaderId header) {
      live[slots_.field(header, *program_[program_[header].type].varbit_field)] = true;
    });
  }
  for_each_operand(expr, [&](ExprId operand) { use(operand, live); });
}

void Liveness::use(const ExternArgument& argument, Live& live) const {
  std::visit(Match{
                 [&](const ExprId& id) { use(id, live); },
                 [&](const HeaderRef& header) { use_header(header, live); },
                 [&](const ExternStruct& fields) {
                   for (const ExternArgument& one : fields.fields) use(one, live);
                 },
             },
             argument.value);
}

void Liveness::use_target_indices(const ExternArgument& argument, Live& live) const {
  std::visit(Match{
                 [&](const ExprId& id) { for_each_operand(program_[id], [&](ExprId index) { use(index, live); }); },
                 [&](const HeaderRef& header) { use_index(header, live); },
                 [&](const ExternStruct& fields) {
                   for (const ExternArgument& one : fields.fields) use_target_indices(one, live);
                 },
             },
             argument.value);
}

// ---- statements ---------------------------------------------------------------------------------------------------

Live Liveness::before(BlockId block, Live live) {
  std::vector<Stmt>& statements = program_.blocks.edit(block).statements;
  std::vector<bool> keep(statements.size(), true);
  for (std::size_t i = statements.size(); i-- > 0;) keep[i] = before(statements[i], live);
  if (!removing_) return live;
  std::size_t i = 0;
  std::erase_if(statements, [&](const Stmt&) { return !keep[i++]; });
  return live;
}

bool Liveness::before(Stmt& stmt, Live& live) {
  bool keep = true;
  std::visit(Match{
                 [&](Assign& s) { keep = before_assign(s, live); },
                 [&](SetValid& s) { keep = before_validity(s.header, live); },
                 [&](SetInvalid& s) { keep = before_validity(s.header, live); },
                 [&](CopyHeader& s) { keep = before_copy(s, live); },
                 [&](ShiftStack& s) { before_shift(s, live); },
                 [&](If& s) { before_if(s, live); },
                 [&](Switch& s) { before_switch(s, live); },
                 [&](Region& s) {
                   at_label_[s.label] = live;
                   live = before(s.body, live);
                 },
                 [&](Leave& s) { live = at_label_.at(s.label); },
                 [&](Loop& s) { before_loop(s, live); },
                 [&](ApplyTable& s) { before_apply(s, live); },
                 [&](AddEntry& s) {
                   before_result(s.result, live);
                   for (const ExprId argument : s.arguments) use(argument, live);
                 },
                 [&](CallExtern& s) { keep = before_extern(s, live); },
                 [&](Extract& s) {
                   if (s.header.header) slots_.for_each_slot(s.header, [&](std::size_t slot) { live[slot] = false; });
                   use_index(s.header, live);
                   if (s.varbit_bits) use(s.varbit_bits, live);
                   merge(live, at_reject_);
                 },
                 [&](Advance& s) { use(s.bits, live), merge(live, at_reject_); },
                 [&](Require&) { merge(live, at_reject_); },
                 [&](Reject& s) { live = at_reject_, use(s.error, live); },
                 [&](RunParser& s) { before_parser(s.parser, live); },
                 [&](Emit& s) { use_header(s.header, live); },
                 [&](Deparse& s) { live = before(s.body, live); },
                 [&](Truncate& s) { use(s.bytes, live); },
                 [&](NewPass& s) {
                   for (const NewPass::Value& one : s.values) use(one.value, live);
                   if (s.replication) use(s.replication->id, live);
                 },
                 [&](Verdict& s) {
                   live = nothing_;
                   if (s.port) use(s.port, live);
                   if (s.priority) use(s.priority, live);
                 },
             },
             stmt.node);
  return keep;
}

bool Liveness::before_assign(const Assign& s, Live& live) {
  const Expr& target = program_[s.target];
  if (const auto* var = std::get_if<VarRef>(&target.node)) {
    if (!live[slots_.of(var->var)]) return false;
    live[slots_.of(var->var)] = false;
  } else {
    const auto& field = std::get<FieldRef>(target.node);
    bool any = false;
    slots_.for_each_header(field.header,
                           [&](HeaderId header) { any = any || live[slots_.field(header, field.field)]; });
    if (!any) return false;
    if (field.header.header) live[slots_.field(field.header.header, field.field)] = false;
    use_index(field.header, live);
  }
  use(s.value, live);
  return true;
}

bool Liveness::before_validity(const HeaderRef& ref, Live& live) {
  bool any = false;
  slots_.for_each_header(ref, [&](HeaderId header) { any = any || live[slots_.validity(header)]; });
  if (!any) return false;
  if (ref.header) live[slots_.validity(ref.header)] = false;
  use_index(ref, live);
  return true;
}

bool Liveness::before_copy(const CopyHeader& s, Live& live) {
  bool any = false;
  slots_.for_each_slot(s.target, [&](std::size_t slot) { any = any || live[slot]; });
  if (!any) return false;
  use_index(s.target, live);
  if (!s.target.header || !s.source.header) {
    if (s.target.header) slots_.for_each_slot(s.target, [&](std::size_t slot) { live[slot] = false; });
    use_header(s.source, live);
    return true;
  }
  // Slot by slot: what is not read of the copy is not read of its source.
  const std::size_t to = slots_.validity(s.target.header), from = slots_.validity(s.source.header);
  std::vector<bool> wanted;
  for (std::size_t i = 0; i <= slots_.field_count(s.target.header); ++i) {
    wanted.push_back(live[to + i]);
    live[to + i] = false;
  }
  for (std::size_t i = 0; i < wanted.size(); ++i) live[from + i] = live[from + i] || wanted[i];
  return true;
}

/// Each element may get what any other held.
void Liveness::before_shift(const ShiftStack& s, Live& live) const {
  const Stack& stack = program_[s.stack];
  live[slots_.of(stack.next_index)] = true;
  if (stack.elements.empty()) return;
  for (std::size_t i = 0; i <= slots_.field_count(stack.elements[0]); ++i) {
    bool any = false;
    for (const HeaderId element : stack.elements) any = any || live[slots_.validity(element) + i];
    for (const HeaderId element : stack.elements) live[slots_.validity(element) + i] = any;
  }
}

void Liveness::before_if(const If& s, Live& live) {
  Live other = s.else_block ? before(s.else_block, live) : live;
  live = before(s.then_block, std::move(live));
  merge(live, other);
  use(s.condition, live);
}

void Liveness::before_switch(const Switch& s, Live& live) {
  Live all = s.default_body ? before(s.default_body, live) : live;
  for (const SwitchCase& one : s.cases) merge(all, before(one.body, live));
  live = std::move(all);
  use(s.subject, live);
}

/// The bodies run when `hit` and `action_run` are set.
void Liveness::before_apply(ApplyTable& s, Live& live) {
  Live all = s.bodies.empty() ? live : nothing_;
  for (const ActionBody& one : s.bodies) {
    Live inside = before(one.body, live);
    for (const VarId param : one.params) set(param, inside);
    merge(all, inside);
  }
  live = std::move(all);
  if (removing_ && s.hit && !live[slots_.of(s.hit)]) s.hit = VarId();
  if (removing_ && s.action_run && !live[slots_.of(s.action_run)]) s.action_run = VarId();
  set(s.hit, live);
  set(s.action_run, live);
  for (const ExprId key : s.keys) use(key, live);
}

/// A variable that takes a result; names nothing afterwards if nobody reads it.
void Liveness::before_result(ExprId& result, Live& live) {
  if (!result) return;
  const VarId var = std::get<VarRef>(program_[result].node).var;
  if (removing_ && !live[slots_.of(var)]) result = ExprId();
  set(var, live);
}

/// What an architecture's glue calls ($hash, $timestamp) does nothing but to give values.
bool Liveness::is_wanted(const CallExtern& s, const Live& live) const {
  if (!program_[s.function].name.starts_with('$')) return true;
  const auto is_read = [&](ExprId target) {
    const auto* var = std::get_if<VarRef>(&program_[target].node);
    return var == nullptr || live[slots_.of(var->var)];
  };
  if (s.result && is_read(s.result)) return true;
  return std::any_of(s.arguments.begin(), s.arguments.end(), [&](const ExternArgument& one) {
    const auto* target = std::get_if<ExprId>(&one.value);
    return one.direction != ExternArgument::Direction::kIn && (target == nullptr || is_read(*target));
  });
}

bool Liveness::before_extern(CallExtern& s, Live& live) {
  if (!is_wanted(s, live)) return false;
  before_result(s.result, live);
  for (const ExternArgument& one : s.arguments) {
    // An out argument is not taken as written, since a body in C may forget to.
    if (one.direction == ExternArgument::Direction::kOut) {
      use_target_indices(one, live);
    } else {
      use(one, live);
    }
  }
  return true;
}

void Liveness::before_loop(const Loop& s, Live& live) {
  at_label_[s.label] = live;
  const bool was_removing = removing_;
  removing_ = false;
  Live head = nothing_;
  while (merge(head, before(s.body, head))) {
  }
  removing_ = was_removing;
  live = before(s.body, head);
}

// ---- parsers ------------------------------------------------------------------------------------------------------

void Liveness::before_parser(ParserId id, Live& live) {
  set(program_[id].accepted, live);
  auto [known, is_new] = behind_parser_.try_emplace(id, nothing_);
  merge(known->second, live);
  live = before_states(id);
}

Live Liveness::before_states(ParserId id) {
  const Live behind = behind_parser_.at(id);
  const bool was_removing = removing_;
  at_reject_ = behind;
  std::vector<Live> at_state(program_[id].states.size(), nothing_);
  const auto walk = [&](std::size_t i) {
    const Transition& transition = program_[id].states[i].transition;
    Live live = behind;  // `reject`, or no case matches
    for (const SelectCase& one : transition.cases) {
      if (one.target.kind == StateTarget::Kind::kState) merge(live, at_state[one.target.state]);
    }
    for (const ExprId key : transition.keys) use(key, live);
    return before(program_[id].states[i].body, std::move(live));
  };
  removing_ = false;
  for (bool grew = true; grew;) {
    grew = false;
    for (std::size_t i = at_state.size(); i-- > 0;) grew = merge(at_state[i], walk(i)) || grew;
  }
  removing_ = was_removing;
  for (std::size_t i = 0; removing_ && i < at_state.size(); ++i) walk(i);
  return at_state[program_[id].start];
}

void Liveness::run() {
  for (bool grew = true; grew;) {
    const std::map<ParserId, Live> old = behind_parser_;
    before(program_.entry, nothing_);
    grew = old != behind_parser_;
  }
  removing_ = true;
  before(program_.entry, nothing_);
}

}  // namespace

void remove_dead_code(Program& program, PassContext&) {
  remove_unreachable(program);
  Liveness(program).run();
  remove_unreachable(program);  // what has become empty
}

}  // namespace p4bpf::ir
