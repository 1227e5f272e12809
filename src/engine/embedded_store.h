// Store over the committer and the reader. Loop thread.
#pragma once

#include "engine/committer.h"
#include "engine/reader.h"
#include "platform/clock.h"
#include "platform/store.h"

namespace ow::engine {

class EmbeddedStore final : public platform::Store {
 public:
  EmbeddedStore(Committer& committer, Reader& reader, const platform::Clock& clock)
      : committer_(committer), reader_(reader), clock_(clock) {}

  base::Task<base::Result<std::vector<platform::RecordPtr>>> get(std::vector<platform::Key> keys) override;
  base::Task<base::Result<std::vector<std::optional<platform::Counter>>>> counters(
      std::vector<platform::Key> keys) override;
  base::Task<base::Result<platform::Page>> query(platform::Query query) override;
  base::Task<base::Result<platform::CommitOutcome>> commit(platform::Commit commit) override;

 private:
  Committer& committer_;
  Reader& reader_;
  const platform::Clock& clock_;
};

}  // namespace ow::engine
