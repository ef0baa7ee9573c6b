// The bookkeeping of v1model_glue.h.
#include "arch/v1model_glue.h"

#include "arch/glue.h"
#include "base/result.h"

namespace p4bpf::arch {

void add_vars(const ir::Storage& storage, std::vector<ir::VarId>& vars) {
  if (const auto* var = std::get_if<ir::VarId>(&storage.node)) vars.push_back(*var);
  if (const auto* fields = std::get_if<ir::StructStorage>(&storage.node)) {
    for (const ir::Storage& one : fields->members) add_vars(one, vars);
  }
}

void add_headers(const ir::Program& program, const ir::Storage& storage, std::vector<ir::HeaderId>& headers,
                 std::vector<ir::StackId>& stacks) {
  if (const auto* header = std::get_if<ir::HeaderRef>(&storage.node)) headers.push_back(header->header);
  if (const auto* stack = std::get_if<ir::StackId>(&storage.node)) {
    stacks.push_back(*stack);
    headers.insert(headers.end(), program[*stack].elements.begin(), program[*stack].elements.end());
  }
  if (const auto* fields = std::get_if<ir::StructStorage>(&storage.node)) {
    for (const ir::Storage& one : fields->members) add_headers(program, one, headers, stacks);
  }
}

bool StandardMetadata::find(ir::Elaborator& elaborator, const ir::PackageInstance& package,
                            const ir::Storage& storage) {
  const auto bits = [&](std::string_view name) {
    return scalar_member(elaborator, package, storage, name, ir::Type::Kind::kBits);
  };
  ingress_port = bits("ingress_port"), egress_spec = bits("egress_spec"), egress_port = bits("egress_port");
  instance_type = bits("instance_type"), packet_length = bits("packet_length");
  ingress_global_timestamp = bits("ingress_global_timestamp");
  egress_global_timestamp = bits("egress_global_timestamp");
  mcast_grp = bits("mcast_grp"), egress_rid = bits("egress_rid");
  // Programs that bring a copy of the model from before 2019 have not all of these: then nobody but the glue sees them.
  ir::Builder own(elaborator.program(), elaborator.program().entry);
  checksum_error =
      has_member(storage, "checksum_error") ? bits("checksum_error") : own.var("checksum_error", ir::Type::bits(1));
  parser_error = has_member(storage, "parser_error")
                     ? scalar_member(elaborator, package, storage, "parser_error", ir::Type::Kind::kError)
                     : own.var("parser_error", ir::Type::error());
  priority = has_member(storage, "priority") ? bits("priority") : own.var("priority", ir::Type::bits(3));
  return !elaborator.diagnostics().has_errors();
}

// ---- requests -----------------------------------------------------------------------------------------------------

Requests::Requests(ir::Program& program) {
  ir::Builder build(program, program.entry);
  const auto number = [&](const char* name) { return build.var(name, ir::Type::bits(32)); };
  ingress_clone = number("clone"), ingress_clone_session = number("clone_session");
  egress_clone = number("egress_clone"), egress_clone_session = number("egress_clone_session");
  resubmit = number("resubmit"), recirculate = number("recirculate");
  is_truncated = build.var("is_truncated", ir::Type::boolean()), truncated_to = number("truncated_to");
}

std::vector<ir::VarId> Requests::all() const {
  return {ingress_clone, ingress_clone_session, egress_clone, egress_clone_session,
          resubmit,      recirculate,           is_truncated, truncated_to};
}

void Requests::ask(ir::VarId request, std::optional<std::uint32_t> list, Span span, ir::Builder& into) {
  const std::uint32_t value = list ? 2 + *list : 1;
  asked_[request].insert(value);
  places_.try_emplace(request, span);
  into.assign(request, into.constant(ir::Type::bits(32), value, span), span);
}

Span Requests::place_of(ir::VarId request) const {
  const auto at = places_.find(request);
  return at == places_.end() ? Span{} : at->second;
}

namespace {

void add_named(const ir::Program& program, const ir::ExternArgument& argument, std::vector<ir::VarId>& vars) {
  if (const auto* expr = std::get_if<ir::ExprId>(&argument.value)) {
    // What is no variable is a header's field, which the copy gets from its packet.
    if (const auto* var = std::get_if<ir::VarRef>(&program[*expr].node)) vars.push_back(var->var);
  } else if (const auto* fields = std::get_if<ir::ExternStruct>(&argument.value)) {
    for (const ir::ExternArgument& one : fields->fields) add_named(program, one, vars);
  }
}

}  // namespace

std::uint32_t Requests::list_of(const ir::Program& program, const ir::ExternArgument& data) {
  std::vector<ir::VarId> vars;
  add_named(program, data, vars);
  std::uint32_t number = kUnnumbered;
  for (; field_lists.contains(number); ++number) {
    if (field_lists[number] == vars) return number;
  }
  field_lists[number] = std::move(vars);
  return number;
}

std::map<BigInt, std::vector<ir::VarId>> Requests::choices(ir::VarId request) const {
  std::map<BigInt, std::vector<ir::VarId>> out;
  const auto asked = asked_.find(request);
  if (asked == asked_.end()) return out;
  for (const std::uint32_t value : asked->second) {
    const auto list = field_lists.find(value - 2);
    out[value] = value >= 2 && list != field_lists.end() ? list->second : std::vector<ir::VarId>();
  }
  return out;
}

std::vector<ir::VarId> Requests::kept() const {
  std::set<ir::VarId> vars;
  for (const auto& [request, values] : asked_) {
    for (const auto& [value, list] : choices(request)) vars.insert(list.begin(), list.end());
  }
  return {vars.begin(), vars.end()};
}

}  // namespace p4bpf::arch
