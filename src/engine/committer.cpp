// See committer.h.
#include "engine/committer.h"

#include <algorithm>
#include <iterator>
#include <span>

#include "base/assert.h"
#include "base/bounds.h"
#include "engine/apply.h"

namespace ow::engine {

using base::ErrorCode;
using base::fail;
using base::Result;
using base::Task;
using platform::CommitOutcome;
using platform::Lane;
namespace bounds = base::bounds;

/// What one post carries to the loop.
struct Committer::Delivery {
  Published published;
  DurableView view;
  std::vector<DurableViews::Waiter> viewers;
  Works works;
};

Committer::Metrics::Metrics(platform::Telemetry& telemetry)
    : commits(telemetry.counter("ow_commits_total")),
      keys(telemetry.counter("ow_commit_keys_total")),
      bytes(telemetry.counter("ow_commit_bytes_total")),
      cache_misses(telemetry.counter("ow_cache_misses_total")),
      batch_size(telemetry.histogram("ow_commit_batch_size")),
      sync_seconds(telemetry.histogram("ow_commit_sync_seconds")) {}

Committer::Committer(Ports ports, std::size_t cache_bytes, CommitState state, FailStop fail_stop)
    : ports_(ports),
      cache_(cache_bytes),
      views_(ports.key_value),
      fail_stop_(std::move(fail_stop)),
      metrics_(ports.telemetry),
      state_(std::move(state)) {}

Task<Result<CommitOutcome>> Committer::commit(platform::Commit commit) {
  if (auto problem = commit.problem()) co_return fail(ErrorCode::malformed, "commit_invalid", std::move(*problem));
  auto work = std::make_shared<Work>();
  work->commit = std::move(commit);
  co_return co_await await(std::move(work));
}

Task<Result<void>> Committer::run(BatchJob job, bool durable) {
  auto work = std::make_shared<Work>();
  work->job = std::move(job);
  work->durable = durable;
  const auto result = co_await await(std::move(work));
  if (!result) co_return fail(result.error());
  if (!result->committed())
    co_return fail(ErrorCode::timed_out, "outcome_unknown", "The sync failed; the outcome is unknown.");
  co_return Result<void>();
}

Task<Result<CommitOutcome>> Committer::await(std::shared_ptr<Work> work) {
  if (auto refused = submit(work)) co_return fail(std::move(*refused));
  co_await work->done;
  co_return std::move(work->result);
}

std::optional<base::Error> Committer::submit(const std::shared_ptr<Work>& work) {
  if (closed_) return base::Error{ErrorCode::unavailable, "shutting_down", "The engine is shutting down."};
  bool start = false;
  {
    const std::lock_guard lock(mutex_);
    if (dead_) return dead_;
    if (!work->job && waiting_.size() >= bounds::kCommitsWaitingMax) {
      return base::Error{ErrorCode::unavailable, "commits_waiting", "Too many commits are waiting.", {}, 1};
    }
    waiting_.push_back(work);
    start = !std::exchange(running_, true);
  }
  ++unanswered_;
  if (start) ports_.executor.submit(Lane::commit, [self = shared_from_this()] { self->gather(); });
  return std::nullopt;
}

Task<void> Committer::close() {
  closed_ = true;
  if (unanswered_ == 0) co_return;
  auto closer = std::make_shared<base::Completion<bool>>();
  closers_.push_back(closer);
  co_await *closer;
}

// ---- Commit lane ----

Committer::Works Committer::take_works() {
  const std::lock_guard lock(mutex_);
  std::size_t count = 0;
  std::size_t bytes = 0;
  while (count < waiting_.size() && count < bounds::kBatchCommitsMax && bytes < bounds::kBatchBytesMax) {
    bytes += waiting_[count++]->commit.byte_count();
  }
  Works taken(std::make_move_iterator(waiting_.begin()),
              std::make_move_iterator(waiting_.begin() + static_cast<std::ptrdiff_t>(count)));
  waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(count));
  return taken;
}

void Committer::gather() {
  under_way_ = take_works();
  build(under_way_);
  auto appended = append(under_way_);
  if (!appended && appended.error().code == ErrorCode::storage_full) {
    appended = append_removals(under_way_, appended.error());
  }
  if (!appended) return die(appended.error());
  position_ = *appended;
  // A step of its own: the simulator may look, crash or read in between.
  ports_.executor.submit(Lane::commit, [self = shared_from_this()] { self->finish(); });
}

void Committer::build(const Works& works) {
  batch_ = std::make_unique<Batch>(Batch::Ports{ports_.key_value, cache_, state_, ports_.clock, ports_.rules});
  if (auto built = build_commits(works); !built) {
    for (const auto& work : works) {
      if (!work->job) work->result = fail(built.error());
    }
  }
}

/// Reads what all commits of the batch need in one go, then takes works in order.
Result<void> Committer::build_commits(const Works& works) {
  std::vector<std::string> keys;
  std::vector<std::size_t> ends;
  for (const auto& work : works) {
    if (!work->job) std::ranges::move(deciding_keys(work->commit, state_), std::back_inserter(keys));
    ends.push_back(keys.size());
  }
  const auto resolved = batch_->resolve(std::move(keys));
  must_sync_ = false;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < works.size(); begin = ends[i++]) {
    Work& work = *works[i];
    const std::size_t changes_before = batch_->changes().size();
    if (work.job) {
      const auto done = work.job(*batch_);
      work.result = done ? Result<CommitOutcome>(CommitOutcome{}) : fail(done.error());
    } else if (resolved) {
      work.result = apply(*batch_, work.commit, std::span(*resolved).subspan(begin, ends[i] - begin));
    }
    must_sync_ = must_sync_ || (work.durable && batch_->changes().size() != changes_before);
  }
  if (!resolved) return fail(resolved.error());
  return {};
}

Result<platform::LogPosition> Committer::append(const Works& works) {
  if (batch_->changes().empty()) return platform::LogPosition{0};
  batch_->seal();
  views_.begin_append();
  auto position = ports_.key_value.append(batch_->changes());
  if (position) {
    metrics_.batch_size.observe(static_cast<double>(works.size()));
    metrics_.keys.add(batch_->changes().size());
    metrics_.bytes.add(batch_->bytes());
  }
  return position;
}

/// The disk is full: whoever would add is refused; what only removes is tried by itself, so that draining
/// goes on as long as the disk takes it.
Result<platform::LogPosition> Committer::append_removals(const Works& works, base::Error full) {
  batch_->discard();
  Works removals;
  for (const auto& work : works) {
    const bool removes = !work->job && work->result && work->result->committed() && only_removes(work->commit);
    if (removes) removals.push_back(work);
    if (!removes && (work->job || (work->result && work->result->committed()))) work->result = fail(full);
  }
  build(removals);
  auto position = append(removals);
  if (position || position.error().code != ErrorCode::storage_full) return position;
  batch_->discard();
  for (const auto& work : removals) work->result = fail(full);
  build({});
  return platform::LogPosition{0};
}

void Committer::finish() {
  if (position_ != 0 && must_sync_) {
    const auto before = ports_.clock.ticks();
    const auto synced = ports_.key_value.sync(position_);
    if (!synced) return die(synced.error());
    const std::chrono::duration<double> took = ports_.clock.ticks() - before;
    metrics_.sync_seconds.observe(took.count());
  }
  publish();
  next();
}

void Committer::publish() {
  auto delivery = std::make_shared<Delivery>();
  if (position_ != 0) ++epoch_;
  delivery->published = {epoch_, batch_->publish(), batch_->soonest_due(), batch_->due_changes()};
  metrics_.cache_misses.add(batch_->cache_misses());
  const auto committed = [](const auto& work) { return !work->job && work->result && work->result->committed(); };
  metrics_.commits.add(static_cast<std::uint64_t>(std::ranges::count_if(under_way_, committed)));
  batch_.reset();
  std::tie(delivery->view, delivery->viewers) = views_.publish(epoch_);
  delivery->works = std::exchange(under_way_, {});
  post(std::move(delivery));
}

void Committer::next() {
  {
    const std::lock_guard lock(mutex_);
    running_ = !waiting_.empty();
    if (!running_) return;
  }
  ports_.executor.submit(Lane::commit, [self = shared_from_this()] { self->gather(); });
}

/// Fail-stop: what is on disk is unknown, so nothing is acknowledged and nothing is written any more.
void Committer::die(const base::Error& cause) {
  auto delivery = std::make_shared<Delivery>();
  {
    const std::lock_guard lock(mutex_);
    dead_ = base::Error{ErrorCode::unavailable, "storage_failed", "The store failed: " + cause.message};
    for (auto& work : waiting_) work->result = fail(*dead_);
    delivery->works = std::exchange(waiting_, {});
  }
  for (auto& work : under_way_) {
    work->result = CommitOutcome{CommitOutcome::Kind::unknown, {}};
    delivery->works.push_back(std::move(work));
  }
  under_way_.clear();
  batch_->discard();
  delivery->viewers = views_.fail();
  ports_.telemetry.log(platform::LogLevel::error, "storage_failed",
                       {{"reason", cause.reason}, {"message", cause.message}});
  if (fail_stop_) fail_stop_(cause);
  post(std::move(delivery));
}

// ---- Loop ----

void Committer::post(std::shared_ptr<Delivery> delivery) {
  ports_.executor.post([self = shared_from_this(), delivery = std::move(delivery)] { self->deliver(*delivery); });
}

void Committer::deliver(Delivery& delivery) {
  if (detached_) return;
  if (on_published_) on_published_(delivery.published);
  unanswered_ -= delivery.works.size();
  for (auto& viewer : delivery.viewers) viewer->complete(delivery.view);
  for (auto& work : delivery.works) work->done.complete(true);
  if (unanswered_ != 0) return;
  for (auto& closer : std::exchange(closers_, {})) closer->complete(true);
}

}  // namespace ow::engine
