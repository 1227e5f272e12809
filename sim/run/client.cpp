// See client.h.
#include "sim/run/client.h"

#include "base/json.h"

namespace ow::sim {
namespace {

constexpr std::size_t kAnswerBytesMax = 64 << 20;

}  // namespace

base::Task<std::optional<platform::HttpAnswer>> Client::ask(platform::HttpRequest request) {
  request.answer_bytes_max = kAnswerBytesMax;
  auto answer = co_await process_.http.send(std::move(request));
  if (!answer) co_return std::nullopt;
  co_return std::move(*answer);
}

base::Task<void> Client::pause() {
  co_await process_.executor.sleep_until(world_.clock.ticks() + std::chrono::milliseconds(random_.between(20, 800)));
}

base::Task<std::string> Client::sign_in(std::string user, std::string password) {
  platform::HttpRequest request{.method = "POST", .url = std::string(kPlatformUrl) + "/api/auth/sign-in"};
  request.headers = {{"content-type", "application/json"}};
  request.body = base::to_text(base::Json::object({{"username", user}, {"password", password}}));
  while (true) {
    const auto answer = co_await ask(request);
    const auto json = answer && answer->status == 200 ? base::parse_json(answer->body) : base::Json();
    if (json && json->string_at("accessToken")) co_return std::string(*json->string_at("accessToken"));
    co_await pause();
  }
}

}  // namespace ow::sim
