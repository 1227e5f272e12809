// Metrics as Prometheus text and log lines as JSON.
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/json.h"
#include "ops/metrics.h"

namespace ow::ops {
namespace {

using testing::HasSubstr;

class FixedClock final : public platform::Clock {
 public:
  base::Instant now() const override { return {1'763'705'728'123'456}; }
  base::Duration ticks() const override { return {}; }
};

class MetricsTest : public testing::Test {
 protected:
  FixedClock clock_;
  std::vector<std::string> lines_;
  Metrics metrics_{clock_, [this](std::string_view line) { lines_.emplace_back(line); }};
};

TEST_F(MetricsTest, CountersAndGaugesAreOneLineEachSortedByNameAndLabels) {
  metrics_.counter("ow_b_total", {{"route", "z"}}).add(2);
  metrics_.counter("ow_b_total", {{"route", "a"}}).add();
  metrics_.gauge("ow_a").set(1.5);
  EXPECT_EQ(metrics_.exposition(),
            "# TYPE ow_a gauge\now_a 1.5\n"
            "# TYPE ow_b_total counter\now_b_total{route=\"a\"} 1\now_b_total{route=\"z\"} 2\n");
}

TEST_F(MetricsTest, TheSameNameAndLabelsGiveTheSameHandleInAnyOrderOfLabels) {
  auto& one = metrics_.counter("ow_c_total", {{"a", "1"}, {"b", "2"}});
  auto& same = metrics_.counter("ow_c_total", {{"b", "2"}, {"a", "1"}});
  EXPECT_EQ(&one, &same);
}

TEST_F(MetricsTest, AHandleStaysGoodWhileOthersAreMade) {
  auto& first = metrics_.counter("ow_c_total", {{"n", "first"}});
  for (int i = 0; i < 1000; ++i) metrics_.counter("ow_c_total", {{"n", std::to_string(i)}});
  first.add(7);
  EXPECT_THAT(metrics_.exposition(), HasSubstr("ow_c_total{n=\"first\"} 7\n"));
}

TEST_F(MetricsTest, BucketsOfTimeAreCumulativeAndABoundBelongsToItsBucket) {
  auto& seconds = metrics_.histogram("ow_sync_seconds");
  seconds.observe(0.00001);
  seconds.observe(0.0003);
  seconds.observe(60);
  const auto text = metrics_.exposition();
  EXPECT_THAT(text, HasSubstr("# TYPE ow_sync_seconds histogram\n"));
  EXPECT_THAT(text, HasSubstr("ow_sync_seconds_bucket{le=\"1e-05\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("ow_sync_seconds_bucket{le=\"0.00025\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("ow_sync_seconds_bucket{le=\"0.0005\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("ow_sync_seconds_bucket{le=\"10\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("ow_sync_seconds_bucket{le=\"+Inf\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("ow_sync_seconds_count 3\n"));
  EXPECT_THAT(text, HasSubstr("ow_sync_seconds_sum 60.00031\n"));
}

TEST_F(MetricsTest, BucketsOfSizesArePowersOfTwo) {
  auto& sizes = metrics_.histogram("ow_batch_commits", {{"lane", "commit"}});
  sizes.observe(3);
  const auto text = metrics_.exposition();
  EXPECT_THAT(text, HasSubstr("ow_batch_commits_bucket{lane=\"commit\",le=\"2\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("ow_batch_commits_bucket{lane=\"commit\",le=\"4\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("ow_batch_commits_bucket{lane=\"commit\",le=\"1048576\"} 1\n"));
}

TEST_F(MetricsTest, LabelValuesAreEscaped) {
  metrics_.counter("ow_c_total", {{"path", "a\"b\\c\nd"}}).add();
  EXPECT_THAT(metrics_.exposition(), HasSubstr("ow_c_total{path=\"a\\\"b\\\\c\\nd\"} 1\n"));
}

TEST_F(MetricsTest, ThreadsAddUp) {
  auto& counter = metrics_.counter("ow_c_total");
  auto& seconds = metrics_.histogram("ow_d_seconds");
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 10'000; ++i) {
        counter.add();
        seconds.observe(1);
        metrics_.gauge("ow_g", {{"i", std::to_string(i % 10)}}).set(i);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_THAT(metrics_.exposition(), HasSubstr("ow_c_total 40000\n"));
  EXPECT_THAT(metrics_.exposition(), HasSubstr("ow_d_seconds_sum 40000\n"));
}

TEST_F(MetricsTest, ALogLineIsOneJsonObject) {
  metrics_.log(platform::LogLevel::warning, "sync_slow", {{"file", "a\"b\nc"}, {"ms", "12"}});
  ASSERT_EQ(lines_.size(), 1U);
  EXPECT_EQ(lines_[0],
            "{\"time\":\"2025-11-21T06:15:28.123Z\",\"level\":\"warning\",\"event\":\"sync_slow\","
            "\"file\":\"a\\\"b\\nc\",\"ms\":\"12\"}");
  EXPECT_TRUE(base::parse_json(lines_[0]).has_value());
}

TEST(MetricsDeathTest, ANameOfTwoTypesEndsTheProcess) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const FixedClock clock;
  Metrics metrics(clock, [](std::string_view) {});
  metrics.counter("ow_c_total");
  EXPECT_DEATH(metrics.gauge("ow_c_total"), "one type");
}

}  // namespace
}  // namespace ow::ops
