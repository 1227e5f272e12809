// The simulated network: each fault as the client and the server see it.
#include "sim/world/sim_network.h"

#include <gtest/gtest.h>

#include <set>

#include "sim/world/world.h"

namespace ow::sim {
namespace {

using namespace std::chrono_literals;
using base::ErrorCode;
using base::Task;
using platform::HttpAnswer;
using platform::HttpRequest;

Task<HttpAnswer> echo(SimExecutor& server, int& served, HttpRequest request) {
  ++served;
  co_await server.sleep_until(server.scheduler().clock().ticks() + 1ms);
  if (request.body == "hang up") co_return HttpAnswer{};
  co_return HttpAnswer{200, {}, request.method + " " + request.url + " " + request.body};
}

class SimNetworkTest : public testing::Test {
 protected:
  void SetUp() override {
    world_.network.serve("http://gateway", *server_,
                         [this](HttpRequest request) { return echo(*server_, served_, std::move(request)); });
  }

  base::Result<HttpAnswer> send(std::string body = "x", std::string url = "http://gateway/charges") {
    HttpRequest request;
    request.method = "POST";
    request.url = std::move(url);
    request.body = std::move(body);
    auto answer = client_->executor.run(client_->http.send(std::move(request)));
    world_.scheduler.run_for(30s);
    return answer;
  }

  ErrorCode failure_of(NetworkFault fault) {
    world_.network.plan("http://gateway", 1, fault);
    const auto answer = send();
    EXPECT_FALSE(answer.has_value());
    return answer ? ErrorCode::internal : answer.error().code;
  }

  SimWorld world_{1};
  SimMachine machine_{world_, "platform"};
  std::unique_ptr<SimProcess> client_ = std::make_unique<SimProcess>(world_, machine_);
  std::unique_ptr<SimExecutor> server_ = std::make_unique<SimExecutor>(world_.scheduler);
  int served_ = 0;
};

TEST_F(SimNetworkTest, a_request_reaches_its_host_and_the_answer_comes_back) {
  const auto answer = send("hello");
  ASSERT_TRUE(answer.has_value()) << answer.error().message;
  EXPECT_EQ(answer->body, "POST http://gateway/charges hello");
  EXPECT_EQ(served_, 1);
}

TEST_F(SimNetworkTest, a_host_nobody_serves_is_unavailable_and_a_bad_url_malformed) {
  EXPECT_EQ(send("x", "http://gateway.other/").error().code, ErrorCode::unavailable);
  EXPECT_EQ(send("x", "ftp://gateway/").error().code, ErrorCode::malformed);
  world_.network.take_away("http://gateway");
  EXPECT_EQ(send().error().code, ErrorCode::unavailable);
  EXPECT_EQ(served_, 0);
}

TEST_F(SimNetworkTest, a_refused_request_was_certainly_not_served) {
  EXPECT_EQ(failure_of(NetworkFault::refused), ErrorCode::unavailable);
  EXPECT_EQ(served_, 0);
}

TEST_F(SimNetworkTest, a_reset_before_delivery_and_a_lost_reply_look_the_same_to_the_client) {
  EXPECT_EQ(failure_of(NetworkFault::reset), ErrorCode::timed_out);
  EXPECT_EQ(served_, 0);
  EXPECT_EQ(failure_of(NetworkFault::reply_lost), ErrorCode::timed_out);
  EXPECT_EQ(served_, 1);
}

TEST_F(SimNetworkTest, silence_and_lateness_last_until_the_time_out) {
  const auto before = world_.clock.ticks();
  world_.network.plan("http://gateway", 1, NetworkFault::silent);
  EXPECT_EQ(client_->executor.run(client_->http.send({.url = "http://gateway/", .timeout = 4s})).error().code,
            ErrorCode::timed_out);
  EXPECT_GE(world_.clock.ticks() - before, 4s);
  EXPECT_EQ(served_, 1);
  world_.network.plan("http://gateway", 1, NetworkFault::late);
  EXPECT_FALSE(client_->executor.run(client_->http.send({.url = "http://gateway/", .timeout = 4s})).has_value());
  EXPECT_EQ(served_, 1) << "it arrives only after the client gave up";
  world_.scheduler.run_for(5s);
  EXPECT_EQ(served_, 2);
}

TEST_F(SimNetworkTest, a_duplicated_request_is_served_twice_and_answered_once) {
  world_.network.plan("http://gateway", 1, NetworkFault::duplicated);
  EXPECT_TRUE(send().has_value());
  EXPECT_EQ(served_, 2);
}

TEST_F(SimNetworkTest, a_server_that_hangs_up_leaves_the_outcome_unknown) {
  EXPECT_EQ(send("hang up").error().code, ErrorCode::timed_out);
}

TEST_F(SimNetworkTest, an_answer_beyond_the_limit_is_too_large) {
  const HttpRequest request{.url = "http://gateway/", .answer_bytes_max = 5};
  EXPECT_EQ(client_->executor.run(client_->http.send(request)).error().code, ErrorCode::too_large);
}

TEST_F(SimNetworkTest, a_plan_hits_the_named_request_only) {
  world_.network.plan("http://gateway/charges", 2, NetworkFault::refused);
  EXPECT_TRUE(send().has_value());
  EXPECT_TRUE(send("x", "http://gateway/keys/1").has_value());
  EXPECT_FALSE(send().has_value());
  EXPECT_TRUE(send().has_value());
}

TEST_F(SimNetworkTest, a_client_that_dies_leaves_its_request_to_be_served) {
  client_->executor.spawn([](SimHttpClient& http) -> Task<void> {
    static_cast<void>(co_await http.send({.url = "http://gateway/"}));
  }(client_->http));
  world_.scheduler.run_until([&] { return served_ == 1; });
  client_.reset();
  world_.scheduler.run_for(20s);
  EXPECT_EQ(served_, 1);
}

TEST_F(SimNetworkTest, a_server_that_dies_leaves_its_client_to_the_time_out) {
  std::optional<base::Result<HttpAnswer>> answer;
  client_->executor.spawn([](SimHttpClient& http, std::optional<base::Result<HttpAnswer>>& result) -> Task<void> {
    result = co_await http.send({.url = "http://gateway/"});
  }(client_->http, answer));
  world_.scheduler.run_until([&] { return served_ == 1; });
  world_.network.take_away("http://gateway");
  server_.reset();
  world_.scheduler.run_for(20s);
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->error().code, ErrorCode::timed_out);
}

TEST_F(SimNetworkTest, weather_brings_faults_about_as_often_as_it_says) {
  world_.network.set_weather(
      {.refused = 100, .reset = 100, .reply_lost = 100, .silent = 100, .late = 100, .duplicated = 100});
  for (int i = 0; i < 300; ++i) send();
  EXPECT_GT(world_.network.faults(), 120U);
  EXPECT_LT(world_.network.faults(), 240U);
}

}  // namespace
}  // namespace ow::sim
