// The names in scope: one hash map over all scopes, so that looking a name up costs the same however deep we are
// (section 6.9).
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "frontend/ast.h"

namespace p4bpf::check {

/// Declarations that may be overloaded share a name in one scope; anything else hides the same name of outer scopes.
class Scopes {
 public:
  void push() { marks_.push_back(declared_.size()); }
  void pop();
  /// Enters `id` under `name` into the innermost scope. The text must outlive the scopes.
  void declare(std::string_view name, ast::DeclId id);
  /// What the innermost scope that knows the name declares under it; empty if none does.
  std::vector<ast::DeclId> find(std::string_view name) const;
  /// The same, looking in the scopes of the whole program only (`.name`).
  std::vector<ast::DeclId> find_global(std::string_view name) const;
  /// What the innermost scope itself declares under the name.
  std::vector<ast::DeclId> find_here(std::string_view name) const;
  /// Every name that is visible, for suggestions.
  std::vector<std::string> visible_names() const;

  /// The scope of the program's top level.
  static constexpr std::size_t kGlobalDepth = 1;
  std::size_t depth() const { return marks_.size(); }

 private:
  struct Entry {
    ast::DeclId id;
    std::size_t depth;
  };
  using Entries = std::vector<Entry>;
  static std::vector<ast::DeclId> at_depth(const Entries& entries, std::size_t end);

  std::unordered_map<std::string_view, Entries> names_;
  std::vector<std::string_view> declared_;
  std::vector<std::size_t> marks_;
};

}  // namespace p4bpf::check
