// The walk that finds names (index.h).
#include "editor/lsp/index.h"

#include <algorithm>
#include <unordered_map>

namespace p4bpf::editor {
namespace {

using ast::DeclId;
using ast::ExprId;
using ast::StmtId;
using ast::TypeRefId;

class Indexer {
 public:
  explicit Indexer(const TypedProgram& program) : program_(program), ast_(*program.ast) {}

  Index run() {
    index_.scopes.push_back(NameScope{});
    open_.push_back({0, {}});
    for (const DeclId id : ast_.program) decl(id);
    return std::move(index_);
  }

 private:
  struct Open {
    std::size_t scope;
    std::unordered_map<std::string_view, DeclId> names;
  };

  void push(Span span) {
    index_.scopes.push_back(NameScope{span, {}});
    open_.push_back({index_.scopes.size() - 1, {}});
  }
  void pop() { open_.pop_back(); }

  void refer(const ast::Name& name, DeclId id, bool is_declaration = false) {
    if (id && name.span && !name.text.empty()) index_.references.push_back({name.span, id, is_declaration});
  }
  void introduce(DeclId id) {
    refer(ast_[id].name, id, true);
    if (ast_[id].name.text.empty()) return;
    open_.back().names[ast_[id].name.text] = id;
    index_.scopes[open_.back().scope].names.push_back(id);
  }
  DeclId find(const ast::Name& name, bool is_global) const {
    for (std::size_t i = is_global ? 1 : open_.size(); i > 0; --i) {
      const auto at = open_[i - 1].names.find(name.text);
      if (at != open_[i - 1].names.end()) return at->second;
    }
    const auto at = match_kinds_.find(name.text);
    return at == match_kinds_.end() ? DeclId{} : at->second;
  }
  void use(const ast::Name& name, DeclId resolved, bool is_global) {
    refer(name, resolved ? resolved : find(name, is_global));
  }

  DeclId member_called(DeclId owner, std::string_view name) const {
    for (const DeclId member : members_of(ast_, owner)) {
      if (ast_[member].name.text == name) return member;
    }
    return {};
  }
  DeclId declared_by(TypeId type) const {
    if (!type) return {};
    if (const auto* stack = program_.types.get<type::Stack>(type)) return declared_by(stack->element);
    const auto* declared = program_.types.get<type::Declared>(type);
    return declared == nullptr ? DeclId{} : declared->decl;
  }

  template <class Id>
  void exprs(const std::vector<Id>& ids) {
    for (const Id id : ids) expr(id);
  }
  void decls(const std::vector<DeclId>& ids) {
    for (const DeclId id : ids) decl(id);
  }
  void stmts(const std::vector<StmtId>& ids) {
    for (const StmtId id : ids) stmt(id);
  }
  void arguments(const std::vector<ast::Argument>& all, const std::vector<DeclId>& params) {
    for (const ast::Argument& argument : all) {
      for (const DeclId param : params) {
        if (!argument.name.text.empty() && ast_[param].name.text == argument.name.text) refer(argument.name, param);
      }
      expr(argument.value);
    }
  }

  void annotations(const ast::Annotations& all) {
    for (const ast::Annotation& annotation : all) arguments(annotation.arguments, {});
  }

  void type(TypeRefId id) {
    if (!id) return;
    std::visit(Match{
                   [&](const ast::SizedType& t) { expr(t.width); },
                   [&](const ast::NamedType& t) {
                     use(t.name, {}, t.is_global);
                     for (const TypeRefId argument : t.arguments) type(argument);
                   },
                   [&](const ast::StackType& t) {
                     type(t.element);
                     expr(t.size);
                   },
                   [&](const ast::TupleType& t) {
                     for (const TypeRefId element : t.elements) type(element);
                   },
                   [&](const ast::ListType& t) { type(t.element); },
                   [](const auto&) {},
               },
               ast_[id].node);
  }

  void call(ExprId id, const ast::Call& e) {
    expr(e.callee);
    for (const TypeRefId argument : e.type_arguments) type(argument);
    arguments(e.arguments, params_of(ast_, program_.call_of[id]));
  }
  void struct_expr(ExprId id, const ast::StructExpr& e) {
    const TypeId wanted = program_.converted_to[id] ? program_.converted_to[id] : program_.type_of[id];
    const DeclId owner = declared_by(wanted);
    arguments(e.fields, owner ? members_of(ast_, owner) : std::vector<DeclId>{});
  }

  void expr(ExprId id) {
    if (!id) return;
    std::visit(Match{
                   [&](const ast::NameExpr& e) { use(e.name, program_.decl_of[id], e.is_global); },
                   [&](const ast::TypeExpr& e) { type(e.type); },
                   [&](const ast::Member& e) {
                     expr(e.base);
                     refer(e.member, program_.decl_of[id]);
                   },
                   [&](const ast::Index& e) {
                     exprs(std::vector{e.base, e.index});
                   },
                   [&](const ast::Slice& e) {
                     exprs(std::vector{e.base, e.hi, e.lo});
                   },
                   [&](const ast::PlusSlice& e) {
                     exprs(std::vector{e.base, e.lo, e.width});
                   },
                   [&](const ast::Unary& e) { expr(e.operand); },
                   [&](const ast::Binary& e) {
                     exprs(std::vector{e.left, e.right});
                   },
                   [&](const ast::Conditional& e) {
                     exprs(std::vector{e.condition, e.yes, e.no});
                   },
                   [&](const ast::Cast& e) {
                     type(e.type);
                     expr(e.operand);
                   },
                   [&](const ast::Call& e) { call(id, e); },
                   [&](const ast::ListExpr& e) { exprs(e.elements); },
                   [&](const ast::StructExpr& e) { struct_expr(id, e); },
                   [&](const ast::MaskExpr& e) {
                     exprs(std::vector{e.value, e.mask});
                   },
                   [&](const ast::RangeExpr& e) {
                     exprs(std::vector{e.lo, e.hi});
                   },
                   [](const auto&) {},
               },
               ast_[id].node);
  }

  void scoped(StmtId id) {
    if (!id) return;
    push(ast_[id].span);
    stmt(id);
    pop();
  }

  void stmt(StmtId id) {
    if (!id) return;
    std::visit(Match{
                   [&](const ast::Block& s) {
                     annotations(s.annotations);
                     push(ast_[id].span);
                     stmts(s.statements);
                     pop();
                   },
                   [&](const ast::Assign& s) {
                     exprs(std::vector{s.left, s.right});
                   },
                   [&](const ast::CallStmt& s) { expr(s.call); },
                   [&](const ast::If& s) {
                     expr(s.condition);
                     scoped(s.then_branch);
                     scoped(s.else_branch);
                   },
                   [&](const ast::Return& s) { expr(s.value); },
                   [&](const ast::Switch& s) {
                     expr(s.subject);
                     for (const ast::SwitchCase& one : s.cases) {
                       expr(one.label);
                       scoped(one.body);
                     }
                   },
                   [&](const ast::For& s) {
                     push(ast_[id].span);
                     stmts(s.init);
                     expr(s.condition);
                     stmts(s.update);
                     scoped(s.body);
                     pop();
                   },
                   [&](const ast::ForIn& s) {
                     expr(s.collection);
                     push(ast_[id].span);
                     decl(s.variable);
                     expr(s.target);
                     scoped(s.body);
                     pop();
                   },
                   [&](const ast::DeclStmt& s) { decl(s.declaration); },
                   [](const auto&) {},
               },
               ast_[id].node);
  }

  void action_ref(const ast::ActionRef& ref, DeclId resolved) {
    annotations(ref.annotations);
    if (!resolved) resolved = find(ref.name, ref.is_global);
    refer(ref.name, resolved);
    const auto* action = resolved ? std::get_if<ast::ActionDecl>(&ast_[resolved].node) : nullptr;
    arguments(ref.arguments, action == nullptr ? std::vector<DeclId>{} : action->params);
  }

  void table(DeclId id, const ast::TableDecl& node) {
    introduce(id);
    const TypedProgram::TableInfo& info = program_.tables[id];
    for (std::size_t i = 0; i < node.key.size(); ++i) {
      annotations(node.key[i].annotations);
      expr(node.key[i].expr);
      const DeclId kind = i < info.key_match_kinds.size() ? info.key_match_kinds[i] : DeclId{};
      const auto at = match_kinds_.find(node.key[i].match_kind.text);
      refer(node.key[i].match_kind, kind || at == match_kinds_.end() ? kind : at->second);
    }
    for (std::size_t i = 0; i < node.actions.size(); ++i)
      action_ref(node.actions[i], i < info.actions.size() ? info.actions[i].action : DeclId{});
    for (std::size_t i = 0; i < node.entries.size(); ++i) {
      const ast::EntryDecl& entry = node.entries[i];
      expr(entry.priority);
      expr(entry.keyset);
      action_ref(entry.action, i < info.entry_actions.size() ? info.entry_actions[i].action : DeclId{});
    }
    for (const ast::TableProperty& property : node.properties) expr(property.value);
  }

  void state(DeclId id, const ast::StateDecl& node) {
    push(ast_[id].span);
    stmts(node.statements);
    if (const auto* name = std::get_if<ast::Name>(&node.transition.target)) refer(*name, find(*name, false));
    if (const auto* select = std::get_if<ast::Select>(&node.transition.target)) {
      exprs(select->keys);
      for (const ast::SelectCase& one : select->cases) {
        expr(one.keyset);
        refer(one.state, find(one.state, false));
      }
    }
    pop();
  }

  void instance(DeclId id, const ast::InstanceDecl& node) {
    type(node.type);
    arguments(node.arguments, params_of(ast_, program_.call_of_instance[id]));
    expr(node.array_size);
    introduce(id);
    const DeclId owner = declared_by(program_.type_of_decl[id]);
    push(ast_[id].span);
    for (const DeclId part : node.body) {
      // A body of an abstract method names that method: who renames one renames both.
      const bool is_method = std::holds_alternative<ast::FunctionDecl>(ast_[part].node);
      const DeclId method = owner && is_method ? member_called(owner, ast_[part].name.text) : DeclId{};
      if (method) {
        refer(ast_[part].name, method);
        function(part, std::get<ast::FunctionDecl>(ast_[part].node));
      } else {
        decl(part);
      }
    }
    pop();
  }

  /// All of a function but its name.
  void function(DeclId id, const ast::FunctionDecl& node) {
    push(ast_[id].span);
    decls(node.type_params);
    type(node.return_type);
    decls(node.params);
    stmt(node.body);
    pop();
  }

  template <class Node>
  void with_params(DeclId id, const Node& node) {
    introduce(id);
    push(ast_[id].span);
    decls(node.type_params);
    decls(node.params);
    if constexpr (requires { node.constructor_params; }) {
      decls(node.constructor_params);
      decls(node.locals);
    }
    if constexpr (requires { node.states; }) {
      for (const DeclId one : node.states) introduce(one);
      for (const DeclId one : node.states) {
        annotations(ast_[one].annotations);
        if (const auto* made = std::get_if<ast::StateDecl>(&ast_[one].node)) state(one, *made);
      }
    }
    if constexpr (requires { node.apply; }) stmt(node.apply);
    pop();
  }

  void extern_decl(DeclId id, const ast::ExternDecl& node) {
    introduce(id);
    push(ast_[id].span);
    decls(node.type_params);
    for (const DeclId method : node.methods) {
      const auto* made = std::get_if<ast::FunctionDecl>(&ast_[method].node);
      if (made == nullptr) continue;
      annotations(ast_[method].annotations);
      refer(ast_[method].name, made->is_constructor ? id : method, !made->is_constructor);
      function(method, *made);
    }
    pop();
  }

  void members(const std::vector<DeclId>& ids, bool are_match_kinds = false) {
    for (const DeclId id : ids) {
      annotations(ast_[id].annotations);
      if (const auto* field = std::get_if<ast::Field>(&ast_[id].node)) type(field->type);
      if (const auto* member = std::get_if<ast::EnumMember>(&ast_[id].node)) expr(member->value);
      refer(ast_[id].name, id, true);
      if (are_match_kinds) match_kinds_[ast_[id].name.text] = id;
    }
  }

  void value(DeclId id, TypeRefId written, ExprId initial) {
    type(written);
    expr(initial);
    introduce(id);
  }

  void decl(DeclId id) {
    if (!id) return;
    annotations(ast_[id].annotations);
    std::visit(Match{
                   [&](const ast::TypeParam&) { introduce(id); },
                   [&](const ast::Param& d) { value(id, d.type, d.default_value); },
                   [&](const ast::ConstDecl& d) { value(id, d.type, d.value); },
                   [&](const ast::VarDecl& d) { value(id, d.type, d.initial); },
                   [&](const ast::ValueSetDecl& d) { value(id, d.element, d.size); },
                   [&](const ast::InstanceDecl& d) { instance(id, d); },
                   [&](const ast::Typedef& d) {
                     type(d.type);
                     decl(d.derived);
                     introduce(id);
                   },
                   [&](const ast::StructDecl& d) {
                     introduce(id);
                     push(ast_[id].span);
                     decls(d.type_params);
                     members(d.fields);
                     pop();
                   },
                   [&](const ast::EnumDecl& d) {
                     type(d.representation);
                     introduce(id);
                     members(d.members);
                   },
                   [&](const ast::ErrorDecl& d) { members(d.members); },
                   [&](const ast::MatchKindDecl& d) { members(d.members, true); },
                   [&](const ast::FunctionDecl& d) {
                     introduce(id);
                     function(id, d);
                   },
                   [&](const ast::ExternDecl& d) { extern_decl(id, d); },
                   [&](const ast::BlockTypeDecl& d) { with_params(id, d); },
                   [&](const ast::PackageDecl& d) { with_params(id, d); },
                   [&](const ast::ParserDecl& d) { with_params(id, d); },
                   [&](const ast::ControlDecl& d) { with_params(id, d); },
                   [&](const ast::ActionDecl& d) {
                     introduce(id);
                     push(ast_[id].span);
                     decls(d.params);
                     stmt(d.body);
                     pop();
                   },
                   [&](const ast::TableDecl& d) { table(id, d); },
                   [&](const auto&) { introduce(id); },
               },
               ast_[id].node);
  }

  const TypedProgram& program_;
  const ast::Ast& ast_;
  Index index_;
  std::vector<Open> open_;
  std::unordered_map<std::string_view, DeclId> match_kinds_;
};

bool contains(Span span, Loc loc) { return span.begin <= loc && loc <= span.end; }

}  // namespace

std::vector<DeclId> members_of(const ast::Ast& ast, DeclId decl) {
  const auto& node = ast[decl].node;
  if (const auto* structure = std::get_if<ast::StructDecl>(&node)) return structure->fields;
  if (const auto* enumeration = std::get_if<ast::EnumDecl>(&node)) return enumeration->members;
  if (const auto* object = std::get_if<ast::ExternDecl>(&node)) return object->methods;
  if (const auto* errors = std::get_if<ast::ErrorDecl>(&node)) return errors->members;
  if (const auto* kinds = std::get_if<ast::MatchKindDecl>(&node)) return kinds->members;
  return {};
}

std::vector<DeclId> params_of(const ast::Ast& ast, const CallInfo& call) {
  const DeclId callee = call.constructor ? call.constructor : call.callee;
  if (!callee) return {};
  const bool constructs = call.kind == CallInfo::Kind::kConstructor;
  return std::visit(Match{
                        [](const ast::FunctionDecl& d) { return d.params; },
                        [](const ast::ActionDecl& d) { return d.params; },
                        [](const ast::PackageDecl& d) { return d.params; },
                        [](const ast::BlockTypeDecl& d) { return d.params; },
                        [&](const ast::ParserDecl& d) { return constructs ? d.constructor_params : d.params; },
                        [&](const ast::ControlDecl& d) { return constructs ? d.constructor_params : d.params; },
                        [](const auto&) { return std::vector<DeclId>{}; },
                    },
                    ast[callee].node);
}

const Reference* Index::at(Loc loc) const {
  const auto after = std::upper_bound(by_place_.begin(), by_place_.end(), loc,
                                      [&](Loc wanted, std::size_t i) { return wanted < references[i].span.begin; });
  if (after == by_place_.begin()) return nullptr;
  const Reference& found = references[*std::prev(after)];  // names do not overlap
  return contains(found.span, loc) ? &found : nullptr;
}

std::vector<DeclId> Index::visible(const ast::Ast& ast, Loc loc) const {
  std::vector<DeclId> found;
  for (std::size_t i = 0; i < scopes.size(); ++i) {
    if (i != 0 && !contains(scopes[i].span, loc)) continue;
    for (const DeclId id : scopes[i].names) {
      // What an inner scope declares is known behind its declaration only, but for states.
      const bool is_behind =
          i == 0 || ast[id].name.span.begin < loc || std::holds_alternative<ast::StateDecl>(ast[id].node);
      if (is_behind) found.push_back(id);
    }
  }
  return found;
}

DeclId Index::find(const ast::Ast& ast, std::string_view name, Loc loc) const {
  DeclId found;
  for (const DeclId id : visible(ast, loc)) {
    if (ast[id].name.text == name) found = id;
  }
  return found;
}

Index make_index(const TypedProgram& program) {
  Index index = Indexer(program).run();
  index.by_place_.resize(index.references.size());
  for (std::size_t i = 0; i < index.by_place_.size(); ++i) index.by_place_[i] = i;
  std::stable_sort(index.by_place_.begin(), index.by_place_.end(), [&](std::size_t a, std::size_t b) {
    return index.references[a].span.begin < index.references[b].span.begin;
  });
  return index;
}

}  // namespace p4bpf::editor
