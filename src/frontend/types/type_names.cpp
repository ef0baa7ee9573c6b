// Types as text for messages, and substitution of type parameters: the two functions on types that others use as well.
#include <fmt/format.h>

#include <unordered_map>

#include "frontend/typed_program.h"

namespace p4bpf {
namespace {

/// Types are shared graphs, so that a short program may describe a type of endless text: messages stop somewhere.
constexpr std::size_t kMaxNameLength = 120;

class Namer {
 public:
  explicit Namer(const TypedProgram& program) : program_(program) {}
  std::string text;

  void name(TypeId id, int depth) {
    if (text.size() > kMaxNameLength || depth > 8) {
      text += "...";
      return;
    }
    if (!id) {
      text += "nothing";
      return;
    }
    std::visit(Match{
                   [&](const type::Poison&) { text += "<error>"; },
                   [&](const type::Void&) { text += "void"; },
                   [&](const type::Bool&) { text += "bool"; },
                   [&](const type::String&) { text += "string"; },
                   [&](const type::Error&) { text += "error"; },
                   [&](const type::MatchKind&) { text += "match_kind"; },
                   [&](const type::InfInt&) { text += "int"; },
                   [&](const type::Any&) { text += "_"; },
                   [&](const type::Bits& t) { text += fmt::format("{}<{}>", t.is_signed ? "int" : "bit", t.width); },
                   [&](const type::Varbit& t) { text += fmt::format("varbit<{}>", t.max_width); },
                   [&](const type::Declared& t) {
                     text += decl_name(t.decl);
                     if (!t.arguments.empty()) list(t.arguments, "<", ">", depth);
                   },
                   [&](const type::Variable& t) { text += decl_name(t.decl); },
                   [&](const type::Stack& t) {
                     name(t.element, depth + 1);
                     text += fmt::format("[{}]", t.size);
                   },
                   [&](const type::Tuple& t) { list(t.elements, "tuple<", ">", depth); },
                   [&](const type::AnonymousStruct& t) { anonymous(t, depth); },
                   [&](const type::List& t) { list({t.element}, "list<", ">", depth); },
                   [&](const type::Set& t) { list({t.element}, "set<", ">", depth); },
                   [&](const type::Callable& t) { text += callable(t.decl); },
                   [&](const type::ApplyResult& t) { text += "the result of applying " + decl_name(t.table); },
                   [&](const type::ActionRun& t) { text += "an action of " + decl_name(t.table); },
                   [&](const type::TypeName& t) {
                     text += "the type ";
                     name(t.type, depth + 1);
                   },
               },
               program_.types[id]);
  }

 private:
  std::string decl_name(ast::DeclId decl) const { return (*program_.ast)[decl].name.text; }

  std::string callable(ast::DeclId decl) const {
    if (!decl) return "a built-in method";
    const ast::Decl& node = (*program_.ast)[decl];
    const char* what = std::holds_alternative<ast::ActionDecl>(node.node)  ? "the action "
                       : std::holds_alternative<ast::TableDecl>(node.node) ? "the table "
                       : std::holds_alternative<ast::StateDecl>(node.node) ? "the state "
                                                                           : "the function ";
    return what + node.name.text;
  }

  void list(const std::vector<TypeId>& types, const char* open, const char* close, int depth) {
    text += open;
    for (std::size_t i = 0; i < types.size() && text.size() <= kMaxNameLength; ++i) {
      if (i != 0) text += ", ";
      name(types[i], depth + 1);
    }
    text += close;
  }

  void anonymous(const type::AnonymousStruct& t, int depth) {
    text += "{";
    for (std::size_t i = 0; i < t.types.size() && text.size() <= kMaxNameLength; ++i) {
      if (i != 0) text += ", ";
      name(t.types[i], depth + 1);
      text += " " + t.names[i];
    }
    text += "}";
  }

  const TypedProgram& program_;
};

class Substitution {
 public:
  Substitution(Types& types, const std::vector<ast::DeclId>& params, const std::vector<TypeId>& arguments)
      : types_(types), params_(params), arguments_(arguments) {}

  TypeId apply(TypeId id) {
    if (!id) return id;
    if (const auto at = done_.find(id); at != done_.end()) return at->second;
    const Type::Node node = types_[id];  // a copy: the table grows below
    const TypeId result =
        std::visit(Match{
                       [&](const type::Variable& t) {
                         for (std::size_t i = 0; i < params_.size() && i < arguments_.size(); ++i) {
                           if (params_[i] == t.decl && arguments_[i]) return arguments_[i];
                         }
                         return id;
                       },
                       [&](const type::Declared& t) {
                         return t.arguments.empty() ? id : types_.add(type::Declared{t.decl, apply_all(t.arguments)});
                       },
                       [&](const type::Stack& t) {
                         return types_.add(type::Stack{apply(t.element), t.size});
                       },
                       [&](const type::Tuple& t) { return types_.add(type::Tuple{apply_all(t.elements)}); },
                       [&](const type::AnonymousStruct& t) {
                         return types_.add(type::AnonymousStruct{t.names, apply_all(t.types)});
                       },
                       [&](const type::List& t) { return types_.add(type::List{apply(t.element)}); },
                       [&](const type::Set& t) { return types_.add(type::Set{apply(t.element)}); },
                       [&](const type::TypeName& t) { return types_.add(type::TypeName{apply(t.type)}); },
                       [&](const auto&) { return id; },
                   },
                   node);
    done_.emplace(id, result);
    return result;
  }

 private:
  std::vector<TypeId> apply_all(const std::vector<TypeId>& ids) {
    std::vector<TypeId> results;
    results.reserve(ids.size());
    for (const TypeId id : ids) results.push_back(apply(id));
    return results;
  }

  Types& types_;
  const std::vector<ast::DeclId>& params_;
  const std::vector<TypeId>& arguments_;
  std::unordered_map<TypeId, TypeId> done_;
};

}  // namespace

std::string type_name(const TypedProgram& program, TypeId type) {
  Namer namer(program);
  namer.name(type, 0);
  return namer.text;
}

TypeId substitute(Types& types, TypeId type, const std::vector<ast::DeclId>& params,
                  const std::vector<TypeId>& arguments) {
  if (params.empty() || arguments.empty()) return type;
  return Substitution(types, params, arguments).apply(type);
}

}  // namespace p4bpf
