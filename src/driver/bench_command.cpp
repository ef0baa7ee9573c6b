// p4bpf bench: generated programs and tables beside what is written by hand.
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <array>
#include <chrono>
#include <cstdio>
#include <filesystem>

#include "base/embedded.h"
#include "base/files.h"
#include "bench/bench.h"
#include "bench/report.h"
#include "bench/table_report.h"
#include "driver/command.h"
#include "driver/diagnostic_printer.h"
#include "driver/pipeline.h"
#include "testing/dataplane.h"

namespace p4bpf::driver {
namespace {

template <class Measured>
void print(const std::vector<Measured>& measured, bool json) {
  if (json) {
    fmt::print("{}", bench::as_json(measured));
  } else if (!measured.empty()) {
    fmt::print("{}", bench::as_text(measured));
  }
}

struct BenchOptions {
  std::vector<std::string> programs;
  bench::Options bench;
  bool tables = false;
  std::size_t largest = 1u << 20;
  std::string plot;  // a file
  bool json = false;
};

/// The steps of a benchmark on a terminal, one line that changes.
class Progress {
 public:
  explicit Progress(const BenchOptions& options) : is_shown_(!options.json && wants_colours(STDERR_FILENO)) {}
  void show(const std::string& what, const std::string& step) const {
    if (is_shown_) fmt::print(stderr, "\r\033[K{}: {}", what, step);
    std::fflush(stderr);
  }
  void clear() const {
    if (is_shown_) fmt::print(stderr, "\r\033[K");
  }

 private:
  bool is_shown_;
};

/// Programs of the benchmark in its order: the study's first, by their number.
std::vector<std::string> all_programs() {
  std::vector<std::string> names;
  for (const EmbeddedFile& file : embedded_files()) {
    if (file.path.starts_with(bench::kFolder) && file.path.ends_with(".stf"))
      names.push_back(program_name(std::string(file.path)));
  }
  const auto key = [](const std::string& name) {
    const bool is_of_study = name.starts_with("xdp");
    return std::tuple(!is_of_study, is_of_study ? std::atoi(name.c_str() + 3) : 0, name);
  };
  std::sort(names.begin(), names.end(), [&](const auto& a, const auto& b) { return key(a) < key(b); });
  return names;
}

/// Writes the files of one of the benchmark's folders.
Result<void> write_programs(const TempDir& folder, std::string_view from) {
  for (const EmbeddedFile& file : embedded_files()) {
    if (!file.path.starts_with(from)) continue;
    const Result<void> written = write_file(folder.file(file.path.substr(from.size())), file.text);
    if (!written) return written;
  }
  return {};
}

/// P4 to C: the median of a few.
double generate_ms(const ProgramOptions& program) {
  std::array<double, 5> all{};
  for (double& one : all) {
    const auto start = std::chrono::steady_clock::now();
    Compilation compilation(program);
    if (make_program(compilation)) generate(compilation);
    one = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
  }
  std::sort(all.begin(), all.end());
  return all[all.size() / 2];
}

class BenchRun {
 public:
  explicit BenchRun(const BenchOptions& options)
      : options_(options), progress_(options), printer_(DiagnosticOptions{}) {}

  int run() {
    const Result<TempDir> folder = TempDir::create();
    if (!folder) return report(folder.error());
    if (Result<void> written = write_programs(*folder, bench::kFolder); !written) return report(written.error());
    const std::vector<std::string> all = all_programs();
    for (const std::string& wanted : options_.programs.empty() ? all : options_.programs) {
      const bool is_file = wanted.ends_with(".p4");
      if (!is_file && std::find(all.begin(), all.end(), wanted) == all.end()) {
        const std::string near = nearest_name(wanted, all);
        return report(
            Error{"there is no benchmark program '" + wanted + "'",
                  near.empty() ? fmt::format("there are {}", fmt::join(all, ", ")) : "did you mean " + near + "?", 0});
      }
      const int status = run_program(is_file ? wanted : folder->file(wanted + ".p4"), folder->path());
      if (status == kUnavailable) return status;
      status_ = std::max(status_, status);
    }
    progress_.clear();
    print(measured_, options_.json);
    return status_;
  }

 private:
  int run_program(const std::string& file, const std::string& twin_folder) {
    const std::string stem = file.substr(0, file.size() - 3);
    progress_.show(program_name(file), "generate");
    const Result<std::string> twin = read_file(stem + ".c"), test = read_file(stem + ".stf");
    if (!twin || !test) {
      progress_.clear();
      return report(twin ? test.error() : twin.error());
    }
    // Both run where the one by hand does.
    const bool is_on_tc = twin->find("SEC(\"tc\")") != std::string::npos;
    ProgramOptions program;
    program.file = file;
    program.hook = is_on_tc ? "tc" : "xdp";
    Compilation compilation(program);
    const Result<bool> made = make_program(compilation);
    if (!made || !*made) return failed(compilation, made);
    const auto generated = generate(compilation);
    if (!generated) return failed(compilation, false);
    bench::Subject subject{program_name(file),   generated->c_text,
                           generated->manifest,  *twin,
                           twin_folder,          compilation.sources.add_file(stem + ".stf", *test),
                           generate_ms(program), is_on_tc ? manifest::Hook::kTcIngress : manifest::Hook::kXdp};
    bench::Options options = options_.bench;
    options.progress = [&](const std::string& step) { progress_.show(subject.name, step); };
    const Result<bench::Measurement> measured = bench::measure(subject, options, compilation.diagnostics);
    if (!measured) {
      Error error = measured.error();
      error.message = subject.name + ": " + error.message;
      return failed(compilation, fail(std::move(error)));
    }
    measured_.push_back(*measured);
    return kFine;
  }

  int failed(const Compilation& compilation, const Result<bool>& why) {
    progress_.clear();
    const int status = finish(compilation, why, printer_);
    return !why && why.error().code == testing::kUnavailable ? static_cast<int>(kUnavailable) : status;
  }

  const BenchOptions& options_;
  Progress progress_;
  DiagnosticPrinter printer_;
  std::vector<bench::Measurement> measured_;
  int status_ = kFine;
};

/// p4bpf bench --tables [KIND...]
class TablesRun {
 public:
  explicit TablesRun(const BenchOptions& options) : options_(options), progress_(options) {}

  int run() {
    using bench::TableKind;
    constexpr TableKind kAll[] = {TableKind::kExact, TableKind::kLpm, TableKind::kTernary, TableKind::kRange};
    std::vector<std::string> names;
    for (const TableKind kind : kAll) names.push_back(bench::name_of(kind));
    for (const std::string& wanted : options_.programs) {
      if (std::find(names.begin(), names.end(), wanted) == names.end())
        return report(Error{"there is no kind of table '" + wanted + "'",
                            fmt::format("there are {}", fmt::join(names, ", ")), 0});
    }
    const Result<TempDir> folder = TempDir::create();
    if (!folder) return report(folder.error());
    if (Result<void> written = write_programs(*folder, bench::kTableFolder); !written) return report(written.error());
    for (const TableKind kind : kAll) {
      const std::string name = bench::name_of(kind);
      const auto& wanted = options_.programs;
      if (!wanted.empty() && std::find(wanted.begin(), wanted.end(), name) == wanted.end()) continue;
      for (const bench::TableCase& one : bench::cases_of(kind)) {
        if (one.count > options_.largest) continue;
        const int status = measure(one, folder->path());
        if (status == kUnavailable) return status;
        status_ = std::max(status_, status);
      }
    }
    progress_.clear();
    print(measured_, options_.json);
    if (options_.plot.empty()) return status_;
    const Result<void> written = write_file(options_.plot, bench::as_plot(measured_));
    return written ? status_ : report(written.error());
  }

 private:
  int measure(const bench::TableCase& one, const std::string& folder) {
    const std::string name = fmt::format("{}, {} entries", bench::label_of(one), one.count);
    bench::TableOptions options;
    options.clang = options_.bench.clang;
    options.folder = folder;
    options.progress = [&](const std::string& step) { progress_.show(name, step); };
    options.generate = [&](const std::string& file, const std::vector<std::string>& defines) {
      return generate_table(folder + "/" + file, defines);
    };
    const Result<bench::TableMeasurement> measured = bench::measure_table(one, options);
    if (measured) {
      measured_.push_back(*measured);
      return kFine;
    }
    progress_.clear();
    Error error = measured.error();
    error.message = name + ": " + error.message;
    const int status = report(error);
    return error.code == testing::kUnavailable ? static_cast<int>(kUnavailable) : status;
  }

  static Result<bench::TableProgram> generate_table(const std::string& file, const std::vector<std::string>& defines) {
    ProgramOptions program;
    program.file = file;
    program.hook = "xdp";
    program.defines = defines;
    Compilation compilation(program);
    const Result<bool> made = make_program(compilation);
    if (made && *made) {
      if (const auto generated = generate(compilation))
        return bench::TableProgram{generated->c_text, generated->manifest};
    }
    DiagnosticPrinter printer{DiagnosticOptions{}};
    printer.print(compilation.diagnostics);
    return made ? fail("its P4 program is wrong") : fail(made.error());
  }

  const BenchOptions& options_;
  Progress progress_;
  std::vector<bench::TableMeasurement> measured_;
  int status_ = kFine;
};

}  // namespace

void add_bench_command(CLI::App& app, Chosen& chosen) {
  CLI::App* const verb = add_verb(app, "bench", "measure generated programs and tables beside what is written by hand",
                                  "bench\nbench xdp7 router --pps\nbench --tables\n"
                                  "bench --tables lpm ternary --largest 10000 --plot lookups.svg");
  const auto options = std::make_shared<BenchOptions>();
  verb->add_option("PROGRAM", options->programs,
                   "programs of the benchmark, or FILE.p4 with FILE.c by hand and FILE.stf beside it; by default all "
                   "of the benchmark. With --tables kinds: exact, lpm, ternary, range");
  verb->add_option("--loads", options->bench.loads,
                   "how often each is loaded and measured; where the kernel puts it moves a figure by a nanosecond")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  verb->add_flag("--pps", options->bench.live, "measure packets a second as well, with live frames over veth");
  CLI::Option* const tables = verb->add_flag("--tables", options->tables, "measure tables alone: lookups and changes");
  verb->add_option("--largest", options->largest, "leave out tables of more entries")->needs(tables);
  verb->add_option("--plot", options->plot, "draw the cost of lookups into this file, as SVG")->needs(tables);
  verb->add_flag("--json", options->json, "results as JSON");
  on_chosen(*verb, chosen,
            [options] { return options->tables ? TablesRun(*options).run() : BenchRun(*options).run(); });
}

}  // namespace p4bpf::driver
