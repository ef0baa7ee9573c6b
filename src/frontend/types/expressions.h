// Types as written, expressions, calls: what these rooms offer each other.
#pragma once

#include <optional>

#include "frontend/types/context.h"

namespace p4bpf::check {

// ---- types as written (type_refs.cpp) -----------------------------------------------------------------------------

/// The type that is written there; reported and poison if there is none. `allow_generic`: a generic declaration may be
/// named without arguments, to be inferred (constructor calls, instances).
TypeId resolve_type(Context& cx, TypeRefId ref, bool allow_generic = false);
/// `decl`, a type declaration, with `arguments`; reports a wrong number of them or what may not stand there.
TypeId specialize(Context& cx, Span span, DeclId decl, std::vector<TypeId> arguments);

// ---- expressions --------------------------------------------------------------------------------------------------

/// The type of an expression from itself; `hint` is what the context wants, for calls whose result type is generic. The
/// result may be a type::TypeName or type::Callable.
TypeId infer(Context& cx, ExprId e, TypeId hint = {});
/// The same; reports types, functions and void where a value is needed.
TypeId infer_value(Context& cx, ExprId e, TypeId hint = {});
/// infer_value, then convert to `to`.
bool infer_as(Context& cx, ExprId e, TypeId to, const std::string& what);
/// A compile-time-known integer; reported if it is none.
std::optional<BigInt> infer_constant_int(Context& cx, ExprId e, const std::string& what);
/// Whether the expression may be assigned to (section 6.7), reported with the reason if not.
bool require_lvalue(Context& cx, ExprId e);
bool is_lvalue(const Context& cx, ExprId e);
/// Reports an expression that is not compile-time known.
bool require_known(Context& cx, ExprId e, const std::string& what);

TypeId infer_unary(Context& cx, ExprId e, const ast::Unary& node);
TypeId infer_binary(Context& cx, ExprId e, const ast::Binary& node);
/// The type of `left op right`, both inferred; the same rules for `left op= right`.
TypeId binary_type(Context& cx, Span span, ast::BinaryOp op, ExprId left, ExprId right);
TypeId infer_cast(Context& cx, ExprId e, const ast::Cast& node);
TypeId infer_member(Context& cx, ExprId e, const ast::Member& node);
TypeId infer_index(Context& cx, ExprId e, const ast::Index& node);
TypeId infer_slice(Context& cx, ExprId e, const ast::Slice& node);
TypeId infer_plus_slice(Context& cx, ExprId e, const ast::PlusSlice& node);

/// `e` as a set of values of type `key` (section 8.15): a value, a mask, a range, `_`, `default` or a value set.
bool check_keyset(Context& cx, ExprId e, TypeId key);
/// Whether a label of select or switch has a type that a key of that type can be compared with.
bool label_fits(Context& cx, ExprId label, TypeId key);
/// Reports the labels that do not fit, all in one: at the key, which is wrong as often as its labels are, and each label
/// in a note.
void report_labels(Context& cx, Span subject, TypeId key, const std::vector<ExprId>& labels);

// ---- calls (calls.cpp, arguments.cpp, methods.cpp, instances.cpp) -------------------------------------------------

TypeId infer_call(Context& cx, ExprId e, const ast::Call& node, TypeId hint);

/// The index of the argument for each parameter, or nothing if the arguments do not fit. Reports only if `report_at` is
/// set.
using ArgumentMap = std::vector<std::optional<std::size_t>>;
std::optional<ArgumentMap> match_arguments(Context& cx, const std::vector<DeclId>& params,
                                           const std::vector<ast::Argument>& arguments, const Span* report_at,
                                           const std::string& what);
/// Checks directions, l-values and conversions of arguments that have been inferred; `param_types` are free of the
/// callee's type parameters.
bool check_arguments(Context& cx, const std::vector<DeclId>& params, const std::vector<TypeId>& param_types,
                     const std::vector<ast::Argument>& arguments, const ArgumentMap& map);
/// The methods of that name, or the constructors, of an extern.
std::vector<DeclId> methods_of(const Context& cx, DeclId extern_decl, std::string_view name);
/// A constructor call of the type `type` (generic ones without arguments are inferred): fills `info`, returns the type
/// of the instance.
TypeId construct(Context& cx, Span span, TypeId type, const std::vector<ast::Argument>& arguments, TypeId hint,
                 CallInfo& info);
void check_instance(Context& cx, DeclId id);

/// What an annotation between brackets says must make sense (section 20.3).
void check_annotations(Context& cx, const ast::Annotations& annotations);

}  // namespace p4bpf::check
