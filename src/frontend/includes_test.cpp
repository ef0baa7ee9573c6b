// The architecture files of p4include/: each stands alone and twice, their versions differ as published, and a program
// sees the names that it was promised.
#include "frontend/types/test_support.h"

namespace p4bpf::check {
namespace {

TEST(Includes, EachStandsAloneAndTwice) {
  for (const char* file : {"core.p4", "ebpf_model.p4", "xdp_model.p4", "v1model.p4", "ubpf_model.p4", "psa.p4",
                           "bmv2/psa.p4", "dpdk/psa.p4", "pna.p4", "dpdk/pna.p4", "tc/pna.p4"}) {
    SCOPED_TRACE(file);
    const std::string line = std::string("#include <") + file + ">\n";
    EXPECT_EQ(check_text(line)->errors(), "");
    EXPECT_EQ(check_text(line + line + "#include <core.p4>\n")->errors(), "");
  }
}

TEST(Includes, V1modelOfTwoVersions) {
  const std::string old_counter = "counter(8, CounterType.packets) c;\nregister<bit<8>>(4) r;";
  const std::string new_counter = "counter<bit<3>>(8, CounterType.packets) c;\nregister<bit<8>, PortId_t>(4) r;";
  const std::string later = "#define V1MODEL_VERSION 20200408\n";
  const std::string include = "#include <v1model.p4>\n";
  EXPECT_EQ(check_text(include + old_counter)->errors(), "");
  EXPECT_EQ(check_text("#define V1MODEL_VERSION 20180101\n" + include + old_counter)->errors(), "");
  EXPECT_EQ(check_text(later + include + new_counter)->errors(), "");
  EXPECT_NE(check_text(include + new_counter)->errors(), "");
  EXPECT_NE(check_text(later + include + old_counter)->errors(), "");
  const std::string version = "const bool b = static_assert(__v1model_version == 20200408);";
  EXPECT_EQ(check_text(later + include + version)->errors(), "");
}

TEST(Includes, V1modelOfAVersionThatNeverWas) {
  for (const char* version : {"-5", "20000101"}) {
    SCOPED_TRACE(version);
    const auto checked = check_text(std::string("#define V1MODEL_VERSION ") + version + "\n#include <v1model.p4>\n");
    EXPECT_NE(checked->errors().find("user-error"), std::string::npos) << checked->errors();
  }
}

TEST(Includes, UbpfOfTwoVersions) {
  const std::string include = "#include <ubpf_model.p4>\n";
  const std::string with_metadata = "control c(inout standard_metadata std) { apply { std.output_action = DROP; } }";
  const std::string use = "control c(inout standard_metadata std) { apply { std.output_action = ubpf_action.DROP; } }";
  EXPECT_EQ(check_text(include + use)->errors(), "");
  EXPECT_EQ(check_text(include + with_metadata)->errors(), "2 unknown-name");
  EXPECT_EQ(check_text("#define UBPF_MODEL_VERSION 20200304\n" + include + use)->errors(),
            "3 unknown-name; 3 unknown-name");
}

TEST(Includes, OnlyDpdkIsToldTheLengthOfAPacket) {
  const std::string use =
      "control c(in bit<32> n) { Meter<bit<8>>(8, PSA_MeterType_t.BYTES) m;\n"
      "apply { m.dpdk_execute(8w1, n); } }";
  EXPECT_EQ(check_text("#include <dpdk/psa.p4>\n" + use)->errors(), "");
  EXPECT_EQ(check_text("#include <bmv2/psa.p4>\n" + use)->errors(), "3 unknown-member");
}

TEST(Includes, WidthsOfPsaAreTheTargets) {
  const std::string use = "const bool b = static_assert((bit<32>)(PortIdUint_t)PSA_PORT_CPU == ";
  EXPECT_EQ(check_text("#include <psa.p4>\n" + use + "255);")->errors(), "");
  EXPECT_EQ(check_text("#include <bmv2/psa.p4>\n" + use + "0xfffffffd);")->errors(), "");
}

// Programs and fragments test these names to know what was included.
TEST(Includes, PublishedGuards) {
  EXPECT_EQ(check_text("#include <v1model.p4>\n#if !defined(_V1_MODEL_P4_) || !defined(_CORE_P4_)\n#error x\n#endif\n")
                ->errors(),
            "");
  EXPECT_EQ(check_text("#include <dpdk/pna.p4>\n#ifndef __PNA_P4__\n#error x\n#endif\n")->errors(), "");
}

}  // namespace
}  // namespace p4bpf::check
