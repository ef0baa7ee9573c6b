// Looks at the calls of extern objects (together.h).
#include "ir/passes/together.h"

#include <algorithm>
#include <set>

#include "ir/walk.h"

namespace p4bpf::ir {
namespace {

struct Uses {
  std::set<ExternInstanceId> reads;  // tell something of it
  std::set<ExternInstanceId> all;
  std::set<StepId> atomic;  // those under @atomic in which anything is used
};

bool reads(const CallExtern& call) {
  return call.result || std::any_of(call.arguments.begin(), call.arguments.end(), [](const ExternArgument& one) {
           return one.direction != ExternArgument::Direction::kIn;
         });
}

void add(const Program& program, std::span<const Stmt> statements, Uses& uses) {
  for (const Stmt& stmt : statements) {
    if (const auto* call = std::get_if<CallExtern>(&stmt.node); call != nullptr && call->instance) {
      uses.all.insert(call->instance);
      if (reads(*call)) uses.reads.insert(call->instance);
      if (stmt.step && program[stmt.step].is_atomic) uses.atomic.insert(stmt.step);
    }
    for_each_block(stmt, [&](BlockId block) { add(program, program[block].statements, uses); });
  }
}

template <class Set>
bool meet(const Set& a, const Set& b) {
  return std::any_of(a.begin(), a.end(), [&](const auto& one) { return b.contains(one); });
}

bool go_on(const Uses& first, const Uses& then) {
  return meet(first.reads, then.all) || meet(first.atomic, then.atomic);
}

}  // namespace

bool is_amid(const Program& program, std::span<const Stmt> before, const Stmt& at, std::span<const Stmt> behind) {
  if (program.extern_instances.size() == 0) return false;
  Uses first, here, then;
  add(program, before, first);
  add(program, {&at, 1}, here);
  add(program, behind, then);
  return go_on(first, here) || go_on(first, then) || go_on(here, then);
}

}  // namespace p4bpf::ir
