// Contract of platform/store.h.
#pragma once

#include <set>

#include "contracts/engine_ports.h"

namespace ow::contracts {

using base::ErrorCode;
using platform::Commit;
using platform::CommitOutcome;
using platform::Conflict;
using platform::Expect;

class StoreContract : public EngineContract {
 protected:
  std::vector<std::string> values(platform::Query query) {
    std::vector<std::string> found;
    const auto page = run(ports_->store().query(std::move(query)));
    EXPECT_TRUE(page.has_value()) << page.error().message;
    if (page) last_cursor_ = page->next_cursor;
    for (const auto& one : page.value_or(platform::Page{}).records) found.push_back(one.value);
    return found;
  }

  platform::Record indexed(const std::string& id, const std::string& customer, const std::string& sort) {
    auto made = record("order", id, id);
    made.indexes = {{"by_customer", customer, sort}};
    return made;
  }

  std::optional<platform::Counter> counter(const platform::Key& key) {
    return run(ports_->store().counters({key})).value().front();
  }

  std::string last_cursor_;
};

TEST_P(StoreContract, what_was_never_put_is_absent) {
  EXPECT_EQ(get({"p", "s"}), nullptr);
  EXPECT_EQ(counter({"p", "s"}), std::nullopt);
}

TEST_P(StoreContract, a_put_is_read_back_with_all_of_it) {
  auto put = record("p", "s", R"({"x":"ü"})");
  put.schema = 7;
  put.indexes = {{"i", "part", "sort"}};
  put.expires = ports_->clock().now() + 1h;
  ASSERT_TRUE(committed(Commit().put(put)));
  const auto found = get({"p", "s"});
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(found->kind, "thing");
  EXPECT_EQ(found->schema, 7);
  EXPECT_EQ(found->value, put.value);
  EXPECT_EQ(found->indexes, put.indexes);
  EXPECT_EQ(found->expires, put.expires);
  EXPECT_NE(found->version, 0U);
}

TEST_P(StoreContract, each_put_raises_the_version_also_after_an_erase) {
  const platform::Key key{"p", "s"};
  platform::Version last = 0;
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(committed(Commit().put(record("p", "s", "1"))));
    const auto version = get(key)->version;
    EXPECT_GT(version, last);
    last = version;
    ASSERT_TRUE(committed(Commit().erase(key)));
  }
}

TEST_P(StoreContract, a_condition_that_does_not_hold_is_named_and_nothing_changes) {
  ASSERT_TRUE(committed(Commit().put(record("p", "there", "old"))));
  const auto outcome =
      commit(Commit().put(record("p", "other", "new")).put(record("p", "there", "new"), Expect::absent()));
  ASSERT_EQ(outcome.kind, CommitOutcome::Kind::conflict);
  EXPECT_EQ(outcome.conflict.part, Conflict::Part::record);
  EXPECT_EQ(outcome.conflict.key, (platform::Key{"p", "there"}));
  EXPECT_EQ(get({"p", "other"}), nullptr);
  EXPECT_EQ(get({"p", "there"})->value, "old");
}

TEST_P(StoreContract, expectations_hold_exactly_when_they_say) {
  const platform::Key key{"p", "s"};
  EXPECT_FALSE(committed(Commit().require(key, Expect::exists())));
  EXPECT_FALSE(committed(Commit().put(record("p", "s", "1"), Expect::at(4))));
  EXPECT_TRUE(committed(Commit().put(record("p", "s", "1"), Expect::at(0))));
  const auto version = get(key)->version;
  EXPECT_TRUE(committed(Commit().require(key, Expect::exists())));
  EXPECT_FALSE(committed(Commit().require(key, Expect::absent())));
  EXPECT_TRUE(committed(Commit().put(record("p", "s", "2"), Expect::at(version))));
  EXPECT_FALSE(committed(Commit().put(record("p", "s", "3"), Expect::at(version))));
  EXPECT_FALSE(committed(Commit().erase(key, Expect::at(version))));
  EXPECT_EQ(get(key)->value, "2");
}

TEST_P(StoreContract, of_commits_at_once_on_one_version_exactly_one_is_taken) {
  ASSERT_TRUE(committed(Commit().put(record("p", "s", "0"))));
  const auto version = get({"p", "s"})->version;
  std::vector<std::optional<base::Result<CommitOutcome>>> outcomes(8);
  const auto race = [](platform::Store& store, Commit parts,
                       std::optional<base::Result<CommitOutcome>>& outcome) -> base::Task<void> {
    outcome = co_await store.commit(std::move(parts));
  };
  for (auto& outcome : outcomes) {
    auto parts = Commit().put(record("p", "s", "1"), Expect::at(version));
    ports_->executor().spawn(race(ports_->store(), std::move(parts), outcome));
  }
  pass(60s);
  int taken = 0;
  for (const auto& outcome : outcomes) taken += outcome && *outcome && (*outcome)->committed() ? 1 : 0;
  EXPECT_EQ(taken, 1);
}

TEST_P(StoreContract, an_expired_record_is_absent_at_once_also_to_a_condition) {
  auto put = record("p", "s", "1");
  put.expires = ports_->clock().now() + 10s;
  put.indexes = {{"i", "part", "a"}};
  ASSERT_TRUE(committed(Commit().put(put)));
  EXPECT_NE(get({"p", "s"}), nullptr);
  pass(11s);
  EXPECT_EQ(get({"p", "s"}), nullptr);
  EXPECT_TRUE(values({.index = "i", .partition = "part"}).empty());
  EXPECT_TRUE(values({.index = "", .partition = "p"}).empty());
  EXPECT_FALSE(committed(Commit().require({"p", "s"}, Expect::exists())));
  EXPECT_TRUE(committed(Commit().put(record("p", "s", "2"), Expect::absent())));
  EXPECT_EQ(get({"p", "s"})->value, "2");
}

TEST_P(StoreContract, a_table_query_gives_a_range_in_both_directions) {
  for (const char* sort : {"a", "b", "ba", "c", "d"}) ASSERT_TRUE(committed(Commit().put(record("p", sort, sort))));
  ASSERT_TRUE(committed(Commit().put(record("p2", "b", "other"))));
  settle();
  EXPECT_EQ(values({.index = "", .partition = "p"}), (std::vector<std::string>{"a", "b", "ba", "c", "d"}));
  EXPECT_EQ(values({.index = "", .partition = "p", .from = "b", .to = "c"}), (std::vector<std::string>{"b", "ba"}));
  EXPECT_EQ(values({.index = "", .partition = "p", .from = "b", .descending = true}),
            (std::vector<std::string>{"d", "c", "ba", "b"}));
}

TEST_P(StoreContract, an_index_follows_its_record) {
  ASSERT_TRUE(committed(Commit().put(indexed("o1", "ann", "1")).put(indexed("o2", "ann", "2"))));
  settle();
  EXPECT_EQ(values({.index = "by_customer", .partition = "ann"}), (std::vector<std::string>{"o1", "o2"}));
  ASSERT_TRUE(committed(Commit().put(indexed("o1", "bob", "1")).erase({"order", "o2"})));
  settle();
  EXPECT_TRUE(values({.index = "by_customer", .partition = "ann"}).empty());
  EXPECT_EQ(values({.index = "by_customer", .partition = "bob"}), (std::vector<std::string>{"o1"}));
}

TEST_P(StoreContract, records_of_one_index_sort_are_all_found) {
  ASSERT_TRUE(committed(Commit().put(indexed("o1", "ann", "x")).put(indexed("o2", "ann", "x"))));
  settle();
  EXPECT_EQ(values({.index = "by_customer", .partition = "ann", .limit = 1}), (std::vector<std::string>{"o1"}));
  EXPECT_EQ(values({.index = "by_customer", .partition = "ann", .limit = 1, .cursor = last_cursor_}),
            (std::vector<std::string>{"o2"}));
}

TEST_P(StoreContract, pages_cover_everything_once_in_both_directions) {
  for (int i = 0; i < 10; ++i) {
    const std::string id = "o" + std::to_string(i);
    ASSERT_TRUE(committed(Commit().put(indexed(id, "ann", std::to_string(i / 2)))));
  }
  settle();
  for (const bool descending : {false, true}) {
    std::vector<std::string> all;
    platform::Query query{.index = "by_customer", .partition = "ann", .descending = descending, .limit = 3};
    do {
      query.cursor = last_cursor_;
      const auto page = values(query);
      all.insert(all.end(), page.begin(), page.end());
    } while (!last_cursor_.empty());
    EXPECT_EQ(all.size(), 10U);
    EXPECT_TRUE(descending ? std::is_sorted(all.rbegin(), all.rend()) : std::is_sorted(all.begin(), all.end()));
  }
}

TEST_P(StoreContract, a_cursor_of_another_query_is_refused) {
  for (const char* sort : {"a", "b", "c"}) ASSERT_TRUE(committed(Commit().put(record("p", sort, sort))));
  settle();
  values({.index = "", .partition = "p", .limit = 1});
  ASSERT_FALSE(last_cursor_.empty());
  for (const std::string& cursor : {last_cursor_, std::string("nonsense"), std::string("AAAA")}) {
    const auto page = run(ports_->store().query({.index = "", .partition = "q", .limit = 1, .cursor = cursor}));
    ASSERT_FALSE(page.has_value());
    EXPECT_EQ(page.error().code, ErrorCode::malformed);
  }
}

TEST_P(StoreContract, moves_keep_what_a_counter_holds) {
  const platform::Key key{"stock", "p1"};
  ASSERT_TRUE(committed(Commit().move(key, "", "available", 5)));
  ASSERT_TRUE(committed(Commit().move(key, "available", "held", 3)));
  ASSERT_TRUE(committed(Commit().move(key, "held", "sold", 2).move(key, "held", "", 1)));
  const auto found = counter(key);
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ((platform::Counter{{"available", 2}, {"held", 0}, {"sold", 2}}), *found);
}

TEST_P(StoreContract, a_move_of_more_than_there_is_names_counter_and_field) {
  const platform::Key key{"stock", "p1"};
  const auto never = commit(Commit().move(key, "available", "held", 1));
  ASSERT_EQ(never.kind, CommitOutcome::Kind::conflict);
  ASSERT_TRUE(committed(Commit().move(key, "", "available", 2)));
  const auto outcome = commit(Commit().put(record("p", "s", "1")).move(key, "available", "held", 3));
  ASSERT_EQ(outcome.kind, CommitOutcome::Kind::conflict);
  EXPECT_EQ(outcome.conflict.part, Conflict::Part::counter);
  EXPECT_EQ(outcome.conflict.key, key);
  EXPECT_EQ(outcome.conflict.field, "available");
  EXPECT_EQ(get({"p", "s"}), nullptr);
}

TEST_P(StoreContract, a_commit_out_of_bounds_is_refused_and_changes_nothing) {
  Commit large;
  for (int i = 0; i < 101; ++i) large.put(record("p", std::to_string(i), "1"));
  EXPECT_EQ(refusal(large), ErrorCode::malformed);
  EXPECT_EQ(get({"p", "0"}), nullptr);
  EXPECT_EQ(refusal(Commit().send(message("nobody-declared-this", "m1"))), ErrorCode::malformed);
}

TEST_P(StoreContract, what_was_committed_is_there_after_a_restart) {
  ASSERT_TRUE(committed(Commit().put(indexed("o1", "ann", "1")).move({"stock", "p1"}, "", "available", 5)));
  const auto version = get({"order", "o1"})->version;
  ports_->restart();
  EXPECT_EQ(get({"order", "o1"})->version, version);
  EXPECT_EQ(counter({"stock", "p1"})->at("available"), 5);
  settle();
  EXPECT_EQ(values({.index = "by_customer", .partition = "ann"}), (std::vector<std::string>{"o1"}));
  ASSERT_TRUE(committed(Commit().put(indexed("o1", "ann", "1"))));
  EXPECT_GT(get({"order", "o1"})->version, version);
}

}  // namespace ow::contracts
