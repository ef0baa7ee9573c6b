// Documents and programs (workspace.h).
#include "editor/lsp/workspace.h"

#include <cstdlib>

#include "base/files.h"

namespace p4bpf::editor {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int high = text[i] == '%' && i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
    const int low = high >= 0 ? hex_digit(text[i + 2]) : -1;
    if (low >= 0) i += 2;
    out += low >= 0 ? static_cast<char>(high * 16 + low) : text[i];
  }
  return out;
}

std::string percent_encoded(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  constexpr std::string_view kPlain = "-._~/";
  std::string out;
  for (const char c : text) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                          kPlain.find(c) != std::string_view::npos;
    const auto byte = static_cast<unsigned char>(c);
    out += is_plain ? std::string(1, c) : std::string{'%', kDigits[byte / 16], kDigits[byte % 16]};
  }
  return out;
}

}  // namespace

std::string cache_folder() {
  if (const char* const cache = std::getenv("XDG_CACHE_HOME"); cache != nullptr && *cache == '/')
    return std::string(cache) + "/p4bpf/";
  if (const char* const home = std::getenv("HOME"); home != nullptr && *home == '/')
    return std::string(home) + "/.cache/p4bpf/";
  return {};
}

std::string Workspace::path_of(const std::string& uri) const {
  constexpr std::string_view kScheme = "file://";
  if (!uri.starts_with(kScheme)) return uri;
  std::string rest = uri.substr(kScheme.size());
  if (!rest.empty() && rest.front() != '/') rest.erase(0, std::min(rest.find('/'), rest.size()));  // a host
  const std::string path = normal_path(percent_decoded(rest));
  const std::string cache = cache_folder();
  if (!cache.empty() && path.starts_with(cache) && built_in_text(path.substr(cache.size())) != nullptr)
    return path.substr(cache.size());
  return path;
}

std::string Workspace::uri_of(const std::string& path) const {
  if (const auto at = documents_.find(path); at != documents_.end()) return at->second.uri;
  if (!path.empty() && path.front() == '/') return "file://" + percent_encoded(path);
  const std::string_view* const text = built_in_text(path);
  const std::string cache = cache_folder();
  if (text == nullptr || cache.empty()) return {};
  const std::string shown = cache + path;
  const Result<std::string> there = read_file(shown);
  if (!there || *there != *text) {
    if (!make_directories(shown.substr(0, shown.rfind('/'))) || !write_file(shown, *text)) return {};
  }
  return "file://" + percent_encoded(shown);
}

void Workspace::configure(Configuration configuration) {
  configuration_ = std::move(configuration);
  touch_all();
}

SourceOptions Workspace::source_options() const {
  SourceOptions options{configuration_.include_dirs, configuration_.defines, configuration_.undefines, {}};
  options.unsaved = [this](const std::string& path) -> std::optional<std::string> {
    const Document* const found = document_at(normal_path(path));
    return found == nullptr ? std::nullopt : std::optional(found->text);
  };
  return options;
}

const Document* Workspace::document(const std::string& uri) const { return document_at(path_of(uri)); }

const Document* Workspace::document_at(const std::string& path) const {
  const auto at = documents_.find(path);
  return at == documents_.end() ? nullptr : &at->second;
}

void Workspace::touch_all() {
  for (const auto& [root, analysis] : analyses_) stale_.insert(root);
}

void Workspace::open(const std::string& uri, std::string text, std::int64_t version) {
  documents_[path_of(uri)] = Document{uri, std::move(text), version};
  touch_all();  // somebody may have looked for it in vain
}

void Workspace::change(const std::string& uri, std::string text, std::int64_t version) {
  const std::string path = path_of(uri);
  const auto at = documents_.find(path);
  if (at == documents_.end()) return;
  at->second.text = std::move(text);
  at->second.version = version;
  for (const auto& [root, analysis] : analyses_) {
    if (analysis->file(path) != nullptr) stale_.insert(root);
  }
}

void Workspace::close(const std::string& uri) {
  const std::string path = path_of(uri);
  documents_.erase(path);
  analyses_.erase(path);
  last_good_.erase(path);
  stale_.erase(path);
  touch_all();
}

bool Workspace::is_read_by_another(const std::string& path) const {
  for (const auto& [root, analysis] : analyses_) {
    if (root != path && analysis->file(path) != nullptr) return true;
  }
  return false;
}

Analysis& Workspace::analyse(const std::string& root) {
  auto made = std::make_shared<Analysis>(root, documents_.at(root).text, source_options());
  if (!made->has_syntax_errors) last_good_[root] = made;
  stale_.erase(root);
  analyses_[root] = made;
  // What this program includes is no program of its own.
  for (const auto& [path, document] : documents_) {
    if (path == root || made->file(path) == nullptr) continue;
    analyses_.erase(path);
    stale_.erase(path);
  }
  return *made;
}

std::string Workspace::next_stale() const {
  if (!stale_.empty()) return *stale_.begin();
  for (const auto& [path, document] : documents_) {
    if (!analyses_.contains(path) && !is_read_by_another(path)) return path;
  }
  return {};
}

bool Workspace::has_work() const { return !next_stale().empty(); }

void Workspace::work() {
  if (const std::string root = next_stale(); !root.empty()) analyse(root);
}

std::vector<Analysis*> Workspace::analyses_of(const std::string& path) {
  // A program that is stale may read the file no more; another may then, or it stands alone.
  for (std::size_t round = 0; round < 3; ++round) {
    std::set<std::string> roots;
    for (const auto& [root, analysis] : analyses_) {
      if (analysis->file(path) != nullptr) roots.insert(root);
    }
    for (const std::string& root : roots) {
      if (stale_.contains(root)) analyse(root);
    }
    std::vector<Analysis*> found;
    for (const auto& [root, analysis] : analyses_) {
      if (!stale_.contains(root) && analysis->file(path) != nullptr) found.push_back(analysis.get());
    }
    if (!found.empty()) return found;
    if (documents_.contains(path)) {
      while (has_work()) work();
      if (!analyses_.contains(path) && !is_read_by_another(path)) analyse(path);
    }
  }
  return {};
}

Analysis* Workspace::analysis_of(const std::string& path) {
  const std::vector<Analysis*> found = analyses_of(path);
  return found.empty() ? nullptr : found.front();
}

Analysis* Workspace::last_good(const std::string& path) {
  for (const auto& [root, analysis] : last_good_) {
    if (analysis->file(path) != nullptr) return analysis.get();
  }
  return nullptr;
}

}  // namespace p4bpf::editor
