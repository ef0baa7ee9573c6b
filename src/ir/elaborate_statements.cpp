// Elaboration of statements.
#include <fmt/format.h>

#include "base/result.h"
#include "ir/elaborate_internal.h"

namespace p4bpf::ir {

/// One statement. `is_last`: nothing of the block that `return` leaves comes after it, so that a return needs no jump.
/// What cannot be elaborated has been reported and is left out.
void Elaboration::statement(ast::StmtId id, bool is_last) {
  try {
    statement_node(id, is_last);
  } catch (const Abandoned&) {
  }
}

void Elaboration::statement_node(ast::StmtId id, bool is_last) {
  const Span span = ast()[id].span;
  std::visit(Match{[&](const ast::Block& node) {
                     with_annotations(node.annotations, span, [&] { statements(node.statements, is_last); });
                   },
                   [&](const ast::Assign& node) { assign(node, span); },
                   [&](const ast::CallStmt& node) { call_statement(node, span); },
                   [&](const ast::If& node) { if_statement(id, node, is_last); },
                   [&](const ast::Return& node) { return_statement(node, span, is_last); },
                   [&](const ast::Exit&) { leave(frame_.on_exit, span); },
                   [&](const ast::Break&) { leave(frame_.on_break, span); },
                   [&](const ast::Continue&) { leave(frame_.on_continue, span); }, [](const ast::Empty&) {},
                   [&](const ast::Switch& node) { switch_statement(node, span, is_last); },
                   [&](const ast::For& node) { for_statement(node, span); },
                   [&](const ast::ForIn& node) { for_in_statement(node, span); },
                   [&](const ast::DeclStmt& node) { declare(node.declaration); }},
             ast()[id].node);
}

void Elaboration::statements(const std::vector<ast::StmtId>& list, bool is_last) {
  for (std::size_t i = 0; i < list.size(); ++i) statement(list[i], is_last && i + 1 == list.size());
}

BlockId Elaboration::block_of(ast::StmtId id, bool is_last) {
  Builder block = nested();
  Scoped<Builder> into(out_, block);
  if (id) statement(id, is_last);
  return block.block();
}

void Elaboration::call_statement(const ast::CallStmt& node, Span span) {
  if (const auto* call = std::get_if<ast::Call>(&at(node.call).node)) {
    eval_call(node.call, *call, false);
    return;
  }
  unsupported(span, "this statement is not supported");
}

void Elaboration::return_statement(const ast::Return& node, Span span, bool is_last) {
  if (node.value && frame_.return_place != nullptr) {
    store_safely(*frame_.return_place, convert(eval(node.value), frame_.return_type, span), span);
  }
  if (!is_last) leave(frame_.on_return, span);
}

// ---- assignment ---------------------------------------------------------------------------------------------------

void Elaboration::assign(const ast::Assign& node, Span span) {
  if (const auto* slice = std::get_if<ast::PlusSlice>(&at(node.left).node); slice != nullptr && !constant(slice->lo)) {
    return assign_plus_slice(node, *slice, span);
  }
  Value target = eval(node.left);
  if (has_effects(node.right)) target = freeze_place(target, span);
  if (!node.op) return store_safely(target, eval(node.right), span);
  // `a op= b` reads a before b is evaluated, as `a = a op b` does.
  Value old = target;
  if (has_effects(node.right)) old = freeze(target, join(env().path, "tmp"), span);
  const Value right = eval(node.right);
  store_safely(target, convert(binary(*node.op, old, right, type_of(node.left), span), type_of(node.left), span), span);
}

/// `base[lo +: width] = value` with a lo that is known only at run time: the bits are shifted to their place.
void Elaboration::assign_plus_slice(const ast::Assign& node, const ast::PlusSlice& slice, Span span) {
  const ExprId base = std::get<ExprId>(freeze_place(eval(slice.base), span).node);
  const Type whole = program_[base].type;
  const Type bits = Type::bits(whole.width);
  ExprId lo = eval_scalar(slice.lo);
  if (program_[lo].type.is_signed) lo = cast_to(Type::bits(program_[lo].type.width), lo, span);
  lo = freeze_scalar(lo, join(env().path, "index"), span);
  const BigInt width_value = need_constant(slice.width, "the width of a slice");
  if (width_value < 1 || width_value > whole.width) {
    abandon(DiagnosticKind::kBadSlice, span,
            fmt::format("the slice of {} bits is not within {} bits", width_value.str(), whole.width));
  }
  const auto width = static_cast<std::uint32_t>(width_value);
  ExprId value = eval_scalar(node.right);
  if (node.op) {
    const ExprId shifted = out_.binary(BinaryOp::kShr, cast_to(bits, base, span), lo, span);
    const Value old{cast_to(Type::bits(width), shifted, span)};
    value = std::get<ExprId>(binary(*node.op, old, {value}, type_of(node.left), span).node);
  }
  const ExprId mask = out_.binary(BinaryOp::kShl, out_.constant(bits, power_of_two(width) - 1, span), lo, span);
  const ExprId kept = out_.binary(BinaryOp::kBitAnd, cast_to(bits, base, span),
                                  out_.expr(bits, Unary{Unary::Op::kComplement, mask}, span), span);
  const ExprId placed =
      out_.binary(BinaryOp::kShl, cast_to(bits, cast_to(Type::bits(width), value, span), span), lo, span);
  store_scalar(base, cast_to(whole, out_.binary(BinaryOp::kBitOr, kept, placed, span), span), span);
}

// ---- branches -----------------------------------------------------------------------------------------------------

void Elaboration::if_statement(ast::StmtId id, const ast::If& node, bool is_last) {
  const Span span = ast()[id].span;
  if (frame_.parser != nullptr && applies_parser(id)) return split_if(node, span, is_last);
  if (!is_and_with_effect(node.condition)) {
    const ExprId condition = eval_scalar(node.condition);
    const BlockId then_block = block_of(node.then_branch, is_last);
    const BlockId else_block = node.else_branch ? block_of(node.else_branch, is_last) : BlockId{};
    out_.add(If{condition, then_block, else_block}, span);
    return;
  }
  const auto then_branch = [&] { return block_of(node.then_branch, is_last); };
  if (!node.else_branch) return when(node.condition, then_branch, span);
  const LabelId done = program_.labels.add({"if"});
  Builder both = nested();
  {
    Scoped<Builder> into(out_, both);
    when(
        node.condition,
        [&] {
          const BlockId then_block = then_branch();
          Builder(program_, then_block).add(Leave{done}, span);
          return then_block;
        },
        span);
    statement(node.else_branch, is_last);
  }
  out_.add(Region{done, both.block()}, span);
}

bool Elaboration::is_and_with_effect(ast::ExprId condition) const {
  const auto* node = std::get_if<ast::Binary>(&at(condition).node);
  return node != nullptr && node->op == ast::BinaryOp::kAnd &&
         (has_effects(node->right) || is_and_with_effect(node->left));
}

/// `if (a && f()) B` is `if (a) { f's effect; if (its result) B }`: within B both are known to hold.
void Elaboration::when(ast::ExprId condition, const std::function<BlockId()>& then_block, Span span) {
  if (!is_and_with_effect(condition)) {
    const ExprId value = eval_scalar(condition);
    out_.add(If{value, then_block(), {}}, span);
    return;
  }
  const auto& node = std::get<ast::Binary>(at(condition).node);
  const auto right = [&] {
    Builder inner = nested();
    Scoped<Builder> into(out_, inner);
    when(node.right, then_block, span);
    return inner.block();
  };
  when(node.left, right, span);
}

/// The values of a switch label: of an action among the table's, or of a constant.
BigInt Elaboration::label_value(ast::ExprId label, ExprId subject, const TableObject* table) {
  const Span span = at(label).span;
  if (table != nullptr) {
    const ast::DeclId action = typed_.decl_of[label];
    for (std::size_t i = 0; i < table->actions.size(); ++i) {
      if (table->actions[i] == action) return i;
    }
    abandon(DiagnosticKind::kBadSwitch, span, "this is no action of the table");
  }
  const Type type = program_[subject].type;
  const std::optional<BigInt> value = fold(cast_to(type, eval_scalar(label), span));
  if (!value) abandon(DiagnosticKind::kNotConstant, span, "a label of a switch is not a compile-time-known value");
  return *value;
}

void Elaboration::switch_statement(const ast::Switch& node, Span span, bool is_last) {
  const TableObject* table = nullptr;
  ExprId subject;
  const auto* run = std::get_if<ast::Member>(&at(node.subject).node);
  const auto* applied = run != nullptr ? as<type::ApplyResult>(type_of(run->base)) : nullptr;
  const auto* call = applied != nullptr ? std::get_if<ast::Call>(&at(run->base).node) : nullptr;
  if (call != nullptr && run->member.text == "action_run") {
    const ApplyResult result = apply_table(*call, applied->table, false, true, span);
    table = result.table;
    subject = out_.ref(result.action_run, span);
  } else {
    subject = eval_scalar(node.subject);
    // A label may be evaluated only once, so the subject must not be an `int`.
    if (as<type::InfInt>(final_type(node.subject)) != nullptr)
      unsupported(span, "a switch on a constant is not supported");
  }
  Switch result;
  result.subject = subject;
  std::vector<BigInt> labels;
  bool has_default = false;
  for (const ast::SwitchCase& one : node.cases) {
    const auto* dont_care = std::get_if<ast::DontCareExpr>(&at(one.label).node);
    if (dont_care != nullptr) {
      has_default = true;
    } else {
      labels.push_back(label_value(one.label, subject, table));
    }
    if (!one.body) continue;  // falls through to the next label that has a body
    const BlockId body = block_of(one.body, is_last);
    if (has_default) {
      result.default_body = body;  // labels that share the default's body need no case of their own
    } else {
      result.cases.push_back({std::move(labels), body});
    }
    labels.clear();
    has_default = false;
  }
  out_.add(std::move(result), span);
}

// ---- loops --------------------------------------------------------------------------------------------------------

/// init; loop { if (!condition) leave; region { body }; update }
void Elaboration::for_statement(const ast::For& node, Span span) {
  statements(node.init, false);
  Jump on_break{"loop", program_.labels.add(Label{"loop"})};
  Jump on_continue{"continue", {}};
  Builder loop = nested();
  {
    Scoped<Builder> into(out_, loop);
    Scoped<Frame> scope(frame_, loop_frame(on_break, on_continue));
    if (node.condition) {
      const ExprId condition = eval_scalar(node.condition);
      Builder done = nested();
      done.add(Leave{on_break.label}, span);
      out_.add(If{out_.negation(condition, span), done.block(), {}}, span);
    }
    with_region(on_continue, span, [&] { statement(node.body, false); });
    statements(node.update, false);
  }
  out_.add(Loop{on_break.label, loop.block()}, span);
}

Frame Elaboration::loop_frame(Jump& on_break, Jump& on_continue) const {
  Frame result = frame_;
  result.on_break = &on_break;
  result.on_continue = &on_continue;
  result.repeats = true;
  return result;
}

void Elaboration::for_in_statement(const ast::ForIn& node, Span span) {
  Value variable;
  if (node.variable) {
    const ast::Decl& decl = ast()[node.variable];
    variable =
        value_of(storage(bind(typed_.type_of_decl[node.variable]), join(env().path, decl.name.text), decl.name.span));
    env().values[node.variable] = variable;
  } else {
    variable = freeze_place(eval(node.target), span);
  }
  if (const auto* range = std::get_if<ast::RangeExpr>(&at(node.collection).node))
    return for_range(node, *range, variable, span);
  // Over a list or a stack the loop is written out.
  const Value collection = eval(node.collection);
  Jump on_break{"loop", {}};
  with_region(on_break, span, [&] {
    for (const Value& element_value : parts(collection, span)) {
      check_size(span);
      Value converted = element_value;
      if (node.variable) converted = convert(element_value, bind(typed_.type_of_decl[node.variable]), span);
      store_safely(variable, converted, span);
      Jump on_continue{"continue", {}};
      with_region(on_continue, span, [&] {
        Scoped<Frame> scope(frame_, loop_frame(on_break, on_continue));
        statement(node.body, false);
      });
    }
  });
}

/// Both ends are included and evaluated once. The counter stops at the high end, so that a range up to the type's
/// largest value ends too.
void Elaboration::for_range(const ast::ForIn& node, const ast::RangeExpr& range, const Value& variable, Span span) {
  const auto* variable_expr = std::get_if<ExprId>(&variable.node);
  if (variable_expr == nullptr) unsupported(span, "a range gives single values only");
  const Type type = program_[*variable_expr].type;
  const std::vector<Value> ends = eval_in_order({range.lo, range.hi});
  const VarId counter = out_.var(join(env().path, "counter"), type, span);
  out_.assign(counter, cast_to(type, std::get<ExprId>(ends[0].node), span), span);
  const ExprId hi = freeze_scalar(cast_to(type, std::get<ExprId>(ends[1].node), span), join(env().path, "last"), span);
  const ExprId count = out_.ref(counter, span);
  Jump on_break{"loop", program_.labels.add(Label{"loop"})};
  Jump on_continue{"continue", {}};
  Builder loop = nested();
  {
    Scoped<Builder> into(out_, loop);
    Scoped<Frame> scope(frame_, loop_frame(on_break, on_continue));
    store(variable, {count}, span);
    with_region(on_continue, span, [&] { statement(node.body, false); });
    Builder done = nested();
    done.add(Leave{on_break.label}, span);
    out_.add(If{out_.binary(BinaryOp::kGe, count, hi, span), done.block(), {}}, span);
    out_.assign(counter, out_.binary(BinaryOp::kAdd, count, out_.constant(type, 1, span), span), span);
  }
  Builder guarded = nested();
  guarded.add(Loop{on_break.label, loop.block()}, span);
  out_.add(If{out_.binary(BinaryOp::kLe, count, hi, span), guarded.block(), {}}, span);
}

// ---- declarations -------------------------------------------------------------------------------------------------

void Elaboration::declare(ast::DeclId id) {
  const ast::Decl& decl = ast()[id];
  if (const auto* variable = std::get_if<ast::VarDecl>(&decl.node)) return declare_variable(id, *variable);
  if (const auto* constant_decl = std::get_if<ast::ConstDecl>(&decl.node)) {
    if (typed_.constant_of_decl[id]) return;
    env().values[id] = convert(eval(constant_decl->value), bind(typed_.type_of_decl[id]), decl.span);
    return;
  }
  if (!std::holds_alternative<ast::InstanceDecl>(decl.node)) return;
  // An instance exists once however often the code around it runs.
  const BlockInstance* owner = env().instance;
  if (owner == nullptr) unsupported(decl.span, "an object cannot be instantiated here");
  const auto known = owner->env->values.find(id);
  if (known == owner->env->values.end()) owner->env->values[id] = construct_declared(id);
}

void Elaboration::declare_variable(ast::DeclId id, const ast::VarDecl& node) {
  const ast::Decl& decl = ast()[id];
  const TypeId type = bind(typed_.type_of_decl[id]);
  const Value place = value_of(storage(type, join(env().path, decl.name.text), decl.name.span));
  if (node.initial) {
    store_safely(place, convert(eval(node.initial), type, decl.span), decl.span);
  } else if (frame_.repeats) {
    reset(place, decl.span);
  }
  env().values[id] = place;
}

}  // namespace p4bpf::ir
