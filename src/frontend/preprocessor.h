// The C preprocessor that P4_16 asks for (section 6.3.1 "Program Preprocessor"), done by us so that places survive it:
// #include, #define (objects, functions, # and ##, ...), #undef, #if and its family, #line, #error, #warning, #pragma
// once.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostics.h"
#include "base/result.h"
#include "base/source_map.h"
#include "frontend/lexer.h"
#include "frontend/token.h"

namespace p4bpf {

/// Where sources come from and which macros they start with: what -I, -D and -U say.
struct SourceOptions {
  std::vector<std::string> include_dirs;
  std::vector<std::string> defines;  // "M" or "M=VALUE"
  std::vector<std::string> undefines;
  /// The text that stands for the file at a path (editors: buffers that are not saved yet); nothing: what is on disk.
  std::function<std::optional<std::string>(const std::string& path)> unsaved;
};

/// Reads and preprocesses `path`. Fails if the file cannot be read; all else goes to `diagnostics`.
Result<TokenStream> preprocess_file(const std::string& path, const SourceOptions& options, SourceMap& sources,
                                    Diagnostics& diagnostics);
/// The same for text at hand, which is called `name` in messages; `#include "x"` looks beside `name`.
TokenStream preprocess_text(const std::string& name, std::string text, const SourceOptions& options, SourceMap& sources,
                            Diagnostics& diagnostics);

namespace preprocessor {

// Limits that no honest program meets; each ends in a diagnostic and stops the run.
constexpr std::size_t kMaxIncludeDepth = 200;
constexpr std::size_t kMaxSourceBytes = std::size_t{16} << 20;
constexpr std::size_t kMaxExpansionTokens = 1'000'000;
constexpr std::size_t kMaxMacroArgumentDepth = 100;
constexpr std::size_t kMaxConditionDepth = 200;
constexpr std::size_t kMaxErrors = 100;

struct Macro {
  Span span;
  bool is_function = false;
  bool is_variadic = false;
  bool is_disabled = false;  // while its own expansion is read again
  std::vector<std::string_view> params;
  std::vector<Token> body;
};

/// Where raw tokens come from: a file, or the tokens of an expansion.
struct Frame {
  Macro* macro = nullptr;  // to be enabled again when the frame ends
  std::vector<Token> tokens;
  std::size_t next = 0;
  bool is_barrier = false;  // the reader must not run on into the frame below
};

/// One group of #if ... #endif.
struct Condition {
  Span span;
  bool taken = false;  // some branch has been taken
  bool seen_else = false;
};

class Preprocessor {
 public:
  Preprocessor(const SourceOptions& options, SourceMap& sources, Diagnostics& diagnostics)
      : options_(options), sources_(sources), diagnostics_(diagnostics) {}
  TokenStream run(const std::string& name, std::string text);

 private:
  // Files and directives: preprocessor.cpp.
  void define_from_options();
  void read_file(const std::string& name, const std::string& directory, std::string text, Span included_at);
  void read_directive(const Token& hash);
  void read_conditional(std::string_view name, const Token& at);
  void skip_group();
  void read_include(const Token& at);
  void read_define(const Token& at);
  bool read_macro_params(std::vector<Token>& line, std::size_t& next, Macro& macro);
  void read_line_marker(std::vector<Token> line, const Token& at);
  std::vector<Token> rest_of_directive();
  bool evaluate(const Token& at);
  bool is_defined(const Token& name);
  void emit(const Token& token);
  void report(DiagnosticKind kind, Span span, std::string message);

  // Macros: preprocessor_macros.cpp.
  Token next_raw();
  Token peek_raw();
  bool read_macro(Token& name);
  void expand(Macro& macro, const Token& use, const std::vector<std::vector<Token>>& arguments);
  bool collect_arguments(const Macro& macro, const Token& use, std::vector<std::vector<Token>>& arguments);
  std::vector<Token> expand_list(std::vector<Token> tokens);
  std::vector<Token> substitute(const Macro& macro, const Token& use, const std::vector<std::vector<Token>>& arguments);
  Token paste(const Token& left, const Token& right, Span span);
  Token make_token(TokenKind kind, std::string text, Span span);
  bool count_tokens(std::size_t count, Span span);

  struct File {
    std::string name;
    std::string directory;
    Lexer lexer;
    std::vector<Condition> conditions;
  };

  const SourceOptions& options_;
  SourceMap& sources_;
  Diagnostics& diagnostics_;
  TokenStream out_;
  std::map<std::string, Macro, std::less<>> macros_;
  std::set<std::string> once_;
  File* file_ = nullptr;
  std::vector<Frame> frames_;
  std::size_t include_depth_ = 0;
  std::size_t argument_depth_ = 0;
  std::size_t source_bytes_ = 0;
  std::size_t expanded_ = 0;
  std::size_t errors_ = 0;
  bool stopped_ = false;
};

/// The value of the expression of an #if, macros already expanded and `defined` resolved. False after a report.
bool evaluate_condition(const std::vector<Token>& tokens, Span span, Diagnostics& diagnostics);

}  // namespace preprocessor
}  // namespace p4bpf
