// Elaboration: what a value reads and writes, and saving values and places before something changes them.
#include "ir/elaborate_internal.h"
#include "ir/walk.h"

namespace p4bpf::ir {

bool overlap(const std::vector<Leaf>& left, const std::vector<Leaf>& right) {
  for (const Leaf& a : left) {
    for (const Leaf& b : right) {
      if (a.var != b.var || a.header != b.header) continue;
      if (a.var || a.field == b.field || a.field == Leaf::kAllFields || b.field == Leaf::kAllFields) return true;
    }
  }
  return false;
}

void Elaboration::add_leaves(const HeaderRef& ref, std::size_t field, std::vector<Leaf>& leaves) const {
  if (ref.header) {
    leaves.push_back({{}, ref.header, field});
    return;
  }
  for (const HeaderId element_id : program_[ref.stack].elements) leaves.push_back({{}, element_id, field});
}

void Elaboration::add_leaves(ExprId expr, std::vector<Leaf>& leaves) const {
  const Expr& node = program_[expr];
  if (const auto* var = std::get_if<VarRef>(&node.node)) leaves.push_back({var->var, {}, Leaf::kAllFields});
  if (const auto* field = std::get_if<FieldRef>(&node.node)) add_leaves(field->header, field->field, leaves);
  if (const auto* is_valid = std::get_if<IsValid>(&node.node)) add_leaves(is_valid->header, Leaf::kValidity, leaves);
  for_each_operand(node, [&](ExprId operand) { add_leaves(operand, leaves); });
}

void Elaboration::add_leaves(const Value& value, std::vector<Leaf>& leaves) const {
  std::visit(Match{[&](ExprId expr) { add_leaves(expr, leaves); },
                   [&](const HeaderPlace& header) {
                     add_leaves(header.ref, Leaf::kAllFields, leaves);
                     // Making one member of a union valid writes to the others.
                     for (const HeaderRef& sibling : header.siblings) add_leaves(sibling, Leaf::kValidity, leaves);
                     if (header.ref.index) add_leaves(header.ref.index, leaves);
                   },
                   [&](const HeaderLiteral& literal) {
                     add_leaves(literal.valid, leaves);
                     for (const ExprId field : literal.fields) add_leaves(field, leaves);
                   },
                   [&](const StackPlace& stack) {
                     for (const StackId id : stack.stacks) {
                       add_leaves(HeaderRef{{}, id, {}}, Leaf::kAllFields, leaves);
                       leaves.push_back({program_[id].next_index, {}, Leaf::kAllFields});
                     }
                   },
                   [&](const StackLiteral& literal) {
                     for (const Value& one : literal.elements) add_leaves(one, leaves);
                   },
                   [&](const Aggregate& aggregate) {
                     for (const Value& one : aggregate.members) add_leaves(one, leaves);
                   },
                   [](const auto&) {}},
             value.node);
}

std::vector<Leaf> Elaboration::leaves(const Value& value) const {
  std::vector<Leaf> result;
  add_leaves(value, result);
  return result;
}

bool Elaboration::is_fixed(const Value& value, bool constants_too) const {
  const auto all = [&](const std::vector<Value>& values) {
    for (const Value& one : values) {
      if (!is_fixed(one, constants_too)) return false;
    }
    return true;
  };
  return std::visit(
      Match{[&](ExprId expr) {
              const Expr& node = program_[expr];
              if (const auto* field = std::get_if<FieldRef>(&node.node)) return static_cast<bool>(field->header.header);
              if (std::holds_alternative<VarRef>(node.node)) return true;
              return constants_too &&
                     (std::holds_alternative<Const>(node.node) || std::holds_alternative<StringConst>(node.node));
            },
            [](const HeaderPlace& header) { return static_cast<bool>(header.ref.header); },
            [](const HeaderLiteral&) { return false; }, [](const StackPlace&) { return true; },
            [&](const StackLiteral& literal) { return all(literal.elements); },
            [&](const Aggregate& aggregate) { return all(aggregate.members); }, [](const auto&) { return true; }},
      value.node);
}

ExprId Elaboration::freeze_scalar(ExprId expr, const std::string& name, Span span) {
  const Expr& node = program_[expr];
  if (std::holds_alternative<Const>(node.node) || std::holds_alternative<StringConst>(node.node)) return expr;
  const VarId saved = out_.var(name, node.type, span);
  out_.assign(saved, expr, span);
  return out_.ref(saved, span);
}

/// A copy of the value that no later statement changes.
Value Elaboration::freeze(const Value& value, const std::string& name, Span span) {
  return std::visit(Match{[&](ExprId expr) -> Value { return {freeze_scalar(expr, name, span)}; },
                          [&](const HeaderPlace& header) -> Value {
                            const HeaderTypeId type =
                                header.ref.header ? program_[header.ref.header].type : program_[header.ref.stack].type;
                            const HeaderRef saved{program_.headers.add(Header{name, type, {}, 0, span}), {}, {}};
                            out_.add(CopyHeader{saved, header.ref}, span);
                            return {HeaderPlace{saved, {}}};
                          },
                          [&](const HeaderLiteral& literal) -> Value {
                            HeaderLiteral saved{literal.type, freeze_scalar(literal.valid, name + ".valid", span), {}};
                            for (std::size_t i = 0; i < literal.fields.size(); ++i) {
                              const std::string field = program_[literal.type].fields[i].name;
                              saved.fields.push_back(freeze_scalar(literal.fields[i], name + "." + field, span));
                            }
                            return {std::move(saved)};
                          },
                          [&](const StackPlace& stack) -> Value {
                            StackPlace saved{{}, stack.is_union, stack.names};
                            for (const StackId id : stack.stacks) {
                              const auto size = static_cast<std::uint32_t>(program_[id].elements.size());
                              saved.stacks.push_back(new_stack(program_[id].type, size, name, span));
                            }
                            store_stack(saved, value, span);
                            return {std::move(saved)};
                          },
                          [&](const StackLiteral& literal) -> Value {
                            StackLiteral saved;
                            for (const Value& one : literal.elements) saved.elements.push_back(freeze(one, name, span));
                            return {std::move(saved)};
                          },
                          [&](const Aggregate& aggregate) -> Value {
                            Aggregate saved{aggregate.type_name, aggregate.is_union, aggregate.names, {}};
                            for (std::size_t i = 0; i < aggregate.members.size(); ++i) {
                              const std::string member_name =
                                  aggregate.names.empty() ? std::to_string(i) : aggregate.names[i];
                              saved.members.push_back(freeze(aggregate.members[i], name + "." + member_name, span));
                            }
                            return {std::move(saved)};
                          },
                          [&](const auto&) -> Value { return value; }},
                    value.node);
}

HeaderRef Elaboration::freeze_ref(const HeaderRef& ref, Span span) {
  if (!ref.index) return ref;
  return {{}, ref.stack, freeze_scalar(ref.index, "index", span)};
}

/// The same place, its run-time indexes saved: sub-expressions of an l-value are evaluated once (section 6.8).
Value Elaboration::freeze_place(const Value& value, Span span) {
  if (const auto* header = std::get_if<HeaderPlace>(&value.node)) {
    if (!header->ref.index) return value;
    const ExprId index = freeze_scalar(header->ref.index, "index", span);
    HeaderPlace saved{{{}, header->ref.stack, index}, {}};
    for (const HeaderRef& sibling : header->siblings) saved.siblings.push_back({{}, sibling.stack, index});
    return {std::move(saved)};
  }
  if (const auto* aggregate = std::get_if<Aggregate>(&value.node)) {
    Aggregate saved = *aggregate;
    for (Value& one : saved.members) one = freeze_place(one, span);
    return {std::move(saved)};
  }
  const auto* expr = std::get_if<ExprId>(&value.node);
  if (expr == nullptr) return value;
  const Expr node = program_[*expr];
  if (const auto* slice = std::get_if<Slice>(&node.node)) {
    const ExprId operand = std::get<ExprId>(freeze_place({slice->operand}, span).node);
    return {out_.expr(node.type, Slice{operand, slice->hi, slice->lo}, node.span)};
  }
  const auto* field = std::get_if<FieldRef>(&node.node);
  if (field == nullptr || !field->header.index) return value;
  return {out_.expr(node.type, FieldRef{freeze_ref(field->header, span), field->field}, node.span)};
}

}  // namespace p4bpf::ir
