// Implicit conversions (section 8.11.2, 8.12-8.17, 8.26) and the inference of type arguments (section 8.20).
#pragma once

#include <optional>

#include "frontend/types/context.h"

namespace p4bpf::check {

/// Whether a value of type `from` turns into `to` by itself; looks at types only.
bool converts(Context& cx, TypeId from, TypeId to);

/// Makes the context's wish known: `e`, already inferred, shall have the type `to`. Sets converted_to of `e` and of the
/// parts of lists; reports what does not fit. `what` names the wish for the message, such as "the right side" or
/// "argument 'x'".
bool convert(Context& cx, ExprId e, TypeId to, const std::string& what);

/// Brings both operands to one type (int to bit<N>, serializable enums to their representation, lists to structs) and
/// returns it; nothing, unreported, if there is none.
std::optional<TypeId> join(Context& cx, ExprId left, ExprId right);

/// Type arguments being found out.
struct Bindings {
  std::vector<DeclId> params;
  std::vector<TypeId> arguments;  // names nothing where not yet known
  /// Known from an `int` only: a later bit<N> replaces it.
  std::vector<bool> is_weak;

  explicit Bindings(const std::vector<DeclId>& type_params)
      : params(type_params), arguments(type_params.size()), is_weak(type_params.size(), false) {}
};

/// Matches the type `wanted`, which may contain the parameters of `bindings`, with `given`, and binds what is found
/// out. False if they cannot agree whatever the parameters are. With `exact` no conversion is allowed (out and inout
/// arguments).
bool unify(Context& cx, TypeId wanted, TypeId given, Bindings& bindings, bool exact);

/// Binds to `_` what is not known and stands only in the types of parameters that are given no argument.
void bind_unused(Context& cx, const std::vector<DeclId>& params, const std::vector<std::optional<std::size_t>>& map,
                 Bindings& bindings);
/// The type with what is bound put in.
TypeId apply_bindings(Context& cx, TypeId type, const Bindings& bindings);

}  // namespace p4bpf::check
