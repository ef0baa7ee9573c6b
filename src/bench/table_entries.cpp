// Drawing entries by lot (table_entries.h).
#include "bench/table_entries.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <unordered_set>

namespace p4bpf::bench {
namespace {

using Random = std::mt19937_64;

/// The fields of a rule: bytes.
struct Field {
  std::size_t offset, size;
  bool is_port;
};
constexpr Field kFields[] = {{0, 4, false}, {4, 4, false}, {8, 2, true}, {10, 2, true}, {12, 1, false}};

std::uint32_t number(std::span<const std::uint8_t> bytes) {
  std::uint32_t all = 0;
  for (const std::uint8_t byte : bytes) all = all << 8 | byte;
  return all;
}

void put_number(std::uint32_t value, std::span<std::uint8_t> bytes) {
  for (std::size_t i = bytes.size(); i-- > 0; value >>= 8) bytes[i] = static_cast<std::uint8_t>(value);
}

std::string hex(std::span<const std::uint8_t> bytes) {
  std::string text = "0x";
  for (const std::uint8_t byte : bytes) fmt::format_to(std::back_inserter(text), "{:02x}", byte);
  return text;
}

/// Out of thousand prefixes so many have this length; what is left is longer.
struct Share {
  std::uint32_t length, of_thousand;
};
/// As in a full table of the internet, more than half are /24; nearly half of IPv6 are /48.
constexpr Share kIpv4[] = {{24, 580}, {22, 120}, {23, 90}, {21, 60}, {20, 50}, {19, 30}, {16, 15},
                           {18, 15},  {17, 10},  {14, 10}, {15, 5},  {13, 5},  {12, 3},  {11, 3}};
constexpr Share kIpv6[] = {{48, 450}, {32, 200}, {44, 100}, {40, 90}, {36, 40}, {29, 30}, {33, 30}, {64, 20}, {28, 20}};

std::uint32_t random_length(Random& random, std::span<const Share> shares, std::uint32_t otherwise) {
  auto lot = static_cast<std::uint32_t>(random() % 1000);
  for (const Share& share : shares) {
    if (lot < share.of_thousand) return share.length;
    lot -= share.of_thousand;
  }
  return otherwise;
}

std::uint32_t first_bits(std::uint32_t length) { return length == 0 ? 0 : ~0u << (32 - length); }

}  // namespace

std::string name_of(TableKind kind) {
  constexpr const char* kNames[] = {"exact", "lpm", "ternary", "range"};
  return kNames[static_cast<std::size_t>(kind)];
}

EntrySet::EntrySet(const TableCase& what) : what_(what) {
  Random random(1);
  // Registries and firewalls know some networks well.
  std::vector<std::uint32_t> networks;
  for (int i = 0; i < 400; ++i) networks.push_back(static_cast<std::uint32_t>(random()));
  std::unordered_set<std::string> seen;
  while (seen.size() < what.count) {
    values_.resize((seen.size() + 1) * what.key_bytes);
    masks_.resize(values_.size());
    lengths_.resize(seen.size() + 1);
    if (what.kind == TableKind::kExact) draw_exact(random);
    if (what.kind == TableKind::kLpm) draw_prefix(random);
    if (is_rules()) draw_rule(random, networks);
    const auto last = seen.size();
    const auto text = [](std::span<const std::uint8_t> bytes) { return std::string(bytes.begin(), bytes.end()); };
    const bool by_mask = what.kind == TableKind::kTernary && !what.is_firewall;
    seen.insert(by_mask ? text(mask(last)) : text(value(last)) + text(mask(last)));
  }
}

std::size_t EntrySet::distinct_masks() const {
  std::set<std::string> all;
  for (std::size_t i = 0; i < count(); ++i) all.emplace(mask(i).begin(), mask(i).end());
  return all.size();
}

void EntrySet::draw_exact(Random& random) {
  for (std::size_t i = values_.size() - what_.key_bytes; i < values_.size(); ++i) {
    values_[i] = static_cast<std::uint8_t>(random());
    masks_[i] = 0xff;
  }
}

void EntrySet::draw_prefix(Random& random) {
  const std::size_t at = values_.size() - what_.key_bytes;
  const std::uint32_t length = what_.key_bytes == 4
                                   ? random_length(random, kIpv4, 25 + static_cast<std::uint32_t>(random() % 8))
                                   : random_length(random, kIpv6, 128);
  lengths_.back() = static_cast<std::uint8_t>(length);
  draw_exact(random);
  // 2000::/3, of which registries give out a few thousand /20.
  if (what_.key_bytes == 16)
    put_number(0x20000000u | static_cast<std::uint32_t>(random() % 512) << 18 |
                   number(value(lengths_.size() - 1).first(4)) >> 20,
               std::span(values_).subspan(at, 4));
  for (std::uint32_t i = 0; i < what_.key_bytes; ++i) {
    const std::uint32_t bits = std::clamp(static_cast<int>(length) - static_cast<int>(8 * i), 0, 8);
    masks_[at + i] = static_cast<std::uint8_t>(0xff00u >> bits);
    values_[at + i] &= masks_[at + i];
  }
}

void EntrySet::draw_rule(Random& random, const std::vector<std::uint32_t>& networks) {
  constexpr std::uint32_t kLengths[] = {32, 32, 32, 24, 24, 24, 16, 28, 20, 8};
  constexpr std::uint32_t kPorts[] = {22,  25,  53,   80,   110,  123,  143,  161,  389,  443,
                                      445, 993, 1433, 1521, 3306, 3389, 5060, 5432, 8080, 8443};
  const bool is_usual = what_.is_firewall || what_.kind == TableKind::kRange;
  const std::size_t at = values_.size() - what_.key_bytes;
  for (const Field& field : kFields) {
    const std::span<std::uint8_t> value = std::span(values_).subspan(at + field.offset, field.size);
    const std::span<std::uint8_t> mask = std::span(masks_).subspan(at + field.offset, field.size);
    const auto lot = static_cast<std::uint32_t>(random());
    if (field.is_port && what_.kind == TableKind::kRange) {
      const auto low = static_cast<std::uint32_t>(random() % 65536);
      const bool is_any = field.offset == 8 ? random() % 10 != 0 : random() % 3 == 0;
      put_number(is_any ? 0 : low, value);
      put_number(is_any ? 65535 : std::min(low + lot % 2000, 65535u), mask);
      continue;
    }
    std::uint32_t bits = 0, wanted = lot;
    if (field.size == 4) {
      if (is_usual) {
        bits = random() % 8 == 0 ? 0 : first_bits(kLengths[random() % 10]);
        wanted = (networks[random() % networks.size()] & 0xffffff00u) | (lot & (random() % 4 != 0 ? 0xf : 0xff));
      } else {
        bits = random() % 2 != 0 ? static_cast<std::uint32_t>(random())
                                 : first_bits(static_cast<std::uint32_t>(random() % 33));
      }
    } else if (field.is_port) {
      const bool is_any = field.offset == 8 ? random() % 10 != 0 : random() % 3 == 0;
      wanted = is_usual ? kPorts[random() % 20] : lot;
      bits = is_any && is_usual ? 0 : random() % 4 != 0 ? 0xffff : 0xffff << (random() % 10);
    } else {
      wanted = random() % 2 != 0 ? 6 : 17;
      bits = random() % 4 != 0 ? 0xff : 0;
    }
    put_number(bits, mask);
    put_number(wanted & bits, value);
  }
}

Bytes EntrySet::key_under(std::size_t i, Random& random) const {
  Bytes key(value(i).begin(), value(i).end());
  if (what_.kind == TableKind::kRange) {
    for (const Field& field : kFields) {
      if (!field.is_port) continue;
      const std::uint32_t low = number(value(i).subspan(field.offset, 2));
      const std::uint32_t high = number(mask(i).subspan(field.offset, 2));
      put_number(low + static_cast<std::uint32_t>(random() % (high - low + 1)),
                 std::span(key).subspan(field.offset, 2));
    }
  }
  for (std::size_t byte = 0; byte < key.size(); ++byte) {
    const bool is_range = what_.kind == TableKind::kRange && byte >= 8 && byte < 12;
    if (!is_range) key[byte] |= static_cast<std::uint8_t>(random() & static_cast<std::uint8_t>(~mask(i)[byte]));
  }
  return key;
}

bool EntrySet::matches(std::size_t i, const Bytes& key) const {
  for (std::size_t byte = 0; byte < key.size(); ++byte) {
    const bool is_range = what_.kind == TableKind::kRange && byte >= 8 && byte < 12;
    if (!is_range && (key[byte] & mask(i)[byte]) != value(i)[byte]) return false;
  }
  if (what_.kind != TableKind::kRange) return true;
  return std::all_of(std::begin(kFields), std::end(kFields), [&](const Field& field) {
    const std::uint32_t port = number(std::span(key).subspan(field.offset, field.size));
    return !field.is_port || (port >= number(value(i).subspan(field.offset, field.size)) &&
                              port <= number(mask(i).subspan(field.offset, field.size)));
  });
}

std::uint32_t EntrySet::sum_of_winners(std::span<const Bytes> keys) const {
  std::uint32_t sum = 0;
  for (const Bytes& key : keys) {
    std::optional<std::size_t> winner;
    for (std::size_t i = 0; i < count(); ++i) {
      if ((!winner || lengths_[i] > lengths_[*winner]) && matches(i, key)) winner = i;
    }
    if (winner) sum += found(*winner);
  }
  return sum;
}

std::string EntrySet::line(std::size_t i, bool with_action, std::uint32_t more) const {
  std::string text;
  const auto out = std::back_inserter(text);
  if (is_rules()) {
    for (const Field& field : kFields) {
      const bool is_range = field.is_port && what_.kind == TableKind::kRange;
      fmt::format_to(out, "{}{}{} ", number(value(i).subspan(field.offset, field.size)), is_range ? ".." : "&&&",
                     number(mask(i).subspan(field.offset, field.size)));
    }
  } else if (what_.key_bytes == 37) {
    fmt::format_to(out, "{} {} {} {} {} ", hex(value(i).first(16)), hex(value(i).subspan(16, 16)),
                   number(value(i).subspan(32, 2)), number(value(i).subspan(34, 2)), value(i)[36]);
  } else {
    text = what_.key_bytes == 4 ? std::to_string(number(value(i))) : hex(value(i));
    text += what_.kind == TableKind::kLpm ? fmt::format("/{} ", lengths_[i]) : " ";
  }
  if (with_action) fmt::format_to(out, "found {}", found(i + more));
  if (is_rules()) fmt::format_to(out, " --priority {}", priority(i));
  text += '\n';
  return text;
}

}  // namespace p4bpf::bench
