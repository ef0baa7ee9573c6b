// Tokens of P4_16: what the lexer makes of text and the parser reads (P4_16 section 6.3).
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "base/source_map.h"

namespace p4bpf {

// P4BPF_TOKEN(kind, spelling). Keywords come first, from kAbstract to kVoid; kDontCare, the word `_`, closes them.
#define P4BPF_KEYWORDS(P4BPF_TOKEN)                                                                                    \
  P4BPF_TOKEN(kAbstract, "abstract")                                                                                   \
  P4BPF_TOKEN(kAction, "action") P4BPF_TOKEN(kActions, "actions") P4BPF_TOKEN(kApply, "apply") P4BPF_TOKEN(            \
      kBit, "bit") P4BPF_TOKEN(kBool, "bool") P4BPF_TOKEN(kBreak, "break") P4BPF_TOKEN(kConst, "const")                \
      P4BPF_TOKEN(kContinue, "continue") P4BPF_TOKEN(kControl, "control") P4BPF_TOKEN(kDefault, "default")             \
          P4BPF_TOKEN(kElse, "else") P4BPF_TOKEN(kEntries, "entries") P4BPF_TOKEN(kEnum, "enum") P4BPF_TOKEN(          \
              kError, "error") P4BPF_TOKEN(kExit, "exit") P4BPF_TOKEN(kExtern, "extern") P4BPF_TOKEN(kFalse, "false")  \
              P4BPF_TOKEN(kFor, "for") P4BPF_TOKEN(kHeader, "header") P4BPF_TOKEN(kHeaderUnion, "header_union")        \
                  P4BPF_TOKEN(kIf, "if") P4BPF_TOKEN(kIn, "in") P4BPF_TOKEN(kInout, "inout") P4BPF_TOKEN(kInt, "int")  \
                      P4BPF_TOKEN(kKey, "key") P4BPF_TOKEN(kList, "list") P4BPF_TOKEN(kMatchKind, "match_kind")        \
                          P4BPF_TOKEN(kOut, "out") P4BPF_TOKEN(kPackage, "package") P4BPF_TOKEN(kParser, "parser")     \
                              P4BPF_TOKEN(kPriority, "priority") P4BPF_TOKEN(kReturn, "return") P4BPF_TOKEN(           \
                                  kSelect, "select") P4BPF_TOKEN(kState, "state") P4BPF_TOKEN(kString, "string")       \
                                  P4BPF_TOKEN(kStruct, "struct") P4BPF_TOKEN(kSwitch, "switch")                        \
                                      P4BPF_TOKEN(kTable, "table") P4BPF_TOKEN(kThis, "this")                          \
                                          P4BPF_TOKEN(kTransition, "transition") P4BPF_TOKEN(kTrue, "true")            \
                                              P4BPF_TOKEN(kTuple, "tuple") P4BPF_TOKEN(kType, "type")                  \
                                                  P4BPF_TOKEN(kTypedef, "typedef") P4BPF_TOKEN(kValueSet, "value_set") \
                                                      P4BPF_TOKEN(kVarbit, "varbit") P4BPF_TOKEN(kVoid, "void")        \
                                                          P4BPF_TOKEN(kDontCare, "_")

// `>>` is no token: it is two adjacent kGreater, so that nested type arguments close. `+:` is kPlus and kColon.
#define P4BPF_PUNCTUATORS(P4BPF_TOKEN)                                                                                 \
  P4BPF_TOKEN(kLeftParen, "(")                                                                                         \
  P4BPF_TOKEN(kRightParen, ")") P4BPF_TOKEN(kLeftBracket, "[") P4BPF_TOKEN(kRightBracket, "]") P4BPF_TOKEN(            \
      kLeftBrace, "{") P4BPF_TOKEN(kRightBrace, "}") P4BPF_TOKEN(kInvalid, "{#}") P4BPF_TOKEN(kAt, "@")                \
      P4BPF_TOKEN(kComma, ",") P4BPF_TOKEN(kSemicolon, ";") P4BPF_TOKEN(kColon, ":") P4BPF_TOKEN(kQuestion, "?")       \
          P4BPF_TOKEN(kDot, ".") P4BPF_TOKEN(kRange, "..") P4BPF_TOKEN(kDots, "...") P4BPF_TOKEN(                      \
              kAssign, "=") P4BPF_TOKEN(kEqual, "==") P4BPF_TOKEN(kNotEqual, "!=") P4BPF_TOKEN(kLess, "<")             \
              P4BPF_TOKEN(kGreater, ">") P4BPF_TOKEN(kLessEqual, "<=") P4BPF_TOKEN(kGreaterEqual, ">=") P4BPF_TOKEN(   \
                  kShiftLeft, "<<") P4BPF_TOKEN(kNot, "!") P4BPF_TOKEN(kComplement, "~") P4BPF_TOKEN(kPlus, "+")       \
                  P4BPF_TOKEN(kMinus, "-") P4BPF_TOKEN(kStar, "*") P4BPF_TOKEN(kSlash, "/") P4BPF_TOKEN(kPercent, "%") \
                      P4BPF_TOKEN(kSatPlus, "|+|") P4BPF_TOKEN(kSatMinus, "|-|") P4BPF_TOKEN(kConcat, "++")            \
                          P4BPF_TOKEN(kAmpersand, "&") P4BPF_TOKEN(kPipe, "|") P4BPF_TOKEN(kCaret, "^")                \
                              P4BPF_TOKEN(kAndAnd, "&&") P4BPF_TOKEN(kOrOr, "||") P4BPF_TOKEN(kMask, "&&&")            \
                                  P4BPF_TOKEN(kPlusAssign, "+=") P4BPF_TOKEN(kMinusAssign, "-=")                       \
                                      P4BPF_TOKEN(kStarAssign, "*=") P4BPF_TOKEN(kSlashAssign, "/=") P4BPF_TOKEN(      \
                                          kPercentAssign, "%=") P4BPF_TOKEN(kSatPlusAssign, "|+|=")                    \
                                          P4BPF_TOKEN(kSatMinusAssign, "|-|=") P4BPF_TOKEN(kShiftLeftAssign, "<<=")    \
                                              P4BPF_TOKEN(kShiftRightAssign, ">>=") P4BPF_TOKEN(kAndAssign, "&=")      \
                                                  P4BPF_TOKEN(kOrAssign, "|=") P4BPF_TOKEN(kXorAssign, "^=")

enum class TokenKind : std::uint8_t {
  kEnd,
  kIdentifier,
  kInteger,  // digits, letters and `_`, starting with a digit; read by read_integer()
  kStringLiteral,
  kUnexpected,  // a character that starts no token; legal only in the free body of an annotation
#define P4BPF_TOKEN(kind, spelling) kind,
  P4BPF_KEYWORDS(P4BPF_TOKEN) P4BPF_PUNCTUATORS(P4BPF_TOKEN)
#undef P4BPF_TOKEN
};

struct Token {
  TokenKind kind = TokenKind::kEnd;
  bool space_before = false;
  bool line_start = false;
  /// The preprocessor met this name inside its own expansion and must leave it alone for good.
  bool no_expand = false;
  /// Where the text stands; for what a macro brought, the place of the macro's use.
  Span span;
  /// As written, quotes included. Lives in the SourceMap or in TokenStream::made.
  std::string_view text;
};

/// A file as the preprocessor took it in. `include` is the #include that did so, nowhere for the main file.
struct ReadFile {
  std::string name;
  Loc begin;
  Span include;
};

/// Where a macro's name stands outside its definition: expanded, or asked for by #ifdef and `defined`.
struct MacroUse {
  Span span;
  Span definition;  // of the name behind #define
};

/// A program after preprocessing; the last token is kEnd.
struct TokenStream {
  std::vector<Token> tokens;
  /// In the order of reading; a file that is included twice stands here twice.
  std::vector<ReadFile> files;
  std::vector<MacroUse> macro_uses;
  /// The texts that macros made with # and ##.
  std::deque<std::string> made;
};

/// kIdentifier if `word` is no keyword.
TokenKind keyword_kind(std::string_view word);
/// Whether `kind` is spelled like a word: an identifier or a keyword.
bool is_word(TokenKind kind);
/// "';'" or "keyword 'state'" or "a name", for messages that say what was expected.
std::string token_kind_name(TokenKind kind);
/// "'foo'" or "the end of the file", for messages that say what was found.
std::string token_name(const Token& token);
/// One token a line: position, kind, text. What `--dump tokens` prints.
std::string dump_tokens(const TokenStream& stream, const SourceMap& sources);

}  // namespace p4bpf
