// From text to what is known of it (analysis.h).
#include "editor/lsp/analysis.h"

#include <algorithm>
#include <filesystem>

#include "base/embedded.h"
#include "frontend/warnings/warnings.h"

namespace p4bpf::editor {

std::string normal_path(const std::string& path) { return std::filesystem::path(path).lexically_normal().string(); }

const std::string_view* built_in_text(const std::string& path) {
  for (const EmbeddedFile& file : embedded_files()) {
    if (file.path == path) return &file.text;
  }
  return nullptr;
}

Analysis::Analysis(const std::string& path, std::string text, const SourceOptions& options) : root(path) {
  tokens = preprocess_text(path, std::move(text), options, sources, diagnostics);
  ast = parse_tokens(tokens, diagnostics);
  has_syntax_errors = diagnostics.has_errors();
  Diagnostics unheard(sources);
  typed = check_program(ast, has_syntax_errors ? unheard : diagnostics);
  typed.ast = &ast;
  check_warnings(typed, diagnostics);
  index = make_index(typed);
  for (std::size_t i = 0; i < tokens.files.size(); ++i)
    first_reading_.try_emplace(normal_path(tokens.files[i].name), i);
}

const ReadFile* Analysis::file(const std::string& path) const {
  const auto at = first_reading_.find(path);
  return at == first_reading_.end() ? nullptr : &tokens.files[at->second];
}

Loc Analysis::loc(const std::string& path, std::size_t offset) const {
  const ReadFile* const found = file(path);
  if (found == nullptr || offset > text_of(*found).size()) return {};
  return Loc{found->begin.offset + static_cast<std::uint32_t>(offset)};
}

const ReadFile* Analysis::file_of(Loc loc) const {
  if (!loc) return nullptr;
  const auto after = std::upper_bound(tokens.files.begin(), tokens.files.end(), loc,
                                      [](Loc wanted, const ReadFile& read) { return wanted < read.begin; });
  return after == tokens.files.begin() ? nullptr : &*std::prev(after);
}

FileSpan Analysis::file_span(Span span) const {
  const ReadFile* const read = file_of(span.begin);
  if (read == nullptr) return {};
  const std::size_t begin = span.begin.offset - read->begin.offset;
  const std::size_t length = span.end < span.begin ? 0 : span.end.offset - span.begin.offset;
  return {normal_path(read->name), begin, std::min(begin + length, text_of(*read).size())};
}

const LineTable& Analysis::lines_of(const ReadFile& read) {
  return lines_.try_emplace(read.begin.offset, text_of(read)).first->second;
}

bool Analysis::is_built_in(const ReadFile& read) const {
  const std::string_view* const text = built_in_text(normal_path(read.name));
  return (text != nullptr && *text == text_of(read)) || read.name == "<command line>";
}

}  // namespace p4bpf::editor
