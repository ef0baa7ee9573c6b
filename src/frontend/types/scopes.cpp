// Scopes: see scopes.h.
#include "frontend/types/scopes.h"

#include <algorithm>

namespace p4bpf::check {

void Scopes::pop() {
  while (declared_.size() > marks_.back()) {
    names_.find(declared_.back())->second.pop_back();
    declared_.pop_back();
  }
  marks_.pop_back();
}

void Scopes::declare(std::string_view name, ast::DeclId id) {
  names_[name].push_back(Entry{id, depth()});
  declared_.push_back(name);
}

std::vector<ast::DeclId> Scopes::at_depth(const Entries& entries, std::size_t end) {
  std::vector<ast::DeclId> found;
  for (std::size_t i = end; i > 0 && entries[i - 1].depth == entries[end - 1].depth; --i)
    found.push_back(entries[i - 1].id);
  std::reverse(found.begin(), found.end());
  return found;
}

std::vector<ast::DeclId> Scopes::find(std::string_view name) const {
  const auto at = names_.find(name);
  if (at == names_.end() || at->second.empty()) return {};
  return at_depth(at->second, at->second.size());
}

std::vector<ast::DeclId> Scopes::find_global(std::string_view name) const {
  const auto at = names_.find(name);
  if (at == names_.end()) return {};
  std::size_t end = at->second.size();
  while (end > 0 && at->second[end - 1].depth > kGlobalDepth) --end;
  if (end == 0) return {};
  return at_depth(at->second, end);
}

std::vector<ast::DeclId> Scopes::find_here(std::string_view name) const {
  const auto at = names_.find(name);
  if (at == names_.end() || at->second.empty() || at->second.back().depth != depth()) return {};
  return at_depth(at->second, at->second.size());
}

std::vector<std::string> Scopes::visible_names() const {
  std::vector<std::string> names;
  for (const auto& [name, entries] : names_) {
    if (!entries.empty()) names.emplace_back(name);
  }
  std::sort(names.begin(), names.end());  // so that equally near names always give the same suggestion
  return names;
}

}  // namespace p4bpf::check
