// See commit_steps.h.
#include "tests/platform/commit_steps.h"

#include <set>

#include <fmt/format.h>

#include "tests/platform/await.h"

namespace ow::platform {
namespace {

constexpr int kKeys = 3;

Key record_key(int key) { return {fmt::format("record#{}", key), "r"}; }
Key counter_key(int key) { return {fmt::format("counter#{}", key), "c"}; }

OutMessage message(const Part& part) {
  return {.queue = "work", .id = base::MessageId(fmt::format("msg_{}", part.value)), .group = "g", .body = "{}"};
}

Expect expectation(Store& store, const Part& part) {
  if (part.wish == Part::Wish::anything) return Expect::anything();
  if (part.wish == Part::Wish::absent) return Expect::absent();
  if (part.wish == Part::Wish::exists) return Expect::exists();
  const auto found = await(get_one(store, record_key(part.key)));
  return Expect::at(*found ? (*found)->version : 0);
}

void add_record_part(Commit& commit, Store& store, const Part& part) {
  const auto expect = expectation(store, part);
  if (part.kind == Part::Kind::require) commit.require(record_key(part.key), expect);
  if (part.kind == Part::Kind::erase) commit.erase(record_key(part.key), expect);
  if (part.kind == Part::Kind::put) {
    commit.put({.key = record_key(part.key), .kind = "test", .value = fmt::format("{}", part.value)}, expect);
  }
}

void add_part(Commit& commit, Store& store, const Part& part) {
  static constexpr const char* kFields[] = {"available", "held", "sold"};
  using Kind = Part::Kind;
  switch (part.kind) {
    case Kind::require:
    case Kind::put:
    case Kind::erase:
      add_record_part(commit, store, part);
      break;
    case Kind::supply:
      commit.move(counter_key(part.key), "", kFields[0], part.value);
      break;
    case Kind::move:
      commit.move(counter_key(part.key), kFields[part.value % 3], kFields[(part.value + 1) % 3], part.value);
      break;
    case Kind::event:
      commit.event({.subject = fmt::format("s{}", part.key),
                    .type = fmt::format("t{}", part.value),
                    .source = "test",
                    .data = "{}",
                    .time = {}});
      break;
    case Kind::send:
      commit.send(message(part));
      break;
    case Kind::schedule:
      commit.schedule({fmt::format("timer{}", part.key), {part.value}, message(part)});
      break;
    case Kind::cancel:
      commit.cancel_timer(fmt::format("timer{}", part.key));
      break;
    case Kind::ack:
      commit.ack({"work", base::MessageId(fmt::format("in_{}", part.value)), "receipt"});
      break;
  }
}

bool is_record_part(const Part& part) {
  return part.kind == Part::Kind::require || part.kind == Part::Kind::put || part.kind == Part::Kind::erase;
}

}  // namespace

rc::Gen<Step> steps(bool versions) {
  using Kind = Part::Kind;
  using Wish = Part::Wish;
  const auto parts = rc::gen::build<Part>(
      rc::gen::set(&Part::kind,
                   rc::gen::element(Kind::require, Kind::put, Kind::put, Kind::erase, Kind::move, Kind::move,
                                    Kind::supply, Kind::event, Kind::send, Kind::schedule, Kind::cancel, Kind::ack)),
      rc::gen::set(&Part::wish, versions ? rc::gen::element(Wish::anything, Wish::absent, Wish::exists, Wish::versioned)
                                         : rc::gen::element(Wish::anything, Wish::absent, Wish::exists)),
      rc::gen::set(&Part::key, rc::gen::inRange(0, kKeys)), rc::gen::set(&Part::value, rc::gen::inRange(0, 6)));
  return rc::gen::map(rc::gen::resize(5, rc::gen::container<Step>(parts)), [](Step step) {
    std::set<int> seen;
    std::erase_if(step, [&](const Part& part) { return is_record_part(part) && !seen.insert(part.key).second; });
    return step;
  });
}

Commit decide(Store& store, const Step& step) {
  Commit commit;
  for (const auto& part : step) add_part(commit, store, part);
  return commit;
}

std::string text_of(const Commit& commit) {
  std::string out;
  for (const auto& [key, write] : commit.writes()) {
    out += fmt::format("{} expect {} {} {} {}\n", key.partition, static_cast<int>(write.expect.kind),
                       write.expect.version, write.condition_only, write.record ? write.record->value : "-");
  }
  for (const auto& [key, moves] : commit.moves()) {
    for (const auto& move : moves) out += fmt::format("{} {}>{} {}\n", key.partition, move.from, move.to, move.units);
  }
  for (const auto& event : commit.events()) out += fmt::format("event {} {}\n", event.subject, event.type);
  for (const auto& each : commit.messages()) out += fmt::format("message {} {}\n", each.queue, each.id.text);
  for (const auto& [name, timer] : commit.timers()) out += fmt::format("{} {}\n", name, timer ? timer->due.us : -1);
  for (const auto& ack : commit.acks()) out += fmt::format("ack {} {}\n", ack.id.text, ack.receipt);
  return out;
}

}  // namespace ow::platform
