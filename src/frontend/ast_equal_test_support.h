// Whether two Asts are the same tree, places apart: for tests. It walks every field of every node by counting the
// members of the aggregates, so that a field added to ast.h is compared without a change here.
#pragma once

#include <optional>
#include <string>
#include <type_traits>
#include <variant>
#include <vector>

#include "frontend/ast.h"

namespace p4bpf::testing_support {

/// Converts to anything: with how many of it an aggregate can be made tells how many members it has.
struct AnyMember {
  template <class T>
  operator T() const;
};
template <class T, class... Members>
constexpr std::size_t count_members() {
  if constexpr (requires { T{Members{}..., AnyMember{}}; }) {
    return count_members<T, Members..., AnyMember>();
  } else {
    return sizeof...(Members);
  }
}

class AstComparison {
 public:
  AstComparison(const ast::Ast& left, const ast::Ast& right) : left_(left), right_(right) {}
  bool run() { return same(left_.program, right_.program); }

 private:
  template <class Node>
  bool same(Id<Node> a, Id<Node> b) {
    if (static_cast<bool>(a) != static_cast<bool>(b)) return false;
    return !a || same(left_[a], right_[b]);
  }
  bool same(const Span&, const Span&) { return true; }
  bool same(const std::string& a, const std::string& b) { return a == b; }
  bool same(const BigInt& a, const BigInt& b) { return a == b; }
  bool same(std::monostate, std::monostate) { return true; }
  template <class T>
  bool same(const std::vector<T>& a, const std::vector<T>& b) {
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i) {
      if (!same(a[i], b[i])) return false;
    }
    return true;
  }
  template <class T>
  bool same(const std::optional<T>& a, const std::optional<T>& b) {
    return a.has_value() == b.has_value() && (!a || same(*a, *b));
  }
  template <class... Nodes>
  bool same(const std::variant<Nodes...>& a, const std::variant<Nodes...>& b) {
    if (a.index() != b.index()) return false;
    return std::visit([&](const auto& node) { return same(node, std::get<std::decay_t<decltype(node)>>(b)); }, a);
  }
  template <class T>
  bool same(const T& a, const T& b) {
    if constexpr (std::is_arithmetic_v<T> || std::is_enum_v<T>) {
      return a == b;
    } else {
      return same_members(a, b);
    }
  }
  template <class T>
  bool same_members(const T& a, const T& b) {
    constexpr std::size_t kCount = count_members<T>();
    static_assert(kCount <= 10);
    if constexpr (kCount == 0) {
      return true;
    } else if constexpr (kCount == 1) {
      const auto& [a1] = a;
      const auto& [b1] = b;
      return same(a1, b1);
    } else if constexpr (kCount == 2) {
      const auto& [a1, a2] = a;
      const auto& [b1, b2] = b;
      return same(a1, b1) && same(a2, b2);
    } else if constexpr (kCount == 3) {
      const auto& [a1, a2, a3] = a;
      const auto& [b1, b2, b3] = b;
      return same(a1, b1) && same(a2, b2) && same(a3, b3);
    } else if constexpr (kCount == 4) {
      const auto& [a1, a2, a3, a4] = a;
      const auto& [b1, b2, b3, b4] = b;
      return same(a1, b1) && same(a2, b2) && same(a3, b3) && same(a4, b4);
    } else if constexpr (kCount == 5) {
      const auto& [a1, a2, a3, a4, a5] = a;
      const auto& [b1, b2, b3, b4, b5] = b;
      return same(a1, b1) && same(a2, b2) && same(a3, b3) && same(a4, b4) && same(a5, b5);
    } else if constexpr (kCount == 6) {
      const auto& [a1, a2, a3, a4, a5, a6] = a;
      const auto& [b1, b2, b3, b4, b5, b6] = b;
      return same(a1, b1) && same(a2, b2) && same(a3, b3) && same(a4, b4) && same(a5, b5) && same(a6, b6);
    } else if constexpr (kCount == 7) {
      const auto& [a1, a2, a3, a4, a5, a6, a7] = a;
      const auto& [b1, b2, b3, b4, b5, b6, b7] = b;
      return same(a1, b1) && same(a2, b2) && same(a3, b3) && same(a4, b4) && same(a5, b5) && same(a6, b6) &&
             same(a7, b7);
    } else if constexpr (kCount == 8) {
      const auto& [a1, a2, a3, a4, a5, a6, a7, a8] = a;
      const auto& [b1, b2, b3, b4, b5, b6, b7, b8] = b;
      return same(a1, b1) && same(a2, b2) && same(a3, b3) && same(a4, b4) && same(a5, b5) && same(a6, b6) &&
             same(a7, b7) && same(a8, b8);
    } else if constexpr (kCount == 9) {
      const auto& [a1, a2, a3, a4, a5, a6, a7, a8, a9] = a;
      const auto& [b1, b2, b3, b4, b5, b6, b7, b8, b9] = b;
      return same(a1, b1) && same(a2, b2) && same(a3, b3) && same(a4, b4) && same(a5, b5) && same(a6, b6) &&
             same(a7, b7) && same(a8, b8) && same(a9, b9);
    } else {
      const auto& [a1, a2, a3, a4, a5, a6, a7, a8, a9, a10] = a;
      const auto& [b1, b2, b3, b4, b5, b6, b7, b8, b9, b10] = b;
      return same(a1, b1) && same(a2, b2) && same(a3, b3) && same(a4, b4) && same(a5, b5) && same(a6, b6) &&
             same(a7, b7) && same(a8, b8) && same(a9, b9) && same(a10, b10);
    }
  }

  const ast::Ast& left_;
  const ast::Ast& right_;
};

}  // namespace p4bpf::testing_support
