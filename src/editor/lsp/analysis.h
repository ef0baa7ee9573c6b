// One program as the language server knows it: its files, Ast, types and names, made from the text of the moment.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>

#include "base/diagnostics.h"
#include "editor/lsp/index.h"
#include "editor/lsp/text.h"
#include "frontend/parse.h"

namespace p4bpf::editor {

/// A stretch of a file, bytes counted from its beginning.
struct FileSpan {
  std::string path;
  std::size_t begin = 0;
  std::size_t end = 0;
  auto operator<=>(const FileSpan&) const = default;
};

class Analysis {
 public:
  /// Preprocesses, parses, checks and indexes `text`, the program whose main file is called `path`. Never fails: what
  /// is wrong is in `diagnostics`; what could be understood is in the rest.
  Analysis(const std::string& path, std::string text, const SourceOptions& options);
  Analysis(const Analysis&) = delete;
  Analysis& operator=(const Analysis&) = delete;

  std::string root;
  SourceMap sources;
  /// What to tell the user: of the types only where the syntax is right.
  Diagnostics diagnostics{sources};
  TokenStream tokens;
  ast::Ast ast;
  TypedProgram typed;
  Index index;
  bool has_syntax_errors = false;
  /// What width_of() found out: structs in structs would be measured again and again.
  std::unordered_map<TypeId, std::optional<std::uint64_t>> widths;

  /// The file of `path`, as it was read first; nullptr if the program does not read it.
  const ReadFile* file(const std::string& path) const;
  /// Where that file's byte `offset` is; nowhere if the program does not read the file.
  Loc loc(const std::string& path, std::size_t offset) const;
  const ReadFile* file_of(Loc loc) const;
  /// The path, and the bytes. An empty path for nowhere.
  FileSpan file_span(Span span) const;
  std::string_view text_of(const ReadFile& file) const { return sources.file_text(file.begin); }
  const LineTable& lines_of(const ReadFile& file);
  bool is_built_in(const ReadFile& file) const;

  template <class Node>
  const Node* decl(ast::DeclId id) const {
    return id ? std::get_if<Node>(&ast[id].node) : nullptr;
  }

 private:
  std::unordered_map<std::string, std::size_t> first_reading_;
  std::unordered_map<std::uint32_t, LineTable> lines_;
};

/// `a/./b/../c` as `a/c`.
std::string normal_path(const std::string& path);
/// The text of a file that is built into the binary, by its name there; nullptr if there is none.
const std::string_view* built_in_text(const std::string& path);

}  // namespace p4bpf::editor
