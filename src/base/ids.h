// Typed 4-byte ids, the arenas that own what they name, and side tables keyed by them.
//
// A node is owned by an Arena and named by an Id. Knowledge about nodes that is found out later lives in a SideTable, so
// that nodes stay immutable. Arenas never move what they own: a reference stays good while the arena grows.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <utility>
#include <vector>

namespace p4bpf {

/// Names one node of the arena for `Node`. A default-constructed id names nothing and tests false.
template <class Node>
class Id {
 public:
  constexpr Id() = default;
  constexpr explicit Id(std::size_t index) : index_plus_one_(static_cast<std::uint32_t>(index + 1)) {}
  constexpr explicit operator bool() const { return index_plus_one_ != 0; }
  /// Position in the arena, from 0. Only for an id that names something.
  constexpr std::size_t index() const { return index_plus_one_ - 1; }
  constexpr auto operator<=>(const Id&) const = default;

 private:
  std::uint32_t index_plus_one_ = 0;
};

/// Owns nodes and gives out their ids. Addresses are stable.
template <class Node>
class Arena {
 public:
  Id<Node> add(Node node) {
    nodes_.push_back(std::move(node));
    return Id<Node>(nodes_.size() - 1);
  }
  const Node& operator[](Id<Node> id) const { return nodes_.at(id.index()); }
  /// The one word by which nodes are changed in place.
  Node& edit(Id<Node> id) { return nodes_.at(id.index()); }
  std::size_t size() const { return nodes_.size(); }
  auto begin() const { return nodes_.begin(); }
  auto end() const { return nodes_.end(); }

 private:
  std::deque<Node> nodes_;
};

/// What is known of each node of an arena; a node that nothing is known of reads as a default-constructed Value.
template <class Node, class Value>
class SideTable {
 public:
  const Value& operator[](Id<Node> id) const {
    static const Value none{};
    return id.index() < values_.size() ? values_[id.index()] : none;
  }
  void set(Id<Node> id, Value value) {
    if (id.index() >= values_.size()) values_.resize(id.index() + 1);
    values_[id.index()] = std::move(value);
  }

 private:
  std::deque<Value> values_;
};

/// Exhaustive matching of a variant: `std::visit(Match{[](const A&) {...}, [](const B&) {...}}, v)`.
template <class... Fs>
struct Match : Fs... {
  using Fs::operator()...;
};
template <class... Fs>
Match(Fs...) -> Match<Fs...>;

}  // namespace p4bpf

template <class Node>
struct std::hash<p4bpf::Id<Node>> {
  std::size_t operator()(p4bpf::Id<Node> id) const noexcept { return id ? id.index() + 1 : 0; }
};
