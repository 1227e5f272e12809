// See machine_limits.h.
#include "bench/machine_limits.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/assert.h"
#include "http/server.h"
#include "local/asio_executor.h"
#include "local/machine.h"
#include "ops/metrics.h"

namespace ow::bench {
namespace {

base::Task<http::Response> fixed_answer(http::Request) {
  co_return http::Response{.status = 201,
                           .body = R"({"orderId":"ord_0","status":"pending","createdAt":"2026-01-01T00:00:00.000Z"})"};
}

}  // namespace

double synced_appends_per_second(const std::string& directory, std::size_t bytes) {
  const local::SystemClock clock;
  const auto file = directory + "/appends";
  const int descriptor = ::open(file.c_str(), O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600);
  OW_ASSERT(descriptor >= 0, "a file can be made");
  const std::string block(bytes, 'x');
  const auto begin = clock.ticks();
  int appends = 0;
  while (clock.ticks() - begin < std::chrono::seconds(1)) {
    OW_ASSERT(::write(descriptor, block.data(), block.size()) == static_cast<ssize_t>(block.size()),
              "it can be written");
    OW_ASSERT(::fdatasync(descriptor) == 0, "it can be synced");
    ++appends;
  }
  const double seconds = static_cast<double>((clock.ticks() - begin).count()) / 1e6;
  ::close(descriptor);
  ::unlink(file.c_str());
  return appends / seconds;
}

int serve_fixed_answer(int port) {
  local::AsioExecutor executor;
  const local::SystemClock clock;
  ops::Metrics metrics(clock, [](std::string_view) {});
  http::Server server(executor.loop(), clock, metrics, fixed_answer);
  const auto opened = server.listen({.port = static_cast<std::uint16_t>(port)});
  OW_ASSERT(opened.has_value(), "the port is free");
  executor.run();
  return 0;
}

}  // namespace ow::bench
