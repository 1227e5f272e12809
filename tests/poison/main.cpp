// The poison proof on real processes over RocksDB: of all messages 1 % fail for ever, and one in ten of those
// kills the process that handles it. Whatever dies is started again, until the queue is empty; then every
// poison message must be in the dead-letter queue after exactly its receive limit, every healthy one done
// exactly once, and no healthy one dead beside them. Then the throughput of healthy work with and without
// poison. OW_POISON_MESSAGES sets the size (default 5,000; the full proof is 100,000). Main thread.
#include <fmt/format.h>
#include <sys/resource.h>

#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "base/json.h"
#include "harness/process.h"
#include "poison/worker.h"

namespace ow::tests {
namespace {

constexpr std::int64_t kMessagesDefault = 5000;
constexpr std::int64_t kPoisonEvery = 100;
constexpr std::int64_t kKillerEvery = 10;
constexpr int kLivesMax = 20'000;
constexpr int kKilled = 128 + 9;

struct Proof {
  std::string self;
  Mix mix;
  TemporaryDirectory directory = {};
  int kills = 0;
  std::vector<std::string> problems = {};

  std::string data() const { return directory.path() + "/data"; }
  std::string out() const { return directory.path() + "/out"; }
};

std::int64_t messages_wanted() {
  const char* wanted = std::getenv("OW_POISON_MESSAGES");
  return wanted != nullptr ? std::atoll(wanted) : kMessagesDefault;
}

int run_child(Proof& proof, const char* mode) {
  std::remove(proof.out().c_str());
  auto child = Process::start({proof.self, mode, proof.data(), std::to_string(proof.mix.messages),
                               std::to_string(proof.mix.poison_every), std::to_string(proof.mix.killer_every)},
                              Streams{proof.out(), proof.directory.path() + "/log"});
  return child.wait();
}

base::Json answer(const Proof& proof) {
  auto json = base::parse_json(read_file(proof.out()).substr(0, read_file(proof.out()).find('\n')));
  return json ? std::move(*json) : base::Json::object();
}

/// Until the queue is empty; false when a life ended otherwise than drained or killed.
bool live(Proof& proof) {
  for (int lives = 0; lives < kLivesMax; ++lives) {
    const int code = run_child(proof, "work");
    if (code == 0) return true;
    if (code != kKilled) {
      proof.problems.push_back(
          fmt::format("a worker ended with {}:\n{}", code, read_file(proof.directory.path() + "/log")));
      return false;
    }
    ++proof.kills;
  }
  proof.problems.emplace_back("the queue was never empty");
  return false;
}

std::map<std::string, int> hand_outs(const Proof& proof) {
  std::map<std::string, int> counts;
  std::istringstream lines(read_file(proof.data() + "/handed"));
  for (std::string id; std::getline(lines, id);) ++counts[id];
  return counts;
}

void expect(Proof& proof, bool holds, std::string what) {
  constexpr std::size_t kToldMax = 20;
  if (!holds && proof.problems.size() < kToldMax) proof.problems.push_back(std::move(what));
}

void judge(Proof& proof) {
  if (run_child(proof, "count") != 0) {
    proof.problems.emplace_back("the store cannot be counted");
    return;
  }
  const auto books = answer(proof);
  const auto handed = hand_outs(proof);
  const auto* dead = books.find("dead");
  std::int64_t poison = 0;
  std::int64_t killers = 0;
  for (std::int64_t number = 0; number < proof.mix.messages; ++number) {
    const auto id = fmt::format("m{:07}", number);
    const auto temper = proof.mix.temper(number);
    const auto receives = dead == nullptr ? std::nullopt : dead->integer_at(id);
    if (temper == Temper::healthy) {
      expect(proof, !receives, fmt::format("{} is healthy and died", id));
      continue;
    }
    ++poison;
    killers += temper == Temper::killing ? 1 : 0;
    const auto times = handed.contains(id) ? handed.at(id) : 0;
    expect(proof, receives == kPoisonReceiveLimit, fmt::format("{} died after {} receives", id, receives.value_or(-1)));
    // Beside a killer, a message may be received and its handler not have begun.
    const bool enough =
        temper == Temper::killing ? times == kPoisonReceiveLimit : times > 0 && times <= kPoisonReceiveLimit;
    expect(proof, enough, fmt::format("{} was handled {} times", id, times));
  }
  expect(proof, books.integer_at("done") == proof.mix.messages - poison,
         "not every healthy message was done: " + base::to_text(*books.find("done")));
  expect(proof, books.integer_at("again") == 0, "healthy messages were done twice");
  expect(proof, books.bool_at("empty") == true, "the queue is not empty");
  expect(proof, proof.kills == killers * kPoisonReceiveLimit,
         fmt::format("{} killers made {} kills", killers, proof.kills));
  fmt::print("{} messages, {} poison of which {} kill: {} processes killed, {} dead letters\n", proof.mix.messages,
             poison, killers, proof.kills, dead == nullptr ? 0 : dead->as_object().size());
}

double children_cpu_s() {
  rusage usage{};
  ::getrusage(RUSAGE_CHILDREN, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

struct Speed {
  double per_s = 0;
  double per_cpu_s = 0;
};

/// Of healthy work; poison that only fails, since a kill costs a start of the process.
Speed measure(const std::string& self, std::int64_t messages, std::int64_t poison_every) {
  Proof proof{.self = self, .mix = {messages, poison_every, 0}};
  if (run_child(proof, "fill") != 0) return {};
  const double before = children_cpu_s();
  if (!live(proof)) return {};
  const auto healthy = static_cast<double>(poison_every == 0 ? messages : messages - messages / poison_every);
  const double seconds = answer(proof).find("seconds")->as_number().to_double();
  return {healthy / seconds, healthy / (children_cpu_s() - before)};
}

void print_speed(const std::string& self, std::int64_t messages) {
  const auto clean = measure(self, messages, 0);
  const auto poisoned = measure(self, messages, kPoisonEvery);
  fmt::print(
      "healthy work: {:.0f}/s without poison, {:.0f}/s beside 1 % of it, ratio {:.2f} (a CPU second: {:.0f} and "
      "{:.0f}, ratio {:.2f}); aim 0.9\n",
      clean.per_s, poisoned.per_s, poisoned.per_s / clean.per_s, clean.per_cpu_s, poisoned.per_cpu_s,
      poisoned.per_cpu_s / clean.per_cpu_s);
}

int prove(const std::string& self) {
  const auto messages = messages_wanted();
  Proof proof{.self = self, .mix = {messages, kPoisonEvery, kKillerEvery}};
  if (run_child(proof, "fill") != 0) {
    proof.problems.push_back("the queue cannot be filled:\n" + read_file(proof.directory.path() + "/log"));
  } else if (live(proof)) {
    judge(proof);
  }
  for (const auto& problem : proof.problems) fmt::print("PROBLEM: {}\n", problem);
  if (proof.problems.empty()) print_speed(self, messages);
  fmt::print("poison proof: {}\n", proof.problems.empty() ? "passed" : "FAILED");
  return proof.problems.empty() ? 0 : 1;
}

int run_mode(const std::vector<std::string>& words) {
  const auto number = [&](std::size_t at) { return std::atoll(words[at].c_str()); };
  const Mix mix{number(3), number(4), number(5)};
  if (words[1] == "fill") return fill_queue(words[2], mix);
  if (words[1] == "work") return work_queue(words[2], mix);
  return words[1] == "count" ? count_queue(words[2]) : 2;
}

}  // namespace
}  // namespace ow::tests

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv, argv + argc);
  if (words.size() == 1) return ow::tests::prove(words[0]);
  if (words.size() == 6) return ow::tests::run_mode(words);
  fmt::print(stderr, "usage: poison (OW_POISON_MESSAGES sets the number of messages)\n");
  return 2;
}
