// Logs of refused and of accepted programs, as kernels print them.
#include "runtime/verifier_log.h"

#include <gtest/gtest.h>

#include "runtime/attach.h"
#include "runtime/bpffs.h"

namespace p4bpf::runtime {
namespace {

TEST(VerifierLog, TheLastP4LineBeforeTheReasonIsThePlace) {
  const Rejection found = read_rejection(
      "func#0 @0\n0: R1=ctx() R10=fp0\n; state start { @ router.p4:12\n0: (61) r2 = *(u32 *)(r1 +0)\n"
      "; static inline int helper() @ p4bpf.h:9\n1: R2_w=pkt(r=0)\n1: (71) r0 = *(u8 *)(r2 +0)\n"
      "invalid access to packet, off=0 size=1, R2(id=0,off=0,r=0)\nR2 offset is outside of the packet\n"
      "processed 2 insns (limit 1000000) max_states_per_insn 0\n");
  EXPECT_EQ(found.file, "router.p4");
  EXPECT_EQ(found.line, 12u);
  EXPECT_EQ(found.text, "state start {");
  EXPECT_EQ(found.reason,
            "invalid access to packet, off=0 size=1, R2(id=0,off=0,r=0); R2 offset is outside of the packet");
}

TEST(VerifierLog, OlderKernelsNameNoFile) {
  const Rejection found = read_rejection("; hdr.x = 1;\n5: (bf) r1 = r2\nR2 !read_ok\nprocessed 6 insns\n");
  EXPECT_EQ(found.file, "");
  EXPECT_EQ(found.text, "hdr.x = 1;");
  EXPECT_EQ(found.reason, "R2 !read_ok");
}

TEST(VerifierLog, NothingButNoise) {
  EXPECT_EQ(read_rejection("").reason, kNoReason);
  EXPECT_EQ(read_rejection("processed 6 insns\n\n").reason, kNoReason);
  EXPECT_EQ(read_rejection(std::string_view("\0\0\0", 3)).reason, kNoReason);
  EXPECT_EQ(read_rejection("; @ :\n; \n").reason, kNoReason);
}

TEST(VerifierLog, Stats) {
  ProgramStats stats;
  read_stats("verification time 123 usec\nstack depth 16+8\nprocessed 44 insns (limit 1000000) peak_states 2\n", stats);
  EXPECT_EQ(stats.verification_us, 123u);
  EXPECT_EQ(stats.stack_bytes, 24u);
  EXPECT_EQ(stats.processed, 44u);
  read_stats("stack depth\nprocessed", stats);  // cut off
  EXPECT_EQ(stats.stack_bytes, 0u);
}

TEST(PinNames, SurviveWithDotsAndAts) {
  for (const char* interface : {"eth0", "eth0.100", "a@b", "x"}) {
    const Attachment attachment{7, interface, manifest::Hook::kTcEgress, "tcx", 3};
    EXPECT_EQ(pin_name(attachment).find('.'), std::string::npos);
    Attachment back;
    ASSERT_TRUE(read_pin_name(pin_name(attachment), back)) << interface;
    EXPECT_EQ(back.interface, interface);
    EXPECT_EQ(back.port, 7u);
    EXPECT_EQ(back.hook, manifest::Hook::kTcEgress);
    EXPECT_EQ(back.mode, "tcx");
  }
  Attachment back;
  for (const char* name : {"", "@", "@@@", "x@eth0@xdp@native", "1@eth0@xpd@native", "1@eth0@xdp", "1@@"}) {
    EXPECT_FALSE(read_pin_name(name, back)) << name;
  }
}

TEST(InstanceNames, AreChecked) {
  for (const char* good : {"r1", "a_b-c", "X"}) EXPECT_TRUE(check_instance_name(good)) << good;
  for (const char* bad : {"", ".", "..", "a/b", "a.b", "-a", "a b", "123456789012345678901234567890123"}) {
    EXPECT_FALSE(check_instance_name(bad)) << bad;
  }
}

}  // namespace
}  // namespace p4bpf::runtime
