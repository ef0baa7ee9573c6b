// Questions about types: see type_facts.h. Types are shared graphs; whatever walks them remembers what it has seen.
#include "frontend/types/type_facts.h"

#include <algorithm>

namespace p4bpf::check {
namespace {

template <class Node>
const Node* declared_as(const Context& cx, TypeId type) {
  const auto* declared = cx.get<type::Declared>(type);
  return declared == nullptr ? nullptr : cx.decl<Node>(declared->decl);
}

/// Walks a type and everything inside it once; `test` answers for one type whether to go on with what it contains.
class Walk {
 public:
  explicit Walk(Context& cx) : cx_(cx) {}

  /// Whether `good` holds for `type` and for all that it is made of. `good` sees each type once.
  template <class Good>
  bool all(TypeId type, const Good& good) {
    if (!type) return true;
    if (!seen_.insert(type).second) return true;
    if (!good(type)) return false;
    for (const TypeId part : parts(type)) {
      if (!all(part, good)) return false;
    }
    return true;
  }

 private:
  std::vector<TypeId> parts(TypeId type) {
    if (const auto* t = cx_.get<type::Stack>(type)) return {t->element};
    if (const auto* t = cx_.get<type::Tuple>(type)) return t->elements;
    if (const auto* t = cx_.get<type::AnonymousStruct>(type)) return t->types;
    if (const auto* t = cx_.get<type::List>(type)) return {t->element};
    if (const auto* t = cx_.get<type::Set>(type)) return {t->element};
    if (struct_of(cx_, type) != nullptr) return field_types(cx_, type);
    return {};
  }

  Context& cx_;
  std::unordered_set<TypeId> seen_;
};

}  // namespace

const ast::StructDecl* struct_of(const Context& cx, TypeId type) { return declared_as<ast::StructDecl>(cx, type); }

bool is_struct(const Context& cx, TypeId type) {
  const ast::StructDecl* decl = struct_of(cx, type);
  return decl != nullptr && decl->kind == ast::StructDecl::Kind::kStruct;
}
bool is_header(const Context& cx, TypeId type) {
  const ast::StructDecl* decl = struct_of(cx, type);
  return decl != nullptr && decl->kind == ast::StructDecl::Kind::kHeader;
}
bool is_union(const Context& cx, TypeId type) {
  const ast::StructDecl* decl = struct_of(cx, type);
  return decl != nullptr && decl->kind == ast::StructDecl::Kind::kUnion;
}

const ast::EnumDecl* enum_of(const Context& cx, TypeId type) { return declared_as<ast::EnumDecl>(cx, type); }

TypeId representation_of(const Context& cx, TypeId type) {
  const ast::EnumDecl* decl = enum_of(cx, type);
  return decl != nullptr && decl->representation ? cx.out.type_of_ref[decl->representation] : TypeId{};
}

TypeId new_type_base(const Context& cx, TypeId type) {
  const ast::Typedef* decl = declared_as<ast::Typedef>(cx, type);
  return decl != nullptr && decl->type ? cx.out.type_of_ref[decl->type] : TypeId{};
}

bool is_extern(const Context& cx, TypeId type) { return declared_as<ast::ExternDecl>(cx, type) != nullptr; }

bool is_parser(const Context& cx, TypeId type) {
  const auto* block = declared_as<ast::BlockTypeDecl>(cx, type);
  return (block != nullptr && block->is_parser) || declared_as<ast::ParserDecl>(cx, type) != nullptr;
}
bool is_control(const Context& cx, TypeId type) {
  const auto* block = declared_as<ast::BlockTypeDecl>(cx, type);
  return (block != nullptr && !block->is_parser) || declared_as<ast::ControlDecl>(cx, type) != nullptr;
}
bool is_package(const Context& cx, TypeId type) { return declared_as<ast::PackageDecl>(cx, type) != nullptr; }

bool is_object(const Context& cx, TypeId type) {
  return is_extern(cx, type) || is_parser(cx, type) || is_control(cx, type) || is_package(cx, type);
}

bool is_number(const Context& cx, TypeId type) { return type == cx.int_type || cx.get<type::Bits>(type) != nullptr; }

bool has_variable(Context& cx, TypeId type) {
  if (!type) return false;
  if (const auto at = cx.has_variable_memo.find(type); at != cx.has_variable_memo.end()) return at->second;
  const auto any = [&](const std::vector<TypeId>& ids) {
    return std::any_of(ids.begin(), ids.end(), [&](TypeId id) { return has_variable(cx, id); });
  };
  bool found = cx.get<type::Variable>(type) != nullptr;
  if (const auto* t = cx.get<type::Declared>(type)) found = any(t->arguments);
  if (const auto* t = cx.get<type::Stack>(type)) found = has_variable(cx, t->element);
  if (const auto* t = cx.get<type::Tuple>(type)) found = any(t->elements);
  if (const auto* t = cx.get<type::AnonymousStruct>(type)) found = any(t->types);
  if (const auto* t = cx.get<type::List>(type)) found = has_variable(cx, t->element);
  if (const auto* t = cx.get<type::Set>(type)) found = has_variable(cx, t->element);
  cx.has_variable_memo[type] = found;
  return found;
}

const std::vector<DeclId>& type_params_of(const Context& cx, DeclId decl) {
  static const std::vector<DeclId> none;
  if (!decl) return none;
  return std::visit(Match{
                        [](const ast::StructDecl& d) -> const std::vector<DeclId>& { return d.type_params; },
                        [](const ast::FunctionDecl& d) -> const std::vector<DeclId>& { return d.type_params; },
                        [](const ast::ExternDecl& d) -> const std::vector<DeclId>& { return d.type_params; },
                        [](const ast::BlockTypeDecl& d) -> const std::vector<DeclId>& { return d.type_params; },
                        [](const ast::PackageDecl& d) -> const std::vector<DeclId>& { return d.type_params; },
                        [](const ast::ParserDecl& d) -> const std::vector<DeclId>& { return d.type_params; },
                        [](const ast::ControlDecl& d) -> const std::vector<DeclId>& { return d.type_params; },
                        [](const auto&) -> const std::vector<DeclId>& { return none; },
                    },
                    cx.ast[decl].node);
}

TypeId field_type(Context& cx, TypeId type, DeclId field) {
  const auto* declared = cx.get<type::Declared>(type);
  const TypeId written = cx.out.type_of_decl[field];
  if (declared == nullptr || declared->arguments.empty()) return written;
  return substitute(cx.out.types, written, type_params_of(cx, declared->decl), declared->arguments);
}

std::vector<TypeId> field_types(Context& cx, TypeId type) {
  std::vector<TypeId> types;
  if (const ast::StructDecl* decl = struct_of(cx, type)) {
    for (const DeclId field : decl->fields) types.push_back(field_type(cx, type, field));
  }
  return types;
}

DeclId find_member(const Context& cx, DeclId decl, std::string_view name) {
  const auto of_decl = cx.members.find(decl);
  if (of_decl == cx.members.end()) return {};
  const auto at = of_decl->second.find(name);
  return at == of_decl->second.end() ? DeclId{} : at->second.front();
}

namespace {

std::optional<SizeInBits> compute_size(Context& cx, TypeId type, std::unordered_map<TypeId, SizeInBits>& memo) {
  constexpr std::uint64_t kTooLarge = std::uint64_t{1} << 40;
  if (const auto at = memo.find(type); at != memo.end()) return at->second;
  SizeInBits size;
  const auto add = [&](TypeId part, std::uint64_t times) {
    const std::optional<SizeInBits> found = compute_size(cx, part, memo);
    if (!found) return false;
    size.min = std::min(kTooLarge, size.min + times * found->min);
    size.max = std::min(kTooLarge, size.max + times * found->max);
    return true;
  };
  if (const auto* t = cx.get<type::Bits>(type)) {
    size = {t->width, t->width};
  } else if (type == cx.bool_type) {
    size = {1, 1};
  } else if (const auto* v = cx.get<type::Varbit>(type)) {
    size = {0, v->max_width};
  } else if (const TypeId representation = representation_of(cx, type)) {
    if (!add(representation, 1)) return std::nullopt;
  } else if (const TypeId base = new_type_base(cx, type)) {
    if (!add(base, 1)) return std::nullopt;
  } else if (const auto* stack = cx.get<type::Stack>(type)) {
    if (!add(stack->element, stack->size)) return std::nullopt;
  } else if (const auto* tuple = cx.get<type::Tuple>(type)) {
    for (const TypeId element : std::vector<TypeId>(tuple->elements)) {
      if (!add(element, 1)) return std::nullopt;
    }
  } else if (struct_of(cx, type) != nullptr) {
    const bool union_type = is_union(cx, type);
    for (const TypeId field : field_types(cx, type)) {
      if (!union_type) {
        if (!add(field, 1)) return std::nullopt;
        continue;
      }
      const std::optional<SizeInBits> one = compute_size(cx, field, memo);
      if (!one) return std::nullopt;
      size = {std::max(size.min, one->min), std::max(size.max, one->max)};
    }
  } else {
    return std::nullopt;
  }
  memo[type] = size;
  return size;
}

}  // namespace

std::optional<SizeInBits> size_of(Context& cx, TypeId type) {
  std::unordered_map<TypeId, SizeInBits> memo;
  return compute_size(cx, type, memo);
}

bool is_comparable(Context& cx, TypeId type) {
  return Walk(cx).all(type, [&](TypeId part) {
    if (const TypeId base = new_type_base(cx, part)) return is_comparable(cx, base);
    return cx.is_poison(part) || part == cx.bool_type || part == cx.error_type || part == cx.int_type ||
           part == cx.string_type || part == cx.match_kind_type || cx.get<type::Bits>(part) != nullptr ||
           cx.get<type::Varbit>(part) != nullptr || cx.get<type::Stack>(part) != nullptr ||
           cx.get<type::Tuple>(part) != nullptr || cx.get<type::AnonymousStruct>(part) != nullptr ||
           struct_of(cx, part) != nullptr || enum_of(cx, part) != nullptr || part == cx.any_type;
  });
}

bool may_be_header_field(Context& cx, TypeId type) {
  return Walk(cx).all(type, [&](TypeId part) {
    if (const TypeId base = new_type_base(cx, part)) return may_be_header_field(cx, base);
    return cx.is_poison(part) || part == cx.bool_type || cx.get<type::Bits>(part) != nullptr ||
           cx.get<type::Varbit>(part) != nullptr || is_struct(cx, part) || cx.get<type::Stack>(part) != nullptr ||
           static_cast<bool>(representation_of(cx, part)) || cx.get<type::Variable>(part) != nullptr;
  });
}

bool may_be_struct_field(Context& cx, TypeId type) {
  return Walk(cx).all(type, [&](TypeId part) {
    return may_be_list_element(cx, part) && part != cx.int_type && part != cx.string_type &&
           part != cx.match_kind_type && cx.get<type::List>(part) == nullptr;
  });
}

bool may_be_list_element(Context& cx, TypeId type) {
  return Walk(cx).all(type, [&](TypeId part) {
    return !is_object(cx, part) && part != cx.void_type && cx.get<type::Set>(part) == nullptr;
  });
}

bool may_be_variable(Context& cx, TypeId type) {
  return Walk(cx).all(type, [&](TypeId part) {
    return !is_object(cx, part) && part != cx.void_type && part != cx.int_type && part != cx.string_type &&
           part != cx.match_kind_type && cx.get<type::Set>(part) == nullptr && cx.get<type::List>(part) == nullptr;
  });
}

bool has_default(Context& cx, TypeId type) {
  return Walk(cx).all(type, [&](TypeId part) {
    return !is_object(cx, part) && part != cx.void_type && part != cx.match_kind_type && part != cx.string_type &&
           cx.get<type::Variable>(part) == nullptr && cx.get<type::Set>(part) == nullptr &&
           cx.get<type::List>(part) == nullptr;
  });
}

}  // namespace p4bpf::check
