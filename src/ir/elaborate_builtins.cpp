// Elaboration of what is built in or external: methods of headers, stacks and packets, and calls of externs.
#include <fmt/format.h>

#include <algorithm>

#include "base/embedded.h"
#include "base/result.h"
#include "ir/elaborate_internal.h"

namespace p4bpf::ir {

// ---- headers and stacks -------------------------------------------------------------------------------------------

Value Elaboration::call_header_method(const ast::Call& call, const CallInfo& info, Span span) {
  const auto* callee = std::get_if<ast::Member>(&at(call.callee).node);
  if (callee == nullptr) unsupported(span, "this call is not supported");
  const Value header = eval(callee->base);
  if (info.kind == CallInfo::Kind::kIsValid) return {valid(header, span)};
  set_valid(header, info.kind == CallInfo::Kind::kSetValid, span);
  return {};
}

void Elaboration::set_valid(const Value& header, bool is_valid, Span span) {
  const auto* place = std::get_if<HeaderPlace>(&header.node);
  if (place == nullptr) unsupported(span, "the validity of this value cannot be changed");
  if (!is_valid) return out_.add(SetInvalid{place->ref}, span);
  out_.add(SetValid{place->ref}, span);
  for (const HeaderRef& sibling : place->siblings) out_.add(SetInvalid{sibling}, span);
}

void Elaboration::shift_stack(const ast::Call& call, bool is_push, Span span) {
  const auto* callee = std::get_if<ast::Member>(&at(call.callee).node);
  if (callee == nullptr || call.arguments.size() != 1) unsupported(span, "this call is not supported");
  const Value object = eval(callee->base);
  const auto* stack = std::get_if<StackPlace>(&object.node);
  if (stack == nullptr) unsupported(span, "only a header stack can be shifted");
  const BigInt wanted = need_constant(call.arguments.front().value, "the number of elements to shift by");
  const BigInt size = program_[stack->stacks.front()].elements.size();
  if (wanted < 0) abandon(DiagnosticKind::kBadArgument, span, "a stack cannot be shifted by a negative number");
  // More than all of the stack's elements is as good as all; next_index is clamped anyway.
  const auto count = static_cast<std::int32_t>(wanted > size ? size : wanted);
  if (count == 0) return;
  for (const StackId id : stack->stacks) out_.add(ShiftStack{id, is_push ? count : -count}, span);
}

// ---- packets ------------------------------------------------------------------------------------------------------

void Elaboration::reject(std::string_view error, Span span) {
  if (frame_.parser == nullptr) unsupported(span, "a parser's error cannot be raised outside of a parser");
  out_.add(Reject{out_.constant(Type::error(), error_index(program_, error), span)}, span);
}

void Elaboration::reject_if(ExprId condition, std::string_view error, Span span) {
  Builder then = nested();
  {
    Scoped<Builder> into(out_, then);
    reject(error, span);
  }
  out_.add(If{condition, then.block(), {}}, span);
}

void Elaboration::verify(const ast::Call& call, const CallInfo& info, Span span) {
  if (frame_.parser == nullptr) unsupported(span, "'verify' can only be called in a parser");
  if (info.argument_of_param.size() != 2 || !info.argument_of_param[0] || !info.argument_of_param[1]) {
    unsupported(span, "this call of 'verify' is not supported");
  }
  const std::vector<Value> both = eval_in_order(
      {call.arguments[*info.argument_of_param[0]].value, call.arguments[*info.argument_of_param[1]].value});
  Builder then = nested();
  then.add(Reject{std::get<ExprId>(both[1].node)}, span);
  out_.add(If{out_.negation(std::get<ExprId>(both[0].node), span), then.block(), {}}, span);
}

Value Elaboration::call_packet(ast::ExprId id, const ast::Call& call, const CallInfo& info) {
  const Span span = at(id).span;
  const std::string& method = ast()[info.callee].name.text;
  if (method == "length") return {out_.expr(Type::bits(32), IntrinsicRef{Intrinsic::kPacketLength}, span)};
  if (method == "emit") {
    const Value value = eval(call.arguments.at(0).value);
    emit(value, span);
    return {};
  }
  if (frame_.parser == nullptr) unsupported(span, fmt::format("'{}' can only be called in a parser", method));
  if (method == "extract") {
    extract(call, info, span);
    return {};
  }
  if (method == "advance") {
    out_.add(Advance{cast_to(Type::bits(32), eval_scalar(call.arguments.at(0).value), span)}, span);
    return {};
  }
  if (method == "lookahead") return lookahead(type_of(id), span);
  unsupported(span, fmt::format("'{}' of a packet is not supported", method));
}

/// Section 12.8: extract(header), extract(header, varbit bits), extract(_) to skip, extract(stack.next).
void Elaboration::extract(const ast::Call& call, const CallInfo& info, Span span) {
  const auto argument = [&](std::size_t param) {
    const bool is_given = param < info.argument_of_param.size() && info.argument_of_param[param];
    return is_given ? call.arguments.at(*info.argument_of_param[param]).value : ast::ExprId{};
  };
  const ast::ExprId target_expr = argument(0);
  if (!target_expr || std::holds_alternative<ast::DontCareExpr>(at(target_expr).node)) {
    if (info.type_arguments.empty()) unsupported(span, "the header to skip is not known");
    const std::uint32_t bits = bits_of(bind(info.type_arguments.front()), span);
    out_.add(Require{bits}, span);
    out_.add(Advance{out_.constant(Type::bits(32), bits, span)}, span);
    return;
  }
  const Value target = eval(target_expr);
  const auto* place = std::get_if<HeaderPlace>(&target.node);
  if (place == nullptr) unsupported(at(target_expr).span, "only a header can be extracted");
  const Extract statement{place->ref, info.argument_of_param.size() > 1 && argument(1)
                                          ? cast_to(Type::bits(32), eval_scalar(argument(1)), span)
                                          : ExprId{}};
  if (!statement.varbit_bits && out_.header_type(place->ref).varbit_field) {
    // An extract of a varbit header without a size gives an empty varbit.
    out_.add(Extract{place->ref, out_.constant(Type::bits(32), 0, span)}, span);
  } else {
    out_.add(statement, span);
  }
  for (const HeaderRef& sibling : place->siblings) out_.add(SetInvalid{sibling}, span);
  advance_next_index(target_expr, span);
}

/// After an extraction into `stack.next`, or a member of the union that it is.
void Elaboration::advance_next_index(ast::ExprId target, Span span) {
  for (const auto* node = std::get_if<ast::Member>(&at(target).node); node != nullptr;
       node = std::get_if<ast::Member>(&at(node->base).node)) {
    const auto* stack_type = as<type::Stack>(type_of(node->base));
    if (node->member.text != "next" || stack_type == nullptr) continue;
    const Value object = eval(node->base);
    const auto* stack = std::get_if<StackPlace>(&object.node);
    if (stack == nullptr) return;
    const VarId next = program_[stack->stacks.front()].next_index;
    out_.assign(next, out_.binary(BinaryOp::kAdd, out_.ref(next, span), out_.constant(Type::bits(32), 1, span), span),
                span);
    return;
  }
}

void Elaboration::emit(const Value& value, Span span) {
  if (const auto* place = std::get_if<HeaderPlace>(&value.node)) return out_.add(Emit{place->ref}, span);
  if (std::holds_alternative<HeaderLiteral>(value.node)) return emit(value_in_storage(value, span), span);
  if (std::holds_alternative<ExprId>(value.node)) unsupported(span, "only headers can be emitted");
  for (const Value& part : parts(value, span)) emit(part, span);
}

/// A header literal stored in a header of its own.
Value Elaboration::value_in_storage(const Value& value, Span span) {
  const auto* literal = std::get_if<HeaderLiteral>(&value.node);
  if (literal == nullptr) return value;
  const HeaderRef ref{program_.headers.add(Header{join(env().path, "tmp"), literal->type, {}, 0, span}), {}, {}};
  store_header({ref, {}}, value, span, false);
  return {HeaderPlace{ref, {}}};
}

Value Elaboration::lookahead(TypeId type, Span span) {
  out_.add(Require{bits_of(type, span)}, span);
  std::uint32_t offset = 0;
  return peek(type, offset, span);
}

/// The value of that type that stands in the packet `offset` bits after the cursor, saved; moves `offset` behind it.
Value Elaboration::peek(TypeId type, std::uint32_t& offset, Span span) {
  const auto peek_scalar = [&](const Type& scalar_type) {
    const VarId saved = out_.var(join(env().path, "lookahead"), scalar_type, span);
    out_.assign(saved, out_.expr(scalar_type, Peek{offset}, span), span);
    offset += scalar_type.width;
    return out_.ref(saved, span);
  };
  if (is_scalar(type)) return {peek_scalar(scalar(type, span))};
  if (is_header(type)) {
    HeaderLiteral result{header_type(type), out_.constant(Type::boolean(), 1, span), {}};
    const std::size_t count = program_[result.type].fields.size();
    for (std::size_t i = 0; i < count; ++i) result.fields.push_back(peek_scalar(program_[result.type].fields[i].type));
    return {std::move(result)};
  }
  if (const auto* node = as<type::Stack>(type)) {
    const type::Stack stack = *node;
    StackLiteral result;
    for (std::uint32_t i = 0; i < stack.size; ++i) result.elements.push_back(peek(stack.element, offset, span));
    return {std::move(result)};
  }
  Aggregate result{type_label(type), false, {}, {}};
  for (const auto& [name, member_type] : members(type)) {
    result.names.push_back(name);
    result.members.push_back(peek(member_type, offset, span));
  }
  return {std::move(result)};
}

// ---- externs ------------------------------------------------------------------------------------------------------

Value Elaboration::call_method(ast::ExprId id, const ast::Call& call, const CallInfo& info, bool wants_result) {
  const Span span = at(id).span;
  const auto* callee = std::get_if<ast::Member>(&at(call.callee).node);
  if (callee == nullptr) unsupported(span, "this call is not supported");
  const Value object = eval(callee->base);
  if (std::holds_alternative<PacketStorage>(object.node)) return call_packet(id, call, info);
  const auto* instance = std::get_if<ExternInstanceId>(&object.node);
  if (instance == nullptr) unsupported(span, "a method of this object cannot be called");
  return call_extern(id, call, info, *instance, wants_result);
}

namespace {

/// Whether a file has the name of one that is built in: "v1model.p4", a user's copy of it, one that `# 1 "FILE"` names.
bool is_named_like_built_in(const std::string& file) {
  constexpr std::string_view kFolder = "p4include/";
  const auto last = [](std::string_view path) { return path.substr(path.rfind('/') + 1); };
  return std::any_of(embedded_files().begin(), embedded_files().end(), [&](const EmbeddedFile& one) {
    return one.path.starts_with(kFolder) && last(one.path) == last(file);
  });
}

}  // namespace

/// Whether a declaration stands in the user's own files: in none that was included as <...>, and in no architecture's.
bool Elaboration::is_user_declared(Span span) const {
  const SourceMap& sources = diagnostics_.sources();
  const std::string file = sources.position(span.begin).file;
  if (file == architecture_file_ || is_named_like_built_in(file)) return false;
  for (Loc include = sources.included_at(span.begin); include; include = sources.included_at(include)) {
    if (sources.line_text(include).find('<') != std::string_view::npos) return false;
  }
  return true;
}

ExternFunctionId Elaboration::extern_function(const CallInfo& info, ExternInstanceId instance,
                                              const std::vector<TypeId>& type_arguments,
                                              const std::optional<Type>& result) {
  const auto [known, is_new] = extern_functions_.try_emplace({info.callee, type_arguments});
  if (!is_new) return known->second;
  const ast::Decl& decl = ast()[info.callee];
  ExternFunction function;
  function.name = instance ? program_[instance].type_name + "." + decl.name.text : decl.name.text;
  for (const ast::DeclId id : std::get<ast::FunctionDecl>(decl.node).params) {
    const auto& param = std::get<ast::Param>(ast()[id].node);
    using Direction = ExternArgument::Direction;
    const Direction direction = param.direction == ast::Direction::kOut     ? Direction::kOut
                                : param.direction == ast::Direction::kInout ? Direction::kInout
                                                                            : Direction::kIn;
    function.params.push_back({ast()[id].name.text, direction});
  }
  function.result = result;
  function.is_user = is_user_declared(decl.name.span);
  function.span = decl.name.span;
  return known->second = program_.extern_functions.add(std::move(function));
}

ExternArgument Elaboration::extern_argument(const Value& value, ExternArgument::Direction direction, Span span,
                                            std::vector<CopyOut>& copy_outs) {
  const bool is_written = direction != ExternArgument::Direction::kIn;
  Value place = value;
  if (is_written && !std::holds_alternative<Aggregate>(value.node) && !is_fixed(value, false)) {
    place = freeze(value, join(env().path, "tmp"), span);
    copy_outs.push_back({value, place});
  }
  place = value_in_storage(place, span);
  ExternArgument result;
  result.direction = direction;
  if (const auto* expr = std::get_if<ExprId>(&place.node)) {
    result.value = *expr;
  } else if (const auto* header = std::get_if<HeaderPlace>(&place.node)) {
    result.value = header->ref;
  } else {
    ExternStruct fields;
    if (const auto* aggregate = std::get_if<Aggregate>(&place.node)) {
      fields.type_name = aggregate->type_name;
      fields.names = aggregate->names;
    }
    for (const Value& part : parts(place, span))
      fields.fields.push_back(extern_argument(part, direction, span, copy_outs));
    result.value = std::move(fields);
  }
  return result;
}

Value Elaboration::call_extern(ast::ExprId id, const ast::Call& call, const CallInfo& info, ExternInstanceId instance,
                               bool wants_result) {
  const Span span = at(id).span;
  const auto& decl = std::get<ast::FunctionDecl>(ast()[info.callee].node);
  std::vector<TypeId> type_arguments;
  for (const TypeId one : info.type_arguments) type_arguments.push_back(bind(one));
  Env callee = callee_env(info.callee, &globals_, decl.type_params, info.type_arguments);
  if (instance) {
    const auto* object = std::get_if<ast::Member>(&at(call.callee).node);
    const auto* declared = object != nullptr ? as<type::Declared>(type_of(object->base)) : nullptr;
    if (declared != nullptr) {
      const std::vector<TypeId> of_object = declared->arguments;
      const auto& params = std::get<ast::ExternDecl>(ast()[declared->decl].node).type_params;
      for (std::size_t i = 0; i < params.size() && i < of_object.size(); ++i) {
        callee.type_params.push_back(params[i]);
        callee.type_arguments.push_back(of_object[i]);
        type_arguments.push_back(of_object[i]);
      }
    }
  }
  const TypeId result_type = type_of(id);
  const bool is_void = typed_.types.get<type::Void>(result_type) != nullptr;
  std::optional<Type> result;
  if (!is_void) result = scalar(result_type, span);

  std::vector<CopyOut> copy_outs;
  CallExtern statement;
  statement.function = extern_function(info, instance, type_arguments, result);
  statement.instance = instance;
  const std::vector<Bound> bound = eval_arguments(decl.params, call.arguments, info.argument_of_param, callee);
  for (std::size_t i = 0; i < bound.size(); ++i) {
    const Span place = bound[i].expr ? at(bound[i].expr).span : span;
    Value value = bound[i].value;
    if (std::holds_alternative<std::monostate>(value.node)) {
      value = value_of(storage(bind(typed_.type_of_decl[bound[i].param], callee), join(env().path, "unused"), place));
    }
    if (bound[i].early) {
      value = value_of(storage(bind(typed_.type_of_decl[bound[i].param], callee), join(env().path, "early"), place));
      store(value, *bound[i].early, place);
      copy_outs.push_back({bound[i].value, value});
    }
    statement.arguments.push_back(
        extern_argument(value, program_[statement.function].params[i].direction, place, copy_outs));
    name_field_types(statement.arguments.back(), bind(typed_.type_of_decl[bound[i].param], callee));
  }
  Value returned;
  if (result && wants_result) {
    statement.result = out_.ref(out_.var(join(env().path, ast()[info.callee].name.text), *result, span), span);
    returned = {statement.result};
  }
  if (!extern_glue_ || !extern_glue_(statement, id, span, out_)) out_.add(std::move(statement), span);
  copy_out(copy_outs, span);
  return returned;
}

}  // namespace p4bpf::ir
