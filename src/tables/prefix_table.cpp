// The trie of a prefix table: what insertions and removals do to its cells (prefix_table.h, docs/tables.md).
//
// Depth is how many bits of the key are known at a cell. A leaf in a cell at depth d stands for a prefix of at most d
// bits: prefixes are pushed down to where they end. A node of level v chooses by the bits 4v to 4v + 3, the bits before
// them being known; so does a node under an edge that ends at 4v + 1 to 4v + 3, of which some cells are then never
// reached.
#include "tables/prefix_table.h"

#include <algorithm>
#include <atomic>
#include <bit>
#include <cerrno>
#include <cstring>

#include "tables/prefix_parts.h"

namespace p4bpf::tables {

namespace {

/// Stores what `change` makes of each of the cells.
template <class Change>
void change_cells(std::uint32_t* first, std::size_t count, Change&& change) {
  for (std::uint32_t* cell = first; cell != first + count; ++cell) {
    const std::uint32_t after = change(*cell);
    if (after != *cell) publish(*cell, after);
  }
}

/// Those cells of a node of that level that belong to the prefix, which has more bits than stand before the node.
template <class Change>
void change_cells_of(std::uint32_t* node, std::uint32_t level, const Prefix& prefix, Change&& change) {
  const std::uint32_t below = 4 * level + 4;
  const std::size_t count = prefix.length >= below ? 1 : std::size_t{1} << (below - prefix.length);
  change_cells(node + nibble(prefix, level), count, [&](std::uint32_t cell) { return change(cell, below); });
}

}  // namespace

std::uint32_t* PrefixTable::node(Cell cell) const {
  return reinterpret_cast<Cell*>(memory_.cells.data() + std::size_t{64} * number_of(cell));
}

PrefixTable::Edge& PrefixTable::edge(Cell cell) const { return *reinterpret_cast<Edge*>(node(cell)); }

/// A node that no edge can stand before chooses by the bits that follow what is known.
std::uint32_t PrefixTable::level_of(Cell cell, std::uint32_t depth) const {
  return shape_.has_edges() ? length_of(cell) : depth / 4;
}

PrefixTable::Cell PrefixTable::make_node(std::uint32_t level, Cell all) {
  const Cell made = node_cell(take_line(), shape_.has_edges() ? level : 0);
  std::fill_n(node(made), 16, all);
  return made;
}

void PrefixTable::drop_line(Cell cell) { pending_.lines.push_back(number_of(cell) - shape_.first_line()); }

/// A short prefix has many: up to 2^24.
template <class Change>
void PrefixTable::for_roots(const Prefix& prefix, Change&& change) {
  const std::uint32_t bits = shape_.root_bits;
  const std::size_t count = prefix.length >= bits ? 1 : std::size_t{1} << (bits - prefix.length);
  change_cells(root() + (prefix.high >> (64 - bits)), count, change);
}

/// A node and an edge stay where they are; only what hangs there changes.
PrefixTable::Cell PrefixTable::paint(Cell cell, const Paint& how) {
  if (is_leaf(cell)) {
    const bool is_none = number_of(cell) == 0;
    const bool covered =
        how.and_shorter ? is_none || length_of(cell) <= how.length : (is_none ? false : length_of(cell) == how.length);
    return covered ? how.to : cell;
  }
  const auto change = [&](Cell at) { return paint(at, how); };
  if (is_node(cell)) {
    change_cells(node(cell), 16, change);
  } else {
    change_cells(&edge(cell).hit, 1, change);
    change_cells(&edge(cell).miss, 1, change);
  }
  return cell;
}

/// The new content of a cell at `depth` once the prefix is in, which agrees with the cell's place.
PrefixTable::Cell PrefixTable::insert_below(Cell cell, std::uint32_t depth, const Prefix& prefix, Cell leaf) {
  if (prefix.length <= depth) return paint(cell, {prefix.length, true, leaf});
  if (is_leaf(cell) && shape_.has_edges()) return make_edge(prefix, depth, prefix.length, leaf, cell);
  if (is_edge(cell)) return insert_at_edge(cell, depth, prefix, leaf);
  if (is_leaf(cell)) cell = make_node(depth / 4, cell);
  change_cells_of(node(cell), level_of(cell, depth), prefix,
                  [&](Cell at, std::uint32_t below) { return insert_below(at, below, prefix, leaf); });
  return cell;
}

PrefixTable::Cell PrefixTable::insert_at_edge(Cell cell, std::uint32_t depth, const Prefix& prefix, Cell leaf) {
  Edge& old = edge(cell);
  const std::uint32_t common = common_bits(prefix, {old.value[0], old.value[1], old.end});
  if (common == old.end) {
    change_cells(&old.hit, 1, [&](Cell at) { return insert_below(at, old.end, prefix, leaf); });
    return cell;
  }
  if (common == prefix.length) {
    // It ends on the way: an edge up to it, and behind that an edge for the rest.
    const Prefix key{old.value[0], old.value[1], old.end};
    const Cell below = make_edge(key, common, old.end, paint(old.hit, {prefix.length, true, leaf}), leaf);
    const Cell above = make_edge(prefix, depth, common, below, old.miss);
    drop_line(cell);
    return above;
  }
  const std::uint32_t level = common / 4;
  const Cell made = insert_below(split(cell, depth, level, prefix), std::max(depth, 4 * level), prefix, leaf);
  return 4 * level > depth ? make_edge(prefix, depth, 4 * level, made, old.miss) : made;
}

/// A node of that level that does what the edge does; the edge goes, or hangs in one cell of the node.
PrefixTable::Cell PrefixTable::split(Cell cell, std::uint32_t depth, std::uint32_t level, const Prefix& prefix) {
  const Cell made = make_node(level, 0);
  Cell* const cells = node(made);
  const Edge old = edge(cell);
  for (std::uint32_t i = 0; i < 16; ++i) {
    const Prefix path = with_nibble(first_bits(prefix, 4 * level), level, i);
    const bool reached = common_bits(path, prefix) >= std::min(depth, 4 * level + 4);
    cells[i] = reached ? narrow(cell, level, path) : old.miss;
  }
  // What ends inside the node's four bits is told by its cells now.
  for (Cell at = cell;;) {
    if (is_edge(at) && edge(at).end <= 4 * level + 4) {
      drop_line(at);
      at = edge(at).hit;
      continue;
    }
    if (is_node(at) && length_of(at) == level) drop_line(at);
    return made;
  }
}

/// What is left of a cell when the key is known to start with `path`, which ends with the four bits of `level`.
PrefixTable::Cell PrefixTable::narrow(Cell cell, std::uint32_t level, const Prefix& path) const {
  if (is_leaf(cell)) return cell;
  if (is_node(cell)) return length_of(cell) == level ? node(cell)[nibble(path, level)] : cell;
  const Edge& one = edge(cell);
  const Prefix known = mask_of(0, path.length);
  const bool differs = (((path.high ^ one.value[0]) & one.mask[0] & known.high) |
                        ((path.low ^ one.value[1]) & one.mask[1] & known.low)) != 0;
  if (differs) return one.miss;
  return one.end <= path.length ? narrow(one.hit, level, path) : cell;
}

/// The cells that belong to the prefix become another leaf; what has become superfluous goes.
PrefixTable::Cell PrefixTable::repaint(Cell cell, std::uint32_t depth, const Prefix& prefix, const Paint& how) {
  if (prefix.length <= depth) return paint(cell, how);
  if (is_leaf(cell)) return cell;
  if (is_edge(cell)) {
    Edge& one = edge(cell);
    if (common_bits(prefix, {one.value[0], one.value[1], one.end}) < one.end) return cell;
    change_cells(&one.hit, 1, [&](Cell at) { return repaint(at, one.end, prefix, how); });
    return tidy_edge(cell);
  }
  change_cells_of(node(cell), level_of(cell, depth), prefix,
                  [&](Cell at, std::uint32_t below) { return repaint(at, below, prefix, how); });
  return tidy_node(cell, depth, prefix);
}

PrefixTable::Cell PrefixTable::make_edge(const Prefix& key, std::uint32_t from, std::uint32_t end, Cell hit,
                                         Cell miss) {
  const std::uint32_t number = take_line();
  const Cell made = edge_cell(number);
  const Prefix mask = mask_of(from, end);
  const Prefix bits = first_bits(key, end);
  edge(made) = Edge{{bits.high, bits.low}, {mask.high, mask.low}, hit, miss, end, {}};
  return made;
}

/// A node all of whose cells say the same is that leaf; one of which a single cell says something else is an edge.
PrefixTable::Cell PrefixTable::tidy_node(Cell cell, std::uint32_t depth, const Prefix& path) {
  const Cell* const cells = node(cell);
  const Cell most = cells[0] == cells[1] || cells[0] == cells[2] ? cells[0] : cells[1];
  // A leaf of a longer prefix may be several prefixes with the same value.
  if (!is_leaf(most) || (number_of(most) != 0 && length_of(most) > depth)) return cell;
  std::uint32_t odd = 16;
  for (std::uint32_t i = 0; i < 16; ++i) {
    if (cells[i] == most) continue;
    if (odd != 16) return cell;
    odd = i;
  }
  if (odd == 16) {
    drop_line(cell);
    return most;
  }
  if (!shape_.has_edges() || !reserve_lines(1)) return cell;
  const std::uint32_t level = length_of(cell);
  const Cell child = cells[odd];
  Cell made;
  if (is_edge(child) && edge(child).miss == most) {
    const Edge below = edge(child);
    drop_line(child);
    made = make_edge({below.value[0], below.value[1], below.end}, depth, below.end, below.hit, most);
  } else {
    made = make_edge(with_nibble(first_bits(path, 4 * level), level, odd), depth, 4 * level + 4, child, most);
  }
  drop_line(cell);
  return made;
}

PrefixTable::Cell PrefixTable::tidy_edge(Cell cell) {
  const Edge old = edge(cell);
  if (old.hit == old.miss) {
    drop_line(cell);
    return old.miss;
  }
  if (!is_edge(old.hit) || edge(old.hit).miss != old.miss || !reserve_lines(1)) return cell;
  const Edge below = edge(old.hit);
  const std::uint32_t number = take_line();
  const Cell made = edge_cell(number);
  edge(made) = Edge{{below.value[0], below.value[1]},
                    {old.mask[0] | below.mask[0], old.mask[1] | below.mask[1]},
                    below.hit,
                    old.miss,
                    below.end,
                    {}};
  drop_line(old.hit);
  drop_line(cell);
  return made;
}

int PrefixTable::insert(const Prefix& prefix, Bytes bytes) {
  if (find(prefix) != kNowhere) return EEXIST;
  if (count() >= shape_.capacity || !reserve_lines(kLinesPerInsertion)) return ENOSPC;
  begin();
  const std::uint32_t number = take_value(bytes);
  if (number == 0) {
    finish();
    return ENOSPC;
  }
  add_record(prefix, number);
  const Cell leaf = leaf_cell(number, prefix.length);
  for_roots(prefix, [&](Cell cell) { return insert_below(cell, shape_.root_bits, prefix, leaf); });
  finish();
  return 0;
}

int PrefixTable::modify(const Prefix& prefix, Bytes bytes) {
  const std::size_t slot = find(prefix);
  if (slot == kNowhere) return ENOENT;
  begin();
  const std::uint32_t old = value_at(slot);
  const std::uint32_t number = take_value(bytes);
  if (number == 0) {
    finish();
    return ENOSPC;
  }
  put_record(slot, prefix, number);
  const Paint how{prefix.length, false, leaf_cell(number, prefix.length)};
  if (number != old) {
    for_roots(prefix, [&](Cell cell) { return repaint(cell, shape_.root_bits, prefix, how); });
  }
  drop_value(old);
  finish();
  return 0;
}

int PrefixTable::remove(const Prefix& prefix) {
  const std::size_t slot = find(prefix);
  if (slot == kNowhere) return ENOENT;
  begin();
  const std::uint32_t old = value_at(slot);
  remove_record(slot);
  const Paint how{prefix.length, false, parent_leaf(prefix)};
  for_roots(prefix, [&](Cell cell) { return repaint(cell, shape_.root_bits, prefix, how); });
  drop_value(old);
  finish();
  return 0;
}

}  // namespace p4bpf::tables
