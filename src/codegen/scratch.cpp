// Programs that do not fit into one function with 512 bytes of stack: their variables live in `state`, the single value
// of a per-CPU map, and what is between two borders may become a function of its own (outline.h).
//
// The verifier knows nothing of what stands in a map: validity bits no longer tell it what was checked. So every access
// to the packet is checked where it is made, and pointers into the packet are kept as offsets. In return the ways
// through the program merge for it wherever they merge, and it looks at each part once.
#include <fmt/format.h>

#include <algorithm>

#include "codegen/lowering.h"

namespace p4bpf::codegen {
namespace {

/// The verifier follows offsets into a packet up to 64 KiB.
constexpr std::uint32_t kMostOffset = 0x7fff;

std::uint32_t bytes_of(const c::Field& field) {
  return (field.type == "u8"    ? 1
          : field.type == "u16" ? 2
          : field.type == "u32" ? 4
                                : 8) *
         static_cast<std::uint32_t>(field.elements.value_or(1));
}

}  // namespace

/// Between statements of the program: nothing that C could know is needed behind it but the variables of the program.
void Lowering::border() {
  if (!uses_scratch() || parser_ != nullptr || loops_ != 0) return;
  ++borders_;
  packet_checked_ = 0;
  emit(c::Border{});
}

bool Lowering::is_checked(const Address& at, std::uint32_t bytes) const {
  if (!uses_scratch()) return true;
  const std::uint32_t in_parser = parser_ != nullptr && !moving_ ? checked_ : 0;
  return at.base == "data" && at.byte + bytes <= std::max(packet_checked_, in_parser);
}

c::ExprId Lowering::in_packet(const Address& at, std::uint32_t bytes) {
  return tree_.binary("<=", address({at.base, at.byte + bytes}), name("data_end"));
}

Address Lowering::at_offset(c::ExprId offset) {
  const std::string at = names_.make("at");
  emit(c::Declare{"u8 *", at, {}, tree_.binary("+", name("data"), tree_.binary("&", offset, num(kMostOffset)))});
  call("P4BPF_OPAQUE", {name(at)});
  return {at, 0};
}

void Lowering::store_scratch_pointer(ir::HeaderId header) {
  assign(name(pointer_name(header)), offset_of(at_cursor(0)));
}

/// The byte of the cursor between the states of a parser.
std::string Lowering::kept_cursor() {
  if (kept_cursor_.empty()) kept_cursor_ = function_variable("u32", "cursor_offset");
  return kept_cursor_;
}

void Lowering::fetch_scratch() {
  const std::string zero = names_.make("zero");
  emit(c::Declare{"u32", zero, {}, num(0)});
  emit(c::Declare{"struct p4bpf_state *",
                  "state",
                  {},
                  tree_.call("p4bpf_map_lookup", {tree_.address(name("p4bpf_scratch")), tree_.address(name(zero))})});
  emit(c::If{
      tree_.unary("!", name("state")), in_block([&] { emit(c::Return{name(std::string(hook_->aborted))}); }), {}});
}

/// The widest first, so that there are no gaps but at the end.
void Lowering::declare_scratch() {
  if (uses_length_) scratch_.push_back({"u32", "packet_length", {}});
  std::stable_sort(scratch_.begin(), scratch_.end(), [](const c::Field& a, const c::Field& b) {
    return bytes_of({a.type, "", {}}) > bytes_of({b.type, "", {}});
  });
  std::uint32_t bytes = 0;
  for (const c::Field& field : scratch_) bytes += bytes_of(field);
  // p4bpf_zero goes by eights.
  if (const std::uint32_t rest = round_up(std::max(bytes, 8u), 8) - bytes; rest != 0)
    scratch_.push_back({"u8", "pad_", rest});
  state_bytes_ = round_up(std::max(bytes, 8u), 8);
  tree_.items.push_back(c::Struct{"p4bpf_state", scratch_, {}, 0});
  tree_.items.push_back(c::MapDefinition{
      "P4BPF_MAP", {"p4bpf_scratch", "P4BPF_MAP_PERCPU_ARRAY", "u32", "struct p4bpf_state", "1", "0"}});
}

/// The kernel allows 64 maps in a program; besides those of tables and counters there are the scratch map, the parts
/// and the sections of global data.
constexpr PartLimits kLimits{.maps = 56, .cost = 24000};
/// Bytes of variables, 8 for each, above which no stack will do: the compiler keeps many in registers, and few at the
/// same time. Below, it may still find that its 512 bytes are too few (object::exceeds_stack).
constexpr std::uint32_t kMostVariables = 4096;

OutlineContext Lowering::limits(const std::string& function) const {
  OutlineContext context{function, {}, {"context", "data", "data_end", "state"}, kLimits};
  for (const c::TopLevel& item : declarations_) {
    const auto* map = std::get_if<c::MapDefinition>(&item);
    if (map && !map->arguments.empty()) context.maps.insert(map->arguments[0]);
  }
  for (const std::string& map : {manifest_.port_of_ifindex_map, manifest_.ifindex_of_port_map,
                                 manifest_.passes.slot_map, manifest_.passes.clone_map, manifest_.passes.multicast_map})
    context.maps.insert(map);
  return context;
}

bool Lowering::fits_whole(c::BlockId body) const {
  std::uint32_t bytes = 0;
  for (const c::Stmt& stmt : variables_) {
    const auto& variable = std::get<c::Declare>(stmt.node);
    bytes += 8 * static_cast<std::uint32_t>(variable.elements.value_or(1));
  }
  return bytes <= kMostVariables && fits(tree_, body, limits(""));
}

std::vector<Part> Lowering::cut(const std::string& function, c::BlockId body) {
  return outline(tree_, body, limits(function));
}

/// Each part begins like the program: with the packet's bounds and the state.
void Lowering::declare_parts(const std::vector<Part>& parts) {
  const std::string section = std::string(hook_->section);
  const std::string kind(hook_->kind);
  const auto signature = [&](const Part& part) {
    return fmt::format("P4BPF_PART(\"{}\", {}, {})", section, part.name, kind);
  };
  std::vector<std::string> arguments{std::to_string(parts.size()), kind};
  for (const Part& part : parts) {
    tree_.items.push_back(c::Prototype{signature(part), {}});
    arguments.push_back(part.name);
    manifest_.parts.push_back(part.name);
  }
  tree_.items.push_back(c::MapDefinition{"P4BPF_PARTS", arguments});
  for (std::size_t i = 0; i < parts.size(); ++i) {
    tree_.items.push_back(
        c::MapDefinition{"P4BPF_PART_CALL", {parts[i].name, kind, std::to_string(i), std::string(hook_->aborted)}});
  }
  for (const Part& part : parts) {
    const Span span = tree_.blocks[part.body].statements.front().span;
    span_ = span;
    const c::BlockId whole = in_block([&] {
      open_packet();
      fetch_scratch();
      emit(c::Scope{part.body});
      emit(c::Return{name("P4BPF_GO_ON")});
    });
    tree_.items.push_back(c::Function{signature(part), span, whole});
  }
}

}  // namespace p4bpf::codegen
