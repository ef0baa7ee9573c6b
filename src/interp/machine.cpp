// Statements, one by one (machine.h).
#include "interp/machine.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>

#include "ir/selector.h"

namespace p4bpf::interp {

Machine::Machine(const MachineInput& input)
    : input_(input), program_(input.program), vars_(input.program.vars.size()), packet_(input.pass.packet) {
  headers_.reserve(program_.headers.size());
  for (const ir::Header& header : program_.headers) {
    headers_.push_back({false, std::vector<Value>(program_[header.type].fields.size())});
  }
}

Result<Outcome> Machine::run() {
  run_block(program_.entry);
  if (!fault_ && !outcome_) stop("the program ended without a verdict");
  if (fault_) return fail(*fault_);
  outcome_->effects = std::move(effects_);
  return std::move(*outcome_);
}

void Machine::leave_record(std::size_t point, std::vector<BigInt> values) {
  if (input_.trace == nullptr) return;
  input_.trace->push_back({point, std::move(values), packet_.size(), packet_});
}

Machine::Flow Machine::stop(std::string fault) { return stop(Error{std::move(fault), {}, 0}); }

Machine::Flow Machine::stop(Error fault) {
  fault_ = std::move(fault);
  return Flow::kEnded;
}

Machine::Flow Machine::run_block(ir::BlockId block) {
  for (const ir::Stmt& stmt : program_[block].statements) {
    const Flow flow = run_statement(stmt);
    if (flow != Flow::kNext) return flow;
  }
  return Flow::kNext;
}

Machine::Flow Machine::run_statement(const ir::Stmt& stmt) {
  if (++steps_ > input_.options.step_limit) {
    return stop(fmt::format("the packet is not done after {} statements", input_.options.step_limit));
  }
  return std::visit([&](const auto& s) { return run(s); }, stmt.node);
}

Machine::Flow Machine::run(const ir::Assign& s) {
  store(s.target, value(s.value));
  return Flow::kNext;
}

Machine::Flow Machine::set_validity(const ir::HeaderRef& ref, bool is_valid) {
  HeaderState* header = find(ref);
  if (header != nullptr) header->is_valid = is_valid;
  return Flow::kNext;
}

Machine::Flow Machine::run(const ir::CopyHeader& s) {
  const HeaderState* source = find(s.source);
  const HeaderState copied =
      source != nullptr ? *source : HeaderState{false, std::vector<Value>(header_type(s.target).fields.size())};
  if (HeaderState* target = find(s.target)) *target = copied;
  return Flow::kNext;
}

/// Section 8.18. Elements that fall off are lost; those that come free become invalid with fields 0.
Machine::Flow Machine::run(const ir::ShiftStack& s) {
  const ir::Stack& stack = program_[s.stack];
  const auto size = static_cast<std::int64_t>(stack.elements.size());
  const std::int64_t count = s.count;
  const auto element = [&](std::int64_t i) -> HeaderState& {
    return headers_[stack.elements[static_cast<std::size_t>(i)].index()];
  };
  const auto move = [&](std::int64_t i) {
    const std::int64_t from = i - count;
    if (from >= 0 && from < size) {
      element(i) = element(from);
    } else {
      element(i) = {false, std::vector<Value>(element(i).fields.size())};
    }
  };
  if (count > 0) {
    for (std::int64_t i = size - 1; i >= 0; --i) move(i);
  } else {
    for (std::int64_t i = 0; i < size; ++i) move(i);
  }
  BigInt& next = vars_[stack.next_index.index()].number;
  next = std::clamp<BigInt>(next + count, 0, size);
  return Flow::kNext;
}

Machine::Flow Machine::run(const ir::If& s) {
  if (truth(s.condition)) return run_block(s.then_block);
  return s.else_block ? run_block(s.else_block) : Flow::kNext;
}

Machine::Flow Machine::run(const ir::Switch& s) {
  const BigInt subject = number(s.subject);
  for (const ir::SwitchCase& one : s.cases) {
    if (std::find(one.values.begin(), one.values.end(), subject) != one.values.end()) return run_block(one.body);
  }
  return s.default_body ? run_block(s.default_body) : Flow::kNext;
}

Machine::Flow Machine::run(const ir::Region& s) {
  const Flow flow = run_block(s.body);
  return flow == Flow::kLeave && leaving_ == s.label ? Flow::kNext : flow;
}

Machine::Flow Machine::run(const ir::Leave& s) {
  leaving_ = s.label;
  return Flow::kLeave;
}

Machine::Flow Machine::run(const ir::Loop& s) {
  for (;;) {
    const Flow flow = run_block(s.body);
    if (flow == Flow::kLeave && leaving_ == s.label) return Flow::kNext;
    if (flow != Flow::kNext) return flow;
    // Counted here too, so that an empty body ends as well.
    if (++steps_ > input_.options.step_limit) {
      return stop(fmt::format("the packet is not done after {} statements", input_.options.step_limit));
    }
  }
}

/// The member that the entry names, or that is chosen from the group which it names; nullptr where the group is empty.
const manifest::Member* Machine::named_member(const ir::ApplyTable& s, const manifest::Entry& what) const {
  const ProfileState& profile = input_.profiles[*input_.tables[s.table.index()].shape().profile];
  std::uint32_t chosen = what.number;
  if (what.target == manifest::EntryTarget::kGroup) {
    const auto group = profile.groups.find(what.number);
    if (group == profile.groups.end() || group->second.empty()) return nullptr;
    const ir::ExprId selector = ir::selector_of(program_, s);
    const BigInt at = selector ? number(selector) : BigInt(0);
    chosen = group->second[static_cast<std::size_t>(BigInt(at % group->second.size()))];
  }
  const auto member = profile.members.find(chosen);
  return member == profile.members.end() ? nullptr : &member->second;
}

Machine::Flow Machine::run(const ir::ApplyTable& s) {
  TableState& table = input_.tables[s.table.index()];
  std::vector<BigInt> keys;
  for (std::size_t i = 0; i < table.shape().keys.size(); ++i) keys.push_back(number(s.keys[i]));
  const manifest::Entry* entry = table.find(keys);
  const bool hit = entry != nullptr;
  manifest::Entry what = hit ? *entry : table.default_entry();
  if (what.target != manifest::EntryTarget::kAction) {
    const manifest::Member* const member = named_member(s, what);
    what.action =
        member != nullptr ? member->action : ir::no_action(program_[s.table]).value_or(table.shape().default_action);
    what.arguments = member != nullptr ? member->arguments : std::vector<BigInt>(table.shape().default_arguments);
  }
  const std::size_t action = what.action;
  const std::vector<BigInt>& arguments = what.arguments;
  if (s.hit) vars_[s.hit.index()].number = hit ? 1 : 0;
  if (s.action_run) vars_[s.action_run.index()].number = action;
  count_direct(program_[s.table], table.handle_of(entry));
  if (action >= s.bodies.size()) return Flow::kNext;  // a value set
  applied_key_ = std::move(keys);
  const ir::ActionBody& body = s.bodies[action];
  for (std::size_t i = 0; i < body.params.size() && i < arguments.size(); ++i) {
    vars_[body.params[i].index()].number = arguments[i];
  }
  return run_block(body.body);
}

Machine::Flow Machine::run(const ir::AddEntry& s) {
  manifest::Entry entry;
  for (const BigInt& key : applied_key_) entry.keys.push_back(KeyMatch{.kind = KeyMatch::Kind::kExact, .value = key});
  entry.action = s.action;
  for (const ir::ExprId argument : s.arguments) entry.arguments.push_back(number(argument));
  const Result<void> added = input_.tables[s.table.index()].insert(entry);
  const int code = added ? 0 : added.error().code;
  if (code != 0 && code != EEXIST && code != ENOSPC) return stop(added.error());
  if (s.result) store(s.result, {BigInt(code == ENOSPC ? 0 : 1)});
  return Flow::kNext;
}

Machine::Flow Machine::run(const ir::Verdict& s) {
  outcome_.emplace();
  outcome_->verdict = s.kind;
  outcome_->port =
      s.kind == ir::VerdictKind::kRedirect ? static_cast<std::uint32_t>(wrap(number(s.port), 32, false)) : input_.port;
  outcome_->bytes = packet_;
  return Flow::kEnded;
}

}  // namespace p4bpf::interp
