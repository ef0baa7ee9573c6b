// Elaboration of what does nothing in the program but stands in its description for a control plane: annotations, and
// the names of types.
#include <algorithm>

#include "frontend/ast_printer.h"
#include "ir/elaborate_internal.h"

namespace p4bpf::ir {
namespace {

/// As a string literal.
std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '\n') {
      out += "\\n";
    } else {
      if (c == '"' || c == '\\') out += '\\';
      out += c;
    }
  }
  return out + "\"";
}

}  // namespace

/// Tokens stand with a space between them, as the reference compiler writes them.
Annotations Elaboration::annotation_texts(const ast::Annotations& annotations) const {
  Annotations texts;
  for (const ast::Annotation& annotation : annotations) {
    std::string body;
    for (const ast::Annotation::Piece& piece : annotation.body)
      body += (body.empty() ? "" : " ") + (piece.is_string ? quoted(piece.text) : piece.text);
    for (const ast::Argument& argument : annotation.arguments) {
      body += (body.empty() ? "" : ", ") + argument.name.text + (argument.name.text.empty() ? "" : "=");
      body += print_expr(ast(), argument.value);
    }
    std::string text = "@" + annotation.name.text;
    if (annotation.is_structured) {
      text += "[" + body + "]";
    } else if (annotation.has_body || !body.empty()) {
      text += "(" + body + ")";
    }
    texts.push_back(std::move(text));
  }
  return texts;
}

std::string Elaboration::named_type(TypeId type) {
  const auto* declared = typed_.types.get<type::Declared>(type);
  if (declared == nullptr) return "";
  const ast::Decl& decl = ast()[declared->decl];
  const auto* enumeration = std::get_if<ast::EnumDecl>(&decl.node);
  if (enumeration == nullptr && !std::holds_alternative<ast::Typedef>(decl.node)) return "";
  NamedType result;
  result.name = name_of(decl);
  const auto known = std::find_if(program_.named_types.begin(), program_.named_types.end(),
                                  [&](const NamedType& one) { return one.name == result.name; });
  if (known != program_.named_types.end()) return result.name;
  result.type = scalar(type, decl.name.span);
  result.annotations = annotation_texts(decl.annotations);
  if (enumeration != nullptr) {
    const bool has_values = static_cast<bool>(enumeration->representation);
    result.kind = has_values ? NamedType::Kind::kSerializableEnum : NamedType::Kind::kEnum;
    for (const ast::DeclId member : enumeration->members) {
      result.members.push_back(ast()[member].name.text);
      const std::optional<ConstValue>& value = typed_.constant_of_decl[member];
      const auto* number = value ? std::get_if<BigInt>(&value->value) : nullptr;
      if (has_values) result.values.push_back(number != nullptr ? *number : BigInt(0));
    }
  }
  program_.named_types.push_back(result);
  return result.name;
}

void Elaboration::name_field_types(ExternArgument& argument, TypeId type) {
  auto* const fields = std::get_if<ExternStruct>(&argument.value);
  if (fields == nullptr) return;
  const std::vector<std::pair<std::string, TypeId>> all = members(type);
  if (all.size() != fields->fields.size()) return;
  for (std::size_t i = 0; i < all.size(); ++i) {
    fields->type_names.push_back(named_type(all[i].second));
    name_field_types(fields->fields[i], all[i].second);
  }
}

void Elaboration::describe_field(HeaderField& field, TypeId type, const std::string& name) {
  for (const auto& [member, member_type] : members(type)) {
    if (member == name) field.type_name = named_type(member_type);
  }
  const ast::StructDecl* decl = as_struct(type);
  if (decl == nullptr) return;
  for (const ast::DeclId one : decl->fields) {
    if (ast()[one].name.text == name) field.annotations = annotation_texts(ast()[one].annotations);
  }
}

void Elaboration::add_controller_headers() {
  for (const ast::DeclId id : ast().program) {
    const auto* decl = std::get_if<ast::StructDecl>(&ast()[id].node);
    if (decl == nullptr || decl->kind != ast::StructDecl::Kind::kHeader || !decl->type_params.empty()) continue;
    if (ast::find_annotation(ast()[id].annotations, "controller_header") != nullptr)
      header_type(typed_.types.add(type::Declared{id, {}}));
  }
}

}  // namespace p4bpf::ir
