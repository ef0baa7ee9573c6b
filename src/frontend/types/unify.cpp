// Inference of type arguments (section 8.20): a parameter's type with holes against the type of what is given.
#include <algorithm>
#include <set>

#include "frontend/types/conversions.h"
#include "frontend/types/type_facts.h"

namespace p4bpf::check {
namespace {

/// The parameters of apply() of a parser or control declaration, with or without body.
const std::vector<DeclId>* apply_params(const Context& cx, DeclId decl) {
  if (const auto* d = cx.decl<ast::BlockTypeDecl>(decl)) return &d->params;
  if (const auto* d = cx.decl<ast::ParserDecl>(decl)) return &d->params;
  if (const auto* d = cx.decl<ast::ControlDecl>(decl)) return &d->params;
  return nullptr;
}

class Unifier {
 public:
  Unifier(Context& cx, Bindings& bindings) : cx_(cx), bindings_(bindings) {}

  bool unify(TypeId wanted, TypeId given, bool exact) {
    if (cx_.is_poison(wanted) || cx_.is_poison(given) || wanted == given) return true;
    if (given == cx_.any_type || wanted == cx_.any_type) return true;
    if (const auto* variable = cx_.get<type::Variable>(wanted)) {
      const auto at = std::find(bindings_.params.begin(), bindings_.params.end(), variable->decl);
      if (at != bindings_.params.end())
        return bind(static_cast<std::size_t>(at - bindings_.params.begin()), given, exact);
    }
    if (!seen_.insert({wanted, given}).second) return true;
    const Type::Node node = cx_.out.types[wanted];
    if (const auto* declared = std::get_if<type::Declared>(&node))
      return unify_declared(wanted, *declared, given, exact);
    if (!has_variable(cx_, wanted)) return exact ? false : converts(cx_, given, wanted);
    if (const auto* stack = std::get_if<type::Stack>(&node)) return unify_stack(*stack, given, exact);
    if (const auto* tuple = std::get_if<type::Tuple>(&node)) return unify_parts(tuple->elements, given, exact);
    if (const auto* list = std::get_if<type::List>(&node)) return unify_list(*list, given);
    if (const auto* set = std::get_if<type::Set>(&node)) {
      const auto* other = cx_.get<type::Set>(given);
      return unify(set->element, other != nullptr ? other->element : given, exact);
    }
    return exact ? false : converts(cx_, given, wanted);
  }

 private:
  bool bind(std::size_t index, TypeId given, bool exact) {
    TypeId& bound = bindings_.arguments[index];
    const bool weak = given == cx_.int_type;
    if (!bound) {
      bound = given;
      bindings_.is_weak[index] = weak && !exact;
      return true;
    }
    if (bound == given || converts(cx_, given, bound)) return true;
    if (bindings_.is_weak[index] && converts(cx_, bound, given)) {
      bound = given;
      bindings_.is_weak[index] = weak;
      return true;
    }
    return false;
  }

  bool unify_declared(TypeId wanted, const type::Declared& declared, TypeId given, bool exact) {
    if (const auto* other = cx_.get<type::Declared>(given)) {
      if (other->decl == declared.decl) {
        const std::vector<TypeId> arguments = other->arguments;
        if (arguments.size() != declared.arguments.size()) return arguments.empty() || declared.arguments.empty();
        for (std::size_t i = 0; i < arguments.size(); ++i) {
          if (!unify(declared.arguments[i], arguments[i], true)) return false;
        }
        return true;
      }
      if (apply_params(cx_, declared.decl) != nullptr) return unify_blocks(declared, *other);
    }
    if (exact) return false;
    if (struct_of(cx_, wanted) != nullptr && has_variable(cx_, wanted)) {
      if (const auto* anonymous = cx_.get<type::AnonymousStruct>(given)) return unify_named(wanted, *anonymous);
      return unify_parts(field_types(cx_, wanted), given, false);
    }
    return converts(cx_, given, wanted);
  }

  bool unify_named(TypeId wanted, const type::AnonymousStruct& anonymous) {
    const type::AnonymousStruct given = anonymous;  // a copy: the table of types grows
    const ast::StructDecl* decl = struct_of(cx_, wanted);
    for (const DeclId field : decl->fields) {
      for (std::size_t i = 0; i < given.names.size(); ++i) {
        if (given.names[i] == cx_.name(field) && !unify(field_type(cx_, wanted, field), given.types[i], false))
          return false;
      }
    }
    return true;
  }

  /// A parser or control fits a declaration without body if their apply() parameters agree in number, direction and
  /// type.
  bool unify_blocks(const type::Declared& wanted, const type::Declared& given_in) {
    const type::Declared given = given_in;
    const std::vector<DeclId>* want = apply_params(cx_, wanted.decl);
    const std::vector<DeclId>* have = apply_params(cx_, given.decl);
    if (want == nullptr || have == nullptr || want->size() < have->size()) return false;
    for (std::size_t i = have->size(); i < want->size(); ++i) {
      if (!cx_.decl<ast::Param>((*want)[i])->default_value) return false;
    }
    if (is_parser(cx_, cx_.out.types.add(wanted)) != is_parser(cx_, cx_.out.types.add(given))) return false;
    const std::vector<DeclId>& own = type_params_of(cx_, given.decl);
    for (std::size_t i = 0; i < have->size(); ++i) {
      const auto* a = cx_.decl<ast::Param>((*want)[i]);
      const auto* b = cx_.decl<ast::Param>((*have)[i]);
      if (a->direction != b->direction) return false;
      const TypeId left = substitute(cx_.out.types, cx_.out.type_of_decl[(*want)[i]], type_params_of(cx_, wanted.decl),
                                     wanted.arguments);
      TypeId right = cx_.out.type_of_decl[(*have)[i]];
      if (given.arguments.empty() && !own.empty()) {
        // A generic control named without arguments: its own parameters are free as well.
        right = substitute(cx_.out.types, right, own, std::vector<TypeId>(own.size(), cx_.any_type));
      } else {
        right = substitute(cx_.out.types, right, own, given.arguments);
      }
      if (!unify(left, right, true)) return false;
    }
    return true;
  }

  bool unify_stack(const type::Stack& stack, TypeId given, bool exact) {
    if (const auto* other = cx_.get<type::Stack>(given)) {
      return other->size == stack.size && unify(stack.element, other->element, true);
    }
    return !exact && cx_.get<type::Tuple>(given) != nullptr;
  }

  bool unify_list(const type::List& list, TypeId given) {
    if (const auto* other = cx_.get<type::List>(given)) return unify(list.element, other->element, true);
    const auto* tuple = cx_.get<type::Tuple>(given);
    if (tuple == nullptr) return false;
    for (const TypeId element : std::vector<TypeId>(tuple->elements)) {
      if (!unify(list.element, element, false)) return false;
    }
    return true;
  }

  bool unify_parts(const std::vector<TypeId>& wanted, TypeId given, bool exact) {
    const auto* tuple = cx_.get<type::Tuple>(given);
    if (tuple == nullptr) return false;
    const std::vector<TypeId> parts = tuple->elements;
    const bool has_rest = !parts.empty() && parts.back() == cx_.any_type;
    if (parts.size() != wanted.size() && !(has_rest && parts.size() <= wanted.size() + 1)) return false;
    for (std::size_t i = 0; i < std::min(parts.size(), wanted.size()); ++i) {
      if (!unify(wanted[i], parts[i], exact)) return false;
    }
    return true;
  }

  Context& cx_;
  Bindings& bindings_;
  std::set<std::pair<TypeId, TypeId>> seen_;
};

}  // namespace

bool unify(Context& cx, TypeId wanted, TypeId given, Bindings& bindings, bool exact) {
  return Unifier(cx, bindings).unify(wanted, given, exact);
}

void bind_unused(Context& cx, const std::vector<DeclId>& params, const std::vector<std::optional<std::size_t>>& map,
                 Bindings& bindings) {
  for (std::size_t i = 0; i < bindings.params.size(); ++i) {
    if (bindings.arguments[i]) continue;
    bool is_left_out = false;
    bool is_used = false;
    for (std::size_t p = 0; p < params.size(); ++p) {
      const TypeId type = cx.out.type_of_decl[params[p]];
      if (substitute(cx.out.types, type, {bindings.params[i]}, {cx.any_type}) == type) continue;
      const bool is_default = static_cast<bool>(cx.decl<ast::Param>(params[p])->default_value);
      (map[p] || is_default ? is_used : is_left_out) = true;
    }
    if (is_left_out && !is_used) bindings.arguments[i] = cx.any_type;
  }
}

TypeId apply_bindings(Context& cx, TypeId type, const Bindings& bindings) {
  return has_variable(cx, type) ? substitute(cx.out.types, type, bindings.params, bindings.arguments) : type;
}

}  // namespace p4bpf::check
