// p4bpf graph: parsers and controls as drawings.
#include <CLI/CLI.hpp>
#include <cerrno>
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
  if (options.format == "json") return editor::print_json(graph, sources);
  const std::string dot = editor::print_dot(graph, sources);
  if (options.format == "dot") return dot;
  if (find_program("dot").empty())
    return fail("'dot' is not installed", "install Graphviz: apt-get install graphviz", ENOSYS);
  const Result<ProcessOutcome> drawn = run_process({"dot", "-Tsvg"}, dot);
  if (!drawn) return fail(drawn.error());
  if (drawn->status != 0) return fail("dot ended with an error: " + drawn->err);
  return drawn->out;
}

/// The graph that --block names, or all.
Result<std::vector<editor::Graph>> choose(std::vector<editor::Graph> graphs, const std::string& block) {
  if (block.empty()) return graphs;
  std::vector<std::string> names;
  std::string all;
  for (editor::Graph& graph : graphs) {
    if (graph.name == block) return std::vector{std::move(graph)};
    names.push_back(graph.name);
    all += (all.empty() ? "" : ", ") + graph.name;
  }
  const std::string near = nearest_name(block, names);
  return fail(
      "the program has no parser or control called '" + block + "'",
      (near.empty() ? "" : "did you mean '" + near + "'? ") + (all.empty() ? "there is none" : "there are " + all));
}

Result<void> write_graphs(const std::vector<editor::Graph>& graphs, const GraphOptions& options,
                          const SourceMap& sources) {
  if (options.folder.empty() && options.format == "svg" && graphs.size() != 1)
    return fail("an SVG document holds one drawing, and there are " + std::to_string(graphs.size()) + " blocks",
                "choose one with --block, or a folder for all with -o");
  if (!options.folder.empty()) {
    const Result<void> made = make_directories(options.folder);
    if (!made) return made;
  }
  const bool is_list = options.folder.empty() && options.format == "json";
  std::string between = is_list ? "[" : "";
  for (const editor::Graph& graph : graphs) {
    const Result<std::string> text = draw(graph, options, sources);
    if (!text) return fail(text.error());
    if (options.folder.empty()) {
      std::cout << between << *text;
      if (is_list) between = ",\n";
      continue;
    }
    const Result<void> written = write_file(options.folder + "/" + graph.name + "." + options.format, *text);
    if (!written) return written;
  }
  if (is_list) std::cout << (graphs.empty() ? "[]\n" : "]\n");
  return {};
}

int graph_source(const GraphOptions& options) {
  Compilation compilation(options.source);
  DiagnosticPrinter printer(options.source.diagnostics);
  Result<bool> good = parse(compilation);
  if (good && *good) good = check(compilation);
  const int status = finish(compilation, good, printer);
  if (status != kFine) return status;
  const auto graphs = choose(editor::make_graphs(*compilation.typed), options.block);
  if (!graphs) return printer.print(graphs.error());
  const Result<void> written = write_graphs(*graphs, options, compilation.sources);
  return written ? kFine : printer.print(written.error());
}

}  // namespace

void add_graph_command(CLI::App& app, Chosen& chosen) {
  CLI::App* const verb = add_verb(app, "graph", "draw the states of parsers and the ways through controls",
                                  "graph --block MyIngress router.p4\ngraph --format svg -o graphs router.p4");
  const auto options = std::make_shared<GraphOptions>();
  add_source_options(*verb, options->source);
  verb->add_option("--format", options->format, "dot (text for Graphviz), svg (needs Graphviz) or json")
      ->check(CLI::IsMember({"dot", "svg", "json"}))
      ->capture_default_str();
  verb->add_option("-o", options->folder, "folder for one file per block; without it, all go to standard output")
      ->type_name("DIR");
  verb->add_option("--block", options->block, "only the parser or control of this name")->type_name("NAME");
  on_chosen(*verb, chosen, [options] { return graph_source(*options); });
}

}  // namespace p4bpf::driver
