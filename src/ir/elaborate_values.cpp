// Elaboration: what can be done with values of any shape: converting, storing, comparing, saving.
#include <fmt/format.h>

#include "base/result.h"
#include "ir/elaborate_internal.h"
#include "ir/evaluate.h"

namespace p4bpf::ir {

// ---- conversion ---------------------------------------------------------------------------------------------------

ExprId Elaboration::cast_to(Type type, ExprId value, Span span) {
  const Expr& expr = program_[value];
  if (expr.type == type || type.kind == Type::Kind::kString) return value;
  if (type.kind == Type::Kind::kVarbit) {
    if (expr.type.kind == Type::Kind::kVarbit) unsupported(span, "a conversion between varbit types is not supported");
    return out_.constant(type, 0, span);
  }
  if (const auto* constant = std::get_if<Const>(&expr.node)) {
    return out_.expr(type, Const{evaluate_cast(type, constant->value)}, span);
  }
  return out_.cast(type, value, span);
}

/// `...` (section 8.26) and what storage is reset to: zero, false, no error, invalid.
Value Elaboration::default_value(TypeId type, Span span) {
  const TypeId plain = strip(type);
  if (is_header(plain)) {
    HeaderLiteral result{header_type(plain), out_.constant(Type::boolean(), 0, span), {}};
    const std::size_t count = program_[result.type].fields.size();
    for (std::size_t i = 0; i < count; ++i) {
      result.fields.push_back(out_.constant(program_[result.type].fields[i].type, 0, span));
    }
    return {std::move(result)};
  }
  if (const auto* node = typed_.types.get<type::Stack>(plain)) {
    const type::Stack stack = *node;
    StackLiteral result;
    for (std::uint32_t i = 0; i < stack.size; ++i) result.elements.push_back(default_value(stack.element, span));
    return {std::move(result)};
  }
  if (is_scalar(plain)) {
    const Type scalar_type = scalar(plain, span);
    if (scalar_type.kind == Type::Kind::kString) return {out_.expr(scalar_type, StringConst{}, span)};
    return {out_.constant(scalar_type, 0, span)};
  }
  Aggregate result{type_label(plain), is_union(plain), {}, {}};
  for (const auto& [name, member_type] : members(plain)) {
    result.names.push_back(name);
    result.members.push_back(default_value(member_type, span));
  }
  return {std::move(result)};
}

/// A list or tuple (whose members are called "0", "1", ...) gives its members by position, everything else by name.
const Value* Elaboration::given_member(const Aggregate& source, const std::string& name, std::size_t index) {
  if (source.names.empty() || source.names.front() == "0") return index < source.members.size() ? &source.members[index] : nullptr;
  for (std::size_t i = 0; i < source.names.size(); ++i) {
    if (source.names[i] == name) return &source.members[i];
  }
  return nullptr;
}

Value Elaboration::convert_header(const Value& value, TypeId to, Span span) {
  const auto* source = std::get_if<Aggregate>(&value.node);
  if (source == nullptr) return value;
  HeaderLiteral result{header_type(to), out_.constant(Type::boolean(), 1, span), {}};
  // Through a struct of the same members, because a struct inside of a header is flattened.
  const Value fields = convert_members(*source, to, span);
  std::vector<Value> pending{fields};
  while (!pending.empty()) {
    const Value next = std::move(pending.back());
    pending.pop_back();
    if (const auto* inner = std::get_if<Aggregate>(&next.node)) {
      pending.insert(pending.end(), inner->members.rbegin(), inner->members.rend());
    } else {
      result.fields.push_back(std::get<ExprId>(next.node));
    }
  }
  return {std::move(result)};
}

Value Elaboration::convert_members(const Aggregate& source, TypeId to, Span span) {
  Aggregate result{type_label(to), is_union(to), {}, {}};
  std::size_t index = 0;
  for (const auto& [name, member_type] : members(to)) {
    const Value* given = given_member(source, name, index++);
    result.names.push_back(name);
    result.members.push_back(given != nullptr ? convert(*given, member_type, span) : default_value(member_type, span));
  }
  return {std::move(result)};
}

Value Elaboration::convert(const Value& value, TypeId to, Span span) {
  const TypeId plain = strip(to);
  if (const auto* expr = std::get_if<ExprId>(&value.node)) {
    if (typed_.types.get<type::InfInt>(plain) != nullptr || !is_scalar(plain)) return value;
    return {cast_to(scalar(plain, span), *expr, span)};
  }
  if (is_header(plain)) return convert_header(value, plain, span);
  const auto* source = std::get_if<Aggregate>(&value.node);
  if (const auto* node = typed_.types.get<type::Stack>(plain); node != nullptr && source != nullptr) {
    const type::Stack stack = *node;
    StackLiteral result;
    for (std::uint32_t i = 0; i < stack.size; ++i) {
      result.elements.push_back(i < source->members.size() ? convert(source->members[i], stack.element, span)
                                                           : default_value(stack.element, span));
    }
    return {std::move(result)};
  }
  if (source == nullptr) return value;
  if (const auto* list = typed_.types.get<type::List>(plain)) {
    const TypeId element_type = list->element;
    Aggregate result;
    for (const Value& one : source->members) result.members.push_back(convert(one, element_type, span));
    return {std::move(result)};
  }
  if (as_struct(plain) != nullptr || typed_.types.get<type::Tuple>(plain) != nullptr ||
      typed_.types.get<type::AnonymousStruct>(plain) != nullptr) {
    // The same struct in storage stays as it is: its headers know their siblings.
    if (!source->type_name.empty() && source->type_name == type_label(plain)) return value;
    Aggregate named = *source;
    if (typed_.types.get<type::Tuple>(plain) != nullptr) named.names.clear();
    return convert_members(named, plain, span);
  }
  return value;
}

// ---- members ------------------------------------------------------------------------------------------------------

const HeaderType& Elaboration::header_type_of(const Value& header) const {
  if (const auto* literal = std::get_if<HeaderLiteral>(&header.node)) return program_[literal->type];
  return out_.header_type(std::get<HeaderPlace>(header.node).ref);
}

ExprId Elaboration::header_field(const Value& header, std::size_t field, Span span) {
  if (const auto* literal = std::get_if<HeaderLiteral>(&header.node)) return literal->fields.at(field);
  return out_.field(std::get<HeaderPlace>(header.node).ref, field, span);
}

ExprId Elaboration::valid(const Value& header, Span span) {
  if (const auto* literal = std::get_if<HeaderLiteral>(&header.node)) return literal->valid;
  if (const auto* place = std::get_if<HeaderPlace>(&header.node)) return out_.is_valid(place->ref, span);
  // A header union is valid if one of its members is (section 8.20).
  const auto* aggregate = std::get_if<Aggregate>(&header.node);
  if (aggregate == nullptr) unsupported(span, "the validity of this value cannot be asked for");
  ExprId result;
  for (const Value& one : aggregate->members) {
    const ExprId one_valid = valid(one, span);
    result = result ? out_.binary(BinaryOp::kOr, result, one_valid, span) : one_valid;
  }
  return result ? result : out_.constant(Type::boolean(), 0, span);
}

Value Elaboration::member(const Value& base, const std::string& name, Span span) {
  if (const auto* aggregate = std::get_if<Aggregate>(&base.node)) {
    for (std::size_t i = 0; i < aggregate->names.size(); ++i) {
      if (aggregate->names[i] == name) return aggregate->members[i];
    }
    unsupported(span, fmt::format("there is no member '{}' here", name));
  }
  if (!std::holds_alternative<HeaderPlace>(base.node) && !std::holds_alternative<HeaderLiteral>(base.node)) {
    unsupported(span, fmt::format("the member '{}' of this value cannot be used", name));
  }
  const HeaderType& type = header_type_of(base);
  Aggregate inner;  // a struct inside of a header
  for (std::size_t i = 0; i < type.fields.size(); ++i) {
    const std::string& field = type.fields[i].name;
    if (field == name) return {header_field(base, i, span)};
    if (field.size() > name.size() && field[name.size()] == '.' && field.compare(0, name.size(), name) == 0) {
      add_inner_field(inner, field.substr(name.size() + 1), {header_field(base, i, span)});
    }
  }
  return {std::move(inner)};  // with no members: a struct without fields
}

/// Puts the flattened field "a.b.c" back where it stood.
void Elaboration::add_inner_field(Aggregate& into, const std::string& path, Value value) {
  const std::size_t dot = path.find('.');
  const std::string first = path.substr(0, dot);
  if (dot == std::string::npos) {
    into.names.push_back(first);
    into.members.push_back(std::move(value));
    return;
  }
  if (into.names.empty() || into.names.back() != first) {
    into.names.push_back(first);
    into.members.push_back({Aggregate{}});
  }
  add_inner_field(std::get<Aggregate>(into.members.back().node), path.substr(dot + 1), std::move(value));
}

Value Elaboration::element(const StackPlace& stack, ExprId index, Span span) {
  const std::optional<BigInt> fixed = fold(index);
  Aggregate header_union{"", true, stack.names, {}};
  for (const StackId id : stack.stacks) {
    HeaderRef ref{{}, id, index};
    if (fixed) {
      if (*fixed < 0 || *fixed >= program_[id].elements.size()) {
        unsupported(span, fmt::format("the index {} is outside of the stack's {} elements", fixed->str(),
                                      program_[id].elements.size()));
      }
      ref = HeaderRef{program_[id].elements[static_cast<std::size_t>(*fixed)], {}, {}};
    }
    header_union.members.push_back({HeaderPlace{ref, {}}});
  }
  if (!stack.is_union) return header_union.members.front();
  add_siblings(header_union);
  return {std::move(header_union)};
}

// ---- stores -------------------------------------------------------------------------------------------------------

/// An assignment to a slice becomes one to the whole: whole = whole with the bits replaced.
void Elaboration::store_scalar(ExprId target, ExprId source, Span span) {
  const Expr& expr = program_[target];
  const auto* slice = std::get_if<Slice>(&expr.node);
  if (slice == nullptr) {
    const bool is_place = std::holds_alternative<VarRef>(expr.node) || std::holds_alternative<FieldRef>(expr.node);
    if (!is_place) unsupported(span, "this cannot be assigned to");
    out_.assign(target, cast_to(expr.type, source, span), span);
    return;
  }
  const Slice part = *slice;
  const Type whole_type = program_[part.operand].type;
  const Type bits = Type::bits(whole_type.width);
  const std::uint32_t width = part.hi - part.lo + 1;
  if (width == whole_type.width) return store_scalar(part.operand, cast_to(whole_type, source, span), span);
  const BigInt mask = (power_of_two(width) - 1) << part.lo;
  const ExprId kept = out_.binary(BinaryOp::kBitAnd, cast_to(bits, part.operand, span),
                                  out_.constant(bits, power_of_two(whole_type.width) - 1 - mask, span), span);
  ExprId placed = cast_to(bits, cast_to(Type::bits(width), source, span), span);
  if (part.lo != 0) placed = out_.binary(BinaryOp::kShl, placed, out_.constant(Type::bits(32), part.lo, span), span);
  store_scalar(part.operand, cast_to(whole_type, out_.binary(BinaryOp::kBitOr, kept, placed, span), span), span);
}

/// In a union a member that becomes valid invalidates the others (section 8.20); `whole_union`: all members are being
/// stored.
void Elaboration::store_header(const HeaderPlace& target, const Value& source, Span span, bool whole_union) {
  const bool has_siblings = !target.siblings.empty() && !whole_union;
  const auto drop_siblings = [&](Builder& into) {
    for (const HeaderRef& sibling : target.siblings) into.add(SetInvalid{sibling}, span);
  };
  if (const auto* place = std::get_if<HeaderPlace>(&source.node)) {
    out_.add(CopyHeader{target.ref, place->ref}, span);
    if (has_siblings) {
      Builder then = nested();
      drop_siblings(then);
      out_.add(If{out_.is_valid(target.ref, span), then.block(), {}}, span);
    }
    return;
  }
  const auto* literal = std::get_if<HeaderLiteral>(&source.node);
  if (literal == nullptr) unsupported(span, "this value cannot be stored in a header");
  const auto store_valid = [&](Builder& into) {
    Scoped<Builder> scope(out_, into);
    out_.add(SetValid{target.ref}, span);
    for (std::size_t i = 0; i < literal->fields.size(); ++i) {
      store_scalar(out_.field(target.ref, i, span), literal->fields[i], span);
    }
    if (has_siblings) drop_siblings(out_);
  };
  const std::optional<BigInt> is_valid = fold(literal->valid);
  if (is_valid && *is_valid != 0) return store_valid(out_);
  if (is_valid) return out_.add(SetInvalid{target.ref}, span);
  Builder then = nested();
  Builder otherwise = nested();
  store_valid(then);
  otherwise.add(SetInvalid{target.ref}, span);
  out_.add(If{literal->valid, then.block(), otherwise.block()}, span);
}

void Elaboration::store(const Value& target, const Value& source, Span span) {
  if (const auto* expr = std::get_if<ExprId>(&target.node)) {
    const auto* value = std::get_if<ExprId>(&source.node);
    if (value == nullptr) unsupported(span, "this value cannot be assigned");
    return store_scalar(*expr, *value, span);
  }
  if (const auto* header = std::get_if<HeaderPlace>(&target.node)) return store_header(*header, source, span, false);
  if (const auto* stack = std::get_if<StackPlace>(&target.node)) return store_stack(*stack, source, span);
  const auto* aggregate = std::get_if<Aggregate>(&target.node);
  const auto* given = std::get_if<Aggregate>(&source.node);
  if (aggregate == nullptr || given == nullptr || aggregate->members.size() != given->members.size()) {
    unsupported(span, "this value cannot be assigned");
  }
  for (std::size_t i = 0; i < aggregate->members.size(); ++i) {
    const auto* member_header = std::get_if<HeaderPlace>(&aggregate->members[i].node);
    if (aggregate->is_union && member_header != nullptr) {
      store_header(*member_header, given->members[i], span, true);
    } else {
      store(aggregate->members[i], given->members[i], span);
    }
  }
}

void Elaboration::store_stack(const StackPlace& target, const Value& source, Span span) {
  const auto* place = std::get_if<StackPlace>(&source.node);
  const auto* literal = std::get_if<StackLiteral>(&source.node);
  if (place == nullptr && literal == nullptr) unsupported(span, "this value cannot be stored in a header stack");
  const std::size_t size = program_[target.stacks.front()].elements.size();
  for (std::size_t i = 0; i < size; ++i) {
    const ExprId index = out_.constant(Type::bits(32), i, span);
    const Value to = element(target, index, span);
    const Value from = place != nullptr ? element(*place, index, span) : literal->elements.at(i);
    store(to, from, span);
  }
  const VarId next = program_[target.stacks.front()].next_index;
  if (place != nullptr) {
    out_.assign(next, out_.ref(program_[place->stacks.front()].next_index, span), span);
  } else {
    out_.assign(next, out_.constant(Type::bits(32), 0, span), span);
  }
}

void Elaboration::store_safely(const Value& target, const Value& source, Span span) {
  const bool is_literal = std::holds_alternative<Aggregate>(source.node) ||
                          std::holds_alternative<HeaderLiteral>(source.node) ||
                          std::holds_alternative<StackLiteral>(source.node);
  if (is_literal && overlap(leaves(target), leaves(source))) return store(target, freeze(source, "tmp", span), span);
  store(target, source, span);
}

/// What fresh storage holds: 0, false, invalid.
void Elaboration::reset(const Value& place, Span span) {
  std::visit(Match{[&](ExprId expr) {
                     const Type type = program_[expr].type;
                     if (type.kind != Type::Kind::kString) out_.assign(expr, out_.constant(type, 0, span), span);
                   },
                   [&](const HeaderPlace& header) { out_.add(SetInvalid{header.ref}, span); },
                   [&](const StackPlace& stack) {
                     for (const StackId id : stack.stacks) {
                       for (const HeaderId element_id : program_[id].elements)
                         out_.add(SetInvalid{{element_id, {}, {}}}, span);
                       out_.assign(program_[id].next_index, out_.constant(Type::bits(32), 0, span), span);
                     }
                   },
                   [&](const Aggregate& aggregate) {
                     for (const Value& one : aggregate.members) reset(one, span);
                   },
                   [](const auto&) {}},
             place.node);
}

// ---- comparison ---------------------------------------------------------------------------------------------------

ExprId Elaboration::all_of(const std::vector<ExprId>& terms, Span span) {
  ExprId result;
  for (const ExprId term : terms) result = result ? out_.binary(BinaryOp::kAnd, result, term, span) : term;
  return result ? result : out_.constant(Type::boolean(), 1, span);
}

/// Two headers are equal if both are invalid, or both are valid and their fields are equal (section 8.17).
ExprId Elaboration::header_equal(const Value& left, const Value& right, Span span) {
  const ExprId left_valid = valid(left, span);
  const ExprId right_valid = valid(right, span);
  std::vector<ExprId> fields;
  const std::size_t count = header_type_of(left).fields.size();
  for (std::size_t i = 0; i < count; ++i) {
    fields.push_back(out_.binary(BinaryOp::kEq, header_field(left, i, span), header_field(right, i, span), span));
  }
  const ExprId same_validity = out_.binary(BinaryOp::kEq, left_valid, right_valid, span);
  if (fields.empty()) return same_validity;
  return out_.binary(BinaryOp::kAnd, same_validity,
                     out_.binary(BinaryOp::kOr, out_.negation(left_valid, span), all_of(fields, span), span), span);
}

ExprId Elaboration::equal(const Value& left, const Value& right, Span span) {
  const auto is_header_value = [](const Value& value) {
    return std::holds_alternative<HeaderPlace>(value.node) || std::holds_alternative<HeaderLiteral>(value.node);
  };
  if (is_header_value(left) && is_header_value(right)) return header_equal(left, right, span);
  const auto* left_expr = std::get_if<ExprId>(&left.node);
  const auto* right_expr = std::get_if<ExprId>(&right.node);
  if (left_expr != nullptr && right_expr != nullptr) {
    return out_.binary(BinaryOp::kEq, *left_expr, cast_to(program_[*left_expr].type, *right_expr, span), span);
  }
  const std::vector<Value> left_parts = parts(left, span);
  const std::vector<Value> right_parts = parts(right, span);
  if (left_parts.size() != right_parts.size()) unsupported(span, "these values cannot be compared");
  std::vector<ExprId> terms;
  for (std::size_t i = 0; i < left_parts.size(); ++i) terms.push_back(equal(left_parts[i], right_parts[i], span));
  return all_of(terms, span);
}

std::vector<Value> Elaboration::parts(const Value& value, Span span) {
  if (const auto* aggregate = std::get_if<Aggregate>(&value.node)) return aggregate->members;
  if (const auto* literal = std::get_if<StackLiteral>(&value.node)) return literal->elements;
  const auto* stack = std::get_if<StackPlace>(&value.node);
  if (stack == nullptr) unsupported(span, "this value has no parts to compare or to walk over");
  std::vector<Value> result;
  for (std::size_t i = 0; i < program_[stack->stacks.front()].elements.size(); ++i) {
    result.push_back(element(*stack, out_.constant(Type::bits(32), i, span), span));
  }
  return result;
}

}  // namespace p4bpf::ir
