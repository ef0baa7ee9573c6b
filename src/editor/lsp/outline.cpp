// A file as a whole: its symbols, colours and folds (features.h).
#include <algorithm>
#include <set>

#include "editor/lsp/features.h"
#include "frontend/lexer.h"

namespace p4bpf::editor {
namespace {

using ast::DeclId;

class Outline {
 public:
  Outline(const Analysis& analysis, const std::string& path) : analysis_(analysis), file_(analysis.file(path)) {}

  std::vector<Symbol> of(const std::vector<DeclId>& ids) const {
    std::vector<Symbol> found;
    for (const DeclId id : ids) add(found, id);
    return found;
  }

 private:
  void add(std::vector<Symbol>& found, DeclId id) const {
    const ast::Decl& decl = analysis_.ast[id];
    if (analysis_.file_of(decl.span.begin) != file_ || file_ == nullptr) return;
    Symbol symbol{decl.name.text, {}, SymbolKind::kVariable, decl.span, decl.name.span, {}};
    if (!symbol.name_span || symbol.name_span.begin < symbol.span.begin || symbol.span.end < symbol.name_span.end)
      symbol.name_span = Span{decl.span.begin, decl.span.begin};
    fill(symbol, id);
    if (symbol.name.empty()) symbol.name = std::holds_alternative<ast::ErrorDecl>(decl.node) ? "error" : "match_kind";
    const TypeId type = analysis_.typed.type_of_decl[id];
    const bool is_value = symbol.kind == SymbolKind::kVariable || symbol.kind == SymbolKind::kField ||
                          symbol.kind == SymbolKind::kConstant;
    if (type && is_value) symbol.detail = type_name(analysis_.typed, type);
    found.push_back(std::move(symbol));
  }

  static std::vector<DeclId> joined(std::vector<DeclId> first, const std::vector<DeclId>& second) {
    first.insert(first.end(), second.begin(), second.end());
    return first;
  }

  void fill(Symbol& symbol, DeclId id) const {
    const auto set = [&](SymbolKind kind, const char* detail, std::vector<DeclId> children = {}) {
      symbol.kind = kind;
      symbol.detail = detail;
      symbol.children = of(children);
    };
    std::visit(Match{
                   [&](const ast::ConstDecl&) { set(SymbolKind::kConstant, ""); },
                   [&](const ast::InstanceDecl&) { set(SymbolKind::kObject, "instance"); },
                   [&](const ast::Typedef&) { set(SymbolKind::kClass, "type"); },
                   [&](const ast::Field&) { set(SymbolKind::kField, ""); },
                   [&](const ast::StructDecl& d) {
                     constexpr const char* kKinds[] = {"struct", "header", "header_union"};
                     set(SymbolKind::kStruct, kKinds[static_cast<std::size_t>(d.kind)], d.fields);
                   },
                   [&](const ast::EnumMember&) { set(SymbolKind::kEnumMember, ""); },
                   [&](const ast::EnumDecl& d) { set(SymbolKind::kEnum, "enum", d.members); },
                   [&](const ast::ErrorDecl& d) { set(SymbolKind::kEnum, "", d.members); },
                   [&](const ast::MatchKindDecl& d) { set(SymbolKind::kEnum, "", d.members); },
                   [&](const ast::FunctionDecl& d) {
                     set(d.is_extern ? SymbolKind::kMethod : SymbolKind::kFunction, "function");
                   },
                   [&](const ast::ExternDecl& d) { set(SymbolKind::kClass, "extern", d.methods); },
                   [&](const ast::BlockTypeDecl& d) {
                     set(SymbolKind::kInterface, d.is_parser ? "parser type" : "control type");
                   },
                   [&](const ast::PackageDecl&) { set(SymbolKind::kInterface, "package"); },
                   [&](const ast::ParserDecl& d) { set(SymbolKind::kClass, "parser", joined(d.locals, d.states)); },
                   [&](const ast::ControlDecl& d) { set(SymbolKind::kClass, "control", d.locals); },
                   [&](const ast::StateDecl&) { set(SymbolKind::kEvent, "state"); },
                   [&](const ast::ActionDecl&) { set(SymbolKind::kFunction, "action"); },
                   [&](const ast::TableDecl&) { set(SymbolKind::kObject, "table"); },
                   [](const auto&) {},
               },
               analysis_.ast[id].node);
  }

  const Analysis& analysis_;
  const ReadFile* file_;
};

Colour::Kind colour_of(const Analysis& analysis, DeclId id) {
  using Kind = Colour::Kind;
  return std::visit(Match{
                        [](const ast::TypeParam&) { return Kind::kType; },
                        [](const ast::Param&) { return Kind::kParameter; },
                        [](const ast::Typedef&) { return Kind::kType; },
                        [](const ast::Field&) { return Kind::kProperty; },
                        [](const ast::StructDecl&) { return Kind::kStruct; },
                        [](const ast::EnumMember&) { return Kind::kEnumMember; },
                        [](const ast::EnumDecl&) { return Kind::kEnum; },
                        [](const ast::FunctionDecl& d) { return d.is_extern ? Kind::kMethod : Kind::kFunction; },
                        [](const ast::StateDecl&) { return Kind::kFunction; },
                        [](const ast::ActionDecl&) { return Kind::kFunction; },
                        [](const ast::ExternDecl&) { return Kind::kClass; },
                        [](const ast::BlockTypeDecl&) { return Kind::kClass; },
                        [](const ast::PackageDecl&) { return Kind::kClass; },
                        [](const ast::ParserDecl&) { return Kind::kClass; },
                        [](const ast::ControlDecl&) { return Kind::kClass; },
                        [](const auto&) { return Kind::kVariable; },
                    },
                    analysis.ast[id].node);
}

}  // namespace

std::vector<Symbol> symbols_of(const Analysis& analysis, const std::string& path) {
  return Outline(analysis, path).of(analysis.ast.program);
}

std::vector<Colour> colours_of(const Analysis& analysis, const std::string& path) {
  const ReadFile* const file = analysis.file(path);
  std::vector<Colour> found;
  const auto add = [&](Span span, Colour::Kind kind, bool is_declaration, bool is_constant) {
    if (analysis.file_of(span.begin) != file || span.end <= span.begin) return;
    found.push_back({span.begin.offset - file->begin.offset, span.end.offset - span.begin.offset, kind, is_declaration,
                     is_constant});
  };
  if (file == nullptr) return found;
  for (const MacroUse& use : analysis.tokens.macro_uses) {
    add(use.span, Colour::Kind::kMacro, false, true);
    add(use.definition, Colour::Kind::kMacro, true, true);
  }
  for (const Reference& reference : analysis.index.references) {
    // What a macro brought stands where the macro does.
    if (analysis.sources.text(reference.span) != analysis.ast[reference.decl].name.text) continue;
    add(reference.span, colour_of(analysis, reference.decl), reference.is_declaration,
        analysis.decl<ast::ConstDecl>(reference.decl) != nullptr);
  }
  std::stable_sort(found.begin(), found.end(), [](const Colour& a, const Colour& b) { return a.begin < b.begin; });
  std::vector<Colour> apart;
  for (const Colour& colour : found) {
    if (apart.empty() || apart.back().begin + apart.back().length <= colour.begin) apart.push_back(colour);
  }
  return apart;
}

std::vector<std::string> suggested_names(const Diagnostic& diagnostic) {
  constexpr std::string_view kOffer = "did you mean '";
  std::vector<std::string> found;
  for (const Note& note : diagnostic.notes) {
    const std::size_t offer = note.message.find(kOffer);
    if (offer == std::string::npos) continue;
    const std::size_t begin = offer + kOffer.size();
    const std::size_t end = note.message.find('\'', begin);
    if (end != std::string::npos) found.push_back(note.message.substr(begin, end - begin));
  }
  return found;
}

std::vector<Fold> folds_of(std::string_view text) {
  std::vector<Fold> found;
  std::vector<std::size_t> open;
  std::size_t line = 0;
  std::size_t counted = 0;
  const auto line_of = [&](Loc loc) {
    for (; counted + 1 < loc.offset; ++counted) line += text[counted] == '\n';
    return line;
  };
  Lexer lexer(text, Loc{1});
  for (Token token = lexer.next(); token.kind != TokenKind::kEnd; token = lexer.next()) {
    if (token.kind == TokenKind::kLeftBrace) open.push_back(line_of(token.span.begin));
    if (token.kind != TokenKind::kRightBrace || open.empty()) continue;
    const std::size_t last = line_of(token.span.begin);
    if (last > open.back() + 1) found.push_back({open.back(), last - 1, false});
    open.pop_back();
  }
  std::size_t number = 0;
  std::size_t comments = 0;  // lines of `//` that end before this one
  for (std::size_t at = 0; at <= text.size(); ++number) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view whole = text.substr(at, end - at);
    const std::size_t first = std::min(whole.find_first_not_of(" \t"), whole.size());
    const bool is_comment = whole.substr(first).starts_with("//");
    if (!is_comment && comments > 1) found.push_back({number - comments, number - 1, true});
    comments = is_comment ? comments + 1 : 0;
    at = end + 1;
  }
  return found;
}

}  // namespace p4bpf::editor
