// Where values live: each scalar of a variable gets a slot for "has a value", each header one for "is valid".
//
// Fields of headers have no slot of their own, they are as good as their header. Stacks and unions
// are not followed, and fields of generic structs not told apart.
#pragma once

#include <unordered_map>

#include "frontend/warnings/findings.h"

namespace p4bpf::warnings {

/// A variable or a part of one.
struct Place {
  DeclId root;  // the variable; nothing: not a place that is followed
  TypeId type;
  std::uint32_t value = 0, value_count = 0;        // slots of Facts values
  std::uint32_t validity = 0, validity_count = 0;  // slots of Facts validity
  bool is_header_field = false;                    // in the header whose slot is `validity`
  bool is_part = false;                            // a slice or an element: assigned in parts
  explicit operator bool() const { return static_cast<bool>(root); }
};

class Places {
 public:
  explicit Places(const Findings& findings) : f_(findings), places_(findings.ast.decls.size()) {}

  /// Gives slots to a variable or parameter until release(). Without `follows_values` only its headers have some.
  const Place& declare(DeclId id, bool follows_values);
  /// The place that an lvalue is.
  Place of(ExprId id);
  const Place& of_decl(DeclId id) const { return places_[id.index()]; }
  bool is_header(TypeId type) const;

  struct Mark {
    std::size_t declared;
    std::uint32_t value, validity;
  };
  Mark mark() const { return {declared_.size(), next_value_, next_validity_}; }
  /// Takes back everything declared since.
  void release(const Mark& mark);

 private:
  /// How many slots a type takes.
  struct Shape {
    std::uint32_t values = 0, headers = 0;
    bool is_opaque = true;  // fields are not told apart
  };
  Shape shape_of(TypeId type);
  Shape shape_of_struct(const ast::StructDecl& node);
  Place field_of(const Place& base, DeclId field);

  const Findings& f_;
  std::vector<Place> places_;  // by DeclId
  std::vector<DeclId> declared_;
  std::uint32_t next_value_ = 0, next_validity_ = 0;
  std::unordered_map<TypeId, Shape> shapes_;
};

}  // namespace p4bpf::warnings
