// The parser of STF (stf.h): one function for each form of command.
//
//   file    := { [command] [ '#' text ] NEWLINE }
//   command := 'add' name [prio] key* [action] [ '=' NAME ]
//            | 'setdefault' name action           | 'remove' 'all'
//            | 'member' name number action        | 'group' name number number*
//            | 'packet' PORT hex+                 | 'expect' PORT { hex | '*' } [ '$' ]
//            | 'no_packet'                        | 'wait'
//            | 'check_counter' name '(' ( $NAME | number ) ')' [ [ 'packets' | 'bytes' ] relation number ]
//            | 'counter_read' name number
//            | 'meter_set_rates' name index rate rate | 'meter_array_set_rates' name rate rate | 'meter_get_rates' name index
//            | 'register_read' name number | 'register_write' name number number | 'register_reset' name
//            | ('set_crc16_parameters' | 'set_crc32_parameters') name number number number bool bool
//            | one of kOtherCommands and words
//   key     := name ':' number [ '/' number | '&&&' number | '..' number | '->' number ]
//   action  := name '(' [ argument { [','] argument } ] ')'      argument := [ name ':' ] number
//   index   := $NAME | number             rate := ( number | REAL ) ':' number
//   name    := ( WORD | STRING ) { '[' number ']' | '.' WORD }
#include "testing/stf.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "testing/stf_lexer.h"

namespace p4bpf::testing::stf {
namespace {

constexpr std::array<std::string_view, 9> kOtherCommands{
    "mc_mgrp_create",   "mc_node_create",   "mc_node_update", "mc_node_associate", "mirroring_add",
    "mirroring_add_mc", "mirroring_delete", "mirroring_get",  "counter_write"};

/// A packet longer than this cannot exist; it keeps a broken file from taking all memory.
constexpr std::size_t kMaxPacketBytes = 65535;

char lower(char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); }
bool is_space(char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; }

/// The commands made of tokens. Every function returns nothing behind a reported mistake.
class LineParser {
 public:
  LineParser(std::vector<Token> tokens, Diagnostics& diagnostics)
      : tokens_(std::move(tokens)), diagnostics_(diagnostics) {}

  std::optional<Command> command(const std::string& word, Span span) {
    ++at_;  // the word itself
    std::optional<Command> result;
    const auto keep = [&](auto parsed) {
      if (parsed) result = Command{span, std::move(*parsed)};
    };
    if (word == "add")
      keep(add());
    else if (word == "setdefault")
      keep(set_default());
    else if (word == "member")
      keep(set_member());
    else if (word == "group")
      keep(set_group());
    else if (word == "remove")
      keep(remove_all());
    else if (word == "no_packet")
      keep(std::optional(NoPacket{}));
    else if (word == "wait")
      keep(std::optional(Wait{}));
    else if (word == "check_counter")
      keep(check_counter());
    else if (word == "counter_read")
      keep(counter_read());
    else if (word == "meter_set_rates")
      keep(meter_command(MeterCommand::What::kSet));
    else if (word == "meter_array_set_rates")
      keep(meter_command(MeterCommand::What::kSetAll));
    else if (word == "meter_get_rates")
      keep(meter_command(MeterCommand::What::kGet));
    else if (word == "register_read")
      keep(register_command(RegisterCommand::What::kRead));
    else if (word == "register_write")
      keep(register_command(RegisterCommand::What::kWrite));
    else if (word == "register_reset")
      keep(register_command(RegisterCommand::What::kReset));
    else if (word == "set_crc16_parameters" || word == "set_crc32_parameters")
      keep(crc_command(word == "set_crc16_parameters" ? 16 : 32));
    else
      keep(other(word));
    if (result && peek().kind != Token::Kind::kEnd) {
      wrong("found more after the end of the command");
      return std::nullopt;
    }
    return result;
  }

 private:
  const Token& peek(std::size_t ahead = 0) const { return tokens_[std::min(at_ + ahead, tokens_.size() - 1)]; }
  bool is(std::string_view punctuation, std::size_t ahead = 0) const {
    return peek(ahead).kind == Token::Kind::kPunctuation && peek(ahead).text == punctuation;
  }
  bool take(std::string_view punctuation) {
    if (!is(punctuation)) return false;
    ++at_;
    return true;
  }
  void wrong(const std::string& message) { diagnostics_.report(DiagnosticKind::kStfSyntax, peek().span, message); }
  bool expect(std::string_view punctuation) {
    if (take(punctuation)) return true;
    wrong(fmt::format("expected '{}'", punctuation));
    return false;
  }

  std::optional<Number> number(const char* what) {
    if (peek().kind != Token::Kind::kNumber) {
      wrong(fmt::format("expected {}", what));
      return std::nullopt;
    }
    return tokens_[at_++].number;
  }

  std::optional<Name> name(const char* what) {
    if (peek().kind != Token::Kind::kName) {
      wrong(fmt::format("expected {}", what));
      return std::nullopt;
    }
    Name result{peek().text, peek().span};
    ++at_;
    while (true) {
      if (is(".") && peek(1).kind == Token::Kind::kName) {
        result.text += "." + peek(1).text;
        at_ += 2;
      } else if (is("[") && peek(1).kind == Token::Kind::kNumber && is("]", 2)) {
        result.text += "[" + peek(1).text + "]";
        at_ += 3;
      } else {
        break;
      }
      result.span.end = tokens_[at_ - 1].span.end;
    }
    return result;
  }

  /// Behind a name: whether it is a key's (':' follows) or an action's.
  std::optional<Key> key_value(Name key_name) {
    Key key;
    key.name = std::move(key_name);
    ++at_;  // ':'
    const auto value = number("a value for this key");
    if (!value) return std::nullopt;
    key.value = *value;
    if (take("/"))
      key.form = Key::Form::kSlash;
    else if (take("&&&"))
      key.form = Key::Form::kMask;
    else if (take("..") || take("->"))
      key.form = Key::Form::kRange;
    if (key.form == Key::Form::kPlain) return key;
    const auto second = number("a number behind it");
    if (!second) return std::nullopt;
    key.second = *second;
    return key;
  }

  std::optional<ActionCall> action_call(Name action) {
    ActionCall call{std::move(action), {}};
    if (!expect("(")) return std::nullopt;
    while (!take(")")) {
      Argument argument;
      if (peek().kind == Token::Kind::kName) {
        auto parameter = name("a parameter");
        if (!parameter || !expect(":")) return std::nullopt;
        argument.name = std::move(*parameter);
      }
      const auto value = number("a value for this parameter");
      if (!value) return std::nullopt;
      argument.value = *value;
      call.arguments.push_back(std::move(argument));
      take(",");  // files in use leave it out
    }
    return call;
  }

  std::optional<Add> add() {
    Add result;
    auto table = name("the name of a table");
    if (!table) return std::nullopt;
    result.table = std::move(*table);
    if (peek().kind == Token::Kind::kNumber) result.priority = tokens_[at_++].number;
    while (peek().kind == Token::Kind::kName) {
      auto next = name("a key or an action");
      if (is(":")) {
        auto key = key_value(std::move(*next));
        if (!key) return std::nullopt;
        result.keys.push_back(std::move(*key));
        continue;
      }
      result.action = action_call(std::move(*next));
      if (!result.action) return std::nullopt;
      break;
    }
    if (take("=")) {
      result.label = name("a label for the entry");
      if (!result.label) return std::nullopt;
    }
    return result;
  }

  std::optional<SetDefault> set_default() {
    auto table = name("the name of a table");
    if (!table) return std::nullopt;
    auto action = name("an action");
    if (!action) return std::nullopt;
    auto call = action_call(std::move(*action));
    if (!call) return std::nullopt;
    return SetDefault{std::move(*table), std::move(*call)};
  }

  std::optional<SetMember> set_member() {
    auto profile = name("the name of an action profile");
    if (!profile) return std::nullopt;
    const auto at = number("a member's number");
    if (!at) return std::nullopt;
    auto action = name("an action");
    if (!action) return std::nullopt;
    auto call = action_call(std::move(*action));
    if (!call) return std::nullopt;
    return SetMember{std::move(*profile), *at, std::move(*call)};
  }

  std::optional<SetGroup> set_group() {
    auto profile = name("the name of an action selector");
    if (!profile) return std::nullopt;
    const auto at = number("a group's number");
    if (!at) return std::nullopt;
    SetGroup group{std::move(*profile), *at, {}};
    while (peek().kind != Token::Kind::kEnd) {
      const auto member = number("a member's number");
      if (!member) return std::nullopt;
      group.members.push_back(*member);
    }
    return group;
  }

  std::optional<RemoveAll> remove_all() {
    if (peek().kind == Token::Kind::kName && peek().text == "all") {
      ++at_;
      return RemoveAll{};
    }
    wrong("expected 'all'");
    return std::nullopt;
  }

  std::optional<std::variant<Name, Number>> index_or_label() {
    if (peek().kind == Token::Kind::kName && peek().text.size() > 1 && peek().text[0] == '$') {
      ++at_;
      return Name{tokens_[at_ - 1].text.substr(1), tokens_[at_ - 1].span};
    }
    const auto index = number("an index or $LABEL");
    if (!index) return std::nullopt;
    return *index;
  }

  std::optional<MeterCommand> meter_command(MeterCommand::What what) {
    MeterCommand result{what, {}, Number{}, {}};
    auto meter = name("the name of a meter");
    if (!meter) return std::nullopt;
    result.meter = std::move(*meter);
    if (what != MeterCommand::What::kSetAll) {
      const auto index = index_or_label();
      if (!index) return std::nullopt;
      result.index = *index;
    }
    while (what != MeterCommand::What::kGet && result.rates.size() < 2) {
      if (peek().kind != Token::Kind::kReal && peek().kind != Token::Kind::kNumber) {
        wrong("expected a rate, as RATE:BURST");
        return std::nullopt;
      }
      MeterCommand::Rate rate{std::strtod(peek().text.c_str(), nullptr), {}};
      ++at_;
      if (!expect(":")) return std::nullopt;
      const auto burst = number("a burst");
      if (!burst) return std::nullopt;
      rate.burst = *burst;
      result.rates.push_back(std::move(rate));
    }
    return result;
  }

  std::optional<CheckCounter> check_counter() {
    CheckCounter result;
    auto counter = name("the name of a counter");
    if (!counter || !expect("(")) return std::nullopt;
    result.counter = std::move(*counter);
    const auto index = index_or_label();
    if (!index) return std::nullopt;
    result.index = *index;
    if (!expect(")")) return std::nullopt;
    if (peek().kind == Token::Kind::kEnd) return result;
    result.what = CheckCounter::What::kValue;
    if (peek().kind == Token::Kind::kName) {
      const std::string what = lowered(peek().text);
      if (what != "packets" && what != "bytes") {
        wrong("expected 'packets' or 'bytes'");
        return std::nullopt;
      }
      result.what = what == "packets" ? CheckCounter::What::kPackets : CheckCounter::What::kBytes;
      ++at_;
    }
    using Relation = CheckCounter::Relation;
    constexpr std::array<std::pair<std::string_view, Relation>, 6> kRelations{{{"==", Relation::kEq},
                                                                               {"!=", Relation::kNe},
                                                                               {"<=", Relation::kLe},
                                                                               {">=", Relation::kGe},
                                                                               {"<", Relation::kLt},
                                                                               {">", Relation::kGt}}};
    const auto* relation =
        std::find_if(kRelations.begin(), kRelations.end(), [&](const auto& pair) { return is(pair.first); });
    if (relation == kRelations.end()) {
      wrong("expected one of == != < <= > >=");
      return std::nullopt;
    }
    ++at_;
    result.relation = relation->second;
    const auto value = number("a number");
    if (!value) return std::nullopt;
    result.value = *value;
    return result;
  }

  std::optional<CounterRead> counter_read() {
    auto counter = name("the name of a counter");
    if (!counter) return std::nullopt;
    const auto index = number("an index");
    if (!index) return std::nullopt;
    return CounterRead{std::move(*counter), *index};
  }

  std::optional<RegisterCommand> register_command(RegisterCommand::What what) {
    RegisterCommand result{what, {}, {}, {}};
    auto cells = name("the name of a register");
    if (!cells) return std::nullopt;
    result.cells = std::move(*cells);
    if (what == RegisterCommand::What::kReset) return result;
    const auto index = number("an index");
    if (!index) return std::nullopt;
    result.index = *index;
    if (what == RegisterCommand::What::kRead) return result;
    const auto value = number("a value");
    if (!value) return std::nullopt;
    result.value = *value;
    return result;
  }

  std::optional<CrcCommand> crc_command(std::uint32_t width) {
    CrcCommand result;
    result.width = width;
    auto calculation = name("the name of a calculation");
    if (!calculation) return std::nullopt;
    result.calculation = std::move(*calculation);
    for (const auto& [what, to] : {std::pair{"a polynomial", &result.polynomial},
                                   {"the remainder at first", &result.initial},
                                   {"what the result is combined with", &result.final_xor}}) {
      const auto value = number(what);
      if (!value) return std::nullopt;
      *to = *value;
    }
    for (bool* const to : {&result.reflect_data, &result.reflect_remainder}) {
      const std::string word = lowered(peek().text);
      if (peek().kind != Token::Kind::kName || (word != "true" && word != "false")) {
        wrong("expected true or false");
        return std::nullopt;
      }
      *to = word == "true";
      ++at_;
    }
    return result;
  }

  std::optional<Other> other(const std::string& word) {
    Other result{word, {}};
    for (; peek().kind != Token::Kind::kEnd; ++at_) result.words.push_back(peek().text);
    return result;
  }

  static std::string lowered(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(), lower);
    return text;
  }

  std::vector<Token> tokens_;
  Diagnostics& diagnostics_;
  std::size_t at_ = 0;
};

/// The data of `packet` and `expect`: a port, then hexadecimal words with spaces anywhere.
class DataParser {
 public:
  DataParser(std::string_view line, Loc begin, Diagnostics& diagnostics)
      : line_(line), begin_(begin), diagnostics_(diagnostics) {}

  std::optional<Command> run(bool is_packet, std::size_t word_end, Span span) {
    at_ = word_end;
    skip_spaces();
    const auto port = read_port();
    if (!port) return std::nullopt;
    std::string nibbles;
    bool exact = false;
    for (skip_spaces(); at_ < line_.size() && line_[at_] != '#'; ++at_, skip_spaces()) {
      const char c = lower(line_[at_]);
      if (exact) return wrong("found more behind '$', which ends the data");
      if (c == '$' && !is_packet)
        exact = true;
      else if (c == '*' && !is_packet)
        nibbles += '*';
      else if (std::isxdigit(static_cast<unsigned char>(c)) != 0)
        nibbles += c;
      else
        return wrong(is_packet ? "expected hexadecimal digits" : "expected hexadecimal digits, '*' or '$'");
      if (nibbles.size() > 2 * kMaxPacketBytes) return wrong("a packet has 65535 bytes at most");
    }
    if (nibbles.size() % 2 != 0) {
      diagnostics_.report(DiagnosticKind::kStfSyntax, span,
                          fmt::format("the data has {} digits, but a byte takes two", nibbles.size()));
      return std::nullopt;
    }
    if (!is_packet) return Command{span, Expect{*port, nibbles.empty() && !exact, std::move(nibbles), exact}};
    return Command{span, Packet{*port, bytes_of(nibbles)}};
  }

 private:
  void skip_spaces() {
    while (at_ < line_.size() && is_space(line_[at_])) ++at_;
  }
  std::nullopt_t wrong(const std::string& message) {
    const Loc here{begin_.offset + static_cast<std::uint32_t>(at_)};
    diagnostics_.report(DiagnosticKind::kStfSyntax, {here, Loc{here.offset + 1}}, message);
    return std::nullopt;
  }
  std::optional<std::uint32_t> read_port() {
    std::uint64_t port = 0;
    const std::size_t from = at_;
    for (; at_ < line_.size() && line_[at_] >= '0' && line_[at_] <= '9'; ++at_) {
      port = port * 10 + static_cast<std::uint64_t>(line_[at_] - '0');
      if (port > 0xffffffff) return wrong("a port has 32 bits at most");
    }
    if (at_ == from || (at_ < line_.size() && !is_space(line_[at_]) && line_[at_] != '#'))
      return wrong("expected a port, a decimal number");
    return static_cast<std::uint32_t>(port);
  }
  static std::vector<std::uint8_t> bytes_of(const std::string& nibbles) {
    const auto digit = [](char c) { return static_cast<unsigned>(c <= '9' ? c - '0' : c - 'a' + 10); };
    std::vector<std::uint8_t> bytes;
    for (std::size_t i = 0; i + 1 < nibbles.size(); i += 2) {
      bytes.push_back(static_cast<std::uint8_t>(digit(nibbles[i]) << 4 | digit(nibbles[i + 1])));
    }
    return bytes;
  }

  std::string_view line_;
  Loc begin_;
  Diagnostics& diagnostics_;
  std::size_t at_ = 0;
};

const std::vector<std::string>& command_words() {
  static const std::vector<std::string> words = [] {
    std::vector<std::string> all{"add",  "setdefault",    "remove",       "packet", "expect", "no_packet",
                                 "wait", "check_counter", "counter_read", "member", "group", "meter_set_rates",
                                 "meter_array_set_rates", "meter_get_rates", "register_read", "register_write",
                                 "register_reset", "set_crc16_parameters", "set_crc32_parameters"};
    all.insert(all.end(), kOtherCommands.begin(), kOtherCommands.end());
    return all;
  }();
  return words;
}

std::optional<Command> parse_line(std::string_view line, Loc begin, Diagnostics& diagnostics) {
  std::size_t from = 0;
  while (from < line.size() && is_space(line[from])) ++from;
  if (from == line.size() || line[from] == '#') return std::nullopt;
  std::size_t end = from;
  while (end < line.size() && (std::isalnum(static_cast<unsigned char>(line[end])) != 0 || line[end] == '_')) ++end;
  std::string word(line.substr(from, end - from));
  std::transform(word.begin(), word.end(), word.begin(), lower);
  std::size_t line_end = line.size();
  while (line_end > from && is_space(line[line_end - 1])) --line_end;
  const auto at = [&](std::size_t offset) { return Loc{begin.offset + static_cast<std::uint32_t>(offset)}; };
  const std::vector<std::string>& words = command_words();
  if (std::find(words.begin(), words.end(), word) == words.end()) {
    const Span span{at(from), at(std::max(end, from + 1))};
    Diagnostic& unknown = diagnostics.report(DiagnosticKind::kStfSyntax, span, "expected a command");
    const std::string nearest = nearest_name(word, words);
    if (!nearest.empty()) unknown.notes.push_back({{}, fmt::format("did you mean '{}'?", nearest)});
    return std::nullopt;
  }
  if (word == "packet" || word == "expect") {
    return DataParser(line, begin, diagnostics).run(word == "packet", end, {at(from), at(line_end)});
  }
  auto tokens = lex_line(line, begin, diagnostics);
  if (!tokens) return std::nullopt;
  const Span span{at(from), tokens->size() > 1 ? (*tokens)[tokens->size() - 2].span.end : at(end)};
  return LineParser(std::move(*tokens), diagnostics).command(word, span);
}

}  // namespace

std::vector<Command> parse(Loc begin, Diagnostics& diagnostics) {
  const std::string_view text = diagnostics.sources().file_text(begin);
  std::vector<Command> commands;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    auto command =
        parse_line(text.substr(at, end - at), Loc{begin.offset + static_cast<std::uint32_t>(at)}, diagnostics);
    if (command) commands.push_back(std::move(*command));
    at = end + 1;
  }
  return commands;
}

BigInt Number::value() const {
  BigInt result = 0;
  for (const char c : digits) {
    const int digit = c == '*' ? 0 : c <= '9' ? c - '0' : c - 'a' + 10;
    result = result * base + digit;
  }
  return result;
}

std::uint32_t Number::written_bits() const {
  const auto count = static_cast<std::uint32_t>(digits.size());
  return base == 16 ? 4 * count : base == 2 ? count : 0;
}

BigInt Number::written_mask() const {
  BigInt mask = 0;
  for (const char c : digits) mask = mask * base + (c == '*' ? 0 : base - 1);
  return mask;
}

}  // namespace p4bpf::testing::stf
