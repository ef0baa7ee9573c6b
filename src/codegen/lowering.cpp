// The whole of a lowering: the order of its steps, C variables, and what stands around the program's body.
#include "codegen/lowering.h"

#include <fmt/format.h>

#include <algorithm>

#include "arch/architecture.h"
#include "codegen/c_printer.h"
#include "codegen/describe.h"

namespace p4bpf::codegen {
namespace {

manifest::Hook to_manifest(arch::Hook hook) {
  switch (hook) {
    case arch::Hook::kXdp:
      return manifest::Hook::kXdp;
    case arch::Hook::kTcIngress:
      return manifest::Hook::kTcIngress;
    case arch::Hook::kTcEgress:
      break;
  }
  return manifest::Hook::kTcEgress;
}

/// The hook that the user or the architecture wants; nothing, and a diagnostic, if the architecture cannot run there.
std::optional<manifest::Hook> choose_hook(const ir::Program& program, HookChoice choice, bool makes_copies,
                                          Diagnostics& diagnostics) {
  const arch::Architecture* architecture = arch::architecture_named(program.architecture);
  std::vector<manifest::Hook> possible;
  if (architecture) {
    for (const arch::Hook hook : architecture->hooks) possible.push_back(to_manifest(hook));
  } else {
    possible = {manifest::Hook::kXdp, manifest::Hook::kTcIngress, manifest::Hook::kTcEgress};
  }
  if (choice == HookChoice::kAuto) {
    const auto able = std::find_if(possible.begin(), possible.end(),
                                   [&](manifest::Hook hook) { return !makes_copies || hook_row(hook).can_copy; });
    return able != possible.end() ? *able : possible.front();
  }
  const manifest::Hook wanted = choice == HookChoice::kXdp         ? manifest::Hook::kXdp
                                : choice == HookChoice::kTcIngress ? manifest::Hook::kTcIngress
                                                                   : manifest::Hook::kTcEgress;
  if (std::find(possible.begin(), possible.end(), wanted) != possible.end()) return wanted;
  diagnostics.report(
      DiagnosticKind::kHookUnable, program.main_span,
      fmt::format("a program of {} cannot run on the {} hook", program.architecture, hook_row(wanted).name));
  return std::nullopt;
}

}  // namespace

Lowering::Lowering(const ir::Program& program, const GenerateOptions& options, Diagnostics& diagnostics,
                   manifest::Manifest manifest)
    : program_(program), options_(options), diagnostics_(diagnostics), manifest_(std::move(manifest)) {
  for (const ir::ExternFunction& function : program.extern_functions) {
    if (function.is_user) names_.reserve(function.name);
  }
  for (const char* word :
       {"port_of_ifindex", "ifindex_of_port", "packet_length", "entry", "key", "state", "pass", "tags"})
    names_.reserve(word);
}

void Lowering::unsupported(Span span, const std::string& what) {
  diagnostics_.report(DiagnosticKind::kUnsupported, span ? span : span_, what);
}

c::ExprId Lowering::temp(const std::string& type, c::ExprId value, const char* wanted) {
  const auto& node = tree_.exprs[value].node;
  if (std::holds_alternative<c::Number>(node)) return value;
  const std::string made = names_.make(wanted);
  emit(c::Declare{type, made, {}, value});
  return name(made);
}

std::string Lowering::function_variable(const std::string& type, const std::string& wanted,
                                        std::optional<std::uint64_t> elements) {
  const std::string made = names_.make(wanted);
  if (uses_scratch()) {
    scratch_.push_back({type, made, elements});
    return "state->" + made;
  }
  variables_.push_back({{}, c::Declare{type, made, elements, elements ? c::ExprId() : num(0)}});
  return made;
}

std::string Lowering::var_name(ir::VarId var) {
  std::string& made = vars_[var];
  if (!made.empty()) return made;
  const ir::Type& type = program_[var].type;
  made = is_wide(type) ? function_variable("u64", program_[var].name, limbs(type.width))
                       : function_variable(c_type(type.width), program_[var].name);
  return made;
}

std::string Lowering::valid_name(ir::HeaderId header) {
  std::string& made = valids_[header];
  if (made.empty()) made = function_variable(uses_scratch() ? "u8" : "u64", program_[header].name + ".valid");
  return made;
}

std::string Lowering::field_name(ir::HeaderId header, std::size_t field) {
  std::string& made = fields_[{header, field}];
  if (!made.empty()) return made;
  const ir::HeaderField& what = type_of(header).fields[field];
  const std::string wanted = program_[header].name + "." + what.name;
  made = is_wide(what.type) ? function_variable("u64", wanted, limbs(what.type.width))
                            : function_variable(c_type(what.type.width), wanted);
  return made;
}

std::string Lowering::pointer_name(ir::HeaderId header) {
  std::string& made = pointers_[header];
  if (made.empty()) made = function_variable(uses_scratch() ? "u32" : "u8 *", program_[header].name + ".at");
  return made;
}

std::optional<Generated> Lowering::run() {
  plan_passes();
  const std::optional<manifest::Hook> hook = choose_hook(program_, options_.hook, makes_copies_, diagnostics_);
  if (!hook) return std::nullopt;
  hook_ = &hook_row(*hook);
  shape_ = options_.shape == Shape::kScratch ? Shape::kScratch : Shape::kWhole;
  flow_ = analyse(program_);
  plan_deparsers();
  infer_orders();
  for (const ir::ExternFunction& function : program_.extern_functions) {
    const arch::ExternRow* row = function.is_user ? nullptr : arch::find_extern(program_, function);
    if (row && row->lowering.kind == arch::CLowering::Kind::kHashWithPayload) parsed_bits_needed_ = true;
  }
  if (parsed_bits_needed_) parsed_bits_ = function_variable("u32", "parsed_bits");
  const std::string function = names_.make(manifest_.program.empty() ? "p4_program" : manifest_.program);
  plan_tables();
  plan_instances();
  plan_locks();
  plan_trace();

  const c::BlockId body = in_block([&] { block(program_.entry); });
  if (diagnostics_.has_errors()) return std::nullopt;

  manifest_.kernel_programs = {{function, *hook}};
  if (options_.shape == Shape::kAuto && !fits_whole(body)) {
    GenerateOptions cut_up = options_;
    cut_up.shape = Shape::kScratch;
    return Lowering(program_, cut_up, diagnostics_, describe(program_)).run();
  }
  const std::vector<Part> parts = uses_scratch() ? cut(function, body) : std::vector<Part>{};
  const c::BlockId whole = in_block([&] { prologue(body); });
  assemble(function, whole, parts);
  return Generated{c::print(tree_, diagnostics_.sources()), std::move(manifest_), shape_, state_bytes_,
                   std::move(trace_shape_)};
}

void Lowering::prologue(c::BlockId body) {
  span_ = {};
  put_tags_back();
  begin_pass();
  if (hook_->must_pull && farthest_ != 0) call("p4bpf_tc_pull", {name("context"), num(farthest_)});
  open_packet();
  if (uses_cursor_ && !uses_scratch()) emit(c::Declare{"u8 *", "cursor", {}, name("data")});
  if (uses_scratch()) {
    fetch_scratch();
    call("p4bpf_zero", {name("state"), name("sizeof *state")});
    read_pass_into_state();
  }
  if (uses_length_) {
    const c::ExprId length = tree_.call("p4bpf_" + std::string(hook_->kind) + "_length", {name("context")});
    if (uses_scratch()) {
      assign(name("state->packet_length"), length);
    } else {
      emit(c::Declare{"u32", "packet_length", {}, length});
    }
  }
  for (c::Stmt& stmt : variables_) tree_.blocks.edit(block_).statements.push_back(std::move(stmt));
  for (const auto& [header, flag] : valids_) {
    if (!uses_scratch()) call("P4BPF_UNKNOWN", {name(flag)});
  }
  for (const c::Stmt& stmt : tree_.blocks[body].statements) tree_.blocks.edit(block_).statements.push_back(stmt);
  emit(c::Return{name(std::string(hook_->aborted))});
}

void Lowering::open_packet() {
  emit(c::Declare{"u8 *", "data", {}, tree_.call("P4BPF_DATA", {name("context")})});
  emit(c::Declare{"u8 *", "data_end", {}, tree_.call("P4BPF_DATA_END", {name("context")})});
}

void Lowering::reload_packet() {
  assign(name("data"), tree_.call("P4BPF_DATA", {name("context")}));
  assign(name("data_end"), tree_.call("P4BPF_DATA_END", {name("context")}));
  packet_checked_ = 0;
}

void Lowering::assemble(const std::string& function, c::BlockId body, const std::vector<Part>& parts) {
  tree_.comment = "Generated by p4bpf from " + program_.source_name + ".";
  std::replace(tree_.comment.begin(), tree_.comment.end(), '\n', ' ');
  tree_.items.push_back(c::Include{"p4bpf.h", false});
  if (!traces_.empty()) tree_.items.push_back(c::Include{"p4bpf_trace.h", false});
  tree_.items.push_back(c::MapDefinition{"P4BPF_HOOK", {std::to_string(static_cast<int>(hook_->hook))}});
  if (uses_perf_events_) tree_.items.push_back(c::MapDefinition{"P4BPF_PERF_EVENT_MAP", {"p4bpf_events"}});
  if (const std::string& ports = manifest_.port_of_ifindex_symbol; !ports.empty())
    tree_.items.push_back(c::Global{"u32", ports + "[P4BPF_PORT_SLOTS]", ""});
  if (const std::string& map = manifest_.ifindex_of_port_map; !map.empty()) {
    // Programs that send packets on TC have ports of nine bits (v1model): an array costs no call.
    const bool is_xdp = hook_->hook == manifest::Hook::kXdp;
    tree_.items.push_back(c::MapDefinition{
        "P4BPF_MAP",
        {map, is_xdp ? "P4BPF_MAP_DEVMAP_HASH" : "P4BPF_MAP_ARRAY", "u32", "u32", is_xdp ? "1024" : "512", "0"}});
  }
  if (!manifest_.test_port_symbol.empty()) tree_.items.push_back(c::Global{"u32", manifest_.test_port_symbol, "0"});
  if (uses_missing_extern_) tree_.items.push_back(c::Global{"u32", "p4bpf_missing_extern", "0"});
  if (makes_copies_) declare_passes();
  if (uses_scratch()) declare_scratch();
  for (c::TopLevel& item : declarations_) tree_.items.push_back(std::move(item));
  if (!parts.empty()) declare_parts(parts);
  tree_.items.push_back(c::Function{fmt::format("P4BPF_PROGRAM(\"{}\", {}, {})", hook_->section, function, hook_->kind),
                                    program_span(), body});
}

/// The function itself stands where the program's first parser does.
Span Lowering::program_span() const { return program_.parsers.size() != 0 ? program_[ir::ParserId(0)].span : Span{}; }

std::optional<Generated> generate(const ir::Program& program, const GenerateOptions& options,
                                  Diagnostics& diagnostics) {
  return Lowering(program, options, diagnostics, describe(program)).run();
}

}  // namespace p4bpf::codegen
