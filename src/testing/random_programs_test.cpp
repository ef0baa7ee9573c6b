// The programs of tests/random on the interpreter, before the passes over the IR and after them, and on the native
// executor: the same random packets and entries, the same bytes.
#include <gtest/gtest.h>

#include "arch/compile.h"
#include "base/files.h"
#include "frontend/parse.h"
#include "testing/differential.h"
#include "testing/workshop.h"

namespace p4bpf::testing {
namespace {

class RandomPrograms : public ::testing::TestWithParam<const char*> {};

TEST_P(RandomPrograms, DoTheSameOnInterpreterAndNative) {
  const std::string path = std::string(P4BPF_SOURCE_DIR "/tests/random/") + GetParam() + ".p4";
  const auto text = read_file(path);
  ASSERT_TRUE(text);
  SourceMap sources;
  Diagnostics diagnostics(sources);
  const ast::Ast ast = parse_text(path, *text, {}, sources, diagnostics);
  ASSERT_FALSE(diagnostics.has_errors()) << render_all(diagnostics, false);
  TypedProgram typed = check_program(ast, diagnostics);
  ASSERT_FALSE(diagnostics.has_errors()) << render_all(diagnostics, false);
  const auto program = arch::build_program(typed, path, {}, diagnostics);
  ASSERT_TRUE(program) << render_all(diagnostics, false);
  arch::BuildOptions raw;
  raw.run_passes = false;
  const auto plain = arch::build_program(typed, path, raw, diagnostics);
  ASSERT_TRUE(plain) << render_all(diagnostics, false);
  Workshop plain_workshop(*plain, diagnostics, {});
  auto judge = plain_workshop.make(Target::kInterp, {});
  ASSERT_TRUE(judge) << judge.error().message;
  Workshop workshop(*program, diagnostics, {});
  auto interp = workshop.make(Target::kInterp, {});
  ASSERT_TRUE(interp) << interp.error().message;
  auto native = workshop.make(Target::kNative, {});
  ASSERT_TRUE(native) << native.error().message;
  ASSERT_TRUE(*native) << render_all(diagnostics, false);
  DifferentialOptions options;
  options.packets = 500;
  const DifferentialOutcome outcome = run_differential(*program, {judge->get(), interp->get(), native->get()}, options);
  EXPECT_EQ(outcome.unavailable, "");
  EXPECT_EQ(outcome.mismatch, "") << outcome.stf;
  EXPECT_GT(outcome.outputs, 0U);
}

INSTANTIATE_TEST_SUITE_P(All, RandomPrograms,
                         ::testing::Values("wide", "odd", "push", "stack", "tables", "shapes", "lookups"));

}  // namespace
}  // namespace p4bpf::testing
