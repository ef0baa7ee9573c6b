// What all subcommands share (command.h), and how a wrong command line is explained.
#include "driver/command.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <sstream>

#include "base/diagnostics.h"

namespace p4bpf::driver {
namespace {

constexpr const char* kExamplesHead = "examples:";

/// The verb that the user got to, by name: "p4bpf table add".
const CLI::App& innermost(const CLI::App& app) {
  const auto chosen = app.get_subcommands();
  return chosen.empty() ? app : innermost(*chosen.back());
}

std::string full_name(const CLI::App& app) {
  return (app.get_parent() == nullptr ? "" : full_name(*app.get_parent()) + " ") + app.get_name();
}

/// What is wrong with the command line, in our words where CLI11 would not name the culprit.
Error explain(const CLI::App& app, const CLI::ParseError& error) {
  const CLI::App& verb = innermost(app);
  const std::string help = "try " + full_name(verb) + " --help";
  const std::vector<std::string> unknown = verb.remaining(true);
  const auto option =
      std::find_if(unknown.begin(), unknown.end(), [](const std::string& s) { return s.size() > 1 && s[0] == '-'; });
  if (option != unknown.end()) {
    std::vector<std::string> names;
    for (const CLI::Option* known : verb.get_options()) {
      for (const std::string& name : known->get_lnames()) names.push_back("--" + name);
    }
    const std::string near = nearest_name(*option, names);
    return Error{"unknown option '" + *option + "'", near.empty() ? help : "did you mean " + near + "?", 0};
  }
  const auto verbs = verb.get_subcommands([](const CLI::App*) { return true; });
  if (!unknown.empty() && !verbs.empty()) {
    std::vector<std::string> names;
    for (const CLI::App* known : verbs) names.push_back(known->get_name());
    const std::string near = nearest_name(unknown[0], names);
    return Error{"there is no verb '" + unknown[0] + "'", near.empty() ? help : "did you mean " + near + "?", 0};
  }
  if (!unknown.empty()) return Error{"unexpected argument '" + unknown[0] + "'", help, 0};
  if (!verbs.empty()) return Error{"a verb is missing", help, 0};
  std::string message = error.what();
  if (!message.empty() && message.back() == '.') message.pop_back();
  return Error{message, help, 0};
}

}  // namespace

CLI::App* add_verb(CLI::App& parent, const std::string& name, const std::string& description,
                   const std::string& examples) {
  CLI::App* verb = parent.add_subcommand(name, description);
  std::string footer = kExamplesHead;
  std::istringstream lines(examples);
  for (std::string line; std::getline(lines, line);) footer += "\n  p4bpf " + line;
  verb->footer(footer);
  return verb;
}

std::string examples_of(const CLI::App& verb) {
  const std::string footer = verb.get_footer();
  const std::size_t head = footer.find('\n');
  return head == std::string::npos ? "" : footer.substr(head + 1);
}

void on_chosen(CLI::App& verb, Chosen& chosen, std::function<int()> run) {
  verb.callback([&chosen, run = std::move(run)] { chosen.run = run; });
}

int status_of(const Error& error) {
  switch (error.code) {
    case EPERM:
    case EACCES:
    case ENOSYS:
    case EOPNOTSUPP:
      return kUnavailable;
    default:
      return kWrong;
  }
}

int report(const Error& error) {
  const bool colours = wants_colours(STDERR_FILENO);
  std::fprintf(stderr, "p4bpf: %serror:%s %s\n", colours ? "\033[1;31m" : "", colours ? "\033[0m" : "",
               error.message.c_str());
  if (!error.hint.empty()) {
    std::fprintf(stderr, "%shelp:%s %s\n", colours ? "\033[1;36m" : "", colours ? "\033[0m" : "", error.hint.c_str());
  }
  return status_of(error);
}

bool wants_colours(int fd) {
  const char* const term = std::getenv("TERM");
  return isatty(fd) != 0 && std::getenv("NO_COLOR") == nullptr && term != nullptr && std::string(term) != "dumb";
}

int parse_and_run(CLI::App& app, Chosen& chosen, int argc, char** argv) {
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& success) {  // --help and --version
    return app.exit(success);
  } catch (const CLI::ParseError& error) {
    report(explain(app, error));
    return kBadUsage;
  }
  return chosen.run ? chosen.run() : kBadUsage;
}

}  // namespace p4bpf::driver
