// Parsers: one labelled block for each state and offset, jumping forward. Offsets are constants of the text wherever
// the analysis knows them; else the cursor is a pointer variable that the compiler must not take apart.
#include <fmt/format.h>

#include <algorithm>

#include "codegen/lowering.h"

namespace p4bpf::codegen {
namespace {

/// How far one run-time advance may go. The verifier follows a packet pointer up to 64 KiB; a packet that one step of
/// more than this does not leave is beyond what the hooks hand over.
constexpr std::uint64_t kMaxStep = 0x3fff;

}  // namespace

void Lowering::lower(const ir::RunParser& s) {
  if (!uses_scratch()) return run_parser(s);
  const c::BlockId body = in_block([&] { run_parser(s); });
  emit(c::Scope{in_block([&] {
    if (uses_cursor_) emit(c::Declare{"u8 *", "cursor", {}, name("data")});
    emit(c::Scope{body});
  })});
}

void Lowering::run_parser(const ir::RunParser& s) {
  const ir::Parser& parser = program_[s.parser];
  const ir::Parser* outer = parser_;
  parser_ = &parser;
  parser_flow_ = &flow_.parsers.at(s.parser);
  accept_label_ = label("accept");
  reject_label_ = label("reject");
  const std::string end = label("parsed");
  checked_at_entry_.assign(parser_flow_->configs.size(), ~0u);
  std::vector<std::string> config_labels;
  for (const ParserConfig& config : parser_flow_->configs) {
    config_labels.push_back(label(parser.states[config.state].name +
                                  (is_moving(config.offset) ? "_moving" : fmt::format("_{}", config.offset / 8))));
  }
  state_labels_ = std::move(config_labels);
  checked_at_entry_[parser_flow_->config_for(parser.start, 0)] = 0;
  for (const std::size_t config : parser_flow_->order) parser_config(parser, config);
  config_ = kNoConfig;

  emit(c::Label{accept_label_});
  span_ = {};
  assign(name(var_name(parser.accepted)), num(1));
  jump(end);
  emit(c::Label{reject_label_});
  if (const ir::Verdict* verdict = parser_flow_->verdict_of_rejects) {
    // Straight out: the less the ways through the parser are merged, the more the compiler keeps of what each has
    // checked.
    lower(*verdict);
  } else {
    assign(name(var_name(parser.accepted)), num(0));
  }
  emit(c::Label{end});
  parser_ = outer;
}

void Lowering::parser_config(const ir::Parser& parser, std::size_t config) {
  const ParserConfig& what = parser_flow_->configs[config];
  const ir::State& state = parser.states[what.state];
  config_ = config;
  moving_ = is_moving(what.offset);
  offset_ = static_cast<std::uint32_t>(moving_ ? bits_within_byte(what.offset) : what.offset);
  checked_ = checked_at_entry_[config] == ~0u ? 0 : checked_at_entry_[config];
  span_ = state.span;
  emit(c::Label{state_labels_[config]});
  emit(c::Scope{in_block([&] {
    if (moving_ && uses_scratch()) assign(name("cursor"), name(at_offset(name(kept_cursor())).base));
    state_ = what.state;
    block(state.body);
    if (!flow_.after_state.contains({parser_, config_})) return;  // the body always rejects
    worlds_ = flow_.after_state.at({parser_, config_});
    span_ = state.transition.span ? state.transition.span : state.span;
    transition(parser, state.transition);
  })});
}

Address Lowering::at_cursor(std::uint32_t byte) const { return {moving_ ? "cursor" : "data", offset_ / 8 + byte}; }

/// Bits that the statements from here on take without a branch and without anything that someone could see.
std::uint32_t Lowering::straight_run() const {
  std::uint64_t bits = 0;
  std::uint64_t most = 0;
  const std::vector<ir::Stmt>* statements = rest_;
  std::size_t at = rest_at_;
  std::size_t state = state_;
  for (int states = 0; states < 32; ++states) {
    for (; at < statements->size(); ++at) {
      const auto& node = (*statements)[at].node;
      if (const auto* extract = std::get_if<ir::Extract>(&node)) {
        if (!extract->header.header || extract->varbit_bits) return static_cast<std::uint32_t>(most);
        bits += type_of(extract->header.header).width;
      } else if (const auto* advance = std::get_if<ir::Advance>(&node)) {
        const auto* constant = std::get_if<ir::Const>(&program_[advance->bits].node);
        if (!constant || constant->value > 0xffff || constant->value % 8 != 0) return static_cast<std::uint32_t>(most);
        bits += static_cast<std::uint64_t>(constant->value);
      } else if (const auto* require = std::get_if<ir::Require>(&node)) {
        most = std::max(most, bits + require->bits);
      } else if (!std::holds_alternative<ir::Assign>(node)) {
        return static_cast<std::uint32_t>(most);
      }
      most = std::max(most, bits);
    }
    const ir::Transition& transition = parser_->states[state].transition;
    if (!transition.keys.empty() || transition.cases.size() != 1 ||
        transition.cases[0].target.kind != ir::StateTarget::Kind::kState) {
      break;
    }
    state = transition.cases[0].target.state;
    statements = &program_[parser_->states[state].body].statements;
    at = 0;
  }
  return static_cast<std::uint32_t>(most);
}

void Lowering::need_bits(std::uint32_t bits) {
  const auto bytes_to = [&](std::uint32_t behind) { return round_up(offset_ + behind, 8) / 8; };
  std::uint32_t to = bytes_to(bits);
  if (to <= checked_) return;
  if (parser_flow_->verdict_of_rejects) to = std::max(to, bytes_to(straight_run()));
  const Address last{moving_ ? "cursor" : "data", to};
  emit(c::If{tree_.binary(">", address(last), name("data_end")), in_block([&] { reject_with("PacketTooShort"); }), {}});
  checked_ = to;
  farthest_ = std::max(farthest_, to);
}

void Lowering::reject_with(std::string_view error) {
  assign(name(var_name(parser_->error)), num(error_index(program_, error)));
  leave_rejected();
}

/// The parser may be left for good, or the packet goes on with what was parsed up to here.
void Lowering::leave_rejected() {
  if (parser_flow_->verdict_of_rejects == nullptr) note_parsed_bits();
  jump(reject_label_);
}

void Lowering::note_parsed_bits() {
  if (!parsed_bits_needed_) return;
  if (!moving_) {
    assign(name(parsed_bits_), num(offset_));
    call("P4BPF_UNKNOWN", {name(parsed_bits_)});
    return;
  }
  c::ExprId bits = tree_.binary("<<", offset_of(at_cursor(0)), num(3));
  if (offset_ % 8 != 0) bits = tree_.binary("|", bits, num(offset_ % 8));
  assign(name(parsed_bits_), bits);
}

/// Where that is in the packet: bytes from its begin.
c::ExprId Lowering::offset_of(const Address& at) {
  if (at.base == "data") return num(at.byte);
  const c::ExprId length = temp("u64", tree_.binary("-", address(at), name("data")), "length");
  call("P4BPF_OPAQUE", {length});
  return tree_.cast("u32", length);
}

void Lowering::lower(const ir::Extract& s) {
  const ir::HeaderType& type = type_of(s.header);
  if (s.varbit_bits) return extract_varbit(s);
  need_bits(type.width);
  if (s.header.header) {
    extract_into(s.header.header);
  } else {
    // Out of bounds: error.StackOutOfBounds.
    const std::vector<ir::HeaderId>& elements = program_[s.header.stack].elements;
    const c::ExprId index = temp("u64", shift_amount(s.header.index), "index");
    c::BlockId otherwise = in_block([&] { reject_with("StackOutOfBounds"); });
    for (std::size_t i = elements.size(); i-- > 0;) {
      const c::BlockId then = in_block([&] { extract_into(elements[i]); });
      const c::BlockId next = otherwise;
      otherwise = in_block([&] { emit(c::If{tree_.binary("==", index, num(i)), then, next}); });
    }
    emit(c::Scope{otherwise});
  }
  offset_ += type.width;
}

void Lowering::lower(const ir::Advance& s) {
  if (const auto* constant = std::get_if<ir::Const>(&program_[s.bits].node)) {
    if (constant->value % 8 != 0 || constant->value > 0xffff * 8) {
      reject_with(constant->value % 8 != 0 ? "ParserInvalidArgument" : "PacketTooShort");
      return;
    }
    const auto bits = static_cast<std::uint32_t>(constant->value);
    need_bits(bits);
    offset_ += bits;
    return;
  }
  const c::ExprId bits = temp("u32", host(s.bits), "bits");
  emit(c::If{tree_.binary("&", bits, num(7)), in_block([&] { reject_with("ParserInvalidArgument"); }), {}});
  move_cursor_to(step(bits, 0));
}

/// A pointer `bits / 8 + and_bytes` behind the byte of the cursor, up to which the packet reaches; else it is too
/// short.
c::ExprId Lowering::step(c::ExprId bits, std::uint32_t and_bytes) {
  const c::ExprId bytes = temp("u64", tree_.binary(">>", bits, num(3)), "bytes");
  if (!tree_.constant(bytes)) {
    // The amount that is added must be the very value that is compared.
    call("P4BPF_OPAQUE", {bytes});
    emit(c::If{tree_.binary(">", bytes, num(kMaxStep)), in_block([&] { reject_with("PacketTooShort"); }), {}});
  }
  const c::ExprId next = temp("u8 *", tree_.binary("+", address(at_cursor(and_bytes)), bytes), "next");
  call("P4BPF_OPAQUE", {next});
  const c::ExprId end = offset_ % 8 == 0 ? next : tree_.binary("+", next, num(1));
  emit(c::If{tree_.binary(">", end, name("data_end")), in_block([&] { reject_with("PacketTooShort"); }), {}});
  return next;
}

/// From here on the cursor is a pointer variable.
void Lowering::move_cursor_to(c::ExprId next) {
  assign(name("cursor"), next);
  uses_cursor_ = true;
  moving_ = true;
  offset_ %= 8;
  checked_ = 0;
}

void Lowering::lower(const ir::Require& s) { need_bits(s.bits); }

void Lowering::lower(const ir::Reject& s) {
  assign(name(var_name(parser_->error)), host(s.error));
  leave_rejected();
}

void Lowering::go_to(const ir::Parser& parser, const ir::StateTarget& target) {
  (void)parser;
  if (target.kind == ir::StateTarget::Kind::kReject) return leave_rejected();
  if (target.kind == ir::StateTarget::Kind::kAccept) {
    note_parsed_bits();
    jump(accept_label_);
    return;
  }
  const auto offset = static_cast<std::int32_t>(offset_);
  const std::size_t next = parser_flow_->config_for(target.state, moving_ ? kMoving - offset % 8 : offset);
  const bool next_moves = is_moving(parser_flow_->configs[next].offset);
  std::uint32_t checked = checked_;
  if (next_moves && uses_scratch()) {
    // By way of the state: else the verifier would look at what follows for each sum of lengths that leads there.
    uses_cursor_ = true;
    assign(name(kept_cursor()), offset_of(at_cursor(0)));
    checked = 0;
  } else if (next_moves && (!moving_ || offset_ >= 8)) {
    uses_cursor_ = true;
    assign(name("cursor"), address(at_cursor(0)));
    call("P4BPF_OPAQUE", {name("cursor")});
    checked = checked_ > offset_ / 8 ? checked_ - offset_ / 8 : 0;
  }
  checked_at_entry_[next] = std::min(checked_at_entry_[next], checked);
  jump(state_labels_[next]);
}

c::ExprId Lowering::match_mask(ir::ExprId key, const BigInt& mask_value, const BigInt& value) {
  const ir::Expr& expr = program_[key];
  const std::uint32_t width = expr.type.width;
  const BigInt all = power_of_two(width) - 1;
  const BigInt bits = wrap(mask_value, width, false);
  const BigInt wanted = wrap(value, width, false) & bits;
  if (bits == 0) return num(1);
  if (is_wide(expr.type)) {
    const std::string subject = wide(key);
    c::ExprId result;
    for (std::uint32_t i = 0; i < limbs(width); ++i) {
      const auto part = [&](const BigInt& from) {
        return static_cast<std::uint64_t>(BigInt((from >> (64 * i)) & ~std::uint64_t{0}));
      };
      if (part(bits) == 0) continue;
      c::ExprId limb = tree_.index(name(subject), num(i));
      if (part(bits) != ~std::uint64_t{0}) limb = tree_.binary("&", limb, num(part(bits), true));
      const c::ExprId one = tree_.binary("==", limb, num(part(wanted), true));
      result = result ? tree_.binary("&&", result, one) : one;
    }
    return result;
  }
  const bool in_network = is_net_already(key);
  c::ExprId subject = in_network ? net(key) : host(key);
  const auto to_c = [&](const BigInt& from) { return in_network ? net_constant(from, width) : constant(from, width); };
  if (bits != all) subject = tree_.binary("&", subject, to_c(bits));
  return tree_.binary("==", subject, to_c(wanted));
}

/// Whether a key (a value that may be read repeatedly) matches.
c::ExprId Lowering::match(ir::ExprId key, const KeyMatch& one) {
  const ir::Type& type = program_[key].type;
  const BigInt all = power_of_two(type.width) - 1;
  switch (one.kind) {
    case KeyMatch::Kind::kAny:
      return num(1);
    case KeyMatch::Kind::kExact:
      return type.width == 0 ? num(1) : match_mask(key, all, one.value);
    case KeyMatch::Kind::kMask:
      return match_mask(key, one.mask, one.value);
    case KeyMatch::Kind::kPrefix:
      return match_mask(key, all - (power_of_two(type.width - std::min(type.width, one.prefix_length)) - 1), one.value);
    case KeyMatch::Kind::kRange:
      break;
  }
  if (is_wide(type)) {
    const std::string subject = wide(key);
    const auto bound = [&](const BigInt& value) {
      const std::string made = wide_temp(type.width);
      BigInt rest = wrap(value, type.width, false);
      for (std::uint32_t i = 0; i < limbs(type.width); ++i, rest >>= 64) {
        assign(tree_.index(name(made), num(i)),
               num(static_cast<std::uint64_t>(BigInt(rest & ~std::uint64_t{0})), true));
      }
      return made;
    };
    const auto less = [&](const std::string& a, const std::string& b) {
      return tree_.call("p4bpf_wide_less",
                        {name(a), name(b), num(limbs(type.width)), num(type.width), num(type.is_signed ? 1 : 0)});
    };
    return tree_.binary("&&", tree_.unary("!", less(subject, bound(one.value))),
                        tree_.unary("!", less(bound(one.high), subject)));
  }
  if (type.is_signed) {
    const c::ExprId subject = sign_extended(host(key), type.width);
    const auto bound = [&](const BigInt& value) { return sign_extended(constant(value, type.width), type.width); };
    return tree_.binary("&&", tree_.binary(">=", subject, bound(one.value)),
                        tree_.binary("<=", subject, bound(one.high)));
  }
  const c::ExprId subject = host(key);
  if (one.value == 0) return tree_.binary("<=", subject, constant(one.high, type.width));
  if (one.high == all) return tree_.binary(">=", subject, constant(one.value, type.width));
  return tree_.binary("&&", tree_.binary(">=", subject, constant(one.value, type.width)),
                      tree_.binary("<=", subject, constant(one.high, type.width)));
}

void Lowering::transition(const ir::Parser& parser, const ir::Transition& transition) {
  // One key against constants alone is a switch, which the compiler arranges as it likes.
  const auto is_any = [](const KeyMatch& one) { return one.kind == KeyMatch::Kind::kAny; };
  if (transition.keys.size() == 1 && !is_wide(program_[transition.keys[0]].type) && transition.cases.size() > 2 &&
      std::all_of(transition.cases.begin(), transition.cases.end(), [&](const ir::SelectCase& one) {
        return one.matches.size() == 1 && (is_any(one.matches[0]) || one.matches[0].kind == KeyMatch::Kind::kExact);
      })) {
    const ir::ExprId key = transition.keys[0];
    const std::uint32_t width = program_[key].type.width;
    const bool in_network = is_net_already(key);
    c::Switch made{in_network ? net(key) : host(key), {}};
    std::set<BigInt> seen;
    bool has_default = false;
    for (const ir::SelectCase& one : transition.cases) {
      if (is_any(one.matches[0])) {
        made.cases.push_back({{}, in_block([&] { go_to(parser, one.target); })});
        has_default = true;
        break;
      }
      const BigInt value = wrap(one.matches[0].value, width, false);
      if (!seen.insert(value).second) continue;
      made.cases.push_back({{in_network ? net_constant(value, width) : constant(value, width)},
                            in_block([&] { go_to(parser, one.target); })});
    }
    if (!has_default) made.cases.push_back({{}, in_block([&] { reject_with("NoMatch"); })});
    emit(std::move(made));
    return;
  }
  for (const ir::SelectCase& one : transition.cases) {
    span_ = one.span ? one.span : span_;
    c::ExprId all;
    for (std::size_t i = 0; i < one.matches.size(); ++i) {
      if (is_any(one.matches[i])) continue;
      const c::ExprId matched = match(transition.keys[i], one.matches[i]);
      all = all ? tree_.binary("&&", all, matched) : matched;
    }
    if (!all) {
      go_to(parser, one.target);
      return;
    }
    emit(c::If{all, in_block([&] { go_to(parser, one.target); }), {}});
  }
  reject_with("NoMatch");
}

}  // namespace p4bpf::codegen
