// Methods that the language itself defines: validity of headers, header stacks, sizes (sections 8.17, 8.18, 9.x).
#include <fmt/format.h>

#include "frontend/types/calls.h"
#include "frontend/types/constants.h"
#include "frontend/types/type_facts.h"

namespace p4bpf::check {
namespace {

TypeId finish(Context& cx, const PendingCall& call, CallInfo::Kind kind, TypeId result) {
  cx.out.type_of.set(call.node->callee, cx.out.types.add(type::Callable{{}}));
  CallInfo info;
  info.kind = kind;
  info.argument_of_param.resize(call.node->arguments.size());
  for (std::size_t i = 0; i < call.node->arguments.size(); ++i) info.argument_of_param[i] = i;
  cx.out.call_of.set(call.id, std::move(info));
  return result;
}

bool takes(Context& cx, const PendingCall& call, std::size_t count, const ast::Name& name) {
  if (call.node->arguments.size() == count && call.node->type_arguments.empty()) return true;
  cx.error(Kind::kBadArgument, call.span,
           fmt::format("'{}' is given {} arguments, expected {}", name.text, call.node->arguments.size(), count));
  return false;
}

TypeId call_stack_move(Context& cx, const PendingCall& call, ExprId base, const ast::Name& name) {
  if (!takes(cx, call, 1, name) || !require_lvalue(cx, base)) return cx.poison;
  const std::optional<BigInt> count =
      infer_constant_int(cx, call.node->arguments.front().value, "the number of elements");
  if (!count) return cx.poison;
  if (*count < 0 || *count > kMaxElements) {
    cx.error(Kind::kBadArgument, cx.span(call.node->arguments.front().value),
             fmt::format("a header stack cannot move by {} elements", count->str()));
    return cx.poison;
  }
  return finish(cx, call, name.text == "push_front" ? CallInfo::Kind::kPushFront : CallInfo::Kind::kPopFront,
                cx.void_type);
}

std::optional<CallInfo::Kind> size_kind(std::string_view name) {
  if (name == "minSizeInBits") return CallInfo::Kind::kMinSizeInBits;
  if (name == "minSizeInBytes") return CallInfo::Kind::kMinSizeInBytes;
  if (name == "maxSizeInBits") return CallInfo::Kind::kMaxSizeInBits;
  if (name == "maxSizeInBytes") return CallInfo::Kind::kMaxSizeInBytes;
  return std::nullopt;
}

/// The value is known unless the type has open parameters, which elaboration closes.
TypeId call_size(Context& cx, const PendingCall& call, TypeId type, const ast::Name& name, CallInfo::Kind kind) {
  if (!takes(cx, call, 0, name)) return cx.poison;
  cx.is_known.set(call.id, true);
  if (!has_variable(cx, type)) {
    const std::optional<SizeInBits> size = size_of(cx, type);
    if (!size) {
      cx.error(Kind::kBadCall, call.span, fmt::format("{} has no size", cx.show(type)));
      return cx.poison;
    }
    const bool is_min = kind == CallInfo::Kind::kMinSizeInBits || kind == CallInfo::Kind::kMinSizeInBytes;
    const bool in_bytes = kind == CallInfo::Kind::kMinSizeInBytes || kind == CallInfo::Kind::kMaxSizeInBytes;
    const std::uint64_t bits = is_min ? size->min : size->max;
    cx.out.constant_of.set(call.id, ConstValue{BigInt(in_bytes ? (bits + 7) / 8 : bits)});
  }
  return finish(cx, call, kind, cx.int_type);
}

}  // namespace

std::optional<TypeId> call_built_in(Context& cx, const PendingCall& call, ExprId base, TypeId type,
                                    const ast::Name& name) {
  const auto* type_name = cx.get<type::TypeName>(type);
  const TypeId value_type = type_name != nullptr ? type_name->type : type;
  if (const std::optional<CallInfo::Kind> kind = size_kind(name.text)) {
    if (!is_object(cx, value_type) && cx.get<type::Callable>(value_type) == nullptr && value_type != cx.void_type) {
      return call_size(cx, call, value_type, name, *kind);
    }
  }
  if (type_name != nullptr) return std::nullopt;
  if (is_header(cx, type) || is_union(cx, type)) {
    if (name.text == "isValid") {
      return takes(cx, call, 0, name) ? finish(cx, call, CallInfo::Kind::kIsValid, cx.bool_type) : cx.poison;
    }
    if (is_header(cx, type) && (name.text == "setValid" || name.text == "setInvalid")) {
      if (!takes(cx, call, 0, name) || !require_lvalue(cx, base)) return cx.poison;
      return finish(cx, call, name.text == "setValid" ? CallInfo::Kind::kSetValid : CallInfo::Kind::kSetInvalid,
                    cx.void_type);
    }
  }
  const auto* stack = cx.get<type::Stack>(type);
  const bool has_headers = stack != nullptr && (is_header(cx, stack->element) || is_union(cx, stack->element) ||
                                                cx.get<type::Variable>(stack->element) != nullptr);
  if (has_headers && (name.text == "push_front" || name.text == "pop_front")) {
    return call_stack_move(cx, call, base, name);
  }
  return std::nullopt;
}

}  // namespace p4bpf::check
