// What an editor asks about a place of a program. Each answer is made of one Analysis; places go in as Loc and come out
// as Span. Texts for people are Markdown.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "editor/lsp/analysis.h"

namespace p4bpf::editor {

/// What stands at a place: a macro, a name, or only an expression.
struct Target {
  Span span;                           // of the word under the cursor
  Span macro;                          // of the macro's name behind its #define
  ast::DeclId decl;                    // what the name means
  ast::ExprId expr;                    // the smallest expression around the place
  const ReadFile* included = nullptr;  // the place is an #include of this file
};
std::optional<Target> target_at(const Analysis& analysis, Loc loc);
/// Where the target is declared: a name, a #define, the first byte of a file. Nowhere if it is not.
Span definition_of(const Analysis& analysis, const Target& target);
/// Where the type of the target is declared.
Span type_definition_of(const Analysis& analysis, const Target& target);
/// All places that name it, those in macros' bodies left out; the declaration among them if wanted.
std::vector<Span> references_to(const Analysis& analysis, const Target& target, bool with_declaration);

struct Hover {
  Span span;
  std::string text;
};
std::optional<Hover> hover_at(Analysis& analysis, Loc loc);
/// The declaration as one would write it, its body left out: `action set(in bit<8> a, port_t port)`.
std::string signature_of(const Analysis& analysis, ast::DeclId decl);
/// The comment above the declaration, or behind it on its line, without its slashes and stars.
std::string comment_of(const Analysis& analysis, ast::DeclId decl);
/// The bits of a type of fixed size; nothing where it has none.
std::optional<std::uint64_t> width_of(Analysis& analysis, TypeId type);
/// The type that a field has in `owner`, a struct-like type.
TypeId field_type(Analysis& analysis, TypeId owner, ast::DeclId field);

/// What is listed for completion.
struct Suggestion {
  enum class Kind {
    kKeyword,
    kValue,
    kConstant,
    kField,
    kMethod,
    kFunction,
    kType,
    kEnumMember,
    kProperty,
    kFile,
    kBlock
  };
  std::string label;
  Kind kind = Kind::kKeyword;
  std::string detail;
};
/// What can stand at byte `offset` of `text`, the file `path` of the program, which need not be the text that the
/// analysis saw.
std::vector<Suggestion> suggestions_at(Analysis& analysis, const std::string& path, std::string_view text,
                                       std::size_t offset, const SourceOptions& options);

struct Signature {
  std::string label;
  std::vector<std::string> params;
  std::string comment;
  std::size_t active = 0;
};
/// The call whose arguments `offset` stands in.
std::optional<Signature> signature_at(Analysis& analysis, const std::string& path, std::string_view text,
                                      std::size_t offset);

enum class SymbolKind {
  kStruct,
  kField,
  kEnum,
  kEnumMember,
  kFunction,
  kMethod,
  kClass,
  kConstant,
  kVariable,
  kObject,
  kInterface,
  kEvent
};
struct Symbol {
  std::string name;
  std::string detail;
  SymbolKind kind;
  Span span;
  Span name_span;
  std::vector<Symbol> children;
};
/// The declarations that stand in one file, nested as they are written.
std::vector<Symbol> symbols_of(const Analysis& analysis, const std::string& path);

/// One word and what it is, for colours.
struct Colour {
  enum class Kind {
    kType,
    kStruct,
    kEnum,
    kEnumMember,
    kParameter,
    kVariable,
    kProperty,
    kFunction,
    kMethod,
    kMacro,
    kClass
  };
  std::size_t begin;
  std::size_t length;
  Kind kind;
  bool is_declaration;
  bool is_constant;
};
std::vector<Colour> colours_of(const Analysis& analysis, const std::string& path);

/// The names that notes of the form "did you mean 'x'?" offer for what the diagnostic points at.
std::vector<std::string> suggested_names(const Diagnostic& diagnostic);

/// Lines that fold, from 0, both included.
struct Fold {
  std::size_t first;
  std::size_t last;
  bool is_comment;
};
std::vector<Fold> folds_of(std::string_view text);

}  // namespace p4bpf::editor
