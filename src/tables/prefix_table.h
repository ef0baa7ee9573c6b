// A prefix table: longest prefix match at the cost of a few array loads, built in user space in memory that the program
// reads (mapped arrays). What it looks like and why: docs/tables.md; how the program reads it: p4bpf_tables.h.
//
// All of it lies in three arrays, and zeroes are an empty table; nothing is lost when the process ends. A reader never
// sees a half-made change: new lines and values are whole before the one 4-byte cell that leads to them is stored, and
// what was taken out is used again only when no reader can be there any more. One writer at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

namespace p4bpf::tables {

/// What a table is made for; fixed when the program is compiled.
struct PrefixShape {
  std::uint32_t key_bytes = 4;  // up to 16
  std::uint32_t value_size = 4;
  std::uint32_t capacity = 0;   // entries that always fit, up to kMaxPrefixes
  std::uint32_t root_bits = 0;  // a multiple of 4, of a key of more bits
  std::uint32_t lines = 0;      // nodes and edges

  /// Keys of up to 32 bits have nodes only: less code for each packet.
  bool has_edges() const { return key_bytes > 4; }
  /// Lines are numbered from the start of the root on; these are the first that is none of it, and the end.
  std::uint32_t first_line() const { return (1u << root_bits) / 16; }
  std::uint32_t end() const { return first_line() + lines; }
  std::size_t cells_size() const { return std::size_t{64} * end(); }
  std::uint32_t values() const;  // elements of the array of values
  std::uint32_t value_stride() const { return (value_size + 7) / 8 * 8; }
  std::size_t values_size() const { return std::size_t{values()} * value_stride(); }
  std::size_t entries_size() const;  // bytes of what only user space reads
  /// How many nodes and edges a lookup passes at most: an edge asks for one bit at least, a node for four.
  std::uint32_t steps() const { return (key_bytes * 8 - root_bits) + (key_bytes * 8 - root_bits) / 4; }
};
constexpr std::uint32_t kMaxPrefixes = 1u << 20;
constexpr std::uint32_t kMaxPrefixBytes = 16;

/// Root and lines for so many entries.
PrefixShape shape_for(std::uint32_t key_bytes, std::uint32_t value_size, std::uint32_t capacity);

/// The first `length` bits of a key; the first is the highest of `high`, the others are 0.
struct Prefix {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  std::uint32_t length = 0;
  bool operator==(const Prefix&) const = default;
};

struct PrefixMemory {
  std::span<std::uint8_t> cells;
  std::span<std::uint8_t> values;
  std::span<std::uint8_t> entries;
};

class PrefixTable {
 public:
  using Bytes = std::span<const std::uint8_t>;
  /// `wait_for_readers` returns when every packet that was under way when it was called is done.
  PrefixTable(const PrefixShape& shape, PrefixMemory memory, std::function<void()> wait_for_readers);

  /// 0, or EEXIST, ENOENT, ENOSPC.
  int insert(const Prefix& prefix, Bytes value);
  int modify(const Prefix& prefix, Bytes value);
  int remove(const Prefix& prefix);
  /// The value of exactly this prefix; empty if there is none.
  Bytes get(const Prefix& prefix) const;
  void for_each(const std::function<void(const Prefix&, Bytes)>& visit) const;
  std::uint32_t count() const;
  /// Lines in use: what the entries cost beyond the root.
  std::uint32_t lines_in_use() const;

 private:
  using Cell = std::uint32_t;
  struct Header;
  struct Edge;
  /// Freed in this change; reachable until it is done.
  struct Pending {
    std::vector<std::uint32_t> lines;
    std::vector<std::uint32_t> values;
  };
  /// The cells of prefixes of length `length` (and of shorter ones) become `to`.
  struct Paint {
    std::uint32_t length;
    bool and_shorter;
    Cell to;
  };

  std::uint32_t level_of(Cell cell, std::uint32_t depth) const;
  Cell make_node(std::uint32_t level, Cell all);
  void drop_line(Cell cell);
  Cell* root() const { return reinterpret_cast<Cell*>(memory_.cells.data()); }
  Cell* node(Cell cell) const;
  Edge& edge(Cell cell) const;

  // entries (prefix_entries.cpp)
  std::uint8_t* record(std::size_t slot) const { return records_ + slot * record_size_; }
  std::size_t home(const Prefix& prefix) const;
  std::size_t find(const Prefix& prefix) const;  // kNowhere if it is not there
  Prefix prefix_at(std::size_t slot) const;
  std::uint32_t value_at(std::size_t slot) const;  // 0: the slot is free
  void put_record(std::size_t slot, const Prefix& prefix, std::uint32_t value);
  void add_record(const Prefix& prefix, std::uint32_t value);
  void remove_record(std::size_t slot);
  Cell parent_leaf(const Prefix& prefix) const;
  Bytes value(std::uint32_t number) const;
  std::uint32_t take_value(Bytes value);
  void drop_value(std::uint32_t number);
  void index_values();
  std::uint32_t take_line();
  bool reserve_lines(std::uint32_t wanted);
  void reclaim();
  void begin();
  void finish();
  void rebuild();

  // the trie
  template <class Change>
  void for_roots(const Prefix& prefix, Change&& change);
  Cell paint(Cell cell, const Paint& how);
  Cell insert_below(Cell cell, std::uint32_t depth, const Prefix& prefix, Cell leaf);
  Cell insert_at_edge(Cell cell, std::uint32_t depth, const Prefix& prefix, Cell leaf);
  Cell split(Cell cell, std::uint32_t depth, std::uint32_t level, const Prefix& prefix);
  Cell narrow(Cell cell, std::uint32_t level, const Prefix& path) const;
  Cell repaint(Cell cell, std::uint32_t depth, const Prefix& prefix, const Paint& how);
  Cell make_edge(const Prefix& key, std::uint32_t from, std::uint32_t end, Cell hit, Cell miss);
  Cell tidy_node(Cell cell, std::uint32_t depth, const Prefix& path);
  Cell tidy_edge(Cell cell);

  PrefixShape shape_;
  PrefixMemory memory_;
  std::function<void()> wait_for_readers_;
  Header* header_;
  std::uint32_t* line_links_;   // of a free line, the next one
  std::uint32_t* value_links_;  // how many entries have it, and kInUse; of a free one, the next
  std::uint8_t* records_;
  std::size_t key_size_;
  std::size_t record_size_;
  std::size_t record_mask_;
  std::unordered_multimap<std::uint64_t, std::uint32_t> value_index_;
  std::uint32_t indexed_changes_ = ~0u;  // after which change of the table value_index_ is right
  Pending pending_;
};

}  // namespace p4bpf::tables
