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

/// Where what is emitted is, header for header, what was parsed and stands in the packet already: the fixed fields of
/// what has changed. Holds at places and lengths that only run time knows.
std::optional<Lowering::Rewrite> Lowering::changes_in_place(const World& world) const {
  if (world.emitted.size() != world.parsed.size()) return std::nullopt;
  Rewrite result;
  for (std::size_t i = 0; i < world.parsed.size(); ++i) {
    const ir::HeaderId header(emitted_header(flow_.emits[world.emitted[i]]));
    const HeaderState& state = world.headers[header.index()];
    if (header.index() != world.parsed[i] || state.origin == kNoOrigin) return std::nullopt;
    if (std::count(world.parsed.begin(), world.parsed.end(), world.parsed[i]) != 1) return std::nullopt;
    if (!is_local(header) || !state.written) continue;
    const ir::HeaderType& type = type_of(header);
    if (state.origin < 0 || (type.varbit_field && *type.varbit_field + 1 != type.fields.size())) return std::nullopt;
    result.writes.push_back({header, kNoOrigin, static_cast<std::uint32_t>(state.origin)});
  }
  return result;
}

/// What must be done to the packet in that world; nothing if only run time knows.
std::optional<Lowering::Rewrite> Lowering::plan_rewrite(const World& world) const {
  if (world.emitted_unknown) return std::nullopt;
  if (auto in_place = changes_in_place(world)) return in_place;
  if (is_moving(world.cursor)) return std::nullopt;
  std::uint32_t length = 0;
  for (const std::uint32_t number : world.emitted) {
    const ir::HeaderType& type = type_of(ir::HeaderId(emitted_header(flow_.emits[number])));
    if (type.varbit_field) return std::nullopt;
    length += type.width;
  }
  Rewrite result;
  const std::int32_t difference = world.cursor - static_cast<std::int32_t>(length);
  result.fill_at = length;
  result.fill = static_cast<std::uint32_t>(difference) % 8;
  result.delta = (difference - static_cast<std::int32_t>(result.fill)) / 8;
  std::uint32_t at = 0;
  for (const std::uint32_t number : world.emitted) {
    const ir::HeaderId header(emitted_header(flow_.emits[number]));
    const HeaderState& state = world.headers[header.index()];
    const std::uint32_t size = type_of(header).width;
    const bool stays = state.origin >= 0 && state.origin == static_cast<std::int32_t>(at) + 8 * result.delta;
    if (!is_local(header) && (state.origin < 0 || at % 8 != 0)) return std::nullopt;
    if (!stays || (is_local(header) && state.written)) {
      result.writes.push_back({header, is_local(header) ? kNoOrigin : state.origin, at});
      result.head = std::max(result.head, round_up(at + size, 8) / 8);
    }
    at += size;
  }
  if (result.fill != 0) result.head = std::max(result.head, round_up(at + result.fill, 8) / 8);
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
      if (worlds[a].cursor == worlds[b].cursor || is_moving(worlds[a].cursor) || is_moving(worlds[b].cursor))
        return false;
      parsed_bits_needed_ = true;
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
      parsed_bits_needed_ = true;
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
      emit(c::If{tree_.binary("==", name(parsed_bits_), num(static_cast<std::uint32_t>(way.first))), then, next});
    });
  }
  emit(c::Scope{otherwise});
}

void Lowering::adjust_head(c::ExprId delta) {
  const c::BlockId failed = in_block([&] { emit(c::Return{name(std::string(hook_->aborted))}); });
  if (hook_->hook == manifest::Hook::kXdp) {
    emit(c::If{tree_.call("p4bpf_move_head", {name("context"), delta, num(shortest_)}), failed, {}});
  } else {
    emit(c::If{tree_.call("p4bpf_tc_move_head", {name("context"), delta, num(shortest_), tag_bytes()}), failed, {}});
  }
  reload_packet();
}

/// A program that goes on with packets that the parser gave up on has ways on which nothing was checked. What the
/// packet has on the others is in validity bits, which the compiler may keep where the verifier loses sight of them.
/// And after a copy the verifier has forgotten what was checked.
void Lowering::check_extent(const Rewrite& rewrite) {
  const bool rejects_go_on = std::any_of(flow_.parsers.begin(), flow_.parsers.end(), [](const auto& parser) {
    return parser.second.verdict_of_rejects == nullptr;
  });
  if (!rejects_go_on && !makes_copies_) return;
  std::uint32_t end = 0;
  for (const Write& write : rewrite.writes) {
    const std::uint32_t size = type_of(write.header).width;
    if (write.from != kNoOrigin) end = std::max(end, static_cast<std::uint32_t>(write.from) + size);
    if (rewrite.delta == 0) end = std::max(end, write.to + size);
  }
  end = std::max(round_up(end, 8) / 8, rewrite.delta == 0 ? rewrite.head : 0);
  if (end == 0) return;
  const c::BlockId outside = in_block([&] { emit(c::Return{name(std::string(hook_->aborted))}); });
  emit(c::If{tree_.binary(">", address({"data", end}), name("data_end")), outside, {}});
}

void Lowering::perform(const Rewrite& rewrite) {
  if (rewrite.delta == 0 && rewrite.writes.empty() && rewrite.fill == 0) return;
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
      const c::ExprId value = temp(
          c_type(bytes * 8), load_raw({"data", static_cast<std::uint32_t>(write.from) / 8 + done}, bytes), "moved");
      saved.push_back({{"data", write.to / 8 + done}, bytes, value});
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
  std::vector<HeaderPart> stored, odd;
  for (const Write& write : rewrite.writes) {
    if (write.from != kNoOrigin) continue;
    const ir::HeaderType& type = type_of(write.header);
    HeaderPart part = whole(write.header, {"data", write.to / 8}, write.to % 8);
    if (type.varbit_field) part.end = *type.varbit_field;  // it stands where it was
    (part.bit != 0 || type.width % 8 != 0 ? odd : stored).push_back(part);
  }
  store_headers(stored);
  for (const HeaderPart& part : odd) store_bit_fields(part);
  if (rewrite.fill != 0) {
    store_bits({"data", rewrite.fill_at / 8}, rewrite.fill_at % 8, rewrite.fill, num(0));
  }
  bring_all();
}

// ---- at places that only run time knows ---------------------------------------------------------------------------

/// Whether places in the packet may be within bytes.
bool Lowering::has_odd_widths() const {
  const auto is_odd = [&](std::size_t header) { return type_of(ir::HeaderId(header)).width % 8 != 0; };
  for (std::size_t i = 0; i < program_.headers.size(); ++i) {
    if (!flow_.origins[i].empty() && is_odd(i)) return true;
  }
  return std::any_of(flow_.emits.begin(), flow_.emits.end(), [&](const ir::Stmt* emit) {
    return std::get<ir::Emit>(emit->node).header.header && is_odd(emitted_header(emit));
  });
}

void Lowering::check_room(const Address& at, std::uint32_t bytes) {
  const c::BlockId failed = in_block([&] { emit(c::Return{name(std::string(hook_->aborted))}); });
  emit(c::If{tree_.unary("!", in_packet(at, bytes)), failed, {}});
}

/// Writes the header where `out` is, `bit` bits behind a byte's begin: bits from the packet's begin if `in_bits`, else
/// bytes, or a pointer.
void Lowering::write_emitted(ir::HeaderId header, c::ExprId out, std::uint32_t bit, bool in_bits) {
  const ir::HeaderType& type = type_of(header);
  if (in_bits) out = tree_.binary(">>", out, num(3));
  if (type.varbit_field && bit == 0) return write_varbit_header(header, out);
  if (type.varbit_field)
    return unsupported(
        type.span, fmt::format("header `{}` with a varbit field can only be emitted at a byte", program_[header].name));
  const bool is_pointer = !uses_scratch() && !out_is_offset_;
  const Address to = is_pointer ? Address{std::get<c::Name>(tree_.exprs[out].node).text, 0} : at_offset(out);
  check_room(to, round_up(bit + type.width, 8) / 8);
  if (bit == 0 && type.width % 8 == 0) {
    store_headers({whole(header, to)});
  } else {
    store_bit_fields(whole(header, to, bit));
  }
}

/// 0 bits behind what was emitted, as many as keep the rest at its place in its bytes (ir::Deparse).
void Lowering::fill_up(c::ExprId head_bits) {
  const c::ExprId fill =
      temp("u32", tree_.binary("&", tree_.binary("-", name(parsed_bits_), head_bits), num(7)), "fill");
  const c::ExprId within = temp("u32", tree_.binary("&", head_bits, num(7)), "within");
  const c::ExprId end = tree_.binary("+", within, fill);
  const auto clear = [&](c::ExprId offset, const char* what) {
    const Address at = at_offset(offset);
    check_room(at, 1);
    store_raw(at, 1, tree_.call(what, {load_raw(at, 1), within, fill}));
  };
  const c::BlockId first = in_block([&] { clear(tree_.binary(">>", head_bits, num(3)), "p4bpf_fill_byte"); });
  const c::BlockId second = in_block(
      [&] { clear(tree_.binary("+", tree_.binary(">>", head_bits, num(3)), num(1)), "p4bpf_fill_next_byte"); });
  emit(c::If{fill, first, {}});
  emit(c::If{tree_.binary(">", end, num(8)), second, {}});
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
  const bool in_bits = has_odd_widths();
  out_is_offset_ = in_bits;
  const c::ExprId head = variable("u32", "head_bits", num(0));
  for (const std::size_t i : emits) {
    const ir::HeaderId header(emitted_header(flow_.emits[i]));
    c::ExprId bits = num(type_of(header).width);
    if (type_of(header).varbit_field) {
      bits = tree_.binary("+", name(length_name(header)), bits);
      out_is_offset_ = true;
    }
    emit(c::If{name(emit_flag(i)), in_block([&] { assign(head, tree_.binary("+", head, bits)); }), {}});
  }
  const c::BlockId move = in_block([&] {
    const c::ExprId bits = tree_.cast("int", tree_.binary("-", name(parsed_bits_), head));
    adjust_head(tree_.binary(">>", bits, num(3)));  // downwards: what remains is filled up
  });
  emit(c::If{tree_.binary("!=", name(parsed_bits_), head), move, {}});
  const c::ExprId out = variable(out_is_offset_ ? "u32" : "u8 *", "out", out_is_offset_ ? num(0) : name("data"));
  std::set<std::uint32_t> within = {0};  // where `out` may stand in its byte
  for (const std::size_t i : emits) {
    const ir::HeaderId header(emitted_header(flow_.emits[i]));
    const ir::HeaderType& type = type_of(header);
    const c::BlockId write = in_block([&] {
      for (const std::uint32_t bit : within) {
        const c::BlockId here = in_block([&] { write_emitted(header, out, bit, in_bits); });
        const c::ExprId at = tree_.binary("==", tree_.binary("&", out, num(7)), num(bit));
        emit(within.size() == 1 ? Node(c::Scope{here}) : Node(c::If{at, here, {}}));
      }
      c::ExprId size = num(in_bits ? type.width : type.width / 8);
      if (type.varbit_field) {
        const c::ExprId bits = name(length_name(header));
        size = tree_.binary("+", in_bits ? bits : tree_.binary(">>", bits, num(3)), size);
      }
      assign(out, tree_.binary("+", out, size));
      if (!uses_scratch() && !out_is_offset_) call("P4BPF_OPAQUE", {out});
    });
    emit(c::If{name(emit_flag(i)), write, {}});
    for (const std::uint32_t bit : std::set<std::uint32_t>(within)) within.insert((bit + type.width) % 8);
  }
  if (in_bits) fill_up(head);
}

}  // namespace p4bpf::codegen
