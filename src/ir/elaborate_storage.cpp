// Elaboration: P4 types to IR types, and storage trees. A struct is its leaves; see ir.h.
#include <fmt/format.h>

#include "base/result.h"
#include "frontend/literals.h"
#include "ir/elaborate_internal.h"

namespace p4bpf::ir {

TypeId Elaboration::bind(TypeId type, const Env& in) {
  return in.type_params.empty() ? type : substitute(typed_.types, type, in.type_params, in.type_arguments);
}

TypeId Elaboration::final_type(ast::ExprId id) {
  const TypeId converted = typed_.converted_to[id];
  return bind(converted ? converted : typed_.type_of[id]);
}

/// Sees through `type` declarations.
TypeId Elaboration::strip(TypeId type) const {
  for (;;) {
    const auto* declared = typed_.types.get<type::Declared>(type);
    if (declared == nullptr) return type;
    const auto* alias = std::get_if<ast::Typedef>(&ast()[declared->decl].node);
    if (alias == nullptr) return type;
    type = alias->derived ? typed_.type_of_decl[alias->derived] : typed_.type_of_ref[alias->type];
  }
}

const ast::StructDecl* Elaboration::as_struct(TypeId type) const {
  const auto* declared = as<type::Declared>(type);
  return declared == nullptr ? nullptr : std::get_if<ast::StructDecl>(&ast()[declared->decl].node);
}

bool Elaboration::is_header(TypeId type) const {
  const ast::StructDecl* decl = as_struct(type);
  return decl != nullptr && decl->kind == ast::StructDecl::Kind::kHeader;
}

bool Elaboration::is_union(TypeId type) const {
  const ast::StructDecl* decl = as_struct(type);
  return decl != nullptr && decl->kind == ast::StructDecl::Kind::kUnion;
}

bool Elaboration::is_packet(TypeId type) const {
  const auto* declared = as<type::Declared>(type);
  if (declared == nullptr) return false;
  const ast::Decl& decl = ast()[declared->decl];
  return std::holds_alternative<ast::ExternDecl>(decl.node) &&
         (decl.name.text == "packet_in" || decl.name.text == "packet_out");
}

bool Elaboration::is_scalar(TypeId type) const {
  const TypeId plain = strip(type);
  return std::visit(Match{[](const type::Bool&) { return true; }, [](const type::Error&) { return true; },
                          [](const type::Bits&) { return true; }, [](const type::Varbit&) { return true; },
                          [](const type::InfInt&) { return true; }, [](const type::String&) { return true; },
                          [](const type::ActionRun&) { return true; },
                          [this](const type::Declared& declared) {
                            return std::holds_alternative<ast::EnumDecl>(ast()[declared.decl].node);
                          },
                          [](const auto&) { return false; }},
                    typed_.types[plain]);
}

Type Elaboration::scalar(TypeId type, Span span) {
  const TypeId plain = strip(type);
  return std::visit(
      Match{[](const type::Bool&) { return Type::boolean(); }, [](const type::Error&) { return Type::error(); },
            [](const type::Bits& bits) { return Type::bits(bits.width, bits.is_signed); },
            [](const type::Varbit& varbit) { return Type::varbit(varbit.max_width); },
            [](const type::String&) {
              return Type{Type::Kind::kString, 0, false, {}};
            },
            [](const type::ActionRun&) { return Type::bits(32); },
            [&](const type::Declared& declared) {
              const auto* decl = std::get_if<ast::EnumDecl>(&ast()[declared.decl].node);
              if (decl == nullptr)
                unsupported(span, fmt::format("a value of type '{}' is not supported here", type_label(type)));
              if (decl->representation) return scalar(typed_.type_of_ref[decl->representation], span);
              return Type::enumeration(enum_type(declared.decl));
            },
            [&](const auto&) -> Type {
              unsupported(span, fmt::format("a value of type '{}' is not supported here", type_label(type)));
            }},
      typed_.types[plain]);
}

EnumTypeId Elaboration::enum_type(ast::DeclId id) {
  EnumTypeId& known = enums_[id];
  if (known) return known;
  const ast::Decl& decl = ast()[id];
  EnumType result{decl.name.text, {}};
  for (const ast::DeclId member : std::get<ast::EnumDecl>(decl.node).members) {
    result.members.push_back(ast()[member].name.text);
  }
  known = program_.enums.add(std::move(result));
  return known;
}

std::string Elaboration::type_label(TypeId type) const { return type_name(typed_, type); }

std::vector<std::pair<std::string, TypeId>> Elaboration::members(TypeId type) {
  const TypeId plain = strip(type);
  std::vector<std::pair<std::string, TypeId>> result;
  // Copies: substituting may add types.
  if (const ast::StructDecl* decl = as_struct(plain)) {
    const type::Declared declared = *typed_.types.get<type::Declared>(plain);
    for (const ast::DeclId field : decl->fields) {
      const TypeId field_type = typed_.type_of_decl[field];
      result.emplace_back(ast()[field].name.text,
                          declared.arguments.empty()
                              ? field_type
                              : substitute(typed_.types, field_type, decl->type_params, declared.arguments));
    }
  } else if (const auto* tuple = typed_.types.get<type::Tuple>(plain)) {
    for (std::size_t i = 0; i < tuple->elements.size(); ++i) result.emplace_back(std::to_string(i), tuple->elements[i]);
  } else if (const auto* anonymous = typed_.types.get<type::AnonymousStruct>(plain)) {
    for (std::size_t i = 0; i < anonymous->types.size(); ++i)
      result.emplace_back(anonymous->names[i], anonymous->types[i]);
  }
  return result;
}

/// The numbers in `@field_list(0, Kept.headers)`: literals, and members of enums with values.
std::vector<std::uint32_t> Elaboration::listed_numbers(const ast::Annotation& list) const {
  std::vector<std::uint32_t> numbers;
  const auto add_member = [&](const std::string& enumeration, const std::string& member) {
    for (const ast::DeclId id : ast().program) {
      const auto* declared = std::get_if<ast::EnumDecl>(&ast()[id].node);
      if (declared == nullptr || ast()[id].name.text != enumeration) continue;
      for (const ast::DeclId one : declared->members) {
        const std::optional<ConstValue>& value = typed_.constant_of_decl[one];
        const auto* number = value && ast()[one].name.text == member ? std::get_if<BigInt>(&value->value) : nullptr;
        if (number != nullptr && *number <= UINT32_MAX) numbers.push_back(static_cast<std::uint32_t>(*number));
      }
    }
  };
  for (std::size_t i = 0; i < list.body.size(); ++i) {
    const std::string& text = list.body[i].text;
    if (i + 2 < list.body.size() && list.body[i + 1].text == ".") {
      add_member(text, list.body[i + 2].text);
      i += 2;
    } else if (const auto number = read_integer(text); number && number->value <= UINT32_MAX) {
      numbers.push_back(static_cast<std::uint32_t>(number->value));
    }
  }
  return numbers;
}

/// What the fields of a struct annotated @field_list store, by list; fields of inner structs as well.
void Elaboration::add_field_lists(TypeId type, const Storage& storage,
                                  std::map<std::uint32_t, std::vector<Storage>>& lists) {
  const ast::StructDecl* decl = as_struct(strip(type));
  const auto* fields = std::get_if<StructStorage>(&storage.node);
  if (decl == nullptr || fields == nullptr) return;
  const std::vector<std::pair<std::string, TypeId>> inner = members(type);
  for (std::size_t i = 0; i < decl->fields.size() && i < fields->members.size(); ++i) {
    if (const auto* list = ast::find_annotation(ast()[decl->fields[i]].annotations, "field_list")) {
      for (const std::uint32_t number : listed_numbers(*list)) lists[number].push_back(fields->members[i]);
    }
    add_field_lists(inner[i].second, fields->members[i], lists);
  }
}

/// A struct inside of a header is flattened: its fields are named "outer.inner".
void Elaboration::add_header_fields(HeaderType& header, TypeId type, const std::string& prefix, Span span) {
  for (const auto& [name, field_type] : members(type)) {
    if (!is_scalar(field_type)) {
      const ast::StructDecl* nested_struct = as_struct(field_type);
      if (nested_struct == nullptr || nested_struct->kind != ast::StructDecl::Kind::kStruct) {
        unsupported(span, fmt::format("a header field of type '{}' is not supported", type_label(field_type)));
      }
      add_header_fields(header, field_type, prefix + name + ".", span);
      continue;
    }
    const Type field = scalar(field_type, span);
    if (field.kind == Type::Kind::kVarbit) {
      header.varbit_field = header.fields.size();
      header.fields.push_back({prefix + name, field, header.width});
    } else {
      header.fields.push_back({prefix + name, field, header.width});
      header.width += field.width;
    }
    if (!header.controller_header.empty()) describe_field(header.fields.back(), type, name);
  }
}

HeaderTypeId Elaboration::header_type(TypeId type) {
  const TypeId plain = strip(type);
  HeaderTypeId& known = header_types_[plain];
  if (known) return known;
  const ast::Decl& decl = ast()[typed_.types.get<type::Declared>(plain)->decl];
  HeaderType result;
  result.name = decl.name.text;
  result.span = decl.name.span;
  if (const ast::Annotation* annotation = ast::find_annotation(decl.annotations, "controller_header")) {
    result.controller_header = annotation_text(*annotation);
    result.annotations = annotation_texts(decl.annotations);
  }
  add_header_fields(result, plain, "", decl.name.span);
  known = program_.header_types.add(std::move(result));
  return known;
}

StackId Elaboration::new_stack(HeaderTypeId type, std::uint32_t size, const std::string& name, Span span) {
  Stack stack{name, type, {}, out_.var(name + ".next_index", Type::bits(32), span), span};
  const StackId id = program_.stacks.add(std::move(stack));
  for (std::uint32_t i = 0; i < size; ++i) {
    const HeaderId element = program_.headers.add(Header{fmt::format("{}[{}]", name, i), type, id, i, span});
    program_.stacks.edit(id).elements.push_back(element);
  }
  return id;
}

StackPlace Elaboration::stack_storage(const type::Stack& stack, const std::string& name, Span span) {
  constexpr std::uint32_t kMaxElements = 65536;
  if (stack.size > kMaxElements)
    unsupported(span, fmt::format("a stack of {} elements is larger than the {} supported", stack.size, kMaxElements));
  StackPlace place;
  if (is_header(stack.element)) {
    place.stacks.push_back(new_stack(header_type(stack.element), stack.size, name, span));
    return place;
  }
  if (!is_union(stack.element))
    unsupported(span, fmt::format("a stack of '{}' is not supported", type_label(stack.element)));
  place.is_union = true;
  for (const auto& [member_name, type] : members(stack.element)) {
    place.names.push_back(member_name);
    place.stacks.push_back(new_stack(header_type(type), stack.size, name + "." + member_name, span));
  }
  return place;
}

Storage Elaboration::storage(TypeId type, const std::string& name, Span span) {
  const TypeId plain = strip(type);
  if (is_packet(plain)) return {PacketStorage{}};
  if (is_header(plain)) return {HeaderRef{program_.headers.add(Header{name, header_type(plain), {}, 0, span}), {}, {}}};
  if (const auto* stack = typed_.types.get<type::Stack>(plain)) {
    const StackPlace place = stack_storage(type::Stack(*stack), name, span);
    if (!place.is_union) return {place.stacks.front()};
    StructStorage members_of_union{type_label(stack->element), false, true, place.names, {}};
    for (const StackId member_stack : place.stacks) members_of_union.members.push_back({member_stack});
    return {std::move(members_of_union)};
  }
  const bool is_tuple = typed_.types.get<type::Tuple>(plain) != nullptr;
  if (as_struct(plain) != nullptr || is_tuple || typed_.types.get<type::AnonymousStruct>(plain) != nullptr) {
    StructStorage result{is_tuple ? "" : type_label(plain), is_union(plain), false, {}, {}};
    for (const auto& [member_name, member_type] : members(plain)) {
      result.names.push_back(member_name);
      result.members.push_back(storage(member_type, name + "." + member_name, span));
    }
    return {std::move(result)};
  }
  return {out_.var(name, scalar(plain, span), span)};
}

Value Elaboration::value_of(const Storage& storage) {
  return std::visit(Match{[&](VarId var) -> Value { return {out_.ref(var)}; },
                          [](const HeaderRef& ref) -> Value {
                            return {HeaderPlace{ref, {}}};
                          },
                          [](StackId id) -> Value {
                            return {StackPlace{{id}, false, {}}};
                          },
                          [](const PacketStorage& packet) -> Value { return {packet}; },
                          [&](const StructStorage& node) -> Value {
                            if (node.is_union_stack) {
                              StackPlace place{{}, true, node.names};
                              for (const Storage& member : node.members)
                                place.stacks.push_back(std::get<StackId>(member.node));
                              return {std::move(place)};
                            }
                            Aggregate result{node.type_name, node.is_union, node.names, {}};
                            for (const Storage& member : node.members) result.members.push_back(value_of(member));
                            if (node.is_union) add_siblings(result);
                            return {std::move(result)};
                          }},
                    storage.node);
}

void Elaboration::add_siblings(Aggregate& header_union) {
  for (Value& one : header_union.members) {
    auto* place = std::get_if<HeaderPlace>(&one.node);
    if (place == nullptr) continue;
    for (const Value& other : header_union.members) {
      const auto* sibling = std::get_if<HeaderPlace>(&other.node);
      if (sibling != nullptr && &other != &one) place->siblings.push_back(sibling->ref);
    }
  }
}

const Storage& Storage::operator[](std::string_view member) const {
  const auto* aggregate = std::get_if<StructStorage>(&node);
  P4BPF_CHECK(aggregate != nullptr, "member '" + std::string(member) + "' of storage that is no struct");
  for (std::size_t i = 0; i < aggregate->names.size(); ++i) {
    if (aggregate->names[i] == member) return aggregate->members[i];
  }
  P4BPF_CHECK(false, "no member '" + std::string(member) + "' in " + aggregate->type_name);
  return *this;
}

std::uint32_t Elaboration::bits_of(TypeId type, Span span) {
  if (is_header(type)) {
    const HeaderType& header = program_[header_type(type)];
    if (header.varbit_field) unsupported(span, "a header with a varbit field has no fixed size");
    return header.width;
  }
  if (is_scalar(type)) {
    const Type plain = scalar(type, span);
    if (plain.kind == Type::Kind::kBits || plain.kind == Type::Kind::kBool) return plain.width;
    unsupported(span, fmt::format("a value of type '{}' has no size in the packet", type_label(type)));
  }
  std::uint32_t sum = 0;
  if (const auto* stack = as<type::Stack>(type)) return stack->size * bits_of(stack->element, span);
  if (is_union(type)) unsupported(span, "a header union has no fixed size");
  for (const auto& [name, member_type] : members(type)) sum += bits_of(member_type, span);
  return sum;
}

}  // namespace p4bpf::ir
