// STF as it is used in the wild: every command is read, names and values mean what the drivers make of them, every
// expectation is enforced.
#include "testing/stf.h"

#include <gtest/gtest.h>

#include "testing/stf_names.h"
#include "testing/stf_replication.h"
#include "testing/stf_runner.h"

namespace p4bpf::testing::stf {
namespace {

struct Parsed {
  SourceMap sources;
  Diagnostics diagnostics{sources};
  std::vector<Command> commands;
  explicit Parsed(const std::string& text) { commands = parse(sources.add_file("t.stf", text), diagnostics); }
  std::string said() const { return render_all(diagnostics, false); }
  bool says(const std::string& what) const { return said().find(what) != std::string::npos; }
};

manifest::Manifest sample_manifest() {
  manifest::Manifest manifest;
  manifest.architecture = "xdp_model";
  manifest::Table table;
  table.name = "pipe.Check_src_ip";
  table.keys = {{"headers.ipv4[0].srcAddr", manifest::MatchKind::kExact, {}, 32, {}, {}},
                {"headers.eth.isValid()", manifest::MatchKind::kTernary, {}, 1, {}, {}}};
  table.actions = {{"pipe.Reject", {{"add", {}, 32, {}, {}}, {"port", {}, 9, {}, {}}}, false, false},
                   {"NoAction", {}, false, false}};
  manifest.tables.push_back(table);
  table.name = "pipe.lpm";
  table.keys = {{"dst", manifest::MatchKind::kLpm, {}, 32, {}, {}}};
  manifest.tables.push_back(table);
  table.name = "pipe.acl";
  table.keys = {{"a", manifest::MatchKind::kTernary, {}, 32, {}, {}},
                {"b", manifest::MatchKind::kRange, {}, 16, {}, {}}};
  manifest.tables.push_back(table);
  manifest.counters.push_back({"pipe.hits", 16, false, true, true, 64, {}, {}, ""});
  manifest.registers.push_back({"pipe.cells", 16, manifest::ValueKind::kBits, 32, "", {}, "", 4, {}});
  manifest.meters.push_back({"pipe.police", 16, false, {}, {}, ""});
  manifest.meters.push_back({"pipe.own", 16, false, 1, {}, ""});
  manifest.calculations.push_back({"calc", 16});
  return manifest;
}

/// Sends each packet back on its port with its first byte removed; an empty one is dropped, and port 9 cannot be had.
class EchoDataplane : public Dataplane {
 public:
  std::string name() const override { return "echo"; }
  const manifest::Manifest& manifest() const override { return manifest_; }
  Result<void> insert(std::size_t table, const manifest::Entry& entry) override {
    inserted.emplace_back(table, entry);
    if (inserted.size() > 2) return fail("the table is full");
    return {};
  }
  Result<void> set_default(std::size_t, const manifest::Entry& what) override {
    default_action = what.action;
    return {};
  }
  Result<void> set_member(std::size_t, const manifest::Member&) override { return {}; }
  Result<void> set_group(std::size_t, const manifest::Group&) override { return {}; }
  Result<void> clear(std::size_t) override {
    inserted.clear();
    return {};
  }
  Result<CounterValue> read_counter(std::size_t, std::uint64_t index) override {
    return CounterValue{index, 10 * index};
  }
  Result<std::uint32_t> handle_of(std::size_t, const manifest::Entry& entry) override {
    return static_cast<std::uint32_t>(entry.keys.at(0).value);
  }
  Result<void> set_meter(std::size_t, std::uint64_t index, const std::optional<manifest::MeterRates>& rates) override {
    meters[index] = rates;
    return {};
  }
  Result<std::vector<Digest>> take_digests() override { return std::vector<Digest>{}; }
  Result<std::uint64_t> lost_digests() override { return std::uint64_t{0}; }
  Result<BigInt> read_register(std::size_t, std::uint64_t index) override { return registers[index]; }
  Result<void> write_register(std::size_t, std::uint64_t index, const BigInt& value) override {
    registers[index] = value;
    return {};
  }
  Result<void> set_replicas(manifest::ReplicationKind kind, std::uint32_t id,
                            const manifest::ReplicaList& list) override {
    replicas[{kind, id}] = list.replicas;
    return {};
  }
  Result<std::vector<Output>> inject(std::uint32_t port, const Bytes& packet) override {
    if (port == 9) return fail("no port 9", {}, kUnavailable);
    if (packet.empty()) return std::vector<Output>{};
    return std::vector<Output>{{port, Bytes(packet.begin() + 1, packet.end())}};
  }

  std::vector<std::pair<std::size_t, manifest::Entry>> inserted;
  std::size_t default_action = 99;
  Result<void> set_calculation(std::size_t calculation, const CrcParameters& parameters) override {
    calculations[calculation] = parameters;
    return {};
  }

  std::map<std::size_t, CrcParameters> calculations;
  std::map<std::uint64_t, BigInt> registers;
  std::map<std::uint64_t, std::optional<manifest::MeterRates>> meters;
  std::map<std::pair<manifest::ReplicationKind, std::uint32_t>, std::vector<manifest::Replica>> replicas;

 private:
  manifest::Manifest manifest_ = sample_manifest();
};

std::string run_text(const std::string& text) {
  Parsed parsed(text);
  EchoDataplane echo;
  const Outcome outcome = run(parsed.commands, echo, parsed.diagnostics);
  return outcome.unavailable.empty() ? parsed.said() : "unavailable: " + outcome.unavailable;
}

manifest::Entry entry_of(const std::string& line) {
  Parsed parsed(line);
  EchoDataplane echo;
  run(parsed.commands, echo, parsed.diagnostics);
  EXPECT_EQ(echo.inserted.size(), 1u) << parsed.said();
  return echo.inserted.empty() ? manifest::Entry{} : echo.inserted[0].second;
}

TEST(StfTest, ReadsEveryCommand) {
  const Parsed parsed(R"(# comment
add tab1 600 ethernet.dst:0xa1 act(port:2) = A   # the rest is comment
ADD "a.b" "k$0.x":0b1*0 "c"("p":1 "q":2)
setdefault t a()
remove all
packet 01 0 0 11 22 3 3
expect 1
expect 1 00** 11$
expect 2 $
no_packet
wait
check_counter c($A) packets == 3
check_counter c(0x3) bytes >= 3
check_counter c(2)
mirroring_add 1 185
meter_set_rates m 2 0.000005:4 0.00002:5
register_write r 1 0x2
counter_read c 3)");
  EXPECT_EQ(parsed.said(), "");
  ASSERT_EQ(parsed.commands.size(), 17u);
  const auto& add = std::get<Add>(parsed.commands[0].node);
  EXPECT_EQ(add.priority->value(), 600);
  EXPECT_EQ(add.label->text, "A");
  EXPECT_EQ(std::get<Add>(parsed.commands[1].node).action->arguments.size(), 2u);
  const auto& packet = std::get<Packet>(parsed.commands[4].node);
  EXPECT_EQ(packet.port, 1u);
  EXPECT_EQ(packet.bytes, (Bytes{0, 0x11, 0x22, 0x33}));
  EXPECT_TRUE(std::get<Expect>(parsed.commands[5].node).any);
  EXPECT_EQ(std::get<Expect>(parsed.commands[6].node).nibbles, "00**11");
  EXPECT_FALSE(std::get<Expect>(parsed.commands[7].node).any);
  const auto& meter = std::get<MeterCommand>(parsed.commands[14].node);
  EXPECT_EQ(meter.rates.at(1).per_microsecond, 0.00002);
  EXPECT_EQ(meter.rates.at(1).burst.value(), 5);
  EXPECT_EQ(std::get<RegisterCommand>(parsed.commands[15].node).value.value(), 2);
}

TEST(StfTest, SaysWhatIsWrongAndWhere) {
  EXPECT_TRUE(Parsed("paket 1 00").says("t.stf:1:1: error: expected a command [stf-syntax]"));
  EXPECT_TRUE(Parsed("paket 1 00").says("did you mean 'packet'?"));
  EXPECT_TRUE(Parsed("wait\npacket 1 001").says("t.stf:2:1: error: the data has 3 digits"));
  EXPECT_TRUE(Parsed("packet 1 0g").says("t.stf:1:11: error: expected hexadecimal digits"));
  EXPECT_TRUE(Parsed("packet x").says("expected a port"));
  EXPECT_TRUE(Parsed("packet 99999999999 00").says("32 bits"));
  EXPECT_TRUE(Parsed("packet 1 *0").says("expected hexadecimal digits"));
  EXPECT_TRUE(Parsed("expect 1 00$11").says("behind '$'"));
  EXPECT_TRUE(Parsed("add \"t k:1 a()").says("not closed"));
  EXPECT_TRUE(Parsed("add t k: a()").says("expected a value"));
  EXPECT_TRUE(Parsed("add t k:1 a(").says("expected a value for this parameter"));
  EXPECT_TRUE(Parsed("add t k:0x a()").says("is not a number"));
  EXPECT_TRUE(Parsed("add t k:1 a() b").says("after the end"));
  EXPECT_TRUE(Parsed("check_counter c(1) drops == 1").says("'packets' or 'bytes'"));
  EXPECT_TRUE(Parsed("add t ;").says("no command has"));
  EXPECT_TRUE(Parsed("add t k:0x" + std::string(100000, '1') + " a()").says("digits at most"));
}

TEST(StfTest, UnderstandsSpellingsOfNames) {
  const std::vector<std::string> names{"pipe.Check", "pipe.c1.Check_ip", "NoAction", "hdr.a[1].f", " spaced"};
  EXPECT_EQ(find_spelled("x", "pipe.Check", names).value(), 0u);
  EXPECT_EQ(find_spelled("x", "Check", names).value(), 0u);
  EXPECT_EQ(find_spelled("x", "pipe_c1_Check_ip", names).value(), 1u);
  EXPECT_EQ(find_spelled("x", "_NoAction", names).value(), 2u);
  EXPECT_EQ(find_spelled("x", "ingress_NoAction", names).value(), 2u);
  EXPECT_EQ(find_spelled("x", "hdr.a$1.f", names).value(), 3u);
  EXPECT_EQ(find_spelled("x", "spaced", names).value(), 4u);
  EXPECT_EQ(find_spelled("x", "hdr.x & 0x101", {"hdr.x&0x0101", "hdr.x&0x1010"}).value(), 0u);
  EXPECT_EQ(find_spelled("x", "hdr.x + 8w015", {"hdr.x+14", "hdr.x + 0xf"}).value(), 1u);
  EXPECT_EQ(find_spelled("x", "f", {"a.f", "b.f"}).error().hint, "write one of a.f, b.f");
  EXPECT_EQ(find_spelled("x", "Chek", names).error().message, "there is no x 'Chek'");
}

TEST(StfTest, ReadsEntries) {
  const manifest::Entry entry =
      entry_of("add pipe_Check_src_ip 5 key.field0:0x0a000001 headers.eth.$valid$:1 pipe_Reject(port:3)");
  EXPECT_EQ(entry.keys[0].kind, KeyMatch::Kind::kExact);
  EXPECT_EQ(entry.keys[0].value, 0x0a000001);
  EXPECT_EQ(entry.keys[1].mask, 1);
  EXPECT_EQ(entry.priority, 5);
  EXPECT_EQ(entry.arguments, (std::vector<BigInt>{0, 3}));
  // A key that is not named: 0 where exact, anything where ternary.
  EXPECT_EQ(entry_of("add Check_src_ip NoAction()").keys[0].value, 0);
  EXPECT_EQ(entry_of("add Check_src_ip NoAction()").keys[1].kind, KeyMatch::Kind::kAny);
}

TEST(StfTest, ReadsPrefixes) {
  EXPECT_EQ(entry_of("add lpm dst:0x0a000000/8 NoAction()").keys[0].prefix_length, 8u);
  EXPECT_EQ(entry_of("add lpm dst:0xc0a8**** NoAction()").keys[0].prefix_length, 16u);
  EXPECT_EQ(entry_of("add lpm dst:0xa000002 NoAction()").keys[0].prefix_length, 28u);
  EXPECT_EQ(entry_of("add lpm dst:10 NoAction()").keys[0].prefix_length, 32u);
  EXPECT_EQ(entry_of("add lpm 7 dst:0b00001011100001111111011000001110 NoAction()").keys[0].prefix_length, 32u);
  EXPECT_EQ(entry_of("add lpm 7 dst:1/32 NoAction()").priority, 0);
}

TEST(StfTest, ReadsMasksAndRanges) {
  EXPECT_EQ(entry_of("add acl 1 a:0x0a*0 NoAction()").keys[0].mask, BigInt(0xffffff0f));
  EXPECT_EQ(entry_of("add acl 1 a:0x**a0 NoAction()").keys[0].mask, BigInt(0x000000ff));
  EXPECT_EQ(entry_of("add acl 1 a:0x5 NoAction()").keys[0].mask, BigInt(0xffffffff));
  EXPECT_EQ(entry_of("add acl 1 a:0x0&&&0x0 NoAction()").keys[0].kind, KeyMatch::Kind::kAny);
  EXPECT_EQ(entry_of("add acl 1 a:0x35&&&0xf0 NoAction()").keys[0].value, 0x30);
  EXPECT_EQ(entry_of("add acl 1 b:3..0x10 NoAction()").keys[1].high, 16);
  EXPECT_EQ(entry_of("add acl 1 b:3 NoAction()").keys[1].high, 3);
}

TEST(StfTest, RefusesEntriesThatMakeNoSense) {
  EXPECT_NE(run_text("add lpm dst:0x1ffffffff NoAction()").find("does not fit the 32 bits of key 'dst' [stf-value]"),
            std::string::npos);
  EXPECT_NE(run_text("add lpm dst:1/33 NoAction()").find("0 to 32 bits"), std::string::npos);
  EXPECT_NE(run_text("add acl b:9..3 NoAction()").find("empty"), std::string::npos);
  EXPECT_NE(run_text("add lpm dts:1/3 NoAction()").find("did you mean 'dst'?"), std::string::npos);
  EXPECT_NE(run_text("add nothing dst:1/3 NoAction()").find("there is no table 'nothing' [stf-name]"),
            std::string::npos);
  EXPECT_NE(run_text("add lpm dst:1/3").find("needs an action"), std::string::npos);
  EXPECT_NE(run_text("add lpm dst:1/3 Reject(port:512)").find("9 bits of parameter 'port'"), std::string::npos);
  EXPECT_NE(run_text("add lpm dst:1/3 Reject(1, 2, 3)").find("has 2 parameters"), std::string::npos);
  EXPECT_NE(run_text("add lpm dst:1/3 Reject(1)").find("warning: parameter 'port' is not given"), std::string::npos);
  EXPECT_NE(run_text("add lpm dst:1/3 dst:1/3 NoAction()").find("given twice"), std::string::npos);
}

TEST(StfRunnerTest, EnforcesExpectations) {
  EXPECT_EQ(run_text("packet 1 001122\nexpect 1 1122\n"), "");
  EXPECT_EQ(run_text("expect 1 11\npacket 1 001122\n"), "");  // before its packet, and a prefix
  EXPECT_EQ(run_text("expect 1 1*22$\npacket 1 001122\n"), "");
  EXPECT_EQ(run_text("expect 1\npacket 1 001122\n"), "");
  EXPECT_EQ(run_text("packet 1\nno_packet\n"), "");
  EXPECT_NE(run_text("packet 1 00\nno_packet\nexpect 1\n").find("2:1: error: expected no packet"), std::string::npos);
  EXPECT_NE(run_text("expect 1 11$\npacket 1 001122\n")
                .find("1:1: error: packet 1 on port 1: has 2 bytes, but 1 and no more"),
            std::string::npos);
  EXPECT_NE(run_text("expect 1 112233\npacket 1 001122\n").find("has 2 bytes, but 3 are expected"), std::string::npos);
  EXPECT_NE(run_text("packet 1 001122\n")
                .find("1:1: error: a packet left on port 1 that is not expected: 1122 [test-failed]"),
            std::string::npos);
  EXPECT_NE(run_text("packet 1 001122\nexpect 2 1122\n").find("is missing: 0 left there"), std::string::npos);
  EXPECT_NE(run_text("packet 1 001122\nexpect 1 1123\n").find("first at byte 1"), std::string::npos);
  EXPECT_EQ(run_text("packet 9 00"), "unavailable: no port 9");
}

TEST(StfRunnerTest, EnforcesCounters) {
  EXPECT_EQ(
      run_text("check_counter hits(3) packets == 3\ncheck_counter hits(3) bytes >= 30\ncheck_counter hits(3) != 4\n"),
      "");
  EXPECT_NE(run_text("check_counter hits(3) packets == 4").find("expected == 4, but counter 'pipe.hits' has 3"),
            std::string::npos);
  EXPECT_NE(run_text("check_counter hits($B) packets == 4").find("no entry above is labelled 'B'"), std::string::npos);
  EXPECT_NE(run_text("check_counter hist(1)").find("there is no counter 'hist'"), std::string::npos);
}

TEST(StfRunnerTest, ReachesRegistersAndMeters) {
  Parsed parsed(
      "register_write cells 3 7\nregister_read cells 3\nmeter_set_rates police 2 0.5:4 1:5\n"
      "add lpm dst:5/32 NoAction() = five\nmeter_set_rates own $five 1:2 3:4\n");
  EchoDataplane echo;
  run(parsed.commands, echo, parsed.diagnostics);
  EXPECT_EQ(parsed.said(), "");
  EXPECT_EQ(echo.registers[3], 7);
  EXPECT_EQ(echo.meters[2], (manifest::MeterRates{{500'000, 4}, {1'000'000, 5}}));
  EXPECT_EQ(echo.meters[5], (manifest::MeterRates{{1'000'000, 2}, {3'000'000, 4}})) << "the handle is the key here";
  EXPECT_NE(run_text("register_read cell 1").find("there is no register 'cell'"), std::string::npos);
  EXPECT_NE(run_text("meter_set_rates police 2 1:2").find("expected a rate, as RATE:BURST"), std::string::npos);
  EXPECT_NE(run_text("add lpm dst:1/3 NoAction() = a\nmeter_set_rates police $a 1:2 3:4")
                .find("this meter does not belong to the entries of the table of 'a'"),
            std::string::npos);
}

TEST(StfRunnerTest, SetsTheParametersOfHashes) {
  Parsed parsed("set_crc16_parameters calc 0x1021 2 0x3 true False\n");
  EchoDataplane echo;
  run(parsed.commands, echo, parsed.diagnostics);
  EXPECT_EQ(parsed.said(), "");
  const CrcParameters& set = echo.calculations.at(0);
  EXPECT_EQ(std::tie(set.polynomial, set.initial, set.final_xor, set.reflect_data, set.reflect_remainder),
            std::tuple(0x1021u, 2u, 3u, true, false));
  EXPECT_NE(run_text("set_crc16_parameters cal 1 2 3 true true").find("there is no calculation 'cal'"),
            std::string::npos);
  EXPECT_NE(run_text("set_crc32_parameters calc 1 2 3 true true").find("the calculation has 16 bits"),
            std::string::npos);
  EXPECT_NE(run_text("set_crc16_parameters calc 65536 2 3 true true").find("does not fit into 16 bits"),
            std::string::npos);
  EXPECT_NE(run_text("set_crc16_parameters calc 1 2 3 yes true").find("expected true or false"), std::string::npos);
}

TEST(StfRunnerTest, RefusesWhatTheArchitectureLacks) {
  EXPECT_NE(run_text("mc_mgrp_create 1")
                .find("1:1: error: the architecture xdp_model has nothing that 'mc_mgrp_create' could act on "
                      "[stf-unsupported]"),
            std::string::npos);
}

TEST(StfReplication, GroupsAndSessionsAreToldWhole) {
  EchoDataplane echo;
  ReplicationCommands commands(echo);
  const auto run = [&](const char* command, std::vector<std::string> words) {
    return commands.execute({command, std::move(words)}).has_value();
  };
  EXPECT_TRUE(run("mc_node_create", {"400", "6", "7"}));
  EXPECT_TRUE(run("mc_node_create", {"401", "6"}));
  EXPECT_TRUE(run("mirroring_add_mc", {"5", "1"}));
  EXPECT_TRUE(run("mc_node_associate", {"1", "0"}));
  EXPECT_TRUE(run("mc_node_associate", {"1", "1"}));
  EXPECT_TRUE(run("mirroring_add", {"9", "3"}));
  using Kind = manifest::ReplicationKind;
  const std::vector<manifest::Replica> all = {{6, 400}, {7, 400}, {6, 401}};
  EXPECT_EQ((echo.replicas[{Kind::kMulticastGroup, 1}]), all);
  EXPECT_EQ((echo.replicas[{Kind::kCloneSession, 5}]), all);
  EXPECT_EQ((echo.replicas[{Kind::kCloneSession, 9}]), (std::vector<manifest::Replica>{{3, 0}}));
  EXPECT_TRUE(run("mirroring_delete", {"9"}));
  EXPECT_TRUE((echo.replicas[{Kind::kCloneSession, 9}].empty()));
  EXPECT_FALSE(run("mc_node_associate", {"1", "2"})) << "there is no such node";
  EXPECT_FALSE(run("mirroring_add", {"9"})) << "a port is missing";
  EXPECT_FALSE(run("mirroring_add", {"9", "x"}));
}

TEST(StfRunnerTest, StopsWhenTheTableRefuses) {
  const std::string add = "add lpm dst:1/3 NoAction()\n";
  EXPECT_NE(run_text(add + add + add + "packet 1 00\n").find("3:1: error: the table is full [test-failed]"),
            std::string::npos);
}

TEST(StfRunnerTest, MarksWhatDiffers) {
  const Expect expect{1, false, "00112*", true};
  EXPECT_EQ(hex_diff(expect, {0x00, 0x12, 0x2f, 0x33}),
            "  - 0000  00 11 2* --\n  + 0000  00 12 2f 33\n             ^^    ^^");
}

}  // namespace
}  // namespace p4bpf::testing::stf
