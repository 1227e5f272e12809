// `serve` as a process: coming up, refusing what it cannot run on, ending, and what survives which end.
#include <gmock/gmock.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "app/binary.h"

namespace ow::tests {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

class ServeTest : public BinaryTest {
 protected:
  std::string data() const { return path("data"); }
};

TEST_F(ServeTest, says_where_it_listens_and_has_the_demo_catalogue) {
  ServeProcess server(data());
  ASSERT_TRUE(server.came_up()) << server.err();
  EXPECT_THAT(server.out(), HasSubstr("listening on " + server.url() + "\n"));
  EXPECT_EQ(server.get("/api/products").find("items")->as_array().size(), 20U);
  EXPECT_EQ(text_of(server.get("/health", ""), "status"), "ok");
}

TEST_F(ServeTest, a_second_server_on_the_same_data_is_refused_by_name) {
  ServeProcess first(data());
  ASSERT_TRUE(first.came_up()) << first.err();
  ServeProcess second(data());
  EXPECT_FALSE(second.came_up());
  EXPECT_EQ(second.wait(), 1);
  EXPECT_THAT(second.err(), HasSubstr(data() + "/store is in use by another process"));
  EXPECT_EQ(first.stop(), 0);
}

TEST_F(ServeTest, a_port_that_is_taken_is_refused_by_name) {
  ServeProcess first(data());
  ASSERT_TRUE(first.came_up()) << first.err();
  ServeProcess second(path("other"), {"--demo"}, first.port());
  EXPECT_FALSE(second.came_up());
  EXPECT_EQ(second.wait(), 1);
  EXPECT_THAT(second.err(), HasSubstr("Cannot listen on 127.0.0.1:" + std::to_string(first.port())));
}

TEST_F(ServeTest, a_data_directory_that_cannot_be_made_is_refused_by_name) {
  const auto taken = file("taken", "not a directory");
  ServeProcess server(taken + "/data");
  EXPECT_FALSE(server.came_up());
  EXPECT_EQ(server.wait(), 1);
  EXPECT_THAT(server.err(), HasSubstr(taken + "/data"));
}

TEST_F(ServeTest, ends_with_0_on_sigterm_and_sigint_and_keeps_its_data) {
  const auto port = free_port();
  std::string order;
  for (const int signal : {SIGTERM, SIGINT, SIGTERM}) {
    ServeProcess server(data(), {"--demo"}, port);
    ASSERT_TRUE(server.came_up()) << server.err();
    if (order.empty()) order = server.place(mug_order(3));
    EXPECT_EQ(text_of(server.settled(order), "status"), "completed");
    EXPECT_EQ(server.stop(signal), 0) << server.err();
  }
}

TEST_F(ServeTest, an_old_token_is_good_after_a_restart) {
  const auto port = free_port();
  std::string token;
  for (int start = 0; start < 2; ++start) {
    ServeProcess server(data(), {"--demo"}, port);
    ASSERT_TRUE(server.came_up()) << server.err();
    if (token.empty()) token = server.token_of("demo-shopper");
    const auto answer = server.send("GET", "/api/orders", "", "", {{"authorization", "Bearer " + token}});
    EXPECT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(server.stop(), 0);
  }
}

TEST_F(ServeTest, keeps_acknowledged_orders_through_kill_9_and_finishes_them) {
  std::vector<std::string> orders;
  for (int life = 0; life < 3; ++life) {
    ServeProcess server(data());
    ASSERT_TRUE(server.came_up()) << server.err();
    for (int i = 0; i < 5; ++i) orders.push_back(server.place(mug_order(1)));
    EXPECT_EQ(server.stop(SIGKILL), 128 + SIGKILL);
  }
  ServeProcess server(data());
  ASSERT_TRUE(server.came_up()) << server.err();
  for (const auto& order : orders) EXPECT_EQ(text_of(server.settled(order), "status"), "completed");
  const auto mug = server.get("/api/products/mug", "demo-operator");
  EXPECT_EQ(mug.integer_at("sold"), 15);
  EXPECT_EQ(mug.integer_at("held"), 0);
}

TEST_F(ServeTest, a_replay_after_kill_9_answers_the_same_bytes) {
  std::string first;
  for (int life = 0; life < 2; ++life) {
    ServeProcess server(data());
    ASSERT_TRUE(server.came_up()) << server.err();
    const auto answer = server.send("POST", "/api/orders", mug_order(1), "demo-shopper", {{"idempotency-key", "once"}});
    EXPECT_EQ(answer.status, 201);
    if (first.empty()) first = answer.body;
    EXPECT_EQ(answer.body, first);
    server.stop(SIGKILL);
  }
}

// The largest file that ends so: the store has few, and the smallest may be empty.
fs::path largest_file(const std::string& directory, std::string_view ending) {
  fs::path found;
  std::uintmax_t size = 0;
  for (const auto& entry : fs::directory_iterator(directory)) {
    if (!entry.path().string().ends_with(ending) || entry.file_size() < size) continue;
    size = entry.file_size();
    found = entry.path();
  }
  return found;
}

/// A journal segment is zeros behind its records.
std::size_t written_bytes(const fs::path& segment) { return read_file(segment.string()).find_last_not_of('\0') + 1; }

fs::path fullest_segment(const std::string& directory) {
  const std::vector<fs::directory_entry> all(fs::directory_iterator(directory), fs::directory_iterator{});
  const auto fullest = std::max_element(all.begin(), all.end(), [](const auto& a, const auto& b) {
    return written_bytes(a.path()) < written_bytes(b.path());
  });
  return fullest == all.end() ? fs::path() : fullest->path();
}

void flip_a_bit(const fs::path& path, std::uintmax_t at) {
  auto text = read_file(path.string());
  text.at(at) = static_cast<char>(text.at(at) ^ 0x10);
  std::ofstream(path, std::ios::binary | std::ios::trunc) << text;
}

TEST_F(ServeTest, one_damaged_bit_in_the_store_refuses_to_start_and_names_the_file) {
  {
    ServeProcess server(data());
    ASSERT_TRUE(server.came_up()) << server.err();
    server.settled(server.place(mug_order(1)));
    server.stop(SIGKILL);  // the log keeps what it has
  }
  const auto log = fullest_segment(data() + "/store/journal");
  ASSERT_FALSE(log.empty());
  flip_a_bit(log, written_bytes(log) / 2);
  ServeProcess server(data());
  EXPECT_FALSE(server.came_up());
  EXPECT_EQ(server.wait(), 1);
  EXPECT_THAT(server.err(), HasSubstr(log.string()));
  EXPECT_THAT(server.err(), HasSubstr("offset"));
}

TEST_F(ServeTest, a_secret_that_cannot_be_read_stops_the_start_and_is_not_replaced) {
  fs::path key;
  {
    ServeProcess server(data());
    ASSERT_TRUE(server.came_up()) << server.err();
    EXPECT_EQ(server.stop(), 0);
    key = largest_file(data() + "/secrets", "");
  }
  const std::string damaged = "not a key";
  std::ofstream(key, std::ios::trunc) << damaged;
  ServeProcess server(data());
  EXPECT_FALSE(server.came_up());
  EXPECT_EQ(server.wait(), 1);
  EXPECT_THAT(server.err(), HasSubstr("identity-signing-keys"));
  EXPECT_EQ(read_file(key.string()), damaged);
}

TEST_F(ServeTest, without_the_demo_it_needs_a_gateway) {
  const auto refused = run_binary({"serve", "--data", data(), "--listen", "127.0.0.1:0"});
  EXPECT_EQ(refused.exit, 2);
  EXPECT_THAT(refused.err, HasSubstr("gatewayUrl is required"));
}

TEST_F(ServeTest, without_the_demo_there_are_no_products_and_no_published_passwords) {
  ServeProcess server(data(), {"--gateway", "http://127.0.0.1:1"});
  ASSERT_TRUE(server.came_up()) << server.err();
  EXPECT_THAT(server.out(), Not(HasSubstr("demo")));
  EXPECT_EQ(run_binary({"token", "--server", server.url(), "--user", "demo-shopper"}).exit, 1);
}

TEST_F(ServeTest, the_demo_stays_on_loopback) {
  for (const auto* address : {"0.0.0.0:0", "[::]:0", "192.0.2.1:0"}) {
    const auto refused = run_binary({"serve", "--data", data(), "--listen", address, "--demo"});
    EXPECT_EQ(refused.exit, 2) << address;
    EXPECT_THAT(refused.err, HasSubstr("loopback")) << address;
  }
}

TEST_F(ServeTest, an_unknown_member_of_the_file_is_named) {
  const auto config = file("config.json", R"({"demo": true, "colour": "red"})");
  const auto refused = run_binary({"serve", "--data", data(), "--listen", "127.0.0.1:0", "--config", config});
  EXPECT_EQ(refused.exit, 2);
  EXPECT_THAT(refused.err, HasSubstr("colour"));
}

}  // namespace
}  // namespace ow::tests
