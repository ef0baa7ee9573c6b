// Every notation for keys and values, what is refused with which words, and that what is shown can be typed again.
#include "control/values.h"

#include <gtest/gtest.h>

#include <random>

#include "control/columns.h"
#include "control/entries.h"
#include "manifest/entry.h"

namespace p4bpf::control {
namespace {

using manifest::KeyField;
using manifest::MatchKind;
using manifest::ValueKind;

KeyField field(MatchKind match, std::uint32_t bits, ValueKind kind = ValueKind::kBits, const std::string& name = "k") {
  KeyField made;
  made.name = name;
  made.match = match;
  made.bits = bits;
  made.kind = kind;
  if (kind == ValueKind::kEnum) made.enum_members = {"Suit.hearts", "Suit.spades"};
  return made;
}

std::string error_of(std::string_view text, const KeyField& key) {
  const auto match = parse_key(text, key);
  return match ? "no error" : match.error().message;
}

struct Case {
  MatchKind match;
  std::uint32_t bits;
  ValueKind kind;
  std::string text;
  KeyMatch want;
};
class GoodKeys : public testing::TestWithParam<Case> {};

TEST_P(GoodKeys, AreReadAndShownSoThatTheyReadTheSame) {
  const KeyField key = field(GetParam().match, GetParam().bits, GetParam().kind);
  const auto match = parse_key(GetParam().text, key);
  ASSERT_TRUE(match) << match.error().message;
  EXPECT_EQ(*match, GetParam().want) << format_key(*match, key);
  const auto again = parse_key(format_key(*match, key), key);
  ASSERT_TRUE(again) << again.error().message;
  manifest::Table table;
  table.keys = {key};
  table.is_value_set = true;
  const auto normal = [&](const KeyMatch& m) { return manifest::normalize(table, {{m}, 0, {}, 0, false}); };
  EXPECT_EQ(normal(*again)->keys, normal(*match)->keys);
}

constexpr auto kBits = ValueKind::kBits;
using Kind = KeyMatch::Kind;
INSTANTIATE_TEST_SUITE_P(
    All, GoodKeys,
    testing::Values(
        Case{MatchKind::kExact, 8, kBits, "255", {Kind::kExact, 255, 0, 0, 0}},
        Case{MatchKind::kExact, 8, kBits, "0xfF", {Kind::kExact, 255, 0, 0, 0}},
        Case{MatchKind::kExact, 8, kBits, "0b1010_0001", {Kind::kExact, 161, 0, 0, 0}},
        Case{MatchKind::kExact, 8, kBits, "0o17", {Kind::kExact, 15, 0, 0, 0}},
        Case{MatchKind::kExact, 8, ValueKind::kSigned, "-128", {Kind::kExact, -128, 0, 0, 0}},
        Case{MatchKind::kExact, 8, ValueKind::kSigned, "0xfe", {Kind::kExact, -2, 0, 0, 0}},
        Case{MatchKind::kExact, 8, ValueKind::kSigned, "128", {Kind::kExact, -128, 0, 0, 0}},
        Case{MatchKind::kExact, 1, ValueKind::kBool, "true", {Kind::kExact, 1, 0, 0, 0}},
        Case{MatchKind::kExact, 1, ValueKind::kBool, "0", {Kind::kExact, 0, 0, 0, 0}},
        Case{MatchKind::kExact, 32, kBits, "10.0.1.2", {Kind::kExact, 0x0a000102, 0, 0, 0}},
        Case{MatchKind::kExact, 48, kBits, "00:11:22:aA:bb:ff", {Kind::kExact, 0x001122aabbffLL, 0, 0, 0}},
        Case{MatchKind::kExact, 48, kBits, "0:11:2:aA:b:f", {Kind::kExact, 0x001102aa0b0fLL, 0, 0, 0}},
        Case{MatchKind::kExact, 48, kBits, "00-11-22-aa-bb-ff", {Kind::kExact, 0x001122aabbffLL, 0, 0, 0}},
        Case{MatchKind::kExact, 128, kBits, "2001:db8::1", {Kind::kExact, (BigInt(0x20010db8) << 96) + 1, 0, 0, 0}},
        Case{MatchKind::kExact,
             100,
             kBits,
             "0xfffffffffffffffffffffffff",
             {Kind::kExact, power_of_two(100) - 1, 0, 0, 0}},
        Case{MatchKind::kExact, 8, ValueKind::kEnum, "spades", {Kind::kExact, 1, 0, 0, 0}},
        Case{MatchKind::kExact, 8, ValueKind::kEnum, "Suit.hearts", {Kind::kExact, 0, 0, 0, 0}},
        Case{MatchKind::kLpm, 32, kBits, "10.0.0.0/8", {Kind::kPrefix, 0x0a000000, 0, 0, 8}},
        Case{MatchKind::kLpm, 32, kBits, "10.1.2.3", {Kind::kPrefix, 0x0a010203, 0, 0, 32}},
        Case{MatchKind::kLpm, 32, kBits, "0/0", {Kind::kPrefix, 0, 0, 0, 0}},
        Case{MatchKind::kLpm, 128, kBits, "fe80::/10", {Kind::kPrefix, BigInt(0xfe80) << 112, 0, 0, 10}},
        Case{MatchKind::kLpm, 32, kBits, "_", {}},
        Case{MatchKind::kTernary, 16, kBits, "0x0a00&&&0xff00", {Kind::kMask, 0x0a00, 0xff00, 0, 0}},
        Case{MatchKind::kTernary, 16, kBits, "7", {Kind::kMask, 7, 0xffff, 0, 0}},
        Case{MatchKind::kTernary, 16, kBits, "0x1200/8", {Kind::kMask, 0x1200, 0xff00, 0, 0}},
        Case{MatchKind::kTernary, 8, ValueKind::kSigned, "-1", {Kind::kMask, 255, 255, 0, 0}},
        Case{MatchKind::kTernary, 16, kBits, "_", {}},
        Case{MatchKind::kRange, 16, kBits, "80..443", {Kind::kRange, 80, 0, 443, 0}},
        Case{MatchKind::kRange, 16, kBits, "80", {Kind::kRange, 80, 0, 80, 0}},
        Case{MatchKind::kRange, 8, ValueKind::kSigned, "-5..0x3", {Kind::kRange, -5, 0, 3, 0}},
        Case{MatchKind::kOptional, 8, kBits, "6", {Kind::kExact, 6, 0, 0, 0}},
        Case{MatchKind::kOptional, 8, kBits, "_", {}}));

TEST(Values, WhatIsRefusedSaysWhy) {
  const KeyField exact8 = field(MatchKind::kExact, 8);
  EXPECT_EQ(error_of("256", exact8), "'256' does not fit 'k' of 8 bits");
  EXPECT_EQ(parse_key("256", exact8).error().hint, "it takes 0 to 255");
  EXPECT_EQ(error_of("-1", exact8), "'-1' does not fit 'k' of 8 bits");
  EXPECT_EQ(error_of("256", field(MatchKind::kExact, 8, ValueKind::kSigned)), "'256' does not fit 'k' of 8 bits");
  EXPECT_EQ(error_of("", exact8), "a value is missing for 'k'");
  EXPECT_EQ(error_of("0x", exact8), "'0x' is no value for 'k'");
  EXPECT_EQ(error_of("_", exact8), "'_' is no value for 'k', which matches exactly");
  EXPECT_EQ(error_of("1..2", exact8), "'1..2' is no single value, but 'k' matches exactly");
  EXPECT_EQ(error_of("10.0.0.1", exact8), "'10.0.0.1' is an address of 32 bits, but 'k' has 8");
  EXPECT_EQ(error_of("::1", field(MatchKind::kExact, 32)), "'::1' is an address of 128 bits, but 'k' has 32");
  EXPECT_EQ(error_of("10.0.0", field(MatchKind::kExact, 32)), "'10.0.0' is no value for 'k'");
  EXPECT_EQ(error_of("00:11:22:33:44", field(MatchKind::kExact, 48)), "'00:11:22:33:44' is no value for 'k'");
  EXPECT_EQ(error_of("0:1:2:3:4:123", field(MatchKind::kExact, 48)), "'0:1:2:3:4:123' is no value for 'k'");
  EXPECT_EQ(error_of("0:1-2:3:4:5", field(MatchKind::kExact, 48)), "'0:1-2:3:4:5' is no value for 'k'");
  EXPECT_EQ(error_of("clubs", field(MatchKind::kExact, 8, ValueKind::kEnum)), "there is no member 'clubs'");
  EXPECT_EQ(error_of("1/9", field(MatchKind::kLpm, 8)), "the prefix length 9 is longer than 'k', which has 8 bits");
  EXPECT_EQ(error_of("1/x", field(MatchKind::kLpm, 8)), "the prefix length 'x' is no number");
  EXPECT_EQ(error_of("10.0.0.1/8", field(MatchKind::kLpm, 32)), "'10.0.0.1/8' has bits behind its prefix");
  EXPECT_EQ(error_of("0xff&&&0x0f", field(MatchKind::kTernary, 8)), "'0xff&&&0x0f' has bits that its mask leaves out");
  EXPECT_EQ(error_of("9..3", field(MatchKind::kRange, 8)), "the range '9..3' is empty");
  EXPECT_EQ(error_of("1&&&2", field(MatchKind::kOptional, 8)),
            "'1&&&2' is no single value, but 'k' matches one value or '_'");
}

TEST(Values, InterfaceNamesAreThePortsTheyAreBoundTo) {
  const PortOfInterface ports = [](std::string_view name) -> std::optional<std::uint32_t> {
    if (name == "eth0") return 7;
    return std::nullopt;
  };
  const KeyField key = field(MatchKind::kExact, 9);
  EXPECT_EQ(parse_value("eth0", type_of(key), ports).value(), 7);
  EXPECT_EQ(parse_value("eth1", type_of(key), ports).error().message,
            "'eth1' is no value for 'k' and no interface that is bound to a port");
  EXPECT_FALSE(parse_value("eth0", type_of(field(MatchKind::kExact, 2)), ports));
}

manifest::Table acl() {
  manifest::Table table;
  table.name = "Ingress.acl";
  table.keys = {field(MatchKind::kTernary, 32, kBits, "hdr.ip.src"), field(MatchKind::kExact, 8, kBits, "hdr.ip.proto"),
                field(MatchKind::kRange, 16, kBits, "port")};
  table.actions = {{"Ingress.set", {{"a", kBits, 8, {}, {}}, {"b", kBits, 8, {}, {}}}, false, false},
                   {"drop", {}, false, false}};
  return table;
}

Result<manifest::Entry> parse(std::vector<std::string> words, std::optional<std::int32_t> priority = {}) {
  return parse_entry(acl(), {std::move(words), priority}, {});
}

TEST(Entries, InOrderAndByName) {
  const auto in_order = parse({"10.0.0.0/8", "6", "1..2", "set", "3", "4"}, 5);
  ASSERT_TRUE(in_order) << in_order.error().message;
  const auto named = parse({"proto=6", "port=1..2", "src=10.0.0.0/8", "Ingress.set", "b=4", "a=3"}, 5);
  ASSERT_TRUE(named) << named.error().message;
  EXPECT_EQ(*in_order, *named);
  EXPECT_EQ(in_order->priority, 5);
  EXPECT_EQ(in_order->arguments, (std::vector<BigInt>{3, 4}));
}

TEST(Entries, NamedKeysMayLeaveOutWhatMatchesAnything) {
  const auto entry = parse({"proto=6", "drop"});
  ASSERT_TRUE(entry) << entry.error().message;
  EXPECT_EQ(entry->keys[0].kind, Kind::kAny);
  EXPECT_EQ(entry->keys[1].value, 6);
  EXPECT_EQ(parse({"src=1.2.3.4", "drop"}).error().message, "key 'hdr.ip.proto' is missing");
}

TEST(Entries, MistakesAreTold) {
  EXPECT_EQ(parse({"_", "6"}).error().message, "key 'port' is missing");
  EXPECT_EQ(parse({"_", "6", "_"}).error().message, "an action is missing");
  EXPECT_EQ(parse({"proto=6", "proto=7", "drop"}).error().message, "key 'hdr.ip.proto' is given twice");
  EXPECT_EQ(parse({"prto=6", "drop"}).error().hint, "did you mean hdr.ip.proto?");
  EXPECT_EQ(parse({"_", "6", "_", "set", "1"}).error().message, "argument 'b' of action 'Ingress.set' is missing");
  EXPECT_EQ(parse({"_", "6", "_", "set", "1", "2", "3"}).error().message,
            "action 'Ingress.set' has one argument too many: '3'");
  EXPECT_EQ(parse({"_", "6", "_", "set", "a=1", "a=2"}).error().message, "argument 'a' is given twice");
  EXPECT_EQ(parse({"_", "6", "_", "set", "1", "256"}).error().message, "'256' does not fit 'b' of 8 bits");
}

TEST(Entries, LinesOfAFile) {
  const auto words = split_line("  a b=2 \t --priority 7 # c --priority 8");
  ASSERT_TRUE(words);
  EXPECT_EQ(words->words, (std::vector<std::string>{"a", "b=2"}));
  EXPECT_EQ(words->priority, 7);
  EXPECT_EQ(split_line("x --priority=-3")->priority, -3);
  EXPECT_FALSE(split_line("x --priority"));
  EXPECT_FALSE(split_line("x --priority y"));
  EXPECT_TRUE(split_line("# all comment")->words.empty());
}

TEST(Entries, ActionsAreShownWithTheirArguments) {
  EXPECT_EQ(format_action(acl().actions, 0, {3, 4}), "Ingress.set(a=3, b=4)");
}

std::string shown(const std::string& name) {
  return format_value(0x0a000001, type_of(field(MatchKind::kExact, 32, kBits, name)));
}

TEST(Values, AddressesAreShownAsAddresses) {
  for (const char* name : {"hdr.ipv4.dst", "src_addr", "hdr.ip", "dstIP", "source"})
    EXPECT_EQ(shown(name), "10.0.0.1") << name;
  for (const char* name : {"hop", "port", "index", "skip_it"}) EXPECT_EQ(shown(name), "167772161") << name;
}

TEST(Columns, NumbersStandRight) {
  EXPECT_EQ(align_columns({{"key", "n"}, {"long one", "7"}, {"x", "123"}}),
            "key         n\nlong one    7\nx         123\n");
}

TEST(Values, NoTextCrashesTheParser) {
  std::mt19937 random(7);
  const std::string alphabet = "0123456789abcdefxob:./&_-. \xff";
  for (int round = 0; round < 20000; ++round) {
    std::string text(random() % 24, ' ');
    for (char& c : text) c = alphabet[random() % alphabet.size()];
    for (const MatchKind match :
         {MatchKind::kExact, MatchKind::kLpm, MatchKind::kTernary, MatchKind::kRange, MatchKind::kOptional}) {
      const KeyField key =
          field(match, 1 + static_cast<std::uint32_t>(random() % 130), random() % 2 == 0 ? kBits : ValueKind::kSigned);
      const auto parsed = parse_key(text, key);
      if (!parsed) continue;
      const auto again = parse_key(format_key(*parsed, key), key);
      ASSERT_TRUE(again) << text << " -> " << format_key(*parsed, key) << ": " << again.error().message;
    }
  }
}

}  // namespace
}  // namespace p4bpf::control
