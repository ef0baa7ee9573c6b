// See fold_passes.h for what and why.
#include "ir/passes/fold_passes.h"

#include <set>

#include "ir/passes/fold.h"
#include "ir/passes/propagate_values.h"
#include "ir/passes/remove_dead_code.h"
#include "ir/walk.h"

namespace p4bpf::ir {
namespace {

/// The statements that a packet can come to.
template <class F>
void for_each_statement(Program& program, BlockId block, std::set<ParserId>& seen, const F& f) {
  for (Stmt& stmt : program.blocks.edit(block).statements) {
    f(stmt);
    if (const auto* run = std::get_if<RunParser>(&stmt.node); run != nullptr && seen.insert(run->parser).second) {
      for (const State& state : program[run->parser].states) for_each_statement(program, state.body, seen, f);
    }
    for_each_block(stmt, [&](BlockId nested) { for_each_statement(program, nested, seen, f); });
  }
}

/// What all NewPass together leave to one Carried.
struct Left {
  std::set<BigInt> values = {0};  // 0: of a packet's first pass
  bool is_known = true;
};

std::vector<Left> what_is_left(Program& program, std::size_t& passes) {
  std::vector<Left> left(program.carried.size());
  std::set<ParserId> seen;
  for_each_statement(program, program.entry, seen, [&](Stmt& stmt) {
    const auto* pass = std::get_if<NewPass>(&stmt.node);
    if (pass == nullptr) return;
    ++passes;
    for (const NewPass::Value& one : pass->values) {
      const auto* constant = std::get_if<Const>(&program[one.value].node);
      if (constant != nullptr) left[one.carried].values.insert(constant->value);
      left[one.carried].is_known = left[one.carried].is_known && constant != nullptr;
    }
    if (!pass->replication) return;
    left[pass->replication->port].is_known = left[pass->replication->instance].is_known = false;
  });
  return left;
}

/// Carried n, and its comparisons with a constant, where that is decided.
void fold(Program& program, const std::vector<Left>& left) {
  const auto slot = [&](ExprId id) {
    const auto* carried = std::get_if<Carried>(&program[id].node);
    return carried != nullptr ? std::optional(carried->index) : std::nullopt;
  };
  for (std::size_t i = 0; i < program.exprs.size(); ++i) {
    const Expr expr = program.exprs[ExprId(i)];
    if (const auto* carried = std::get_if<Carried>(&expr.node)) {
      const Left& known = left[carried->index];
      if (known.is_known && known.values.size() == 1 && expr.type.kind != Type::Kind::kVarbit)
        program.exprs.edit(ExprId(i)).node = Const{0};
    }
    const auto* test = std::get_if<Binary>(&expr.node);
    if (test == nullptr || test->op != BinaryOp::kEq || !slot(test->left)) continue;
    const Left& known = left[*slot(test->left)];
    const auto* wanted = std::get_if<Const>(&program[test->right].node);
    if (wanted != nullptr && known.is_known && !known.values.contains(wanted->value))
      program.exprs.edit(ExprId(i)).node = Const{0};
  }
}

void add_read(const Program& program, ExprId id, std::set<std::size_t>& read) {
  if (const auto* carried = std::get_if<Carried>(&program[id].node)) read.insert(carried->index);
  for_each_operand(program[id], [&](ExprId operand) { add_read(program, operand, read); });
}

/// No architecture's glue hands a Carried to an extern.
void forget_unread(Program& program) {
  std::set<std::size_t> read;
  std::set<ParserId> seen;
  for_each_statement(program, program.entry, seen, [&](Stmt& stmt) {
    for_each_part(
        stmt, [&](ExprId id) { add_read(program, id, read); },
        [&](const HeaderRef& ref) { for_each_operand(ref, [&](ExprId index) { add_read(program, index, read); }); });
  });
  seen.clear();
  for_each_statement(program, program.entry, seen, [&](Stmt& stmt) {
    auto* pass = std::get_if<NewPass>(&stmt.node);
    if (pass != nullptr) std::erase_if(pass->values, [&](const auto& one) { return !read.contains(one.carried); });
  });
}

}  // namespace

void fold_passes(Program& program, PassContext& context) {
  if (program.carried.empty()) return;
  std::size_t before = 0;
  std::vector<Left> left = what_is_left(program, before);
  for (bool changed = true; changed;) {
    fold(program, left);
    propagate_values(program, context);
    remove_dead_code(program, context);
    forget_unread(program);
    std::size_t after = 0;
    left = what_is_left(program, after);
    changed = after != before;
    before = after;
  }
  remove_dead_code(program, context);  // what only unread values needed
}

}  // namespace p4bpf::ir
