// The compiler is found or missed clearly, its complaints come back at P4 lines, and extern files are part of the unit.
#include "object/c_compiler.h"

#include <gtest/gtest.h>

#include "base/files.h"
#include "base/subprocess.h"

namespace p4bpf::object {
namespace {

TEST(SubprocessTest, GivesStatusAndBothStreams) {
  const auto outcome = run_process({"sh", "-c", "cat; echo wrong >&2; exit 3"}, "right");
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->status, 3);
  EXPECT_EQ(outcome->out, "right");
  EXPECT_EQ(outcome->err, "wrong\n");
  EXPECT_EQ(run_process({"sh", "-c", "kill -9 $$"})->status, 128 + 9);
  EXPECT_FALSE(run_process({"/nonexistent/program"}));
}

TEST(FilesTest, ReadsWhatWasWrittenAndRemovesTheFolder) {
  std::string path;
  {
    auto folder = TempDir::create();
    ASSERT_TRUE(folder);
    path = folder->path();
    ASSERT_TRUE(write_file(folder->file("a"), std::string("x\0y", 3)));
    EXPECT_EQ(*read_file(folder->file("a")), std::string("x\0y", 3));
    EXPECT_EQ(read_file(folder->file("b")).error().code, ENOENT);
    EXPECT_FALSE(read_file(path));
  }
  EXPECT_EQ(read_file(path + "/a").error().code, ENOENT);
}

TEST(CompilerTest, ReadsMessages) {
  const auto messages = parse_messages(
      "In file included from x\na:b.p4:12:3: error: no\n  code\nclang: error: bad flag\nx.c:1:2: warning: hm\n");
  ASSERT_EQ(messages.size(), 3u);
  EXPECT_EQ(messages[0].file, "a:b.p4");
  EXPECT_EQ(messages[0].line, 12u);
  EXPECT_EQ(messages[0].text, "no");
  EXPECT_EQ(messages[1].file, "");
  EXPECT_FALSE(messages[2].is_error);
}

TEST(CompilerTest, FramesOfCallerAndCalleeShareTheStack) {
  const auto outcome = [](const std::string& printed, bool ok = true) {
    return CompileOutcome{ok, parse_messages(printed)};
  };
  const std::string large = "x.c:1:5: warning: stack frame size (432) exceeds limit (0) in 'program'\n";
  const auto callee = [](int bytes) {
    return "x.h:9:12: warning: stack frame size (" + std::to_string(bytes) + ") exceeds limit (0) in 'step'\n";
  };
  EXPECT_FALSE(exceeds_stack(outcome(large)));
  EXPECT_FALSE(exceeds_stack(outcome(callee(64) + large + callee(8))));
  EXPECT_TRUE(exceeds_stack(outcome(callee(8) + large + callee(65))));
  EXPECT_TRUE(exceeds_stack(outcome("x.c:1:5: error: Looks like the BPF stack limit is exceeded\n", false)));
  EXPECT_FALSE(exceeds_stack(outcome(large + callee(400) + "x.c:1:5: error: no\n", false)));
}

TEST(CompilerTest, SaysThatThereIsNone) {
  CompilerOptions options;
  options.compiler = "no-such-clang";
  const auto found = find_compiler(options);
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().message, "cannot find the C compiler 'no-such-clang'");
}

TEST(CompilerTest, ErrorsNameP4Lines) {
  auto folder = TempDir::create();
  ASSERT_TRUE(folder);
  SourceMap sources;
  sources.add_file("prog.p4", "one\n  two(3);\nthree;\n");
  Diagnostics diagnostics(sources);
  const CSource source{
      "static int two(int);\nint main_(void) {\n#line 2 \"prog.p4\"\nreturn two(3);\n#line 3 "
      "\"prog.p4\"\nnowhere;\n}\n",
      {},
      {},
      {}};
  const auto outcome = compile_bpf(source, folder->file("x.o"));
  ASSERT_TRUE(outcome);
  EXPECT_FALSE(outcome->ok);
  report_messages(*outcome, diagnostics);
  const std::string said = render_all(diagnostics, false);
  EXPECT_NE(
      said.find("prog.p4:3:1: error: the C compiler says: use of undeclared identifier 'nowhere' [rejected-by-clang]"),
      std::string::npos)
      << said;
}

TEST(CompilerTest, ExternFilesGiveTheBodies) {
  auto folder = TempDir::create();
  ASSERT_TRUE(folder);
  ASSERT_TRUE(write_file(folder->file("two.c"), "int two(int x) { return x + 1; }\n"));
  SourceMap sources;
  sources.add_file("prog.p4", "one\n  two(3);\nthree;\n");
  CSource source{"static int two(int);\nint main_(void) {\n#line 2 \"prog.p4\"\nreturn two(3);\n}\n", {}, {}, {}, {}};
  const auto missing = compile_native(source, folder->file("x.so"));
  ASSERT_TRUE(missing);
  EXPECT_FALSE(missing->ok);
  Diagnostics diagnostics(sources);
  report_messages(*missing, diagnostics);
  const std::string said = render_all(diagnostics, false);
  EXPECT_NE(said.find("error: extern 'two' has no body [no-extern-body]"), std::string::npos) << said;
  EXPECT_NE(said.find("--extern FILE.c"), std::string::npos) << said;

  source.extern_files = {folder->file("two.c")};
  const auto linked = compile_native(source, folder->file("x.so"));
  ASSERT_TRUE(linked);
  EXPECT_TRUE(linked->ok);
}

}  // namespace
}  // namespace p4bpf::object
