// See load.h.
#include "bench/load.h"

#include <fmt/format.h>

#include <fstream>
#include <string_view>

#include "base/assert.h"
#include "base/json.h"
#include "harness/process.h"

namespace ow::bench {
namespace {

// Four lines with long names make the body about 1 KB, which is what a shop sends.
std::string order_lines() {
  std::string items;
  for (const auto* item : {"mug", "honey", "spoon", "candle"}) {
    if (!items.empty()) items += ',';
    items += fmt::format(R"({{"productId":"{}","name":"{}","quantity":1,"price":@{}@}})", item,
                         std::string(item) +
                             ", as it was shown to the customer in the shop window, with some words about its "
                             "material, its size, its colour and how to care for it over the years, made by hand",
                         item);
  }
  return items;
}

std::string priced(std::string text, const std::string& email) {
  const std::pair<const char*, const char*> prices[] = {
      {"@mug@", "9.90"}, {"@honey@", "8.95"}, {"@spoon@", "4.10"}, {"@candle@", "11.95"}};
  for (const auto& [mark, price] : prices) text.replace(text.find(mark), std::string_view(mark).size(), price);
  const auto contact = email.empty() ? std::string() : fmt::format(R"(,"customerEmail":"{}")", email);
  return fmt::format(R"({{"items":[{}],"total":34.90,"paymentToken":"tok_approve"{}}})", text, contact);
}

// Each connection's requests carry keys that no other run or connection uses. The text of a request is made once, and
// only its key is put in: what the generator needs of the same processors is not the server's. At a set rate the pauses
// are exponential: with equal ones, connections that were answered by one sync come back together for ever, which
// shoppers do not.
std::string script(const Load& load, int run) {
  const double pause_ms = load.rate > 0 ? 1000.0 * load.connections / load.rate : 0;
  return fmt::format(R"(
local counter = 0
local before, after
function init()
  local headers = {{ ["Content-Type"] = "application/json", ["Idempotency-Key"] = "bench-{}-@@" }}
  if "{}" ~= "" then headers["Authorization"] = "Bearer {}" end
  local text = wrk.format("POST", nil, headers, '{}')
  local first, last = text:find("@@", 1, true)
  before, after = text:sub(1, first - 1), text:sub(last + 1)
end
function request()
  counter = counter + 1
  return before .. counter .. after
end
local pause_ms = {}
function delay()
  if pause_ms == 0 then return 0 end
  return math.floor(pause_ms * -math.log(1 - math.random()) + 0.5)
end
function done(summary, latency)
  local errors = summary.errors
  io.write(string.format('RESULT {{"requests":%d,"duration_us":%d,"p50_us":%d,"p99_us":%d,"status":%d,"socket":%d}}\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), errors.status,
    errors.connect + errors.read + errors.write + errors.timeout))
end
)",
                     run, load.token, load.token, priced(order_lines(), load.customer_email), pause_ms);
}

double number_at(const base::Json& json, std::string_view name) {
  return static_cast<double>(json.integer_at(name).value_or(0));
}

LoadResult parse(const std::string& output) {
  const auto at = output.find("RESULT ");
  OW_ASSERT(at != std::string::npos, "wrk printed its result");
  const auto json = base::parse_json(std::string_view(output).substr(at + 7, output.find('\n', at) - at - 7));
  OW_ASSERT(json.has_value(), "wrk's result is JSON");
  LoadResult result;
  result.requests = static_cast<std::uint64_t>(number_at(*json, "requests"));
  result.requests_per_second = number_at(*json, "requests") / (number_at(*json, "duration_us") / 1e6);
  result.p50_ms = number_at(*json, "p50_us") / 1e3;
  result.p99_ms = number_at(*json, "p99_us") / 1e3;
  result.failed = static_cast<std::uint64_t>(number_at(*json, "status") + number_at(*json, "socket"));
  return result;
}

}  // namespace

LoadResult run_load(const Load& load, const std::string& directory) {
  static int run = 0;
  ++run;
  const auto file = fmt::format("{}/load-{}.lua", directory, run);
  const auto log = fmt::format("{}/load-{}.log", directory, run);
  std::ofstream(file) << script(load, run);
  auto wrk =
      tests::Process::start({"wrk", "-t1", fmt::format("-c{}", load.connections), fmt::format("-d{}s", load.seconds),
                             "--latency", "--timeout", "10s", "-s", file, load.url},
                            log);
  OW_ASSERT(wrk.wait() == 0, "wrk ran to its end");
  return parse(tests::read_file(log));
}

}  // namespace ow::bench
