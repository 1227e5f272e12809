// Names resolved by the machine's own name service.
#include "local/system_resolver.h"

#include <optional>

#include <gtest/gtest.h>
#include <boost/asio/io_context.hpp>

#include "local/asio_executor.h"
#include "local/machine.h"

namespace ow::local {
namespace {

using Answer = base::Result<std::vector<std::string>>;

base::Task<void> resolve_into(platform::Resolver& resolver, std::string name, std::optional<Answer>& out) {
  out = co_await resolver.resolve(std::move(name));
}

class SystemResolverTest : public testing::Test {
 protected:
  Answer resolve(const std::string& name) {
    std::optional<Answer> answer;
    executor_.spawn(resolve_into(resolver_, name, answer));
    while (!answer) executor_.loop().run_one();
    return std::move(*answer);
  }

  SystemClock clock_;
  AsioExecutor executor_;
  SystemResolver resolver_{executor_, clock_};
};

TEST_F(SystemResolverTest, LocalhostIsOnTheLoopback) {
  const auto addresses = resolve("localhost");
  ASSERT_TRUE(addresses.has_value()) << addresses.error().message;
  for (const auto& address : *addresses) EXPECT_TRUE(address == "127.0.0.1" || address == "::1") << address;
}

TEST_F(SystemResolverTest, ANameThatIsNoneIsAnError) { EXPECT_FALSE(resolve("no-such-host.invalid").has_value()); }

TEST_F(SystemResolverTest, ManyQuestionsAreAnsweredEach) {
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(resolve("localhost").has_value());
}

}  // namespace
}  // namespace ow::local
