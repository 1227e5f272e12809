// The configuration of `serve`: a flag wins over the environment, that over the file, that over the default.
// Main thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "app/command_line.h"
#include "app/notify_config.h"
#include "base/result.h"
#include "identity/identity.h"
#include "notify/ip_address.h"
#include "ops/retention_work.h"

namespace ow::app {

struct Config {
  std::string data;
  std::string address = "127.0.0.1";
  std::uint16_t port = 8080;
  bool demo = false;
  bool paused = false;
  std::optional<int> rate_limit;
  std::string public_url;   // default: http://ADDR:PORT
  std::string gateway_url;  // empty: the sandbox gateway inside (demo only)
  std::vector<std::string> cors_origins;
  std::optional<identity::OutsideIssuer> outside_issuer;
  bool access_log = false;
  std::vector<notify::Network> webhook_allow;
  NotifyConfig notify;
  std::string tls_certificate;  // PEM file; empty: plain HTTP
  std::string tls_key;
  std::int64_t hsts_max_age_s = 0;
  std::string ca_file;  // PEM: whom calls to the outside trust beside the system's authorities
  bool sign_up = true;
  std::string snapshots;  // default: DATA/snapshots
  int snapshots_kept = 7;
  int obligation_alarm_minutes = 60;
  ops::KeptFor kept;
  std::optional<int> snapshot_hours;  // nothing: none but those asked for
};

/// One member: in the file, in the environment, on the command line.
struct ConfigMember {
  std::string name;         // "rateLimit" in the file
  std::string environment;  // "OW_RATE_LIMIT"
  OptionSpec option;        // "--rate-limit"; without a name there is no flag
};

/// All members, for help, documentation and parsing.
const std::vector<ConfigMember>& config_members();

/// "127.0.0.1:8080" or "[::1]:0" into address and port.
base::Result<void> parse_listen(const std::string& text, Config& config);

/// Error malformed naming the member and where its value came from.
base::Result<Config> read_config(const Invocation& invocation);

}  // namespace ow::app
