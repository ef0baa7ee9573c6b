// Tables (P4_16 section 14.2).
#include "frontend/parser.h"

namespace p4bpf::frontend {

using namespace ast;

/// tableDeclaration: optAnnotations TABLE name "{" tablePropertyList "}"
DeclId Parser::parse_table(Annotations annotations) {
  const std::size_t first = next_;
  expect(TokenKind::kTable);
  Name name = parse_name("the name of a table");
  declare(name, false);
  const Token open = expect(TokenKind::kLeftBrace);
  TableDecl table;
  Span entries_without_key;  // entries follow the key that they are for (section 14.2.1.4)
  while (!at_end_of_block()) {
    const std::size_t before = element_first_ = next_;
    const Span property = peek().span;
    const bool had_entries = table.has_entries;
    try {
      refuse_misplaced();
      parse_table_property(table);
      if (table.has_entries && !had_entries && !table.has_key) entries_without_key = property;
      if (table.has_key && entries_without_key.begin) {
        report(DiagnosticKind::kBadTable, entries_without_key,
               "the entries stand before the key, expected them behind it");
        entries_without_key = {};
      }
    } catch (const Recover&) {
      skip_to_semicolon(before);
    }
  }
  expect_close(TokenKind::kRightBrace, open);
  return add_decl(first, std::move(name), std::move(annotations), std::move(table));
}

/// tableProperty: KEY "=" "{" keyElementList "}" | ACTIONS "=" "{" actionList "}"
///              | optAnnotations optCONST ENTRIES "=" "{" entriesList "}"
///              | optAnnotations optCONST nonTableKwName "=" initializer ";"
void Parser::parse_table_property(TableDecl& table) {
  const std::size_t first = next_;
  TableProperty property;
  property.annotations = parse_annotations();
  property.is_const = take(TokenKind::kConst);
  const auto open_section = [&](bool& has_section, std::string_view section) {
    if (has_section)
      report(DiagnosticKind::kBadTable, peek().span, "this table has a second '" + std::string(section) + "'");
    has_section = true;
    next();
    expect(TokenKind::kAssign);
  };
  if (at(TokenKind::kEntries)) {
    table.entries_are_const = property.is_const;
    table.entries_annotations = std::move(property.annotations);
    open_section(table.has_entries, "entries");
    for (EntryDecl& entry : parse_entries()) table.entries.push_back(std::move(entry));
    return;
  }
  if (!property.is_const && at(TokenKind::kKey)) {
    refuse_annotations(property.annotations);
    open_section(table.has_key, "key");
    for (KeyElement& element : parse_key()) table.key.push_back(std::move(element));
    return;
  }
  if (!property.is_const && at(TokenKind::kActions)) {
    refuse_annotations(property.annotations);
    open_section(table.has_actions, "actions");
    for (ActionRef& action : parse_actions()) table.actions.push_back(std::move(action));
    return;
  }
  property.name = parse_name("the name of a table property");
  expect(TokenKind::kAssign);
  property.value = parse_expression();
  expect(TokenKind::kSemicolon);
  property.span = span_from(first);
  table.properties.push_back(std::move(property));
}

/// keyElementList: (empty) | keyElementList keyElement
/// keyElement: expression ":" name optAnnotations ";"
std::vector<KeyElement> Parser::parse_key() {
  return parse_braced_list<KeyElement>([this] {
    const std::size_t first = next_;
    KeyElement element;
    element.expr = parse_expression();
    expect(TokenKind::kColon);
    element.match_kind = parse_name("a match kind");
    element.annotations = parse_annotations();
    expect(TokenKind::kSemicolon);
    element.span = span_from(first);
    return element;
  });
}

/// actionList: (empty) | actionList optAnnotations actionRef ";"
std::vector<ActionRef> Parser::parse_actions() {
  return parse_braced_list<ActionRef>([this] {
    ActionRef action = parse_action_ref(parse_annotations());
    expect(TokenKind::kSemicolon);
    return action;
  });
}

/// actionRef: prefixedNonTypeName | prefixedNonTypeName "(" argumentList ")"
ActionRef Parser::parse_action_ref(Annotations annotations) {
  const std::size_t first = next_;
  ActionRef action;
  action.annotations = std::move(annotations);
  action.is_global = take(TokenKind::kDot);
  action.name = parse_name("the name of an action");
  action.has_arguments = at(TokenKind::kLeftParen);
  if (action.has_arguments) action.arguments = parse_arguments();
  action.span = span_from(first);
  return action;
}

/// entriesList: (empty) | entriesList entry
std::vector<EntryDecl> Parser::parse_entries() {
  return parse_braced_list<EntryDecl>([this] { return parse_entry(); });
}

/// entry: optCONST entryPriority keysetExpression ":" actionRef optAnnotations ";"
///      | optCONST keysetExpression ":" actionRef optAnnotations ";"
/// entryPriority: PRIORITY "=" INTEGER ":" | PRIORITY "=" "(" expression ")" ":"
EntryDecl Parser::parse_entry() {
  const std::size_t first = next_;
  EntryDecl entry;
  entry.is_const = take(TokenKind::kConst);
  if (at(TokenKind::kPriority) && kind(1) == TokenKind::kAssign) {
    next();
    next();
    if (at(TokenKind::kLeftParen)) {
      const Token open = next();
      entry.priority = parse_expression();
      expect_close(TokenKind::kRightParen, open);
    } else {
      entry.priority = parse_integer();
    }
    expect(TokenKind::kColon);
  }
  entry.keyset = parse_keyset();
  expect(TokenKind::kColon);
  entry.action = parse_action_ref({});
  entry.annotations = parse_annotations();
  expect(TokenKind::kSemicolon);
  entry.span = span_from(first);
  return entry;
}

}  // namespace p4bpf::frontend
