// The documents that an editor has open, and the analyses of the programs they belong to. A document that another open
// document includes is a part of that program; any other is a program of its own.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "editor/lsp/analysis.h"

namespace p4bpf::editor {

struct Document {
  std::string uri;
  std::string text;
  std::int64_t version = 0;
};

/// What the client may set.
struct Configuration {
  std::vector<std::string> include_dirs;
  std::vector<std::string> defines;
  std::vector<std::string> undefines;
  std::size_t width = 100;
};

class Workspace {
 public:
  void configure(Configuration configuration);
  const Configuration& configuration() const { return configuration_; }
  SourceOptions source_options() const;

  void open(const std::string& uri, std::string text, std::int64_t version);
  void change(const std::string& uri, std::string text, std::int64_t version);
  void close(const std::string& uri);
  /// Files on disk have changed: everything is looked at again.
  void touch_all();
  /// nullptr if it is not open.
  const Document* document(const std::string& uri) const;
  const Document* document_at(const std::string& path) const;

  /// The analysis to ask about a file, made of the newest texts; nullptr if the file is not open and nobody includes
  /// it.
  Analysis* analysis_of(const std::string& path);
  /// All programs that read the file, the one of analysis_of() first.
  std::vector<Analysis*> analyses_of(const std::string& path);
  /// The last analysis of a program with this file in which the syntax was right; nullptr if there was none.
  Analysis* last_good(const std::string& path);

  /// Whether some program has to be looked at again.
  bool has_work() const;
  /// Looks at one of them.
  void work();
  const std::map<std::string, std::shared_ptr<Analysis>>& programs() const { return analyses_; }

  /// Paths of built-in files are their names there: `p4include/core.p4`.
  std::string path_of(const std::string& uri) const;
  /// A built-in file is written to the user's cache, so that editors can show it. Empty if there is no way to show it.
  std::string uri_of(const std::string& path) const;

 private:
  bool is_read_by_another(const std::string& path) const;
  Analysis& analyse(const std::string& root);
  /// A document that must be analysed; "" if there is none.
  std::string next_stale() const;

  Configuration configuration_;
  std::map<std::string, Document> documents_;  // by path
  std::map<std::string, std::shared_ptr<Analysis>> analyses_;
  std::map<std::string, std::shared_ptr<Analysis>> last_good_;  // by root
  std::set<std::string> stale_;
};

/// Where built-in files are shown; empty if there is no such place.
std::string cache_folder();

}  // namespace p4bpf::editor
