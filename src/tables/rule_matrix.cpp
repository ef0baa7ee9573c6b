// Builds rule matrices (rule_matrix.h): an automaton for each run of bytes, its last states being rows.
//
// A state is the set of the rules that the bytes so far satisfy. For a range one must also know which rules are still
// on the edge: so far equal to the lowest value, or to the highest. The states of a prefix-like field are few, so its
// bytes make one automaton; where masks are wild the states multiply, and the automaton is ended early: a row more to
// AND.
#include "tables/rule_matrix.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <optional>
#include <string_view>
#include <unordered_map>

#include "base/result.h"

namespace p4bpf::tables {
namespace {

constexpr std::uint32_t kMostWords = 4;  // of a row without groups
constexpr std::uint32_t kRowBit = 0x80000000u;
constexpr std::uint32_t kNodeCells = 256;  // of 4 bytes
constexpr std::uint64_t kDeBruijn = 0x03f79d71b4cb0a89ull;
/// An automaton goes on as long as it has no more states than this: a few stay in the cache; of many, each row that
/// they save costs more misses than it is worth (measured, docs/tables.md).
constexpr std::size_t kMostStates = 16;

/// struct p4bpf_matrix.
struct Header {
  std::uint64_t active;
  std::uint64_t ones;
  std::uint32_t count;
  std::uint32_t first;
  std::uint32_t next[kMaxMatrixBytes];
  std::uint8_t bit_of[64];
};
static_assert(sizeof(Header) == kMatrixHeader && offsetof(Header, count) == kMatrixCount);

using Words = std::vector<std::uint64_t>;

std::uint32_t words_for(std::uint32_t rules) { return (rules + 63) / 64; }

/// Words of a row; those of groups are rounded up, and so is the one that tells of them.
std::size_t row_size(const MatrixShape& shape) {
  const std::uint32_t words = words_for(shape.capacity);
  const std::uint32_t group = shape.group_words();
  return shape.direct_words() != 0 ? words : 1 + (words + group - 1) / group * group;
}

void set_bit(std::uint64_t* words, std::uint32_t bit) { words[bit / 64] |= 1ull << bit % 64; }

/// Sets of rules, each once. A set is `size` words.
class Sets {
 public:
  explicit Sets(std::size_t size) : size_(size) {}
  std::uint32_t number_of(const Words& set) {
    const std::uint64_t hash =
        std::hash<std::string_view>{}({reinterpret_cast<const char*>(set.data()), size_ * sizeof(std::uint64_t)});
    const auto [first, last] = index_.equal_range(hash);
    for (auto at = first; at != last; ++at) {
      if (std::equal(set.begin(), set.end(), (*this)[at->second])) return at->second;
    }
    const auto number = static_cast<std::uint32_t>(count());
    storage_.insert(storage_.end(), set.begin(), set.end());
    index_.emplace(hash, number);
    return number;
  }
  std::size_t count() const { return storage_.size() / size_; }
  const std::uint64_t* operator[](std::size_t number) const { return storage_.data() + number * size_; }

 private:
  std::size_t size_;
  Words storage_;
  std::unordered_multimap<std::uint64_t, std::uint32_t> index_;
};

/// What one byte of the key asks of each rule.
struct ByteRule {
  std::uint8_t low = 0;   // the value where it is masked
  std::uint8_t high = 0;  // the mask where it is masked
};

class Builder {
 public:
  Builder(const MatrixShape& shape, const MatrixRules& rules, std::span<std::uint8_t> header,
          std::span<std::uint64_t> cells)
      : shape_(shape),
        rules_(rules),
        header_(*reinterpret_cast<Header*>(header.data())),
        cells_(cells),
        words_(words_for(rules.count)) {}

  void run() {
    if (rules_.count == 0) return;
    for (int i = 0; i < 64; ++i) header_.bit_of[(1ull << i) * kDeBruijn >> 58] = static_cast<std::uint8_t>(i);
    header_.ones = ~0ull;
    header_.count = rules_.count;
    if (shape_.is_flat()) return fill_flat();
    if (!fill(kMostStates)) P4BPF_CHECK(fill(1), "a matrix has room for an automaton for each byte");
  }

 private:
  using NodeOf = std::vector<std::uint32_t>;  // by the number of a state, where its node starts

  void fill_flat() {
    for (const MatrixField& field : shape_.fields) {
      field_ = &field;
      for (std::uint32_t byte = 0; byte < field.size; ++byte) {
        std::uint64_t* const rows = cells_.data() + 256 * (field.offset + byte);
        const unsigned flip = flip_of(byte);
        for (std::uint32_t rule = 0; rule < rules_.count; ++rule) {
          const ByteRule one = byte_rule(rule, byte);
          for (std::uint32_t value = 0; value < 256; ++value) {
            const std::uint32_t in_order = value ^ flip;
            const bool takes =
                field.is_range ? one.low <= in_order && in_order <= one.high : ((value ^ one.low) & one.high) == 0;
            if (takes) set_bit(rows + value, rule);
          }
        }
      }
    }
  }

  bool fill(std::size_t most_states) {
    most_states_ = most_states;
    used_ = 0;
    start_ = &header_.first;
    header_.active = 0;
    for (const MatrixField& field : shape_.fields) {
      if (!add_field(field)) return false;
    }
    // Rules without any condition: some byte must be read, so that a row says that they match.
    if (header_.active != 0) return true;
    field_ = &shape_.fields.front();
    std::uint32_t byte = 0;
    return add_automaton(byte);
  }

  /// Where the row is; nothing if there is no room.
  std::optional<std::uint32_t> add_row(const std::uint64_t* set) {
    const bool is_direct = shape_.direct_words() != 0;
    const std::size_t size = row_size(shape_);
    if (used_ + size > cells_.size()) return std::nullopt;
    std::uint64_t* const row = cells_.data() + used_;
    std::fill(row, row + size, 0);
    std::copy(set, set + words_, is_direct ? row : row + 1);
    for (std::uint32_t word = 0; !is_direct && word < words_; ++word) {
      if (set[word] != 0) set_bit(row, word / shape_.group_words());
    }
    const auto at = static_cast<std::uint32_t>(used_);
    used_ += size;
    return at;
  }

  std::optional<std::uint32_t> add_node() {
    constexpr std::size_t kSize = kNodeCells * sizeof(std::uint32_t) / sizeof(std::uint64_t);
    if (used_ + kSize > cells_.size()) return std::nullopt;
    const auto at = static_cast<std::uint32_t>(used_ * 2);
    used_ += kSize;
    return at;
  }

  std::uint32_t* node(std::uint32_t at) { return reinterpret_cast<std::uint32_t*>(cells_.data()) + at; }

  /// The bytes of the field in one automaton, or in several where one would have too many states.
  bool add_field(const MatrixField& field) {
    field_ = &field;
    std::uint32_t byte = 0;
    if (field.is_range && is_decided(first_state().data())) return true;  // nobody asks for it
    while (byte < field.size) {
      if (!field.is_range && !is_asked_for(field.offset + byte)) {
        ++byte;
        continue;
      }
      if (!add_automaton(byte)) return false;
    }
    return true;
  }

  bool is_asked_for(std::uint32_t at) const {
    for (std::uint32_t rule = 0; rule < rules_.count; ++rule) {
      if (rules_.masks[rule * rules_.stride + at] != 0) return true;
    }
    return false;
  }

  ByteRule byte_rule(std::uint32_t rule, std::uint32_t byte) const {
    const std::size_t at = rule * rules_.stride + field_->offset + byte;
    const unsigned flip = flip_of(byte);
    return {static_cast<std::uint8_t>(rules_.values[at] ^ flip), static_cast<std::uint8_t>(rules_.masks[at] ^ flip)};
  }
  /// Turns the order of the first byte of a signed range into that of unsigned ones.
  unsigned flip_of(std::uint32_t byte) const { return field_->is_range && field_->is_signed && byte == 0 ? 0x80 : 0; }

  /// A state is the rules; of a range field also those on the lower edge and on the upper one.
  std::size_t state_size() const { return std::size_t{words_} * (field_->is_range ? 3 : 1); }

  Words first_state() const {
    Words state(state_size(), 0);
    for (std::uint32_t rule = 0; rule < rules_.count; ++rule) {
      set_bit(state.data(), rule);
      if (!field_->is_range) continue;
      bool is_all = true;
      for (std::uint32_t byte = 0; byte < field_->size; ++byte) {
        const ByteRule one = byte_rule(rule, byte);
        is_all = is_all && one.low == 0 && one.high == 0xff;
      }
      if (is_all) continue;
      set_bit(state.data() + words_, rule);
      set_bit(state.data() + 2 * words_, rule);
    }
    return state;
  }

  /// Whether the bytes that follow make no difference to a state of a range field: no rule is on an edge.
  bool is_decided(const std::uint64_t* state) const {
    return std::all_of(state + words_, state + state_size(), [](std::uint64_t word) { return word == 0; });
  }

  /// From `byte` of the field on, which is moved behind the last one of the automaton.
  bool add_automaton(std::uint32_t& byte) {
    const std::uint32_t first = field_->offset + byte;
    Sets states(state_size());
    states.number_of(first_state());
    NodeOf nodes;
    rows_.emplace(words_);
    place_of_row_.clear();
    ends_early_ = false;
    for (;;) {
      // Nodes of the states before the byte, then their cells; what the cells lead to is a node of the next byte or a
      // row.
      const std::uint32_t at = field_->offset + byte;
      Sets next(state_size());
      std::vector<std::array<std::uint32_t, 256>> steps(states.count());
      const auto ends_here = [&](std::size_t state) {
        return field_->is_range && at > first && is_decided(states[state]);
      };
      find_rules_of(byte);
      for (std::size_t state = 0; state < states.count(); ++state) {
        if (ends_here(state)) continue;
        step(states[state], next, steps[state]);
        // Too many, and the bytes before this one are an automaton by themselves: it ends there.
        const bool may_end = !field_->is_range && at > first;
        if (may_end && next.count() > most_states_) return finish_before(byte, states, nodes);
      }
      NodeOf made;
      std::vector<std::uint32_t> places(states.count());
      for (std::size_t state = 0; state < states.count(); ++state) {
        const bool ends = ends_here(state);
        const auto place = ends ? place_of_row(states[state]) : add_node();
        if (!place) return false;
        places[state] = *place;
        ends_early_ = ends_early_ || ends;
        if (ends) continue;
        made.push_back(*place);
        std::copy(steps[state].begin(), steps[state].end(), node(*place));
      }
      link(nodes, places);
      if (nodes.empty()) *start_ = places[0];
      header_.active |= 1ull << at;
      nodes = std::move(made);
      states = std::move(next);
      ++byte;
      const bool goes_on = byte < field_->size && (field_->is_range || is_asked_for(field_->offset + byte));
      if (!goes_on) return finish_before(byte, states, nodes) && (!ends_early_ || add_idle_nodes(first));
    }
  }

  /// Where an automaton ended early the rest of its bytes is read still: by nodes that lead to a row of all rules.
  bool add_idle_nodes(std::uint32_t first) {
    Words all(words_, 0);
    for (std::uint32_t rule = 0; rule < rules_.count; ++rule) set_bit(all.data(), rule);
    std::optional<std::uint32_t> to = place_of_row(all.data());
    for (std::uint32_t at = field_->offset + field_->size - 1; at > first; --at) {
      const auto idle = add_node();
      if (!to || !idle) return false;
      std::fill_n(node(*idle), kNodeCells, *to);
      header_.next[at - 1] = *idle;
      to = idle;
    }
    return true;
  }

  /// The cells of `from` hold numbers of states; now they hold their places.
  void link(const NodeOf& from, const std::vector<std::uint32_t>& places) {
    for (const std::uint32_t one : from) {
      std::uint32_t* const cells = node(one);
      for (std::uint32_t i = 0; i < kNodeCells; ++i) cells[i] = places[cells[i]];
    }
  }

  /// What a cell holds that ends with this row; nothing if there is no room.
  std::optional<std::uint32_t> place_of_row(const std::uint64_t* set) {
    const std::uint32_t row = rows_->number_of(Words(set, set + words_));
    if (row == place_of_row_.size()) {
      const auto made = add_row(set);
      if (!made) return std::nullopt;
      place_of_row_.push_back(kRowBit | *made);
    }
    return place_of_row_[row];
  }

  bool finish_before(std::uint32_t byte, const Sets& states, const NodeOf& nodes) {
    std::vector<std::uint32_t> places(states.count());
    for (std::size_t state = 0; state < states.count(); ++state) {
      const auto place = place_of_row(states[state]);
      if (!place) return false;
      places[state] = *place;
    }
    link(nodes, places);
    start_ = &header_.next[field_->offset + byte - 1];
    return true;
  }

  /// Reads what the byte asks of each rule.
  void find_rules_of(std::uint32_t byte) {
    of_byte_.resize(rules_.count);
    flip_ = flip_of(byte);
    free_.assign(words_, 0);
    for (std::uint32_t rule = 0; rule < rules_.count; ++rule) {
      of_byte_[rule] = byte_rule(rule, byte);
      if (!field_->is_range && of_byte_[rule].high == 0) set_bit(free_.data(), rule);
    }
  }

  /// What each value of the byte makes of the state: rules that do not ask for the byte stay, the others are put to
  /// the values that they take.
  void step(const std::uint64_t* state, Sets& next, std::array<std::uint32_t, 256>& to) {
    Words rest(state_size(), 0);
    for (std::uint32_t word = 0; word < words_; ++word) {
      const std::uint64_t stays = field_->is_range ? ~(state[words_ + word] | state[2 * words_ + word]) : free_[word];
      rest[word] = state[word] & stays;
    }
    for (std::vector<Taken>& one : taken_) one.clear();
    for (std::uint32_t word = 0; word < words_; ++word) {
      for (std::uint64_t left = state[word] & ~rest[word]; left != 0; left &= left - 1) {
        const std::uint32_t rule = word * 64 + static_cast<std::uint32_t>(std::countr_zero(left));
        if (field_->is_range) {
          take_range(state, rule);
        } else {
          take_masked(rule);
        }
      }
    }
    const std::uint32_t untouched = next.number_of(rest);
    // Neighbours often take the same rules.
    for (std::uint32_t value = 0; value < 256; ++value) {
      if (taken_[value].empty()) {
        to[value] = untouched;
        continue;
      }
      if (value > 0 && taken_[value] == taken_[value - 1]) {
        to[value] = to[value - 1];
        continue;
      }
      Words set = rest;
      for (const Taken& one : taken_[value]) {
        set_bit(set.data(), one.rule);
        if (one.on_low) set_bit(set.data() + words_, one.rule);
        if (one.on_high) set_bit(set.data() + 2 * words_, one.rule);
      }
      to[value] = next.number_of(set);
    }
  }

  void take_masked(std::uint32_t rule) {
    const ByteRule one = of_byte_[rule];
    // All values that agree under the mask: the fixed bits with each subset of the others.
    const std::uint32_t open = ~one.high & 0xffu;
    for (std::uint32_t subset = open;; subset = (subset - 1) & open) {
      taken_[(one.low & one.high) | subset].push_back({rule, false, false});
      if (subset == 0) break;
    }
  }

  void take_range(const std::uint64_t* state, std::uint32_t rule) {
    const auto is_on = [&](std::uint32_t part) { return (state[part * words_ + rule / 64] >> rule % 64 & 1) != 0; };
    const bool low_edge = is_on(1);
    const bool high_edge = is_on(2);
    const std::uint32_t from = low_edge ? of_byte_[rule].low : 0;
    const std::uint32_t to = high_edge ? of_byte_[rule].high : 255;
    for (std::uint32_t value = from; value <= to; ++value) {
      taken_[value ^ flip_].push_back({rule, low_edge && value == from, high_edge && value == to});
    }
  }

  struct Taken {
    std::uint32_t rule;
    bool on_low;
    bool on_high;
    bool operator==(const Taken&) const = default;
  };

  const MatrixShape& shape_;
  const MatrixRules& rules_;
  Header& header_;
  std::span<std::uint64_t> cells_;
  std::uint32_t words_;
  std::size_t used_ = 0;  // words of cells_
  std::size_t most_states_ = 0;
  std::uint32_t* start_ = nullptr;  // where the program looks for the start of the next automaton
  std::optional<Sets> rows_;        // of the automaton
  std::vector<std::uint32_t> place_of_row_;
  bool ends_early_ = false;
  const MatrixField* field_ = nullptr;
  std::vector<ByteRule> of_byte_;
  unsigned flip_ = 0;  // of the byte
  Words free_;         // rules that do not ask for the byte
  std::array<std::vector<Taken>, 256> taken_;
};

}  // namespace

bool MatrixShape::is_flat() const {
  return capacity <= 64 && std::all_of(fields.begin(), fields.end(),
                                       [](const MatrixField& field) { return !field.is_range || field.size <= 1; });
}

std::uint32_t MatrixShape::direct_words() const { return words_for(capacity) <= kMostWords ? words_for(capacity) : 0; }

std::uint32_t MatrixShape::group_words() const { return (words_for(capacity) + 63) / 64; }

std::uint32_t MatrixShape::cells() const {
  if (is_flat()) return 256 * key_size;
  const std::size_t row = row_size(*this);
  constexpr std::size_t kNode = kNodeCells / 2;
  std::size_t total = row;
  for (const MatrixField& field : fields) {
    // At worst each byte is an automaton: a node and 256 rows. A range is always one: no more rows than values, or than
    // pieces that the ends of all ranges cut; before each byte no more nodes than there are ends to be on.
    if (!field.is_range) {
      total += field.size * (kNode + 256 * row);
      continue;
    }
    const std::size_t values = field.size >= 4 ? ~0u : std::size_t{1} << 8 * field.size;
    total += (std::min<std::size_t>(values, 2 * std::size_t{capacity} + 1) + 1) * row + kNode;
    for (std::uint32_t byte = 1; byte < field.size; ++byte) {
      const std::size_t before = byte >= 4 ? ~0u : std::size_t{1} << 8 * byte;
      total += (std::min<std::size_t>(before, 2 * std::size_t{capacity}) + 1) * kNode;
    }
  }
  total += 64 * kNode;  // for automata of several bytes
  return static_cast<std::uint32_t>(total);
}

void build_matrix(const MatrixShape& shape, const MatrixRules& rules, std::span<std::uint8_t> header,
                  std::span<std::uint64_t> cells) {
  Builder(shape, rules, header, cells).run();
}

}  // namespace p4bpf::tables
