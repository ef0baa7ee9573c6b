// packet_in and packet_out of core.p4: what extract, lookahead and emit take beyond their declarations
// (sections 13.8, 16.1).
#include <fmt/format.h>

#include <algorithm>

#include "frontend/types/calls.h"
#include "frontend/types/type_facts.h"

namespace p4bpf::check {
namespace {

bool is_packet_extern(const Context& cx, TypeId object, std::string_view name) {
  const auto* declared = cx.get<type::Declared>(object);
  return declared != nullptr && cx.decl<ast::ExternDecl>(declared->decl) != nullptr && cx.name(declared->decl) == name;
}

/// A header whose size one number decides has at most one varbit field.
bool check_varbits(Context& cx, const PendingCall& call, TypeId header) {
  const ast::StructDecl* decl = struct_of(cx, header);
  DeclId first;
  for (const DeclId field : decl->fields) {
    if (cx.get<type::Varbit>(field_type(cx, header, field)) == nullptr) continue;
    if (!first) {
      first = field;
      continue;
    }
    Diagnostic& report =
        cx.error(Kind::kBadField, cx.ast[first].span,
                 fmt::format("'{}' and '{}' are two varbit fields of a header that is extracted, expected one",
                             cx.name(first), cx.name(field)));
    report.notes.push_back({call.span, "extracted here"});
    return false;
  }
  return true;
}

bool check_extract(Context& cx, const PendingCall& call, TypeId type, std::size_t arguments) {
  if (cx.get<type::Variable>(type) != nullptr || type == cx.any_type) return true;
  if (!is_header(cx, type)) {
    cx.error(Kind::kBadArgument, call.span, fmt::format("extract is given {}, expected a header", cx.show(type)));
    return false;
  }
  const std::vector<TypeId> fields = field_types(cx, type);
  const bool has_varbit =
      std::any_of(fields.begin(), fields.end(), [&](TypeId field) { return cx.get<type::Varbit>(field) != nullptr; });
  if (has_varbit != (arguments == 2)) {
    cx.error(Kind::kBadArgument, call.span,
             has_varbit ? "the size of the varbit field is not given, expected it as a second argument"
                        : "a size is given for a header without a varbit field");
    return false;
  }
  return check_varbits(cx, call, type);
}

bool check_lookahead(Context& cx, const PendingCall& call, TypeId type) {
  if (has_variable(cx, type)) return true;
  const std::optional<SizeInBits> size = size_of(cx, type);
  if (size && size->min == size->max) return true;
  cx.error(Kind::kBadTypeArgument, call.span,
           fmt::format("lookahead of {}, expected a type of fixed width", cx.show(type)));
  return false;
}

/// Headers, and stacks, unions, structs and tuples of them (section 16.1).
bool may_be_emitted(Context& cx, TypeId type) {
  if (cx.is_poison(type) || has_variable(cx, type) || is_header(cx, type)) return true;
  if (const auto* stack = cx.get<type::Stack>(type)) return may_be_emitted(cx, stack->element);
  const auto all = [&](const std::vector<TypeId>& parts) {
    return std::all_of(parts.begin(), parts.end(), [&](TypeId part) { return may_be_emitted(cx, part); });
  };
  if (const auto* tuple = cx.get<type::Tuple>(type)) return all(tuple->elements);
  return struct_of(cx, type) != nullptr && all(field_types(cx, type));
}

bool check_emit(Context& cx, const PendingCall& call, TypeId type) {
  if (may_be_emitted(cx, type)) return true;
  cx.error(
      Kind::kBadArgument, call.span,
      fmt::format("emit is given {}, expected a header, or a stack, a union or a struct of headers", cx.show(type)));
  return false;
}

}  // namespace

bool check_packet_call(Context& cx, const PendingCall& call, DeclId callee, const CallInfo& info) {
  if (info.type_arguments.empty()) return true;
  const TypeId type = info.type_arguments.front();
  if (is_packet_extern(cx, call.object, "packet_out") && cx.name(callee) == "emit") return check_emit(cx, call, type);
  if (!is_packet_extern(cx, call.object, "packet_in")) return true;
  if (cx.name(callee) == "extract") return check_extract(cx, call, type, call.node->arguments.size());
  if (cx.name(callee) == "lookahead") return check_lookahead(cx, call, type);
  return true;
}

}  // namespace p4bpf::check
