// Giving out slots and finding them again: see places.h.
#include "frontend/warnings/places.h"

namespace p4bpf::warnings {
namespace {

/// Structs with more scalars or headers are followed as a whole: doubling declarations stay finite.
constexpr std::uint32_t kMaxSlots = 2048;

}  // namespace

bool Places::is_header(TypeId type) const {
  const auto* declared = type ? f_.program.types.get<type::Declared>(type) : nullptr;
  const auto* node = declared == nullptr ? nullptr : f_.decl<ast::StructDecl>(declared->decl);
  return node != nullptr && node->kind == ast::StructDecl::Kind::kHeader;
}

Places::Shape Places::shape_of_struct(const ast::StructDecl& node) {
  Shape shape{0, 0, false};
  for (const DeclId field : node.fields) {
    const Shape part = shape_of(f_.program.type_of_decl[field]);
    shape.values += part.values;
    shape.headers += part.headers;
    if (shape.values > kMaxSlots || shape.headers > kMaxSlots) return {1, 0, true};
  }
  return shape;
}

Places::Shape Places::shape_of(TypeId type) {
  if (!type) return {};
  if (const auto known = shapes_.find(type); known != shapes_.end()) return known->second;
  const auto* declared = f_.program.types.get<type::Declared>(type);
  Shape shape{1, 0, true};
  if (f_.program.types.get<type::Stack>(type) != nullptr) {
    shape.values = 0;
  } else if (declared != nullptr) {
    const auto* node = f_.decl<ast::StructDecl>(declared->decl);
    const bool is_value =
        f_.decl<ast::EnumDecl>(declared->decl) != nullptr || f_.decl<ast::Typedef>(declared->decl) != nullptr;
    if (node == nullptr) {
      shape.values = is_value ? 1 : 0;
    } else if (node->kind == ast::StructDecl::Kind::kHeader) {
      shape = {0, 1, true};
    } else if (node->kind == ast::StructDecl::Kind::kUnion) {
      shape = {0, 0, true};
    } else if (declared->arguments.empty()) {
      shape = shape_of_struct(*node);
    }
  }
  shapes_.emplace(type, shape);
  return shape;
}

const Place& Places::declare(DeclId id, bool follows_values) {
  Place& place = places_[id.index()];
  place = Place{};
  place.root = id;
  place.type = f_.program.type_of_decl[id];
  const Shape shape = shape_of(place.type);
  place.value = next_value_;
  place.value_count = follows_values ? shape.values : 0;
  place.validity = next_validity_;
  place.validity_count = shape.headers;
  next_value_ += place.value_count;
  next_validity_ += place.validity_count;
  declared_.push_back(id);
  return place;
}

void Places::release(const Mark& mark) {
  while (declared_.size() > mark.declared) {
    places_[declared_.back().index()] = Place{};
    declared_.pop_back();
  }
  next_value_ = mark.value;
  next_validity_ = mark.validity;
}

Place Places::field_of(const Place& base, DeclId field) {
  if (base.is_header_field) return base;
  if (is_header(base.type)) {
    Place place = base;
    place.is_header_field = true;
    return place;
  }
  const Shape shape = shape_of(base.type);
  const auto* declared = f_.program.types.get<type::Declared>(base.type);
  const auto* node = declared == nullptr ? nullptr : f_.decl<ast::StructDecl>(declared->decl);
  if (node == nullptr || node->kind == ast::StructDecl::Kind::kUnion) return {};
  Place place = base;
  place.type = f_.program.type_of_decl[field];
  if (shape.is_opaque) {
    place.is_part = true;
    return place;
  }
  for (const DeclId before : node->fields) {
    const Shape part = shape_of(f_.program.type_of_decl[before]);
    place.value_count = base.value_count == 0 ? 0 : part.values;
    place.validity_count = part.headers;
    if (before == field) return place;
    if (base.value_count != 0) place.value += part.values;
    place.validity += part.headers;
  }
  return {};
}

Place Places::of(ExprId id) {
  const ast::Expr& expr = f_.ast[id];
  if (std::holds_alternative<ast::NameExpr>(expr.node)) {
    const DeclId decl = f_.program.decl_of[id];
    return decl ? places_[decl.index()] : Place{};
  }
  if (const auto* member = std::get_if<ast::Member>(&expr.node)) {
    const DeclId field = f_.program.decl_of[id];
    const Place base = field ? of(member->base) : Place{};
    return base ? field_of(base, field) : Place{};
  }
  const auto part_of = [&](ExprId base) {
    Place place = of(base);
    place.is_part = true;
    return place;
  };
  if (const auto* index = std::get_if<ast::Index>(&expr.node)) return part_of(index->base);
  if (const auto* slice = std::get_if<ast::Slice>(&expr.node)) return part_of(slice->base);
  if (const auto* slice = std::get_if<ast::PlusSlice>(&expr.node)) return part_of(slice->base);
  return {};
}

}  // namespace p4bpf::warnings
