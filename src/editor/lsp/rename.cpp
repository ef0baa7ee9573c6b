// Renaming (rename.h).
#include "editor/lsp/rename.h"

#include <algorithm>
#include <map>
#include <set>

#include "frontend/token.h"

namespace p4bpf::editor {
namespace {

bool is_identifier(std::string_view name) {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  if (name.empty() || !is_letter(name.front())) return false;
  for (const char c : name) {
    if (!is_letter(c) && !(c >= '0' && c <= '9')) return false;
  }
  return keyword_kind(name) == TokenKind::kIdentifier;
}

std::string with_replacements(std::string text, const std::vector<FileSpan>& places, const std::string& path,
                              const std::string& name) {
  for (auto place = places.rbegin(); place != places.rend(); ++place) {
    if (place->path == path) text.replace(place->begin, place->end - place->begin, name);
  }
  return text;
}

bool means_the_same(const Analysis& before, const Analysis& after) {
  const auto& old_names = before.index.references;
  const auto& new_names = after.index.references;
  return before.diagnostics.error_count() == after.diagnostics.error_count() && before.typed.main == after.typed.main &&
         std::equal(old_names.begin(), old_names.end(), new_names.begin(), new_names.end(),
                    [](const Reference& a, const Reference& b) { return a.decl == b.decl; });
}

/// The program with the new name in it.
std::shared_ptr<Analysis> renamed(Workspace& workspace, const Analysis& before, const std::vector<FileSpan>& places,
                                  const std::string& name) {
  SourceOptions options = workspace.source_options();
  options.unsaved = [&](const std::string& path) -> std::optional<std::string> {
    const ReadFile* const file = before.file(normal_path(path));
    if (file == nullptr) return std::nullopt;
    return with_replacements(std::string(before.text_of(*file)), places, normal_path(path), name);
  };
  const ReadFile* const main = before.file(before.root);
  return std::make_shared<Analysis>(
      before.root, with_replacements(std::string(before.text_of(*main)), places, before.root, name), options);
}

}  // namespace

Rename renamable(Workspace& workspace, const std::string& path, std::size_t offset) {
  const std::vector<Analysis*> programs = workspace.analyses_of(path);
  const auto refuse = [](std::string why) { return Rename{{}, std::move(why)}; };
  if (programs.empty()) return refuse("no open program reads this file");
  const std::optional<Target> target = target_at(*programs[0], programs[0]->loc(path, offset));
  if (target && target->macro) return refuse("macros cannot be renamed");
  if (!target || !target->decl) return refuse("no name stands here");
  const Analysis& first = *programs[0];
  const Span name = first.ast[target->decl].name.span;
  const ReadFile* const file = first.file_of(name.begin);
  if (file == nullptr || first.is_built_in(*file))
    return refuse("'" + first.ast[target->decl].name.text + "' is declared in a built-in file");
  const FileSpan declared = first.file_span(name);
  std::set<FileSpan> places;
  for (Analysis* const program : workspace.analyses_of(declared.path)) {
    const std::optional<Target> same = target_at(*program, program->loc(declared.path, declared.begin));
    if (!same || !same->decl) continue;
    for (const Span span : references_to(*program, *same, true)) {
      if (program->sources.text(span) != program->ast[same->decl].name.text)
        return refuse("'" + program->ast[same->decl].name.text + "' is named in a macro");
      const ReadFile* const there = program->file_of(span.begin);
      if (there != nullptr && program->is_built_in(*there)) return refuse("a built-in file names it");
      places.insert(program->file_span(span));
    }
  }
  return Rename{{places.begin(), places.end()}, {}};
}

Rename rename(Workspace& workspace, const std::string& path, std::size_t offset, const std::string& new_name) {
  Rename found = renamable(workspace, path, offset);
  if (!found.refusal.empty() || found.places.empty()) return found;
  if (!is_identifier(new_name)) return Rename{{}, "'" + new_name + "' is not a name"};
  std::set<Analysis*> programs;
  for (const FileSpan& place : found.places) {
    for (Analysis* const program : workspace.analyses_of(place.path)) programs.insert(program);
  }
  for (Analysis* const program : programs) {
    if (!means_the_same(*program, *renamed(workspace, *program, found.places, new_name)))
      return Rename{{}, "'" + new_name + "' clashes with another name in " + program->root};
  }
  return found;
}

}  // namespace p4bpf::editor
