// The real SMTP server of tests/peers/smtp as a child process, with what it took. Test thread only.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/json.h"
#include "harness/process.h"

namespace ow::local {

class SmtpPeer {
 public:
  /// `plan` as tests/peers/smtp/server.js says; fails the test when the server does not start.
  explicit SmtpPeer(base::Json plan = base::Json::object());

  std::uint16_t port() const { return port_; }
  const std::string& ca_file() const { return ca_file_; }
  /// The mails it took so far, as it wrote them.
  std::vector<base::Json> taken() const;

 private:
  std::vector<base::Json> lines() const;

  tests::TemporaryDirectory folder_;
  std::string log_ = folder_.path() + "/taken.jsonl";
  tests::Process process_;
  std::uint16_t port_ = 0;
  std::string ca_file_;
};

/// A rule of the plan.
base::Json rule_at(const std::string& at, int code, const std::string& text, const std::string& match = "");

}  // namespace ow::local
