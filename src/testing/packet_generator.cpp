// The walk through the parser (packet_generator.h).
#include "testing/packet_generator.h"

#include <algorithm>
#include <map>

namespace p4bpf::testing {
namespace {

constexpr std::size_t kMaxStates = 48;
constexpr std::size_t kMaxBits = 8 * 1500;
constexpr std::size_t kMaxDepth = 16;
/// A frame that every executor takes.
constexpr std::size_t kMinBytes = 14;

/// Where in the packet an expression's bits come from.
struct Place {
  std::size_t bit = 0;
  std::uint32_t width = 0;
};

class Walk {
 public:
  Walk(const ir::Program& program, const ValuePool& pool, RandomSource& random)
      : program_(program), pool_(pool), random_(random) {}

  Bytes run(const ir::Parser& parser) {
    std::size_t state = parser.start;
    for (std::size_t step = 0; step < kMaxStates && bits_.size() < kMaxBits; ++step) {
      if (state >= parser.states.size()) break;
      walk(parser.states[state].body, 0);
      const auto next = choose(parser.states[state].transition);
      if (!next) break;
      state = *next;
    }
    Bytes bytes((bits_.size() + 7) / 8, 0);
    for (std::size_t i = 0; i < bits_.size(); ++i) {
      if (bits_[i]) bytes[i / 8] = static_cast<std::uint8_t>(bytes[i / 8] | 0x80 >> i % 8);
    }
    return bytes;
  }

 private:
  void reserve(std::size_t end) {
    end = std::min(end, 2 * kMaxBits);
    while (bits_.size() < end) bits_.push_back(random_.one_in(2));
  }
  void write(const Place& place, const BigInt& value) {
    if (place.bit + place.width > 2 * kMaxBits) return;
    reserve(place.bit + place.width);
    for (std::uint32_t i = 0; i < place.width; ++i) {
      bits_[place.bit + i] = boost::multiprecision::bit_test(value, place.width - 1 - i);
    }
  }

  void walk(ir::BlockId block, std::size_t depth) {
    if (!block || depth > kMaxDepth) return;
    for (const ir::Stmt& stmt : program_[block].statements) {
      std::visit(Match{
                     [&](const ir::Extract& s) { extract(s); },
                     [&](const ir::Advance& s) { advance(s); },
                     [&](const ir::Require& s) { reserve(cursor_ + s.bits); },
                     [&](const ir::Assign& s) { assign(s); },
                     [&](const ir::If& s) { walk(random_.one_in(2) ? s.then_block : s.else_block, depth + 1); },
                     [&](const ir::Region& s) { walk(s.body, depth + 1); },
                     [](const auto&) {},
                 },
                 stmt.node);
    }
  }

  /// A header's fields count from its first bit; a stack element by a run-time index is any of the stack's.
  ir::HeaderId header_of(const ir::HeaderRef& ref) const {
    return ref.header                             ? ref.header
           : program_[ref.stack].elements.empty() ? ir::HeaderId{}
                                                  : program_[ref.stack].elements.front();
  }

  void extract(const ir::Extract& extract) {
    const ir::HeaderId header = header_of(extract.header);
    if (!header) return;
    const ir::HeaderType& type = program_[program_[header].type];
    headers_[header] = cursor_;
    for (const ir::HeaderField& field : type.fields) {
      if (field.type.kind != ir::Type::Kind::kVarbit)
        write({cursor_ + field.bit_offset, field.type.width}, pool_.value(field.type.width, random_));
    }
    cursor_ += type.width;
    if (type.varbit_field) cursor_ += 32 * random_.below(4);
    reserve(cursor_);
  }

  void advance(const ir::Advance& advance) {
    const auto* constant = std::get_if<ir::Const>(&program_[advance.bits].node);
    cursor_ += constant != nullptr && constant->value < kMaxBits ? static_cast<std::size_t>(constant->value)
                                                                 : 8 * random_.below(16);
    cursor_ = std::min(cursor_, 2 * kMaxBits);
    reserve(cursor_);
  }

  void assign(const ir::Assign& assign) {
    const auto* target = std::get_if<ir::VarRef>(&program_[assign.target].node);
    const auto place = place_of(assign.value);
    if (target != nullptr && place) vars_[target->var] = *place;
  }

  std::optional<Place> place_of(ir::ExprId id) const {
    const ir::Expr& expr = program_[id];
    return std::visit(Match{
                          [&](const ir::FieldRef& e) -> std::optional<Place> {
                            const ir::HeaderId header = header_of(e.header);
                            const auto found = headers_.find(header);
                            if (found == headers_.end()) return std::nullopt;
                            const ir::HeaderField& field = program_[program_[header].type].fields[e.field];
                            return Place{found->second + field.bit_offset, field.type.width};
                          },
                          [&](const ir::Peek& e) -> std::optional<Place> {
                            return Place{cursor_ + e.bit_offset, expr.type.width};
                          },
                          [&](const ir::VarRef& e) -> std::optional<Place> {
                            const auto found = vars_.find(e.var);
                            return found == vars_.end() ? std::nullopt : std::optional(found->second);
                          },
                          [&](const ir::Slice& e) -> std::optional<Place> {
                            const auto whole = place_of(e.operand);
                            if (!whole || e.hi >= whole->width) return std::nullopt;
                            return Place{whole->bit + whole->width - 1 - e.hi, e.hi - e.lo + 1};
                          },
                          [&](const ir::Cast& e) -> std::optional<Place> {
                            const auto whole = place_of(e.operand);
                            if (!whole || whole->width <= expr.type.width) return whole;
                            return Place{whole->bit + whole->width - expr.type.width, expr.type.width};
                          },
                          [](const auto&) -> std::optional<Place> { return std::nullopt; },
                      },
                      expr.node);
  }

  /// Picks a case and writes what it wants; the state it goes to.
  std::optional<std::size_t> choose(const ir::Transition& transition) {
    if (transition.cases.empty()) return std::nullopt;
    const ir::SelectCase* chosen = &random_.pick(transition.cases);
    // A case that goes on is more telling than one that ends.
    for (int again = 0; again < 2 && chosen->target.kind != ir::StateTarget::Kind::kState; ++again)
      chosen = &random_.pick(transition.cases);
    for (std::size_t i = 0; i < std::min(chosen->matches.size(), transition.keys.size()); ++i) {
      const auto place = place_of(transition.keys[i]);
      if (place) satisfy(*place, chosen->matches[i]);
    }
    if (chosen->target.kind != ir::StateTarget::Kind::kState) return std::nullopt;
    return chosen->target.state;
  }

  void satisfy(const Place& place, const KeyMatch& match) {
    const BigInt all = power_of_two(place.width) - 1;
    switch (match.kind) {
      case KeyMatch::Kind::kAny:
        return;
      case KeyMatch::Kind::kExact:
        return write(place, wrap(match.value, place.width, false));
      case KeyMatch::Kind::kMask:
        return write(place, (wrap(match.value, place.width, false) & match.mask) |
                                (random_.bits(place.width) & (all & ~match.mask)));
      case KeyMatch::Kind::kRange: {
        const BigInt size = match.high - match.value + 1;
        const BigInt chosen = match.value + random_.bits(place.width) % (size > 0 ? size : BigInt(1));
        return write(place, wrap(chosen, place.width, false));
      }
      case KeyMatch::Kind::kPrefix:
        return write(place, wrap(match.value, place.width, false));
    }
  }

  const ir::Program& program_;
  const ValuePool& pool_;
  RandomSource& random_;
  std::vector<bool> bits_;
  std::size_t cursor_ = 0;
  std::map<ir::HeaderId, std::size_t> headers_;
  std::map<ir::VarId, Place> vars_;
};

}  // namespace

Bytes random_packet(const ir::Program& program, const ValuePool& pool, RandomSource& random) {
  Bytes packet;
  if (program.parsers.size() != 0 && !random.one_in(16))
    packet = Walk(program, pool, random).run(*program.parsers.begin());
  const std::size_t payload = random.below(4) == 0 ? 0 : random.below(64);
  for (std::size_t i = 0; i < payload; ++i) packet.push_back(static_cast<std::uint8_t>(random.next()));
  if (random.one_in(6) && !packet.empty()) packet.resize(random.below(packet.size() + 1));
  if (random.one_in(6) && !packet.empty())
    packet[random.below(packet.size())] = static_cast<std::uint8_t>(random.next());
  while (packet.size() < kMinBytes) packet.push_back(static_cast<std::uint8_t>(random.next()));
  return packet;
}

}  // namespace p4bpf::testing
