// p4bpf graph: parsers and controls as drawings.
#include <CLI/CLI.hpp>
#include <iostream>

#include "base/files.h"
#include "base/subprocess.h"
#include "driver/command.h"
#include "driver/diagnostic_printer.h"
#include "driver/pipeline.h"
#include "editor/graph.h"

namespace p4bpf::driver {
namespace {

struct GraphOptions {
  ProgramOptions source;
  std::string format = "dot";
  std::string folder;
  std::string block;
};

Result<std::string> draw(const editor::Graph& graph, const GraphOptions& options, const SourceMap& sources) {
  const std::string dot = editor::print_dot(graph, sources);
  if (options.format == "dot") return dot;
  if (find_program("dot").empty()) return fail("'dot' is not installed", "install Graphviz: apt-get install graphviz");
  const Result<ProcessOutcome> drawn = run_process({"dot", "-Tsvg"}, dot);
  if (!drawn) return fail(drawn.error());
  if (drawn->status != 0) return fail("dot ended with an error: " + drawn->err);
  return drawn->out;
}

Result<void> write_graphs(const std::vector<editor::Graph>& graphs, const GraphOptions& options,
                          const SourceMap& sources) {
  bool found = false;
  for (const editor::Graph& graph : graphs) {
    if (!options.block.empty() && graph.name != options.block) continue;
    found = true;
    const Result<std::string> text = draw(graph, options, sources);
    if (!text) return fail(text.error());
    if (options.folder.empty()) {
      std::cout << *text;
      continue;
    }
    const Result<void> made = make_directories(options.folder);
    if (!made) return made;
    const Result<void> written = write_file(options.folder + "/" + graph.name + "." + options.format, *text);
    if (!written) return written;
  }
  if (!found) return fail("the program has no such parser or control");
  return {};
}

int graph_source(const GraphOptions& options) {
  Compilation compilation(options.source);
  DiagnosticPrinter printer(options.source.diagnostics);
  Result<bool> good = parse(compilation);
  if (good && *good) good = check(compilation);
  const int status = finish(compilation, good, printer);
  if (status != kFine) return status;
  const Result<void> written = write_graphs(editor::make_graphs(*compilation.typed), options, compilation.sources);
  return written ? kFine : report(written.error());
}

}  // namespace

void add_graph_command(CLI::App& app, Chosen& chosen) {
  CLI::App* const verb = add_verb(app, "graph", "draw the states of parsers and the ways through controls",
                                  "graph --block MyIngress router.p4\ngraph --format svg -o graphs router.p4");
  const auto options = std::make_shared<GraphOptions>();
  add_source_options(*verb, options->source);
  verb->add_option("--format", options->format, "dot (text for Graphviz) or svg (needs Graphviz)")
      ->check(CLI::IsMember({"dot", "svg"}))
      ->capture_default_str();
  verb->add_option("-o", options->folder, "folder for one file per block; without it, all go to standard output")
      ->type_name("DIR");
  verb->add_option("--block", options->block, "only the parser or control of this name")->type_name("NAME");
  on_chosen(*verb, chosen, [options] { return graph_source(*options); });
}

}  // namespace p4bpf::driver
