// The deparser: writes what changed. For each way through the program (a world of the analysis) the emitted layout is
// compared with the packet's: most ways need nothing at all; some move the head once and write the headers that came or
// moved. Ways that need the same are taken together, and run-time validity tells them apart.
//
// Where the ways are too many or a place is known at run time only, every emitted header lives in variables and is
// written anew (general_deparse).
#include <fmt/format.h>

#include <algorithm>

#include "codegen/lowering.h"

namespace p4bpf::codegen {
namespace {

constexpr std::size_t kMaxRewrites = 12;

std::size_t emitted_header(const ir::Stmt* emit) { return std::get<ir::Emit>(emit->node).header.header.index(); }

}  // namespace

/// Whether what is emitted is, header for header, what was parsed, and stands in the packet already. Holds at places
/// and lengths that only run time knows.
bool Lowering::is_as_parsed(const World& world) const {
  if (world.emitted.size() != world.parsed.size()) return false;
  for (std::size_t i = 0; i < world.parsed.size(); ++i) {
    const std::size_t header = emitted_header(flow_.emits[world.emitted[i]]);
    const HeaderState& state = world.headers[header];
    if (header != world.parsed[i] || state.origin == kNoOrigin || (flow_.local[header] && state.written)) return false;
    if (std::count(world.parsed.begin(), world.parsed.end(), world.parsed[i]) != 1) return false;
  }
  return true;
}

/// What must be done to the packet in that world; nothing if only run time knows.
std::optional<Lowering::Rewrite> Lowering::plan_rewrite(const World& world) const {
  if (world.emitted_unknown) return std::nullopt;
  if (is_as_parsed(world)) return Rewrite{};
  if (world.cursor == kMoving) return std::nullopt;
  std::uint32_t length = 0;
  for (const std::uint32_t number : world.emitted) {
    length += type_of(ir::HeaderId(emitted_header(flow_.emits[number]))).width / 8;
  }
  Rewrite result;
  result.delta = world.cursor - static_cast<std::int32_t>(length);
  std::uint32_t at = 0;
  for (const std::uint32_t number : world.emitted) {
    const ir::HeaderId header(emitted_header(flow_.emits[number]));
    const HeaderState& state = world.headers[header.index()];
    const std::uint32_t size = type_of(header).width / 8;
    const bool stays = state.origin >= 0 && state.origin == static_cast<std::int32_t>(at) + result.delta;
    if (!is_local(header) && state.origin < 0) return std::nullopt;
    if (!stays || (is_local(header) && state.written)) {
      result.writes.push_back({header, is_local(header) ? kNoOrigin : state.origin, at});
      result.head = std::max(result.head, at + size);
    }
    at += size;
  }
  return result;
}

/// Whether the ways to the end of a Deparse are few, and what was emitted and how far the parser went tell them apart.
bool Lowering::is_static(const Worlds& worlds) {
  std::vector<std::optional<Rewrite>> plans, distinct;
  for (const World& world : worlds) {
    plans.push_back(plan_rewrite(world));
    if (!plans.back()) return false;
    if (std::find(distinct.begin(), distinct.end(), plans.back()) == distinct.end()) distinct.push_back(plans.back());
  }
  for (std::size_t a = 0; a < worlds.size(); ++a) {
    for (std::size_t b = 0; b < a; ++b) {
      if (worlds[a].emitted != worlds[b].emitted || plans[a] == plans[b]) continue;
      if (worlds[a].cursor == worlds[b].cursor) return false;
      parsed_bytes_needed_ = true;
    }
  }
  return distinct.size() <= kMaxRewrites;
}

/// Decides which Deparse statements are static; the headers of the others go to variables, which changes what is to be
/// done at the rest.
void Lowering::plan_deparsers() {
  for (bool again = true; again;) {
    again = false;
    for (const auto& [stmt, worlds] : flow_.deparse_ends) {
      if (general_deparses_.contains(stmt) || is_static(worlds)) continue;
      general_deparses_.insert(stmt);
      parsed_bytes_needed_ = true;
      again = true;
      for (const std::size_t number : flow_.emits_of[stmt]) {
        const ir::HeaderRef& ref = std::get<ir::Emit>(flow_.emits[number]->node).header;
        if (ref.header) flow_.local[ref.header.index()] = true;
      }
    }
  }
}

bool Lowering::needs_flag(std::size_t number) const { return flagged_emits_.contains(number); }

std::string Lowering::emit_flag(std::size_t number) {
  const ir::Stmt* stmt = flow_.emits[number];
  if (!needs_flag(number)) return valid_name(std::get<ir::Emit>(stmt->node).header.header);
  std::string& made = emit_flags_[number];
  if (made.empty()) made = function_variable("u8", "emits_" + program_[ir::HeaderId(emitted_header(stmt))].name);
  return made;
}

void Lowering::lower(const ir::Emit& s) {
  const auto at = std::find_if(flow_.emits.begin(), flow_.emits.end(),
                               [&](const ir::Stmt* stmt) { return &std::get<ir::Emit>(stmt->node) == &s; });
  const auto number = static_cast<std::size_t>(at - flow_.emits.begin());
  if (!s.header.header) {
    unsupported(span_, "emitting a stack element with a run-time index is not possible yet");
    return;
  }
  if (type_of(s.header.header).varbit_field && is_local(s.header.header)) {
    unsupported(
        span_,
        "a header with a varbit field can only be emitted where it was parsed, behind what was parsed before it");
    return;
  }
  if (type_of(s.header.header).width % 8 != 0) {
    diagnostics_.report(DiagnosticKind::kUnalignedHeader, span_,
                        fmt::format("header `{}` has {} bits, which is no whole number of bytes",
                                    type_of(s.header.header).name, type_of(s.header.header).width));
    return;
  }
  if (needs_flag(number)) assign(name(emit_flag(number)), is_valid(s.header));
}

void Lowering::lower(const ir::Deparse& s) {
  const ir::Stmt* stmt = &(*rest_)[rest_at_];
  shortest_ = s.shortest;
  const ir::Block& body = program_[s.body];
  const std::vector<std::size_t>& emits = flow_.emits_of[stmt];
  for (const std::size_t i : emits) {
    // An emit in the deparser's first level happens whenever its header is valid.
    const bool top = std::any_of(body.statements.begin(), body.statements.end(),
                                 [&](const ir::Stmt& one) { return &one == flow_.emits[i]; });
    if (!top) flagged_emits_.insert(i);
  }
  const auto ends = flow_.deparse_ends.find(stmt);
  find_known_fields(body);
  block(s.body);
  span_ = {};
  if (ends == flow_.deparse_ends.end()) return;
  if (general_deparses_.contains(stmt)) {
    general_deparse(emits);
    return;
  }
  std::vector<std::pair<World, Rewrite>> plans;
  for (const World& world : ends->second) plans.emplace_back(world, *plan_rewrite(world));
  static_deparse(plans);
}

/// A tree of decisions on what was emitted, down to where all worlds need the same.
void Lowering::static_deparse(const std::vector<std::pair<World, Rewrite>>& plans) {
  if (std::all_of(plans.begin(), plans.end(), [&](const auto& one) { return one.second == plans.front().second; })) {
    perform(plans.front().second);
    return;
  }
  for (std::size_t i = 0; i < flow_.emits.size(); ++i) {
    std::vector<std::pair<World, Rewrite>> with;
    std::vector<std::pair<World, Rewrite>> without;
    for (const auto& one : plans) {
      const bool emits = std::find(one.first.emitted.begin(), one.first.emitted.end(), i) != one.first.emitted.end();
      (emits ? with : without).push_back(one);
    }
    if (with.empty() || without.empty()) continue;
    const c::BlockId yes = in_block([&] { static_deparse(with); });
    const c::BlockId no = in_block([&] { static_deparse(without); });
    const bool yes_is_empty = tree_.blocks[yes].statements.empty();
    if (yes_is_empty && tree_.blocks[no].statements.empty()) return;
    const c::ExprId flag = name(emit_flag(i));
    emit(yes_is_empty ? c::If{tree_.unary("!", flag), no, {}} : c::If{flag, yes, no});
    return;
  }
  std::map<std::int32_t, std::vector<std::pair<World, Rewrite>>> by_cursor;
  for (const auto& one : plans) by_cursor[one.first.cursor].push_back(one);
  P4BPF_CHECK(by_cursor.size() > 1, "ways through the program that the deparser cannot tell apart");
  c::BlockId otherwise;
  for (const auto& way : by_cursor) {
    const c::BlockId then = in_block([&] { static_deparse(way.second); });
    if (!otherwise) {
      otherwise = then;
      continue;
    }
    const c::BlockId next = otherwise;
    otherwise = in_block([&] {
      emit(c::If{tree_.binary("==", name(parsed_bytes_), num(static_cast<std::uint32_t>(way.first))), then, next});
    });
  }
  emit(c::Scope{otherwise});
}

void Lowering::adjust_head(c::ExprId delta) {
  const c::BlockId failed = in_block([&] { emit(c::Return{name(std::string(hook_->aborted))}); });
  emit(c::If{tree_.call("p4bpf_move_head", {name("context"), delta, num(shortest_)}), failed, {}});
  assign(name("data"), tree_.call("P4BPF_DATA", {name("context")}));
  assign(name("data_end"), tree_.call("P4BPF_DATA_END", {name("context")}));
  packet_checked_ = 0;
}

/// A program that goes on with packets that the parser gave up on has ways on which nothing was checked. What the packet
/// has on the others is in validity bits, which the compiler may keep where the verifier loses sight of them.
void Lowering::check_extent(const Rewrite& rewrite) {
  const bool rejects_go_on = std::any_of(flow_.parsers.begin(), flow_.parsers.end(), [](const auto& parser) {
    return parser.second.verdict_of_rejects == nullptr;
  });
  if (!rejects_go_on) return;
  std::uint32_t end = 0;
  for (const Write& write : rewrite.writes) {
    const std::uint32_t size = type_of(write.header).width / 8;
    if (write.from != kNoOrigin) end = std::max(end, static_cast<std::uint32_t>(write.from) + size);
    if (rewrite.delta == 0) end = std::max(end, write.to + size);
  }
  if (end == 0) return;
  const c::BlockId outside = in_block([&] { emit(c::Return{name(std::string(hook_->aborted))}); });
  emit(c::If{tree_.binary(">", address({"data", end}), name("data_end")), outside, {}});
}

void Lowering::perform(const Rewrite& rewrite) {
  if (rewrite.delta == 0 && rewrite.writes.empty()) return;
  if (rewrite.delta != 0 && !hook_->can_move_head) {
    diagnostics_.report(DiagnosticKind::kHookUnable, span_,
                        fmt::format("adding or removing headers is not possible on the {} hook", hook_->name));
    return;
  }
  check_extent(rewrite);
  // What moves is read before anything is written.
  struct Saved {
    Address to;
    std::uint32_t bytes;
    c::ExprId value;
  };
  std::vector<Saved> saved;
  for (const Write& write : rewrite.writes) {
    if (write.from == kNoOrigin) continue;
    const std::uint32_t size = type_of(write.header).width / 8;
    for (std::uint32_t done = 0; done < size;) {
      const std::uint32_t rest = size - done;
      const std::uint32_t bytes = rest >= 8 ? 8 : rest >= 4 ? 4 : rest >= 2 ? 2 : 1;
      const c::ExprId value =
          temp(c_type(bytes * 8), load_raw({"data", static_cast<std::uint32_t>(write.from) + done}, bytes), "moved");
      saved.push_back({{"data", write.to + done}, bytes, value});
      done += bytes;
    }
  }
  if (rewrite.delta != 0) {
    take_what_can_wait();
    const c::ExprId amount = num(static_cast<std::uint32_t>(std::abs(rewrite.delta)));
    adjust_head(rewrite.delta < 0 ? tree_.unary("-", tree_.cast("int", amount)) : tree_.cast("int", amount));
    if (rewrite.head != 0) {
      const c::BlockId failed = in_block([&] { emit(c::Return{name(std::string(hook_->aborted))}); });
      emit(c::If{tree_.binary(">", address({"data", rewrite.head}), name("data_end")), failed, {}});
    }
  }
  for (const Saved& one : saved) store_raw(one.to, one.bytes, one.value);
  std::vector<std::pair<ir::HeaderId, Address>> stored;
  for (const Write& write : rewrite.writes) {
    if (write.from == kNoOrigin) stored.push_back({write.header, {"data", write.to}});
  }
  store_headers(stored);
  bring_all();
}

void Lowering::general_deparse(const std::vector<std::size_t>& emits) {
  if (!hook_->can_move_head) {
    diagnostics_.report(DiagnosticKind::kHookUnable, span_,
                        fmt::format("adding or removing headers is not possible on the {} hook", hook_->name));
    return;
  }
  const auto variable = [&](const char* type, const char* wanted, c::ExprId value) {
    // In the scratch map, else the verifier would tell apart each sum of lengths.
    if (uses_scratch()) return name(function_variable("u32", wanted));
    const std::string made = names_.make(wanted);
    emit(c::Declare{type, made, {}, value});
    return name(made);
  };
  const c::ExprId length = variable("u32", "head_length", num(0));
  for (const std::size_t i : emits) {
    const ir::HeaderId header(emitted_header(flow_.emits[i]));
    const c::BlockId then =
        in_block([&] { assign(length, tree_.binary("+", length, num(type_of(header).width / 8))); });
    emit(c::If{name(emit_flag(i)), then, {}});
  }
  const c::BlockId move =
      in_block([&] { adjust_head(tree_.cast("int", tree_.binary("-", name(parsed_bytes_), length))); });
  emit(c::If{tree_.binary("!=", name(parsed_bytes_), length), move, {}});
  const c::ExprId out = variable("u8 *", "out", name("data"));
  for (const std::size_t i : emits) {
    const ir::HeaderId header(emitted_header(flow_.emits[i]));
    const std::uint32_t size = type_of(header).width / 8;
    const c::BlockId write = in_block([&] {
      const Address to = uses_scratch() ? at_offset(out) : Address{std::get<c::Name>(tree_.exprs[out].node).text, 0};
      const c::BlockId failed = in_block([&] { emit(c::Return{name(std::string(hook_->aborted))}); });
      emit(c::If{tree_.binary(">", address({to.base, size}), name("data_end")), failed, {}});
      store_header(header, to);
      assign(out, tree_.binary("+", out, num(size)));
      if (!uses_scratch()) call("P4BPF_OPAQUE", {out});
    });
    emit(c::If{name(emit_flag(i)), write, {}});
  }
}

}  // namespace p4bpf::codegen
