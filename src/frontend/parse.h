// P4_16 source to Ast: preprocessor, lexer and parser in one call.
#pragma once

#include <string>

#include "base/diagnostics.h"
#include "base/result.h"
#include "frontend/ast.h"
#include "frontend/preprocessor.h"

namespace p4bpf {

/// Fails only if `path` itself cannot be read. What is wrong with the program goes to `diagnostics`; the Ast then holds
/// what could be understood, and is complete if and only if no error was reported.
Result<ast::Ast> parse_file(const std::string& path, const SourceOptions& options, SourceMap& sources,
                            Diagnostics& diagnostics);

/// The same for text at hand, which is called `name` in messages.
ast::Ast parse_text(const std::string& name, std::string text, const SourceOptions& options, SourceMap& sources,
                    Diagnostics& diagnostics);

/// The Ast of tokens that were preprocessed already.
ast::Ast parse_tokens(const TokenStream& stream, Diagnostics& diagnostics);

}  // namespace p4bpf
