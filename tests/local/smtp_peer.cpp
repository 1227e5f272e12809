// See smtp_peer.h.
#include "tests/local/smtp_peer.h"

#include <filesystem>
#include <thread>

#include <gtest/gtest.h>

namespace ow::local {
namespace {

using base::Json;

constexpr auto kFolder = OW_SOURCE_DIR "/tests/peers/smtp";

std::vector<std::string> command(Json plan, const std::string& folder) {
  EXPECT_TRUE(std::filesystem::exists(std::string(kFolder) + "/node_modules"))
      << "the test server is not installed: (cd " << kFolder << " && npm ci)";
  plan.set("folder", folder);
  return {"node", std::string(kFolder) + "/server.js", base::to_text(plan)};
}

}  // namespace

SmtpPeer::SmtpPeer(Json plan)
    : process_(
          tests::Process::start(command(std::move(plan), folder_.path()), {log_, folder_.path() + "/errors.log"})) {
  while (process_.running() && lines().empty()) std::this_thread::sleep_for(std::chrono::milliseconds(20));
  const auto all = lines();
  if (all.empty()) {
    ADD_FAILURE() << "the SMTP server did not start: " << tests::read_file(folder_.path() + "/errors.log");
    return;
  }
  port_ = static_cast<std::uint16_t>(all[0].integer_at("port").value_or(0));
  ca_file_ = all[0].string_at("ca").value_or("");
}

std::vector<Json> SmtpPeer::lines() const {
  std::vector<Json> all;
  const auto text = tests::read_file(log_);
  for (std::size_t at = 0, end = text.find('\n'); end != std::string::npos; at = end + 1, end = text.find('\n', at)) {
    auto json = base::parse_json(std::string_view(text).substr(at, end - at));
    if (json) all.push_back(std::move(*json));
  }
  return all;
}

std::vector<Json> SmtpPeer::taken() const {
  auto all = lines();
  if (!all.empty()) all.erase(all.begin());
  return all;
}

Json rule_at(const std::string& at, int code, const std::string& text, const std::string& match) {
  return Json::object({{"at", at}, {"code", code}, {"text", text}, {"match", match}});
}

}  // namespace ow::local
