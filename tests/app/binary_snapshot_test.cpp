// Snapshot and restore on the real binary: under load, killed, restored elsewhere, compared, resumed.
#include <gmock/gmock.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <map>
#include <thread>

#include "app/api_client.h"
#include "app/binary.h"
#include "base/money.h"

namespace ow::tests {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using testing::HasSubstr;

// The payment gateway as a service of its own, which no restore takes back.
class Gateway {
 public:
  explicit Gateway(const std::string& data)
      : url_("http://127.0.0.1:" + std::to_string(port_)),
        process_(Process::start({binary_path(), "sandbox-gateway", "--data", data, "--listen", url_.substr(7)},
                                data + ".log")) {
    for (int i = 0; i < 600 && !app::send_and_wait({.url = url_ + "/ledger"}); ++i) std::this_thread::sleep_for(100ms);
  }
  const std::string& url() const { return url_; }

  // Charged less given back, by order, in hundredths.
  std::map<std::string, std::int64_t> balances() const {
    std::map<std::string, std::int64_t> found;
    std::string after;
    do {
      const auto page = app::send_and_wait({.url = url_ + "/ledger?limit=50&after=" + after});
      if (!page) break;
      const auto json = *base::parse_json(page->body);
      for (const auto& entry : json.find("items")->as_array()) {
        const auto amount = base::parse_money(entry.find("amount")->as_number().text, {}).value().minor;
        if (entry.text_at("kind") == "charge") found[entry.text_at("orderId")] += amount;
        if (entry.text_at("kind") == "refund") found[entry.text_at("orderId")] -= amount;
      }
      after = json.text_at("nextCursor");
    } while (!after.empty());
    return found;
  }

 private:
  std::uint16_t port_ = free_port();
  std::string url_;
  Process process_;
};

class SnapshotTest : public BinaryTest {
 protected:
  void SetUp() override {
    BinaryTest::SetUp();
    if (IsSkipped()) return;
    gateway_ = std::make_unique<Gateway>(path("bank"));
  }
  std::vector<std::string> options() const {
    return {"--demo", "--gateway", gateway_->url(), "--snapshots", path("snapshots")};
  }
  static std::string create(ServeProcess& server) {
    const auto made = server.run({"snapshot", "create", "--note", "before the sale", "--json"}, "demo-operator");
    EXPECT_EQ(made.exit, 0) << made.err << made.out;
    return text_of(made.json(), "snapshotId");
  }
  base::Json first_restore(ServeProcess& server) const {
    for (int i = 0; i < 300; ++i) {
      const auto all = server.get("/api/restores", "demo-operator");
      const auto& items = all.find("items")->as_array();
      if (!items.empty() && text_of(items.front(), "state") == "reconciled") return items.front();
      std::this_thread::sleep_for(100ms);
    }
    ADD_FAILURE() << "never reconciled";
    return {};
  }
  std::unique_ptr<Gateway> gateway_;
};

TEST_F(SnapshotTest, made_under_load_restores_what_was_acknowledged_before_it) {
  std::vector<std::string> before;
  std::vector<std::string> after;
  std::string snapshot;
  {
    ServeProcess server(path("data"), options());
    ASSERT_TRUE(server.came_up()) << server.err();
    server.token_of("demo-operator");
    for (int i = 0; i < 20; ++i) before.push_back(server.place(mug_order(1)));
    std::thread load([&] {
      for (int i = 0; i < 30; ++i) after.push_back(server.place(mug_order(1)));
    });
    snapshot = create(server);
    load.join();
    for (int i = 0; i < 5; ++i) after.push_back(server.place(mug_order(1)));
    for (const auto& order : before) EXPECT_EQ(text_of(server.settled(order), "status"), "completed");
    for (const auto& order : after) EXPECT_EQ(text_of(server.settled(order), "status"), "completed");
    EXPECT_EQ(server.run({"snapshot", "verify", snapshot}, "demo-operator").exit, 0);
    server.stop(SIGKILL);
  }
  const auto restored =
      run_binary({"restore", "--snapshot", path("snapshots/" + snapshot), "--data", path("new"), "--json"});
  ASSERT_EQ(restored.exit, 0) << restored.err << restored.out;
  EXPECT_EQ(text_of(restored.json(), "snapshotId"), snapshot);

  ServeProcess server(path("new"), options());
  ASSERT_TRUE(server.came_up()) << server.err();
  EXPECT_EQ(server.get("/api/background", "demo-operator").bool_at("paused"), true);
  for (const auto& order : before) EXPECT_EQ(server.send("GET", "/api/orders/" + order).status, 200) << order;
  const auto reconciled = first_restore(server);
  const auto resumed = server.run({"background", "resume", "--reason", "compared", "--json"}, "demo-operator");
  ASSERT_EQ(resumed.exit, 0) << resumed.out;
  std::int64_t lost = 0;
  for (const auto& order : before) EXPECT_EQ(text_of(server.settled(order), "status"), "completed");
  for (const auto& order : after) {
    if (server.send("GET", "/api/orders/" + order).status == 404) {
      ++lost;
    } else {
      EXPECT_EQ(text_of(server.settled(order), "status"), "completed");
    }
  }
  EXPECT_GE(lost, 5);
  EXPECT_EQ(reconciled.integer_at("lostCharges"), lost);
  for (int i = 0; i < 300; ++i) {
    if (server.get("/api/obligations", "demo-operator").find("items")->as_array().empty()) break;
    std::this_thread::sleep_for(100ms);
  }
  for (const auto& [order, balance] : gateway_->balances()) {
    const bool known = server.send("GET", "/api/orders/" + order).status == 200;
    EXPECT_EQ(balance, known ? 990 : 0) << order;
  }
  EXPECT_EQ(server.stop(), 0);
}

TEST_F(SnapshotTest, is_made_offline_and_listed_and_verified_from_its_directory) {
  std::string order;
  {
    ServeProcess server(path("data"), options());
    ASSERT_TRUE(server.came_up()) << server.err();
    order = server.place(mug_order(2));
    server.settled(order);
    EXPECT_EQ(run_binary({"snapshot", "create", "--data", path("data")}).exit, 1);  // in use
    EXPECT_EQ(server.stop(), 0);
  }
  const auto made = run_binary({"snapshot", "create", "--data", path("data"), "--snapshots", path("kept"), "--json"});
  ASSERT_EQ(made.exit, 0) << made.err << made.out;
  const auto directory = path("kept/") + text_of(made.json(), "snapshotId");
  EXPECT_EQ(run_binary({"snapshot", "verify", directory}).exit, 0);
  EXPECT_THAT(run_binary({"snapshot", "list", "--snapshots", path("kept")}).out, HasSubstr("complete"));
  ASSERT_EQ(run_binary({"restore", "--snapshot", directory, "--data", path("new")}).exit, 0);
  ServeProcess server(path("new"), options());
  ASSERT_TRUE(server.came_up()) << server.err();
  EXPECT_EQ(text_of(server.get("/api/orders/" + order), "status"), "completed");
}

struct KeptReceipt {
  std::string number;
  std::string pdf;
  bool operator==(const KeptReceipt&) const = default;
};

KeptReceipt receipt_of(ServeProcess& server, const std::string& order) {
  for (int i = 0; i < 300; ++i) {
    const auto answer = server.send("GET", "/api/orders/" + order + "/receipt");
    if (answer.status != 200) {
      std::this_thread::sleep_for(100ms);
      continue;
    }
    const auto link = *base::parse_json(answer.body);
    const auto url = text_of(link, "url");
    const auto pdf = app::send_and_wait({.url = url});
    EXPECT_TRUE(pdf && pdf->status == 200) << url;
    return {text_of(link, "number"), pdf ? pdf->body : ""};
  }
  ADD_FAILURE() << "no receipt";
  return {};
}

TEST_F(SnapshotTest, a_restored_platform_serves_every_receipt_with_the_same_number_and_bytes) {
  std::vector<std::string> orders;
  std::vector<KeptReceipt> before;
  {
    ServeProcess server(path("data"), options());
    ASSERT_TRUE(server.came_up()) << server.err();
    for (int i = 1; i <= 3; ++i) orders.push_back(server.place(mug_order(i)));
    for (const auto& order : orders) server.settled(order);
    before = {receipt_of(server, orders[0]), receipt_of(server, orders[1])};
    EXPECT_EQ(server.stop(), 0);
  }
  const auto made = run_binary({"snapshot", "create", "--data", path("data"), "--snapshots", path("kept"), "--json"});
  ASSERT_EQ(made.exit, 0) << made.err << made.out;
  {
    ServeProcess server(path("data"), options());  // the PDF of the third is asked for after the snapshot
    ASSERT_TRUE(server.came_up()) << server.err();
    before.push_back(receipt_of(server, orders[2]));
    EXPECT_EQ(server.stop(), 0);
  }
  const auto snapshot = path("kept/") + text_of(made.json(), "snapshotId");
  ASSERT_EQ(run_binary({"restore", "--snapshot", snapshot, "--data", path("new")}).exit, 0);
  EXPECT_TRUE(fs::exists(path("new/blobs"))) << "the documents are part of a snapshot";
  {
    ServeProcess server(path("new"), options());
    ASSERT_TRUE(server.came_up()) << server.err();
    for (std::size_t i = 0; i < orders.size(); ++i) EXPECT_EQ(receipt_of(server, orders[i]), before[i]) << orders[i];
    EXPECT_EQ(server.stop(), 0);
  }
  fs::remove_all(path("new/blobs"));  // and can be made again from the records
  ServeProcess server(path("new"), options());
  ASSERT_TRUE(server.came_up()) << server.err();
  for (std::size_t i = 0; i < orders.size(); ++i) EXPECT_EQ(receipt_of(server, orders[i]), before[i]) << orders[i];
}

TEST_F(SnapshotTest, restore_refuses_what_is_not_empty_and_what_is_damaged) {
  {
    ServeProcess server(path("data"), options());
    ASSERT_TRUE(server.came_up()) << server.err();
    server.stop();
  }
  const auto made = run_binary({"snapshot", "create", "--data", path("data"), "--snapshots", path("kept"), "--json"});
  ASSERT_EQ(made.exit, 0) << made.err;
  const auto directory = path("kept/") + text_of(made.json(), "snapshotId");
  const auto refused = run_binary({"restore", "--snapshot", directory, "--data", path("data")});
  EXPECT_EQ(refused.exit, 1);
  EXPECT_THAT(refused.err, HasSubstr("is not empty"));
  EXPECT_THAT(refused.err, HasSubstr("OW-1301"));
  for (const auto& entry : fs::recursive_directory_iterator(directory + "/store")) {
    if (entry.path().extension() == ".sst") std::ofstream(entry.path(), std::ios::app) << "x";
  }
  const auto damaged = run_binary({"restore", "--snapshot", directory, "--data", path("new")});
  EXPECT_EQ(damaged.exit, 1);
  EXPECT_THAT(damaged.err, HasSubstr("OW-1303"));
  ServeProcess server(path("new"), options());
  EXPECT_FALSE(server.came_up());
  EXPECT_EQ(server.wait(), 1);
  EXPECT_THAT(server.err(), HasSubstr("OW-1302"));
}

}  // namespace
}  // namespace ow::tests
