// From offsets to files and lines and back (source_map.h).
#include "base/source_map.h"

#include <algorithm>

namespace p4bpf {

Loc SourceMap::add_file(std::string name, std::string text, Loc included_at) {
  File file{std::move(name), std::move(text), next_, included_at, {0}, {}};
  for (std::uint32_t i = 0; i < file.text.size(); ++i) {
    if (file.text[i] == '\n') file.line_starts.push_back(i + 1);
  }
  // One more than the text, so that "end of file" is a place of its own.
  next_ += static_cast<std::uint32_t>(file.text.size()) + 1;
  files_.push_back(std::move(file));
  return Loc{files_.back().begin};
}

const SourceMap::File* SourceMap::find(Loc loc) const {
  if (!loc || files_.empty() || loc.offset >= next_) return nullptr;
  auto after = std::upper_bound(files_.begin(), files_.end(), loc.offset,
                                [](std::uint32_t offset, const File& file) { return offset < file.begin; });
  return &*std::prev(after);
}

std::uint32_t SourceMap::physical_line(const File& file, Loc loc) {
  const auto& starts = file.line_starts;
  const auto after = std::upper_bound(starts.begin(), starts.end(), loc.offset - file.begin);
  return static_cast<std::uint32_t>(after - starts.begin());
}

void SourceMap::set_line(Loc loc, std::uint32_t line, std::string name) {
  for (File& file : files_) {
    if (&file != find(loc)) continue;
    file.marks.push_back({physical_line(file, loc) + 1, line, std::move(name)});
    return;
  }
}

Position SourceMap::position(Loc loc) const {
  const File* file = find(loc);
  if (file == nullptr) return {};
  const std::uint32_t line = physical_line(*file, loc);
  Position at{file->name, line, loc.offset - file->begin - file->line_starts[line - 1] + 1};
  for (const LineMark& mark : file->marks) {
    if (mark.physical_line > line) break;
    at.line = mark.line + (line - mark.physical_line);
    at.file = mark.file.empty() ? file->name : mark.file;
  }
  return at;
}

std::string_view SourceMap::line_text(Loc loc) const {
  const File* file = find(loc);
  if (file == nullptr) return {};
  const std::uint32_t line = physical_line(*file, loc);
  const std::uint32_t begin = file->line_starts[line - 1];
  const std::size_t end = std::min(file->text.find('\n', begin), file->text.size());
  return std::string_view(file->text).substr(begin, end - begin);
}

std::string_view SourceMap::text(Span span) const {
  const File* file = find(span.begin);
  if (file == nullptr || file != find(span.end) || span.end < span.begin) return {};
  return std::string_view(file->text).substr(span.begin.offset - file->begin, span.end.offset - span.begin.offset);
}

Span SourceMap::line_span(std::string_view name, std::uint32_t line) const {
  for (const File& file : files_) {
    for (std::size_t i = 0; i < file.line_starts.size(); ++i) {
      const Loc start{file.begin + file.line_starts[i]};
      const Position at = position(start);
      if (at.line != line || at.file != name) continue;
      const std::string_view text = line_text(start);
      const std::size_t first = text.find_first_not_of(" \t\r");
      if (first == std::string_view::npos) return {start, start};
      const std::size_t last = text.find_last_not_of(" \t\r");
      return {Loc{start.offset + static_cast<std::uint32_t>(first)},
              Loc{start.offset + static_cast<std::uint32_t>(last) + 1}};
    }
  }
  return {};
}

Loc SourceMap::included_at(Loc loc) const {
  const File* file = find(loc);
  return file == nullptr ? Loc{} : file->included_at;
}

void SourceMap::add_expansion(Span use, Span definition) {
  // What a macro brings stands at the macro's use; the macro that the user wrote comes first.
  expansions_.try_emplace(use.begin.offset, use.end, definition);
}

Span SourceMap::macro_definition(Span use) const {
  const auto at = expansions_.find(use.begin.offset);
  return at == expansions_.end() || at->second.first != use.end ? Span{} : at->second.second;
}

std::string_view SourceMap::file_text(Loc file_begin) const {
  const File* file = find(file_begin);
  return file == nullptr ? std::string_view{} : std::string_view(file->text);
}

}  // namespace p4bpf
