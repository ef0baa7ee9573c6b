// What can stand at a place, and the call around it (features.h). It works on the tokens before the cursor, since the
// text is seldom right while somebody types.
#include <algorithm>
#include <filesystem>
#include <set>

#include "base/embedded.h"
#include "editor/lsp/chains.h"

namespace p4bpf::editor {
namespace {

using ast::DeclId;
using Kind = Suggestion::Kind;

constexpr std::size_t kMaxSuggestions = 5000;

Kind kind_of(const Analysis& analysis, DeclId id) {
  return std::visit(Match{
                        [](const ast::ConstDecl&) { return Kind::kConstant; },
                        [](const ast::Field&) { return Kind::kField; },
                        [](const ast::EnumMember&) { return Kind::kEnumMember; },
                        [](const ast::FunctionDecl&) { return Kind::kFunction; },
                        [](const ast::ActionDecl&) { return Kind::kFunction; },
                        [](const ast::TypeParam&) { return Kind::kType; },
                        [](const ast::Typedef&) { return Kind::kType; },
                        [](const ast::StructDecl&) { return Kind::kType; },
                        [](const ast::EnumDecl&) { return Kind::kType; },
                        [](const ast::ExternDecl&) { return Kind::kType; },
                        [](const ast::ParserDecl&) { return Kind::kBlock; },
                        [](const ast::ControlDecl&) { return Kind::kBlock; },
                        [](const ast::PackageDecl&) { return Kind::kBlock; },
                        [](const ast::BlockTypeDecl&) { return Kind::kBlock; },
                        [](const ast::TableDecl&) { return Kind::kBlock; },
                        [](const auto&) { return Kind::kValue; },
                    },
                    analysis.ast[id].node);
}

/// One line about it; the type of a value.
std::string detail_of(const Analysis& analysis, DeclId id) {
  const TypeId type = analysis.typed.type_of_decl[id];
  const Kind kind = kind_of(analysis, id);
  if (type && (kind == Kind::kValue || kind == Kind::kField || kind == Kind::kConstant))
    return type_name(analysis.typed, type);
  const std::string text = signature_of(analysis, id);
  return text.substr(0, text.find('\n'));
}

class Completion {
 public:
  Completion(Analysis& analysis, Loc scope, const TokensBefore& before)
      : analysis_(analysis),
        scope_(scope),
        before_(before),
        tokens_(before.tokens),
        chains_(analysis, tokens_, scope) {}

  std::vector<Suggestion> run() {
    if (kind(1) == TokenKind::kDot) {
      members();
    } else if (kind(1) == TokenKind::kAt) {
      for (const char* name :
           {"name", "hidden", "tableonly", "defaultonly", "noWarn", "deprecated", "match", "optional", "pure",
            "noSideEffects", "atomic", "globalname", "pkginfo", "unroll", "nounroll"})
        add(name, Kind::kKeyword);
    } else if (is_in_property("key") && kind(1) == TokenKind::kColon) {
      for (const DeclId id : analysis_.typed.match_kinds) add_decl(id);
    } else if (is_in_property("actions") || after("default_action")) {
      actions();
    } else if (is_in_table()) {
      for (const char* name : {"key", "actions", "default_action", "entries", "size", "const", "implementation",
                               "counters", "meters", "largest_priority_wins", "priority_delta"})
        add(name, Kind::kProperty);
    } else if (kind(1) == TokenKind::kTransition || is_in_select()) {
      states();
    } else {
      names();
    }
    return std::move(found_);
  }

 private:
  /// Of the token `back` places before the cursor.
  TokenKind kind(std::size_t back) const {
    return back > tokens_.size() ? TokenKind::kEnd : tokens_[tokens_.size() - back].kind;
  }
  bool after(std::string_view name) const {
    return kind(1) == TokenKind::kAssign && tokens_.size() > 1 && tokens_[tokens_.size() - 2].text == name;
  }
  bool opens_brace(std::size_t nth_last) const {
    return before_.open.size() >= nth_last &&
           tokens_[before_.open[before_.open.size() - nth_last]].kind == TokenKind::kLeftBrace;
  }
  /// `name = {` is the innermost bracket.
  bool is_in_property(std::string_view name) const {
    if (!opens_brace(1)) return false;
    const std::size_t open = before_.open.back();
    return open >= 2 && tokens_[open - 1].kind == TokenKind::kAssign && tokens_[open - 2].text == name;
  }
  bool is_in_table() const {
    if (!opens_brace(1)) return false;
    const std::size_t open = before_.open.back();
    const bool starts = kind(1) == TokenKind::kLeftBrace || kind(1) == TokenKind::kSemicolon ||
                        kind(1) == TokenKind::kRightBrace || kind(1) == TokenKind::kConst;
    return starts && open >= 2 && tokens_[open - 2].kind == TokenKind::kTable;
  }
  bool is_in_select() const {
    if (!opens_brace(1) || kind(1) != TokenKind::kColon) return false;
    for (std::size_t i = before_.open.back(); i > 0; --i) {
      if (tokens_[i - 1].kind == TokenKind::kSelect) return true;
      if (tokens_[i - 1].kind == TokenKind::kSemicolon || tokens_[i - 1].kind == TokenKind::kLeftBrace) return false;
    }
    return false;
  }

  void add(std::string label, Kind kind, std::string detail = {}) {
    if (label.empty() || found_.size() >= kMaxSuggestions || !seen_.insert(label).second) return;
    found_.push_back({std::move(label), kind, std::move(detail)});
  }
  void add_decl(DeclId id) { add(analysis_.ast[id].name.text, kind_of(analysis_, id), detail_of(analysis_, id)); }

  void members() {
    if (kind(2) == TokenKind::kError) {
      for (const DeclId id : analysis_.typed.errors) add_decl(id);
      return;
    }
    const std::optional<Meaning> base = chains_.before(tokens_.size() - 1);
    if (!base) return;
    if (base->decl) {
      const bool applies = analysis_.decl<ast::TableDecl>(base->decl) != nullptr ||
                           analysis_.decl<ast::ParserDecl>(base->decl) != nullptr ||
                           analysis_.decl<ast::ControlDecl>(base->decl) != nullptr;
      if (applies) add("apply", Kind::kMethod, signature_of(analysis_, base->decl));
    }
    if (base->type) members_of_type(*base);
  }

  void members_of_type(const Meaning& base) {
    const Type::Node node = analysis_.typed.types[base.type];
    if (std::holds_alternative<type::ApplyResult>(node)) {
      for (const char* name : {"hit", "miss"}) add(name, Kind::kField, "bool");
      add("action_run", Kind::kField, "the action that ran");
    }
    if (std::holds_alternative<type::Stack>(node)) {
      for (const char* name : {"next", "last", "lastIndex", "size"}) add(name, Kind::kField);
      for (const char* name : {"push_front", "pop_front"}) add(name, Kind::kMethod, "int count");
    }
    const auto* declared = std::get_if<type::Declared>(&node);
    if (declared == nullptr) return;
    for (const DeclId id : members_of(analysis_.ast, declared->decl)) {
      const auto* method = analysis_.decl<ast::FunctionDecl>(id);
      if (method != nullptr && method->is_constructor) continue;
      const TypeId type = analysis_.decl<ast::Field>(id) != nullptr ? field_type(analysis_, base.type, id) : TypeId{};
      add(analysis_.ast[id].name.text, method != nullptr ? Kind::kMethod : kind_of(analysis_, id),
          type ? type_name(analysis_.typed, type) : detail_of(analysis_, id));
    }
    if (const auto* structure = analysis_.decl<ast::StructDecl>(declared->decl)) {
      if (structure->kind != ast::StructDecl::Kind::kStruct) add("isValid", Kind::kMethod, "bool isValid()");
      if (structure->kind == ast::StructDecl::Kind::kHeader) {
        for (const char* name : {"setValid", "setInvalid"}) add(name, Kind::kMethod, "void ()");
      }
      for (const char* name : {"minSizeInBits", "minSizeInBytes", "maxSizeInBits", "maxSizeInBytes"})
        add(name, Kind::kMethod, "int ()");
    }
    const bool is_block = analysis_.decl<ast::ParserDecl>(declared->decl) != nullptr ||
                          analysis_.decl<ast::ControlDecl>(declared->decl) != nullptr ||
                          analysis_.decl<ast::BlockTypeDecl>(declared->decl) != nullptr;
    if (is_block) add("apply", Kind::kMethod, signature_of(analysis_, declared->decl));
  }

  void actions() {
    for (const DeclId id : analysis_.index.visible(analysis_.ast, scope_)) {
      if (analysis_.decl<ast::ActionDecl>(id) != nullptr) add_decl(id);
    }
  }

  void states() {
    for (const DeclId id : analysis_.index.visible(analysis_.ast, scope_)) {
      if (analysis_.decl<ast::StateDecl>(id) != nullptr) add_decl(id);
    }
    for (const char* name : {"accept", "reject", "select"}) add(name, Kind::kKeyword);
  }

  void names() {
    std::vector<DeclId> visible = analysis_.index.visible(analysis_.ast, scope_);
    std::reverse(visible.begin(), visible.end());  // what is near first
    for (const DeclId id : visible) {
      if (analysis_.decl<ast::StateDecl>(id) == nullptr) add_decl(id);
    }
#define P4BPF_TOKEN(kind, spelling) \
  if (std::string_view(spelling) != "_") add(spelling, Kind::kKeyword);
    P4BPF_KEYWORDS(P4BPF_TOKEN)
#undef P4BPF_TOKEN
  }

  Analysis& analysis_;
  Loc scope_;
  const TokensBefore& before_;
  const std::vector<Token>& tokens_;
  Chains chains_;
  std::vector<Suggestion> found_;
  std::set<std::string> seen_;
};

/// The files that an #include can name, if the line of `offset` is one.
std::optional<std::vector<Suggestion>> included_files(const std::string& path, std::string_view text,
                                                      std::size_t offset, const SourceOptions& options) {
  namespace fs = std::filesystem;
  const std::size_t start = offset == 0 ? 0 : text.rfind('\n', offset - 1) + 1;
  std::string_view line = text.substr(start, offset - start);
  line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
  if (!line.starts_with("#")) return std::nullopt;
  const std::size_t open = line.find_first_of("\"<");
  if (line.find("include") == std::string_view::npos || open == std::string_view::npos)
    return std::vector<Suggestion>{};
  const std::string_view typed = line.substr(open + 1);
  const std::string folder(typed.substr(0, typed.rfind('/') == std::string_view::npos ? 0 : typed.rfind('/') + 1));
  std::set<std::string> names;
  std::vector<fs::path> places;
  if (line[open] == '"') places.push_back(fs::path(path).parent_path());
  for (const std::string& dir : options.include_dirs) places.emplace_back(dir);
  for (const fs::path& place : places) {
    std::error_code failure;
    std::size_t looked_at = 0;
    for (fs::directory_iterator at(place / folder, failure), end;
         !failure && at != end && ++looked_at < kMaxSuggestions; at.increment(failure)) {
      std::error_code ignored;
      const std::string extension = at->path().extension().string();
      if (at->is_directory(ignored)) names.insert(at->path().filename().string() + "/");
      if (extension == ".p4" || extension == ".h" || extension == ".p4h") names.insert(at->path().filename().string());
    }
  }
  const std::string built_in = "p4include/" + folder;
  for (const EmbeddedFile& file : embedded_files()) {
    if (!file.path.starts_with(built_in)) continue;
    const std::string_view rest = file.path.substr(built_in.size());
    names.insert(
        std::string(rest.substr(0, std::min(rest.find('/') + 1, rest.size()) == 0 ? rest.size() : rest.find('/') + 1)));
  }
  std::vector<Suggestion> found;
  for (const std::string& name : names) found.push_back({name, Kind::kFile, {}});
  return found;
}

/// The place of the analysis that `offset` of the text corresponds to: the texts agree at their beginning or their end.
Loc scope_at(const Analysis& analysis, const std::string& path, std::string_view text, std::size_t offset) {
  const ReadFile* const file = analysis.file(path);
  if (file == nullptr) return Loc{1};
  const std::string_view known = analysis.text_of(*file);
  const auto differs = std::mismatch(known.begin(), known.end(), text.begin(), text.end());
  if (offset > static_cast<std::size_t>(differs.second - text.begin())) {
    const std::size_t from_end = text.size() - offset;
    offset = from_end > known.size() ? 0 : known.size() - from_end;
  }
  return Loc{file->begin.offset + static_cast<std::uint32_t>(std::min(offset, known.size()))};
}

}  // namespace

std::vector<Suggestion> suggestions_at(Analysis& analysis, const std::string& path, std::string_view text,
                                       std::size_t offset, const SourceOptions& options) {
  if (is_in_comment(text, offset)) return {};
  if (auto files = included_files(path, text, offset, options)) return std::move(*files);
  const TokensBefore before = tokens_before(text, offset);
  return Completion(analysis, scope_at(analysis, path, text, offset), before).run();
}

std::optional<Signature> signature_at(Analysis& analysis, const std::string& path, std::string_view text,
                                      std::size_t offset) {
  if (is_in_comment(text, offset)) return std::nullopt;
  const TokensBefore before = tokens_before(text, offset);
  std::size_t open = before.open.size();
  while (open > 0 && before.tokens[before.open[open - 1]].kind != TokenKind::kLeftParen) --open;
  if (open == 0) return std::nullopt;
  const std::size_t at = before.open[open - 1];
  const bool applies =
      at >= 2 && before.tokens[at - 1].kind == TokenKind::kApply && before.tokens[at - 2].kind == TokenKind::kDot;
  const Chains chains(analysis, before.tokens, scope_at(analysis, path, text, offset));
  const std::optional<Meaning> callee = chains.before(applies ? at - 2 : at);
  if (!callee || !callee->decl) return std::nullopt;
  CallInfo call;
  call.callee = callee->decl;
  call.kind = applies ? CallInfo::Kind::kApplyBlock : CallInfo::Kind::kConstructor;
  if (analysis.decl<ast::InstanceDecl>(callee->decl) != nullptr && callee->type) {
    if (const auto* declared = analysis.typed.types.get<type::Declared>(callee->type)) call.callee = declared->decl;
  }
  if (analysis.decl<ast::TableDecl>(call.callee) != nullptr) return std::nullopt;
  if (const auto* object = analysis.decl<ast::ExternDecl>(call.callee)) {
    for (const DeclId method : object->methods) {
      const auto* made = analysis.decl<ast::FunctionDecl>(method);
      if (made != nullptr && made->is_constructor) call.constructor = method;
    }
  }
  Signature signature;
  std::string label;
  for (const DeclId id : params_of(analysis.ast, call)) {
    signature.params.push_back(signature_of(analysis, id));
    label += (label.empty() ? "" : ", ") + signature.params.back();
  }
  signature.label = analysis.ast[callee->decl].name.text + "(" + label + ")";
  signature.comment = comment_of(analysis, call.constructor ? call.constructor : call.callee);
  std::size_t depth = 0;
  for (std::size_t i = at + 1; i < before.tokens.size(); ++i) {
    const TokenKind kind = before.tokens[i].kind;
    if (kind == TokenKind::kLeftParen || kind == TokenKind::kLeftBrace || kind == TokenKind::kLeftBracket) ++depth;
    if ((kind == TokenKind::kRightParen || kind == TokenKind::kRightBrace || kind == TokenKind::kRightBracket) &&
        depth > 0)
      --depth;
    if (kind == TokenKind::kComma && depth == 0) ++signature.active;
  }
  return signature;
}

}  // namespace p4bpf::editor
