// The kill test on the real binary: load over loopback, kill -9 at random times, restart with random serve
// options, then compare with what was acknowledged and with the gateway's ledger. The gateway is a process of
// its own, so its memory outlives every kill. Main thread.
#include <fmt/format.h>

#include <charconv>
#include <csignal>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "harness/audit.h"
#include "harness/process.h"
#include "kill/shop.h"
#include "local/machine.h"

namespace ow::tests {
namespace {

using namespace std::chrono_literals;

struct Options {
  std::string binary = "build/orderwright";
  int cycles = 60;
  std::uint64_t seed = 1;
};

struct Bench {
  Options options;
  TemporaryDirectory directory;
  local::AsioExecutor executor;
  local::SystemClock clock;
  local::SystemRandom random;
  local::BeastHttpClient client{executor};
  std::string gateway_url;
  std::optional<Process> gateway;
  std::optional<Process> server;
  Supply supply;
  std::vector<base::Instant> kills;
  std::vector<std::string> problems;

  std::string log() const { return directory.path() + "/server.log"; }
};

base::Task<void> pause(Bench& bench, base::Duration span) {
  co_await bench.executor.sleep_until(bench.clock.ticks() + span);
}

base::Task<bool> wait_for(Bench& bench, Shop& shop, std::string url) {
  for (int i = 0; i < 400; ++i) {
    if (co_await shop.read_url(url)) co_return true;
    co_await pause(bench, 25ms);
  }
  co_return false;
}

// Options that change nothing of what is promised, as flags or as environment.
void start_server(Bench& bench, Shop& shop) {
  const auto port = free_port();
  std::vector<std::string> words = {bench.options.binary,
                                    "serve",
                                    "--data",
                                    bench.directory.path() + "/data",
                                    "--listen",
                                    fmt::format("127.0.0.1:{}", port),
                                    "--demo",
                                    "--public-url",
                                    "http://127.0.0.1:1"};
  std::vector<std::string> environment;
  const auto dice = bench.random.next();
  if ((dice & 1) != 0) words.emplace_back("--access-log");
  if ((dice & 2) != 0) {
    words.insert(words.end(), {"--rate-limit", (dice & 4) != 0 ? "off" : "100000"});
  } else {
    environment.emplace_back("OW_RATE_LIMIT=off");
  }
  if ((dice & 8) != 0) {
    words.insert(words.end(), {"--gateway", bench.gateway_url});
  } else {
    environment.push_back("OW_GATEWAY_URL=" + bench.gateway_url);
  }
  bench.server = Process::start(words, bench.log(), environment);
  shop.serve_at(fmt::format("http://127.0.0.1:{}", port));
}

base::Task<bool> open_for_business(Bench& bench, Shop& shop) {
  start_server(bench, shop);
  for (int i = 0; i < 400 && bench.server->running(); ++i) {
    if (co_await shop.sign_in()) co_return true;
    co_await pause(bench, 25ms);
  }
  bench.problems.push_back("the server did not come up:\n" + read_file(bench.log()));
  co_return false;
}

base::Task<void> kill_later(Bench& bench, Shop& shop) {
  co_await pause(bench, std::chrono::milliseconds(20 + bench.random.next() % 500));
  bench.kills.push_back(bench.clock.now());
  bench.server->signal(SIGKILL);
  bench.server->wait();
  shop.close();
}

base::Task<void> run_cycle(Bench& bench, Shop& shop, int cycle) {
  if (!co_await open_for_business(bench, shop)) co_return;
  if (cycle == 1) bench.supply = (co_await read_supply(shop.reader(bench.gateway_url))).value_or(Supply{});
  bench.executor.spawn(kill_later(bench, shop));
  co_await shop.open(16);
  if (cycle % 10 == 0) {
    fmt::print("cycle {} of {}: {} attempts\n", cycle, bench.options.cycles, shop.attempts().size());
    std::fflush(stdout);
  }
}

base::Task<bool> start_gateway(Bench& bench, Shop& shop) {
  const auto port = free_port();
  bench.gateway_url = fmt::format("http://127.0.0.1:{}", port);
  bench.gateway = Process::start({bench.options.binary, "sandbox-gateway", "--data",
                                  bench.directory.path() + "/gateway", "--listen", fmt::format("127.0.0.1:{}", port)},
                                 bench.directory.path() + "/gateway.log");
  co_return co_await wait_for(bench, shop, bench.gateway_url + "/ledger");
}

base::Task<bool> wait_until_terminal(Bench& bench, Reader reader) {
  for (int i = 0; i < 1200; ++i) {
    if ((co_await all_terminal(reader)).value_or(false)) co_return true;
    co_await pause(bench, 100ms);
  }
  co_return false;
}

// Mail and receipts come after an order's end, and what a killed process held comes back after its visibility.
base::Task<std::optional<Books>> read_settled_books(Bench& bench, Reader reader) {
  auto books = co_await read_books(reader);
  for (int i = 0; i < 300 && books && is_queued(*books); ++i) {
    co_await pause(bench, 1s);
    books = co_await read_books(reader);
  }
  co_return books;
}

std::int64_t dead_mails(const Books& books) {
  const auto dead = books.queued.find(std::string(kMailDeadLetters));
  return dead == books.queued.end() ? 0 : dead->second;
}

// A mail that was in flight in as many kills as its queue allows receives is a dead letter: an operator sends it again.
base::Task<void> send_dead_mails_again(Bench& bench, Shop& shop, Books& books) {
  if (dead_mails(books) == 0) co_return;
  fmt::print("{} mails died in flight and are redriven\n", dead_mails(books));
  if (!co_await shop.redrive("mail")) bench.problems.emplace_back("the dead mails cannot be redriven");
  const auto reader = shop.reader(bench.gateway_url);
  for (int i = 0; i < 60 && (dead_mails(books) != 0 || is_queued(books)); ++i) {
    co_await pause(bench, 1s);
    books = (co_await read_books(reader)).value_or(books);
  }
}

// Files of the outbox by recipient.
std::map<std::string, int> read_outbox(const Bench& bench) {
  std::map<std::string, int> mails;
  for (const auto& file : std::filesystem::directory_iterator(bench.directory.path() + "/data/outbox")) {
    if (file.path().extension() != ".eml" || file.path().filename().string().starts_with('.')) continue;
    const auto text = read_file(file.path());
    const auto to = text.find("\r\nTo: ");
    const auto from = to + std::string_view("\r\nTo: ").size();
    if (to != std::string::npos) ++mails[text.substr(from, text.find("\r\n", from) - from)];
  }
  return mails;
}

// Every customer whose order ended heard of it, under one Message-ID.
void check_mail(Bench& bench, const Books& books, const std::deque<Attempt>& attempts) {
  const auto mails = read_outbox(bench);
  std::size_t heard = 0;
  for (const auto& attempt : attempts) {
    if (!books.orders.contains(attempt.order_id) || books.owed.contains(attempt.order_id)) continue;
    const auto found = mails.find(address_of(attempt.key));
    const int count = found == mails.end() ? 0 : found->second;
    if (count != 1)
      bench.problems.push_back(fmt::format("mail: the customer of {} has {} mails", attempt.order_id, count));
    ++heard;
  }
  fmt::print("{} customers heard once, {} receipts\n", heard, books.receipts.size());
}

base::Task<void> reckon(Bench& bench, Shop& shop) {
  const auto reader = shop.reader(bench.gateway_url);
  if (!co_await wait_until_terminal(bench, reader)) bench.problems.emplace_back("orders did not end");
  auto books = co_await read_settled_books(bench, reader);
  if (!books) {
    bench.problems.emplace_back("the books cannot be read");
    co_return;
  }
  co_await send_dead_mails_again(bench, shop, *books);
  for (const auto& one : audit(*books, shop.attempts(), bench.supply))
    bench.problems.push_back(one.checker + ": " + one.what);
  check_mail(bench, *books, shop.attempts());
  for (const auto& complaint : shop.complaints()) bench.problems.push_back(complaint);
  const auto inside = count_inside_saga(*books, bench.kills);
  if (inside == 0) bench.problems.emplace_back("no kill fell inside a saga");
  if (books->completed() == 0) bench.problems.emplace_back("no order completed");
  fmt::print("{} kills ({} inside a saga), {} attempts, {} orders ({} completed)\n", bench.kills.size(), inside,
             shop.attempts().size(), books->orders.size(), books->completed());
}

base::Task<void> last_reckoning(Bench& bench, Shop& shop) {
  if (!co_await open_for_business(bench, shop)) co_return;
  co_await shop.settle();
  co_await reckon(bench, shop);
  bench.server->signal(SIGTERM);
  const int code = bench.server->wait();
  if (code != 0) bench.problems.push_back(fmt::format("the graceful stop ended with {}", code));
}

base::Task<void> run(Bench& bench) {
  Shop shop(bench.executor, bench.client, bench.options.seed);
  if (co_await start_gateway(bench, shop)) {
    for (int cycle = 1; cycle <= bench.options.cycles && bench.problems.empty(); ++cycle) {
      co_await run_cycle(bench, shop, cycle);
    }
    if (bench.problems.empty()) co_await last_reckoning(bench, shop);
  } else {
    bench.problems.emplace_back("the gateway did not come up");
  }
  bench.executor.request_stop();
}

std::optional<Options> parse(const std::vector<std::string>& words) {
  Options options;
  const auto number = [](const std::string& text, auto& out) {
    return std::from_chars(text.data(), text.data() + text.size(), out).ec == std::errc{};
  };
  for (std::size_t i = 0; i + 1 < words.size(); i += 2) {
    if (words[i] == "--binary") {
      options.binary = words[i + 1];
    } else if (words[i] == "--cycles") {
      if (!number(words[i + 1], options.cycles) || options.cycles < 1) return std::nullopt;
    } else if (words[i] == "--seed") {
      if (!number(words[i + 1], options.seed)) return std::nullopt;
    } else {
      return std::nullopt;
    }
  }
  return words.size() % 2 == 0 ? std::optional(options) : std::nullopt;
}

int kill_test(const Options& options) {
  Bench bench;
  bench.options = options;
  bench.executor.spawn(run(bench));
  bench.executor.run();
  for (const auto& problem : bench.problems) fmt::print("PROBLEM: {}\n", problem);
  fmt::print("kill test: {}\n", bench.problems.empty() ? "passed" : "FAILED");
  return bench.problems.empty() ? 0 : 1;
}

}  // namespace
}  // namespace ow::tests

int main(int argc, char** argv) {
  const auto options = ow::tests::parse({argv + 1, argv + argc});
  if (!options) {
    fmt::print(stderr, "usage: kill [--binary FILE] [--cycles N] [--seed S]\n");
    return 2;
  }
  return ow::tests::kill_test(*options);
}
