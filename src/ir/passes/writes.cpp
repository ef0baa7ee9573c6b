// Collects writes without regard to the flow of control.
#include "ir/passes/writes.h"

#include "ir/walk.h"

namespace p4bpf::ir {

void Writes::add(BlockId block) {
  for (const Stmt& stmt : program_[block].statements) add(stmt);
}

void Writes::add(ParserId id) {
  const Parser& parser = program_[id];
  add_var(parser.accepted);
  add_var(parser.error);
  for (const State& state : parser.states) add(state.body);
}

void Writes::add(const HeaderRef& ref) {
  slots_.for_each_slot(ref, [&](std::size_t slot) { written_.insert(slot); });
}

void Writes::add_target(ExprId target) {
  const Expr& expr = program_[target];
  if (const auto* var = std::get_if<VarRef>(&expr.node)) return add_var(var->var);
  const auto& field = std::get<FieldRef>(expr.node);
  slots_.for_each_header(field.header, [&](HeaderId header) { written_.insert(slots_.field(header, field.field)); });
}

void Writes::add(const ExternArgument& argument) {
  std::visit(Match{
                 [&](const ExprId& id) { add_target(id); },
                 [&](const HeaderRef& header) { add(header); },
                 [&](const ExternStruct& fields) {
                   for (const ExternArgument& one : fields.fields) add(one);
                 },
             },
             argument.value);
}

void Writes::add(const Stmt& stmt) {
  std::visit(Match{
                 [&](const Assign& s) { add_target(s.target); },
                 [&](const SetValid& s) { add(s.header); },
                 [&](const SetInvalid& s) { add(s.header); },
                 [&](const CopyHeader& s) { add(s.target); },
                 [&](const ShiftStack& s) {
                   for (const HeaderId element : program_[s.stack].elements) add(HeaderRef{element, {}, {}});
                   add_var(program_[s.stack].next_index);
                 },
                 [&](const ApplyTable& s) {
                   add_var(s.hit);
                   add_var(s.action_run);
                   for (const ActionBody& body : s.bodies) {
                     for (const VarId param : body.params) add_var(param);
                   }
                 },
                 [&](const AddEntry& s) {
                   if (s.result) add_target(s.result);
                 },
                 [&](const CallExtern& s) {
                   for (const ExternArgument& one : s.arguments) {
                     if (one.direction != ExternArgument::Direction::kIn) add(one);
                   }
                   if (s.result) add_target(s.result);
                 },
                 [&](const Extract& s) { add(s.header); },
                 [&](const RunParser& s) { add(s.parser); },
                 [](const auto&) {},
             },
             stmt.node);
  for_each_block(stmt, [&](BlockId block) { add(block); });
}

namespace {

void count_runs(const Program& program, BlockId block, int weight, std::map<ParserId, int>& runs) {
  for (const Stmt& stmt : program[block].statements) {
    if (const auto* run = std::get_if<RunParser>(&stmt.node)) runs[run->parser] += weight;
    const int inside = std::holds_alternative<Loop>(stmt.node) ? 2 : weight;
    for_each_block(stmt, [&](BlockId nested) { count_runs(program, nested, inside, runs); });
  }
}

}  // namespace

std::map<ParserId, int> count_parser_runs(const Program& program) {
  std::map<ParserId, int> runs;
  count_runs(program, program.entry, 1, runs);
  return runs;
}

}  // namespace p4bpf::ir
