// What a name or an expression is, in words (features.h).
#include <fmt/format.h>

#include "editor/lsp/features.h"
#include "frontend/ast_printer.h"

namespace p4bpf::editor {
namespace {

using ast::DeclId;

std::string trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return std::string(text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1));
}

std::string show_value(const Analysis& analysis, const ConstValue& value) {
  return std::visit(Match{
                        [](const BigInt& number) {
                          const bool has_hex = number > 9;
                          return number.str() + (has_hex ? " (0x" + number.str(0, std::ios_base::hex) + ")" : "");
                        },
                        [](bool flag) { return std::string(flag ? "true" : "false"); },
                        [](const std::string& text) { return "\"" + text + "\""; },
                        [&](DeclId member) { return analysis.ast[member].name.text; },
                        [](const ConstList& list) { return fmt::format("{} elements", list.size()); },
                    },
                    value.value);
}

std::string params_text(const Analysis& analysis, const std::vector<DeclId>& params) {
  std::string text;
  for (const DeclId id : params) text += (text.empty() ? "" : ", ") + signature_of(analysis, id);
  return "(" + text + ")";
}

std::string type_params_text(const Analysis& analysis, const std::vector<DeclId>& params) {
  std::string text;
  for (const DeclId id : params) text += (text.empty() ? "" : ", ") + analysis.ast[id].name.text;
  return text.empty() ? "" : "<" + text + ">";
}

std::string written(const Analysis& analysis, ast::TypeRefId type) {
  return type ? print_type(analysis.ast, type) : std::string();
}

std::string function_text(const Analysis& analysis, const std::string& name, const ast::FunctionDecl& d) {
  return (d.is_abstract ? "abstract " : "") + (d.return_type ? written(analysis, d.return_type) + " " : "") + name +
         type_params_text(analysis, d.type_params) + params_text(analysis, d.params);
}

std::string table_text(const Analysis& analysis, const std::string& name, const ast::TableDecl& d) {
  std::string text = "table " + name + " {\n";
  if (d.has_key) text += "  key = {\n";
  for (const ast::KeyElement& key : d.key) {
    const TypeId type = analysis.typed.type_of[key.expr];
    text += "    " + print_expr(analysis.ast, key.expr) + ": " + key.match_kind.text + ";";
    text += (type ? "  // " + type_name(analysis.typed, type) : "") + "\n";
  }
  if (d.has_key) text += "  }\n";
  text += "  actions = {";
  for (const ast::ActionRef& action : d.actions) text += " " + action.name.text + ";";
  text += " }\n";
  for (const ast::TableProperty& property : d.properties)
    text += "  " + property.name.text + " = " + print_expr(analysis.ast, property.value) + ";\n";
  return text + "}";
}

std::string members_text(const Analysis& analysis, const std::string& head, DeclId id) {
  constexpr std::size_t kShown = 24;
  const std::vector<DeclId> members = members_of(analysis.ast, id);
  std::string text = head + " {\n";
  for (std::size_t i = 0; i < members.size() && i < kShown; ++i)
    text += "  " + signature_of(analysis, members[i]) +
            (analysis.decl<ast::EnumMember>(members[i]) != nullptr ? ",\n" : ";\n");
  return text + (members.size() > kShown ? "  ...\n}" : "}");
}

/// The struct-like declaration that has `field`, and the bits before it; nothing where a varbit stands before.
struct FieldPlace {
  DeclId owner;
  std::optional<std::uint64_t> offset;
  bool is_header = false;
};
std::optional<FieldPlace> place_of_field(Analysis& analysis, DeclId field) {
  for (std::size_t i = 0; i < analysis.ast.decls.size(); ++i) {
    const auto* structure = analysis.decl<ast::StructDecl>(DeclId(i));
    if (structure == nullptr) continue;
    std::optional<std::uint64_t> offset = 0;
    for (const DeclId id : structure->fields) {
      if (id == field) return FieldPlace{DeclId(i), offset, structure->kind == ast::StructDecl::Kind::kHeader};
      const std::optional<std::uint64_t> width = width_of(analysis, analysis.typed.type_of_decl[id]);
      offset = offset && width ? std::optional(*offset + *width) : std::nullopt;
    }
  }
  return std::nullopt;
}

std::string bits_text(std::uint64_t bits) {
  return bits % 8 == 0 && bits != 0 ? fmt::format("{} bits ({} bytes)", bits, bits / 8)
                                    : fmt::format("{} bit{}", bits, bits == 1 ? "" : "s");
}

/// What is known of the declaration beyond its text.
std::string facts_of(Analysis& analysis, DeclId id) {
  std::string facts;
  const TypeId type = analysis.typed.type_of_decl[id];
  if (analysis.decl<ast::Field>(id) != nullptr) {
    const std::optional<FieldPlace> place = place_of_field(analysis, id);
    if (place) facts += fmt::format("Field of `{}`", analysis.ast[place->owner].name.text);
    if (place && place->is_header) {
      facts += place->offset ? fmt::format(", at bit {} (byte {}{})", *place->offset, *place->offset / 8,
                                           *place->offset % 8 == 0 ? "" : fmt::format(", bit {}", *place->offset % 8))
                             : std::string(", behind a field of variable size");
    }
    facts += place ? ".\n\n" : "";
  }
  const bool is_callable = type && analysis.typed.types.get<type::Callable>(type) != nullptr;
  if (const std::optional<std::uint64_t> width = type && !is_callable ? width_of(analysis, type) : std::nullopt)
    facts += fmt::format("Type `{}`, {}.\n\n", type_name(analysis.typed, type), bits_text(*width));
  if (const std::optional<ConstValue>& value = analysis.typed.constant_of_decl[id])
    facts += fmt::format("Value: {}.\n\n", show_value(analysis, *value));
  return facts;
}

std::string expr_text(Analysis& analysis, ast::ExprId id) {
  const TypeId type = analysis.typed.type_of[id];
  if (!type || analysis.typed.types.get<type::Poison>(type) != nullptr) return {};
  std::string text = fmt::format("```p4\n{}: {}\n```\n", print_expr(analysis.ast, id), type_name(analysis.typed, type));
  const TypeId converted = analysis.typed.converted_to[id];
  if (converted && converted != type)
    text += fmt::format("Converted to `{}`.\n\n", type_name(analysis.typed, converted));
  if (const std::optional<ConstValue>& value = analysis.typed.constant_of[id])
    text += fmt::format("Value: {}.\n\n", show_value(analysis, *value));
  return text;
}

/// The rest of the #define's line.
std::string macro_text(const Analysis& analysis, Span name) {
  const std::string_view line = analysis.sources.line_text(name.begin);
  return "```p4\n" + trimmed(line) + "\n```\n";
}

/// `// text`, `* text`, `/** text */` without what makes it a comment.
std::string comment_line(std::string_view line) {
  std::string text = trimmed(line);
  for (const std::string_view mark : {"///", "//", "/**", "/*"}) {
    if (!text.starts_with(mark)) continue;
    text.erase(0, mark.size());
    break;
  }
  if (text.ends_with("*/")) text.resize(text.size() - 2);
  text = trimmed(text);
  if (text.starts_with("* ") || text == "*") text.erase(0, 1);
  return trimmed(text);
}

}  // namespace

std::string signature_of(const Analysis& analysis, DeclId id) {
  const std::string& name = analysis.ast[id].name.text;
  return std::visit(
      Match{
          [&](const ast::TypeParam&) { return name; },
          [&](const ast::Param& d) {
            constexpr const char* kDirections[] = {"", "in ", "out ", "inout "};
            return kDirections[static_cast<std::size_t>(d.direction)] + written(analysis, d.type) + " " + name +
                   (d.default_value ? " = " + print_expr(analysis.ast, d.default_value) : "");
          },
          [&](const ast::ConstDecl& d) {
            return "const " + written(analysis, d.type) + " " + name + " = " + print_expr(analysis.ast, d.value);
          },
          [&](const ast::VarDecl& d) { return written(analysis, d.type) + " " + name; },
          [&](const ast::InstanceDecl& d) { return written(analysis, d.type) + "(...) " + name; },
          [&](const ast::Typedef& d) {
            return (d.is_new_type ? "type " : "typedef ") + written(analysis, d.type) + " " + name;
          },
          [&](const ast::Field& d) { return written(analysis, d.type) + " " + name; },
          [&](const ast::StructDecl& d) {
            constexpr const char* kKinds[] = {"struct ", "header ", "header_union "};
            return members_text(
                analysis, kKinds[static_cast<std::size_t>(d.kind)] + name + type_params_text(analysis, d.type_params),
                id);
          },
          [&](const ast::EnumMember& d) { return name + (d.value ? " = " + print_expr(analysis.ast, d.value) : ""); },
          [&](const ast::EnumDecl& d) {
            return members_text(
                analysis, "enum " + written(analysis, d.representation) + (d.representation ? " " : "") + name, id);
          },
          [&](const ast::ErrorDecl&) { return members_text(analysis, "error", id); },
          [&](const ast::MatchKindDecl&) { return members_text(analysis, "match_kind", id); },
          [&](const ast::FunctionDecl& d) { return function_text(analysis, name, d); },
          [&](const ast::ExternDecl& d) {
            return members_text(analysis, "extern " + name + type_params_text(analysis, d.type_params), id);
          },
          [&](const ast::BlockTypeDecl& d) {
            return (d.is_parser ? "parser " : "control ") + name + type_params_text(analysis, d.type_params) +
                   params_text(analysis, d.params);
          },
          [&](const ast::PackageDecl& d) {
            return "package " + name + type_params_text(analysis, d.type_params) + params_text(analysis, d.params);
          },
          [&](const ast::ParserDecl& d) { return "parser " + name + params_text(analysis, d.params); },
          [&](const ast::StateDecl&) { return "state " + name; },
          [&](const ast::ControlDecl& d) { return "control " + name + params_text(analysis, d.params); },
          [&](const ast::ActionDecl& d) { return "action " + name + params_text(analysis, d.params); },
          [&](const ast::TableDecl& d) { return table_text(analysis, name, d); },
          [&](const ast::ValueSetDecl& d) { return "value_set<" + written(analysis, d.element) + "> " + name; },
      },
      analysis.ast[id].node);
}

std::string comment_of(const Analysis& analysis, DeclId id) {
  const ast::Decl& decl = analysis.ast[id];
  const ReadFile* const file = analysis.file_of(decl.name.span.begin);
  if (file == nullptr) return {};
  const std::string_view text = analysis.text_of(*file);
  Loc first = decl.span && decl.span.begin < decl.name.span.begin && analysis.file_of(decl.span.begin) == file
                  ? decl.span.begin
                  : decl.name.span.begin;
  for (const ast::Annotation& annotation : decl.annotations) first = std::min(first, annotation.name.span.begin);
  if (first < file->begin) return {};
  const auto line_before = [&](std::size_t begin) { return begin < 2 ? 0 : text.rfind('\n', begin - 2) + 1; };
  std::size_t begin = first.offset - file->begin.offset;
  begin = begin == 0 ? 0 : text.rfind('\n', begin - 1) + 1;
  std::vector<std::string> lines;
  bool in_block = false;
  while (begin > 0) {
    const std::size_t above = line_before(begin);
    const std::string line = trimmed(text.substr(above, begin - above));
    if (!in_block && line.ends_with("*/")) in_block = line.starts_with("/*") || line.find("/*") == std::string::npos;
    const bool starts_block = line.starts_with("/*");
    if (!in_block && !line.starts_with("//")) break;
    lines.insert(lines.begin(), comment_line(line));
    if (in_block && starts_block) in_block = false;
    if (lines.size() > 60) break;
    begin = above;
  }
  if (lines.empty()) {
    const std::string_view line = analysis.sources.line_text(decl.name.span.begin);
    const std::size_t at =
        line.find("//", static_cast<std::size_t>(analysis.sources.position(decl.name.span.begin).column));
    if (at != std::string_view::npos) lines.push_back(comment_line(line.substr(at)));
  }
  std::string out;
  for (const std::string& line : lines) out += line + "\n";
  return trimmed(out);
}

TypeId field_type(Analysis& analysis, TypeId owner, DeclId field) {
  const TypeId type = analysis.typed.type_of_decl[field];
  const auto* declared = owner ? analysis.typed.types.get<type::Declared>(owner) : nullptr;
  const auto* structure = declared == nullptr ? nullptr : analysis.decl<ast::StructDecl>(declared->decl);
  if (structure == nullptr || !type) return type;
  const std::vector<TypeId> arguments = declared->arguments;  // a copy: the table may grow
  return substitute(analysis.typed.types, type, structure->type_params, arguments);
}

namespace {

std::optional<std::uint64_t> measure(Analysis& analysis, TypeId type) {
  const Type::Node node = analysis.typed.types[type];
  if (const auto* bits = std::get_if<type::Bits>(&node)) return bits->width;
  if (std::holds_alternative<type::Bool>(node)) return 1;
  if (const auto* stack = std::get_if<type::Stack>(&node)) {
    const std::optional<std::uint64_t> element = width_of(analysis, stack->element);
    return element ? std::optional(*element * stack->size) : std::nullopt;
  }
  const auto* declared = std::get_if<type::Declared>(&node);
  if (declared == nullptr) return std::nullopt;
  if (const auto* made = analysis.decl<ast::Typedef>(declared->decl))
    return made->type ? width_of(analysis, analysis.typed.type_of_ref[made->type]) : std::nullopt;
  if (const auto* enumeration = analysis.decl<ast::EnumDecl>(declared->decl))
    return enumeration->representation ? width_of(analysis, analysis.typed.type_of_ref[enumeration->representation])
                                       : std::nullopt;
  const auto* structure = analysis.decl<ast::StructDecl>(declared->decl);
  if (structure == nullptr || structure->kind == ast::StructDecl::Kind::kUnion) return std::nullopt;
  std::uint64_t sum = 0;
  for (const DeclId field : structure->fields) {
    const std::optional<std::uint64_t> width = width_of(analysis, field_type(analysis, type, field));
    if (!width) return std::nullopt;
    sum += *width;
  }
  return sum;
}

}  // namespace

std::optional<std::uint64_t> width_of(Analysis& analysis, TypeId type) {
  if (!type) return std::nullopt;
  const auto [at, is_new] = analysis.widths.try_emplace(type);
  if (!is_new) return at->second;
  const std::optional<std::uint64_t> width = measure(analysis, type);
  return analysis.widths[type] = width;
}

std::optional<Hover> hover_at(Analysis& analysis, Loc loc) {
  const std::optional<Target> target = target_at(analysis, loc);
  if (!target) return std::nullopt;
  if (target->included != nullptr)
    return Hover{target->span, "Includes `" + normal_path(target->included->name) + "`."};
  if (target->macro) return Hover{target->span, macro_text(analysis, target->macro)};
  if (!target->decl) {
    const std::string text = expr_text(analysis, target->expr);
    return text.empty() ? std::nullopt : std::optional(Hover{target->span, text});
  }
  std::string text = "```p4\n" + signature_of(analysis, target->decl) + "\n```\n" + facts_of(analysis, target->decl);
  // In generic code the use may know more than the declaration.
  if (target->expr && analysis.decl<ast::Field>(target->decl) != nullptr) {
    const TypeId here = analysis.typed.type_of[target->expr];
    if (here && here != analysis.typed.type_of_decl[target->decl])
      text += fmt::format("Here `{}`.\n\n", type_name(analysis.typed, here));
  }
  return Hover{target->span, text + comment_of(analysis, target->decl)};
}

}  // namespace p4bpf::editor
