// Looking things up in a manifest by the names that users type.
#include "manifest/manifest.h"

#include <algorithm>

#include "base/diagnostics.h"

namespace p4bpf::manifest {
namespace {

/// Whether `suffix` is `name` or what stands behind one of its dots.
bool is_dotted_suffix(std::string_view suffix, std::string_view name) {
  if (!name.ends_with(suffix)) return false;
  return name.size() == suffix.size() || name[name.size() - suffix.size() - 1] == '.';
}

std::string last_component(std::string_view name) { return std::string(name.substr(name.rfind('.') + 1)); }

std::string joined(const std::vector<std::string>& names, std::size_t limit) {
  std::string out;
  for (std::size_t i = 0; i < names.size() && i < limit; ++i) out += (i == 0 ? "" : ", ") + names[i];
  if (names.size() > limit) out += ", ...";
  return out;
}

/// The full names that `name` was probably meant to be: near as a whole, or near in their last component.
std::vector<std::string> near_names(std::string_view name, const std::vector<std::string>& names) {
  std::vector<std::string> components;
  for (const std::string& full : names) components.push_back(last_component(full));
  const bool is_dotted = name.find('.') != std::string_view::npos;
  const std::string near_full = is_dotted ? nearest_name(name, names) : "";
  const std::string near_component = near_full.empty() ? nearest_name(last_component(name), components) : "";
  std::vector<std::string> near;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const bool meant = names[i] == near_full || (!near_component.empty() && components[i] == near_component);
    if (meant) near.push_back(names[i]);
  }
  return near;
}

}  // namespace

const Table* Manifest::table(std::string_view name) const {
  const auto found = std::find_if(tables.begin(), tables.end(), [&](const Table& t) { return t.name == name; });
  return found == tables.end() ? nullptr : &*found;
}

const Counter* Manifest::counter(std::string_view name) const {
  const auto found = std::find_if(counters.begin(), counters.end(), [&](const Counter& c) { return c.name == name; });
  return found == counters.end() ? nullptr : &*found;
}

Result<std::size_t> find_by_name(std::string_view what, std::string_view name, const std::vector<std::string>& names) {
  std::vector<std::size_t> matching;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i] == name) return i;
    if (!name.empty() && is_dotted_suffix(name, names[i])) matching.push_back(i);
  }
  if (matching.size() == 1) return matching[0];
  const std::string quoted = std::string(what) + " '" + std::string(name) + "'";
  if (!matching.empty()) {
    std::vector<std::string> candidates;
    for (const std::size_t i : matching) candidates.push_back(names[i]);
    return fail(quoted + " is ambiguous", "it could be " + joined(candidates, 8));
  }
  if (names.empty()) return fail("there is no " + quoted, "the program has none");
  const std::vector<std::string> near = near_names(name, names);
  if (!near.empty()) return fail("there is no " + quoted, "did you mean " + joined(near, 4) + "?");
  return fail("there is no " + quoted, "there are: " + joined(names, 12));
}

}  // namespace p4bpf::manifest
