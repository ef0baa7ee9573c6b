// What the files about calls share among themselves.
#pragma once

#include "frontend/types/expressions.h"

namespace p4bpf::check {

/// A call that is about to be resolved.
struct PendingCall {
  ExprId id;
  Span span;
  const ast::Call* node = nullptr;
  TypeId hint;
  /// The object that a method is called on, with its type arguments; names nothing for functions.
  TypeId object;
};

/// Infers the arguments, chooses among `candidates` by number and names of arguments, infers type arguments, checks the
/// arguments; records CallInfo and returns the type of the result.
TypeId call_one_of(Context& cx, const PendingCall& call, CallInfo::Kind kind, const std::vector<DeclId>& candidates);
/// isValid, setValid, push_front, minSizeInBits, ...; nothing if `name` is no built-in method of `type`.
std::optional<TypeId> call_built_in(Context& cx, const PendingCall& call, ExprId base, TypeId type,
                                    const ast::Name& name);
/// What packet_in and packet_out of core.p4 ask of their type arguments beyond what their declarations say
/// (section 13.8).
bool check_packet_call(Context& cx, const PendingCall& call, DeclId callee, const CallInfo& info);
/// Reports a call that may not stand where it stands (appendix F), a method's call with the `object`; the result says
/// whether it may.
bool check_place_of_call(Context& cx, Span span, CallInfo::Kind kind, DeclId callee, TypeId object);
/// The parameters of whatever `decl` is when it is called: functions, actions, apply of parsers and controls.
const std::vector<DeclId>& call_params(const Context& cx, DeclId decl);

}  // namespace p4bpf::check
