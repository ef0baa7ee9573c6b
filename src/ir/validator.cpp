// The invariants of ir.h as checks. The first fault found is reported with the statement it stands in. Beyond types and
// ids:
//  - a block hangs in one place only, so that a pass may rewrite it where it finds it (expressions may be shared: they
//  are never
//    changed in place);
//  - a Leave stands inside the Region or Loop of its label;
//  - parser statements stand in parsers, Emit in Deparse, Verdict and RunParser in the entry;
//  - no path of the entry runs off its end without a Verdict.
#include "ir/validator.h"

#include <fmt/format.h>

#include <set>

#include "base/result.h"
#include "ir/printer.h"
#include "ir/selector.h"
#include "ir/validator_exprs.h"
#include "ir/walk.h"

namespace p4bpf::ir {
namespace {

/// Where a statement stands.
struct Place {
  bool in_parser = false;
  bool in_deparse = false;
  std::vector<LabelId> labels;
  TableId applied;  // of the innermost ApplyTable around it
};

class Validator {
 public:
  explicit Validator(const Program& program) : program_(program), exprs_(program) {}
  std::string run();

 private:
  bool fail(std::string message) {
    if (fault_.empty()) fault_ = std::move(message);
    return false;
  }
  bool check_declarations();
  bool check_stack(const Stack& stack);
  bool check_table(const Table& table);
  bool check_parser(const Parser& parser);
  bool check_transition(const Parser& parser, const State& state);
  bool check_block(BlockId id, Place place);
  bool check_stmt(const Stmt& stmt, const Place& place);
  bool check_assign(const Assign& s);
  bool check_if(const If& s, const Place& place);
  bool check_switch(const Switch& s, const Place& place);
  bool check_apply(const ApplyTable& s, const Place& place);
  bool check_add_entry(const AddEntry& s, const Place& place);
  bool check_extern(const CallExtern& s);
  bool check_new_pass(const NewPass& s, const Place& place);
  bool check_argument(const ExternArgument& argument, bool is_written);
  bool check_labelled(LabelId label, BlockId body, Place place);
  bool check_var(VarId id, const Type& type, std::string_view what);
  bool is_bits(ExprId id, std::string_view what);
  bool expr(ExprId id, const Place& place) { return exprs_.check(id, place.in_parser) || fail(exprs_.fault()); }
  bool ref(const HeaderRef& ref, const Place& place) {
    return exprs_.check(ref, place.in_parser) || fail(exprs_.fault());
  }
  /// Whether control can reach the end of the block; `left` collects the labels of reachable Leaves.
  bool completes(BlockId id, std::set<LabelId>& left) const;
  bool completes(const Stmt& stmt, std::set<LabelId>& left) const;

  const Program& program_;
  ExprValidator exprs_;
  std::set<BlockId> seen_;
  std::string fault_;
};

std::string Validator::run() {
  if (!check_declarations()) return fault_;
  for (const Parser& parser : program_.parsers) {
    if (!check_parser(parser)) return "parser " + parser.name + ": " + fault_;
  }
  if (!check_block(program_.entry, Place{})) return "entry: " + fault_;
  std::set<LabelId> left;
  if (completes(program_.entry, left)) return "entry: a path ends without a verdict";
  return {};
}

bool Validator::check_declarations() {
  if (program_.errors.empty() || program_.errors[0] != "NoError") return fail("the first error must be NoError");
  for (const HeaderType& type : program_.header_types) {
    std::uint32_t offset = 0;
    for (const HeaderField& field : type.fields) {
      if (field.bit_offset != offset)
        return fail("header " + type.name + ": field " + field.name + " is not where it must be");
      if (field.type.kind != Type::Kind::kVarbit) offset += field.type.width;
    }
    if (type.width != offset) return fail("header " + type.name + ": its width is not the sum of its fields");
  }
  for (const Header& header : program_.headers) {
    if (!in_range(program_.header_types, header.type)) return fail("header " + header.name + " has no type");
  }
  for (const Stack& stack : program_.stacks) {
    if (!check_stack(stack)) return false;
  }
  for (const Table& table : program_.tables) {
    if (!check_table(table)) return fail("table " + table.name + " is malformed");
  }
  return true;
}

bool Validator::check_stack(const Stack& stack) {
  for (const HeaderId id : stack.elements) {
    if (!in_range(program_.headers, id) || program_[id].type != stack.type)
      return fail("stack " + stack.name + " is malformed");
  }
  return check_var(stack.next_index, Type::bits(32), "the next index of stack " + stack.name);
}

bool Validator::check_table(const Table& table) {
  if (table.is_value_set) return table.actions.empty();
  if (table.default_action >= table.actions.size()) return false;
  if (table.default_arguments.size() != table.actions[table.default_action].params.size()) return false;
  if (table.add_on_miss) {
    if (table.keys.empty() || table.entries_are_const) return false;
    for (const TableKey& key : table.keys) {
      if (key.match != MatchKind::kExact) return false;
    }
  }
  for (const TableEntry& entry : table.entries) {
    if (entry.keys.size() != table.keys.size() || entry.action >= table.actions.size()) return false;
    if (entry.arguments.size() != table.actions[entry.action].params.size()) return false;
  }
  return true;
}

bool Validator::check_var(VarId id, const Type& type, std::string_view what) {
  if (!in_range(program_.vars, id)) return fail(fmt::format("{} names no variable", what));
  return program_[id].type == type || fail(fmt::format("{} has a wrong type", what));
}

bool Validator::is_bits(ExprId id, std::string_view what) {
  const Type& type = program_[id].type;
  return (type.kind == Type::Kind::kBits && !type.is_signed) || fail(fmt::format("{} must be unsigned bits", what));
}

bool Validator::check_parser(const Parser& parser) {
  if (!check_var(parser.accepted, Type::boolean(), "accepted") || !check_var(parser.error, Type::error(), "error"))
    return false;
  if (parser.start >= parser.states.size()) return fail("no start state");
  Place place;
  place.in_parser = true;
  for (const State& state : parser.states) {
    if (!check_block(state.body, place) || !check_transition(parser, state)) {
      fault_ = "state " + state.name + ": " + fault_;
      return false;
    }
  }
  return true;
}

bool Validator::check_transition(const Parser& parser, const State& state) {
  Place place;
  place.in_parser = true;
  for (const ExprId key : state.transition.keys) {
    if (!expr(key, place)) return false;
  }
  if (state.transition.keys.empty() && state.transition.cases.size() != 1)
    return fail("a direct transition needs one target");
  for (const SelectCase& one : state.transition.cases) {
    if (one.matches.size() != state.transition.keys.size()) return fail("a select case has another number of keys");
    if (one.target.kind == StateTarget::Kind::kState && one.target.state >= parser.states.size())
      return fail("a target is no state");
  }
  return true;
}

bool Validator::check_block(BlockId id, Place place) {
  if (!in_range(program_.blocks, id)) return fail("a block is missing");
  if (!seen_.insert(id).second) return fail("a block hangs in two places:\n" + print(program_, id));
  for (const Stmt& stmt : program_[id].statements) {
    if (!check_stmt(stmt, place)) return false;
  }
  return true;
}

bool Validator::check_labelled(LabelId label, BlockId body, Place place) {
  if (!in_range(program_.labels, label)) return fail("a label is missing");
  for (const LabelId outer : place.labels) {
    if (outer == label) return fail("a label encloses itself: " + program_[label].name);
  }
  place.labels.push_back(label);
  return check_block(body, std::move(place));
}

bool Validator::check_stmt(const Stmt& stmt, const Place& place) {
  const auto parser_only = [&] { return place.in_parser || fail("a parser statement outside a parser"); };
  const auto entry_only = [&] { return !place.in_parser || fail("a statement of the entry in a parser"); };
  return std::visit(
      Match{
          [&](const Assign& s) { return expr(s.target, place) && expr(s.value, place) && check_assign(s); },
          [&](const SetValid& s) { return ref(s.header, place); },
          [&](const SetInvalid& s) { return ref(s.header, place); },
          [&](const CopyHeader& s) {
            return ref(s.target, place) && ref(s.source, place) &&
                   (exprs_.header_type(s.target) == exprs_.header_type(s.source) ||
                    fail("a copy between header types"));
          },
          [&](const ShiftStack& s) { return in_range(program_.stacks, s.stack) || fail("a stack is missing"); },
          [&](const If& s) { return check_if(s, place); },
          [&](const Switch& s) { return check_switch(s, place); },
          [&](const Region& s) { return check_labelled(s.label, s.body, place); },
          [&](const Leave& s) {
            for (const LabelId label : place.labels) {
              if (label == s.label) return true;
            }
            return fail("a leave outside the region of its label");
          },
          [&](const Loop& s) { return check_labelled(s.label, s.body, place); },
          [&](const ApplyTable& s) { return check_apply(s, place); },
          [&](const AddEntry& s) { return check_add_entry(s, place); },
          [&](const CallExtern& s) { return check_extern(s); },
          [&](const Extract& s) {
            if (!parser_only() || !ref(s.header, place)) return false;
            if (!s.varbit_bits) return true;
            return expr(s.varbit_bits, place) && is_bits(s.varbit_bits, "the size of a varbit") &&
                   (program_[exprs_.header_type(s.header)].varbit_field || fail("a size for a header without varbit"));
          },
          [&](const Advance& s) {
            return parser_only() && expr(s.bits, place) && is_bits(s.bits, "the bits to advance");
          },
          [&](const Require&) { return parser_only(); },
          [&](const Reject& s) {
            return parser_only() && expr(s.error, place) &&
                   (program_[s.error].type.kind == Type::Kind::kError || fail("reject needs an error"));
          },
          [&](const RunParser& s) {
            return entry_only() && (in_range(program_.parsers, s.parser) || fail("a parser is missing"));
          },
          [&](const Emit& s) { return (place.in_deparse || fail("emit outside deparse")) && ref(s.header, place); },
          [&](const Deparse& s) {
            Place inside = place;
            inside.in_deparse = true;
            return entry_only() && check_block(s.body, inside);
          },
          [&](const Truncate& s) { return entry_only() && expr(s.bytes, place) && is_bits(s.bytes, "a length"); },
          [&](const NewPass& s) { return entry_only() && check_new_pass(s, place); },
          [&](const Verdict& s) {
            if (!entry_only()) return false;
            if ((s.kind == VerdictKind::kRedirect) != static_cast<bool>(s.port))
              return fail("a port belongs to a redirect");
            if (s.priority && !(s.port && expr(s.priority, place) && is_bits(s.priority, "a priority"))) return false;
            return !s.port || (expr(s.port, place) && is_bits(s.port, "a port"));
          },
      },
      stmt.node);
}

bool Validator::check_assign(const Assign& s) {
  if (!is_storage(program_[s.target])) return fail("no storage on the left of " + print(program_, s.target));
  return program_[s.target].type == program_[s.value].type ||
         fail(fmt::format("types differ in {} = {}", print(program_, s.target), print(program_, s.value)));
}

bool Validator::check_if(const If& s, const Place& place) {
  if (!expr(s.condition, place)) return false;
  if (program_[s.condition].type != Type::boolean())
    return fail("a condition must be bool: " + print(program_, s.condition));
  return check_block(s.then_block, place) && (!s.else_block || check_block(s.else_block, place));
}

bool Validator::check_switch(const Switch& s, const Place& place) {
  if (!expr(s.subject, place)) return false;
  std::set<BigInt> seen;
  for (const SwitchCase& one : s.cases) {
    for (const BigInt& value : one.values) {
      if (!seen.insert(value).second)
        return fail("a value stands twice in a switch over " + print(program_, s.subject));
    }
    if (!check_block(one.body, place)) return false;
  }
  return !s.default_body || check_block(s.default_body, place);
}

bool Validator::check_apply(const ApplyTable& s, const Place& place) {
  if (!in_range(program_.tables, s.table)) return fail("a table is missing");
  const Table& table = program_[s.table];
  const bool selects = selector_of(program_, s) && table.implementation;
  if (s.keys.size() != table.keys.size() + (selects ? 1 : 0))
    return fail("table " + table.name + " is applied with another number of keys");
  for (std::size_t i = 0; i < s.keys.size(); ++i) {
    if (!expr(s.keys[i], place)) return false;
    if (program_[s.keys[i]].type != (i < table.keys.size() ? table.keys[i].type : Type::bits(64)))
      return fail("a key of table " + table.name + " has another type");
  }
  if (s.bodies.size() != table.actions.size()) return fail("table " + table.name + " needs a body for each action");
  for (std::size_t i = 0; i < s.bodies.size(); ++i) {
    const Action& action = table.actions[i];
    if (s.bodies[i].params.size() != action.params.size())
      return fail("another number of parameters for " + action.name);
    for (std::size_t p = 0; p < action.params.size(); ++p) {
      if (!check_var(s.bodies[i].params[p], action.params[p].type, "a parameter of " + action.name)) return false;
    }
    Place inside = place;
    inside.applied = s.table;
    if (!check_block(s.bodies[i].body, inside)) return false;
  }
  return (!s.hit || check_var(s.hit, Type::boolean(), "hit")) &&
         (!s.action_run || check_var(s.action_run, Type::bits(32), "action_run"));
}

bool Validator::check_add_entry(const AddEntry& s, const Place& place) {
  if (!s.table || s.table != place.applied) return fail("an entry is added outside the application of its table");
  const Table& table = program_[s.table];
  if (!table.add_on_miss) return fail("table " + table.name + " takes no entries from the program");
  if (s.action >= table.actions.size() || table.actions[s.action].default_only)
    return fail("an entry of table " + table.name + " cannot have the action that is added");
  const Action& action = table.actions[s.action];
  if (s.arguments.size() != action.params.size()) return fail("another number of arguments for " + action.name);
  for (std::size_t i = 0; i < s.arguments.size(); ++i) {
    if (!expr(s.arguments[i], place)) return false;
    if (program_[s.arguments[i]].type != action.params[i].type)
      return fail("an argument of " + action.name + " has another type");
  }
  if (!s.result) return true;
  if (!expr(s.result, place)) return false;
  return (std::holds_alternative<VarRef>(program_[s.result].node) && program_[s.result].type == Type::boolean()) ||
         fail("the result of an added entry must be a variable of type bool");
}

bool Validator::check_new_pass(const NewPass& s, const Place& place) {
  const auto carries = [&](std::size_t index, const Type& type) {
    return (index < program_.carried.size() && program_.carried[index] == type) ||
           fail("a new pass carries a value of another type");
  };
  for (const NewPass::Value& one : s.values) {
    if (!expr(one.value, place) || !carries(one.carried, program_[one.value].type)) return false;
  }
  return !s.replication ||
         (expr(s.replication->id, place) && is_bits(s.replication->id, "a group or session") &&
          carries(s.replication->port, Type::bits(32)) && carries(s.replication->instance, Type::bits(32)));
}

bool Validator::check_argument(const ExternArgument& argument, bool is_written) {
  return std::visit(Match{
                        [&](const ExprId& id) {
                          if (!exprs_.check(id, true)) return fail(exprs_.fault());
                          return !is_written || is_storage(program_[id]) || fail("an out argument is no storage");
                        },
                        [&](const HeaderRef& header) { return ref(header, Place{}); },
                        [&](const ExternStruct& fields) {
                          for (const ExternArgument& one : fields.fields) {
                            if (!check_argument(one, is_written)) return false;
                          }
                          return true;
                        },
                    },
                    argument.value);
}

bool Validator::check_extern(const CallExtern& s) {
  if (!in_range(program_.extern_functions, s.function)) return fail("an extern function is missing");
  const ExternFunction& function = program_[s.function];
  if (s.instance && !in_range(program_.extern_instances, s.instance)) return fail("an extern instance is missing");
  if (s.arguments.size() != function.params.size()) return fail("another number of arguments for " + function.name);
  for (const ExternArgument& one : s.arguments) {
    if (!check_argument(one, one.direction != ExternArgument::Direction::kIn)) return false;
  }
  if (!s.result) return true;
  if (!exprs_.check(s.result, true)) return fail(exprs_.fault());
  return std::holds_alternative<VarRef>(program_[s.result].node) ||
         fail("the result of " + function.name + " must be a variable");
}

bool Validator::completes(BlockId id, std::set<LabelId>& left) const {
  for (const Stmt& stmt : program_[id].statements) {
    if (!completes(stmt, left)) return false;
  }
  return true;
}

bool Validator::completes(const Stmt& stmt, std::set<LabelId>& left) const {
  return std::visit(Match{
                        [&](const If& s) {
                          const bool then_completes = completes(s.then_block, left);
                          return (s.else_block ? completes(s.else_block, left) : true) || then_completes;
                        },
                        [&](const Switch& s) {
                          bool any = s.default_body ? completes(s.default_body, left) : true;
                          for (const SwitchCase& one : s.cases) any = completes(one.body, left) || any;
                          return any;
                        },
                        [&](const ApplyTable& s) {
                          bool any = s.bodies.empty();
                          for (const ActionBody& one : s.bodies) any = completes(one.body, left) || any;
                          return any;
                        },
                        [&](const Region& s) {
                          const bool runs_through = completes(s.body, left);
                          return left.erase(s.label) != 0 || runs_through;
                        },
                        [&](const Loop& s) {
                          completes(s.body, left);
                          return left.erase(s.label) != 0;
                        },
                        [&](const Leave& s) {
                          left.insert(s.label);
                          return false;
                        },
                        [&](const Deparse& s) { return completes(s.body, left); },
                        [](const Verdict&) { return false; },
                        [](const Reject&) { return false; },
                        [](const auto&) { return true; },
                    },
                    stmt.node);
}

}  // namespace

std::string find_fault(const Program& program) { return Validator(program).run(); }

void assert_valid(const Program& program, std::string_view after) {
  const std::string fault = find_fault(program);
  P4BPF_CHECK(fault.empty(), fmt::format("after {}: {}", after, fault));
}

}  // namespace p4bpf::ir
