// Calls that v1model's glue turns into IR (CallGlue in v1model_glue.h): what takes effect once the control has ended
// becomes an assignment that the glue looks at, and what is more than one value becomes calls of internal externs that
// are one.
#include <fmt/format.h>

#include "arch/v1model.h"
#include "arch/v1model_glue.h"
#include "base/result.h"

namespace p4bpf::arch {
namespace {

/// The arithmetic of `hash` and `random` is done in this many bits.
constexpr std::uint32_t kWork = 64;

ir::ExprId scalar(const ir::ExternArgument& argument) { return std::get<ir::ExprId>(argument.value); }

/// The value of a constant argument.
std::optional<BigInt> known(const ir::Program& program, const ir::ExternArgument& argument) {
  const auto* id = std::get_if<ir::ExprId>(&argument.value);
  const auto* constant = id != nullptr ? std::get_if<ir::Const>(&program[*id].node) : nullptr;
  return constant != nullptr ? std::optional(constant->value) : std::nullopt;
}

/// Headers become structs of their fields; of a digest, which has one size, without those of a varbit type.
ir::ExternArgument without_headers(ir::ExternArgument argument, bool with_varbits, Span span, ir::Builder& into) {
  if (const auto* header = std::get_if<ir::HeaderRef>(&argument.value)) {
    const ir::HeaderRef ref = *header;
    const ir::HeaderType& type = into.header_type(ref);
    ir::ExternStruct fields{type.name, {}, {}};
    for (std::size_t i = 0; i < type.fields.size(); ++i) {
      if (type.varbit_field == i && !with_varbits) continue;
      fields.names.push_back(type.fields[i].name);
      fields.fields.push_back({argument.direction, into.field(ref, i, span)});
    }
    argument.value = std::move(fields);
  } else if (auto* all = std::get_if<ir::ExternStruct>(&argument.value)) {
    for (ir::ExternArgument& field : all->fields) field = without_headers(std::move(field), with_varbits, span, into);
  }
  return argument;
}

}  // namespace

bool CallGlue::operator()(const ir::CallExtern& call, ast::ExprId written, Span span, ir::Builder& into) {
  written_ = written;
  const ir::ExternFunction& function = program_[call.function];
  const std::string name = function.name;
  if (function.is_user) return false;
  if (name == "Checksum16.get") {
    const ir::ExprId sum = hash_of(call.arguments.at(0), "csum16", false, span, into);
    if (call.result) into.assign(call.result, into.cast(program_[call.result].type, sum, span), span);
  } else if (name == "$select") {
    select(call, span, into);
  } else if (name == "digest") {
    ir::CallExtern flat = call;
    for (ir::ExternArgument& one : flat.arguments) one = without_headers(std::move(one), false, span, into);
    into.add(std::move(flat), span);
  } else if (call.instance) {
    return name == "direct_counter.count";  // the table counts
  } else if (name == "mark_to_drop") {
    mark_to_drop(call, span, into);
  } else if (name == "clone" || name == "clone3" || name == "clone_preserving_field_list") {
    clone(call, name, span, into);
  } else if (name == "resubmit" || name == "recirculate") {
    const std::uint32_t list = requests_.list_of(program_, call.arguments.at(0));
    requests_.ask(name == "resubmit" ? requests_.resubmit : requests_.recirculate, list, span, into);
  } else if (name == "resubmit_preserving_field_list" || name == "recirculate_preserving_field_list") {
    if (const auto list = list_number(call.arguments.at(0), span))
      requests_.ask(name.starts_with("resubmit") ? requests_.resubmit : requests_.recirculate, list, span, into);
  } else if (name == "truncate") {
    into.assign(requests_.is_truncated, into.constant(ir::Type::boolean(), 1, span), span);
    into.assign(requests_.truncated_to, scalar(call.arguments.at(0)), span);
  } else if (name == "hash") {
    hash(call, span, into);
  } else if (name == "random") {
    random(call, span, into);
  } else if (name.starts_with("verify_checksum") || name.starts_with("update_checksum")) {
    checksum(call, name, span, into);
  } else {
    return name == "assert" || name == "assume" || name == "log_msg";
  }
  return true;
}

/// Sets egress_spec to the port that drops, and mcast_grp to 0. Without an argument, that of the switch itself.
void CallGlue::mark_to_drop(const ir::CallExtern& call, Span span, ir::Builder& into) {
  const auto set = [&](ir::ExprId target, std::uint32_t value) {
    into.assign(target, into.constant(program_[target].type, value, span), span);
  };
  if (call.arguments.empty()) {
    set(into.ref(fields_.egress_spec, span), kV1DropPort);
    set(into.ref(fields_.mcast_grp, span), 0);
    return;
  }
  const auto* standard = std::get_if<ir::ExternStruct>(&call.arguments[0].value);
  P4BPF_CHECK(standard != nullptr, "standard_metadata is no struct");
  for (std::size_t i = 0; i < standard->names.size(); ++i) {
    if (standard->names[i] == "egress_spec") set(scalar(standard->fields[i]), kV1DropPort);
    if (standard->names[i] == "mcast_grp") set(scalar(standard->fields[i]), 0);
  }
}

std::optional<std::uint32_t> CallGlue::list_number(const ir::ExternArgument& argument, Span span) {
  const std::optional<BigInt> number = known(program_, argument);
  if (number) return static_cast<std::uint32_t>(*number);
  elaborator_.diagnostics().report(DiagnosticKind::kNotConstant, span,
                                   "the number of a field list must be known when the program is compiled");
  return std::nullopt;
}

void CallGlue::clone(const ir::CallExtern& call, const std::string& name, Span span, ir::Builder& into) {
  const std::optional<BigInt> type = known(program_, call.arguments.at(0));
  if (!type) {
    elaborator_.diagnostics().report(DiagnosticKind::kNotConstant, span,
                                     "the type of a clone must be known when the program is compiled");
    return;
  }
  const bool is_ingress = *type == 0;  // I2E
  std::optional<std::uint32_t> list;
  if (name == "clone3") list = requests_.list_of(program_, call.arguments.at(2));
  if (name == "clone_preserving_field_list") list = list_number(call.arguments.at(2), span);
  requests_.ask(is_ingress ? requests_.ingress_clone : requests_.egress_clone, list, span, into);
  into.assign(is_ingress ? requests_.ingress_clone_session : requests_.egress_clone_session,
              scalar(call.arguments.at(1)), span);
}

// ---- hashes -------------------------------------------------------------------------------------------------------

ir::ExternFunctionId CallGlue::internal(const std::string& name, std::vector<ir::ExternFunction::Param> params,
                                        std::optional<ir::Type> result) {
  ir::ExternFunctionId& function = internal_[name];
  if (!function) function = program_.extern_functions.add({name, std::move(params), result, false, {}});
  return function;
}

ir::ExprId CallGlue::random_bits(Span span, ir::Builder& into) {
  const ir::Type type = ir::Type::bits(kWork);
  const ir::ExprId result = into.ref(into.var("random", type, span), span);
  into.add(ir::CallExtern{internal("$random", {}, type), {}, {}, result}, span);
  return result;
}

std::string CallGlue::algorithm_of(const ir::ExternArgument& argument, Span span) {
  const std::optional<BigInt> member = known(program_, argument);
  if (member) {
    const ir::Type& type = program_[scalar(argument)].type;
    return program_[type.enum_type].members.at(static_cast<std::size_t>(*member));
  }
  elaborator_.diagnostics().report(DiagnosticKind::kNotConstant, span,
                                   "the algorithm of a hash must be known when the program is compiled");
  return "csum16";
}

namespace {

void add_scalars(const ir::ExternArgument& data, std::vector<ir::ExprId>& scalars) {
  if (const auto* id = std::get_if<ir::ExprId>(&data.value)) scalars.push_back(*id);
  if (const auto* all = std::get_if<ir::ExternStruct>(&data.value)) {
    for (const ir::ExternArgument& one : all->fields) add_scalars(one, scalars);
  }
}

}  // namespace

/// The first eight bytes of the data as a number, or all if there are fewer.
ir::ExprId CallGlue::identity_of(const ir::ExternArgument& data, Span span, ir::Builder& into) {
  std::vector<ir::ExprId> scalars;
  add_scalars(data, scalars);
  const auto as_bits = [&](ir::ExprId id) { return into.cast(ir::Type::bits(program_[id].type.width), id, span); };
  ir::ExprId all = into.constant(ir::Type::bits(kWork), 0, span);
  std::uint32_t width = 0;
  for (const ir::ExprId one : scalars) {
    if (width >= kWork) break;
    if (program_[one].type.kind == ir::Type::Kind::kVarbit) {
      elaborator_.diagnostics().report(DiagnosticKind::kUnsupported, span,
                                       "the first 64 bits of an identity hash cannot come from a varbit field yet");
      break;
    }
    all = width == 0 ? as_bits(one) : into.binary(ir::BinaryOp::kConcat, all, as_bits(one), span);
    width += program_[one].type.width;
  }
  if (const std::uint32_t rest = width % 8; rest != 0) {
    all = into.binary(ir::BinaryOp::kConcat, all, into.constant(ir::Type::bits(8 - rest), 0, span), span);
    width += 8 - rest;
  }
  if (width <= kWork) return into.cast(ir::Type::bits(kWork), all, span);
  return into.expr(ir::Type::bits(kWork), ir::Slice{all, width - 1, width - kWork}, span);
}

ir::ExprId CallGlue::hash_of(const ir::ExternArgument& whole, const std::string& algorithm, bool with_payload,
                             Span span, ir::Builder& into) {
  if (algorithm == "random") return random_bits(span, into);
  const ir::ExternArgument data = without_headers(whole, true, span, into);
  if (algorithm == "identity") return identity_of(data, span, into);
  return call_hash(with_payload ? "$hash_with_payload" : "$hash", {}, data, algorithm, span, into);
}

ir::ExprId CallGlue::call_hash(const std::string& function, ir::ExternInstanceId instance,
                               const ir::ExternArgument& data, const std::string& algorithm, Span span,
                               ir::Builder& into) {
  using Direction = ir::ExternArgument::Direction;
  const ir::ExprId result = into.ref(into.var(algorithm, ir::Type::bits(32), span), span);
  const ir::EnumTypeId chosen = program_.enums.add({"HashAlgorithm", {algorithm}});
  const ir::ExprId named = into.constant(ir::Type::enumeration(chosen), 0, span);
  const ir::ExternFunctionId callee =
      internal(function, {{"result", Direction::kOut}, {"algo", Direction::kIn}, {"data", Direction::kIn}}, {});
  into.add(ir::CallExtern{callee, instance, {{Direction::kOut, result}, {Direction::kIn, named}, data}, {}}, span);
  return result;
}

/// Of a call that has a name for the control plane: where the algorithm is a custom one, its parameters can be set.
ir::ExprId CallGlue::calculation_of(Calculations::Kind kind, const ir::ExternArgument& data,
                                    const std::string& algorithm, bool with_payload, Span span, ir::Builder& into) {
  calculations_.count(kind, written_);
  if (!algorithm.ends_with("_custom")) return hash_of(data, algorithm, with_payload, span, into);
  const ir::ExternInstanceId instance = calculations_.custom(written_, algorithm == "crc32_custom" ? 32 : 16);
  const std::string function = with_payload ? "$calculation.hash_with_payload" : "$calculation.hash";
  return call_hash(function, instance, without_headers(data, true, span, into), algorithm, span, into);
}

/// hash(result, algorithm, base, data, max): result = base + hash % max, or base where max is 0.
void CallGlue::hash(const ir::CallExtern& call, Span span, ir::Builder& into) {
  const ir::ExprId target = scalar(call.arguments.at(0));
  const ir::Type work = ir::Type::bits(kWork);
  const auto wide = [&](ir::ExprId value) { return into.cast(work, value, span); };
  const ir::ExprId hashed = wide(calculation_of(Calculations::Kind::kHash, call.arguments.at(3),
                                                algorithm_of(call.arguments.at(1), span), false, span, into));
  const ir::ExprId max = wide(scalar(call.arguments.at(4)));
  const ir::ExprId zero = into.constant(work, 0, span);
  const ir::ExprId rest = into.binary(ir::BinaryOp::kMod, hashed, max, span);
  const ir::ExprId is_none = into.binary(ir::BinaryOp::kEq, max, zero, span);
  const ir::ExprId offset = into.expr(work, ir::Mux{is_none, zero, rest}, span);
  const ir::ExprId sum = into.binary(ir::BinaryOp::kAdd, wide(scalar(call.arguments.at(2))), offset, span);
  into.assign(target, into.cast(program_[target].type, sum, span), span);
}

/// The hash of an action_selector over the keys that choose; an action_profile chooses nothing.
void CallGlue::select(const ir::CallExtern& call, Span span, ir::Builder& into) {
  // The members of HashAlgorithm.
  constexpr const char* kAlgorithms[] = {"crc32",  "crc32_custom", "crc16",  "crc16_custom",
                                         "random", "identity",     "csum16", "xor16"};
  const ir::ExternInstance& instance = program_[call.instance];
  const auto* algorithm = std::get_if<BigInt>(&instance.arguments.at(0));
  if (instance.type_name != "action_selector" || algorithm == nullptr || *algorithm >= std::size(kAlgorithms)) return;
  const ir::ExprId hashed =
      hash_of(call.arguments.at(0), kAlgorithms[static_cast<std::size_t>(*algorithm)], false, span, into);
  into.assign(call.result, into.cast(ir::Type::bits(kWork), hashed, span), span);
}

/// random(result, lo, hi): lo + bits % (hi - lo + 1); all of the bits where that many values are too many to count.
void CallGlue::random(const ir::CallExtern& call, Span span, ir::Builder& into) {
  const ir::ExprId target = scalar(call.arguments.at(0));
  const ir::Type work = ir::Type::bits(kWork);
  const auto wide = [&](std::size_t i) { return into.cast(work, scalar(call.arguments.at(i)), span); };
  const ir::ExprId bits = random_bits(span, into);
  const ir::ExprId span_less_one = into.binary(ir::BinaryOp::kSub, wide(2), wide(1), span);
  const ir::ExprId count = into.binary(ir::BinaryOp::kAdd, span_less_one, into.constant(work, 1, span), span);
  const ir::ExprId sum =
      into.binary(ir::BinaryOp::kAdd, wide(1), into.binary(ir::BinaryOp::kMod, bits, count, span), span);
  into.assign(target, into.cast(program_[target].type, sum, span), span);
}

/// (condition, data, checksum, algorithm), each with the payload or without.
void CallGlue::checksum(const ir::CallExtern& call, const std::string& name, Span span, ir::Builder& into) {
  ir::Builder then = into.nested();
  const ir::ExprId checksum = scalar(call.arguments.at(2));
  const bool updates = name.starts_with("update");
  const ir::ExprId hashed =
      calculation_of(updates ? Calculations::Kind::kUpdate : Calculations::Kind::kVerify, call.arguments.at(1),
                     algorithm_of(call.arguments.at(3), span), name.ends_with("_with_payload"), span, then);
  const ir::ExprId computed = then.cast(program_[checksum].type, hashed, span);
  if (updates) {
    then.assign(checksum, computed, span);
  } else {
    ir::Builder wrong = then.nested();
    wrong.assign(fields_.checksum_error, wrong.constant(program_[fields_.checksum_error].type, 1, span), span);
    then.add(ir::If{then.binary(ir::BinaryOp::kNe, computed, checksum, span), wrong.block(), {}}, span);
  }
  into.add(ir::If{scalar(call.arguments.at(0)), then.block(), {}}, span);
}

}  // namespace p4bpf::arch
