// What the words before the cursor mean, found from tokens and scopes: `hdr.ipv4.` is no expression yet, and neither is
// `t.apply(`. The text may be newer than the analysis.
#pragma once

#include <optional>
#include <vector>

#include "editor/lsp/features.h"
#include "frontend/token.h"

namespace p4bpf::editor {

/// The tokens of `text` before `offset`, words as identifiers and keywords; a word that `offset` touches is the prefix
/// and not among them.
struct TokensBefore {
  std::vector<Token> tokens;
  std::string_view prefix;
  /// The places in `tokens` of the brackets that are open, outer first.
  std::vector<std::size_t> open;
};
TokensBefore tokens_before(std::string_view text, std::size_t offset);

/// What a chain of names means: a declaration, the type of its value, or both.
struct Meaning {
  ast::DeclId decl;
  TypeId type;
};

class Chains {
 public:
  Chains(Analysis& analysis, const std::vector<Token>& tokens, Loc scope)
      : analysis_(analysis), tokens_(tokens), scope_(scope) {}
  /// Of the chain whose last token is tokens[end - 1].
  std::optional<Meaning> before(std::size_t end) const;
  std::optional<Meaning> member(const Meaning& base, std::string_view name) const;

 private:
  std::optional<Meaning> before(std::size_t end, int depth) const;
  std::optional<Meaning> called(const Meaning& callee) const;
  std::optional<Meaning> named(ast::DeclId decl) const;
  std::size_t matching(std::size_t close) const;

  Analysis& analysis_;
  const std::vector<Token>& tokens_;
  Loc scope_;
};

}  // namespace p4bpf::editor
