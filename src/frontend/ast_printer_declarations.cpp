// Declarations as text.
#include "frontend/ast_printer_impl.h"

namespace p4bpf::frontend {

using namespace ast;

void AstPrinter::print_program() {
  for (const DeclId declaration : ast_.program) {
    print_decl(declaration);
    out_ += '\n';
  }
}

void AstPrinter::print_decl_on_line(DeclId id) {
  line();
  print_decl(id);
}

void AstPrinter::print_type_params(const std::vector<DeclId>& params) {
  if (params.empty()) return;
  out_ += '<';
  print_separated(params, [this](DeclId param) { out_ += ast_[param].name.text; });
  out_ += '>';
}

void AstPrinter::print_params(const std::vector<DeclId>& params) {
  const bool outer = std::exchange(in_list_, true);
  out_ += '(';
  print_separated(params, [this](DeclId param) { print_decl(param); });
  out_ += ')';
  in_list_ = outer;
}

void AstPrinter::print_param(const Decl& decl, const Param& node) {
  switch (node.direction) {
    case Direction::kNone:
      break;
    case Direction::kIn:
      out_ += "in ";
      break;
    case Direction::kOut:
      out_ += "out ";
      break;
    case Direction::kInout:
      out_ += "inout ";
      break;
  }
  print_type(node.type);
  out_ += " " + decl.name.text;
  if (!node.default_value) return;
  out_ += " = ";
  print_expr(node.default_value);
}

/// With its semicolon where it has one; a variable leaves it to its statement, since `for` has variables without.
void AstPrinter::print_decl(DeclId id) {
  const Decl& decl = ast_[id];
  const bool is_inline = std::holds_alternative<Param>(decl.node) || std::holds_alternative<VarDecl>(decl.node) ||
                         std::holds_alternative<EnumMember>(decl.node);
  print_annotations(decl.annotations, is_inline ? " " : "\n");
  const auto print = Match{
      [&](const TypeParam&) { out_ += decl.name.text; },
      [&](const Param& node) { print_param(decl, node); },
      [&](const ConstDecl& node) {
        out_ += "const ";
        print_type(node.type);
        out_ += " " + decl.name.text + " = ";
        print_expr(node.value);
        out_ += ';';
      },
      [&](const Field& node) {
        print_type(node.type);
        out_ += " " + decl.name.text + ";";
      },
      [&](const EnumMember& node) {
        out_ += decl.name.text;
        if (!node.value) return;
        out_ += " = ";
        print_expr(node.value);
      },
      [&](const ErrorDecl& node) {
        out_ += "error ";
        print_members(node.members);
      },
      [&](const MatchKindDecl& node) {
        out_ += "match_kind ";
        print_members(node.members);
      },
      [&](const BlockTypeDecl& node) {
        out_ += (node.is_parser ? "parser " : "control ") + decl.name.text;
        print_type_params(node.type_params);
        print_params(node.params);
        out_ += ';';
      },
      [&](const PackageDecl& node) {
        out_ += "package " + decl.name.text;
        print_type_params(node.type_params);
        print_params(node.params);
        out_ += ';';
      },
      [&](const ActionDecl& node) {
        out_ += "action " + decl.name.text;
        print_params(node.params);
        out_ += ' ';
        print_stmt(node.body);
      },
      [&](const ValueSetDecl& node) {
        out_ += "value_set<";
        print_type(node.element);
        out_ += ">(";
        print_expr(node.size);
        out_ += ") " + decl.name.text + ";";
      },
      [&](const auto& node) { print_node(decl, node); },
  };
  std::visit(print, decl.node);
}

void AstPrinter::print_node(const Decl& decl, const VarDecl& node) {
  print_type(node.type);
  out_ += " " + decl.name.text;
  if (!node.initial) return;
  out_ += " = ";
  print_expr(node.initial);
}

void AstPrinter::print_node(const Decl& decl, const InstanceDecl& node) {
  print_type(node.type);
  print_arguments(node.arguments);
  out_ += " " + decl.name.text;
  if (node.array_size) {
    out_ += '[';
    print_expr(node.array_size);
    out_ += ']';
  }
  if (node.has_body) {
    open(" = {");
    for (const DeclId member : node.body) print_decl_on_line(member);
    close();
  }
  out_ += ';';
}

void AstPrinter::print_node(const Decl& decl, const Typedef& node) {
  out_ += node.is_new_type ? "type " : "typedef ";
  if (node.derived) {
    print_decl(node.derived);
  } else {
    print_type(node.type);
  }
  out_ += " " + decl.name.text + ";";
}

void AstPrinter::print_node(const Decl& decl, const StructDecl& node) {
  out_ += node.kind == StructDecl::Kind::kStruct   ? "struct "
          : node.kind == StructDecl::Kind::kHeader ? "header "
                                                   : "header_union ";
  out_ += decl.name.text;
  print_type_params(node.type_params);
  open(" {");
  for (const DeclId field : node.fields) print_decl_on_line(field);
  close();
}

void AstPrinter::print_members(const std::vector<DeclId>& members) {
  const bool outer = std::exchange(in_list_, true);
  open();
  for (const DeclId member : members) {
    print_decl_on_line(member);
    out_ += ',';
  }
  close();
  in_list_ = outer;
}

void AstPrinter::print_node(const Decl& decl, const EnumDecl& node) {
  out_ += "enum ";
  if (node.representation) {
    print_type(node.representation);
    out_ += ' ';
  }
  out_ += decl.name.text + " ";
  print_members(node.members);
}

/// Functions, extern functions (which only the outermost level marks as such), methods and constructors.
void AstPrinter::print_node(const Decl& decl, const FunctionDecl& node) {
  if (node.is_extern && indent_ == 0) out_ += "extern ";
  if (node.is_abstract) out_ += "abstract ";
  if (node.return_type) {
    print_type(node.return_type);
    out_ += ' ';
  }
  out_ += decl.name.text;
  print_type_params(node.type_params);
  print_params(node.params);
  if (!node.body) {
    out_ += ';';
    return;
  }
  out_ += ' ';
  print_stmt(node.body);
}

void AstPrinter::print_node(const Decl& decl, const ExternDecl& node) {
  out_ += "extern " + decl.name.text;
  print_type_params(node.type_params);
  open(" {");
  for (const DeclId method : node.methods) print_decl_on_line(method);
  close();
}

void AstPrinter::print_node(const Decl& decl, const ParserDecl& node) {
  out_ += "parser " + decl.name.text;
  print_type_params(node.type_params);
  print_params(node.params);
  if (!node.constructor_params.empty()) print_params(node.constructor_params);
  open(" {");
  for (const DeclId local : node.locals) {
    print_decl_on_line(local);
    if (std::holds_alternative<VarDecl>(ast_[local].node)) out_ += ';';
  }
  for (const DeclId state : node.states) print_decl_on_line(state);
  close();
}

void AstPrinter::print_node(const Decl& decl, const StateDecl& node) {
  out_ += "state " + decl.name.text;
  open(" {");
  for (const StmtId statement : node.statements) print_stmt_on_line(statement);
  if (const auto* target = std::get_if<Name>(&node.transition.target)) {
    line();
    out_ += "transition " + target->text + ";";
  } else if (const auto* select = std::get_if<Select>(&node.transition.target)) {
    line();
    print_select(*select);
  }
  close();
}

void AstPrinter::print_select(const Select& select) {
  out_ += "transition select(";
  const bool outer = std::exchange(in_list_, true);
  print_separated(select.keys, [this](ExprId key) { print_expr(key); });
  in_list_ = outer;
  open(") {");
  for (const SelectCase& one : select.cases) {
    line();
    print_keyset(one.keyset);
    out_ += ": " + one.state.text + ";";
  }
  close();
}

void AstPrinter::print_node(const Decl& decl, const ControlDecl& node) {
  out_ += "control " + decl.name.text;
  print_type_params(node.type_params);
  print_params(node.params);
  if (!node.constructor_params.empty()) print_params(node.constructor_params);
  open(" {");
  for (const DeclId local : node.locals) {
    print_decl_on_line(local);
    if (std::holds_alternative<VarDecl>(ast_[local].node)) out_ += ';';
  }
  if (node.apply) {
    line();
    out_ += "apply ";
    print_stmt(node.apply);
  }
  close();
}

void AstPrinter::print_action_ref(const ActionRef& action) {
  print_annotations(action.annotations, " ");
  out_ += (action.is_global ? "." : "") + action.name.text;
  if (action.has_arguments) print_arguments(action.arguments);
}

void AstPrinter::print_entry(const EntryDecl& entry) {
  if (entry.is_const) out_ += "const ";
  if (entry.priority) {
    out_ += "priority = (";
    print_expr(entry.priority);
    out_ += "): ";
  }
  print_keyset(entry.keyset);
  out_ += ": ";
  print_action_ref(entry.action);
  if (!entry.annotations.empty()) out_ += ' ';
  print_annotations(entry.annotations, " ");
  out_ += ';';
}

void AstPrinter::print_node(const Decl& decl, const TableDecl& node) {
  out_ += "table " + decl.name.text;
  open(" {");
  const auto print_section = [this](bool has_section, std::string_view head, const auto& elements, auto print_one) {
    if (!has_section) return;
    line();
    open(head);
    for (const auto& element : elements) {
      line();
      print_one(element);
    }
    close();
  };
  print_section(node.has_key, "key = {", node.key, [this](const KeyElement& element) {
    print_expr(element.expr);
    out_ += ": " + element.match_kind.text + " ";
    print_annotations(element.annotations, " ");
    out_ += ';';
  });
  print_section(node.has_actions, "actions = {", node.actions, [this](const ActionRef& action) {
    print_action_ref(action);
    out_ += ';';
  });
  for (const TableProperty& property : node.properties) {
    line();
    print_annotations(property.annotations, " ");
    out_ += (property.is_const ? "const " : "") + property.name.text + " = ";
    print_expr(property.value);
    out_ += ';';
  }
  if (!node.entries_annotations.empty()) line();
  print_annotations(node.entries_annotations, " ");
  print_section(node.has_entries, node.entries_are_const ? "const entries = {" : "entries = {", node.entries,
                [this](const EntryDecl& entry) { print_entry(entry); });
  close();
}

}  // namespace p4bpf::frontend
