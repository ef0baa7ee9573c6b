// What no packet can reach: statements behind a return, exit, break or continue, states that nothing leads to, and
// cases of a select and constant entries of a table that an earlier one has taken everything from.
//
// Conditions are not looked at, constant or not: `if (DEBUG == 1)` is how P4 programs are configured.
#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "frontend/warnings/keysets.h"

namespace p4bpf::warnings {
namespace {

/// Rows with a wide keyset that each later row is compared with; more would take too long, and nobody writes them.
constexpr std::size_t kMaxWideRows = 64;

/// Rows of a select or a table in their order; answers with the earlier row that hides a new one.
class Rows {
 public:
  /// `keyset` stands at `span`. The place of an earlier row that matches everything which this one does.
  std::optional<Span> add(const Keyset& keyset, Span span) {
    const auto [same, is_new] = seen_.try_emplace(spelled(keyset), span);
    if (!is_new) return same->second;
    for (const auto& [wide, at] : wide_) {
      if (covers(wide, keyset)) return at;
    }
    const bool is_wide = std::any_of(keyset.begin(), keyset.end(), [](const KeyPart& part) {
      return part.kind == KeyPart::Kind::kAny || part.kind == KeyPart::Kind::kMask ||
             (part.kind == KeyPart::Kind::kRange && part.low != part.high);
    });
    if (is_wide && wide_.size() < kMaxWideRows) wide_.emplace_back(keyset, span);
    return std::nullopt;
  }

 private:
  std::unordered_map<std::string, Span> seen_;
  std::vector<std::pair<Keyset, Span>> wide_;
};

class Unreachable {
 public:
  explicit Unreachable(Findings& findings) : f_(findings) {}

  void run() {
    for (const ast::Decl& decl : f_.ast.decls) {
      if (const auto* action = std::get_if<ast::ActionDecl>(&decl.node)) ends(action->body);
      if (const auto* function = std::get_if<ast::FunctionDecl>(&decl.node)) ends(function->body);
      if (const auto* control = std::get_if<ast::ControlDecl>(&decl.node)) ends(control->apply);
      if (const auto* state = std::get_if<ast::StateDecl>(&decl.node)) look_at_state(*state);
      if (const auto* parser = std::get_if<ast::ParserDecl>(&decl.node)) look_at_parser(*parser);
    }
    for (std::size_t i = 0; i < f_.ast.decls.size(); ++i) {
      if (const auto* table = f_.decl<ast::TableDecl>(DeclId(i))) look_at_entries(DeclId(i), *table);
    }
  }

 private:
  /// Whether nothing behind these statements is reached; reports the first statement that is not.
  bool ends(const std::vector<StmtId>& statements) {
    for (std::size_t i = 0; i < statements.size(); ++i) {
      if (!ends(statements[i])) continue;
      const auto rest = std::find_if(statements.begin() + static_cast<std::ptrdiff_t>(i) + 1, statements.end(),
                                     [&](StmtId s) { return !std::holds_alternative<ast::Empty>(f_.ast[s].node); });
      if (rest != statements.end()) {
        f_.add(Kind::kUnreachable, f_.ast[*rest].span, "this statement is never reached")
            .notes.push_back({f_.ast[statements[i]].span, "nothing goes on behind this one"});
        for (auto s = rest + 1; s != statements.end(); ++s) ends(*s);
      }
      return true;
    }
    return false;
  }

  bool ends(StmtId id) {
    if (!id) return false;
    return std::visit(Match{
                          [&](const ast::Block& n) { return ends(n.statements); },
                          [&](const ast::If& n) {
                            const bool first = ends(n.then_branch);
                            return ends(n.else_branch) && first;
                          },
                          [](const ast::Return&) { return true; },
                          [](const ast::Exit&) { return true; },
                          [](const ast::Break&) { return true; },
                          [](const ast::Continue&) { return true; },
                          [&](const ast::Switch& n) { return ends(n); },
                          [&](const ast::For& n) { return ends(n.body), false; },
                          [&](const ast::ForIn& n) { return ends(n.body), false; },
                          [](const auto&) { return false; },
                      },
                      f_.ast[id].node);
  }

  bool ends(const ast::Switch& node) {
    bool all = true;
    bool has_default = false;
    for (std::size_t i = 0; i < node.cases.size(); ++i) {
      const auto* label = f_.expr<ast::DontCareExpr>(node.cases[i].label);
      has_default |= label != nullptr && label->is_default;
      const bool falls_through = !node.cases[i].body && i + 1 < node.cases.size();
      if (!falls_through) all = ends(node.cases[i].body) && all;
    }
    return all && has_default;
  }

  void look_at_state(const ast::StateDecl& node) {
    ends(node.statements);
    const auto* select = std::get_if<ast::Select>(&node.transition.target);
    if (select == nullptr) return;
    Rows rows;
    for (const ast::SelectCase& one : select->cases) {
      const std::optional<Keyset> keyset = keyset_of(f_, one.keyset, select->keys.size());
      if (!keyset) continue;
      if (const std::optional<Span> earlier = rows.add(*keyset, one.span)) {
        f_.add(Kind::kUnreachable, one.span, "this case never matches")
            .notes.push_back({*earlier, "this one matches all that it would"});
      }
    }
  }

  void look_at_parser(const ast::ParserDecl& node) {
    std::unordered_set<DeclId> reached;
    std::vector<DeclId> open;
    const auto reach = [&](DeclId state) {
      if (state && reached.insert(state).second) open.push_back(state);
    };
    for (const DeclId state : node.states) {
      if (f_.name(state) == "start") reach(state);
    }
    while (!open.empty()) {
      const DeclId state = open.back();
      open.pop_back();
      for (const TypedProgram::StateTarget& target : f_.program.state_targets[state]) reach(target.state);
    }
    for (const DeclId state : node.states) {
      if (reached.contains(state)) continue;
      f_.add(Kind::kUnreachable, f_.ast[state].name.span, fmt::format("no state leads to '{}'", f_.name(state)));
    }
  }

  /// Entries of a table are tried in their order if they have no priorities and no lpm key; then an earlier one may
  /// hide a later one. With an lpm key the longest prefix wins, and only repetitions are useless.
  void look_at_entries(DeclId id, const ast::TableDecl& node) {
    bool has_order = true;
    for (const DeclId kind : f_.program.tables[id].key_match_kinds) has_order &= kind && f_.name(kind) != "lpm";
    Rows rows;
    std::unordered_map<std::string, Span> seen;
    for (const ast::EntryDecl& entry : node.entries) {
      if (entry.priority) return;
      const std::optional<Keyset> keyset = keyset_of(f_, entry.keyset, node.key.size());
      if (!keyset) continue;
      std::optional<Span> earlier;
      if (has_order) {
        earlier = rows.add(*keyset, entry.span);
      } else if (const auto [at, is_new] = seen.try_emplace(spelled(*keyset), entry.span); !is_new) {
        earlier = at->second;
      }
      if (!earlier) continue;
      f_.add(Kind::kUnreachable, entry.span, "this entry never matches")
          .notes.push_back({*earlier, "this one matches all that it would"});
    }
  }

  Findings& f_;
};

}  // namespace

void find_unreachable(Findings& findings) { Unreachable(findings).run(); }

}  // namespace p4bpf::warnings
