// Any bytes as what a client sends: frames are cut, and the server answers each request once with valid JSON. The input
// is taken as it is, and once more with each of its lines as the body of a message, after a document was opened.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

#include "base/result.h"
#include "editor/lsp/server.h"
#include "editor/lsp/text.h"

namespace {

using namespace p4bpf::editor;
using nlohmann::json;

void drive(Server& server, const std::string& body) {
  const json message = json::parse(body, nullptr, false);
  const bool is_request = message.is_object() && message.contains("id") && message.contains("method") &&
                          message["method"].is_string() && (message["id"].is_number() || message["id"].is_string());
  std::size_t answers = 0;
  for (const std::string& sent : server.receive(body)) {
    const json answer = json::parse(sent, nullptr, false);
    P4BPF_CHECK(answer.is_object(), "an answer is no JSON object");
    answers += answer.contains("result") || answer.contains("error") ? 1U : 0U;
  }
  P4BPF_CHECK(!is_request || answers == 1, "a request has one answer");
  for (int rounds = 0; rounds < 4 && server.has_work(); ++rounds) server.work();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  FrameReader frames;
  frames.feed(std::string_view(bytes).substr(0, size / 2));
  Server raw;
  while (const auto body = frames.next()) drive(raw, *body);
  frames.feed(std::string_view(bytes).substr(size / 2));
  while (const auto body = frames.next()) drive(raw, *body);

  Server server;
  drive(server, R"({"id":0,"method":"initialize","params":{"capabilities":{}}})");
  const json opened = {{"method", "textDocument/didOpen"},
                       {"params", {{"textDocument", {{"uri", "untitled:x"}, {"text", bytes}}}}}};
  drive(server, opened.dump(-1, ' ', false, json::error_handler_t::replace));
  for (std::size_t begin = 0; begin < size;) {
    const std::size_t end = std::min(bytes.find('\n', begin), size);
    drive(server, bytes.substr(begin, end - begin));
    begin = end + 1;
  }
  return 0;
}
