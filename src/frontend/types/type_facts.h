// Questions about types: what they are, what they contain, what may be done with them (section 7).
#pragma once

#include <optional>

#include "frontend/types/context.h"

namespace p4bpf::check {

/// The StructDecl of a struct, header or union type, or nullptr.
const ast::StructDecl* struct_of(const Context& cx, TypeId type);
bool is_struct(const Context& cx, TypeId type);
bool is_header(const Context& cx, TypeId type);
bool is_union(const Context& cx, TypeId type);
/// The EnumDecl of an enum type, or nullptr.
const ast::EnumDecl* enum_of(const Context& cx, TypeId type);
/// The type that represents a serializable enum, nothing for other types.
TypeId representation_of(const Context& cx, TypeId type);
/// The type under a `type` declaration, nothing for other types.
TypeId new_type_base(const Context& cx, TypeId type);
bool is_extern(const Context& cx, TypeId type);
bool is_parser(const Context& cx, TypeId type);  // a declaration with or without body
bool is_control(const Context& cx, TypeId type);
bool is_package(const Context& cx, TypeId type);
/// Extern, parser, control, package: things that are instantiated, not stored.
bool is_object(const Context& cx, TypeId type);
/// bit<W>, int<W> or `int`.
bool is_number(const Context& cx, TypeId type);
bool has_variable(Context& cx, TypeId type);

/// The type parameters and fields of whatever `decl` declares; empty where it has none.
const std::vector<DeclId>& type_params_of(const Context& cx, DeclId decl);
/// The type of `field` in `type`, a struct-like type with arguments.
TypeId field_type(Context& cx, TypeId type, DeclId field);
/// The fields' types in order.
std::vector<TypeId> field_types(Context& cx, TypeId type);
/// The member called `name` of a struct, header, union or enum declaration, or nothing.
DeclId find_member(const Context& cx, DeclId decl, std::string_view name);

/// The bits of a fixed-size type: smallest and largest; nothing where the type has no size (section 9.x:
/// minSizeInBits).
struct SizeInBits {
  std::uint64_t min = 0;
  std::uint64_t max = 0;
};
std::optional<SizeInBits> size_of(Context& cx, TypeId type);

/// Whether == and != are defined (section 8.x); a reason for messages if not.
bool is_comparable(Context& cx, TypeId type);
/// Whether `type` may be a field of a header (7.2.2), of a struct or a tuple, of a list (7.2.8).
bool may_be_header_field(Context& cx, TypeId type);
bool may_be_struct_field(Context& cx, TypeId type);
bool may_be_list_element(Context& cx, TypeId type);
/// Whether a variable may have the type.
bool may_be_variable(Context& cx, TypeId type);
/// Whether a value of the type can be made of nothing (section 8.26: `...`).
bool has_default(Context& cx, TypeId type);

}  // namespace p4bpf::check
