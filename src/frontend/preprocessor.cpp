// Files and directives. A directive is a `#` that is the first token of its line; all other tokens go through the
// macros.
#include "frontend/preprocessor.h"

#include <filesystem>
#include <fstream>
#include <optional>

#include "base/embedded.h"
#include "frontend/literals.h"

namespace p4bpf {
namespace preprocessor {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kEmbeddedRoot = "p4include";

/// The architecture files that are built in, as they are included.
std::vector<std::string> embedded_names() {
  std::vector<std::string> names;
  for (const EmbeddedFile& file : embedded_files()) {
    if (file.path.starts_with(kEmbeddedRoot)) names.emplace_back(file.path.substr(kEmbeddedRoot.size() + 1));
  }
  return names;
}

Result<std::string> read_text(const std::string& path) {
  std::error_code failure;
  if (fs::is_directory(path, failure)) return fail("cannot read " + path + ": it is a directory");
  std::ifstream in(path, std::ios::binary);
  if (!in) return fail_errno("cannot read " + path, errno);
  std::string text;
  std::vector<char> block(std::size_t{1} << 16);
  while (in.read(block.data(), static_cast<std::streamsize>(block.size())) || in.gcount() > 0) {
    text.append(block.data(), static_cast<std::size_t>(in.gcount()));
    if (text.size() > kMaxSourceBytes) return fail("cannot read " + path + ": it is larger than 16 MiB");
  }
  return text;
}

struct FoundFile {
  std::string name;
  std::string directory;
  std::string text;
};

std::optional<FoundFile> find_on_disk(const SourceOptions& options, const fs::path& path) {
  if (options.unsaved) {
    if (std::optional<std::string> text = options.unsaved(path.string()); text && text->size() <= kMaxSourceBytes)
      return FoundFile{path.string(), path.parent_path().string(), std::move(*text)};
  }
  std::error_code failure;
  if (!fs::is_regular_file(path, failure)) return std::nullopt;
  Result<std::string> text = read_text(path.string());
  if (!text) return std::nullopt;
  return FoundFile{path.string(), path.parent_path().string(), std::move(*text)};
}

std::optional<FoundFile> find_embedded(const fs::path& path) {
  const std::string name = path.lexically_normal().string();
  for (const EmbeddedFile& file : embedded_files()) {
    if (file.path == name) return FoundFile{name, fs::path(name).parent_path().string(), std::string(file.text)};
  }
  return std::nullopt;
}

}  // namespace

void Preprocessor::report(DiagnosticKind kind, Span span, std::string message) {
  diagnostics_.report(kind, span, std::move(message));
  if (severity_of(kind) == Severity::kError && ++errors_ >= kMaxErrors) stopped_ = true;
}

TokenStream Preprocessor::run(const std::string& name, std::string text) {
  define_from_options();
  read_file(name, fs::path(name).parent_path().string(), std::move(text), Span{});
  return std::move(out_);
}

/// -D and -U become the lines of a file of their own, so that their mistakes have a place.
void Preprocessor::define_from_options() {
  std::string text;
  const auto add_line = [&text](std::string line) {
    for (char& c : line) c = c == '\n' ? ' ' : c;
    text += line + "\n";
  };
  for (const std::string& define : options_.defines) {
    const std::size_t equals = define.find('=');
    add_line("#define " + define.substr(0, equals) + " " +
             (equals == std::string::npos ? "1" : define.substr(equals + 1)));
  }
  for (const std::string& name : options_.undefines) add_line("#undef " + name);
  if (text.empty()) return;
  read_file("<command line>", "", std::move(text), Span{});
  out_.tokens.clear();
}

void Preprocessor::read_file(const std::string& name, const std::string& directory, std::string text,
                             Span included_at) {
  source_bytes_ += text.size() + 1;
  const Loc begin = sources_.add_file(name, std::move(text), included_at.begin);
  out_.files.push_back(ReadFile{name, begin, included_at});
  File file{name, directory, Lexer(sources_.file_text(begin), begin), {}};
  File* const outer = std::exchange(file_, &file);
  ++include_depth_;
  Token token;
  while (!stopped_ && (token = next_raw()).kind != TokenKind::kEnd) {
    if (token.kind == TokenKind::kUnexpected && token.line_start && token.text == "#" && frames_.empty()) {
      read_directive(token);
    } else if (token.kind != TokenKind::kIdentifier || !read_macro(token)) {
      emit(token);
    }
  }
  if (const Span comment = file.lexer.unterminated_comment()) {
    report(DiagnosticKind::kUnterminated, comment, "this comment has no end");
  }
  for (const Condition& condition : file.conditions) {
    if (!stopped_) report(DiagnosticKind::kUnterminated, condition.span, "this condition has no #endif");
  }
  --include_depth_;
  file_ = outer;
  if (include_depth_ == 0) {
    token.kind = TokenKind::kEnd;
    token.line_start = true;
    token.text = {};
    token.span = Span{file.lexer.here(), file.lexer.here()};
    out_.tokens.push_back(token);
  }
}

void Preprocessor::emit(const Token& token) {
  out_.tokens.push_back(token);
  Token& made = out_.tokens.back();
  if (made.kind == TokenKind::kIdentifier) made.kind = keyword_kind(made.text);
  if (made.kind != TokenKind::kStringLiteral) return;
  if (string_literal_length(made.text) == 0) {
    report(DiagnosticKind::kUnterminated, made.span, "this string has no closing quote");
  } else if (!is_utf8(made.text)) {
    report(DiagnosticKind::kBadCharacter, made.span, "this string is not valid UTF-8");
  } else if (made.text.find('\0') != std::string_view::npos) {
    report(DiagnosticKind::kBadCharacter, made.span, "this string holds a NUL byte");
  }
}

std::vector<Token> Preprocessor::rest_of_directive() {
  std::vector<Token> line;
  while (true) {
    const Token token = file_->lexer.next();
    if (token.kind == TokenKind::kEnd) break;
    if (token.line_start) {
      file_->lexer.rewind(token);
      break;
    }
    line.push_back(token);
  }
  return line;
}

void Preprocessor::read_directive(const Token& hash) {
  Lexer& lexer = file_->lexer;
  const Token name = lexer.next();
  if (name.line_start || name.kind == TokenKind::kEnd) {  // a lone `#` is legal
    lexer.rewind(name);
    return;
  }
  if (name.kind == TokenKind::kInteger) {
    lexer.rewind(name);
    read_line_marker(rest_of_directive(), name);
  } else if (name.text == "line") {
    read_line_marker(rest_of_directive(), name);
  } else if (name.text == "include") {
    read_include(name);
  } else if (name.text == "define") {
    read_define(name);
  } else if (name.text == "undef") {
    const std::vector<Token> line = rest_of_directive();
    if (line.size() != 1 || line[0].kind != TokenKind::kIdentifier) {
      report(DiagnosticKind::kBadDirective, name.span, "#undef expects the name of one macro");
    } else if (const auto at = macros_.find(line[0].text); at != macros_.end() && !at->second.is_disabled) {
      macros_.erase(at);
    }
  } else if (name.text == "error") {
    report(DiagnosticKind::kUserError, name.span, "#error " + lexer.rest_of_line());
  } else if (name.text == "warning") {
    report(DiagnosticKind::kUserWarning, name.span, "#warning " + lexer.rest_of_line());
  } else if (name.text == "pragma") {
    const std::vector<Token> line = rest_of_directive();
    if (line.size() == 1 && line[0].text == "once") once_.insert(fs::path(file_->name).lexically_normal().string());
  } else if (name.text == "if" || name.text == "ifdef" || name.text == "ifndef" || name.text == "elif" ||
             name.text == "else" || name.text == "endif") {
    read_conditional(name.text, name);
  } else {
    // The reference compiler passes over such a line in silence; programs in use have remarks behind a '#'.
    lexer.rest_of_line();
    report(DiagnosticKind::kNoEffect, Span{hash.span.begin, name.span.end},
           "this is no directive, the line is ignored");
  }
}

bool Preprocessor::is_defined(const Token& name) {
  const auto at = macros_.find(name.text);
  if (at == macros_.end()) return false;
  out_.macro_uses.push_back(MacroUse{name.span, at->second.span});
  return true;
}

/// The value of the condition of an #if or #elif: `defined` first, then macros, then arithmetic.
bool Preprocessor::evaluate(const Token& at) {
  const std::vector<Token> line = rest_of_directive();
  std::vector<Token> resolved;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i].text != "defined") {
      resolved.push_back(line[i]);
      continue;
    }
    const bool has_paren = i + 1 < line.size() && line[i + 1].kind == TokenKind::kLeftParen;
    const std::size_t name = i + (has_paren ? 2 : 1);
    const bool is_closed = !has_paren || (name + 1 < line.size() && line[name + 1].kind == TokenKind::kRightParen);
    if (name >= line.size() || line[name].kind != TokenKind::kIdentifier || !is_closed) {
      report(DiagnosticKind::kBadDirective, line[i].span, "'defined' expects the name of a macro");
      return false;
    }
    Token value = line[i];
    value.kind = TokenKind::kInteger;
    value.text = is_defined(line[name]) ? "1" : "0";
    resolved.push_back(value);
    i = name + (has_paren ? 1 : 0);
  }
  return evaluate_condition(expand_list(std::move(resolved)), at.span, diagnostics_);
}

void Preprocessor::read_conditional(std::string_view name, const Token& at) {
  std::vector<Condition>& conditions = file_->conditions;
  if (name == "if" || name == "ifdef" || name == "ifndef") {
    bool is_true = false;
    if (name == "if") {
      is_true = evaluate(at);
    } else {
      const std::vector<Token> line = rest_of_directive();
      if (line.empty() || line[0].kind != TokenKind::kIdentifier) {
        report(DiagnosticKind::kBadDirective, at.span, "#" + std::string(name) + " expects the name of a macro");
      } else {
        is_true = is_defined(line[0]) == (name == "ifdef");
      }
    }
    conditions.push_back(Condition{at.span, is_true, false});
    if (!is_true) skip_group();
    return;
  }
  rest_of_directive();
  if (conditions.empty()) {
    report(DiagnosticKind::kBadDirective, at.span, "found #" + std::string(name) + " without #if");
  } else if (name == "endif") {
    conditions.pop_back();
  } else {  // the branch that has been read ends; the others are left out
    if (conditions.back().seen_else) {
      report(DiagnosticKind::kBadDirective, at.span, "found #" + std::string(name) + " after #else");
    }
    conditions.back().seen_else |= name == "else";
    skip_group();
  }
}

/// Leaves text out up to the #elif or #else that is to be read, or to the #endif of the innermost condition.
void Preprocessor::skip_group() {
  std::vector<Condition>& conditions = file_->conditions;
  Lexer& lexer = file_->lexer;
  std::size_t depth = 0;  // of conditions within what is left out
  while (lexer.skip_to_directive().kind != TokenKind::kEnd) {
    const Token name = lexer.next();
    if (name.kind == TokenKind::kEnd) return;
    if (name.line_start) {
      lexer.rewind(name);
      continue;
    }
    Condition& condition = conditions.back();
    if (name.text == "if" || name.text == "ifdef" || name.text == "ifndef") {
      ++depth;
    } else if (name.text == "endif") {
      rest_of_directive();
      if (depth == 0) {
        conditions.pop_back();
        return;
      }
      --depth;
    } else if (depth == 0 && (name.text == "else" || name.text == "elif")) {
      if (condition.seen_else) {
        report(DiagnosticKind::kBadDirective, name.span, "found #" + std::string(name.text) + " after #else");
      }
      if (name.text == "else") condition.seen_else = true;
      if (condition.taken) continue;
      condition.taken = name.text == "else" || evaluate(name);
      if (condition.taken) {
        rest_of_directive();
        return;
      }
    }
  }
}

void Preprocessor::read_include(const Token& at) {
  const std::string rest = file_->lexer.rest_of_line();
  std::string name;
  bool is_quoted = false;
  if (rest.size() > 2 && (rest[0] == '"' || rest[0] == '<')) {
    is_quoted = rest[0] == '"';
    const std::size_t close = rest.find(is_quoted ? '"' : '>', 1);
    if (close != std::string::npos) name = rest.substr(1, close - 1);
  } else if (const auto macro = macros_.find(rest); macro != macros_.end()) {  // #include MACRO
    std::string text;
    for (const Token& token : macro->second.body) text += token.text;
    if (text.size() > 2) name = text.substr(1, text.size() - 2);
    is_quoted = !text.empty() && text[0] == '"';
  }
  if (name.empty()) {
    report(DiagnosticKind::kBadDirective, at.span, "#include expects \"file\" or <file>");
    return;
  }
  std::vector<fs::path> places;
  if (is_quoted) places.push_back(fs::path(file_->directory) / name);
  for (const std::string& dir : options_.include_dirs) places.push_back(fs::path(dir) / name);
  std::optional<FoundFile> found;
  if (name.find('\0') == std::string::npos) {
    for (std::size_t i = 0; i < places.size() && !found; ++i) found = find_on_disk(options_, places[i]);
    if (!found && is_quoted) found = find_embedded(fs::path(file_->directory) / name);
    if (!found) found = find_embedded(fs::path(kEmbeddedRoot) / name);
  }
  if (!found) {
    const std::string meant = nearest_name(name, embedded_names());
    report(DiagnosticKind::kFileNotFound, at.span,
           "cannot find the file " + name + (meant.empty() ? "" : "; did you mean <" + meant + ">?"));
  } else if (include_depth_ >= kMaxIncludeDepth || source_bytes_ + found->text.size() > kMaxSourceBytes) {
    report(DiagnosticKind::kIncludeTooDeep, at.span,
           include_depth_ >= kMaxIncludeDepth ? "files include one another too deeply"
                                              : "the program takes in too much text");
    stopped_ = true;
  } else if (!once_.contains(fs::path(found->name).lexically_normal().string())) {
    read_file(found->name, found->directory, std::move(found->text), Span{at.span.begin, file_->lexer.here()});
  }
}

/// The parameters of a function macro, `next` standing behind its `(`. False after a report.
bool Preprocessor::read_macro_params(std::vector<Token>& line, std::size_t& next, Macro& macro) {
  macro.is_function = true;
  while (next < line.size()) {
    const Token& token = line[next++];
    if (token.kind == TokenKind::kRightParen && macro.params.empty()) return true;
    if (token.kind == TokenKind::kDots) {
      macro.is_variadic = true;
      macro.params.push_back("__VA_ARGS__");
    } else if (token.kind == TokenKind::kIdentifier) {
      macro.params.push_back(token.text);
    } else {
      break;
    }
    if (next >= line.size()) break;
    const Token& separator = line[next++];
    if (separator.kind == TokenKind::kRightParen) return true;
    if (separator.kind != TokenKind::kComma || macro.is_variadic) break;
  }
  report(DiagnosticKind::kBadDirective, macro.span,
         "the parameters of this macro are not names between commas and ')'");
  return false;
}

void Preprocessor::read_define(const Token& at) {
  std::vector<Token> line = rest_of_directive();
  if (line.empty() || line[0].kind != TokenKind::kIdentifier || line[0].text == "defined") {
    report(DiagnosticKind::kBadDirective, at.span, "#define expects a name");
    return;
  }
  Macro macro;
  macro.span = line[0].span;
  std::size_t next = 1;
  if (next < line.size() && line[next].kind == TokenKind::kLeftParen && !line[next].space_before) {
    ++next;
    if (!read_macro_params(line, next, macro)) return;
  }
  macro.body.assign(line.begin() + static_cast<std::ptrdiff_t>(next), line.end());
  if (!macro.body.empty() && macro.body.front().text == "#" && macro.body.size() > 1 && macro.body[1].text == "#" &&
      !macro.body[1].space_before) {
    report(DiagnosticKind::kBadDirective, macro.span, "the body of this macro starts with ##");
    return;
  }
  const std::string name(line[0].text);
  if (const auto old = macros_.find(name); old != macros_.end() && old->second.is_disabled) return;
  macros_.insert_or_assign(name, std::move(macro));
}

/// `#line 12 "file"` and `# 12 "file" flags`.
void Preprocessor::read_line_marker(std::vector<Token> line, const Token& at) {
  line = expand_list(std::move(line));
  const std::optional<BigInt> number =
      line.empty() || line[0].text.size() > 9 ? std::nullopt : parse_big_int(line[0].text);
  if (!number) {
    report(DiagnosticKind::kBadDirective, at.span, "a line marker expects a line number");
    return;
  }
  std::string name;
  if (line.size() > 1 && line[1].kind == TokenKind::kStringLiteral) name = unescape_string(line[1].text);
  sources_.set_line(at.span.begin, static_cast<std::uint32_t>(*number), std::move(name));
}

}  // namespace preprocessor

Result<TokenStream> preprocess_file(const std::string& path, const SourceOptions& options, SourceMap& sources,
                                    Diagnostics& diagnostics) {
  if (options.unsaved) {
    if (std::optional<std::string> text = options.unsaved(path); text && text->size() <= preprocessor::kMaxSourceBytes)
      return preprocess_text(path, std::move(*text), options, sources, diagnostics);
  }
  Result<std::string> text = preprocessor::read_text(path);
  if (!text) return fail(text.error());
  return preprocess_text(path, std::move(*text), options, sources, diagnostics);
}

TokenStream preprocess_text(const std::string& name, std::string text, const SourceOptions& options, SourceMap& sources,
                            Diagnostics& diagnostics) {
  return preprocessor::Preprocessor(options, sources, diagnostics).run(name, std::move(text));
}

}  // namespace p4bpf
