// Capabilities and configuration (handshake.h).
#include "editor/lsp/handshake.h"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

namespace p4bpf::editor {
namespace {

using nlohmann::json;

std::vector<std::string> strings_in(const json& object, const char* name) {
  std::vector<std::string> found;
  if (!object.contains(name) || !object.at(name).is_array()) return found;
  for (const json& one : object.at(name)) {
    if (one.is_string()) found.push_back(one.get<std::string>());
  }
  return found;
}

constexpr const char* kColours[] = {"type",     "struct",   "enum",   "enumMember", "parameter", "variable",
                                    "property", "function", "method", "macro",      "class"};  // by Colour::Kind

}  // namespace

std::string capabilities(Encoding encoding) {
  const json all = {
      {"positionEncoding", encoding == Encoding::kUtf8 ? "utf-8" : "utf-16"},
      {"textDocumentSync", {{"openClose", true}, {"change", 2}, {"save", {{"includeText", false}}}}},
      {"hoverProvider", true},
      {"definitionProvider", true},
      {"declarationProvider", true},
      {"typeDefinitionProvider", true},
      {"referencesProvider", true},
      {"documentHighlightProvider", true},
      {"renameProvider", {{"prepareProvider", true}}},
      {"completionProvider", {{"triggerCharacters", {".", "@", "\"", "<", "/"}}}},
      {"signatureHelpProvider", {{"triggerCharacters", {"(", ","}}}},
      {"documentSymbolProvider", true},
      {"workspaceSymbolProvider", true},
      {"documentFormattingProvider", true},
      {"foldingRangeProvider", true},
      {"codeActionProvider", {{"codeActionKinds", {"quickfix"}}}},
      {"semanticTokensProvider",
       {{"legend", {{"tokenTypes", kColours}, {"tokenModifiers", {"declaration", "readonly"}}}}, {"full", true}}},
  };
  return all.dump();
}

Encoding encoding_for(std::string_view initialize) {
  const json params = json::parse(initialize, nullptr, false);
  const json::json_pointer encodings("/capabilities/general/positionEncodings");
  if (!params.is_object() || !params.contains(encodings) || !params.at(encodings).is_array()) return Encoding::kUtf16;
  const json& offered = params.at(encodings);
  return std::find(offered.begin(), offered.end(), json("utf-8")) == offered.end() ? Encoding::kUtf16 : Encoding::kUtf8;
}

std::string root_uri_in(std::string_view initialize) {
  const json params = json::parse(initialize, nullptr, false);
  if (!params.is_object()) return {};
  for (const char* const place : {"/workspaceFolders/0/uri", "/rootUri"}) {
    const json::json_pointer at(place);
    if (params.contains(at) && params.at(at).is_string()) return params.at(at).get<std::string>();
  }
  return {};
}

Configuration configuration_of(std::string_view text, const std::string& root) {
  Configuration made;
  const json given = json::parse(text, nullptr, false);
  if (!given.is_object()) return made;
  const json& settings = given.contains("p4bpf") && given["p4bpf"].is_object() ? given["p4bpf"] : given;
  made.include_dirs = strings_in(settings, "includePaths");
  for (std::string& folder : made.include_dirs)
    folder = normal_path(std::filesystem::absolute(std::filesystem::path(root) / folder).string());
  made.defines = strings_in(settings, "defines");
  made.undefines = strings_in(settings, "undefines");
  if (settings.contains("formatWidth") && settings["formatWidth"].is_number())
    made.width = static_cast<std::size_t>(std::clamp(settings["formatWidth"].get<double>(), 20.0, 1000.0));
  return made;
}

}  // namespace p4bpf::editor
