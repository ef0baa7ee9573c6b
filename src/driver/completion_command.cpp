// p4bpf completion bash|zsh|fish and p4bpf man: both are written from the tree of verbs, so they cannot lag behind it.
#include <CLI/CLI.hpp>
#include <cctype>
#include <cstdio>
#include <sstream>

#include "driver/command.h"

namespace p4bpf::driver {
namespace {

using Verbs = std::vector<const CLI::App*>;

Verbs verbs_of(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App*) { return true; });
}

std::vector<std::string> options_of(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
    for (const std::string& name : option->get_snames()) names.push_back("-" + name);
  }
  return names;
}

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : " ") + word;
  return out;
}

/// The words that may follow `app`: its verbs and options.
std::string words_after(const CLI::App& app) {
  std::vector<std::string> words;
  for (const CLI::App* verb : verbs_of(app)) words.push_back(verb->get_name());
  for (const std::string& option : options_of(app)) words.push_back(option);
  return joined(words);
}

/// One `case` branch for each verb, nested verbs joined by a blank: "table add".
void bash_cases(const CLI::App& app, const std::string& path, std::ostringstream& out) {
  for (const CLI::App* verb : verbs_of(app)) {
    const std::string full = (path.empty() ? "" : path + " ") + verb->get_name();
    out << "    '" << full << "') words='" << words_after(*verb) << "' ;;\n";
    bash_cases(*verb, full, out);
  }
}

std::string bash_completion(const CLI::App& app) {
  std::ostringstream out;
  out << "# bash completion of p4bpf; made by 'p4bpf completion bash'\n_p4bpf() {\n"
         "  local path='' word words=''\n"
         "  for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
         "    [[ $word == -* ]] && continue\n"
         "    case \"${path:+$path }$word\" in\n";
  std::ostringstream names;
  for (const CLI::App* verb : verbs_of(app)) {
    names << "      '" << verb->get_name() << "'";
    for (const CLI::App* inner : verbs_of(*verb)) names << "|'" << verb->get_name() << " " << inner->get_name() << "'";
    names << ") path=\"${path:+$path }$word\" ;;\n";
  }
  out << names.str() << "    esac\n  done\n  case \"$path\" in\n    '') words='" << words_after(app) << "' ;;\n";
  bash_cases(app, "", out);
  out << "  esac\n"
         "  case \"${COMP_WORDS[COMP_CWORD]}\" in\n"
         "    -*) ;;\n"
         "    *) [[ $path == unload || $path == attach || $path == detach ]] && words+=\" $(p4bpf ps --json "
         "2>/dev/null |"
         " sed -n 's/.*\"name\": \"\\(.*\\)\".*/\\1/p')\" ;;\n"
         "  esac\n"
         "  COMPREPLY=($(compgen -W \"$words\" -- \"${COMP_WORDS[COMP_CWORD]}\"))\n"
         "  [[ ${#COMPREPLY[@]} -eq 0 ]] && COMPREPLY=($(compgen -f -- \"${COMP_WORDS[COMP_CWORD]}\"))\n"
         "}\ncomplete -o filenames -F _p4bpf p4bpf\n";
  return out.str();
}

std::string zsh_completion(const CLI::App& app) {
  // zsh runs bash completions as they are.
  return "#compdef p4bpf\n# made by 'p4bpf completion zsh'\nautoload -U +X bashcompinit && bashcompinit\n" +
         bash_completion(app);
}

std::string single_quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("\\'") : std::string(1, c);
  return out + "'";
}

void fish_verbs(const CLI::App& app, const std::string& condition, std::ostringstream& out) {
  for (const CLI::App* verb : verbs_of(app)) {
    out << "complete -c p4bpf -n " << single_quoted(condition) << " -a " << verb->get_name() << " -d "
        << single_quoted(verb->get_description()) << "\n";
  }
  for (const CLI::App* verb : verbs_of(app)) {
    const std::string seen = "__fish_seen_subcommand_from " + verb->get_name();
    for (const CLI::Option* option : verb->get_options()) {
      if (option->get_lnames().empty() && option->get_snames().empty()) continue;
      out << "complete -c p4bpf -n " << single_quoted(seen);
      for (const std::string& name : option->get_lnames()) out << " -l " << name;
      for (const std::string& name : option->get_snames()) out << " -s " << name;
      out << " -d " << single_quoted(option->get_description()) << "\n";
    }
    fish_verbs(*verb, seen, out);
  }
}

std::string fish_completion(const CLI::App& app) {
  std::ostringstream out;
  out << "# fish completion of p4bpf; made by 'p4bpf completion fish'\n";
  fish_verbs(app, "__fish_use_subcommand", out);
  return out.str();
}

/// roff takes a leading dot or apostrophe for a request and a backslash for an escape.
std::string roff(const std::string& text) {
  std::string out;
  bool line_start = true;
  for (const char c : text) {
    if (line_start && (c == '.' || c == '\'')) out += "\\&";
    if (c == '-') out += '\\';
    out += c == '\\' ? std::string("\\e") : std::string(1, c);
    line_start = c == '\n';
  }
  return out;
}

void man_options(const CLI::App& app, std::ostringstream& out) {
  for (const CLI::Option* option : app.get_options()) {
    std::string head;
    for (const std::string& name : option->get_snames()) head += (head.empty() ? "-" : ", -") + name;
    for (const std::string& name : option->get_lnames()) head += (head.empty() ? "--" : ", --") + name;
    const bool is_positional = head.empty();
    if (is_positional) head = option->get_name();
    const std::string value = !is_positional && option->get_type_size() != 0 ? " " + option->get_type_name() : "";
    out << ".TP\n\\fB" << roff(head) << "\\fR" << roff(value) << "\n" << roff(option->get_description()) << "\n";
  }
}

void man_verbs(const CLI::App& app, const std::string& path, std::ostringstream& out) {
  for (const CLI::App* verb : verbs_of(app)) {
    const std::string full = path + " " + verb->get_name();
    out << ".SS " << roff(full) << "\n" << roff(verb->get_description()) << ".\n";
    man_options(*verb, out);
    const std::string examples = examples_of(*verb);
    if (!examples.empty()) out << ".PP\n.nf\n" << roff(examples) << "\n.fi\n";
    man_verbs(*verb, full, out);
  }
}

std::string man_page(const CLI::App& app) {
  std::ostringstream out;
  out << ".\\\" made by 'p4bpf man'\n.TH P4BPF 1\n.SH NAME\np4bpf \\- run P4 programs in the Linux kernel\n"
         ".SH SYNOPSIS\n\\fBp4bpf\\fR \\fIVERB\\fR [\\fIOPTION\\fR...] [\\fIARGUMENT\\fR...]\n.SH DESCRIPTION\n"
      << roff(app.get_description()) << ".\n.SH VERBS\n";
  man_verbs(app, "p4bpf", out);
  out << ".SH EXIT STATUS\n.TP\n0\nfine\n.TP\n1\nthe program, the test or the request is wrong, and the message says "
         "where\n"
         ".TP\n2\nbad usage\n.TP\n77\nit could not run here: a privilege or a kernel feature is missing\n"
         ".SH ENVIRONMENT\n.TP\nP4BPF_BPFFS\nthe bpf file system to pin in, instead of /sys/fs/bpf\n"
         ".TP\nP4BPF_CLANG\nthe C compiler\n.TP\nP4BPF_VERIFIER_LOG\nwhere to keep the verifier's log of a refused "
         "program\n"
         ".TP\nNO_COLOR\nno colours\n.SH FILES\n/sys/fs/bpf/p4bpf/NAME/: all that an instance is\n";
  return out.str();
}

}  // namespace

void add_completion_command(CLI::App& app, Chosen& chosen) {
  CLI::App* const verb = add_verb(
      app, "completion", "print a shell's completion of p4bpf",
      "completion bash > /etc/bash_completion.d/p4bpf\ncompletion fish > ~/.config/fish/completions/p4bpf.fish");
  const auto shell = std::make_shared<std::string>();
  verb->add_option("SHELL", *shell, "bash, zsh or fish")->required()->check(CLI::IsMember({"bash", "zsh", "fish"}));
  on_chosen(*verb, chosen, [&app, shell] {
    const std::string text = *shell == "bash"  ? bash_completion(app)
                             : *shell == "zsh" ? zsh_completion(app)
                                               : fish_completion(app);
    std::fputs(text.c_str(), stdout);
    return static_cast<int>(kFine);
  });
}

void add_man_command(CLI::App& app, Chosen& chosen) {
  CLI::App* const verb =
      add_verb(app, "man", "print the manual page", "man | man -l -\nman > /usr/share/man/man1/p4bpf.1");
  on_chosen(*verb, chosen, [&app] {
    std::fputs(man_page(app).c_str(), stdout);
    return static_cast<int>(kFine);
  });
}

}  // namespace p4bpf::driver
