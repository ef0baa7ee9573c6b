// P4 types, interned: equal types have equal ids, so that comparing ids compares types (P4_16 section 7).
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "base/ids.h"
#include "frontend/ast.h"

namespace p4bpf {

struct Type;
using TypeId = Id<Type>;

namespace type {
/// Stands for what has already been reported; agrees with everything.
struct Poison { auto operator<=>(const Poison&) const = default; };
struct Void { auto operator<=>(const Void&) const = default; };
struct Bool { auto operator<=>(const Bool&) const = default; };
struct String { auto operator<=>(const String&) const = default; };
struct Error { auto operator<=>(const Error&) const = default; };
struct MatchKind { auto operator<=>(const MatchKind&) const = default; };
/// `int`: arbitrary precision, compile time only.
struct InfInt { auto operator<=>(const InfInt&) const = default; };
/// The type of `_`, `default` and `...` where nothing more is known.
struct Any { auto operator<=>(const Any&) const = default; };
/// bit<width> or int<width> (is_signed). Width 0 is a type too.
struct Bits {
  std::uint32_t width;
  bool is_signed;
  auto operator<=>(const Bits&) const = default;
};
struct Varbit {
  std::uint32_t max_width;  // bits
  auto operator<=>(const Varbit&) const = default;
};
/// A struct, header, header union, enum (both kinds), extern, parser, control, package, or the type of a `type` declaration,
/// with the arguments of its type parameters. `decl` is the declaring Decl (for `type`: the Typedef).
struct Declared {
  ast::DeclId decl;
  std::vector<TypeId> arguments;
  auto operator<=>(const Declared&) const = default;
};
/// A type parameter, free in the body of a generic declaration; elaboration substitutes it.
struct Variable {
  ast::DeclId decl;
  auto operator<=>(const Variable&) const = default;
};
/// `T[size]`: a header stack, or an array of anything else that can be stored.
struct Stack {
  TypeId element;
  std::uint32_t size;
  auto operator<=>(const Stack&) const = default;
};
struct Tuple {
  std::vector<TypeId> elements;
  auto operator<=>(const Tuple&) const = default;
};
/// The type of `{ f = a, g = b }` before it meets a declared struct.
struct AnonymousStruct {
  std::vector<std::string> names;
  std::vector<TypeId> types;
  auto operator<=>(const AnonymousStruct&) const = default;
};
struct List {
  TypeId element;
  auto operator<=>(const List&) const = default;
};
/// set<T>: the type of keysets, masks and ranges.
struct Set {
  TypeId element;
  auto operator<=>(const Set&) const = default;
};
/// A function, method, action, table or state as an expression before it is called or named; `decl` says which.
struct Callable {
  ast::DeclId decl;
  auto operator<=>(const Callable&) const = default;
};
/// What `t.apply()` yields: a struct with hit, miss and action_run. `table` is the TableDecl.
struct ApplyResult {
  ast::DeclId table;
  auto operator<=>(const ApplyResult&) const = default;
};
/// The type of `t.apply().action_run`; its values are the table's actions.
struct ActionRun {
  ast::DeclId table;
  auto operator<=>(const ActionRun&) const = default;
};
/// A type itself used as an expression: `E` in `E.A`, the callee of a constructor call.
struct TypeName {
  TypeId type;
  auto operator<=>(const TypeName&) const = default;
};
}  // namespace type

struct Type {
  using Node = std::variant<type::Poison, type::Void, type::Bool, type::String, type::Error, type::MatchKind, type::InfInt,
                            type::Any, type::Bits, type::Varbit, type::Declared, type::Variable, type::Stack, type::Tuple,
                            type::AnonymousStruct, type::List, type::Set, type::Callable, type::ApplyResult,
                            type::ActionRun, type::TypeName>;
  Node node;
};

/// The interning table.
class Types {
 public:
  TypeId add(Type::Node node) {
    const auto [at, is_new] = ids_.try_emplace(node);
    if (is_new) at->second = arena_.add(Type{std::move(node)});
    return at->second;
  }
  TypeId bits(std::uint32_t width, bool is_signed = false) { return add(type::Bits{width, is_signed}); }
  const Type::Node& operator[](TypeId id) const { return arena_[id].node; }
  template <class Node>
  const Node* get(TypeId id) const {
    return std::get_if<Node>(&arena_[id].node);
  }

 private:
  Arena<Type> arena_;
  std::map<Type::Node, TypeId> ids_;
};

}  // namespace p4bpf
