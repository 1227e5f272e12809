// See definition_book.h.
#include "workflow/definition_book.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/encoding.h"
#include "workflow/bounds.h"
#include "workflow/definition_record.h"

namespace ow::workflow {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;
using base::Task;

/// A change that a request makes is durable, and seen by a read, within this.
constexpr base::Duration kChangeSeenAfter = std::chrono::seconds(5);
constexpr const char* kProgram = "orderwright";

std::string digest_of(std::string_view text) { return base::to_hex(base::sha256(text)); }

auto no_definition(const std::string& name) {
  return fail(ErrorCode::not_found, "definition_not_found", "There is no definition '" + name + "'.");
}

auto no_version(const std::string& name, std::int64_t number) {
  return fail(ErrorCode::not_found, "version_not_found", fmt::format("There is no version {} of '{}'.", number, name));
}

Routing unpublished(const std::string& name) {
  Routing routing;
  routing.name = name;
  routing.current = 0;
  routing.latest = 0;
  return routing;
}

/// 0 to 99, by the execution's id.
int lot_of(const std::string& execution) {
  const auto digest = base::sha256("share\n" + execution);
  return (digest[0] << 8 | digest[1]) % 100;
}

void give_to(Routing& routing, std::int64_t version, int percent) {
  if (percent == 0 || (version == routing.current && percent == 100)) {
    routing.share.reset();
    return;
  }
  if (percent < 100) {
    routing.share = Share{version, percent};
    return;
  }
  routing.previous = routing.current;
  routing.current = version;
  routing.share.reset();
}

}  // namespace

bool is_definition_name(std::string_view name) {
  constexpr std::string_view kChars = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
  return !name.empty() && name.size() <= 80 && name.find_first_not_of(kChars) == std::string_view::npos;
}

DefinitionBook::DefinitionBook(platform::Store& store, const platform::Clock& clock, platform::Telemetry& telemetry,
                               const TaskRegistry& tasks)
    : store_(store), clock_(clock), telemetry_(telemetry), tasks_(tasks) {}

Result<std::shared_ptr<const states::Definition>> DefinitionBook::parse(std::string_view text) const {
  auto definition = states::Definition::parse(text);
  if (!definition) return definition;
  std::vector<std::string> violations;
  (*definition)->each_task([&](const states::State& state, const states::TaskDetail& task) {
    if (tasks_.contains(task.resource)) return;
    violations.push_back("States." + state.name + ".Resource names '" + task.resource + "', which is no task");
  });
  if (violations.empty()) return definition;
  return fail(base::Error{ErrorCode::malformed, "invalid_definition", violations.front(), violations});
}

Result<void> DefinitionBook::add_built_in(std::string name, std::string_view text) {
  auto definition = parse(text);
  if (!definition) return fail(std::move(definition.error()));
  built_in_.insert_or_assign(std::move(name), BuiltIn{std::string(text), std::move(*definition)});
  return {};
}

Task<Result<void>> DefinitionBook::publish() {
  for (const auto& [name, built_in] : built_in_) {
    auto published = co_await publish_one(name, built_in);
    if (!published) co_return published;
  }
  co_return Result<void>();
}

/// The number of the version with this text; 0 for none.
Task<Result<std::int64_t>> DefinitionBook::find_text(std::string name, std::string digest, std::int64_t latest) {
  for (auto number = latest; number > 0; --number) {
    const auto known = co_await version(name, number);
    if (!known) co_return fail(known.error());
    if (*known && (*known)->digest == digest) co_return number;
  }
  co_return 0;
}

Task<Result<void>> DefinitionBook::publish_one(std::string name, BuiltIn built_in) {
  for (int tried = 0; tried < base::bounds::kConflictRunsMax; ++tried) {
    auto change = co_await publishing(name, built_in);
    if (!change) co_return fail(std::move(change.error()));
    built_in_.at(name).version = change->version;
    if (change->commit.empty()) co_return Result<void>();
    const auto outcome = co_await store_.commit(std::move(change->commit));
    if (!outcome) co_return fail(outcome.error());
    routings_.erase(name);
    if (outcome->committed()) co_return Result<void>();
    if (outcome->kind != platform::CommitOutcome::Kind::conflict) break;
  }
  co_return fail(ErrorCode::unavailable, "contended", "The definitions could not be stored.");
}

Task<Result<DefinitionBook::Uploaded>> DefinitionBook::publishing(std::string name, BuiltIn built_in) {
  auto before = co_await routing(name, true);
  if (!before) co_return fail(std::move(before.error()));
  auto routing = before->value_or(unpublished(name));
  const auto digest = digest_of(built_in.text);
  const auto stored = co_await find_text(name, digest, routing.latest);
  if (!stored) co_return fail(stored.error());
  const auto number = *stored != 0 ? *stored : routing.latest + 1;
  if (routing.by_operator) {
    telemetry_.log(
        platform::LogLevel::warning, "built_in_definition_not_current",
        {{"definition", name}, {"version", std::to_string(number)}, {"current", std::to_string(routing.current)}});
  }
  const bool moves = !routing.by_operator && routing.current != number;
  if (*stored != 0 && !moves) co_return Uploaded{{}, std::move(routing), number};
  const Actor actor{kProgram, "compiled into the program"};
  routing.latest = std::max(routing.latest, number);
  if (moves) give_to(routing, number, 100);
  auto change = changed(std::move(routing), actor, number);
  if (*stored == 0) {
    change.commit.put(version_record(name, {number, built_in.text, digest, true, actor, clock_.now()}),
                      platform::Expect::absent());
  }
  co_return change;
}

Task<Result<std::optional<Routing>>> DefinitionBook::routing(std::string name, bool anew) {
  const auto now = clock_.ticks();
  const auto known = routings_.find(name);
  const bool good = known != routings_.end() && now < known->second.read + bounds::kRoutingKept && now >= fresh_until_;
  if (good && !anew) co_return known->second.routing;
  const auto record = co_await platform::get_one(store_, routing_key(name));
  if (!record) co_return fail(record.error());
  std::optional<Routing> found;
  if (*record) {
    auto read = routing_from(**record);
    if (!read) co_return fail(read.error());
    found = std::move(*read);
  }
  routings_.insert_or_assign(name, Known{found, now});
  co_return found;
}

void DefinitionBook::expect_change() { fresh_until_ = clock_.ticks() + kChangeSeenAfter; }

Task<Result<ChosenDefinition>> DefinitionBook::choose(std::string name, std::string execution) {
  const auto routed = co_await routing(name);
  if (!routed) co_return fail(routed.error());
  std::int64_t number = 1;
  if (*routed) {
    const auto& share = (*routed)->share;
    number = share && lot_of(execution) < share->percent ? share->version : (*routed)->current;
  }
  auto definition = co_await find(std::move(name), number);
  if (!definition) co_return fail(std::move(definition.error()));
  co_return ChosenDefinition{number, std::move(*definition)};
}

Task<Result<std::shared_ptr<const states::Definition>>> DefinitionBook::find(std::string name, std::int64_t number) {
  if (const auto built_in = built_in_.find(name); built_in != built_in_.end() && built_in->second.version == number) {
    co_return built_in->second.definition;
  }
  if (const auto known = definitions_.find({name, number}); known != definitions_.end()) co_return known->second;
  const auto stored = co_await version(name, number);
  if (!stored) co_return fail(stored.error());
  if (!*stored) co_return no_version(name, number);
  auto definition = parse((*stored)->text);
  if (definition) remember(name, number, *definition);
  co_return definition;
}

void DefinitionBook::remember(const std::string& name, std::int64_t version,
                              std::shared_ptr<const states::Definition> definition) {
  if (definitions_.size() >= bounds::kDefinitionsInMemoryMax) definitions_.clear();
  definitions_.insert_or_assign({name, version}, std::move(definition));
}

Task<Result<std::vector<Routing>>> DefinitionBook::list() {
  std::vector<Routing> routings;
  platform::Query query{.index = std::string(kDefinitionIndex), .partition = std::string(kAllDefinitions)};
  query.limit = bounds::kDefinitionsInMemoryMax;
  do {
    const auto page = co_await store_.query(query);
    if (!page) co_return fail(page.error());
    for (const auto& record : page->records) {
      auto routing = routing_from(record);
      if (!routing) co_return fail(routing.error());
      routings.push_back(std::move(*routing));
    }
    query.cursor = page->next_cursor;
  } while (!query.cursor.empty());
  co_return routings;
}

Task<Result<std::optional<DefinitionVersion>>> DefinitionBook::version(std::string name, std::int64_t number) {
  const auto record = co_await platform::get_one(store_, version_key(name, number));
  if (!record) co_return fail(record.error());
  if (!*record) co_return std::nullopt;
  auto version = version_from(**record);
  if (!version) co_return fail(version.error());
  co_return std::move(*version);
}

Task<Result<Routing>> DefinitionBook::known_routing(std::string name) {
  auto found = co_await routing(name, true);
  if (!found) co_return fail(std::move(found.error()));
  if (!*found) co_return no_definition(name);
  co_return std::move(**found);
}

DefinitionBook::Uploaded DefinitionBook::changed(Routing routing, Actor actor, std::int64_t version) const {
  routing.changed = std::move(actor);
  routing.at = clock_.now();
  platform::Commit commit;
  commit.put(routing_record(routing), platform::Expect::at(routing.version));
  return {std::move(commit), std::move(routing), version};
}

Task<Result<DefinitionBook::Uploaded>> DefinitionBook::upload(Upload upload, Actor actor) {
  const auto parsed = parse(upload.text);
  if (!parsed) co_return fail(parsed.error());
  auto found = co_await routing(upload.name, true);
  if (!found) co_return fail(std::move(found.error()));
  auto routing = found->value_or(unpublished(upload.name));
  const auto digest = digest_of(upload.text);
  const auto latest = co_await version(upload.name, routing.latest);
  if (!latest) co_return fail(latest.error());
  if (*latest && (*latest)->digest == digest)
    co_return co_await route(upload.name, routing.latest, upload.percent, std::move(actor));
  if (routing.latest >= bounds::kDefinitionVersionsMax) {
    co_return fail(ErrorCode::unprocessable, "too_many_versions", "This definition has as many versions as it may.");
  }
  const bool first = routing.latest == 0;
  DefinitionVersion added{++routing.latest, std::move(upload.text), digest, false, actor, clock_.now()};
  if (first) routing.current = added.number;
  routing.by_operator = true;
  if (!first) give_to(routing, added.number, upload.percent);
  auto change = changed(std::move(routing), std::move(actor), added.number);
  change.commit.put(version_record(upload.name, added), platform::Expect::absent());
  co_return change;
}

Task<Result<DefinitionBook::Uploaded>> DefinitionBook::route(std::string name, std::int64_t number, int percent,
                                                             Actor actor) {
  auto routing = co_await known_routing(name);
  if (!routing) co_return fail(std::move(routing.error()));
  const auto stored = co_await version(name, number);
  if (!stored) co_return fail(stored.error());
  if (!*stored) co_return no_version(name, number);
  const auto usable = parse((*stored)->text);
  if (!usable) co_return fail(usable.error());
  give_to(*routing, number, percent);
  const auto built_in = built_in_.find(name);
  routing->by_operator = built_in == built_in_.end() || built_in->second.version != routing->current;
  co_return changed(std::move(*routing), std::move(actor), number);
}

Task<Result<DefinitionBook::Uploaded>> DefinitionBook::roll_back(std::string name, Actor actor) {
  auto routing = co_await known_routing(name);
  if (!routing) co_return fail(std::move(routing.error()));
  if (routing->share) {
    routing->share.reset();
  } else if (routing->previous == 0) {
    co_return fail(ErrorCode::conflict, "nothing_to_roll_back",
                   "New executions of '" + name + "' never started with another version.");
  } else {
    std::swap(routing->current, routing->previous);
    routing->by_operator = true;
  }
  const auto current = routing->current;
  co_return changed(std::move(*routing), std::move(actor), current);
}

Task<Result<DefinitionBook::Uploaded>> DefinitionBook::pause(std::string name, bool paused, int resume_rate,
                                                             Actor actor) {
  auto routing = co_await known_routing(name);
  if (!routing) co_return fail(std::move(routing.error()));
  if (routing->paused.has_value() == paused) {
    co_return fail(ErrorCode::conflict, paused ? "definition_is_paused" : "definition_is_not_paused",
                   "The definition '" + name + (paused ? "' is paused already." : "' is not paused."));
  }
  routing->paused.reset();
  if (paused) routing->paused = Routing::Paused{actor, clock_.now()};
  routing->resume_rate = resume_rate;
  const auto current = routing->current;
  co_return changed(std::move(*routing), std::move(actor), current);
}

}  // namespace ow::workflow
