// Webhooks of the real program to a real receiver: a Node server that verifies every delivery with the public
// Standard Webhooks library. Also through kill -9.
#include <gmock/gmock.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <map>
#include <thread>

#include "app/binary.h"

namespace ow::tests {
namespace {

using base::Json;
using testing::ElementsAre;
using testing::HasSubstr;
using namespace std::chrono_literals;

constexpr auto kPeer = OW_SOURCE_DIR "/tests/peers/webhooks";

/// The Node server; its log is one JSON line a request.
class Receiver {
 public:
  Receiver(const std::string& folder, const std::string& behaviour)
      : log_(folder + "/deliveries-" + behaviour),
        out_(folder + "/receiver-" + behaviour),
        process_(Process::start({"node", std::string(kPeer) + "/receiver.js", log_, behaviour}, out_)) {
    EXPECT_TRUE(std::filesystem::exists(std::string(kPeer) + "/node_modules"))
        << "the test receiver is not installed: (cd " << kPeer << " && npm ci)";
    while (process_.running() && read_file(out_).find('\n') == std::string::npos) std::this_thread::sleep_for(20ms);
  }
  std::string url() const {
    const auto out = read_file(out_);
    return "http://127.0.0.1:" + out.substr(0, out.find('\n')) + "/hook";
  }
  void expect_secret(const std::string& secret) const {
    std::ofstream(log_ + ".secret", std::ios::app) << secret << '\n';
  }
  std::vector<Json> deliveries() const {
    std::vector<Json> all;
    const auto text = read_file(log_);
    for (std::size_t at = 0, end = text.find('\n'); end != std::string::npos; at = end + 1, end = text.find('\n', at)) {
      auto json = base::parse_json(std::string_view(text).substr(at, end - at));
      if (json) all.push_back(std::move(*json));
    }
    return all;
  }
  /// Sequences by subject in the order in which they were first accepted.
  std::map<std::string, std::vector<std::string>> accepted() const {
    std::map<std::string, std::vector<std::string>> all;
    for (const auto& one : deliveries()) {
      EXPECT_EQ(one.bool_at("verified"), true) << base::to_text(one);
      const auto& event = *one.find("body");
      if (one.integer_at("status") != 200 || !event.string_at("sequence")) continue;
      auto& numbers = all[text_of(event, "subject")];
      const auto number = text_of(event, "sequence");
      if (std::ranges::find(numbers, number) == numbers.end()) numbers.push_back(number);
    }
    return all;
  }
  /// Waits until so many events of each subject were accepted.
  void wait_for(const std::vector<std::string>& subjects, std::size_t events) const {
    for (int i = 0; i < 600; ++i) {
      auto heard = accepted();
      if (std::ranges::all_of(subjects, [&](const auto& one) { return heard[one].size() == events; })) return;
      std::this_thread::sleep_for(100ms);
    }
    ADD_FAILURE() << "not every event arrived";
  }

 private:
  std::string log_;
  std::string out_;
  Process process_;
};

class WebhookDeliveryTest : public BinaryTest {
 protected:
  const std::vector<std::string> options_{"--demo", "--webhook-allow", "127.0.0.0/8"};

  static std::string subscribe(ServeProcess& server, const Receiver& receiver) {
    const auto made = server.run({"webhook", "create", receiver.url(), "--json"});
    EXPECT_EQ(made.exit, 0) << made.err << made.out;
    receiver.expect_secret(text_of(made.json(), "secret"));
    return text_of(made.json(), "id");
  }
};

TEST_F(WebhookDeliveryTest, arrives_in_order_and_verifies_with_the_public_library) {
  const Receiver receiver(directory.path(), "ok");
  ServeProcess server(path("data"), options_);
  ASSERT_TRUE(server.came_up()) << server.err();
  const auto id = subscribe(server, receiver);
  const auto order = server.place(mug_order());
  receiver.wait_for({order}, 5);
  EXPECT_THAT(receiver.accepted(), ElementsAre(std::pair(order, std::vector<std::string>{"1", "2", "3", "4", "5"})));

  EXPECT_EQ(text_of(server.run({"webhook", "ping", id, "--json"}).json(), "delivered"), "true");
  const auto rotated = server.run({"webhook", "rotate-secret", id, "--json"});
  const auto next = server.place(mug_order());
  receiver.wait_for({next}, 5);  // the secret before still verifies
  const auto shown = server.run({"webhook", "attempts", id});
  EXPECT_THAT(shown.out, HasSubstr("order.completed"));
  const auto event = text_of(receiver.deliveries().front(), "id");
  EXPECT_EQ(server.run({"webhook", "resend", id, event}).exit, 0);
  EXPECT_EQ(server.run({"webhook", "poll", id, "--json"}).json().find("items")->as_array().size(), 10U);
  EXPECT_EQ(server.run({"webhook", "delete", id}).exit, 0);
  EXPECT_EQ(server.run({"webhook", "show", id}).exit, 1);
}

TEST_F(WebhookDeliveryTest, without_the_allow_list_nothing_goes_to_the_loopback) {
  const Receiver receiver(directory.path(), "ok");
  ServeProcess server(path("data"));
  ASSERT_TRUE(server.came_up()) << server.err();
  const auto refused = server.run({"webhook", "create", receiver.url()});
  EXPECT_EQ(refused.exit, 1);
  EXPECT_THAT(refused.err, HasSubstr("127.0.0.1"));
  EXPECT_THAT(receiver.deliveries(), testing::IsEmpty());
}

TEST_F(WebhookDeliveryTest, loses_nothing_through_kills_in_the_middle_of_deliveries) {
  const Receiver receiver(directory.path(), "flaky");
  const auto port = free_port();
  std::vector<std::string> orders;
  {
    ServeProcess server(path("data"), options_, port);
    ASSERT_TRUE(server.came_up()) << server.err();
    subscribe(server, receiver);
  }
  for (int life = 0; life < 4; ++life) {
    ServeProcess server(path("data"), options_, port);
    ASSERT_TRUE(server.came_up()) << server.err();
    for (int i = 0; i < 5; ++i) orders.push_back(server.place(mug_order()));
    while (receiver.accepted().size() < orders.size() - 2) std::this_thread::sleep_for(10ms);
    server.stop(SIGKILL);
  }
  ServeProcess server(path("data"), options_, port);
  ASSERT_TRUE(server.came_up()) << server.err();
  receiver.wait_for(orders, 5);
  for (const auto& [subject, numbers] : receiver.accepted()) {
    EXPECT_THAT(numbers, ElementsAre("1", "2", "3", "4", "5")) << subject;
  }
}

}  // namespace
}  // namespace ow::tests
